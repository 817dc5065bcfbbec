//! Descriptions of very many accounts, profiles, partitions and the like: judged in time in proportion to them, and however
//! deep they lead from one to the next.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fmt::Write as _;
use std::time::Duration;

use apteryx_schema::{rules, syntax};
use clock::used;

mod clock;

/// A sound description with this in its parts, and so many of each.
fn description(kind: &str, count: usize) -> String {
    let many = |each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<String>();
    let (mut profiles, mut types, mut sections) = (String::new(), String::new(), String::new());
    let disk = |inside: String| format!("<type image=\"oem\" filesystem=\"ext4\">{inside}</type>");
    match kind {
        "accounts" => {
            let one = |n| {
                format!("<user name=\"u{n}\" password=\"*\" groups=\"g{n}\" home=\"/home/u{n}\" id=\"{n}\"/>")
            };
            let _ = write!(sections, "<users>{}</users>", many(&one));
        }
        "profiles" => profiles = many(&|n| format!("<profile name=\"P{n}\" description=\"\"/>")),
        "profiles in a chain" => {
            profiles = many(&|n| {
                format!(
                    "<profile name=\"P{n}\" description=\"\"><requires profile=\"P{}\"/></profile>",
                    n + 1
                )
            });
            let _ = write!(profiles, "<profile name=\"P{count}\" description=\"\"/>");
        }
        "profiles in a circle" => {
            profiles = many(&|n| {
                let next = (n + 1) % count;
                format!("<profile name=\"P{n}\" description=\"\"><requires profile=\"P{next}\"/></profile>")
            });
        }
        "profiles that are none" => {
            profiles = many(&|n| format!("<profile name=\"Profile{n}\" description=\"\"/>"));
            sections = many(&|n| format!("<packages type=\"image\" profiles=\"Prfile{n}\"/>"));
        }
        "partitions" => {
            let one = |n| {
                format!("<partition name=\"p{n}\" size=\"1\" mountpoint=\"/srv/{n}\" filesystem=\"ext4\"/>")
            };
            types = disk(format!("<partitions>{}</partitions>", many(&one)));
        }
        "volumes" => {
            let one = |n| format!("<volume name=\"srv/{n}\" size=\"1M\"/>");
            types = disk(format!(
                "<systemdisk preferlvm=\"true\">{}</systemdisk>",
                many(&one)
            ));
        }
        "volumes with what they cannot have" => {
            let one = |n: usize| match n % 2 {
                0 => format!("<volume name=\"srv/{n}\" size=\"1M\"/>"),
                _ => format!("<volume name=\"srv/{n}\" size=\"1M\" quota=\"1G\"/>"),
            };
            types = disk(format!("<systemdisk>{}</systemdisk>", many(&one)));
        }
        "volumes in none that there is" => {
            let one = |n| format!("<volume name=\"srv/{n}\" parent=\"srv/x{n}\"/>");
            types = disk(format!("<systemdisk>{}</systemdisk>", many(&one)));
        }
        "types that lack a file system" => types = many(&|_| "<type image=\"oem\"/>".to_owned()),
        "volumes of a container" => {
            let volumes = many(&|n| format!("<volume name=\"/srv/{n}\"/>"));
            types = format!(
                "<type image=\"docker\"><containerconfig name=\"a\"><volumes>{volumes}</volumes></containerconfig></type>"
            );
        }
        "labels" => {
            let one = |n| format!("<label name=\"l{n}\" value=\"\"/>");
            let labels = many(&one);
            types = format!(
                "<type image=\"docker\"><containerconfig name=\"a\"><labels>{labels}</labels></containerconfig></type>"
            );
        }
        "packages to delete" => {
            let one = |n| format!("<package name=\"package{n}\"/>");
            let _ = write!(sections, "<packages type=\"delete\">{}</packages>", many(&one));
        }
        _ => {
            let source = |n| {
                format!("<repository alias=\"a{n}\"><source path=\"https://example.org/{n}\"/></repository>")
            };
            sections = many(&source);
        }
    }
    format!(
        "<image schemaversion=\"8.5\" name=\"a\"><profiles>{profiles}</profiles><preferences><version>1.0.0</version>\
         <packagemanager>apt</packagemanager>{types}</preferences>{sections}\
         <packages type=\"image\"><package name=\"linux-image-amd64\"/></packages></image>"
    )
}

/// The time that the rules take.
fn judged(text: &str) -> Duration {
    let tree = syntax::parse(text);
    let start = used();
    rules::check_text(&tree, &[], &rules::Options::default());
    used() - start
}

#[test]
fn very_many_take_time_in_proportion() {
    for kind in [
        "accounts",
        "profiles",
        "profiles in a chain",
        "profiles in a circle",
        "profiles that are none",
        "partitions",
        "volumes",
        "volumes with what they cannot have",
        "volumes in none that there is",
        "types that lack a file system",
        "volumes of a container",
        "labels",
        "packages to delete",
        "repositories",
    ] {
        let least = |count| {
            let text = description(kind, count);
            (0..3).map(|_| judged(&text)).min().unwrap()
        };
        let (few, many) = (least(1_000), least(5_000));
        // A walk over all for each would take 25 times as long.
        assert!(many < few * 14, "{kind}: {few:?}, five times as many {many:?}");
    }
}

#[test]
fn a_chain_of_profiles_may_be_long() {
    judged(&description("profiles in a chain", 20_000));
}

#[test]
fn of_very_many_findings_the_first_are_told_and_that_there_are_more() {
    let listed = |count: usize| {
        let one = "<package name=\"a-package\"/>".repeat(count);
        description("packages to delete", 1).replace(
            "<packages type=\"image\">",
            &format!("<packages type=\"image\">{one}"),
        )
    };
    let found = |count| {
        let tree = syntax::parse(&listed(count));
        rules::check_text(&tree, &[], &rules::Options::default())
    };
    let said = |found: &[apteryx_schema::Diagnostic]| {
        let all = found.iter().filter(|d| d.code == "invalid-content");
        all.map(|d| d.message.to_string()).collect::<Vec<_>>()
    };
    let (few, many) = (found(100), found(10_500));
    assert_eq!(said(&few), [""; 0]);
    assert!((10_001..10_010).contains(&many.len()), "{}", many.len());
    assert_eq!(
        said(&many),
        ["there may be more findings than the 10000 that are shown"]
    );
}
