//! Files of the overlay whose name their reader does not take: without the ending that it looks for, or with a dot where
//! it passes over dots. One table; says nothing about what is in the files.

use std::sync::Arc;

use super::{at_first_line, text};
use crate::description::model::{File, Image};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::Found;
use crate::rules::scripts::tell;

/// Folders of which only files with one of these endings are read, and by whom.
pub(in crate::rules) const ENDINGS: &[(&str, &[&str], &str)] = &[
    ("etc/apt/sources.list.d", &[".list", ".sources"], "apt"),
    ("etc/yum.repos.d", &[".repo"], "dnf"),
    ("etc/zypp/repos.d", &[".repo"], "zypper"),
    ("etc/sysctl.d", &[".conf"], "systemd-sysctl"),
    ("etc/modules-load.d", &[".conf"], "systemd-modules-load"),
    ("etc/modprobe.d", &[".conf"], "modprobe"),
    ("etc/tmpfiles.d", &[".conf"], "systemd-tmpfiles"),
    ("etc/sysusers.d", &[".conf"], "systemd-sysusers"),
    ("etc/dracut.conf.d", &[".conf"], "dracut"),
    ("etc/ld.so.conf.d", &[".conf"], "ldconfig"),
    ("etc/repart.d", &[".conf"], "systemd-repart"),
    ("etc/binfmt.d", &[".conf"], "systemd-binfmt"),
    ("etc/udev/rules.d", &[".rules"], "udev"),
    ("etc/polkit-1/rules.d", &[".rules"], "polkit"),
    ("etc/security/limits.d", &[".conf"], "pam_limits"),
    ("etc/ssh/sshd_config.d", &[".conf"], "sshd"),
    ("etc/ssh/ssh_config.d", &[".conf"], "ssh"),
    ("etc/netplan", &[".yaml"], "netplan"),
    ("etc/cloud/cloud.cfg.d", &[".cfg"], "cloud-init"),
    ("etc/default/grub.d", &[".cfg"], "grub-mkconfig"),
    ("etc/rsyslog.d", &[".conf"], "rsyslog"),
    (
        "etc/systemd/network",
        &[".network", ".netdev", ".link"],
        "systemd-networkd",
    ),
    ("etc/lightdm/lightdm.conf.d", &[".conf"], "lightdm"),
    ("etc/NetworkManager/conf.d", &[".conf"], "NetworkManager"),
    ("etc/X11/xorg.conf.d", &[".conf"], "the X server"),
    ("etc/systemd/system.conf.d", &[".conf"], "systemd"),
    ("etc/systemd/journald.conf.d", &[".conf"], "systemd-journald"),
    ("etc/systemd/logind.conf.d", &[".conf"], "systemd-logind"),
    ("etc/systemd/resolved.conf.d", &[".conf"], "systemd-resolved"),
    ("etc/systemd/timesyncd.conf.d", &[".conf"], "systemd-timesyncd"),
    ("etc/systemd/networkd.conf.d", &[".conf"], "systemd-networkd"),
    ("etc/systemd/system-preset", &[".preset"], "systemd"),
    ("etc/containers/registries.conf.d", &[".conf"], "podman"),
    (
        "etc/profile.d",
        &[".sh", ".csh", ".bash", ".zsh", ".fish", ".local", ".profile"],
        "the shell",
    ),
];

/// Folders whose reader on Debian takes names of letters, digits, `_` and `-` alone.
const NO_DOTS: &[(&str, &str)] = &[
    ("etc/cron.d", "cron"),
    ("etc/cron.hourly", "run-parts"),
    ("etc/cron.daily", "run-parts"),
    ("etc/cron.weekly", "run-parts"),
    ("etc/cron.monthly", "run-parts"),
    ("etc/update-motd.d", "run-parts"),
    ("etc/network/if-up.d", "run-parts"),
    ("etc/network/if-down.d", "run-parts"),
    ("etc/network/if-pre-up.d", "run-parts"),
    ("etc/network/if-post-down.d", "run-parts"),
    ("etc/initramfs-tools/hooks", "mkinitramfs"),
];

/// Files whose readers take a carriage return for a part of the last word.
const LINES: &[&str] = &[
    "etc/hosts",
    "etc/hostname",
    "etc/HOSTNAME",
    "etc/environment",
    "etc/fstab.append",
    "etc/locale.conf",
    "etc/locale.gen",
    "etc/vconsole.conf",
    "etc/sudoers",
    "etc/crontab",
];

/// Tables of accounts, with what is lost where a short one takes their place.
const ACCOUNTS: &[&str] = &["etc/passwd", "etc/group", "etc/shadow"];

/// Files that a build writes, or that no package's may be replaced by; those of shells with line ends of Windows.
fn system(here: &Here<'_>, overlay: &str, found: &mut Found<'_>, files: &mut Vec<File>) {
    // An overlay of a profile is for the images of that one, where it has some.
    let sections = || here.image.preferences.iter().filter(|p| !p.types.is_empty());
    let own =
        |p: &&crate::description::model::Preferences| p.filter.profiles.iter().any(|n| n.value == overlay);
    let alone = sections().any(|p| own(&p));
    let mut types = sections().filter(|p| !alone || own(p)).flat_map(|p| &p.types);
    let disk = types.any(|t| t.image.value.trim() == "oem");
    if disk && let Some((path, text, _, _)) = text(here, overlay, "etc/fstab") {
        let message = "`/etc/fstab` is written anew for a disk, and this one is lost".to_owned();
        let label = "lines of your own stand in `/etc/fstab.append`";
        let one = at_first_line("overlay-file", &text, message, label);
        tell(here, &path, text, one.into_iter().collect(), found, files);
    }
    for name in ACCOUNTS {
        let Some((path, text, _, _)) = text(here, overlay, name) else {
            continue;
        };
        // A whole table has the accounts of the system.
        if text.lines().filter(|l| !l.trim().is_empty()).count() > 5 {
            continue;
        }
        let message = format!("`/{name}` takes the place of the system's own, whose accounts are gone");
        let label = "accounts stand in `<users>`";
        let one = at_first_line("overlay-file", &text, message, label);
        tell(here, &path, text, one.into_iter().collect(), found, files);
    }
    if let Some((path, text, _, _)) = text(here, overlay, "etc/machine-id")
        && text.trim().len() == 32
        && text.trim().bytes().all(|b| b.is_ascii_hexdigit())
    {
        let message = "every machine of this image would have the same `/etc/machine-id`".to_owned();
        let label = "an empty file, or one that says `uninitialized`, is filled at the first start";
        let one = at_first_line("overlay-file", &text, message, label);
        tell(here, &path, text, one.into_iter().collect(), found, files);
    }
    for name in LINES {
        let Some((path, text, _, _)) = text(here, overlay, name) else {
            continue;
        };
        let Some(end) = text.find("\r\n") else { continue };
        let message = format!("the lines of `/{name}` end with a carriage return, as on Windows");
        let label = "a part of the last word for who reads them";
        let mut one = at_first_line("script-line-ends", &text, message, label);
        if let Some(one) = &mut one {
            one.span = crate::text::Span::new(end as u32, end as u32 + 1);
            one.severity = crate::diagnostic::Severity::Warning;
            one.help =
                Some("the build goes through, and programs read other values in the running system".into());
        }
        tell(here, &path, text, one.into_iter().collect(), found, files);
    }
    for folder in ["etc/default", "etc/sysconfig", "etc/sysconfig/network"] {
        each(here, overlay, folder, found, files, |name, text| {
            let end = text.find("\r\n")?;
            let message =
                format!("the lines of `/{folder}/{name}` end with a carriage return, as on Windows");
            let label = "a part of each value for the shell that reads them";
            let mut one = at_first_line("script-line-ends", text, message, label)?;
            one.span = crate::text::Span::new(end as u32, end as u32 + 1);
            one.help =
                Some("the build goes through, and programs read other values in the running system".into());
            Some(one)
        });
    }
}

/// Judges the names in an overlay, save those of programs.
pub(in crate::rules) fn check(here: &Here<'_>, overlay: &str, found: &mut Found<'_>, files: &mut Vec<File>) {
    system(here, overlay, found, files);
    for (folder, ends, reader) in ENDINGS {
        each(here, overlay, folder, found, files, |name, text| {
            let other = !ends.iter().any(|e| name.ends_with(e)) && !name.starts_with("README");
            let message =
                || format!("`/{folder}/{name}` would not be read by {reader}: its name has another ending");
            let all: Vec<String> = ends.iter().take(3).map(|e| format!("`{e}`")).collect();
            let label = format!("{} is read", all.join(" or "));
            other.then(|| finding(text, message(), &label, reader)).flatten()
        });
    }
    for folder in ["etc/sysconfig/network", "etc/sysconfig/network-scripts"] {
        each(here, overlay, folder, found, files, |name, text| {
            let rest = name.strip_prefix("ifcfg").filter(|r| !r.starts_with('-'))?;
            let message = format!("`/{folder}/{name}` is of no interface: its name begins another way");
            let label = format!("call it `ifcfg-{}`", rest.trim_start_matches(['.', '_']));
            finding(text, message, &label, "the network's service")
        });
    }
    // On every system a dot hides what `sudo` would read.
    each(here, overlay, "etc/sudoers.d", found, files, |name, text| {
        let message = format!("`/etc/sudoers.d/{name}` would not be read by sudo: its name has a dot");
        let label = format!("call it `{}`", name.replace('.', "-"));
        name.contains('.')
            .then(|| finding(text, message, &label, "sudo"))
            .flatten()
    });
    // Programs have been looked at one by one.
    each(here, overlay, "etc/cron.d", found, files, |name, text| {
        passed_over(here.image, &format!("etc/cron.d/{name}"), text)
    });
}

/// The name of a program or of a table of cron that is passed over.
pub(in crate::rules) fn passed_over(image: &Image, path: &str, text: &str) -> Option<Diagnostic> {
    let (folder, name) = path.rsplit_once('/')?;
    let (_, reader) = NO_DOTS.iter().find(|(f, _)| *f == folder)?;
    let managers = crate::rules::scope::managers(image);
    let debian = !managers.is_empty() && managers.iter().all(|m| *m == "apt");
    if !debian || !name.contains('.') {
        return None;
    }
    let message = format!("`/{path}` would be passed over by {reader}: its name has a dot");
    let stem = name.split('.').next().unwrap_or(name);
    finding(text, message, &format!("call it `{stem}`"), reader)
}

fn finding(text: &str, message: String, label: &str, reader: &str) -> Option<Diagnostic> {
    let mut one = at_first_line("overlooked-file", text, message, label)?;
    one.help = Some(
        format!("the build goes through, and {reader} does without the file in the running system").into(),
    );
    Some(one)
}

/// Judges each text of a folder by its name.
pub(in crate::rules) fn each(
    here: &Here<'_>,
    overlay: &str,
    folder: &str,
    found: &mut Found<'_>,
    files: &mut Vec<File>,
    judge: impl Fn(&str, &str) -> Option<Diagnostic>,
) {
    let names = here
        .folder
        .names(&format!("{overlay}/{folder}"))
        .unwrap_or_default();
    for name in names {
        let Some((path, text, _, _)) = text(here, overlay, &format!("{folder}/{name}")) else {
            continue;
        };
        let text: Arc<str> = text;
        let out = super::rounds::all(&text, |text| judge(&name, text));
        tell(here, &path, text, out, found, files);
    }
}
