#!/bin/bash
set -euo pipefail
. /.kconfig
. /.profile

readonly SHARE=/srv/schule
readonly CLASSES=(1a 1b 2a 2b)

make_class() {
    local name=$1
    local dir=$SHARE/$name
    mkdir -p "$dir"
    chgrp users "$dir"
    chmod 2770 "$dir"
}

for class in "${CLASSES[@]}"; do
    make_class "$class"
done

locale-gen de_AT.UTF-8
update-locale LANG=de_AT.UTF-8
ln -sf /usr/share/zoneinfo/Europe/Vienna /etc/localtime

systemctl enable ssh.service gdm3.service cups.service NetworkManager.service
systemctl enable schule-reset.service sssd.service autofs.service
systemctl set-default graphical.target
systemctl mask sleep.target suspend.target hibernate.target

if [[ "$kiwi_profiles" =~ teacher ]]; then
    systemctl enable keepalived fail2ban
    usermod -aG lpadmin lehrer
else
    systemctl disable cups-browsed || true
fi

sed -i 's/^#\?AutomaticLoginEnable.*/AutomaticLoginEnable=true/' /etc/gdm3/custom.conf
sed -i 's/^#WaylandEnable=false/WaylandEnable=false/' /etc/gdm3/custom.conf
sed -i 's/^hosts:.*/hosts: files mdns4_minimal [NOTFOUND=return] dns/' /etc/nsswitch.conf
sed -i '/^auth.*pam_sss.so/s/^/# /' /etc/pam.d/common-auth

cat > /etc/samba/smb.conf <<'EOF'
[global]
   workgroup = SCHULE
   server role = standalone server
   map to guest = bad user

[schule]
   path = /srv/schule
   valid users = pupil
   read only = no
   create mask = 0660
EOF

cat > /etc/auto.master.d/schule.autofs <<'EOF'
/net/schule /etc/auto.schule --timeout=60
EOF
cat > /etc/auto.schule <<'EOF'
home -fstype=nfs4,rw nas.schule.example.at:/home
EOF

install -m 0644 /dev/null /etc/schule-release
echo "version=$kiwi_iversion" > /etc/schule-release

glib-compile-schemas /usr/share/glib-2.0/schemas
dconf update
apt-get clean
rm -rf /var/lib/apt/lists/*
