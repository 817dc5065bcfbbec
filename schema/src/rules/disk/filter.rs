//! The pattern of disks that an installation leaves out. Knows bash's regular expressions, by which it is judged; runs none.

use super::Disk;
use crate::rules::found::{Found, Text};

/// The pattern of disks that an installation leaves out, by which bash judges their names.
pub(in crate::rules) fn filter(disk: &Disk<'_, '_>, found: &mut Found<'_>) {
    let Some(element) = disk.oem("oem-device-filter") else {
        return;
    };
    let text = element.text.as_str();
    if text.contains(['$', '{']) {
        return;
    }
    // The names of disks begin so, and the pattern is looked for in them.
    let common = text.trim_start_matches('^').trim_end_matches(['.', '*', '/']);
    if matches!(common, "" | "/dev") && !text.is_empty() {
        let message = format!("every disk fits `{text}`, and none is left to install on");
        found.add(
            "device-filter",
            &Text(element),
            message,
            "such as `/dev/ram|/dev/sr`",
        );
        return;
    }
    let bare = text.trim_matches('|');
    if bare != text && !bare.is_empty() && regex_fault(text).is_none() {
        let message = format!("`{text}` has a choice of nothing, which every disk fits");
        found.instead("device-filter", &Text(element), message, Some(bare), false, "");
        return;
    }
    let Some(fault) = regex_fault(text) else { return };
    let message = format!("`{text}` is no regular expression: {fault}");
    let at = Text(element);
    found.add("device-filter", &at, message, "such as `/dev/ram|/dev/sr`");
}

/// What makes a text no extended regular expression.
fn regex_fault(text: &str) -> Option<&'static str> {
    let (mut open, mut repeatable) = (0u32, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                if chars.next().is_none() {
                    return Some("nothing follows the last `\\`");
                }
                repeatable = true;
            }
            '[' => {
                // A bracket that comes first is one of the class.
                let rest = chars.as_str();
                let skip = usize::from(rest.starts_with('^'));
                let body = rest.get(skip..).unwrap_or("");
                let from = usize::from(body.starts_with(']'));
                let Some(end) = body.get(from..).and_then(|b| b.find(']')) else {
                    return Some("`[` is not closed");
                };
                chars = body.get(from + end + 1..).unwrap_or("").chars();
                repeatable = true;
            }
            '(' => (open, repeatable) = (open + 1, false),
            ')' if open == 0 => return Some("`)` closes nothing"),
            ')' => (open, repeatable) = (open - 1, true),
            '*' | '+' | '?' if !repeatable => return Some("nothing stands before what repeats"),
            '|' | '^' => repeatable = false,
            _ => repeatable = true,
        }
    }
    (open > 0).then_some("`(` is not closed")
}
