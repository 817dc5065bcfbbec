//! One Debian repository: its `InRelease` (or `Release` with `Release.gpg`), checked; its `Packages` files, checked
//! against that and turned into indexes in the store. The state of the last look is `deb_state`'s.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::deb_state::{self, State, index_path, load, seconds};
use super::fetch::{Failure, Net, Validators, Wanted};
use super::index::{self, Index};
use super::openpgp::{KEY_FILE_LIMIT, Keyring, Refusal};
use super::release::{Listed, Release};
use super::spec::{KeySource, RepoKind, RepoSpec};
use super::universe::Repo;
use crate::error::BuildError;
use crate::store::Store;

/// The largest Release that is read (Debian's: 150 kB).
const RELEASE_LIMIT: u64 = 32 << 20;
/// The largest `Packages`, decompressed (Debian's main: 50 MB).
const PACKAGES_LIMIT: u64 = 4 << 30;
/// How far a Release may lie in the future: clocks differ.
const FUTURE: Duration = Duration::from_secs(24 * 3600);

/// What a step of a refresh needs.
pub struct Refresh<'a> {
    /// The repository.
    pub spec: &'a RepoSpec,
    /// Debian's word for the architecture.
    pub arch: &'a str,
    /// Where indexes go.
    pub store: &'a Store,
    /// The way to the mirror.
    pub net: &'a Net,
    /// Bytes fetched so far, of all repositories.
    pub fetched: &'a AtomicU64,
}

impl Refresh<'_> {
    /// Brings the repository up to date.
    pub fn run(&self) -> Result<Repo, BuildError> {
        let old = deb_state::read(self.spec, self.arch, self.store);
        let repo = old.as_ref().and_then(|state| load(self.spec, state, self.store));
        let since = old.as_ref().filter(|_| repo.is_some());
        let mut state = match self.release(since)? {
            None => since.cloned().unwrap_or_default(),
            // Without a Release nothing says whether the packages are the same.
            Some(found)
                if found.release.is_some()
                    && since.is_some_and(|s| s.release_sha256 == found.state.release_sha256) =>
            {
                State {
                    validators: found.state.validators,
                    ..since.cloned().unwrap_or_default()
                }
            }
            Some(found) => self.indexes(found)?,
        };
        if self.spec.check_metadata
            && state
                .valid_until
                .is_some_and(|end| seconds(SystemTime::now()) > end)
        {
            return Err(self.expired());
        }
        state.checked = seconds(SystemTime::now());
        deb_state::write(self.spec, self.arch, self.store, &state)?;
        load(self.spec, &state, self.store).ok_or_else(|| BuildError::Internal {
            message: format!("the index of `{}` cannot be opened again", self.spec.alias),
        })
    }

    /// The checked Release; none where it has not changed since.
    fn release(&self, since: Option<&State>) -> Result<Option<Found>, BuildError> {
        let base = self.spec.metadata_base();
        let validators = since.map(|s| &s.validators);
        let url = format!("{base}/InRelease");
        match self.get(&url, validators, RELEASE_LIMIT) {
            Ok(None) => return Ok(None),
            Ok(Some(file)) => return self.judge(&url, file, None).map(Some),
            Err(Failure::Missing) => {}
            Err(failure) => return Err(self.failed(&url, failure)),
        }
        let url = format!("{base}/Release");
        match self.get(&url, validators, RELEASE_LIMIT) {
            Ok(None) => Ok(None),
            Ok(Some(file)) => {
                let signature = if self.spec.check_metadata {
                    let url = format!("{url}.gpg");
                    match self.get(&url, None, RELEASE_LIMIT) {
                        Ok(file) => file.map(|f| f.bytes).unwrap_or_default(),
                        Err(Failure::Missing) => {
                            return Err(self.refused("Release", &Refusal::Unsigned, None));
                        }
                        Err(failure) => return Err(self.failed(&url, failure)),
                    }
                } else {
                    Vec::new()
                };
                self.judge(&url, file, Some(&signature)).map(Some)
            }
            Err(Failure::Missing) if !self.spec.check_metadata && self.spec.is_flat() => Ok(Some(Found {
                release: None,
                state: State::default(),
            })),
            Err(Failure::Missing) => Err(self.no_release(&base)),
            Err(failure) => Err(self.failed(&url, failure)),
        }
    }

    /// Signature and dates.
    fn judge(&self, url: &str, file: Small, detached: Option<&[u8]>) -> Result<Found, BuildError> {
        let name = url.rsplit('/').next().unwrap_or(url);
        let raw = String::from_utf8_lossy(&file.bytes).into_owned();
        let now = SystemTime::now();
        let text = if self.spec.check_metadata {
            let ring = self.keyring()?;
            let verdict = match detached {
                Some(signature) => ring.verify_detached(signature, &file.bytes, now).map(|_| raw),
                None => ring.verify_inline(&raw, now).map(|(text, _)| text),
            };
            verdict.map_err(|refusal| self.refused(name, &refusal, Some(&ring)))?
        } else {
            unsigned_text(&raw)
        };
        let release = Release::read(&text)
            .filter(|r| !r.field("SHA256").is_empty())
            .ok_or_else(|| self.corrupt(url, "it lists no SHA256 checksums"))?;
        if self.spec.check_metadata && release.date().is_some_and(|date| date > now + FUTURE) {
            return Err(self.packages_error(
                "repository-from-the-future",
                format!(
                    "`{url}` is dated `{}`, which lies in the future",
                    release.field("Date")
                ),
                Some("look at this computer's clock".into()),
            ));
        }
        let state = State {
            validators: file.validators,
            release_sha256: file.sha256,
            valid_until: release.valid_until().map(seconds),
            ..State::default()
        };
        Ok(Found {
            release: Some(release),
            state,
        })
    }

    /// Fetches and indexes what the Release lists and the store lacks.
    fn indexes(&self, found: Found) -> Result<State, BuildError> {
        let Found { release, mut state } = found;
        let Some(release) = release else {
            state.indexes = vec![self.bare_packages()?];
            return Ok(state);
        };
        let RepoKind::Deb { components, .. } = &self.spec.kind;
        let mut stems = Vec::new();
        if self.spec.is_flat() {
            stems.push("Packages".to_owned());
        }
        for component in components.iter().filter(|_| !self.spec.is_flat()) {
            // Releases of -security name components `updates/main`, sources just `main`.
            stems.push(format!("{component}/binary-{}/Packages", self.arch));
            if release.separate_all() {
                stems.push(format!("{component}/binary-all/Packages"));
            }
        }
        for stem in stems {
            match self.index(&release, &stem)? {
                Some(key) => state.indexes.push(key),
                None if stem.contains("/binary-all/") => {}
                None => return Err(self.not_listed(&release, &stem)),
            }
        }
        Ok(state)
    }

    /// The index of one `Packages` file; none where the Release does not list it.
    fn index(&self, release: &Release, stem: &str) -> Result<Option<String>, BuildError> {
        let plain = release.listed(stem);
        if let Some(plain) = &plain
            && Index::open(&index_path(self.store, &plain.sha256)).is_ok()
        {
            return Ok(Some(plain.sha256.clone()));
        }
        let packed = [".xz", ".zst", ".gz", ""]
            .iter()
            .find_map(|end| Some((*end, release.listed(&format!("{stem}{end}"))?)));
        let Some((suffix, listed)) = packed else {
            return Ok(None);
        };
        let base = self.spec.metadata_base();
        let direct = format!("{base}/{}", listed.path);
        let folder = listed.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut urls = vec![direct];
        if release.by_hash() {
            let slash = if folder.is_empty() { "" } else { "/" };
            urls.insert(
                0,
                format!("{base}/{folder}{slash}by-hash/SHA256/{}", listed.sha256),
            );
        }
        let key = plain
            .as_ref()
            .map_or_else(|| listed.sha256.clone(), |p| p.sha256.clone());
        let mut last = None;
        for url in urls {
            match self.packages_file(&url, &listed) {
                Ok(file) => {
                    self.build(&url, file, suffix, plain.as_ref(), &key)?;
                    return Ok(Some(key));
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| self.not_listed(release, stem)))
    }

    fn packages_file(&self, url: &str, listed: &Listed) -> Result<File, BuildError> {
        let wanted = Wanted {
            limit: listed.size.min(PACKAGES_LIMIT),
            ..self.wanted(url)
        };
        let fetched = self.fetch(wanted).map_err(|f| self.failed(url, f))?;
        let fetched = fetched.ok_or_else(|| self.corrupt(url, "it has not changed"))?;
        if fetched.size != listed.size {
            return Err(self.corrupt(
                url,
                &format!("it has {} bytes instead of {}", fetched.size, listed.size),
            ));
        }
        if fetched.sha256 != listed.sha256 {
            return Err(self.corrupt(url, "its SHA-256 is not the one that the Release lists"));
        }
        self.rewind(fetched.file)
    }

    /// Decompresses and indexes; nothing enters the store unless the checksum of the text is right.
    fn build(
        &self,
        url: &str,
        file: File,
        suffix: &str,
        plain: Option<&Listed>,
        key: &str,
    ) -> Result<(), BuildError> {
        let limit = plain.map_or(PACKAGES_LIMIT, |p| p.size.min(PACKAGES_LIMIT));
        let text = decompress(file, suffix).map_err(|e| self.corrupt(url, &e.to_string()))?;
        let mut text = BufReader::with_capacity(
            128 << 10,
            Hashed {
                inner: text.take(limit + 1),
                hash: Sha256::new(),
                size: 0,
            },
        );
        let mut out = self.store.temporary()?;
        let built = index::build(&mut text, out.as_file_mut());
        built.map_err(|e| match e.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => BuildError::Io {
                doing: "cannot write",
                path: out.path().to_path_buf(),
                source: e,
            },
            _ => self.corrupt(url, &e.to_string()),
        })?;
        let hashed = text.into_inner();
        if hashed.size > limit {
            return Err(self.corrupt(url, "it is longer than the Release says"));
        }
        let sha256 = hex::encode(hashed.hash.finalize());
        if plain.is_some_and(|p| p.size != hashed.size || p.sha256 != sha256) {
            return Err(self.corrupt(url, "what it unpacks to is not what the Release lists"));
        }
        let path = index_path(self.store, key);
        self.store.keep(out, &path)?;
        self.store.hold(&[path])?;
        Ok(())
    }

    /// The index of a flat repository without a Release, which the description allows unsigned.
    fn bare_packages(&self) -> Result<String, BuildError> {
        let base = self.spec.metadata_base();
        for suffix in [".xz", ".zst", ".gz", ""] {
            let url = format!("{base}/Packages{suffix}");
            match self.fetch(Wanted {
                limit: PACKAGES_LIMIT,
                ..self.wanted(&url)
            }) {
                Ok(Some(fetched)) => {
                    let key = fetched.sha256.clone();
                    self.build(&url, self.rewind(fetched.file)?, suffix, None, &key)?;
                    return Ok(key);
                }
                Ok(None) | Err(Failure::Missing) => {}
                Err(failure) => return Err(self.failed(&url, failure)),
            }
        }
        Err(self.no_release(&base))
    }

    fn rewind(&self, file: tempfile::NamedTempFile) -> Result<File, BuildError> {
        let path = file.path().to_path_buf();
        let mut file = file.into_file();
        file.rewind().map_err(|source| BuildError::Io {
            doing: "cannot read",
            path,
            source,
        })?;
        Ok(file)
    }

    fn wanted<'u>(&'u self, url: &'u str) -> Wanted<'u> {
        Wanted {
            url,
            credentials: self.spec.credentials.as_ref(),
            since: None,
            limit: RELEASE_LIMIT,
        }
    }

    fn fetch(&self, wanted: Wanted<'_>) -> Result<Option<super::fetch::Fetched>, Failure> {
        let before = AtomicU64::new(0);
        self.net.get(wanted, self.store, &|bytes| {
            let more = bytes.saturating_sub(before.swap(bytes, Ordering::Relaxed));
            self.fetched.fetch_add(more, Ordering::Relaxed);
        })
    }

    fn get(&self, url: &str, since: Option<&Validators>, limit: u64) -> Result<Option<Small>, Failure> {
        let Some(fetched) = self.fetch(Wanted {
            since,
            limit,
            ..self.wanted(url)
        })?
        else {
            return Ok(None);
        };
        let path = fetched.file.path().to_path_buf();
        let bytes = std::fs::read(&path).map_err(|source| {
            Failure::Local(BuildError::Io {
                doing: "cannot read",
                path,
                source,
            })
        })?;
        Ok(Some(Small {
            bytes,
            sha256: fetched.sha256,
            validators: fetched.validators,
        }))
    }

    /// The description's keys, or the host's archive keyrings.
    fn keyring(&self) -> Result<Keyring, BuildError> {
        if self.spec.signing_keys.is_empty() {
            return Ok(Keyring::of_host(std::path::Path::new("/")));
        }
        let mut ring = Keyring::default();
        for source in &self.spec.signing_keys {
            let (name, bytes) = match source {
                KeySource::File(path) => {
                    let fits =
                        std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= KEY_FILE_LIMIT);
                    (
                        path.display().to_string(),
                        fits.then(|| std::fs::read(path).ok()).flatten(),
                    )
                }
                KeySource::Url(url) => match self.get(url, None, KEY_FILE_LIMIT) {
                    Ok(file) => (url.clone(), file.map(|f| f.bytes)),
                    Err(Failure::Missing) => (url.clone(), None),
                    Err(failure) => return Err(self.failed(url, failure)),
                },
            };
            let Some(bytes) = bytes else {
                return Err(self.packages_error(
                    "signing-key-missing",
                    format!(
                        "the signing key `{name}` of repository `{}` is not there",
                        self.spec.alias
                    ),
                    Some(
                        "put the key file there; without any `<signing>` the archive keys of this host are trusted"
                            .into(),
                    ),
                ));
            };
            if ring.add(&bytes, &name) == 0 {
                return Err(self.packages_error(
                    "signing-key-unreadable",
                    format!("`{name}` holds no OpenPGP key"),
                    Some("`gpg --export KEY >FILE` writes one, armoured (`--armor`) or not".into()),
                ));
            }
        }
        Ok(ring)
    }
}

struct Found {
    release: Option<Release>,
    state: State,
}

struct Small {
    bytes: Vec<u8>,
    sha256: String,
    validators: Validators,
}

struct Hashed<R> {
    inner: R,
    hash: Sha256,
    size: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or(&[]));
        self.size += count as u64;
        Ok(count)
    }
}

fn decompress(file: File, suffix: &str) -> std::io::Result<Box<dyn BufRead>> {
    let file = BufReader::with_capacity(128 << 10, file);
    Ok(match suffix {
        ".xz" => {
            let stream =
                liblzma::stream::Stream::new_stream_decoder(512 << 20, liblzma::stream::CONCATENATED)?;
            Box::new(BufReader::new(liblzma::bufread::XzDecoder::new_stream(
                file, stream,
            )))
        }
        ".zst" => {
            let mut decoder = zstd::Decoder::with_buffer(file)?;
            decoder.window_log_max(27)?;
            Box::new(BufReader::new(decoder))
        }
        ".gz" => Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file))),
        _ => Box::new(file),
    })
}

/// The text of a clear-signed file whose signature nobody wants to have checked.
fn unsigned_text(raw: &str) -> String {
    let Some((_, rest)) = raw.split_once("-----BEGIN PGP SIGNED MESSAGE-----") else {
        return raw.to_owned();
    };
    let body = rest.replace("\r\n", "\n");
    let body = body.split_once("\n\n").map_or("", |(_, b)| b);
    body.split("-----BEGIN PGP SIGNATURE-----")
        .next()
        .unwrap_or("")
        .to_owned()
}
