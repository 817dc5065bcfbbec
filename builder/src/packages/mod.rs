//! Repository metadata: fetch, verify, index on disk, solve, download. One index for builds, `apteryx info` and completion.
//!
//! The way of a package: [`RepoSpec`] (what the description says) → [`refresh`] (network, signatures, index written once per
//! checksum) or [`open`] (what is already there) → [`Universe`] (memory-mapped, cheap to clone) → [`solve`] → [`download`] →
//! [`deb::open`]. Only Debian repositories are read today; rpm-md, pacman and apk plug in as a [`RepoKind`] with a file
//! beside `deb_repo` that yields the same index, a version order, and a reader beside `deb`.
//! Nothing here runs a process.

pub mod deb;
mod deb822;
mod deb_faults;
mod deb_repo;
mod deb_state;
pub mod debversion;
mod download;
mod fetch;
mod index;
mod judge;
mod mirror;
mod near;
mod openpgp;
pub mod relation;
mod release;
mod resolve;
mod search;
mod solution;
mod solve;
mod spec;
#[cfg(test)]
pub(crate) mod testing;
mod universe;

use crate::error::{BuildError, IoContext};
use crate::events::{Outcome, Reporter, many_packages};
use crate::store::Store;

pub use judge::judge;
pub use mirror::HostMirror;
pub use solution::{Because, Downloaded, Request, Selected, Solution};
pub use spec::{KeySource, RepoKind, RepoSpec};
pub use universe::{NameHit, Package, Relation, Universe};

/// How to reach hosts, and how long to wait for them.
#[derive(Debug, Clone)]
pub struct Options {
    /// A connection that delivers nothing for this long is given up and tried again.
    pub stall: std::time::Duration,
    /// How often one file is tried before the error is final.
    pub tries: u32,
    /// No network at all: `file:` and `dir:` repositories, and what the store holds.
    pub offline: bool,
    /// Proxies of the host, where `--mirror host` found them; else the environment's.
    pub mirror: Option<HostMirror>,
    /// Bytes that the store may take: after a download what was used longest ago goes until it fits.
    pub limit: u64,
    /// Set to a signal's number to stop at the next chance with `BuildError::Cancelled`.
    pub cancel: std::sync::Arc<std::sync::atomic::AtomicI32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stall: std::time::Duration::from_secs(30),
            tries: 3,
            offline: false,
            mirror: None,
            limit: crate::store::limit(),
            cancel: std::sync::Arc::default(),
        }
    }
}

/// The bytes of a key that signs a repository; that they are one is not looked at.
pub fn key(source: &KeySource, store: &Store, options: &Options) -> Result<Vec<u8>, BuildError> {
    let fetched = match source {
        KeySource::File(path) => return std::fs::read(path).at("cannot read", path),
        KeySource::Url(url) => {
            let wanted = fetch::Wanted {
                url,
                credentials: None,
                since: None,
                limit: openpgp::KEY_FILE_LIMIT,
            };
            fetch::Net::new(options)
                .get(wanted, store, &|_| ())
                .map_err(|failure| {
                    let (code, words) = failure.words();
                    BuildError::Packages {
                        code,
                        message: format!("the signing key `{url}` {words}"),
                        place: None,
                        help: None,
                    }
                })?
        }
    };
    // Without the time of an earlier one, a server that says "not modified" says nothing.
    let Some(fetched) = fetched else {
        return Ok(Vec::new());
    };
    let path = fetched.file.path();
    std::fs::read(path).at("cannot read", path)
}

/// Brings the index of every repository up to date and opens it. With nothing changed at the mirror nothing but the (conditional)
/// look at each `InRelease` happens. `debian_arch` is Debian's word (`amd64`, `arm64`, …), see [`spec::debian_arch`].
pub fn refresh(
    repos: &[RepoSpec],
    debian_arch: &str,
    store: &Store,
    reporter: &Reporter,
    options: &Options,
) -> Result<Universe, BuildError> {
    let step = reporter.step("packages/metadata", "read package metadata");
    let net = fetch::Net::new(options);
    let fetched = std::sync::atomic::AtomicU64::new(0);
    let found: Vec<Result<universe::Repo, BuildError>> = std::thread::scope(|scope| {
        let jobs: Vec<_> = repos
            .iter()
            .map(|spec| {
                let job = deb_repo::Refresh {
                    spec,
                    arch: debian_arch,
                    store,
                    net: &net,
                    fetched: &fetched,
                };
                scope.spawn(move || job.run())
            })
            .collect();
        let fault = || BuildError::Internal {
            message: "reading package metadata stopped".into(),
        };
        jobs.into_iter()
            .map(|job| job.join().unwrap_or_else(|_| Err(fault())))
            .collect()
    });
    let universe = Universe::new(found.into_iter().collect::<Result<_, _>>()?, debian_arch);
    let bytes = fetched.into_inner();
    let outcome = if bytes == 0 {
        Outcome::Stored
    } else {
        Outcome::Done
    };
    step.finish(
        outcome,
        format!(
            "{}, {:.1} MB fetched",
            many_packages(universe.len()),
            bytes as f64 / 1e6
        ),
    );
    Ok(universe)
}

/// Opens what the store holds, without network. None where a repository has never been fetched.
pub fn open(repos: &[RepoSpec], debian_arch: &str, store: &Store) -> Option<Universe> {
    let found: Option<Vec<_>> = repos
        .iter()
        .map(|spec| deb_state::open(spec, debian_arch, store))
        .collect();
    Some(Universe::new(found?, debian_arch))
}

/// Chooses what to install, as apt would: first alternative first, newest version, the real package before one that provides its
/// name, no recommended packages unless asked. Deterministic.
pub fn solve(universe: &Universe, request: &Request) -> Result<Solution, BuildError> {
    solve::run(universe, request)
}

/// Brings every package of `solution` into the store, eight at a time; what is there already is only looked at.
/// The result is in the order of `solution.packages`.
pub fn download(
    solution: &Solution,
    store: &Store,
    reporter: &Reporter,
    options: &Options,
) -> Result<Vec<Downloaded>, BuildError> {
    download::run(solution, store, reporter, options)
}

pub use spec::debian_arch;
