#!/bin/bash
set -euo pipefail
. /.profile

function enable_units {
    local unit
    for unit in "$@"; do
        systemctl enable "$unit"
    done
}

enable_units munge.service

case ",${kiwi_profiles}," in
    *,head,*)
        enable_units sshd.service chronyd.service slurmctld.service mariadb.service dhcpd.service tftp.socket
        enable_units nfs-server.service firewalld.service kdump.service
        firewall-offline-cmd --add-service=nfs --add-service=dhcp --add-service=tftp
        firewall-offline-cmd --add-port=6817-6819/tcp
        setsebool -P nfs_export_all_rw on || true
        ;;
    *,compute,*)
        enable_units sshd.service chronyd.service slurmd.service
        systemctl disable NetworkManager-wait-online.service
        ;;
    *,login,*)
        ssh-keygen -A
        rm -f /run/nologin
        ;;
esac

chown munge:munge /etc/munge/munge.key
chmod 0400 /etc/munge/munge.key
install -d -o slurm -g slurm -m 0755 /var/spool/slurm /var/log/slurm
ln -sf ../usr/share/zoneinfo/Europe/Vienna /etc/localtime
echo 'hpcadmin ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/hpcadmin
chmod 440 /etc/sudoers.d/hpcadmin
visudo -cf /etc/sudoers.d/hpcadmin
