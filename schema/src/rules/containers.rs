//! Containers: names, tags and base images by the syntax of references, and a configuration that no runtime starts.
//! Asks no registry and reads no file.

use rustc_hash::{FxHashMap, FxHashSet};

use super::found::{Found, Text, before, near};
use super::scope::Scope;
use crate::description::model::{At, Element};

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    if let Some(base) = kind.attrs.at("derived_from") {
        base_image(base, found);
    }
    if let Some(config) = kind.child("containerconfig") {
        // Other images have names by other rules.
        if matches!(scope.image(), "docker" | "oci" | "oem") {
            names(config, found);
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

/// Judges the containers that are put into the image.
pub(super) fn preloads(scope: &Scope<'_>, found: &mut Found<'_>) {
    for section in scope.view.sections(&scope.view.image.containers) {
        preloaded(section, found);
    }
}

/// What loads the containers when the image first starts, and the packages that have it.
const BACKENDS: &[(&str, &[&str])] = &[
    ("podman", &["podman", "podman-docker"]),
    (
        "docker",
        &["docker", "docker.io", "docker-ce", "moby-engine", "docker-engine"],
    ),
];

/// Judges whether the image has the program that loads its containers.
pub(super) fn loaded(scope: &Scope<'_>, found: &mut Found<'_>) {
    let mut sections = scope.view.sections(&scope.view.image.containers).peekable();
    if sections.peek().is_none() || !scope.type_has_packages() || super::packages::open_ended(scope) {
        return;
    }
    for section in sections {
        let named = section.attrs.at("backend");
        let backend = named.map_or("podman", |b| b.value.trim());
        let Some((_, packages)) = BACKENDS.iter().find(|(name, _)| *name == backend) else {
            continue;
        };
        let mut to_load = section.all("container");
        let loads = to_load.any(|c| c.attrs.bool("fetch_only") != Some(true));
        let more = || {
            let mut patterns = scope.starting("patterns-").chain(scope.starting("pattern:"));
            patterns.any(|n| n.contains("container") || n.contains("docker"))
        };
        // One that cannot be fetched is told as such.
        let sound = |c: &Element| {
            let name = c.attrs.get("name").is_some_and(is_repository);
            name && c.attrs.get("tag").is_none_or(is_tag)
        };
        let fetched = section.attrs.get("source").is_some_and(|s| !s.contains("://"))
            && section.all("container").all(sound);
        if !loads || !fetched || packages.iter().any(|p| scope.has(p)) || more() {
            continue;
        }
        let message = format!("the containers are loaded by `{backend}`, and no list installs it");
        let label = format!("add the package `{backend}`");
        let place: &dyn super::found::Place = match named {
            Some(at) => at,
            None => section,
        };
        found.once("missing-container-tool", backend, place, message, label);
    }
}

/// Programs that start a whole system.
const INITS: &[&str] = &[
    "/sbin/init",
    "/usr/sbin/init",
    "/usr/lib/systemd/systemd",
    "/lib/systemd/systemd",
];

/// Judges whether the init program that a container starts with is in it.
pub(super) fn init(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let Some(config) = kind.child("containerconfig") else {
        return;
    };
    let commands = ["entrypoint", "subcommand"].into_iter();
    let mut commands = commands.filter_map(|c| config.child(c)?.attrs.at("execute"));
    let Some(at) = commands.find(|at| INITS.contains(&at.value.trim())) else {
        return;
    };
    let brings = [
        "systemd", "openrc", "sysvinit", "init", "runit", "s6", "busybox", "dinit",
    ];
    // Of names in lists there are few that a system's init hides behind.
    let named = || {
        scope
            .installed()
            .any(|i| brings.iter().any(|b| i.name.value.contains(b)))
    };
    if kind.attrs.at("derived_from").is_none()
        && scope.has_list(crate::description::PackageKind::Bootstrap)
        && !super::packages::open_ended(scope)
        && !scope.recommended()
        && !named()
        && !["patterns-", "pattern:", "task-", "udev"]
            .iter()
            .any(|p| scope.starting(p).next().is_some())
    {
        let message = format!(
            "the container starts with `{}`, and no list installs an init",
            at.value.trim()
        );
        found.add(
            "container-command",
            at,
            message,
            "add `systemd`, or another program that runs the services",
        );
    }
}

/// One part of a repository's name: lower-case letters and digits, with `.`, `_`, `__` or hyphens between them.
fn is_component(part: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut between = part.split(letter).filter(|run| !run.is_empty());
    edge(part.chars().next())
        && edge(part.chars().next_back())
        && between.all(|run| matches!(run, "." | "_" | "__") || run.bytes().all(|b| b == b'-'))
}

/// A repository's name, maybe after its registry.
fn is_repository(name: &str) -> bool {
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, name),
    };
    let host = |h: &str| {
        !h.is_empty()
            && h.chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
    };
    registry.is_none_or(host) && path.split('/').all(is_component)
}

/// A tag: a letter, digit or `_`, then at most 127 of these, `.` and `-`.
fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128 && tag.starts_with(word) && tag.chars().all(|c| word(c) || c == '.' || c == '-')
}

/// Values that a tool fills in before the build.
pub(super) fn is_placeholder(value: &str) -> bool {
    value.is_empty() || value.contains(['$', '{', '%'])
}

fn repository(at: &At, found: &mut Found<'_>) {
    let name = at.value.trim();
    if name.is_empty() {
        let message = "the name of the container image is empty".to_owned();
        found.add("container-name", at, message, "such as `example/app`");
        return;
    }
    if is_placeholder(name) || is_repository(name) {
        return;
    }
    let message = format!("`{name}` is no name for a container image");
    let lower = name.to_ascii_lowercase();
    let meant = is_repository(&lower).then_some(lower.as_str());
    let otherwise = "lower-case letters and digits, with `.`, `_` or `-` between them";
    found.instead("container-name", at, message, meant, false, otherwise);
}

fn tag(at: &At, found: &mut Found<'_>) {
    let mut all = at.value.split(',').map(str::trim);
    let wrong = all.find(|t| t.is_empty() || !is_placeholder(t) && !is_tag(t));
    if let Some(wrong) = wrong {
        let message = match wrong {
            "" => "a tag is empty".to_owned(),
            wrong => format!("`{wrong}` is no tag"),
        };
        found.add(
            "container-name",
            at,
            message,
            "letters, digits, `_`, `.` and `-`, at most 128",
        );
    }
}

fn names(config: &Element, found: &mut Found<'_>) {
    if let Some(at) = config.attrs.at("name") {
        repository(at, found);
    }
    if let Some(at) = config.attrs.at("tag") {
        tag(at, found);
    }
    let Some(at) = config.attrs.at("additionalnames") else {
        return;
    };
    let wrong = |item: &&str| {
        // A colon after the last slash begins a tag; one before it a port.
        let (name, tag) = match item.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (*item, None),
        };
        !is_placeholder(item) && (tag.is_some_and(|t| !is_tag(t)) || !name.is_empty() && !is_repository(name))
    };
    let list = config.attrs.list("additionalnames");
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let blank = at.value.contains(',') && at.value.split(',').any(|item| item.trim().is_empty());
    let (name, tag) = (
        config.attrs.get("name"),
        config.attrs.get("tag").unwrap_or("latest"),
    );
    let own = |item: &&&str| match item.strip_prefix(':') {
        Some(other) => other == tag,
        None => {
            name.is_some_and(|name| item.strip_prefix(name).and_then(|i| i.strip_prefix(':')) == Some(tag))
        }
    };
    if blank {
        let message = format!("a name in `{}` is empty", at.value.trim());
        let whole = list.join(",");
        found.instead("container-name", at, message, Some(&whole), false, "");
    } else if let Some(item) = list.iter().find(own) {
        let message = format!("`{item}` is the image's own name already");
        found.add("container-name", at, message, "once is enough");
    } else if let Some(item) = list.iter().find(|item| !seen.insert(item)) {
        let message = format!("the name `{item}` is given twice");
        found.add("container-name", at, message, "once is enough");
    } else if let Some(item) = config.attrs.list("additionalnames").into_iter().find(wrong) {
        let message = format!("`{item}` is no name for a container image");
        found.add("container-name", at, message, "`NAME`, `NAME:TAG` or `:TAG`");
    } else if let Some(item) = list.iter().find(|item| is_bare_tag(item)) {
        let message = format!("`{item}` would be another name of the image, and no tag");
        let whole = at.value.replacen(item, &format!(":{item}"), 1);
        found.instead("container-name", at, message, Some(&whole), false, "");
    }
}

/// What is a tag by its form, and has no colon before it.
fn is_bare_tag(item: &str) -> bool {
    let number = item.strip_prefix('v').unwrap_or(item);
    let version = number.contains('.') && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    version || matches!(item, "latest" | "stable" | "testing" | "edge" | "nightly")
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
            found.add("container-port", at, message, "1 to 65535");
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
    let mut seen: Vec<&At> = Vec::new();
    for at in volumes.filter_map(|v| v.attrs.at("name")) {
        let path = at.value.trim();
        let same = |other: &&&At| other.value.trim().trim_end_matches('/') == path.trim_end_matches('/');
        if relative(at, "volume", found) {
            continue;
        }
        if let Some(right) = super::volumes::top(path) {
            let message = format!("`{path}` begins with no folder that systems have");
            found.instead("container-path", at, message, Some(&right), false, "");
            continue;
        }
        match seen.iter().find(same) {
            Some(first) => {
                let message = format!("the volume `{path}` stands twice");
                found.pair("container-path", at, message, "again", *first, "first given here");
            }
            None => seen.push(at),
        }
    }
    if let Some(at) = config.attrs.at("workingdir")
        && !relative(at, "working directory", found)
        && let Some(right) = super::volumes::top(at.value.trim())
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
    let volumes = config.child("volumes").into_iter().flat_map(|v| v.all("volume"));
    let volumes = volumes.filter_map(|v| v.attrs.get("name"));
    let homes = scope.view.users().into_iter().filter_map(|u| u.attrs.get("home"));
    let variables = config.child("environment").into_iter().flat_map(|e| e.all("env"));
    let home = variables
        .filter(|e| e.attrs.get("name") == Some("HOME"))
        .filter_map(|e| e.attrs.get("value"));
    let above = |p: &'_ str| -> Option<String> {
        let (head, _) = p.trim_end_matches('/').rsplit_once('/')?;
        (head.matches('/').count() > 1).then(|| head.to_owned())
    };
    let volumes: Vec<&str> = volumes.collect();
    let heads: Vec<String> = volumes.iter().filter_map(|v| above(v)).collect();
    let heads = heads.iter().map(String::as_str);
    let known: Vec<&str> = volumes
        .iter()
        .copied()
        .chain(homes)
        .chain(home)
        .chain(heads)
        .map(|p| p.trim().trim_end_matches('/'))
        // One that begins with a slip is told itself.
        .filter(|p| p.starts_with('/') && super::volumes::top(p).is_none())
        .collect();
    let digits = |p: &str| p.bytes().filter(u8::is_ascii_digit).count();
    let within = |p: &str| {
        own.strip_prefix(p)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if own.len() < 6 || known.iter().any(|p| within(p)) {
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
    for at in all.filter_map(|e| e.attrs.at("name")) {
        if at.value.is_empty() || at.value.contains('=') || at.value.contains(char::is_whitespace) {
            let message = format!("`{}` is no name for a variable", at.value);
            found.add("variable-name", at, message, "a name without `=` and blanks");
        }
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
    let Some((folder, name)) = value
        .rsplit_once('/')
        .filter(|(folder, _)| folder.ends_with("/bin"))
    else {
        return;
    };
    let exchanged = |meant: &&str| super::groups::sorted(meant) == super::groups::sorted(name);
    if let Some(meant) = super::shells::slip(name).filter(exchanged) {
        let message = format!("no shell is known as `{value}`");
        let whole = format!("{folder}/{meant}");
        found.instead("container-command", execute, message, Some(&whole), false, "");
    }
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
            own.len() > 4 && strsim::damerau_levenshtein(known, own) == 1 && !one
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
pub(super) const ACCOUNTS: &[&str] = &[
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
    let close = |n: &&str| n.len() > 2 && strsim::damerau_levenshtein(n, name) == 1;
    let usual = ACCOUNTS.iter().copied().filter(|n| n.len() > 4);
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

/// Where a base image may come from.
const SCHEMES: &[&str] = &[
    "docker",
    "docker-archive",
    "docker-daemon",
    "oci",
    "oci-archive",
    "obs",
    "obsrepositories",
    "file",
    "dir",
    "http",
    "https",
    "ftp",
    "containers-storage",
    "container-archive",
    "this",
    "iso",
    "ibs",
];

fn base_image(at: &At, found: &mut Found<'_>) {
    let value = at.value.trim();
    if is_placeholder(value) {
        return;
    }
    let scheme = value.split_once(':').map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|s| {
        s.chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '+')
    });
    let Some(scheme) = scheme.filter(|_| value.contains(":/") || value.starts_with("oci:")) else {
        let message = format!("the base image `{value}` does not say where it comes from");
        let label = "a scheme first: `docker://`, `obs://` or `file://`";
        let edit = value
            .split_once('/')
            .filter(|(host, _)| host.contains('.') && !host.starts_with('.'))
            .and_then(|_| found.replace(at, &format!("docker://{value}"), false));
        if let Some(told) = found.add("base-image", at, message, label) {
            told.fixes.extend(edit);
        }
        return;
    };
    if matches!(scheme, "docker" | "http" | "https" | "obs")
        && let Some(rest) = value.split_once(":/").map(|(_, rest)| rest)
        && !rest.starts_with('/')
    {
        let message = format!("`{scheme}:` is followed by `//` and a name");
        found.instead(
            "base-image",
            at,
            message,
            Some(&format!("{scheme}://{rest}")),
            false,
            "",
        );
        return;
    }
    if SCHEMES.contains(&scheme) {
        // A colon in the last part is no part of a project's name.
        if let Some(path) = value
            .strip_prefix("obs://")
            .filter(|p| !p.contains('#') && !is_placeholder(p))
            && let Some((head, last)) = path.rsplit_once('/')
            && let Some((name, tag)) = last.split_once(':')
            && head.contains('/')
        {
            let message = format!("the tag `{tag}` of a base image of the build service stands after `#`");
            let whole = format!("obs://{head}/{name}#{tag}");
            found.instead("base-image", at, message, Some(&whole), false, "");
            return;
        }
        if let Some(path) = value
            .strip_prefix("obsrepositories:/")
            .filter(|p| !p.contains('#') && !is_placeholder(p))
            && let Some((name, tag)) = path.rsplit_once(':')
        {
            let message = format!("the tag `{tag}` of a base image of the build service stands after `#`");
            let whole = format!("obsrepositories:/{name}#{tag}");
            found.instead("base-image", at, message, Some(&whole), false, "");
            return;
        }
        // Registries take no capitals; what stands before the path may be a host.
        if let Some(path) = value.strip_prefix("docker://").filter(|p| !is_placeholder(p)) {
            let path = path.split(['@', '#']).next().unwrap_or(path);
            let name = match path.rsplit_once(':') {
                Some((_, "")) => {
                    let message = "the tag of the base image is empty".to_owned();
                    found.add("base-image", at, message, "a tag after the colon, or no colon");
                    return;
                }
                Some((name, tag)) if !tag.contains('/') => name,
                _ => path,
            };
            if !is_repository(name) && is_repository(&name.to_ascii_lowercase()) {
                let message = format!("`{name}` is no name for a container image");
                let whole = value.replacen(name, &name.to_ascii_lowercase(), 1);
                found.instead("base-image", at, message, Some(&whole), true, "");
            }
        }
        return;
    }
    let meant = match scheme {
        "obsrepository" | "obsrepositorys" => Some("obsrepositories"),
        _ => near(scheme, SCHEMES.iter().copied()),
    };
    if let Some(meant) = meant {
        let message = format!("`{scheme}:` is no source of base images");
        let new = format!("{meant}{}", value.strip_prefix(scheme).unwrap_or(""));
        found.instead("base-image", at, message, Some(&new), false, "");
    }
}

/// Containers to load on the first start.
fn preloaded(section: &Element, found: &mut Found<'_>) {
    if let Some(at) = section.attrs.at("source") {
        if let Some((scheme, rest)) = at.value.trim().split_once("://") {
            let message = format!("the registry is named without `{scheme}://`");
            found.instead("container-name", at, message, Some(rest), false, "");
        }
    }
    let mut seen: Vec<(&str, Option<&str>, &At)> = Vec::new();
    for container in section.all("container") {
        if let Some(at) = container.attrs.at("name") {
            repository(at, found);
            let (name, tag) = (at.value.trim(), container.attrs.get("tag"));
            match seen.iter().find(|(n, t, _)| *n == name && *t == tag) {
                Some((_, _, first)) => {
                    let message = format!("the container `{name}` is fetched twice");
                    found.pair(
                        "duplicate-setting",
                        at,
                        message,
                        "again",
                        *first,
                        "first given here",
                    );
                }
                None => seen.push((name, tag, at)),
            }
        }
        if let Some(at) = container.attrs.at("tag") {
            tag(at, found);
        }
    }
}
