//! Profiles that lack what their images need, where another has it: one that they do not require, while others do, or one
//! that a list of theirs is for. Knows no names of packages.

use super::list_owners::{Why, idle, narrowed, omitted, shared, taken};
use super::offers::line_end;
use super::required_parts::{between, other_part, stated};
use crate::description::model::{At, ImageType, Packages, Profile};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::rules::boot::kernels::is_kernel;
use crate::rules::catalog::Place;
use crate::rules::found::{Found, Whole};
use crate::rules::scope::Scope;
use crate::rules::views::profile_circles::MOST_CHOICES;
use crate::text::Span;

use rustc_hash::FxHashSet;

const CODE: &str = "missing-requirement";
const LIST: &str = "list-for-other-profile";

/// Tells in place of the finding that was made last, which is of a package that is missing, that the view's profile does
/// not require the one that lists it, or that a list is for another. False where neither is so.
pub(super) fn instead(scope: &Scope<'_>, package: &str, found: &mut Found<'_>) -> bool {
    if found.last().is_some_and(|told| [CODE, LIST].contains(&told.code)) {
        return true;
    }
    if of_second_type(scope, found) {
        return true;
    }
    let image = scope.view.image;
    let catalog = &scope.whole.catalog;
    if of_other_type(scope, package, found) {
        return true;
    }
    // Debian packs KIWI's modules under this name too.
    let other = || Some(format!("kiwi-dracut-{}", package.strip_prefix("dracut-kiwi-")?));
    let first = catalog.first(package).or_else(|| catalog.first(&other()?));
    // Any kernel will do.
    let kernels = (first.is_none() && is_kernel(package)).then(|| kernels(scope));
    let firsts = first.into_iter().chain(kernels.into_iter().flatten());
    let entries = firsts.flat_map(|first| catalog.same(first));
    let sections = entries.filter_map(|(at, _)| image.packages.get(catalog.section(at)));
    // The one with the type, which others may require.
    let section = crate::rules::boot::loader_machines::section(scope);
    let mut typed = section.into_iter().flat_map(|s| &s.filter.profiles);
    let typed = typed
        .find(|p| scope.view.profiles.contains(&p.value))
        .map(|p| &p.value);
    let Some(own) = typed
        .or(scope.view.profiles.first())
        .and_then(|name| profile(scope, name))
    else {
        return false;
    };
    let sections: Vec<&Packages> = sections.filter(installs).collect();
    // What else a list has that is told to be for another is lacking because of that.
    let before = || {
        sections
            .iter()
            .filter_map(|s| alone(s))
            .find(|at| found.told(LIST, *at))
    };
    let before = before().map(|at| (at, Why::Idle));
    let taken = taken(scope, own, &sections).or(before);
    let taken = taken.or_else(|| idle(scope, own, package, &sections));
    let missed = match taken {
        None => shared(scope, own, &sections)
            .or_else(|| narrowed(scope, own, &sections))
            .or_else(|| omitted(scope, own, package, &sections)),
        Some(_) => None,
    };
    let helper = helper(scope, own, sections.iter().copied());
    if taken.is_none() && missed.is_none() && helper.is_none() {
        return false;
    }
    // Beside something else that is told there it is a consequence of that.
    let (last, others) = match found.since(0) {
        [others @ .., last] => (last, others),
        [] => return false,
    };
    if others.iter().any(|o| (o.file, o.span) == (last.file, last.span)) {
        return false;
    }
    let Some(lacking) = found.withdraw() else {
        return false;
    };
    if let Some((at, why)) = taken {
        let own = &own.name.value;
        let message = match why {
            Why::Two => format!(
                "two lists are for `{}`, and none for `{own}`, which lacks this one",
                at.value
            ),
            Why::Idle => format!(
                "`{}` has no use for `{package}`, and `{own}` lacks this list",
                at.value
            ),
        };
        let first = !found.told(LIST, at);
        found.instead(LIST, at, message, Some(own), false, "");
        grave(LIST, at, first, &lacking, found);
    } else if let Some(last) = missed {
        let own = &own.name.value;
        let message = format!("this list is not for `{own}`, which lacks `{package}`");
        let fix = found.replace(last, &format!("{},{own}", last.value), false);
        let first = !found.told(LIST, last);
        let label = format!("did you mean `{},{own}`?", last.value);
        if let Some(told) = found.add(LIST, last, message, label) {
            told.fixes.extend(fix);
        }
        grave(LIST, last, first, &lacking, found);
    } else if let Some(helper) = helper {
        let label = format!("`{package}` among it");
        tell(scope, own, helper, &label, Some(&lacking), found);
    }
    true
}

/// Tells in place of the finding that was made last that the list with what is lacking is the second for another type of
/// image, while none is for this one.
fn of_other_type(scope: &Scope<'_>, package: &str, found: &mut Found<'_>) -> bool {
    let own = scope.image();
    if !matches!(own, "oem" | "iso" | "kis") {
        return false;
    }
    let all = &scope.view.image.packages;
    let of = |kind: &str| {
        let kind = kind.to_owned();
        all.iter().filter(move |s| s.kind.value.trim() == kind)
    };
    if of(own).next().is_some() {
        return false;
    }
    let lists = |s: &&Packages| s.items.iter().any(|i| i.name.value == package);
    let mut having = all.iter().filter(installs).filter(lists);
    let (Some(section), None) = (having.next(), having.next()) else {
        return false;
    };
    let kind = section.kind.value.trim();
    let typed = matches!(kind, "docker" | "oci" | "iso" | "oem" | "pxe" | "kis");
    // What only a loader is for is of no use to what is started by another machine, or not at all.
    let idle = package.starts_with("grub") && matches!(kind, "docker" | "oci" | "pxe" | "kis");
    if !typed || of(kind).count() < 2 && !idle {
        return false;
    }
    let Some(lacking) = found.withdraw() else {
        return false;
    };
    let at = &section.kind;
    let message = match of(kind).count() {
        1 => format!("`{kind}` has no use for `{package}`, and `{own}` lacks this list"),
        _ => format!("two lists are for `{kind}`, and none for `{own}`, which lacks this one"),
    };
    let first = !found.told(LIST, at);
    found.instead(LIST, at, message, Some(own), false, "");
    grave(LIST, at, first, &lacking, found);
    true
}

/// The first entries of the names of kernels.
fn kernels(scope: &Scope<'_>) -> Vec<Place> {
    let catalog = &scope.whole.catalog;
    let all = catalog.notable.iter().map(|n| n.first);
    let of_kernel = |at: &Place| catalog.item(*at).is_some_and(|i| is_kernel(&i.name.value));
    all.filter(of_kernel).collect()
}

/// Tells in place of the finding that was made last, that the type which lacks something is for a profile that has another:
/// where a build would not know which of the two is meant, that is told without it.
fn of_second_type(scope: &Scope<'_>, found: &mut Found<'_>) -> bool {
    let Some((section, at)) = crate::rules::views::second_types::besides(scope) else {
        return false;
    };
    if !section
        .types
        .iter()
        .any(|t| std::ptr::eq(t, scope.view.image_type))
    {
        return false;
    }
    let Some(lacking) = found.withdraw() else {
        return false;
    };
    let told = |d: &Diagnostic| (d.file, d.span) == (at.file, at.span);
    let types = scope.view.preferences.iter().flat_map(|p| &p.types);
    let primary = types.filter(|t| t.element.attrs.on("primary").is_some()).count() == 1;
    if primary && !found.since(0).iter().any(told) {
        let label = "its own section has a type";
        found.add(lacking.code, at, lacking.message.to_string(), label);
    }
    true
}

/// Judges one view that installs nothing at all.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let boots = matches!(scope.image(), "oem" | "iso" | "kis" | "pxe");
    if !boots || scope.type_has_packages() {
        return;
    }
    let section = crate::rules::boot::loader_machines::section(scope);
    let owners = section.into_iter().flat_map(|s| &s.filter.profiles);
    for own in owners.filter_map(|name| profile(scope, &name.value)) {
        let all = scope.view.image.packages.iter().filter(installs);
        if let Some(helper) = helper(scope, own, all) {
            tell(scope, own, helper, "no other list counts for it", None, found);
        }
    }
}

/// The types in the sections of a profile.
pub(super) fn types<'s>(scope: &'s Scope<'_>, profile: &'s str) -> impl Iterator<Item = &'s ImageType> {
    let preferences = scope.view.image.preferences.iter();
    let own = preferences.filter(move |p| p.filter.profiles.iter().any(|n| n.value == profile));
    own.flat_map(|p| &p.types)
}

/// The profile that a list is for, where it is but one.
pub(super) fn alone(section: &Packages) -> Option<&At> {
    match section.filter.profiles.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

/// The profile of a name.
pub(super) fn profile<'a>(scope: &Scope<'a>, name: &str) -> Option<&'a Profile> {
    scope.view.image.profiles.iter().find(|p| p.name.value == name)
}

/// The profile with one of these sections that others require and this one does not.
fn helper<'a>(
    scope: &Scope<'a>,
    own: &Profile,
    sections: impl Iterator<Item = &'a Packages>,
) -> Option<&'a Profile> {
    let name = &*own.name.value;
    let profiles = &scope.view.image.profiles;
    if profiles.len() > MOST_CHOICES {
        return None;
    }
    let typed = crate::rules::catalog::typed(scope.view.image);
    // What no image requires may be chosen besides.
    let mut required: FxHashSet<&str> = FxHashSet::default();
    let mut has: FxHashSet<&str> = FxHashSet::default();
    for (profile, reached) in profiles.iter().zip(scope.whole.choices()) {
        if profile.name.value == name {
            has.extend(reached);
        } else if typed.contains(&*profile.name.value) {
            required.extend(reached);
        }
    }
    let left_out = crate::rules::views::unrequired::left_out(scope.view.image, &typed);
    required.extend(left_out.map(|p| p.name.value.as_str()));
    // Parts alone: with another's type it would be another image.
    let part = |helper: &&str| {
        !typed.contains(helper)
            && required.contains(helper)
            && !has.contains(helper)
            && !reached(scope, helper, name)
    };
    let named = sections.flat_map(|s| &s.filter.profiles).map(|p| &*p.value);
    let parts: Vec<&str> = named.filter(part).take(MOST_PARTS).collect();
    // Of several that require each other the one that brings the others.
    let brought = |helper: &str| {
        let mut others = parts.iter().filter(|other| **other != helper);
        others.any(|other| reached(scope, other, helper))
    };
    profile(scope, parts.iter().find(|helper| !brought(helper))?)
}

/// Of more lists than this it is not looked whose profile brings the others.
const MOST_PARTS: usize = 16;

/// A list of what is installed.
pub(super) fn installs(section: &&Packages) -> bool {
    !super::removes(section)
}

/// A profile requires another, by whatever way.
pub(super) fn reached(scope: &Scope<'_>, from: &str, to: &str) -> bool {
    let all = scope.view.image.profiles.iter().zip(scope.whole.choices());
    let mut from = all.filter(|(p, _)| p.name.value == from);
    from.any(|(_, reached)| reached.contains(to))
}

/// The finding, with the fix that requires the profile: in place of one that it requires too, or besides. The gravest of
/// what is lacking says how grave it is.
fn tell<'a>(
    scope: &Scope<'a>,
    own: &'a Profile,
    helper: &'a Profile,
    label: &str,
    lacking: Option<&Diagnostic>,
    found: &mut Found<'_>,
) {
    let helper = &*helper.name.value;
    let own = between(scope, own, helper).unwrap_or(own);
    let name = &own.name;
    let message = format!(
        "`{}` does not require the profile `{helper}`, and lacks what that lists",
        name.value
    );
    let mut required = own.requires.iter().map(|(needs, _)| needs);
    let less = required
        .find(|needs| reached(scope, helper, &needs.value))
        .or_else(|| other_part(scope, own, helper));
    let (at, fix) = match less {
        Some(less) => (less, found.replace(less, helper, false)),
        None => (name, insert(own, &stated(scope, own, helper), found)),
    };
    let new = found.add(CODE, at, message, label.to_owned());
    let fresh = new.map(|told| told.fixes.extend(fix)).is_some();
    if let Some(lacking) = lacking {
        grave(CODE, at, fresh, lacking, found);
    }
}

/// A finding is as grave as what is lacking, where that is the first or graver than what was.
fn grave(code: &str, at: &At, first: bool, lacking: &Diagnostic, found: &mut Found<'_>) {
    if let Some(told) = found.at(code, at)
        && (first || lacking.severity < told.severity)
    {
        told.severity = lacking.severity;
        told.help = lacking.help.clone();
    }
}

/// The fix that has a profile require another, on a line of its own where the profile stands on one.
pub(in crate::rules) fn insert(own: &Profile, helper: &str, found: &Found<'_>) -> Option<Fix> {
    let entry = format!("<requires profile=\"{helper}\"/>");
    let (file, whole, _) = own.element.whole();
    let text = found.text(file)?;
    let head = text.get(..whole.start as usize)?;
    let before = head.trim_end_matches([' ', '\t']);
    let (end, indent, deeper) = match before.ends_with('\n') {
        true => (line_end(before), head.get(before.len()..)?, "    "),
        false => ("", "", ""),
    };
    let written = whole.of(text);
    let inner = format!("{end}{indent}{deeper}{entry}");
    let (kept, new) = match written.strip_suffix("/>") {
        Some(kept) => (kept, format!(">{inner}{end}{indent}</profile>")),
        None => (written.strip_suffix("</profile>")?, inner),
    };
    let start = whole.start + kept.trim_end().len() as u32;
    let stop = if written.ends_with("/>") { whole.end } else { start };
    Some(Fix {
        title: format!("add `{entry}`").into(),
        edits: vec![Edit {
            span: Span::new(start, stop),
            new_text: new.into(),
        }],
        safe: false,
    })
}
