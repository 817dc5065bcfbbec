#!/bin/bash
set -euxo pipefail

test -f /.profile && . /.profile

systemctl enable greetd.service chronyd.service firewalld.service
systemctl set-default graphical.target
systemctl disable dnf-makecache.timer

if [[ "$kiwi_profiles" == *"Wall"* ]]; then
    systemctl enable wall.service
fi
firewall-offline-cmd --add-service=ssh
chown -R kiosk:kiosk /home/kiosk
rm -f /etc/machine-id
touch /etc/machine-id
exit 0
