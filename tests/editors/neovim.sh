#!/usr/bin/env bash
# Tests the Neovim plugin with a real Neovim and the real server. APTERYX names the binary, NVIM the editor.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ./tests/setup.sh
nvim=${NVIM:-nvim}
if ! command -v "$nvim" >/dev/null; then
  skip "no Neovim here: its plugin is not tested"
  [ -z "${CI:-}" ]
  exit
fi
export APTERYX=${APTERYX:-$PWD/target/debug/apteryx} APTERYX_PLUGIN=$PWD/editors/neovim
[ -x "$APTERYX" ] || { printf 'error: no binary at %s\n' "$APTERYX" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp tests/editors/description.xml "$work/config.xml"
"$nvim" --version | head -1 >&2
# An empty home: neither a user's configuration nor other plugins take part.
env HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" XDG_DATA_HOME="$work/data" \
  timeout -k 5 120 "$nvim" --headless -n -i NONE -u tests/editors/neovim_test.lua "$work/config.xml" </dev/null
