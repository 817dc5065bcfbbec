#!/bin/bash
set -euxo pipefail
. /.profile
case "$kiwi_profiles" in
    *vagrant*) systemctl enable sshd ;;
    *ec2*|*generic*) systemctl enable cloud-init cloud-config ;;
esac
if [ "$kiwi_type" = iso ]; then
    systemctl set-default graphical.target
fi
