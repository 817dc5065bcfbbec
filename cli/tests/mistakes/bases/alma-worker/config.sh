#!/usr/bin/env bash
set -eux -o pipefail

declare kiwi_type=${kiwi_type:-} kiwi_profiles=${kiwi_profiles:-}
[[ -f /.profile ]] && source /.profile
source /.kconfig

install_units() {
    local unit
    for unit in "$@"; do
        systemctl enable "${unit}"
    done
}

if [[ ${kiwi_type} != docker ]]; then
    install_units sshd.service chronyd.service worker@1.service worker@2.service
    sed -i 's/^SELINUX=.*/SELINUX=permissive/' /etc/selinux/config
fi

# Only ours
cat <<-'EOT' > /etc/dnf/dnf.conf
	[main]
	gpgcheck=1
	install_weak_deps=False
	EOT

usermod -a -G mock worker
chmod 0750 /var/lib/worker
