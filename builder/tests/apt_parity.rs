//! The solver against apt itself: the same metadata, the same requests, the same sets. Needs apt and the host's mirror.
#![cfg(test)]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::panic
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use apteryx_builder::events::Reporter;
use apteryx_builder::packages::{self, HostMirror, Options, RepoKind, RepoSpec, Request};
use apteryx_builder::store::Store;

const SUITE: &str = "bookworm";

/// Requests: names, with recommended packages, with the essential set.
const CASES: &[(&[&str], bool, bool)] = &[
    (&[], false, true),
    (
        &["apt", "base-files", "base-passwd", "bash", "coreutils", "dpkg"],
        false,
        true,
    ),
    (
        &[
            "apt",
            "linux-image-amd64",
            "systemd-sysv",
            "dracut",
            "login",
            "passwd",
            "udev",
        ],
        false,
        true,
    ),
    (
        &[
            "openssh-server",
            "systemd-sysv",
            "grub-pc-bin",
            "grub-efi-amd64-bin",
        ],
        false,
        true,
    ),
    (&["openssh-server", "network-manager"], true, true),
    (&["mailutils"], false, false),
    (&["mailutils", "postfix"], false, false),
    (
        &["default-jre-headless", "python3-django", "postgresql"],
        false,
        false,
    ),
    (&["gnome-core"], false, false),
    (&["kde-plasma-desktop"], false, true),
    (&["task-xfce-desktop"], true, true),
    (&["apache2", "php", "mariadb-server"], true, false),
    (&["build-essential", "debhelper", "git"], true, true),
    (&["sysvinit-core", "elogind"], false, true),
    (&["dbus-x11", "openbox", "libreoffice"], false, false),
    (&["emacs", "vim", "texlive"], true, false),
    (&["docker.io", "podman", "qemu-system-x86"], true, true),
    (
        &["rsyslog", "cron", "ifupdown", "isc-dhcp-client", "nftables"],
        false,
        true,
    ),
    (&["live-boot", "live-config", "squashfs-tools"], true, true),
    (
        &["libc6-dev", "gcc", "python3-dev", "ruby-full", "golang"],
        true,
        false,
    ),
];

fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI can run this: {why}");
    eprintln!("SKIPPED: {why}");
}

/// A private root for apt with one source, and nothing installed. apt counts itself as essential; mmdebstrap and the
/// solver do not, so that is turned off.
fn apt_root(root: &Path, uri: &str) {
    let folders = [
        "etc/apt/preferences.d",
        "etc/apt/apt.conf.d",
        "var/lib/apt/lists/partial",
        "var/cache/apt/archives/partial",
        "var/lib/dpkg",
    ];
    for folder in folders {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    std::fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let source = format!("deb [signed-by={keyring}] {uri} {SUITE} main\n");
    std::fs::write(root.join("etc/apt/sources.list"), source).unwrap();
    let root_name = root.display();
    let conf = format!(
        "Dir \"{root_name}/\";\nDir::State::status \"{root_name}/var/lib/dpkg/status\";\n\
         APT::Architecture \"amd64\";\nAPT::Architectures {{ \"amd64\"; }};\nAcquire::Languages \"none\";\n\
         Debug::NoLocking \"1\";\npkgCacheGen::ForceEssential \",\";\nAPT::Sandbox::User \"root\";\n"
    );
    std::fs::write(root.join("apt.conf"), conf).unwrap();
}

fn apt(root: &Path, args: &[&str]) -> Result<String, String> {
    let out = Command::new("apt-get")
        .env("APT_CONFIG", root.join("apt.conf"))
        .env("LC_ALL", "C")
        .args(args)
        .output()
        .unwrap();
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&out.stderr).into_owned())
    }
}

#[test]
fn apt_chooses_the_same_packages() {
    let Some(mirror) = HostMirror::detect().filter(|m| m.distribution == "debian") else {
        return skip("this host's apt has no Debian mirror");
    };
    let components = vec!["main".to_owned()];
    let Some(uri) = mirror.replace("https://ftp.debian.org/debian", SUITE, &components) else {
        return skip("this host's apt has no Debian mirror");
    };
    let dir = tempfile::tempdir().unwrap();
    apt_root(dir.path(), &uri);
    if let Err(why) = apt(dir.path(), &["update", "-qq"]) {
        return skip(&format!("apt cannot read the host's mirror: {why}"));
    }
    let spec = RepoSpec {
        alias: "debian".into(),
        uri,
        kind: RepoKind::Deb {
            suite: Some(SUITE.into()),
            components,
        },
        signing_keys: Vec::new(),
        check_metadata: true,
        check_packages: true,
        priority: None,
        credentials: None,
        place: None,
    };
    let store = Store::open(Some(&dir.path().join("store"))).unwrap();
    let options = Options {
        mirror: Some(mirror),
        ..Options::default()
    };
    let universe = packages::refresh(&[spec], "amd64", &store, &Reporter::silent(), &options).unwrap();
    let mut differ = Vec::new();
    for (names, recommends, essential) in CASES {
        let recommend = format!("APT::Install-Recommends={}", u8::from(*recommends));
        let mut args = vec!["-s", "-q", "-o", &recommend, "install"];
        if *essential {
            args.push("?essential");
        }
        args.extend(*names);
        let theirs: BTreeSet<String> = apt(dir.path(), &args)
            .unwrap_or_else(|e| panic!("apt refuses {names:?}: {e}"))
            .lines()
            .filter_map(|l| l.strip_prefix("Inst ")?.split(' ').next().map(str::to_owned))
            .collect();
        let request = Request {
            install: names.iter().map(|n| ((*n).to_owned(), None)).collect(),
            recommends: *recommends,
            essential: *essential,
            ..Request::default()
        };
        let ours: BTreeSet<String> = match packages::solve(&universe, &request) {
            Ok(solution) => solution
                .packages
                .iter()
                .map(|s| s.package.name().to_owned())
                .collect(),
            Err(e) => {
                differ.push(format!("{names:?}: {e:?}"));
                continue;
            }
        };
        eprintln!("{:>5} packages for {names:?}", theirs.len());
        if ours != theirs {
            let more: Vec<_> = ours.difference(&theirs).collect();
            let less: Vec<_> = theirs.difference(&ours).collect();
            differ.push(format!(
                "{names:?} ({}): too many {more:?}, too few {less:?}",
                theirs.len()
            ));
        }
    }
    assert!(
        differ.is_empty(),
        "{} of {} sets differ:\n{}",
        differ.len(),
        CASES.len(),
        differ.join("\n")
    );
}
