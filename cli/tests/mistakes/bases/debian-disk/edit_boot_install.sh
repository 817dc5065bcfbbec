#!/bin/bash
diskname=$1
loopname=$2
echo "installed $diskname on $loopname"
