//! Files of the system that a script of a build writes or changes: under a name that their reader passes over, with a mode
//! that it refuses, or under a path that is a slip of a well-known one. Looks at words; runs nothing.

use super::{Run, Script};
use crate::rules::overlay::names::ENDINGS;

/// Files that most systems have, and that scripts change.
const USUAL: &[&str] = &[
    "/etc/selinux/config",
    "/etc/ssh/ssh_config",
    "/etc/ssh/sshd_config",
    "/usr/etc/ssh/sshd_config",
    "/etc/default/grub",
    "/etc/default/locale",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/fstab",
    "/etc/fstab.script",
    "/etc/fstab.append",
    "/etc/crypttab",
    "/etc/environment",
    "/etc/bash.bashrc",
    "/etc/sudoers",
    "/etc/locale.conf",
    "/etc/locale.gen",
    "/etc/vconsole.conf",
    "/etc/machine-id",
    "/etc/os-release",
    "/etc/cloud/cloud.cfg",
    "/etc/zypp/zypp.conf",
    "/etc/dnf/dnf.conf",
    "/etc/pacman.conf",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/sysctl.conf",
    "/etc/login.defs",
    "/etc/dracut.conf",
    "/etc/chrony.conf",
    "/etc/logrotate.conf",
    "/etc/apt/sources.list",
    "/etc/systemd/journald.conf",
    "/etc/systemd/logind.conf",
    "/etc/sysconfig/network",
    "/etc/sysconfig/bootloader",
    "/etc/sysconfig/displaymanager",
    "/etc/sysconfig/network/dhcp",
    "/etc/sysconfig/network/config",
    "/etc/sysconfig/snapper",
    "/etc/sysconfig/livesys",
    "/etc/sysconfig/language",
    "/etc/sysconfig/keyboard",
    "/etc/sysconfig/windowmanager",
    "/etc/network/interfaces",
    "/etc/gdm/custom.conf",
    "/etc/lightdm/lightdm.conf",
    "/etc/waagent.conf",
];

/// Commands that scripts of builds often call.
const USUAL_COMMANDS: &[&str] = &[
    "locale-gen",
    "update-locale",
    "update-initramfs",
    "update-ca-certificates",
    "ldconfig",
    "systemctl",
    "usermod",
    "useradd",
    "groupadd",
    "userdel",
    "gpasswd",
    "passwd",
    "chown",
    "chmod",
    "mkdir",
    "touch",
    "truncate",
    "apt-get",
    "apt-mark",
    "zypper",
    "pacman",
    "dracut",
    "grub2-mkconfig",
    "grub-mkconfig",
    "update-grub",
    "firewall-offline-cmd",
    "setsebool",
    "semanage",
    "restorecon",
    "plymouth-set-default-theme",
    "localectl",
    "hostnamectl",
    "timedatectl",
    "dpkg-reconfigure",
    "add-apt-repository",
    "pam-config",
    "glib-compile-schemas",
    "fc-cache",
    "depmod",
    "ssh-keygen",
    "install",
    "export",
    "source",
    "printf",
    "dconf",
    "mkinitcpio",
    "authselect",
    "alternatives",
    "update-alternatives",
    "findmnt",
    "mountpoint",
    "modprobe",
    "readlink",
    "realpath",
    "basename",
    "dirname",
    "unzip",
    "rsync",
    "chpasswd",
    "chgrp",
    "chroot",
    "debconf-set-selections",
    "apt-key",
    "rpmkeys",
    "mkimage",
    "flatpak",
    "visudo",
    "netctl",
    "rc-update",
    "add-yast-repos",
    "grub2-editenv",
    "pushd",
    "popd",
];

/// Short ones, of which only two letters that changed places are surely a slip.
const SHORT_COMMANDS: &[&str] = &[
    "echo", "grep", "curl", "wget", "sudo", "find", "chsh", "npm", "sed", "rpm", "tar", "awk", "mkdir",
    "chmod", "chown", "touch",
];

/// Of those that stand in nearly each script, a word of at least four letters with one of them missing or another.
fn tool(usual: &str, word: &str) -> bool {
    let sole = matches!(usual, "echo" | "grep" | "chmod" | "chown" | "mkdir" | "touch");
    let another = usual.len() >= word.len() && word.len() > 3 && usual.get(..1) == word.get(..1);
    // `grap` is a program.
    sole && another && word != "grap" && crate::rules::found::one_keystroke(usual, word)
}

/// What people call commands, and what they are called.
const CALLED: &[(&str, &str)] = &[
    ("chpassword", "chpasswd"),
    ("locale-generate", "locale-gen"),
    ("generate-locales", "locale-gen"),
    ("update-initrd", "update-initramfs"),
    ("update-grub2-config", "grub2-mkconfig"),
    ("grub2-config", "grub2-mkconfig"),
    ("grub-config", "grub-mkconfig"),
    ("update-certificates", "update-ca-certificates"),
    ("systemd-ctl", "systemctl"),
    ("firewall-offline-command", "firewall-offline-cmd"),
];

/// Commands that are a keystroke away from one of these, and are there.
const OTHER_COMMANDS: &[&str] = &[
    "update-grub2",
    "restorecond",
    "print",
    "hostctl",
    "userctl",
    "gunzip",
    "rsyncd",
    "unzipsfx",
    "csync2",
];

impl Script<'_> {
    /// Looks at the files that are written.
    pub(in crate::rules) fn system_files(&mut self) {
        if self.run != Run::Tree {
            return;
        }
        for &(at, line) in self.commands().iter() {
            if line.starts_with('#') {
                continue;
            }
            let line = line.split(" #").next().unwrap_or(line);
            self.written(at, line);
            self.mode(at, line);
            self.slip(at, line);
            self.settings(at, line);
            self.command(at, line);
            // What a plain command is given to.
            if let Some((_, last)) = line
                .rsplit_once(" | ")
                .filter(|(_, last)| !last.contains(['"', '\'']))
            {
                self.command(at + crate::rules::found::offset(last, line), last);
            }
        }
    }

    /// A file that its reader passes over for its name.
    fn written(&mut self, at: usize, line: &str) {
        let Some(path) = target(line) else { return };
        let Some((folder, name)) = path.strip_prefix('/').and_then(|p| p.rsplit_once('/')) else {
            return;
        };
        let plain = |w: &str| {
            w.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
        };
        // One that is moved later is no final name.
        if !plain(path) || self.text.contains("mv ") || crate::rules::files::overlooked::put_aside(name) {
            return;
        }
        if folder == "etc/sudoers.d" && name.contains('.') {
            let (message, label) = (
                format!("`{path}` would not be read by sudo: its name has a dot"),
                format!("call it `{}`", name.replace('.', "-")),
            );
            self.tell(
                at,
                line,
                path,
                message,
                &label,
                "the build goes through, and sudo does without the file in the running system",
            );
            return;
        }
        let Some((_, ends, reader)) = ENDINGS.iter().find(|(f, _, _)| *f == folder) else {
            return;
        };
        if ends.iter().any(|e| name.ends_with(e)) || name.starts_with("README") {
            return;
        }
        let all: Vec<String> = ends.iter().take(3).map(|e| format!("`{e}`")).collect();
        let message = format!("`{path}` would not be read by {reader}: its name has another ending");
        let label = match ends {
            [end] => {
                let stem = path.rfind('.').filter(|dot| *dot > folder.len() + 1);
                let stem = stem.map_or(path, |dot| path.get(..dot).unwrap_or(path));
                format!("did you mean `{stem}{end}`?")
            }
            _ => format!("{} is read", all.join(" or ")),
        };
        let then =
            format!("the build goes through, and {reader} does without the file in the running system");
        self.tell(at, line, path, message, &label, &then);
    }

    /// Modes that readers of what is secret refuse.
    fn mode(&mut self, at: usize, line: &str) {
        let mut words = line.split_whitespace();
        let command = words.next();
        if command == Some("install") {
            // What stands before the option is no file.
            words.find(|w| matches!(*w, "-m" | "--mode"));
        } else if command != Some("chmod") {
            return;
        }
        let mut rest = words.filter(|w| !w.starts_with('-'));
        let Some(mode) = rest.next() else { return };
        let Some(bits) = u32::from_str_radix(mode, 8).ok().filter(|_| mode.len() > 2) else {
            return;
        };
        let strict = rest.find_map(|p| {
            let sudo = p.starts_with("/etc/sudoers");
            let ssh = p.ends_with("/.ssh") || p.ends_with("/.ssh/authorized_keys");
            match (sudo, ssh) {
                (true, _) if p.len() > 14 || p == "/etc/sudoers" => Some((p, "sudo", "0440")),
                (_, true) if p.ends_with("keys") => Some((p, "sshd", "0600")),
                (_, true) => Some((p, "sshd", "0700")),
                _ => None,
            }
        });
        if let Some((path, reader, meant)) = strict.filter(|_| bits & 0o022 != 0) {
            let (message, label) = (
                format!("{reader} refuses `{path}` where others may write to it"),
                format!("did you mean `{meant}`?"),
            );
            let then =
                format!("the build goes through, and {reader} does without the file in the running system");
            self.tell(at, line, mode, message, &label, &then);
        }
    }

    /// A command that is a slip of a usual one.
    fn command(&mut self, at: usize, line: &str) {
        let word = line.split([' ', '\t', ';']).next().unwrap_or("");
        let plain = word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'_' || b.is_ascii_digit());
        // A word of a list that goes on over several lines is no command.
        let before = self.text.get(..at).unwrap_or("");
        let head = before.trim_end();
        let goes_on =
            head.ends_with(['\\', '(', '|']) && before.get(head.len()..).is_some_and(|b| b.contains('\n'));
        let short = SHORT_COMMANDS
            .iter()
            .copied()
            .find(|k| crate::rules::packages::misspelt::exchanged(k, word) || tool(k, word));
        if let Some(meant) = short.filter(|_| !goes_on)
            && !super::calls::defines(self.text, word)
        {
            let (message, label) = (
                format!("no command is known as `{word}`"),
                format!("did you mean `{meant}`?"),
            );
            let then = "the command is not found: what it is to do is left out, or the build stops";
            self.tell(at, line, word, message, &label, then);
            return;
        }
        if goes_on
            || word.len() < 5
            || !plain
            || USUAL_COMMANDS.contains(&word)
            || OTHER_COMMANDS.contains(&word)
        {
            return;
        }
        let close = |k: &&str| {
            let long = k.len() > 5 && word.len() > 4 || k.len() == 5 && word.len() == 6;
            let one = long && crate::rules::found::one_keystroke(k, word);
            let joined = k.contains('-') && word.replace('_', "-") == **k;
            joined
                || crate::rules::packages::misspelt::exchanged(k, word)
                || one && k.bytes().next() == word.bytes().next()
        };
        let called = CALLED
            .iter()
            .find(|(own, _)| *own == word)
            .map(|(_, meant)| *meant);
        let Some(meant) = called.or_else(|| USUAL_COMMANDS.iter().copied().find(close)) else {
            return;
        };
        if super::calls::defines(self.text, word) || self.text.matches(word).count() > 1 {
            return;
        }
        let (message, label) = (
            format!("no command is known as `{word}`"),
            format!("did you mean `{meant}`?"),
        );
        self.tell(
            at,
            line,
            word,
            message,
            &label,
            "the command is not found: what it is to do is left out, or the build stops",
        );
    }

    /// A path that is a slip of a well-known one.
    fn slip(&mut self, at: usize, line: &str) {
        let command = line.split_whitespace().next().unwrap_or("");
        let changing = matches!(
            command,
            "baseUpdateSysConfig"
                | "sed"
                | "cat"
                | "echo"
                | "chmod"
                | "chown"
                | "truncate"
                | "grep"
                | "printf"
                | "touch"
                | "rm"
        );
        if !changing || command != "rm" && line.contains("-f ") || line.contains("-e ") && command == "test" {
            return;
        }
        for word in
            line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '>' | '<' | ')' | '('))
        {
            if !word.starts_with("/etc/") && !word.starts_with("/usr/etc/") || USUAL.contains(&word) {
                continue;
            }
            let other = |w: &str| w.bytes().any(|b| b.is_ascii_digit()) || w.ends_with(['~', '*', '/', '.']);
            if other(word) || self.text.matches(word).count() > 1 {
                continue;
            }
            let close = |u: &&str| u.len() > 9 && crate::rules::found::one_keystroke(u, word);
            let known = || crate::rules::overlay::tabled::files();
            let tabled = || {
                let own = |k: &String| k == word;
                let far = |k: &&String| {
                    k.len() > 12 && crate::rules::found::near(word, std::iter::once(k.as_str())).is_some()
                };
                let all: Vec<String> = known().collect();
                let found = all.iter().find(far).cloned();
                found.filter(|_| !all.iter().any(own))
            };
            let Some(meant) = USUAL
                .iter()
                .find(|u| close(u))
                .map(|u| (*u).to_owned())
                .or_else(tabled)
            else {
                continue;
            };
            let meant = meant.as_str();
            // `/etc/sudoers.` and the like are beginnings.
            let beginning = meant.starts_with(word) || word.starts_with(meant);
            let whole = target(line) == Some(word) && word.ends_with(|c: char| c.is_ascii_alphabetic());
            let doubled = word.strip_prefix(meant).is_some_and(|r| meant.ends_with(r));
            if beginning && !whole && !doubled {
                continue;
            }
            let (message, label) = (
                format!("systems have no file `{word}`"),
                format!("did you mean `{meant}`?"),
            );
            let then = "the command fails, or changes a file that nobody reads";
            self.tell(at, line, word, message, &label, then);
        }
    }
}

/// The file that a command writes to.
pub(in crate::rules) fn target(line: &str) -> Option<&str> {
    let command = line.split_whitespace().next().unwrap_or("");
    let after = match line.rfind('>') {
        // `>|` writes over what is there.
        Some(at) => line.get(at + 1..)?.trim_start_matches('|'),
        None if command == "tee" || line.contains("| tee ") => {
            let rest = line.rsplit_once("tee ")?.1;
            rest.trim_start_matches("-a ")
        }
        None => return None,
    };
    let word = after.split_whitespace().find(|w| *w != "\\")?;
    Some(word.trim_matches(['"', '\'', ';']))
}
