//! Brings one file from a mirror or a folder: bounded in size, redirects, stalls and tries, its checksum taken while
//! it streams. Knows nothing of repositories.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Options;
use crate::error::BuildError;
use crate::store::Store;

/// Redirects followed for one file.
const REDIRECTS: u32 = 6;
/// Below this many bytes a second over a whole stall time a connection counts as stalled.
const SLOWEST: u64 = 512;

/// What a server said about a file's state, to ask for changes only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub modified: Option<String>,
}

/// Why a file did not come.
#[derive(Debug)]
pub enum Failure {
    /// The server has no such file.
    Missing,
    /// It answered with this status.
    Status(u16),
    /// No connection, or it broke.
    Unreachable(String),
    /// It delivered nothing for too long.
    Stalled,
    /// One redirect after another.
    Redirects,
    /// Longer than it may be.
    TooLarge,
    /// The store could not be written, or the user stopped it.
    Local(BuildError),
}

impl Failure {
    fn transient(&self) -> bool {
        matches!(
            self,
            Failure::Unreachable(_) | Failure::Stalled | Failure::Status(408 | 429 | 500..)
        )
    }

    /// Code and words: "`URL` …".
    pub fn words(&self) -> (&'static str, String) {
        match self {
            Failure::Missing => ("repository-file-missing", "is not there".into()),
            Failure::Status(401 | 407) => ("repository-refused", "needs a user name and password".into()),
            Failure::Status(403) => ("repository-refused", "is refused by the server".into()),
            Failure::Status(status) => (
                "repository-unreachable",
                format!("is answered with status {status}"),
            ),
            Failure::Unreachable(why) => ("repository-unreachable", format!("cannot be reached: {why}")),
            Failure::Stalled => ("repository-stalled", "delivers nothing any more".into()),
            Failure::Redirects => (
                "repository-redirects",
                format!("is redirected more than {REDIRECTS} times"),
            ),
            Failure::TooLarge => (
                "repository-file-too-large",
                "is longer than its metadata say".into(),
            ),
            Failure::Local(error) => (error.code(), error.to_string()),
        }
    }
}

/// A file that came.
#[derive(Debug)]
pub struct Fetched {
    /// Its bytes, in the store's `tmp`.
    pub file: tempfile::NamedTempFile,
    /// Its length.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
    /// For the next time.
    pub validators: Validators,
}

/// The way to mirrors. Cheap to clone; connections are kept and shared.
#[derive(Debug, Clone)]
pub struct Net {
    http: ureq::Agent,
    https: ureq::Agent,
    options: Options,
}

/// What to fetch.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// `http:`, `https:` or `file:`.
    pub url: &'a str,
    /// User and password.
    pub credentials: Option<&'a (String, String)>,
    /// Only where it changed since.
    pub since: Option<&'a Validators>,
    /// Bytes at most.
    pub limit: u64,
}

impl Net {
    /// With the proxies of the host's apt where they are known, else the environment's.
    pub fn new(options: &Options) -> Net {
        let proxy = |own: fn(&super::HostMirror) -> &Option<String>| {
            let named = options.mirror.as_ref().and_then(|m| own(m).clone());
            match named {
                Some(url) => ureq::Proxy::new(&url).ok(),
                None => ureq::Proxy::try_from_env(),
            }
        };
        let agent = |proxy: Option<ureq::Proxy>| {
            let config = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(REDIRECTS)
                .max_redirects_will_error(true)
                .timeout_resolve(Some(options.stall.min(Duration::from_secs(20))))
                .timeout_connect(Some(options.stall.min(Duration::from_secs(20))))
                .timeout_per_read(Some(options.stall))
                .timeout_per_write(Some(options.stall))
                .max_idle_connections_per_host(16)
                .max_idle_connections(32)
                .user_agent(concat!("apteryx/", env!("CARGO_PKG_VERSION")))
                .proxy(proxy)
                .tls_config(
                    ureq::tls::TlsConfig::builder()
                        .root_certs(ureq::tls::RootCerts::PlatformVerifier)
                        .build(),
                );
            ureq::Agent::with_parts(
                config.build(),
                ureq::unversioned::transport::DefaultConnector::default(),
                super::resolve::Remembering::default(),
            )
        };
        Net {
            http: agent(proxy(|m| &m.http_proxy)),
            https: agent(proxy(|m| &m.https_proxy)),
            options: options.clone(),
        }
    }

    /// Fetches a file into the store's `tmp`; none where the server says that it has not changed. A broken
    /// connection is taken up again where it ended. `progress` gets the bytes so far.
    pub fn get(
        &self,
        wanted: Wanted<'_>,
        store: &Store,
        progress: &dyn Fn(u64),
    ) -> Result<Option<Fetched>, Failure> {
        let mut state = State {
            file: store.temporary().map_err(Failure::Local)?,
            size: 0,
            hash: Sha256::new(),
            validators: Validators::default(),
        };
        let mut tried = 0;
        loop {
            tried += 1;
            let result = match file_path(wanted.url) {
                Some(path) => self
                    .copy(&path, wanted.limit, &mut state, progress)
                    .map(|()| true),
                None if self.options.offline => {
                    Err(Failure::Unreachable("the network is not to be used".into()))
                }
                None => self.transfer(wanted, &mut state, progress),
            };
            match result {
                Ok(false) => return Ok(None),
                Ok(true) => break,
                Err(failure)
                    if failure.transient() && tried < self.options.tries && !self.options.offline =>
                {
                    std::thread::sleep(Duration::from_millis(200 * u64::from(tried)));
                    self.stopped()?;
                }
                Err(failure) => return Err(failure),
            }
        }
        let State {
            file,
            size,
            hash,
            validators,
        } = state;
        Ok(Some(Fetched {
            file,
            size,
            sha256: hex::encode(hash.finalize()),
            validators,
        }))
    }

    fn transfer(
        &self,
        wanted: Wanted<'_>,
        state: &mut State,
        progress: &dyn Fn(u64),
    ) -> Result<bool, Failure> {
        let agent = if wanted.url.starts_with("https:") {
            &self.https
        } else {
            &self.http
        };
        let mut request = agent.get(wanted.url);
        if let Some((user, password)) = wanted.credentials {
            request = request.header(
                "Authorization",
                format!("Basic {}", base64(format!("{user}:{password}").as_bytes())),
            );
        }
        if let Some(since) = wanted.since {
            if let Some(etag) = &since.etag {
                request = request.header("If-None-Match", etag);
            }
            if let Some(modified) = &since.modified {
                request = request.header("If-Modified-Since", modified);
            }
        }
        if state.size > 0 {
            request = request.header("Range", format!("bytes={}-", state.size));
        }
        let response = request.call().map_err(failure)?;
        match response.status().as_u16() {
            200 if state.size > 0 => state.restart()?,
            200 => {}
            206 if state.size > 0 && starts_at(&response, state.size) => {}
            206 | 416 => {
                state.restart()?;
                return Err(Failure::Unreachable(
                    "it answers with another part than asked for".into(),
                ));
            }
            304 if wanted.since.is_some() => return Ok(false),
            404 | 410 => return Err(Failure::Missing),
            status => return Err(Failure::Status(status)),
        }
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned)
        };
        state.validators = Validators {
            etag: header("etag"),
            modified: header("last-modified"),
        };
        let mut body = response.into_body().into_reader();
        self.pump(&mut body, wanted.limit, state, progress)?;
        Ok(true)
    }

    fn copy(
        &self,
        path: &PathBuf,
        limit: u64,
        state: &mut State,
        progress: &dyn Fn(u64),
    ) -> Result<(), Failure> {
        let mut file = std::fs::File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Failure::Missing,
            _ => Failure::Unreachable(e.to_string()),
        })?;
        state.restart()?;
        self.pump(&mut file, limit, state, progress)
    }

    fn pump(
        &self,
        from: &mut dyn Read,
        limit: u64,
        state: &mut State,
        progress: &dyn Fn(u64),
    ) -> Result<(), Failure> {
        let mut buffer = vec![0u8; 128 << 10];
        let (mut window, mut at_start) = (Instant::now(), state.size);
        loop {
            self.stopped()?;
            let count = from.read(&mut buffer).map_err(|e| stalled_or(&e))?;
            if count == 0 {
                return Ok(());
            }
            let bytes = buffer.get(..count).unwrap_or(&[]);
            if state.size + count as u64 > limit {
                return Err(Failure::TooLarge);
            }
            state.hash.update(bytes);
            state
                .file
                .as_file_mut()
                .write_all(bytes)
                .map_err(|e| local(e, &state.file))?;
            state.size += count as u64;
            progress(state.size);
            if window.elapsed() > self.options.stall {
                let wanted = SLOWEST * self.options.stall.as_secs();
                if state.size - at_start < wanted {
                    return Err(Failure::Stalled);
                }
                (window, at_start) = (Instant::now(), state.size);
            }
        }
    }

    /// An error where the user stopped the build.
    fn stopped(&self) -> Result<(), Failure> {
        match self.options.cancel.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(Failure::Local(BuildError::Cancelled { signal })),
        }
    }
}

struct State {
    file: tempfile::NamedTempFile,
    size: u64,
    hash: Sha256,
    validators: Validators,
}

impl State {
    /// Back to an empty file.
    fn restart(&mut self) -> Result<(), Failure> {
        use std::io::{Seek, SeekFrom};
        let file = self.file.as_file_mut();
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .map_err(|e| local(e, &self.file))?;
        self.size = 0;
        self.hash = Sha256::new();
        Ok(())
    }
}

fn local(source: std::io::Error, file: &tempfile::NamedTempFile) -> Failure {
    Failure::Local(BuildError::Io {
        doing: "cannot write",
        path: file.path().to_path_buf(),
        source,
    })
}

fn starts_at<B>(response: &ureq::http::Response<B>, at: u64) -> bool {
    let range = response
        .headers()
        .get("content-range")
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    range
        .strip_prefix("bytes ")
        .and_then(|r| r.split('-').next())
        .and_then(|n| n.parse().ok())
        == Some(at)
}

fn failure(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::TooManyRedirects => Failure::Redirects,
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            Failure::Unreachable("no answer in time".into())
        }
        ureq::Error::Timeout(_) | ureq::Error::BodyStalled => Failure::Stalled,
        ureq::Error::HostNotFound => Failure::Unreachable("no such host".into()),
        ureq::Error::Io(e) => stalled_or(&e),
        other => Failure::Unreachable(other.to_string()),
    }
}

/// ureq hands its time-outs out of a body wrapped in an I/O error.
fn stalled_or(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<ureq::Error>());
    if let Some(ureq::Error::Timeout(_) | ureq::Error::BodyStalled) = inner {
        return Failure::Stalled;
    }
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::Stalled,
        ErrorKind::ConnectionRefused => Failure::Unreachable("connection refused".into()),
        _ => Failure::Unreachable(error.to_string()),
    }
}

/// The path of a `file:` address, its escapes undone.
pub fn file_path(url: &str) -> Option<PathBuf> {
    let url = url
        .strip_prefix("file:")
        .map(|rest| format!("file://{}", rest.trim_start_matches("//")))?;
    url::Url::parse(&url).ok()?.to_file_path().ok()
}

/// Base64 (RFC 4648) of a name and a password.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0u32, |n, i| {
            n << 8 | u32::from(chunk.get(i).copied().unwrap_or(0))
        });
        for i in 0..4usize {
            let letter = LETTERS
                .get((number >> (18 - 6 * i) & 63) as usize)
                .copied()
                .unwrap_or(b'A');
            text.push(if i <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_things() {
        assert_eq!(base64(b"user:pass"), "dXNlcjpwYXNz");
        assert_eq!(base64(b"a:b1"), "YTpiMQ==");
        assert_eq!(file_path("file:///srv/a%20b"), Some("/srv/a b".into()));
        assert_eq!(file_path("file:/srv/x"), Some("/srv/x".into()));
        assert_eq!(file_path("http://x/y"), None);
    }
}
