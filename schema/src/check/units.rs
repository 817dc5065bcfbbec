//! Sizes that the grammar wants as a bare number, and that are written with a unit: the repair counts in the unit that the
//! number is read in. Finds nothing by itself.

use crate::diagnostic::{Diagnostic, Fix};
use crate::syntax::Tree;
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
    if !tree.is_xml() {
        return;
    }
    for told in found.iter_mut().filter(|d| d.code == "invalid-value") {
        let Some((span, number)) = meant(tree.text(), told.span) else {
            continue;
        };
        told.label = format!("did you mean `{number}`?").into();
        told.fixes = vec![Fix::change(span, &number, false)];
    }
}

/// Where the value of a finding stands, and what it means.
fn meant(text: &str, told: Span) -> Option<(Span, String)> {
    let told_text = told.of(text);
    let start = told_text
        .trim_end_matches(['"', '\''])
        .rfind(['"', '\'', '>'])
        .map_or(0, |at| at + 1);
    let value = told_text.get(start..)?.trim_end_matches(['"', '\'']);
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = value.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let unit = unit.trim().to_ascii_lowercase();
    let start = told.start.checked_add(u32::try_from(start).ok()?)?;
    let span = Span::new(start, start.checked_add(u32::try_from(value.len()).ok()?)?);
    let head = text.get(..start as usize)?;
    // The start tag, as far as it goes before the value.
    let tag = head.get(head.rfind('<')? + 1..)?;
    let name = match tag.strip_suffix('>') {
        Some(own) => own.split_whitespace().next()?,
        None => {
            let own = tag.trim_end_matches(['"', '\'']).trim_end().strip_suffix('=')?;
            own.split_whitespace().next_back()?
        }
    };
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
    if WITH_UNIT.contains(&name) && !tag.ends_with('>') {
        return matches!(own.as_str(), "M" | "G").then(|| (span, format!("{number}{own}")));
    }
    let in_gb = name == "virtualsize" || name == "size" && has_gb(tag);
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

/// The start tag says that its number counts GB.
fn has_gb(tag: &str) -> bool {
    let unit = tag
        .split_once("unit")
        .map(|(_, rest)| rest.trim_start_matches([' ', '=']));
    unit.is_some_and(|value| value.starts_with("\"G\"") || value.starts_with("'G'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_in_the_unit_that_they_are_read_in() {
        for (text, value, number) in [
            ("<oem-swapsize>4G</oem-swapsize>", "4G", Some("4096")),
            ("<oem-swapsize>4096M</oem-swapsize>", "4096M", Some("4096")),
            ("<type efipartsize=\"1GB\">", "efipartsize=\"1GB\"", Some("1024")),
            ("<type efipartsize = '200 M'>", "200 M", Some("200")),
            ("<size unit=\"G\">8G</size>", "8G", Some("8")),
            ("<size unit='G' additive='true'>8G</size>", "8G", Some("8")),
            ("<size>8G</size>", "8G", Some("8192")),
            ("<size unit=\"M\">8G</size>", "8G", Some("8192")),
            ("<bootloader timeout=\"4G\"/>", "4G", None),
            ("<type target_blocksize=\"4k\">", "4k", Some("4096")),
            ("<volume size=\"2 GB\">", "size=\"2 GB\"", Some("2G")),
            ("<size>x</size>", "x", None),
            ("8G", "8G", None),
        ] {
            let at = text.find(value).unwrap() as u32;
            let told = Span::new(at, at + value.len() as u32);
            let found = meant(text, told).map(|(_, number)| number);
            assert_eq!(found.as_deref(), number, "{text}");
        }
    }
}
