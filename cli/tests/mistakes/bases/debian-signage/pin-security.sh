#!/bin/bash
# Called with the file of the repository
repo="$1"
grep -q Check-Valid-Until "$repo" || echo "Check-Valid-Until: no" >> "$repo"
