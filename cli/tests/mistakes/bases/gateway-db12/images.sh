#!/bin/bash
set -e
. /.profile
echo "$kiwi_iversion" > /etc/gateway-release
exit 0
