//! The one binary, `apteryx`: thin verbs over the three libraries. Only this crate prints.
//!
//! A verb is a file `commands/VERB.rs` with `Args` (clap) and `run(args, &Context) -> Exit`, and one line in
//! `commands/mod.rs`. Nothing is done before the verb is known, so that `--version` answers in milliseconds.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod codes;
mod commands;
mod context;
mod diff;
mod excerpt;
mod exit;
mod inputs;
mod job_log;
mod progress;
mod replace;
mod report;

use clap::Parser;

/// Checks KIWI image descriptions, builds and boots the images.
#[derive(Debug, Parser)]
#[command(name = "apteryx", version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: context::Global,
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> std::process::ExitCode {
    // The helpers of a build are this program under hidden verbs.
    if let Some(code) = apteryx_builder::jobs::hidden() {
        return exit::Exit(u8::try_from(code).unwrap_or(exit::Exit::FAULT.0)).into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not errors; clap itself knows which stream each belongs to.
            let code = if error.use_stderr() {
                exit::Exit::USAGE
            } else {
                exit::Exit::DONE
            };
            let _ = error.print();
            return code.into();
        }
    };
    let context = context::Context::new(&cli.global);
    commands::run(cli.command, &context).into()
}
