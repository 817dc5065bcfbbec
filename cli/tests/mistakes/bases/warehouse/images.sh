#!/bin/bash
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
set -e
echo "Configure image: [$kiwi_iname]..."
rm -rf /var/cache/zypp/packages
if [ -x /usr/sbin/fstrim ]; then
    sync
fi
exit 0
