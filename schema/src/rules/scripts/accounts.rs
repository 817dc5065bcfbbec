//! Accounts, their homes and groups as a script of a build names them: slips of the described ones and of those that it makes
//! itself. Looks at words; runs nothing.

use super::Script;
use super::names::{lists, place};
use crate::rules::files::Here;
use crate::rules::found::{is_word, near, one_keystroke, same_letters};

impl Script<'_> {
    /// Accounts that are slips of the described ones.
    pub(in crate::rules) fn accounts(&mut self, here: &Here<'_>) {
        let users = || here.image.accounts();
        let mut known: Vec<&str> = users().filter_map(|u| u.attrs.get("name")).collect();
        let text = self.text;
        let lines = self.commands();
        let makers = makers(text, &lines);
        known.extend(makers.iter().filter_map(|m| own_name(m)));
        if known.is_empty() {
            return;
        }
        let groups = users().flat_map(|u| u.attrs.list("groups"));
        known.extend(groups.map(|g| g.split(':').next().unwrap_or(g)));
        known.push("root");
        // Names that are put together are not seen.
        if makers.iter().any(|m| put_together(m)) || text.contains("sysusers") {
            return;
        }
        let part = |c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c));
        let made = |name: &str| makers.iter().any(|l| l.split(part).any(|w| w == name));
        for &(at, line) in lines.iter() {
            let mut words = line.split_whitespace();
            let given = match words.next().unwrap_or("") {
                "adduser" => crate::rules::users::unknown_accounts::joined(line),
                "chown" => words.find(|w| !w.starts_with('-')),
                "chgrp" => words.find(|w| !w.starts_with('-')),
                "install" => {
                    let given = |w: &&str| *w == "-o" || *w == "-g";
                    let all: Vec<&str> = words.collect();
                    let named = all.windows(2).filter(|w| w.first().is_some_and(given));
                    let mut named = named.filter_map(|w| w.last().copied());
                    // The first that is none.
                    let odd = named
                        .clone()
                        .find(|n| !known.contains(n) && !crate::rules::users::groups::GROUPS.contains(n));
                    odd.or_else(|| named.next())
                }
                "usermod" | "passwd" | "chage" | "groupmod" | "groupdel" | "userdel" => {
                    words.last().filter(|w| !w.starts_with(['-', '/']))
                }
                // `echo "NAME:PASSWORD" | chpasswd`
                "echo" if line.contains("chpasswd") => {
                    let pair = words
                        .find(|w| !w.starts_with('-'))
                        .map(|w| w.trim_matches(['"', '\'']));
                    pair.and_then(|w| w.split_once(':')).map(|(name, _)| name)
                }
                _ => continue,
            };
            // An account and its own group, one of them with a slip.
            let given = given.unwrap_or("");
            if let Some((one, other)) = given.split_once([':', '.'])
                && one.len() > 1
                && other.len() > 1
                && one_keystroke(one, other)
            {
                let there = |n: &str| {
                    known.contains(&n)
                        || crate::rules::users::groups::GROUPS.contains(&n)
                        || crate::rules::containers::ACCOUNTS.contains(&n)
                        || crate::rules::files::items(here.image).any(|i| i.name.value.trim() == n)
                };
                let odd = match (there(one), there(other)) {
                    (true, false) => Some((other, one)),
                    (false, true) => Some((one, other)),
                    _ => None,
                };
                if let Some((name, meant)) = odd.filter(|(n, _)| is_word(n) && !made(n)) {
                    let message = format!("no account or group `{name}` is described");
                    let label = format!("did you mean `{meant}`?");
                    let at = at + line.find(given).unwrap_or(0);
                    self.tell(at, given, name, message, &label, super::FAILS);
                    continue;
                }
            }
            let mut last = "";
            for name in given.split([':', '.']) {
                if std::mem::replace(&mut last, name) == name {
                    continue;
                }
                let exchanged = |k: &&&str| k.len() == 3 && same_letters(k, name);
                let short = known.iter().find(exchanged).copied().filter(|_| name.len() == 3);
                // Of the one that all systems have, each slip is one.
                let short = short.or_else(|| {
                    ["rot", "oot", "roo", "roott", "rooot"]
                        .contains(&name)
                        .then_some("root")
                });
                // All systems have the group `users`.
                let short = short.or_else(|| {
                    let group = name == "user" && line.contains(":user ") && !known.contains(&"user");
                    group.then_some("users")
                });
                let plain = (name.len() > 3 || short.is_some()) && is_word(name);
                let others = crate::rules::users::groups::GROUPS.contains(&name)
                    || crate::rules::containers::ACCOUNTS.contains(&name);
                if !plain || known.contains(&name) || others || lists(here, name) || made(name) {
                    continue;
                }
                let close = || {
                    near(
                        name,
                        known.iter().copied().filter(|k| k.len() > 3 && *k != "root"),
                    )
                };
                let renamed = || crate::rules::users::groups::renamed(name, &known);
                let Some(meant) = short.or_else(close).or_else(renamed) else {
                    continue;
                };
                let message = format!("no account or group `{name}` is described");
                let label = format!("did you mean `{meant}`?");
                self.tell(
                    at,
                    line,
                    name,
                    message,
                    &label,
                    "the command fails: the build stops there, or the files keep their owner",
                );
            }
        }
    }

    /// Accounts that commands need and that nothing makes, and such as are made already.
    pub(in crate::rules) fn unmade(&mut self, here: &Here<'_>) {
        let text = self.text;
        let always = here
            .image
            .users
            .iter()
            .filter(|s| s.filter.profiles.is_empty() && s.filter.arches.is_empty());
        let described: Vec<&str> = always
            .flat_map(|s| &s.users)
            .filter_map(|u| u.attrs.get("name"))
            .collect();
        for &(at, line) in self.commands().iter() {
            // What depends on something, or may fail, is left aside.
            let indented = text.get(..at).is_some_and(|t| t.ends_with([' ', '\t']));
            if indented || line.contains(['|', '&', '`', '$']) || line.starts_with('#') {
                continue;
            }
            let line = line.split([';', '<', '>']).next().unwrap_or(line);
            let mut words = line.split_whitespace();
            let command = words.next().unwrap_or("");
            let rest: Vec<&str> = words.collect();
            let after = |flags: &[&str]| {
                let at = rest.iter().position(|w| flags.contains(w))?;
                rest.get(at + 1).copied()
            };
            let last = || rest.last().copied().filter(|w| !w.starts_with(['-', '/']));
            let name = match command.rsplit('/').next().unwrap_or(command) {
                "useradd" | "adduser" => {
                    // The name is no value of an option.
                    let alone = |at: &usize| {
                        let before = at
                            .checked_sub(1)
                            .and_then(|at| rest.get(at))
                            .copied()
                            .unwrap_or("");
                        !before.starts_with('-')
                            || matches!(before, "-m" | "-M" | "-r" | "-N" | "-U" | "-o" | "-l")
                    };
                    let named = |n: &&str| described.contains(n) && *n != "root";
                    // `adduser NAME GROUP` puts one that is there into a group.
                    if command.ends_with("adduser")
                        && rest.iter().filter(|w| !w.starts_with('-')).count() == 2
                    {
                        continue;
                    }
                    let mut places = (0..rest.len()).filter(alone);
                    let Some(name) = places.find_map(|at| rest.get(at).copied().filter(named)) else {
                        if let Some(number) =
                            after(&["-u", "--uid"]).filter(|n| *n == "0" && !rest.contains(&"-o"))
                        {
                            let message =
                                "the number 0 belongs to `root`, and no other account gets it".to_owned();
                            let then =
                                "the command fails: the build stops there, or goes on without the account";
                            self.tell(at, line, number, message, "another number", then);
                        }
                        continue;
                    };
                    let message = format!(
                        "the account `{name}` is there already: KIWI makes it before the script runs"
                    );
                    let label = "take it out, or the `<user>`";
                    self.tell(at, line, name, message, label, super::FAILS);
                    continue;
                }
                "usermod" | "passwd" | "chage" => last(),
                "su" => rest
                    .iter()
                    .copied()
                    .find(|w| !w.starts_with('-'))
                    .filter(|w| !w.contains(['"', '\''])),
                "runuser" | "sudo" => after(&["-u", "--user"]),
                "chown" => rest
                    .iter()
                    .copied()
                    .find(|w| !w.starts_with('-'))
                    .and_then(|w| w.split([':', '.']).next()),
                "install" => after(&["-o", "--owner"]),
                _ => continue,
            };
            let plain = |w: &&str| is_word(w);
            let Some(name) = name
                .filter(plain)
                .filter(|n| crate::rules::users::unknown_accounts::is_unmade(here, n))
            else {
                continue;
            };
            let span = place(at, line, name);
            if self.out.iter().any(|d| d.span == span) {
                continue;
            }
            let message = format!("nothing makes the account `{name}`");
            self.say(
                "script-command",
                span,
                message,
                "add a `<user>`, or name another account",
                super::FAILS,
            );
        }
    }

    /// Homes of accounts that are slips of described ones.
    pub(in crate::rules) fn homes(&mut self, here: &Here<'_>) {
        let text = self.text;
        let users = || here.image.accounts();
        let mut known: Vec<&str> = users()
            .filter_map(|u| u.attrs.get("name"))
            .filter(|n| n.len() > 3)
            .collect();
        let lines = self.commands();
        let own = lines.iter().filter(|(_, l)| is_useradd(l) && !put_together(l));
        let own: Vec<&str> = own
            .filter_map(|(_, l)| own_name(l))
            .filter(|n| n.len() > 2)
            .collect();
        known.extend(&own);
        let making = ["useradd", "adduser", "sysusers", "mkdir", "install "];
        let made = |name: &str| {
            let named = |l: &str| l.contains(name) && making.iter().any(|w| l.contains(w));
            // What is made for the other account is not its own.
            let other =
                |l: &str| l.contains("install ") && known.iter().any(|k| l.contains(&format!("-o {k} ")));
            text.lines().any(|l| named(l) && !other(l))
        };
        for (at, line) in self
            .commands()
            .iter()
            .copied()
            .filter(|(_, l)| !l.starts_with('#'))
        {
            self.other_homes(here, at, line);
            for (from, _) in line.match_indices("/home/") {
                let rest = line.get(from + 6..).unwrap_or("");
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
                let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or("");
                let described = known.contains(&name)
                    || users().any(|u| u.attrs.get("home").is_some_and(|h| h.ends_with(name)));
                // Short ones are slips where the whole path stands nowhere else.
                let short = || {
                    let close = |k: &&&str| {
                        k.len() == 3 && (same_letters(k, name) || name.len() == 4 && one_keystroke(k, name))
                    };
                    let once = super::text::spoken(text, &format!("/home/{name}")) == 1;
                    own.iter().find(close).copied().filter(|_| once)
                };
                let Some(meant) = near(name, known.iter().copied().filter(|k| k.len() > 3))
                    .filter(|_| name.len() > 3)
                    .or_else(short)
                    .filter(|m| !crate::rules::found::plural(name, m))
                    .filter(|_| !described && (!made(name) || own.contains(&name) || name.len() == 3))
                else {
                    continue;
                };
                if self
                    .out
                    .iter()
                    .any(|d| d.span.start as usize >= at && d.span.end as usize <= at + line.len())
                {
                    continue;
                }
                let message = format!("no account has the home `/home/{name}`");
                let label = format!("did you mean `{meant}`?");
                self.tell(
                    at,
                    line,
                    name,
                    message,
                    &label,
                    "the command fails, or makes a folder that nobody lives in",
                );
            }
        }
    }

    /// The same of homes elsewhere, where an owner or a mode is given to one.
    fn other_homes(&mut self, here: &Here<'_>, at: usize, line: &str) {
        let command = line.split_whitespace().next().unwrap_or("");
        if !matches!(command, "chown" | "chmod" | "chgrp") || line.contains("||") {
            return;
        }
        let last = |p: &str| p.rsplit('/').next().unwrap_or("").to_owned();
        // A slip in the home itself is told there.
        let sound = |u: &&crate::description::model::Element| {
            u.attrs
                .get("home")
                .is_some_and(|h| Some(&*last(h.trim())) == u.attrs.get("name"))
        };
        let homes = here
            .image
            .accounts()
            .filter(sound)
            .filter_map(|u| u.attrs.get("home"))
            .map(str::trim);
        let homes = homes.filter(|h| {
            h.rsplit_once('/')
                .is_some_and(|(f, n)| f.len() > 1 && f != "/home" && n.len() > 3)
        });
        for home in homes {
            let close = |w: &&str| {
                let folder = |p: &str| p.rsplit_once('/').map(|(f, _)| f.to_owned());
                folder(w) == folder(home)
                    && *w != home
                    && (crate::rules::packages::misspelt::exchanged(home, w)
                        || home.rsplit('/').next().is_some_and(|n| n.len() > 4)
                            && crate::rules::found::one_keystroke(home, w))
            };
            let mut words = line.split_whitespace().map(|w| w.trim_end_matches(['/', ';']));
            let Some(word) = words.find(close).filter(|w| self.text.matches(w).count() == 1) else {
                continue;
            };
            let message = format!("no account has the home `{word}`");
            let label = format!("did you mean `{home}`?");
            self.tell(
                at,
                line,
                word,
                message,
                &label,
                "the command fails: the build stops there, or the home keeps its owner and mode",
            );
        }
    }

    /// An account that is logged in without being asked, under a slip of a described one.
    pub(in crate::rules) fn autologin(&mut self, here: &Here<'_>) {
        let users = || here.image.accounts();
        let mut known: Vec<&str> = users().filter_map(|u| u.attrs.get("name")).collect();
        let lines = self.commands();
        known.extend(made(&lines));
        for &(at, line) in lines.iter() {
            let mut words = line.split_whitespace();
            let setting = words.next() == Some("baseUpdateSysConfig")
                && words.nth(1) == Some("DISPLAYMANAGER_AUTOLOGIN");
            let Some(word) = words.next().filter(|_| setting) else {
                continue;
            };
            let name = word.trim_matches(['"', '\'']);
            let close = |k: &&&str| crate::rules::found::one_keystroke(k, name);
            let Some(meant) = known
                .iter()
                .find(close)
                .filter(|_| name.len() > 2 && !known.contains(&name))
            else {
                continue;
            };
            let message = format!("no account `{name}` is described");
            let label = format!("did you mean `{meant}`?");
            self.tell(
                at,
                line,
                name,
                message,
                &label,
                "the build goes through, and the running system asks for a login",
            );
        }
    }
}

/// Commands that make accounts or groups, with the lines that they go on in.
fn makers<'t>(text: &'t str, lines: &[(usize, &'t str)]) -> Vec<&'t str> {
    const MAKING: &[&str] = &["useradd", "adduser", "groupadd", "addgroup"];
    let from = lines
        .iter()
        .enumerate()
        .filter(|(_, (_, l))| MAKING.iter().any(|w| l.contains(w)))
        .filter(|(_, (_, l))| crate::rules::users::unknown_accounts::joined(l).is_none());
    let whole = from.filter_map(|(index, (at, _))| {
        let last = lines.get(index..)?.iter().find(|(_, l)| !l.ends_with('\\'))?;
        text.get(*at..last.0 + last.1.len())
    });
    whole.collect()
}

/// The account or group that a command makes, where it stands last.
fn own_name(command: &str) -> Option<&str> {
    let plain = |w: &&str| is_word(w);
    let end = command.find(['|', '&', ';', '>', '#']).unwrap_or(command.len());
    command
        .get(..end)?
        .split_whitespace()
        .last()
        .filter(plain)
        .filter(|w| !w.starts_with('-'))
}

/// What a command makes has a name that is put together, as far as it can be seen.
fn put_together(command: &str) -> bool {
    if command.contains(['<', '`']) {
        return true;
    }
    // What groups, home or shell an account has says nothing of its name.
    const OF: &[&str] = &[
        "-G",
        "--groups",
        "-g",
        "--gid",
        "-d",
        "--home-dir",
        "-s",
        "--shell",
        "-p",
        "-u",
    ];
    let words: Vec<&str> = command.split_whitespace().collect();
    let alone = |at: usize| {
        at.checked_sub(1)
            .and_then(|at| words.get(at))
            .is_none_or(|w| !OF.contains(w))
    };
    (0..words.len()).any(|at| {
        words
            .get(at)
            .is_some_and(|w| w.contains('$') && !w.starts_with("--"))
            && alone(at)
    })
}

/// The accounts that a script makes itself, with the words beside their names.
fn made<'t>(lines: &[(usize, &'t str)]) -> impl Iterator<Item = &'t str> {
    let makers = lines.iter().filter(|(_, l)| is_useradd(l));
    makers.flat_map(|(_, l)| l.split_whitespace().skip(1).filter(|w| !w.starts_with('-')))
}

/// The command makes an account.
fn is_useradd(line: &str) -> bool {
    let command = line.split_whitespace().next().unwrap_or("");
    matches!(command.rsplit('/').next(), Some("useradd" | "adduser"))
}
