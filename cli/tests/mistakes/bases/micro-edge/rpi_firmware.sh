#!/bin/bash
set -e
diskname=$1
echo "Installing firmware to ${diskname}"
