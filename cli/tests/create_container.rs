//! What `<type image="docker">` and `oci` say beside their configuration, on tiny trees.
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

mod tiny;

use tiny::{Case, alone, ready, run};

fn description(attributes: &str) -> String {
    tiny::description(
        "Box",
        &format!(
            "<version>1.2.3</version><packagemanager>apt</packagemanager>\n        \
             <type image=\"oci\" {attributes}><containerconfig name=\"box\"/></type>"
        ),
    )
}

/// The names in the only layer of the container.
fn layer(case: &Case) -> Vec<String> {
    let script = format!(
        "cd {} && tar -xf out/Box.x86_64-1.2.3.oci.tar.xz && for blob in blobs/sha256/*; do tar -tf $blob 2>/dev/null || true; done",
        case.path("").display()
    );
    let output = run("sh", &["-c", &script]);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| line.trim_end_matches('/').to_owned())
        .collect()
}

#[test]
fn temporary_folders_are_packed_empty_unless_asked_otherwise() {
    let _alone = alone();
    if !ready(&["tar", "xz"]) {
        return;
    }
    for (attributes, kept) in [("", false), ("ensure_empty_tmpdirs=\"false\"", true)] {
        let case = Case::new(&description(attributes))
            .with("tree/tmp/of-the-build", "t")
            .with("tree/run/lock/of-the-build", "r")
            .with("tree/dev/of-the-build", "d");
        let (status, said) = case.run("oci");
        assert_eq!(status, Some(0), "{said}");
        let names = layer(&case);
        let has = |name: &str| names.iter().any(|other| other == name);
        assert!(has("tmp") && has("run") && has("dev"), "{names:?}");
        assert_eq!(
            (has("tmp/of-the-build"), has("run/lock/of-the-build")),
            (kept, kept)
        );
        assert!(!has("dev/of-the-build"), "{names:?}");
    }
}

#[test]
fn what_containers_are_not_made_with_yet_is_refused_at_its_place() {
    let _alone = alone();
    if !ready(&["tar"]) {
        return;
    }
    for attribute in ["provide_system_files", "require_system_files"] {
        let case = Case::new(&description(&format!("{attribute}=\"true\"")));
        let (status, said) = case.run("oci");
        assert_eq!(status, Some(1), "{said}");
        let words = format!("error[unsupported-system-files]: `{attribute}` is not supported yet");
        assert!(said.contains(&words) && said.contains("config.xml:5:"), "{said}");
        assert!(!case.path("out").exists());
    }
}

#[test]
fn a_squashfs_is_made_with_the_options_asked_for() {
    let _alone = alone();
    if !ready(&["mksquashfs", "unsquashfs"]) {
        return;
    }
    let kind = "<type image=\"squashfs\" squashfscompression=\"gzip\" fscreateoptions=\"-b 64K\"/>";
    let text = format!("<version>1.2.3</version><packagemanager>apt</packagemanager>{kind}");
    let case = Case::new(&tiny::description("Box", &text));
    let (status, said) = case.run("squashfs");
    assert_eq!(status, Some(0), "{said}");
    let image = case.path("out/Box.x86_64-1.2.3.squashfs");
    let about = run("unsquashfs", &["-s", image.to_str().unwrap()]);
    let about = String::from_utf8(about.stdout).unwrap();
    assert!(
        about.contains("Block size 65536") && about.contains("Compression gzip"),
        "{about}"
    );
}
