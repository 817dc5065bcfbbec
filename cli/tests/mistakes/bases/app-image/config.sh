#!/bin/bash
set -e
test -f /.kconfig && . /.kconfig
mkdir -p /var/lib/app /var/log/app
chown app:app /var/lib/app /var/log/app
chmod 755 /opt/app/run.sh
zypper -n clean -a
exit 0
