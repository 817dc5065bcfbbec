#!/bin/bash
set -e
. /.kconfig
. /.profile
locale-gen en_US.UTF-8
systemctl enable NetworkManager.service
systemctl enable gdm.service
systemctl set-default graphical.target
mkdir -p /etc/dconf/db/local.d
cat > /etc/dconf/db/local.d/00-class <<'EOT'
[org/gnome/desktop/lockdown]
disable-lock-screen=true
EOT
dconf update
apt-get clean
exit 0
