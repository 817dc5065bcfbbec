#!/bin/bash
#================
# FILE          : config.sh
#----------------
# PROJECT       : Warehouse terminals
# COPYRIGHT     : (c) 2024 Lager AB. All rights reserved
#
# BELONGS TO    : Operating System images
#
# DESCRIPTION   : configuration script for the warehouse terminal
#----------------
#======================================
# Functions...
#--------------------------------------
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

set -euo pipefail

#======================================
# Greeting...
#--------------------------------------
echo "Configure image: [$kiwi_iname]-[$kiwi_profiles]..."

#======================================
# Mount system filesystems
#--------------------------------------
declare -r LOGDIR=/var/log/lager
mkdir -p "$LOGDIR"
chown lager:users "$LOGDIR"
chmod 0750 "$LOGDIR"

#======================================
# Activate services
#--------------------------------------
suseInsertService sshd
suseInsertService chronyd
baseInsertService firewalld
baseInsertService cups
systemctl enable NetworkManager.service rsyslog.service
systemctl mask systemd-rfkill.service systemd-rfkill.socket
systemctl disable postfix.service || :

#======================================
# Setup default target, multi-user or graphical
#--------------------------------------
baseSetRunlevel 5

#==========================================
# remove package docs
#------------------------------------------
rm -rf /usr/share/doc/packages/*
rm -rf /usr/share/doc/manual/*

#======================================
# sysconfig
#--------------------------------------
baseUpdateSysConfig /etc/sysconfig/displaymanager DISPLAYMANAGER lightdm
baseUpdateSysConfig /etc/sysconfig/displaymanager DISPLAYMANAGER_AUTOLOGIN lager
baseUpdateSysConfig /etc/sysconfig/windowmanager DEFAULT_WM icewm-session
baseUpdateSysConfig /etc/sysconfig/network/dhcp DHCLIENT_SET_HOSTNAME yes
echo "DEFAULT_WM=\"icewm\"" >> /etc/sysconfig/windowmanager

#======================================
# sshd
#--------------------------------------
sed -i -e 's/^#\?PermitRootLogin.*/PermitRootLogin prohibit-password/' \
    -e 's/^#\?PasswordAuthentication.*/PasswordAuthentication no/' /etc/ssh/sshd_config

#======================================
# journal
#--------------------------------------
mkdir -p /etc/systemd/journald.conf.d
cat > /etc/systemd/journald.conf.d/50-lager.conf <<EOF
[Journal]
Storage=persistent
SystemMaxUse=200M
EOF

#======================================
# profiles
#--------------------------------------
for profile in ${kiwi_profiles//,/ }; do
    case "$profile" in
        Scanner)
            systemctl enable bluetooth.service
            usermod -aG dialout,video lager
            install -d -m 0755 -o lager -g users /home/lager/scans
            ;;
        Office)
            sed -i 's/^Listen localhost:631/Listen *:631/' /etc/cups/cupsd.conf
            ;;
        *)
            echo "no steps for $profile"
            ;;
    esac
done

#======================================
# firewall
#--------------------------------------
firewall-offline-cmd --zone=public --add-service=ssh
firewall-offline-cmd --zone=public --add-port=9100/tcp

#======================================
# default for all users
#--------------------------------------
if ! grep -q '^EDITOR=' /etc/environment; then
    echo 'EDITOR=vim' >> /etc/environment
fi
ln -sf /usr/share/zoneinfo/Europe/Stockholm /etc/localtime
echo 'lager-terminal' > /etc/hostname

function clean_logs {
    local dir=$1
    find "$dir" -type f -name '*.log' -delete
}
clean_logs /var/log

#======================================
# Clean
#--------------------------------------
zypper --non-interactive removerepo repo-backports || true
zypper clean --all
rm -f /etc/machine-id /var/lib/dbus/machine-id
exit 0
