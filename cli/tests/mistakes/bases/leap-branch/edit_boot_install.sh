#!/bin/bash
set -e
disk="$1"
rootdev="$2"
echo "boot loader of ${disk}, root on ${rootdev}"
