//! What stands in files of the overlay that programs of the running system read: keys, sections and words that are slips of
//! those which their readers know. Knows the usual ones by name; says nothing about others, and runs nothing.

use super::forms::{FORMS, Form};
use super::names::each;
use crate::description::model::File;
use crate::diagnostic::Diagnostic;
use crate::rules::code;
use crate::rules::files::Here;
use crate::rules::found::{Found, near};
use crate::text::Span;

/// Judges the texts of one overlay.
pub(in crate::rules) fn check(here: &Here<'_>, overlay: &str, found: &mut Found<'_>, files: &mut Vec<File>) {
    for form in FORMS {
        each(here, overlay, form.folder, found, files, |name, text| {
            name.ends_with(form.ending).then(|| form.judge(text)).flatten()
        });
    }
    each(here, overlay, "etc/sudoers.d", found, files, |_, text| {
        super::sudoers::judge(here, text).or_else(|| super::sudo_commands::judge(here, text))
    });
    each(here, overlay, "etc/netplan", found, files, |_, text| {
        super::netplan::judge(text)
    });
    for folder in super::values::PLACES {
        each(here, overlay, folder, found, files, |name, text| {
            super::values::judge(here, folder, name, text)
        });
    }
    for folder in super::readers::PLACES {
        each(here, overlay, folder, found, files, |name, text| {
            super::readers::judge(folder, name, text).or_else(|| match *folder {
                // What starts a container is a service.
                "etc/containers/systemd" => super::units::written(here, "container.service", text),
                "etc/logrotate.d" => super::values::rotated(here, text),
                _ => None,
            })
        });
    }
    for folder in super::tabled::folders() {
        each(here, overlay, folder, found, files, |name, text| {
            super::tabled::judge(folder, name, text)
        });
    }
    for folder in super::named_groups::FOLDERS {
        each(here, overlay, folder, found, files, |_, text| {
            super::named_groups::judge(here, folder, text)
        });
    }
    for folder in super::login_keys::folders(here) {
        each(here, overlay, &folder, found, files, |name, text| {
            (name == "authorized_keys")
                .then(|| super::login_keys::judge(text))
                .flatten()
        });
    }
    for folder in ["etc/firewalld/zones", "usr/lib/firewalld/zones"] {
        each(here, overlay, folder, found, files, |_, text| {
            super::firewalld::judge(here, text)
        });
    }
    each(here, overlay, "etc/audit/rules.d", found, files, |name, text| {
        name.ends_with(".rules")
            .then(|| super::audit::judge(text))
            .flatten()
    });
    each(here, overlay, "etc/rsyslog.d", found, files, |name, text| {
        name.ends_with(".conf")
            .then(|| super::selectors::judge(text))
            .flatten()
    });
    for folder in ["etc/default", "etc/sysconfig", "etc/sysconfig/network"] {
        each(here, overlay, folder, found, files, |_, text| {
            super::facts::quote(text)
        });
    }
    for folder in super::statements::folders() {
        each(here, overlay, folder, found, files, |name, text| {
            super::statements::judge(folder, name, text)
                .or_else(|| super::statements::paths(here, folder, name, text))
        });
    }
    for folder in super::facts::ADDRESSES {
        each(here, overlay, folder, found, files, |_, text| {
            super::facts::address(text)
        });
    }
    for (folder, names) in super::facts::SHELL {
        each(here, overlay, folder, found, files, |name, text| {
            let own = names.is_empty() || names.contains(&name);
            own.then(|| super::facts::assignment(text)).flatten()
        });
    }
    for folder in super::facts::NGINX {
        each(here, overlay, folder, found, files, |name, text| {
            let own = !matches!(name, "mime.types" | "koi-utf" | "koi-win" | "win-utf");
            own.then(|| super::facts::unended(text)).flatten()
        });
    }
    let scripts = super::Scripts::of(here);
    each(here, overlay, "etc/cron.d", found, files, |_, text| {
        super::cron::judge(here, text).or_else(|| {
            let mut paths =
                lines(text).filter(|(_, l)| l.starts_with(|c: char| c.is_ascii_digit() || "*@".contains(c)));
            paths.find_map(|(at, value)| {
                let line = super::units::Line {
                    key: "",
                    value,
                    at,
                    from: at,
                };
                super::unit_paths::path(here, &scripts, &line, 2)
            })
        })
    });
    each(here, overlay, "etc/udev/rules.d", found, files, |name, text| {
        name.ends_with(".rules").then(|| udev(here, text)).flatten()
    });
}

/// What is wrong with a line that a script adds to a file of the system.
pub(in crate::rules) fn added(here: &Here<'_>, path: &str, line: &str) -> Option<Diagnostic> {
    let (folder, name) = path.strip_prefix('/')?.rsplit_once('/')?;
    let whole = super::tabled::is_whole(folder, name) || super::statements::is_whole(folder, name);
    written(here, path, line).filter(|_| !whole)
}

/// What is wrong with a text that a script writes to a file of the system.
pub(in crate::rules) fn written(here: &Here<'_>, path: &str, text: &str) -> Option<Diagnostic> {
    let (folder, name) = path.strip_prefix('/')?.rsplit_once('/')?;
    match folder {
        "etc/sudoers.d" => {
            super::sudoers::judge(here, text).or_else(|| super::sudo_commands::judge(here, text))
        }
        "etc/netplan" => super::netplan::judge(text),
        "etc/cron.d" => super::cron::judge(here, text),
        "etc/udev/rules.d" => udev(here, text),
        "etc/audit/rules.d" => super::audit::judge(text),
        "etc/rsyslog.d" if name.ends_with(".conf") => super::selectors::judge(text),
        folder if super::facts::NGINX.contains(&folder) => super::facts::unended(text),
        "etc/systemd/system" => super::units::written(here, name, text),
        _ => {
            let mut forms = FORMS
                .iter()
                .filter(|f| f.folder == folder && name.ends_with(f.ending));
            let told = forms.find_map(|form| lines(text).find_map(|(at, line)| form.line(at, line)));
            let told = told.or_else(|| super::values::judge(here, folder, name, text));
            let told = told.or_else(|| super::readers::judge(folder, name, text));
            let told = told.or_else(|| super::tabled::judge(folder, name, text));
            let told = told.or_else(|| super::statements::judge(folder, name, text));
            // What one line adds says little of the accounts that others make.
            told.filter(|d| name != "sudoers" || !d.message.to_string().starts_with("nothing makes"))
        }
    }
}

/// Keys of udev's rules.
const UDEV: &[&str] = &[
    "ACTION",
    "ATTR",
    "ATTRS",
    "CONST",
    "DEVPATH",
    "DRIVER",
    "DRIVERS",
    "ENV",
    "GOTO",
    "GROUP",
    "IMPORT",
    "KERNEL",
    "KERNELS",
    "LABEL",
    "MODE",
    "NAME",
    "OPTIONS",
    "OWNER",
    "PROGRAM",
    "RESULT",
    "RUN",
    "SECLABEL",
    "SUBSYSTEM",
    "SUBSYSTEMS",
    "SYMLINK",
    "SYSCTL",
    "TAG",
    "TAGS",
    "TEST",
];

/// A key of udev's rules that is a slip of one, one that is compared and can only be set, or a group that is a slip.
fn udev(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let then = "the build goes through, and udev passes over the rule in the running system";
    let users = || here.image.accounts();
    lines(text).find_map(|(at, line)| {
        // Values in quotes may hold commas.
        let (mut from, mut quoted) = (0, false);
        let mut parts = Vec::new();
        for (to, c) in line.char_indices() {
            quoted ^= c == '"';
            if c == ',' && !quoted {
                parts.push((from, line.get(from..to)?));
                from = to + 1;
            }
        }
        parts.push((from, line.get(from..)?));
        parts.into_iter().find_map(|(from, part)| {
            let from = at + from + part.len() - part.trim_start().len();
            let part = part.trim();
            let end = part.find(|c: char| !c.is_ascii_uppercase())?;
            let (key, rest) = part.split_at(end);
            if key.len() > 2 && !UDEV.contains(&key) {
                let meant = near(key, UDEV.iter().copied())?;
                let message = format!("udev knows no key `{key}`");
                return finding(from, key, message, format!("did you mean `{meant}`?"), then);
            }
            if matches!(key, "GROUP" | "OWNER" | "MODE" | "RUN" | "OPTIONS" | "SECLABEL")
                && rest.starts_with("==")
            {
                let message = format!("udev compares no `{key}`: it is only set");
                return finding(from + end, "==", message, "did you mean `=`?".to_owned(), then);
            }
            let asked = matches!(
                key,
                "ACTION"
                    | "DEVPATH"
                    | "DRIVER"
                    | "DRIVERS"
                    | "KERNEL"
                    | "KERNELS"
                    | "SUBSYSTEM"
                    | "SUBSYSTEMS"
                    | "ATTRS"
            );
            let sign = rest
                .find('}')
                .map_or(rest, |end| rest.get(end + 1..).unwrap_or(rest));
            if asked && sign.starts_with('=') && !sign.starts_with("==") {
                let message = format!("udev sets no `{key}`: it is only compared");
                let place = from + part.len() - sign.len();
                return finding(place, "=", message, "did you mean `==`?".to_owned(), then);
            }
            if key == "MODE" {
                let mode = rest.split('"').nth(1)?;
                let octal = mode.bytes().all(|b| (b'0'..b'8').contains(&b)) && mode.len() < 6;
                let place = from + end + rest.find(mode)?;
                let message = format!("`{mode}` is no mode of a device");
                let told = finding(place, mode, message, "such as `0660`".to_owned(), then);
                return told.filter(|_| !octal && mode.bytes().all(|b| b.is_ascii_digit()));
            }
            if key == "GROUP" {
                let group = rest.split('"').nth(1)?;
                let groups = users()
                    .flat_map(|u| u.attrs.list("groups"))
                    .chain(users().filter_map(|u| u.attrs.get("name")));
                let known: Vec<&str> = groups
                    .chain(crate::rules::users::groups::GROUPS.iter().copied())
                    .collect();
                let slip = |k: &&&str| {
                    k.len() > 4
                        && crate::rules::found::one_keystroke(group, k)
                        && group.strip_suffix('s') != Some(**k)
                };
                let meant = known.iter().find(slip).filter(|_| !known.contains(&group))?;
                let place = from + end + rest.find(group)?;
                let message = format!("no group is known as `{group}`");
                return finding(place, group, message, format!("did you mean `{meant}`?"), then);
            }
            None
        })
    })
}

/// The lines that say something, without the space around them, with where they begin.
pub(in crate::rules) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start + line.len() - line.trim_start().len();
        start += line.len();
        let bare = line.trim();
        (!bare.is_empty() && !bare.starts_with(['#', ';'])).then_some((at, bare))
    })
}

/// The same of a word of a line, which begins at `at`.
pub(in crate::rules) fn at_word(
    at: usize,
    line: &str,
    word: &str,
    message: String,
    label: String,
    then: &str,
) -> Option<Diagnostic> {
    finding(
        at + crate::rules::found::offset(word, line),
        word,
        message,
        label,
        then,
    )
}

/// What is told of a file of the overlay at the word that begins at `at`.
pub(in crate::rules) fn finding(
    at: usize,
    word: &str,
    message: String,
    label: String,
    then: &str,
) -> Option<Diagnostic> {
    let known = code("overlay-file")?;
    let span = Span::new(at as u32, (at + word.len()) as u32);
    let mut one = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
    one.help = Some(then.to_owned().into());
    Some(one)
}

impl Form {
    /// The first line that its reader does not take.
    fn judge(&self, text: &str) -> Option<Diagnostic> {
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

    fn line(&self, at: usize, line: &str) -> Option<Diagnostic> {
        let reader = self.reader;
        let bracketed = self.between == '=' && (!self.sections.is_empty() || self.ending == ".repo");
        if bracketed && line.starts_with('[') && !line.contains(']') {
            let message = format!("{reader} reads no name of a section without its second bracket");
            return finding(at, line, message, format!("did you mean `{line}]`?"), self.then);
        }
        if let Some(name) = line.strip_prefix('[') {
            let name = name.trim_end_matches(']');
            let plain = !self.sections.is_empty() && !self.sections.contains(&name);
            let meant = near(name, self.sections.iter().copied()).filter(|_| plain)?;
            let message = format!("{reader} knows no section `{name}`");
            return finding(
                at + 1,
                name,
                message,
                format!("did you mean `{meant}`?"),
                self.then,
            );
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
    use super::*;
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
