#!/bin/bash
set -e
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

echo "Configure image: [$kiwi_iname]..."

sed -i 's/^#nl_NL.UTF-8/nl_NL.UTF-8/' /etc/locale.gen
locale-gen
echo 'LANG=nl_NL.UTF-8' > /etc/locale.conf
echo 'KEYMAP=us' > /etc/vconsole.conf
ln -sf /usr/share/zoneinfo/Europe/Amsterdam /etc/localtime

pacman-key --init
pacman-key --populate archlinux

systemctl enable systemd-networkd systemd-resolved systemd-timesyncd sshd iwd greetd
systemctl enable paccache.timer nightly.timer
systemctl --global enable pipewire.socket wireplumber.service
systemctl set-default graphical.target

cat > /etc/greetd/config.toml <<EOF
[terminal]
vt = 1

[default_session]
command = "cage -s -- firefox --kiosk https://borden.example.nl"
user = "bord"
EOF

sed -i '/^# %wheel ALL=(ALL:ALL) NOPASSWD: ALL/s/^# //' /etc/sudoers
passwd -l root
mkdir -p /home/bord/.config/systemd/user
chown -R bord:bord /home/bord

pacman -Scc --noconfirm
rm -f /var/log/pacman.log
