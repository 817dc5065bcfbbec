#!/bin/bash
set -eu
. /.kconfig
. /.profile
pacman-key --init
pacman-key --populate archlinux
systemctl enable NetworkManager.service
systemctl enable sshd.service
systemctl enable systemd-timesyncd.service
echo '%wheel ALL=(ALL:ALL) ALL' > /etc/sudoers.d/wheel
chmod 440 /etc/sudoers.d/wheel
pacman -Scc --noconfirm
exit 0
