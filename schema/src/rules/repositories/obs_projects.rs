//! Projects of the open build service in `obs://` addresses that are slips of the distributions' own. Knows their names
//! alone: what others call their projects is theirs. Asks no server.

use crate::description::model::{At, Image};
use crate::rules::found::{Found, near, one_keystroke, same_letters};

/// Judges the repositories and the base images of a description.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    let types = image.preferences.iter().flat_map(|p| &p.types);
    let bases = types.filter_map(|t| t.element.attrs.at("derived_from"));
    for at in image.repositories.iter().map(|r| &r.source).chain(bases) {
        if let Some(rest) = at.value.trim().strip_prefix("obs://")
            && !rest.contains(['$', '{', '@'])
        {
            judge(at, rest, found);
        }
    }
    for repository in &image.repositories {
        let value = repository.source.value.trim();
        if value.contains("download.opensuse.org/repositories/home/") {
            let message = "openSUSE's server has no folder `home`, but one for `home:`".to_owned();
            let label = "the parts of a project are joined by `:/`";
            found.add("repository-address", &repository.source, message, label);
        }
    }
}

/// First words of projects.
const HEADS: &[&str] = &[
    "AlmaLinux",
    "CentOS",
    "Debian",
    "Fedora",
    "RockyLinux",
    "SUSE",
    "Ubuntu",
    "Virtualization",
    "openSUSE",
    "systemsmanagement",
];

/// First words of others' projects, each of which has projects below it alone.
const BEGINNINGS: &[&str] = &[
    "home",
    "devel",
    "network",
    "security",
    "server",
    "hardware",
    "multimedia",
    "isv",
    "science",
    "system",
    "filesystems",
    "X11",
    "KDE",
    "GNOME",
    "Cloud",
];

/// Words that follow them, where all that do are known.
const TAILS: &[(&str, &[&str])] = &[
    (
        "openSUSE",
        &[
            "ALP",
            "Backports",
            "Containers",
            "Evergreen",
            "Factory",
            "Leap",
            "Maintenance",
            "Slowroll",
            "Tools",
            "Tumbleweed",
            "infrastructure",
            "Templates",
            "Jump",
            "Step",
            "Aeon",
            "MicroOS",
            "Kalpa",
        ],
    ),
    (
        "Virtualization",
        &["Appliances", "containers", "vagrant", "Staging"],
    ),
];

/// Repositories that projects of distributions have.
const NAMES: &[&str] = &[
    "standard",
    "snapshot",
    "images",
    "containers",
    "openSUSE_Tumbleweed",
    "openSUSE_Factory",
    "openSUSE_Slowroll",
    "universe",
    "update",
];

/// The parts of the name of a repository for a release that lacks what stands between them.
fn numbered(name: &str) -> Option<(&str, &str)> {
    const SYSTEMS: &[&str] = &["Debian", "xUbuntu", "Fedora", "CentOS", "openSUSE_Leap"];
    let rest = |system: &str| name.strip_prefix(system).map(|r| r.trim_start_matches('-'));
    let (system, number) = SYSTEMS.iter().find_map(|s| Some((*s, rest(s)?)))?;
    number
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some((system, number))
}

/// The name of a repository for a system that is a slip, or whose words are slips of what systems and their kinds are called.
fn of_system(repository: &str) -> Option<String> {
    const SYSTEMS: &[&str] = &[
        "openSUSE",
        "xUbuntu",
        "Debian",
        "Fedora",
        "CentOS",
        "AlmaLinux",
        "RockyLinux",
    ];
    const KINDS: &[&str] = &[
        "Leap",
        "Tumbleweed",
        "Factory",
        "Slowroll",
        "Backports",
        "Jump",
        "Step",
        "Kubic",
        "MicroOS",
    ];
    const WHOLE: &[&str] = &["openSUSE_Tumbleweed", "openSUSE_Factory", "openSUSE_Slowroll"];
    let close = |n: &&&str| repository.len() > 14 && one_keystroke(n, repository);
    if let Some(meant) = WHOLE.iter().find(close) {
        return Some((*meant).to_owned());
    }
    let (system, rest) = repository.split_once('_')?;
    let slip = |word: &str, among: &[&'static str]| {
        let close = |k: &&&str| one_keystroke(k, word) && k.len() > 3;
        let meant = among.iter().find(close).filter(|_| !among.contains(&word));
        meant.copied()
    };
    if let Some(meant) = slip(system, SYSTEMS) {
        return Some(format!("{meant}_{rest}"));
    }
    let kind = rest.split('_').next().filter(|_| system == "openSUSE")?;
    let meant = slip(kind, KINDS)?;
    Some(format!("{system}_{}", rest.replacen(kind, meant, 1)))
}

fn judge(source: &At, rest: &str, found: &mut Found<'_>) {
    let Some((project, repository)) = rest.split_once('/') else {
        return;
    };
    let mut tell = |message: String, whole: Option<String>, otherwise: &str| {
        let whole = whole.map(|w| format!("obs://{w}"));
        found.instead("obs-project", source, message, whole.as_deref(), false, otherwise);
    };
    // A stroke where the parts of a project are joined by colons.
    let whole = rest.trim_end_matches('/');
    let first = HEADS.contains(&project) || BEGINNINGS.contains(&project);
    if let Some((parts, last)) = whole
        .rsplit_once('/')
        .filter(|(parts, _)| first && parts.contains('/'))
    {
        let message = format!("a project's parts are joined by `:`, and `{project}` is but the first");
        let joined: Vec<&str> = parts.split(['/', ':']).filter(|p| !p.is_empty()).collect();
        tell(message, Some(format!("{}/{last}", joined.join(":"))), "");
        return;
    }
    if let Some(meant) = of_system(repository) {
        let message = format!("no project has a repository `{repository}`");
        tell(message, Some(format!("{project}/{meant}")), "");
        return;
    }
    let parts: Vec<&str> = project.split(':').collect();
    if parts.iter().any(|p| p.is_empty()) {
        let message = format!("`{project}` is no name of a project: a part of it is empty");
        let whole: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
        tell(message, Some(format!("{}/{repository}", whole.join(":"))), "");
        return;
    }
    let slip = |name: &str, among: &[&'static str]| -> Option<&'static str> {
        if name.len() < 4 || among.contains(&name) {
            return None;
        }
        let same = among.iter().copied().find(|k| k.eq_ignore_ascii_case(name));
        // Of short ones only letters that changed places are surely a slip.
        let exchanged = || {
            among
                .iter()
                .copied()
                .find(|k| k.len() == 4 && same_letters(k, name))
        };
        same.or_else(exchanged)
            .or_else(|| near(name, among.iter().copied().filter(|k| k.len() > 4)))
    };
    let head = parts.first().copied().unwrap_or("");
    let replaced = |at: usize, meant: &str| {
        let mut right = parts.clone();
        if let Some(slot) = right.get_mut(at) {
            *slot = meant;
        }
        format!("{}/{repository}", right.join(":"))
    };
    // A point where the first part ends.
    if let Some((before, after)) = head.split_once('.')
        && HEADS.contains(&before)
        && (TAILS.iter().find(|(h, _)| *h == before)).is_none_or(|(_, tails)| tails.contains(&after))
    {
        let message = format!("a project's parts are joined by `:`, and `{head}` is none");
        tell(message, Some(replaced(0, &format!("{before}:{after}"))), "");
        return;
    }
    // One who has a single word may have a project of that name.
    if parts.len() > 1
        && let Some(meant) = slip(head, HEADS)
    {
        let message = format!("no distribution has projects below `{head}`");
        tell(message, Some(replaced(0, meant)), "");
        return;
    }
    // Ubuntu's releases are a year and a month.
    if let ["Ubuntu", release, ..] = parts.as_slice()
        && let Some((year, month)) = release.split_once('.')
        && year.len() == 2
        && !matches!(month, "04" | "10")
        && month.bytes().all(|b| matches!(b, b'0' | b'1' | b'4'))
    {
        let right = format!("{year}.{}", if month.contains('4') { "04" } else { "10" });
        let message = format!("`Ubuntu` has no project `{release}`");
        tell(message, Some(replaced(1, &right)), "");
        return;
    }
    if let (Some((_, tails)), Some(second)) = (TAILS.iter().find(|(h, _)| *h == head), parts.get(1)) {
        if let Some(meant) = slip(second, tails) {
            let message = format!("`{head}` has no project `{second}`");
            tell(message, Some(replaced(1, meant)), "");
            return;
        }
        // `Leap-15.6`, `Leap15.6`
        if head == "openSUSE"
            && let Some(release) = second.strip_prefix("Leap").filter(|r| !r.is_empty())
        {
            let release = release.trim_start_matches(['-', '_', ' ', '.']);
            if release.starts_with(|c: char| c.is_ascii_digit()) {
                let message = format!("`openSUSE` has no project `{second}`");
                tell(message, Some(replaced(1, &format!("Leap:{release}"))), "");
                return;
            }
        }
    }
    const BELOW_LEAP: &[&str] = &[
        "Update", "NonFree", "Images", "Staging", "ToTest", "Rings", "PowerPC", "Micro",
    ];
    if let ["openSUSE", "Leap", _, part, ..] = parts.as_slice()
        && let Some(meant) = slip(part, BELOW_LEAP)
    {
        let message = format!("the releases of Leap have no project `{part}`");
        tell(message, Some(replaced(3, meant)), "");
        return;
    }
    let name = repository.split(['/', '#']).next().unwrap_or(repository);
    let joined = || numbered(name).map(|(system, number)| format!("{system}_{number}"));
    if HEADS.contains(&head)
        && parts.len() > 1
        && let Some(meant) = slip(name, NAMES).map(str::to_owned).or_else(joined)
    {
        let message = format!("projects of `{head}` have no repository `{name}`");
        let whole = format!("{project}/{}", repository.replacen(name, &meant, 1));
        tell(message, Some(whole), "");
    }
}
