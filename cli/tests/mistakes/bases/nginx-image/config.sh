#!/bin/bash
set -euo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log
mkdir -p /docker-entrypoint.d
chmod 0755 /usr/local/bin/docker-entrypoint.sh
zypper --non-interactive clean -a
rm -rf /var/log/zypp /var/log/zypper.log
exit 0
