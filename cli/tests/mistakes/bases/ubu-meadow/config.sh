#!/bin/bash
set -ex
test -f /.profile && . /.profile

export DEBIAN_FRONTEND=noninteractive
locale-gen en_US.UTF-8
update-locale LANG=en_US.UTF-8

systemctl enable ssh.service systemd-networkd.service systemd-resolved.service
ln -snf /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf

if [ "$kiwi_profiles" = "vagrant" ]; then
    mkdir -p /home/vagrant/.ssh
    chmod 0700 /home/vagrant/.ssh
    chown -R vagrant:vagrant /home/vagrant
    printf 'vagrant ALL=(ALL) NOPASSWD: ALL\n' > /etc/sudoers.d/vagrant
    chmod 0440 /etc/sudoers.d/vagrant
fi

if [ "$kiwi_profiles" = "azure" ]; then
    systemctl enable walinuxagent.service
    sed -i 's/^ResourceDisk.EnableSwap=n/ResourceDisk.EnableSwap=y/' /etc/waagent.conf
fi

if [ "$kiwi_profiles" = "aws" ]; then
    cp /usr/share/meadow/90_dpkg.cfg /etc/cloud/cloud.cfg.d/90_dpkg.cfg
fi

ufw allow 22/tcp
ufw --force enable

update-grub || true
apt-get -y autoremove --purge
apt-get clean
