//! What a person sees of a build: how it begins, its steps, the words at its end, what stands under an error, and the
//! whole log. The packages are made here; needs root and the tools that make packages.
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

mod packaged;
mod tiny;

use std::path::{Path, PathBuf};
use std::process::Command;

use tiny::{alone, ready};

/// The disk that is built.
fn disk() -> String {
    packaged::disk("Said")
}

/// The same as a tar, in YAML.
const YAML: &str = "image:
  '@schemaversion': '8.5'
  '@name': Said
  description:
    '@type': system
    author: A
    contact: a@b.example
    specification: said
  preferences:
    version: 1.2.3
    packagemanager: apt
    type:
      '@image': tbz
  repository:
    '@type': apt-deb
    '@alias': tiny
    '@repository_gpgcheck': 'false'
    source:
      '@path': this://repository
  packages:
    '@type': bootstrap
    package:
      '@name': linux-image-tiny
";

struct Case {
    dir: tempfile::TempDir,
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Case {
    fn new(name: &str, description: &str) -> Self {
        let case = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        packaged::repository(&case.path("d/repository"));
        case.write(name, description);
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path("d").join(name), text).unwrap();
    }

    /// In the description's folder.
    fn apteryx(&self, args: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_apteryx"))
            .args(args)
            .current_dir(self.path("d"))
            .env("APTERYX_CACHE_DIR", self.path("store"))
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Names and texts of the logs, sorted.
    fn logs(&self) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(self.path("d/out/logs")).into_iter().flatten();
        let mut logs: Vec<_> = entries
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                (name, std::fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        logs.sort();
        logs
    }
}

/// The text with its times, sizes and dates as words.
fn steady(text: &str) -> String {
    let mut out = Vec::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        let seconds = line.find(" s,").or(line.strip_suffix(" s").map(str::len));
        if let Some(end) = seconds {
            let start = line[..end].rfind(' ').unwrap_or(0);
            line.replace_range(start..end, " TIME");
        }
        let words = line.split(' ').collect::<Vec<_>>();
        let number = |word: &str| word.trim_start_matches('(').parse::<f64>().is_ok();
        let size = (1..words.len()).find(|i| words[*i].starts_with("MB") && number(words[i - 1]));
        if let Some(at) = size {
            let bracket = if words[at - 1].starts_with('(') {
                "(SIZE"
            } else {
                "SIZE"
            };
            let mut words = words.clone();
            words[at - 1] = bracket;
            line = words.join(" ");
        }
        out.push(line.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    out.join("\n")
}

/// `OUT/logs/2026-11-24-1041-VERB.log`.
fn is_log_name(name: &str, verb: &str) -> bool {
    let shape: String = name
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let stem = format!("0000-00-00-0000-{verb}");
    shape == format!("{stem}.log") || shape == format!("{stem}-0.log")
}

#[test]
fn a_build_says_what_it_does_and_what_comes_next() {
    let _alone = alone();
    if !ready(&["mke2fs", "grub-mkimage", "qemu-img", "dpkg-deb", "ldd"]) {
        return;
    }
    let case = Case::new("config.xml", &disk());
    case.write("config.sh", "echo words of config.sh\n");
    let ran = case.apteryx(&["build"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let first = expect_test::expect![[r#"
        Building Said 1.2.3 · oem, qcow2 · x86_64
        . check the description
        ✓ check 1 file, no problem TIME s
        . packages read metadata, choose, download
        ✓ packages 2 packages, SIZE MB (2 new) TIME s
        . prepare unpack, configure, overlay, scripts
        ✓ prepare unpack, configure, overlay, config.sh TIME s
        . create make the image
        . initrd make the initrd
        ✓ initrd 6.1.0 TIME s
        ✓ create ext4 SIZE MB, msdos, grub2 bios TIME s
        . convert make the qcow2
        ✓ convert qcow2 SIZE MB TIME s
        Built out/Said.x86_64-1.2.3.qcow2 (SIZE MB) in TIME s
        apteryx boot start it"#]];
    first.assert_eq(&steady(&ran.err));
    let image = case.path("d/out/Said.x86_64-1.2.3.qcow2");
    assert!(
        ran.out.lines().any(|line| Path::new(line) == image),
        "{}",
        ran.out
    );

    // The second finds its packages in the store.
    let ran = case.apteryx(&["build"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let steady = steady(&ran.err);
    assert!(
        steady.contains("\n= packages 2 packages, SIZE MB (0 new) TIME s\n"),
        "{steady}"
    );
    assert!(
        steady.contains(" in TIME s, 1 of 6 steps from the store\n"),
        "{steady}"
    );

    let logs = case.logs();
    assert_eq!(logs.len(), 2, "each has its own");
    for (name, text) in logs {
        assert!(is_log_name(&name, "build"), "{name}");
        for words in [
            "$ ",
            " build\n",
            "prepare/config.sh| words of config.sh\n",
            "\nBuilt out/",
            "convert: done after",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }

    let ran = case.apteryx(&["build", "-q"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (Some(0), ""),
        "quiet: results and errors only"
    );
}

#[test]
fn an_error_names_its_log_and_one_thing_to_try() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let case = Case::new("config.xml", &disk().replace("filesystem=\"ext4\" format=\"qcow2\"><oemconfig><oem-resize>false</oem-resize></oemconfig></type>", "/>").replace("image=\"oem\" ", "image=\"tbz\""));
    case.write(
        "config.sh",
        "echo once >/dev/null\necho its last words >&2\nfalse\n  exit 3\n",
    );
    let ran = case.apteryx(&["prepare"]);
    assert_eq!(ran.code, Some(5), "{}", ran.err);
    let (name, text) = case.logs().remove(0);
    assert!(is_log_name(&name, "prepare"), "{name}");
    assert!(text.contains("prepare/config.sh| its last words\n"), "{text}");
    assert!(
        text.contains("error[script-failed]: `config.sh` ended with status 3 at line 4\n"),
        "{text}"
    );
    let at = ran.err.find("error[").unwrap();
    // The promise is given only where nobody else's build began or ended meanwhile.
    let promise = "  nothing was left behind (mounts, loop devices, processes)\n";
    let said = ran.err[at..].replace(&name, "DATE-prepare.log");
    let said = said.strip_suffix(promise).unwrap_or(&said);
    let words = expect_test::expect![[r#"
        error[script-failed]: `config.sh` ended with status 3 at line 4
          ╭─[config.sh:4:3]
        3 │ false
        4 │   exit 3
          ·   ──────
          ╰────
          its last lines:  its last words
          log: out/logs/DATE-prepare.log
          try: apteryx explain script-failed      (what it means, and what to do)
    "#]];
    words.assert_eq(said);

    // What is refused before it begins leaves no log, and names none.
    case.write("config.xml", &disk().replace("filesystem=", "filesytem="));
    let ran = case.apteryx(&["build"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(!ran.err.contains("log:"), "{}", ran.err);
    assert!(
        ran.err
            .contains("  try: apteryx explain unknown-attribute      ("),
        "{}",
        ran.err
    );
    assert_eq!(case.logs().len(), 1);
}

#[test]
fn a_package_whose_script_fails_is_told_where_it_was_asked_for() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let tar = disk().replace(
        "image=\"oem\" filesystem=\"ext4\" format=\"qcow2\"><oemconfig><oem-resize>false</oem-resize></oemconfig></type>",
        "image=\"tbz\"/>",
    );
    let asked = tar.replace(
        "</packages>",
        "\n        <package name=\"office\"/>\n    </packages>",
    );
    let case = Case::new("config.xml", &asked);
    let broken = "#!/bin/sh\necho no room for it >&2\nexit 7\n";
    packaged::add(
        &case.path("d/repository"),
        "fonts",
        "Depends: tiny-base\n",
        broken,
    );
    packaged::add(
        &case.path("d/repository"),
        "office",
        "Depends: fonts\n",
        "#!/bin/sh\n",
    );
    let ran = case.apteryx(&["prepare"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    for words in [
        "error[tool-failed]: `postinst` ended with status 7 while configuring the package `fonts`\n",
        "[config.xml:9:24]",
        "<package name=\"office\"/>",
        "asked for here",
        "no room for it",
        "  help: `office` needs `fonts`\n",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }

    // What comes with every system is asked for by the section.
    packaged::add(
        &case.path("d/repository"),
        "fonts-core",
        "Essential: yes\nDepends: tiny-base\n",
        broken,
    );
    case.write("config.xml", &tar);
    let ran = case.apteryx(&["prepare"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("[config.xml:8:6]"), "{}", ran.err);
}

#[test]
fn a_program_gets_the_log_in_its_document_and_its_last_event() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let case = Case::new("config.yaml", YAML);
    let ran = case.apteryx(&["build", "--json"]);
    assert_eq!(
        ran.code,
        Some(0),
        "a folder's `config.yaml` is found: {}",
        ran.err
    );
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let log = PathBuf::from(document["log"].as_str().unwrap());
    assert!(log.is_absolute() && log.is_file(), "{document}");
    let ran = case.apteryx(&["create", "--json", "--events", "-"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(2), ""),
        "not both on one stream"
    );
    assert!(ran.err.contains("`--events 3`"), "{}", ran.err);
    let ran = case.apteryx(&["create", "--events", "-"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let last: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert!(document["error"].is_null(), "{document}");
    case.write(
        "config.yaml",
        &YAML.replace("packagemanager: apt", "packagemanager: atp"),
    );
    let ran = case.apteryx(&["build", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let error = &document["error"];
    assert!(
        error["code"].is_string() && error["help"].is_string(),
        "{document}"
    );
    let text = std::fs::read_to_string(error["path"].as_str().unwrap()).unwrap();
    let span: apteryx_schema::Span = serde_json::from_value(error["span"].clone()).unwrap();
    assert!(
        text[span.start as usize..span.end as usize].contains("atp"),
        "{document}"
    );
    assert_eq!(last["event"], "finished");
    let log = PathBuf::from(last["log"].as_str().unwrap());
    assert!(
        is_log_name(&log.file_name().unwrap().to_string_lossy(), "create"),
        "{last}"
    );
}

#[test]
fn a_folder_without_a_description_is_told_what_was_looked_for() {
    let dir = tempfile::tempdir().unwrap();
    // Another program's settings.
    std::fs::write(dir.path().join("config.json"), "{\"port\": 1}").unwrap();
    for verb in ["build", "prepare", "create"] {
        let output = Command::new(env!("CARGO_BIN_EXE_apteryx"))
            .arg(verb)
            .current_dir(dir.path())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        for words in [
            "error[no-description]: no description in `.`",
            "`config.toml`",
            "  try: ",
        ] {
            assert!(text.contains(words), "{text}");
        }
        assert!(!dir.path().join("out").exists());
    }
}

#[test]
fn on_a_terminal_steps_run_at_the_bottom_in_plain_letters_where_no_others_can_be_shown() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd", "script"]) {
        return;
    }
    let tar = disk().replace(
        "image=\"oem\" filesystem=\"ext4\" format=\"qcow2\"",
        "image=\"tbz\"",
    );
    let tar = tar.replace("<oemconfig><oem-resize>false</oem-resize></oemconfig>", "");
    let case = Case::new("config.xml", &tar);
    // Long enough to be drawn.
    case.write("config.sh", "sleep 1\n");
    for (locale, plain) in [("C", true), ("C.UTF-8", false)] {
        let output = Command::new("script")
            .args([
                "-qec",
                &format!("{} prepare --color never", env!("CARGO_BIN_EXE_apteryx")),
                "/dev/null",
            ])
            .current_dir(case.path("d"))
            .env("APTERYX_CACHE_DIR", case.path("store"))
            .env("LC_ALL", locale)
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        assert_eq!(text.is_ascii(), plain, "{locale}: {text:?}");
        assert!(text.contains("run config.sh"), "what runs is shown: {text:?}");
        let done = if plain { "  * prepare " } else { "  ✓ prepare " };
        assert!(text.contains(done), "{locale}: {text:?}");
        assert!(!text.contains("\u{1b}[3"), "no colours: {text:?}");
    }
}

#[test]
fn what_a_build_checks_first_is_what_check_finds() {
    let _alone = alone();
    if !ready(&["dpkg-deb", "ldd"]) {
        return;
    }
    let tar = disk().replace(
        "image=\"oem\" filesystem=\"ext4\" format=\"qcow2\"",
        "image=\"tbz\"",
    );
    let tar = tar.replace("<oemconfig><oem-resize>false</oem-resize></oemconfig>", "");
    let twice = tar.replace(
        "<package name=\"linux-image-tiny\"/>",
        "<package name=\"linux-image-tiny\"/><package name=\"linux-image-tiny\"/>",
    );
    let case = Case::new("config.xml", &twice);
    case.write(".apteryx.toml", "[checks]\nduplicate-package = \"warn\"\n");
    let ran = case.apteryx(&["prepare"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        steady(&ran.err).contains("check 1 warning in 1 file"),
        "{}",
        ran.err
    );
    // As an error it stops the build, and so do files beside the description.
    case.write(".apteryx.toml", "[checks]\nduplicate-package = \"error\"\n");
    let ran = case.apteryx(&["prepare"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("error[duplicate-package]"), "{}", ran.err);
    case.write(".apteryx.toml", "[checks]\nno-such-code = \"off\"\n");
    let ran = case.apteryx(&["prepare"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("error[settings-refused]: `"), "{}", ran.err);
    std::fs::remove_file(case.path("d/.apteryx.toml")).unwrap();
    case.write(
        "config.xml",
        &tar.replace("</packages>", "<archive name=\"gone.tar\"/></packages>"),
    );
    let (checked, built) = (case.apteryx(&["check"]), case.apteryx(&["prepare"]));
    assert_eq!(
        (checked.code, built.code),
        (Some(1), Some(1)),
        "{}{}",
        checked.err,
        built.err
    );
    for said in [&checked.out, &built.err] {
        assert!(
            said.contains("gone.tar") && said.contains("[config.xml:"),
            "{said}"
        );
    }
    assert!(
        !built.err.contains(" packages "),
        "nothing has begun: {}",
        built.err
    );
}
