//! How large file systems become: there is room for every file, however many and small they are. Tiny trees, no boot.
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
