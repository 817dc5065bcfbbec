//! The way to the running guest: serial consoles of the boot loader and of the kernel, a loader that the firmware
//! does not start, sector sizes. Knows names of devices; knows no driver.

use super::kernel_words::{Word, place};
use crate::description::model::{At, Image};
use crate::rules::found::{Found, near};
use crate::rules::scope::Scope;

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    if let Some(line) = kind
        .attrs
        .at("kernelcmdline")
        .filter(|l| l.value.contains("ttyAMA"))
    {
        other_machine(scope, line, found);
    }
    if !matches!(scope.image(), "oem" | "iso") {
        return;
    }
    serial(scope, found);
    super::loader_firmware::view(scope, found);
    if let Some(at) = kind.attrs.at("target_blocksize") {
        if at
            .value
            .trim()
            .parse::<u64>()
            .is_ok_and(|n| !matches!(n, 512 | 1024 | 2048 | 4096))
        {
            let message = format!("no disk has sectors of {} bytes", at.value.trim());
            found.add("sector-size", at, message, "512 or 4096");
        }
    }
}

/// Kinds of devices that a kernel console may be, without their number.
const CONSOLES: &[&str] = &[
    "serial",
    "tty",
    "ttyS",
    "ttyAMA",
    "ttyUSB",
    "ttyPS",
    "ttyLP",
    "ttySC",
    "ttySAC",
    "ttyO",
    "ttymxc",
    "ttyMSM",
    "ttyFIQ",
    "ttyTCU",
    "ttyGS",
    "ttynull",
    "ttysclp",
    "ttyTHS",
    "hvc",
    "hvsi",
    "xvc",
    "sclp",
    "lp",
    "netcon",
    "brl",
    "null",
    "uart",
    "uart8250",
    "uart8250,io",
    "uart8250,mmio",
    "efifb",
    "ttyHV",
    "ttyUL",
    "ttyAL",
    "ttyB",
    "ttyV",
    "ttySIF",
    "ttyEHV",
    "ttynvt",
    "ttyXRUSB",
    "ttyACM",
    "ttyBMC",
    "ttyMV",
    "ttyWMT",
    "ttyAS",
    "ttyLTQ",
    "ttyVT",
    "ttyx3270",
    "ttyHS",
    "ttyHSL",
    "ttySTM",
    "ttyARC",
    "ttyPZ",
    "ttyPSC",
    "ttyCPM",
    "ttyAPP",
    "ttySP",
    "ttyM",
    "ttyD",
    "ttyE",
    "ttySG",
    "ttyLF",
    "ttyJ",
    "ttyNX",
    "ttyNS",
    "ttyVR",
    "ttyTX",
    "ttySMX",
    "ttyPCH",
    "ttyOWL",
    "ttyQE",
    "ttySUP",
    "ttySA",
    "ttySIRF",
    "ttyRPMSG",
    "ttyMI",
    "ttyAT",
    "ttySH",
];

/// The consoles that the kernel's command line names, without what follows a comma.
fn consoles(line: &str) -> impl Iterator<Item = &str> {
    whole_consoles(line).map(|device| device.split(',').next().unwrap_or(device))
}

/// The same with their options.
fn whole_consoles(line: &str) -> impl Iterator<Item = &str> {
    // One that is misspelt is a console all the same, and the fault is told.
    let named = |key: &str| key == "console" || is_slip(key);
    line.split_whitespace()
        .filter_map(move |word| word.split_once('=').filter(|(key, _)| named(key)))
        .map(|(_, device)| device)
}

/// A slip of `boot::console`: two keystrokes at most.
fn is_slip(key: &str) -> bool {
    let console = "console";
    key.len().abs_diff(console.len()) <= 2 && near(key, std::iter::once(console)).is_some()
}

/// A word of the command line that means to name a console and does not: by its key, which is none that is known.
pub(super) fn misspelt(here: &dyn Fn() -> At, key: &str, value: &str, found: &mut Found<'_>) -> bool {
    let slip = is_slip(key);
    if slip {
        let message = format!("the kernel has no parameter `{key}`");
        let right = format!("console={value}");
        found.instead("console-device", &here(), message, Some(&right), false, "");
    }
    slip
}

/// A console that the kernel does not have.
pub(super) fn device(here: &dyn Fn() -> At, value: &str, found: &mut Found<'_>) {
    let (device, options) = value.split_once(',').map_or((value, None), |(d, o)| (d, Some(o)));
    if device.is_empty() || crate::rules::filled::filled(device) {
        return;
    }
    let stem = device.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut instead = |message: String, right: &str| {
        let right = format!("console={right}");
        found.instead("console-device", &here(), message, Some(&right), false, "");
    };
    if !CONSOLES.contains(&stem) {
        if let Some(right) = meant(device, stem) {
            let rest = options.map_or(String::new(), |o| format!(",{o}"));
            instead(
                format!("the kernel has no console `{device}`"),
                &format!("{right}{rest}"),
            );
        }
    } else if stem == device && matches!(stem, "ttyS" | "ttyAMA") {
        let right = value.replacen(device, &format!("{device}0"), 1);
        instead(format!("the console `{device}` has no number"), &right);
    } else if let Some(right) = stuck(device, stem).filter(|_| options.is_none()) {
        instead(format!("the kernel has no console `{device}`"), &right);
    } else if let Some(speed) = options
        .and_then(bad_speed)
        .filter(|_| stem.starts_with("tty") && stem != "tty")
    {
        let message = format!("no serial line has the speed `{speed}`");
        let label = "such as `115200` or `9600`";
        found.add("console-device", &here(), message, label);
    }
}

/// A speed that a blank parts from the console before it.
pub(super) fn stray_speed(
    image: &Image,
    line: &At,
    console: &Word<'_>,
    speed: &Word<'_>,
    found: &mut Found<'_>,
) {
    let digits = speed.text.trim_end_matches("n8").trim_end_matches('n');
    let named = console
        .parts
        .is_some_and(|(key, device)| key == "console" && !device.contains(','));
    let both = line.value.get(console.at..speed.at + speed.text.len());
    if let Some(both) = both.filter(|_| named && SPEEDS.contains(&digits)) {
        let message = format!("a blank parts the speed `{}` from its console", speed.text);
        let right = format!("{},{}", console.text, speed.text);
        let at = place(image, line, console.at, both);
        found.instead("console-device", &at, message, Some(&right), false, "");
    }
}

/// A word of the command line that has another spelling.
fn instead(scope: &Scope<'_>, line: &At, message: String, old: &str, new: &str, found: &mut Found<'_>) {
    let at = place_of(scope, line, old);
    found.instead("console-device", &at, message, Some(new), false, "");
}

/// The place of a word of a line.
fn place_of(scope: &Scope<'_>, line: &At, word: &str) -> At {
    let at = line.value.find(word).unwrap_or(0);
    place(scope.view.image, line, at, word)
}

/// The device that is likely meant by one that the kernel does not have.
fn meant(device: &str, stem: &str) -> Option<String> {
    if let Some(bare) = device
        .strip_prefix("/dev/")
        .or_else(|| device.strip_prefix("dev/"))
    {
        return Some(bare.to_owned());
    }
    // `O` for a nought.
    if let Some(bare) = stem
        .strip_suffix(['O', 'o'])
        .filter(|b| stem == device && CONSOLES.contains(b))
    {
        return Some(format!("{bare}0"));
    }
    // Options after another sign than a comma.
    let known = CONSOLES
        .iter()
        .filter_map(|c| device.strip_prefix(c).map(|rest| (c, rest)));
    for (console, rest) in known {
        let number = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = rest.split_at(number);
        if let Some(options) = rest.strip_prefix([':', ';', '.', '@', '-', '/', '='])
            && !number.is_empty()
            && options.starts_with(|c: char| c.is_ascii_digit())
        {
            return Some(format!("{console}{number},{options}"));
        }
    }
    let number = device.get(stem.len()..)?;
    let same = CONSOLES.iter().find(|c| c.eq_ignore_ascii_case(stem));
    // With two near ones the more usual is meant; a short one is too near to all.
    let capital = |n: &str| n.contains(|c: char| c.is_ascii_uppercase());
    let usual = || {
        ["ttyS", "ttyAMA", "tty", "hvc"]
            .into_iter()
            .filter(|c| capital(c) == capital(stem))
    };
    let close = || near(stem, usual()).or_else(|| near(stem, CONSOLES.iter().copied()));
    let meant = same.copied().or_else(close).filter(|_| stem.len() > 2)?;
    let first = matches!(meant, "ttyS" | "ttyAMA") && number.is_empty();
    Some(format!("{meant}{}", if first { "0" } else { number }))
}

/// A speed that stands right after the number of a device.
fn stuck(device: &str, stem: &str) -> Option<String> {
    let digits = device.get(stem.len()..)?;
    let speed = SPEEDS
        .iter()
        .find(|s| digits.len() > s.len() && digits.ends_with(**s))?;
    let number = digits.strip_suffix(speed)?;
    Some(format!("{stem}{number},{speed}"))
}

/// Speeds that serial lines are set to.
const SPEEDS: &[&str] = &[
    "9600", "19200", "38400", "57600", "115200", "230400", "460800", "921600",
];

/// A speed that is none, and nearly one, or what is parted from it as nothing else is.
fn bad_speed(options: &str) -> Option<&str> {
    if options.contains(',') {
        // Another parameter behind it is told as that.
        return (!options.contains('=')).then_some(options);
    }
    let end = options.bytes().take_while(u8::is_ascii_digit).count();
    let speed = options.get(..end).filter(|s| s.len() > 3)?;
    let other = [
        "1152000", "1500000", "1000000", "500000", "576000", "76800", "28800", "14400", "4800", "2400",
        "1200",
    ];
    let known = SPEEDS.contains(&speed) || other.contains(&speed);
    let close = || {
        SPEEDS
            .iter()
            .any(|s| crate::rules::found::one_keystroke(s, speed))
    };
    (!known && close()).then_some(speed)
}

/// The only serial console is one of ARM's, and the machine a PC beyond doubt.
fn other_machine(scope: &Scope<'_>, line: &At, found: &mut Found<'_>) {
    let pc = scope.pc();
    let mut serial = consoles(&line.value).filter(|c| c.starts_with("tty") && c.contains(char::is_uppercase));
    let Some(first) = serial.next().filter(|c| c.starts_with("ttyAMA")) else {
        return;
    };
    let of_pcs = || {
        let all = &scope.repositories;
        let mut sources = all.iter().map(|r| r.source.value.as_str());
        sources.clone().any(|s| s.contains("x86_64")) && !sources.any(|s| s.contains("aarch64"))
    };
    let sure = || {
        of_pcs()
            || scope.arch_chosen
            || scope.arch_named
            || crate::rules::packages::machines::for_machine(scope, "x86_64")
    };
    if pc && serial.all(|c| c.starts_with("ttyAMA")) && sure() {
        let message = format!(
            "`{first}` is a serial line of ARM's, and the build for `{}`",
            scope.view.arch
        );
        instead(
            scope,
            line,
            message,
            &format!("console={first}"),
            "console=ttyS0",
            found,
        );
    }
}

fn serial(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(loader) = scope.kind().child("bootloader") else {
        return;
    };
    // Only GRUB has consoles to choose.
    if !matches!(loader.attrs.get("name"), Some("grub2" | "grub2_s390x_emu")) {
        return;
    }
    let names = |at: &&At| at.value.split_whitespace().any(|word| word == "serial");
    let output = loader.attrs.at("output_console");
    let input = loader.attrs.at("input_console");
    let asked = output.filter(names).or_else(|| input.filter(names));
    // Mainframes have a console of their own; other machines tell the kernel by their device tree.
    let mainframe = loader.attrs.get("name") == Some("grub2_s390x_emu");
    let pc = scope.pc();
    if let (Some(at), true) = (asked, pc && !mainframe) {
        let line = scope.kind().attrs.at("kernelcmdline");
        // A console that is named is a choice, be it another than the loader's, and so may be a kernel that is told nothing:
        // then it is only noted.
        let named = line.is_none_or(|l| consoles(&l.value).next().is_some());
        let unknown = |c: &str| !CONSOLES.contains(&c.trim_end_matches(|d: char| d.is_ascii_digit()));
        let others = |c: &str| {
            !c.starts_with("tty")
                || unknown(c)
                || c.to_ascii_lowercase().starts_with("ttys")
                || c.starts_with("ttyS")
                || c.starts_with("ttyA")
        };
        if line.is_none_or(|l| !consoles(&l.value).any(others)) {
            let message = "the boot loader speaks on the serial line, and the kernel does not".to_owned();
            let label = "needs `console=ttyS0` in `kernelcmdline`";
            let edit = match line {
                Some(line) => {
                    let new = format!("{} console=ttyS0", line.value.trim());
                    found.replace(line, new.trim(), false)
                }
                None => found.insert_attribute(scope.kind(), "kernelcmdline", "console=ttyS0"),
            };
            if let Some(told) = found.add("missing-serial-console", at, message, label) {
                told.fixes.extend(edit);
                if named {
                    told.severity = crate::diagnostic::Severity::Info;
                }
            }
        }
    }
    let line = loader.attrs.at("serial_line");
    if let Some(line) = line {
        options(scope, line, found);
        speeds(scope, line, found);
    }
    if let (Some(line), None) = (line, asked) {
        let message = "the serial line is set up, and no console of the boot loader uses it".to_owned();
        found.add(
            "unused-setting",
            line,
            message,
            "needs `serial` in `output_console`",
        );
    }
}

/// The kernel's speed on the line that the boot loader has set up with another.
fn speeds(scope: &Scope<'_>, line: &At, found: &mut Found<'_>) {
    let option = |name: &str| line.value.split_whitespace().find_map(|w| w.strip_prefix(name));
    let (Some(speed), Some(kernel)) = (option("--speed="), scope.kind().attrs.at("kernelcmdline")) else {
        return;
    };
    let device = format!("ttyS{}", option("--unit=").unwrap_or("0"));
    let of = |console: &str| {
        let (name, rest) = console.split_once(',')?;
        let end = rest.bytes().take_while(u8::is_ascii_digit).count();
        (name == device).then(|| rest.get(..end).unwrap_or("").to_owned())
    };
    let Some(other) = whole_consoles(&kernel.value).find_map(of) else {
        return;
    };
    if bad_speed(speed).is_none() && bad_speed(&other).is_none() && !other.is_empty() && other != speed {
        let message =
            format!("the boot loader speaks with {speed} on `{device}`, and the kernel with {other}");
        // The kernel's is the odd one where the loader has the usual speed.
        let (odd, meant, first, note) = match speed {
            "115200" => (kernel, speed, line, "the boot loader's is here"),
            _ => (line, other.as_str(), kernel, "the kernel's console is here"),
        };
        let told = found.pair(
            "console-device",
            odd,
            message,
            format!("did you mean `{meant}`?"),
            first,
            note,
        );
        if let Some(told) = told {
            told.help =
                Some("the build would go through, and one of the two would be seen as garbage".into());
        }
    }
}

/// Options of GRUB's `serial`.
const OPTIONS: &[&str] = &[
    "--unit", "--port", "--speed", "--word", "--parity", "--stop", "--rtscts",
];

/// Options of the boot loader's serial line that it does not have, and speeds that are none.
fn options(scope: &Scope<'_>, line: &At, found: &mut Found<'_>) {
    for word in line.value.split_whitespace() {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        if !OPTIONS.contains(&option)
            && let Some(right) = near(option, OPTIONS.iter().copied())
        {
            let message = format!("GRUB's `serial` has no option `{option}`");
            instead(scope, line, message, option, right, found);
        } else if option.starts_with("--") && !OPTIONS.contains(&option) {
            let message = format!("GRUB's `serial` has no option `{option}`");
            let label = format!("one of {}", crate::rules::words(OPTIONS, "and"));
            found.add("console-device", &place_of(scope, line, word), message, label);
        } else if option == "--speed" && bad_speed(value).is_some() {
            let message = format!("no serial line has the speed `{value}`");
            let at = place_of(scope, line, word);
            found.add("console-device", &at, message, "such as `115200` or `9600`");
        }
    }
}
