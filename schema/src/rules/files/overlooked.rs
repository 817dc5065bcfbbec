//! Files and folders beside the description that a build would pass over for their names. Speaks of a name only where
//! what would be found under the right one is not there.

use super::{Here, archive, beside_name, is_tree, items, put, stem};
use crate::description::SCRIPTS;
use crate::description::folder::Kind;
use crate::description::model::{At, Image};
use crate::rules::found::{Found, near, same_letters};

/// The same letters in another case, or written with the other dash.
fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', ' '], "_")
}

/// Names that an author gives to what is to be left out.
pub(in crate::rules) fn put_aside(name: &str) -> bool {
    let ends = [
        "~",
        ".bak",
        ".orig",
        ".old",
        ".rej",
        ".swp",
        ".save",
        ".off",
        ".in",
        ".example",
        ".sample",
        ".template",
        ".j2",
        ".license",
        ".rpmsave",
        ".rpmnew",
        ".pacnew",
    ];
    let inside = [".disabled", ".dpkg-"];
    name.starts_with('.')
        || name.starts_with('#')
        || ends.iter().any(|e| name.ends_with(e))
        || inside.iter().any(|i| name.contains(i))
}

/// The name that a build looks for, of which this one is a slip of the pen.
fn meant<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let written = folded(name);
    let folds = known.iter().find(|k| folded(k) == written);
    let longer = |k: &&&str| {
        let rest = written.strip_prefix(&folded(k));
        rest.is_some_and(|r| matches!(r, ".txt" | ".sh" | ".bash"))
    };
    let other_end = |k: &&&str| {
        let head = k.strip_suffix(".sh").map(folded);
        head.is_some_and(|h| written == format!("{h}.bash"))
    };
    // `pre_disk.sh` for `pre_disk_sync.sh`: a part is left out.
    let shorter = |k: &&&str| {
        let bare = written.strip_suffix(".sh").filter(|w| w.contains('_'));
        bare.is_some_and(|w| k.starts_with(&format!("{w}_")))
    };
    let exact = folds
        .or_else(|| known.iter().find(shorter))
        .or_else(|| known.iter().find(longer))
        .or_else(|| known.iter().find(other_end));
    // A name of another kind (`config.js`) or one of several (`config1.sh`) is no slip.
    let shell = [".sh", ".hs", ".s", ".shh", ".ssh"]
        .iter()
        .any(|e| written.ends_with(e))
        || !written.contains('.');
    let numbered = written.bytes().any(|b| b.is_ascii_digit());
    exact
        .copied()
        .or_else(|| near(&written, known.iter().copied()).filter(|_| shell && !numbered))
}

/// A script that speaks to KIWI under a name that a person may give to `config.sh`, and that nothing starts.
fn spoken(here: &Here<'_>, name: &str, absent: &[&'static str]) -> Option<&'static str> {
    let names = [
        "configure.sh",
        "configuration.sh",
        "customize.sh",
        "setup.sh",
        "conf.sh",
        "config-image.sh",
    ];
    let meant = absent.iter().copied().find(|s| *s == "config.sh")?;
    let to_kiwi = |text: &[u8]| {
        let says = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
        says("/.kconfig") || says("/.profile") || says("kiwi_profiles")
    };
    let own = names.contains(&folded(name).replace('_', "-").as_str())
        && here.folder.read(name).is_some_and(|t| to_kiwi(&t));
    (own && !mentioned(here, name)).then_some(meant)
}

/// The description or a script beside it speaks of something by its name.
fn mentioned(here: &Here<'_>, name: &str) -> bool {
    let says = |text: &[u8]| memchr::memmem::find(text, name.as_bytes()).is_some();
    let mut scripts = here
        .names
        .iter()
        .filter(|n| n.ends_with(".sh") || !n.contains('.'));
    here.image.files.iter().any(|f| says(f.text.as_bytes()))
        || scripts.any(|n| here.folder.read(n).is_some_and(|text| says(&text)))
}

/// Scripts under the usual names of those that a type has to name, and that none names.
fn boot_scripts(here: &Here<'_>, place: &At, found: &mut Found<'_>) {
    for (attribute, folds) in [
        ("editbootconfig", ["edit_boot_config.sh", "editbootconfig.sh"]),
        ("editbootinstall", ["edit_boot_install.sh", "editbootinstall.sh"]),
    ] {
        let mut types = here.image.preferences.iter().flat_map(|p| &p.types);
        let disk = types
            .clone()
            .any(|t| matches!(t.image.value.trim(), "oem" | "iso"));
        if !disk || types.any(|t| t.element.attrs.at(attribute).is_some()) {
            continue;
        }
        let usual = |n: &&String| folds.contains(&folded(n).as_str());
        if let Some(name) = here.names.iter().find(usual).filter(|n| !mentioned(here, n)) {
            let message = format!("`{name}` beside the description is not used: no `<type>` names it");
            put(
                found,
                "overlooked-file",
                place,
                message,
                &format!("needs `{attribute}=\"{name}\"`"),
            );
        }
    }
}

/// What a build would pass over in silence, though its author hardly means that.
pub(in crate::rules) fn check(here: &Here<'_>, found: &mut Found<'_>) {
    let place = here.root();
    let named: Vec<&str> = items(here.image)
        .filter_map(|i| beside_name(&i.name.value))
        .collect();
    let used = |name: &str| {
        let types = here.image.preferences.iter().flat_map(|p| &p.types);
        let scripts = types.flat_map(|t| {
            ["editbootconfig", "editbootinstall"]
                .into_iter()
                .filter_map(|a| t.element.attrs.get(a))
        });
        named.contains(&name)
            || scripts
                .into_iter()
                .any(|s| s == name || s.ends_with(&format!("/{name}")))
    };
    let tell = |found: &mut Found<'_>, name: &str, meant: &str| {
        let message = format!("`{name}` beside the description is not used: the name is `{meant}`");
        put(
            found,
            "overlooked-file",
            &place,
            message,
            &format!("rename it to `{meant}`"),
        );
    };
    for name in &here.names {
        if SCRIPTS.contains(&name.as_str()) || put_aside(name) || used(name) {
            continue;
        }
        let absent: Vec<&str> = SCRIPTS.iter().copied().filter(|s| !here.has(s)).collect();
        let bare = absent
            .iter()
            .find(|s| s.strip_suffix(".sh") == Some(name))
            .copied();
        let script = |_: &&str| here.folder.read(name).is_some_and(|text| text.starts_with(b"#!"));
        let meant = meant(name, &absent).or(bare.filter(script));
        if let Some(meant) = meant.or_else(|| spoken(here, name, &absent))
            && here.folder.entry(name).is_some_and(|e| e.kind == Kind::File)
        {
            tell(found, name, meant);
        }
    }
    boot_scripts(here, &place, found);
    if here.has("root.tar.gz") && here.folder.names("root").is_some_and(|n| is_tree(&n)) {
        let message = "`root.tar.gz` beside the description is not used: there is a folder `root`".to_owned();
        put(found, "overlooked-file", &place, message, "one of them");
    }
    if !here.has("root") && !here.has("root.tar.gz") {
        for name in here.names.iter().filter(|n| !used(n)) {
            let written = folded(name);
            // `boot` is another folder, and `roto` none.
            let swapped = same_letters(&written, "root");
            let folder = written == "root"
                || (written.len() != 4 || swapped) && near(&written, ["root"].into_iter()).is_some();
            let packed = stem(&written) == "root" && archive(&written);
            let other =
                ["rootfs", "root_fs", "overlay", "overlays", "root_overlay"].contains(&written.as_str());
            let other = other && !mentioned(here, &format!("{name}/"));
            // It has been told as what is meant by an archive that is not there.
            let missing = |n: &&str| archive(n) && stem(n) == stem(name) && !here.has(n);
            if packed && named.iter().any(missing) {
                continue;
            }
            if packed && here.folder.entry(name).is_some_and(|e| e.kind == Kind::File) {
                tell(found, name, "root.tar.gz");
            } else if (folder || other)
                && here.folder.names(name).is_some_and(|n| is_tree(&n))
                && !is_profile(here.image, name)
            {
                tell(found, name, "root");
            }
        }
    }
    let meant = crate::rules::views::profiles::meant(here.image);
    for profile in &here.image.profiles {
        let wanted = profile.name.value.as_str();
        if here.has(wanted)
            || meant.contains(wanted)
                && !crate::rules::views::profiles::uses(here.image).any(|u| u.value == wanted)
        {
            continue;
        }
        let mut like = here.names.iter().filter(|n| {
            let slip = n.eq_ignore_ascii_case(wanted)
                || wanted.len() > 3 && near(n, [wanted].into_iter()).is_some()
                || wanted.len() == 3 && n.strip_suffix('s') == Some(wanted);
            slip && !is_profile(here.image, n) && *n != "root"
        });
        if let Some(name) = like.next()
            && here.folder.names(name).is_some_and(|n| is_tree(&n))
        {
            let message =
                format!("the folder `{name}` is no overlay of the profile `{wanted}`: the names differ");
            let label = format!("its overlay is the folder `{wanted}`");
            put(found, "overlooked-file", &profile.name, message, &label);
        }
    }
}

fn is_profile(image: &Image, name: &str) -> bool {
    image.profiles.iter().any(|p| p.name.value == name)
}
