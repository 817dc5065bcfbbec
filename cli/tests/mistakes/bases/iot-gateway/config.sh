#!/bin/bash
set -eu
systemctl enable systemd-networkd systemd-resolved nftables mosquitto
systemctl enable gateway.service gateway-watch.path
systemctl disable apt-daily.timer apt-daily-upgrade.timer
install -d -m 0750 -o gateway -g gateway /var/lib/gateway
ln -sf /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
sed -i 's/^#PermitRootLogin.*/PermitRootLogin no/' /etc/ssh/sshd_config
chmod 600 /etc/wireguard/wg0.conf
chown root:gateway /etc/gateway
rm -f /etc/ssh/ssh_host_*
exit 0
