//! Themes of the boot splash in the overlay: those that the description names otherwise, and the files that a theme names and
//! does not have. Knows no theme of any package.

use super::{Scripts, file, names, overlays, text};
use crate::description::model::File;
use crate::rules::files::Here;
use crate::rules::found::{Found, Text, near};
use crate::rules::scripts::tell;

const THEMES: &str = "usr/share/plymouth/themes";

/// Judges the themes of all overlays.
pub(super) fn check(here: &Here<'_>, scripts: &Scripts, found: &mut Found<'_>, files: &mut Vec<File>) {
    let own = names(here, THEMES);
    if own.is_empty() {
        return;
    }
    let plain = |name: &str| name.replace(['-', '_', ' '], "").to_ascii_lowercase();
    let named = here.image.preferences.iter();
    for at in named.flat_map(|p| p.element.all("bootsplash-theme")) {
        let name = at.text.as_str();
        if name.len() < 4 || own.iter().any(|o| o == name) {
            continue;
        }
        let same = own.iter().find(|o| plain(o) == plain(name)).map(String::as_str);
        if let Some(meant) = same.or_else(|| near(name, own.iter().map(String::as_str))) {
            let message = format!("the overlay has the theme `{meant}` of the boot splash, and no `{name}`");
            found.instead("missing-theme", &Text(at), message, Some(meant), false, "");
        }
    }
    for overlay in overlays(here) {
        for theme in &own {
            let path = format!("{THEMES}/{theme}/{theme}.plymouth");
            let Some((own, text, _, _)) = text(here, overlay, &path) else {
                continue;
            };
            let out = super::units::lines(&text).into_iter().filter_map(|line| {
                let path = line.value.strip_prefix('/')?;
                let there = file(here, path) || super::has(here, path);
                let within = path.strip_prefix(THEMES)?.starts_with(&format!("/{theme}"));
                if !matches!(line.key, "ImageDir" | "ScriptFile") || there || !within || scripts.say(path) {
                    return None;
                }
                let message = format!("the theme has no `{}`", line.value);
                let then = "the build goes through, and nothing is seen of the theme as the guest starts";
                super::texts::told(
                    "overlay-file",
                    line.at,
                    line.value.len(),
                    message,
                    "not in the overlay",
                    Some(then),
                )
            });
            let out = out.collect();
            tell(here, &own, text, out, found, files);
        }
    }
}
