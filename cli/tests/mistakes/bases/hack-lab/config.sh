#!/bin/bash
set -e
systemctl enable NetworkManager sshd docker
systemctl enable --global pipewire.socket || true
echo "%wheel ALL=(ALL:ALL) ALL" > /etc/sudoers.d/wheel
usermod -aG docker hacker
sed -i 's/^#en_US.UTF-8/en_US.UTF-8/' /etc/locale.gen
locale-gen
chsh -s /usr/bin/zsh root
pacman-key --init
pacman-key --populate archlinux
