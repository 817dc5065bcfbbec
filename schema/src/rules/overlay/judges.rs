//! Which judge is for which files of the system: one table, for what lies in the overlay and for what scripts write. Judges
//! nothing, and reads no file.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::forms::{FORMS, Form};
use super::texts::lines;
use super::{facts, login_keys, named_groups, readers, statements, tabled, units, values};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;

/// A text of the system that is judged.
pub(super) struct Text<'t> {
    /// Without a slash before it.
    pub folder: &'t str,
    pub name: &'t str,
    pub text: &'t str,
    pub origin: Origin,
}

/// Who brings a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// It is a file of the overlay.
    Overlay,
    /// A script writes the whole file.
    Script,
    /// A script adds lines to what may be there.
    Lines,
}

/// Where the files stand that a judge is for.
enum Folders {
    These(&'static [&'static str]),
    Tabled(&'static LazyLock<Vec<&'static str>>),
    /// Those of keys, in the homes of the accounts.
    Keys,
}

/// A judge, and what it is asked of.
pub(super) struct Judge {
    folders: Folders,
    /// The last of these whose texts it is asked of.
    to: Origin,
    judge: fn(&Here<'_>, &Text<'_>) -> Option<Diagnostic>,
}

impl Judge {
    /// The folders whose files it is for.
    pub fn folders(&self, here: &Here<'_>) -> Vec<Cow<'static, str>> {
        let all = |all: &[&'static str]| all.iter().map(|f| Cow::Borrowed(*f)).collect();
        match self.folders {
            Folders::These(these) => all(these),
            Folders::Tabled(these) => all(these),
            Folders::Keys => login_keys::folders(here).into_iter().map(Cow::Owned).collect(),
        }
    }

    /// True where it is for files of that folder, brought so.
    pub fn is_for(&self, here: &Here<'_>, folder: &str, origin: Origin) -> bool {
        origin <= self.to
            && match self.folders {
                Folders::These(these) => these.contains(&folder),
                Folders::Tabled(these) => these.contains(&folder),
                Folders::Keys => login_keys::folders(here).iter().any(|f| f == folder),
            }
    }

    /// What it finds first in a text.
    pub fn first(&self, here: &Here<'_>, text: &Text<'_>) -> Option<Diagnostic> {
        (self.judge)(here, text)
    }
}

static FORMED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut all: Vec<&str> = FORMS.iter().map(|f| f.folder).collect();
    all.sort_unstable();
    all.dedup();
    all
});

static SHELL: LazyLock<Vec<&str>> =
    LazyLock::new(|| facts::SHELL.iter().map(|(folder, _)| *folder).collect());

/// In the order in which they are asked: of one line of a script the first that finds something tells it.
pub(super) const JUDGES: &[Judge] = &[
    Judge {
        folders: Folders::These(&["etc/sudoers.d"]),
        to: Origin::Lines,
        judge: |here, t| {
            super::sudoers::judge(here, t.text).or_else(|| super::sudo_commands::judge(here, t.text))
        },
    },
    Judge {
        folders: Folders::These(&["etc/netplan"]),
        to: Origin::Lines,
        judge: |_, t| super::netplan::judge(t.text),
    },
    Judge {
        folders: Folders::These(&["etc/cron.d"]),
        to: Origin::Lines,
        judge: |here, t| super::cron::judge(here, t.text).or_else(|| super::cron::programs(here, t.text)),
    },
    Judge {
        folders: Folders::These(&["etc/udev/rules.d"]),
        to: Origin::Lines,
        judge: |here, t| ending(t, ".rules").and_then(|text| super::udev::judge(here, text)),
    },
    Judge {
        folders: Folders::These(&["etc/audit/rules.d"]),
        to: Origin::Lines,
        judge: |_, t| ending(t, ".rules").and_then(super::audit::judge),
    },
    Judge {
        folders: Folders::These(&["etc/rsyslog.d"]),
        to: Origin::Lines,
        judge: |_, t| ending(t, ".conf").and_then(super::selectors::judge),
    },
    Judge {
        folders: Folders::Tabled(&FORMED),
        to: Origin::Lines,
        judge: |_, t| {
            let own = |f: &&Form| f.folder == t.folder && t.name.ends_with(f.ending);
            FORMS.iter().filter(own).find_map(|form| match t.origin {
                Origin::Lines => lines(t.text).find_map(|(at, line)| form.line(at, line)),
                Origin::Overlay | Origin::Script => form.judge(t.text),
            })
        },
    },
    Judge {
        folders: Folders::These(values::PLACES),
        to: Origin::Lines,
        judge: |here, t| values::judge(here, t.folder, t.name, t.text),
    },
    Judge {
        folders: Folders::These(readers::PLACES),
        to: Origin::Lines,
        judge: |_, t| readers::judge(t.folder, t.name, t.text),
    },
    Judge {
        folders: Folders::These(&["etc/logrotate.d"]),
        to: Origin::Lines,
        judge: |here, t| values::rotated(here, t.text),
    },
    // What starts a container is a service.
    Judge {
        folders: Folders::These(&["etc/containers/systemd"]),
        to: Origin::Script,
        judge: |here, t| units::written(here, "container.service", t.text),
    },
    Judge {
        folders: Folders::Tabled(&tabled::FOLDERS),
        to: Origin::Lines,
        judge: |_, t| tabled::judge(t.folder, t.name, t.text),
    },
    Judge {
        folders: Folders::Tabled(&statements::FOLDERS),
        to: Origin::Lines,
        judge: |here, t| {
            statements::judge(t.folder, t.name, t.text)
                .or_else(|| statements::paths(here, t.folder, t.name, t.text))
        },
    },
    Judge {
        folders: Folders::These(named_groups::FOLDERS),
        to: Origin::Lines,
        judge: |here, t| named_groups::judge(here, t.folder, t.text),
    },
    Judge {
        folders: Folders::Keys,
        to: Origin::Lines,
        judge: |_, t| {
            (t.name == "authorized_keys")
                .then(|| login_keys::judge(t.text))
                .flatten()
        },
    },
    Judge {
        folders: Folders::These(&["etc/firewalld/zones", "usr/lib/firewalld/zones"]),
        to: Origin::Script,
        judge: |here, t| super::firewalld::judge(here, t.text),
    },
    Judge {
        folders: Folders::These(&[
            "etc/default",
            "etc/default/grub.d",
            "etc/sysconfig",
            "etc/sysconfig/network",
        ]),
        to: Origin::Script,
        judge: |_, t| facts::quote(t.text),
    },
    Judge {
        folders: Folders::These(facts::ADDRESSES),
        to: Origin::Lines,
        judge: |_, t| facts::address(t.text),
    },
    Judge {
        folders: Folders::Tabled(&SHELL),
        to: Origin::Lines,
        judge: |_, t| {
            let own = |(folder, names): &&(&str, &[&str])| {
                *folder == t.folder && (names.is_empty() || names.contains(&t.name))
            };
            facts::SHELL
                .iter()
                .any(|s| own(&s))
                .then(|| facts::assignment(t.text))
                .flatten()
        },
    },
    Judge {
        folders: Folders::These(facts::NGINX),
        to: Origin::Lines,
        judge: |_, t| {
            let own = !matches!(t.name, "mime.types" | "koi-utf" | "koi-win" | "win-utf");
            own.then(|| facts::unended(t.text)).flatten()
        },
    },
];

/// The text of a file whose name ends so.
fn ending<'t>(text: &Text<'t>, ending: &str) -> Option<&'t str> {
    text.name.ends_with(ending).then_some(text.text)
}
