#!/bin/bash
set -e
root=$(pwd)
cp -a "$root/boot/firmware/." "$root/boot/" || true
