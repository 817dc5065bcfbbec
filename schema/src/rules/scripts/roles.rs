//! Accounts and groups that commands of a build's script are given where such are expected: slips of described ones, such as
//! nothing makes, such as are made only later, and those of another distribution. Looks at words; runs nothing.

use super::needs::families;
use super::usage::{Part, Taken, taken};
use super::words::{Call, Form};
use super::{FAILS, Script};
use crate::rules::containers::ACCOUNTS;
use crate::rules::files::{Here, items};
use crate::rules::found::{is_word, one_keystroke, plural};
use crate::rules::packages::Family;
use crate::rules::users::groups::GROUPS;
use crate::rules::users::unknown_accounts::{half_renamed, is_unmade_beside};

use Family::{Alpine, Arch, Debian, RedHat, Suse};

/// Accounts that some distributions have, and how the others call them.
const APART: &[(&str, &[Family])] = &[
    ("www-data", &[Debian]),
    ("apache", &[RedHat, Alpine]),
    ("wwwrun", &[Suse]),
    ("http", &[Arch]),
    ("nogroup", &[Debian, Suse, Alpine]),
];

/// The account of this family that one of another alone is like; none where it is its own, or nobody's.
pub(in crate::rules) fn of_another(name: &str, own: Family) -> Option<&'static str> {
    let (_, families) = APART.iter().find(|(account, _)| *account == name)?;
    let groups = name == "nogroup" || own == Alpine && name == "www-data";
    (!groups && !families.contains(&own)).then(|| like(name, own))?
}

/// The account or group of this family that one of another is like.
fn like(name: &str, own: Family) -> Option<&'static str> {
    match (name, own) {
        ("nogroup", RedHat | Arch) => Some("nobody"),
        (_, Debian) => Some("www-data"),
        (_, RedHat | Alpine) => Some("apache"),
        (_, Suse) => Some("wwwrun"),
        (_, Arch) => Some("http"),
    }
}

impl Script<'_> {
    /// Looks at each command that is given accounts or groups.
    pub(in crate::rules) fn roles(&mut self, here: &Here<'_>) {
        let text = self.text;
        // What comes from files is not seen.
        const UNSEEN: &[&str] = &[
            "sysusers",
            "newusers",
            "/etc/passwd",
            "/etc/group",
            "adduser.conf",
        ];
        if UNSEEN.iter().any(|w| text.contains(w)) {
            return;
        }
        let calls = self.calls();
        let Some(made) = made(&calls) else { return };
        let described = here.image.accounts();
        let groups = here.image.accounts().flat_map(|u| u.attrs.list("groups"));
        let mut own: Vec<&str> = described.filter_map(|u| u.attrs.get("name")).collect();
        own.extend(groups.filter_map(|g| g.split(':').next()));
        let families = families(here.image);
        for call in calls.iter() {
            let Some(taken) = taken(call).filter(|_| !self.is_told(call)) else {
                continue;
            };
            // An account among the files.
            let among = |(kind, part): &&(&str, Part<'_, '_>)| {
                *kind == "path" && is_word(part.text()) && own.contains(&part.text())
            };
            let changes = matches!(taken.name.as_str(), "chown" | "chgrp" | "chmod");
            if let Some((_, part)) = taken.given.iter().find(among).filter(|_| changes) {
                let message = format!("`{}` takes `{}` for the name of a file", taken.name, part.text());
                let label = "a colon stands between an account and a group";
                self.say("script-command", part.span(), message, label, FAILS);
                continue;
            }
            let _ = names(&taken).into_iter().any(|(part, name)| {
                if own.contains(&name.as_str()) || !is_word(&name) || name.len() < 3 {
                    return false;
                }
                self.foreign_account(here, &families, &made, part, &name)
                    || self.later(here, call, &made, part, &name)
                    || self.unknown(here, call, (&own, &made), part, &name)
            });
        }
    }

    /// One of another distribution.
    fn foreign_account(
        &mut self,
        here: &Here<'_>,
        families: &[Family],
        made: &[(usize, String)],
        part: Part<'_, '_>,
        name: &str,
    ) -> bool {
        let Some((_, of)) = APART.iter().find(|(own, _)| *own == name) else {
            return false;
        };
        let [own] = families else { return false };
        let brought = || items(here.image).any(|i| i.name.value.contains(name));
        if of.contains(own) || made.iter().any(|(_, m)| m == name) || brought() {
            return false;
        }
        let message = format!("`{name}` is an account or group of another distribution");
        let label = like(name, *own).map_or_else(String::new, |meant| format!("did you mean `{meant}`?"));
        self.say("script-command", part.span(), message, &label, FAILS);
        true
    }

    /// One that the script itself makes only later.
    fn later(
        &mut self,
        here: &Here<'_>,
        call: &Call<'_>,
        made: &[(usize, String)],
        part: Part<'_, '_>,
        name: &str,
    ) -> bool {
        let all = || made.iter().filter(|(_, m)| m == name);
        let at = part.word.at;
        let known = GROUPS.contains(&name) || ACCOUNTS.contains(&name);
        let after = all().map(|(from, _)| *from).min().filter(|from| *from > at);
        let Some(from) = after.filter(|_| call.plain && !call.asked && !known) else {
            return false;
        };
        if !is_unmade_beside(here, name, self.text) {
            return false;
        }
        let line = self.text.get(..from).map_or(0, |t| t.matches('\n').count()) + 1;
        let message = format!("the account or group `{name}` is made only later, in line {line}");
        self.say(
            "script-command",
            part.span(),
            message,
            "put this behind it",
            FAILS,
        );
        true
    }

    /// One that nothing makes.
    fn unknown(
        &mut self,
        here: &Here<'_>,
        call: &Call<'_>,
        (own, made): (&[&str], &[(usize, String)]),
        part: Part<'_, '_>,
        name: &str,
    ) -> bool {
        let known = GROUPS.contains(&name) || ACCOUNTS.contains(&name);
        if known || made.iter().any(|(_, m)| m == name) {
            return false;
        }
        let listed = || items(here.image).any(|i| i.name.value.contains(name));
        let mut all = own.iter().copied().chain(made.iter().map(|(_, m)| m.as_str()));
        let near = all.find(|k| k.len() > 3 && one_keystroke(k, name) && (!plural(k, name) || k.len() > 5));
        // Of long names that all systems have each slip is one.
        let system = || {
            GROUPS
                .iter()
                .copied()
                .find(|g| g.len() > 6 && one_keystroke(g, name) && !plural(g, name))
        };
        let once = || super::text::spoken(self.text, name) == 1;
        let near = near.or_else(|| system().filter(|_| once()));
        if let Some(meant) = near.filter(|_| !listed()) {
            let message = format!("no account or group `{name}` is described");
            self.say_meant(part.span(), message, meant, FAILS);
            return true;
        }
        // What depends on something, or may fail, is left aside.
        let left = half_renamed(here, name);
        if left || call.asked || !call.plain || !is_unmade_beside(here, name, self.text) {
            return false;
        }
        let message = format!("nothing makes the account or group `{name}`");
        self.say(
            "script-command",
            part.span(),
            message,
            "add a `<user>`, or name another",
            FAILS,
        );
        true
    }
}

/// The accounts and groups that the script makes, with where it does. None where that is not seen.
fn made(calls: &[Call<'_>]) -> Option<Vec<(usize, String)>> {
    let mut out = Vec::new();
    for call in calls {
        let first = call.words.first()?;
        let name = first.text.rsplit('/').next()?;
        let group = matches!(name, "groupadd" | "useradd");
        if !group && !matches!(name, "adduser" | "addgroup") {
            continue;
        }
        let rest = call.words.get(1..)?;
        if rest
            .iter()
            .any(|w| w.form != Form::Plain && !w.text.starts_with('-'))
        {
            // A password or a number says nothing of the name.
            let known = taken(call)
                .filter(|_| group)
                .and_then(|t| Some(*t.operands?.first()?));
            known.filter(|w| w.form == Form::Plain)?;
        }
        match taken(call).filter(|_| group) {
            Some(taken) => {
                let own = taken.given.iter().filter(|(kind, _)| kind.starts_with("new-"));
                out.extend(own.map(|(_, part)| (part.word.at, part.text().to_owned())));
                // Where an option is none of its, the name stands last all the same.
                let last = rest
                    .last()
                    .filter(|_| taken.unknown.is_some() || taken.alone.is_some());
                out.extend(last.map(|w| (w.at, w.text.to_string())));
            }
            None => {
                let words = rest.iter().filter(|w| !w.text.starts_with('-'));
                out.extend(words.map(|w| (w.at, w.text.to_string())));
            }
        }
    }
    Some(out)
}

/// The accounts and groups that a command is given, and where they stand.
fn names<'c, 't>(taken: &Taken<'c, 't>) -> Vec<(Part<'c, 't>, String)> {
    let mut out = Vec::new();
    for (kind, part) in &taken.given {
        let signs: &[char] = match *kind {
            "account" | "group" => &[],
            "groups" => &[','],
            "owner" => &[':'],
            _ => continue,
        };
        let text = part.text();
        let mut from = 0;
        for name in text.split(signs) {
            let place = Part {
                word: part.word,
                from: part.from + from,
                to: part.from + from + name.len(),
            };
            from += name.len() + 1;
            if !name.is_empty() && !name.bytes().all(|b| b.is_ascii_digit()) {
                out.push((place, name.to_owned()));
            }
        }
    }
    out
}
