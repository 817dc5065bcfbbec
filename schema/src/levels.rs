//! How bad each finding counts: `.apteryx.toml`, and what a caller sets over it. Decides nothing about what the grammar
//! refuses: that stays an error. Reads that one file only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;

use crate::codes::without_level;
use crate::description::load::reason;
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::text::Span;

/// The file's name, looked for beside the description and above.
pub const NAME: &str = ".apteryx.toml";

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    checks: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
}

/// What a finding counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Not at all.
    Off,
    /// Worth knowing.
    Info,
    /// A warning.
    Warning,
    /// An error.
    Error,
}

impl Level {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "off" => Self::Off,
            "info" => Self::Info,
            "warn" | "warning" => Self::Warning,
            "error" => Self::Error,
            _ => return None,
        })
    }
}

/// Levels by code.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    codes: BTreeMap<String, Level>,
}

/// A file of levels that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}`{}: {reason}", .file.display(), .line.map(|l| format!(" line {l}")).unwrap_or_default())]
pub struct LevelsError {
    /// The file.
    pub file: PathBuf,
    /// Its line from 1, where the text is at fault.
    pub line: Option<usize>,
    /// The bytes at fault; empty at 0 where the text is not.
    pub span: Span,
    /// One sentence.
    pub reason: String,
    /// What to do.
    pub help: String,
}

/// What the file is to look like.
const FORM: &str = "under `[checks]`, each code has `off`, `info`, `warning` or `error`";

impl Levels {
    /// Those of the nearest file for a description at `path`; none where there is no file.
    pub fn beside(path: &Path) -> Result<Self, LevelsError> {
        let Some(file) = find(path) else {
            return Ok(Self::default());
        };
        match std::fs::read_to_string(&file) {
            Ok(text) => Self::parse(&file, &text),
            Err(error) => Err(LevelsError {
                file,
                line: None,
                span: Span::empty(0),
                reason: match error.kind() {
                    std::io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
                    _ => format!("it cannot be read: {}", reason(&error)),
                },
                help: FORM.to_owned(),
            }),
        }
    }

    /// Those that `text` sets; `file` is named where it is at fault. A code that no level can be set for is refused.
    pub fn parse(file: &Path, text: &str) -> Result<Self, LevelsError> {
        let line = |start: usize| text.get(..start).unwrap_or("").matches('\n').count() + 1;
        let fault = |at: std::ops::Range<usize>, reason: String| LevelsError {
            file: file.to_owned(),
            line: Some(line(at.start)),
            span: Span::new(at.start as u32, at.end as u32),
            reason,
            help: FORM.to_owned(),
        };
        let parsed: File = toml::from_str(text)
            .map_err(|e| fault(e.span().unwrap_or(0..0), e.message().trim().to_owned()))?;
        let mut out = Self::default();
        for (code, value) in parsed.checks {
            let written = text.get(value.span()).unwrap_or("");
            let level = value.get_ref().as_str().and_then(Level::named);
            let level = level.ok_or_else(|| {
                let reason = format!("`{}` is no level", written.trim_matches(['"', '\'']));
                fault(value.span(), reason)
            })?;
            if let Some((reason, help)) = without_level(code.get_ref()) {
                let fault = fault(code.span(), reason);
                return Err(LevelsError { help, ..fault });
            }
            out.codes.insert(code.into_inner(), level);
        }
        Ok(out)
    }

    /// The same with another level for each of these codes.
    pub fn with(mut self, codes: &[String], level: Level) -> Self {
        self.codes.extend(codes.iter().map(|c| (c.clone(), level)));
        self
    }

    /// What a finding counts as; none where it is turned off.
    pub fn severity(&self, found: &Diagnostic) -> Option<Severity> {
        let fixed = matches!(found.source, Source::Xml | Source::Schema) && found.severity == Severity::Error;
        match self.codes.get(found.code).filter(|_| !fixed) {
            None => Some(found.severity),
            Some(Level::Off) => None,
            Some(Level::Info) => Some(Severity::Info),
            Some(Level::Warning) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
        }
    }

    /// Leaves out and changes.
    pub fn apply(&self, found: &mut Vec<Diagnostic>) {
        found.retain_mut(|d| {
            let severity = self.severity(d);
            d.severity = severity.unwrap_or(d.severity);
            severity.is_some()
        });
    }
}

/// The file that counts for a description at `path`: beside it or, else, in the nearest folder above.
pub fn find(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let mut folders = path.ancestors().skip(1);
    folders.find_map(|f| Some(f.join(NAME)).filter(|p| p.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &'static str, source: Source) -> Diagnostic {
        Diagnostic::new(code, Severity::Error, source, Span::empty(0), "m")
    }

    #[test]
    fn a_level_counts_for_rules_and_never_for_what_the_grammar_refuses() {
        let text = "[checks]\ninvalid-content = \"off\"\nunused-profile = \"info\"";
        let levels = Levels::parse(Path::new("f"), text).unwrap();
        let mut found = vec![
            error("invalid-content", Source::Rules),
            error("unused-profile", Source::Files),
            error("invalid-content", Source::Schema),
        ];
        levels.apply(&mut found);
        let left: Vec<_> = found.iter().map(|d| (d.code, d.severity)).collect();
        assert_eq!(
            left,
            [
                ("unused-profile", Severity::Info),
                ("invalid-content", Severity::Error)
            ]
        );
    }

    #[test]
    fn a_fault_in_the_file_is_told_with_its_line() {
        let text = "[checks]\nunused-profile = \"loud\"\n";
        let fault = Levels::parse(Path::new(".apteryx.toml"), text).unwrap_err();
        assert_eq!(fault.span.of(text), "\"loud\"");
        assert!(
            fault
                .to_string()
                .starts_with("`.apteryx.toml` line 2: `loud` is no level"),
            "{fault}"
        );
    }
}
