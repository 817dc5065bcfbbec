//! What `apteryx check` can be asked for. Judges nothing.

use std::path::PathBuf;

use clap::ValueEnum;

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands.
    Github,
}

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files or folders; `-` is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to show what is found
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// A RELAX NG schema in place of the embedded one
    #[arg(long, value_name = "FILE.rng")]
    pub schema: Option<PathBuf>,
    /// Judge this choice of profiles too
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
    /// Judge this image type too
    #[arg(long = "type", value_name = "IMAGE")]
    pub image_type: Option<String>,
    /// Judge for this machine [default: those that the description names]
    #[arg(long, value_name = "ARCH")]
    pub arch: Option<String>,
    /// The name of standard input
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// Write the safe repairs
    #[arg(long)]
    pub fix: bool,
    /// With `--fix` or `--diff`: the uncertain repairs too
    #[arg(long = "unsafe")]
    pub all: bool,
    /// Show what `--fix` would write
    #[arg(long)]
    pub diff: bool,
    /// Judge package names by the repositories' metadata, fetched where needed
    #[arg(long)]
    pub packages: bool,
    /// `host`: the mirror that the host's own package manager uses
    #[arg(long, value_name = "host", value_parser = ["host"], requires = "packages")]
    pub mirror: Option<String>,
    /// Make a finding an error
    #[arg(long, value_name = "CODE")]
    pub error: Vec<String>,
    /// Make a finding a warning
    #[arg(long, value_name = "CODE")]
    pub warn: Vec<String>,
    /// Leave a finding out
    #[arg(long, value_name = "CODE")]
    pub off: Vec<String>,
}
