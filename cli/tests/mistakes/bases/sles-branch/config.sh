#!/bin/bash
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

echo "Configure image: [$kiwi_iname]..."
set -e

#-- certificates of the company
update-ca-certificates

#-- services of all
suseInsertService sshd
suseInsertService chronyd

declare -A services
services[server]="dhcpd tftp.socket postgresql kdump"
services[crypt]="dhcpd tftp.socket postgresql"

case "$kiwi_profiles" in
    *server*)
        for unit in ${services[server]}; do
            systemctl enable "$unit"
        done
        ;;
    *crypt*)
        for unit in ${services[crypt]}; do
            systemctl enable "$unit"
        done
        ;;
    *client*)
        baseSetRunlevel 5
        mkdir -p /home/kiosk/.icewm
        echo "firefox --kiosk https://intranet.nordwind.example &" > /home/kiosk/.icewm/startup
        chmod 755 /home/kiosk/.icewm/startup
        chown -R kiosk:users /home/kiosk
        ;;
esac

if [ "$kiwi_profiles" != "client" ]; then
    sed -i -e 's/^DHCPD_INTERFACE=.*/DHCPD_INTERFACE="eth1"/' /etc/sysconfig/dhcpd
    mkdir -p /srv/tftpboot/pxelinux.cfg
    chown -R tftp:tftp /srv/tftpboot
fi

#-- time
cat > /etc/chrony.d/nordwind.conf <<EOT
server ntp1.nordwind.example iburst
server ntp2.nordwind.example iburst
EOT

exit 0
