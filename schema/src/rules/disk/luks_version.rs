//! Options of an encrypted root that the older of the two LUKS headers does not have. Which options there are at all is
//! judged in `disk::luks`. Runs no tool.

use crate::description::model::{At, Element, Image};
use crate::rules::found::Found;

/// Options of `cryptsetup luksFormat` that need LUKS2.
const LATER: &[&str] = &[
    "--integrity",
    "--integrity-no-wipe",
    "--integrity-key-size",
    "--label",
    "--luks2-keyslots-size",
    "--luks2-metadata-size",
    "--keyslot-cipher",
    "--keyslot-key-size",
    "--pbkdf-memory",
    "--pbkdf-parallel",
    "--sector-size",
    "--subsystem",
    "--hw-opal",
    "--hw-opal-only",
];

/// Judges the types of a description, each once.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        if kind.element.attrs.at("luks").is_some() {
            judge(&kind.element, found);
        }
    }
}

fn judge(kind: &Element, found: &mut Found<'_>) {
    let options = || kind.all("luksformat").flat_map(|f| f.all("option"));
    let asked = options().find(|o| o.attrs.get("name").map(str::trim) == Some("--type"));
    let asked = asked.and_then(|o| o.attrs.at("value"));
    let Some(version) = asked
        .or_else(|| kind.attrs.at("luks_version"))
        .filter(|v| v.value.trim() == "luks1")
    else {
        return;
    };
    let mut tell = |at: &At, message: String| {
        let note = "the header is the older one because of this";
        found.pair("luks-version", at, message, "needs `luks2`", version, note);
    };
    let derived = |value: &str| value.trim().starts_with("argon2");
    if let Some(at) = kind.attrs.at("luks_pbkdf").filter(|p| derived(&p.value)) {
        tell(at, format!("LUKS1 has no key derivation `{}`", at.value.trim()));
    }
    for option in options() {
        let Some(at) = option.attrs.at("name") else {
            continue;
        };
        let written = at.value.trim();
        let (name, value) = match written.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (written, option.attrs.get("value")),
        };
        if LATER.contains(&name) {
            tell(at, format!("LUKS1 has no `{name}`"));
        } else if name == "--pbkdf" && value.is_some_and(derived) {
            let at = option.attrs.at("value").unwrap_or(at);
            tell(
                at,
                format!("LUKS1 has no key derivation `{}`", value.unwrap_or("").trim()),
            );
        }
    }
}
