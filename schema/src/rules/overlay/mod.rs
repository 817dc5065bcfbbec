//! The overlay of a description as the running system will see it: programs that cannot be started, names that their
//! readers pass over. Looks into the folders that it has rules for, and nowhere else; runs nothing.

mod audit;
pub(super) mod cron;
mod dracut;
mod exports;
mod facts;
pub(super) mod firewalld;
mod form_lines;
pub(super) mod forms;
pub(super) mod forms_shared;
mod interfaces;
mod judges;
mod login_keys;
pub(super) mod modes;
pub(super) mod modules;
mod named_groups;
pub(super) mod names;
pub(super) mod netplan;
mod other_units;
mod presets;
mod reader_words;
mod readers;
mod rounds;
mod selectors;
pub(super) mod sources;
mod splash;
mod statements;
mod sudo_commands;
pub(super) mod sudoers;
pub(super) mod tabled;
mod tabled_markup;
mod tables;
pub(super) mod texts;
mod udev;
mod unit_kinds;
pub(super) mod unit_names;
pub(super) mod unit_paths;
pub(super) mod unit_settings;
mod unit_values;
pub(super) mod unit_words;
pub(super) mod units;
pub(super) mod values;
mod xorg;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::description::SCRIPTS;
use crate::description::folder::Kind;
use crate::description::model::File;
use crate::diagnostic::Diagnostic;
use crate::rules::code;
use crate::rules::files::overlooked::put_aside;
use crate::rules::files::{Fault, Here, TREE, put};
use crate::rules::found::{Found, near};
use crate::rules::scripts::needs;
use crate::rules::scripts::{Run, judged, tell};
use crate::text::Span;

/// Folders whose files something starts as programs.
const PROGRAMS: &[&str] = &[
    "bin",
    "sbin",
    "usr/bin",
    "usr/sbin",
    "usr/local/bin",
    "usr/local/sbin",
    "etc/init.d",
    "etc/cron.hourly",
    "etc/cron.daily",
    "etc/cron.weekly",
    "etc/cron.monthly",
    "etc/grub.d",
    "etc/kernel/postinst.d",
    "etc/kernel/prerm.d",
    "etc/initramfs-tools/hooks",
    "etc/network/if-up.d",
    "etc/network/if-down.d",
    "etc/network/if-pre-up.d",
    "etc/network/if-post-down.d",
    "etc/NetworkManager/dispatcher.d",
    "etc/update-motd.d",
    "usr/lib/systemd/system-generators",
    "usr/lib/systemd/system-sleep",
    "usr/lib/systemd/system-shutdown",
    "etc/systemd/system-generators",
    "etc/systemd/system-sleep",
];

/// Files that something starts as programs.
const PROGRAM_FILES: &[&str] = &["etc/rc.local", "etc/rc.d/rc.local"];

/// More files than this are not read.
const MOST_FILES: usize = 64;

/// The folders that are laid over the image's tree.
pub(in crate::rules) fn overlays<'a>(here: &'a Here<'_>) -> impl Iterator<Item = &'a str> {
    let profiles = here.image.profiles.iter().map(|p| p.name.value.as_str());
    ["root"].into_iter().chain(profiles).filter(|o| here.has(o))
}

/// What lies in a folder of the overlays, by its path without a slash before it.
pub(in crate::rules) fn names(here: &Here<'_>, folder: &str) -> Vec<String> {
    let of = |overlay| here.folder.names(&format!("{overlay}/{folder}"));
    overlays(here).filter_map(of).flatten().collect()
}

/// An overlay has something at a path without a slash before it.
pub(in crate::rules) fn has(here: &Here<'_>, path: &str) -> bool {
    overlays(here).any(|o| here.folder.entry(&format!("{o}/{path}")).is_some())
}

/// One of the overlays has a file of that path.
pub(in crate::rules) fn file(here: &Here<'_>, path: &str) -> bool {
    let mut all = overlays(here).filter_map(|o| here.folder.entry(&format!("{o}/{path}")));
    all.any(|entry| entry.kind == Kind::File)
}

/// Judges the overlays in the folder. Files with findings are added to `files`.
pub(in crate::rules) fn check(
    here: &Here<'_>,
    syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>,
    found: &mut Found<'_>,
    files: &mut Vec<File>,
) {
    let scripts = Scripts::of(here);
    splash::check(here, &scripts, found, files);
    let mut left = MOST_FILES;
    for overlay in overlays(here) {
        misnamed(here, overlay, &scripts, found);
        deeper(here, overlay, &scripts, found);
        let listed = PROGRAMS.iter().flat_map(|folder| {
            let names = here.folder.names(&format!("{overlay}/{folder}"));
            let names = names.unwrap_or_default().into_iter();
            names.map(move |name| format!("{folder}/{name}"))
        });
        let single = PROGRAM_FILES.iter().map(|f| (*f).to_owned());
        // Programs elsewhere are known by the units that start them.
        let started = units::programs(here, overlay);
        let started = started.into_iter().filter(|p| {
            !PROGRAMS
                .iter()
                .any(|f| p.rsplit_once('/').is_some_and(|(folder, _)| folder == *f))
        });
        for path in listed.chain(single).chain(started) {
            if left == 0 {
                break;
            }
            let Some((name, text, bytes, executable)) = text(here, overlay, &path) else {
                continue;
            };
            left -= 1;
            let mut out = program(here, &scripts, &path, &text, &bytes, executable, syntax);
            if out.is_empty() {
                out.extend(names::passed_over(here.image, &path, &text));
            }
            if out.is_empty() && (executable || scripts.make_executable(&path)) {
                out = needs::of_guest(here, &text);
            }
            tell(here, &name, text, out, found, files);
        }
        for name in here
            .folder
            .names(&format!("{overlay}/etc/profile.d"))
            .unwrap_or_default()
        {
            let read =
                text(here, overlay, &format!("etc/profile.d/{name}")).filter(|_| name.ends_with(".sh"));
            if let Some((path, text, bytes, _)) = read.filter(|(_, t, _, _)| !t.starts_with("#!")) {
                let out = judged(&text, &bytes, (Run::Guest, false), syntax);
                tell(here, &path, text, out, found, files);
            }
        }
        names::check(here, overlay, found, files);
        texts::check(here, overlay, found, files);
        units::check(here, overlay, &scripts, found, files);
        other_units::check(here, overlay, &scripts, found, files);
        dracut::check(here, overlay, found, files);
        modes::check(here, overlay, &scripts, found);
    }
}

/// A text of the overlay: its name beside the description, its text, its bytes and whether it may be executed.
pub(in crate::rules) fn text(
    here: &Here<'_>,
    overlay: &str,
    path: &str,
) -> Option<(String, Arc<str>, Vec<u8>, bool)> {
    let name = format!("{overlay}/{path}");
    let entry = here.folder.entry(&name)?;
    let last = path.rsplit('/').next().unwrap_or("");
    if entry.kind != Kind::File || entry.link || put_aside(last) {
        return None;
    }
    let bytes = here.folder.read(&name).filter(|b| !b.contains(&0))?;
    let text: Arc<str> = String::from_utf8_lossy(&bytes).into();
    Some((name, text, bytes, entry.executable))
}

/// A finding at the first line of a file.
pub(in crate::rules) fn at_first_line(
    name: &str,
    text: &str,
    message: String,
    label: &str,
) -> Option<Diagnostic> {
    let known = code(name)?;
    let end = text.lines().next().unwrap_or("").len() as u32;
    let mut one = Diagnostic::new(
        known.code,
        known.severity,
        known.source,
        Span::new(0, end),
        message,
    )
    .label(label.to_owned());
    one.help = Some(known.consequence.into());
    Some(one)
}

/// What keeps a script of the overlay from being started.
fn program(
    here: &Here<'_>,
    scripts: &Scripts,
    path: &str,
    text: &str,
    bytes: &[u8],
    executable: bool,
    syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>,
) -> Vec<Diagnostic> {
    // One that is nearly said to be a script is one that is to be started.
    let first = text.lines().next().unwrap_or("");
    let nearly =
        executable && first.contains("bin/") && first.trim_start_matches([' ', '#', '!']).starts_with('/');
    if !first.starts_with("#!") && !nearly {
        return Vec::new();
    }
    // What a container starts with is told where it is named.
    let named = || {
        let types = here.image.preferences.iter().flat_map(|p| &p.types);
        let mut commands = types.flat_map(|t| super::files::unmade::starts_with(&t.element));
        commands.any(|at| at.value.trim().strip_prefix('/') == Some(path))
    };
    if !executable && named() {
        return Vec::new();
    }
    if !executable && !scripts.make_executable(path) {
        let message = format!("`/{path}` is a script, and would not be executable");
        let label = "make the file executable in the overlay";
        return at_first_line("program-not-executable", text, message, label)
            .into_iter()
            .collect();
    }
    judged(text, bytes, (Run::Guest, true), syntax)
}

/// A folder at the top that is named nearly like one of a system's.
fn misnamed(here: &Here<'_>, overlay: &str, scripts: &Scripts, found: &mut Found<'_>) {
    let names = here.folder.names(overlay).unwrap_or_default();
    for name in &names {
        let known = TREE.contains(&name.as_str()) || OTHERS.contains(&name.as_str());
        if known || name.len() < 3 || scripts.say(&format!("/{name}")) {
            continue;
        }
        let Some(meant) = near(name, TREE.iter().copied()) else {
            continue;
        };
        let folder = here.folder.entry(&format!("{overlay}/{name}"));
        let described = here
            .image
            .files
            .iter()
            .any(|f| f.text.contains(&format!("/{name}")));
        if folder.is_some_and(|e| e.kind == Kind::Folder) && !described {
            let message = format!("the overlay's folder `{overlay}/{name}` would be `/{name}` in the image");
            let label = format!("did you mean `{overlay}/{meant}`?");
            put(found, "overlooked-file", &here.root(), message, &label);
        }
    }
}

/// Folders that systems have below others.
const BELOW: &[(&str, &[&str])] = &[
    (
        "etc",
        &[
            "systemd",
            "sysconfig",
            "sudoers.d",
            "profile.d",
            "modprobe.d",
            "modules-load.d",
            "dracut.conf.d",
            "udev",
            "NetworkManager",
            "cloud",
            "network",
            "netplan",
            "default",
            "security",
            "skel",
            "cron.d",
            "cron.daily",
            "sysctl.d",
            "tmpfiles.d",
            "yum.repos.d",
            "zypp",
            "polkit-1",
            "lightdm",
            "sddm.conf.d",
        ],
    ),
    ("etc/systemd", &["system", "network", "user"]),
    ("etc/sysconfig", &["network", "network-scripts"]),
    (
        "etc/NetworkManager",
        &["system-connections", "conf.d", "dispatcher.d"],
    ),
    ("etc/udev", &["rules.d"]),
    (
        "etc/apt",
        &["sources.list.d", "preferences.d", "apt.conf.d", "trusted.gpg.d"],
    ),
    ("etc/zypp", &["repos.d", "services.d"]),
    ("etc/cloud", &["cloud.cfg.d"]),
    ("etc/polkit-1", &["rules.d"]),
    ("etc/security", &["limits.d"]),
    ("etc/X11", &["xorg.conf.d"]),
    ("etc/ssh", &["sshd_config.d", "ssh_config.d"]),
    ("etc/pki", &["rpm-gpg", "ca-trust"]),
    (
        "etc/network",
        &[
            "interfaces.d",
            "if-up.d",
            "if-down.d",
            "if-pre-up.d",
            "if-post-down.d",
        ],
    ),
    ("usr", &["local", "share", "sbin", "libexec", "lib64"]),
    ("usr/share", &["zoneinfo", "applications"]),
    ("usr/local", &["sbin", "share"]),
    (
        "usr/lib",
        &[
            "systemd",
            "udev",
            "dracut",
            "tmpfiles.d",
            "sysctl.d",
            "sysusers.d",
            "modules-load.d",
        ],
    ),
    ("usr/lib/systemd", &["system", "network", "user"]),
];

/// Folders that systems have below others: the listed ones, and those of the files that rules know.
static FOLDERS: LazyLock<BTreeMap<String, Vec<&str>>> = LazyLock::new(|| {
    let mut all: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let listed = BELOW
        .iter()
        .map(|(folder, known)| ((*folder).to_owned(), known.to_vec()));
    all.extend(listed);
    let tables = tabled::FOLDERS.iter().chain(statements::FOLDERS.iter()).copied();
    let others = values::PLACES
        .iter()
        .chain(readers::PLACES)
        .chain(facts::NGINX)
        .copied();
    for path in tables.chain(others) {
        for (at, _) in path.match_indices('/') {
            let (folder, rest) = path.split_at(at);
            let name = rest.get(1..).unwrap_or("").split('/').next().unwrap_or("");
            let known = all.entry(folder.to_owned()).or_default();
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }
    all
});

/// A folder further down that is named nearly like one of a system's.
fn deeper(here: &Here<'_>, overlay: &str, scripts: &Scripts, found: &mut Found<'_>) {
    for (folder, known) in FOLDERS.iter() {
        let names = here
            .folder
            .names(&format!("{overlay}/{folder}"))
            .unwrap_or_default();
        for name in &names {
            let Some(meant) = slip_below(known, name) else {
                continue;
            };
            let path = format!("{folder}/{name}");
            let entry = here.folder.entry(&format!("{overlay}/{path}"));
            let described = here
                .image
                .files
                .iter()
                .any(|f| f.text.contains(&format!("/{path}")));
            let other = described || scripts.say(&format!("/{path}"));
            if other || entry.is_none_or(|e| e.kind != Kind::Folder) {
                continue;
            }
            let message = format!("the overlay's folder `{overlay}/{path}` is none that systems have");
            let label = format!("did you mean `{overlay}/{folder}/{meant}`?");
            put(found, "overlooked-file", &here.root(), message, &label);
        }
    }
}

/// The path that is meant by one with a folder that is a slip of one which systems have.
pub(in crate::rules) fn below_known(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let mut all = FOLDERS
        .iter()
        .filter(|(folder, _)| folder.starts_with("etc") || *folder == "usr/share");
    all.find_map(|(folder, known)| {
        misnamed_below(
            folder,
            known,
            path.strip_prefix(folder.as_str())?.strip_prefix('/')?,
        )
    })
}

fn misnamed_below(folder: &str, known: &[&'static str], path: &str) -> Option<String> {
    let (name, rest) = path.split_once('/')?;
    let two = || near(name, known.iter().copied()).filter(|k| k.len() > 10 && is_odd(known, name));
    let meant = slip_below(known, name).or_else(two)?;
    Some(format!("/{folder}/{meant}/{rest}"))
}

/// The folder that is meant by one which is a slip of it.
fn slip_below(known: &[&'static str], name: &str) -> Option<&'static str> {
    let slip = |k: &&str| {
        crate::rules::packages::misspelt::exchanged(k, name)
            || k.len() > 4 && crate::rules::found::one_keystroke(k, name)
    };
    let mut usual = known.iter().copied().filter(|k| k.len() > 3);
    usual.find(slip).filter(|_| is_odd(known, name))
}

/// A name that no folder here is known to have.
fn is_odd(known: &[&str], name: &str) -> bool {
    let digits = name.bytes().any(|b| b.is_ascii_digit());
    !digits && !known.contains(&name) && !OTHER_FOLDERS.contains(&name)
}

/// Folders that are a keystroke away from one of these, and are there.
const OTHER_FOLDERS: &[&str] = &[
    "networkd",
    "containerd",
    "container",
    "shared",
    "defaults",
    "users",
    "dockers",
    "clouds",
    "skel-old",
    "syslog.d",
    "named",
    "font",
    "zypper",
];

/// Folders at the top that some systems have, and that are a keystroke away from another.
const OTHERS: &[&str] = &[
    "mnt", "sys", "dev", "proc", "media", "efi", "nix", "lib32", "libx32", "usb", "run", "data", "app",
    "ops", "etc2",
];

/// What the scripts of a build say, as far as rules ask.
pub(in crate::rules) struct Scripts {
    texts: Vec<String>,
}

impl Scripts {
    pub(in crate::rules) fn of(here: &Here<'_>) -> Self {
        let read = |name: &&str| here.folder.read(name);
        let texts = SCRIPTS.iter().filter(|n| here.has(n)).filter_map(read);
        let texts = texts.map(|t| String::from_utf8_lossy(&t).into_owned());
        Self {
            texts: texts.collect(),
        }
    }

    /// One of them has this word.
    pub(in crate::rules) fn say(&self, word: &str) -> bool {
        self.texts.iter().any(|t| t.contains(word))
    }

    /// One of them has it as a word of its own.
    pub(in crate::rules) fn says_word(&self, word: &str) -> bool {
        let part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        self.texts.iter().any(|text| {
            let bytes = text.as_bytes();
            text.match_indices(word).any(|(at, _)| {
                let before = at.checked_sub(1).and_then(|b| bytes.get(b));
                !part(before) && !part(bytes.get(at + word.len()))
            })
        })
    }

    /// One of them may make an account of this name.
    pub(in crate::rules) fn makes(&self, name: &str) -> bool {
        let mut lines = self.texts.iter().flat_map(|t| t.lines());
        lines.any(|l| crate::rules::users::unknown_accounts::making(l, name))
    }

    /// The accounts that they make by a command with the whole name.
    pub(in crate::rules) fn accounts(&self) -> Vec<String> {
        let joined = self.texts.iter().map(|t| t.replace("\\\n", " "));
        let lines: Vec<String> = joined
            .flat_map(|t| t.lines().map(|l| l.trim().to_owned()).collect::<Vec<_>>())
            .collect();
        let makes = |l: &&String| {
            let command = l.split_whitespace().next().unwrap_or("");
            command.rsplit('/').next() == Some("useradd")
        };
        let end = |l: &String| {
            let own = l.split(['|', '&', ';', '>', '#']).next().unwrap_or("");
            own.split_whitespace().last().map(str::to_owned)
        };
        let plain = |n: &String| !n.starts_with('-') && crate::rules::found::is_word(n);
        lines.iter().filter(makes).filter_map(end).filter(plain).collect()
    }

    /// One of them may make the file at this path executable.
    pub(in crate::rules) fn make_executable(&self, path: &str) -> bool {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let lines = self.texts.iter().flat_map(|t| t.lines());
        let mut set = lines.filter(|l| l.contains("chmod") || l.contains("install "));
        set.any(|l| l.contains(name) || l.contains(folder) || l.contains(['$', '*', '{']) || l.contains("-R"))
    }
}
