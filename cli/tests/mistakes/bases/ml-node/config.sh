#!/bin/bash
set -ex

systemctl enable ssh chrony docker munge

if [[ ",$kiwi_profiles," == *,node,* ]]; then
    systemctl enable slurmd
    install -m 0755 -d /scratch
elif [[ ",$kiwi_profiles," == *,login,* ]]; then
    systemctl enable fail2ban
    sed -i 's/^#PermitRootLogin.*/PermitRootLogin no/' /etc/ssh/sshd_config
fi

groupadd -g 2000 researchers
chown slurm:slurm /var/lib/slurm
netplan generate
exit 0
