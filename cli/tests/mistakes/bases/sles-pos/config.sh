#!/bin/bash
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
set -e

suseSetupProduct
baseSetRunlevel 5
baseInsertService sshd
baseInsertService chronyd
baseInsertService salt-minion
baseInsertService till-app

if [[ "$kiwi_profiles" =~ Branch ]]; then
    baseInsertService dhcpd
    baseInsertService apache2
    baseSetRunlevel 3
fi
baseUpdateSysConfig /etc/sysconfig/displaymanager DISPLAYMANAGER_AUTOLOGIN till
baseUpdateSysConfig /etc/sysconfig/network/dhcp WRITE_HOSTNAME_TO_HOSTS no
echo "master: salt.shop.example.com" > /etc/salt/minion.d/master.conf
chown till:users /home/till/.xinitrc
chmod 755 /home/till/.xinitrc
/usr/local/bin/till-setup --first
