#!/bin/bash
set -e
envsubst < /etc/nginx/conf.d/site.conf.in > /etc/nginx/conf.d/site.conf
exec "$@"
