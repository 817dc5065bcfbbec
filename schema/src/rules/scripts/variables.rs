//! What a script of a build reads under a name that is nearly KIWI's: variables of `/.profile`, and the two files with
//! variables and helpers. Knows their names alone.

use super::{Run, Script};
use crate::rules::found::near;
use crate::text::Span;

/// The variables of a build, without `kiwi_`. Those of `<oemconfig>`, `kiwi_oem…`, are left aside.
const VARIABLES: &[&str] = &[
    "align",
    "boot_timeout",
    "bootkernel",
    "bootloader",
    "bootloader_console",
    "bootprofile",
    "btrfs_root_is_snapper_snapshot",
    "btrfs_root_is_snapshot",
    "cmdline",
    "compressed",
    "cpio_name",
    "delete",
    "devicepersistency",
    "displayname",
    "drivers",
    "firmware",
    "fsmountoptions",
    "gpt_hybrid_mbr",
    "hybridpersistent",
    "hybridpersistent_filesystem",
    "iname",
    "initrd_system",
    "install_volid",
    "installboot",
    "iversion",
    "keytable",
    "language",
    "live_volid",
    "loader_theme",
    "luks_empty_passphrase",
    "lvm",
    "lvmgroup",
    "profiles",
    "ramonly",
    "revision",
    "rootpartuuid",
    "sectorsize",
    "shasum_suffix",
    "showlicense",
    "splash_theme",
    "startsector",
    "strip_delete",
    "strip_libs",
    "strip_tools",
    "target_blocksize",
    "target_removable",
    "timezone",
    "type",
    "vga",
    "wwid_wait_timeout",
    "xendomain",
];

/// Names that the settings have in a description, or that people look for, and the variables they are in.
const OTHER: &[(&str, &str)] = &[
    ("image_name", "iname"),
    ("image_type", "type"),
    ("image_version", "iversion"),
    ("imagename", "iname"),
    ("imagetype", "type"),
    ("imageversion", "iversion"),
    ("keyboard", "keytable"),
    ("keymap", "keytable"),
    ("lang", "language"),
    ("locale", "language"),
    ("name", "iname"),
    ("version", "iversion"),
];

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    text.get(..end.unwrap_or(text.len())).unwrap_or("")
}

/// The file of KIWI's that is meant by a hidden one at the root.
pub(in crate::rules) fn meant_file(name: &str) -> Option<&'static str> {
    let half = [
        ("kconf", "kconfig"),
        ("kiwi", "kconfig"),
        ("profiles", "profile"),
        ("kiwi_profile", "profile"),
    ];
    let half = half.iter().find(|(n, _)| *n == name).map(|(_, meant)| *meant);
    half.or_else(|| near(name, ["kconfig", "profile"].into_iter()))
}

/// The variables that a script reads, by where their names begin; those of comments aside.
pub(super) fn read(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('$').filter_map(|(at, _)| {
        let line = text.get(..at)?.rsplit('\n').next()?;
        let rest = text.get(at + 1..)?;
        let at = at + 1 + usize::from(rest.starts_with('{'));
        let comment = line.trim_start().starts_with('#');
        (!comment).then_some((at, word(text.get(at..)?)))
    })
}

/// The variable that is meant by one which KIWI does not set.
fn meant(name: &str, text: &str) -> Option<String> {
    let Some(bare) = name.strip_prefix("kiwi_") else {
        // The slip may be in what they all begin with.
        let near = name.starts_with(['k', 'i']) && name.len() > 7 && !text.contains(&format!("{name}="));
        let mut all = VARIABLES.iter().map(|own| format!("kiwi_{own}"));
        return all.find(|whole| near && crate::rules::found::one_keystroke(name, whole));
    };
    if bare.len() < 3 || VARIABLES.contains(&bare) || bare.starts_with("oem") || bare.starts_with("Volume") {
        return None;
    }
    let other = OTHER.iter().find(|(n, _)| *n == bare).map(|(_, own)| *own);
    // `install_volume` for `install_volid`
    let begun = || {
        let same = |own: &str| own.bytes().zip(bare.bytes()).take_while(|(a, b)| a == b).count();
        let long = |own: &&&str| same(own) > 8 && same(own) + 4 > bare.len();
        let mut all = VARIABLES.iter().filter(long);
        all.next().copied().filter(|_| all.next().is_none())
    };
    let meant = other
        .or_else(|| near(bare, VARIABLES.iter().copied()))
        .or_else(begun)?;
    let set = [
        format!("{name}="),
        format!("read {name}"),
        format!("for {name}"),
        format!("read -r {name}"),
    ];
    (!set.iter().any(|s| text.contains(s))).then(|| format!("kiwi_{meant}"))
}

/// Whether a variable that may be unset is read besides the one that is meant, in one line: as what another program calls it.
fn besides(text: &str, at: usize, name: &str, meant: &str) -> bool {
    let (head, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    let rest = rest.strip_prefix(name).unwrap_or(rest);
    let line = head.rsplit('\n').next().into_iter().chain(rest.lines().next());
    let mut words = line.flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_'));
    rest.starts_with([':', '-']) && words.any(|w| w == meant)
}

impl Script<'_> {
    /// Looks at every variable and file that is read.
    pub(in crate::rules) fn variables(&mut self) {
        if self.run != Run::Tree {
            return;
        }
        let text = self.text;
        let mut told: Vec<&str> = Vec::new();
        for (at, name) in read(text) {
            let Some(meant) = meant(name, text).filter(|_| !told.contains(&name)) else {
                continue;
            };
            if besides(text, at, name, &meant) {
                continue;
            }
            told.push(name);
            let span = Span::new(at as u32, (at + name.len()) as u32);
            let message = format!("KIWI sets no variable `{name}`");
            let label = format!("did you mean `{meant}`?");
            self.add("unknown-variable", span, message, &label);
        }
        let files = ["kconfig", "profile"];
        for (at, _) in text.match_indices("/.") {
            let before = text.get(..at).and_then(|h| h.chars().next_back());
            let name = word(text.get(at + 2..).unwrap_or(""));
            let top = before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\''));
            if !top || name.len() < 4 || files.contains(&name) || told.contains(&name) {
                continue;
            }
            if let Some(meant) = meant_file(name) {
                told.push(name);
                let span = Span::new(at as u32, (at + 2 + name.len()) as u32);
                let message = format!("KIWI writes no file `/.{name}`");
                self.add(
                    "unknown-variable",
                    span,
                    message,
                    &format!("did you mean `/.{meant}`?"),
                );
            }
        }
    }
}
