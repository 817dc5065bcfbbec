#!/usr/bin/env bash
# Tests Emacs' eglot, configured as editors/README.md says, with the real server. APTERYX names the binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ./tests/setup.sh
if ! command -v emacs >/dev/null; then
  skip "no Emacs here: eglot is not tested"
  [ -z "${CI:-}" ]
  exit
fi
export APTERYX=${APTERYX:-$PWD/target/debug/apteryx}
[ -x "$APTERYX" ] || { printf 'error: no binary at %s\n' "$APTERYX" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp tests/editors/description.xml "$work/config.xml"
# -q, not -Q: Debian's site files put eglot on the load path.
HOME=$work timeout -k 5 120 emacs --batch -q --eval '(package-initialize)' \
  -l tests/editors/emacs_test.el "$work/config.xml" </dev/null
