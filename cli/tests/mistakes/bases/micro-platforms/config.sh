#!/bin/bash
set -euxo pipefail
. /.kconfig
. /.profile
systemctl enable NetworkManager
for profile in ${kiwi_profiles//,/ }; do
    if [ "$profile" = "Vagrant" ]; then
        systemctl enable sshd
    fi
done
if [[ "$kiwi_profiles" == *"ContainerHost"* ]]; then
    systemctl enable podman.socket
fi
exit 0
