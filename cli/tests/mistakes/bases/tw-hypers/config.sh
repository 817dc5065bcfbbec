#!/bin/bash
#======================================
# Functions...
#--------------------------------------
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

set -euxo pipefail

echo "Configure image: [$kiwi_iname]-[$kiwi_profiles]..."

#======================================
# Locale and time
#--------------------------------------
echo "LANG=de_DE.UTF-8" > /etc/locale.conf
ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime

#======================================
# Services
#--------------------------------------
baseInsertService sshd
baseInsertService chronyd
baseInsertService firewalld
systemctl enable fail2ban.service
systemctl enable NetworkManager.service
systemctl enable hyperion-backup.timer
systemctl set-default multi-user.target

for profile in ${kiwi_profiles//,/ }; do
    case "$profile" in
        kvm)
            systemctl enable qemu-guest-agent.service
            systemctl enable cloud-init.service cloud-config.service cloud-final.service
            ;;
        vmware)
            systemctl enable vmtoolsd.service
            ;;
        hyperv)
            systemctl enable hv_kvp_daemon.service hv_vss_daemon.service
            ;;
        metal)
            systemctl enable smartd.service
            ;;
    esac
done

#======================================
# Backup user
#--------------------------------------
install -d -m 0750 -o backup -g backup /var/lib/backup
chown -R backup:backup /etc/hyperion
usermod -a -G wheel nele
passwd -l backup

#======================================
# Firewall
#--------------------------------------
firewall-offline-cmd --zone=public --add-service=ssh
firewall-offline-cmd --zone=public --add-port=9102/tcp

#======================================
# Kernel settings
#--------------------------------------
cat > /etc/modules-load.d/hyperion.conf <<END
br_netfilter
nf_conntrack
END

if [[ "$kiwi_profiles" == *kvm* ]]; then
    sed -i 's/^#\?PermitRootLogin.*/PermitRootLogin no/' /etc/ssh/sshd_config.d/50-hyperion.conf
fi

echo 'solver.onlyRequires = true' >> /etc/zypp/zypp.conf

exit 0
