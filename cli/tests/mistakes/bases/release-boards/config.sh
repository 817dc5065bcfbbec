#!/bin/bash
set -e
test -f /.kconfig && . /.kconfig
case "${kiwi_profiles}" in
    *RaspberryPi4*) echo pi > /etc/hostname ;;
    *) echo nas > /etc/hostname ;;
esac
systemctl enable NetworkManager sshd
