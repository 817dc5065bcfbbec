#!/bin/bash
set -euxo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

suseImportBuildKey
baseSetRunlevel 3
systemctl enable sshd
systemctl enable NetworkManager || true
systemctl enable health-checker
systemctl enable transactional-update.timer

if [[ "$kiwi_profiles" == *"encrypted"* ]]; then
	echo 'add_drivers+=" tpm_tis "' > /etc/dracut.conf.d/50-tpm.conf
fi

cat >> /etc/fstab.extra <<-EOF
/dev/sr0 /media auto noauto 0 0
EOF
rm -f /etc/fstab.extra

sed -i -e 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config
exit 0
