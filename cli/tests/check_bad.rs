//! What `check` says of bad input: the place, the cause and a remedy, for a person. Fixtures are written here.
#![cfg(test)]

mod user;

use std::fs;

use user::{SOUND, apteryx};

/// What is wrong in a very large text has its place like any other, in words that fit the screen.
#[test]
fn fifty_megabytes_are_judged_like_others() {
    let dir = tempfile::tempdir().unwrap();
    let wrong = SOUND.replace("filesystem=", "filesytem=");
    let (head, tail) = wrong.split_once("    <preferences>").unwrap();
    let remarks =
        "    <!-- a remark that says nothing, and has many like it in this text -->\n".repeat(680_000);
    let large = format!("{head}{remarks}    <preferences>{tail}");
    assert!(large.len() > 50_000_000);
    let cases = [
        (large, "unknown-attribute", "680014:27]"),
        ("x".repeat(50_000_000), "text-outside-root", "1:1]"),
    ];
    for (text, code, place) in cases {
        fs::write(dir.path().join("config.kiwi"), text).unwrap();
        let ran = apteryx(dir.path(), &["check", "config.kiwi"], b"");
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
        assert!(
            ran.out.starts_with(&format!("error[{code}]")) && ran.out.contains(place),
            "{}",
            ran.out
        );
        assert!(ran.out.lines().all(|l| l.chars().count() < 200), "{}", ran.out);
    }
}

/// A script that no person wrote is judged by its syntax alone: its words are not sought in each other for minutes.
#[test]
fn a_script_of_half_a_megabyte_takes_no_longer_than_others() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("config.kiwi"), SOUND).unwrap();
    let lines = (0..14_000).map(|n| format!("rpm --import /tmp/k{n} $name_{n}\n"));
    let script = format!("#!/bin/bash\n{}if true; then\n", lines.collect::<String>());
    fs::write(dir.path().join("config.sh"), &script).unwrap();
    let began = std::time::Instant::now();
    let ran = apteryx(dir.path(), &["check", "config.kiwi"], b"");
    assert!(
        ran.out.contains("[script-syntax]"),
        "{} {}",
        script.len(),
        ran.out
    );
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

/// Profiles that all require each other are one choice, however many they are: each is not compared with all others.
#[test]
fn a_circle_of_very_many_profiles_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let all = 40_000;
    let one = |n: usize| {
        let next = (n + 1) % all;
        format!("<profile name=\"p{n}\" description=\"d\"><requires profile=\"p{next}\"/></profile>\n")
    };
    let profiles: String = (0..all).map(one).collect();
    let preferences = "    <preferences>";
    let inside = format!("<profiles>\n{profiles}</profiles>\n{preferences}");
    let text = SOUND.replacen(preferences, &inside, 1);
    fs::write(dir.path().join("config.kiwi"), text).unwrap();
    let began = std::time::Instant::now();
    let ran = apteryx(dir.path(), &["check", "config.kiwi"], b"");
    assert!(ran.out.contains("[profile-cycle]"), "{}", ran.out);
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

/// What each bad input is told: where, why, and what to do about it.
#[test]
fn bad_input_is_told_with_place_cause_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let mut bomb = "<!DOCTYPE image [<!ENTITY a0 \"aaaaaaaaaa\">".to_owned();
    for n in 1..30 {
        bomb += &format!("<!ENTITY a{n} \"&a{m};&a{m};&a{m};&a{m};&a{m};\">", m = n - 1);
    }
    bomb += "]><image schemaversion=\"8.5\" name=\"&a29;\"/>";
    let external = "<!DOCTYPE image [<!ENTITY s SYSTEM \"file:///etc/passwd\">]>\n<image schemaversion=\"8.5\" name=\"a\">&s;</image>";
    let version = |v: &str| SOUND.replace("\"8.5\"", &format!("\"{v}\"")).into_bytes();
    let texts = [
        (
            "not-xml.kiwi",
            b"hello world\n".to_vec(),
            "text-outside-root",
            "1:1",
        ),
        ("long.kiwi", b"x".repeat(100_000), "text-outside-root", "1:1"),
        ("empty.kiwi", Vec::new(), "missing-root", "1:1"),
        ("html.kiwi", b"<html/>".to_vec(), "unknown-element", "1:2"),
        ("bomb.kiwi", bomb.into_bytes(), "entity-expansion", "1:1208"),
        (
            "external.kiwi",
            external.as_bytes().to_vec(),
            "external-entity",
            "2:37",
        ),
        (
            "latin.kiwi",
            b"<?xml version=\"1.0\"?>\n<image name=\"\xe4\"/>".to_vec(),
            "wrong-encoding",
            "2:14",
        ),
        ("old.kiwi", version("6.2"), "schema-version", "2:23"),
        ("new.kiwi", version("9.0"), "schema-version", "2:23"),
        ("no.kiwi", version("eight"), "schema-version", "2:23"),
    ];
    for (name, bytes, code, place) in texts {
        fs::write(dir.path().join(name), bytes).unwrap();
        let ran = apteryx(dir.path(), &["check", name], b"");
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{name}");
        let head = format!("error[{code}]: ");
        assert!(ran.out.starts_with(&head), "{name}: {}", ran.out);
        assert!(
            ran.out.contains(&format!("[{name}:{place}]")),
            "{name}: {}",
            ran.out
        );
        assert!(
            ran.out.contains("  help: ") || ran.out.contains("╰── "),
            "{name}: {}",
            ran.out
        );
        assert!(
            ran.out.lines().all(|l| l.chars().count() < 400),
            "{name}: {}",
            ran.out
        );
        assert!(
            ran.out.ends_with("1 error in 1 file\n") || ran.out.ends_with("with --fix\n"),
            "{name}"
        );
    }
}

#[test]
#[allow(clippy::disallowed_methods)] // The program under test is not run by the builder.
fn a_reader_that_goes_away_is_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..300 {
        fs::write(
            dir.path().join(format!("{n}.kiwi")),
            SOUND.replace("filesystem=", "filesytem="),
        )
        .unwrap();
    }
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .arg("check")
        .current_dir(dir.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), done.stderr), (Some(1), Vec::new()));
}

#[test]
fn of_very_many_findings_the_first_are_shown_errors_before_all_else() {
    let dir = tempfile::tempdir().unwrap();
    let packages = |n: usize| "        <package name=\"vim\"/>\n".repeat(n);
    let (head, tail) = SOUND.split_once("        <package name=\"bash\"/>").unwrap();
    let many = format!("{head}{}{tail}", packages(300));
    fs::write(dir.path().join("many.kiwi"), &many).unwrap();
    let ran = apteryx(
        dir.path(),
        &["check", "many.kiwi", "--warn", "duplicate-package"],
        b"",
    );
    let end = "\n`many.kiwi` has 99 more findings; `--format json` lists all\n\n299 warnings in 1 file\n";
    assert!(ran.out.ends_with(end), "{}", ran.out);
    assert_eq!(ran.out.matches("warning[").count(), 200);
    let ran = apteryx(dir.path(), &["check", "many.kiwi", "--format", "json"], b"");
    let all: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(all["files"][0]["diagnostics"].as_array().unwrap().len(), 299);

    // What stands at the end and weighs more is not hidden by what stands before it.
    let users = "    <users>\n        <user name=\"a\" id=\"7\" password=\"x\"/>\n        <user name=\"b\" id=\"7\" password=\"x\"/>\n    </users>\n";
    fs::write(
        dir.path().join("many.kiwi"),
        many.replace("</image>", &format!("{users}</image>")),
    )
    .unwrap();
    let ran = apteryx(
        dir.path(),
        &[
            "check",
            "many.kiwi",
            "--warn",
            "duplicate-package",
            "--error",
            "duplicate-id",
        ],
        b"",
    );
    let shown = ran.out.matches("warning[").count() + ran.out.matches("error[").count();
    assert_eq!((shown, ran.code), (200, 1), "{}", ran.out);
    assert!(ran.out.contains("error[duplicate-id]"), "{}", ran.out);
}
