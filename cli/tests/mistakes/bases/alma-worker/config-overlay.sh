#!/bin/bash
set -e
rm -f root/etc/worker/local.conf
