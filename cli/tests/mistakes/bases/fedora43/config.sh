#!/bin/bash
set -euxo pipefail

test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

echo "Configure image: [$kiwi_iname]-[$kiwi_profiles]..."

# machine-id must be made at the first boot
truncate -s 0 /etc/machine-id
rm -f /var/lib/systemd/random-seed

releasever=$(rpm --eval '%{fedora}')
rpm --import "/etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-$releasever-primary"

if [[ "$kiwi_profiles" == *"Cloud-Base"* ]]; then
	systemctl enable sshd.service cloud-init.service
	systemctl set-default multi-user.target
fi
if [[ "$kiwi_profiles" == *"Azure"* ]]; then
	systemctl enable waagent.service
fi
if [[ "$kiwi_profiles" == *"Live"* ]]; then
	systemctl enable livesys.service livesys-late.service
	sed -i 's/^livesys_session=.*/livesys_session="kde"/' /etc/sysconfig/livesys
	systemctl set-default graphical.target
fi
exit 0
