//! The locale that a script of a build sets for the whole system, where the locales that it makes are others. Looks at words;
//! runs nothing.

use super::Script;
use crate::rules::files::{Here, items};

/// What sets the locale of the system, before its value.
const SETTING: &[&str] = &["LANG=", "LC_ALL="];

/// Places where the systems that make their locales keep it.
const KEPT: &[&str] = &["/etc/locale.conf", "/etc/default/locale", "update-locale "];

/// A locale with a country, without its character set.
fn locale(word: &str) -> Option<&str> {
    let stem = word.split(['.', '@']).next()?;
    let (language, country) = stem.split_once('_')?;
    let lower = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
    let upper = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    (lower && upper).then_some(stem)
}

impl Script<'_> {
    /// Looks at the line that sets it.
    pub(in crate::rules) fn locale_set(&mut self, here: &Here<'_>) {
        let managers = crate::rules::scope::managers(here.image);
        let makes = !managers.is_empty() && managers.iter().all(|m| matches!(m.trim(), "apt" | "pacman"));
        let text = self.text;
        let whole = ["locales-all", "language-pack", "task-", "ubuntu-", "langpack"];
        let more = items(here.image).any(|i| whole.iter().any(|w| i.name.value.contains(w)));
        if !makes
            || more
            || crate::rules::overlay::has(here, "etc/locale.gen")
            || !text.contains("locale-gen")
            || text.contains("debconf")
        {
            return;
        }
        let split = |c: char| !(c.is_ascii_alphanumeric() || "_.@".contains(c));
        let (mut made, mut set) = (Vec::new(), None);
        for &(at, line) in self.commands().iter().filter(|(_, l)| !l.starts_with('#')) {
            if ["locale.gen", "locale-gen", "localedef"]
                .iter()
                .any(|w| line.contains(w))
            {
                // All of them, or such as are filled in.
                if line.contains('$') || line.contains(".*") {
                    return;
                }
                made.extend(line.split(split).filter_map(locale));
            } else if KEPT.iter().any(|k| line.contains(k)) {
                let value = SETTING
                    .iter()
                    .find_map(|s| line.split_once(s))
                    .map(|(_, rest)| rest);
                let word = value.and_then(|v| v.split(['"', '\'', ' ', ';', '>']).find(|w| !w.is_empty()));
                set = set.or(word.and_then(|w| Some((at, line, w, locale(w)?))));
            }
        }
        let Some((at, line, word, own)) = set
            // One that no system has is told as that.
            .filter(|(_, _, word, own)| {
                crate::rules::system::is_locale(own) && crate::rules::system::locale_slip(word).is_none()
            })
            .filter(|(_, _, _, own)| !made.is_empty() && !made.contains(own))
        else {
            return;
        };
        made.dedup();
        let message = format!(
            "the system is to speak `{own}`, and the script makes only `{}`",
            made.join("`, `")
        );
        let meant = made.first().map(|m| word.replacen(own, m, 1)).unwrap_or_default();
        let then = "the build would go through, and programs of the running system would speak as without any locale";
        self.tell_meant(at, line, word, message, meant, then);
    }
}
