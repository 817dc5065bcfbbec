#!/bin/bash
set -euxo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

systemctl enable sshd chronyd cloud-init docker ci-runner
usermod -aG docker runner
chown -R runner:runner /opt/runner
install -m 0755 -d /var/cache/ci
if [[ "$kiwi_profiles" == *"arm"* ]]; then
    echo 'CI_ARCH=arm64' > /etc/profile.d/ci-arch.sh
fi
sed -i 's/^#MaxStartups.*/MaxStartups 50/' /etc/ssh/sshd_config
setsebool -P container_manage_cgroup 1 || true
dnf clean all
rm -f /etc/ssh/ssh_host_*
exit 0
