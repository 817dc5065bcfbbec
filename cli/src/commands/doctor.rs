//! `apteryx doctor`: the host's tools, and what is impossible without those that are not there.

use apteryx_builder::tools::{TOOLS, find, version};

use crate::context::Context;
use crate::exit::Exit;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Lists the tools; exit 4 where one is missing.
pub fn run(_args: Args, _context: &Context) -> Exit {
    let mut exit = Exit::DONE;
    for tool in &TOOLS {
        let short = tool.name.rsplit('/').next().unwrap_or(tool.name);
        if find(tool.name).is_some() {
            let version = version(tool).unwrap_or_else(|| "there".to_owned());
            println!("  ok      {short:<20} {:<32} {version}", tool.purpose);
        } else {
            exit = Exit::HOST;
            let [debian, suse, fedora] = tool.packages;
            println!("  missing {short:<20} {}", tool.purpose);
            println!("          install `{debian}` (Debian), `{suse}` (openSUSE) or `{fedora}` (Fedora)");
        }
    }
    exit
}
