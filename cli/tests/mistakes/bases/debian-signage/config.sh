#!/bin/bash
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
set -e

systemctl enable player.service NetworkManager.service
systemctl set-default multi-user.target

chown -R player:player /var/lib/player

if [[ ",${kiwi_profiles}," == *,Lab,* ]]; then
    systemctl enable ssh
    chsh -s /bin/zsh root
else
    systemctl disable ssh 2>/dev/null || true
fi

debianStripDocs
for service in apt-daily apt-daily-upgrade; do
    systemctl mask "${service}.timer"
done
