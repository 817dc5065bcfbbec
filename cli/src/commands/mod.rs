//! The verbs: one file each, one line each in `Command` and in `run`.

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;

mod boot;
mod build;
mod check;
mod check_args;
mod check_fix;
mod check_judge;
mod check_output;
mod check_packages;
mod create;
mod doctor;
mod explain;
mod fmt;
mod job;
mod job_end;
mod lsp;
mod migrate;
mod prepare;

/// Every verb.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check, prepare and create in one
    Build(build::Args),
    /// Start an image in QEMU and watch its console
    Boot(boot::Args),
    /// Check descriptions against KIWI's grammar and rules
    Check(check_args::Args),
    /// Say what an element or attribute is for
    Explain(explain::Args),
    /// Lay out descriptions
    Fmt(fmt::Args),
    /// Bring descriptions to the current schema version
    Migrate(migrate::Args),
    /// Make the root tree of an image
    Prepare(prepare::Args),
    /// Make images from a prepared tree
    Create(create::Args),
    /// List the tools of this host, and what is impossible without them
    Doctor(doctor::Args),
    /// Speak the Language Server Protocol on standard input and output
    Lsp(lsp::Args),
}

/// Runs a verb.
pub fn run(command: Command, context: &Context) -> Exit {
    match command {
        Command::Build(args) => build::run(args, context),
        Command::Boot(args) => boot::run(args, context),
        Command::Check(args) => check::run(args, context),
        Command::Explain(args) => explain::run(args, context),
        Command::Fmt(args) => fmt::run(args, context),
        Command::Migrate(args) => migrate::run(args, context),
        Command::Prepare(args) => prepare::run(args, context),
        Command::Create(args) => create::run(args, context),
        Command::Doctor(args) => doctor::run(args, context),
        Command::Lsp(args) => lsp::run(args, context),
    }
}
