#!/bin/bash
test -f /.kconfig && . /.kconfig
set -e
baseStripUnusedLibs
rm -rf /usr/share/doc/packages
exit 0
