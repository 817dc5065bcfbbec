#!/bin/bash
set -e
sed -i 's/^set timeout_style=.*/set timeout_style=hidden/' boot/grub2/grub.cfg || exit 0
