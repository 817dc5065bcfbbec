//! Services of firewalld, as its zones in the overlay and scripts name them: those that are slips of such as it knows or as the
//! overlay has. Says nothing of other names, which packages may bring.

use std::sync::LazyLock;

use super::texts::at_word;
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::{near, one_keystroke, plural, same_digits};
use crate::rules::packages::misspelt::exchanged;
use crate::rules::rows::words_of;

static SERVICES: LazyLock<Vec<&str>> = LazyLock::new(|| words_of(include_str!("../tables/firewalld.txt")));

/// The service that is meant by a name which is none.
pub(in crate::rules) fn meant(here: &Here<'_>, name: &str) -> Option<String> {
    let folders = ["etc/firewalld/services", "usr/lib/firewalld/services"];
    let own: Vec<String> = folders
        .iter()
        .flat_map(|f| super::names(here, f))
        .filter_map(|n| n.strip_suffix(".xml").map(str::to_owned))
        .collect();
    let known = || own.iter().map(String::as_str).chain(SERVICES.iter().copied());
    if name.len() < 3 || known().any(|k| k == name) || crate::rules::scripts::lists(here, name) {
        return None;
    }
    let close = |k: &&str| {
        let short = k.len() < 5 && name.len() == k.len();
        (exchanged(k, name) || k.len() > 3 && one_keystroke(k, name) || short && one_keystroke(k, name))
            && same_digits(k, name)
            && !plural(k, name)
    };
    let found = known()
        .find(close)
        .or_else(|| near(name, known().filter(|k| k.len() > 7)));
    found.map(str::to_owned)
}

/// A service of a zone that is a slip.
pub(super) fn judge(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let mut at = 0;
    text.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        let (_, rest) = line.split_once("<service name=\"")?;
        let (name, _) = rest.split_once('"')?;
        let meant = meant(here, name)?;
        let message = format!("firewalld has no service `{name}`");
        let then = "the build goes through, and firewalld refuses the zone in the running system";
        at_word(
            start,
            line,
            name,
            message,
            format!("did you mean `{meant}`?"),
            then,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_service_stands_twice() {
        let mut all = SERVICES.clone();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
