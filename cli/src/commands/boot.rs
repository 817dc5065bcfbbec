//! `apteryx boot`: an image in QEMU, its serial console on standard output.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use apteryx_builder::boot::{self, BootRequest, Firmware};
use apteryx_builder::error::BuildError;

use crate::commands::job::target;
use crate::context::Context;
use crate::exit::Exit;

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
    let format = if image.extension().is_some_and(|e| e == "qcow2") {
        "qcow2"
    } else {
        "raw"
    };
    let request = BootRequest {
        format: format.to_owned(),
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
        // Where nobody reads the console the verdict still counts.
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    });
    match result {
        Ok(()) => {
            if !context.quiet && args.until.is_some() {
                eprintln!("\na login prompt showed");
            }
            Exit::DONE
        }
        Err(BuildError::Boot { message, tail }) => {
            eprintln!("\nerror[boot-failed]: {message}");
            if tail.is_empty() {
                eprintln!("  note: the serial console stayed silent");
                eprintln!("  help: a kernel speaks there with `console=ttyS0` in `kernelcmdline`");
            } else {
                eprintln!("  its last lines:");
            }
            for line in tail {
                eprintln!("    {line}");
            }
            BOOT_FAILED
        }
        Err(error) => {
            eprintln!("\nerror[{}]: {error}", error.code());
            Exit::of(&error)
        }
    }
}
