//! The binary as its user runs it, and a description to begin with.
#![allow(dead_code)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// How it ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

#[allow(clippy::disallowed_methods)] // The program under test is not run by the builder.
/// Runs the binary in a folder.
pub fn apteryx(dir: &Path, args: &[&str], stdin: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_apteryx"))
        .args(args)
        .current_dir(dir)
        .env("LC_ALL", "C.UTF-8")
        .env("NO_COLOR", "1")
        .env("APTERYX_CACHE_DIR", dir.join("cache"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let done = child.wait_with_output().unwrap();
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    Ran {
        code: done.status.code().unwrap(),
        out: text(done.stdout),
        err: text(done.stderr),
    }
}

/// A description without fault.
pub const SOUND: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="small">
    <description type="system">
        <author>A</author>
        <contact>a@example.org</contact>
        <specification>Small</specification>
    </description>
    <profiles>
        <profile name="Disk" description="disk"/>
    </profiles>
    <preferences>
        <version>1.0.0</version>
        <packagemanager>apt</packagemanager>
        <type image="oem" filesystem="ext4"><oemconfig><oem-resize>false</oem-resize></oemconfig></type>
    </preferences>
    <repository type="apt-deb" alias="main" components="main" distribution="trixie">
        <source path="https://deb.debian.org/debian"/>
    </repository>
    <packages type="image">
        <package name="bash"/>
        <package name="linux-image-amd64"/>
        <package name="dracut"/>
    </packages>
    <packages type="bootstrap" profiles="Disk">
        <package name="base-files"/>
    </packages>
</image>
"#;
