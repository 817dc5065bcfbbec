//! Files beside the description: those it names and that are not there, those that a build would overlook for their
//! name, and where files go in the image. Sees the folder only through what it is given, and speaks of missing files
//! only where the folder is surely the description's own.

pub(super) mod archives;
pub(super) mod missing;
pub(super) mod overlooked;
pub(super) mod unmade;

use std::cell::OnceCell;

use crate::description::SCRIPTS;
use crate::description::folder::{Folder, Kind};
use crate::description::load::is_name;
use crate::description::model::{At, Attrs, File, Image, Item, ItemKind};
use crate::diagnostic::{Diagnostic, FileId};
use crate::rules::code;
use crate::rules::found::{Found, near};
use crate::rules::overlay;
use crate::rules::packages::removed;
use crate::rules::scripts;
use crate::rules::system::certificates;
use crate::rules::users::{profile_accounts, unknown_accounts};

/// A fault of a script's syntax: the line, counted from 1, and what the shell says about it.
pub type Fault = (u32, String);

/// What a description's folder gives rise to.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// What was found, in the description's texts and in `files`.
    pub diagnostics: Vec<Diagnostic>,
    /// The scripts with findings. Their file ids go on after those of the description.
    pub files: Vec<File>,
}

/// Judges a description together with the folder it lies in. `syntax` gives the faults of a bash script without
/// running it; none where that cannot be had.
pub fn beside(image: &Image, folder: &dyn Folder, syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>) -> Beside {
    let mut out = Beside::default();
    let Some(names) = folder.names("").filter(|names| own(image, folder, names)) else {
        return out;
    };
    let mut found = Found::new(image, &mut out.diagnostics);
    let here = Here {
        image,
        folder,
        names,
        meant: OnceCell::new(),
    };
    missing::check(&here, &mut found);
    overlooked::check(&here, &mut found);
    overlays(&here, &mut found);
    archives::check(&here, &mut found);
    certificates::check(&here, &mut found);
    removed::check(&here, &mut found);
    unmade::check(&here, &mut found);
    unknown_accounts::check(&here, &mut found);
    profile_accounts::check(&here, &mut found);
    unused_profiles(&here, &mut found);
    scripts::check(&here, syntax, &mut found, &mut out.files);
    overlay::check(&here, syntax, &mut found, &mut out.files);
    crate::check::sort(&mut out.diagnostics);
    out
}

/// A description with its folder.
pub(in crate::rules) struct Here<'a> {
    pub image: &'a Image,
    pub folder: &'a dyn Folder,
    /// The names in the folder.
    pub names: Vec<String>,
    /// What misspelt names of packages mean, looked for once.
    meant: OnceCell<Vec<&'static str>>,
}

impl Here<'_> {
    /// Something of that name lies in the folder.
    pub fn has(&self, name: &str) -> bool {
        self.names.binary_search_by(|n| n.as_str().cmp(name)).is_ok()
    }

    /// The packages that are meant by misspelt names: that is told, and they are missing nowhere.
    pub fn meant(&self) -> &[&'static str] {
        self.meant
            .get_or_init(|| crate::rules::packages::misspelt::all_meant(self.image))
    }

    /// The place for what is about no text: the image's name.
    pub fn root(&self) -> At {
        self.image.attrs.at("name").cloned().unwrap_or(At {
            value: Default::default(),
            file: FileId::default(),
            span: crate::Span::empty(0),
        })
    }
}

/// The folder is the description's own, and no collection of descriptions that lie beside each other without their
/// files: KIWI would load this one from it, or files of a description lie there.
fn own(image: &Image, folder: &dyn Folder, names: &[String]) -> bool {
    let Some(main) = image.files.first().and_then(|f| f.path.file_name()) else {
        return false;
    };
    let main = main.to_string_lossy();
    if !names.iter().any(|n| *n == main) {
        return false;
    }
    let only = || names.iter().filter(|n| is_name(n)).count() == 1;
    let alone = main == "config.xml" || is_name(&main) && only();
    let companion = |name: &str| {
        let name = name.to_ascii_lowercase();
        SCRIPTS.contains(&name.as_str()) || name == "root.tar.gz"
    };
    let overlay = || folder.names("root").is_some_and(|names| is_tree(&names));
    alone || names.iter().any(|n| companion(n)) || overlay()
}

/// The names at the top of a system's tree.
pub(in crate::rules) const TREE: &[&str] = &[
    "bin", "boot", "etc", "home", "lib", "lib64", "opt", "root", "run", "sbin", "srv", "tmp", "usr", "var",
];

/// A folder that is laid over an image's tree, by what is in it.
pub(in crate::rules) fn is_tree(names: &[String]) -> bool {
    names.iter().any(|n| TREE.contains(&n.as_str()))
}

/// A file named by the description as it is looked for beside it; none where it lies elsewhere.
pub(in crate::rules) fn beside_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let name = match name.strip_prefix("this://") {
        Some(rest) => rest.trim_start_matches('/'),
        None => name,
    };
    let plain = !name.is_empty() && !name.starts_with('/') && !name.contains(':');
    let inside = name.split('/').all(|part| part != "..");
    (plain && inside).then_some(name)
}

/// The entries of sections that a build takes from the folder.
pub(in crate::rules) fn items(image: &Image) -> impl Iterator<Item = &Item> {
    let sections = image.packages.iter();
    let used = sections.filter(|s| !matches!(s.kind.value.trim(), "delete" | "uninstall" | "systemfiles"));
    used.flat_map(|s| &s.items)
}

/// A name without what is done to say how an archive is packed.
pub(in crate::rules) fn stem(name: &str) -> &str {
    let ends = [
        ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz", ".tbz2", ".tar.zst", ".tar",
    ];
    ends.iter().find_map(|e| name.strip_suffix(e)).unwrap_or(name)
}

pub(in crate::rules) fn archive(name: &str) -> bool {
    stem(name).len() < name.len()
}

/// Adds a finding whose place may be that of others too.
pub(in crate::rules) fn put(found: &mut Found<'_>, name: &str, at: &At, message: String, label: &str) {
    let Some(known) = code(name) else { return };
    let mut one = Diagnostic::new(known.code, known.severity, known.source, at.span, message).label(label);
    one.file = at.file;
    one.help = Some(known.consequence.to_owned().into());
    found.push(one);
}

/// Folders at the top that are links into /usr in the image: KIWI puts the overlay's folder in the link's place.
fn overlays(here: &Here<'_>, found: &mut Found<'_>) {
    if !merged_usr(here.image) {
        return;
    }
    let profiles = here.image.profiles.iter().map(|p| p.name.value.as_str());
    let place = here.root();
    for overlay in ["root"].into_iter().chain(profiles).filter(|o| here.has(o)) {
        for link in ["bin", "lib", "lib64", "sbin"] {
            let path = format!("{overlay}/{link}");
            let entry = here.folder.entry(&path);
            if entry.is_some_and(|e| e.kind == Kind::Folder && !e.link) {
                let message = format!(
                    "the overlay folder `{path}` takes the place of the link `/{link}` to `usr/{link}`"
                );
                put(
                    found,
                    "overlay-over-link",
                    &place,
                    message,
                    &format!("move it to `{overlay}/usr/{link}`"),
                );
            }
        }
    }
}

/// Profiles that no section names, that pull in no other, and that neither a script nor an overlay is for.
fn unused_profiles(here: &Here<'_>, found: &mut Found<'_>) {
    let used = |name: &str| crate::rules::views::profiles::uses(here.image).any(|u| u.value == name);
    let required = |name: &str| {
        let mut all = here.image.profiles.iter().flat_map(|p| &p.requires);
        all.any(|(r, _)| r.value == name)
    };
    let meant = crate::rules::views::profiles::meant(here.image);
    let candidates = here.image.profiles.iter().filter(|p| {
        let name = p.name.value.as_str();
        // That a section names it wrongly has been told.
        let told = meant.contains(name);
        // A folder of nearly that name has been spoken of.
        let like = |n: &String| n.eq_ignore_ascii_case(name) || near(n, [name].into_iter()).is_some();
        (p.requires.is_empty() || builds_nothing(here.image, p))
            && !told
            && !name.contains(',')
            && !used(name)
            && !required(name)
            && !here.names.iter().any(like)
    });
    let mut texts: Option<Vec<Vec<u8>>> = None;
    let mut other: Option<bool> = None;
    for profile in candidates {
        if *other.get_or_insert_with(|| crate::rules::views::profiles::one_is_for_another(here.image)) {
            return;
        }
        // Scripts ask for `kiwi_profiles` under names of their own: any text beside the description may be one's.
        let texts = texts.get_or_insert_with(|| {
            let near = here
                .names
                .iter()
                .filter(|n| n.ends_with(".sh") || !n.contains('.'));
            near.filter_map(|n| here.folder.read(n)).collect()
        });
        let name = profile.name.value.as_str();
        let asked = |text: &Vec<u8>| memchr::memmem::find(text, name.as_bytes()).is_some();
        if name.is_empty() || texts.iter().any(asked) {
            continue;
        }
        let message = format!("no section, script or overlay is for the profile `{name}`");
        let label = "to choose it changes nothing";
        let told = found.add("unused-profile", &profile.name, message, label);
        // The one that is taken by itself names what is there without any other.
        if let Some(told) = told.filter(|_| profile.import) {
            told.severity = crate::diagnostic::Severity::Info;
        }
    }
}

/// A profile requires others and no image comes of it, while of every other that requires some one does.
fn builds_nothing(image: &Image, own: &crate::description::model::Profile) -> bool {
    const MOST: usize = 256;
    let typed = crate::rules::catalog::typed(image);
    let always = image
        .preferences
        .iter()
        .any(|p| !p.types.is_empty() && p.filter.profiles.is_empty());
    if always || image.profiles.len() > MOST {
        return false;
    }
    let required = |name: &str| {
        let mut all = image.profiles.iter().flat_map(|p| &p.requires);
        all.any(|(r, _)| r.value == name)
    };
    let choices = crate::rules::views::profile_circles::choices(image);
    let mut built = 0_usize;
    let mut idle = Vec::new();
    for (profile, reached) in image.profiles.iter().zip(&choices) {
        let name = profile.name.value.as_str();
        if profile.requires.is_empty() || required(name) {
            continue;
        }
        match reached.iter().any(|p| typed.contains(p)) {
            true => built += 1,
            false => idle.push(name),
        }
    }
    built > 1 && idle == [own.name.value.as_str()]
}

/// Marks in addresses of SUSE's releases that have one /usr.
const ROLLING: &[&str] = &[
    "tumbleweed",
    "factory",
    "slowroll",
    "leap/16.",
    "leap:16.",
    "leap:/16.",
    "leap_16.",
    "sles/16.",
    "/slfo",
    "suse:/alp",
];

/// Packages of SUSE's that only releases with one /usr have.
const ONLY_ROLLING: &[&str] = &[
    "openSUSE-repos-Tumbleweed",
    "Leap-release",
    "openSUSE-repos-Slowroll",
];

/// The distributions of these package managers have had one /usr for all their supported releases; on SUSE's it depends
/// on the release.
pub(in crate::rules) fn merged_usr(image: &Image) -> bool {
    let mut managers = crate::rules::scope::managers(image).into_iter().peekable();
    let rolling = |r: &crate::description::model::Repository| {
        let source = r.source.value.to_ascii_lowercase();
        ROLLING.iter().any(|mark| source.contains(mark))
    };
    let named = || items(image).any(|i| ONLY_ROLLING.contains(&i.name.value.as_str()));
    managers.peek().is_some()
        && managers.all(|m| match m {
            "apt" | "dnf4" | "dnf5" | "microdnf" | "pacman" => true,
            "zypper" => image.repositories.iter().any(rolling) || named(),
            _ => false,
        })
}

/// Where files go, with which owner and mode: judged from the text alone.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    for item in image.packages.iter().flat_map(|s| &s.items) {
        if matches!(item.kind, ItemKind::Archive | ItemKind::File) {
            targets(image, item.attrs(), found);
        }
    }
}

fn targets(image: &Image, attrs: &Attrs, found: &mut Found<'_>) {
    for attribute in ["target", "target_dir"] {
        if let Some(at) = attrs.at(attribute).filter(|at| leads_out(&at.value)) {
            let message = format!("`{}` leads out of the image's tree", at.value.trim());
            found.add("target-outside-root", at, message, "a path without `..`");
        } else if let Some(at) = attrs.at(attribute).filter(|at| at.value.contains('\\')) {
            let message = format!("`{}` has signs of Windows' paths in it", at.value.trim());
            let right = at.value.trim().replace('\\', "/");
            found.instead("missing-target", at, message, Some(&right), true, "");
        } else if let Some((at, right)) = attrs
            .at(attribute)
            .and_then(|at| Some((at, crate::rules::disk::folders::top(&at.value)?)))
        {
            let message = format!("`{}` begins with no folder that systems have", at.value.trim());
            found.instead("missing-target", at, message, Some(&right), false, "");
        }
    }
    if let Some(at) = attrs.at("permissions") {
        let mode = at.value.trim();
        let bits = u32::from_str_radix(mode, 8).ok();
        let octal = (3..=5).contains(&mode.len())
            && bits.is_some_and(|bits| bits <= 0o7777)
            && !mode.starts_with('+');
        if !octal && !symbolic(mode) {
            let message = format!("`{mode}` is no mode of a file");
            found.add(
                "invalid-mode",
                at,
                message,
                "three or four octal digits, such as `644`",
            );
        }
    }
    if let Some(at) = attrs.at("owner") {
        let owner = at.value.trim();
        let mut parts = owner.split(':');
        let good = |part: Option<&str>| {
            part.is_none_or(|p| p.chars().all(|c| c.is_ascii_alphanumeric() || "_-.$".contains(c)))
        };
        let sound = good(parts.next()) && good(parts.next()) && parts.next().is_none();
        if !sound || owner.trim_matches(':').is_empty() {
            let message = format!("`{owner}` is no owner of a file");
            found.add("invalid-owner", at, message, "`USER:GROUP`, such as `root:root`");
        } else {
            unknown_owner(image, at, found);
        }
    }
}

/// An owner that no system has and no account is made for, one key stroke away from one that is.
fn unknown_owner(image: &Image, at: &At, found: &mut Found<'_>) {
    let users = || image.accounts();
    let accounts = users().filter_map(|u| u.attrs.get("name"));
    let groups = users().flat_map(|u| u.attrs.list("groups"));
    let groups = groups.map(|g| g.split(':').next().unwrap_or(g));
    let known: Vec<&str> = crate::rules::users::groups::GROUPS
        .iter()
        .copied()
        .chain(accounts)
        .chain(groups)
        .collect();
    for part in at.value.trim().split(':') {
        let digits = part.bytes().all(|b| b.is_ascii_digit());
        if part.len() < 3 || digits || known.contains(&part) || part.starts_with("systemd") {
            continue;
        }
        let slip = |k: &&&str| {
            let root = part.len() > 3 || **k == "root";
            let own = users().any(|u| u.attrs.get("name") == Some(k));
            root && crate::rules::found::one_keystroke(part, k)
                && (own || part.strip_suffix('s') != Some(**k))
        };
        let renamed = || {
            known
                .iter()
                .find(|k| crate::rules::users::groups::renamed(part, &[k]).is_some())
        };
        if let Some(meant) = known.iter().find(slip).or_else(renamed) {
            let message = format!("no account or group is known as `{part}`");
            let whole = at.value.replacen(part, meant, 1);
            found.instead("invalid-owner", at, message, Some(&whole), false, "");
            return;
        }
    }
}

/// True where a path climbs above its root.
pub(in crate::rules) fn leads_out(path: &str) -> bool {
    let mut depth = 0i32;
    path.trim().split('/').any(|part| {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        depth < 0
    })
}

/// A mode as `chmod` takes it in letters.
fn symbolic(mode: &str) -> bool {
    // As `ls` shows it: `chmod` would take that for what is to be taken away.
    let shown = matches!(mode.len(), 9 | 10) && mode.chars().all(|c| "-dlrwxsStT".contains(c));
    !mode.is_empty()
        && !shown
        && mode.split(',').all(|clause| {
            let Some(at) = clause.find(['+', '-', '=']) else {
                return false;
            };
            let (who, what) = clause.split_at(at);
            let all = |text: &str, of: &str| text.chars().all(|c| of.contains(c));
            all(who, "ugoa") && all(what, "+-=rwxXstugo")
        })
}
