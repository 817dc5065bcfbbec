//! Options handed to `cryptsetup luksFormat`. Knows the options that it has; runs it not. How the boot loader opens
//! what they make is judged in `formats`.

use super::found::{Found, near};
use super::scope::Scope;

/// The long options that `cryptsetup luksFormat` takes, as its manual lists them, without the two dashes.
const OPTIONS: &[&str] = &[
    "align-payload",
    "batch-mode",
    "cipher",
    "debug",
    "debug-json",
    "disable-blkid",
    "disable-keyring",
    "disable-locks",
    "force-password",
    "hash",
    "header",
    "hw-opal",
    "hw-opal-only",
    "integrity",
    "integrity-inline",
    "integrity-key-size",
    "integrity-legacy-hmac",
    "integrity-legacy-padding",
    "integrity-no-journal",
    "integrity-no-wipe",
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
    "progress-json",
    "sector-size",
    "serialize-memory-hard-pbkdf",
    "subsystem",
    "timeout",
    "type",
    "use-random",
    "use-urandom",
    "uuid",
    "verbose",
    "verify-passphrase",
    "volume-key-file",
    "volume-key-keyring",
];

/// The letters of the same.
const LETTERS: &str = "chSsidlMoqtvyIT";

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let formats = scope.kind().all("luksformat");
    for at in formats
        .flat_map(|f| f.all("option"))
        .filter_map(|o| o.attrs.at("name"))
    {
        let value = at.value.trim();
        // A value may follow at once.
        let name = value.split('=').next().unwrap_or(value);
        let known = match name.strip_prefix("--") {
            Some(long) => OPTIONS.contains(&long),
            None => name
                .strip_prefix('-')
                .is_some_and(|letter| letter.len() == 1 && LETTERS.contains(letter)),
        };
        if known || value.contains(['$', '{']) {
            continue;
        }
        let message = format!("`cryptsetup` has no option `{name}` for a new LUKS header");
        let bare = name.trim_start_matches('-').replace('_', "-");
        let exact = OPTIONS.iter().copied().find(|o| *o == bare);
        let meant = exact
            .or_else(|| near(&bare, OPTIONS.iter().copied()))
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
