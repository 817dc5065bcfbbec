#!/bin/bash
set -euxo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

suseImportBuildKey
systemctl enable jeos-firstboot NetworkManager chronyd sshd
if [[ "$kiwi_profiles" == *VMware* ]]; then
    systemctl enable vmtoolsd
elif [[ "$kiwi_profiles" == *hyperv* ]]; then
    systemctl enable hv_kvp_daemon hv_vss_daemon
elif [[ "$kiwi_profiles" == *kvm* ]]; then
    systemctl enable qemu-guest-agent
fi
sed -i 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config
cat > /etc/snapper/configs/root <<-EOF
	SUBVOLUME="/"
	FSTYPE="btrfs"
	EOF
exit 0
