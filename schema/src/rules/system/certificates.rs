//! Certificates that an image is to trust: for which distribution, under which names, and what is in their files. Checks no
//! signature.

use rustc_hash::FxHashMap;

use crate::description::model::{At, Element, Image};
use crate::rules::files::{Here, beside_name};
use crate::rules::found::{Found, before};

/// The name that KIWI gives the distributions of a package manager, and the package of the tool it calls.
fn distribution(manager: &str) -> Option<(&'static str, &'static str)> {
    match manager {
        "zypper" => Some(("suse", "ca-certificates")),
        "apt" => Some(("debian", "ca-certificates")),
        "dnf4" | "dnf5" | "microdnf" => Some(("redhat", "ca-certificates")),
        "pacman" => Some(("archlinux", "ca-certificates-utils")),
        _ => None,
    }
}

/// The names of all certificates.
fn names(image: &Image) -> impl Iterator<Item = &At> {
    let all = image
        .certificates
        .iter()
        .flat_map(|s| s.element.all("certificate"));
    all.filter_map(|c: &Element| c.attrs.at("name"))
}

/// Judges what the description says.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    if image.certificates.is_empty() {
        return;
    }
    let managers = crate::rules::scope::managers(image);
    let one = managers.first().filter(|m| managers.iter().all(|o| o == *m));
    // Some build SUSE's packages with dnf.
    let suse = image
        .repositories
        .iter()
        .any(|r| r.source.value.to_ascii_lowercase().contains("suse"));
    let own = one
        .and_then(|m| distribution(m))
        .filter(|(name, _)| *name != "redhat" || !suse);
    let mut first: FxHashMap<&str, &At> = FxHashMap::default();
    for section in &image.certificates {
        if let (Some(at), Some((own, _))) = (section.element.attrs.at("target_distribution"), own)
            && at.value.trim() != own
        {
            let message = format!(
                "certificates are kept here as by `{own}`, not as by `{}`",
                at.value.trim()
            );
            found.instead("untrusted-certificate", at, message, Some(own), false, "");
            return;
        }
    }
    for at in names(image) {
        let name = at.value.trim();
        if name.is_empty() {
            found.add(
                "untrusted-certificate",
                at,
                "the certificate has no name".to_owned(),
                "a file beside the description",
            );
        } else if let Some(first) = before(&mut first, name, at) {
            let message = format!("the certificate `{name}` stands twice");
            found.pair(
                "duplicate-setting",
                at,
                message,
                "again",
                first,
                "the first is here",
            );
        }
    }
}

/// What files have in them that are no certificates.
const OTHERS: &[(&str, &str)] = &[
    ("PRIVATE KEY-----", "a private key"),
    ("-----BEGIN CERTIFICATE REQUEST", "a request for a certificate"),
    (
        "-----BEGIN NEW CERTIFICATE REQUEST",
        "a request for a certificate",
    ),
    ("-----BEGIN PUBLIC KEY", "a public key"),
    ("-----BEGIN PGP", "a key of GnuPG"),
    ("-----BEGIN OPENSSH", "a key of OpenSSH"),
];

/// Judges the files of certificates.
pub(in crate::rules) fn check(here: &Here<'_>, found: &mut Found<'_>) {
    for at in names(here.image) {
        let Some(text) = beside_name(&at.value).and_then(|name| here.folder.read(name)) else {
            continue;
        };
        let name = at.value.trim();
        let managers = crate::rules::scope::managers(here.image);
        let debian = !managers.is_empty() && managers.iter().all(|m| *m == "apt");
        if debian && !name.ends_with(".crt") {
            let message =
                format!("Debian takes certificates from files that end in `.crt`, and not `{name}`");
            found.add(
                "untrusted-certificate",
                at,
                message,
                "rename the file to end in `.crt`",
            );
            continue;
        }
        let has = |mark: &str| memchr::memmem::find(&text, mark.as_bytes()).is_some();
        if has("-----BEGIN CERTIFICATE-----") || has("-----BEGIN TRUSTED CERTIFICATE") {
            continue;
        }
        if let Some((_, what)) = OTHERS.iter().find(|(mark, _)| has(mark)) {
            let message = format!("`{}` is {what}, and no certificate", at.value.trim());
            found.add(
                "untrusted-certificate",
                at,
                message,
                "`-----BEGIN CERTIFICATE-----` is expected in it",
            );
        }
    }
}
