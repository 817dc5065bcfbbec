//! Names that a script of a build gives to what the description or its overlay has: units as another distribution calls
//! them, profiles, accounts and files of the overlay that are slips of the pen. Looks at words; runs nothing.

use super::files::{Here, items};
use super::found::near;
use super::overlay::overlays;
use super::packages::Family;
use super::script_needs::families;
use super::script_text::commands;
use super::script_units::named;
use super::scripts::Script;
use crate::description::folder::Kind;
use crate::text::Span;

use Family::{Alpine, Arch, Debian, RedHat, Suse};

/// Units that only these families have under this name, and how others call them: none where they have no such thing.
const UNITS: &[(&str, &[Family], Option<&str>)] = &[
    ("ssh", &[Debian], Some("sshd")),
    ("sshd", &[RedHat, Suse, Arch, Alpine], Some("ssh")),
    ("crond", &[RedHat, Alpine], Some("cron")),
    ("chrony", &[Debian], Some("chronyd")),
    ("chronyd", &[RedHat, Suse, Arch, Alpine], Some("chrony")),
    ("walinuxagent", &[Debian], Some("waagent")),
    ("network-manager", &[Debian], Some("NetworkManager")),
    ("httpd", &[RedHat, Arch], Some("apache2")),
    ("apache2", &[Debian, Suse, Alpine], Some("httpd")),
    ("bind9", &[Debian], Some("named")),
    ("smbd", &[Debian], Some("smb")),
    ("nmbd", &[Debian], Some("nmb")),
    ("nfs-kernel-server", &[Debian], Some("nfs-server")),
    ("isc-dhcp-server", &[Debian], Some("dhcpd")),
    ("networking", &[Debian, Alpine], None),
    ("wicked", &[Suse], None),
    ("smartmontools", &[Debian], Some("smartd")),
    ("gdm3", &[Debian], Some("gdm")),
    ("open-vm-tools", &[Debian], Some("vmtoolsd")),
    ("openvswitch-switch", &[Debian], Some("openvswitch")),
    ("lm-sensors", &[Debian], Some("lm_sensors")),
    ("hypervkvpd", &[RedHat], Some("hv_kvp_daemon")),
    ("hv_kvp_daemon", &[Suse], Some("hypervkvpd")),
    ("unattended-upgrades", &[Debian], None),
    ("apt-daily", &[Debian], None),
    ("apt-daily-upgrade", &[Debian], None),
    ("dnf-automatic", &[RedHat], None),
    ("dnf-makecache", &[RedHat], None),
    ("transactional-update", &[Suse], None),
];

/// Units that come with a package of their own, and what the names of packages have in them that bring it.
const BROUGHT: &[(&str, &[&str])] = &[
    ("ssh", &["ssh"]),
    ("sshd", &["ssh"]),
    ("chronyd", &["chrony"]),
    ("chrony", &["chrony"]),
    (
        "NetworkManager",
        &["network-manager", "networkmanager", "NetworkManager"],
    ),
    ("firewalld", &["firewall"]),
    ("cloud-init", &["cloud-init"]),
    ("docker", &["docker", "moby"]),
    ("containerd", &["containerd", "docker", "moby"]),
    ("qemu-guest-agent", &["qemu-guest"]),
    ("networking", &["ifupdown"]),
    ("nginx", &["nginx"]),
    ("libvirtd", &["libvirt"]),
    ("postgresql", &["postgres"]),
    ("fail2ban", &["fail2ban"]),
    ("greetd", &["greetd", "greeter", "regreet"]),
    ("lightdm", &["lightdm"]),
    ("sddm", &["sddm"]),
    ("haproxy", &["haproxy"]),
    ("keepalived", &["keepalived"]),
    ("mariadb", &["mariadb"]),
    ("cups", &["cups", "print"]),
    ("slurmd", &["slurm"]),
    ("salt-minion", &["salt"]),
    ("salt-master", &["salt"]),
    ("waagent", &["azure", "waagent", "WALinux", "walinux"]),
];

/// Lists of fewer packages than this say little of what is in the image.
const FEW: usize = 10;

/// Parts of the names of packages that bring much.
const MUCH: &[&str] = &[
    "pattern",
    "task-",
    "desktop",
    "ubuntu-",
    "gnome",
    "kde",
    "plasma",
    "xfce",
    "mate",
    "lxqt",
    "lxde",
    "cinnamon",
    "budgie",
    "anaconda",
    "cockpit",
    "yast",
    "initial-setup",
    "agama",
    "live",
    "jeos",
    "openstack",
    "kubic",
];

/// A script that asks which system it is on, or whether something is there, knows.
pub(super) const ASKS: &[&str] = &["os-release", "command -v", "which ", "hash ", "type -"];

/// Commands whose words name files that have to be there.
const WITH_FILES: &[&str] = &[
    "chmod",
    "chown",
    "chgrp",
    "source",
    ".",
    "bash",
    "sh",
    "cp",
    "mv",
    "cat",
    "sed",
    "rpm",
    "rpmkeys",
    "gpg",
    "apt-key",
    "dpkg",
    "tar",
    "unzip",
    "python3",
    "perl",
    "patch",
    "restorecon",
    "setcap",
    "rm",
];

impl Script<'_> {
    /// Looks at the names in a script of the tree.
    pub(super) fn names(&mut self, here: &Here<'_>) {
        self.units_of_others(here);
        self.unbrought(here);
        self.profiles(here);
        self.accounts(here);
        self.joined(here);
        self.image_name(here);
        self.overlay_files(here);
    }

    fn units_of_others(&mut self, here: &Here<'_>) {
        let own = families(here.image);
        let text = self.text;
        // A package manager that reads none of the repositories is the fault itself.
        let odd = || super::repositories::unread(here.image).is_some();
        if own.is_empty() || ASKS.iter().any(|a| text.contains(a)) || odd() {
            return;
        }
        for (at, line) in commands(text) {
            if line.contains("||") || line.contains("mask") || line.starts_with('#') {
                continue;
            }
            let word = line.split_whitespace().next().unwrap_or("");
            if own == [Alpine] && word == "systemctl" && !says(text, "systemd") && !lists(here, "systemd") {
                let span = Span::new(at as u32, (at + word.len()) as u32);
                let message = "Alpine has no `systemctl`: its services are OpenRC's".to_owned();
                self.add(
                    "command-of-other-distribution",
                    span,
                    message,
                    "did you mean `rc-update add`?",
                );
                return;
            }
            for word in named(line) {
                let (stem, end) = match word.rsplit_once('.') {
                    Some((stem, end)) if matches!(end, "service" | "socket" | "timer") => (stem, Some(end)),
                    Some(_) => continue,
                    None => (word, None),
                };
                let Some((_, of, meant)) = UNITS.iter().find(|(unit, _, _)| *unit == stem) else {
                    continue;
                };
                let made = || says(text, &format!("/{stem}.")) || overlay_has(here, stem);
                // A package of that name may have the unit where no other name is known.
                let listed = || meant.is_none() && lists(here, stem);
                if own.iter().any(|o| of.contains(o)) || listed() || made() {
                    continue;
                }
                let label = match meant {
                    Some(meant) => match end {
                        Some(end) => format!("did you mean `{meant}.{end}`?"),
                        None => format!("did you mean `{meant}`?"),
                    },
                    None => "take it out".to_owned(),
                };
                let span = place(at, line, word);
                let message = format!("`{word}` is a unit of another distribution");
                self.add("unknown-unit", span, message, &label);
            }
        }
    }

    /// Units of packages that no list installs.
    fn unbrought(&mut self, here: &Here<'_>) {
        let text = self.text;
        let names = || super::script_needs::names(here.image);
        let installs = ["install", "zypper", "tar ", "dpkg -i", "rpm -"]
            .iter()
            .any(|w| text.contains(w));
        let open = super::script_needs::more(here.image) || here.has("root.tar.gz");
        // Who names but a few packages mostly names one that brings the others.
        let few = names().take(FEW).count() < FEW;
        if open || installs || few || ASKS.iter().any(|a| text.contains(a)) {
            return;
        }
        for (at, line) in commands(text) {
            let enables = line.contains("enable") && !line.contains("||") && !line.starts_with('#');
            for word in named(line).into_iter().filter(|_| enables) {
                let stem = word.strip_suffix(".service").unwrap_or(word);
                let Some((_, brought)) = BROUGHT.iter().find(|(unit, _)| *unit == stem) else {
                    continue;
                };
                // A client of a service does not bring it.
                let service =
                    |n: &&str| !n.ends_with("-cli") && !n.ends_with("-client") && !n.starts_with("python");
                let there = names()
                    .filter(service)
                    .any(|n| brought.iter().chain(MUCH).any(|b| n.contains(b)));
                let told = self.out.iter().any(|d| d.span == place(at, line, word));
                if there || told || overlay_has(here, stem) || says(text, &format!("/{stem}.")) {
                    continue;
                }
                let message = format!("no list installs a package that has the unit `{word}`");
                self.add(
                    "unknown-unit",
                    place(at, line, word),
                    message,
                    "add its package, or take this out",
                );
            }
        }
    }

    /// Names of profiles that the script asks for and that are slips of the declared ones.
    fn profiles(&mut self, here: &Here<'_>) {
        let declared: Vec<&str> = here
            .image
            .profiles
            .iter()
            .map(|p| p.name.value.as_str())
            .collect();
        let text = self.text;
        if declared.is_empty() || !text.contains("kiwi_profiles") {
            return;
        }
        // What goes through the chosen profiles one by one.
        let looping = commands(text).into_iter().find_map(|(_, line)| {
            let rest = line.strip_prefix("for ")?;
            let (name, rest) = rest.split_once(" in ")?;
            rest.contains("kiwi_profiles").then(|| name.trim().to_owned())
        });
        let mut known: Vec<&str> = declared.clone();
        let parts = declared.iter().flat_map(|d| d.split(['-', '_', '.']));
        known.extend(parts.filter(|p| p.len() > 4));
        // That a section names what no profile is called is told there.
        let used = |word: &str| super::view_profiles::uses(here.image).any(|u| u.value == word);
        let digits = |w: &str| w.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
        let names = |text: &str| {
            let one = |l: &String| text.contains(&format!("${l}")) || text.contains(&format!("${{{l}}}"));
            text.contains("kiwi_profiles") || looping.as_ref().is_some_and(one)
        };
        let mut cases = false;
        for (at, line) in commands(text) {
            let asks = names(line);
            if line.starts_with("case ") {
                cases = asks;
            }
            cases &= line != "esac";
            let tests = ["=", "grep"].iter().any(|w| line.contains(w)) && asks && !line.contains("-i");
            // What stands before the bracket of a case.
            let pattern = line.split_once(')').map(|(head, _)| head);
            let pattern =
                pattern.filter(|p| cases && !p.contains(['(', '=', ' ']) && !line.starts_with("case "));
            let said = ["#", "for ", "echo ", "printf ", "case "];
            let judged = match pattern {
                Some(pattern) => pattern,
                None if tests && !said.iter().any(|s| line.starts_with(s)) => line,
                None => continue,
            };
            // Of several tests only those of the profiles.
            let parts = judged.split("&&").flat_map(|p| p.split("||"));
            let parts = parts.filter(|p| pattern.is_some() || names(p));
            let split = |c: char| !(c.is_ascii_alphanumeric() || "-_.+$".contains(c));
            for word in parts.flat_map(|p| p.split(split)) {
                // Of short names only letters in another case or order are surely a slip.
                let short = |d: &&&str| {
                    d.eq_ignore_ascii_case(word)
                        || word.len() == 3 && super::groups::sorted(d) == super::groups::sorted(word)
                };
                let plain = (word.len() > 3 || word.len() > 1 && declared.iter().any(|d| short(&d)))
                    && !word.contains('$')
                    && !word.starts_with('-');
                if !plain
                    || NO_PROFILES.contains(&word)
                    || declared.iter().any(|d| d.contains(word))
                    || used(word)
                {
                    continue;
                }
                let same = declared.iter().find(|d| short(d)).copied();
                let same = same.or_else(|| known.iter().copied().find(|k| k.eq_ignore_ascii_case(word)));
                let close = || near(word, known.iter().copied()).filter(|m| digits(m) == digits(word));
                let Some(meant) = same.or_else(close) else {
                    continue;
                };
                let message = format!("no profile has `{word}` in its name");
                let label = format!("did you mean `{meant}`?");
                if let Some(one) = self.add("undefined-profile", place(at, line, word), message, &label) {
                    one.source = crate::diagnostic::Source::Files;
                    one.help =
                        Some("the build goes through, and the script leaves out what is for it".into());
                }
            }
        }
    }

    /// Accounts that are slips of the described ones.
    fn accounts(&mut self, here: &Here<'_>) {
        let users = || here.image.users.iter().flat_map(|s| &s.users);
        let mut known: Vec<&str> = users().filter_map(|u| u.attrs.get("name")).collect();
        if known.is_empty() {
            return;
        }
        let groups = users().flat_map(|u| u.attrs.list("groups"));
        known.extend(groups.map(|g| g.split(':').next().unwrap_or(g)));
        let text = self.text;
        let making = ["useradd", "adduser", "groupadd", "addgroup", "sysusers"];
        let makers: Vec<&str> = text
            .lines()
            .filter(|l| making.iter().any(|w| l.contains(w)))
            .collect();
        // Names that are put together are not seen.
        if makers.iter().any(|l| l.contains(['$', '<', '`'])) || text.contains("sysusers") {
            return;
        }
        let made = |name: &str| makers.iter().any(|l| l.contains(name));
        for (at, line) in commands(text) {
            let mut words = line.split_whitespace();
            let given = match words.next().unwrap_or("") {
                "chown" => words.find(|w| !w.starts_with('-')),
                "install" => {
                    let mut owner = words.skip_while(|w| *w != "-o").skip(1);
                    owner.next()
                }
                "usermod" | "passwd" | "chage" => words.last().filter(|w| !w.starts_with(['-', '/'])),
                _ => continue,
            };
            for name in given.unwrap_or("").split([':', '.']) {
                let exchanged =
                    |k: &&&str| k.len() == 3 && super::groups::sorted(k) == super::groups::sorted(name);
                let short = known.iter().find(exchanged).copied().filter(|_| name.len() == 3);
                let plain = (name.len() > 3 || short.is_some())
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                let others =
                    super::groups::GROUPS.contains(&name) || super::containers::ACCOUNTS.contains(&name);
                if !plain || known.contains(&name) || others || lists(here, name) || made(name) {
                    continue;
                }
                let close = || near(name, known.iter().copied().filter(|k| k.len() > 3));
                let renamed = || super::groups::renamed(name, &known);
                let Some(meant) = short.or_else(close).or_else(renamed) else {
                    continue;
                };
                let message = format!("no account or group `{name}` is described");
                let label = format!("did you mean `{meant}`?");
                if let Some(one) = self.add("script-command", place(at, line, name), message, &label) {
                    one.help = Some(
                        "the command fails: the build stops there, or the files keep their owner".into(),
                    );
                }
            }
        }
    }

    /// Groups that come with a package which no list installs, given to an account.
    fn joined(&mut self, here: &Here<'_>) {
        const GROUPS: &[(&str, &[&str])] = &[
            ("docker", &["docker", "moby", "podman"]),
            ("libvirt", &["libvirt", "virt"]),
            ("lxd", &["lxd", "incus"]),
            ("wireshark", &["wireshark"]),
            ("vboxusers", &["virtualbox"]),
        ];
        let text = self.text;
        let users = || here.image.users.iter().flat_map(|s| &s.users);
        let making = ["groupadd", "addgroup", "sysusers", "install -y", "zypper"];
        if super::script_needs::more(here.image) || here.has("root.tar.gz") || names_few(here) {
            return;
        }
        for (at, line) in commands(text) {
            let mut words = line.split_whitespace();
            if words.next() != Some("usermod") || line.contains("||") {
                continue;
            }
            let mut words =
                words.skip_while(|w| !(w.starts_with('-') && w.ends_with('G') || *w == "--groups"));
            let Some(groups) = words.nth(1) else { continue };
            for group in groups.split(',') {
                let Some((_, brought)) = GROUPS.iter().find(|(name, _)| *name == group) else {
                    continue;
                };
                let known = users().any(|u| {
                    u.attrs
                        .list("groups")
                        .iter()
                        .any(|g| g.split(':').next() == Some(group))
                });
                let there = super::script_needs::names(here.image)
                    .any(|n| brought.iter().chain(MUCH).any(|b| n.contains(b)));
                if known || there || making.iter().any(|w| says(text, w)) {
                    continue;
                }
                let message = format!("no list installs a package that makes the group `{group}`");
                let label = "add its package, or take this out";
                if let Some(one) = self.add("script-command", place(at, line, group), message, label) {
                    one.help = Some(
                        "the command fails: the build stops there, or the account is in no such group".into(),
                    );
                }
            }
        }
    }

    /// The image's name in a test, spelt another way: other names may be of images that share the script.
    fn image_name(&mut self, here: &Here<'_>) {
        let own = here.image.name.as_str();
        if own.len() < 4 {
            return;
        }
        let text = self.text;
        let plain = |w: &str| -> String {
            w.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_ascii_lowercase()
        };
        for (at, line) in commands(text) {
            if !line.contains("kiwi_iname") || !line.contains('=') || line.starts_with(['#', 'e']) {
                continue;
            }
            let quoted = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ']' | '[' | ';');
            for word in line
                .split(quoted)
                .filter(|w| w.len() > 3 && !w.contains(['$', '*', '?']))
            {
                let slip = plain(word) == plain(own) || super::found::one_keystroke(word, own);
                let digits = |w: &str| w.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
                let compared = || text.lines().any(|l| l.contains("kiwi_iname") && l.contains(own));
                if word == own || !slip || digits(word) != digits(own) || compared() {
                    continue;
                }
                let message = format!("the image is called `{own}`, and never `{word}`");
                let label = format!("did you mean `{own}`?");
                if let Some(one) = self.add("script-command", place(at, line, word), message, &label) {
                    one.help =
                        Some("the build goes through, and the script leaves out what is for it".into());
                }
            }
        }
    }

    /// Files that are slips of those of the overlay.
    fn overlay_files(&mut self, here: &Here<'_>) {
        let text = self.text;
        for (at, line) in commands(text) {
            let mut words = line.split_whitespace();
            let command = words.next().unwrap_or("");
            let direct = command.starts_with('/').then_some(command);
            // What is written into need not be there.
            let read = words.take_while(|w| !w.starts_with(['>', '|', ';', '&']) && !w.starts_with("2>"));
            let given = read.filter(|w| w.starts_with('/') && WITH_FILES.contains(&command));
            // Of a copy only what it is made of is there.
            let most = if matches!(command, "cp" | "mv") { 1 } else { 8 };
            for path in direct.into_iter().chain(given.take(most)) {
                let path = path.trim_end_matches(';');
                let plain = path
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"/._-+@".contains(&b));
                let Some((folder, name)) = path.trim_start_matches('/').rsplit_once('/').filter(|_| plain)
                else {
                    continue;
                };
                // What is spoken of more than once may be made by the script.
                if name.len() < 6 || text.matches(path).count() > 1 {
                    continue;
                }
                let names: Vec<String> = overlays(here)
                    .flat_map(|o| here.folder.names(&format!("{o}/{folder}")).unwrap_or_default())
                    .collect();
                if names.iter().any(|n| n == name) {
                    continue;
                }
                let Some(meant) = near(name, names.iter().map(String::as_str)) else {
                    continue;
                };
                let is_file = overlays(here).any(|o| {
                    let entry = here.folder.entry(&format!("{o}/{folder}/{meant}"));
                    entry.is_some_and(|e| e.kind == Kind::File)
                });
                let digits = |w: &str| w.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
                // A copy that is made of the other one is another file.
                let full = format!("/{folder}/{meant}");
                let copying = |l: &str| ["cp ", "mv ", "ln ", "sed "].iter().any(|c| l.contains(c));
                let copied = text.lines().any(|l| l.contains(full.as_str()) && copying(l));
                let spoken = text.match_indices(full.as_str()).any(|(at, _)| {
                    let next = text.as_bytes().get(at + full.len());
                    !next.is_some_and(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b))
                });
                if !is_file || spoken && copied || digits(meant) != digits(name) {
                    continue;
                }
                let message = format!("the overlay has `/{folder}/{meant}`, and no `{name}` there");
                let label = format!("did you mean `/{folder}/{meant}`?");
                self.add("script-command", place(at, line, path), message, &label);
            }
        }
    }
}

/// Lists that say little of what is in the image.
fn names_few(here: &Here<'_>) -> bool {
    super::script_needs::names(here.image).take(FEW).count() < FEW
}

/// Words of tests that are no names.
const NO_PROFILES: &[&str] = &[
    "kiwi_profiles",
    "then",
    "grep",
    "echo",
    "test",
    "true",
    "false",
    "else",
    "elif",
    "done",
    "exit",
    "case",
    "esac",
    "egrep",
    "while",
    "profile",
    "profiles",
    "return",
];

/// Where a word of a line stands.
fn place(at: usize, line: &str, word: &str) -> Span {
    let from = at + (word.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    Span::new(from as u32, (from + word.len()) as u32)
}

fn says(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// A list has a package of that very name.
fn lists(here: &Here<'_>, name: &str) -> bool {
    items(here.image).any(|i| i.name.value == name)
}

/// An overlay has a unit of that name.
fn overlay_has(here: &Here<'_>, stem: &str) -> bool {
    overlays(here).any(|o| {
        super::units::FOLDERS.iter().any(|f| {
            let names = here.folder.names(&format!("{o}/{f}")).unwrap_or_default();
            names.iter().any(|n| n.split('.').next() == Some(stem))
        })
    })
}
