#!/usr/bin/env bash
# tiny_repository.sh DIR: a flat, unsigned Debian repository in DIR with one real package, `apt`: the host's dpkg, tar and
# bash with their libraries. A description that names it builds in seconds, without a network.
set -euo pipefail
repository=$1
mkdir -p "$repository"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{DEBIAN,etc,usr/bin,usr/sbin,usr/lib,usr/lib64,tmp,var/lib/dpkg/info,var/lib/dpkg/updates,proc,sys,dev,root,run}
for link in bin sbin lib lib64; do ln -s "usr/$link" "$work/$link"; done

# A library lies under /usr there, whatever the host's own links are.
under_usr() { local path=${1#usr/}; printf "%s/usr/%s" "$work" "$path"; }
for tool in bash sh dpkg dpkg-deb dpkg-query dpkg-split dpkg-trigger tar rm cat sed touch mkdir chmod sleep diff env start-stop-daemon ldconfig; do
  file=$(PATH=$PATH:/usr/sbin:/sbin command -v "$tool")
  cp -L "$file" "$work/usr/bin/$tool"
  for library in $(ldd "$file" 2>/dev/null | grep -o '/[^ )]*' || true); do
    to=$(under_usr "${library#/}")
    mkdir -p "$(dirname "$to")"
    [ -e "$to" ] || cp -L "$library" "$to"
  done
done
printf 'root:x:0:0:root:/root:/bin/bash\n' >"$work/etc/passwd"
printf 'root:x:0:\n' >"$work/etc/group"
printf 'root:*:1::::::\n' >"$work/etc/shadow"

package=apt_1.0_amd64.deb
about='Package: apt\nVersion: 1.0\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: all of a tiny system\n'
printf "$about" >"$work/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$work" "$repository/$package" >/dev/null
cd "$repository"
digest() { sha256sum "$1" | cut -d' ' -f1; }
printf "${about}Filename: ./%s\nSize: %s\nSHA256: %s\n\n" "$package" "$(stat -c %s "$package")" "$(digest "$package")" >Packages
printf 'Origin: test\nDate: Sat, 01 Jan 2022 00:00:00 UTC\nSHA256:\n %s %s Packages\n' "$(digest Packages)" "$(stat -c %s Packages)" >Release
