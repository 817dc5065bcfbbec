#!/bin/bash
set -euxo pipefail

test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

log() {
    echo ">>> $*"
}

has_profile() {
    [[ ",${kiwi_profiles}," == *",$1,"* ]]
}

log "profiles: ${kiwi_profiles}"

if has_profile shared; then
    systemctl enable sshd.service chronyd.service NetworkManager.service nftables.service
    systemctl enable docker.service runner.service
    systemctl enable runner-clean.timer
    systemctl disable systemd-resolved.service || true
    systemctl set-default multi-user.target
    usermod -aG docker runner
    usermod -aG docker cian
    chown -R runner:runner /var/lib/runner /var/cache/runner
    sed -i 's/^#MaxAuthTries.*/MaxAuthTries 3/' /etc/ssh/sshd_config.d/60-runner.conf
fi

if has_profile vm; then
    systemctl enable qemu-guest-agent.service
    systemctl enable cloud-init-local.service cloud-init.service cloud-config.service cloud-final.service
fi

if has_profile metal; then
    systemctl enable smartd.service
    cat > /etc/dracut.conf.d/20-tpm.conf <<'EOF'
add_dracutmodules+=" tpm2-tss crypt "
hostonly="no"
EOF
fi

if has_profile pod; then
    echo "runner:100000:65536" >> /etc/subuid
    echo "runner:100000:65536" >> /etc/subgid
    mkdir -p /home/runner/work
    chown -R runner:runner /home/runner
    dnf5 clean all
fi

cat > /etc/sysctl.d/60-runner.conf <<'EOF'
fs.inotify.max_user_watches = 524288
kernel.pid_max = 4194304
EOF

cat > /etc/security/limits.d/60-runner.conf <<'EOF'
runner soft nofile 65536
runner hard nofile 65536
EOF

echo "%wheel ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/wheel
chmod 0440 /etc/sudoers.d/wheel
log "done"
