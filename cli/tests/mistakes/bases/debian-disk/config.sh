#!/bin/bash
set -eux
test -f /.kconfig && . /.kconfig
test -f /.profile && . /.profile
echo "Configure image: [$kiwi_iname]-[$kiwi_profiles]..."
systemctl enable ssh.service
systemctl enable nginx.service
systemctl enable first-start.service
for unit in apt-daily.timer apt-daily-upgrade.timer; do
    systemctl disable "$unit" || true
done
cat > /etc/issue <<-END
	Debian web \n \l
	END
exit 0
