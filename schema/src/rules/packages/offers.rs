//! The fix for a package that is missing: an entry in the list that the image is made from. Finds nothing by itself.

use crate::description::PackageKind;
use crate::description::model::{Filter, Item, ItemKind, Packages};
use crate::diagnostic::{Edit, Fix};
use crate::rules::found::Found;
use crate::rules::scope::Scope;
use crate::text::Span;

/// Whose list is to have a package.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum For {
    /// What this type alone needs.
    Type,
    /// What all systems of the description need.
    All,
}

/// Gives the finding that was made last the fix that lists a package. A guess: which of several lists is meant, the
/// author knows.
pub(in crate::rules) fn package(scope: &Scope<'_>, name: &str, of: For, found: &mut Found<'_>) {
    if super::requirements::instead(scope, name, found) {
        return;
    }
    let Some(file) = found.last().map(|told| told.file) else {
        return;
    };
    if let Some(rival) = rival(scope, name) {
        // Other types may need the one that is there.
        let alone = scope
            .view
            .image
            .preferences
            .iter()
            .map(|p| p.types.len())
            .sum::<usize>()
            == 1;
        let fix = alone.then(|| found.replace(&rival.name, name, false)).flatten();
        if let Some((told, mut fix)) = found.last().zip(fix) {
            fix.title = format!("change `{}` to `{name}`", rival.name.value).into();
            told.fixes.push(fix);
        }
        return;
    }
    let own = |p: &&crate::description::model::Preferences| {
        p.types.iter().any(|t| std::ptr::eq(t, scope.view.image_type))
    };
    let type_filter = scope.view.image.preferences.iter().find(own).map(|p| &p.filter);
    let profiles = |f: &Filter| -> Vec<String> {
        let mut names: Vec<String> = f.profiles.iter().map(|p| p.value.to_string()).collect();
        names.sort_unstable();
        names
    };
    let of_type = type_filter.map(profiles);
    let rank = |section: &&Packages| {
        let names = profiles(&section.filter);
        let (same, common) = (of_type.as_ref() == Some(&names), names.is_empty());
        match of {
            For::Type => (!same, !common),
            For::All => (!common, !same),
        }
    };
    let listed = |section: &&Packages| {
        section.element.file == file && section.items.iter().any(|i| i.kind == ItemKind::Package)
    };
    let sections = scope.view.package_sections(PackageKind::System);
    let Some(section) = sections.into_iter().filter(listed).min_by_key(rank) else {
        return;
    };
    let mut packages = section.items.iter().filter(|i| i.kind == ItemKind::Package);
    let Some(last) = packages.next_back() else { return };
    let Some(text) = found.text(file).filter(|t| last.span.of(t).starts_with('<')) else {
        return;
    };
    // On a line of its own where the one before has one.
    let head = text.get(..last.span.start as usize).unwrap_or("");
    let before = head.trim_end_matches([' ', '\t']);
    let indent = head.get(before.len()..).unwrap_or("");
    let apart = match before.ends_with('\n') {
        true => format!("{}{indent}", line_end(before)),
        false => String::new(),
    };
    let entry = match machine_of(scope, name) {
        Some(arch) => format!("<package name=\"{name}\" arch=\"{arch}\"/>"),
        None => format!("<package name=\"{name}\"/>"),
    };
    let at = Span::new(last.span.end, last.span.end);
    let fix = Fix {
        title: format!("add `{entry}`").into(),
        edits: vec![Edit {
            span: at,
            new_text: format!("{apart}{entry}").into(),
        }],
        safe: false,
    };
    if let Some(told) = found.last() {
        told.fixes.push(fix);
    }
}

/// An installed package beside which this one cannot be.
fn rival<'a>(scope: &Scope<'a>, name: &str) -> Option<&'a Item> {
    let mut rivals = super::conflicts::rivals(super::family(scope), name);
    rivals.find_map(|rival| scope.listed(PackageKind::System, rival))
}

/// The machine that alone has a package of that name, where the description is for others too.
fn machine_of(scope: &Scope<'_>, name: &str) -> Option<&'static str> {
    let machine = super::machines::machine(name)?;
    let mut named = super::machines::named(scope.view.image);
    named.any(|other| other.value != machine).then_some(machine)
}

/// How the line ends that this text ends with.
pub(super) fn line_end(text: &str) -> &'static str {
    if text.ends_with("\r\n") { "\r\n" } else { "\n" }
}
