#!/bin/bash
set -eu
. /.kconfig
. /.profile

echo "en_GB.UTF-8 UTF-8" > /etc/locale.gen
locale-gen
systemctl enable ssh smbd smartmontools chrony
systemctl enable scrub.timer
chown -R backup-agent:backup-agent /var/lib/backup-agent
chmod 0750 /usr/local/sbin/scrub
passwd -l root
apt-get -y autoremove
apt-get clean
rm -rf /var/lib/apt/lists/*
truncate -s 0 /etc/machine-id
exit 0
