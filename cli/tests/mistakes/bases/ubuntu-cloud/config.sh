#!/bin/bash
set -ex
declare kiwi_profiles=${kiwi_profiles}
for profile in ${kiwi_profiles//,/ }; do
    case "${profile}" in
        Amazon|Google) systemctl enable cloud-init ;;
        *) ;;
    esac
done
systemctl enable ssh
