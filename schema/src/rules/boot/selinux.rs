//! SELinux asked for without a policy that the image has. Knows how distributions with RPM call the packages; asks no
//! repository.

use super::kernel_words::{place, words};
use crate::rules::found::Found;
use crate::rules::packages::offers::{self, For};
use crate::rules::packages::{Family, family, open_ended};
use crate::rules::scope::Scope;

/// How it may be set up to act.
pub(in crate::rules) const MODES: &[&str] = &["enforcing", "permissive", "disabled"];

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    policy(scope, found);
    if scope.image() == "oem" {
        enforced(scope, found);
    }
}

/// A policy of SELinux that no list installs.
fn policy(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(at) = scope.kind().attrs.at("selinux_policy") else {
        return;
    };
    let value = at.value.trim();
    let (package, mut names) = match family(scope) {
        Family::RedHat | Family::Suse => (
            format!("selinux-policy-{value}"),
            scope.starting("selinux-policy"),
        ),
        _ => return,
    };
    // The smallest group of Red Hat's has the usual policy.
    let brought =
        scope.brings(|_| true) && value == "targeted" || scope.starting("patterns-").next().is_some();
    // Another policy that is listed says that this one was meant to be, whatever else there is.
    let other = value != "targeted"
        && ["targeted", "minimum", "mls", "sandbox"]
            .iter()
            .any(|p| *p != value && scope.has(&format!("selinux-policy-{p}")));
    if (!scope.type_has_packages() || open_ended(scope) || brought) && !other || scope.has(&package) {
        return;
    }
    if value == "targeted" && names.next().is_some() {
        return;
    }
    let message = format!("no list installs `{package}`, by which files are to be labelled");
    let label = format!("add the package `{package}`");
    if let Some(told) = found.once("missing-disk-tool", "selinux", at, message, label) {
        told.help = Some("the build would go through, and no file be labelled".into());
        offers::package(scope, &package, For::All, found);
    }
}

/// Packages that bring a policy, or that are about one.
const BRINGING: &[&str] = &[
    "container-selinux",
    "k3s-selinux",
    "rke2-selinux",
    "cockpit-selinux",
];

/// The kernel's line asks for SELinux, which has no policy then.
fn enforced(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(line) = scope.kind().attrs.at("kernelcmdline") else {
        return;
    };
    if !line.value.contains("selinux") || family(scope) != Family::Suse || scope.recommended() {
        return;
    }
    let Some(all) = words(&line.value) else { return };
    let given = |wanted: &str| all.iter().find(|w| w.text == wanted);
    let asked = given("security=selinux").or_else(|| given("selinux=1"));
    let Some(asked) = asked.filter(|_| given("selinux=0").is_none()) else {
        return;
    };
    // What is for writing one is none.
    let of_policy = |n: &str| !["-devel", "-doc", "-sandbox"].iter().any(|end| n.ends_with(end));
    let listed = scope.starting("selinux-policy").any(of_policy) || BRINGING.iter().any(|n| scope.has(n));
    let brought = || super::loaders::patterns(scope) || super::kernels::own_base(scope);
    if listed || !scope.type_has_packages() || open_ended(scope) || brought() {
        return;
    }
    let message = "SELinux is asked for, and no list installs a policy".to_owned();
    let at = place(scope.whole.image, line, asked.at, asked.text);
    let label = "add `selinux-policy-targeted`";
    if let Some(told) = found.once("missing-disk-tool", "selinux", &at, message, label) {
        told.help = Some("the build would go through, and the guest start without SELinux, or not at all where it is enforced".into());
        offers::package(scope, "selinux-policy-targeted", For::All, found);
    }
}
