//! What commands of a build's script are given: addresses, modes, shells, groups, time zones that are slips of the
//! pen or nothing at all. Looks at the words of single commands; runs nothing.

use super::Script;
use super::names::place;
use crate::diagnostic::Fix;
use crate::rules::files::Here;
use crate::rules::found::one_keystroke;
use crate::rules::packages::pythons;
use crate::text::Span;

/// Slips of `exit`.
const EXITS: &[&str] = &["exti", "eixt", "exut", "xeit", "exot", "exit0", "exit1"];

impl Script<'_> {
    /// Looks at the words of each command.
    pub(in crate::rules) fn arguments(&mut self, here: &Here<'_>) {
        for &(at, line) in self.commands().iter() {
            if line.starts_with('#') {
                continue;
            }
            let line = line.split(" #").next().unwrap_or(line);
            if let Some(word) = line.split_whitespace().next().filter(|w| EXITS.contains(w)) {
                let message = format!("no command is known as `{word}`");
                let then = "the command is not found: the script ends with another status than is meant";
                self.tell(at, line, word, message, "did you mean `exit`?", then);
                continue;
            }
            if let Some(word) = line
                .strip_prefix("exit ")
                .map(str::trim)
                .filter(|w| !w.is_empty() && w.len() < 6 && w.bytes().all(|b| b.is_ascii_alphabetic()))
            {
                let message = format!("a script ends with a number, and `{word}` is none");
                let then = "the script ends with the status 2: the build stops there";
                self.tell(at, line, word, message, "such as `0`", then);
                continue;
            }
            self.address(at, line);
            self.zone(at, line);
            self.folder(at, line);
            self.unended_edit(at, line);
            for part in line.split("&&").flat_map(|p| p.split(['|', ';'])) {
                let mut words = part
                    .split_whitespace()
                    .skip_while(|w| *w == "sudo" || w.contains('='));
                let command = words.next().unwrap_or("");
                let bare = command.rsplit('/').next().unwrap_or(command);
                let rest: Vec<&str> = words.collect();
                let told = self.firewall(here, at, line, bare, &rest)
                    || self.option(at, line, bare, &rest)
                    || self.verb(at, line, bare, &rest)
                    || self.locked(at, line, bare, &rest)
                    || self.splash(at, line, bare, &rest)
                    || self.spoken(at, line, bare, &rest)
                    || self.numbered(here, at, line, bare)
                    || self.octal(at, line, bare, &rest)
                    || self.shell(here, at, line, bare, &rest);
                if !told {
                    self.groups(here, at, line, bare, &rest);
                }
            }
        }
    }

    /// A service that firewalld knows under the name of its protocol.
    fn firewall(&mut self, here: &Here<'_>, at: usize, line: &str, program: &str, rest: &[&str]) -> bool {
        const SERVICES: &[(&str, &str)] = &[
            ("sshd", "ssh"),
            ("openssh", "ssh"),
            ("apache2", "http"),
            ("apache", "http"),
            ("httpd", "http"),
            ("nginx", "http"),
            ("chronyd", "ntp"),
            ("ntpd", "ntp"),
            ("cups", "ipp"),
            ("smb", "samba"),
            ("named", "dns"),
            ("bind", "dns"),
            ("vnc", "vnc-server"),
            ("postgres", "postgresql"),
            ("mariadb", "mysql"),
        ];
        if !matches!(program, "firewall-offline-cmd" | "firewall-cmd") {
            return false;
        }
        let mut given = rest.iter().filter_map(|w| w.strip_prefix("--add-service="));
        let wrong = given.find_map(|name| {
            let called = SERVICES.iter().find(|(wrong, _)| *wrong == name);
            let meant = called.map(|(_, meant)| (*meant).to_owned());
            Some((
                name,
                meant.or_else(|| crate::rules::overlay::firewalld::meant(here, name))?,
            ))
        });
        let Some((name, meant)) = wrong.filter(|_| !self.text.contains("--new-service")) else {
            return false;
        };
        let message = format!("firewalld has no service `{name}`");
        let then = "the command fails: the build stops there, or the port stays closed";
        self.tell_meant(at, line, name, message, meant, then)
    }

    /// An address without the sign between its scheme and its server.
    fn address(&mut self, at: usize, line: &str) {
        for word in line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=')) {
            let broken = ["https", "http", "ftp"].iter().find_map(|scheme| {
                let rest = word.strip_prefix(scheme)?;
                let server = rest.strip_prefix("//").or_else(|| {
                    let rest = rest.strip_prefix(":/").filter(|r| !r.starts_with('/'))?;
                    Some(rest)
                })?;
                let named = server
                    .split('/')
                    .next()
                    .is_some_and(|s| s.contains('.') && s.len() > 3);
                named.then(|| format!("{scheme}://{server}"))
            });
            if let Some(right) = broken {
                let message = format!("`{word}` is no address");
                let then = super::FAILS;
                self.tell_meant(at, line, word, message, right, then);
                return;
            }
        }
    }

    /// A replacement of `sed` whose last sign is missing.
    fn unended_edit(&mut self, at: usize, line: &str) {
        let Some((from, sign)) = unended(line) else {
            return;
        };
        let (start, end) = from;
        let span = Span::new((at + start) as u32, (at + end) as u32);
        let message = format!("a replacement of `sed` ends with `{sign}`, and this one does not");
        let label = format!("`{sign}` is expected at its end");
        let then = "the command fails: the build stops there, or the file stays as it was";
        self.say("script-command", span, message, &label, then);
        if let Some(one) = self.out.last_mut() {
            one.fixes
                .push(Fix::change(Span::empty(span.end), &sign.to_string(), false));
        }
    }

    /// A path whose first folder is a slip of one that every system has.
    fn folder(&mut self, at: usize, line: &str) {
        let parts =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | '>' | '<' | '(' | ')' | ';');
        let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
        for word in line.split(parts).filter(|w| w.starts_with('/') && w.len() > 5) {
            // Below a folder of the author's own nothing is known.
            let right = crate::rules::disk::folders::top(word).filter(|right| first(right) != first(word));
            let below = || {
                crate::rules::overlay::below_known(word).filter(|_| super::text::spoken(self.text, word) == 1)
            };
            let known = |path: &String| {
                // What is spoken of more than once may be made by the script.
                let parts = word.split('/').zip(path.split('/'));
                let odd = parts
                    .filter(|(own, right)| own != right)
                    .map(|(own, _)| own)
                    .next();
                odd.is_none_or(|odd| !word.starts_with("/etc/") || self.text.matches(odd).count() == 1)
            };
            let plural = || {
                const OWN: &[&str] = &[
                    "grub",
                    "locale",
                    "keyboard",
                    "console-setup",
                    "useradd",
                    "ssh",
                    "docker",
                ];
                let name = word.strip_prefix("/etc/defaults/").filter(|n| OWN.contains(n))?;
                Some(format!("/etc/default/{name}"))
            };
            if let Some(right) = right
                .or_else(plural)
                .or_else(below)
                .filter(known)
                .filter(|_| word.matches('/').count() > 1)
            {
                let message = format!("`{word}` lies in no folder of a system");
                let then = "the command fails, or what it writes is where nothing looks for it";
                self.tell_meant(at, line, word, message, right, then);
                return;
            }
        }
    }

    /// A time zone or target that is linked to and does not exist.
    fn zone(&mut self, at: usize, line: &str) {
        for word in line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')) {
            let then = "the build would go through, and the link lead to nothing in the running system";
            if let Some(zone) = word.strip_prefix("/usr/share/zoneinfo/")
                && !crate::rules::filled::filled(zone)
                && let Some(meant) = crate::rules::system::zone_slip(zone)
            {
                let message = format!("there is no time zone `{zone}`");
                self.tell_meant(at, line, zone, message, meant, then);
                return;
            }
            const RESOLVED: [&str; 2] = [
                "/run/systemd/resolve/stub-resolv.conf",
                "/run/systemd/resolve/resolv.conf",
            ];
            let near = |known: &&&str| one_keystroke(known, word) && !RESOLVED.contains(&word);
            if let Some(meant) = RESOLVED.iter().find(near).filter(|_| line.starts_with("ln ")) {
                let message = format!("systemd-resolved makes no `{word}`");
                self.tell_meant(at, line, word, message, meant, then);
                return;
            }
            let target = ["/usr/lib/systemd/system/", "/lib/systemd/system/"]
                .iter()
                .find_map(|folder| word.strip_prefix(folder))
                .filter(|t| t.ends_with(".target") && line.starts_with("ln "));
            if let Some(target) = target
                && let Some(meant) = super::unit_slips::target(target)
            {
                let message = format!("no target is known as `{target}`");
                self.tell_meant(at, line, target, message, meant, then);
                return;
            }
        }
    }

    /// A theme of the boot splash that is a slip of one.
    fn splash(&mut self, at: usize, line: &str, program: &str, rest: &[&str]) -> bool {
        const THEMES: &[&str] = &[
            "bgrt",
            "breeze",
            "charge",
            "details",
            "fade-in",
            "glow",
            "script",
            "solar",
            "spinfinity",
            "spinner",
            "text",
            "tribar",
            "openSUSE",
        ];
        let given = rest.iter().find(|w| !w.starts_with('-')).filter(|w| w.len() > 3);
        let Some(theme) = given.filter(|t| program == "plymouth-set-default-theme" && !THEMES.contains(t))
        else {
            return false;
        };
        let Some(meant) = THEMES.iter().find(|k| one_keystroke(k, theme)) else {
            return false;
        };
        let message = format!("no boot splash is known as `{theme}`");
        let then = "the command fails: the build stops there, or the boot splash stays another";
        self.tell_meant(at, line, theme, message, meant, then)
    }

    /// An option for locking accounts that `usermod` has.
    fn locked(&mut self, at: usize, line: &str, program: &str, rest: &[&str]) -> bool {
        let other = rest.iter().find(|w| matches!(**w, "-L" | "-U"));
        let Some(option) = other.filter(|_| program == "passwd") else {
            return false;
        };
        let message = format!("`{program}` has no option `{option}`");
        let then = "the command fails: the build stops there, or the account stays as it was";
        let label = format!("did you mean `{}`?", option.to_ascii_lowercase());
        self.tell(at, line, option, message, &label, then)
    }

    /// A mode that no file can have.
    fn octal(&mut self, at: usize, line: &str, program: &str, rest: &[&str]) -> bool {
        let mode = match program {
            "chmod" => rest.iter().find(|w| !w.starts_with('-')),
            "install" | "mkdir" => {
                let given = rest.iter().position(|w| *w == "-m" || *w == "--mode");
                given.and_then(|at| rest.get(at + 1))
            }
            _ => None,
        };
        let Some(mode) = mode.filter(|m| !m.is_empty() && m.bytes().all(|b| b.is_ascii_digit())) else {
            return false;
        };
        if mode.len() < 5 && !mode.contains(['8', '9']) {
            return false;
        }
        // `00644` is read as it is meant.
        if mode.len() == 5 && mode.starts_with('0') && !mode.contains(['8', '9']) {
            return false;
        }
        let message = format!("`{mode}` is no mode of a file");
        let then = "the command fails: the build stops there, or the file keeps its mode";
        self.tell(
            at,
            line,
            mode,
            message,
            "three or four digits from 0 to 7, such as `644`",
            then,
        )
    }

    /// A shell that is a slip of one.
    fn shell(&mut self, here: &Here<'_>, at: usize, line: &str, program: &str, rest: &[&str]) -> bool {
        if !matches!(program, "usermod" | "useradd" | "chsh" | "adduser") {
            return false;
        }
        let given = rest.iter().position(|w| matches!(*w, "-s" | "--shell"));
        let Some(shell) = given.and_then(|at| rest.get(at + 1)) else {
            return false;
        };
        let Some((folder, name)) = shell.rsplit_once('/') else {
            return false;
        };
        let then = "the build would go through, and the user could not log in";
        if let Some(packages) = crate::rules::users::shells::of_package(name) {
            let listed = || super::needs::names(here).any(|n| packages.iter().any(|p| n.starts_with(p)));
            let own = || crate::rules::overlay::has(here, shell.trim_start_matches('/'));
            if folder.starts_with("/usr/local") && !own() && listed() {
                let message = format!("no shell is known as `{shell}`: a package brings it");
                return self.tell(
                    at,
                    line,
                    shell,
                    message,
                    &format!("did you mean `/usr/bin/{name}`?"),
                    then,
                );
            }
            let open = super::needs::more(here.image) || super::names::brings_much(here);
            if super::needs::names(here).nth(super::names::FEW).is_some()
                && !open
                && !listed()
                && !own()
                && !here.image.accounts().any(|u| u.attrs.get("shell") == Some(shell))
                && !self.text.contains("install")
            {
                let message = format!("no list installs the shell `{name}`");
                return self.tell(
                    at,
                    line,
                    shell,
                    message,
                    &format!("add the package `{name}`"),
                    then,
                );
            }
            return false;
        }
        let Some(meant) = crate::rules::users::shells::slip(name) else {
            return false;
        };
        let message = format!("no shell is known as `{shell}`");
        self.tell(
            at,
            line,
            shell,
            message,
            &format!("did you mean `{folder}/{meant}`?"),
            then,
        )
    }

    /// A locale that no system has, where the language is set.
    fn spoken(&mut self, at: usize, line: &str, program: &str, rest: &[&str]) -> bool {
        if !matches!(program, "update-locale" | "localectl") {
            return false;
        }
        let keys = ["LANG=", "LC_ALL=", "LC_MESSAGES=", "LC_CTYPE=", "LANGUAGE="];
        let values = rest
            .iter()
            .filter_map(|w| keys.iter().find_map(|k| w.strip_prefix(k)));
        let mut bare = values
            .map(|v| v.trim_matches(['"', '\'']))
            .filter(|v| !v.contains(['$', ':']));
        let odd = bare.find_map(|v| {
            let meant = crate::rules::system::locale_slip(v);
            let none = || crate::rules::system::is_no_locale(v).then(|| "en_US.UTF-8".to_owned());
            Some((v, meant.or_else(none)?))
        });
        let Some((value, meant)) = odd else { return false };
        let message = format!("no system has a locale `{value}`");
        let then = "the command fails: the build stops there, or the system speaks another language";
        self.tell_meant(at, line, value, message, meant, then)
    }

    /// Python or its installer of another number than the one that lists have.
    fn numbered(&mut self, here: &Here<'_>, at: usize, line: &str, program: &str) -> bool {
        let own = ["python3.", "pip3."]
            .iter()
            .find_map(|p| program.strip_prefix(p))
            .filter(|n| pythons::is_minor(n));
        let Some(own) =
            own.filter(|_| !super::needs::more(here.image) && !self.text.contains("install python"))
        else {
            return false;
        };
        let Some(other) = pythons::minor(super::needs::names(here)) else {
            return false;
        };
        if other == own {
            return false;
        }
        let message = format!("no list installs `{program}`: the packages are for `python3.{other}`");
        let meant = program.replacen(own, other, 1);
        self.tell_meant(at, line, program, message, meant, super::FAILS)
    }

    /// A file of KIWI's that is read under another name.
    pub(in crate::rules) fn sourced(&mut self) {
        for &(at, line) in self.commands().iter() {
            for part in line.split("&&").flat_map(|p| p.split(';')) {
                let path = part.trim();
                if matches!(path, "./.profile" | "./.kconfig") {
                    let message = format!("`{path}` starts a program, and does not read the file of KIWI's");
                    let label = format!("did you mean `. {}`?", path.trim_start_matches('.'));
                    self.add("unknown-variable", place(at, line, path), message, &label);
                    continue;
                }
                let mut words = part.split_whitespace();
                let reads = matches!(words.next(), Some("." | "source"));
                let bare = |p: &&str| p.starts_with("/.") || matches!(*p, "/profile" | "/kconfig");
                let Some(path) = words.next().filter(|p| reads && bare(p)) else {
                    continue;
                };
                // What is nearly called like them is told where all such names are.
                let near = path.strip_prefix("/.").and_then(super::variables::meant_file);
                if near.is_some() || super::names::says(self.text, &format!(">{path}")) {
                    continue;
                }
                let known = ["/.kconfig", "/.profile"];
                // What is spoken of elsewhere may be made there.
                if known.contains(&path) || self.text.matches(path).count() > 1 || path.contains('$') {
                    continue;
                }
                let meant = if path.contains("prof") {
                    "/.profile"
                } else {
                    "/.kconfig"
                };
                let message = format!("KIWI puts no file `{path}` into the tree");
                let label = format!("did you mean `{meant}`?");
                self.add("unknown-variable", place(at, line, path), message, &label);
            }
        }
    }
}

/// A replacement of `sed` that stands in quotes and has two of its three signs: where it stands, and the sign.
fn unended(line: &str) -> Option<((usize, usize), char)> {
    let mut words = line.split_whitespace();
    words.find(|w| *w != "sudo").filter(|w| *w == "sed")?;
    let (start, quote) = match (line.find(" 's"), line.find(" \"s")) {
        (Some(at), _) => (at + 2, '\''),
        (None, at) => (at? + 2, '"'),
    };
    let rest = line.get(start..)?;
    let end = rest.find(quote)?;
    // What is filled in may have signs of its own.
    if quote == '"' && rest.get(..end)?.contains(['$', '`', '\\']) {
        return None;
    }
    let sign = rest
        .chars()
        .nth(1)
        .filter(|c| c.is_ascii_punctuation() && !matches!(c, '\\' | '\'' | '_'))?;
    // More of it may stand behind the quote.
    let after = rest.get(end + 1..)?;
    let whole = after.starts_with(char::is_whitespace);
    let (mut signs, mut escaped) = (0, false);
    for c in rest.get(..end)?.chars() {
        signs += usize::from(c == sign && !escaped);
        escaped = c == '\\' && !escaped;
    }
    (whole && signs == 2).then_some(((start, start + end), sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_of_sed_has_three_signs() {
        for (line, told) in [
            ("sed -i 's/a/b' /etc/x", true),
            ("sed -i 's#a#b' /etc/x", true),
            ("sed -i 's/a/b/' /etc/x", false),
            ("sed -i 's/a\\/b/c' /etc/x", true),
            ("sed -i -e 's/a/b/;s/c/d' /etc/x", false),
            ("sed -i 's/a/'\"$x\"'/' /etc/x", false),
            ("sed 's/a/", false),
            ("grep 's/a/b' /etc/x", false),
        ] {
            assert_eq!(unended(line).is_some(), told, "{line}");
        }
    }
}
