//! Lines of rsyslog in the overlay that say what goes where: kinds of messages and levels that it does not know. Says nothing of
//! its other statements.

use super::texts::{at_word, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::found::near;

const FACILITIES: &[&str] = &[
    "auth", "authpriv", "cron", "daemon", "kern", "lpr", "mail", "mark", "news", "security", "syslog",
    "user", "uucp", "ftp", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    "*", "console", "ntp", "audit", "alert", "clock",
];

const LEVELS: &[&str] = &[
    "debug", "info", "notice", "warning", "warn", "err", "error", "crit", "alert", "emerg", "panic", "none",
    "*",
];

/// A kind of messages or a level that is none.
pub(super) fn judge(text: &str) -> Option<Diagnostic> {
    let then = "the build goes through, and rsyslog passes over the line in the running system";
    lines(text).find_map(|(at, line)| {
        let (selector, _) = line.split_once([' ', '\t'])?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"*,.;=!".contains(&b);
        if !selector.contains('.') || !selector.bytes().all(plain) {
            return None;
        }
        let parts = || selector.split(';').map(|part| part.split_once('.'));
        // Something else than kinds and levels.
        let sound = |list: &str| list.split(',').any(|f| FACILITIES.contains(&f));
        let level = |l: &str| LEVELS.contains(&l.trim_start_matches(['=', '!']));
        if parts().any(|p| p.is_none_or(|(f, l)| !sound(f) && !level(l))) {
            return None;
        }
        parts().flatten().find_map(|(kinds, own)| {
            let bare = own.trim_start_matches(['=', '!']);
            let odd = kinds.split(',').find(|f| !FACILITIES.contains(f));
            let (word, what, known) = match odd {
                Some(odd) => (odd, "kind of messages", FACILITIES),
                None if !level(own) => (bare, "level", LEVELS),
                None => return None,
            };
            let message = format!("rsyslog knows no {what} `{word}`");
            let label = match near(word, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if word.starts_with("local") => "`local0` to `local7`".to_owned(),
                None => format!(
                    "such as `{}`",
                    known.iter().take(3).copied().collect::<Vec<_>>().join("`, `")
                ),
            };
            at_word(at, line, word, message, label, then)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_levels_are_known() {
        for (line, told) in [
            ("local3.*    /var/log/a", false),
            ("*.err;mail.none @@b:514", false),
            ("auth,authpriv.* /var/log/c", false),
            ("local8.* /var/log/a", true),
            ("mail.wran /var/log/a", true),
            ("if $programname == 'a.b' then stop", false),
            ("module(load=\"imtcp\") # a.b", false),
            ("*.=debug;auth.!info -/var/log/d", false),
        ] {
            assert_eq!(judge(line).is_some(), told, "{line}");
        }
    }
}
