#!/bin/bash

set -euxo pipefail

#======================================
# Functions...
#--------------------------------------
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile

echo "Configure image: [$kiwi_iname]-[$kiwi_profiles]..."

if [[ "$kiwi_profiles" != *"Container"* ]]; then
    systemctl enable sshd.service
    systemctl enable chronyd.service
    systemctl enable NetworkManager.service firewalld.service
    echo 'add_drivers+=" virtio_blk virtio_net "' > /etc/dracut.conf.d/10-virtio.conf
fi

if [[ "$kiwi_profiles" == *"Cloud"* ]]; then
    systemctl enable cloud-init-local.service cloud-init.service cloud-config.service cloud-final.service
    systemctl set-default multi-user.target
    cat > /etc/NetworkManager/conf.d/99-cloud.conf <<-EOF
	[main]
	no-auto-default=*
	EOF
fi

if [[ "$kiwi_profiles" == *"Live"* ]]; then
    systemctl set-default graphical.target
    systemctl enable gdm.service livesys.service livesys-late.service
    sed -i 's/^livesys_session=.*/livesys_session="gnome"/' /etc/sysconfig/livesys
    passwd -d root
    echo "live ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/live
    chmod 0440 /etc/sudoers.d/live
fi

if [[ "$kiwi_profiles" == *"Edge"* ]]; then
    systemctl enable edge-agent.service
    systemctl enable podman.socket
    systemctl mask systemd-networkd-wait-online.service
    chown -R edge:edge /etc/edge /var/lib/edge
    chmod 0750 /var/lib/edge
fi

if [[ "$kiwi_profiles" == *"Container"* ]]; then
    dnf5 clean all
    rm -rf /var/cache/libdnf5 /var/lib/dnf
    sed -i '/^tsflags=/d' /etc/dnf/dnf.conf
    echo 'tsflags=nodocs' >> /etc/dnf/dnf.conf
fi

rm -f /var/lib/systemd/random-seed
truncate -s 0 /etc/machine-id

exit 0
