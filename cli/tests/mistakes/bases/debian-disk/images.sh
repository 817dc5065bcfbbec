#!/bin/bash
rm -rf /var/cache/apt/archives/*.deb
exit 0
