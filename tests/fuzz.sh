#!/usr/bin/env bash
# Coverage-guided fuzzing (libFuzzer) of the parser, the grammar loader, the validator with repair, migration and the
# formatter, on the stable toolchain. Usage: tests/fuzz.sh [SECONDS EACH [TARGET...]]; 10 seconds each by default.
# A finding ends it with an error and lies in fuzz/artifacts/. What was learnt stays in fuzz/corpus/ for the next run.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./tests/setup.sh
seconds=${1:-10}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(parse grammar validate migrate format)
command -v c++ >/dev/null || { skip "fuzzing: libFuzzer needs a C++ compiler (Debian: g++)"; exit 0; }

# What cargo-fuzz asks of a nightly compiler; these are stable flags, without a sanitizer.
flags="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
flags="$flags -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
flags="$flags -Cllvm-args=-sanitizer-coverage-trace-compares"
# With --target the flags leave build scripts alone.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS=$flags cargo build -q --release --locked --manifest-path fuzz/Cargo.toml --target "$host"

# Seeds and words: the project's own examples and grammar, and the corpus where it is there.
mkdir -p fuzz/seeds/xml fuzz/seeds/rng fuzz/artifacts
find examples docs \( -name '*.xml' -o -name '*.kiwi' \) -size -40k -exec cp -f {} fuzz/seeds/xml/ \;
[ ! -d ../shared/corpus ] || find ../shared/corpus -type f -size -12k -exec cp -f {} fuzz/seeds/xml/ \;
cp -f schema/grammar/*.rng fuzz/seeds/rng/
mkdir -p fuzz/seeds/other
cat > fuzz/seeds/other/yaml <<'YAML'
# a description
image: &i
  '@schemaversion': '8.5'
  "@name": "gr\u00e9en"
  description: {"@type": system, author: A, contact: a@example.org, specification: S}
  preferences: &p
    version: 1.0.0
    type:
      - '@image': oem
        size: {'@unit': M, '#text': 512}
      - <<: *p
        '@image': tbz
  packages:
  - '@type': image
    package: [{'@name': bash}, {'@name': vim}]
  specification: |
    two
     lines
YAML
cat > fuzz/seeds/other/json <<'JSON'
{"image": {"@schemaversion": "8.5", "@name": "\u00e9\"", "preferences": {"version": 1.10, "type": [{"@image": "oem", "@installiso": true}, null]}, "packages": []}}
JSON
cat > fuzz/seeds/other/toml <<'TOML'
[image]
"@schemaversion" = "8.5"
[image.preferences]
version = "1.0.0" # c
size = { "@unit" = "M", "#text" = 1_000 }
[[image.packages]]
"@type" = 'image'
package = [{ "@name" = """a\
b""" }]
TOML
cat > fuzz/seeds/rng/small <<'RNG'
<grammar xmlns="http://relaxng.org/ns/structure/1.0" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<include href="1"><define name="b"><text/></define></include><start combine="choice"><ref name="a"/></start></grammar>
RNG
printf '\0' >> fuzz/seeds/rng/small
cat >> fuzz/seeds/rng/small <<'RNG'
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:x" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<start><element name="r"><ref name="a"/></element></start><define name="a"><interleave><element name="a"><attribute name="k">
<choice><value>one</value><list><oneOrMore><data type="int"><param name="minInclusive">3</param></data></oneOrMore></list>
</choice></attribute><mixed><zeroOrMore><element><anyName><except><nsName ns="urn:y"/></except></anyName><empty/></element>
</zeroOrMore></mixed></element><optional><ref name="b"/></optional></interleave></define><define name="b"><grammar><start>
<parentRef name="a"/></start></grammar></define></grammar>
RNG
printf '\0<r xmlns="urn:x"><a k="3 4">text<b/></a></r>' >> fuzz/seeds/rng/small
for vocabulary in schema/grammar fuzz/seeds/rng; do
  grep -aoh '\(name\|type\)="[A-Za-z0-9_.:-]*"' "$vocabulary"/* | cut -d'"' -f2
  grep -aoh '<[A-Za-z]*' "$vocabulary"/*
done | sort -u | sed 's/.*/"&"/' > fuzz/seeds/words.dict
printf '%s\n' '"<!--"' '"-->"' '"<![CDATA["' '"]]>"' '"<!DOCTYPE "' '"<!ENTITY "' '"&#x"' '"<?xml "' '"xmlns:"' '"xml:space"' \
  >> fuzz/seeds/words.dict

for target in "${targets[@]}"; do
  case $target in
    grammar) seeds=(fuzz/seeds/rng) ;;
    parse) seeds=(fuzz/seeds/xml fuzz/seeds/other) ;;
    *) seeds=(fuzz/seeds/xml) ;;
  esac
  mkdir -p "fuzz/corpus/$target"
  say "fuzzing $target for $seconds s"
  log=fuzz/artifacts/$target.log
  if ! "fuzz/target/$host/release/$target" "fuzz/corpus/$target" "${seeds[@]}" -dict=fuzz/seeds/words.dict -max_total_time="$seconds" \
    -timeout=5 -rss_limit_mb=2048 -max_len=16384 -artifact_prefix="fuzz/artifacts/$target-" -print_final_stats=1 >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    printf 'error: fuzzing %s found a fault; its input is in fuzz/artifacts/\n' "$target" >&2
    exit 1
  fi
  grep -aE 'number_of_executed_units|peak_rss_mb' "$log" >&2
done
