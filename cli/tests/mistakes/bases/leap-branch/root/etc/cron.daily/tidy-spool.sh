#!/bin/sh
find /var/spool/samba -type f -mtime +7 -delete
