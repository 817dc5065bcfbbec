//! What stands in files of the overlay that programs of the running system read: keys, sections and words that are slips of
//! those which their readers know. Knows the usual ones by name; says nothing about others, and runs nothing.

use super::forms::FORMS;
use super::names::each;
use crate::description::model::File;
use crate::diagnostic::Diagnostic;
use crate::rules::code;
use crate::rules::files::Here;
use crate::rules::found::Found;
use crate::text::Span;
use crate::words::Words;

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
    for folder in [
        "etc/default",
        "etc/default/grub.d",
        "etc/sysconfig",
        "etc/sysconfig/network",
    ] {
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
        name.ends_with(".rules")
            .then(|| super::udev::judge(here, text))
            .flatten()
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
        "etc/udev/rules.d" => super::udev::judge(here, text),
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
    told("overlay-file", at, word.len(), message, label, Some(then))
}

/// What is told under a code at so many bytes from `at` on, with what comes of it, where that is not what the code says.
pub(in crate::rules) fn told(
    name: &str,
    at: usize,
    len: usize,
    message: String,
    label: impl Into<Words>,
    then: Option<&str>,
) -> Option<Diagnostic> {
    let known = code(name)?;
    let span = Span::new(at as u32, (at + len) as u32);
    let mut one = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
    one.help = Some(match then {
        Some(then) => then.to_owned().into(),
        None => known.consequence.into(),
    });
    Some(one)
}

/// The name of a section that its reader does not know, which begins at `at`.
pub(super) fn section(at: usize, name: &str, meant: &str, reader: &str, then: &str) -> Option<Diagnostic> {
    let message = format!("{reader} knows no section `{name}`");
    finding(at, name, message, format!("did you mean `{meant}`?"), then)
}

/// A line with the name of a section that has no second bracket.
pub(super) fn unclosed(at: usize, line: &str, reader: &str, then: &str) -> Option<Diagnostic> {
    let message = format!("{reader} reads no name of a section without its second bracket");
    finding(at, line, message, format!("did you mean `{line}]`?"), then)
}
