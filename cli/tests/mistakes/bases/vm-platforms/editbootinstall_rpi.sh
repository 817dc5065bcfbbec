#!/bin/bash
set -e
disk=$1
echo "$disk"
