//! Several attributes of an element that one value of it does not go with: one finding at that value, in place of one for
//! each of them. Which value that is, `misfit` says; the rules themselves are judged in `judge`.

use super::code;
use super::judge::rules_of;
use super::misfit::{Misfit, Values};
use super::table::{Rule, Test};
use super::words;
use crate::diagnostic::{Diagnostic, Fix, Label, Source};
use crate::syntax::{NodeId, Tree};

/// Several attributes of subvolumes where `preferlvm` leaves none: that is one fault, in the one place.
pub(super) fn with_lvm(tree: &Tree, id: NodeId) -> Option<Diagnostic> {
    if tree.local(id) != "type" {
        return None;
    }
    let disk = tree.elements(id).find(|&c| tree.local(c) == "systemdisk")?;
    let at = tree.attr(disk, "preferlvm")?;
    let btrfs = tree.attr_value(id, "filesystem").as_deref() == Some("btrfs");
    if !btrfs || !matches!(tree.value(at).trim(), "true" | "1") {
        return None;
    }
    let names = rules_of("type").iter().filter_map(|rule| match rule.must {
        Test::NoChildWithTrue(..) => rule.attribute,
        _ => None,
    });
    let given: Vec<_> = names.filter_map(|n| Some((n, tree.attr(id, n)?))).collect();
    if given.len() < 2 {
        return None;
    }
    let known = code("btrfs-attribute-with-lvm")?;
    let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    let message = format!(
        "`preferlvm=\"true\"` leaves no subvolumes for {}",
        words(&names, "and")
    );
    let mut found = Diagnostic::new(known.code, known.severity, Source::Rules, at.name_span, message);
    found = found.label("logical volumes leave no subvolume to set up");
    found.help = Some(known.consequence.to_owned().into());
    for (_, attribute) in given.iter().take(4) {
        let file = found.file;
        found.notes.push(Label {
            file,
            span: attribute.name_span,
            message: "for subvolumes".to_owned().into(),
        });
    }
    Some(found)
}

/// The values of an element that decide which attributes it has.
pub(super) fn values(tree: &Tree, id: NodeId) -> Values {
    Values::of(tree.local(id), &|key| tree.attr_value(id, key))
}

/// A value of an element that several others do not go with, as a finding; `own` are its values.
pub(super) fn misfit(tree: &Tree, id: NodeId, own: Values) -> Option<(Diagnostic, Misfit)> {
    let name = tree.local(id);
    if !matches!(name, "type" | "bootloader") {
        return None;
    }
    let attributes = tree.attrs(id).iter().map(|a| &*tree.name(a.name).local);
    let value = |key: &str| tree.attr_value(id, key);
    let child = |name: &str| tree.elements(id).any(|c| tree.local(c) == name);
    let odd = super::misfit::of(name, attributes, own, &value, &child)?;
    let code = code(match (name, odd.key) {
        ("bootloader", _) => "attribute-not-for-loader",
        (_, "filesystem") => "attribute-not-for-filesystem",
        _ => "attribute-not-for-type",
    })?;
    let at = tree.attr(id, odd.key)?;
    let current = value(odd.key)?;
    let message = format!(
        "`{}=\"{}\"` does not have {}",
        odd.key,
        current.trim(),
        words(&odd.attributes, "and")
    );
    let mut found = Diagnostic::new(code.code, code.severity, Source::Rules, at.value_span, message);
    found = found.label(format!("did you mean `{}`?", odd.meant));
    found.help = Some(code.consequence.to_owned().into());
    for other in odd.attributes.iter().take(4).filter_map(|a| tree.attr(id, a)) {
        let file = found.file;
        found.notes.push(Label {
            file,
            span: other.name_span,
            message: format!("goes with `{}`", odd.meant).into(),
        });
    }
    if at.value_span.of(tree.text()) == current {
        found.fixes.push(Fix::change(at.value_span, odd.meant, false));
    }
    Some((found, odd))
}

/// A rule that breaks because of one value, which has been told.
pub(super) fn explains(odd: &Misfit, rule: &Rule, up: u8) -> bool {
    let of = |test: Test| match test {
        Test::Is(key, _) | Test::IsOrAbsent(key, _) => key.up == up && key.attribute == odd.key,
        _ => false,
    };
    of(rule.must) || rule.when.is_some_and(of)
}
