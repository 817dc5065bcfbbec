//! Builds that cannot be done, as root and as a user without privileges: each says where, why and what to do, ends with its
//! status, and leaves nothing (mounts, processes, half-written files, parts in the store). The packages are made here;
//! hosts that lack something are made for one run, in namespaces; that needs root.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs
)]

mod packaged;
mod tiny;
mod unprivileged;

use std::process::Command;

use tiny::{alone, ready, traces};
use unprivileged::User;

const DESCRIPTION: &str = r#"<image schemaversion="8.5" name="Refused">
    <description type="system"><author>A</author><contact>a@b.example</contact><specification>refused</specification></description>
    <preferences>
        <version>1.2.3</version><packagemanager>apt</packagemanager><type image="tbz"/>
    </preferences>
    <repository type="apt-deb" alias="tiny" repository_gpgcheck="false">
        <source path="this://repository"/>
    </repository>
    <packages type="bootstrap"><package name="linux-image-tiny"/></packages>
</image>
"#;

/// Who builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Root,
    User,
}

/// A description with its packages.
fn case() -> User {
    let user = User::new();
    packaged::repository(&user.path("d/repository"));
    user.write("d/config.xml", DESCRIPTION);
    std::fs::create_dir(user.path("out")).unwrap();
    user.own("out");
    user
}

const BUILD: [&str; 3] = ["build", "--target-dir", "../out"];

/// Builds behind `prelude`. Gives the status and what was said.
fn build(case: &User, who: Who, prelude: &str) -> (Option<i32>, String) {
    let user = format!("setpriv --reuid={0} --regid={0} --clear-groups", unprivileged::ID);
    // Disks of the run's own namespace are looked at in it.
    let script = format!(
        "set -e; mount --make-rprivate /; mount --bind {ranges} /etc/subuid; mount --bind {ranges} /etc/subgid
         {prelude}
         cd {dir}/d; set +e; {user} {dir}/apteryx \"$@\"; status=$?
         ls -A {dir}/out {dir}/store/v1/tmp {dir}/store/v1/holds >{dir}/left 2>/dev/null; exit $status",
        ranges = case.path("ranges").display(),
        dir = case.dir.path().display(),
        user = if who == Who::User { user.as_str() } else { "" },
    );
    std::fs::write(case.path("ranges"), &case.ranges).unwrap();
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script, "sh"])
        .args(BUILD)
        .env("APTERYX_CACHE_DIR", case.path("store"))
        .env("TMPDIR", case.path("tmp"))
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

/// What no build may leave: names in the target that are none of its marks and logs, parts in the store, temporary files.
fn left(case: &User) -> Vec<String> {
    let listed = std::fs::read_to_string(case.path("left")).unwrap();
    let names = listed
        .lines()
        .filter(|line| !line.is_empty() && !line.ends_with(':'));
    let mut left: Vec<String> = names.map(str::to_owned).collect();
    left.retain(|name| ![".gitignore", "CACHEDIR.TAG", "logs", "thesis.tex"].contains(&name.as_str()));
    left.extend(case.names("tmp"));
    left
}

/// Builds, and looks at the status, the words, and what is left.
fn refused(case: &User, who: Who, prelude: &str, status: i32, words: &[&str]) {
    let before = traces();
    let (got, said) = build(case, who, prelude);
    assert_eq!(got, Some(status), "{who:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{who:?}: {word}: {said}");
    }
    // The janitor may be seen for a moment after it has told of its end.
    tiny::wait_for("the end of all", || traces() == before);
    assert_eq!(left(case), Vec::<String>::new(), "{who:?}: {said}");
    // The promise is said only of work that began, and not where somebody else's build began or ended meanwhile.
    let began = said.contains(" packages ");
    let promised = said.contains("  nothing was left behind (mounts, loop devices, processes)\n");
    assert!(began || !promised, "{who:?}: {said}");
}

#[test]
fn a_mirror_that_does_not_answer() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "setpriv"]) {
        return;
    }
    // Free a moment ago: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}/debian");
    for who in [Who::Root, Who::User] {
        let case = case();
        case.write("d/config.xml", &DESCRIPTION.replace("this://repository", &url));
        let cause = format!("`{url}/");
        let words = [
            "error[repository-unreachable]: ",
            &cause,
            "cannot be reached: ",
            "[config.xml:7:23]",
            "  help: ",
            "  log: ../out/logs/",
            "  try: apteryx build --target-dir ../out      (",
        ];
        refused(&case, who, "", 3, &words);
    }
}

#[test]
fn a_full_disk_under_the_target_and_under_the_store() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "setpriv"]) {
        return;
    }
    for who in [Who::Root, Who::User] {
        for (folder, size) in [("out", "6m"), ("store", "4m")] {
            let case = case();
            let at = case.path(folder);
            let prelude = format!(
                "mount -t tmpfs -o size={size},mode=0755,uid={0},gid={0} none {1}",
                unprivileged::ID,
                at.display()
            );

            let words = [
                "error[disk-full]: cannot ",
                at.to_str().unwrap(),
                "No space left on device",
                "  help: make room there, or name another place: ",
                &format!("  try: df -h {}", at.display()),
            ];
            refused(&case, who, &prelude, 2, &words);
        }
    }
}

#[test]
fn a_user_without_what_builds_without_root_need() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "setpriv", "newuidmap"]) {
        return;
    }
    let case = User {
        ranges: "somebody:100000:65536\n".to_owned(),
        ..case()
    };
    let words = [
        "error[no-subordinate-ids]: `/etc/subuid` has no range of 65536 ids for `nobody`\n",
        "  help: add the line `nobody:165536:65536` to `/etc/subuid` and `/etc/subgid`, or build as root\n",
        "  try: apteryx doctor      (",
    ];
    refused(&case, Who::User, "", 4, &words);
    let case = self::case();
    let hide = format!(
        "mount --bind /dev/null {}",
        tiny::find("newgidmap").unwrap().display()
    );
    let words = [
        "error[missing-tool]: this host has no `newgidmap`, needed for builds without root\n",
        "  help: install `uidmap` (Debian), `shadow` (openSUSE) or `shadow-utils` (Fedora)",
        "  try: apteryx doctor      (",
    ];
    refused(&case, Who::User, &hide, 4, &words);
}

#[test]
fn a_target_or_a_store_that_is_somebody_elses() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "setpriv"]) {
        return;
    }
    for who in [Who::Root, Who::User] {
        let case = case();
        case.write("out/thesis.tex", "x");
        let words = [
            "error[target-not-empty]: ",
            "out` holds `thesis.tex`, which no build has put there\n",
            "  help: name an empty or new directory with `--target-dir`\n",
            "  try: ",
        ];
        refused(&case, who, "", 2, &words);
        assert_eq!(case.names("out"), ["thesis.tex"], "{who:?}: not touched");
    }
    for (folder, path) in [("out", "../out/.gitignore"), ("store", "/store/v1")] {
        let case = case();
        let prelude = format!("chown 0:0 {}", case.path(folder).display());
        let words = [
            "error[io-failed]: cannot ",
            path,
            "Permission denied",
            "  help: this user may not; another place is named by ",
        ];
        refused(&case, Who::User, &prelude, 2, &words);
    }
}

#[test]
fn a_script_that_may_not_be_read() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "setpriv"]) {
        return;
    }
    let case = case();
    case.write("d/config.sh", "#!/bin/bash\n");
    let prelude = format!(
        "chown 0:0 {0} && chmod 600 {0}",
        case.path("d/config.sh").display()
    );
    let words = [
        "error[io-failed]: cannot read ",
        "config.sh`: Permission denied",
        "  help: this user may not read it; its owner allows it with `chmod a+r`\n",
    ];
    refused(&case, Who::User, &prelude, 2, &words);
}

#[test]
fn a_script_that_fails() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "setpriv"]) {
        return;
    }
    for who in [Who::Root, Who::User] {
        for script in ["post_bootstrap.sh", "config.sh", "images.sh"] {
            let case = case();
            case.write(&format!("d/{script}"), "echo its last words\nfalse\n  exit 3\n");
            let head = format!("error[script-failed]: `{script}` ended with status 3 at line 3\n");
            let place = format!("[{script}:3:3]");
            let words = [
                head.as_str(),
                place.as_str(),
                "  its last lines:  its last words\n",
                "  log: ../out/logs/",
            ];
            if script == "images.sh" {
                // The finished tree stays, as `create` begins with it.
                let (status, said) = build(&case, who, "");
                assert_eq!(status, Some(5), "{said}");
                assert!(words.iter().all(|word| said.contains(word)), "{said}");
                assert_eq!(left(&case), ["build"], "{said}");
                remove(&case);
            } else {
                refused(&case, who, "", 5, &words);
            }
        }
    }
}

#[test]
fn a_boot_without_qemu() {
    let _alone = alone();
    if !ready(&["setpriv"]) {
        return;
    }
    let case = User::new();
    let mut sector = vec![0; 512];
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    std::fs::write(case.path("d/disk.raw"), sector).unwrap();
    let hide = match tiny::find("qemu-system-x86_64") {
        Some(path) => format!("mount --bind /dev/null {}", path.display()),
        None => String::new(),
    };
    let (status, _, said) = case.run(&hide, &["boot", "disk.raw", "--until", "login"]);
    assert_eq!(status, Some(4), "{said}");
    for words in [
        "error[missing-tool]: this host has no `qemu-system-x86_64`, needed for boot\n",
        "  help: install `qemu-system-x86` (Debian), `qemu-x86` (openSUSE) or `qemu-system-x86` (Fedora)\n",
        "  try: apteryx doctor      (",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// A user's tree belongs to ids that only root reaches.
fn remove(case: &User) {
    tiny::run(
        "rm",
        &["-rf", "--one-file-system", case.path("out").to_str().unwrap()],
    );
}
