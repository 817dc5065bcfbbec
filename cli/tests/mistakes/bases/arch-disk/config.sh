#!/bin/bash
set -e
pacman-key --init
pacman-key --populate archlinux
systemctl enable sshd systemd-networkd
