#!/usr/bin/env bash
# `apteryx prepare` of a Debian root of about a hundred packages against `kiwi-ng system prepare` and mmdebstrap, in the
# same run, round by round. Needs root (kiwi-ng does). Prints medians of wall time and of processor time (of all that a
# tool started, from a control group of its own where that can be made), and ratios. ROUNDS (5) says how often.
# APTERYX, KIWI, MMDEBSTRAP name the programs; a peer that is missing is left out, and that is said. The mirror is the
# one that apt of this host uses. Nothing is deleted between rounds: deleting would be paid by whoever comes next.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { printf 'SKIPPED: kiwi-ng and a fair comparison need root\n' >&2; exit 0; }
if [ -z "${APTERYX:-}" ]; then
  cargo build --release -q --workspace --bin apteryx
  APTERYX=$PWD/target/release/apteryx
fi
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 2>/dev/null | awk '$2=="bookworm" && !m {m=$1} END {print m}')
mirror=${MIRROR:-${mirror:-https://ftp.debian.org/debian}}
exec python3 - "$APTERYX" "${KIWI:-kiwi-ng}" "${MMDEBSTRAP:-mmdebstrap}" "$mirror" "${ROUNDS:-5}" benches/prepare <<'PY'
import os, re, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path

apteryx, kiwi, mmdebstrap, mirror, rounds, description = sys.argv[1:]
rounds = int(rounds)
top = Path(tempfile.mkdtemp(prefix="apteryx-bench-", dir=os.environ.get("BENCH_DIR")))
env = {**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": str(top)}
text = (Path(description) / "config.xml").read_text()
for_kiwi = top / "kiwi"
for_kiwi.mkdir()
# kiwi-ng's apt finds no key outside the tree: it is spared the check that the others make.
for_kiwi_text = text.replace("https://ftp.debian.org/debian", mirror.rstrip("/"))
for_kiwi_text = for_kiwi_text.replace("<repository ", '<repository repository_gpgcheck="false" ')
(for_kiwi / "config.xml").write_text(for_kiwi_text)
names = re.findall(r'<package name="([^"]+)"', text)

class Group:
    """A control group whose processor time can be read; none where the host lets nobody make one."""
    def __init__(self, name):
        for base, usage, scale in (("/sys/fs/cgroup/cpuacct", "cpuacct.usage", 1e9), ("/sys/fs/cgroup", "cpu.stat", 1e6)):
            path = Path(base) / f"apteryx-bench-{os.getpid()}-{name}"
            try:
                path.mkdir()
                self.path, self.usage, self.scale = path, path / usage, scale
                self.read()
                return
            except OSError:
                continue
        self.path = None
    def read(self):
        return int(re.search(r"\d+", self.usage.read_text()).group()) / self.scale
    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))
    def close(self):
        try:
            self.path.rmdir()
        except OSError:
            pass

def run(name, command):
    """Seconds of wall time, seconds of processor time (none where it cannot be told)."""
    group = Group(name)
    subprocess.run(["sync"])
    with open(top / f"{name}.log", "wb") as log:
        begin = time.perf_counter()
        done = subprocess.run(command, stdout=log, stderr=log, env=env, preexec_fn=group.enter if group.path else None)
        wall = time.perf_counter() - begin
    if done.returncode:
        sys.stderr.write((top / f"{name}.log").read_text()[-3000:])
        sys.exit(f"error: {name} ended with status {done.returncode}")
    used = group.read() if group.path else None
    if group.path:
        group.close()
    return wall, used

def packages(root):
    status = (Path(root) / "var/lib/dpkg/status").read_text()
    return {re.search(r"^Package: (.*)$", one, re.M).group(1) for one in status.split("\n\n") if "Status: install ok installed" in one}

def with_apteryx(kind, number):
    store = top / ("store-warm" if kind == "warm" else f"store-{number}")
    env["APTERYX_CACHE_DIR"] = str(store)
    out = top / f"apteryx-{kind}-{number}"
    return [apteryx, "prepare", description, "--target-dir", str(out), "--mirror", "host"], out / "build/image-root"

def with_kiwi(kind, number):
    cache = top / ("kiwi-warm" if kind == "warm" else f"kiwi-cache-{number}")
    out = top / f"kiwi-{kind}-{number}"
    return [kiwi, "--shared-cache-dir", str(cache), "system", "prepare", "--description", str(for_kiwi), "--root", str(out)], out

def with_mmdebstrap(kind, number):
    # It keeps nothing between runs: its warm run is its cold one.
    out = top / f"mmdebstrap-{kind}-{number}"
    return [mmdebstrap, "--mode=root", "--variant=apt", f"--include={','.join(names)}", "bookworm", str(out), mirror], out

tools = {"apteryx": with_apteryx}
for name, program, make in (("kiwi-ng", kiwi, with_kiwi), ("mmdebstrap", mmdebstrap, with_mmdebstrap)):
    if shutil.which(program):
        tools[name] = make
    else:
        print(f"SKIPPED: `{program}` is not here", file=sys.stderr)

try:
    times = {}
    sets = {}
    for kind in ("cold", "warm"):
        if kind == "warm":
            for name in ("apteryx", "kiwi-ng"):
                if name in tools:
                    run(name, tools[name]("warm", "fill")[0])
        for number in range(rounds):
            for name, make in tools.items():
                command, root = make(kind, number)
                times.setdefault((kind, name), []).append(run(name, command))
                sets[name] = packages(root)
                print(f"{kind} {number + 1} of {rounds}: {name}", file=sys.stderr)
    print(f"a root of {len(sets['apteryx'])} packages, medians of {rounds}")
    for name in tools:
        more, less = sets[name] - sets["apteryx"], sets["apteryx"] - sets[name]
        if more or less:
            print(f"{name}: has besides {sorted(more)}, lacks {sorted(less)}")
    print(f"{'':18}{'wall':>10}{'ratio':>8}{'processor':>12}{'ratio':>8}")
    for kind in ("cold", "warm"):
        def median(name, which):
            values = [t[which] for t in times[kind, name]]
            return None if None in values else statistics.median(values)
        for name in tools:
            wall, used = median(name, 0), median(name, 1)
            own_wall, own_used = median("apteryx", 0), median("apteryx", 1)
            ratio = "" if name == "apteryx" else f"{wall / own_wall:.2f}"
            used_ratio = "" if name == "apteryx" or not used else f"{used / own_used:.2f}"
            print(f"{kind:6}{name:12}{wall:>8.2f} s{ratio:>8}{(f'{used:.2f} s' if used else '?'):>12}{used_ratio:>8}")
finally:
    subprocess.run(["rm", "-rf", "--one-file-system", str(top)])
PY
