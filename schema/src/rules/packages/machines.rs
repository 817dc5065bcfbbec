//! Kernels and boot loaders that are for one machine by their names, and listed for another. Asks no repository.

use std::cell::OnceCell;

use crate::description::model::{At, Image, Item, ItemKind, Packages};
use crate::rules::boot::kernels::is_kernel;
use crate::rules::catalog::Catalog;
use crate::rules::found::Found;
use crate::rules::scope::{Scope, name};

/// Words between the dashes of names that say for which machine a package is.
const MACHINES: &[(&str, &[&str])] = &[
    ("x86_64", &["amd64", "x86_64", "x64"]),
    ("aarch64", &["arm64", "aarch64", "aa64"]),
    ("i686", &["i386", "686", "ia32"]),
    ("ppc64le", &["ppc64el", "ppc64le", "powerpc64le", "powerpc"]),
    ("s390x", &["s390x"]),
    ("riscv64", &["riscv64"]),
    ("armv7l", &["armmp", "armhf"]),
];

/// The machine that a kernel or loader is for, where its name says so.
pub(in crate::rules) fn machine(name: &str) -> Option<&'static str> {
    let boots = name.starts_with("grub") || name.starts_with("shim") || is_kernel(name);
    if !boots {
        return None;
    }
    let words = name.as_bytes().split(|b| *b == b'-').skip(1);
    let of = |word: &[u8]| {
        let mut all = MACHINES.iter();
        all.position(|(_, marks)| marks.iter().any(|mark| mark.as_bytes() == word))
    };
    let known = words.filter_map(of);
    MACHINES.get(known.min()?).map(|(machine, _)| *machine)
}

/// The machines that preferences and profiles name.
pub(in crate::rules) fn named(image: &Image) -> impl Iterator<Item = &At> {
    let preferences = image.preferences.iter().flat_map(|p| &p.filter.arches);
    let profiles = image.profiles.iter().flat_map(|p| &p.arches);
    preferences.chain(profiles)
}

/// The machines to judge for where none is chosen: those that preferences and profiles name, else those that what starts
/// the image is filtered for; a PC where nothing says that it is not for one.
pub(in crate::rules) fn to_judge<'a>(image: &'a Image, catalog: &Catalog<'a>) -> Vec<&'a str> {
    const PC: &str = "x86_64";
    let mut out: Vec<&str> = Vec::new();
    let add = |arch: &'a At, out: &mut Vec<&'a str>| {
        if !out.contains(&&*arch.value) {
            out.push(&arch.value);
        }
    };
    named(image).for_each(|arch| add(arch, &mut out));
    let mut types = image.preferences.iter().filter(|p| !p.types.is_empty());
    let assumed = if out.is_empty() {
        let filtered = catalog.filtered.iter().filter_map(|&at| catalog.item(at));
        let arches = filtered
            .filter(|i| starts_board(name(i)))
            .flat_map(|i| &i.filter().arches);
        let known = |a: &&At| !crate::rules::machines::is_other(a);
        arches.filter(known).for_each(|arch| add(arch, &mut out));
        let mut all = catalog.notable.iter().flat_map(|n| catalog.same(n.first));
        let of_pc = |item: &Item| matches!(machine(name(item)), Some("x86_64" | "i686"));
        out.is_empty() || all.any(|(_, item)| of_pc(item))
    } else {
        types.any(|p| p.filter.arches.is_empty())
    };
    if assumed && !out.contains(&PC) {
        out.insert(0, PC);
    }
    out.truncate(4);
    out
}

/// Kernels, boot loaders, and the firmware of boards.
fn starts_board(name: &str) -> bool {
    let loaders = ["grub", "shim", "u-boot", "raspberrypi-firmware"];
    loaders.iter().any(|l| name.starts_with(l)) || is_kernel(name)
}

/// What the package for one machine is called for another, where both have it.
pub(in crate::rules) fn for_other(name: &str, arch: &str) -> Option<String> {
    const PAIRS: [(&str, &str); 3] = [("amd64", "arm64"), ("x64", "aa64"), ("x86_64", "arm64")];
    let suse = name.starts_with("grub2-") && name.ends_with("-efi");
    let word = |(pc, arm): &(&str, &str)| match arch {
        "aarch64" => Some(((*pc).to_owned(), (*arm).to_owned())),
        "x86_64" => Some(((*arm).to_owned(), (*pc).to_owned())),
        _ => None,
    };
    // SUSE's GRUB has the kernel's name for one of them.
    let pairs = PAIRS.iter().filter(|(pc, _)| (*pc == "x86_64") == suse);
    let (from, to) = pairs
        .filter_map(word)
        .find(|(from, _)| name.split('-').any(|part| part == from))?;
    Some(name.replacen(&from, &to, 1))
}

/// A kernel or boot loader is listed that is for this machine by its name, and none that is for another.
pub(in crate::rules) fn for_machine(scope: &Scope<'_>, wanted: &str) -> bool {
    let machines = scope.of_machines().map(|(_, machine)| machine);
    let mut machines = machines.filter(|m| *m != "i686").peekable();
    machines.peek().is_some() && machines.all(|m| m == wanted)
}

/// Packages for another machine than the one they are filtered for, or than the one chosen.
pub(in crate::rules) fn architectures(scope: &Scope<'_>, found: &mut Found<'_>) {
    let counted = OnceCell::new();
    let unfiltered = || counted.get_or_init(|| unfiltered(scope));
    for (item, machine) in scope.of_machines() {
        if starts(scope, machine) {
            if let Some((other, theirs)) = odd_one(scope, item, machine, &unfiltered) {
                let message = format!(
                    "`{}` is for `{machine}`, and `{}` for `{theirs}`",
                    name(item),
                    name(other)
                );
                let label = "no machine starts by both";
                let at = &other.name;
                let note = "as more are";
                found.pair("package-for-other-machine", &item.name, message, label, at, note);
            }
            continue;
        }
        // What counts for no machine that it is for is told once, of no view.
        if misfiltered_machine(item).is_some() {
            continue;
        }
        // Without a filter the description may be meant for that machine alone.
        let own = item.filter().arches.iter().any(|a| a.value == scope.view.arch);
        let for_all = item.filter().arches.is_empty();
        let sure = for_all && outnumbered(scope, machine, unfiltered());
        if !own && !scope.arch_chosen && !sure && !other_loader(scope, machine) {
            continue;
        }
        tell(scope, item, machine, found);
    }
}

/// What is for another machine than the one that is merely assumed, where more is than for that.
fn odd_one<'a: 'c, 'c>(
    scope: &Scope<'a>,
    item: &Item,
    machine: &str,
    unfiltered: &dyn Fn() -> &'c Vec<Counted<'a>>,
) -> Option<(&'a Item, &'static str)> {
    if scope.arch_chosen || scope.arch_named || !item.filter().arches.is_empty() || machine == "i686" {
        return None;
    }
    let unfiltered = unfiltered();
    let own = unfiltered.iter().find(|(_, of, _)| *of == machine)?.2;
    let more = |(_, of, count): &&Counted<'a>| *of != "i686" && *count > own;
    let (other, theirs, _) = unfiltered.iter().find(more)?;
    Some((other, theirs))
}

/// The first package for a machine, the machine, and how many are for it.
type Counted<'a> = (&'a Item, &'static str, usize);

/// Those that count for every machine by their entries, by the machine that their names say.
fn unfiltered<'a>(scope: &Scope<'a>) -> Vec<Counted<'a>> {
    let mut out: Vec<Counted<'a>> = Vec::new();
    for (item, machine) in scope.of_machines().filter(|(i, _)| i.filter().arches.is_empty()) {
        match out.iter_mut().find(|(_, of, _)| *of == machine) {
            Some((_, _, count)) => *count += 1,
            None => out.push((item, machine, 1)),
        }
    }
    out
}

/// Packages that count for every machine, in the lists of a type that is for one alone.
pub(in crate::rules) fn of_type(scope: &Scope<'_>, found: &mut Found<'_>) {
    // A PC of 32 bits is what a slip of another name is taken for.
    let slip = crate::rules::scope::is_pc(&scope.view.arch) && scope.view.arch != "x86_64";
    if slip || crate::rules::machines::is_none(&scope.view.arch) {
        return;
    }
    let unfiltered = scope.of_machines().filter(|(i, _)| i.filter().arches.is_empty());
    let strangers: Vec<_> = unfiltered
        .filter(|(_, machine)| !starts(scope, machine))
        .collect();
    let mut told: Vec<*const Packages> = Vec::new();
    for (item, machine) in &strangers {
        let Some(section) = section_of(scope, item) else {
            continue;
        };
        let here = |(i, _): &&(&Item, _)| section_of(scope, i).is_some_and(|s| std::ptr::eq(s, section));
        let count = strangers.iter().filter(here).count();
        // A list for every profile, of which much is for another machine, was for some.
        if count > 1 && count * 2 >= section.items.len() && section.filter.profiles.is_empty() {
            if told.contains(&std::ptr::from_ref(section)) {
                continue;
            }
            told.push(section);
            let arch = &scope.view.arch;
            let message = format!("this list is for every profile, and has packages for `{machine}`");
            let label = format!("one is built for `{arch}`");
            let at = &section.kind;
            found.pair(CODE, at, message, label, &item.name, "such as this one");
            continue;
        }
        tell(scope, item, machine, found);
    }
}

const CODE: &str = "package-for-other-machine";

/// Of more lists than this it is not asked which one an entry stands in.
const MOST_LISTS: usize = 256;

/// The list that an entry stands in.
fn section_of<'a>(scope: &Scope<'a>, item: &Item) -> Option<&'a Packages> {
    let mut all = scope.view.image.packages.iter().take(MOST_LISTS);
    all.find(|s| s.element.file == item.name.file && s.element.span.touches(item.name.span.start))
}

/// What is for that machine starts the one built for.
fn starts(scope: &Scope<'_>, machine: &str) -> bool {
    let arch = scope.view.arch.as_str();
    arch == machine
        || machine == "i686" && matches!(arch, "i586" | "ix86")
        // EFI of 32 bits starts on 64-bit machines too, and Debian's multi-arch kernels as well.
        || machine == "i686" && arch == "x86_64"
        || machine == "armv7l" && arch.starts_with("arm")
        || machine == "ppc64le" && arch.starts_with("ppc")
}

fn tell(scope: &Scope<'_>, item: &Item, machine: &str, found: &mut Found<'_>) {
    let message = format!(
        "`{}` is for `{machine}`, and the build for `{}`",
        name(item),
        scope.view.arch
    );
    let meant = for_other(name(item), &scope.view.arch);
    let label = "does not start this machine";
    let code = "package-for-other-machine";
    found.instead(code, &item.name, message, meant.as_deref(), false, label);
}

/// More of what no machine is named for is for this machine than for that: no build has both.
fn outnumbered(scope: &Scope<'_>, machine: &str, unfiltered: &[Counted<'_>]) -> bool {
    let count = |wanted: &str| {
        let own = unfiltered.iter().find(|(_, of, _)| *of == wanted);
        own.map_or(0, |(_, _, count)| *count)
    };
    count(&scope.view.arch) > count(machine)
}

/// The machine of what only one has, whatever the parts of its name are.
fn board(name: &str) -> Option<&'static str> {
    const OF: &[(&str, &str)] = &[
        ("u-boot-rpiarm64", "aarch64"),
        ("raspberrypi-firmware", "aarch64"),
        ("raspberrypi-firmware-config", "aarch64"),
        ("raspberrypi-firmware-dt", "aarch64"),
        ("memtest86+", "x86_64"),
        ("grub2-pc", "x86_64"),
        ("grub2-pc-modules", "x86_64"),
        ("grub-pc", "x86_64"),
        ("grub-pc-bin", "x86_64"),
        ("s390-tools", "s390x"),
        ("s390utils", "s390x"),
        ("powerpc-utils", "ppc64le"),
    ];
    OF.iter()
        .find(|(own, _)| *own == name)
        .map(|(_, machine)| *machine)
}

/// The machine that a kernel or boot loader is for which counts only for machines that it is not for.
pub(in crate::rules) fn misfiltered_machine(item: &Item) -> Option<&'static str> {
    let arches = &item.filter().arches;
    if arches.is_empty() || item.kind != ItemKind::Package || crate::rules::machines::is_misnamed(item) {
        return None;
    }
    let name = item.name.value.as_str();
    let machine = machine(name).or_else(|| board(name))?;
    let fits = |arch: &str| {
        arch == machine
            || machine == "i686" && matches!(arch, "i586" | "ix86" | "x86_64")
            || machine == "armv7l" && arch.starts_with("arm")
            || machine == "ppc64le" && arch.starts_with("ppc")
            || machine == "x86_64" && crate::rules::scope::is_pc(arch)
            || machine == "s390x" && arch.starts_with("s390")
            || name.starts_with("raspberrypi") && arch.starts_with("arm")
    };
    (!arches.iter().any(|a| fits(a.value.trim()))).then_some(machine)
}

/// The lists have boot loaders by the machine's name, and none of them is for the machine that a kernel is for.
fn other_loader(scope: &Scope<'_>, kernel: &str) -> bool {
    let loaders = scope.of_machines().filter(|(i, _)| !is_kernel(name(i)));
    let mut machines = loaders.map(|(_, machine)| machine).peekable();
    machines.peek().is_some() && machines.all(|m| m != kernel && m != "i686" && kernel != "i686")
}
