//! How large file systems become: there is room for every file, however many and small they are. Tiny trees, no boot.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs
)]

mod tiny;

use std::path::Path;

use tiny::{Case, ready, run};

fn description(kind: &str) -> String {
    let settings = "<version>1.0.0</version><packagemanager>apt</packagemanager>";
    tiny::description("Many", &format!("{settings}{kind}"))
}

/// So many files that mke2fs, by its own measure, makes too few inodes for them.
fn many_files(tree: &Path) {
    for dir in 0..40 {
        let dir = tree.join(format!("srv/{dir}"));
        std::fs::create_dir_all(&dir).unwrap();
        for file in 0..1000 {
            std::fs::write(dir.join(file.to_string()), "").unwrap();
        }
    }
}

#[test]
fn there_is_room_for_many_small_files() {
    let _alone = tiny::alone();
    if !ready(&["mke2fs", "e2fsck"]) {
        return;
    }
    let case = Case::new(&description(r#"<type image="ext4"/>"#));
    many_files(&case.path("tree"));
    let (status, text) = case.run("ext4");
    assert_eq!(status, Some(0), "{text}");
    let image = case.path("out/Many.x86_64-1.0.0.ext4");
    let checked = run("e2fsck", &["-fn", image.to_str().unwrap()]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn a_file_system_is_as_large_as_asked_for() {
    let _alone = tiny::alone();
    if !ready(&["mke2fs", "e2fsck"]) {
        return;
    }
    let made = |size: &str| {
        let case = Case::new(&description(&format!(r#"<type image="ext4">{size}</type>"#)));
        let (status, text) = case.run("ext4");
        let image = case.path("out/Many.x86_64-1.0.0.ext4");
        let length = std::fs::metadata(image).map_or(0, |meta| meta.len() >> 20);
        (status, text, length)
    };
    let (_, _, computed) = made("");
    let (status, text, fixed) = made("<size unit=\"M\">600</size>");
    assert_eq!((status, fixed), (Some(0), 600), "{text}");
    let (status, text, more) = made("<size unit=\"M\" additive=\"true\">64</size>");
    assert_eq!((status, more), (Some(0), computed + 64), "{text}");
    let (status, text, _) = made("<size unit=\"M\">2</size>");
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("error[size-too-small]: the file system of 2 MB is too small")
            && text.contains("config.xml:4:"),
        "{text}"
    );
}
