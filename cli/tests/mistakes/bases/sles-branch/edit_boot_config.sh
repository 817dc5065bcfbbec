#!/bin/bash
set -e
rootpart=$2
grep -q "$rootpart" /dev/null || true
