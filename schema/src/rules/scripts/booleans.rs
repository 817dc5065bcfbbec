//! Booleans of SELinux that a script sets: those that are slips of usual ones. Says nothing of others, which packages may bring.

use std::sync::LazyLock;

use super::Script;
use crate::rules::found::{near, one_keystroke};
use crate::rules::rows::words_of;

static BOOLEANS: LazyLock<Vec<&str>> = LazyLock::new(|| words_of(include_str!("../tables/booleans.txt")));

/// The one that is meant by a name.
fn meant(name: &str) -> Option<&'static str> {
    if name.len() < 8 || !name.contains('_') || BOOLEANS.contains(&name) {
        return None;
    }
    let close = |k: &&str| one_keystroke(k, name);
    let all = || BOOLEANS.iter().copied();
    all().find(close).or_else(|| near(name, all()))
}

impl Script<'_> {
    /// Looks at what SELinux is told.
    pub(in crate::rules) fn booleans(&mut self) {
        let calls = self.calls();
        for call in calls.iter() {
            let words: Vec<&str> = call.words.iter().map(|w| &*w.text).collect();
            let set = matches!(words.as_slice(), ["setsebool", ..] | ["semanage", "boolean", ..]);
            if !set {
                continue;
            }
            let odd = call.words.iter().skip(1).find_map(|w| {
                let name = w.text.split('=').next()?;
                Some((w, name, meant(name)?))
            });
            if let Some((word, name, meant)) = odd {
                let span = crate::text::Span::new(word.at as u32, (word.at + name.len()) as u32);
                let message = format!("SELinux has no boolean `{name}`");
                self.say_meant(span, message, meant, super::FAILS);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_boolean_is_a_slip_and_slips_are_told() {
        assert!(BOOLEANS.iter().all(|b| meant(b).is_none()));
        assert_eq!(
            meant("httpd_can_network_conect"),
            Some("httpd_can_network_connect")
        );
        assert_eq!(meant("my_own_boolean"), None);
    }
}
