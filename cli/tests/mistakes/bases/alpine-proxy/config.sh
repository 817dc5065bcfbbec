#!/bin/sh
set -e
. /.profile
chown -R proxy:proxy /srv/proxy
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log
