//! The other repair of an attribute that does not go with a value: the value that it goes with. Offered first where what else
//! stands there says that it is the value which was changed. Judges nothing.

use super::judge::{lacks, rules_of};
use super::scope::managers_of;
use super::table::{Rule, Test};
use crate::diagnostic::{Diagnostic, Fix};
use crate::syntax::{NodeId, Tree};

/// Loaders, and parts of the names of packages that bring them.
const BROUGHT: &[(&str, &[&str])] = &[
    ("grub2_s390x_emu", &["grub2-s390x-emu"]),
    ("grub2", &["grub"]),
    ("systemd_boot", &["systemd-boot", "sdbootutil"]),
    ("zipl", &["s390-tools", "s390utils"]),
];

/// Adds the repair that changes the value which a rule is against.
pub(super) fn add(tree: &Tree, id: NodeId, rule: &Rule, found: &mut Diagnostic) {
    let (key, values) = match rule.must {
        Test::Is(key, values) | Test::IsOrAbsent(key, values) if key.up == 0 => (key.attribute, values),
        _ => return,
    };
    let Some(at) = tree.attr(id, key) else { return };
    let current = at.value_span.of(tree.text());
    // Written in another way than it counts, or in another mark-up.
    if !current.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return;
    }
    let own = |rule: &&&Rule| rule.attribute.is_some_and(|a| tree.attr(id, a).is_some());
    let fits = |value: &str| {
        let mut rules = rules_of(tree.local(id)).iter().filter(own);
        rules.all(|rule| match rule.must {
            Test::Is(k, all) | Test::IsOrAbsent(k, all) if k.up == 0 && k.attribute == key => {
                all.contains(&value)
            }
            _ => true,
        })
    };
    let mut fitting = values.iter().copied().filter(|v| fits(v));
    let listed = |loader: &str| key == "name" && brings(tree, loader);
    let named = fitting.clone().find(|v| listed(v));
    let Some(meant) = named.or_else(|| fitting.next()) else {
        return;
    };
    let fix = Fix::change(at.value_span, meant, false);
    let surely = named.is_some() && !listed(current) && !(current == "systemd_boot" && within(tree));
    let mainframe = matches!(meant, "grub2_s390x_emu" | "zipl") && is_for(tree, id, "s390x");
    let first = surely || mainframe || key == "image" && lacks(tree, id, key, current);
    let place = if first { 0 } else { found.fixes.len() };
    found.fixes.insert(place, fix);
}

/// What stands around an element is for that machine alone.
fn is_for(tree: &Tree, id: NodeId, machine: &str) -> bool {
    let kind = tree.node(id).parent;
    let section = tree.node(kind).parent;
    let arch = tree.attr_value(section, "arch");
    arch.is_some_and(|arch| arch.trim() == machine)
}

/// The loader of systemd comes with it, in no package of its own.
fn within(tree: &Tree) -> bool {
    let Some(root) = tree.root() else { return false };
    let managers = managers_of(tree, root);
    managers.iter().any(|m| matches!(m.as_str(), "pacman" | "apk"))
}

/// Some list names a package that brings the loader.
fn brings(tree: &Tree, loader: &str) -> bool {
    let Some((_, parts)) = BROUGHT.iter().find(|(l, _)| *l == loader) else {
        return false;
    };
    let Some(root) = tree.root() else { return false };
    let lists = tree.elements(root).filter(|&c| tree.local(c) == "packages");
    let mut names = lists
        .flat_map(|l| tree.elements(l))
        .filter_map(|p| tree.attr_value(p, "name"));
    // The mainframe's is none of GRUB's others, and what all have in common starts none.
    let other =
        |n: &str| loader == "grub2" && (n.contains("s390x") || n == "grub2" || n.ends_with("-common"));
    names.any(|n| !other(&n) && parts.iter().any(|p| n.contains(p)))
}
