//! The rules on repositories: each mistake with its sound twin.
#![cfg(test)]

use apteryx_schema::description::from_tree;
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::{rules, syntax};

/// A sound description with these repositories.
fn text(manager: &str, repositories: &str) -> String {
    format!(
        "<image schemaversion=\"8.5\" name=\"a\"><preferences><version>1.0.0</version>\
         <packagemanager>{manager}</packagemanager><type image=\"docker\"/></preferences>{repositories}\
         <packages type=\"bootstrap\"><package name=\"x\"/></packages></image>"
    )
}

/// Code, message, the text underlined, and what the first fix makes of it.
fn found(manager: &str, repositories: &str) -> Vec<String> {
    let text = text(manager, repositories);
    let tree = syntax::parse(&text);
    assert!(tree.errors().is_empty(), "{text}");
    let mut image = from_tree(&tree, FileId(0));
    image.files.push(apteryx_schema::description::model::File {
        path: "config.xml".into(),
        text: text.as_str().into(),
    });
    let all = rules::check(&image, std::slice::from_ref(&tree), &rules::Options::default());
    let other = ["attribute-not-for-manager", "unsigned-repository"];
    let all = all.into_iter().filter(|d| !other.contains(&d.code));
    all.map(|d| {
        let fix = d.fixes.first().map(|f| format!(" -> {}", f.edits[0].new_text));
        format!("{} `{}`{}", d.code, d.span.of(&text), fix.unwrap_or_default())
    })
    .collect()
}

fn deb(attributes: &str, source: &str) -> String {
    format!("<repository type=\"apt-deb\" {attributes}><source path=\"{source}\"/></repository>")
}

const DEBIAN: &str = "https://ftp.debian.org/debian";

#[test]
fn sound_repositories() {
    for attributes in [
        "distribution=\"trixie\" components=\"main contrib non-free non-free-firmware\"",
        "distribution=\"bookworm-updates\" components=\"main\"",
        "distribution=\"stable\"",
        "distribution=\"bookworm-backports\"",
        "distribution=\"bullseye/updates\"",
        "distribution=\"${SUITE}\" components=\"main\" architectures=\"amd64\" priority=\"1\"",
    ] {
        assert_eq!(found("apt", &deb(attributes, DEBIAN)), [""; 0], "{attributes}");
    }
    let own = deb(
        "distribution=\"local-suite\" components=\"own\" alias=\"a\"",
        "https://example.org/debian",
    );
    assert_eq!(found("apt", &own), [""; 0]);
    for source in [
        "obs://openSUSE:Tumbleweed/standard",
        "obs://13.2/repo/oss",
        "obsrepositories:/",
        "https://download.opensuse.org/tumbleweed/repo/oss/",
        "https://user@example.org/x",
        "https://$USER:$SECRET@example.org/x",
        "https://example.org:8080/x y/",
        "ftp://example.org/x",
        "this://repo",
        "dir:///srv/repo",
        "dir:/srv/repo",
        "file:///srv/repo",
        "/srv/repo",
        "$MIRROR/x",
        "https://$HOST/x",
        "{{ mirror }}/x",
        "iso:///image/dvd.iso",
    ] {
        let one = format!("<repository><source path=\"{source}\"/></repository>");
        assert_eq!(found("zypper", &one), [""; 0], "{source}");
    }
}

#[test]
fn what_only_looks_like_a_fault_is_quiet() {
    let mirrors = "<repository type=\"rpm-md\" sourcetype=\"mirrorlist\">\
                   <source path=\"https://cdn.amazonlinux.com/al2023/core/mirrors/latest/$basearch/mirror.list\"/></repository>";
    assert_eq!(found("dnf5", mirrors), [""; 0]);
    // A system of its own that takes some packages from Fedora.
    let guest = "<repository type=\"rpm-md\">\
                 <source path=\"https://dl.fedoraproject.org/pub/fedora/linux/releases/43/Everything/x86_64/os\"/></repository>";
    let release = |number: &str| {
        let setting =
            format!("<preferences><release-version>{number}</release-version></preferences>{guest}");
        found("dnf5", &setting)
    };
    assert_eq!(release("4.0"), [""; 0]);
    assert_eq!(release("42").len(), 1);
}

#[test]
fn addresses_that_lead_nowhere() {
    for (source, wanted) in [
        ("htps://example.org/x", "repository-address `htps` -> https"),
        ("HTTPS://example.org/x", "repository-address `HTTPS` -> https"),
        ("ob://a/b", "repository-address `ob` -> obs"),
        (
            "https:/example.org/x",
            "repository-address `https:/example.org/x` -> https://example.org/x",
        ),
        ("https://", "repository-address `https://`"),
        ("https:///x", "repository-address `https:///x`"),
        (
            "obs://openSUSE:Tumbleweed",
            "repository-address `obs://openSUSE:Tumbleweed`",
        ),
        (
            "obs://openSUSE:Tumbleweed/",
            "repository-address `obs://openSUSE:Tumbleweed/`",
        ),
        ("rsync://example.org/x", "repository-address `rsync`"),
        ("example.org:80/x", "repository-address `example.org`"),
        (
            "example.org/debian",
            "repository-address `example.org/debian` -> https://example.org/debian",
        ),
        ("./repo", "repository-address `./repo`"),
        ("repo", "repository-address `repo`"),
        ("this:/repo", "repository-address `this:/repo` -> this://repo"),
        (
            "deb https://example.org/debian stable main",
            "repository-address `deb https://example.org/debian stable main` -> https://example.org/debian",
        ),
        (
            "obsrepository:/",
            "repository-address `obsrepository` -> obsrepositories",
        ),
        ("https://a b/x", "repository-address `https://a b/x`"),
        (
            "https://me:secret@example.org/x",
            "credentials-in-address `https://me:secret@example.org/x`",
        ),
    ] {
        let one = format!("<repository><source path=\"{source}\"/></repository>");
        assert_eq!(found("zypper", &one), [wanted], "{source}");
    }
}

#[test]
fn what_apt_does_not_find() {
    let ubuntu = "http://archive.ubuntu.com/ubuntu";
    for (attributes, source, wanted) in [
        ("", DEBIAN, "repository-suite `https://ftp.debian.org/debian`"),
        (
            "distribution=\"trixi\"",
            DEBIAN,
            "repository-suite `trixi` -> trixie",
        ),
        (
            "distribution=\"Trixie\"",
            DEBIAN,
            "repository-suite `Trixie` -> trixie",
        ),
        (
            "distribution=\"trixi-updates\"",
            DEBIAN,
            "repository-suite `trixi-updates` -> trixie-updates",
        ),
        (
            "distribution=\"trixie-update\"",
            DEBIAN,
            "repository-suite `trixie-update` -> trixie-updates",
        ),
        (
            "distribution=\"trixie main\"",
            DEBIAN,
            "repository-suite `trixie main`",
        ),
        ("distribution=\"noble\"", DEBIAN, "repository-suite `noble`"),
        ("distribution=\"bookworm\"", ubuntu, "repository-suite `bookworm`"),
        (
            "distribution=\"trixie\" components=\"main,contrib\"",
            DEBIAN,
            "repository-components `main,contrib` -> main contrib",
        ),
        (
            "distribution=\"trixie\" components=\"main, contrib\"",
            DEBIAN,
            "repository-components `main, contrib` -> main contrib",
        ),
        (
            "distribution=\"trixie\" components=\"man\"",
            DEBIAN,
            "repository-components `man` -> main",
        ),
        (
            "distribution=\"trixie\" components=\"main universe\"",
            DEBIAN,
            "repository-components `universe`",
        ),
        (
            "distribution=\"noble\" components=\"main universse\"",
            ubuntu,
            "repository-components `universse` -> universe",
        ),
        (
            "distribution=\"trixie\" components=\"mainn contrib\"",
            "https://example.org/debian",
            "repository-components `mainn` -> main",
        ),
        (
            "components=\"main\"",
            "https://example.org/x",
            "repository-components `main`",
        ),
        (
            "distribution=\"trixie\" architectures=\"x86_64\"",
            DEBIAN,
            "repository-architecture `x86_64` -> amd64",
        ),
        (
            "distribution=\"trixie\" priority=\"0\"",
            DEBIAN,
            "repository-priority `0`",
        ),
        (
            "distribution=\"trixie\" priority=\"-1\"",
            DEBIAN,
            "repository-priority `-1`",
        ),
    ] {
        assert_eq!(found("apt", &deb(attributes, source)), [wanted], "{attributes}");
    }
}

#[test]
fn a_repository_for_another_package_manager() {
    let one = "<repository type=\"rpm-md\"><source path=\"https://example.org/x\"/></repository>";
    assert_eq!(found("apt", one), ["repository-type `rpm-md` -> apt-deb"]);
    assert_eq!(found("zypper", one), [""; 0]);
    let one = "<repository><source path=\"https://example.org/metalink?repo=x\"/></repository>";
    assert_eq!(
        found("dnf5", one),
        ["repository-source-type `https://example.org/metalink?repo=x` ->  sourcetype=\"metalink\""]
    );
    let one = "<repository sourcetype=\"metalink\"><source path=\"https://example.org/metalink?repo=x\"/></repository>";
    assert_eq!(found("dnf5", one), [""; 0]);
}

/// A suite that ends with a slash is a folder, which has no components.
#[test]
fn a_flat_repository_with_its_folder_as_the_suite() {
    let one = |suite: &str| {
        let attributes = format!("distribution=\"{suite}\" components=\" \"");
        found("apt", &deb(&attributes, "file:///root/own-repo"))
    };
    assert_eq!(one("/"), [""; 0]);
    assert_eq!(one("trixie/"), [""; 0]);
    assert_eq!(one("trixie"), ["repository-components ` `"]);
}

#[test]
fn an_alias_given_twice() {
    let one = |attributes: &str, path: &str| {
        format!(
            "<repository alias=\"main\" {attributes}><source path=\"https://example.org/{path}\"/></repository>"
        )
    };
    assert_eq!(
        found("zypper", &(one("", "a") + &one("", "b"))),
        ["duplicate-alias `main`"]
    );
    let apart = one("arch=\"x86_64\"", "a") + &one("arch=\"aarch64\"", "b");
    assert_eq!(found("zypper", &apart), [""; 0]);
}

#[test]
fn packages_that_anyone_could_have_changed() {
    let told = |source: &str, attributes: &str| {
        let text = text(
            "apt",
            &deb(&format!("distribution=\"trixie\" {attributes}"), source),
        );
        let tree = syntax::parse(&text);
        let found = rules::check_text(&tree, &[], &rules::Options::default());
        found.iter().filter(|d| d.code == "unsigned-repository").count()
    };
    assert_eq!(told("http://ftp.debian.org/debian", ""), 1);
    assert_eq!(
        told("http://ftp.debian.org/debian", "repository_gpgcheck=\"false\""),
        1
    );
    assert_eq!(
        told("http://ftp.debian.org/debian", "repository_gpgcheck=\"true\""),
        0
    );
    assert_eq!(told("https://ftp.debian.org/debian", ""), 0);
    assert_eq!(told("http://localhost:8080/debian", ""), 0);
}

#[test]
fn an_address_that_is_missing_is_told_once_and_many_take_time_in_proportion() {
    let empty = "<repository><source path=\"\"/></repository>".repeat(2);
    let all = found("zypper", &empty);
    assert!(
        all.iter().all(|f| f.starts_with("repository-address ")),
        "{all:?}"
    );

    let many = |count: usize| {
        let each = |n| {
            deb(
                &format!("alias=\"a{n}\""),
                &format!("https://example.org/{n}/debian"),
            )
        };
        let repositories: String = (0..count).map(each).collect();
        let tree = syntax::parse(&text("apt", &repositories));
        let once = || {
            let start = std::time::Instant::now();
            let all = rules::check_text(&tree, &[], &rules::Options::default());
            assert!(!all.iter().any(|d| d.code.starts_with("duplicate")));
            start.elapsed()
        };
        (0..3).map(|_| once()).min().unwrap()
    };
    let (few, more) = (many(4_000), many(16_000));
    assert!(more < few * 10, "{few:?}, four times as many {more:?}");
}
