#!/bin/bash
set -euo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

suseImportBuildKey
for unit in NetworkManager sshd chronyd nftables dnsmasq wan-watch.timer; do
    systemctl enable "$unit"
done
systemctl disable firewalld || true
systemctl set-default multi-user.target

case ",${kiwi_profiles}," in
    *,lab,*)
        systemctl enable qemu-guest-agent
        ;;
esac
echo 'netadmin ALL=(ALL) NOPASSWD: /usr/sbin/nft' > /etc/sudoers.d/20-netadmin
chmod 0440 /etc/sudoers.d/20-netadmin
install -d -m 0700 -o netadmin -g netadmin /home/netadmin/.ssh
ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime
exit 0
