#!/bin/bash
set -eu
test -f /.kconfig && . /.kconfig
rm -rf /var/cache/zypp/* /var/log/zypp
: > /var/log/lastlog
suseStripFirmware || true
[ -e /etc/machine-id ] && rm -f /etc/machine-id || true
