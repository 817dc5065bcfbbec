//! Starts an image in QEMU and watches its serial console until there is a verdict. The image itself is never written.

pub mod console;
pub mod firmware;
pub mod image;
pub mod overlay;

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::error::{BuildError, IoContext};
use crate::sandbox::{Cmd, Guest, start_guest};
use console::{Console, Sign};

/// What the machine starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmware {
    /// SeaBIOS.
    Bios,
    /// OVMF.
    Uefi,
}

/// What to start.
#[derive(Debug, Clone)]
pub struct BootRequest {
    /// The disk.
    pub image: PathBuf,
    /// `raw` or `qcow2`.
    pub format: String,
    /// With which firmware.
    pub firmware: Firmware,
    /// MB.
    pub memory: u64,
    /// End with a verdict when a login prompt shows.
    pub until_login: bool,
    /// Give up after this.
    pub timeout: Duration,
}

/// What the probe's guest writes: the firmware writes to the same port, but no byte 1.
const SIGN_OF_LIFE: [u8; 2] = [1, b'K'];
/// How long the probe's emulated guest may take: it says how busy the host is.
const EMULATED: Duration = Duration::from_secs(20);
/// How long the probe may take where nothing can be emulated. A guest that runs needs a tenth of that.
const PROBE: Duration = Duration::from_secs(2);
/// What a guest under KVM has beyond thrice the time of the emulated one.
const START: Duration = Duration::from_millis(300);

/// A guest on the processor itself.
const ACCELERATED: [&str; 4] = ["-accel", "kvm", "-cpu", "host"];
/// A guest on a processor of software.
const EMULATION: [&str; 4] = ["-accel", "tcg,thread=multi", "-cpu", "max"];

/// The board. Without a HPET, as other starters of guests do (systemd-vmspawn, mkosi): a kernel that finds no better
/// clock on an emulated processor takes it, and has then stood still for good in its first second.
const MACHINE: &str = "q35,hpet=off";

/// Bytes of a boot sector that writes [`SIGN_OF_LIFE`] to the debug port 0xe9 and halts. For each byte: mov al,BYTE;
/// out 0xe9,al. Then: hlt; jmp to hlt.
fn probe_sector() -> Vec<u8> {
    let mut sector: Vec<u8> = SIGN_OF_LIFE
        .iter()
        .flat_map(|byte| [0xb0, *byte, 0xe6, 0xe9])
        .collect();
    sector.extend_from_slice(&[0xf4, 0xeb, 0xfd]);
    sector.resize(510, 0);
    sector.extend_from_slice(&[0x55, 0xaa]);
    sector
}

/// True where the guest's own code ran within `limit`: neither a guest that hangs or ends nor a firmware that talks is
/// enough.
fn ran(output: &Receiver<Vec<u8>>, limit: Duration) -> bool {
    let until = Instant::now() + limit;
    let mut last = 0;
    let mut late = 0;
    while let Ok(bytes) = output.recv_timeout(until.saturating_duration_since(Instant::now())) {
        for byte in bytes {
            if [last, byte] == SIGN_OF_LIFE {
                return true;
            }
            last = byte;
        }
        // What was said in time may still wait to be read; who talks without end is not listened to.
        late += u32::from(Instant::now() >= until);
        if late > 100 {
            return false;
        }
    }
    false
}

/// A file without a name: it is gone with this process, however that ends. The guest opens it by the path.
fn nameless(bytes: &[u8]) -> std::io::Result<(File, String)> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
    Ok((file, path))
}

/// What can be said of KVM on this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kvm {
    /// A guest ran.
    Works,
    /// There is no /dev/kvm.
    Absent,
    /// /dev/kvm is not for this user.
    Refused,
    /// It opens, but no guest runs, or far slower than an emulated one, as in many a machine that is itself a guest.
    Hangs,
    /// There is no QEMU to try it with.
    Untried,
}

/// Tries a guest. That /dev/kvm opens and a VM can be made says too little: there are hosts where the guest then hangs,
/// and others where each of its words to a device takes so long that an emulated one is there twenty times sooner. So an
/// emulated one runs beside it, on a host that is as busy for both.
pub fn kvm() -> Kvm {
    let open = std::fs::File::options().read(true).write(true).open("/dev/kvm");
    match open {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Kvm::Refused,
        Err(_) => return Kvm::Absent,
        Ok(_) => {}
    }
    if ["qemu-system-x86_64", "setpriv"]
        .iter()
        .any(|tool| crate::tools::find(tool).is_none())
    {
        return Kvm::Untried;
    }
    let Ok((_disk, path)) = nameless(&probe_sector()) else {
        return Kvm::Untried;
    };
    let begin = Instant::now();
    let guest = |accel: [&str; 4]| {
        let cmd = Cmd::new("qemu-system-x86_64")
            .args(accel)
            .args([
                "-display",
                "none",
                "-nodefaults",
                "-m",
                "16",
                "-debugcon",
                "stdio",
            ])
            .args(["-drive", &format!("file={path},format=raw,file.locking=off")]);
        start_guest(&cmd)
    };
    let (Ok(real), Ok(emulated)) = (guest(ACCELERATED), guest(EMULATION)) else {
        return Kvm::Hangs;
    };
    let limit = match ran(&emulated.output, EMULATED) {
        true => begin.elapsed() * 3 + START,
        false => PROBE,
    };
    drop(emulated);
    match ran(&real.output, limit.saturating_sub(begin.elapsed())) {
        true => Kvm::Works,
        false => Kvm::Hangs,
    }
}

/// OVMF's code and variables.
fn ovmf() -> Option<(PathBuf, PathBuf)> {
    let pairs = [
        (
            "/usr/share/OVMF/OVMF_CODE_4M.fd",
            "/usr/share/OVMF/OVMF_VARS_4M.fd",
        ),
        ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        (
            "/usr/share/edk2/ovmf/OVMF_CODE.fd",
            "/usr/share/edk2/ovmf/OVMF_VARS.fd",
        ),
        (
            "/usr/share/qemu/ovmf-x86_64-code.bin",
            "/usr/share/qemu/ovmf-x86_64-vars.bin",
        ),
    ];
    let mut pairs = pairs
        .into_iter()
        .map(|(a, b)| (PathBuf::from(a), PathBuf::from(b)));
    pairs.find(|(code, vars)| code.is_file() && vars.is_file())
}

/// The command, and the files without a name that live as long as the guest.
fn command(request: &BootRequest, kvm: bool) -> Result<(Cmd, Vec<File>), BuildError> {
    let accel = if kvm { ACCELERATED } else { EMULATION };
    // In an option of QEMU a comma in a file name is doubled.
    let escaped = |path: &Path| path.display().to_string().replace(',', ",,");
    let mut cmd = Cmd::new("qemu-system-x86_64").args(accel);
    cmd = cmd.args([
        "-machine",
        MACHINE,
        "-smp",
        "2",
        "-nic",
        "none",
        "-display",
        "none",
        "-serial",
        "stdio",
        "-no-reboot",
    ]);
    cmd = cmd.args(["-m", &request.memory.to_string()]);
    let image = request.image.canonicalize().at("cannot read", &request.image)?;
    let size = overlay::virtual_size(&image).at("cannot read", &image)?;
    let written = overlay::over(&image, &request.format, size);
    let (layer, path) = nameless(&written).at("cannot write", std::env::temp_dir())?;
    let mut files = vec![layer];
    let drive = format!("file={path},format=qcow2,if=virtio");
    cmd = cmd.args(["-drive", &drive]);
    if request.firmware == Firmware::Uefi {
        let (code, vars) = ovmf().ok_or_else(|| BuildError::Host {
            code: "missing-tool",
            message: "this host has no OVMF, needed for a boot with UEFI".to_owned(),
            help: Some(
                "install `ovmf` (Debian), `qemu-ovmf-x86_64` (openSUSE) or `edk2-ovmf` (Fedora)".to_owned(),
            ),
        })?;
        cmd = cmd.args([
            "-drive",
            &format!("if=pflash,format=raw,readonly=on,file={}", escaped(&code)),
        ]);
        let bytes = std::fs::read(&vars).at("cannot read", &vars)?;
        let (copy, path) = nameless(&bytes).at("cannot write", std::env::temp_dir())?;
        files.push(copy);
        cmd = cmd.args(["-drive", &format!("if=pflash,format=raw,file={path}")]);
    }
    Ok((cmd, files))
}

/// Boots. `show` gets the console's bytes as they come. Ends well at a login prompt (where that is waited for) or when
/// the guest ends by itself (where not); everything else is [`BuildError::Boot`].
pub fn run(request: &BootRequest, mut show: impl FnMut(&[u8])) -> Result<(), BuildError> {
    crate::tools::require(&["qemu-system-x86_64", "setpriv"])?;
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let value = usize::try_from(number).unwrap_or(2);
        signal_hook::flag::register_usize(number, signal.clone(), value).at("cannot watch", "the signals")?;
    }
    let (cmd, _files) = command(request, kvm() == Kvm::Works)?;
    let guest: Guest = start_guest(&cmd)?;
    let mut console = Console::default();
    let end = Instant::now() + request.timeout;
    let failed = |message: String, console: &Console| BuildError::Boot {
        message,
        tail: console.tail(),
    };
    loop {
        match signal.load(Ordering::Relaxed) {
            0 => {}
            number => {
                return Err(BuildError::Cancelled {
                    signal: i32::try_from(number).unwrap_or(2),
                });
            }
        }
        match guest.output.recv_timeout(Duration::from_millis(100)) {
            Ok(bytes) => {
                show(&bytes);
                console.add(&bytes);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if request.until_login => {
                return Err(failed(
                    "the guest ended before a login prompt showed".to_owned(),
                    &console,
                ));
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if !request.until_login {
            continue;
        }
        match console.sign() {
            Some(Sign::Login) => return Ok(()),
            Some(Sign::Panic) => return Err(failed("the kernel panicked".to_owned(), &console)),
            Some(Sign::Emergency) => {
                return Err(failed("the guest went into emergency mode".to_owned(), &console));
            }
            Some(Sign::Nothing) => {
                return Err(failed("the firmware found nothing to start".to_owned(), &console));
            }
            Some(Sign::Loader) => return Err(failed("GRUB stopped at its own prompt".to_owned(), &console)),
            None => {}
        }
        if Instant::now() > end {
            let seconds = request.timeout.as_secs();
            return Err(failed(format!("no login prompt within {seconds} s"), &console));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn only_code_of_the_guest_itself_shows_that_it_runs() {
        let limit = Duration::from_millis(50);
        let hears = |chunks: &[&[u8]], stays: bool| {
            let (send, output) = channel();
            for chunk in chunks {
                send.send(chunk.to_vec()).expect("it is open");
            }
            let kept = stays.then_some(send);
            let verdict = ran(&output, limit);
            drop(kept);
            verdict
        };
        assert!(hears(
            &[b"SeaBIOS (version 1.16)\n", b"Booting from Hard Disk...\n\x01K"],
            true
        ));
        assert!(hears(&[b"SeaBIOS\n\x01", b"K"], true), "cut in the middle");
        assert!(
            !hears(&[b"Running on K", b"VM\n", b"K"], true),
            "the firmware talks"
        );
        assert!(!hears(&[], true), "it hangs");
        assert!(
            !hears(&[b"could not access KVM kernel module\n"], false),
            "it ended"
        );
        let (send, output) = channel();
        let endless = std::thread::spawn(move || while send.send(b"x".to_vec()).is_ok() {});
        assert!(!ran(&output, limit), "it talks without end");
        drop(output);
        endless.join().expect("it ends");
    }

    #[test]
    fn the_probe_is_a_boot_sector_that_writes_its_sign_and_halts() {
        let sector = probe_sector();
        assert_eq!((sector.len(), &sector[510..]), (512, &[0x55, 0xaa][..]));
        assert_eq!(
            sector[..11],
            [0xb0, 1, 0xe6, 0xe9, 0xb0, b'K', 0xe6, 0xe9, 0xf4, 0xeb, 0xfd]
        );
    }
}
