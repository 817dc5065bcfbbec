//! Units of systemd in the overlay: the program that one starts, the target that wants it, the ending of its name, and
//! units that a script enables under a name that is nearly theirs. Knows no unit of any package.

use super::texts::told;
use super::unit_names::{NO_SERVICES, TARGETS};
use super::unit_paths::{path, program};
use super::unit_settings;
use super::{Scripts, at_first_line, overlays, text};
use crate::description::folder::Kind;
use crate::description::model::File;
use crate::description::model::ItemKind;
use crate::diagnostic::Diagnostic;
use crate::rules::code;
use crate::rules::files::{Here, items};
use crate::rules::found::{Found, near};
use crate::rules::scripts::tell;

pub(in crate::rules) const FOLDERS: &[&str] = &[
    "etc/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];

pub(in crate::rules) const ENDINGS: &[&str] = &[
    ".service",
    ".timer",
    ".socket",
    ".target",
    ".mount",
    ".automount",
    ".path",
    ".slice",
    ".swap",
    ".device",
    ".conf",
    ".preset",
    ".link",
    ".network",
    ".netdev",
];

/// An account of a unit that is a slip of one that the description has.
fn owner(here: &Here<'_>, line: &Line<'_>) -> Option<Diagnostic> {
    if line.key == "SupplementaryGroups" {
        let then = "the build goes through, and the service does not start in the running system";
        return line.value.split_whitespace().find_map(|name| {
            let meant = super::named_groups::meant(here, name, &[])?;
            let at = line.at + crate::rules::found::offset(name, line.value);
            let message = format!("no group is known as `{name}`");
            let label = format!("did you mean `{meant}`?");
            told("unit-setting", at, name.len(), message, label, Some(then))
        });
    }
    if !matches!(line.key, "User" | "Group") || line.value.len() < 4 {
        return None;
    }
    let users = || here.image.accounts();
    let known: Vec<&str> = users().filter_map(|u| u.attrs.get("name")).collect();
    let groups = users().flat_map(|u| u.attrs.list("groups"));
    let grouped = groups
        .into_iter()
        .any(|g| g.split(':').next() == Some(line.value));
    let others = crate::rules::users::groups::GROUPS.contains(&line.value)
        || crate::rules::containers::ACCOUNTS.contains(&line.value);
    let listed = || items(here.image).any(|i| i.name.value.contains(line.value));
    if known.contains(&line.value) || grouped || others || listed() {
        return None;
    }
    let nobody = || {
        let message = format!("nothing makes the account `{}`", line.value);
        let label = "add a `<user>`, or `DynamicUser=yes`";
        let mut one = finding(message, line.at, line.value.len(), label.to_owned())?;
        one.code = code("unit-setting")?.code;
        one.help =
            Some("the build goes through, and the service does not start in the running system".into());
        Some(one)
    };
    if crate::rules::users::unknown_accounts::is_unmade(here, line.value) && !line.value.contains(['%', '$'])
    {
        return nobody();
    }
    if crate::rules::users::unknown_accounts::half_renamed(here, line.value) {
        return None;
    }
    // Those that systems have differ from it by the sign between their words alone.
    let signed = line.value.replace('_', "-");
    let system = crate::rules::users::groups::GROUPS
        .iter()
        .copied()
        .find(|g| *g == signed && *g != line.value);
    let close = || system.or_else(|| near(line.value, known.iter().copied().filter(|k| k.len() > 3)));
    let meant = close().or_else(|| crate::rules::users::groups::renamed(line.value, &known))?;
    let message = format!("no account `{}` is described", line.value);
    let label = format!("did you mean `{meant}`?");
    let then = "the build goes through, and the service does not start in the running system";
    told(
        "unit-setting",
        line.at,
        line.value.len(),
        message,
        label,
        Some(then),
    )
}

/// Another unit that is a slip of one in the overlay.
fn other(here: &Here<'_>, line: &Line<'_>) -> Option<Diagnostic> {
    if !matches!(
        line.key,
        "Unit" | "Requires" | "Wants" | "BindsTo" | "PartOf" | "Requisite" | "After" | "Before"
    ) {
        return None;
    }
    let names: Vec<String> = FOLDERS
        .iter()
        .flat_map(|f| super::names(here, f))
        .filter(|n| ENDINGS.iter().take(8).any(|e| n.ends_with(e)))
        .collect();
    let word = line.value.split_whitespace().find_map(|word| {
        let own = names.iter().any(|n| n == word) || TARGETS.contains(&word) || word.contains(['@', '%']);
        let meant = near(word, names.iter().map(String::as_str))
            .filter(|m| !own && crate::rules::found::same_digits(m, word))?;
        Some((word, meant))
    });
    // What packages of other systems bring stands there for them, and does no harm.
    let elsewhere = |w: &str| {
        let stem = w.rsplit_once('.').map_or(w, |(stem, _)| stem);
        crate::rules::scripts::unit_slips::is_usual(stem) || items(here.image).any(|i| i.name.value == stem)
    };
    let own = word.filter(|(w, _)| w.len() > 8 && !elsewhere(w));
    let usual = || {
        let mut words = line.value.split_whitespace();
        words.find_map(|word| {
            let own = names.iter().any(|n| n == word)
                || TARGETS.contains(&word)
                || word == "syslog.target"
                || word.contains(['@', '%', '$']);
            let target = || {
                let own = word.strip_suffix(".service").and_then(|stem| {
                    let only =
                        |t: &&str| t.strip_suffix(".target") == Some(stem) && NO_SERVICES.contains(&stem);
                    TARGETS.iter().copied().find(only)
                });
                own.or_else(|| near(word, TARGETS.iter().copied()).filter(|_| word.ends_with(".target")))
            };
            let meant = crate::rules::scripts::unit_slips::meant(word, here.image)
                .or_else(|| target().map(str::to_owned));
            Some((word, meant.filter(|_| !own)?))
        })
    };
    let (word, meant, message) = match own {
        Some((word, meant)) => {
            let message = format!("the overlay has the unit `{meant}`, and no `{word}`");
            (word, meant.to_owned(), message)
        }
        None => {
            let started = matches!(line.key, "Unit" | "Requires" | "BindsTo" | "Wants");
            let mut words = line.value.split_whitespace();
            if let Some(word) = words.find(|w| started && w.contains('.') && is_lost(here, &names, w)) {
                let from = line.at + crate::rules::found::offset(word, line.value);
                let message = format!("neither the overlay nor a package has the unit `{word}`");
                return finding(message, from, word.len(), "not in the overlay".to_owned());
            }
            let (word, meant) = usual()?;
            (word, meant, format!("no unit is known as `{word}`"))
        }
    };
    let from = line.at + crate::rules::found::offset(word, line.value);
    finding(message, from, word.len(), format!("did you mean `{meant}`?"))
}

/// A unit that no overlay has, though its name begins as those of others there, and no package is called so.
pub(in crate::rules) fn is_lost(here: &Here<'_>, known: &[String], word: &str) -> bool {
    const COMMON: &[&str] = &[
        "systemd", "getty", "serial", "network", "user", "dbus", "cloud", "display",
    ];
    let stem = word.rsplit_once('.').map_or(word, |(stem, _)| stem);
    let head = |name: &str| name.split(['-', '_', '.', '@']).next().unwrap_or(name).to_owned();
    let own = head(word);
    let plain = own.len() > 3 && stem.len() > own.len() && !word.contains(['@', '$', '%', '*', '{']);
    if !plain || COMMON.contains(&&*own) || crate::rules::scripts::unit_slips::is_usual(stem) {
        return false;
    }
    let packed = |i: &crate::description::model::Item| i.kind == ItemKind::Archive || i.group().is_some();
    let brought = |i: &crate::description::model::Item| {
        packed(i) || i.kind != ItemKind::File && i.name.value.contains(&*own)
    };
    let mut types = here.image.preferences.iter().flat_map(|p| &p.types);
    let based = types.any(|t| t.element.attrs.at("derived_from").is_some());
    let kin = |k: &&String| head(k) == own && k.rsplit_once('.').map_or(k.as_str(), |(s, _)| s) != stem;
    // What a script fetches may be anything.
    !based
        && !here.has("root.tar.gz")
        && !known.iter().any(|k| k == word)
        && known.iter().any(|k| kin(&k))
        && near(word, known.iter().map(String::as_str)).is_none()
        && !items(here.image).any(brought)
        && ![
            format!("/{stem}.").as_str(),
            "curl",
            "wget",
            "git ",
            "tar ",
            "make ",
            "rpm ",
            "dpkg",
            " install ",
        ]
        .iter()
        .any(|way| Scripts::of(here).say(way))
}

/// A unit that starts a service of its own name, where the overlay has one of nearly that name alone.
fn alone(here: &Here<'_>, name: &str, lines: &[Line<'_>]) -> Option<Diagnostic> {
    let kinds = [".timer", ".path", ".socket"];
    let (stem, kind) = kinds.iter().find_map(|k| Some((name.strip_suffix(k)?, *k)))?;
    if lines.iter().any(|l| matches!(l.key, "Unit" | "Service")) || stem.contains('@') {
        return None;
    }
    let folders = overlays(here).flat_map(|o| FOLDERS.iter().map(move |f| format!("{o}/{f}")));
    let names: Vec<String> = folders
        .flat_map(|f| here.folder.names(&f).unwrap_or_default())
        .collect();
    let has = |stem: &str, kind: &str| names.iter().any(|n| n.strip_suffix(kind) == Some(stem));
    // Each connection has a service of its own, made of a template.
    let yes = |l: &Line<'_>| l.key == "Accept" && ["yes", "true", "on", "1"].contains(&l.value);
    let each = kind == ".socket" && lines.iter().any(yes);
    let started = if each { format!("{stem}@") } else { stem.to_owned() };
    let stem = started.as_str();
    let services = names.iter().filter_map(|n| n.strip_suffix(".service"));
    // One that is started by a unit of its own is not meant.
    let free = services.filter(|s| kinds.iter().all(|k| !has(s, k)));
    if has(stem, ".service") {
        return None;
    }
    let meant = near(stem, free).filter(|m| stem.len() > 4 && crate::rules::found::same_digits(m, stem));
    let Some(meant) = meant else {
        return missing(here, stem, kind, lines);
    };
    // Services may have other names.
    let other = FOLDERS
        .iter()
        .flat_map(|f| overlays(here).map(move |o| (o, f)))
        .filter_map(|(o, f)| text(here, o, &format!("{f}/{meant}.service")))
        .any(|(_, text, ..)| aliased(&text, &format!("{stem}.service")));
    if other {
        return None;
    }
    // A script that switches on the right one is told that it is not there.
    if super::Scripts::of(here).say(&format!("{meant}{kind}")) {
        return None;
    }
    let message =
        format!("the overlay has the unit `{meant}.service`, and no `{stem}.service` for this `{kind}`");
    let from = lines.first().map_or(0, |l| l.from);
    let len = lines.first().map_or(0, |l| l.key.len());
    let mut one = finding(
        message,
        from,
        len,
        format!(
            "did you mean `{}{kind}` as its name?",
            meant.trim_end_matches('@')
        ),
    )?;
    one.help = Some("the build goes through, and there is nothing to start in the running system".into());
    Some(one)
}

/// A unit that goes by that name too.
fn aliased(unit: &str, name: &str) -> bool {
    let aliases = unit.lines().filter_map(|l| l.trim().strip_prefix("Alias="));
    aliases.flat_map(str::split_whitespace).any(|a| a == name)
}

/// A timer of the overlay with no service of its name anywhere.
fn missing(here: &Here<'_>, stem: &str, kind: &str, lines: &[Line<'_>]) -> Option<Diagnostic> {
    let head = stem.split(['-', '_']).next().unwrap_or(stem);
    let packaged = items(here.image).any(|i| i.name.value.contains(head));
    let packed = here.has("root.tar.gz")
        || items(here.image)
            .any(|i| matches!(i.kind, ItemKind::Archive | ItemKind::File) || i.group().is_some());
    let line = lines
        .iter()
        .find(|l| l.key == "OnCalendar" || l.key.starts_with("On"))
        .filter(|_| kind == ".timer")?;
    let made = Scripts::of(here).say(&format!("{stem}.service"));
    let known =
        crate::rules::scripts::unit_slips::is_usual(stem) || crate::rules::scripts::names::brings_much(here);
    if packaged || packed || made || known || stem.len() < 4 {
        return None;
    }
    let message = format!("the timer starts `{stem}.service`, and neither the overlay nor a package has it");
    let mut one = finding(
        message,
        line.from,
        line.key.len(),
        "`Unit=` names another service".to_owned(),
    )?;
    one.help = Some("the build goes through, and there is nothing to start in the running system".into());
    Some(one)
}

/// Judges the units of one overlay.
pub(in crate::rules) fn check(
    here: &Here<'_>,
    overlay: &str,
    scripts: &Scripts,
    found: &mut Found<'_>,
    files: &mut Vec<File>,
) {
    for folder in FOLDERS {
        let names = here
            .folder
            .names(&format!("{overlay}/{folder}"))
            .unwrap_or_default();
        for name in &names {
            let path = format!("{folder}/{name}");
            let Some((own, text, _, _)) = text(here, overlay, &path) else {
                continue;
            };
            let out: Vec<Diagnostic> = if ENDINGS.iter().any(|e| name.ends_with(e)) {
                let lines = lines(&text);
                let settings = unit_settings::judge(name, &text, &lines);
                let told = lines.iter().filter_map(|l| line(here, scripts, l));
                let owners = lines
                    .iter()
                    .filter_map(|l| owner(here, l).or_else(|| other(here, l)));
                let alone = alone(here, name, &lines);
                told.chain(settings).chain(owners).chain(alone).collect()
            } else {
                let message = format!("`/{path}` would be no unit of systemd: its name has another ending");
                let unit = text.contains("[Unit]") || text.contains("[Service]");
                let found = at_first_line(
                    "overlooked-file",
                    &text,
                    message,
                    "`.service`, `.timer` and the like are read",
                );
                let mut found: Vec<_> = found.into_iter().filter(|_| unit).collect();
                for one in &mut found {
                    one.help = Some(
                        "the build goes through, and systemd does not see the file in the running system"
                            .into(),
                    );
                }
                found
            };
            tell(here, &own, text, out, found, files);
        }
        for name in names.iter().filter(|n| n.ends_with(".d")) {
            beside(here, overlay, &format!("{folder}/{name}"), found, files);
        }
    }
}

/// What is put beside a unit: a folder that is named nearly like one of a usual unit, and the files in it.
fn beside(here: &Here<'_>, overlay: &str, path: &str, found: &mut Found<'_>, files: &mut Vec<File>) {
    let unit = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".d");
    let names = here
        .folder
        .names(&format!("{overlay}/{path}"))
        .unwrap_or_default();
    // `service.d` is for all services.
    let of = |e: &&str| unit.ends_with(*e) || e.strip_prefix('.') == Some(unit);
    let typed = ENDINGS.iter().chain(&[".scope"]).any(of);
    if !typed {
        for name in names.iter().filter(|n| n.ends_with(".conf")) {
            let Some((own, text, _, _)) = text(here, overlay, &format!("{path}/{name}")) else {
                continue;
            };
            let message = format!("systemd reads nothing in `/{path}`: its name has no kind of unit");
            let label = format!("did you mean the folder `{unit}.service.d`?");
            let mut one = at_first_line("overlooked-file", &text, message, &label);
            if let Some(one) = &mut one {
                one.help = Some(
                    "the build goes through, and systemd does without the file in the running system".into(),
                );
            }
            tell(here, &own, text, one.into_iter().collect(), found, files);
        }
        return;
    }
    if let Some(meant) =
        crate::rules::scripts::unit_slips::meant(unit, here.image).filter(|_| !is_there(here, unit))
    {
        let message = format!("`/{path}` is for the unit `{unit}`, and no unit is known as that");
        crate::rules::files::put(
            found,
            "overlooked-file",
            &here.root(),
            message,
            &format!("did you mean `{meant}.d`?"),
        );
        return;
    }
    for name in names {
        let Some((own, text, _, _)) = text(here, overlay, &format!("{path}/{name}")) else {
            continue;
        };
        if !name.ends_with(".conf") {
            let section = |l: &str| l.starts_with('[') && l.trim_end().ends_with(']');
            let message = format!("systemd would not read `/{path}/{name}`: its name has another ending");
            let one = at_first_line("overlooked-file", &text, message, "`.conf` is read");
            let mut one = one.filter(|_| text.lines().any(section) && !name.starts_with("README"));
            if let Some(one) = &mut one {
                one.help = Some(
                    "the build goes through, and systemd does without the file in the running system".into(),
                );
            }
            tell(here, &own, text, one.into_iter().collect(), found, files);
            continue;
        }
        let mut out = unit_settings::judge(&format!("{unit}.d/{name}"), &text, &lines(&text));
        let more = lines(&text);
        out.extend(more.iter().filter_map(|l| super::unit_values::autologin(here, l)));
        tell(here, &own, text, out, found, files);
    }
}

/// The programs of an overlay that its units start, by their paths in it.
pub(in crate::rules) fn programs(here: &Here<'_>, overlay: &str) -> Vec<String> {
    let mut out = Vec::new();
    for folder in FOLDERS {
        let names = here
            .folder
            .names(&format!("{overlay}/{folder}"))
            .unwrap_or_default();
        for name in names.iter().filter(|n| n.ends_with(".service")) {
            let Some((_, text, _, _)) = text(here, overlay, &format!("{folder}/{name}")) else {
                continue;
            };
            for line in lines(&text).iter().filter(|l| l.key.starts_with("Exec")) {
                let path = line.value.split_whitespace().next().unwrap_or("");
                let path = path.trim_start_matches(['-', '@', ':', '+', '!', '|', '/']);
                let there = here.folder.entry(&format!("{overlay}/{path}"));
                if there.is_some_and(|e| e.kind == Kind::File) && !out.iter().any(|o| o == path) {
                    out.push(path.to_owned());
                }
            }
        }
    }
    out
}

/// A setting of a unit with where its value stands.
pub(in crate::rules) struct Line<'t> {
    pub key: &'t str,
    pub value: &'t str,
    pub at: usize,
    /// Where its line begins.
    pub from: usize,
}

/// What is wrong with the settings of a unit that a script writes.
pub(in crate::rules) fn written(here: &Here<'_>, name: &str, text: &str) -> Option<Diagnostic> {
    if !ENDINGS.iter().any(|e| name.ends_with(e)) || text.contains(['{', '@']) {
        return None;
    }
    let mut lines = lines(text);
    lines.retain(|l| !crate::rules::filled::filled(l.value));
    let settings = unit_settings::judge(name, text, &lines).into_iter().next();
    let wanted = |l: &&Line<'_>| matches!(l.key, "WantedBy" | "RequiredBy");
    let mut wanted = lines.iter().filter(wanted);
    settings.or_else(|| wanted.find_map(|l| target(here, l)))
}

pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let (mut out, mut start) = (Vec::new(), 0);
    for raw in text.split_inclusive('\n') {
        if let Some((key, value)) = raw
            .split_once('=')
            .filter(|_| !raw.starts_with(['#', ';', ' ', '\t']))
        {
            let lead = value.len() - value.trim_start().len();
            out.push(Line {
                key: key.trim(),
                value: value.trim(),
                at: start + key.len() + 1 + lead,
                from: start,
            });
        }
        start += raw.len();
    }
    out
}

/// What a setting names that is not there.
pub(super) fn line(here: &Here<'_>, scripts: &Scripts, line: &Line<'_>) -> Option<Diagnostic> {
    match line.key {
        "ExecStart" | "ExecStartPre" | "ExecStartPost" | "ExecStop" | "ExecReload" => {
            let told = program(here, scripts, line).or_else(|| path(here, scripts, line, 1));
            told.or_else(|| super::unit_values::autologin(here, line))
        }
        "WorkingDirectory"
        | "EnvironmentFile"
        | "PathChanged"
        | "PathExists"
        | "PathModified"
        | "DirectoryNotEmpty"
        | "ConditionPathExists" => path(here, scripts, line, 0),
        "WantedBy" | "RequiredBy" => target(here, line),
        _ => None,
    }
}

pub(in crate::rules) fn finding(message: String, at: usize, len: usize, label: String) -> Option<Diagnostic> {
    told("unit-program", at, len, message, label, None)
}

/// The overlays have a unit of that name.
fn is_there(here: &Here<'_>, unit: &str) -> bool {
    FOLDERS.iter().any(|f| super::has(here, &format!("{f}/{unit}")))
}

/// The target is a keystroke away from one that systems have.
fn target(here: &Here<'_>, line: &Line<'_>) -> Option<Diagnostic> {
    let mut at = line.at;
    for word in line.value.split(' ') {
        let own = || is_there(here, word);
        if !TARGETS.contains(&word)
            && !word.contains(['%', '@'])
            && let Some(meant) = near(word, TARGETS.iter().copied()).or_else(|| {
                let bare = |t: &&str| t.strip_suffix(".target") == Some(word);
                TARGETS.iter().copied().find(bare)
            })
            && !own()
        {
            let message = format!("there is no target `{word}` to start the unit with");
            let mut one = finding(message, at, word.len(), format!("did you mean `{meant}`?"))?;
            one.help =
                Some("the build goes through, and nothing starts the unit in the running system".into());
            return Some(one);
        }
        at += word.len() + 1;
    }
    None
}
