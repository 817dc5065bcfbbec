//! What a description says about a repository, made precise: where it is, what it holds, who signs it.

use std::path::{Path, PathBuf};

use apteryx_schema::description::model::Repository;

use super::mirror::HostMirror;
use crate::error::{BuildError, Place};

/// Which metadata a repository has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepoKind {
    /// A Debian archive.
    Deb {
        /// `dists/SUITE`; none for a flat repository (Release and Packages beside the packages). A suite with a slash
        /// at its end is a flat one in that folder.
        suite: Option<String>,
        /// `main`, `contrib`, …; empty for a flat one.
        components: Vec<String>,
    },
    // rpm-md, pacman and apk join here.
}

/// A key that may sign a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file with one or more OpenPGP keys, armoured or binary.
    File(PathBuf),
    /// The same behind http or https.
    Url(String),
}

/// One repository to read packages from.
#[derive(Debug, Clone)]
pub struct RepoSpec {
    /// The description's name for it, or one made from its address.
    pub alias: String,
    /// `http://…`, `https://…` or `file:///…`, without a slash at its end.
    pub uri: String,
    /// Its metadata.
    pub kind: RepoKind,
    /// Keys of the description; empty for the host's archive keyrings (Debian and Ubuntu archives only).
    pub signing_keys: Vec<KeySource>,
    /// Check the signature of the metadata (default).
    pub check_metadata: bool,
    /// Check each package against the metadata (always done by checksum; kept for managers that sign packages).
    pub check_packages: bool,
    /// The description's priority. For Debian it is apt's pin: the larger number wins, 500 where there is none.
    pub priority: Option<i64>,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// Where the description names it.
    pub place: Place,
}

impl RepoSpec {
    /// Reads KIWI's attributes. `base_dir` is the description's folder (for `this://`); `mirror` replaces the address
    /// of a Debian or Ubuntu archive by the one that the host uses.
    pub fn from_description(
        repo: &Repository,
        base_dir: &Path,
        mirror: Option<&HostMirror>,
    ) -> Result<RepoSpec, BuildError> {
        let attrs = &repo.element.attrs;
        let place = Some(repo.source.place());
        let refuse = |code, message: String, help: Option<&str>| {
            Err(BuildError::Description {
                code,
                message,
                place: place.clone(),
                help: help.map(str::to_owned),
            })
        };
        match attrs.get("type") {
            None | Some("apt-deb" | "deb-dir") => {}
            Some(other) => {
                let help = "`type=\"apt-deb\"` is the one for the package manager `apt`";
                return refuse(
                    "repository-type",
                    format!("repositories of type `{other}` are not read yet"),
                    Some(help),
                );
            }
        }
        let path = repo.source.value.trim();
        let (mut uri, mut credentials) = match address(path, base_dir) {
            Ok(found) => found,
            Err((message, help)) => return refuse("repository-source", message, help),
        };
        let source = repo.element.child("source");
        let given = |name: &str| {
            source
                .and_then(|s| s.attrs.get(name))
                .or_else(|| attrs.get(name))
                .filter(|v| !v.is_empty())
        };
        if let Some(user) = given("username") {
            credentials = Some((user.to_owned(), given("password").unwrap_or("").to_owned()));
        }
        let suite = attrs
            .get("distribution")
            .filter(|s| !s.is_empty() && !matches!(*s, "." | "./" | "/"));
        let flat = suite.is_none_or(|s| s.ends_with('/'));
        let mut components: Vec<String> = attrs
            .get("components")
            .unwrap_or("")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if let Some(bad) = components.iter().find(|c| c.contains(',')) {
            let message = format!("the component `{bad}` holds a comma");
            return refuse(
                "repository-components",
                message,
                Some("components are separated by spaces: `main contrib`"),
            );
        }
        if flat {
            components.clear();
        } else if components.is_empty() {
            components.push("main".into());
        }
        if let (Some(mirror), Some(suite)) = (mirror, suite)
            && let Some(own) = mirror.replace(&uri, suite, &components)
        {
            uri = own;
        }
        let mut signing_keys = Vec::new();
        for key in &repo.signing_keys {
            match address(key.value.trim(), base_dir) {
                Ok((uri, _)) => signing_keys.push(match super::fetch::file_path(&uri) {
                    Some(path) => KeySource::File(path),
                    None => KeySource::Url(uri),
                }),
                Err((message, help)) => return refuse("signing-key-source", message, help),
            }
        }
        let alias = match attrs.get("alias").filter(|a| !a.is_empty()) {
            Some(alias) => alias.to_owned(),
            None => name_of(&uri, suite),
        };
        Ok(RepoSpec {
            alias,
            uri,
            kind: RepoKind::Deb {
                suite: suite.map(str::to_owned),
                components,
            },
            signing_keys,
            check_metadata: attrs.bool("repository_gpgcheck").unwrap_or(true),
            check_packages: attrs.bool("package_gpgcheck").unwrap_or(true),
            priority: attrs.get("priority").and_then(|p| p.parse().ok()),
            credentials,
            place,
        })
    }

    /// Where Release lies.
    pub fn metadata_base(&self) -> String {
        let RepoKind::Deb { suite, .. } = &self.kind;
        match suite {
            None => self.uri.clone(),
            Some(folder) if folder.ends_with('/') => format!("{}/{}", self.uri, folder.trim_matches('/')),
            Some(suite) => format!("{}/dists/{suite}", self.uri),
        }
    }

    /// Release and Packages lie in one folder.
    pub fn is_flat(&self) -> bool {
        let RepoKind::Deb { suite, .. } = &self.kind;
        suite.as_ref().is_none_or(|s| s.ends_with('/'))
    }
}

type Refused = (String, Option<&'static str>);

/// The address behind one of KIWI's schemes, with the user and password in it.
fn address(path: &str, base_dir: &Path) -> Result<(String, Option<(String, String)>), Refused> {
    if path.is_empty() {
        return Err(("a repository has no address".into(), None));
    }
    let local = |path: PathBuf| {
        let path = std::path::absolute(&path).unwrap_or(path);
        let url = url::Url::from_file_path(&path)
            .map_err(|()| (format!("`{}` is no path", path.display()), None))?;
        Ok((url.as_str().trim_end_matches('/').to_owned(), None))
    };
    if path.starts_with('/') {
        return local(path.into());
    }
    let Some((scheme, rest)) = path.split_once(':') else {
        return Err((
            format!("`{path}` is no address"),
            Some("use https://, http://, file:///, dir:/// or this://"),
        ));
    };
    // `dir:///srv/x`, `dir:/srv/x` and `file:/srv/x` mean the same folder.
    let folder = || format!("/{}", rest.trim_start_matches('/'));
    match scheme {
        "dir" | "file" => local(folder().into()),
        "this" => local(base_dir.join(rest.trim_start_matches('/'))),
        "http" | "https" => {
            let bad = |e: url::ParseError| (format!("`{path}` is no address: {e}"), None);
            let mut url = url::Url::parse(path).map_err(bad)?;
            let decoded = |text: &str| {
                url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
                    .next()
                    .map_or_else(String::new, |(_, v)| v.into_owned())
            };
            let credentials = (!url.username().is_empty())
                .then(|| (decoded(url.username()), decoded(url.password().unwrap_or(""))));
            let _ = url.set_username("");
            let _ = url.set_password(None);
            Ok((url.as_str().trim_end_matches('/').to_owned(), credentials))
        }
        "obs" | "obsrepositories" => Err((
            format!("`{path}` names a project of a build service, which has no packages for `apt` here"),
            Some("give the address of the repository itself: https://…"),
        )),
        other => Err((
            format!("the scheme `{other}` of `{path}` is not supported"),
            Some("use https://, http://, file:///, dir:/// or this://"),
        )),
    }
}

/// A name for a repository without one.
fn name_of(uri: &str, suite: Option<&str>) -> String {
    let place = uri.split("://").nth(1).unwrap_or(uri).trim_matches('/');
    suite.map_or_else(|| place.to_owned(), |suite| format!("{place} {suite}"))
}

/// Debian's word for an architecture that KIWI names as the kernel does: `x86_64` is `amd64`.
pub fn debian_arch(arch: &str) -> &str {
    match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "i586" | "i686" | "ix86" => "i386",
        "armv7l" | "armv7hl" => "armhf",
        "armv6l" | "armv6hl" | "armv5el" | "armv5tel" => "armel",
        "ppc64le" => "ppc64el",
        "loongarch64" => "loong64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apteryx_schema::description::model::{At, Element, Filter};

    fn at(value: &str) -> At {
        At {
            value: value.into(),
            file: Default::default(),
            span: Default::default(),
        }
    }

    fn repository(path: &str, attrs: &[(&str, &str)]) -> Repository {
        let attrs: Vec<_> = attrs.iter().map(|(n, v)| ((*n).into(), at(v))).collect();
        Repository {
            filter: Filter::default(),
            source: at(path),
            signing_keys: vec![at("this://keys/a.asc")],
            element: Element {
                attrs: attrs.into(),
                ..Element::default()
            },
        }
    }

    #[test]
    fn kiwi_s_attributes_and_schemes_are_read() {
        let read = |path: &str, attrs: &[(&str, &str)]| {
            RepoSpec::from_description(&repository(path, attrs), Path::new("/d"), None)
        };
        let spec = read(
            "https://u:p%40x@h.example/debian/",
            &[("distribution", "bookworm"), ("components", "main  contrib")],
        )
        .unwrap();
        assert_eq!(
            (spec.uri.as_str(), spec.metadata_base().as_str()),
            (
                "https://h.example/debian",
                "https://h.example/debian/dists/bookworm"
            )
        );
        assert_eq!(spec.credentials, Some(("u".into(), "p@x".into())));
        assert_eq!(
            spec.kind,
            RepoKind::Deb {
                suite: Some("bookworm".into()),
                components: vec!["main".into(), "contrib".into()]
            }
        );
        assert_eq!(spec.signing_keys, [KeySource::File("/d/keys/a.asc".into())]);
        assert!(spec.check_metadata);
        for (path, uri) in [
            ("dir:///srv/r", "file:///srv/r"),
            ("this://r", "file:///d/r"),
            ("/srv/r", "file:///srv/r"),
            ("file:/srv/r/", "file:///srv/r"),
        ] {
            let spec = read(path, &[("repository_gpgcheck", "false")]).unwrap();
            assert_eq!(
                (spec.uri.as_str(), spec.is_flat(), spec.check_metadata),
                (uri, true, false),
                "{path}"
            );
        }
        for (path, attrs, code) in [
            ("obs://Virtualization:/repo", [].as_slice(), "repository-source"),
            ("iso:///x.iso", &[], "repository-source"),
            ("nonsense", &[], "repository-source"),
            ("http://h/", &[("type", "rpm-md")], "repository-type"),
            (
                "http://h/",
                &[("distribution", "x"), ("components", "main,contrib")],
                "repository-components",
            ),
        ] {
            assert_eq!(read(path, attrs).unwrap_err().code(), code, "{path}");
        }
    }
}
