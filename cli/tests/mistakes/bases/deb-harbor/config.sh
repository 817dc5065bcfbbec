#!/bin/bash
set -eux

. /.profile

export DEBIAN_FRONTEND=noninteractive

echo 'en_US.UTF-8 UTF-8' > /etc/locale.gen
locale-gen
update-locale LANG=en_US.UTF-8

case "${kiwi_profiles}" in
    *node*)
        systemctl enable ssh.service
        systemctl enable nftables.service
        systemctl enable systemd-timesyncd
        systemctl enable prometheus-node-exporter.service nginx.service
        ln -sf /etc/nginx/sites-available/status /etc/nginx/sites-enabled/status
        rm -f /etc/nginx/sites-enabled/default
        install -d -o www-data -g www-data /var/www/status
        adduser ops systemd-journal
        ;;
    *rescue*)
        systemctl enable ssh
        sed -i 's/^#PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config
        ;;
    *builder*)
        mkdir -p /home/build/out
        chown -R build:build /home/build
        ;;
esac

apt-get clean
rm -rf /var/lib/apt/lists/*
