# Sourced by ./test and ./demo: words, and Debian packages that are asked for by name.

say() { printf '\n== %s\n' "$*" >&2; }
skip() { printf 'SKIPPED: %s\n' "$*" >&2; }

# need_packages NAME...: installs those that are missing; asks for nothing when all are there.
need_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || missing+=("$name")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    printf 'all %s packages are installed\n' "$#" >&2
    return 0
  fi
  printf 'installing: %s\n' "${missing[*]}" >&2
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { printf 'error: install these as root first: %s\n' "${missing[*]}" >&2; return 4; }
    as_root=(sudo)
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}

# need_qemu: qemu-system-x86 and qemu-utils of one version. Some hosts carry qemu-utils from backports, which blocks
# qemu-system-x86 of the release; then qemu-utils goes back to the release's version, and that is said.
need_qemu() {
  if command -v qemu-system-x86_64 >/dev/null && command -v qemu-img >/dev/null; then return 0; fi
  local have want as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  have=$(dpkg-query -W -f '${Version}' qemu-utils 2>/dev/null || true)
  want=$(apt-cache madison qemu-system-x86 | awk '{print $3; exit}')
  if [ -n "$have" ] && [ "$have" != "$want" ]; then
    printf 'note: qemu-utils %s blocks qemu-system-x86 %s: qemu-utils goes to %s too\n' "$have" "$want" "$want" >&2
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --allow-downgrades \
    "qemu-system-x86=$want" "qemu-utils=$want" >&2
}
