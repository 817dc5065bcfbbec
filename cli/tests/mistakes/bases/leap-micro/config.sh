#!/bin/bash
set -euxo pipefail
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
echo "Configure image: [$kiwi_iname]-[$kiwi_profiles]..."
suseImportBuildKey
baseSetRunlevel 3
systemctl enable sshd NetworkManager health-checker transactional-update.timer
if [[ "$kiwi_profiles" == *"rpi"* ]]; then
	cat > /etc/modprobe.d/50-rpi3.conf <<-EOF
		options smsc95xx turbo_mode=N
	EOF
	echo 'add_drivers+=" bcm2835_dma dwc2 "' > /etc/dracut.conf.d/raspberrypi_modules.conf
fi
for profile in ${kiwi_profiles//,/ }; do
	if [ "$profile" = "rt" ]; then
		systemctl enable vmtoolsd
	fi
done
sed -i 's/^GRUB_TIMEOUT=.*$/GRUB_TIMEOUT=3/' /etc/default/grub
exit 0
