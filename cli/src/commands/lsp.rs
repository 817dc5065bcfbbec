//! `apteryx lsp`: the language server. Standard output belongs to the protocol; nothing here prints.

use crate::context::Context;
use crate::exit::Exit;

/// Arguments of `lsp`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Speak on standard input and output (always so; many clients pass it)
    #[arg(long)]
    pub stdio: bool,
}

/// Serves until the client says `exit`.
pub fn run(_args: Args, _context: &Context) -> Exit {
    match apteryx_lsp::serve_stdio() {
        Ok(true) => Exit::DONE,
        Ok(false) => Exit(1),
        Err(_) => Exit::USAGE,
    }
}
