import serial
print("gw")
