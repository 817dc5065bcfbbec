//! A value that several elements below it break one rule by: that is one fault, told at the first of them. Knows no rule
//! by itself.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::judge::judge;
use super::judge_value::{misfit, values};
use super::table::{Rule, Test};
use crate::diagnostic::{Diagnostic, Label};
use crate::syntax::{NodeId, Tree};

/// Of each rule, by the element above, the first that breaks it: there may be very many.
#[derive(Default)]
pub(super) struct Firsts(RefCell<FxHashMap<(NodeId, *const Rule), NodeId>>);

/// The rule does not hold for the element, and for none of its kind before it.
pub(super) fn first(
    tree: &Tree,
    id: NodeId,
    rule: &'static Rule,
    managers: &[&str],
    firsts: &Firsts,
) -> Option<Diagnostic> {
    let key = match rule.must {
        Test::Is(key, _) | Test::IsOrAbsent(key, _) if key.up > 0 => key,
        _ => return judge(tree, id, rule, managers),
    };
    let parent = tree.node(id).parent;
    let place = (parent, std::ptr::from_ref(rule));
    let known = firsts.0.borrow().get(&place).copied();
    if known.is_some_and(|first| first != id) {
        return None;
    }
    let mut found = judge(tree, id, rule, managers)?;
    let kind = tree.local(id);
    let alike = |other: &NodeId| tree.local(*other) == kind;
    let mut broken = tree
        .elements(parent)
        .filter(alike)
        .filter_map(|other| Some((other, judge(tree, other, rule, managers)?)));
    let (first, _) = broken.next()?;
    firsts.0.borrow_mut().insert(place, first);
    // The value is told as the one that was changed.
    let above = (0..key.up).fold(id, |id, _| tree.node(id).parent);
    if first != id
        || misfit(tree, above, values(tree, above)).is_some_and(|(_, odd)| odd.key == key.attribute)
    {
        return None;
    }
    for (_, mut again) in broken {
        found.notes.push(Label {
            file: again.file,
            span: again.span,
            message: "and here".to_owned().into(),
        });
        if let (Some(fix), Some(more)) = (found.fixes.first_mut(), again.fixes.first_mut()) {
            fix.edits.append(&mut more.edits);
        }
    }
    Some(found)
}
