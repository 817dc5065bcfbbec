#!/usr/bin/bash
set -euxo pipefail
systemctl enable livesys.service livesys-late.service
sed -i "s/^livesys_session=.*/livesys_session=gnome/" /etc/sysconfig/livesys
systemctl set-default graphical.target
