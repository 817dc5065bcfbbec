#!/bin/bash
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

set -euxo pipefail

baseInsertService sshd
baseInsertService NetworkManager
baseSetRunlevel 3
suseImportBuildKey
baseUpdateSysConfig /etc/sysconfig/windowmanager DEFAULT_WM ""

exit 0
