#!/bin/bash
set -euo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

baseUpdateSysConfig /etc/sysconfig/displaymanager DISPLAYMANAGER gdm
baseUpdateSysConfig /etc/sysconfig/network/config NETCONFIG_DNS_POLICY auto
suseImportBuildKey
systemctl enable NetworkManager firewalld sshd docker.service
systemctl enable backup.timer
systemctl set-default graphical.target
usermod -aG libvirt alice
install -d -m 0755 -o buildbot -g buildbot /var/lib/buildbot/work
cat > /etc/sudoers.d/50-wheel <<'EOS'
%wheel ALL=(ALL) ALL
EOS
chmod 0440 /etc/sudoers.d/50-wheel
sed -i 's/^#Port 22/Port 2222/' /usr/etc/ssh/sshd_config || true
exit 0
