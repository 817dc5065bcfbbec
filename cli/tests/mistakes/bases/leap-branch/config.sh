#!/bin/bash
#======================================
# Functions...
#--------------------------------------
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

set -euxo pipefail

echo "Configure image: [$kiwi_iname]-[${kiwi_profiles:-}]..."

# Services
baseInsertService sshd
baseInsertService smb
systemctl enable branch-backup.timer
systemctl mask tmp.mount

for profile in ${kiwi_profiles//,/ }; do
    case "$profile" in
        print)
            systemctl enable cups.service
            ;;
        vmware)
            systemctl enable vmtoolsd
            ;;
    esac
done

# Defaults
baseUpdateSysConfig /etc/sysconfig/keyboard KEYTABLE de-latin1-nodeadkeys
sed -i -e 's/^#*PermitRootLogin.*/PermitRootLogin no/' /etc/ssh/sshd_config

cat > /etc/motd <<EOF
Branch server ${kiwi_iversion}
EOF

if grep -q '^ines:' /etc/passwd && [ -d /home/ines ]; then
    install -d -m 700 -o ines -g users /home/ines/.ssh
fi

exit 0
