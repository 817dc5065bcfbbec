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
mod output;
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
    guarded(&context, || commands::run(cli.command, &context)).into()
}

/// Runs a verb. A fault of this program is told as one, with how to report it; where what it prints cannot be written,
/// it says so, and where nobody reads it any more, it ends as a program that the broken pipe ends, without a word.
fn guarded(context: &context::Context, verb: impl FnOnce() -> exit::Exit) -> exit::Exit {
    const UNPRINTED: &str = "failed printing to stdout: ";
    const NO_READER: &str = "failed printing to stdout: Broken pipe";
    let style = report::Style {
        color: context.color_err,
        unicode: context.unicode,
    };
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.to_string();
        if message.contains(NO_READER) {
            return;
        }
        if let Some((_, why)) = message.split_once(UNPRINTED) {
            let why = why.split(" (os error").next().unwrap_or_default();
            eprint!(
                "{}",
                report::plain(&format!("cannot write to standard output: {why}"), None)
            );
        } else {
            let error = apteryx_builder::BuildError::Internal { message };
            eprint!(
                "{}",
                report::build_error(&error, &|_| None, &report::Beyond::default(), style)
            );
        }
    }));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(verb)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map_or("", String::as_str);
        match words {
            _ if words.contains(NO_READER) => exit::Exit::NO_READER,
            _ if words.contains(UNPRINTED) => exit::Exit::USAGE,
            _ => exit::Exit::FAULT,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_program_has_its_own_status() {
        let context = context::Context {
            quiet: false,
            verbose: 0,
            color_out: false,
            color_err: false,
            unicode: false,
            terminal: false,
        };
        let hook = std::panic::take_hook();
        let exit = guarded(&context, || panic!("on purpose"));
        std::panic::set_hook(hook);
        assert_eq!(exit, exit::Exit::FAULT);
    }
}
