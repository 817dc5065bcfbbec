//! Repositories that a script takes out or changes by their alias: those that are slips of such as the description has. Says nothing
//! of others, which packages may bring.

use super::Script;
use crate::rules::files::Here;
use crate::rules::found::near;

/// Commands about one repository, with the words before its alias.
const COMMANDS: &[(&str, &[&str])] = &[
    (
        "zypper",
        &["rr", "removerepo", "mr", "modifyrepo", "nr", "renamerepo"],
    ),
    ("dnf", &["--set-disabled", "--set-enabled"]),
    ("yum-config-manager", &["--disable", "--enable"]),
];

impl Script<'_> {
    /// Aliases that are slips of those of the description.
    pub(in crate::rules) fn aliases(&mut self, here: &Here<'_>) {
        let repositories = here.image.repositories.iter();
        let known: Vec<&str> = repositories
            .filter_map(|r| r.element.attrs.get("alias"))
            .collect();
        let calls = self.calls();
        for call in calls.iter() {
            let Some((first, rest)) = call.words.split_first() else {
                continue;
            };
            let Some((_, verbs)) = COMMANDS.iter().find(|(c, _)| *c == first.text) else {
                continue;
            };
            let Some(from) = rest.iter().position(|w| verbs.contains(&&*w.text)) else {
                continue;
            };
            // The script may make the repository itself.
            let own = |name: &str| super::text::spoken(self.text, name) > 1;
            let odd = rest.iter().skip(from + 1).find_map(|w| {
                let plain = w.raw == w.text && w.text.len() > 3 && !w.text.starts_with('-');
                let there = known.contains(&&*w.text) || own(&w.text);
                let meant = near(&w.text, known.iter().copied()).filter(|_| plain && !there)?;
                Some((w, meant))
            });
            if let Some((word, meant)) = odd {
                let message = format!("no repository of the description has the alias `{}`", word.text);
                self.say_meant(word.span(), message, meant, super::FAILS);
            }
        }
    }
}
