//! Codes and levels as the command line has them: what cannot be taken, and what to do.

use std::path::Path;

use apteryx_schema::codes::without_level;
use apteryx_schema::levels::Levels;

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self { message, help: None }
    }
}

/// Refuses codes of the command line that no level can be set for.
pub fn known(codes: &[String]) -> Result<(), Refused> {
    match codes.iter().find_map(|c| without_level(c)) {
        None => Ok(()),
        Some((message, help)) => Err(Refused {
            message,
            help: Some(help),
        }),
    }
}

/// The levels of the nearest `.apteryx.toml` for a description.
pub fn levels(path: &Path) -> Result<Levels, Refused> {
    Levels::beside(path).map_err(|error| Refused {
        message: error.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
        help: Some(error.help),
    })
}
