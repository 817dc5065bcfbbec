#!/bin/bash
test -f /.kconfig && . /.kconfig
if [[ "$kiwi_profiles" == *Live* ]]; then
    baseInsertService display-manager
fi
if [ "$kiwi_type" = "oem" ]; then
    baseInsertService sshd
fi
