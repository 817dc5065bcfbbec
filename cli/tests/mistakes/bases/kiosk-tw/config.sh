#!/bin/bash
set -ex
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
mkdir -p /srv/media /var/cache/kiosk /var/spare
systemctl enable NetworkManager
systemctl enable kiosk.service
systemctl mask getty@tty1.service
systemctl set-default graphical.target
exit 0
