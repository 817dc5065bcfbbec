#!/bin/bash
set -e
if [ -x /usr/sbin/fixfiles ]; then
    /usr/sbin/fixfiles -f relabel || :
fi
