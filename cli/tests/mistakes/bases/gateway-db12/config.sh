#!/bin/bash
# config.sh of the gateways
set -ex

. /.kconfig
. /.profile

export DEBIAN_FRONTEND=noninteractive

echo "Configure image: [$kiwi_iname]..."

# Locale and console
sed -i -e 's/^# *fr_FR.UTF-8 UTF-8/fr_FR.UTF-8 UTF-8/' /etc/locale.gen
sed -i -e 's/^# *en_US.UTF-8 UTF-8/en_US.UTF-8 UTF-8/' /etc/locale.gen
locale-gen
update-locale LANG=fr_FR.UTF-8 LC_MESSAGES=en_US.UTF-8
echo "Europe/Paris" > /etc/timezone
dpkg-reconfigure -f noninteractive tzdata

# Services
for service in ssh nftables named isc-dhcp-server frr chrony prometheus-node-exporter; do
    systemctl enable "$service"
done
systemctl enable unattended-upgrades.service wg-quick@wg0.service
systemctl mask apt-daily.timer apt-daily-upgrade.timer
systemctl set-default multi-user.target

# Daemons
sed -i 's/^bgpd=no/bgpd=yes/; s/^ospfd=no/ospfd=yes/' /etc/frr/daemons
chown frr:frr /etc/frr/frr.conf
chmod 640 /etc/frr/frr.conf
chown -R bind:bind /var/cache/bind
install -d -m 0700 -o root -g root /etc/wireguard
install -o collector -g nogroup -m 0755 -d /srv/collector

adduser --system --group --home /var/lib/gwmon --shell /usr/sbin/nologin gwmon
adduser netadmin systemd-journal
usermod -s /bin/bash netadmin
echo 'gwmon ALL=(root) NOPASSWD: /usr/sbin/nft list ruleset' > /etc/sudoers.d/gwmon
chmod 0440 /etc/sudoers.d/gwmon

# Boot
cat >> /etc/default/grub <<EOF
GRUB_CMDLINE_LINUX="console=ttyS0,115200"
GRUB_TERMINAL="serial"
EOF

# apt
cat > /etc/apt/apt.conf.d/50unattended-upgrades <<'EOF'
Unattended-Upgrade::Origins-Pattern {
    "origin=Debian,codename=${distro_codename},label=Debian-Security";
};
Unattended-Upgrade::Automatic-Reboot "false";
EOF
cat > /etc/apt/preferences.d/backports <<EOF
Package: frr frr-*
Pin: release a=bookworm-backports
Pin-Priority: 600
EOF

apt-get --yes autoremove --purge
apt-get clean
rm -rf /var/lib/apt/lists/* /usr/share/doc/*

truncate -s 0 /etc/machine-id
rm -f /etc/ssh/ssh_host_*
exit 0
