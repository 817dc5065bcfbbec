//! Repositories that are read together and are for different machines by their addresses. Asks no server.

use crate::description::model::{Image, Repository};
use crate::rules::found::Found;

/// One repository of those that are read together is for another machine than all others, by their addresses.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    const NAMES: &[&str] = &["x86_64", "aarch64", "ppc64le", "s390x", "riscv64", "armv7hl"];
    let always = image
        .repositories
        .iter()
        .filter(|r| r.filter.arches.is_empty() && r.filter.profiles.is_empty());
    let named = always.filter_map(|r| {
        let own = r
            .source
            .value
            .split(['/', '=', '&'])
            .find(|part| NAMES.contains(part))?;
        Some((r, own))
    });
    let named: Vec<(&Repository, &str)> = named.collect();
    let count = |name: &str| named.iter().filter(|(_, own)| *own == name).count();
    // Of two the one for another machine than most have is the odd one.
    let two = |own: &str| named.len() > 2 || own != "x86_64" && count("x86_64") == 1;
    let Some((odd, own)) = named.iter().find(|(_, own)| count(own) == 1 && two(own)) else {
        return;
    };
    let Some((other, usual)) = named.iter().find(|(_, usual)| count(usual) + 1 == named.len()) else {
        return;
    };
    let message = format!("the address is for `{own}`, and those of the others are for `{usual}`");
    let label = format!("did you mean `{usual}`?");
    let (place, note) = (&odd.source, "one of the others");
    let edit = found.replace(place, &place.value.replacen(own, usual, 1), false);
    if let Some(told) = found.pair(
        "repository-architecture",
        place,
        message,
        label,
        &other.source,
        note,
    ) {
        told.fixes.extend(edit);
    }
}
