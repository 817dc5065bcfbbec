//! Subcommands of package managers in a build's script: slips of the pen, and what another distribution's manager calls the
//! same. Looks at the words of single commands; runs nothing.

use super::Script;
use crate::rules::found::one_keystroke;

/// Programs whose first word says what to do, with the words they know. Shorter words are not judged.
const VERBS: &[(&[&str], &[&str])] = &[
    (
        &["zypper"],
        &[
            "install",
            "remove",
            "update",
            "refresh",
            "dist-upgrade",
            "addrepo",
            "removerepo",
            "renamerepo",
            "modifyrepo",
            "clean",
            "patch",
            "search",
            "addlock",
            "removelock",
            "repos",
            "verify",
            "locks",
            "patterns",
            "packages",
            "products",
            "download",
            "install-new-recommends",
            "refresh-services",
            "addservice",
            "inr",
            "source-install",
        ],
    ),
    (
        &["apt-get", "apt", "aptitude"],
        &[
            "install",
            "remove",
            "purge",
            "update",
            "upgrade",
            "dist-upgrade",
            "full-upgrade",
            "autoremove",
            "autopurge",
            "clean",
            "autoclean",
            "download",
            "source",
            "build-dep",
            "check",
            "reinstall",
            "satisfy",
            "changelog",
            "search",
            "policy",
            "depends",
            "rdepends",
            "edit-sources",
            "safe-upgrade",
        ],
    ),
    (
        &["apt-mark"],
        &[
            "hold",
            "unhold",
            "auto",
            "manual",
            "showhold",
            "showauto",
            "showmanual",
        ],
    ),
    (
        &["dnf", "dnf5", "yum", "microdnf"],
        &[
            "install",
            "remove",
            "erase",
            "update",
            "upgrade",
            "clean",
            "makecache",
            "autoremove",
            "swap",
            "group",
            "groupinstall",
            "groupremove",
            "grouplist",
            "config-manager",
            "copr",
            "module",
            "download",
            "reinstall",
            "downgrade",
            "search",
            "repolist",
            "repoinfo",
            "distro-sync",
            "distrosync",
            "builddep",
            "history",
            "provides",
            "repoquery",
            "versionlock",
            "upgrade-minimal",
            "localinstall",
            "needs-restarting",
            "system-upgrade",
            "reposync",
            "environment",
            "leaves",
        ],
    ),
];

/// What people bring along from the manager of another distribution, and what it is called here: nothing where it needs more
/// words than one.
const FOREIGN: &[(&[&str], &[(&str, &str)])] = &[
    (
        &["zypper"],
        &[
            ("upgrade", "update"),
            ("full-upgrade", "dist-upgrade"),
            ("autoremove", ""),
            ("makecache", "refresh"),
            ("purge", "remove"),
            ("erase", "remove"),
            ("add", "install"),
            ("del", "remove"),
            ("groupinstall", ""),
            ("swap", ""),
        ],
    ),
    (
        &["apt-get", "apt"],
        &[
            ("refresh", "update"),
            ("makecache", "update"),
            ("dup", "dist-upgrade"),
            ("erase", "remove"),
            ("add", "install"),
            ("del", "remove"),
            ("groupinstall", ""),
            ("in", "install"),
            ("ref", "update"),
        ],
    ),
    (
        &["dnf", "dnf5", "yum", "microdnf"],
        &[
            ("refresh", "makecache"),
            ("dist-upgrade", "distro-sync"),
            ("full-upgrade", "upgrade"),
            ("dup", "distro-sync"),
            ("purge", "remove"),
            ("add", "install"),
            ("del", "remove"),
            ("addrepo", ""),
            ("autoclean", "clean"),
        ],
    ),
    (
        &["apk"],
        &[
            ("install", "add"),
            ("remove", "del"),
            ("refresh", "update"),
            ("purge", "del"),
            ("erase", "del"),
        ],
    ),
    (
        &["pacman"],
        &[
            ("install", "-S"),
            ("remove", "-R"),
            ("update", "-Syu"),
            ("upgrade", "-Syu"),
            ("refresh", "-Sy"),
            ("clean", "-Scc"),
        ],
    ),
];

impl Script<'_> {
    /// A subcommand that is a slip of one, or that another program has.
    pub(super) fn verb(&mut self, at: usize, line: &str, program: &str, rest: &[&str]) -> bool {
        let verb = rest.iter().find(|w| !w.starts_with('-')).copied().unwrap_or("");
        let Some(meant) = slip(program, verb).or_else(|| foreign(program, verb, rest)) else {
            return false;
        };
        if super::calls::defines(self.text, program) {
            return false;
        }
        let message = format!("`{program}` has no command `{verb}`");
        let label = match meant {
            "" => "not one of its commands".to_owned(),
            meant => format!("did you mean `{meant}`?"),
        };
        let then = super::FAILS;
        self.tell(at, line, verb, message, &label, then)
    }
}

/// The command of the program that is a keystroke away.
fn slip(program: &str, verb: &str) -> Option<&'static str> {
    let (_, verbs) = VERBS.iter().find(|(programs, _)| programs.contains(&program))?;
    let close = |v: &&str| v.len() > 4 && one_keystroke(v, verb);
    let odd = verb.len() > 3 && !verbs.contains(&verb);
    verbs.iter().copied().filter(|_| odd).find(close)
}

/// What the program calls that which others have under this name.
fn foreign(program: &str, verb: &str, rest: &[&str]) -> Option<&'static str> {
    // Of `pacman` the first word alone is one.
    if program == "pacman" && rest.first() != Some(&verb) {
        return None;
    }
    let (_, verbs) = FOREIGN.iter().find(|(programs, _)| programs.contains(&program))?;
    verbs
        .iter()
        .find(|(name, _)| *name == verb)
        .map(|(_, meant)| *meant)
}
