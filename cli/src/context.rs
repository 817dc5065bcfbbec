//! What every verb knows about its surroundings: how loud, and what the screen can show.

use std::io::IsTerminal;

use clap::{ArgAction, Args, ValueEnum};

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Options that every verb takes, before or after it.
#[derive(Debug, Args)]
pub struct Global {
    /// Only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Every line that tools print
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t)]
    pub color: ColorChoice,
}

/// The surroundings, decided once.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// `-q`.
    pub quiet: bool,
    /// `-v` as often as given.
    pub verbose: u8,
    /// Standard output takes colours.
    pub color_out: bool,
    /// Standard error takes colours.
    pub color_err: bool,
    /// Box drawing and ticks can be shown.
    pub unicode: bool,
    /// Standard error is a terminal (progress at the bottom).
    pub terminal: bool,
}

impl Context {
    /// Reads options and environment.
    pub fn new(global: &Global) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let dumb = set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        let color = |tty: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => tty && !dumb,
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|n| std::env::var(n).ok().filter(|v| !v.is_empty()))
            .unwrap_or_default()
            .to_ascii_lowercase();
        Self {
            quiet: global.quiet,
            verbose: global.verbose,
            color_out: color(std::io::stdout().is_terminal()),
            color_err: color(std::io::stderr().is_terminal()),
            unicode: locale.contains("utf-8") || locale.contains("utf8"),
            terminal: std::io::stderr().is_terminal() && !dumb,
        }
    }
}
