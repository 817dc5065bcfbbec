//! `apteryx check`: judges descriptions.

use std::path::PathBuf;

use crate::context::Context;
use crate::exit::Exit;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files or folders; `-` is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// Checks every description named or found.
pub fn run(_args: Args, _context: &Context) -> Exit {
    Exit::USAGE
}
