//! What a script of a build needs and the image does not have: the program that runs it, the package manager that it
//! calls. Looks at the lists of packages by name alone; runs nothing.

use super::{Run, Script};
use crate::description::model::{Image, Item, ItemKind};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::packages::Family;
use crate::text::Span;

/// Programs that run scripts and that no system has by itself, with what the names of packages have in them that bring
/// one: their own, and such as need it.
const PROGRAMS: &[(&str, &[&str])] = &[
    (
        "ruby",
        &[
            "ruby",
            "yast",
            "vagrant",
            "puppet",
            "chef",
            "asciidoctor",
            "jekyll",
        ],
    ),
    ("node", &["node", "npm", "yarn", "electron"]),
    ("php", &["php", "wordpress", "nextcloud", "icinga"]),
    ("tclsh", &["tcl", "expect", "tk", "sqlite"]),
    ("expect", &["expect", "dejagnu"]),
    ("zsh", &["zsh"]),
    ("python2", &["python2", "python-2", "python27"]),
    ("python2.7", &["python2", "python-2", "python27"]),
    ("fish", &["fish"]),
    ("ksh", &["ksh"]),
    ("lua", &["lua"]),
    (
        "python3",
        &[
            "python",
            "ansible",
            "anaconda",
            "azure",
            "aws",
            "blivet",
            "ceph",
            "certbot",
            "cloud-",
            "cockpit",
            "crmsh",
            "desktop",
            "dnf",
            "docker-compose",
            "ec2",
            "fail2ban",
            "firewalld",
            "gce",
            "gdb",
            "git",
            "glib",
            "gnome",
            "google",
            "kde",
            "kiwi",
            "lsb-release",
            "mercurial",
            "meson",
            "mock",
            "netplan",
            "openstack",
            "osc",
            "patterns",
            "pip",
            "plasma",
            "policycoreutils",
            "reportbug",
            "ros",
            "rpmlint",
            "salt",
            "samba",
            "selinux",
            "setools",
            "software-properties",
            "sos",
            "supportutils",
            "systemtap",
            "task-",
            "tuned",
            "ubuntu-",
            "ufw",
            "unattended-upgrades",
            "virt",
            "vim",
            "xen",
            "xfce",
            "yum",
            "apt-listchanges",
            "debconf-kde",
            "gtk",
            "hplip",
            "ipa",
            "libreoffice",
            "mate",
            "networkd-dispatcher",
            "nova",
            "snapd",
            "suse-",
            "insserv",
            "iotop",
            "kdump",
            "multipath",
            "pacemaker",
            "rpm-build",
            "sssd",
            "tboot",
            "wicked",
            "command-not-found",
        ],
    ),
];

/// Commands that one family of distributions has, and names of packages by which another may have them.
const COMMANDS: &[(&str, &[Family], &str)] = &[
    ("apt", &[Family::Debian], "apt"),
    ("apt-cache", &[Family::Debian], "apt"),
    ("apt-get", &[Family::Debian], "apt"),
    ("apt-key", &[Family::Debian], "apt"),
    ("apt-mark", &[Family::Debian], "apt"),
    ("add-apt-repository", &[Family::Debian], "apt"),
    ("debconf-set-selections", &[Family::Debian], "debconf"),
    ("dpkg", &[Family::Debian], "dpkg"),
    ("dpkg-reconfigure", &[Family::Debian], "debconf"),
    ("update-initramfs", &[Family::Debian], "initramfs-tools"),
    ("zypper", &[Family::Suse], "zypper"),
    ("SUSEConnect", &[Family::Suse], "suseconnect"),
    ("transactional-update", &[Family::Suse], "transactional-update"),
    ("dnf", &[Family::RedHat], "dnf"),
    ("yum", &[Family::RedHat], "yum"),
    ("microdnf", &[Family::RedHat], "microdnf"),
    ("rpm", &[Family::RedHat, Family::Suse], "rpm"),
    ("pacman", &[Family::Arch], "pacman"),
    ("pacman-key", &[Family::Arch], "pacman"),
    ("apk", &[Family::Alpine], "apk"),
];

/// The families whose package managers the description names.
pub(in crate::rules) fn families(image: &Image) -> Vec<Family> {
    let managers = crate::rules::scope::managers(image).into_iter();
    managers.filter_map(|m| Family::of(m.trim())).collect()
}

/// The names of all packages that some build of the description installs, and those that misspelt ones mean.
pub(in crate::rules) fn names<'h>(here: &'h Here<'_>) -> impl Iterator<Item = &'h str> {
    let items = crate::rules::files::items(here.image).filter(|i| i.kind == ItemKind::Package);
    let meant = std::iter::once_with(|| here.meant()).flatten();
    items.map(|i| &*i.name.value).chain(meant.copied())
}

/// The image may have more than the names of its packages say: a base, archives, groups of packages, a distribution of
/// the author's own.
pub(in crate::rules) fn more(image: &Image) -> bool {
    let other = |i: &Item| i.kind == ItemKind::Archive || i.group().is_some();
    based(image) || crate::rules::files::items(image).any(other)
}

/// The same of what cannot be looked into: a base, a product, a distribution of the author's own.
pub(in crate::rules) fn based(image: &Image) -> bool {
    let based = |t: &crate::description::model::ImageType| t.element.attrs.at("derived_from").is_some();
    let mut types = image.preferences.iter().flat_map(|p| &p.types);
    types.any(based) || crate::rules::files::items(image).any(|i| i.kind == ItemKind::Product) || own(image)
}

/// The names of releases that are nobody's own.
const RELEASES: &[&str] = &[
    "almalinux",
    "alp",
    "amazon",
    "azurelinux",
    "centos",
    "distribution",
    "epel",
    "fedora",
    "generic",
    "leap",
    "lsb",
    "mageia",
    "microos",
    "openeuler",
    "opensuse",
    "openmandriva",
    "oraclelinux",
    "redhat",
    "rocky",
    "rpmfusion",
    "sl",
    "sle",
    "sled",
    "sles",
    "system",
];

/// A distribution of the author's own: its release is listed, and what that is made of by the name of a package or two.
fn own(image: &Image) -> bool {
    const MADE: &[&str] = &[
        "base", "common", "core", "desktop", "meta", "minimal", "server", "system",
    ];
    let names = || crate::rules::files::items(image).map(|i| i.name.value.as_str());
    let mut releases = names().filter_map(|n| n.strip_suffix("-release"));
    releases.any(|release| {
        let first = release.split(['-', '_']).next().unwrap_or(release);
        let known = RELEASES.iter().any(|k| k.eq_ignore_ascii_case(first));
        let made = |n: &str| {
            let tail = n.strip_prefix(release).and_then(|n| n.strip_prefix('-'));
            tail.is_some_and(|t| MADE.contains(&t))
        };
        !known && names().any(made)
    })
}

/// What a program of the overlay needs in the running system that is not there.
pub(in crate::rules) fn of_guest(here: &Here<'_>, text: &str) -> Vec<Diagnostic> {
    let mut script = Script::new(text, Run::Guest, true);
    script.program(here);
    script.out
}

impl Script<'_> {
    /// What a script inside the tree needs that is not there.
    pub(in crate::rules) fn needs(&mut self, here: &Here<'_>) {
        self.program(here);
        self.foreign(here);
        self.locales(here);
    }

    /// Debian makes locales by a package of its own.
    fn locales(&mut self, here: &Here<'_>) {
        let image = here.image;
        const BRINGING: &[&str] = &["locales", "ubuntu", "task-", "desktop", "language-", "belocs"];
        let own = families(image) == [Family::Debian] && names(here).next().is_some() && !more(image);
        let text = self.text;
        if !own || text.contains("install") || names(here).any(|n| BRINGING.iter().any(|b| n.contains(b))) {
            return;
        }
        for &(at, line) in self.commands().iter() {
            let command = line.split_whitespace().next().unwrap_or("");
            let bare = command.rsplit('/').next().unwrap_or(command);
            if matches!(bare, "locale-gen" | "update-locale") && !line.contains("||") {
                let span = Span::new(at as u32, (at + command.len()) as u32);
                let message = format!("the script calls `{bare}`, and no list installs that");
                self.add("script-command", span, message, "add the package `locales`");
                return;
            }
        }
    }

    /// The program that the first line names.
    fn program(&mut self, here: &Here<'_>) {
        let first = self.text.lines().next().unwrap_or("");
        let Some(line) = first.strip_prefix("#!").filter(|_| self.executable) else {
            return;
        };
        let mut words = line.split_whitespace();
        let path = words.next().unwrap_or("");
        let base = path.rsplit('/').next().unwrap_or("");
        let program = if base == "env" {
            words
                .find(|w| !w.starts_with('-') && !w.contains('='))
                .unwrap_or("")
        } else {
            base
        };
        if self.unnumbered(here, program, first) {
            return;
        }
        // All but one of the families have bash in their smallest system.
        let bash: &[(&str, &[&str])] = match families(here.image).as_slice() {
            [Family::Alpine] => &[("bash", &["bash", "dracut", "git"])],
            _ => &[],
        };
        let mut programs = PROGRAMS.iter().chain(bash);
        let Some((_, brought)) = programs.find(|(name, _)| *name == program) else {
            return;
        };
        let lists = names(here).next().is_some() && !more(here.image);
        let known = || names(here).any(|n| brought.iter().any(|b| n.contains(b)));
        let local = ["bin", "usr/bin", "usr/local/bin"].iter().any(|d| {
            let path = format!("root/{d}/{program}");
            here.folder.entry(&path).is_some()
        });
        if !lists || known() || local {
            return;
        }
        let message = format!("the script is written for `{program}`, and no list installs that");
        let span = Span::new(2, first.trim_end().len() as u32);
        let label = format!("add the package that has `{program}`, or write it for bash");
        let guest = self.run == Run::Guest;
        let told = self.add("script-interpreter", span, message, &label);
        if let Some(one) = told.filter(|_| !guest) {
            one.help = Some("the build would stop in prepare, where the script cannot be started".into());
        }
    }

    /// Python without its number, which newer systems have only by a package of its own.
    fn unnumbered(&mut self, here: &Here<'_>, program: &str, first: &str) -> bool {
        let families = families(here.image);
        let newer = families
            .iter()
            .all(|f| matches!(f, Family::Debian | Family::RedHat | Family::Suse));
        const BRINGING: &[&str] = &[
            "python2",
            "python-is-",
            "python-unversioned",
            "python27",
            "python-2",
        ];
        let three = || names(here).any(|n| n.starts_with("python3"));
        let brought = || names(here).any(|n| n == "python" || BRINGING.iter().any(|b| n.starts_with(b)));
        if program != "python" || families.is_empty() || !newer || more(here.image) || !three() || brought() {
            return false;
        }
        let from = first.rfind("python").unwrap_or(2);
        let span = Span::new(from as u32, (from + program.len()) as u32);
        let message = "no list installs a program `python` without a number".to_owned();
        self.add("script-interpreter", span, message, "did you mean `python3`?");
        true
    }

    /// The first call of a package manager that another distribution has.
    fn foreign(&mut self, here: &Here<'_>) {
        let image = here.image;
        let own = families(image);
        let others = |of: &[Family]| !own.is_empty() && !own.iter().any(|o| of.contains(o));
        if !COMMANDS.iter().any(|(_, of, _)| others(of)) {
            return;
        }
        let text = self.text;
        // Who asks which system it is, or whether there is such a program, knows.
        let asks = [
            "os-release",
            "command -v",
            "which ",
            "hash ",
            "type -",
            "$ID",
            "${ID",
        ];
        if asks.iter().any(|a| text.contains(a)) {
            return;
        }
        for &(at, line) in self.commands().iter() {
            let indented = text.get(..at).is_some_and(|t| t.ends_with([' ', '\t']));
            if indented || line.contains("||") || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_whitespace();
            let word = words.find(|w| *w != "sudo" && !w.contains('=')).unwrap_or("");
            let bare = word.rsplit('/').next().unwrap_or(word);
            let Some((command, of, package)) = COMMANDS.iter().find(|(c, _, _)| *c == bare) else {
                continue;
            };
            if !others(of) || names(here).any(|n| n.starts_with(package)) || super::calls::defines(text, bare)
            {
                continue;
            }
            let start = at + line.find(word).unwrap_or(0);
            let span = Span::new(start as u32, (start + word.len()) as u32);
            let managers = crate::rules::scope::managers(image);
            let message = format!(
                "the script calls `{command}`, and the packages of the image are `{}`'s",
                managers.first().copied().unwrap_or("").trim()
            );
            self.add("command-of-other-distribution", span, message, "not in the image");
            return;
        }
    }
}
