//! The full syntax (section 3): what may stand in each element of a schema. Reads no text and follows no reference.

use super::super::error::GrammarError;
use super::surface::El;

/// The patterns of the full syntax.
pub const PATTERNS: &[&str] = &[
    "element",
    "attribute",
    "group",
    "interleave",
    "choice",
    "optional",
    "zeroOrMore",
    "oneOrMore",
    "list",
    "mixed",
    "ref",
    "parentRef",
    "empty",
    "text",
    "value",
    "data",
    "notAllowed",
    "externalRef",
    "grammar",
];
/// The name classes.
pub const NAME_CLASSES: &[&str] = &["name", "anyName", "nsName", "choice"];
/// What may stand in each element (section 3).
pub fn shape(el: &El) -> Result<(), GrammarError> {
    let kind = el.kind;
    let need = |what: &str| {
        el.name
            .is_some()
            .then_some(())
            .ok_or_else(|| el.refuse(format!("`<{kind}>` needs the attribute `{what}`")))
    };
    let mut rest: &[El] = &el.children;
    let (min, max, allowed): (usize, usize, &[&str]) = match kind {
        "element" | "attribute" => {
            if el.name.is_none() {
                let Some((first, others)) = rest.split_first() else {
                    return Err(el.refuse(format!("`<{kind}>` needs a name")));
                };
                name_class(first)?;
                rest = others;
            }
            if kind == "element" {
                (1, usize::MAX, PATTERNS)
            } else {
                (0, 1, PATTERNS)
            }
        }
        "group" | "interleave" | "choice" | "optional" | "zeroOrMore" | "oneOrMore" | "list" | "mixed" => {
            // A choice within a name class has names instead; its place there is checked by `name_class`.
            if kind == "choice"
                && rest
                    .iter()
                    .all(|c| NAME_CLASSES.contains(&c.kind) && c.kind != "choice" || names_only(c))
                && !rest.is_empty()
            {
                return Ok(());
            }
            (1, usize::MAX, PATTERNS)
        }
        "ref" | "parentRef" => {
            need("name")?;
            (0, 0, &[])
        }
        "empty" | "text" | "notAllowed" | "value" | "param" | "name" => {
            if kind == "param" {
                need("name")?;
            }
            (0, 0, &[])
        }
        "data" => {
            need("type")?;
            let params = rest.iter().take_while(|c| c.kind == "param").count();
            rest = rest.get(params..).unwrap_or(&[]);
            (0, 1, &["except"])
        }
        "except" => {
            // Patterns in `data`, names elsewhere; the parent looks again.
            (
                1,
                usize::MAX,
                if rest.iter().all(|c| NAME_CLASSES.contains(&c.kind)) {
                    NAME_CLASSES
                } else {
                    PATTERNS
                },
            )
        }
        "anyName" | "nsName" => (0, 1, &["except"]),
        "externalRef" => {
            need("href")?;
            (0, 0, &[])
        }
        "grammar" => (0, usize::MAX, &["start", "define", "div", "include"]),
        "include" => {
            need("href")?;
            components(rest, false)?;
            (0, usize::MAX, &["start", "define", "div"])
        }
        "div" => (0, usize::MAX, &["start", "define", "div", "include"]),
        "start" => (1, 1, PATTERNS),
        "define" => {
            need("name")?;
            (1, usize::MAX, PATTERNS)
        }
        other => return Err(el.refuse(format!("`<{other}>` is no RELAX NG element"))),
    };
    if let Some(bad) = rest.iter().find(|c| !allowed.contains(&c.kind)) {
        return Err(bad.refuse(format!("`<{}>` cannot stand in `<{kind}>`", bad.kind)));
    }
    if rest.len() > max {
        let extra = rest.get(max).unwrap_or(el);
        return Err(extra.refuse(format!("`<{kind}>` holds at most {max} of these")));
    }
    if rest.len() < min {
        return Err(el.refuse(format!("`<{kind}>` needs content")));
    }
    for child in rest {
        if kind == "anyName" || kind == "nsName" {
            child.children.iter().try_for_each(name_class)?;
        } else if kind != "except" && child.kind == "except" {
            child.children.iter().try_for_each(pattern)?;
        } else if PATTERNS.contains(&child.kind) && kind != "except" {
            pattern(child)?;
        }
    }
    Ok(())
}

fn names_only(el: &El) -> bool {
    match el.kind {
        "name" | "anyName" | "nsName" => true,
        "choice" => !el.children.is_empty() && el.children.iter().all(names_only),
        _ => false,
    }
}

/// A `choice` of names is no pattern.
fn pattern(el: &El) -> Result<(), GrammarError> {
    if !PATTERNS.contains(&el.kind) || el.kind == "choice" && names_only(el) {
        return Err(el.refuse(format!("`<{}>` is no pattern here", el.kind)));
    }
    Ok(())
}

fn name_class(el: &El) -> Result<(), GrammarError> {
    names_only(el)
        .then_some(())
        .ok_or_else(|| el.refuse(format!("`<{}>` is no name class", el.kind)))
}

/// An `include` holds no other, not even in a `div`.
fn components(list: &[El], include: bool) -> Result<(), GrammarError> {
    for el in list {
        if el.kind == "include" && !include {
            return Err(el.refuse("`<include>` cannot stand in `<include>`"));
        }
        if el.kind == "div" {
            components(&el.children, include)?;
        }
    }
    Ok(())
}
