//! Units that a script of a build names: as another distribution calls them, or without the package that brings them. Looks at
//! words; runs nothing.

use super::Script;
use super::needs::families;
use super::unit_slips::stem;
pub(in crate::rules) use super::unit_tables::MUCH;
use super::unit_tables::{APART, BROUGHT, MANY, UNITS};
use crate::description::model::{Item, ItemKind};
use crate::rules::files::{Here, items};
use crate::rules::packages::Family;
use crate::text::Span;

use Family::Alpine;

/// Lists of fewer packages than this say little of what is in the image.
pub(in crate::rules) const FEW: usize = 10;

/// An archive may hold units.
fn packed_units(here: &Here<'_>) -> bool {
    let holds = |name: &str| match here.folder.members(name) {
        Some(Ok(members)) => members.iter().any(|m| m.name.contains("systemd/")),
        _ => true,
    };
    let mut archives = items(here.image).filter(|i| i.kind == ItemKind::Archive);
    here.has("root.tar.gz") || archives.any(|a| holds(a.name.value.trim()))
}

/// No group of packages that is listed brings this unit, by their names.
fn no_group_brings(here: &Here<'_>, stem: &str, brought: &[&str]) -> bool {
    const BROAD: &[&str] = &[
        "server",
        "cloud",
        "container",
        "virtual",
        "kube",
        "cluster",
        "database",
        "web",
        "mail",
        "file",
        "workstation",
        "development",
        "everything",
        "minimal-environment",
        "headless",
        "openstack",
        "guest",
        "infrastructure",
    ];
    let mut groups = items(here.image).filter_map(Item::group);
    let may = |group: &str| {
        let group = group.to_ascii_lowercase();
        group.contains(stem) || BROAD.iter().chain(brought).any(|b| group.contains(b))
    };
    APART.contains(&stem) && !groups.any(may)
}

/// The command switches units on, and fails where there are none.
pub(super) fn enables(line: &str) -> bool {
    let helper = ["baseInsertService ", "suseInsertService "]
        .iter()
        .any(|h| line.starts_with(h));
    let switched = ["baseService ", "suseService "]
        .iter()
        .any(|h| line.starts_with(h))
        && line.ends_with(" on");
    (helper || switched || line.contains("enable")) && !line.contains("||") && !line.starts_with('#')
}

/// A script that asks which system it is on, or whether something is there, knows.
pub(in crate::rules) const ASKS: &[&str] = &["os-release", "command -v", "which ", "hash ", "type -"];

impl Script<'_> {
    /// Looks at the names in a script of the tree.
    pub(in crate::rules) fn names(&mut self, here: &Here<'_>) {
        self.units_of_others(here);
        self.unbrought(here);
        self.greeters(here);
        self.unit_packages(here);
        self.login(here);
        self.packages(here);
        self.addresses(here);
        self.programs(here);
        self.systemd(here);
        self.profiles(here);
        self.accounts(here);
        self.joined(here);
        self.administrators(here);
        self.image_name(here);
        self.texts(here);
        self.homes(here);
        self.autologin(here);
        self.overlay_files(here);
        self.absent(here);
        self.unmade_folders(here);
        self.spoiled(here);
        self.arguments(here);
        self.sourced();
        self.unit_files(here);
        self.lost(here);
        self.beside(here);
        self.made_locales(here);
        self.locale_set(here);
        self.sought_locales();
        self.unmade(here);
        self.usages(here);
        self.roles(here);
        self.shapes();
        self.paths(here);
        self.own_folders(here);
        self.replaced(here);
        self.booleans();
        self.aliases(here);
        self.told_words();
    }

    fn units_of_others(&mut self, here: &Here<'_>) {
        let own = families(here.image);
        let text = self.text;
        // A package manager that reads none of the repositories is the fault itself.
        let odd = || crate::rules::repositories::unread(here.image).is_some();
        if own.is_empty() || ASKS.iter().any(|a| text.contains(a)) || odd() {
            return;
        }
        for &(at, line) in self.commands().iter() {
            if line.contains("||") || line.contains("mask") || line.starts_with('#') {
                continue;
            }
            let word = line.split_whitespace().next().unwrap_or("");
            if own == [Alpine] && word == "systemctl" && !says(text, "systemd") && !lists(here, "systemd") {
                let span = Span::new(at as u32, (at + word.len()) as u32);
                let message = "Alpine has no `systemctl`: its services are OpenRC's".to_owned();
                self.add(
                    "command-of-other-distribution",
                    span,
                    message,
                    "did you mean `rc-update add`?",
                );
                return;
            }
            for word in self.named_in(line) {
                let (stem, end) = match word.rsplit_once('.') {
                    Some((stem, end)) if matches!(end, "service" | "socket" | "timer") => (stem, Some(end)),
                    Some(_) => continue,
                    None => (word, None),
                };
                let Some((_, of, meant)) = UNITS.iter().find(|(unit, _, _)| *unit == stem) else {
                    continue;
                };
                let ends = ["service", "socket", "timer", "$", "{", "*"];
                let made =
                    || ends.iter().any(|e| says(text, &format!("/{stem}.{e}"))) || overlay_has(here, stem);
                // A package of that name may have the unit where no other name is known.
                let listed = || meant.is_none() && lists(here, stem);
                if own.iter().any(|o| of.contains(o)) || listed() || made() {
                    continue;
                }
                let label = match meant {
                    Some(meant) => match end {
                        Some(end) => format!("did you mean `{meant}.{end}`?"),
                        None => format!("did you mean `{meant}`?"),
                    },
                    None => "take it out".to_owned(),
                };
                let span = place(at, line, word);
                let message = format!("`{word}` is a unit of another distribution");
                // Debian's package switches its service on by itself, whatever becomes of the command.
                let harmless = stem == "sshd" && lists(here, "openssh-server") && !stops(text);
                let told = self.add("unknown-unit", span, message, &label);
                if let Some(one) = told.filter(|_| harmless) {
                    one.severity = crate::diagnostic::Severity::Info;
                    one.help =
                        Some("the command fails, and the package has switched `ssh` on by itself".into());
                }
            }
        }
    }

    /// Units that are switched on, and of whose kind the overlay has others.
    fn lost(&mut self, here: &Here<'_>) {
        for &(at, line) in self.commands().iter() {
            let listed = line.starts_with("for ") || line.contains("=(");
            for word in self
                .named_in(line)
                .into_iter()
                .filter(|_| enables(line) || listed)
            {
                let told = self.out.iter().any(|d| d.span == place(at, line, word));
                if told || super::unit_slips::meant(word, here.image).is_some() {
                    continue;
                }
                if let Some(meant) = listed_like(here, word) {
                    let message = format!("no unit is known as `{word}`");
                    let label = format!("did you mean `{meant}`?");
                    self.add("unknown-unit", place(at, line, word), message, &label);
                } else if crate::rules::overlay::units::is_lost(here, self.units, word) {
                    let message = format!("neither the overlay nor a package has the unit `{word}`");
                    let label = "put it into the overlay, or take this out";
                    self.add("unknown-unit", place(at, line, word), message, label);
                }
            }
        }
    }

    /// Units that are called as if they were systemd's own.
    fn systemd(&mut self, here: &Here<'_>) {
        let text = self.text;
        for &(at, line) in self.commands().iter() {
            if line.starts_with('#') || !line.contains("systemd-") {
                continue;
            }
            for word in self.named_in(line) {
                let (stem, _) = word.rsplit_once('.').unwrap_or((word, "service"));
                let service = !word.contains(['@', '$', '*', '{']) && !word.ends_with(".target");
                let Some(tail) = crate::rules::overlay::unit_names::no_systemd(stem).filter(|_| service)
                else {
                    continue;
                };
                // A slip of one that most systems have is told as that.
                let told = super::unit_slips::meant(word, here.image).is_some();
                let brought = super::needs::names(here).any(|n| n.starts_with(stem));
                if told || brought || overlay_has(here, stem) || says(text, &format!("/{stem}.")) {
                    continue;
                }
                let label = match crate::rules::overlay::unit_names::systemd_like(tail) {
                    Some(meant) => format!("did you mean `{}`?", word.replacen(stem, &meant, 1)),
                    None => "not one of systemd's".to_owned(),
                };
                let message = format!("systemd has no unit `{word}`");
                self.add("unknown-unit", place(at, line, word), message, &label);
            }
        }
    }

    /// Units of packages that no list installs.
    fn unbrought(&mut self, here: &Here<'_>) {
        let text = self.text;
        let names = || super::needs::names(here);
        let open = super::needs::based(here.image) || packed_units(here);
        // Groups of packages bring what every system has.
        let grouped = items(here.image).any(|i| i.group().is_some());
        // Who names but a few packages mostly names one that brings the others.
        let few = names().take(FEW).count() < FEW;
        if open || few || ASKS.iter().any(|a| text.contains(a)) {
            return;
        }
        let Some(installed) = super::packages::installed(&self.commands()) else {
            return;
        };
        for &(at, line) in self.commands().iter() {
            for word in self.switched(line) {
                let stem = stem(word);
                let Some((_, brought)) = BROUGHT.iter().find(|(unit, _)| *unit == stem) else {
                    continue;
                };
                if for_none(here, text, at) || grouped && !no_group_brings(here, stem, brought) {
                    continue;
                }
                // A client of a service does not bring it.
                let service = |n: &&str| {
                    !n.ends_with("-cli")
                        && !n.ends_with("-client")
                        && (!n.starts_with("python") || n.ends_with("-agent"))
                };
                // One that is misspelt has been told.
                let named = |n: &str, b: &str| {
                    n.contains(b) || b.len() > 5 && crate::rules::found::one_keystroke(n, b)
                };
                let mut names = names().chain(installed.iter().copied()).filter(service);
                let apart = APART.contains(&stem);
                let much = |n: &str| {
                    let base = apart && n.starts_with("patterns-base-");
                    let many = if apart { MANY } else { MUCH };
                    !base && many.iter().any(|b| n.contains(b))
                };
                let there = names.any(|n| much(n) || brought.iter().any(|b| named(n, b)));
                let message = format!("no list installs a package that has the unit `{word}`");
                let span = place(at, line, word);
                let told = self.out.iter().any(|d| d.span == span || d.message == message);
                let ends = ["service", "socket", "timer", "$", "{", "*"];
                let made = || ends.iter().any(|e| says(text, &format!("/{stem}.{e}")));
                if there || told || overlay_has(here, stem) || made() {
                    continue;
                }
                self.add(
                    "unknown-unit",
                    place(at, line, word),
                    message,
                    "add its package, or take this out",
                );
            }
        }
    }
}

/// The unit that is meant by a short name which is a keystroke away from it, where a package of its very name is listed.
fn listed_like(here: &Here<'_>, word: &str) -> Option<String> {
    let stem = stem(word);
    let usual = super::unit_slips::is_usual;
    // Of a package by whose name it is called, a slip in the middle: units may have more at their ends.
    let slip = |n: &&str| {
        let ends = n.bytes().last() == stem.bytes().last() && !n.starts_with(stem) && !stem.starts_with(*n);
        n.len() > 6
            && ends
            && crate::rules::found::one_keystroke(n, stem)
            && crate::rules::found::same_digits(n, stem)
    };
    let mut names = items(here.image).map(|i| i.name.value.trim());
    if !usual(stem)
        && !lists(here, stem)
        && !overlay_has(here, stem)
        && let Some(meant) = names.find(slip)
    {
        return Some(word.replacen(stem, meant, 1));
    }
    if !(3..6).contains(&stem.len()) || usual(stem) || lists(here, stem) {
        return None;
    }
    let close = |k: &&&str| k.len() > 3 && lists(here, k) && crate::rules::found::one_keystroke(k, stem);
    let mut all = crate::rules::overlay::unit_names::SHORT.iter();
    let meant = all.find(close).filter(|_| !overlay_has(here, stem))?;
    Some(word.replacen(stem, meant, 1))
}

/// The line stands below a condition on profiles that the description does not have: the script is shared with others.
fn for_none(here: &Here<'_>, text: &str, at: usize) -> bool {
    let head = text.get(..at).unwrap_or("");
    let bare = head.trim_end_matches([' ', '\t']);
    let depth = |l: &str| l.len() - l.trim_start().len();
    let own = head.len() - bare.len();
    let above = bare
        .lines()
        .rev()
        .find(|l| !l.trim().is_empty() && depth(l) < own);
    let Some(above) = above.filter(|l| l.contains("kiwi_profiles") || l.ends_with(')') && !l.contains("()"))
    else {
        return false;
    };
    let words = || {
        above
            .split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)))
            .filter(|w| w.len() > 2)
    };
    let mut profiles = here.image.profiles.iter();
    !profiles.any(|p| words().any(|w| p.name.value.contains(w)))
}

/// The script ends with the first command that fails.
fn stops(text: &str) -> bool {
    let set = |l: &str| l.strip_prefix("set -").is_some_and(|rest| rest.contains('e'));
    text.lines().any(|l| set(l.trim_start()))
}

/// Where a word of a line stands.
pub(in crate::rules) fn place(at: usize, line: &str, word: &str) -> Span {
    let from = at + crate::rules::found::offset(word, line);
    Span::new(from as u32, (from + word.len()) as u32)
}

pub(in crate::rules) fn says(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// Some package may bring much that is not seen.
pub(in crate::rules) fn brings_much(here: &Here<'_>) -> bool {
    items(here.image).any(|i| MUCH.iter().any(|m| i.name.value.contains(m)))
}

/// A list has a package of that very name.
pub(in crate::rules) fn lists(here: &Here<'_>, name: &str) -> bool {
    items(here.image).any(|i| i.name.value == name)
}

/// An overlay has a unit of that name.
pub(in crate::rules) fn overlay_has(here: &Here<'_>, stem: &str) -> bool {
    let named = |f: &&str| {
        let names = crate::rules::overlay::names(here, f);
        names.iter().any(|n| n.split('.').next() == Some(stem))
    };
    crate::rules::overlay::units::FOLDERS.iter().any(named)
}
