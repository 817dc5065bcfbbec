//! What a description's folder gives rise to, on folders that are made up: each mistake with its sound twin.

use std::path::PathBuf;

use apteryx_schema::description::folder::Memory;
use apteryx_schema::description::{self, model::File};
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::{rules, syntax};

/// A description with this inside.
fn image(name: &str, inside: &str) -> description::model::Image {
    let text = format!("<image schemaversion=\"8.5\" name=\"a\">{inside}</image>");
    let tree = syntax::parse(&text);
    assert!(tree.errors().is_empty(), "{text}");
    let mut image = description::from_tree(&tree, FileId(0));
    image.files.push(File {
        path: PathBuf::from(name),
        text: text.as_str().into(),
    });
    image
}

/// Codes and messages of what is found in `config.xml` with this inside and these files beside it.
fn found(inside: &str, folder: &Memory) -> Vec<String> {
    let mut folder = folder.clone();
    folder.0.insert("config.xml".to_owned(), Default::default());
    let beside = rules::beside(&image("config.xml", inside), &folder, None);
    let all = beside.diagnostics.iter();
    all.map(|d| format!("{}: {}; {}", d.code, d.message, d.label))
        .collect()
}

/// The codes alone.
fn codes(inside: &str, folder: &Memory) -> Vec<String> {
    let all = found(inside, folder).into_iter();
    all.map(|f| f.split(':').next().unwrap().to_owned()).collect()
}

fn packages(items: &str) -> String {
    format!("<packages type=\"image\">{items}</packages>")
}

#[test]
fn an_archive_and_a_file_that_are_not_there() {
    let inside = packages("<archive name=\"tools.tgz\"/><file name=\"motd\" target=\"/etc/motd\"/>");
    let folder = Memory::of([("tools.tar.gz", ""), ("other", "")]);
    assert_eq!(
        found(&inside, &folder),
        [
            "missing-file: there is no archive `tools.tgz` beside the description; did you mean `tools.tar.gz`?",
            "missing-file: there is no file `motd` beside the description; looked for when the bootstrap is done",
        ]
    );
    let folder = Memory::of([("tools.tgz", ""), ("motd", "")]);
    assert_eq!(found(&inside, &folder), [""; 0]);
}

#[test]
fn files_that_lie_elsewhere_are_not_looked_for() {
    let inside = packages("<archive name=\"/srv/tools.tgz\"/><file name=\"https://example.org/x\"/>")
        + "<packages type=\"delete\"><package name=\"x\"/></packages>";
    assert_eq!(found(&inside, &Memory::default()), [""; 0]);
}

#[test]
fn scripts_and_keys_that_are_named() {
    let inside = "<preferences><type image=\"oem\" editbootconfig=\"boot.sh\" editbootinstall=\"/opt/x.sh\"/></preferences>\
                  <repository><source path=\"https://example.org\"><signing key=\"this://own.asc\"/><signing \
                  key=\"file:///usr/share/keys/a.asc\"/></source></repository>";
    assert_eq!(codes(inside, &Memory::default()), ["missing-file"; 2]);
    let folder = Memory::of([("boot.sh", "true\n"), ("own.asc", "")]);
    assert_eq!(found(inside, &folder), [""; 0]);
}

#[test]
fn a_collection_of_descriptions_is_not_the_folder_of_one() {
    let inside = packages("<archive name=\"tools.tgz\"/>");
    let judge = |name: &str, folder: &Memory| {
        rules::beside(&image(name, &inside), folder, None)
            .diagnostics
            .len()
    };
    let several = Memory::of([("a.kiwi", ""), ("b.kiwi", "")]);
    assert_eq!(judge("a.kiwi", &several), 0);
    assert_eq!(judge("case.xml", &Memory::of([("case.xml", "")])), 0);
    assert_eq!(judge("a.kiwi", &Memory::of([("a.kiwi", "")])), 1);
    // Its files show whose folder it is.
    let own = Memory::of([("a.kiwi", ""), ("b.kiwi", ""), ("config.sh", "true\n")]);
    assert_eq!(judge("a.kiwi", &own), 1);
    let own = Memory::of([("a.kiwi", ""), ("b.kiwi", ""), ("root/etc/motd", "")]);
    assert_eq!(judge("a.kiwi", &own), 1);
}

#[test]
fn names_that_a_build_passes_over() {
    for (name, meant) in [
        ("confg.sh", "config.sh"),
        ("config.sh.txt", "config.sh"),
        ("Config.sh", "config.sh"),
        ("config.bash", "config.sh"),
        ("image.sh", "images.sh"),
        ("post-bootstrap.sh", "post_bootstrap.sh"),
        ("pre-disk-sync.sh", "pre_disk_sync.sh"),
        ("Disk.sh", "disk.sh"),
        ("root.tgz", "root.tar.gz"),
        ("root.tar.xz", "root.tar.gz"),
        ("Root/etc/motd", "root"),
        ("rooot/etc/motd", "root"),
    ] {
        let shown = name.split('/').next().unwrap();
        let words = format!(
            "overlooked-file: `{shown}` beside the description is not used: the name is `{meant}`; rename it to `{meant}`"
        );
        assert_eq!(found("", &Memory::of([(name, "true\n")])), [words]);
    }
}

#[test]
fn names_that_are_no_slips() {
    for name in [
        "config.sh",
        "config.js",
        "config1.sh",
        "config.sh.bak",
        "config.sh~",
        "config.sh.in",
        "configure.sh",
        "build.sh",
        "boot/etc/motd",
        "rootfs/etc/motd",
        "README",
        "Makefile",
        "root.txt",
        "test.sh",
        "images",
        "disk",
        "roots/readme",
    ] {
        assert_eq!(found("", &Memory::of([(name, "true\n")])), [""; 0], "{name}");
    }
    // What is used for something else.
    let inside = "<preferences><type image=\"oem\" editbootinstall=\"disks.sh\"/></preferences>";
    assert_eq!(found(inside, &Memory::of([("disks.sh", "true\n")])), [""; 0]);
    let both = Memory::of([("config.sh", "true\n"), ("confg.sh", "true\n")]);
    assert_eq!(found("", &both), [""; 0]);
}

#[test]
fn an_overlay_of_a_profile_with_another_name() {
    let inside = "<profiles><profile name=\"Server\" description=\"s\"/><profile name=\"servers\" description=\"s\"/></profiles>";
    assert_eq!(found(inside, &Memory::of([("servers/etc/motd", "")])), [""; 0]);
    let inside = "<profiles><profile name=\"Server\" description=\"s\"/></profiles>";
    assert_eq!(
        codes(inside, &Memory::of([("server/etc/motd", "")])),
        ["overlooked-file"]
    );
    assert_eq!(
        codes(inside, &Memory::of([("Sever/etc/motd", "")])),
        ["overlooked-file"]
    );
    assert_eq!(found(inside, &Memory::of([("server/readme", "")])), [""; 0]);
    assert_eq!(found(inside, &Memory::of([("Server/etc/motd", "")])), [""; 0]);
}

#[test]
fn an_overlay_folder_in_the_place_of_a_link() {
    let manager = |name: &str| format!("<preferences><packagemanager>{name}</packagemanager></preferences>");
    let folder = Memory::of([("root/lib/modules/x", ""), ("root/usr/bin/y", "")]);
    assert_eq!(
        found(&manager("apt"), &folder),
        [
            "overlay-over-link: the overlay folder `root/lib` takes the place of the link `/lib` to `usr/lib`; move it to `root/usr/lib`"
        ]
    );
    assert_eq!(codes(&manager("dnf5"), &folder), ["overlay-over-link"]);
    // Leap 15 has real folders there, and so has Alpine.
    assert_eq!(found(&manager("zypper"), &folder), [""; 0]);
    assert_eq!(found(&manager("apk"), &folder), [""; 0]);
    let tumbleweed = "<repository><source path=\"obs://openSUSE:Tumbleweed/standard\"/></repository>";
    let inside = manager("zypper") + tumbleweed;
    assert_eq!(codes(&inside, &folder), ["overlay-over-link"]);
    assert_eq!(
        found(&manager("apt"), &Memory::of([("root/usr/lib/x", "")])),
        [""; 0]
    );
}
