//! The login that a script of a build switches on, where a list installs another one. Knows the usual ones by name; runs
//! nothing.

use super::Script;
use super::names::{enables, place};
use super::units::named;
use crate::rules::files::Here;

/// Units that show the login, what the names of packages have in them that bring each, and which desktops do.
const LOGINS: &[(&str, &str, &[&str])] = &[
    ("gdm", "gdm", &["gnome", "budgie"]),
    ("gdm3", "gdm", &["gnome", "budgie"]),
    ("sddm", "sddm", &["kde", "plasma", "lxqt"]),
    (
        "lightdm",
        "lightdm",
        &["xfce", "mate", "cinnamon", "budgie", "lubuntu"],
    ),
];

impl Script<'_> {
    /// The login that is switched on, where a list installs another one.
    pub(super) fn login(&mut self, here: &Here<'_>) {
        if super::needs::more(here.image) || here.has("root.tar.gz") {
            return;
        }
        for &(at, line) in self.commands().iter() {
            for word in named(line).into_iter().filter(|_| enables(line)) {
                let stem = word.strip_suffix(".service").unwrap_or(word);
                let Some((_, own, desktops)) = LOGINS.iter().find(|(unit, _, _)| *unit == stem) else {
                    continue;
                };
                let names = || super::needs::names(here);
                let brings = |n: &str| n.contains(own) || desktops.iter().any(|d| n.contains(d));
                let other = names().find(|n| LOGINS.iter().any(|(unit, _, _)| unit == n));
                let told = self.out.iter().any(|d| d.span == place(at, line, word));
                let installed = super::packages::installed(&self.commands());
                let Some(other) = other.filter(|_| !told && !names().any(brings) && installed.is_some())
                else {
                    continue;
                };
                let message = format!("no list installs `{own}`, and one installs `{other}`");
                let label = format!("did you mean `{}`?", word.replacen(stem, other, 1));
                self.add("unknown-unit", place(at, line, word), message, &label);
            }
        }
    }
}
