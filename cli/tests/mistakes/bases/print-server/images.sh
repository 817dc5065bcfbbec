#!/bin/bash
set -e
rm -rf /var/cache/apt/archives /usr/share/doc/cups
find /var/log -type f -delete
