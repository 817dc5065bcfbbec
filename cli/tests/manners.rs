//! The manners of `check`: which files it means, how repairs are written, what its options refuse. Fixtures are written
//! here.
#![cfg(test)]

mod user;

use std::fs;
use std::path::Path;

use expect_test::expect;
use user::{SOUND, apteryx};

fn typo() -> String {
    SOUND.replace("filesystem=", "filesytem=")
}

fn write(dir: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The files that a run finds a fault in, by their GitHub lines.
fn named(out: &str) -> Vec<&str> {
    let names = out
        .lines()
        .filter_map(|l| l.split("file=").nth(1)?.split(',').next());
    names.collect()
}

#[allow(clippy::disallowed_methods)] // A test may.
fn git(dir: &Path, args: &[&str]) -> bool {
    let done = std::process::Command::new("git")
        .args(args)
        .current_dir(dir)
        .output();
    done.is_ok_and(|d| d.status.success())
}

#[test]
fn folders_give_every_description_that_git_does_not_ignore() {
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "config.xml",
        "b.kiwi",
        "sub/deep/config.xml",
        "sub/other.xml",
        ".hidden/config.xml",
        "ignored/config.xml",
        "sub/nested/config.xml",
        "out/root/config.xml",
        "excluded/config.xml",
    ] {
        write(dir.path(), name, typo());
    }
    write(dir.path(), ".gitignore", "/ignored/\n");
    write(dir.path(), "sub/.gitignore", "nested\n");
    write(dir.path(), "out/.gitignore", "*\n");
    std::os::unix::fs::symlink("b.kiwi", dir.path().join("a.kiwi")).unwrap();
    let found = |args: &[&str]| {
        let ran = apteryx(
            dir.path(),
            &[&["check", "--format", "github"], args].concat(),
            b"",
        );
        assert_eq!(ran.code, 1, "{}", ran.err);
        named(&ran.out).join(" ")
    };
    let without = ".hidden/config.xml b.kiwi config.xml excluded/config.xml sub/deep/config.xml";
    assert_eq!(found(&[]), without);
    if git(dir.path(), &["init", "-q", "."]) {
        write(dir.path(), ".git/info/exclude", "excluded\n");
        assert_eq!(found(&["."]), without.replace(" excluded/config.xml", ""));
    }
    // What is named is meant, ignored or not; and each file once, however it is named.
    let whole = dir.path().join("b.kiwi");
    let again = ["b.kiwi", "./b.kiwi", "a.kiwi", whole.to_str().unwrap()];
    assert_eq!(found(&again), "b.kiwi");
    assert_eq!(
        found(&["sub", "ignored/config.xml"]),
        "sub/deep/config.xml ignored/config.xml"
    );
}

#[test]
fn a_folder_of_other_markup_is_checked() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "a/config.yaml", "image:\n  '@schemaversion': '8.5'\n");
    write(
        dir.path(),
        "b/config.json",
        "{\n\"image\": {\"@schemaversion\": \"8.5\"}}\n",
    );
    write(
        dir.path(),
        "c/config.toml",
        "[image]\n\"@schemaversion\" = \"8.5\"\n",
    );
    // Settings of other programs bear the same names.
    write(dir.path(), "d/config.yaml", "server:\n  port: 1\n");
    write(dir.path(), "d/config.json", "{\"port\": 1}\n");
    write(dir.path(), "d/config.toml", "port = 1\n");
    let ran = apteryx(dir.path(), &["check", "--format", "github"], b"");
    let mut names = named(&ran.out);
    names.dedup();
    assert_eq!(
        names,
        ["a/config.yaml", "b/config.json", "c/config.toml"],
        "{}",
        ran.err
    );
}

#[test]
fn an_included_description_is_judged_where_it_is_included() {
    let dir = tempfile::tempdir().unwrap();
    let (head, rest) = SOUND.split_once("    <preferences>").unwrap();
    let (preferences, tail) = rest.split_once("</preferences>\n").unwrap();
    let main = format!("{head}    <include from=\"this://part.kiwi\"/>\n{tail}");
    write(dir.path(), "one.kiwi", &main);
    write(dir.path(), "two.kiwi", &main);
    let part =
        format!("<image schemaversion=\"8.5\" name=\"p\"><preferences>{preferences}</preferences></image>\n");
    write(dir.path(), "part.kiwi", part.replace("filesystem", "filesytem"));
    let ran = apteryx(dir.path(), &["check"], b"");
    assert_eq!(ran.code, 1);
    let last = ran.out.lines().last().unwrap();
    assert_eq!(last, "1 error in 3 files; 1 can be fixed with --fix");
    let shown = apteryx(dir.path(), &["check", "--diff"], b"");
    assert_eq!(shown.out.matches("+++ b/part.kiwi\n").count(), 1, "{}", shown.out);
    let fixed = apteryx(dir.path(), &["check", "--fix"], b"");
    assert_eq!((fixed.code, fixed.out.as_str()), (0, "3 files, no problem\n"));
    assert_eq!(fs::read_to_string(dir.path().join("part.kiwi")).unwrap(), part);
}

/// A text in each encoding that is read: name, and its bytes.
fn encoded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let wide = format!("\u{feff}{}", text.replace("utf-8", "utf-16")).replace("<author>A", "<author>日");
    let units = |unit: fn(u16) -> [u8; 2]| wide.encode_utf16().flat_map(unit).collect::<Vec<_>>();
    let latin = text
        .replace("utf-8", "iso-8859-1")
        .replace("<author>A", "<author>ä");
    vec![
        ("plain.kiwi", text.as_bytes().to_vec()),
        ("marked.kiwi", format!("\u{feff}{text}").into_bytes()),
        ("windows.kiwi", text.replace('\n', "\r\n").into_bytes()),
        ("no-last-line-end.kiwi", text.trim_end().as_bytes().to_vec()),
        ("with blank.kiwi", text.as_bytes().to_vec()),
        ("little.kiwi", units(u16::to_le_bytes)),
        ("big.kiwi", units(u16::to_be_bytes)),
        (
            "latin.kiwi",
            latin.chars().map(|c| u8::try_from(c).unwrap()).collect(),
        ),
    ]
}

#[test]
fn repairs_are_written_in_the_encoding_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    // The fault stands in the last line too, so that a diff meets the end of the text.
    let bad = typo().replace("</image>", "</imag>");
    let wrong = encoded(&bad);
    for (name, bytes) in &wrong {
        write(dir.path(), name, bytes);
    }
    let ran = apteryx(dir.path(), &["check", "--fix"], b"");
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (0, "8 files, no problem\n", "16 problems fixed\n")
    );
    for (name, bytes) in encoded(SOUND) {
        assert_eq!(fs::read(dir.path().join(name)).unwrap(), bytes, "{name}");
    }
}

#[test]
#[allow(clippy::disallowed_methods, clippy::print_stderr)]
fn git_and_patch_take_the_diff() {
    let dir = tempfile::tempdir().unwrap();
    let sub = |name: &str| format!("a folder/{name}");
    // In UTF-16 a diff is for people only.
    let bytes = |text: &str| {
        let mut all = encoded(text);
        all.retain(|(name, _)| !name.starts_with("little") && !name.starts_with("big"));
        all
    };
    for (name, bytes) in bytes(&typo().replace("</image>", "</imag>")) {
        write(dir.path(), name, &bytes);
        write(dir.path(), &sub(name), &bytes);
    }
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_apteryx"));
    let shown = child
        .args(["check", "--diff"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(shown.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&shown.stderr),
        "24 errors in 12 files; 24 can be fixed with --fix\n"
    );
    write(dir.path(), "the.diff", &shown.stdout);
    let restored = |tool: &str| {
        for (name, bytes) in bytes(SOUND) {
            assert_eq!(fs::read(dir.path().join(name)).unwrap(), bytes, "{tool} {name}");
            assert_eq!(
                fs::read(dir.path().join(sub(name))).unwrap(),
                bytes,
                "{tool} {name}"
            );
        }
    };
    assert!(git(dir.path(), &["apply", "the.diff"]), "git refuses it");
    restored("git");
    let patch = |args: &[&str]| {
        let mut all = std::process::Command::new("patch");
        all.args(["-s", "-p1", "--binary", "-i", "the.diff"]).args(args);
        all.current_dir(dir.path()).output()
    };
    match patch(&["-R"]) {
        Err(_) => eprintln!("SKIPPED: there is no `patch` here"),
        Ok(back) => {
            assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stdout));
            assert!(patch(&[]).unwrap().status.success());
            restored("patch");
        }
    }
}

#[test]
fn of_standard_input_the_repaired_text_is_the_result() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["check", "-", "--stdin-filename", "config.xml", "--fix"];
    let ran = apteryx(dir.path(), &args, typo().as_bytes());
    assert_eq!((ran.code, ran.out.as_str()), (0, SOUND));
    assert_eq!(ran.err, "1 problem fixed\n1 file, no problem\n");
    // What is sound, and what cannot be mended, goes through.
    let ran = apteryx(dir.path(), &args, SOUND.as_bytes());
    assert_eq!((ran.code, ran.out.as_str()), (0, SOUND));
    let unsure = SOUND.replace("filesystem=", "zzz=");
    let ran = apteryx(dir.path(), &args, unsure.as_bytes());
    assert_eq!((ran.code, ran.out.as_str()), (1, unsure.as_str()));
    assert!(ran.err.contains("config.xml:14:"), "{}", ran.err);
    let diff = apteryx(dir.path(), &[&args[..4], &["--diff"]].concat(), typo().as_bytes());
    assert!(
        diff.out.starts_with("--- a/config.xml\n+++ b/config.xml\n"),
        "{}",
        diff.out
    );
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "config.xml", SOUND);
    let refused = |args: &[&str], toml: &str| {
        write(dir.path(), ".apteryx.toml", toml);
        let ran = apteryx(dir.path(), &[&["check"], args].concat(), b"");
        assert_eq!(ran.code, 2, "{}", ran.out);
        ran.err
    };
    expect![[r#"
        error: there is no code `unused-profil`
          help: nearest: `unused-profile`, `undefined-profile`, `unused-setting`, `unclosed-quote`, `undeclared-prefix`; `apteryx explain --list` lists all
    "#]]
    .assert_eq(&refused(&["--off", "unused-profil"], ""));
    expect![[r#"
        error: `--unsafe` goes with `--fix` or `--diff`
    "#]]
    .assert_eq(&refused(&["--unsafe"], ""));
    expect![[r#"
        error: with `--fix`, standard output is the repaired text of standard input
          help: leave out `--format`, or `--fix`
    "#]]
    .assert_eq(&refused(&["-", "--fix", "--format", "json"], ""));
    let wrong = refused(&[], "# levels\n[checks]\nunused-profil = \"off\"\n");
    assert!(
        wrong.contains(
            ".apteryx.toml` line 3: there is no code `unused-profil`\n  help: nearest: `unused-profile`"
        ),
        "{wrong}"
    );
    expect![[r#"
        error: `unknown-element` is what the grammar refuses, and always an error
          help: remove it: it changes nothing
    "#]]
    .assert_eq(&refused(&["--warn", "unknown-element"], ""));
    let wrong = refused(&[], "[checks]\ninvalid-value = \"off\"\n");
    assert!(wrong.contains("line 2: `invalid-value` is what"), "{wrong}");
    let wrong = refused(&[], "[checks]\nunused-profile = \"loud\"\n");
    assert!(wrong.contains("line 2") && wrong.contains("`warning`"), "{wrong}");
}

#[test]
fn what_cannot_be_read_does_not_keep_the_rest_from_being_judged() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "config.xml", typo());
    let ran = apteryx(dir.path(), &["check", "gone.xml", "config.xml"], b"");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error: cannot read `gone.xml`: "),
        "{}",
        ran.err
    );
    let last = ran.out.lines().last().unwrap();
    assert_eq!(last, "1 error in 1 file; 1 can be fixed with --fix");
}

#[test]
fn a_finding_is_shown_as_promised() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "config.xml", typo());
    let ran = apteryx(dir.path(), &["check"], b"");
    expect![[r#"
        error[unknown-attribute]: `<type>` has no attribute `filesytem`
           ╭─[config.xml:14:27]
        13 │         <packagemanager>apt</packagemanager>
        14 │         <type image="oem" filesytem="ext4"><oemconfig><oem-resize>false</oem-resize></oemconfig></type>
           ·                           ────┬────
           ·                               ╰── did you mean `filesystem`?
           ╰────
          help: `apteryx check --fix` renames it

        1 error in 1 file; 1 can be fixed with --fix
    "#]]
    .assert_eq(&ran.out);
    // The place of the fault comes first, wherever the other one is; wide characters and tabs count as one; nothing in
    // a text steers the terminal.
    let bad = SOUND
        .replace("    <author>", "\t<!-- 日本 \u{1b}[2J -->\t<author>")
        .replace("</image>", "</imag>");
    write(
        dir.path(),
        "config.xml",
        bad.replace("<contact>a@", "<contact b='\u{202e}'>a@"),
    );
    let ran = apteryx(dir.path(), &["check"], b"");
    let places: Vec<_> = ran
        .out
        .lines()
        .filter(|l| l.contains("╭─["))
        .map(str::trim)
        .collect();
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{}", ran.out);
    assert_eq!(places.last(), Some(&"╭─[config.xml:27:3]"), "{}", ran.out);
    assert!(
        ran.out.contains("  note: `<image>` opened here (config.xml:2)\n"),
        "{}",
        ran.out
    );
}

#[test]
fn where_a_few_are_named_it_is_said_how_to_see_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let text = SOUND
        .replace("filesystem=\"ext4\"", "filesystem=\"zzzz\" xyzzy=\"1\"")
        .replace("<version>", "<qqqqq/><version>");
    write(dir.path(), "config.xml", text);
    let ran = apteryx(dir.path(), &["check"], b"");
    let helps: Vec<_> = ran.out.lines().filter(|l| l.starts_with("  help: ")).collect();
    let said = |name: &str| format!("  help: `apteryx explain {name}` lists all");
    assert_eq!(
        helps,
        [said("preferences"), said("type@filesystem"), said("type")]
    );
    for name in ["preferences", "type@filesystem", "type"] {
        assert_eq!(apteryx(dir.path(), &["explain", name], b"").code, 0);
    }
}

/// By OASIS' own schema, which ./test fetches.
#[test]
#[allow(clippy::disallowed_methods, clippy::print_stderr)]
fn sarif_is_valid_by_its_schema() {
    let by_schema = "import json,sys,jsonschema\n\
        jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))";
    let python = ["/usr/bin/python3", "python3"].into_iter().find(|python| {
        let has = std::process::Command::new(python)
            .args(["-c", "import jsonschema"])
            .output();
        has.is_ok_and(|done| done.status.success())
    });
    let (Some(schema), Some(python)) = (std::env::var_os("APTERYX_SARIF"), python) else {
        eprintln!("SKIPPED: needs APTERYX_SARIF (./test sets it) and the Debian package python3-jsonschema");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let valid = |name: &str| {
        let ran = apteryx(dir.path(), &["check", "--format", "sarif"], b"");
        write(dir.path(), name, &ran.out);
        let done = std::process::Command::new(python)
            .args(["-c", by_schema])
            .arg(&schema)
            .arg(dir.path().join(name))
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        ran.out
    };
    write(dir.path(), "config.xml", SOUND);
    valid("nothing.sarif");
    write(dir.path(), "a b/ä.kiwi", typo().replace(" profiles=\"Disk\"", ""));
    write(dir.path(), "empty.kiwi", "");
    write(dir.path(), "broken.kiwi", "<image\n");
    write(dir.path(), "binary.kiwi", b"\x00\xff\xfe\x01");
    write(dir.path(), "config.sh", "if\n");
    let found = valid("faults.sarif");
    for code in [
        "unknown-attribute",
        "unused-profile",
        "missing-root",
        "script-syntax",
        "wrong-encoding",
    ] {
        assert!(found.contains(code), "{code}: {found}");
    }
    // The schema is one that refuses.
    write(dir.path(), "wrong.sarif", "{\"version\": \"2.1.0\"}");
    let wrong = std::process::Command::new(python)
        .args(["-c", by_schema])
        .arg(&schema)
        .arg(dir.path().join("wrong.sarif"))
        .output();
    assert!(!wrong.unwrap().status.success());
}

/// Code, line and message of what is found in each file, by the JSON contract.
fn listed(dir: &Path, args: &[&str]) -> String {
    let ran = apteryx(dir, &[&["check", "--format", "json"], args].concat(), b"");
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let mut out = String::new();
    for file in json["files"].as_array().unwrap() {
        for d in file["diagnostics"].as_array().unwrap() {
            let line = d["range"]["start"]["line"].as_u64().unwrap() + 1;
            out += &format!(
                "{}:{line} {}: {}\n",
                file["path"].as_str().unwrap(),
                d["code"].as_str().unwrap(),
                d["message"].as_str().unwrap()
            );
        }
    }
    out
}

#[test]
fn allowances_hold_for_their_file_and_say_when_they_are_none() {
    let dir = tempfile::tempdir().unwrap();
    // Two codes in one comment; about files beside the description too.
    let both = SOUND.replace(" profiles=\"Disk\"", " profiles=\"Idle\"").replace(
        "<image ",
        "<!-- apteryx: allow-file undefined-profile, overlooked-file: to come -->\n<image ",
    );
    write(dir.path(), "config.xml", &both);
    write(dir.path(), "Config.sh", "#!/bin/bash\ntrue\n");
    assert_eq!(listed(dir.path(), &[]), "");
    std::fs::remove_file(dir.path().join("Config.sh")).unwrap();
    let idle = SOUND.replace(
        "<image ",
        "<!-- apteryx: allow-file overlooked-file: none is there -->\n<image ",
    );
    write(dir.path(), "config.xml", &idle);
    expect![[r#"
        config.xml:2 unused-allowance: nothing here needs `overlooked-file` to be allowed
    "#]]
    .assert_eq(&listed(dir.path(), &[]));
    let malformed = SOUND
        .replace("<image ", "<!-- apteryx: alow-file appx-name: old -->\n<image ")
        .replace("    <profiles>", "    <!-- apteryx: allow: why -->\n    <!-- apteryx: allow unused-profil: why -->\n    <profiles>");
    write(dir.path(), "config.xml", &malformed);
    expect![[r#"
        config.xml:2 unused-allowance: `alow-file` allows nothing
        config.xml:9 unused-allowance: `allow` names no code
        config.xml:10 unused-allowance: there is nothing to allow by the name `unused-profil`
    "#]]
    .assert_eq(&listed(dir.path(), &[]));
    // What the grammar refuses is never allowed.
    let refused = typo().replace(
        "<image ",
        "<!-- apteryx: allow-file unknown-attribute: no -->\n<image ",
    );
    write(dir.path(), "config.xml", &refused);
    expect![[r#"
        config.xml:2 unused-allowance: there is nothing to allow by the name `unknown-attribute`
        config.xml:15 unknown-attribute: `<type>` has no attribute `filesytem`
    "#]]
    .assert_eq(&listed(dir.path(), &[]));
}

#[test]
fn what_is_allowed_at_one_of_several_places_is_told_at_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let type_of = |image: &str| format!("    <type image=\"{image}\" filesystem=\"ext4\"/>\n");
    let text = |first: &str, second: &str| {
        format!(
            "<image schemaversion=\"8.5\" name=\"x\">\n  <description type=\"system\"><author>A</author><contact>a@example.org</contact><specification>s</specification></description>\n  <preferences>\n    <version>1.0.0</version>\n    <packagemanager>apt</packagemanager>\n{first}{}{second}{}  </preferences>\n  <repository type=\"apt-deb\" distribution=\"trixie\" components=\"main\"><source path=\"https://ftp.debian.org/debian\"/></repository>\n  <packages type=\"image\"><package name=\"dracut\"/></packages>\n  <packages type=\"bootstrap\"><package name=\"base-files\"/></packages>\n</image>\n",
            type_of("oem").replace("image=", "primary=\"true\" image="),
            type_of("kis"),
        )
    };
    let allow = "    <!-- apteryx: allow missing-kernel: from elsewhere -->\n";
    write(dir.path(), "config.xml", text("", ""));
    let all = listed(dir.path(), &[]);
    assert_eq!(all.matches("missing-kernel").count(), 1, "{all}");
    assert!(all.contains("config.xml:6 missing-kernel"), "{all}");
    write(dir.path(), "config.xml", text(allow, ""));
    let second = listed(dir.path(), &[]);
    assert!(
        second.contains("config.xml:8 missing-kernel: no list installs a kernel, and `kis`"),
        "{second}"
    );
    assert_eq!(second.matches("missing-kernel").count(), 1, "{second}");
    write(dir.path(), "config.xml", text(allow, allow));
    let none = listed(dir.path(), &[]);
    assert!(
        !none.contains("missing-kernel") && !none.contains("unused-allowance"),
        "{none}"
    );
}

/// A description in YAML with a package twice, and without a kernel.
const YAML: &str = "image:
  '@schemaversion': '8.5'
  '@name': x
  description:
    '@type': system
    author: A
    contact: a@example.org
    specification: s
  preferences:
    version: 1.0.0
    packagemanager: apt
    type:
      '@image': oem
      '@filesystem': ext4
      oemconfig:
        oem-resize: false
  repository:
    '@type': apt-deb
    '@distribution': trixie
    '@components': main
    source:
      '@path': https://ftp.debian.org/debian
  packages:
  - '@type': image
    package:
    - '@name': dracut
    - '@name': dracut
  - '@type': bootstrap
    package:
      '@name': base-files
";

#[test]
fn allowances_and_levels_hold_in_yaml_and_toml() {
    let dir = tempfile::tempdir().unwrap();
    let yaml = |text: &str| {
        write(dir.path(), "config.yaml", text);
        listed(dir.path(), &[])
    };
    expect![[r#"
        config.yaml:13 missing-kernel: no list installs a kernel, and `oem` needs one
        config.yaml:27 duplicate-package: `dracut` is listed twice
    "#]]
    .assert_eq(&yaml(YAML));
    let at = |before: &str, code: &str| {
        let indent = " ".repeat(before.len() - before.trim_start().len());
        YAML.replacen(
            before,
            &format!("{indent}# apteryx: allow {code}: why\n{before}"),
            1,
        )
    };
    for (before, code, left) in [
        ("    type:\n", "missing-kernel", "duplicate-package"),
        ("      '@image': oem\n", "missing-kernel", "duplicate-package"),
        ("    package:\n", "duplicate-package", "missing-kernel"),
        ("  packages:\n", "duplicate-package", "missing-kernel"),
    ] {
        let told = yaml(&at(before, code));
        assert!(
            told.contains(left) && told.lines().count() == 1,
            "{before}: {told}"
        );
    }
    let behind = YAML.replace(
        "    - '@name': dracut\n  -",
        "    - '@name': dracut # apteryx: allow duplicate-package: why\n  -",
    );
    assert_eq!(yaml(&behind).lines().count(), 1);
    let idle = yaml(&at("  repository:\n", "missing-kernel, missing-kernl"));
    assert!(
        idle.contains("config.yaml:17 unused-allowance: nothing here needs `missing-kernel`"),
        "{idle}"
    );
    assert!(
        idle.contains(
            "config.yaml:17 unused-allowance: there is nothing to allow by the name `missing-kernl`"
        ),
        "{idle}"
    );
    // A value is no comment.
    let value = YAML.replace(
        "specification: s",
        "specification: 's # apteryx: allow-file missing-kernel: no'",
    );
    assert_eq!(yaml(&value).lines().count(), 2);
    write(
        dir.path(),
        ".apteryx.toml",
        "[checks]\nduplicate-package = \"off\"\n",
    );
    assert_eq!(yaml(YAML).lines().count(), 1);
    // One fault, one message.
    let wrong = yaml(&YAML.replace("'@image': oem", "'@image': ome"));
    assert_eq!(
        wrong,
        "config.yaml:13 invalid-value: `ome` is no value of `image`\n"
    );
    std::fs::remove_file(dir.path().join("config.yaml")).unwrap();
    let toml = "[image]
'@schemaversion' = '8.5'
'@name' = 'x'
[image.description]
'@type' = 'system'
author = 'A'
contact = 'a@example.org'
specification = 's'
[image.preferences]
version = '1.0.0'
packagemanager = 'apt'
# apteryx: allow missing-kernel: why
[image.preferences.type]
'@image' = 'oem'
'@filesystem' = 'ext4'
[image.preferences.type.oemconfig]
oem-resize = false
[image.repository]
'@type' = 'apt-deb'
'@components' = 'main'
'@distribution' = 'trixie'
[image.repository.source]
# apteryx: allow unsigned-repository: why
'@path' = 'http://ftp.debian.org/debian'
[[image.packages]]
'@type' = 'image'
[[image.packages.package]]
'@name' = 'dracut'
[[image.packages]]
'@type' = 'bootstrap'
[[image.packages.package]]
'@name' = 'base-files'
";
    write(dir.path(), "config.toml", toml);
    assert_eq!(listed(dir.path(), &[]), "");
}

#[test]
fn an_included_file_has_allowances_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (head, rest) = SOUND.split_once("    <packages type=\"image\">").unwrap();
    let (packages, tail) = rest.split_once("</packages>\n").unwrap();
    let part = |comment: &str| {
        let packages = packages.replace(
            "<package name=\"bash\"/>",
            "<package name=\"bash\"/><package name=\"bash\"/>",
        );
        format!(
            "<image schemaversion=\"8.5\" name=\"p\">\n{comment}\n<packages type=\"image\">{packages}</packages>\n</image>\n"
        )
    };
    let tail = tail.replace(
        "<package name=\"base-files\"/>",
        "<package name=\"base-files\"/><package name=\"base-files\"/>",
    );
    write(
        dir.path(),
        "config.xml",
        format!("{head}    <include from=\"this://part.xml\"/>\n{tail}"),
    );
    write(dir.path(), "part.xml", part(""));
    let both = listed(dir.path(), &["config.xml"]);
    assert!(
        both.starts_with("config.xml:") && both.contains("part.xml:4 duplicate-package"),
        "{both}"
    );
    for comment in [
        "<!-- apteryx: allow-file duplicate-package: why -->",
        "<!-- apteryx: allow duplicate-package: why -->",
    ] {
        write(dir.path(), "part.xml", part(comment));
        let one = listed(dir.path(), &["config.xml"]);
        assert!(
            one.lines().count() == 1 && one.starts_with("config.xml:"),
            "{one}"
        );
    }
    write(
        dir.path(),
        "part.xml",
        part("<!-- apteryx: allow appx-name: why -->"),
    );
    let idle = listed(dir.path(), &["config.xml"]);
    assert!(idle.contains("part.xml:2 unused-allowance"), "{idle}");
}

#[test]
fn migration_keeps_the_encoding_and_takes_folders_and_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let old = SOUND
        .replace("\"8.5\"", "\"7.5\"")
        .replace("<packagemanager>apt<", "<packagemanager>dnf<");
    let new = SOUND.replace("<packagemanager>apt<", "<packagemanager>dnf4<");
    for (name, bytes) in encoded(&old) {
        write(dir.path(), name, bytes);
    }
    write(dir.path(), "broken.kiwi", "<image");
    let ran = apteryx(dir.path(), &["migrate"], b"");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("latin.kiwi: migrated to 8.5\n"), "{}", ran.err);
    for (name, bytes) in encoded(&new) {
        assert_eq!(fs::read(dir.path().join(name)).unwrap(), bytes, "{name}");
    }
    let again = apteryx(dir.path(), &["migrate", "latin.kiwi"], b"");
    assert_eq!(
        (again.code, again.err.as_str()),
        (0, "latin.kiwi: nothing to migrate\n")
    );
    let piped = apteryx(dir.path(), &["migrate", "-q", "-"], old.as_bytes());
    assert_eq!((piped.code, piped.out, piped.err), (0, new, String::new()));
}

#[test]
fn annotations_are_escaped_as_workflows_demand() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "a,b:100%.kiwi",
        SOUND.replace("filesystem=\"ext4\"", "filesystem=\"50%&#10;::error::x\""),
    );
    let ran = apteryx(dir.path(), &["check", "--format", "github"], b"");
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{}", ran.out);
    let (head, message) = ran.out.split_at(ran.out.find("::`").unwrap_or(0));
    assert!(
        head.starts_with("::error file=a%2Cb%3A100%25.kiwi,line=14,col="),
        "{}",
        ran.out
    );
    assert!(
        message.contains("50%25") && !message.contains("50%&"),
        "{}",
        ran.out
    );
}

#[allow(clippy::disallowed_methods)] // A test may.
#[test]
fn where_nobody_reads_any_more_it_ends_without_a_word() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .args(["explain", "--list"])
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(141));
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
}
