export SCAN_DIR=/home/lager/scans
alias ll='ls -l'
