#!/bin/bash
set -e
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

baseSetupBuildDay
suseImportBuildKey
suseSetupProduct

case ",$kiwi_profiles," in
    *,Server,*)
        baseInsertService sshd
        baseInsertService chronyd
        baseInsertService salt-master
        baseUpdateSysConfig /etc/sysconfig/network/dhcp DHCLIENT_SET_HOSTNAME yes
        baseSetRunlevel 3
        ;;
    *,Container,*)
        rm -rf /usr/share/man
        ;;
esac
chown -R salt:salt /srv/salt
baseStripLocales en_US.utf8
exit 0
