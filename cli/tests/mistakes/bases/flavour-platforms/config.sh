#!/bin/bash
set -euxo pipefail
case "${kiwi_profiles}" in
    *kvm*) p=qemu ;;
    *VMware*) p=vmware ;;
    *) p=metal ;;
esac
echo "$p" > /etc/platform
if [[ "$kiwi_profiles" == *"k3s"* ]]; then
    systemctl enable k3s
fi
