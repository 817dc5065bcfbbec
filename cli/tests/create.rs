//! `apteryx create` on one prepared tree: every result is read by the tool that its users read it with. Needs root and
//! the host's mirror; says loudly where it cannot run, and fails then in CI.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const DESCRIPTION: &str = r#"<image schemaversion="8.5" name="Small">
    <description type="system"><author>A. Author</author><contact>a@b.example</contact><specification>small</specification></description>
    <preferences>
        <version>1.2.3</version><packagemanager>apt</packagemanager><locale>C</locale><timezone>UTC</timezone>
        <type image="tbz" primary="true"/>
        <type image="ext4"/>
        <type image="squashfs" squashfscompression="zstd"/>
        <type image="docker">
            <containerconfig name="org/small" tag="1.2" additionalnames=":newest,other:3" maintainer="M. Keeper" user="nobody" workingdir="/srv">
                <entrypoint execute="/bin/sh"><argument name="-c"/></entrypoint>
                <subcommand execute="id"/>
                <expose><port number="8080"/></expose>
                <volumes><volume name="/data"/></volumes>
                <environment><env name="B" value="2"/><env name="A" value="1"/></environment>
                <labels><label name="org.example.what" value="test"/></labels>
                <history author="H. Storian" created_by="by hand">a word</history>
            </containerconfig>
        </type>
        <type image="oci"><containerconfig name="small" tag="1.2"/></type>
    </preferences>
    <repository type="apt-deb" alias="debian" distribution="bookworm" components="main" repository_gpgcheck="true">
        <source path="https://ftp.debian.org/debian"/>
    </repository>
    <packages type="bootstrap"><package name="base-files"/><package name="apt"/></packages>
    <packages type="image"><package name="passwd"/></packages>
</image>
"#;

fn ready(tools: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let lacks = tools
        .iter()
        .find(|tool| !std::env::split_paths(&path).any(|dir| dir.join(tool).exists()));
    let what = match lacks {
        _ if !nix::unistd::geteuid().is_root() => "root",
        _ if !Path::new("/etc/apt").exists() => "an apt host, for its mirror",
        Some(tool) => tool,
        None => return true,
    };
    eprintln!("SKIPPED: needs {what}");
    assert!(std::env::var_os("CI").is_none(), "CI can have {what}");
    false
}

fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().unwrap()
}

/// Standard output of a program that must end well.
fn said(program: &str, args: &[&str]) -> String {
    let output = run(program, args);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {words}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Makes one type of the tree `root` in `out`; the path of its result.
fn create(description: &Path, root: &Path, out: &Path, image: &str) -> PathBuf {
    let results = said(
        env!("CARGO_BIN_EXE_apteryx"),
        &[
            "create",
            text(description),
            "--root",
            text(root),
            "--target-dir",
            text(out),
            "--type",
            image,
        ],
    );
    PathBuf::from(results.lines().last().unwrap())
}

#[test]
fn archives_file_systems_and_containers_are_read_by_their_own_tools() {
    if !ready(&[
        "tar",
        "xz",
        "mke2fs",
        "e2fsck",
        "mksquashfs",
        "dumpe2fs",
        "debugfs",
        "unsquashfs",
        "skopeo",
    ]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let description = dir.path().join("description");
    std::fs::create_dir(&description).unwrap();
    std::fs::write(description.join("config.xml"), DESCRIPTION).unwrap();
    std::fs::write(
        description.join("images.sh"),
        "echo once >/dev/null\ntouch /made-by-images /tmp/of-the-build\necho changed >/etc/issue.net\n",
    )
    .unwrap();
    let prepared = said(
        env!("CARGO_BIN_EXE_apteryx"),
        &[
            "prepare",
            text(&description),
            "--mirror",
            "host",
            "--target-dir",
            text(&dir.path().join("tree")),
        ],
    );
    let root = PathBuf::from(prepared.trim());
    let target = |image: &str| dir.path().join(image);
    // name, key, [use_for_bundle, compress, shasum]
    let kinds = [
        ("tbz", "tar.xz", "root_archive", [true, false, true]),
        ("ext4", "ext4", "filesystem_image", [true, true, true]),
        ("squashfs", "squashfs", "filesystem_image", [true, true, true]),
        ("docker", "docker.tar.xz", "container", [true, false, true]),
        ("oci", "oci.tar.xz", "container", [true, false, true]),
    ];
    for (image, extension, key, [bundle, compress, shasum]) in kinds {
        let path = create(&description, &root, &target(image), image);
        assert_eq!(
            path,
            target(image).join(format!("Small.x86_64-1.2.3.{extension}"))
        );
        let results = json(&target(image).join("kiwi.result.json"));
        let expected = serde_json::json!({
            "compress": compress, "filename": path, "shasum": shasum, "use_for_bundle": bundle,
        });
        assert_eq!(results[key], expected);
        assert_eq!(results["image_packages"]["compress"], false);
        let packages = std::fs::read_to_string(path.with_file_name("Small.x86_64-1.2.3.packages")).unwrap();
        assert!(packages.lines().count() > 60, "{packages}");
        let beside = |extension: &str| path.with_file_name(format!("Small.x86_64-1.2.3.{extension}"));
        let changes = std::fs::read_to_string(beside("changes")).unwrap();
        let first = changes.lines().next().unwrap();
        assert!(
            packages.contains(&format!("{}None|", first)) && first.ends_with('|'),
            "{first}"
        );
        assert!(
            changes.contains("\nbash|\nbash (") && changes.contains("\n -- "),
            "no changelog of bash"
        );
        let verified = std::fs::read_to_string(beside("verified")).unwrap();
        assert_eq!(verified, "??5?????? c /etc/issue.net\n");
        for (key, compress) in [("image_changes", true), ("image_verified", false)] {
            let entry = &results[key];
            assert_eq!(
                (&entry["use_for_bundle"], &entry["compress"], &entry["shasum"]),
                (&true.into(), &compress.into(), &false.into()),
            );
        }
    }
    let of = |image: &str, extension: &str| target(image).join(format!("Small.x86_64-1.2.3.{extension}"));
    assert!(
        !root.join("made-by-images").exists(),
        "create changed the prepared tree"
    );

    let listed = said("tar", &["--numeric-owner", "-tvJf", text(&of("tbz", "tar.xz"))]);
    for name in ["usr/bin/bash", "made-by-images", ".profile", "etc/passwd"] {
        assert!(
            listed.lines().any(|l| l.ends_with(&format!(" {name}"))),
            "no {name}"
        );
    }
    assert!(
        listed
            .lines()
            .any(|l| l.starts_with("-rwsr-xr-x 0/0") && l.ends_with(" usr/bin/passwd"))
    );
    assert!(
        !listed
            .lines()
            .any(|l| l.contains(" image/") || l.ends_with(" dev/null") || l.ends_with(".kconfig"))
    );
    said("xz", &["-t", text(&of("tbz", "tar.xz"))]);

    let ext4 = of("ext4", "ext4");
    said("e2fsck", &["-fn", text(&ext4)]);
    assert!(said("dumpe2fs", &["-h", text(&ext4)]).contains("ROOT"));
    // The copy of the description, with what it says of users, is no part of the image; nor are temporary files.
    let names = |dir: &str| {
        let listed = said("debugfs", &["-R", &format!("ls -p {dir}"), text(&ext4)]);
        let name = |line: &str| line.split('/').nth(5).map(str::to_owned);
        listed.lines().filter_map(name).collect::<Vec<_>>()
    };
    let top = names("/");
    assert!(top.contains(&".profile".to_owned()), "{top:?}");
    assert!(
        !top.iter().any(|n| matches!(n.as_str(), "image" | ".kconfig")),
        "{top:?}"
    );
    assert!(!names("/tmp").contains(&"of-the-build".to_owned()));
    let squashfs = of("squashfs", "squashfs");
    let inside = said("unsquashfs", &["-l", text(&squashfs)]);
    for name in ["image", ".kconfig", "tmp/of-the-build"] {
        assert!(!inside.contains(&format!("squashfs-root/{name}")), "{name}");
    }
    assert!(said("unsquashfs", &["-s", text(&squashfs)]).contains("Compression zstd"));
    assert!(said("unsquashfs", &["-l", text(&squashfs)]).contains("squashfs-root/made-by-images"));

    // skopeo reads plain archives.
    let plain = |image: &str| {
        let from = of(image, &format!("{image}.tar.xz"));
        said("xz", &["-dk", text(&from)]);
        from.with_extension("")
    };
    let docker = plain("docker");
    let shown = said(
        "skopeo",
        &[
            "inspect",
            "--config",
            &format!("docker-archive:{}", text(&docker)),
        ],
    );
    let config: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let expected = serde_json::json!({
        "User": "nobody", "WorkingDir": "/srv", "Entrypoint": ["/bin/sh", "-c"], "Cmd": ["id"],
        "Env": ["A=1", "B=2", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        "ExposedPorts": {"8080": {}}, "Volumes": {"/data": {}}, "Labels": {"org.example.what": "test"},
    });
    assert_eq!(config["config"], expected);
    assert_eq!(
        (&config["architecture"], &config["author"]),
        (&"amd64".into(), &"M. Keeper".into())
    );
    let history = &config["history"][0];
    assert_eq!(
        (&history["author"], &history["created_by"]),
        (&"H. Storian".into(), &"by hand".into())
    );
    assert_eq!(history["comment"], "a word");
    let manifest = said("tar", &["-xOf", text(&docker), "manifest.json"]);
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let tags = serde_json::json!([
        "docker.io/org/small:1.2",
        "docker.io/org/small:newest",
        "docker.io/library/other:3"
    ]);
    assert_eq!(manifest[0]["RepoTags"], tags);
    let shown = said(
        "skopeo",
        &[
            "inspect",
            "--config",
            &format!("oci-archive:{}:small:1.2", text(&plain("oci"))),
        ],
    );
    let config: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(config["author"], "A. Author <a@b.example>");
    assert_eq!(config["config"]["Cmd"], serde_json::json!(["/bin/bash"]));
    // A layer that skopeo unpacks and hashes again is whole.
    let copy = format!("dir:{}", text(&target("copied")));
    said(
        "skopeo",
        &[
            "--insecure-policy",
            "copy",
            &format!("docker-archive:{}", text(&docker)),
            &copy,
        ],
    );
}

#[test]
fn a_user_without_rights_builds_a_file_system_with_the_right_owners() {
    if !ready(&["mke2fs", "e2fsck", "debugfs", "newuidmap"]) {
        return;
    }
    let name = "apteryx-create";
    run("useradd", &["--no-create-home", name]);
    let ranges = std::fs::read_to_string("/etc/subuid").unwrap_or_default();
    assert!(
        ranges.lines().any(|line| line.starts_with(&format!("{name}:"))),
        "`useradd` gives subordinate ids"
    );
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.xml"), DESCRIPTION).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_apteryx"), dir.path().join("apteryx")).unwrap();
    said("chmod", &["0755", text(dir.path())]);
    said("chown", &["-R", name, text(dir.path())]);
    let line = format!(
        "cd {} && APTERYX_CACHE_DIR=$PWD/cache ./apteryx build --mirror host --type ext4",
        text(dir.path())
    );
    let output = run("su", &[name, "-s", "/bin/sh", "-c", &line]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    assert!(words.contains("Built out/Small.x86_64-1.2.3.ext4 ("), "{words}");
    let image = dir.path().join("out/Small.x86_64-1.2.3.ext4");
    said("e2fsck", &["-fn", text(&image)]);
    let owners = said("debugfs", &["-R", "stat /etc/shadow", text(&image)]);
    assert!(owners.contains("User:     0   Group:    42"), "{owners}");
    // The tree's owners are the user's subordinate ids.
    run(
        "rm",
        &["-rf", "--one-file-system", text(&dir.path().join("out/build"))],
    );
    run("userdel", &[name]);
}
