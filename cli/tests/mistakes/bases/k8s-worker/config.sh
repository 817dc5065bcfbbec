#!/bin/bash
set -euo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

systemctl enable sshd chronyd crio kubelet

case "$kiwi_profiles" in
    *VMware*)
        systemctl enable vmtoolsd cloud-init.service
        ;;
    *BareMetal*)
        systemctl enable lldpd smartd
        ;;
esac

echo "core ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/90-core
chmod 0440 /etc/sudoers.d/90-core
chown -R core:core /home/core/.ssh
chmod 0700 /home/core/.ssh

sed -i 's/^SELINUX=.*/SELINUX=permissive/' /etc/selinux/config
swapoff -a || true
cat > /etc/modules-load.d/k8s.conf <<EOF
overlay
br_netfilter
EOF
cat > /etc/sysctl.d/99-k8s.conf <<EOF
net.bridge.bridge-nf-call-iptables = 1
net.ipv4.ip_forward = 1
EOF
dnf clean all
rm -rf /var/cache/dnf
exit 0
