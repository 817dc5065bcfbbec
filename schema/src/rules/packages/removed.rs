//! Packages that a build installs and removes again, with nothing that used them: lists to delete and uninstall are
//! worked off after `config.sh`, so that tools which scripts need may go then. Reads the scripts; runs none.

use rustc_hash::FxHashSet;

use super::removes;
use crate::description::model::{Filter, Item, ItemKind, Packages};
use crate::rules::files::Here;
use crate::rules::found::Found;

/// Scripts that run before packages are removed.
const BEFORE: &[&str] = &["post_bootstrap.sh", "config-overlay.sh", "config.sh"];

/// Judges the lists of a description with its folder.
pub(in crate::rules) fn check(here: &Here<'_>, found: &mut Found<'_>) {
    let sections = || here.image.packages.iter();
    let ignoring = |s: &Packages| s.items.iter().any(|i| i.kind == ItemKind::Ignore);
    let judged: Vec<&Packages> = sections().filter(|s| removes(s) || ignoring(s)).collect();
    if judged.is_empty() {
        return;
    }
    let of = |start: bool| {
        let kinds = move |s: &&Packages| (s.kind.value.trim() == "bootstrap") == start;
        let own = sections()
            .filter(|s| !removes(s) && s.kind.value.trim() != "systemfiles")
            .filter(kinds);
        let items = own.flat_map(|s| s.items.iter().map(move |i| (s, i)));
        let mut all: Vec<_> = items.filter(|(_, i)| i.kind == ItemKind::Package).collect();
        all.sort_by_key(|(_, item)| item.name.value.as_str());
        all
    };
    let (wanted, started) = (of(false), of(true));
    // Of a script under a wrong name it cannot be said what it uses.
    let script = |d: &crate::diagnostic::Diagnostic| {
        d.code == "overlooked-file" && BEFORE.iter().any(|s| d.message.contains(s))
    };
    if found.since(0).iter().any(script) {
        return;
    }
    let choices = crate::rules::views::profile_circles::choices(here.image);
    let zypper = crate::rules::scope::managers(here.image).contains(&"zypper");
    let mut scripts: Option<String> = None;
    for section in judged {
        let (kind, verb) = match section.kind.value.trim() {
            "delete" => (ItemKind::Package, "deleted"),
            "uninstall" => (ItemKind::Package, "uninstalled"),
            _ => (ItemKind::Ignore, "ignored"),
        };
        for item in section.items.iter().filter(|i| i.kind == kind) {
            let name = item.name.value.as_str();
            // The packages to start with are another run; only zypper keeps in mind what it is to leave out.
            let start = kind == ItemKind::Ignore && section.kind.value.trim() == "bootstrap" && !zypper;
            // What a build begins with may be there for that alone, but for programs that people use.
            let both = !start && removes(section) && super::leaves::is_leaf(name);
            let own = if start { &started } else { &wanted };
            let more: &[_] = if both { &started } else { &[] };
            let mut same = of_name(own, name).chain(of_name(more, name));
            let meets = |(of, i): &&(&Packages, &Item)| {
                together(&choices, &of.filter, &section.filter)
                    && together(&choices, i.filter(), item.filter())
            };
            let Some((from, first)) = same.find(meets) else {
                continue;
            };
            let (message, label) = if kind == ItemKind::Ignore {
                (
                    format!("`{name}` is installed and ignored in one build"),
                    "never installed",
                )
            } else {
                let text = scripts.get_or_insert_with(|| texts(here));
                if used(name, text) {
                    continue;
                }
                (
                    format!("`{name}` is installed and {verb} in one build, and no script uses it before"),
                    "removed at the end",
                )
            };
            let note = "installed because of this";
            let told = found.pair(
                "installed-and-deleted",
                &item.name,
                message,
                label,
                &first.name,
                note,
            );
            // Compilers and headers are mostly there for a script, be it one that does not lie here. What is deleted by
            // force may have been installed for what depends on it.
            let idle = || scripts.as_ref().is_some_and(|text| text.trim().is_empty());
            let forced = section.kind.value.trim() == "delete";
            // A profile may do without a part of what another, which it requires, brings.
            let names = |s: &Packages| {
                s.filter
                    .profiles
                    .iter()
                    .map(|p| p.value.clone())
                    .collect::<Vec<_>>()
            };
            let own = !section.filter.profiles.is_empty() && names(from) != names(section);
            if let Some(told) = told
                && kind == ItemKind::Package
                && (forced || own || idle() && is_tool(name))
            {
                told.severity = crate::diagnostic::Severity::Info;
            }
        }
    }
}

/// The entries of a name, of such as are sorted by it.
fn of_name<'i>(
    sorted: &'i [(&'i Packages, &'i Item)],
    name: &'i str,
) -> impl Iterator<Item = &'i (&'i Packages, &'i Item)> {
    let first = sorted.partition_point(|(_, i)| i.name.value.as_str() < name);
    sorted
        .iter()
        .skip(first)
        .take_while(move |(_, i)| i.name.value == name)
}

/// Some build has what both filters ask for: `choices` are the profiles of each.
fn together(choices: &[FxHashSet<&str>], a: &Filter, b: &Filter) -> bool {
    let of = |filter: &Filter, choice: &FxHashSet<&str>| {
        filter.profiles.is_empty() || filter.profiles.iter().any(|p| choice.contains(p.value.as_str()))
    };
    let machines = a.arches.is_empty()
        || b.arches.is_empty()
        || a.arches
            .iter()
            .any(|x| b.arches.iter().any(|y| x.value == y.value));
    let always = a.profiles.is_empty() && b.profiles.is_empty();
    machines && (always || choices.iter().any(|choice| of(a, choice) && of(b, choice)))
}

/// The lines of the scripts that run before, without comments.
fn texts(here: &Here<'_>) -> String {
    let mut out = String::new();
    for name in BEFORE.iter().filter(|n| here.has(n)) {
        let bytes = here.folder.read(name).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for line in text.lines().filter(|l| !l.trim_start().starts_with('#')) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Programs that are made of sources by others, and what asks for them in a script.
const BUILDS: &[&str] = &[
    "make",
    "configure",
    "cmake",
    "meson",
    "ninja",
    "gcc",
    "g++",
    "clang",
    "pip",
    "pip3",
    "setup.py",
    "cargo",
    "go",
    "npm",
    "yarn",
    "gem",
    "bundle",
    "rpmbuild",
    "dkms",
    "dpkg-buildpackage",
    "cpan",
    "cpanm",
    "composer",
    "autoreconf",
    "autogen.sh",
    "mvn",
    "ant",
    "gradle",
    "rustc",
    "ghc",
    "cabal",
];

/// Packages that are there to build others.
const TOOLS: &[&str] = &[
    "gcc",
    "g++",
    "gcc-c++",
    "clang",
    "llvm",
    "make",
    "automake",
    "autoconf",
    "libtool",
    "cmake",
    "meson",
    "ninja",
    "ninja-build",
    "pkg-config",
    "pkgconf",
    "pkgconfig",
    "build-essential",
    "base-devel",
    "patch",
    "bison",
    "flex",
    "gettext",
    "cargo",
    "rust",
    "rustc",
    "go",
    "golang",
    "golang-go",
    "nodejs",
    "npm",
    "dkms",
    "rpm-build",
    "fakeroot",
    "dpkg-dev",
    "debhelper",
    "m4",
    "python3-pip",
    "python3-setuptools",
    "python3-wheel",
    "binutils",
    "glibc-devel",
    "linux-glibc-devel",
    "maven",
    "ant",
];

/// Packages by what a script calls of them, where that is not their name.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("locales", &["locale-gen", "localedef", "update-locale"]),
    ("glibc-i18ndata", &["localedef"]),
    ("glibc-locale", &["localedef"]),
    ("ncurses-utils", &["tput", "infocmp"]),
    ("gnupg", &["gpg"]),
    ("gnupg2", &["gpg", "gpg2"]),
    ("gpg2", &["gpg"]),
    (
        "policycoreutils",
        &["setfiles", "restorecon", "semodule", "fixfiles"],
    ),
    ("squashfs", &["mksquashfs", "unsquashfs"]),
    ("squashfs-tools", &["mksquashfs", "unsquashfs"]),
    ("dracut", &["dracut", "lsinitrd"]),
    ("openssh", &["ssh-keygen", "ssh"]),
    ("openssh-clients", &["ssh-keygen", "ssh", "scp"]),
    ("openssh-client", &["ssh-keygen", "ssh", "scp"]),
    ("git-core", &["git"]),
    ("perl-base", &["perl"]),
    ("xz-utils", &["xz", "unxz"]),
    (
        "shadow",
        &["useradd", "usermod", "groupadd", "chpasswd", "passwd"],
    ),
    ("passwd", &["useradd", "usermod", "groupadd", "chpasswd"]),
    (
        "debconf-utils",
        &["debconf-set-selections", "debconf-get-selections"],
    ),
    ("lsb-release", &["lsb_release"]),
    ("dbus-1", &["dbus-uuidgen"]),
    ("augeas", &["augtool"]),
    ("augeas-tools", &["augtool"]),
    ("zypper", &["zypper"]),
    ("kbd", &["setfont", "loadkeys"]),
    ("dos2unix", &["unix2dos"]),
    ("man-db", &["mandb"]),
];

/// True where a script calls the package by its name, or what it is there for.
fn used(name: &str, text: &str) -> bool {
    if text.trim().is_empty() {
        return false;
    }
    // The script takes the lists into its own hands.
    let lists = [
        "baseGetPackagesForDeletion",
        "suseRemovePackagesMarkedForDeletion",
    ];
    let word = |word: &str| has_word(text, word);
    let stem = stem(name);
    if word(name) || stem.len() > 1 && word(stem) || lists.iter().any(|l| word(l)) {
        return true;
    }
    let programs = PROGRAMS
        .iter()
        .filter(|(package, _)| *package == name || *package == stem);
    if programs.flat_map(|(_, all)| *all).any(|p| word(p)) {
        return true;
    }
    is_tool(name) && BUILDS.iter().any(|b| word(b))
}

/// A package that is there to build others.
fn is_tool(name: &str) -> bool {
    let ends = ["-devel", "-dev", "-headers", "-static"];
    ends.iter().any(|e| name.ends_with(e)) || TOOLS.contains(&name) || TOOLS.contains(&stem(name))
}

/// A package's name without its version and without what it is of a program.
fn stem(name: &str) -> &str {
    let ends = [
        "-tools", "-utils", "-cli", "-bin", "-core", "-common", "-client", "-minimal", "-base", "-full",
    ];
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    ends.iter().find_map(|e| bare.strip_suffix(e)).unwrap_or(bare)
}

/// True where a word stands in a text with no letter, digit, dash or underscore beside it.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_used_by_its_name_or_by_what_it_is_for() {
        let script =
            "set -e\ncd /usr/src/x && ./configure && make install\npython3 -c pass\nmksquashfs a b\n";
        for (name, is) in [
            ("gcc", true),
            ("gcc13", true),
            ("libopenssl-devel", true),
            ("make", true),
            ("python3", true),
            ("squashfs-tools", true),
            ("vim", false),
            ("sudo", false),
        ] {
            assert_eq!(used(name, script), is, "{name}");
        }
        assert!(!used("gcc", "echo hello\n"));
        assert!(!used("gcc", ""));
        assert!(!used("vim", "ln -s vim-small /usr/bin/vi\n"));
    }
}
