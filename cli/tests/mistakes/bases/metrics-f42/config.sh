#!/usr/bin/bash

set -euxo pipefail

#======================================
# Functions...
#--------------------------------------
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

#======================================
# Greeting...
#--------------------------------------
echo "Configure image: [$kiwi_iname]-[$kiwi_profiles]..."

#======================================
# Clear machine specific configuration
#--------------------------------------
## Force generic hostname
echo "localhost" > /etc/hostname
## Clear machine-id on pre generated images
truncate -s 0 /etc/machine-id

#======================================
# Import repositories' keys
#--------------------------------------
releasever=$(rpm --eval '%{?fedora}')
basearch=$(uname -m)
rpm --import "/etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-${releasever}-${basearch}"
echo "Packages within this image:"
rpm -qa --qf '%{size}\t%{name}-%{version}-%{release}.%{arch}\n' | sort -rn
# Note that running rpm recreates the rpm db files which aren't needed or wanted
rm -f /var/lib/rpm/__db*

#======================================
# Setup default target
#--------------------------------------
systemctl set-default multi-user.target

#======================================
# Setup default services
#--------------------------------------
systemctl enable sshd.service chronyd.service firewalld.service
systemctl enable nginx postgresql prometheus grafana-server fail2ban
systemctl enable metrics-backup.timer
systemctl disable rpcbind.service || true

#======================================
# Accounts
#--------------------------------------
groupadd --system --gid 970 exporters
useradd --system --uid 971 --gid exporters --home-dir /var/lib/exporter --shell /usr/sbin/nologin exporter
usermod -aG exporters noor
install -d -m 0750 -o exporter -g exporters /var/lib/exporter
passwd --lock exporter
chage -M 99999 noor

#======================================
# SELinux
#--------------------------------------
semanage fcontext -a -t postgresql_db_t "/srv/pgsql(/.*)?"
setsebool -P httpd_can_network_connect on
sed -i 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config

#======================================
# Database
#--------------------------------------
mkdir -p /srv/pgsql
chown -R postgres:postgres /srv/pgsql
chmod 700 /srv/pgsql

#======================================
# Reverse proxy
#--------------------------------------
cat > /etc/nginx/conf.d/grafana.conf <<'EOF'
server {
    listen 80;
    server_name grafana.example.com;
    location / {
        proxy_pass http://127.0.0.1:3000;
        proxy_set_header Host $host;
    }
}
EOF

#======================================
# Kernel parameters for all kernels
#--------------------------------------
sed -i -e 's/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=2/' /etc/default/grub
mkdir -p /etc/kernel
echo "audit=0" >> /etc/kernel/cmdline
cat >> /etc/fstab.append <<EOF
LABEL=METRICS /srv xfs defaults,noatime,nofail 0 2
EOF

if [[ "$kiwi_profiles" == *"Cloud"* ]]; then
    systemctl enable cloud-init.service cloud-config.service cloud-final.service
    cat > /etc/cloud/cloud.cfg.d/90-metrics.cfg <<EOF
#cloud-config
disable_root: true
ssh_pwauth: false
preserve_hostname: false
datasource_list: [ NoCloud, OpenStack, None ]
system_info:
  default_user:
    name: noor
    lock_passwd: true
EOF
fi

if [[ "$kiwi_profiles" == *"Metal"* ]]; then
    systemctl enable smartd.service tuned.service
    tuned-adm profile throughput-performance || true
    echo 'add_drivers+=" megaraid_sas mpt3sas "' > /etc/dracut.conf.d/10-raid.conf
fi

#======================================
# Finalization steps
#--------------------------------------
dnf clean all
rm -rf /var/lib/dnf /var/log/dnf*.log
# Remove random-seed
rm -f /var/lib/systemd/random-seed

exit 0
