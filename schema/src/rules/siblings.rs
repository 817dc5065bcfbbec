//! A value that several elements below it break one rule by: that is one fault, told at the first of them. Knows no rule
//! by itself.

use super::judge::{judge, misfit};
use super::table::{Rule, Test};
use crate::diagnostic::{Diagnostic, Label};
use crate::syntax::{NodeId, Tree};

/// The rule does not hold for the element, and for none of its kind before it.
pub(super) fn first(tree: &Tree, id: NodeId, rule: &Rule, managers: &[&str]) -> Option<Diagnostic> {
    let mut found = judge(tree, id, rule, managers)?;
    let key = match rule.must {
        Test::Is(key, _) | Test::IsOrAbsent(key, _) if key.up > 0 => key,
        _ => return Some(found),
    };
    // The value is told as the one that was changed.
    let above = (0..key.up).fold(id, |id, _| tree.node(id).parent);
    if misfit(tree, above).is_some_and(|(_, odd)| odd.key == key.attribute) {
        return None;
    }
    let mut after = false;
    let kind = tree.local(id);
    for other in tree.elements(tree.node(id).parent) {
        if other == id {
            after = true;
        } else if tree.local(other) == kind
            && let Some(mut again) = judge(tree, other, rule, managers)
        {
            if !after {
                return None;
            }
            found.notes.push(Label {
                file: again.file,
                span: again.span,
                message: "and here".to_owned().into(),
            });
            if let (Some(fix), Some(more)) = (found.fixes.first_mut(), again.fixes.first_mut()) {
                fix.edits.append(&mut more.edits);
            }
        }
    }
    Some(found)
}
