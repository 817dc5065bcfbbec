#!/bin/bash
set -e
if [ "$kiwi_type" != wsl ]; then
    systemctl enable sshd NetworkManager
fi
