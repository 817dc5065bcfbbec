//! Brings the packages of a solution into the store: eight at a time, each checked while it streams.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::fetch::{Net, Wanted};
use super::solution::{Downloaded, Solution};
use super::universe::Package;
use super::{Options, deb_faults};
use crate::error::BuildError;
use crate::events::{Outcome, Reporter, Step, many_packages};
use crate::store::Store;

/// Files fetched at the same time.
const PARALLEL: usize = 8;
/// At most this often progress is told.
const BEAT: Duration = Duration::from_millis(120);

/// See [`super::download`].
pub fn run(
    solution: &Solution,
    store: &Store,
    reporter: &Reporter,
    options: &Options,
) -> Result<Vec<Downloaded>, BuildError> {
    let step = reporter.step("packages/download", "download packages");
    let packages: Vec<&Package> = solution.packages.iter().map(|s| &s.package).collect();
    let sums: Vec<String> = packages.iter().map(|p| p.sha256()).collect();
    let paths: Vec<PathBuf> = sums.iter().map(|sum| store.package_path(sum)).collect();
    let there = store.hold(&paths)?;
    let missing: Vec<usize> = (0..packages.len())
        .filter(|i| there.get(*i) != Some(&true))
        .collect();
    let total: u64 = packages.iter().map(|p| p.size()).sum();
    let wanted: u64 = missing
        .iter()
        .filter_map(|i| packages.get(*i))
        .map(|p| p.size())
        .sum();
    if !missing.is_empty() {
        let net = Net::new(options);
        let work = Work {
            net: &net,
            store,
            step: &step,
            wanted,
            done: AtomicU64::new(0),
            told: Mutex::new(Instant::now()),
            failed: AtomicBool::new(false),
        };
        let next = AtomicUsize::new(0);
        let error = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..PARALLEL.min(missing.len()) {
                scope.spawn(|| {
                    while !work.failed.load(Ordering::Relaxed) {
                        let Some(i) = missing.get(next.fetch_add(1, Ordering::Relaxed)) else {
                            return;
                        };
                        let (Some(package), Some(sum), Some(path)) =
                            (packages.get(*i), sums.get(*i), paths.get(*i))
                        else {
                            return;
                        };
                        if let Err(e) = work.fetch(package, sum, path) {
                            work.failed.store(true, Ordering::Relaxed);
                            if let Ok(mut first) = error.lock() {
                                first.get_or_insert(e);
                            }
                        }
                    }
                });
            }
        });
        if let Some(error) = error.into_inner().ok().flatten() {
            return Err(error);
        }
        let came: Vec<PathBuf> = missing.iter().filter_map(|i| paths.get(*i).cloned()).collect();
        store.hold(&came)?;
        // A store that cannot be made smaller is still good for this build.
        let _ = store.prune(options.limit);
    }
    let summary = format!(
        "{}, {} MB ({} new)",
        many_packages(packages.len()),
        total.div_ceil(1_000_000),
        missing.len()
    );
    step.finish(
        if missing.is_empty() {
            Outcome::Stored
        } else {
            Outcome::Done
        },
        summary,
    );
    Ok(packages
        .into_iter()
        .cloned()
        .zip(paths)
        .map(|(package, path)| Downloaded { package, path })
        .collect())
}

struct Work<'a> {
    net: &'a Net,
    store: &'a Store,
    step: &'a Step,
    wanted: u64,
    done: AtomicU64,
    told: Mutex<Instant>,
    failed: AtomicBool,
}

impl Work<'_> {
    fn fetch(&self, package: &Package, sum: &str, path: &std::path::Path) -> Result<(), BuildError> {
        let spec = package.spec();
        let name = package.filename();
        let fault = |code, message: String| Err(deb_faults::error(spec, code, message, None));
        if sum.is_empty() {
            return fault(
                "package-unchecked",
                format!(
                    "the metadata of `{}` have no SHA-256 of `{}`",
                    spec.alias,
                    package.name()
                ),
            );
        }
        if name.is_empty() || name.split('/').any(|part| part == "..") {
            return fault(
                "metadata-corrupt",
                format!(
                    "the metadata of `{}` name no file for `{}`",
                    spec.alias,
                    package.name()
                ),
            );
        }
        let url = format!("{}/{}", spec.uri, escape(name.trim_start_matches("./")));
        let before = AtomicU64::new(0);
        let wanted = Wanted {
            url: &url,
            credentials: spec.credentials.as_ref(),
            since: None,
            limit: package.size(),
        };
        let fetched = self.net.get(wanted, self.store, &|bytes| {
            let more = bytes.saturating_sub(before.swap(bytes, Ordering::Relaxed));
            let done = self.done.fetch_add(more, Ordering::Relaxed) + more;
            if let Ok(mut told) = self.told.try_lock()
                && told.elapsed() > BEAT
            {
                *told = Instant::now();
                self.step
                    .progress(done, Some(self.wanted), "bytes", package.name());
            }
        });
        let fetched = match fetched {
            Ok(Some(fetched)) => fetched,
            Ok(None) => return fault("package-corrupt", format!("`{url}` did not come")),
            Err(failure) => return Err(deb_faults::failed(spec, &url, failure)),
        };
        if fetched.sha256 != sum {
            let help =
                "the mirror may be damaged or in the middle of an update; try again, or use another one";
            let message = format!(
                "`{url}` is not the file that the metadata of `{}` describe: its SHA-256 differs",
                spec.alias
            );
            return Err(deb_faults::error(
                spec,
                "package-corrupt",
                message,
                Some(help.into()),
            ));
        }
        self.store.keep(fetched.file, path)
    }
}

/// Escapes what may stand in a file name but not in a path of an address (`+`, `~` and `:` may).
fn escape(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~+:=@,!".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
