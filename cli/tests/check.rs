//! The binary as a user meets it: bad inputs, exit codes, formats. Fixtures are written here.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::print_stderr)] // A test may.

mod user;

use std::path::Path;

use expect_test::{Expect, expect};
use user::{SOUND, apteryx};

/// Codes, sources, severities and ranges of one text, by the JSON contract.
fn found(text: &[u8], args: &[&str]) -> (i32, String) {
    let dir = tempfile::tempdir().unwrap();
    let mut all = vec!["check", "--format", "json", "-", "--stdin-filename", "config.xml"];
    all.extend(args);
    let ran = apteryx(dir.path(), &all, text);
    assert!(ran.code == 0 || ran.code == 1, "{} {}", ran.code, ran.err);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let mut out = String::new();
    for d in json["files"][0]["diagnostics"].as_array().unwrap() {
        let at = &d["range"]["start"];
        out += &format!(
            "{}:{} {} {} {}\n",
            at["line"],
            at["character"],
            d["severity"].as_str().unwrap(),
            d["source"].as_str().unwrap(),
            d["message"].as_str().unwrap()
        );
    }
    (ran.code, out)
}

fn refused(text: &[u8], args: &[&str], expect: Expect) {
    let (code, out) = found(text, args);
    assert_eq!(code, 1, "{out}");
    expect.assert_eq(&out);
}

#[test]
fn the_version_is_answered() {
    let ran = apteryx(Path::new("."), &["--version"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (0, "apteryx 0.1.0\n"));
}

#[test]
fn a_sound_description_has_no_error() {
    let (code, out) = found(SOUND.as_bytes(), &[]);
    assert_eq!(code, 0, "{out}");
    let crlf = format!("\u{feff}{}", SOUND.replace('\n', "\r\n"));
    let (code, out) = found(crlf.as_bytes(), &[]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn a_version_out_of_range_is_one_error_at_its_value() {
    refused(
        SOUND.replace("\"8.5\"", "\"6.2\"").as_bytes(),
        &[],
        expect![[r#"
            1:22 error schema schema version `6.2` is too old to be migrated
        "#]],
    );
    refused(
        SOUND.replace("\"8.5\"", "\"9.0\"").as_bytes(),
        &[],
        expect![[r#"
            1:22 error schema schema version `9.0` is newer than `8.5`
        "#]],
    );
}

#[test]
fn unknown_profile_and_type_are_named_with_what_there_is() {
    refused(
        SOUND.as_bytes(),
        &["--profile", "Dsik"],
        expect![[r#"
            10:5 error rules the description has no profile `Dsik`
        "#]],
    );
    refused(
        SOUND.as_bytes(),
        &["--type", "iso"],
        expect![[r#"
            10:5 error rules no active `<type>` has `image="iso"`
        "#]],
    );
}

#[test]
fn a_missing_include_is_found_at_the_statement() {
    let text = SOUND.replace(
        "    <profiles>",
        "    <include from=\"this://gone.xml\"/>\n    <profiles>",
    );
    refused(
        text.as_bytes(),
        &[],
        expect![[r#"
            7:19 error files there is no file `this://gone.xml`
        "#]],
    );
}

#[test]
fn what_is_no_xml_at_all_is_an_error_not_a_crash() {
    let mut bomb = String::from("<!DOCTYPE image [<!ENTITY a0 \"aaaaaaaaaa\">");
    for n in 1..30 {
        bomb += &format!("<!ENTITY a{n} \"&a{m};&a{m};&a{m};&a{m};&a{m};\">", m = n - 1);
    }
    bomb += "]><image name=\"&a29;\"/>";
    let deep = "<a>".repeat(100_000);
    let texts: [&[u8]; 6] = [
        b"",
        b"not xml",
        b"\x00\xff\xfe\x01",
        b"<image",
        bomb.as_bytes(),
        deep.as_bytes(),
    ];
    for text in texts {
        let (code, out) = found(text, &[]);
        assert_eq!(
            code,
            1,
            "{}",
            String::from_utf8_lossy(text.get(..20).unwrap_or(text))
        );
        assert!(!out.is_empty());
    }
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let dir = tempfile::tempdir().unwrap();
    let ran = apteryx(dir.path(), &["check", "gone.xml"], b"");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error: cannot read `gone.xml`: "),
        "{}",
        ran.err
    );
    let ran = apteryx(dir.path(), &["check"], b"");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error: there is no description here"),
        "{}",
        ran.err
    );
}

#[test]
fn people_see_the_place() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.xml"), SOUND.replace("\"8.5\"", "\"6.2\"")).unwrap();
    let ran = apteryx(dir.path(), &["check"], b"");
    assert_eq!(ran.code, 1);
    expect![[r#"
        error[schema-version]: schema version `6.2` is too old to be migrated
          ╭─[config.xml:2:23]
        1 │ <?xml version="1.0" encoding="utf-8"?>
        2 │ <image schemaversion="6.2" name="small">
          ·                       ─┬─
          ·                        ╰── expected `7.4` to `8.5`
          ╰────
          help: versions from `7.4` are migrated; bring older ones to `7.4` with KIWI 9 first

        1 error in 1 file
    "#]]
    .assert_eq(&ran.out);
}

#[test]
fn migrate_shows_writes_and_is_done_after_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.xml");
    let old = SOUND
        .replace("\"8.5\"", "\"7.5\"")
        .replace("image=\"oem\"", "image=\"oem\" vga=\"1\"");
    std::fs::write(&file, &old).unwrap();
    let ran = apteryx(dir.path(), &["migrate", "--diff"], b"");
    assert_eq!(ran.code, 0);
    assert!(
        ran.out.contains("-<image schemaversion=\"7.5\"")
            && ran.out.contains("+<image schemaversion=\"8.5\""),
        "{}",
        ran.out
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), old);
    assert_eq!(apteryx(dir.path(), &["migrate"], b"").code, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), SOUND);
    assert!(
        apteryx(dir.path(), &["migrate"], b"")
            .err
            .contains("nothing to migrate")
    );
}

/// A folder with a repository of two packages and a description that names it and `packages`.
fn with_repository(packages: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let stanza = |n: &str| {
        format!(
            "Package: {n}\nVersion: 1\nArchitecture: all\nFilename: ./{n}.deb\nSize: 1\nSHA256: {}\n\n",
            "0".repeat(64)
        )
    };
    std::fs::create_dir(dir.path().join("repo")).unwrap();
    let listed = ["base-files", "openssh-server"].map(stanza).concat();
    std::fs::write(dir.path().join("repo/Packages"), listed).unwrap();
    let named: String = packages
        .iter()
        .map(|p| format!("        <package name=\"{p}\"/>\n"))
        .collect();
    let (head, rest) = SOUND.split_once("    <repository").unwrap();
    let tail = rest.split_once("        <package name=\"bash\"/>\n").unwrap().1;
    let tail = tail.replace(
        "        <package name=\"linux-image-amd64\"/>\n        <package name=\"dracut\"/>\n",
        "",
    );
    let repository = "    <repository type=\"apt-deb\" alias=\"small\" repository_gpgcheck=\"false\">\n        <source path=\"this://repo\"/>\n    </repository>\n    <packages type=\"image\">\n";
    std::fs::write(
        dir.path().join("config.xml"),
        format!("{head}{repository}{named}{tail}"),
    )
    .unwrap();
    dir
}

#[test]
fn package_names_are_judged_by_the_repositories() {
    let dir = with_repository(&["openssh-sever", "openssh-server"]);
    let ran = apteryx(dir.path(), &["check", "--packages", "-q"], b"");
    assert_eq!(ran.code, 1, "{} {}", ran.out, ran.err);
    expect![[r#"
        error[package-not-found]: no enabled repository has a package `openssh-sever`
           ╭─[config.xml:20:24]
        19 │     <packages type="image">
        20 │         <package name="openssh-sever"/>
           ·                        ──────┬──────
           ·                              ╰── did you mean `openssh-server`?
           ╰────
          note: searched `small` (2 packages, fetched just now), x86_64

    "#]]
    .assert_eq(&ran.out);
    let dir = with_repository(&["openssh-server"]);
    let ran = apteryx(dir.path(), &["check", "--packages"], b"");
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
}

#[test]
fn a_repository_that_cannot_be_read_is_worth_another_try() {
    let dir = with_repository(&["openssh-server"]);
    std::fs::remove_dir_all(dir.path().join("repo")).unwrap();
    let ran = apteryx(dir.path(), &["check", "--packages"], b"");
    assert_eq!(ran.code, 3, "{} {}", ran.out, ran.err);
    assert!(ran.err.contains("error["), "{}", ran.err);
}

#[test]
fn a_fault_in_an_included_file_is_listed_there() {
    let dir = tempfile::tempdir().unwrap();
    let (head, rest) = SOUND.split_once("    <preferences>").unwrap();
    let (preferences, tail) = rest.split_once("</preferences>\n").unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write(
        "config.xml",
        &format!("{head}    <include from=\"this://p.xml\"/>\n{tail}"),
    );
    let inner = format!(
        "<image schemaversion=\"8.5\" name=\"p\">\n<preferences>{preferences}</preferences>\n</image>\n"
    );
    write("p.xml", &inner);
    let ran = apteryx(dir.path(), &["check", "config.xml"], b"");
    assert_eq!(ran.code, 0, "{}", ran.out);
    write("p.xml", &inner.replace("filesystem", "filesytem"));
    let listed = |args: &[&str]| {
        let ran = apteryx(dir.path(), args, b"");
        assert_eq!(ran.code, 1, "{} {}", ran.out, ran.err);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let files = json["files"].as_array().unwrap().iter();
        files
            .map(|f| format!("{} {}", f["path"], f["diagnostics"]))
            .collect::<Vec<_>>()
            .join("\n")
    };
    expect![[r#"
        "config.xml" []
        "p.xml" [{"code":"unknown-attribute","fixes":[{"edits":[{"newText":"filesystem","range":{"end":{"character":35,"line":4},"start":{"character":26,"line":4}}}],"title":"rename to `filesystem`"}],"message":"`<type>` has no attribute `filesytem`","range":{"end":{"character":35,"line":4},"start":{"character":26,"line":4}},"severity":"error","source":"schema"}]"#]].assert_eq(&listed(&["check", "--format", "json", "config.xml"]));
    write("p.xml", &inner.replace("</preferences>", ""));
    expect![[r#"
        "config.xml" []
        "p.xml" [{"code":"unclosed-element","fixes":[{"edits":[{"newText":"\n</preferences>","range":{"end":{"character":104,"line":4},"start":{"character":104,"line":4}}}],"title":"insert `</preferences>`"}],"message":"`<preferences>` has no end tag","range":{"end":{"character":12,"line":1},"start":{"character":1,"line":1}},"severity":"error","source":"xml"}]"#]].assert_eq(&listed(&["check", "--format", "json", "config.xml"]));
}

#[test]
fn an_allowance_holds_for_what_follows_and_tells_when_it_is_idle() {
    let unused = SOUND.replace(
        "<packages type=\"image\">",
        "<packages type=\"image\" profiles=\"Idle\">",
    );
    let (_, plain) = found(unused.as_bytes(), &[]);
    assert!(plain.contains("Idle"), "{plain}");
    let allowed = unused.replace(
        "    <packages type=\"image\"",
        "    <!-- apteryx: allow undefined-profile: for a friend -->
    <packages type=\"image\"",
    );
    let (code, out) = found(allowed.as_bytes(), &[]);
    assert!(
        code == 0 && !out.contains("Idle") && !out.contains("allowed"),
        "{out}"
    );
    let file = unused.replace(
        "    <profiles>",
        "    <!-- apteryx: allow-file undefined-profile: for friends -->\n    <profiles>",
    );
    let (_, out) = found(file.as_bytes(), &[]);
    assert!(!out.contains("Idle"), "{out}");
    let idle = SOUND.replace(
        "    <profiles>",
        "    <!-- apteryx: allow appx-name: old -->\n    <profiles>",
    );
    let (_, out) = found(idle.as_bytes(), &[]);
    expect![[r#"
        7:24 warning rules nothing here needs `appx-name` to be allowed
    "#]]
    .assert_eq(&out);
}

#[test]
fn levels_come_from_the_file_and_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let text = SOUND.replace(
        "<packages type=\"image\">",
        "<packages type=\"image\" profiles=\"Idle\">",
    );
    std::fs::create_dir(dir.path().join("a")).unwrap();
    std::fs::write(dir.path().join("a/config.xml"), text).unwrap();
    let run = |args: &[&str]| {
        let all = [&["check", "--color", "never", "-v"], args, &["a"]].concat();
        let ran = apteryx(dir.path(), &all, b"");
        (ran.code, ran.out.lines().next().unwrap_or("").to_owned(), ran.err)
    };
    let toml = dir.path().join(".apteryx.toml");
    let warning = run(&[]);
    assert!(
        warning.0 == 0 && warning.1.starts_with("warning[undefined-profile]"),
        "{warning:?}"
    );
    std::fs::write(&toml, "[checks]\nundefined-profile = \"error\"\n").unwrap();
    assert_eq!(run(&[]).0, 1);
    assert_eq!(run(&["--off", "undefined-profile"]).1, "1 file, no problem");
    std::fs::write(&toml, "[checks]\nundefined-profile = \"off\"\n").unwrap();
    assert_eq!(run(&[]).1, "1 file, no problem");
    std::fs::write(&toml, "[checks]\nundefined-profile = \"loud\"\n").unwrap();
    let wrong = run(&[]);
    assert!(wrong.0 == 2 && wrong.2.contains("line 2"), "{wrong:?}");
}

#[test]
fn a_level_that_is_none_is_told_with_its_line_and_what_is_near() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.xml"), SOUND).unwrap();
    for (levels, said) in [
        (
            "[checks]\nunused-profile = \"off\"\nunused = \"off\"\n",
            "line 3: there is no code `unused`",
        ),
        ("[checks]\nunused-profile = 3\n", "line 2: `3` is no level"),
        (
            "[checks]\nunused-profile = \"loud\"\n",
            "line 2: `loud` is no level",
        ),
    ] {
        std::fs::write(dir.path().join(".apteryx.toml"), levels).unwrap();
        let ran = user::apteryx(dir.path(), &["check"], b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains(said), "{}", ran.err);
        let near = "nearest: `unused-allowance`, `unused-profile`, ";
        assert!(!said.contains("no code") || ran.err.contains(near), "{}", ran.err);
    }
}

#[test]
fn codes_are_explained_and_listed() {
    let explain = |args: &[&str]| apteryx(Path::new("."), &[&["explain"], args].concat(), b"");
    let list = explain(&["--list"]);
    for code in list.out.lines().filter_map(|l| l.split(' ').next()) {
        let page = explain(&[code]);
        assert!(
            page.code == 0 && page.out.starts_with(&format!("# {code}\n")),
            "{code}: {}",
            page.out
        );
    }
    assert!(list.out.lines().count() > 50, "{}", list.out);
    assert_eq!(explain(&["volume"]).code, 0);
    let wrong = explain(&["unknown-atribute"]);
    assert!(
        wrong.code == 2 && wrong.err.contains("`unknown-attribute`"),
        "{}",
        wrong.err
    );
}

#[test]
fn a_mark_and_windows_line_ends_leave_places_right() {
    let text = SOUND.replace("filesystem=\"ext4\"", "äöü=\"😀\" filesytem=\"ext4\"");
    let (_, plain) = found(text.as_bytes(), &[]);
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let (_, marked) = found(windows.as_bytes(), &[]);
    assert_eq!(plain, marked);
    assert!(
        plain.contains("13:35 error schema `<type>` has no attribute `filesytem`"),
        "{plain}"
    );
    let windows = windows.replace("utf-8", "utf-16");
    let units: Vec<u8> = windows.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (_, wide) = found(&units, &[]);
    assert_eq!(plain, wide);
}

#[test]
fn a_wrong_encoding_is_one_error_where_it_begins() {
    let mut bytes = SOUND.replace("<author>A<", "<author>A\u{1}<").into_bytes();
    let at = bytes.iter().position(|b| *b == 1).unwrap();
    bytes[at] = 0xe4;
    refused(
        &bytes,
        &[],
        expect![[r#"
        3:17 error xml the text is not valid UTF-8
    "#]],
    );
    refused(
        SOUND.replace("utf-8", "koi8-r").as_bytes(),
        &[],
        expect![[r#"
        0:30 error xml the encoding `koi8-r` is not supported
    "#]],
    );
}

#[test]
fn an_external_entity_is_refused_and_never_read() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "the secret").unwrap();
    let kind = format!(
        "<!DOCTYPE image [<!ENTITY s SYSTEM \"file://{}\">]>\n<image ",
        secret.display()
    );
    let text = SOUND
        .replace("<image ", &kind)
        .replace("<author>A<", "<author>&s;<");
    std::fs::write(dir.path().join("config.xml"), text).unwrap();
    let ran = apteryx(dir.path(), &["check", "--format", "json"], b"");
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("external-entity") && !ran.out.contains("the secret"),
        "{}",
        ran.out
    );
}

/// 50 MB: a million packages, one of them wrong. The bounds are for a build without optimisation on a busy machine.
#[test]
fn fifty_megabytes_take_bounded_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = String::with_capacity(52 << 20);
    let (head, tail) = SOUND.split_once("        <package name=\"bash\"/>\n").unwrap();
    text.push_str(head);
    for n in 0..1_000_000 {
        text.push_str(&format!(
            "        <package name=\"a-package-with-number-{n:07}\"/>\n"
        ));
    }
    text.push_str("        <package nam=\"bash\"/>\n");
    text.push_str(tail);
    assert!(text.len() > 50_000_000, "{}", text.len());
    std::fs::write(dir.path().join("config.xml"), &text).unwrap();
    let begin = std::time::Instant::now();
    let ran = apteryx(dir.path(), &["check", "--format", "github"], b"");
    let took = begin.elapsed();
    eprintln!("50 MB took {took:?}");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("line=1000020"), "{}", ran.out);
    assert!(took.as_secs() < 90, "{took:?}");
}

#[test]
fn fix_writes_the_safe_repairs_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.xml");
    let wrong = SOUND
        .replace("filesystem=", "filesytem=")
        .replace("<image ", "<!-- kept -->\n<image ");
    let wrong = format!("\u{feff}{}", wrong.replace('\n', "\r\n"));
    std::fs::write(&file, &wrong).unwrap();
    let shown = apteryx(dir.path(), &["check", "--diff"], b"");
    assert!(
        shown.out.contains("+        <type image=\"oem\" filesystem="),
        "{}",
        shown.out
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), wrong);
    let plain = apteryx(dir.path(), &["check"], b"");
    assert!(
        plain
            .out
            .ends_with("1 error in 1 file; 1 can be fixed with --fix\n"),
        "{}",
        plain.out
    );
    let fixed = apteryx(dir.path(), &["check", "--fix"], b"");
    assert_eq!((fixed.code, fixed.out.as_str()), (0, "1 file, no problem\n"));
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        wrong.replace("filesytem=", "filesystem=")
    );
    // Nothing is written where nothing is certain.
    let unsure = SOUND.replace("filesystem=", "zzz=");
    std::fs::write(&file, &unsure).unwrap();
    assert_eq!(apteryx(dir.path(), &["check", "--fix"], b"").code, 1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), unsure);
}

#[test]
fn sarif_and_github_name_rule_and_place() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("config.xml"),
        SOUND.replace("filesystem=", "filesytem="),
    )
    .unwrap();
    let sarif = apteryx(dir.path(), &["check", "--format", "sarif"], b"");
    assert_eq!(sarif.code, 1);
    let json: serde_json::Value = serde_json::from_str(&sarif.out).unwrap();
    assert_eq!(json["version"], "2.1.0");
    let result = &json["runs"][0]["results"][0];
    assert_eq!(
        (result["ruleId"].as_str(), result["level"].as_str()),
        (Some("unknown-attribute"), Some("error"))
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "config.xml");
    assert_eq!(
        (
            place["region"]["startLine"].as_u64(),
            place["region"]["startColumn"].as_u64()
        ),
        (Some(14), Some(27))
    );
    let github = apteryx(dir.path(), &["check", "--format", "github"], b"");
    assert_eq!(github.code, 1);
    expect![[r#"
        ::error file=config.xml,line=14,col=27,title=unknown-attribute::`<type>` has no attribute `filesytem`
    "#]]
    .assert_eq(&github.out);
}

#[test]
fn a_script_beside_the_description_is_judged_in_its_own_place() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.xml"), SOUND).unwrap();
    std::fs::write(dir.path().join("config.sh"), "if true; then\n  echo\nfi fi\n").unwrap();
    std::fs::write(dir.path().join("image.sh"), "true\n").unwrap();
    let ran = apteryx(dir.path(), &["check", "--format", "json"], b"");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let files = json["files"].as_array().unwrap();
    let codes = |path: &str| -> Vec<String> {
        let file = files.iter().find(|f| f["path"] == path);
        let found = file
            .and_then(|f| f["diagnostics"].as_array())
            .into_iter()
            .flatten();
        found
            .map(|d| format!("{} {}", d["code"].as_str().unwrap(), d["range"]["start"]["line"]))
            .collect()
    };
    assert_eq!(codes("config.xml"), ["overlooked-file 1"]);
    assert_eq!(codes("config.sh"), ["script-syntax 2"]);
    // Standard input lies in no folder.
    let ran = apteryx(
        dir.path(),
        &["check", "-", "--stdin-filename", "config.xml"],
        SOUND.as_bytes(),
    );
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
}

#[test]
fn a_slip_in_the_description_is_no_fault_of_its_scripts() {
    let dir = tempfile::tempdir().unwrap();
    let text = SOUND.replacen("<package name=", "<package name=\"locales\"/><package name=", 1);
    std::fs::write(dir.path().join("config.sh"), "#!/bin/bash\nset -e\nlocale-gen\n").unwrap();
    for (text, codes) in [
        (text.clone(), &[][..]),
        (
            text.replacen("name=\"locales\"", "nmae=\"locales\"", 1),
            &["unknown-attribute"],
        ),
        (
            text.replacen("<package name=\"locales\"/>", "", 1),
            &["script-command"],
        ),
    ] {
        std::fs::write(dir.path().join("config.xml"), &text).unwrap();
        let ran = apteryx(dir.path(), &["check", "--format", "json"], b"");
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let files = json["files"].as_array().unwrap().iter();
        let found: Vec<&str> = files
            .flat_map(|f| f["diagnostics"].as_array().unwrap())
            .map(|d| d["code"].as_str().unwrap())
            .collect();
        assert_eq!(found, codes, "{text}");
    }
}

#[test]
fn a_slip_in_an_included_file_is_no_fault_of_the_scripts() {
    let dir = tempfile::tempdir().unwrap();
    let include = "<include from=\"this://more.xml\"/>\n</image>";
    std::fs::write(
        dir.path().join("config.xml"),
        SOUND.replacen("</image>", include, 1),
    )
    .unwrap();
    std::fs::write(dir.path().join("config.sh"), "#!/bin/bash\nset -e\nlocale-gen\n").unwrap();
    let more = |attribute: &str| {
        format!("<image>\n<packages type=\"image\"><package {attribute}=\"locales\"/></packages>\n</image>\n")
    };
    for (text, found) in [
        (more("name"), ""),
        (more("nmae"), "more.xml:2:1 unknown-attribute\n"),
        (
            more("name").replace("locales", "less"),
            "config.sh:3 script-command\n",
        ),
    ] {
        std::fs::write(dir.path().join("more.xml"), &text).unwrap();
        let ran = apteryx(dir.path(), &["check", "--format", "json"], b"");
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let files = json["files"].as_array().unwrap().iter();
        let told: Vec<String> = files
            .flat_map(|f| f["diagnostics"].as_array().unwrap())
            .map(|d| d["code"].to_string())
            .collect();
        assert_eq!(told.len(), found.lines().count(), "{}", ran.out);
        assert!(
            told.iter().all(|code| found.contains(code.trim_matches('"'))),
            "{told:?}"
        );
    }
}

#[test]
fn fix_writes_package_names_and_included_files() {
    let dir = with_repository(&["openssh-sever", "openssh-server"]);
    let file = dir.path().join("config.xml");
    let shown = apteryx(dir.path(), &["check", "--packages", "--diff"], b"");
    assert!(
        shown.out.contains("-        <package name=\"openssh-sever\"/>\n"),
        "{} {}",
        shown.out,
        shown.err
    );
    let fixed = apteryx(dir.path(), &["check", "--packages", "--fix"], b"");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("sever\""), "{text} {}", fixed.out);

    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    let (head, rest) = SOUND.split_once("    <preferences>").unwrap();
    let (preferences, tail) = rest.split_once("</preferences>\n").unwrap();
    let main = format!("{head}    <include from=\"this://p.xml\"/>\n{tail}");
    let inner = format!(
        "\u{feff}<image schemaversion=\"8.5\" name=\"p\">\r\n<preferences>{preferences}</preferences>\n</image>\n"
    );
    write(
        "config.xml",
        &main
            .replace("<author>", "<autor>")
            .replace("</author>", "</autor>"),
    );
    write("p.xml", &inner.replace("filesystem", "filesytem"));
    let plain = apteryx(dir.path(), &["check"], b"");
    assert!(
        plain
            .out
            .ends_with("2 errors in 2 files; 2 can be fixed with --fix\n"),
        "{}",
        plain.out
    );
    let shown = apteryx(dir.path(), &["check", "--diff"], b"");
    assert!(
        shown.out.contains("+++ b/p.xml\n") && shown.out.contains("+++ b/config.xml\n"),
        "{}",
        shown.out
    );
    assert!(read("p.xml").contains("filesytem"));
    let fixed = apteryx(dir.path(), &["check", "--fix"], b"");
    assert_eq!((fixed.code, fixed.out.as_str()), (0, "2 files, no problem\n"));
    assert_eq!((read("config.xml"), read("p.xml")), (main, inner));
}

#[test]
fn a_type_given_twice_is_one_fault() {
    let dir = tempfile::tempdir().unwrap();
    let one = "<type image=\"oem\" filesystem=\"ext4\"";
    let primary = SOUND.replace(one, &format!("{one} primary=\"true\""));
    let start = primary.find("<type").unwrap();
    let end = primary.find("</type>").unwrap() + "</type>".len();
    let twice = format!("{}{}{}", &primary[..end], &primary[start..end], &primary[end..]);
    let ran = apteryx(dir.path(), &["check", "-", "--format", "json"], twice.as_bytes());
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let found = json["files"][0]["diagnostics"].as_array().unwrap();
    let codes: Vec<_> = found.iter().map(|d| d["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["duplicate-type"]);
}

#[test]
fn sarif_names_a_file_by_a_uri_reference() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("my image")).unwrap();
    let text = SOUND.replace("filesystem=", "filesytem=");
    std::fs::write(dir.path().join("my image/ä.kiwi"), text).unwrap();
    let uri = |path: &str| {
        let ran = apteryx(dir.path(), &["check", "--format", "sarif", path], b"");
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let place = &json["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        place["artifactLocation"]["uri"].as_str().unwrap().to_owned()
    };
    assert_eq!(uri("."), "my%20image/%C3%A4.kiwi");
    let whole = uri(dir.path().to_str().unwrap());
    assert!(
        whole.starts_with("file:///") && whole.ends_with("/my%20image/%C3%A4.kiwi"),
        "{whole}"
    );
}
