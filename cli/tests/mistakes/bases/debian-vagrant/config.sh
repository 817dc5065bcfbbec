#!/bin/bash
test -f /.kconfig && . /.kconfig
baseVagrantSetup
