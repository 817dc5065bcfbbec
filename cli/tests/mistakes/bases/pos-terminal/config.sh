#!/bin/bash
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
echo "Configure image: [$kiwi_iname]..."
suseInsertService sshd
suseInsertService venv-salt-minion
baseUpdateSysConfig /etc/sysconfig/displaymanager DISPLAYMANAGER lightdm
systemctl set-default graphical.target
rm -f /etc/machine-id /var/lib/zypp/AnonymousUniqueId
exit 0
