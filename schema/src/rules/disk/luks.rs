//! Options handed to `cryptsetup luksFormat`. Knows the options that it has; runs it not. How the boot loader opens
//! what they make is judged in `disk::formats`.

use rustc_hash::FxHashMap;

use crate::description::model::At;
use crate::rules::found::{Found, before, near, one_keystroke};
use crate::rules::scope::Scope;

/// The long options that `cryptsetup luksFormat` takes with a value, as its manual lists them, without the two dashes.
const OPTIONS: &[&str] = &[
    "align-payload",
    "cipher",
    "hash",
    "header",
    "integrity",
    "integrity-key-size",
    "iter-time",
    "key-file",
    "key-size",
    "key-slot",
    "keyfile-offset",
    "keyfile-size",
    "keyslot-cipher",
    "keyslot-key-size",
    "label",
    "link-vk-to-keyring",
    "luks2-keyslots-size",
    "luks2-metadata-size",
    "master-key-file",
    "offset",
    "pbkdf",
    "pbkdf-force-iterations",
    "pbkdf-memory",
    "pbkdf-parallel",
    "progress-frequency",
    "sector-size",
    "subsystem",
    "timeout",
    "type",
    "uuid",
    "volume-key-file",
    "volume-key-keyring",
];

/// Those of them that take no value.
const BARE: &[&str] = &[
    "batch-mode",
    "debug",
    "debug-json",
    "disable-blkid",
    "disable-keyring",
    "disable-locks",
    "force-password",
    "hw-opal",
    "hw-opal-only",
    "integrity-inline",
    "integrity-legacy-hmac",
    "integrity-legacy-padding",
    "integrity-no-journal",
    "integrity-no-wipe",
    "progress-json",
    "serialize-memory-hard-pbkdf",
    "use-random",
    "use-urandom",
    "verbose",
    "verify-passphrase",
];

/// All of them.
fn options() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().chain(BARE).copied()
}

/// The letters of the same.
const LETTERS: &str = "chSsidlMoqtvyIT";

/// Options with a list of values, and whether there are others that have no list.
const VALUES: &[(&str, &[&str])] = &[
    (
        "--hash",
        &[
            "sha1",
            "sha256",
            "sha512",
            "ripemd160",
            "whirlpool",
            "blake2b-512",
            "blake2s-256",
            "sha3-256",
            "sha3-512",
            "sha224",
            "sha384",
        ],
    ),
    ("--pbkdf", &["pbkdf2", "argon2i", "argon2id"]),
    ("--type", &["luks", "luks1", "luks2"]),
    (
        "--integrity",
        &["hmac-sha256", "hmac-sha512", "poly1305", "none", "aead"],
    ),
];

/// Options with a number alone: no unit follows it.
const NUMBERS: &[&str] = &[
    "--key-size",
    "-s",
    "--iter-time",
    "-i",
    "--pbkdf-memory",
    "--pbkdf-parallel",
    "--pbkdf-force-iterations",
    "--sector-size",
    "--key-slot",
    "-S",
];

/// Parts of a cipher's name: what enciphers, how blocks are chained, where each begins.
const CIPHERS: [&[&str]; 3] = [
    &[
        "aes",
        "serpent",
        "twofish",
        "camellia",
        "xchacha20",
        "xchacha12",
        "aegis128",
        "sm4",
        "capi",
        "cast6",
        "des3_ede",
    ],
    &[
        "xts", "cbc", "ecb", "lrw", "ctr", "adiantum", "random", "gcm", "cts", "pcbc", "hctr2",
    ],
    &[
        "plain",
        "plain64",
        "plain64be",
        "essiv",
        "benbi",
        "null",
        "random",
        "tcw",
        "lmk",
    ],
];

/// The value that is meant by one which `cryptsetup` does not have, with what is wrong.
fn value_meant(name: &str, value: &str) -> Option<(String, String)> {
    if let Some((_, all)) = VALUES.iter().find(|(n, _)| *n == name) {
        let bare = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
        let same = all.iter().copied().find(|k| bare(k) == bare(value));
        let meant = same.or_else(|| near(value, all.iter().copied()));
        let meant = meant.filter(|_| !all.contains(&value))?;
        return Some((format!("`{name}` has no value `{value}`"), meant.to_owned()));
    }
    if NUMBERS.contains(&name) {
        let bare = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
        let number = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit());
        if matches!(name, "--key-size" | "-s")
            && bare.parse::<u32>().is_ok_and(|bits| bits > 512)
            && bare == value
        {
            let message = format!("no cipher of `cryptsetup` has a key of {value} bits");
            return Some((message, "512".to_owned()));
        }
        if let ("--key-size" | "-s", Ok(bits)) = (name, value.parse::<u32>())
            && !bits.is_multiple_of(8)
        {
            let message = format!("no key has {value} bits: they are counted by eights");
            // With two digits exchanged, or one that is wrong, a usual one is meant.
            let usual = ["256", "512", "128", "384", "192"].into_iter();
            let meant = usual
                .clone()
                .find(|size| crate::rules::packages::misspelt::exchanged(value, size));
            let meant = meant.or_else(|| crate::rules::found::near(value, usual));
            let meant = meant.map_or_else(|| bits.next_multiple_of(8).to_string(), str::to_owned);
            return Some((message, meant));
        }
        let message = format!("`{name}` takes a number, and not `{value}`");
        // The number may come last.
        let tail = value.trim_start_matches(|c: char| !c.is_ascii_digit());
        if !number && !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit()) {
            return Some((message, tail.to_owned()));
        }
        return (number && bare.len() < value.len()).then(|| (message, bare.to_owned()));
    }
    if name != "--cipher" || value.starts_with("capi:") {
        return None;
    }
    if value.contains('_') && !value.contains('-') {
        let message = format!("`cryptsetup` knows no cipher `{value}`");
        let whole = value.replace('_', "-");
        let first = whole.split('-').next().unwrap_or("");
        return CIPHERS
            .first()
            .is_some_and(|c| c.contains(&first))
            .then_some((message, whole));
    }
    let mut parts: Vec<&str> = value.split('-').collect();
    if let ([cipher, chain, start @ ..], Some(all)) = (parts.as_slice(), CIPHERS.last()) {
        let whole = start.concat();
        if start.len() > 1 && all.contains(&whole.as_str()) {
            let message = format!("`cryptsetup` knows no cipher `{value}`");
            return Some((message, format!("{cipher}-{chain}-{whole}")));
        }
    }
    for (part, all) in parts.iter_mut().zip(CIPHERS) {
        let bare = part.split(':').next().unwrap_or(part);
        if all.contains(&bare) {
            continue;
        }
        // Of several as near it is the most usual, which stands first.
        let close = || all.iter().copied().find(|k| one_keystroke(k, bare));
        let meant = near(bare, all.iter().copied()).or_else(close)?;
        let message = format!("`cryptsetup` knows no `{bare}` in a cipher's name");
        *part = meant;
        return Some((message, parts.join("-")));
    }
    None
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    if let Some(at) = scope.kind().attrs.at("luks")
        && crate::rules::found::one_keystroke(at.value.trim(), "random")
    {
        let message = format!("`{}` is taken for the pass phrase itself", at.value.trim());
        found.instead("luks-option", at, message, Some("random"), false, "");
        if let Some(told) = found.last() {
            told.severity = crate::diagnostic::Severity::Warning;
            told.help = Some("the build would go through, and the root be opened by that word".into());
        }
    }
    if let Some(at) = scope
        .kind()
        .attrs
        .at("luks")
        .filter(|at| at.value.trim().starts_with('/'))
    {
        let value = at.value.trim();
        let message = format!("`{value}` is taken for the pass phrase itself, and not for a file");
        let meant = format!("file://{value}");
        found.instead("luks-option", at, message, Some(&meant), false, "");
        if let Some(told) = found.last() {
            told.severity = crate::diagnostic::Severity::Warning;
            told.help = Some("the build would go through, and the root be opened by that word".into());
        }
    }
    let formats = scope.kind().all("luksformat");
    for option in scope.kind().all("luksformat").flat_map(|f| f.all("option")) {
        if let (Some(name), Some(at)) = (option.attrs.get("name"), option.attrs.at("value"))
            && let Some((message, meant)) = value_meant(name.trim(), at.value.trim())
        {
            found.instead("luks-option", at, message, Some(&meant), false, "");
        }
    }
    shapes(scope, found);
    for at in formats
        .flat_map(|f| f.all("option"))
        .filter_map(|o| o.attrs.at("name"))
    {
        let value = at.value.trim();
        // A value may follow at once.
        let name = value.split('=').next().unwrap_or(value);
        let known = match name.strip_prefix("--") {
            Some(long) => options().any(|o| o == long),
            None => name
                .strip_prefix('-')
                .is_some_and(|letter| letter.len() == 1 && LETTERS.contains(letter)),
        };
        if known || value.contains(['$', '{']) {
            continue;
        }
        let message = format!("`cryptsetup` has no option `{name}` for a new LUKS header");
        let bare = name.trim_start_matches('-').replace('_', "-");
        let exact = options().find(|o| *o == bare);
        let meant = exact
            .or_else(|| near(&bare, options()))
            .map(|n| value.replacen(name, &format!("--{n}"), 1));
        found.instead(
            "luks-option",
            at,
            message,
            meant.as_deref(),
            true,
            "an option of `cryptsetup luksFormat`, such as `--cipher`",
        );
    }
}

/// An option without its value, and one that stands twice.
fn shapes(scope: &Scope<'_>, found: &mut Found<'_>) {
    let mut seen: FxHashMap<&str, &At> = FxHashMap::default();
    for option in scope.kind().all("luksformat").flat_map(|f| f.all("option")) {
        let Some(at) = option.attrs.at("name") else {
            continue;
        };
        let value = at.value.trim();
        let (name, inside) = value.split_once('=').map_or((value, false), |(n, _)| (n, true));
        let Some(long) = name.strip_prefix("--").filter(|l| options().any(|o| o == *l)) else {
            continue;
        };
        let attribute = match long {
            "pbkdf" => Some("luks_pbkdf"),
            "type" => Some("luks_version"),
            _ => None,
        };
        let twin = attribute.and_then(|name| scope.kind().attrs.at(name));
        let own = value
            .split_once('=')
            .map(|(_, v)| v)
            .or(option.attrs.get("value"));
        if let Some((twin, own)) = twin.zip(own).filter(|(twin, own)| twin.value.trim() != *own) {
            let message = format!(
                "`{name}` is `{own}` here, and `{}` by an attribute",
                twin.value.trim()
            );
            let told = found.pair("luks-option", at, message, "one of them", twin, "given here");
            if let Some(told) = told {
                told.severity = crate::diagnostic::Severity::Warning;
                told.help = Some("the build would go through, and one of the two count".into());
            }
        } else if let Some(first) = before(&mut seen, long, at) {
            let message = format!("the option `{name}` is given twice");
            let told = found.pair("luks-option", at, message, "again", first, "first given here");
            if let Some(told) = told {
                told.severity = crate::diagnostic::Severity::Warning;
                told.help = Some("the build would go through, and the last of the two count".into());
            }
        } else if !inside && option.attrs.at("value").is_none() && !BARE.contains(&long) {
            let message = format!("the option `{name}` needs a value");
            if let Some(told) = found.add("luks-option", at, message, "add `value=\"…\"`") {
                told.help = Some("the build would stop in create, where the root is encrypted".into());
            }
        }
    }
}
