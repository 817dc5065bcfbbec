#!/bin/bash
set -e
echo "solver.onlyRequires = true" >> /etc/zypp/zypp.conf
