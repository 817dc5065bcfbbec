//! Which unit is meant by a name that is likely a slip of it: of one that most systems have, of an ending, of a target.
//! What is a unit of some distribution, or a package of the description, is no slip. Looks at names; tells nothing.

use super::Script;
use super::unit_tables::{BROUGHT, UNITS};
use crate::description::model::Image;
use crate::rules::files::items;
use crate::rules::found::{doubled, near, one_keystroke, same_digits};
use crate::rules::overlay::unit_names::{REAL, SHORT, USUAL, WRONG, is_systemd};
use crate::rules::packages::Family;
use crate::rules::packages::misspelt::exchanged;

/// A unit that packages of most systems bring.
pub(in crate::rules) fn is_usual(stem: &str) -> bool {
    USUAL.contains(&stem) || SHORT.contains(&stem)
}

/// The unit that is meant by one whose name is a slip of the pen, with the ending it has.
fn usual(word: &str) -> Option<String> {
    let (stem, end) = match word.rsplit_once('.') {
        Some((stem, end)) if ["service", "timer", "socket", "target"].contains(&end) => (stem, Some(end)),
        Some(_) => return None,
        None => (word, None),
    };
    // What stands behind the sign is an instance's name.
    if stem
        .split_once('@')
        .is_some_and(|(template, _)| is_usual(template))
    {
        return None;
    }
    if let Some((_, meant)) = WRONG.iter().find(|(wrong, _)| *wrong == stem) {
        return Some(end.map_or_else(|| (*meant).to_owned(), |end| format!("{meant}.{end}")));
    }
    if REAL.contains(&stem) {
        return None;
    }
    // Names of units are told apart by the case of their letters.
    let same = |u: &&str| u.eq_ignore_ascii_case(stem) && *u != stem;
    if let Some(meant) = USUAL.iter().find(|u| same(u)).filter(|_| !USUAL.contains(&stem)) {
        return Some(end.map_or_else(|| (*meant).to_owned(), |end| format!("{meant}.{end}")));
    }
    // Of short names only letters that changed places are surely a slip, or one that stands twice.
    let sure = |u: &&str| exchanged(stem, u) || doubled(stem, u);
    // Of the one that nearly each system has, whatever keystroke makes no other unit.
    let sole = |u: &&str| *u == "sshd" && same_digits(u, stem) && one_keystroke(u, stem);
    if let Some(meant) = SHORT
        .iter()
        .copied()
        .find(|u| sure(u) || sole(u))
        .filter(|_| !SHORT.contains(&stem))
    {
        return Some(end.map_or_else(|| meant.to_owned(), |end| format!("{meant}.{end}")));
    }
    let plain = stem.len() > 5 && !stem.bytes().any(|b| b.is_ascii_digit()) && !USUAL.contains(&stem);
    // `apache2` is no slip for `apache`: the number is missing because another system has it without.
    let numbered = |u: &str| u.bytes().any(|b| b.is_ascii_digit());
    let close = |u: &&str| !numbered(u) && one_keystroke(u, stem);
    let meant = USUAL.iter().copied().filter(|_| plain).find(close)?;
    Some(end.map_or_else(|| meant.to_owned(), |end| format!("{meant}.{end}")))
}

/// The unit that is meant by one whose ending is a slip of the pen.
fn ended(word: &str) -> Option<String> {
    const ENDINGS: &[&str] = &[
        "service",
        "socket",
        "timer",
        "target",
        "mount",
        "automount",
        "path",
    ];
    let (stem, end) = word.rsplit_once('.')?;
    let plain = end.len() > 3 && end.bytes().all(|b| b.is_ascii_lowercase()) && !ENDINGS.contains(&end);
    let known = ["slice", "scope", "swap", "device", "conf"].contains(&end);
    let meant = near(end, ENDINGS.iter().copied()).or_else(|| {
        let close = |k: &&str| k.len() > 5 && strsim::damerau_levenshtein(k, end) <= 2;
        ENDINGS.iter().copied().find(close)
    });
    meant
        .filter(|_| plain && !known)
        .map(|meant| format!("{stem}.{meant}"))
}

/// The unit that is meant by one that no system has.
fn slip(word: &str) -> Option<String> {
    usual(word).or_else(|| ended(word))
}

/// The name of a unit without its ending, where that is one of those which services have.
pub(super) fn stem(unit: &str) -> &str {
    let ends = [".service", ".socket", ".timer"];
    ends.iter().find_map(|e| unit.strip_suffix(e)).unwrap_or(unit)
}

/// Two names differ in a short part of theirs alone, as no slip does: `sssd-pac`, `sssd-pam`.
pub(super) fn is_other(name: &str, other: &str) -> bool {
    let parted = |c: char| matches!(c, '-' | '_' | '.' | '@');
    let mut parts = name
        .split(parted)
        .zip(other.split(parted))
        .filter(|(a, b)| a != b);
    let (Some((one, two)), None) = (parts.next(), parts.next()) else {
        return false;
    };
    let first = name.starts_with(one);
    !first && one.len() == two.len() && one.len() < 4 && !exchanged(one, two)
}

/// Some distribution has a unit of that name.
pub(super) fn is_real(unit: &str) -> bool {
    let stem = stem(unit);
    is_usual(stem)
        || REAL.contains(&stem)
        || is_systemd(stem)
        || UNITS.iter().any(|(own, ..)| *own == stem)
        || BROUGHT.iter().any(|(own, _)| *own == stem)
}

/// The unit that is meant by one that no system has in scripts and units of a description, as its distribution calls it.
/// A listed package may have a unit of its own name.
pub(in crate::rules) fn meant(word: &str, image: &Image) -> Option<String> {
    let meant = slip(word)?;
    let own = stem(word);
    let wrong = WRONG.iter().any(|(wrong, _)| *wrong == own) || own.eq_ignore_ascii_case(stem(&meant));
    if !wrong && is_listed(image, own) {
        return None;
    }
    let families = super::needs::families(image);
    let here = |of: &[Family]| families.iter().any(|f| of.contains(f));
    let usual = stem(&meant);
    let called = UNITS.iter().find(|(unit, ..)| *unit == usual);
    let other = called.filter(|(_, of, _)| !families.is_empty() && !here(of));
    match other {
        Some((_, _, Some(other))) => Some(meant.replacen(usual, other, 1)),
        _ => Some(meant),
    }
}

/// Targets that a system starts into.
pub(super) const TARGETS: &[&str] = &[
    "multi-user.target",
    "graphical.target",
    "rescue.target",
    "emergency.target",
];

/// The target that is meant by one whose name is a slip of the pen.
pub(in crate::rules) fn target(word: &str) -> Option<&'static str> {
    let close = |t: &&str| {
        let (stem, own) = (t.trim_end_matches(".target"), word.trim_end_matches(".target"));
        stem == own
            || strsim::damerau_levenshtein(t, word) <= 2
            || strsim::damerau_levenshtein(stem, own) <= 2
            || stem.replace('-', "") == own.replace(['-', '_'], "")
    };
    let plain = word
        .bytes()
        .all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'.'));
    let meant = TARGETS.iter().copied().find(close).filter(|_| plain)?;
    (meant != word && meant.strip_suffix(".target") != Some(word)).then_some(meant)
}

impl Script<'_> {
    /// The unit that is meant by one that no system has, as the description's distribution calls it.
    pub(super) fn unit_meant(&self, word: &str) -> Option<String> {
        self.image.map_or_else(|| slip(word), |image| meant(word, image))
    }

    /// A list of the description has a package that is called as the unit.
    pub(super) fn is_package(&self, unit: &str) -> bool {
        self.image.is_some_and(|image| is_listed(image, stem(unit)))
    }
}

/// A list has a package of that very name.
fn is_listed(image: &Image, name: &str) -> bool {
    items(image).any(|i| i.name.value.trim() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_a_usual_unit_is_that_unit() {
        for (name, right) in [
            ("NetworkManger.service", Some("NetworkManager.service")),
            ("chornyd", Some("chronyd")),
            ("corn", Some("cron")),
            ("sshf", Some("sshd")),
            ("firewalld.servce", Some("firewalld.service")),
            ("snapper", Some("snapperd")),
            ("sshd", None),
            ("thttpd", None),
            ("wicked", None),
            ("my-unit", None),
            ("sshd2", None),
            ("dcron", None),
        ] {
            assert_eq!(slip(name).as_deref(), right, "{name}");
        }
    }

    #[test]
    fn another_short_part_is_no_slip() {
        for (one, two, other) in [
            ("sssd-pac.socket", "sssd-pam.socket", true),
            ("ceph-mon.service", "ceph-mgr.service", true),
            ("sssd-pma.socket", "sssd-pam.socket", false),
            ("first-strat.service", "first-start.service", false),
            ("app-one.service", "apq-one.service", false),
        ] {
            assert_eq!(is_other(one, two), other, "{one}");
        }
    }

    #[test]
    fn no_unit_of_the_tables_is_told() {
        let known = UNITS.iter().map(|(unit, ..)| unit);
        let all = known
            .chain(BROUGHT.iter().map(|(unit, _)| unit))
            .chain(REAL)
            .chain(USUAL)
            .chain(SHORT);
        for unit in all {
            assert_eq!(slip(unit), None, "{unit}");
        }
    }

    #[test]
    fn no_unit_of_whole_distributions_is_told() {
        let Some(path) = std::env::var_os("APTERYX_UNIT_NAMES") else {
            eprintln!("SKIPPED: APTERYX_UNIT_NAMES names no file with units of distributions, one a line");
            return;
        };
        let names = std::fs::read_to_string(path).unwrap();
        let told = |name: &str| Some(format!("{name} as {}", slip(name)?));
        let all: Vec<_> = names.lines().filter_map(told).collect();
        assert!(
            all.is_empty(),
            "{} of {}: {all:#?}",
            all.len(),
            names.lines().count()
        );
    }
}
