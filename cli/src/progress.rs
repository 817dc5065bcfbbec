//! The event stream for people and for programs: lines that run at the bottom of a terminal, plain lines elsewhere,
//! JSON lines for `--events`. Standard output is not touched, save by `--events -`.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Mutex;
use std::time::Duration;

use apteryx_builder::events::{Event, Outcome, Reporter, amount};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::context::Context;

/// Where `--events` goes: a file descriptor's number, or `-` for standard output.
pub fn events_to(target: &str) -> Result<Box<dyn Write + Send>, String> {
    if target == "-" {
        return Ok(Box::new(std::io::stdout()));
    }
    let number: u32 = target
        .parse()
        .map_err(|_| format!("`--events {target}` is neither a file descriptor nor `-`"))?;
    let file = std::fs::OpenOptions::new()
        .append(true)
        .open(format!("/proc/self/fd/{number}"));
    file.map(|f| Box::new(f) as Box<dyn Write + Send>)
        .map_err(|error| format!("file descriptor {number} cannot be written: {error}"))
}

/// One finished step as a line.
fn line(step: &str, outcome: Outcome, seconds: f64, summary: &str, unicode: bool) -> String {
    let mark = match (outcome, unicode) {
        (Outcome::Done, true) => "✓",
        (Outcome::Done, false) => "*",
        (Outcome::Stored, _) => "=",
        (Outcome::Failed, true) => "✗",
        (Outcome::Failed | Outcome::Cancelled, _) => "x",
    };
    format!("  {mark} {step:<14} {summary:<40} {seconds:>6.1} s")
}

/// What begins: name, version, profiles, type with format, architecture.
fn head(parts: [&str; 3], profiles: &[String], kind: &str, unicode: bool) -> String {
    let dot = if unicode { " · " } else { " - " };
    let [name, version, arch] = parts;
    let mut words = vec![format!("{name} {version}").trim_end().to_owned()];
    match profiles {
        [] => {}
        [one] => words.push(format!("profile {one}")),
        more => words.push(format!("profiles {}", more.join(", "))),
    }
    words.extend([kind.to_owned(), arch.to_owned()]);
    format!("Building {}", words.join(dot))
}

/// The step that a finer one belongs to: `prepare` of `prepare/unpack`.
fn whole(step: &str) -> Option<&str> {
    step.split_once('/').map(|(whole, _)| whole)
}

struct Screen {
    context: Context,
    bars: MultiProgress,
    running: HashMap<String, ProgressBar>,
    /// Steps that run, without finer ones.
    open: Vec<String>,
    /// The finer step that failed, in words.
    failed: HashMap<String, String>,
    titles: HashMap<String, String>,
    events: Option<Box<dyn Write + Send>>,
}

impl Screen {
    fn say(&self, text: &str) {
        if !self.context.quiet {
            let text = text.to_owned();
            self.bars.suspend(|| eprintln!("{text}"));
        }
    }

    /// True for a finer step of one that runs: it is shown on that one's line, unless every line is asked for.
    fn hidden(&self, step: &str) -> bool {
        self.context.verbose == 0 && whole(step).is_some_and(|whole| self.open.iter().any(|o| o == whole))
    }

    fn show(&mut self, event: &Event) {
        match event {
            Event::BuildStarted {
                name,
                version,
                profiles,
                image,
                format,
                arch,
            } => {
                let kind = format.as_ref().map_or(image.clone(), |f| format!("{image}, {f}"));
                let unicode = self.context.unicode;
                self.say(&head([name, version, arch], profiles, &kind, unicode));
            }
            Event::StepStarted { step, title } => self.start(step, title),
            Event::Progress {
                step,
                done,
                total,
                unit,
                detail,
            } => {
                let bar = whole(step).and_then(|whole| self.running.get(whole));
                if let Some(bar) = self.running.get(step).or(bar) {
                    bar.set_message(format!("{}  {detail}", amount(*done, *total, unit)));
                }
            }
            Event::Log { step, line } if self.context.verbose > 0 => self.say(&format!("    {step}: {line}")),
            Event::Warning { message, .. } => self.say(&format!("warning: {message}")),
            Event::StepFinished {
                step,
                outcome,
                seconds,
                summary,
            } => self.finish(step, *outcome, *seconds, summary),
            _ => {}
        }
    }

    fn start(&mut self, step: &str, title: &str) {
        self.titles.insert(step.to_owned(), title.to_owned());
        if self.hidden(step) {
            if let Some(bar) = whole(step).and_then(|whole| self.running.get(whole)) {
                bar.set_message(title.to_owned());
            }
            return;
        }
        if whole(step).is_none() {
            self.open.push(step.to_owned());
        }
        if !self.context.terminal || self.context.quiet {
            self.say(&format!("  . {step:<14} {title}"));
            return;
        }
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix:<14} {msg:<40} {elapsed:>5}") {
            bar.set_style(match self.context.unicode {
                true => style,
                false => style.tick_chars("|/-\\ "),
            });
        }
        bar.set_prefix(step.to_owned());
        bar.set_message(title.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        self.running.insert(step.to_owned(), bar);
    }

    fn finish(&mut self, step: &str, outcome: Outcome, seconds: f64, summary: &str) {
        let mut summary = summary.to_owned();
        if outcome == Outcome::Failed {
            if let Some(whole) = whole(step) {
                let title = self.titles.get(step).cloned().unwrap_or_default();
                self.failed.entry(whole.to_owned()).or_insert(title);
            } else if summary.is_empty() {
                summary = self.failed.remove(step).unwrap_or_default();
            }
        }
        if self.hidden(step) {
            return;
        }
        self.open.retain(|open| open != step);
        if let Some(bar) = self.running.remove(step) {
            bar.finish_and_clear();
        }
        self.say(&line(step, outcome, seconds, &summary, self.context.unicode));
    }
}

/// A reporter that shows events as the surroundings allow, and writes each as a JSON line to `events` too.
pub fn reporter(context: &Context, events: Option<Box<dyn Write + Send>>) -> Reporter {
    let screen = Mutex::new(Screen {
        context: *context,
        bars: MultiProgress::new(),
        running: HashMap::new(),
        open: Vec::new(),
        failed: HashMap::new(),
        titles: HashMap::new(),
        events,
    });
    Reporter::new(move |event| {
        let Ok(mut screen) = screen.lock() else { return };
        if let Some(out) = &mut screen.events {
            // Where nobody reads them any more the work still goes on.
            let _ =
                serde_json::to_string(&event).map(|text| writeln!(out, "{text}").and_then(|()| out.flush()));
        }
        screen.show(&event);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_names_what_is_built() {
        let build = |profiles: &[&str], unicode| {
            let profiles: Vec<String> = profiles.iter().map(|p| (*p).to_owned()).collect();
            head(["A", "1.0", "x86_64"], &profiles, "oem, qcow2", unicode)
        };
        assert_eq!(build(&[], false), "Building A 1.0 - oem, qcow2 - x86_64");
        assert_eq!(
            build(&["Disk"], true),
            "Building A 1.0 · profile Disk · oem, qcow2 · x86_64"
        );
    }

    #[test]
    fn a_finished_step_is_one_line() {
        assert_eq!(
            line("create", Outcome::Done, 3.12, "ext4 412 MB", true).trim_end(),
            "  ✓ create         ext4 412 MB                                 3.1 s"
        );
    }
}
