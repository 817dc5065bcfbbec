#!/bin/bash
set -euxo pipefail
echo "Configure image: [$kiwi_iname]-[$kiwi_profiles]..."
if [[ "$kiwi_profiles" == *"Live"* ]]; then
    systemctl set-default graphical.target
    systemctl enable livesys.service
else
    systemctl set-default multi-user.target
fi
if [[ "$kiwi_profiles" == *"Azure"* ]]; then
    systemctl enable waagent
fi
exit 0
