//! Rules of sudo in the overlay, or as a script writes them: accounts and groups that there are not, tags that it does not
//! know, signs that are missing. Knows sudo's words; runs nothing.

use super::Scripts;
use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::near;

/// Tags of sudo's rules.
const TAGS: &[&str] = &[
    "PASSWD",
    "NOPASSWD",
    "EXEC",
    "NOEXEC",
    "SETENV",
    "NOSETENV",
    "FOLLOW",
    "NOFOLLOW",
    "MAIL",
    "NOMAIL",
    "INTERCEPT",
    "NOINTERCEPT",
    "LOG_INPUT",
    "NOLOG_INPUT",
    "LOG_OUTPUT",
    "NOLOG_OUTPUT",
];

/// A rule for an account that is a slip of a described one, or with a tag that sudo does not know.
pub(in crate::rules) fn judge(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let users = || here.image.accounts();
    let made = Scripts::of(here).accounts();
    let described = users().filter_map(|u| u.attrs.get("name"));
    let known: Vec<&str> = described.chain(made.iter().map(String::as_str)).collect();
    let mut continued = false;
    lines(text).find_map(|(at, line)| {
        let whole = !std::mem::replace(&mut continued, line.ends_with('\\'));
        let other = ["Defaults", "@include"].iter().any(|w| line.starts_with(w));
        let rule = line.contains(['(', ')']) || line.contains("NOPASSWD") || line.ends_with(" ALL");
        if whole && rule && !continued && !other && !line.contains('=') {
            let message = "a rule of sudo has `=` between its hosts and what may be done".to_owned();
            let then = "the build goes through, and sudo refuses the file in the running system";
            return finding(
                at,
                line,
                message,
                "such as `%wheel ALL=(ALL) ALL`".to_owned(),
                then,
            );
        }
        if let Some(word) = line
            .split_whitespace()
            .next()
            .and_then(|w| w.split([':', '@', '>', '!']).next())
            .filter(|w| crate::rules::found::one_keystroke("Defaults", w) && !line.contains("ALL"))
        {
            let message = format!("sudo knows no `{word}`");
            let then = "the build goes through, and sudo refuses the file in the running system";
            return finding(at, word, message, "did you mean `Defaults`?".to_owned(), then);
        }
        let (head, rule) = line
            .split_once('=')
            .filter(|_| !line.starts_with("Defaults") && !line.contains("_Alias"))?;
        let who = head.split([' ', '\t']).next().unwrap_or("");
        let plain = who.len() > 3
            && who
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'_');
        let own = known.contains(&who) || crate::rules::users::groups::GROUPS.contains(&who);
        let then =
            "the build goes through, and the account that is meant may not use sudo in the running system";
        if let Some(group) = who.strip_prefix('%') {
            let declared = || here.image.accounts().flat_map(|u| u.attrs.list("groups"));
            let known = crate::rules::users::groups::GROUPS.contains(&group)
                || declared().any(|g| g.split(':').next() == Some(group));
            let close = |k: &&str| k.len() > 3 && crate::rules::found::one_keystroke(k, group);
            let meant = crate::rules::users::groups::GROUPS
                .iter()
                .copied()
                .find(close)
                .filter(|m| !known && !crate::rules::found::plural(group, m));
            if let Some(meant) = meant {
                let message = format!("no group is known as `{group}`");
                return finding(at + 1, group, message, format!("did you mean `{meant}`?"), then);
            }
        }
        if rule.matches('(').count() != rule.matches(')').count() && !rule.contains(['"', '\\']) {
            let message = "a bracket of the rule has no other".to_owned();
            let then = "the build goes through, and sudo refuses the file in the running system";
            return finding(at, line, message, "such as `(ALL) ALL`".to_owned(), then);
        }
        // `ALL = root NOPASSWD: ALL`
        let mut words = rule.split_whitespace();
        let first = words.next().unwrap_or("");
        let other = words
            .next()
            .is_some_and(|w| w.trim_end_matches(':') != w || w == "ALL");
        if other && known_account(here, first) {
            let message = format!("`{first}` stands where sudo expects a command, or accounts in brackets");
            let then = "the build goes through, and sudo refuses the file in the running system";
            return at_word(
                at,
                line,
                first,
                message,
                format!("did you mean `({first})`?"),
                then,
            );
        }
        // One that kept its home under the old name is told for that.
        let told = || crate::rules::users::unknown_accounts::half_renamed(here, who);
        if let Some(meant) = near(who, known.iter().copied()).filter(|_| plain && !own && !told()) {
            let message = match made.iter().any(|m| m == meant) {
                true => format!("the script makes the account `{meant}`, and no `{who}`"),
                false => format!("no account `{who}` is described"),
            };
            return finding(at, who, message, format!("did you mean `{meant}`?"), then);
        }
        let short = |k: &&str| {
            (3..5).contains(&k.len()) && who.len() > 1 && crate::rules::found::one_keystroke(k, who)
        };
        let few = (2..5).contains(&who.len()) && !own && !told();
        if let Some(meant) = known
            .iter()
            .copied()
            .filter(|_| few)
            .find(short)
            .filter(|_| is_nobodys(here, who))
        {
            let message = format!("no account `{who}` is described");
            return finding(at, who, message, format!("did you mean `{meant}`?"), then);
        }
        let lower = who
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if lower && crate::rules::users::unknown_accounts::is_unmade(here, who) {
            let message = format!("nothing makes the account `{who}`");
            return finding(
                at,
                who,
                message,
                "add a `<user>`, or name another account".to_owned(),
                then,
            );
        }
        if let Some(other) = who
            .strip_prefix('%')
            .and_then(|group| elsewhere(here, group, text))
        {
            let group = who.trim_start_matches('%');
            let message = format!("there is no group `{group}`: here it is called `{other}`");
            return finding(at + 1, group, message, format!("did you mean `{other}`?"), then);
        }
        // `wheel ALL=(ALL) ALL`
        if matches!(who, "wheel" | "sudo" | "docker" | "users") && !known.contains(&who) {
            let message = format!("`{who}` is a group, and stands here as an account");
            return finding(at, who, message, format!("did you mean `%{who}`?"), then);
        }
        // `NOPASSWD ALL`
        let bare = rule
            .split_whitespace()
            .find(|w| TAGS.contains(w) && !rule.contains(&format!("{w} :")));
        if let Some(tag) = bare {
            let message = format!("the tag `{tag}` of sudo ends with a colon");
            let then = "the build goes through, and sudo refuses the file in the running system";
            return at_word(at, line, tag, message, format!("did you mean `{tag}:`?"), then);
        }
        let last = rule.trim_end().strip_suffix(':').map(str::trim_end);
        let last = last.and_then(|r| r.rsplit([' ', '\t', ')', ':', ',']).next());
        if let Some(tag) = last.filter(|tag| TAGS.contains(tag)) {
            let from = at + crate::rules::found::offset(tag, line);
            let message = format!("nothing stands behind the tag `{tag}:`");
            let then = "the build goes through, and sudo refuses the file in the running system";
            return finding(from, tag, message, "such as `NOPASSWD: ALL`".to_owned(), then);
        }
        let mut from = at + head.len() + 1;
        for part in rule.split_inclusive([' ', '\t', ')', ':', ',']) {
            let word = part.trim_end_matches(':');
            let tag = part.ends_with(':')
                && word.len() > 3
                && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            if tag
                && !TAGS.contains(&word)
                && let Some(meant) = near(word, TAGS.iter().copied())
            {
                let message = format!("sudo knows no tag `{word}`");
                let then = "the build goes through, and sudo refuses the file in the running system";
                return finding(from, word, message, format!("did you mean `{meant}`?"), then);
            }
            from += part.len();
        }
        None
    })
}

/// No group, table or script speaks of that account.
fn is_nobodys(here: &Here<'_>, name: &str) -> bool {
    let mut groups = here.image.accounts().flat_map(|u| u.attrs.list("groups"));
    !groups.any(|g| g.split(':').next() == Some(name))
        && !declared_in(here, name)
        && !Scripts::of(here).says_word(name)
        && !crate::rules::containers::ACCOUNTS.contains(&name)
}

/// `root` or a described account.
fn known_account(here: &Here<'_>, name: &str) -> bool {
    name == "root" || here.image.accounts().any(|u| u.attrs.get("name") == Some(name))
}

/// What the group of those who may do everything is called here, where a rule alone names it as others do.
fn elsewhere(here: &Here<'_>, group: &str, text: &str) -> Option<&'static str> {
    let (other, own) = crate::rules::scripts::joined::names_of_administrators(here)?;
    let groups = || here.image.accounts().flat_map(|u| u.attrs.list("groups"));
    let declared = || groups().any(|g| g.split(':').next() == Some(other));
    let rules = lines(text).filter(|(_, l)| l.starts_with('%')).count();
    let makes = || Scripts::of(here).makes(other) || declared_in(here, other);
    (group == other && rules == 1 && !declared() && !makes()).then_some(own)
}

/// A table of groups of the overlay has it.
fn declared_in(here: &Here<'_>, group: &str) -> bool {
    let tables = ["etc/group", "etc/sysusers.d", "usr/lib/sysusers.d"];
    !group.is_empty() && tables.iter().any(|t| super::has(here, t))
}
