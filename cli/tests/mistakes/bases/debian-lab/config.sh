#!/bin/bash
set -e
case "$kiwi_profiles" in
    *live*) systemctl set-default graphical.target ;;
    *board*) systemctl enable serial-getty@ttyAMA0.service ;;
esac
