//! Packages that a script of a build installs by itself, under names that are slips, and commands of packages which nothing
//! installs. Looks at words; runs nothing.

use super::Script;
use super::names::{ASKS, FEW, MUCH, place};
use super::needs::{families, more, names};
use crate::description::model::At;
use crate::diagnostic::FileId;
use crate::rules::files::Here;
use crate::rules::found::Found;

/// The package managers of distributions.
const MANAGERS: &[&str] = &[
    "apt", "apt-get", "aptitude", "dnf", "dnf5", "yum", "microdnf", "zypper", "pacman", "apk",
];

/// Commands that come with a package which others seldom bring, and what the names of such packages have in them.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("visudo", &["sudo"]),
    ("mkimage", &["u-boot", "uboot"]),
    ("plymouth-set-default-theme", &["plymouth"]),
    ("tasksel", &["tasksel"]),
    ("firewall-offline-cmd", &["firewall"]),
    ("firewall-cmd", &["firewall"]),
    ("ufw", &["ufw"]),
    ("snapper", &["snapper"]),
    ("flatpak", &["flatpak"]),
    ("podman", &["podman", "toolbox", "distrobox"]),
    ("docker", &["docker", "moby", "podman"]),
    ("nmcli", &["etwork-manager", "etworkManager", "etworkmanager"]),
    ("a2enmod", &["apache"]),
    ("a2ensite", &["apache"]),
    ("tuned-adm", &["tuned"]),
    ("cloud-init", &["cloud-init"]),
    ("setfacl", &["acl", "systemd"]),
    ("postconf", &["postfix"]),
    ("salt-call", &["salt"]),
    ("virsh", &["libvirt"]),
];

/// The words of the commands of a script that install packages. None where not all of what it brings is seen.
pub(in crate::rules) fn installed<'t>(lines: &[(usize, &'t str)]) -> Option<Vec<&'t str>> {
    const OTHERS: &[&str] = &[
        "pip", "pip3", "npm", "snap", "make", "flatpak", "ninja", "helm", "gem", "cargo",
    ];
    let mut all = Vec::new();
    for &(_, line) in lines.iter().filter(|(_, l)| !l.starts_with('#')) {
        let words = || line.split_whitespace().map(|w| w.trim_end_matches(';'));
        let calls = |tools: &[&str]| words().any(|w| tools.contains(&w.rsplit('/').next().unwrap_or(w)));
        let verb = |verbs: &[&str]| words().any(|w| verbs.contains(&w));
        let into = verb(&[
            "install",
            "reinstall",
            "groupinstall",
            "localinstall",
            "in",
            "add",
            "swap",
        ]) || words().any(|w| w.starts_with("-S") || w.starts_with("-U"));
        let packed = calls(&["rpm", "dpkg"])
            && words().any(|w| {
                ["-i", "-U", "-F", "--install", "--upgrade"]
                    .iter()
                    .any(|f| w.starts_with(f))
            });
        let hidden = line.contains('$') || line.contains("xargs") || line.ends_with('\\');
        if calls(&["tar", "bsdtar", "unzip"])
            || packed
            || into && (calls(OTHERS) || hidden && verb(&["install"]))
        {
            return None;
        }
        if into && calls(MANAGERS) {
            if hidden {
                return None;
            }
            all.extend(words());
        }
    }
    Some(all)
}

impl Script<'_> {
    /// Names of packages that are slips.
    pub(in crate::rules) fn packages(&mut self, here: &Here<'_>) {
        let [family] = families(here.image)[..] else {
            return;
        };
        for &(at, line) in self.commands().iter() {
            let tool = line.split_whitespace().find(|w| !w.contains('='));
            let installs = tool.is_some_and(|t| MANAGERS.contains(&t)) && !line.contains("||");
            let mut words = line.split([' ', '\t', ';', '&']).filter(|w| !w.is_empty());
            let verb = |w: &str| {
                matches!(
                    w,
                    "install" | "in" | "add" | "-S" | "-Sy" | "-Syu" | "remove" | "purge"
                )
            };
            if !installs || !words.any(verb) {
                continue;
            }
            let plain = |w: &&str| {
                w.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"+._-".contains(&b))
                    && !w.starts_with('-')
            };
            let slip = |w: &str| {
                crate::rules::packages::misspelt::meant(w, crate::rules::found::letters(w.as_bytes()), family)
            };
            let Some((word, meant)) = words.filter(plain).find_map(|w| Some((w, slip(w)?))) else {
                continue;
            };
            let message = format!("no package is known as `{word}`");
            let label = format!("did you mean `{meant}`?");
            let then = "the command fails: the build stops there, or goes on without the package";
            self.tell(at, line, word, message, &label, then);
        }
    }

    /// Addresses of repositories that a command adds: slips, and such as are of another release than the image.
    pub(in crate::rules) fn addresses(&mut self, here: &Here<'_>) {
        const ADDING: &[&str] = &["addrepo", "ar", "--add-repo", "addrepo=", "add-apt-repository"];
        for &(at, line) in self.commands().iter() {
            let adds = line.split_whitespace().any(|w| ADDING.contains(&w)) && !line.starts_with('#');
            let Some(word) = line.split_whitespace().find(|w| adds && w.contains("://")) else {
                continue;
            };
            let word = word.trim_matches(['"', '\'']);
            let (scheme, rest) = word.split_once("://").unwrap_or((word, ""));
            let then = "the command fails, or the running system finds no packages there";
            let schemes = ["http", "https", "ftp"];
            if let Some(meant) = schemes
                .into_iter()
                .find(|s| crate::rules::found::one_keystroke(s, scheme) && !schemes.contains(&scheme))
            {
                let message = format!("no repository is reached by `{scheme}:`");
                self.tell_meant(at, line, scheme, message, meant, then);
                continue;
            }
            if word.contains(['$', '{']) || word.ends_with(".repo") {
                continue;
            }
            let source = At {
                value: word.into(),
                file: FileId(0),
                span: place(at, line, word),
            };
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let mut out = Vec::new();
            crate::rules::repositories::addresses::remote(
                &source,
                host,
                path,
                &mut Found::new(here.image, &mut out),
            );
            if let Some(told) = out.pop() {
                let (message, label) = (told.message.to_string(), told.label.to_string());
                self.say("script-command", source.span, message, &label, then);
                continue;
            }
            if let Some((release, message, label)) =
                crate::rules::overlay::sources::of_other_release(here, word)
            {
                let then = "packages of two releases would meet in the running system";
                self.tell(at, line, release, message, &label, then);
            }
        }
    }

    /// Commands of packages that no list installs.
    pub(in crate::rules) fn programs(&mut self, here: &Here<'_>) {
        let text = self.text;
        let called = |w: &str| {
            PROGRAMS
                .iter()
                .find(|(p, _)| *p == w.rsplit('/').next().unwrap_or(w))
        };
        let first = |l: &'_ str| l.split([' ', '\t', ';']).next().and_then(called);
        let indented = |at: usize| text.get(..at).is_some_and(|t| t.ends_with([' ', '\t']));
        // What depends on something is left aside.
        let lines = self.commands();
        let all = || {
            lines
                .iter()
                .copied()
                .filter(|(at, l)| !indented(*at) && !l.contains("||"))
        };
        if all().all(|(_, l)| first(l).is_none()) || more(here.image) || here.has("root.tar.gz") {
            return;
        }
        if names(here).nth(FEW).is_none() || ASKS.iter().any(|a| text.contains(a)) {
            return;
        }
        let Some(installed) = installed(&lines) else {
            return;
        };
        for (at, line) in all() {
            let Some((program, brought)) = first(line) else {
                continue;
            };
            let mut there = names(here).chain(installed.iter().copied());
            let local = ["usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin"];
            let own = local
                .iter()
                .any(|f| crate::rules::overlay::has(here, &format!("{f}/{program}")));
            if own
                || super::calls::defines(text, program)
                || there.any(|n| brought.iter().chain(MUCH).any(|b| n.contains(b)))
            {
                continue;
            }
            let word = line.split([' ', '\t', ';']).next().unwrap_or("");
            let message = format!("no list installs a package that has the command `{program}`");
            let then = "the command is not found: what it is to do is left out, or the build stops";
            self.tell(at, line, word, message, "add its package, or take this out", then);
        }
    }
}
