#!/bin/bash
set -euxo pipefail
. /.kconfig
. /.profile
if [[ "$kiwi_profiles" == *OpenStack* ]]; then
    systemctl enable cloud-init
fi
systemctl enable sshd chronyd
