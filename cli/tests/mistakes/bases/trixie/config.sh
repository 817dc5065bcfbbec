#!/bin/bash
set -eux
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

echo 'de_DE.UTF-8 UTF-8' >> /etc/locale.gen
locale-gen
update-locale LANG=de_DE.UTF-8

if [ "$kiwi_profiles" != docker ]; then
    systemctl enable ssh.service
    systemctl enable networking.service
fi
if [ "$kiwi_profiles" = vagrant ]; then
    mkdir -p -m 0700 /home/vagrant/.ssh
    echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN1YdxBpNlzxDqfJyw/QKow1F+wvG9hXGoqiysfJOn5Y vagrant insecure public key' > /home/vagrant/.ssh/authorized_keys
    chown -R vagrant:vagrant /home/vagrant/.ssh
    echo 'vagrant ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/vagrant
    chmod 0440 /etc/sudoers.d/vagrant
fi
apt-get clean
rm -rf /var/lib/apt/lists/*
update-grub2
exit 0
