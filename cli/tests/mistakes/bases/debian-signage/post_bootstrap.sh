#!/bin/sh
set -e
mkdir -p /etc/apt/preferences.d
printf 'Package: *\nPin: release n=trixie\nPin-Priority: 500\n' > /etc/apt/preferences.d/trixie
