//! Lines of files whose form is known: sections, settings and values that their readers do not take. The forms are `forms`';
//! what is for whole folders of other readers is told by `tabled`.

use super::forms::Form;
use super::texts::{finding, lines, section, unclosed};
use crate::diagnostic::Diagnostic;
use crate::rules::found::near;

impl Form {
    /// The first line that its reader does not take.
    pub(super) fn judge(&self, text: &str) -> Option<Diagnostic> {
        if self.ending == ".repo"
            && let Some((at, line)) = lines(text).next().filter(|(_, l)| !l.starts_with('['))
        {
            let message = format!(
                "{} reads no setting before the name of a repository in brackets",
                self.reader
            );
            return finding(at, line, message, "such as `[updates]`".to_owned(), self.then);
        }
        lines(text).find_map(|(at, line)| self.line(at, line))
    }

    /// A line that its reader does not take.
    pub(super) fn line(&self, at: usize, line: &str) -> Option<Diagnostic> {
        let reader = self.reader;
        let bracketed = self.between == '=' && (!self.sections.is_empty() || self.ending == ".repo");
        if bracketed && line.starts_with('[') && !line.contains(']') {
            return unclosed(at, line, reader, self.then);
        }
        if let Some(name) = line.strip_prefix('[') {
            let name = name.trim_end_matches(']');
            let plain = !self.sections.is_empty() && !self.sections.contains(&name);
            let meant = near(name, self.sections.iter().copied()).filter(|_| plain)?;
            return section(at + 1, name, meant, reader, self.then);
        }
        // A setting that may fail begins with a dash for the kernel.
        let (at, line) = match line.strip_prefix('-') {
            Some(rest) => (at + 1, rest),
            None => (at, line),
        };
        let end = line.find(|c: char| c.is_whitespace() || c == '=' || c == '+');
        if reader == "the kernel" && !line.contains('=') && line.split_whitespace().count() == 2 {
            let message = format!("`=` is missing in `{line}`");
            return finding(
                at,
                line,
                message,
                format!("such as `{}`", line.replacen(' ', " = ", 1)),
                self.then,
            );
        }
        let key = line.get(..end?)?;
        let same = self.keys.iter().find(|k| k.eq_ignore_ascii_case(key));
        let Some(known) = same else {
            // sshd's are whole words; others differ by little among themselves.
            let close = |k: &&str| crate::rules::found::one_keystroke(k, key);
            let meant = match self.between {
                ' ' => near(key, self.keys.iter().copied()),
                _ => self.keys.iter().copied().find(close).or_else(|| {
                    let long = self.keys.iter().copied().filter(|k| k.len() > 9);
                    near(key, long).filter(|_| key.len() > 9 && reader != "the kernel")
                }),
            };
            // A key that is left off in its middle.
            let begun = || {
                let mut own = self
                    .keys
                    .iter()
                    .copied()
                    .filter(|k| self.between == ' ' && key.len() > 7 && k.starts_with(key));
                own.next().filter(|_| own.next().is_none())
            };
            // What the kernel knows has long names of several parts.
            let far = || {
                let parts = |k: &str| {
                    k.rsplit_once('.')
                        .map(|(head, last)| (head.to_owned(), last.len()))
                };
                let (head, _) = parts(key).filter(|_| reader == "the kernel")?;
                let near = |k: &&str| {
                    let more = ["ing", "s", "ed"]
                        .iter()
                        .any(|e| key.strip_prefix(*k) == Some(*e));
                    let same = parts(k).is_some_and(|(own, last)| own == head && last > 7);
                    more || same && strsim::damerau_levenshtein(k, key) < 3
                };
                self.keys.iter().copied().find(near)
            };
            let meant = meant
                .or_else(begun)
                .or_else(far)
                .filter(|_| key.len() > 3 && !self.others.contains(&key))?;
            // Another number may be another setting.
            if !crate::rules::found::same_digits(key, meant) {
                return None;
            }
            let message = format!("{reader} knows no setting `{key}`");
            return finding(at, key, message, format!("did you mean `{meant}`?"), self.then);
        };
        let from = match self.between {
            ' ' => end?,
            other => line.find(other)? + 1,
        };
        let rest = line.get(from..)?;
        let value = rest.trim();
        let place = at + from + rest.len() - rest.trim_start().len();
        if matches!(*known, "baseurl" | "gpgkey" | "mirrorlist" | "metalink") && self.ending == ".repo" {
            return address(place, value, self.then);
        }
        const NUMBERS: &[&str] = &[
            "ClientAliveCountMax",
            "ClientAliveInterval",
            "LoginGraceTime",
            "MaxAuthTries",
            "MaxSessions",
            "Port",
            "X11DisplayOffset",
        ];
        if reader == "sshd" && NUMBERS.contains(known) {
            let message = format!("`{key}` of sshd is a number, and never `{value}`");
            let odd = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphabetic());
            return finding(place, value, message, "such as `30`".to_owned(), self.then).filter(|_| odd);
        }
        if *known == "Match" {
            return criterion(place, value, self.then);
        }
        let (_, values) = self.values.iter().find(|(k, _)| k == known)?;
        let value = value.split([' ', '\t', '#']).next().unwrap_or("");
        let quoted = value.len() - value.trim_start_matches('"').len();
        let (place, value) = (place + quoted, value.trim_matches('"'));
        let plain = value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b',')
            && !value.is_empty();
        if !plain || values.iter().any(|v| v.eq_ignore_ascii_case(value)) {
            return None;
        }
        let message = format!("{reader} knows no value `{value}` of `{key}`");
        let all: Vec<String> = values.iter().take(4).map(|v| format!("`{v}`")).collect();
        let meant = near(value, values.iter().copied());
        let label = meant.map_or_else(|| all.join(" or "), |meant| format!("did you mean `{meant}`?"));
        finding(place, value, message, label, self.then)
    }
}

/// What sshd asks a connection for, under a name that is none.
fn criterion(at: usize, value: &str, then: &str) -> Option<Diagnostic> {
    const KNOWN: &[&str] = &[
        "All",
        "User",
        "Group",
        "Host",
        "LocalAddress",
        "LocalPort",
        "Address",
        "RDomain",
        "Canonical",
        "Final",
        "Exec",
        "OriginalHost",
        "LocalUser",
        "Tagged",
        "Version",
        "invalid-user",
    ];
    let word = value.split([' ', '\t', '=']).next()?;
    let other = !word.is_empty() && !KNOWN.iter().any(|k| k.eq_ignore_ascii_case(word));
    let meant = near(word, KNOWN.iter().copied());
    let label = meant.map_or_else(
        || "such as `User` or `Address`".to_owned(),
        |m| format!("did you mean `{m}`?"),
    );
    let plain = word.bytes().all(|b| b.is_ascii_alphabetic());
    finding(
        at,
        word,
        format!("sshd asks a connection for no `{word}`"),
        label,
        then,
    )
    .filter(|_| other && plain)
}

/// An address without the sign between its scheme and its server, or with a scheme that is a slip of one.
fn address(at: usize, value: &str, then: &str) -> Option<Diagnostic> {
    const SCHEMES: &[&str] = &[
        "http", "https", "ftp", "file", "dir", "hd", "cd", "dvd", "iso", "nfs", "cifs", "smb", "media",
        "plugin",
    ];
    let (scheme, slip) = match value.split_once("://") {
        Some((scheme, _)) => (scheme, !SCHEMES.contains(&scheme)),
        None => (value.split([':', '/']).next()?, true),
    };
    const VARIABLES: &[&str] = &[
        "basearch",
        "releasever",
        "contentdir",
        "stream",
        "infra",
        "rltype",
        "releasever_major",
    ];
    let name = |part: &'_ str| {
        part.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .next()
            .map(str::to_owned)
    };
    let odd = value.match_indices('$').find_map(|(from, _)| {
        let own = name(value.get(from + 1..)?.trim_start_matches('{'))?;
        let close = |k: &&str| {
            k.len() > 6
                && (crate::rules::found::one_keystroke(k, &own)
                    || crate::rules::packages::misspelt::exchanged(k, &own))
        };
        let meant = VARIABLES
            .iter()
            .copied()
            .find(close)
            .filter(|_| !VARIABLES.contains(&own.as_str()))?;
        Some((from, own, meant))
    });
    if let Some((from, own, meant)) = odd {
        let word = value.get(from..from + 1 + own.len())?;
        let message = format!("addresses of packages have no variable `{word}`");
        return finding(
            at + from,
            word,
            message,
            format!("did you mean `${meant}`?"),
            then,
        );
    }
    let meant = SCHEMES.iter().copied().find(|s| *s == scheme);
    let meant = meant.or_else(|| near(scheme, SCHEMES.iter().copied().filter(|s| s.len() > 3)))?;
    let bare = value
        .strip_prefix(scheme)
        .is_some_and(|rest| rest.starts_with("//"));
    if !slip || crate::rules::filled::filled(value) && meant == scheme && !bare {
        return None;
    }
    let message = format!("the address `{value}` has no scheme that is known");
    finding(at, value, message, format!("did you mean `{meant}://`?"), then)
}

#[cfg(test)]
mod tests {
    use crate::rules::overlay::forms::FORMS;
    use crate::rules::overlay::forms_shared::{REPOSITORY, SSHD, SYSCTL};

    #[test]
    fn no_key_is_a_slip_of_another_and_slips_are_told() {
        for form in FORMS {
            for key in form.keys {
                let line = format!("{key}{}x", form.between);
                let told = form
                    .line(0, &line)
                    .filter(|d| d.message.to_string().contains("setting"));
                assert!(told.is_none(), "{key}");
            }
        }
        for (form, line, told) in [
            (&SSHD, "PasswordAuthentification no", true),
            (&SSHD, "passwordauthentication no", false),
            (&SSHD, "PermitRootLogin nope", true),
            (&SSHD, "Match User x", false),
            (&SSHD, "ClientAliveInterval two", true),
            (&SSHD, "ClientAliveInterval 2m", false),
            (&SSHD, "Match Adress 10.0.0.0/8", true),
            (&REPOSITORY, "gpgkey=htps://example.org/key", true),
            (&REPOSITORY, "gpgkey=file:///etc/pki/key", false),
            (&REPOSITORY, "baseurl=https//example.org/x", true),
            (&REPOSITORY, "baseurl=https://example.org/$basearch", false),
            (&REPOSITORY, "gpgchek=1", true),
            (&REPOSITORY, "x-vendor=1", false),
            (&REPOSITORY, "[lab", true),
            (&REPOSITORY, "[lab]", false),
            (&REPOSITORY, "baseurl=https://example.org/$basearhc/", true),
            (&SSHD, "X11Forwarding none", true),
            (&SYSCTL, "net.ipv4.ip_forward 1", true),
            (&SYSCTL, "net.ipv6.conf.lo.disable_ipv6 = 1", false),
            (&SYSCTL, "net.ipv4.ip_foward = 1", true),
            (&SYSCTL, "-net.ipv4.ip_forward = 1", false),
        ] {
            assert_eq!(form.line(0, line).is_some(), told, "{line}");
        }
    }
}
