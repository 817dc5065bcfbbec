//! Measures and shows the package index: `packages SUITE [NAME…]` refreshes Debian's main through the host's mirror,
//! times opening and completion, solves the names and downloads them. For people who work on `builder/src/packages`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::time::Instant;

use apteryx_builder::events::Reporter;
use apteryx_builder::packages::{self, HostMirror, Options, RepoKind, RepoSpec, Request};
use apteryx_builder::store::Store;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let suite = args.next().unwrap_or_else(|| "bookworm".into());
    let names: Vec<String> = args.collect();
    let mirror = HostMirror::detect();
    let components = vec!["main".to_owned()];
    let official = "https://ftp.debian.org/debian";
    let uri = mirror
        .as_ref()
        .and_then(|m| m.replace(official, &suite, &components));
    let spec = RepoSpec {
        alias: "debian".into(),
        uri: uri.unwrap_or_else(|| official.into()),
        kind: RepoKind::Deb {
            suite: Some(suite),
            components,
        },
        signing_keys: Vec::new(),
        check_metadata: true,
        check_packages: true,
        priority: None,
        credentials: None,
        place: None,
    };
    let repos = [spec];
    let store = Store::open(None)?;
    let reporter = Reporter::silent();
    let options = Options {
        mirror,
        ..Options::default()
    };
    for round in ["refresh", "refresh again"] {
        let start = Instant::now();
        let universe = packages::refresh(&repos, "amd64", &store, &reporter, &options)?;
        println!(
            "{round}: {:.2} s, {} packages",
            start.elapsed().as_secs_f64(),
            universe.len()
        );
    }
    let start = Instant::now();
    let universe = packages::open(&repos, "amd64", &store).ok_or("not opened")?;
    println!("open: {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut times = Vec::new();
    for typed in [
        "",
        "l",
        "li",
        "lib",
        "libp",
        "openssh",
        "ssh",
        "python3-dj",
        "zzz",
        "kernel",
        "opnssh-server",
        "linux-image",
        "e",
        "systemd",
    ] {
        for _ in 0..20 {
            let start = Instant::now();
            let hits = universe.complete(typed, 100);
            times.push((start.elapsed().as_secs_f64() * 1e3, typed, hits.len()));
        }
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied();
    println!(
        "complete: median {:?}, p99 {:?}, slowest {:?}",
        at(0.5),
        at(0.99),
        times.last()
    );
    for name in [
        "opnssh-server",
        "libc7",
        "pyhton3",
        "generated-package-000001",
        "libreoffice-writr",
        "ssh-agnt",
    ] {
        let start = Instant::now();
        let near = universe.nearest(name, 5);
        println!(
            "near {name}: {:.3} ms, {near:?}",
            start.elapsed().as_secs_f64() * 1e3
        );
    }
    println!("memory: {}", memory());
    if !names.is_empty() {
        let install = names.into_iter().map(|n| (n, None)).collect();
        let start = Instant::now();
        let request = Request {
            install,
            essential: true,
            ..Request::default()
        };
        let solution = packages::solve(&universe, &request)?;
        println!(
            "solve: {:.2} ms, {} packages",
            start.elapsed().as_secs_f64() * 1e3,
            solution.packages.len()
        );
        for round in ["download", "download again"] {
            let start = Instant::now();
            let got = packages::download(&solution, &store, &reporter, &options)?;
            println!(
                "{round}: {:.2} s, {} files",
                start.elapsed().as_secs_f64(),
                got.len()
            );
        }
    }
    Ok(())
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        status
            .lines()
            .find(|l| l.starts_with(name))
            .unwrap_or("")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    format!("{} {}", line("VmRSS"), line("VmHWM"))
}
