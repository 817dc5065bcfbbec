//! Sizes that the grammar wants as a bare number, and that are written with a unit: the repair counts in the unit that the
//! number is read in. Finds nothing by itself.

use crate::diagnostic::{Diagnostic, Fix};
use crate::syntax::{NodeId, NodeKind, Tree};
use crate::text::Span;

/// Attributes and elements whose number counts MB.
const IN_MB: &[&str] = &[
    "bootpartsize",
    "efifatimagesize",
    "efipartsize",
    "memory",
    "oem-recovery-part-size",
    "oem-swapsize",
    "oem-systemsize",
    "overlayroot_readonly_partsize",
    "size",
];

/// Attributes that take a unit, of one letter and right behind the number.
const WITH_UNIT: &[&str] = &["freespace", "size", "spare_part"];

/// Puts the number that is meant in place of the one that merely fits.
pub(super) fn mend(tree: &Tree, found: &mut [Diagnostic]) {
    let sized = |d: &&mut Diagnostic| {
        let told = d.span.of(tree.text());
        d.code == "invalid-value" && told.contains(|c: char| c.is_ascii_digit())
    };
    let mut told = found.iter_mut().filter(sized).peekable();
    if told.peek().is_none() {
        return;
    }
    let values = values(tree);
    for told in told {
        let Some((span, number)) = value_at(&values, told.span).and_then(|value| meant(tree, value)) else {
            continue;
        };
        told.label = format!("did you mean `{number}`?").into();
        told.fixes = vec![Fix::change(span, &number, false)];
    }
}

/// A value of a document: an attribute with its name and quotes, or a text.
#[derive(Clone, Copy)]
struct Value {
    whole: Span,
    node: NodeId,
    /// Its place among those of its element.
    attribute: Option<usize>,
}

/// All of them, by place.
fn values(tree: &Tree) -> Vec<Value> {
    let mut all = Vec::new();
    for node in tree.all() {
        if tree.node(node).kind == NodeKind::Text {
            all.push(Value {
                whole: tree.node(node).span,
                node,
                attribute: None,
            });
        }
        all.extend(tree.attrs(node).iter().enumerate().map(|(n, attr)| Value {
            whole: attr.span,
            node,
            attribute: Some(n),
        }));
    }
    all.sort_unstable_by_key(|value| value.whole);
    all
}

/// The one that a finding is about.
fn value_at(all: &[Value], told: Span) -> Option<Value> {
    let after = all.partition_point(|value| value.whole.start <= told.start);
    let value = all.get(after.checked_sub(1)?)?;
    (told.end <= value.whole.end).then_some(*value)
}

/// Where a number with a unit stands, and what it means.
fn meant(tree: &Tree, value: Value) -> Option<(Span, String)> {
    let (name, text, span) = match value.attribute {
        Some(n) => {
            let attr = tree.attrs(value.node).get(n)?;
            (&*tree.name(attr.name).local, tree.value(attr), attr.value_span)
        }
        None => {
            let element = tree.parent(value.node)?;
            let span = value.whole.trimmed(tree.text());
            (tree.local(element), tree.text_value(value.node), span)
        }
    };
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let unit = unit.trim().to_ascii_lowercase();
    if name == "target_blocksize" {
        let number = number
            .checked_mul(1024)
            .filter(|_| matches!(unit.as_str(), "k" | "kb" | "kib"))?;
        return Some((span, number.to_string()));
    }
    let own = unit
        .trim_end_matches("ib")
        .trim_end_matches('b')
        .to_ascii_uppercase();
    if WITH_UNIT.contains(&name) && value.attribute.is_some() {
        return matches!(own.as_str(), "M" | "G").then(|| (span, format!("{number}{own}")));
    }
    let in_gb = name == "virtualsize" || name == "size" && has_gb(tree, value.node);
    if !in_gb && !IN_MB.contains(&name) {
        return None;
    }
    let number = match own.as_str() {
        "G" if in_gb => number,
        "G" => number.checked_mul(1024)?,
        "M" if !in_gb => number,
        _ => return None,
    };
    Some((span, number.to_string()))
}

/// The element of a text says that its number counts GB.
fn has_gb(tree: &Tree, text: NodeId) -> bool {
    let element = tree.parent(text);
    element.is_some_and(|element| tree.attr_value(element, "unit").as_deref() == Some("G"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn sizes_count_in_the_unit_that_they_are_read_in() {
        for (text, value, number) in [
            ("<oem-swapsize>4G</oem-swapsize>", "4G", Some("4096")),
            ("<oem-swapsize>\n  4096M\n</oem-swapsize>", "4096M", Some("4096")),
            ("<type efipartsize=\"1GB\"/>", "efipartsize=\"1GB\"", Some("1024")),
            ("<type efipartsize = '200 M'/>", "200 M", Some("200")),
            ("<size unit=\"G\">8G</size>", "8G", Some("8")),
            ("<size unit='G' additive='true'>8G</size>", "8G", Some("8")),
            ("<size>8G</size>", "8G", Some("8192")),
            ("<size unit=\"M\">8G</size>", "8G", Some("8192")),
            ("<bootloader timeout=\"4G\"/>", "4G", None),
            ("<type target_blocksize=\"4k\"/>", "4k", Some("4096")),
            ("<volume size=\"2 GB\"/>", "size=\"2 GB\"", Some("2G")),
            ("<size>x</size>", "x", None),
            ("{\"type\": {\"@efipartsize\": \"1GB\"}}", "1GB", Some("1024")),
            ("size:\n  '@unit': G\n  '#text': 8G\n", "8G", Some("8")),
            ("oem-swapsize: 4G\n", "4G", Some("4096")),
        ] {
            let tree = crate::format::parse(Path::new("config.yaml"), text.as_bytes());
            let at = text.find(value).unwrap() as u32;
            let told = Span::new(at, at + value.len() as u32);
            let found = value_at(&values(&tree), told).and_then(|value| meant(&tree, value));
            let (place, meant) = found.unzip();
            assert_eq!(meant.as_deref(), number, "{text}");
            let replaced = place.map_or("", |span| span.of(text));
            assert!(
                number.is_none() || value.contains(replaced) && replaced.ends_with(['G', 'M', 'B', 'k']),
                "{text}"
            );
        }
    }
}
