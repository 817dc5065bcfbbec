#!/bin/bash
set -euxo pipefail

test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

mkdir -p /var/lib/misc/reconfig_system

# Units that every flavour starts
for unit in sshd.service chronyd.service NetworkManager.service firewalld.service; do
    systemctl enable "$unit"
done
systemctl enable transactional-update.timer
systemctl enable rebootmgr.service
systemctl enable edge-agent.service
systemctl enable edge-agent-prune.timer

if [[ "$kiwi_profiles" == *"qcow"* ]]; then
    systemctl enable qemu-guest-agent.service
fi

if [[ "$kiwi_profiles" == *"rpi"* ]]; then
    cat > /boot/efi/config.txt <<-EOT
	arm_64bit=1
	kernel=u-boot.bin
	enable_uart=1
	EOT
fi

# Snapper for the root
sed -i'' 's/^NUMBER_LIMIT=.*$/NUMBER_LIMIT="2-10"/g' /etc/snapper/configs/root
sed -i'' 's/^TIMELINE_CREATE=.*$/TIMELINE_CREATE="no"/g' /etc/snapper/configs/root

# SELinux
sed -i -e 's|^SELINUX=.*|SELINUX=enforcing|g' /etc/selinux/config

# No documentation on the edge
sed -i 's/.*rpm.install.excludedocs.*/rpm.install.excludedocs = yes/g' /etc/zypp/zypp.conf

install -d -m 0750 -o agent -g agent /var/lib/agent
chmod 0600 /etc/edge/agent.key
chown agent:agent /etc/edge/agent.key

echo "edge.tern.example" > /etc/hostname
firewall-offline-cmd --zone=public --add-service=ssh --add-service=cockpit
usermod -aG systemd-journal agent
