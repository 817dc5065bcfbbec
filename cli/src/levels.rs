//! How bad each finding counts: `.apteryx.toml` and `--error`, `--warn`, `--off`. Decides nothing about what the grammar
//! refuses: that stays an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use apteryx_schema::diagnostic::{Diagnostic, Severity, Source};

/// The file's name, looked for beside the description and above.
pub const NAME: &str = ".apteryx.toml";

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    checks: BTreeMap<String, Level>,
}

/// What a finding counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// Levels by code.
#[derive(Debug, Clone, Default)]
pub struct Levels(BTreeMap<String, Level>);

impl Levels {
    /// Those of the nearest file for a description at `path`; none where there is no file.
    pub fn beside(path: &Path) -> Result<Self, String> {
        let Some(file) = find(path) else {
            return Ok(Self::default());
        };
        let text =
            std::fs::read_to_string(&file).map_err(|e| format!("cannot read `{}`: {e}", file.display()))?;
        let parsed: File = toml::from_str(&text).map_err(|e| {
            let line = e
                .span()
                .map_or(1, |s| text.get(..s.start).unwrap_or("").lines().count().max(1));
            format!("`{}` line {line}: {}", file.display(), e.message().trim())
        })?;
        Ok(Self(parsed.checks))
    }

    /// The same with another level for each of these codes.
    pub fn with(mut self, codes: &[String], level: Level) -> Self {
        self.0.extend(codes.iter().map(|c| (c.clone(), level)));
        self
    }

    /// Leaves out and changes.
    pub fn apply(&self, found: &mut Vec<Diagnostic>) {
        found.retain_mut(|d| {
            let fixed = matches!(d.source, Source::Xml | Source::Schema) && d.severity == Severity::Error;
            match self.0.get(d.code).filter(|_| !fixed) {
                None => {}
                Some(Level::Off) => return false,
                Some(Level::Info) => d.severity = Severity::Info,
                Some(Level::Warning) => d.severity = Severity::Warning,
                Some(Level::Error) => d.severity = Severity::Error,
            }
            true
        });
    }
}

fn find(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let mut folders = path.ancestors().skip(1);
    folders.find_map(|f| Some(f.join(NAME)).filter(|p| p.is_file()))
}
