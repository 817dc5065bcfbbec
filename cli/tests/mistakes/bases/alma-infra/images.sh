#!/bin/bash
set -e
rm -f /etc/resolv.conf.kiwi
exit 0
