//! `apteryx boot`: an image in QEMU, its serial console on standard output.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use apteryx_builder::boot::{self, BootRequest, Firmware};
use apteryx_builder::error::BuildError;
use apteryx_builder::events::{Event, Outcome};

use crate::commands::job::target;
use crate::commands::job_end;
use crate::context::Context;
use crate::exit::Exit;
use crate::progress;
use crate::report::{self, Beyond};

/// The exit code of a boot that fails. UX.md's table says 6; the agreed contract of this verb says 1, and it holds.
const BOOT_FAILED: Exit = Exit(1);

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Until {
    /// A login prompt on the serial console
    Login,
}

/// Which firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FirmwareChoice {
    /// SeaBIOS
    Bios,
    /// OVMF
    Uefi,
}

/// Arguments of `boot`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A description's folder, a folder of results, or an image
    #[arg(default_value = ".", value_name = "DIR|IMAGE")]
    pub image: PathBuf,
    /// End with a verdict instead of running on
    #[arg(long, value_enum)]
    pub until: Option<Until>,
    /// Give up after this many seconds
    #[arg(long, default_value_t = 300, value_name = "S")]
    pub timeout: u64,
    /// The firmware to start with [default: what the image's partition table asks for]
    #[arg(long, value_enum)]
    pub firmware: Option<FirmwareChoice>,
    /// The guest's memory in MB
    #[arg(long, default_value_t = 1024, value_name = "MB")]
    pub memory: u64,
    /// Write events as JSON lines to a file descriptor, or to standard output in place of the console
    #[arg(long, value_name = "FD|-")]
    pub events: Option<String>,
}

/// The boot as events: one step, the console's lines, the verdict.
struct Events {
    to: Option<Box<dyn Write + Send>>,
    line: Vec<u8>,
    begin: Instant,
}

impl Events {
    fn begin(to: Option<Box<dyn Write + Send>>, image: &Path) -> Self {
        let mut events = Self {
            to,
            line: Vec::new(),
            begin: Instant::now(),
        };
        events.say(&Event::StepStarted {
            step: "boot".to_owned(),
            title: format!("Booting {}", image.display()),
        });
        events
    }

    fn say(&mut self, event: &Event) {
        // Where nobody reads the events the verdict still counts.
        if let (Some(to), Ok(line)) = (&mut self.to, serde_json::to_string(event)) {
            let _ = writeln!(to, "{line}").and_then(|()| to.flush());
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        if self.to.is_none() {
            return;
        }
        for byte in bytes {
            match byte {
                b'\n' => self.end_line(),
                _ if self.line.len() < 4096 => self.line.push(*byte),
                _ => {}
            }
        }
    }

    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line).trim_end().to_owned();
        self.line.clear();
        self.say(&Event::Log {
            step: "boot".to_owned(),
            line,
        });
    }

    fn end(mut self, outcome: Outcome, exit: Exit, message: &str) {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.say(&Event::StepFinished {
            step: "boot".to_owned(),
            outcome,
            seconds: self.begin.elapsed().as_secs_f64(),
            summary: message.to_owned(),
        });
        self.say(&Event::Finished {
            ok: exit.0 == 0,
            exit_code: exit.0.into(),
            message: message.to_owned(),
            log: None,
        });
    }
}

/// The image itself, or the newest disk of a folder or of its `out`.
fn find(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_owned());
    }
    let disks = |dir: &Path| -> Option<PathBuf> {
        let files = std::fs::read_dir(dir).ok()?.flatten().map(|e| e.path());
        let disks = files.filter(|p| p.extension().is_some_and(|e| e == "raw" || e == "qcow2"));
        disks.max_by_key(|p| std::fs::metadata(p).and_then(|m| m.modified()).ok())
    };
    disks(&target(path, None)).or_else(|| disks(path))
}

/// Boots.
pub fn run(args: Args, context: &Context) -> Exit {
    let Some(image) = find(&args.image) else {
        eprintln!(
            "error[no-image]: `{}` holds no disk that can be started",
            args.image.display()
        );
        eprintln!("  help: `apteryx build` makes one");
        return Exit::USAGE;
    };
    if let Some((what, help)) = boot::image::fault(&image) {
        eprintln!("error[no-image]: `{}` {what}", image.display());
        eprintln!("  help: {help}");
        return Exit::USAGE;
    }
    let to = match args.events.as_deref().map(progress::events_to).transpose() {
        Ok(to) => to,
        Err(message) => {
            eprintln!("error[events]: {message}");
            return Exit::USAGE;
        }
    };
    let console = args.events.as_deref() != Some("-");
    let mut events = Events::begin(to, &image);
    let request = BootRequest {
        format: boot::image::format(&image).to_owned(),
        firmware: match args.firmware {
            Some(FirmwareChoice::Uefi) => Firmware::Uefi,
            Some(FirmwareChoice::Bios) => Firmware::Bios,
            None => boot::firmware::of_image(&image),
        },
        memory: args.memory,
        until_login: args.until == Some(Until::Login),
        timeout: Duration::from_secs(args.timeout),
        image,
    };
    let result = boot::run(&request, |bytes| {
        events.add(bytes);
        if !console {
            return;
        }
        // Where nobody reads the console the verdict still counts.
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    });
    let exit = match &result {
        Ok(()) => Exit::DONE,
        Err(BuildError::Boot { .. }) => BOOT_FAILED,
        Err(error) => Exit::of(error),
    };
    let (outcome, message) = match &result {
        Ok(()) if args.until.is_some() => (Outcome::Done, "a login prompt showed".to_owned()),
        Ok(()) => (Outcome::Done, "the guest ended".to_owned()),
        Err(error @ BuildError::Cancelled { .. }) => (Outcome::Cancelled, error.to_string()),
        Err(error) => (Outcome::Failed, error.to_string()),
    };
    events.end(outcome, exit, &message);
    match result {
        Ok(()) => {
            if !context.quiet && args.until.is_some() {
                eprintln!("\na login prompt showed");
            }
        }
        Err(BuildError::Boot { message, tail }) => {
            eprintln!("\nerror[boot-failed]: {message}");
            if tail.is_empty() {
                eprintln!("  note: the serial console stayed silent");
                let other = request.firmware == Firmware::Bios
                    && boot::firmware::of_image(&request.image) == Firmware::Uefi;
                eprintln!(
                    "  help: {}",
                    match other {
                        true => "the disk starts from UEFI alone, leave `--firmware bios` out",
                        false => "a kernel speaks there with `console=ttyS0` in `kernelcmdline`",
                    }
                );
            } else {
                eprintln!("  its last lines:");
            }
            for line in tail {
                eprintln!("    {line}");
            }
        }
        Err(error) => {
            let after = match &error {
                BuildError::Host { .. } => vec![("try", job_end::DOCTOR.to_owned())],
                _ => Vec::new(),
            };
            let beyond = Beyond { asked: None, after };
            eprint!(
                "\n{}",
                report::build_error(&error, &|_| None, &beyond, job_end::style(context))
            );
        }
    }
    exit
}
