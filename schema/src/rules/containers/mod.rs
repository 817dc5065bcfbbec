//! Containers: a configuration that no runtime starts, or that says something else than is meant. Asks no registry and
//! reads no file.

pub(super) mod loads;
pub(super) mod names;
pub(super) mod starts;

use rustc_hash::FxHashMap;

use crate::description::model::{At, Element};
use crate::rules::found::{Found, Text, before, near, same_letters};
use crate::rules::scope::Scope;
use names::{base_image, is_placeholder, names};

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    if let Some(base) = kind.attrs.at("derived_from") {
        base_image(base, found);
    }
    if let Some(config) = kind.child("containerconfig") {
        // Other images have names by other rules.
        if matches!(scope.image(), "docker" | "oci" | "oem") {
            names(config, found);
        } else if let Some(at) = config.attrs.at("name").filter(|n| n.value.trim().is_empty()) {
            let message = "the name of the image is empty".to_owned();
            found.add("container-name", at, message, "a name is expected");
        }
        ports(config, found);
        paths(config, found);
        twice(config, "labels", "label", found);
        twice(config, "environment", "env", found);
        environment(config, found);
        for command in ["entrypoint", "subcommand"] {
            if let Some(command) = config.child(command) {
                self::command(command, found);
            }
        }
        near_path(scope, config, found);
        user(scope, config, found);
        label_names(config, found);
        signal(config, found);
    }
}

fn ports(config: &Element, found: &mut Found<'_>) {
    let mut seen: Vec<(u64, &str, &At)> = Vec::new();
    let ports = config.child("expose").into_iter().flat_map(|e| e.all("port"));
    for at in ports.filter_map(|p| p.attrs.at("number")) {
        let (number, protocol) = at
            .value
            .trim()
            .split_once('/')
            .unwrap_or((at.value.trim(), "tcp"));
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let number = number.parse().unwrap_or(u64::MAX);
        if !(1..=65535).contains(&number) {
            let message = format!("there is no port `{}`", at.value.trim());
            if let Some(told) = found.add("container-port", at, message, "1 to 65535") {
                told.help = Some("nothing could listen there".into());
            }
        } else if let Some((_, _, first)) = seen.iter().find(|(n, p, _)| *n == number && *p == protocol) {
            let message = format!("the port {number} is exposed twice");
            found.pair(
                "container-port",
                at,
                message,
                "again",
                *first,
                "first exposed here",
            );
        } else {
            seen.push((number, protocol, at));
        }
    }
}

/// Paths that have to begin at the root, and volumes that stand twice.
fn paths(config: &Element, found: &mut Found<'_>) {
    let volumes = config.child("volumes").into_iter().flat_map(|v| v.all("volume"));
    let mut seen: FxHashMap<&str, &At> = FxHashMap::default();
    for at in volumes.filter_map(|v| v.attrs.at("name")) {
        let path = at.value.trim();
        if relative(at, "volume", found) {
            continue;
        }
        if let Some(right) = crate::rules::disk::folders::top(path) {
            let message = format!("`{path}` begins with no folder that systems have");
            found.instead("container-path", at, message, Some(&right), false, "");
            continue;
        }
        // As it is written where a container is started.
        if let Some((inside, _)) = path.split_once(':').filter(|_| !is_placeholder(path)) {
            let message =
                format!("`{path}` is no path: what follows a `:` counts where a container is started");
            found.instead("container-path", at, message, Some(inside), false, "");
            continue;
        }
        if path == "/" {
            let message =
                "the whole root would be a volume, and what the image has in it be hidden".to_owned();
            found.add("container-path", at, message, "a folder below it");
            continue;
        }
        if let Some(first) = before(&mut seen, path.trim_end_matches('/'), at) {
            let message = format!("the volume `{path}` stands twice");
            found.pair("container-path", at, message, "again", first, "first given here");
        }
    }
    if let Some(at) = config.attrs.at("workingdir")
        && !relative(at, "working directory", found)
        && let Some(right) = crate::rules::disk::folders::top(at.value.trim())
    {
        let message = format!("`{}` begins with no folder that systems have", at.value.trim());
        found.instead("container-path", at, message, Some(&right), false, "");
    }
}

/// A working directory that is a slip of another path which the description gives the container.
fn near_path(scope: &Scope<'_>, config: &Element, found: &mut Found<'_>) {
    let Some(at) = config.attrs.at("workingdir") else {
        return;
    };
    let own = at.value.trim().trim_end_matches('/');
    // A short one is near to too many.
    if own.len() < 6 {
        return;
    }
    let volumes = config.child("volumes").into_iter().flat_map(|v| v.all("volume"));
    let volumes = volumes.filter_map(|v| v.attrs.get("name"));
    let users = scope.view.users().into_iter();
    // A slip in a home is told there.
    let sound = users.filter(|u| {
        let same = u
            .attrs
            .get("name")
            .is_some_and(|n| own.ends_with(&format!("/{n}")));
        !same || u.attrs.get("home").is_some_and(|h| h.trim() == own)
    });
    let homes = sound.filter_map(|u| u.attrs.get("home"));
    let variables = config.child("environment").into_iter().flat_map(|e| e.all("env"));
    let home = variables
        .filter(|e| e.attrs.get("name") == Some("HOME"))
        .filter_map(|e| e.attrs.get("value"));
    let above = |p: &'_ str| -> Option<String> {
        let (head, _) = p.trim_end_matches('/').rsplit_once('/')?;
        (head.matches('/').count() > 1).then(|| head.to_owned())
    };
    let volumes: Vec<&str> = volumes.collect();
    // Where archives of some list are unpacked.
    let catalog = &scope.whole.catalog;
    let archives = catalog.special.iter().filter_map(|at| catalog.item(*at));
    let unpacked = archives.filter_map(|a| a.attrs().get("target_dir"));
    let heads: Vec<String> = volumes.iter().filter_map(|v| above(v)).collect();
    let heads = heads.iter().map(String::as_str);
    let known: Vec<&str> = volumes
        .iter()
        .copied()
        .chain(homes)
        .chain(home)
        .chain(unpacked)
        .chain(heads)
        .map(|p| p.trim().trim_end_matches('/'))
        // One that begins with a slip is told itself.
        .filter(|p| p.starts_with('/') && crate::rules::disk::folders::top(p).is_none())
        .collect();
    let digits = |p: &str| p.bytes().filter(u8::is_ascii_digit).count();
    let within = |p: &str| {
        own.strip_prefix(p)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if known.iter().any(|p| within(p)) {
        return;
    }
    let Some(meant) = near(own, known.iter().copied()).filter(|m| digits(m) == digits(own)) else {
        return;
    };
    let message = format!("the working directory `{own}` is nearly `{meant}`, and not that");
    found.instead("container-path", at, message, Some(meant), false, "");
}

fn relative(at: &At, what: &str, found: &mut Found<'_>) -> bool {
    let path = at.value.trim();
    if is_placeholder(path) || path.starts_with('/') {
        return false;
    }
    let message = format!("the {what} `{path}` is no path from the root");
    found.instead(
        "container-path",
        at,
        message,
        Some(&format!("/{path}")),
        false,
        "",
    );
    true
}

/// Labels or variables of one name.
fn twice(config: &Element, section: &str, item: &str, found: &mut Found<'_>) {
    let mut seen: FxHashMap<&str, &At> = FxHashMap::default();
    let items = config.child(section).into_iter().flat_map(|s| s.all(item));
    for at in items.filter_map(|i| i.attrs.at("name")) {
        if let Some(first) = before(&mut seen, &at.value, at) {
            let message = format!("the {item} `{}` is set twice", at.value.trim());
            let note = "first set here";
            found.pair("duplicate-setting", at, message, "again", first, note);
        }
    }
}

fn environment(config: &Element, found: &mut Found<'_>) {
    let all = config.child("environment").into_iter().flat_map(|e| e.all("env"));
    for variable in all {
        let Some(at) = variable.attrs.at("name") else {
            continue;
        };
        if at.value.trim() == "PATH" {
            search(variable, found);
        }
        let name = at.value.trim();
        if name == "LANG" || name == "LANGUAGE" || name.starts_with("LC_") {
            spoken(variable, found);
        }
        let other = |c: char| c.is_whitespace() || "=:$\"'".contains(c);
        if at.value.is_empty() || at.value.contains(other) && !is_placeholder(&at.value) {
            let message = format!("`{}` is no name for a variable", at.value);
            found.add("variable-name", at, message, "letters, digits and `_`");
        }
    }
}

/// The language that programs speak: a locale that there is.
fn spoken(variable: &Element, found: &mut Found<'_>) {
    let Some(at) = variable.attrs.at("value").filter(|v| !is_placeholder(&v.value)) else {
        return;
    };
    let value = at.value.trim();
    let one = !value.contains(':') && value.contains(['_', '.']);
    if let Some(meant) = crate::rules::system::locale_slip(value).filter(|_| one) {
        let message = format!("no system has a locale `{value}`");
        found.instead("unknown-locale", at, message, Some(&meant), false, "");
    }
}

/// Where programs are looked for: nothing is filled in, and each folder is a path from the root.
fn search(variable: &Element, found: &mut Found<'_>) {
    let Some(at) = variable.attrs.at("value") else {
        return;
    };
    let value = at.value.trim();
    if value.contains("$PATH") || value.contains("${PATH}") {
        let message = "`$PATH` is not filled in: programs of the system would not be found".to_owned();
        let all = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let whole = value.replace("${PATH}", all).replace("$PATH", all);
        let edit = found.replace(at, &whole, false);
        if let Some(told) = found.add("container-path", at, message, "all folders, in words") {
            told.fixes.extend(edit);
        }
    } else if !is_placeholder(value) && !value.starts_with('/') {
        let message = format!("`{value}` is no list of folders to look for programs in");
        found.add("container-path", at, message, "such as `/usr/bin:/bin`");
    }
}

/// The grammar has the word on `execute` with `clear`, and on arguments without a program.
fn command(command: &Element, found: &mut Found<'_>) {
    let Some(execute) = command.attrs.at("execute") else {
        return;
    };
    let value = execute.value.trim();
    if is_placeholder(value) {
        return;
    }
    if let Some((program, _)) = value.split_once(char::is_whitespace) {
        let message = format!("`{value}` is taken for the name of one program");
        let label = format!("`{program}`, with what follows in `<argument>`");
        found.add("container-command", execute, message, label);
        return;
    }
    if let Some(at) = command
        .all("argument")
        .filter_map(|a| a.attrs.at("name"))
        .find(|at| joined(at))
    {
        let message = format!("`{}` is handed over as one argument", at.value.trim());
        found.add("container-command", at, message, "one `<argument>` for each word");
        return;
    }
    let begins = |top: &&str| value.strip_prefix(*top).is_some_and(|rest| rest.starts_with('/'));
    let shell = || {
        matches!(
            value,
            "bin/sh" | "bin/bash" | "sbin/init" | "bin/ash" | "bin/dash"
        )
    };
    // Others may well lie in the working directory.
    if ["usr", "opt"].iter().any(begins) || shell() {
        let message = format!("`{value}` is looked for below the working directory");
        let whole = format!("/{value}");
        found.instead("container-command", execute, message, Some(&whole), false, "");
        return;
    }
    let systemd = value.contains("/systemd");
    if let Some(meant) = crate::rules::boot::kernel_values::likely_init(value).filter(|_| systemd) {
        let message = format!("`{value}` is no program that starts a system");
        found.instead("container-command", execute, message, Some(meant), false, "");
        return;
    }
    let Some((folder, name)) = value
        .rsplit_once('/')
        .filter(|(folder, _)| folder.ends_with("/bin"))
    else {
        return;
    };
    let exchanged = |meant: &&str| same_letters(meant, name);
    if let Some(meant) = crate::rules::users::shells::slip(name).filter(exchanged) {
        let message = format!("no shell is known as `{value}`");
        let whole = format!("{folder}/{meant}");
        found.instead("container-command", execute, message, Some(&whole), false, "");
    }
}

/// An option with its value behind a blank.
fn joined(at: &At) -> bool {
    let value = at.value.trim();
    let mut words = value.split_whitespace();
    let option = words
        .next()
        .is_some_and(|w| w.starts_with('-') && !w.contains(['=', '"', '\'']));
    // Several options in one may be what the program asks for.
    let next = words.next();
    // Two letters with a sign each are two options.
    let two = |w: &str| {
        w.len() == 2 && w.starts_with('-') && w.bytes().all(|b| b == b'-' || b.is_ascii_alphabetic())
    };
    let both = value.split_whitespace().all(two);
    option && next.is_some_and(|w| !w.starts_with('-') || both) && words.next().is_none()
}

/// Names of labels that no tool looks for: with blanks, or with a value in them.
fn label_names(config: &Element, found: &mut Found<'_>) {
    let all = config.child("labels").into_iter().flat_map(|l| l.all("label"));
    for at in all.filter_map(|l| l.attrs.at("name")) {
        let name = at.value.trim();
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '=' || c == '"') {
            let message = format!("`{name}` is no name for a label");
            found.add(
                "label-name",
                at,
                message,
                "such as `org.opencontainers.image.title`",
            );
        } else if let Some(meant) = annotation(name) {
            let message = format!("`{name}` is no annotation that tools know");
            found.instead("label-name", at, message, Some(&meant), false, "");
        }
    }
}

/// Where the annotations of images stand.
const OCI: &str = "org.opencontainers.image.";

/// Annotations of images that are agreed upon.
const ANNOTATIONS: &[&str] = &[
    "created",
    "authors",
    "url",
    "documentation",
    "source",
    "version",
    "revision",
    "vendor",
    "licenses",
    "ref.name",
    "title",
    "description",
    "base.digest",
    "base.name",
];

/// The annotation that a label's name is a slip of: where it stands is misspelt, or its own name is. Many more are in use
/// than are agreed upon.
fn annotation(name: &str) -> Option<String> {
    if let Some(own) = name.strip_prefix(OCI) {
        let slip = |known: &&&str| {
            // Others count in the singular what is agreed upon in the plural.
            let one = known.strip_suffix('s') == Some(own);
            own.len() > 4 && crate::rules::found::one_keystroke(known, own) && !one
                || *own == format!("{known}s")
        };
        let known = ANNOTATIONS.contains(&own);
        let meant = ANNOTATIONS.iter().find(slip).filter(|_| !known)?;
        return Some(format!("{OCI}{meant}"));
    }
    // Artifacts have their own.
    if name.starts_with("org.opencontainers.") {
        return None;
    }
    let own = ANNOTATIONS.iter().find(|known| {
        let head = name.strip_suffix(**known).filter(|h| h.ends_with('.'));
        head.is_some_and(|h| near(h, [OCI].into_iter()).is_some())
    })?;
    Some(format!("{OCI}{own}"))
}

/// Accounts that images have by themselves, or by a package.
pub(in crate::rules) const ACCOUNTS: &[&str] = &[
    "root", "nobody", "daemon", "bin", "www-data", "wwwrun", "nginx", "apache", "mysql", "postgres", "redis",
    "tomcat", "node", "git", "mail", "nogroup", "users", "postfix", "named",
];

fn user(scope: &Scope<'_>, config: &Element, found: &mut Found<'_>) {
    let Some(at) = config.attrs.at("user") else { return };
    let value = at.value.trim();
    let sound =
        |name: &str| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == ',' || c == '/');
    let parts = value.split(':').count();
    if !is_placeholder(value) && (parts > 2 || !value.split(':').all(sound)) {
        let message = format!("`{value}` names no user");
        found.add(
            "container-user",
            at,
            message,
            "`USER` or `USER:GROUP`, by name or number",
        );
        return;
    }
    let users = scope.view.users();
    let named = || users.iter().filter_map(|u| u.attrs.get("name"));
    let name = value.split(':').next().unwrap_or("");
    if is_placeholder(name) || named().any(|n| n == name) || ACCOUNTS.contains(&name) {
        return;
    }
    let close = |n: &&str| n.len() > 2 && crate::rules::found::one_keystroke(n, name);
    let usual = ACCOUNTS.iter().copied().filter(|n| n.len() > 4 || *n == "root");
    if let Some(meant) = named().chain(usual).find(close) {
        let message = format!("no account of the description is named `{name}`");
        let whole = value.replacen(name, meant, 1);
        found.instead("container-user", at, message, Some(&whole), false, "");
    }
}

const SIGNALS: &[&str] = &[
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGIOT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPOLL",
    "SIGPWR",
    "SIGSYS",
];

/// A signal of the kernel's upper half, counted from one of its ends.
fn is_real_time(name: &str) -> bool {
    let rest = name
        .strip_prefix("SIGRTMIN")
        .or_else(|| name.strip_prefix("SIGRTMAX"));
    let steps = |r: &str| r.strip_prefix(['+', '-']).map(str::parse::<u8>);
    rest.is_some_and(|r| r.is_empty() || matches!(steps(r), Some(Ok(0..=30))))
}

fn signal(config: &Element, found: &mut Found<'_>) {
    let Some(setting) = config.child("stopsignal") else {
        return;
    };
    let text = setting.text.as_str();
    let upper = text.to_ascii_uppercase();
    let full = if upper.starts_with("SIG") {
        upper
    } else {
        format!("SIG{upper}")
    };
    let number = text.parse::<u8>().is_ok_and(|n| (1..=64).contains(&n));
    if is_placeholder(text) || number || is_real_time(&full) || SIGNALS.contains(&full.as_str()) {
        return;
    }
    let message = format!("there is no signal `{text}`");
    let real_time = ["SIGRTMIN", "SIGRTMAX"].into_iter();
    let (stem, offset) = full.split_at(full.find(['+', '-']).unwrap_or(full.len()));
    let real_time = near(stem, real_time).map(|name| format!("{name}{offset}"));
    let real_time = real_time.filter(|name| is_real_time(name));
    let meant = near(&full, SIGNALS.iter().copied()).or(real_time.as_deref());
    found.instead(
        "stop-signal",
        &Text(setting),
        message,
        meant,
        false,
        "such as `SIGTERM`, or its number",
    );
}
