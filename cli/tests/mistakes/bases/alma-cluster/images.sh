#!/bin/bash
set -e
dnf clean all
rm -rf /var/cache/dnf /tmp/* /var/tmp/*
: > /etc/machine-id
exit 0
