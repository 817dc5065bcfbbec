#!/bin/bash
set -e
rm -rf /var/cache/zypp/*
rm -f /var/log/zypper.log
exit 0
