//! Values of `<oemconfig>` and its like that are read late, by the first start of the disk or where results are bundled.
//! Knows what they are counted in; sums are judged in `disk::sizes`.

use crate::description::model::{At, Element, Image};
use crate::rules::found::{Found, Text};

/// Judges the types of a description, each once.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        let element = &kind.element;
        if let Some(at) = element.attrs.at("bundle_format") {
            bundle(at, found);
        }
        spare(element, found);
        if let Some(oem) = element.child("oemconfig") {
            ramdisk(oem, found);
            swap(oem, found);
        }
    }
}

/// What a name of a bundle may be filled in with.
const LETTERS: &str = "NPAITMmpv";

/// The name that results get in a bundle.
fn bundle(at: &At, found: &mut Found<'_>) {
    let value = at.value.trim();
    let label = "`%N`, `%P`, `%A`, `%I`, `%T`, `%M`, `%m`, `%p` or `%v`";
    if value.contains('/') {
        let message = format!("`{value}` is no name of a file");
        found.add("bundle-name", at, message, "without `/`");
        return;
    }
    let unknown = value
        .match_indices('%')
        .map(|(start, _)| value.get(start + 1..).unwrap_or(""));
    let mut unknown = unknown.filter(|rest| !rest.starts_with(|c| LETTERS.contains(c)));
    if let Some(rest) = unknown.next() {
        let own: String = rest.chars().take(1).collect();
        let message = format!("`%{own}` stands for nothing in the name of a bundle");
        found.add("bundle-name", at, message, label);
        return;
    }
    // The same letters after another sign.
    let other = ['$', '@', '#', '&'].into_iter().find(|sign| {
        let mut parts = value.split(*sign).skip(1).peekable();
        let letter = |part: &str| {
            let mut letters = part.chars();
            letters.next().is_some_and(|c| LETTERS.contains(c))
                && letters.next().is_none_or(|c| !c.is_ascii_alphanumeric())
        };
        parts.peek().is_some() && parts.all(letter)
    });
    if let Some(sign) = other.filter(|_| !value.contains('%')) {
        let message = format!("`{sign}` fills nothing in: the name of every bundle would be `{value}`");
        let whole = value.replace(sign, "%");
        found.instead("bundle-name", at, message, Some(&whole), false, label);
    }
}

/// Attributes that only some file systems have for the spare partition.
fn spare(kind: &Element, found: &mut Found<'_>) {
    let Some(at) = kind.attrs.at("spare_part_fs_attributes") else {
        return;
    };
    if kind.attrs.at("spare_part").is_none() {
        return;
    }
    let Some(filesystem) = kind.attrs.get("spare_part_fs") else {
        return;
    };
    if at.value.contains("no-copy-on-write") && filesystem != "btrfs" {
        let message = format!("`{filesystem}` has no `no-copy-on-write`");
        if let Some(told) = found.add(
            "attribute-not-for-filesystem",
            at,
            message,
            "an attribute of `btrfs`",
        ) {
            told.help = Some("the build would stop in create, where the attribute is set".into());
        }
    }
}

/// No system is copied into so few KB.
pub(in crate::rules) const LEAST_RAMDISK: u64 = 64 * 1024;

fn ramdisk(oem: &Element, found: &mut Found<'_>) {
    let Some(setting) = oem.child("oem-ramdisk-size").filter(|s| !s.text.is_empty()) else {
        return;
    };
    let text = setting.text.as_str();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" => 1,
        "k" | "K" | "KB" | "kB" => 1,
        "m" | "M" | "MB" => 1024,
        "g" | "G" | "GB" => 1024 * 1024,
        _ => 0,
    };
    let number = number.parse::<u64>().unwrap_or(0);
    let bare = digits == text.len();
    let (message, meant) = if bare && number < LEAST_RAMDISK {
        let message = format!("a RAM disk of {number} KB holds no system");
        (message, number.checked_mul(1024).filter(|n| *n >= LEAST_RAMDISK))
    } else if !bare && !text.contains(['$', '{', '@']) {
        let message = format!("`{text}` is no size of a RAM disk: it is a number of KB");
        (message, number.checked_mul(factor).filter(|n| *n > 0))
    } else {
        return;
    };
    let meant = meant.map(|n| n.to_string());
    found.instead(
        "ramdisk-size",
        &Text(setting),
        message,
        meant.as_deref(),
        false,
        "in KB",
    );
}

/// Swap of so few MB helps nobody: the number was one of GB.
const LEAST_SWAP: u64 = 33;
/// And of so many there is none.
const MOST_SWAP: u64 = 512 * 1024;

fn swap(oem: &Element, found: &mut Found<'_>) {
    let on = oem
        .child("oem-swap")
        .is_some_and(|s| matches!(s.text.as_str(), "true" | "1"));
    let Some(size) = oem.child("oem-swapsize").filter(|_| on) else {
        return;
    };
    let Ok(mb) = size.text.parse::<u64>() else { return };
    if (1..LEAST_SWAP).contains(&mb) {
        let message = format!("a swap space of {mb} MB is of no use");
        let meant = (mb * 1024).to_string();
        found.instead(
            "partition-too-small",
            &Text(size),
            message,
            Some(&meant),
            false,
            "in MB",
        );
        if let Some(told) = found.last() {
            told.help = Some("the build would go through, and the guest have next to no swap".into());
        }
    } else if mb > MOST_SWAP {
        let message = format!("a swap space of {} GB is larger than any", mb / 1024);
        found.add("disk-too-large", &Text(size), message, "in MB");
    }
}
