#!/bin/bash
#================
# FILE          : config.sh
#----------------
# PROJECT       : SLES edge servers
#----------------
# Functions...
#----------------
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

set -e

echo "Configure image: [$kiwi_iname] for [$kiwi_profiles]..."

# Setup baseproduct link
suseSetupProduct

# Import the rpm signing keys
suseImportBuildKey
rpm --import /usr/share/retail/keys/retail.asc

# Services
services=(sshd chronyd rsyslog postfix salt-minion kdump podman.socket cron)
for service in "${services[@]}"; do
    baseInsertService "$service"
done
suseInsertService cloud-init-local
suseInsertService cloud-init
suseInsertService cloud-config
suseInsertService cloud-final
suseRemoveService avahi-daemon || true
baseInsertService pos-sync.timer

case "$kiwi_profiles" in
    *kvm*)
        suseInsertService qemu-guest-agent
        ;;
    *vmware*)
        suseInsertService vmtoolsd
        ;;
esac

# Target
baseSetRunlevel 3

# Network
cat > /etc/sysconfig/network/ifcfg-eth0 <<EOF
BOOTPROTO='dhcp'
STARTMODE='auto'
CLOUD_NETCONFIG_MANAGE='yes'
EOF
baseUpdateSysConfig /etc/sysconfig/network/dhcp DHCLIENT_SET_HOSTNAME '"no"'
baseUpdateSysConfig /etc/sysconfig/network/config NETCONFIG_DNS_STATIC_SERVERS '"10.1.0.53 10.1.0.54"'
baseUpdateSysConfig /etc/sysconfig/kdump KDUMP_SAVEDIR '"file:///var/crash"'

# Accounts
echo 'sles ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/sles
chmod 0440 /etc/sudoers.d/sles
getent group scanner >/dev/null || groupadd -r scanner
usermod -a -G scanner,users pos
chown -R pos:pos /srv/pos
chmod 750 /srv/pos
mkdir -p /home/sles/.ssh
chmod 700 /home/sles/.ssh
chown sles:users /home/sles/.ssh

# SSH
sed -i 's/^#\?PasswordAuthentication.*/PasswordAuthentication no/' /etc/ssh/sshd_config
sed -i "s/^#ClientAliveInterval.*/ClientAliveInterval 180/" /etc/ssh/sshd_config

# Mail
postconf -e 'relayhost = [mail.retail.example.com]' || sed -i 's/^#relayhost = .*/relayhost = mail.retail.example.com/' /etc/postfix/main.cf
newaliases || true

# Kernel
echo 'options nf_conntrack hashsize=65536' > /etc/modprobe.d/50-conntrack.conf
printf 'vm.swappiness = 10\nnet.core.somaxconn = 1024\n' > /etc/sysctl.d/90-pos.conf

# Salt
mkdir -p /etc/salt/minion.d
cat > /etc/salt/minion.d/retail.conf <<'EOF'
master: salt.retail.example.com
grains:
  role: edge
  stage: prod
EOF

# Logs
find /var/log -type f -name '*.log' -exec truncate -s 0 {} \;
rm -rf /var/log/YaST2 /var/cache/zypp/*
zypper --non-interactive clean --all
rm -f /etc/machine-id
touch /etc/machine-id
exit 0
