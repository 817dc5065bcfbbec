//! What a description names and its folder does not have: archives, files, scripts, keys, certificates, base images.
//! Of what lies elsewhere on this machine it only notes the absence: the build may run on another.

use rustc_hash::FxHashSet;

use super::{Here, archive, beside_name, items, stem};
use crate::description::folder::Kind;
use crate::description::model::{At, ItemKind};
use crate::diagnostic::Severity;
use crate::rules::found::{Found, near};

/// Judges everything that is named.
pub(in crate::rules) fn check(here: &Here<'_>, found: &mut Found<'_>) {
    let named: FxHashSet<&str> = items(here.image)
        .filter_map(|i| beside_name(&i.name.value))
        .collect();
    let names = here.names.iter().map(String::as_str);
    let look = Look {
        here,
        free: names.filter(|n| !named.contains(n)).collect(),
    };
    entries(&look, found);
    of_types(&look, found);
    repositories(&look, found);
    for section in &here.image.certificates {
        for at in section
            .element
            .all("certificate")
            .filter_map(|c| c.attrs.at("name"))
        {
            if let Some(name) = beside_name(&at.value) {
                look.up(
                    at,
                    name,
                    "certificate",
                    "looked for when the bootstrap is done",
                    found,
                );
            }
        }
    }
}

/// The folder with those of its names that the description does not use already: these are meant by no other.
struct Look<'a> {
    here: &'a Here<'a>,
    free: Vec<&'a str>,
}

impl Look<'_> {
    /// Tells where there is no such thing beside the description, with what is likely meant.
    fn up(&self, at: &At, name: &str, what: &str, when: &str, found: &mut Found<'_>) {
        if self.here.folder.entry(name).is_some() {
            return;
        }
        let message = format!("there is no {what} `{name}` beside the description");
        let names = || self.here.names.iter().map(String::as_str);
        let near = near(name, self.free.iter().copied()).or_else(|| {
            let same = |n: &&str| n.eq_ignore_ascii_case(name) || stem(n) == stem(name) && archive(n);
            let mut all = names().filter(same);
            all.next().filter(|_| all.next().is_none())
        });
        let near = near.filter(|n| self.here.folder.entry(n).is_some_and(|e| e.kind == Kind::File));
        let whole = near.map(|n| at.value.replacen(name, n, 1));
        let label = whole
            .as_deref()
            .map_or_else(|| when.to_owned(), |n| format!("did you mean `{n}`?"));
        let fix = whole.and_then(|n| found.replace(at, &n, true));
        // One thing is missing but once, however many name it: a fix in one of these places mends no other.
        if let Some(told) = found.once("missing-file", &format!("{what} {name}"), at, message, label) {
            told.fixes.extend(fix);
        }
    }

    /// Notes where there is no such thing on this machine.
    fn elsewhere(&self, at: &At, path: &str, what: &str, found: &mut Found<'_>) {
        if path.contains(['$', '{', '%', '@', '*']) || self.here.folder.elsewhere(path) != Some(false) {
            return;
        }
        const RINGS: &[&str] = &[
            "debian-archive-keyring.gpg",
            "ubuntu-archive-keyring.gpg",
            "debian-archive-keyring.pgp",
        ];
        let file = path.strip_prefix("/usr/share/keyrings/").unwrap_or("");
        if what == "key"
            && !RINGS.contains(&file)
            && let Some(meant) = RINGS.iter().find(|r| crate::rules::found::one_keystroke(file, r))
        {
            let message = format!("no distribution has a key `{path}`");
            let part = (file, *meant);
            found.instead_of("missing-file", at, message, part, false);
            return;
        }
        // Where packages put the keys of distributions: the machine that builds has them, and this one need not.
        let packaged = ["/usr/share/", "/etc/pki/", "/usr/lib/rpm/"];
        let names = ["RPM-GPG-KEY-", "archive-keyring", "archlinux", "gpg-pubkey-"];
        let known = packaged.iter().any(|p| path.starts_with(p)) && names.iter().any(|n| path.contains(n));
        if what == "key" && known {
            return;
        }
        let message = format!("there is no {what} `{path}` on this machine");
        if let Some(one) = found.add("missing-file", at, message, "needed on the machine that builds") {
            one.severity = Severity::Info;
        }
    }

    /// A file by its URI, beside the description or elsewhere.
    fn uri(&self, at: &At, what: &str, when: &str, found: &mut Found<'_>) {
        // Behind `#` stands a tag, which is no part of the path.
        let value = at.value.trim().split('#').next().unwrap_or_default();
        let path = value.strip_prefix("file:").unwrap_or(value);
        let path = path.strip_prefix("//").unwrap_or(path);
        if value.starts_with("file:") && path.starts_with('/') {
            self.elsewhere(at, path, what, found);
        } else if (value.starts_with("file:") || !value.contains(':'))
            && let Some(name) = beside_name(path)
        {
            self.up(at, name, what, when, found);
        }
    }
}

fn entries(look: &Look<'_>, found: &mut Found<'_>) {
    for item in items(look.here.image) {
        let what = match item.kind {
            ItemKind::Archive => "archive",
            ItemKind::File => "file",
            _ => continue,
        };
        if item.name.value.trim().starts_with('/') {
            look.elsewhere(&item.name, item.name.value.trim(), what, found);
        }
        let Some(name) = beside_name(&item.name.value) else {
            continue;
        };
        look.up(
            &item.name,
            name,
            what,
            "looked for when the bootstrap is done",
            found,
        );
        let there = look.here.folder.entry(name).is_some();
        if what == "file" && there && name.trim_start_matches("./").contains('/') {
            let message =
                format!("the file `{name}` does not lie beside the description, but in a folder there");
            found.add(
                "file-in-folder",
                &item.name,
                message,
                "move it beside the description",
            );
        }
    }
}

fn of_types(look: &Look<'_>, found: &mut Found<'_>) {
    for kind in look.here.image.preferences.iter().flat_map(|p| &p.types) {
        let attrs = &kind.element.attrs;
        for attribute in ["editbootconfig", "editbootinstall"] {
            let at = attrs.at(attribute);
            if let Some(at) = at.filter(|at| at.value.trim().starts_with('/')) {
                look.elsewhere(at, at.value.trim(), "script", found);
            }
            if let Some((at, name)) = at.and_then(|at| Some((at, beside_name(&at.value)?))) {
                look.up(at, name, "script", "looked for when the bootstrap is done", found);
            }
        }
        let metadata = attrs
            .at("metadata_path")
            .filter(|_| kind.image.value.trim() == "appx");
        if let Some((at, name)) = metadata.and_then(|at| Some((at, beside_name(&at.value)?))) {
            look.up(
                at,
                name,
                "folder",
                "read in create, where the app is packed",
                found,
            );
        }
        let boxes = kind.element.all("vagrantconfig");
        for at in boxes.filter_map(|v| v.attrs.at("embedded_vagrantfile")) {
            if let Some(name) = beside_name(&at.value) {
                look.up(at, name, "file", "put into the box, at the end of create", found);
            }
        }
        let loader = kind.element.child("bootloader");
        // A disk alone has no menu that is made of it, which is noted.
        let media = kind.image.value.trim() != "oem" || crate::rules::idle::medium(attrs);
        let template = loader.filter(|_| media);
        let template = template.and_then(|b| b.attrs.at("grub_template"));
        if let Some((at, name)) = template.and_then(|at| Some((at, beside_name(&at.value)?))) {
            look.up(
                at,
                name,
                "template",
                "read in create, for the menu of the medium",
                found,
            );
        }
        if let Some(at) = attrs
            .at("derived_from")
            .filter(|d| d.value.trim().starts_with("file:"))
        {
            look.uri(at, "base image", "unpacked before the first package", found);
        }
        if let Some(at) = attrs.at("luks").filter(|l| l.value.trim().starts_with("file:")) {
            look.uri(
                at,
                "pass phrase",
                "read in create, where the root is encrypted",
                found,
            );
        }
    }
}

fn repositories(look: &Look<'_>, found: &mut Found<'_>) {
    for repository in &look.here.image.repositories {
        for key in &repository.signing_keys {
            let value = key.value.trim();
            // Of other schemes the grammar speaks.
            if value.starts_with("file:") {
                look.uri(key, "key", "read before the first package", found);
            }
        }
        if let Some(at) = repository.element.attrs.at("customize")
            && let Some(name) = beside_name(&at.value)
        {
            look.up(at, name, "script", "started when the repository is set up", found);
        }
        if repository.source.value.trim().starts_with("this://")
            && let Some(name) = beside_name(&repository.source.value)
            && look.here.folder.entry(name).is_none()
        {
            let message = format!("there is no repository `{name}` beside the description");
            let label = "passed over with a warning";
            if let Some(one) = found.add("missing-file", &repository.source, message, label) {
                one.severity = Severity::Warning;
                one.help =
                    Some("the build would stop in prepare, where no other repository has a package".into());
            }
        }
    }
}
