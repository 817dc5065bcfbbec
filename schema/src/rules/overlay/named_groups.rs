//! Groups that files of the overlay ask for: of sshd, sysusers, logrotate, polkit, where they are slips of groups that there are.
//! Knows the groups that systems bring, and the described ones; says nothing of others.

use super::texts::{at_word, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::{is_word, one_keystroke};
use crate::rules::packages::misspelt::exchanged;
use crate::rules::users::groups::GROUPS;

/// The group that is meant by a name, of those that there are and that `more` are.
pub(in crate::rules) fn meant(here: &Here<'_>, name: &str, more: &[&str]) -> Option<String> {
    let described = here.image.accounts().flat_map(|u| {
        let groups = u
            .attrs
            .list("groups")
            .into_iter()
            .filter_map(|g| g.split(':').next());
        groups.chain(u.attrs.get("name"))
    });
    let known: Vec<&str> = described
        .chain(GROUPS.iter().copied())
        .chain(crate::rules::containers::ACCOUNTS.iter().copied())
        .chain(more.iter().copied())
        .collect();
    if name.len() < 4 || !is_word(name) || known.contains(&name) || crate::rules::scripts::lists(here, name) {
        return None;
    }
    let close = |k: &&&str| k.len() > 3 && (one_keystroke(k, name) || exchanged(k, name));
    // All systems have the group `users`, and none `user`.
    let close = known
        .iter()
        .find(close)
        .filter(|k| name != "user" || **k == "users");
    let scripts = super::Scripts::of(here);
    close
        .filter(|_| name == "user" || !(scripts.says_word(name) && scripts.makes(name)))
        .map(|k| (*k).to_owned())
}

/// What is wrong with the groups of a file, by its folder.
pub(super) fn judge(here: &Here<'_>, folder: &str, text: &str) -> Option<Diagnostic> {
    let then = "the build goes through, and the group that is meant is not the one that counts in the running system";
    // Groups that the table makes itself.
    let second = |(_, l): (usize, &'_ str)| {
        let mut words = l.split_whitespace();
        matches!(words.next(), Some("g" | "u" | "u!")).then(|| words.next().unwrap_or("").to_owned())
    };
    let made: Vec<String> = lines(text)
        .filter(|_| folder.ends_with("sysusers.d"))
        .filter_map(second)
        .collect();
    let made: Vec<&str> = made.iter().map(String::as_str).collect();
    lines(text).find_map(|(at, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let names: Vec<&str> = match (folder, words.as_slice()) {
            ("etc/ssh/sshd_config.d" | "etc/ssh", [key, names @ ..])
                if key.eq_ignore_ascii_case("AllowGroups") || key.eq_ignore_ascii_case("DenyGroups") =>
            {
                names.to_vec()
            }
            ("etc/ssh/sshd_config.d" | "etc/ssh", [key, kind, name])
                if key.eq_ignore_ascii_case("Match") && kind.eq_ignore_ascii_case("Group") =>
            {
                vec![name]
            }
            ("etc/sysusers.d" | "usr/lib/sysusers.d", ["m", _, group]) => vec![group],
            ("etc/logrotate.d", ["su", _, group] | ["create", _, _, group]) => vec![group],
            ("etc/cloud/cloud.cfg.d" | "etc/cloud", ["groups:", rest @ ..]) => rest
                .iter()
                .map(|g| g.trim_matches(['[', ']', ',', '"', '\'']))
                .collect(),
            ("etc/polkit-1/rules.d", _) => {
                let inside = line.split("isInGroup(").skip(1);
                inside.filter_map(|r| r.split(['"', '\'']).nth(1)).collect()
            }
            _ => return None,
        };
        // Who is asked for by name.
        let asked = line
            .split("subject.user")
            .nth(1)
            .filter(|_| folder == "etc/polkit-1/rules.d");
        let asked = asked.and_then(|r| {
            r.trim_start()
                .trim_start_matches(['=', '!'])
                .trim_start()
                .split(['"', '\''])
                .nth(1)
        });
        if let Some(name) = asked.filter(|n| super::values::stranger(here, n)) {
            let message = format!("nothing makes the account `{name}`");
            return at_word(at, line, name, message, super::values::meant(here, name), then);
        }
        let (name, meant) = names.iter().find_map(|n| Some((*n, meant(here, n, &made)?)))?;
        let message = format!("no group is known as `{name}`");
        at_word(at, line, name, message, format!("did you mean `{meant}`?"), then)
    })
}

/// The folders that are judged, without a slash before them.
pub(super) const FOLDERS: &[&str] = &[
    "etc/ssh",
    "etc/ssh/sshd_config.d",
    "etc/sysusers.d",
    "usr/lib/sysusers.d",
    "etc/logrotate.d",
    "etc/polkit-1/rules.d",
    "etc/cloud",
    "etc/cloud/cloud.cfg.d",
];
