//! What the grammar cannot say: which attribute needs which image type, what must stand together, and what a build
//! finds out late or never. Static tables, judged per tree (`judge`) and per view (`choices`). Reads no file
//! but through the function it is given; starts no process.

mod boot;
mod catalog;
mod causes;
mod choices;
mod codes;
mod conditions;
mod containers;
mod cooccurrence;
mod disk;
mod files;
mod filled;
mod found;
mod found_parts;
mod idle;
mod idle_fixes;
mod inputs;
mod judge;
mod judge_other;
mod judge_value;
mod machines;
mod misfit;
mod near;
mod overlay;
mod packages;
mod precedence;
mod repositories;
mod rows;
mod runtime;
mod scope;
mod scripts;
mod siblings;
mod system;
pub mod table;
mod users;
mod views;
mod whole;

use std::collections::HashSet;

use inputs::Inputs;
use table::Key;

use crate::description::model::Image;
use crate::diagnostic::{Diagnostic, FileId, Severity, Source};
use crate::syntax::{NodeId, Tree};
use crate::text::Span;

pub use codes::{CODES, code};
pub use files::{Beside, Fault, beside};
pub(crate) use found::one_keystroke;
pub use users::groups::GROUPS;

/// What to judge.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The profiles chosen; empty for every choice that a build can make.
    pub profiles: &'a [String],
    /// The image type chosen; none for each active one.
    pub type_name: Option<&'a str>,
    /// The machine name (`uname -m`) built for; none for those that the description names.
    pub arch: Option<&'a str>,
    /// Set by another thread to give up: what is found then is not whole.
    pub stop: Option<&'a std::sync::atomic::AtomicBool>,
}

impl Options<'_> {
    /// True where the judgement is no longer wanted.
    pub fn stopped(&self) -> bool {
        let set = |stop: &std::sync::atomic::AtomicBool| stop.load(std::sync::atomic::Ordering::Relaxed);
        self.stop.is_some_and(set)
    }
}

/// What a note says of another place that a finding stands for.
pub(crate) const ALSO: &str = "this one too";

/// Judges one view.
type ViewRule = fn(&scope::Scope<'_>, &mut found::Found<'_>);

/// The rules on one view, by what they look at: of views that have the same of it one is judged.
static VIEW_RULES: &[(Inputs, &[ViewRule])] = &[
    (Inputs::KIND, runtime::KIND),
    (Inputs::KIND.and(Inputs::PREFERENCES), runtime::PREFERENCES),
    (Inputs::KIND.and(Inputs::PACKAGES), runtime::PACKAGES),
    (Inputs::KIND.and(Inputs::REPOSITORIES), runtime::REPOSITORIES),
    (Inputs::KIND.and(Inputs::MACHINE), runtime::MACHINE),
    (Inputs::KIND, &[views::ends]),
    (Inputs::PREFERENCES, &[views::view]),
    (Inputs::PACKAGES, &[packages::never_installed::slips]),
    (
        Inputs::KIND.and(Inputs::PACKAGES),
        &[packages::requirements::view],
    ),
    (
        Inputs::PACKAGES.and(Inputs::ARCH),
        &[packages::machines::architectures],
    ),
    (
        Inputs::KIND
            .and(Inputs::PACKAGES)
            .and(Inputs::MANAGER)
            .and(Inputs::ARCH),
        &[boot::loaders::view],
    ),
    (
        Inputs::KIND.and(Inputs::PACKAGES).and(Inputs::MANAGER),
        &[packages::view],
    ),
    (
        Inputs::KIND.and(Inputs::PACKAGES).and(Inputs::MACHINE),
        &[disk::view],
    ),
    (
        Inputs::PACKAGES.and(Inputs::MANAGER).and(Inputs::REPOSITORIES),
        &[packages::foreign::view, repositories::release_names::view],
    ),
    (
        Inputs::KIND
            .and(Inputs::PACKAGES)
            .and(Inputs::MANAGER)
            .and(Inputs::REPOSITORIES),
        &[packages::manager_kin::view],
    ),
    (
        Inputs::PACKAGES.and(Inputs::MANAGER),
        &[
            packages::misspelt::view,
            packages::conflicts::view,
            packages::unheeded::view,
        ],
    ),
    (
        Inputs::KIND.and(Inputs::MACHINE).and(Inputs::MANAGER),
        &[disk::volumes::view, disk::labels::labels, disk::formats::view],
    ),
    (Inputs::KIND.and(Inputs::MACHINE), &[idle::view]),
    (
        Inputs::KIND.and(Inputs::PACKAGES).and(Inputs::ARCH),
        &[boot::console::view, boot::loader_machines::view],
    ),
    (
        Inputs::KIND.and(Inputs::PACKAGES).and(Inputs::PREFERENCES),
        &[packages::themes::view],
    ),
    (
        Inputs::PACKAGES.and(Inputs::PREFERENCES).and(Inputs::MANAGER),
        &[packages::locale_packages::view],
    ),
    (
        Inputs::KIND.and(Inputs::PACKAGES).and(Inputs::MANAGER),
        &[
            disk::root_kind::view,
            boot::selinux::view,
            boot::initrd_modules::view,
        ],
    ),
    (
        Inputs::KIND,
        &[disk::luks::view, system::view, disk::mount_options::view],
    ),
    (Inputs::USERS, &[users::view]),
    (
        Inputs::USERS.and(Inputs::MANAGER),
        &[users::groups::administrators, users::system_accounts::view],
    ),
    (
        Inputs::USERS
            .and(Inputs::MANAGER)
            .and(Inputs::PACKAGES)
            .and(Inputs::KIND),
        &[users::shells::view],
    ),
    (Inputs::KIND.and(Inputs::USERS), &[containers::view]),
    (Inputs::CONTAINERS, &[containers::loads::preloads]),
    (
        Inputs::CONTAINERS.and(Inputs::PACKAGES).and(Inputs::KIND),
        &[containers::loads::loaded, containers::starts::init],
    ),
    (Inputs::KIND.and(Inputs::PACKAGES), &[containers::starts::view]),
    (Inputs::REPOSITORIES, &[repositories::view]),
    (
        Inputs::REPOSITORIES.and(Inputs::MANAGER).and(Inputs::RELEASE),
        &[repositories::addresses::view],
    ),
    (
        Inputs::REPOSITORIES.and(Inputs::MANAGER),
        &[repositories::suite_releases::view],
    ),
    (
        Inputs::REPOSITORIES.and(Inputs::RELEASE),
        &[repositories::releases::view],
    ),
];

/// The rules on the description as a whole.
static IMAGE_RULES: &[fn(&Image, &mut found::Found<'_>)] = &[
    views::profiles::image,
    views::image,
    packages::image,
    machines::image,
    files::image,
    system::image,
    repositories::image,
    users::image,
    users::file_targets::image,
    boot::kernel_line::image,
    boot::initrd_modules::image,
    disk::luks_version::image,
    disk::mkfs_options::image,
    disk::guest_machines::image,
    boot::grub_settings::image,
    disk::oem_settings::image,
    repositories::obs_projects::image,
    repositories::layouts::image,
    repositories::key_names::image,
    system::certificates::image,
    repositories::release_titles::image,
    repositories::kin::image,
    repositories::machines::image,
];

/// The rules on all entries of the package lists.
static LIST_RULES: &[fn(&whole::Whole<'_>, &mut found::Found<'_>)] = &[
    packages::duplicates,
    packages::misspelt::blanks,
    packages::misspelt::elsewhere,
    packages::special_entries::lists,
    views::lists,
    repositories::apt_components::check,
    packages::file_entries::check,
    packages::never_installed::lists,
];

/// Every finding of the rules. `trees` are the migrated texts of the description by file id: its own and its
/// includes'. An image and trees that the grammar refuses are judged as far as they go.
pub fn check(image: &Image, trees: &[Tree], options: &Options<'_>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let managers = scope::managers(image);
    for (at, tree) in trees.iter().enumerate() {
        judge::tree(tree, FileId(at as u32), &managers, &mut out);
    }
    choices::check(image, options, &mut out);
    let more = out.len() >= found::MOST;
    precedence::settle(image, &mut out);
    idle_fixes::add(trees, &mut out);
    let first = trees.first().and_then(|tree| Some((tree, tree.root()?)));
    if let Some((tree, root)) = first.filter(|_| more) {
        let at = tree.node(root).name_span;
        let said = format!(
            "there may be more findings than the {} that are shown",
            found::MOST
        );
        out.insert(
            0,
            Diagnostic::new("invalid-content", Severity::Info, Source::Rules, at, said),
        );
    }
    out
}

/// The findings in one text that has been judged by the grammar: `judged` are its errors. Where a text is broken the
/// views of it are not judged, and where it has includes they need `check`.
pub fn check_text(tree: &Tree, judged: &[Diagnostic], options: &Options<'_>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let Some(root) = tree.root() else { return out };
    if tree.local(root) != "image" {
        return out;
    }
    if judged.is_empty() && !crate::description::has_includes(tree) {
        let image = crate::description::alone(std::path::Path::new(""), tree);
        return check(&image, std::slice::from_ref(tree), options);
    }
    let managers = scope::managers_of(tree, root);
    let managers: Vec<&str> = managers.iter().map(String::as_str).collect();
    // Of a manager that the grammar refuses nobody knows what goes with it.
    let known = !managers.is_empty() && managers.iter().all(|m| MANAGERS.contains(m));
    judge::tree(
        tree,
        FileId(0),
        if known { &managers } else { MANAGERS },
        &mut out,
    );
    out = unspoken(tree, judged, out);
    crate::check::sort(&mut out);
    out
}

/// One fault, one message: where the grammar has spoken about a tag, it has the word.
pub(crate) fn unspoken(tree: &Tree, judged: &[Diagnostic], mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if !found.is_empty() {
        let tags = Tags::of(tree);
        let spoken: HashSet<_> = judged.iter().map(|j| tags.at(j.span)).collect();
        found.retain(|d| !spoken.contains(&tags.at(d.span)));
    }
    found
}

/// Which tag of a text holds a place.
enum Tags<'t> {
    /// Where it begins tells.
    Xml(&'t str),
    /// Names and attributes by place, each with its element's number; they hold others only where those are of it.
    Other(Vec<(Span, NodeId)>),
}

impl<'t> Tags<'t> {
    fn of(tree: &'t Tree) -> Self {
        if tree.is_xml() {
            return Self::Xml(tree.text());
        }
        let mut all = Vec::new();
        for id in tree.all() {
            all.push((tree.node(id).name_span, id));
            all.extend(tree.attrs(id).iter().map(|a| (a.span, id)));
        }
        all.sort_unstable_by_key(|(span, _)| *span);
        Self::Other(all)
    }

    /// A number for the tag at a place.
    fn at(&self, span: Span) -> Option<usize> {
        match self {
            Self::Xml(text) => text.get(..span.start as usize)?.rfind('<'),
            Self::Other(all) => {
                let before = all
                    .partition_point(|(s, _)| s.start <= span.start)
                    .checked_sub(1)?;
                all.get(before)
                    .filter(|(s, _)| span.start <= s.end)
                    .map(|(_, id)| id.place())
            }
        }
    }
}

/// Leaves out of what was found in a description's folder what follows from a fault that its texts were `told` of.
pub(crate) fn unless_told(image: &Image, told: &[Diagnostic], found: &mut Vec<Diagnostic>) {
    precedence::unless_told(image, told, found);
}

/// True where no rule is against the attribute on this element as it stands: for completion.
pub fn attribute_applies(tree: &Tree, element: NodeId, attribute: &str) -> bool {
    judge::attribute_applies(tree, element, attribute)
}

/// True where no rule is against a child of that name in this element as it stands: for completion.
pub fn child_applies(tree: &Tree, parent: NodeId, child: &str) -> bool {
    judge::child_applies(tree, parent, child)
}

/// The images that have this attribute of `<type>`; none where all have it.
pub fn images_with(attribute: &str) -> Option<&'static [&'static str]> {
    judge::images(attribute)
}

const IMAGES: &[&str] = &[
    "btrfs", "cpio", "docker", "ext2", "ext3", "ext4", "iso", "oem", "pxe", "kis", "squashfs", "erofs",
    "tbz", "xfs", "oci", "appx", "enclave", "wsl",
];
const LOADERS: &[&str] = &["grub2", "grub2_s390x_emu", "systemd_boot", "custom", "zipl"];
const FORMATS: &[&str] = &[
    "gce",
    "ova",
    "qcow2",
    "vagrant",
    "vmdk",
    "vdi",
    "vhd",
    "vhdx",
    "vhd-fixed",
];
const FILESYSTEMS: &[&str] = &["btrfs", "ext2", "ext3", "ext4", "squashfs", "erofs", "xfs"];
const MANAGERS: &[&str] = &["apk", "apt", "zypper", "dnf4", "dnf5", "microdnf", "pacman"];

/// True where the value is one that the grammar accepts, so that a rule may speak about it: a value that is wrong in
/// itself is one fault, not two.
fn known(element: &str, key: Key, value: &str) -> bool {
    match (element, key.attribute) {
        ("type", "image") => IMAGES.contains(&value),
        ("bootloader", "name") => LOADERS.contains(&value),
        ("type", "filesystem") => FILESYSTEMS.contains(&value),
        ("type", "format") => {
            let wrapped = ["oci:", "docker:"].iter().find_map(|w| value.strip_prefix(w));
            FORMATS.contains(&wrapped.unwrap_or(value))
        }
        _ => true,
    }
}

/// Names as a person lists them, at most five: "`a`, `b` and `c`".
fn words(names: &[&str], last: &str) -> String {
    let mut quoted: Vec<String> = names.iter().take(5).map(|n| format!("`{n}`")).collect();
    if names.len() > 5 {
        return format!("{} and {} more", quoted.join(", "), names.len() - 5);
    }
    match quoted.pop() {
        Some(end) if quoted.is_empty() => end,
        Some(end) => format!("{} {last} {end}", quoted.join(", ")),
        None => String::new(),
    }
}
