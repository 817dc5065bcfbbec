#!/bin/bash
set -euo pipefail
test -f /.profile && . /.profile

case "$kiwi_profiles" in
    web)
        chown -R nginx:nginx /srv/www/htdocs
        ln -sf /dev/stdout /var/log/nginx/access.log
        ln -sf /dev/stderr /var/log/nginx/error.log
        chmod 755 /usr/local/bin/web-entry.sh
        ;;
    db)
        install -d -m 0700 -o postgres -g postgres /var/lib/pgsql/data
        ;;
    worker)
        pip3.11 install --no-cache-dir rq
        ;;
    wsl)
        echo '%wheel ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/wheel
        ;;
esac

rm -rf /var/log/zypp /var/cache/zypp
