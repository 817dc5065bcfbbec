//! Runs the maintainer scripts of unpacked packages, with the tree's own dpkg, in the sandbox: first scripts in the right
//! order, packages that divert files unpacked by dpkg itself, then everything configured.
//!
//! No service starts (policy-rc.d), nobody is asked, and no initrd is made: `create` makes it, once.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::order::Graph;
use super::unpack::{Package, WITHOUT_DOCS};
use crate::error::{BuildError, IoContext, Place};
use crate::events::Step;
use crate::sandbox::{Cmd, Root, Sandbox};

/// Where the tree sees what only the scripts of packages are to see.
const HELPERS: &str = "/run/apteryx";
/// Programs that make initrds; while packages are configured they do nothing.
const INITRD_MAKERS: [&str; 4] = [
    "/usr/bin/dracut",
    "/usr/sbin/update-initramfs",
    "/usr/sbin/mkinitramfs",
    "/usr/sbin/mkinitrd",
];
/// dpkg never asks: a configuration file that is there is kept, a new one is taken where there is none.
/// And it stops at the first script that fails, so that the last lines are that script's.
const DPKG: &str = "dpkg --force-unsafe-io --force-confdef --force-confold --abort-after=1";

/// A sandbox for package scripts: nobody is asked, no service starts, no initrd is made. `helpers` is an empty directory
/// of the worker that lives as long as the sandbox is used.
pub fn sandbox(root: &Root, helpers: &Path) -> Result<Sandbox, BuildError> {
    let policy = helpers.join("policy-rc.d");
    let nothing = helpers.join("nothing");
    for (path, text) in [
        (&policy, "#!/bin/sh\nexit 101\n"),
        (&nothing, "#!/bin/sh\nexit 0\n"),
    ] {
        write_program(path, text)?;
    }
    let mut sandbox = Sandbox::new(root.path())
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("DEBCONF_NONINTERACTIVE_SEEN", "true")
        .env("LC_ALL", "C.UTF-8")
        .env("INITRD", "No")
        .bind_ro(&policy, "/usr/sbin/policy-rc.d");
    for program in INITRD_MAKERS.iter().filter(|program| root.exists(program)) {
        sandbox = sandbox.bind_ro(&nothing, program);
    }
    Ok(sandbox)
}

fn write_program(path: &Path, text: &str) -> Result<(), BuildError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).at("cannot write", path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).at("cannot write", path)
}

/// Configures `packages`, which [`super::unpack`] has unpacked, in this order. `first` is true where nothing was
/// configured before. `blame` says what brought a package whose script fails, and what to do.
pub fn configure(
    root: &Root,
    packages: &[Package],
    first: bool,
    without_docs: bool,
    helpers: &Path,
    blame: &dyn Fn(&str) -> (Place, Option<String>),
    step: &Step,
) -> Result<(), BuildError> {
    let mut sandbox = sandbox(root, helpers)?;
    let script = driver(packages, first, without_docs);
    let later: Vec<&Package> = packages.iter().filter(|package| package.later).collect();
    for (index, package) in later.iter().enumerate() {
        sandbox = sandbox.bind_ro(&package.path, PathBuf::from(deb_at(index)));
    }
    let cmd = Cmd::new("/bin/sh")
        .arg("-e")
        .arg("-s")
        .stdin(script)
        .doing("configuring packages");
    let output = sandbox.run_unchecked(&cmd, Some(step))?;
    if output.success() {
        return Ok(());
    }
    let (tool, status, package) = match failed_script(&output.tail) {
        Some(failed) => failed,
        None => return Err(cmd.failed(output)),
    };
    let (place, help) = blame(&package);
    Err(BuildError::Tool {
        tool,
        status,
        doing: format!("configuring the package `{package}`"),
        tail: output.tail,
        place,
        help,
    })
}

/// The script, its status and its package, of what dpkg or the driver has said about one that failed.
fn failed_script(tail: &[String]) -> Option<(String, i32, String)> {
    let script = tail.iter().rev().find_map(|line| {
        let line = line.trim();
        // `installed NAME package post-installation script subprocess returned error exit status 1`, or
        // `… subprocess was killed by signal (Killed)`
        let words: Vec<&str> = line.split(' ').collect();
        if let [
            "installed" | "new",
            package,
            "package",
            which,
            "script",
            "subprocess",
            ..,
            status,
        ] = *words
        {
            let script = match which {
                "pre-installation" => "preinst",
                "post-installation" => "postinst",
                other => other,
            };
            let killed = line.split_once(" was killed by signal (");
            let status = match killed.and_then(|(_, signal)| signal.split_once(')')) {
                Some((signal, _)) => killed_by(signal),
                None => status.parse().ok()?,
            };
            return Some((script.to_owned(), status, package.to_owned()));
        }
        // `the preinst script of NAME ended with status 1`
        let (package, status) = line
            .strip_prefix("the preinst script of ")?
            .split_once(" ended with status ")?;
        Some(("preinst".to_owned(), status.parse().ok()?, package.to_owned()))
    });
    // No script failed, but dpkg says which package it was about.
    script.or_else(|| {
        let mut lines = tail.iter().rev();
        let package = lines.find_map(|line| line.strip_prefix("dpkg: error processing package "))?;
        let name = package.split(' ').next()?;
        Some(("dpkg".to_owned(), 1, name.to_owned()))
    })
}

/// 128 and the signal that dpkg names as strsignal(3) does.
fn killed_by(signal: &str) -> i32 {
    let known = [
        ("Hangup", libc::SIGHUP),
        ("Interrupt", libc::SIGINT),
        ("Aborted", libc::SIGABRT),
        ("Bus error", libc::SIGBUS),
        ("Floating point exception", libc::SIGFPE),
        ("Illegal instruction", libc::SIGILL),
        ("Segmentation fault", libc::SIGSEGV),
        ("Broken pipe", libc::SIGPIPE),
        ("Terminated", libc::SIGTERM),
    ];
    let found = known.iter().find(|(name, _)| *name == signal);
    128 + found.map_or(libc::SIGKILL, |(_, number)| *number)
}

fn deb_at(index: usize) -> String {
    format!("{HELPERS}/{index}.deb")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The shell script that does it all.
fn driver(packages: &[Package], first: bool, without_docs: bool) -> String {
    let graph = Graph::new(packages.iter().map(|package| &package.fields));
    let mut script = String::from(concat!(
        "export DPKG_MAINTSCRIPT_NAME=preinst DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1 DPKG_MAINTSCRIPT_DEBUG=0\n",
        "export DPKG_ROOT= DPKG_ADMINDIR=/var/lib/dpkg\n",
        "preinst() {\n",
        "    DPKG_MAINTSCRIPT_PACKAGE=$1 DPKG_MAINTSCRIPT_ARCH=$2 \"/var/lib/dpkg/info/$3.preinst\" install && return\n",
        "    status=$?\n",
        "    echo \"the preinst script of $1 ended with status $status\" >&2\n",
        "    exit $status\n",
        "}\n",
    ));
    if let Some(dpkg) = packages.iter().find(|package| package.fields.name() == "dpkg") {
        let _ = writeln!(
            script,
            "export DPKG_RUNNING_VERSION={}",
            quoted(dpkg.fields.get("Version"))
        );
    }
    let mut configured: BTreeSet<usize> = BTreeSet::new();
    let mut unpacked = Unpacked::new(packages, without_docs);
    if first {
        // The essential packages work as soon as they are unpacked, and are configured together: dpkg sees to their
        // order. Users come before what is chowned to them.
        let mut essential = graph.essential();
        essential.sort_by_key(
            |index| match packages.get(*index).map(|package| package.fields.name()) {
                Some("base-passwd") => 0,
                Some("base-files") => 1,
                _ => 2,
            },
        );
        // Those that dpkg itself unpacks come last, when all that it runs with is there.
        for later in [false, true] {
            for index in &essential {
                if packages.get(*index).is_some_and(|package| package.later == later) {
                    unpacked.bring(&mut script, *index, true);
                }
            }
        }
        configure_some(&mut script, packages, &essential);
        configured.extend(essential);
    }
    for (index, package) in packages.iter().enumerate() {
        if configured.contains(&index) || package.preinst.is_none() {
            continue;
        }
        let before: Vec<usize> = graph
            .before(index)
            .into_iter()
            .filter(|need| !configured.contains(need))
            .collect();
        if !before.is_empty() {
            for need in &before {
                unpacked.bring(&mut script, *need, true);
            }
            configure_some(&mut script, packages, &before);
            configured.extend(before);
        }
        unpacked.bring(&mut script, index, false);
    }
    let _ = writeln!(
        script,
        "unset DPKG_MAINTSCRIPT_NAME DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT DPKG_RUNNING_VERSION"
    );
    let _ = writeln!(script, "exec {DPKG} --configure --pending");
    script
}

/// Which packages have come: by their first script, where the engine has unpacked them, or by the tree's dpkg.
struct Unpacked<'p> {
    packages: &'p [Package],
    come: BTreeSet<usize>,
    without_docs: bool,
}

impl<'p> Unpacked<'p> {
    fn new(packages: &'p [Package], without_docs: bool) -> Self {
        Self {
            packages,
            without_docs,
            come: BTreeSet::new(),
        }
    }

    /// Makes a package come, once. `early`: before all that it needs is configured.
    fn bring(&mut self, script: &mut String, index: usize, early: bool) {
        let Some(package) = self.packages.get(index) else {
            return;
        };
        if package.preinst.is_none() || !self.come.insert(index) {
            return;
        }
        if package.later {
            let number = self
                .packages
                .iter()
                .take(index)
                .filter(|other| other.later)
                .count();
            let force = if early { "--force-depends " } else { "" };
            let docs = if self.without_docs { WITHOUT_DOCS } else { "" };
            let _ = writeln!(script, "{DPKG} {force}--unpack {docs} {}", deb_at(number));
            return;
        }
        let fields = &package.fields;
        let words = [fields.name(), fields.get("Architecture"), &fields.qualified()].map(quoted);
        let _ = writeln!(script, "preinst {}", words.join(" "));
    }
}

fn configure_some(script: &mut String, packages: &[Package], which: &[usize]) {
    let names: Vec<String> = which
        .iter()
        .filter_map(|index| packages.get(*index))
        .map(|package| quoted(&package.fields.qualified()))
        .collect();
    if !names.is_empty() {
        let _ = writeln!(script, "{DPKG} --configure {}", names.join(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::dpkg::database::Fields;

    #[test]
    fn the_script_that_failed_is_found_in_what_dpkg_says() {
        let said = |text: &str| failed_script(&text.lines().map(str::to_owned).collect::<Vec<_>>());
        let text = "newaliases: fatal\ndpkg: error processing package postfix (--configure):\n \
                    installed postfix package post-installation script subprocess returned error exit status 75\n\
                    dpkg: too many errors, stopping\nErrors were encountered while processing:\n postfix";
        assert_eq!(said(text), Some(("postinst".into(), 75, "postfix".into())));
        let text = "no\nthe preinst script of libc6 ended with status 2";
        assert_eq!(said(text), Some(("preinst".into(), 2, "libc6".into())));
        let text = "dpkg: error processing package mono (--configure):\n \
                    installed mono package post-installation script subprocess was killed by signal (Segmentation fault), core dumped";
        assert_eq!(said(text), Some(("postinst".into(), 139, "mono".into())));
        let text = "dpkg: dependency problems prevent configuration of a:i386:\n a:i386 depends on b; however:\n  Package b is not configured yet.\n\n\
                    dpkg: error processing package a:i386 (--configure):\n dependency problems - leaving unconfigured\n\
                    Errors were encountered while processing:\n a:i386";
        assert_eq!(said(text), Some(("dpkg".into(), 1, "a:i386".into())));
        assert_eq!(said("dpkg: error: parsing file"), None);
    }

    #[test]
    fn a_package_that_diverts_is_there_before_it_is_configured() {
        let package = |text: &str, later: bool| Package {
            path: PathBuf::new(),
            fields: Fields::parse(&format!("{text}Version: 1\nArchitecture: amd64\n")),
            preinst: Some(String::new()),
            later,
        };
        let packages = [
            package("Package: other\n", true),
            package("Package: gawk\nDepends: libreadline\n", false),
            package("Package: base-files\nEssential: yes\nDepends: gawk\n", false),
            package("Package: libreadline\n", true),
            package("Package: init\nPre-Depends: helpers\n", false),
            package("Package: helpers\n", true),
        ];
        let script = driver(&packages, true, false);
        let steps: Vec<&str> = script
            .lines()
            .filter_map(|line| {
                let line = line.strip_prefix(DPKG).unwrap_or(line).trim();
                ["preinst '", "--unpack", "--force-depends", "--configure"]
                    .iter()
                    .any(|word| line.starts_with(word))
                    .then_some(line)
            })
            .collect();
        assert_eq!(
            steps,
            [
                "preinst 'base-files' 'amd64' 'base-files'",
                "preinst 'gawk' 'amd64' 'gawk'",
                "--force-depends --unpack  /run/apteryx/1.deb",
                "--configure 'base-files' 'gawk' 'libreadline'",
                "--unpack  /run/apteryx/0.deb",
                "--force-depends --unpack  /run/apteryx/2.deb",
                "--configure 'helpers'",
                "preinst 'init' 'amd64' 'init'",
            ]
        );
    }
}
