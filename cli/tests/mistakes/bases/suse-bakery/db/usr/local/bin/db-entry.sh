#!/bin/bash
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb -D "$PGDATA" --locale=en_US.UTF-8
fi
exec postgres -D "$PGDATA" -c listen_addresses='*'
