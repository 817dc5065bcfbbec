#!/bin/bash
set -euo pipefail
test -f /.profile && . /.profile

# remove what only the build needed
rm -rf /var/cache/zypp/* /var/log/zypper.log
rm -f /etc/machine-id
touch /etc/machine-id

if [ "${kiwi_type}" = "oem" ]; then
    : > /etc/resolv.conf
fi
