//! Which judge is for which files of the system: one table, for what lies in the overlay and for what scripts write. Judges
//! nothing, and reads no file.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::forms::{FORMS, Form};
use super::texts::lines;
use super::{dracut, facts, login_keys, named_groups, presets, readers, statements, tabled, units, values};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;

/// Where a text of the system stands, and who brings it.
pub(super) struct Place<'t> {
    /// Without a slash before it.
    pub folder: &'t str,
    pub name: &'t str,
    pub origin: Origin,
}

/// Who brings a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is a file of the overlay.
    Overlay,
    /// A script writes the whole file.
    Script,
    /// A script adds lines to what may be there.
    Lines,
}

/// Whoever brings it; whoever brings the whole; a script.
const ALL: &[Origin] = &[Origin::Overlay, Origin::Script, Origin::Lines];
const WHOLE: &[Origin] = &[Origin::Overlay, Origin::Script];
const SCRIPTS: &[Origin] = &[Origin::Script, Origin::Lines];

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
    /// Of whose texts it is asked.
    of: &'static [Origin],
    judge: fn(&Here<'_>, &Place<'_>, &str) -> Option<Diagnostic>,
}

impl Judge {
    /// The folders of the overlay whose files it is for.
    pub fn folders(&self, here: &Here<'_>) -> Vec<Cow<'static, str>> {
        if !self.of.contains(&Origin::Overlay) {
            return Vec::new();
        }
        let all = |all: &[&'static str]| all.iter().map(|f| Cow::Borrowed(*f)).collect();
        match self.folders {
            Folders::These(these) => all(these),
            Folders::Tabled(these) => all(these),
            Folders::Keys => login_keys::folders(here).into_iter().map(Cow::Owned).collect(),
        }
    }

    /// True where it is for what stands there.
    pub fn is_for(&self, here: &Here<'_>, place: &Place<'_>) -> bool {
        self.of.contains(&place.origin)
            && match self.folders {
                Folders::These(these) => these.contains(&place.folder),
                Folders::Tabled(these) => these.contains(&place.folder),
                Folders::Keys => login_keys::folders(here).iter().any(|f| f == place.folder),
            }
    }

    /// What it finds first in a text.
    pub fn first(&self, here: &Here<'_>, place: &Place<'_>, text: &str) -> Option<Diagnostic> {
        (self.judge)(here, place, text)
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
        of: ALL,
        judge: |here, _, text| {
            super::sudoers::judge(here, text).or_else(|| super::sudo_commands::judge(here, text))
        },
    },
    Judge {
        folders: Folders::These(&["etc/netplan"]),
        of: ALL,
        judge: |_, _, text| super::netplan::judge(text),
    },
    Judge {
        folders: Folders::These(&["etc/cron.d"]),
        of: ALL,
        judge: |here, _, text| super::cron::judge(here, text).or_else(|| super::cron::programs(here, text)),
    },
    Judge {
        folders: Folders::These(dracut::FOLDERS),
        of: ALL,
        judge: |here, place, text| ends(place, ".conf").then(|| dracut::judge(here, text)).flatten(),
    },
    Judge {
        folders: Folders::These(presets::FOLDERS),
        of: ALL,
        judge: |here, place, text| {
            ends(place, ".preset")
                .then(|| presets::judge(here, text))
                .flatten()
        },
    },
    Judge {
        folders: Folders::These(&["etc/udev/rules.d", "usr/lib/udev/rules.d"]),
        of: ALL,
        judge: |here, place, text| {
            ends(place, ".rules")
                .then(|| super::udev::judge(here, text))
                .flatten()
        },
    },
    Judge {
        folders: Folders::These(&["etc/audit/rules.d"]),
        of: ALL,
        judge: |_, place, text| ends(place, ".rules").then(|| super::audit::judge(text)).flatten(),
    },
    Judge {
        folders: Folders::These(&["etc/rsyslog.d"]),
        of: ALL,
        judge: |_, place, text| {
            ends(place, ".conf")
                .then(|| super::selectors::judge(text))
                .flatten()
        },
    },
    Judge {
        folders: Folders::Tabled(&FORMED),
        of: ALL,
        judge: |_, place, text| {
            let own = |f: &&Form| f.folder == place.folder && place.name.ends_with(f.ending);
            FORMS.iter().filter(own).find_map(|form| match place.origin {
                Origin::Lines => lines(text).find_map(|(at, line)| form.line(at, line)),
                Origin::Overlay | Origin::Script => form.judge(text),
            })
        },
    },
    Judge {
        folders: Folders::These(values::PLACES),
        of: ALL,
        judge: |here, place, text| values::judge(here, place.folder, place.name, text),
    },
    Judge {
        folders: Folders::These(readers::PLACES),
        of: ALL,
        judge: |_, place, text| readers::judge(place.folder, place.name, text),
    },
    Judge {
        folders: Folders::These(&["etc/logrotate.d"]),
        of: ALL,
        judge: |here, _, text| values::rotated(here, text),
    },
    // What starts a container is a service.
    Judge {
        folders: Folders::These(&["etc/containers/systemd"]),
        of: WHOLE,
        judge: |here, _, text| units::written(here, "container.service", text),
    },
    Judge {
        folders: Folders::Tabled(&tabled::FOLDERS),
        of: ALL,
        judge: |_, place, text| tabled::judge(place.folder, place.name, text),
    },
    Judge {
        folders: Folders::Tabled(&statements::FOLDERS),
        of: ALL,
        judge: |here, place, text| {
            statements::judge(place.folder, place.name, text)
                .or_else(|| statements::paths(here, place.folder, place.name, text))
        },
    },
    Judge {
        folders: Folders::These(named_groups::FOLDERS),
        of: ALL,
        judge: |here, place, text| named_groups::judge(here, place.folder, text),
    },
    Judge {
        folders: Folders::Keys,
        of: ALL,
        judge: |_, place, text| {
            (place.name == "authorized_keys")
                .then(|| login_keys::judge(text))
                .flatten()
        },
    },
    Judge {
        folders: Folders::These(&["etc/firewalld/zones", "usr/lib/firewalld/zones"]),
        of: WHOLE,
        judge: |here, _, text| super::firewalld::judge(here, text),
    },
    Judge {
        folders: Folders::These(&[
            "etc/default",
            "etc/default/grub.d",
            "etc/sysconfig",
            "etc/sysconfig/network",
        ]),
        of: WHOLE,
        judge: |_, _, text| facts::quote(text),
    },
    Judge {
        folders: Folders::These(facts::ADDRESSES),
        of: ALL,
        judge: |_, _, text| facts::address(text),
    },
    Judge {
        folders: Folders::Tabled(&SHELL),
        of: ALL,
        judge: |_, place, text| {
            let mut own = facts::SHELL.iter().filter(|(folder, _)| *folder == place.folder);
            let named = own.any(|(_, names)| names.is_empty() || names.contains(&place.name));
            named.then(|| facts::assignment(text)).flatten()
        },
    },
    Judge {
        folders: Folders::These(facts::NGINX),
        of: ALL,
        judge: |_, place, text| {
            let own = !matches!(place.name, "mime.types" | "koi-utf" | "koi-win" | "win-utf");
            own.then(|| facts::unended(text)).flatten()
        },
    },
    // Those of the overlay are judged with all that they name.
    Judge {
        folders: Folders::These(&["etc/systemd/system"]),
        of: SCRIPTS,
        judge: |here, place, text| units::written(here, place.name, text),
    },
];

fn ends(place: &Place<'_>, ending: &str) -> bool {
    place.name.ends_with(ending)
}
