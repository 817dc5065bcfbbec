#!/bin/sh
set -e
if [ "$kiwi_profiles" = disk ]; then
    rc-update add sshd default
    rc-update add networking boot
fi
exit 0
