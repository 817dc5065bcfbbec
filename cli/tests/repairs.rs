//! What is offered first for a seeded mistake makes the file what it was before: repairs in descriptions, scripts and files of
//! the overlay, as the program tells them in JSON. The descriptions are those of `mistakes/bases/`.
#![cfg(test)]
#![allow(clippy::disallowed_methods)] // A test may.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A description, the file that is changed (the main one where none is named), what stood there, and what is put in its place.
const SEEDS: &[(&str, &str, &str, &str)] = &[
    // The value is what was changed, not what stands beside it.
    (
        "z-lab",
        "",
        "<bootloader name=\"grub2_s390x_emu\" targettype=\"CDL\"/>",
        "<bootloader name=\"grub2\" targettype=\"CDL\"/>",
    ),
    (
        "leap-branch",
        "",
        "<bootloader name=\"grub2\"",
        "<bootloader name=\"systemd_boot\"",
    ),
    (
        "centos-lvm",
        "",
        "<bootloader name=\"grub2\"",
        "<bootloader name=\"systemd_boot\"",
    ),
    ("fedora-sdboot", "", "name=\"systemd_boot\"", "name=\"grub2\""),
    ("arch-live", "", "image=\"iso\"", "image=\"oem\""),
    // One that is listed under its right name too is taken out.
    (
        "suse-lvm",
        "",
        "<package name=\"kernel-default\"/>",
        "<package name=\"kernel-default\"/><package name=\"linux-image-amd64\"/>",
    ),
    (
        "debian-luks",
        "",
        "<package name=\"cryptsetup\"/>",
        "<package name=\"cryptsetup\"/><package name=\"kernel\"/>",
    ),
    // A slip is made in all places of a line.
    (
        "leap-branch",
        "config.sh",
        "test -f /.kconfig && . /.kconfig",
        "test -f /.kconfg && . /.kconfg",
    ),
    (
        "home-nas",
        "config.sh",
        "chown -R backup-agent:backup-agent",
        "chown -R backup_agent:backup_agent",
    ),
    // What a command or a file is given.
    (
        "metrics-f42",
        "config.sh",
        "SELINUX=enforcing/",
        "SELINUX=enforced/",
    ),
    ("vehicle-cs10", "config.sh", "10-root.conf", "10-root"),
    ("jammy-cloud", "config.sh", "60-cloud.conf", "60-cloud.cfg"),
    (
        "print-server",
        "config.sh",
        "avahi-daemon.service",
        "avahi.service",
    ),
    (
        "branch-router",
        "config.sh",
        "systemctl enable qemu-guest-agent",
        "systemctl enable qemu-ga",
    ),
    ("sles16-vm", "config.sh", "hv_kvp_daemon", "hypervkvpd"),
];

fn bases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes/bases")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// The main file of a folder.
fn main_file(folder: &Path) -> PathBuf {
    let all = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let known = |p: &PathBuf| p.ends_with("config.xml") || p.extension().is_some_and(|e| e == "kiwi");
    all.into_iter().find(known).unwrap()
}

/// Where a place of the text begins.
fn offset(text: &str, at: &Value) -> usize {
    let number = |key: &str| at[key].as_u64().unwrap() as usize;
    let lines = text.split_inclusive('\n').take(number("line"));
    let start: usize = lines.map(str::len).sum();
    let units = text[start..].char_indices().scan(0, |units, (at, c)| {
        let own = (*units, at);
        *units += c.len_utf16();
        Some(own)
    });
    let found = units.into_iter().find(|(units, _)| *units == number("character"));
    found.map_or(text.len(), |(_, at)| start + at)
}

/// The first repair that is offered in a file, done.
fn mended(folder: &Path, file: &Path) -> Option<String> {
    let mut told = Command::new(env!("CARGO_BIN_EXE_apteryx"));
    let told = told
        .args(["check", "--format", "json"])
        .arg(folder)
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let files = told["files"].as_array().unwrap().iter();
    let mut own = files.filter(|f| Path::new(f["path"].as_str().unwrap()) == file);
    let found = own.next()?["diagnostics"].as_array().unwrap();
    let loud = found.iter().filter(|d| d["severity"] != "info");
    let fix = loud.filter_map(|d| d["fixes"].get(0)).next()?;
    let mut text = std::fs::read_to_string(file).unwrap();
    let edits = fix["edits"].as_array().unwrap().iter();
    let mut edits: Vec<(usize, usize, &str)> = edits
        .map(|e| {
            let end = |key: &str| offset(&text, &e["range"][key]);
            (end("start"), end("end"), e["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    Some(text)
}

#[test]
fn the_first_repair_restores_what_was_there() {
    let temporary = std::env::temp_dir().join(format!("apteryx-repairs-{}", std::process::id()));
    let mut wrong = Vec::new();
    for (at, (base, file, old, new)) in SEEDS.iter().enumerate() {
        let folder = temporary.join(at.to_string());
        copy(&bases().join(base), &folder);
        let file = match *file {
            "" => main_file(&folder),
            name => folder.join(name),
        };
        let text = std::fs::read_to_string(&file).unwrap();
        let seeded = text.replacen(old, new, 1);
        assert_ne!(seeded, text, "[{base}] {old}");
        std::fs::write(&file, &seeded).unwrap();
        if mended(&folder, &file).as_ref() != Some(&text) {
            wrong.push(format!("[{base}] {old} => {new}"));
        }
    }
    std::fs::remove_dir_all(&temporary).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
