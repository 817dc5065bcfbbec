#!/bin/bash
set -euxo pipefail

test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

echo "Configure image: [$kiwi_iname]..."

suseSetupProduct
suseImportBuildKey

systemctl enable NetworkManager.service
systemctl enable sshd.service
systemctl enable chronyd.service
systemctl enable firewalld.service
systemctl enable lab-register.service
systemctl set-default multi-user.target

for profile in ${kiwi_profiles//,/ }; do
    if [ "$profile" = "Desktop" ]; then
        systemctl set-default graphical.target
        systemctl enable gdm.service
    fi
    if [ "$profile" = "Server" ]; then
        systemctl enable cloud-init.service
        systemctl enable qemu-guest-agent.service
    fi
done

sed -i 's/^#PermitRootLogin.*/PermitRootLogin no/' /usr/etc/ssh/sshd_config
chown -R labadmin:labadmin /home/labadmin

exit 0
