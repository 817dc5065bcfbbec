#!/usr/bin/env bash
# Licences, sources and bans of all dependencies by `deny.toml`; known advisories too, where their database can be had.
# cargo-deny is compiled into target/tools when it is not installed (some minutes, once).
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/setup.sh
export PATH=$PATH:$PWD/target/tools/bin
if ! command -v cargo-deny >/dev/null; then
  printf 'installing: cargo-deny (into target/tools)\n' >&2
  timeout 1200 cargo install cargo-deny --locked --quiet --root target/tools \
    || { skip "licences: cargo-deny cannot be installed here"; exit 0; }
fi
cargo deny --log-level error check bans licenses sources
if cargo deny --log-level error fetch db 2>/dev/null; then
  cargo deny --log-level error check advisories
else
  skip "advisories: the database of RustSec cannot be fetched from here"
fi
