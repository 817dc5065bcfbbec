//! What can be wrong with a repository, in words. Decides nothing.

use super::deb_repo::Refresh;
use super::fetch::Failure;
use super::openpgp::{Keyring, Refusal};
use super::release::Release;
use super::spec::{RepoKind, RepoSpec};
use crate::error::BuildError;

/// A file of a repository did not come.
pub fn failed(spec: &RepoSpec, url: &str, failure: Failure) -> BuildError {
    let (code, words) = failure.words();
    if let Failure::Local(error) = failure {
        return error;
    }
    let help = match code {
        "repository-refused" => "give `username` and `password` on its `<source>`",
        "repository-redirects" => "give the address that it leads to in the end, or another mirror's",
        "repository-file-missing" => {
            "the mirror may be in the middle of an update: try again in a few minutes, or use another one"
        }
        "repository-file-too-large" => {
            "what answers may be no mirror, but a page to log in at, or a mirror in the middle of an update"
        }
        _ => "try again later, or use another mirror: `--mirror host` takes the one of this host",
    };
    error(
        spec,
        code,
        format!("repository `{}`: `{url}` {words}", spec.alias),
        Some(help.to_owned()),
    )
}

/// Any finding about a repository.
pub fn error(spec: &RepoSpec, code: &'static str, message: String, help: Option<String>) -> BuildError {
    BuildError::Packages {
        code,
        message,
        place: spec.place.clone(),
        help,
    }
}

impl Refresh<'_> {
    pub(super) fn packages_error(
        &self,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) -> BuildError {
        error(self.spec, code, message, help)
    }

    pub(super) fn failed(&self, url: &str, failure: Failure) -> BuildError {
        failed(self.spec, url, failure)
    }

    pub(super) fn corrupt(&self, url: &str, why: &str) -> BuildError {
        let help = "the mirror may be in the middle of an update; try again in a few minutes";
        let message = format!("`{url}` of repository `{}` is damaged: {why}", self.spec.alias);
        self.packages_error("metadata-corrupt", message, Some(help.into()))
    }

    pub(super) fn expired(&self) -> BuildError {
        self.packages_error(
            "repository-expired",
            format!(
                "the metadata of repository `{}` have expired: nobody has renewed them in time",
                self.spec.alias
            ),
            Some("the mirror is out of date, or this computer's clock is wrong".into()),
        )
    }

    pub(super) fn no_release(&self, base: &str) -> BuildError {
        let RepoKind::Deb { suite, .. } = &self.spec.kind;
        let message = match suite {
            Some(suite) => format!(
                "repository `{}` has no suite `{suite}`: there is no `{base}/InRelease`",
                self.spec.alias
            ),
            None => format!(
                "repository `{}` has no metadata: there is no `{base}/InRelease`",
                self.spec.alias
            ),
        };
        let help = if self.spec.check_metadata && self.spec.is_flat() {
            "name the suite with `distribution`, or allow an unsigned folder with `repository_gpgcheck=\"false\"`"
        } else {
            "look at its `distribution` and at the address"
        };
        self.packages_error("suite-not-found", message, Some(help.into()))
    }

    pub(super) fn not_listed(&self, release: &Release, stem: &str) -> BuildError {
        let component = stem.split("/binary-").next().unwrap_or(stem);
        let components: Vec<&str> = release.words("Components").take(5).collect();
        let arches: Vec<&str> = release.words("Architectures").take(12).collect();
        if release
            .words("Components")
            .any(|c| c == component || c.rsplit('/').next() == Some(component))
        {
            return self.packages_error(
                "architecture-not-found",
                format!(
                    "repository `{}` has no packages for `{}`",
                    self.spec.alias, self.arch
                ),
                Some(format!("it has {}", list(&arches))),
            );
        }
        self.packages_error(
            "component-not-found",
            format!("repository `{}` has no component `{component}`", self.spec.alias),
            Some(if components.is_empty() {
                "it names none".into()
            } else {
                format!("it has {}", list(&components))
            }),
        )
    }

    pub(super) fn refused(&self, file: &str, refusal: &Refusal, ring: Option<&Keyring>) -> BuildError {
        let alias = &self.spec.alias;
        let (code, message) = match refusal {
            Refusal::Unsigned => (
                "signature-missing",
                format!("`{file}` of repository `{alias}` carries no signature"),
            ),
            Refusal::Bad(key) => (
                "signature-bad",
                format!("the signature of `{file}` of repository `{alias}` by key `{key}` is wrong"),
            ),
            Refusal::Unknown(keys) => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).take(5).collect();
                let message = format!(
                    "`{file}` of repository `{alias}` is signed by no trusted key, but by {}",
                    list(&keys)
                );
                ("signature-unknown-key", message)
            }
            Refusal::Unfit(key, why) => (
                "signature-bad",
                format!(
                    "the signature of `{file}` of repository `{alias}` by key `{key}` does not count: {why}"
                ),
            ),
        };
        let help = match ring {
            Some(ring) if ring.len() == 0 => {
                "no key is trusted: give one with `<signing key=\"…\"/>`, or install `debian-archive-keyring`"
                    .to_owned()
            }
            Some(ring) => {
                let sources: Vec<&str> = ring.sources.iter().map(String::as_str).take(5).collect();
                let trusted = format!("trusted are the keys in {}", list(&sources));
                match refusal {
                    Refusal::Unknown(_) => {
                        format!(
                            "{trusted}\nanother is trusted by `<signing key=\"file:///…\"/>` in `<source>`"
                        )
                    }
                    _ => trusted,
                }
            }
            None => "a repository that nobody signs needs `repository_gpgcheck=\"false\"`".to_owned(),
        };
        self.packages_error(code, message, Some(help))
    }
}

fn list(words: &[&str]) -> String {
    words
        .iter()
        .map(|w| format!("`{w}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
