#!/bin/bash
set -euo pipefail

test -f /.profile && . /.profile

log() {
    printf '>> %s\n' "$*"
}

log "locale"
locale-gen en_US.UTF-8
update-locale LANG=en_US.UTF-8

log "services"
systemctl enable ssh.service docker.service containerd.service agent.service agent-prune.timer
systemctl disable apt-daily.timer apt-daily-upgrade.timer
systemctl mask snapd.service || true

log "docker"
mkdir -p /etc/docker
cat > /etc/docker/daemon.json <<'EOF'
{
  "log-driver": "json-file",
  "log-opts": { "max-size": "10m", "max-file": "3" },
  "storage-driver": "overlay2"
}
EOF

log "agent"
install -d -o agent -g agent -m 0750 /home/agent/work
chown -R agent:agent /home/agent
tar -xzf /opt/agent/agent.tar.gz -C /opt/agent
ln -s /opt/agent/bin/agent /usr/local/bin/agent

log "firewall"
ufw allow 22/tcp
ufw default deny incoming
sed -i 's/^ENABLED=no/ENABLED=yes/' /etc/ufw/ufw.conf

log "cloud-init"
cat > /etc/cloud/cloud.cfg.d/99-agent.cfg <<'EOF'
datasource_list: [ NoCloud, ConfigDrive ]
ssh_pwauth: false
growpart:
  mode: auto
  devices: ['/']
EOF

log "swap"
fallocate -l 1G /swapfile
chmod 600 /swapfile
mkswap /swapfile
echo '/swapfile none swap sw 0 0' >> /etc/fstab.append

log "clean"
apt-get clean
rm -rf /var/lib/apt/lists/*
find /var/log -type f -exec truncate -s 0 {} +
: > /etc/machine-id
