#!/bin/bash
set -euxo pipefail
diskname=$1
parted -s "$diskname" toggle 1 boot
exit 0
