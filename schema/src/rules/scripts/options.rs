//! Options of usual commands in a build's script that are slips of the pen. Knows long ones by name; runs nothing.

use super::Script;
use crate::rules::found::one_keystroke;

/// Commands with their long options.
const OPTIONS: &[(&[&str], &[&str])] = &[
    (
        &["rpm"],
        &[
            "import",
            "install",
            "upgrade",
            "freshen",
            "erase",
            "nodeps",
            "force",
            "root",
            "rebuilddb",
            "eval",
            "query",
            "queryformat",
            "nosignature",
            "nodigest",
            "excludedocs",
            "noscripts",
            "whatprovides",
            "quiet",
            "checksig",
            "verify",
            "restore",
            "setperms",
            "setugids",
            "percent",
            "hash",
            "replacepkgs",
        ],
    ),
    (
        &["apt-get", "apt"],
        &[
            "yes",
            "assume-yes",
            "no-install-recommends",
            "install-recommends",
            "install-suggests",
            "no-install-suggests",
            "allow-downgrades",
            "allow-unauthenticated",
            "allow-remove-essential",
            "allow-change-held-packages",
            "allow-releaseinfo-change",
            "fix-broken",
            "fix-missing",
            "purge",
            "quiet",
            "autoremove",
            "auto-remove",
            "reinstall",
            "no-upgrade",
            "only-upgrade",
            "download-only",
            "simulate",
            "target-release",
            "option",
            "assume-no",
            "force-yes",
            "no-download",
        ],
    ),
    (
        &["zypper"],
        &[
            "non-interactive",
            "no-recommends",
            "recommends",
            "gpg-auto-import-keys",
            "no-gpg-checks",
            "no-gpgcheck",
            "gpgcheck",
            "auto-agree-with-licenses",
            "force",
            "force-resolution",
            "no-confirm",
            "quiet",
            "root",
            "installroot",
            "refresh",
            "no-refresh",
            "clean-deps",
            "no-clean-deps",
            "priority",
            "allow-vendor-change",
            "no-allow-vendor-change",
            "allow-unsigned-rpm",
            "allow-downgrade",
            "name",
            "all",
            "repo",
            "from",
            "type",
            "details",
            "disable",
            "enable",
            "dry-run",
            "capability",
            "download",
            "xmlout",
            "releasever",
            "replacefiles",
            "ignore-unknown",
            "check",
            "no-check",
            "keep-packages",
        ],
    ),
    (
        &["dnf", "dnf5", "yum", "microdnf"],
        &[
            "assumeyes",
            "assumeno",
            "setopt",
            "nogpgcheck",
            "no-gpgchecks",
            "enablerepo",
            "enable-repo",
            "disablerepo",
            "disable-repo",
            "installroot",
            "releasever",
            "allowerasing",
            "skip-broken",
            "skip-unavailable",
            "best",
            "no-best",
            "nobest",
            "nodocs",
            "refresh",
            "exclude",
            "excludepkgs",
            "quiet",
            "repo",
            "repoid",
            "repofrompath",
            "from-repo",
            "forcearch",
            "config",
            "cacheonly",
            "add-repo",
            "set-enabled",
            "set-disabled",
            "save",
            "verbose",
            "noplugins",
            "downloadonly",
        ],
    ),
    (
        &["useradd", "usermod"],
        &[
            "create-home",
            "no-create-home",
            "home-dir",
            "home",
            "groups",
            "append",
            "gid",
            "uid",
            "shell",
            "system",
            "user-group",
            "no-user-group",
            "password",
            "comment",
            "lock",
            "unlock",
            "expiredate",
            "inactive",
            "login",
            "move-home",
            "non-unique",
            "skel",
            "base-dir",
            "key",
            "root",
            "prefix",
        ],
    ),
    (
        &["systemctl"],
        &[
            "now",
            "user",
            "global",
            "system",
            "root",
            "force",
            "quiet",
            "no-reload",
            "preset-mode",
            "no-block",
            "runtime",
            "no-pager",
            "no-legend",
            "no-ask-password",
            "type",
            "state",
            "all",
            "full",
            "image",
        ],
    ),
    (
        &["pacman"],
        &[
            "noconfirm",
            "confirm",
            "needed",
            "sync",
            "refresh",
            "sysupgrade",
            "overwrite",
            "root",
            "dbpath",
            "remove",
            "recursive",
            "nosave",
            "upgrade",
            "query",
            "clean",
            "cascade",
            "asdeps",
            "asexplicit",
            "ignore",
            "cachedir",
            "config",
            "gpgdir",
            "noscriptlet",
            "downloadonly",
            "unneeded",
            "sysroot",
        ],
    ),
];

impl Script<'_> {
    /// A long option that is a slip of one.
    pub(super) fn option(&mut self, at: usize, line: &str, program: &str, rest: &[&str]) -> bool {
        let Some((word, meant)) = slip(program, rest) else {
            return false;
        };
        if super::calls::defines(self.text, program) {
            return false;
        }
        let message = format!("`{program}` has no option `{word}`");
        let then = super::FAILS;
        self.tell(
            at,
            line,
            word,
            message,
            &format!("did you mean `--{meant}`?"),
            then,
        )
    }
}

/// The first option that is a keystroke away from one which the program has.
fn slip<'w>(program: &str, rest: &[&'w str]) -> Option<(&'w str, &'static str)> {
    let (_, known) = OPTIONS.iter().find(|(programs, _)| programs.contains(&program))?;
    let given = rest.iter().filter_map(|w| {
        let word = w.split('=').next()?;
        Some((word, word.strip_prefix("--")?))
    });
    let mut odd = given.filter(|(_, name)| name.len() > 3 && !known.contains(name));
    odd.find_map(|(word, name)| {
        let close = |k: &&str| k.len() > 4 && one_keystroke(k, name);
        Some((word, known.iter().copied().find(close)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_is_a_slip_of_another() {
        for (programs, options) in OPTIONS {
            for option in *options {
                assert!(slip(programs[0], &[&format!("--{option}")]).is_none(), "{option}");
            }
        }
        assert!(slip("rpm", &["--imprt", "/x"]).is_some());
        assert!(slip("apt-get", &["--no-install-recommend"]).is_some());
        assert!(slip("zypper", &["--plus-content", "x"]).is_none());
    }
}
