//! Themes of the boot splash and of the boot menu that no list installs. Knows how distributions with RPM call their
//! packages of themes; asks no repository.

use super::offers::{For, package};
use super::{Family, family, open_ended};
use crate::description::model::Element;
use crate::diagnostic::Severity;
use crate::rules::found::{Found, Text, one_keystroke, same_letters};
use crate::rules::scope::Scope;

/// Themes that Plymouth has by itself.
const OWN: &[&str] = &["text", "details", "tribar"];

/// Themes of the boot splash that distributions have.
const USUAL: &[&str] = &[
    "bgrt",
    "charge",
    "spinner",
    "spinfinity",
    "fade-in",
    "fade-throbber",
    "glow",
    "solar",
    "script",
    "hot-dog",
    "breeze",
    "openSUSE",
    "tumbleweed",
    "SLE",
    "tribar",
    "text",
    "details",
    "emerald",
    "homeworld",
    "softwaves",
    "ceratopsian",
    "futureprototype",
    "joy",
    "lines",
    "moonlight",
    "spacefun",
];

/// Themes of distributions for the boot splash that are no packages by these names, and for the boot menu.
const SPLASHES: &[&str] = &["sabily", "ubuntu-logo", "ubuntu-text", "ubuntu-gnome-logo"];
const LOOKS: &[&str] = &["openSUSE", "upstream", "breeze", "starfield"];

/// Whether some distribution has the theme: an author's own comes with the overlay, or with a package of any name.
fn of_some(at: &Element, of: Family) -> bool {
    let name = || format!("plymouth-theme-{}", at.text);
    USUAL.iter().any(|u| u.eq_ignore_ascii_case(&at.text)) || super::lists::has(&name(), of)
}

/// Themes of the boot menu that SUSE has packages for.
const MENUS: &[&str] = &["SLE", "SLED", "SLES", "openSUSE", "upstream"];

/// The theme that is meant by one whose letters changed places, or that has one letter more or less.
fn slip(theme: &str) -> Option<&'static str> {
    let known = || USUAL.iter().chain(SPLASHES).copied();
    let usual = || known().filter(|u| u.len() > 3);
    let same = |u: &&str| same_letters(u, theme) || *u == "bgrt" && one_keystroke(u, theme);
    let other = theme.len() < 3 || known().any(|u| u.eq_ignore_ascii_case(theme));
    let near = || crate::rules::found::near(theme, usual().filter(|u| u.len() > 5));
    (!other).then(|| usual().find(same).or_else(near)).flatten()
}

/// The theme of the boot menu that is meant by a slip of it: an author's own may have any other name.
fn slip_of_look(theme: &str) -> Option<&'static str> {
    let other = LOOKS.iter().chain(MENUS).any(|l| l.eq_ignore_ascii_case(theme));
    crate::rules::found::near(theme, LOOKS.iter().copied()).filter(|_| !other)
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let setting = |name: &str| scope.view.first(name).filter(|e| !e.text.is_empty());
    let splash = setting("bootsplash-theme").filter(|s| !OWN.contains(&s.text.as_str()));
    let menu = setting("bootloader-theme");
    let known = matches!(family(scope), Family::Suse | Family::RedHat | Family::Debian);
    if splash.is_none() && menu.is_none() || !known {
        return;
    }
    if let Some(at) = splash
        && let Some(meant) = slip(&at.text)
    {
        let message = format!("Plymouth has no theme `{}` that is known", at.text);
        found.instead("missing-theme", &Text(at), message, Some(meant), false, "");
        return;
    }
    if let Some(at) = menu
        && let Some(meant) = slip_of_look(&at.text)
    {
        let message = format!("GRUB has no theme `{}` that is known", at.text);
        found.instead("missing-theme", &Text(at), message, Some(meant), false, "");
        return;
    }
    if open_ended(scope) || !scope.type_has_packages() {
        return;
    }
    let splash = splash.filter(|at| of_some(at, family(scope)));
    let brings = |theme: &str| {
        let theme = theme.to_ascii_lowercase();
        move |n: &str| n.to_ascii_lowercase().contains(&theme)
    };
    // The usual look of SUSE's own systems comes with Plymouth, and of Fedora's with another theme.
    let spinner = || scope.has("plymouth-theme-spinner");
    let comes = |at: &&Element| at.text == "bgrt" && (family(scope) == Family::Suse || spinner());
    if family(scope) == Family::Debian {
        of_debian(scope, splash, menu, found);
        return;
    }
    if let Some(at) = splash.filter(|at| !comes(at))
        && (scope.has("plymouth") || scope.starting("plymouth-theme-").next().is_some())
    {
        let named = brings(&at.text);
        let branded = |n: &str| n.contains("branding") || n.contains("plymouth") && named(n);
        if !scope
            .starting("plymouth-")
            .chain(scope.starting("branding-"))
            .any(branded)
        {
            let message = format!("no list installs the theme `{}` of the boot splash", at.text);
            let label = format!("add `plymouth-theme-{}`", at.text);
            let told = found.once("missing-theme", "splash", &Text(at), message, label);
            if told.is_some() {
                package(scope, &format!("plymouth-theme-{}", at.text), For::All, found);
            }
        }
    }
    let grub = scope.kind().child("bootloader").and_then(|b| b.attrs.get("name")) == Some("grub2");
    if let Some(at) = menu.filter(|_| grub && !scope.recommended() && family(scope) == Family::Suse)
        && scope
            .starting("grub2")
            .any(|n| super::names::owner(n).is_none_or(|of| of == Family::Suse))
    {
        let named = brings(&at.text);
        let part = |part| scope.with_part(part).next().is_some();
        let theme = || scope.with_part("theme").any(|n| !n.starts_with("plymouth"));
        let looks = || {
            let all = scope.starting("grub2");
            all.filter_map(|n| n.strip_prefix("grub2-branding-"))
        };
        // The folder of a theme is called as its package, capitals too.
        let cased = looks().find(|l| l.eq_ignore_ascii_case(&at.text) && at.text != **l);
        if cased.is_none() && (scope.starting("grub2").any(named) || theme()) {
            return;
        }
        let plain = "the build would go through, and the boot menu would be plain";
        let other = || looks().next().filter(|_| looks().all(|l| l != "upstream"));
        if let Some(other) = cased.or_else(other) {
            let message = format!("the boot menu has no theme `{}`, but `{other}`", at.text);
            let edit = found.replace(&Text(at), other, false);
            let label = format!("did you mean `{other}`?");
            if let Some(told) = found.once("missing-theme", "menu", &Text(at), message, label) {
                told.severity = Severity::Info;
                told.help = Some(plain.into());
                told.fixes.extend(edit);
            }
        } else if !part("branding") && MENUS.contains(&at.text.as_str()) {
            let message = format!("no list installs the theme `{}` of the boot menu", at.text);
            let label = format!("add `grub2-branding-{}`", at.text);
            if let Some(told) = found.once("missing-theme", "menu", &Text(at), message, label) {
                told.severity = Severity::Info;
                told.help = Some(plain.into());
                package(scope, &format!("grub2-branding-{}", at.text), For::All, found);
            }
        }
    }
}

/// Packages of whole desktops, which bring themes.
const DESKTOPS: &[&str] = &[
    "desktop-base",
    "ubuntu-desktop",
    "ubuntu-desktop-minimal",
    "kubuntu-desktop",
    "xubuntu-desktop",
    "xubuntu-core",
    "lubuntu-desktop",
    "ubuntu-mate-desktop",
    "ubuntu-mate-core",
];

/// The same by the names of Debian and its kin, whose packages of themes are called in several ways.
fn of_debian(scope: &Scope<'_>, splash: Option<&Element>, menu: Option<&Element>, found: &mut Found<'_>) {
    let themes = || scope.with_part("theme");
    // A whole desktop brings its looks.
    let desktop = || DESKTOPS.iter().any(|n| scope.has(n)) || scope.starting("task-").next().is_some();
    let known = |start: &str, theme: &str| {
        let name = format!("{start}{theme}");
        super::lists::has(&name, Family::Debian).then_some(name)
    };
    let plymouth = || themes().any(|n| n.starts_with("plymouth-theme"));
    let splash = splash.filter(|_| !scope.recommended());
    if let Some(at) = splash.filter(|_| scope.has("plymouth") && !plymouth() && !desktop()) {
        let name = known("plymouth-theme-", &at.text).unwrap_or_else(|| "plymouth-themes".to_owned());
        let message = format!("no list installs the theme `{}` of the boot splash", at.text);
        let label = format!("add `{name}`");
        if found
            .once("missing-theme", "splash", &Text(at), message, label)
            .is_some()
        {
            package(scope, &name, For::All, found);
        }
    }
    let grub = scope.kind().child("bootloader").and_then(|b| b.attrs.get("name")) == Some("grub2");
    let Some(at) = menu.filter(|_| grub && !themes().any(|n| n.starts_with("grub"))) else {
        return;
    };
    let name = ["grub-theme-", "grub2-themes-"]
        .iter()
        .find_map(|start| known(start, &at.text));
    if let Some(name) = name.filter(|_| !scope.recommended() && !desktop()) {
        let message = format!("no list installs the theme `{}` of the boot menu", at.text);
        let label = format!("add `{name}`");
        if let Some(told) = found.once("missing-theme", "menu", &Text(at), message, label) {
            told.severity = Severity::Info;
            told.help = Some("the build would go through, and the boot menu would be plain".into());
            package(scope, &name, For::All, found);
        }
    }
}
