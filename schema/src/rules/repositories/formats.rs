//! Addresses that lead to packages of another format than the package manager reads, by a folder in them. Asks no server.

use crate::description::model::{Image, Repository};
use crate::rules::found::{Found, around_part};

/// Folders and servers of what apt reads, and of what reads RPM packages.
const DEB: (&[&str], &[&str]) = (&["deb", "debian", "ubuntu"], &["apt.", "deb."]);
const RPM: (&[&str], &[&str]) = (
    &["rpm", "yum", "centos", "fedora", "rhel", "opensuse", "sles"],
    &["yum.", "rpm."],
);

/// The part of an address that says for which packages it is.
fn part<'s>(source: &'s str, (folders, servers): (&[&str], &[&str])) -> Option<&'s str> {
    let (scheme, rest) = around_part(source, "://")?;
    let mut parts = rest.split('/');
    let server = parts.next().filter(|_| scheme.starts_with("http"))?;
    let named = || servers.iter().any(|s| server.starts_with(s)).then_some(server);
    parts.find(|p| folders.contains(p)).or_else(named)
}

/// Judges one of several repositories, where others are for the package manager that reads them all.
pub(in crate::rules) fn judge(
    image: &Image,
    repository: &Repository,
    manager: Option<&str>,
    found: &mut Found<'_>,
) {
    let (own, other, read, folder) = match manager.and_then(super::read_by) {
        Some("apt-deb") => (DEB, RPM, "apt-deb", "deb"),
        Some("rpm-md") => (RPM, DEB, "rpm-md", "rpm"),
        _ => return,
    };
    let wrong = |r: &Repository| {
        let source = r.source.value.trim();
        part(source, own).is_none() && part(source, other).is_some()
    };
    // One that is said to be of another type is told for that.
    let kind = repository.element.attrs.get("type");
    // Nor is one that is written for apt told twice.
    if manager != Some("apt") && repository.element.attrs.get("distribution").is_some() {
        return;
    }
    if !wrong(repository) || kind.is_some_and(|k| k != read) || image.repositories.iter().all(wrong) {
        return;
    }
    let source = &repository.source;
    let Some(word) = part(source.value.trim(), other) else {
        return;
    };
    let manager = manager.unwrap_or("");
    let message = format!("`{word}` is for packages that `{manager}` does not read");
    let plain = matches!(word, "deb" | "rpm");
    match plain {
        true => {
            let (old, new) = (format!("/{word}"), format!("/{folder}"));
            found.instead_of("repository-address", source, message, (old, new), false);
        }
        false => {
            found.add("repository-address", source, message, "of another distribution");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_or_a_server_says_for_which_packages_it_is() {
        for (source, told) in [
            ("https://pkgs.k8s.io/core:/stable:/v1.30/deb/", Some("deb")),
            ("https://download.docker.com/linux/debian", Some("debian")),
            ("https://apt.example.org/stable", Some("apt.example.org")),
            ("https://pkgs.k8s.io/core:/stable:/v1.30/rpm/", None),
            ("obs://OBS:DefaultKernel/deb", None),
            ("https://example.org/debian-like/", None),
        ] {
            assert_eq!(part(source, DEB), told, "{source}");
        }
    }
}
