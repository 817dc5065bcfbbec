#!/bin/bash
set -euo pipefail

test -f /.profile && . /.profile

systemctl enable cups.service avahi-daemon.service
systemctl enable nftables
systemctl enable scan-sort.timer

install -d -o scan -g scan /srv/scan/in
chmod 0440 /etc/sudoers.d/printadm
usermod -aG lp scan

for profile in ${kiwi_profiles//,/ }; do
    case "$profile" in
        Kvm) systemctl enable qemu-guest-agent ;;
        Metal) systemctl enable fstrim.timer ;;
    esac
done

if [ "$kiwi_iname" = "print-server" ]; then
    echo "print-server $kiwi_iversion" > /etc/issue
fi
apt-get clean
