#!/bin/bash
set -euxo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
mkdir -p /opt/config /opt/maps
systemctl enable NetworkManager.service head-unit.service
systemctl set-default graphical.target
if [[ "$kiwi_profiles" == *debug* ]]; then
    systemctl enable sshd.service
    echo 'PermitRootLogin no' > /etc/ssh/sshd_config.d/10-root.conf
fi
chown driver:driver /opt/config
echo 'vm.swappiness = 10' > /etc/sysctl.d/50-vehicle.conf
exit 0
