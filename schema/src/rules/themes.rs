//! Themes of the boot splash and of the boot menu that no list installs. Knows how distributions with RPM call their
//! packages of themes; asks no repository.

use super::found::{Found, Text};
use super::packages::{Family, family, open_ended};
use super::scope::Scope;
use crate::diagnostic::Severity;

/// Themes that Plymouth has by itself.
const OWN: &[&str] = &["text", "details", "tribar"];

/// Judges one view.
pub(super) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let setting = |name: &str| scope.view.first(name).filter(|e| !e.text.is_empty());
    let splash = setting("bootsplash-theme").filter(|s| !OWN.contains(&s.text.as_str()));
    let menu = setting("bootloader-theme");
    if splash.is_none() && menu.is_none() || !matches!(family(scope), Family::Suse | Family::RedHat) {
        return;
    }
    if open_ended(scope) || !scope.type_has_packages() {
        return;
    }
    let brings = |theme: &str| {
        let theme = theme.to_ascii_lowercase();
        move |n: &str| n.to_ascii_lowercase().contains(&theme)
    };
    if let Some(at) = splash
        && scope.has("plymouth")
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
            found.once("missing-theme", "splash", &Text(at), message, label);
        }
    }
    let grub = scope.kind().child("bootloader").and_then(|b| b.attrs.get("name")) == Some("grub2");
    if let Some(at) = menu.filter(|_| grub && !scope.recommended() && family(scope) == Family::Suse)
        && scope.starting("grub2").next().is_some()
    {
        let named = brings(&at.text);
        let part = |part| scope.with_part(part).next().is_some();
        if !part("branding") && !part("theme") && !scope.starting("grub2").any(named) {
            let message = format!("no list installs the theme `{}` of the boot menu", at.text);
            let label = format!("add `grub2-branding-{}`", at.text);
            if let Some(told) = found.once("missing-theme", "menu", &Text(at), message, label) {
                told.severity = Severity::Info;
                told.help = Some("the build would go through, and the boot menu would be plain".into());
            }
        }
    }
}
