#!/bin/bash
set -e
test -f /.profile && . /.profile

export DEBIAN_FRONTEND=noninteractive

sed -i 's/^# *de_AT.UTF-8 UTF-8/de_AT.UTF-8 UTF-8/' /etc/locale.gen
locale-gen
update-locale LANG=de_AT.UTF-8
dpkg-reconfigure -f noninteractive tzdata

systemctl enable ssh
systemctl enable systemd-networkd systemd-timesyncd

if [ "$kiwi_profiles" = gateway ]; then
    systemctl unmask hostapd
    systemctl enable hostapd dnsmasq nftables
    echo 'net.ipv4.ip_forward=1' > /etc/sysctl.d/30-gateway.conf
    sed -i 's|^#DAEMON_CONF=.*|DAEMON_CONF="/etc/hostapd/hostapd.conf"|' /etc/default/hostapd
    chmod 600 /etc/hostapd/hostapd.conf
fi

if [ "$kiwi_profiles" = sensor ]; then
    systemctl enable sensord.service watchdog
    chown -R sensord:sensord /var/lib/sensor
    chmod +x /usr/local/sbin/sensord
    adduser heron sensord
fi

printf 'heron ALL=(ALL) NOPASSWD: /usr/sbin/reboot\n' > /etc/sudoers.d/heron
chmod 0440 /etc/sudoers.d/heron
apt-get clean
