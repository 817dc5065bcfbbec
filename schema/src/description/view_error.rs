//! Why no view of a description can be had, with what there is to choose instead. Chooses nothing.

use super::model::{At, Image};
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::text::Span;

/// Why no view can be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// No such profile.
    #[error("the description has no profile `{name}`")]
    UnknownProfile {
        /// What was asked for.
        name: String,
        /// At most five declared ones, the nearest first.
        nearest: Vec<String>,
        /// The `requires` that asks for it; none for the command line.
        place: Option<At<()>>,
    },
    /// The profile is not for this architecture.
    #[error("profile `{name}` is not for `{arch}`")]
    ProfileArch {
        /// The profile.
        name: String,
        /// The architecture asked for.
        arch: String,
        /// Its declaration.
        place: At<()>,
    },
    /// No `<type>` of that image among the active ones.
    #[error("no active `<type>` has `image=\"{name}\"`")]
    UnknownType {
        /// What was asked for.
        name: String,
        /// The images there are, at most five.
        active: Vec<String>,
    },
    /// No `<type>` is active at all.
    #[error("no `<type>` is active")]
    NoType {
        /// The profiles selected.
        profiles: Vec<String>,
        /// At most five profiles under which there is a type.
        candidates: Vec<String>,
    },
}

impl ViewError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownProfile { .. } => "unknown-profile",
            Self::ProfileArch { .. } => "profile-arch",
            Self::UnknownType { .. } => "unknown-type",
            Self::NoType { .. } => "no-type",
        }
    }

    /// What to do.
    pub fn help(&self) -> Option<String> {
        let quoted = |names: &[String]| {
            let names: Vec<_> = names.iter().map(|n| format!("`{n}`")).collect();
            names.join(", ")
        };
        match self {
            Self::UnknownProfile { nearest, .. } if nearest.is_empty() => {
                Some("the description declares no profile".into())
            }
            Self::UnknownProfile { nearest, .. } => Some(format!("declared: {}", quoted(nearest))),
            Self::ProfileArch { .. } => None,
            Self::UnknownType { active, .. } => Some(format!("active: {}", quoted(active))),
            Self::NoType { candidates, .. } if candidates.is_empty() => {
                Some("add a `<type image=\"…\">` to `<preferences>`".into())
            }
            Self::NoType { candidates, .. } => Some(format!(
                "select a profile with `--profile`: {}",
                quoted(candidates)
            )),
        }
    }

    /// Where in the description, if anywhere.
    pub fn place(&self) -> Option<At<()>> {
        match self {
            Self::UnknownProfile { place, .. } => place.clone(),
            Self::ProfileArch { place, .. } => Some(place.clone()),
            Self::UnknownType { .. } | Self::NoType { .. } => None,
        }
    }

    /// As a finding; without a place of its own it stands at the first `<preferences>`.
    pub fn diagnostic(&self, image: &Image) -> Diagnostic {
        let first = image
            .preferences
            .first()
            .map(|p| (p.element.file, p.element.name_span));
        let (file, span) = self
            .place()
            .map(|p| (p.file, p.span))
            .or(first)
            .unwrap_or((Default::default(), Span::empty(0)));
        let mut d = Diagnostic::new(
            self.code(),
            Severity::Error,
            Source::Rules,
            span,
            self.to_string(),
        );
        d.file = file;
        d.help = self.help().map(Into::into);
        d
    }
}

/// Of more names than this the first are looked at.
const MOST: usize = 1000;

/// At most five names, the nearest first.
pub fn nearest<'n>(name: &str, among: impl Iterator<Item = &'n str>) -> Vec<String> {
    let lower = name.to_lowercase();
    let mut found: Vec<_> = among
        .take(MOST)
        .map(|n| {
            (
                strsim::damerau_levenshtein(&lower, &n.to_lowercase()),
                n.to_owned(),
            )
        })
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().take(5).map(|(_, n)| n).collect()
}
