#!/bin/bash
set -e
diskname=$1
echo -n "w" > /dev/null
