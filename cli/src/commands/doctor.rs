//! `apteryx doctor`: the host's tools and faculties, and what is impossible without those that are not there.

use apteryx_builder::doctor::{Check, State, look};

use crate::context::Context;
use crate::exit::Exit;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Lists what was looked at; exit 4 where something is missing.
pub fn run(args: Args, _context: &Context) -> Exit {
    let checks = look();
    let ok = checks.iter().all(|check| check.state != State::Missing);
    if args.json {
        println!("{:#}", serde_json::json!({ "ok": ok, "checks": checks }));
    } else {
        checks.iter().for_each(|check| print!("{}", words(check)));
    }
    match ok {
        true => Exit::DONE,
        false => Exit::HOST,
    }
}

/// One check as a line, with a second where there is something to do.
fn words(check: &Check) -> String {
    let state = match check.state {
        State::Ok => "ok",
        State::Missing => "missing",
        State::Slow => "slow",
        State::Unneeded => "-",
    };
    let there = if check.state == State::Ok { "there" } else { "" };
    let found = check.found.as_deref().unwrap_or(there);
    let line = format!("  {state:<7} {:<20} {:<32} {found}", check.name, check.needed_for);
    let mut text = format!("{}\n", line.trim_end());
    for more in [&check.message, &check.help].into_iter().flatten() {
        text += &format!("          {more}\n");
    }
    text
}
