#!/bin/bash
set -eux
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
for profile in ${kiwi_profiles//,/ }; do
    case "$profile" in
        Cloud)
            systemctl enable cloud-init.service chrony.service
            echo 'PasswordAuthentication no' > /etc/ssh/sshd_config.d/60-cloud.conf
            ;;
        Vagrant)
            systemctl enable ssh.service
            install -d -m 0700 -o vagrant -g vagrant /home/vagrant/.ssh
            curl -fsSL https://raw.githubusercontent.com/hashicorp/vagrant/main/keys/vagrant.pub > /home/vagrant/.ssh/authorized_keys
            chmod 600 /home/vagrant/.ssh/authorized_keys
            chown vagrant:vagrant /home/vagrant/.ssh/authorized_keys
            ;;
    esac
done
apt-get -y autoremove
apt-get clean
exit 0
