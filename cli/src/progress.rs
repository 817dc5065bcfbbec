//! The event stream for people and for programs: lines that run at the bottom of a terminal, plain lines elsewhere,
//! JSON lines for `--events`. Standard output is not touched, save by `--events -`.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Mutex;
use std::time::Duration;

use apteryx_builder::events::{Event, Outcome, Reporter};
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

struct Screen {
    context: Context,
    bars: MultiProgress,
    running: HashMap<String, ProgressBar>,
    events: Option<Box<dyn Write + Send>>,
}

impl Screen {
    fn say(&self, text: &str) {
        if !self.context.quiet {
            let text = text.to_owned();
            self.bars.suspend(|| eprintln!("{text}"));
        }
    }

    fn show(&mut self, event: &Event) {
        let bars = self.context.terminal && !self.context.quiet;
        match event {
            Event::StepStarted { step, title } if bars => {
                let bar = self.bars.add(ProgressBar::new_spinner());
                if let Ok(style) =
                    ProgressStyle::with_template("  {spinner} {prefix:<14} {msg:<40} {elapsed:>5}")
                {
                    bar.set_style(style);
                }
                bar.set_prefix(step.clone());
                bar.set_message(title.clone());
                bar.enable_steady_tick(Duration::from_millis(100));
                self.running.insert(step.clone(), bar);
            }
            Event::StepStarted { step, title } => self.say(&format!("  . {step:<14} {title}")),
            Event::Progress { step, detail, .. } => {
                if let Some(bar) = self.running.get(step) {
                    bar.set_message(detail.clone());
                }
            }
            Event::Log { step, line } if self.context.verbose > 0 => self.say(&format!("    {step}: {line}")),
            Event::Warning { message, .. } => self.say(&format!("warning: {message}")),
            Event::StepFinished {
                step,
                outcome,
                seconds,
                summary,
            } => {
                if let Some(bar) = self.running.remove(step) {
                    bar.finish_and_clear();
                }
                self.say(&line(step, *outcome, *seconds, summary, self.context.unicode));
            }
            _ => {}
        }
    }
}

/// A reporter that shows events as the surroundings allow, and writes each as a JSON line to `events` too.
pub fn reporter(context: &Context, events: Option<Box<dyn Write + Send>>) -> Reporter {
    let screen = Mutex::new(Screen {
        context: *context,
        bars: MultiProgress::new(),
        running: HashMap::new(),
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
    fn a_finished_step_is_one_line() {
        assert_eq!(
            line("create", Outcome::Done, 3.14, "ext4 412 MB", true).trim_end(),
            "  ✓ create         ext4 412 MB                                 3.1 s"
        );
    }
}
