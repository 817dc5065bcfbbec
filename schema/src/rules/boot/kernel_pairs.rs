//! Words of the kernel's command line that gainsay each other, or that count only with what the type does not ask for.
//! Single words are judged in `boot::kernel_line`.

use super::kernel_words::{Word, place};
use crate::description::model::{At, Image, ImageType};
use crate::rules::found::{Found, Place};

/// Words of which the last counts: two that differ are one too many.
const SINGLE: &[&str] = &[
    "apparmor",
    "biosdevname",
    "enforcing",
    "ignition.platform.id",
    "ipv6.disable",
    "loglevel",
    "net.ifnames",
    "panic",
    "plymouth.enable",
    "rootfstype",
    "security",
    "selinux",
    "systemd.unit",
    "systemd.unified_cgroup_hierarchy",
];

/// Words that count only where the type asks for something, by their beginning.
const NEEDING: &[(&str, &str)] = &[
    ("rd.root.overlay.", "`overlayroot=\"true\"`"),
    ("rd.kiwi.oem.luks.", "`luks`"),
    ("rd.live.overlay", "`image=\"iso\"`"),
    ("rd.live.ram", "`image=\"iso\"`"),
];

/// Judges one line by its words.
pub(in crate::rules) fn judge(
    image: &Image,
    kind: &ImageType,
    line: &At,
    words: &[Word<'_>],
    found: &mut Found<'_>,
) {
    let end = words.iter().position(|word| word.text == "--");
    let words = words.get(..end.unwrap_or(words.len())).unwrap_or_default();
    let mut firsts: [Option<&Word<'_>>; SINGLE.len()] = [None; SINGLE.len()];
    for whole in words {
        let (at, word) = (whole.at, whole.text);
        if let Some(needs) = lacking(kind, word, words) {
            let name = word.split('=').next().unwrap_or(word);
            let message = format!("`{name}` counts for nothing here");
            let here = place(image, line, at, word);
            found.once("unused-setting", needs, &here, message, format!("needs {needs}"));
            continue;
        }
        let Some((key, _)) = whole.parts else {
            continue;
        };
        let number = SINGLE.iter().position(|single| *single == key);
        let Some(first) = number.and_then(|number| firsts.get_mut(number)) else {
            continue;
        };
        let first = *first.get_or_insert(whole);
        if first.text != word && !whole.filled_in && !first.filled_in {
            let message = format!("`{key}` is given twice, as `{}` and `{word}`", first.text);
            let first = place(image, line, first.at, first.text);
            let here = place(image, line, at, word);
            tell(&here, message, "counts, being the last", &first, found);
        }
    }
    reserved(image, line, words, found);
    // Two of these at least are needed to gainsay each other.
    let given = |name: &str| {
        SINGLE
            .iter()
            .zip(&firsts)
            .any(|(n, first)| *n == name && first.is_some())
    };
    if ["apparmor", "enforcing", "security", "selinux"]
        .into_iter()
        .filter(|n| given(n))
        .count()
        > 1
    {
        security(image, line, words, found);
    }
}

/// Memory for a crash kernel of a size that kernels of Red Hat alone find by themselves.
fn reserved(image: &Image, line: &At, all: &[Word<'_>], found: &mut Found<'_>) {
    let Some(&Word { at, text: word, .. }) = all.iter().find(|w| w.text == "crashkernel=auto") else {
        return;
    };
    let managers = crate::rules::scope::managers(image);
    let other = |m: &&str| matches!(*m, "zypper" | "apt" | "pacman" | "apk");
    if !managers.is_empty() && managers.iter().all(other) {
        let message = "the kernel of this distribution has no `crashkernel=auto`".to_owned();
        let here = place(image, line, at, word);
        let meant = "crashkernel=256M";
        found.instead("kernel-parameter", &here, message, Some(meant), false, "");
    }
}

fn tell(at: &dyn Place, message: String, label: &str, other: &dyn Place, found: &mut Found<'_>) {
    if let Some(told) = found.pair("kernel-parameter", at, message, label, other, "against this one") {
        told.help = Some("the build would go through, and the guest do but one of them".into());
    }
}

/// Two modules for security of which the kernel starts one; one that is switched off and asked for.
fn security(image: &Image, line: &At, all: &[Word<'_>], found: &mut Found<'_>) {
    let last = |key: &str| {
        let mut own = all.iter().rev();
        own.find_map(|w| {
            let (name, value) = w.parts?;
            (name == key).then_some((w.at, w.text, value))
        })
    };
    let is = |key: &str, value: &str| last(key).filter(|(_, _, v)| *v == value);
    let off = |name: &str| {
        is(name, "0").or_else(|| {
            let other = if name == "selinux" { "apparmor" } else { "selinux" };
            is("security", other)
        })
    };
    for (name, asked) in [
        (
            "selinux",
            [
                is("security", "selinux"),
                is("selinux", "1"),
                is("enforcing", "1"),
            ],
        ),
        (
            "apparmor",
            [is("security", "apparmor"), is("apparmor", "1"), None],
        ),
    ] {
        let Some((at, word, _)) = off(name) else { continue };
        let asked = asked.into_iter().flatten().find(|(other, _, _)| *other != at);
        if let Some((first, other, _)) = asked {
            let message = format!("`{word}` switches off what `{other}` asks for");
            let (here, first) = (place(image, line, at, word), place(image, line, first, other));
            tell(&here, message, "leaves the other without effect", &first, found);
            return;
        }
    }
}

/// What a word needs, and what is not there.
fn lacking(kind: &ImageType, word: &str, words: &[Word<'_>]) -> Option<&'static str> {
    if !word.starts_with("rd.") || kind.image.value.trim() != "oem" {
        return None;
    }
    let (_, needs) = NEEDING.iter().find(|(start, _)| word.starts_with(start))?;
    let attrs = &kind.element.attrs;
    let by_hand = || words.iter().any(|w| w.text.starts_with("root=overlay:"));
    let there = match *needs {
        "`luks`" => attrs.at("luks").is_some(),
        "`overlayroot=\"true\"`" => attrs.bool("overlayroot") == Some(true) || by_hand(),
        _ => false,
    };
    (!there).then_some(*needs)
}
