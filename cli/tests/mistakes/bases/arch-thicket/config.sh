#!/bin/bash
set -euo pipefail
test -f /.profile && . /.profile

sed -i 's/^#en_US.UTF-8/en_US.UTF-8/' /etc/locale.gen
locale-gen
pacman-key --init
pacman-key --populate archlinux

systemctl enable NetworkManager.service sshd.service gdm.service
systemctl enable docker.service
systemctl enable reflector.timer
systemctl enable systemd-timesyncd.service

usermod -aG docker fern
chsh -s /usr/bin/zsh root

sed -i 's/^# %wheel ALL=(ALL:ALL) ALL/%wheel ALL=(ALL:ALL) ALL/' /etc/sudoers
