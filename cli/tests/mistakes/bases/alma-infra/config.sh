#!/bin/bash
set -euxo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

case "$kiwi_profiles" in
    *OpenStack*)
        systemctl enable cloud-init.service sshd.service chronyd.service NetworkManager.service
        sed -i 's/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=1/' /etc/default/grub
        ;;
    *Rescue*)
        systemctl set-default multi-user.target
        systemctl enable sshd.service
        ;;
    *Podman*)
        mkdir -p /opt/app-root/data
        useradd -r -u 1001 -g 0 -d /opt/app-root app
        chown -R 1001:0 /opt/app-root
        ;;
esac
rm -rf /var/cache/dnf
dnf -y clean all
exit 0
