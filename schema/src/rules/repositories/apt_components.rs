//! What apt's repositories of a description do not offer together: `main`, without which there is no system, the part of
//! Debian's archive that firmware lies in, and packages for the machine. Knows a few packages by name; asks no server.

use super::suite_releases::release;
use super::suites::{DEBIAN, archive};
use crate::description::model::{At, ItemKind, Repository};
use crate::rules::filled::filled;
use crate::rules::found::Found;
use crate::rules::whole::Whole;

/// Firmware that is not free: in a component of its own since bookworm.
const FIRMWARE: &[&str] = &[
    "amd64-microcode",
    "bluez-firmware",
    "firmware-amd-graphics",
    "firmware-atheros",
    "firmware-bnx2",
    "firmware-bnx2x",
    "firmware-brcm80211",
    "firmware-intel-graphics",
    "firmware-intel-misc",
    "firmware-intel-sound",
    "firmware-iwlwifi",
    "firmware-linux",
    "firmware-linux-nonfree",
    "firmware-mediatek",
    "firmware-misc-nonfree",
    "firmware-nvidia-graphics",
    "firmware-qcom-soc",
    "firmware-realtek",
    "firmware-sof-signed",
    "firmware-ti-connectivity",
    "intel-microcode",
    "raspi-firmware",
];

/// Others that are not in `main`, and where they are.
const OTHERS: &[(&str, &str)] = &[
    ("zfs-dkms", "contrib"),
    ("zfsutils-linux", "contrib"),
    ("nvidia-driver", "non-free"),
];

/// Releases that have firmware among all else that is not free.
const OLD: &[&str] = &["jessie", "stretch", "buster", "bullseye", "oldoldstable"];

/// Packages that only machines called `amd64` have.
const AMD64: &[&str] = &[
    "linux-image-amd64",
    "grub-efi-amd64",
    "grub-efi-amd64-bin",
    "grub-efi-amd64-signed",
    "linux-image-cloud-amd64",
];

/// Packages that only machines called `arm64` have, or those of ARM.
const ARM64: &[&str] = &[
    "linux-image-arm64",
    "linux-image-cloud-arm64",
    "linux-raspi",
    "linux-image-raspi",
    "grub-efi-arm64",
    "grub-efi-arm64-bin",
    "grub-efi-arm64-signed",
];

/// A repository of a distribution's own archive.
struct Own<'a> {
    repository: &'a Repository,
    suite: &'a str,
    debian: bool,
    components: Option<&'a At>,
}

impl Own<'_> {
    /// It offers the component; without any named it is `main`.
    fn has(&self, component: &str) -> bool {
        match self.components {
            Some(at) => {
                filled(&at.value)
                    || at
                        .value
                        .split([' ', ',', ';', '\t', '\n'])
                        .any(|w| w == component)
            }
            None => component == "main",
        }
    }
}

/// Judges the repositories of a description by its lists.
pub(in crate::rules) fn check(whole: &Whole<'_>, found: &mut Found<'_>) {
    let repositories = &whole.image.repositories;
    let apt = |r: &Repository| r.element.attrs.get("distribution").is_some();
    if !repositories.iter().any(apt)
        || crate::rules::scope::managers(whole.image)
            .iter()
            .any(|m| *m != "apt")
    {
        return;
    }
    let own = repositories.iter().filter_map(|repository| {
        let attrs = &repository.element.attrs;
        let suite = attrs.get("distribution").filter(|s| !filled(s))?;
        let (archive, _) = archive(&repository.source.value)?;
        Some(Own {
            repository,
            suite: suite.trim(),
            debian: archive.name == DEBIAN.name,
            components: attrs.at("components"),
        })
    });
    let own: Vec<Own<'_>> = own.collect();
    without_main(&own, found);
    machine(whole, &own, found);
    // Another archive with components may have anything.
    let others = repositories.iter().filter(|r| apt(r)).count() > own.len();
    // Words that are no components are told as that.
    let sound = |o: &Own<'_>| {
        o.components.is_none_or(|at| {
            let mut words = at.value.split_whitespace().peekable();
            words.peek().is_some() && words.all(|w| DEBIAN.has_component(w))
        })
    };
    // One of another release is told as that.
    let alike = || {
        own.windows(2)
            .all(|w| matches!(w, [a, b] if release(a.suite).0 == release(b.suite).0))
    };
    if !others
        && !own.is_empty()
        && alike()
        && own.iter().all(sound)
        && own
            .iter()
            .all(|o| o.debian && DEBIAN.suites.contains(&release(o.suite).0))
    {
        missing(whole, &own, found);
    }
}

/// A whole release of which no repository has `main`.
fn without_main(own: &[Own<'_>], found: &mut Found<'_>) {
    for one in own.iter().filter(|o| release(o.suite).1) {
        let Some(at) = one.components.filter(|_| !one.has("main")) else {
            continue;
        };
        let same = |o: &&Own<'_>| release(o.suite) == release(one.suite) && o.debian == one.debian;
        let known = |w: &str| !DEBIAN.has_component(w) && !super::suites::UBUNTU.has_component(w);
        // A word that is no component is told as that.
        let odd = at.value.split_whitespace().any(known) || at.value.trim().is_empty();
        if odd || own.iter().filter(same).any(|o| o.has("main")) {
            continue;
        }
        let message = format!(
            "no repository has `main` of `{}`, which all else needs",
            one.suite
        );
        let whole = format!("main {}", at.value.trim());
        found.instead("repository-components", at, message, Some(&whole), false, "");
    }
}

/// Packages of components that no repository offers.
fn missing(whole: &Whole<'_>, own: &[Own<'_>], found: &mut Found<'_>) {
    let catalog = &whole.catalog;
    let old = own.iter().any(|o| OLD.contains(&release(o.suite).0));
    let part = if old { "non-free" } else { "non-free-firmware" };
    let firmware = FIRMWARE.iter().map(|n| (*n, part));
    let all = firmware.chain(OTHERS.iter().copied());
    let lacking = all.filter(|(_, component)| !own.iter().any(|o| o.has(component)));
    let mut told: Option<&str> = None;
    for (name, component) in lacking {
        let Some(first) = catalog.first(name) else {
            continue;
        };
        let removed = |section: usize| {
            let kind = whole.image.packages.get(section).map(|s| s.kind.value.trim());
            matches!(kind, Some("delete" | "uninstall" | "systemfiles") | None)
        };
        let mut same = catalog.same(first);
        let listed = same.find(|(at, i)| i.kind == ItemKind::Package && !removed(catalog.section(*at)));
        let Some((_, item)) = listed.filter(|_| told != Some(component)) else {
            continue;
        };
        // The others of the same part come with it.
        told = Some(component);
        let Some(one) = own.iter().find(|o| release(o.suite).1).or(own.first()) else {
            return;
        };
        let message = format!("no repository has Debian's `{component}`, where `{name}` is");
        let label = format!("add `{component}`");
        let (source, note) = (&one.repository.source, "this package");
        let place = one.components.unwrap_or(source);
        let edit = one
            .components
            .and_then(|at| found.replace(at, &format!("{} {component}", at.value.trim()), false));
        let one = found.pair("repository-components", place, message, label, &item.name, note);
        if let Some(one) = one {
            one.help = Some("the package is not found: the build would stop in prepare".into());
            one.fixes.extend(edit);
        }
    }
}

/// A machine as Debian calls it, what the lists are known by to be for it, and the server that has it.
struct Machine {
    name: &'static str,
    packages: &'static [&'static str],
    /// What `architectures` may say for it.
    read: &'static [&'static str],
    /// A server of Ubuntu's without it, and the one that has it.
    servers: (&'static str, &'static str),
}

const MACHINES: &[Machine] = &[
    Machine {
        name: "amd64",
        packages: AMD64,
        read: &["amd64", "x86_64", "all"],
        servers: ("ports.ubuntu.com/ubuntu-ports", "archive.ubuntu.com/ubuntu"),
    },
    Machine {
        name: "arm64",
        packages: ARM64,
        read: &["arm64", "aarch64", "armhf", "all"],
        servers: ("archive.ubuntu.com/ubuntu", "ports.ubuntu.com/ubuntu-ports"),
    },
];

/// Repositories without packages for the machine that the lists are for by their names.
fn machine(whole: &Whole<'_>, own: &[Own<'_>], found: &mut Found<'_>) {
    let catalog = &whole.catalog;
    let listed = |m: &&Machine| m.packages.iter().any(|n| catalog.first(n).is_some());
    let mut all = MACHINES.iter().filter(listed);
    let Some(machine) = all.next().filter(|_| all.next().is_none()) else {
        return;
    };
    let filtered = catalog.filtered.iter().filter_map(|at| catalog.item(*at));
    let mut arches = filtered.flat_map(|i| &i.filter().arches);
    let of_pc = machine.name == "amd64";
    if arches.any(|a| crate::rules::scope::is_pc(a.value.trim()) != of_pc) {
        return;
    }
    let (without, with) = machine.servers;
    let unfiltered = |r: &&Repository| r.element.attrs.at("arch").is_none();
    for repository in own.iter().map(|o| o.repository).filter(unfiltered) {
        let source = &repository.source;
        if source.value.contains(&format!("://{without}")) {
            let message = format!(
                "this server has no packages for `{}`, which the lists are for",
                machine.name
            );
            found.instead_of("repository-architecture", source, message, (without, with), false);
        }
    }
    // Kernels for a PC are named on other machines by mistake.
    let owned = |r: &&Repository| own.iter().any(|o| std::ptr::eq(o.repository, *r));
    let read = whole.image.repositories.iter().filter(unfiltered);
    for repository in read.filter(|r| !of_pc || owned(r)) {
        let Some(at) = repository.element.attrs.at("architectures") else {
            continue;
        };
        let mut others = at.value.split(',').map(str::trim);
        if !filled(&at.value) && others.all(|a| !machine.read.contains(&a)) {
            let message = format!(
                "the lists are for `{}`, and only `{}` is read",
                machine.name,
                at.value.trim()
            );
            found.instead(
                "repository-architecture",
                at,
                message,
                Some(machine.name),
                false,
                "",
            );
        }
    }
}
