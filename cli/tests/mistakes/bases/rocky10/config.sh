#!/bin/bash
set -ex
. /.kconfig
. /.profile

systemctl enable chronyd NetworkManager sshd firewalld
if echo "$kiwi_profiles" | grep -q azure; then
    systemctl enable waagent
    cat > /etc/dracut.conf.d/azure.conf <<EOF
add_drivers+=" hv_vmbus hv_netvsc hv_storvsc nvme "
EOF
fi
firewall-offline-cmd --add-service=ssh
dnf clean all
rm -rf /var/log/*.log
touch /.autorelabel
exit 0
