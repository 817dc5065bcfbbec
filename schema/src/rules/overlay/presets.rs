//! Presets of systemd in the overlay, or as a script writes them: units that are slips of such as the overlay has, or as most
//! systems have. Knows no unit of any other package.

use super::texts::{at_word, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::{near, same_digits};
use crate::rules::scripts::{unit_slips, units};

/// Their folders.
pub(super) const FOLDERS: &[&str] = &[
    "etc/systemd/system-preset",
    "usr/lib/systemd/system-preset",
    "lib/systemd/system-preset",
];

/// A unit that no system has.
pub(super) fn judge(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let known = units::known(here);
    lines(text).find_map(|(at, line)| {
        let mut words = line.split_whitespace();
        let name = words
            .next()
            .filter(|w| matches!(*w, "enable" | "disable"))
            .and(words.next())?;
        if name.len() < 5 || name.contains(['*', '?', '[', '@', '$']) || known.iter().any(|k| k == name) {
            return None;
        }
        let own = near(name, known.iter().map(String::as_str)).filter(|m| same_digits(m, name));
        let message = match own {
            Some(own) => format!("the overlay has the unit `{own}`, and no `{name}`"),
            None => format!("no unit is known as `{name}`"),
        };
        let meant = own
            .map(str::to_owned)
            .or_else(|| unit_slips::meant(name, here.image))?;
        let then = "the build goes through, and the preset says nothing of the unit that is meant";
        at_word(at, line, name, message, format!("did you mean `{meant}`?"), then)
    })
}
