#!/bin/bash
set -euo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
systemctl enable containerd.service chrony.service ssh.socket node-join.service
systemctl mask swap.target
cat > /etc/modules-load.d/k8s.conf <<EOT
overlay
br_netfilter
EOT
echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/99-k8s.conf
mkdir -p -m 0700 /home/ops/.ssh
chown -R ops:ops /home/ops/.ssh
apt-get clean
exit 0
