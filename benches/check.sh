#!/usr/bin/env bash
# `apteryx check` against `xmllint --relaxng` and `jing` on real descriptions, one process per file, its start included:
# what a pre-commit hook or a pipeline waits for. Medians of 5 rounds. xmllint and jing judge the text as it is against
# KIWI's 8.5 grammar alone; apteryx also migrates and runs its rules. APTERYX names the binary, APTERYX_SHARED the corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${APTERYX_SHARED:-$PWD/../shared}
[ -d "$shared/corpus" ] || { printf 'SKIPPED: no corpus at %s, set APTERYX_SHARED\n' "$shared" >&2; exit 0; }
if [ -z "${APTERYX:-}" ]; then
  cargo build --release -q --workspace --bin apteryx
  APTERYX=$PWD/target/release/apteryx
fi
for tool in "$APTERYX" xmllint jing python3; do
  command -v "$tool" >/dev/null || { printf 'error: `%s` is missing (Debian: libxml2-utils, jing, python3)\n' "$tool" >&2; exit 4; }
done
exec python3 - "$APTERYX" "$shared" <<'PY'
import statistics, subprocess, sys, time
from pathlib import Path

apteryx, shared = sys.argv[1], Path(sys.argv[2])
grammar = str(shared / "oracle" / "kiwi-8.5.rng")
files = sorted(p for p in (shared / "corpus").iterdir() if p.suffix in (".xml", ".kiwi"))
# Where each file lies alone, as a description does; what stands beside it is not ours to read.
tools = {
    "apteryx": lambda f: [apteryx, "check", "--format", "json", f],
    "xmllint": lambda f: ["xmllint", "--noout", "--relaxng", grammar, f],
    "jing": lambda f: ["jing", grammar, f],
}
# What says that a verdict was given; anything else is a run that measures nothing.
verdicts = {"apteryx": (0, 1), "xmllint": (0, 1, 3), "jing": (0, 1)}

def run(name, file):
    begin = time.perf_counter()
    code = subprocess.run(tools[name](file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    seconds = time.perf_counter() - begin
    if code not in verdicts[name]:
        sys.exit(f"error: {name} ended with status {code} on {file}")
    return seconds

medians = {name: [] for name in tools}
for number, file in enumerate(files):
    rounds = {name: [] for name in tools}
    for _ in range(5):
        for name in tools:  # interleaved, so that a busy machine slows all alike
            rounds[name].append(run(name, str(file)))
    for name in tools:
        medians[name].append(statistics.median(rounds[name]))
    print(f"\r{number + 1} of {len(files)}", end="", file=sys.stderr)
print(file=sys.stderr)

print(f"{len(files)} files, {sum(f.stat().st_size for f in files) / len(files) / 1000:.1f} kB on average; per file, medians of 5")
print(f"{'':10}{'median':>10}{'slowest':>10}{'apteryx is faster by':>24}")
for name in tools:
    all_ = medians[name]
    ratios = sorted(b / a for a, b in zip(medians["apteryx"], all_))
    ratio = "" if name == "apteryx" else f"{statistics.median(ratios):.1f} (from {ratios[0]:.1f} to {ratios[-1]:.1f})"
    print(f"{name:10}{statistics.median(all_) * 1000:>7.1f} ms{max(all_) * 1000:>7.1f} ms{ratio:>24}")
PY
