//! A small signed repository behind a small HTTP server: the good way, and every bad one with its stable code.
#![cfg(test)]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apteryx_builder::error::BuildError;
use apteryx_builder::events::Reporter;
use apteryx_builder::packages::{self, KeySource, Options, RepoKind, RepoSpec, Request, Universe};
use apteryx_builder::store::Store;
use sha2::{Digest, Sha256};

#[derive(Clone)]
enum Answer {
    Bytes(Vec<u8>),
    Redirect(String),
    /// Half of the bytes, then silence.
    Stall(Vec<u8>),
    /// Half of the bytes, then the end; a request with a range gets the rest.
    Break(Vec<u8>),
}

/// A server whose answers can be changed; it keeps the list of requests with their status.
#[derive(Clone)]
struct Server {
    uri: String,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    log: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Server {
    fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let server = Server {
            uri,
            answers: Arc::default(),
            log: Arc::default(),
        };
        let own = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                std::thread::spawn(move || own.answer(stream));
            }
        });
        server
    }

    fn answer(&self, mut stream: std::net::TcpStream) -> Option<()> {
        let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
        let first = lines.next()?.ok()?;
        let path = first.split(' ').nth(1)?.trim_start_matches('/').to_owned();
        let (mut since, mut from) = (String::new(), 0usize);
        for line in lines.map_while(Result::ok).take_while(|l| !l.is_empty()) {
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("if-none-match: ") {
                since = value.to_owned();
            }
            if let Some(value) = lower.strip_prefix("range: bytes=") {
                from = value.trim_end_matches('-').parse().unwrap_or(0);
            }
        }
        let answer = self.answers.lock().unwrap().get(&path).cloned();
        let mut send = |status: u16, head: &str, length: usize, body: &[u8]| {
            self.log.lock().unwrap().push((path.clone(), status));
            let head =
                format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{head}\r\n");
            stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(body))
                .ok()
        };
        match answer {
            None => send(404, "", 0, b""),
            Some(Answer::Redirect(to)) => send(302, &format!("Location: {to}\r\n"), 0, b""),
            Some(Answer::Bytes(bytes)) => {
                let etag = format!("\"{}\"", hex(&bytes));
                if since == etag {
                    send(304, "", 0, b"")
                } else {
                    send(200, &format!("ETag: {etag}\r\n"), bytes.len(), &bytes)
                }
            }
            Some(Answer::Stall(bytes)) => {
                send(200, "", bytes.len(), &bytes[..bytes.len() / 2]);
                std::thread::sleep(Duration::from_secs(20));
                Some(())
            }
            Some(Answer::Break(bytes)) if from > 0 => {
                let range = format!(
                    "Content-Range: bytes {from}-{}/{}\r\n",
                    bytes.len() - 1,
                    bytes.len()
                );
                send(206, &range, bytes.len() - from, &bytes[from..])
            }
            Some(Answer::Break(bytes)) => send(200, "", bytes.len(), &bytes[..bytes.len() / 2]),
        }
    }

    fn set(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    fn bytes(&self, path: &str) -> Vec<u8> {
        match self.answers.lock().unwrap().get(path) {
            Some(Answer::Bytes(bytes)) => bytes.clone(),
            _ => panic!("no {path}"),
        }
    }

    fn take_log(&self) -> Vec<(String, u16)> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn run(command: &mut Command) -> Vec<u8> {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        out.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    out.stdout
}

/// A key pair of gpg's, in a folder of its own.
struct Key {
    home: PathBuf,
    public: PathBuf,
}

impl Key {
    fn new(dir: &Path, name: &str) -> Key {
        let home = dir.join(format!("gpg-{name}"));
        std::fs::create_dir_all(&home).unwrap();
        std::fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let key = Key {
            public: dir.join(format!("{name}.asc")),
            home,
        };
        let id = format!("{name} <{name}@example.org>");
        run(key.gpg().args([
            "--passphrase",
            "",
            "--quick-gen-key",
            &id,
            "ed25519",
            "sign",
            "1y",
        ]));
        std::fs::write(&key.public, run(key.gpg().args(["--armor", "--export"]))).unwrap();
        key
    }

    fn gpg(&self) -> Command {
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir")
            .arg(&self.home)
            .args(["--batch", "--quiet", "--pinentry-mode", "loopback"]);
        gpg
    }

    fn sign(&self, text: &str, how: &str) -> Vec<u8> {
        let file = self.home.join("text");
        std::fs::write(&file, text).unwrap();
        run(self.gpg().args(["--armor", "--output", "-", how]).arg(&file))
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf")
            .arg("--homedir")
            .arg(&self.home)
            .args(["--kill", "gpg-agent"])
            .output();
    }
}

/// The repository's files, its server and its key.
struct Repo {
    dir: tempfile::TempDir,
    server: Server,
    key: Key,
    packages: String,
}

const RELEASE: &str = "dists/test/InRelease";
const PACKAGES: &str = "dists/test/main/binary-amd64/Packages.gz";

impl Repo {
    fn new() -> Repo {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::new(dir.path(), "good");
        let mut repo = Repo {
            server: Server::start(),
            key,
            packages: String::new(),
            dir,
        };
        for (name, more) in [
            ("peer", "Depends: peer-lib (>= 1)\n"),
            ("peer-lib", ""),
            ("torn", "Depends: nowhere\n"),
        ] {
            repo.add(name, more);
        }
        repo.publish("");
        repo
    }

    fn add(&mut self, name: &str, more: &str) {
        let work = self.dir.path().join(name);
        std::fs::create_dir_all(work.join("DEBIAN")).unwrap();
        let control = format!(
            "Package: {name}\nVersion: 1.0\nArchitecture: all\n{more}Maintainer: Nobody <n@example.org>\nDescription: the {name} package\n"
        );
        std::fs::write(work.join("DEBIAN/control"), &control).unwrap();
        std::fs::write(work.join("file"), name.repeat(5000)).unwrap();
        let deb = self.dir.path().join("x.deb");
        run(Command::new("dpkg-deb")
            .args(["-Znone", "--root-owner-group", "-b"])
            .arg(&work)
            .arg(&deb));
        let bytes = std::fs::read(&deb).unwrap();
        let path = format!("pool/{name}_1.0_all.deb");
        self.packages.push_str(&format!(
            "{control}Filename: {path}\nSize: {}\nSHA256: {}\n\n",
            bytes.len(),
            hex(&bytes)
        ));
        self.server.set(&path, Answer::Bytes(bytes));
    }

    fn release(&self, more: &str) -> String {
        let packed = gzip(self.packages.as_bytes());
        self.server.set(PACKAGES, Answer::Bytes(packed.clone()));
        let date = String::from_utf8(run(Command::new("date").args(["-u", "-R"]))).unwrap();
        format!(
            "Origin: Test\nSuite: test\nDate: {}\n{more}Architectures: amd64\nComponents: main\nSHA256:\n {} {} main/binary-amd64/Packages\n {} {} main/binary-amd64/Packages.gz\n",
            date.trim(),
            hex(self.packages.as_bytes()),
            self.packages.len(),
            hex(&packed),
            packed.len()
        )
    }

    fn publish(&self, more: &str) {
        let text = self.release(more);
        self.server
            .set(RELEASE, Answer::Bytes(self.key.sign(&text, "--clearsign")));
    }

    fn spec(&self) -> RepoSpec {
        RepoSpec {
            alias: "test".into(),
            uri: self.server.uri.clone(),
            kind: RepoKind::Deb {
                suite: Some("test".into()),
                components: vec!["main".into()],
            },
            signing_keys: vec![KeySource::File(self.key.public.clone())],
            check_metadata: true,
            check_packages: true,
            priority: None,
            credentials: None,
            place: None,
        }
    }

    /// A store that nothing has been put into.
    fn store(&self) -> Store {
        let folder = tempfile::tempdir_in(self.dir.path()).unwrap().keep();
        Store::open(Some(&folder)).unwrap()
    }

    fn refresh(&self, spec: RepoSpec, store: &Store) -> Result<Universe, BuildError> {
        packages::refresh(&[spec], "amd64", store, &Reporter::silent(), &options())
    }

    /// The code and the words of a refresh that must fail.
    fn fails(&self, spec: RepoSpec) -> (String, String) {
        let error = self.refresh(spec, &self.store()).map(|u| u.len()).unwrap_err();
        assert_eq!(error.exit_code(), 3, "{error:?}");
        assert!(error.help().is_some(), "what to do: {error:?}");
        (error.code().to_owned(), error.to_string())
    }
}

fn options() -> Options {
    Options {
        stall: Duration::from_secs(1),
        tries: 2,
        ..Options::default()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn request(name: &str) -> Request {
    Request {
        install: vec![(name.into(), None)],
        ..Request::default()
    }
}

#[test]
fn the_second_time_nothing_is_fetched() {
    let repo = Repo::new();
    let store = repo.store();
    let universe = repo.refresh(repo.spec(), &store).unwrap();
    assert_eq!(universe.len(), 3);
    assert_eq!(
        universe
            .complete("peer", 9)
            .iter()
            .map(|h| h.name.as_str())
            .collect::<Vec<_>>(),
        ["peer", "peer-lib"]
    );
    let solution = packages::solve(&universe, &request("peer")).unwrap();
    let files = packages::download(&solution, &store, &Reporter::silent(), &options()).unwrap();
    let names: Vec<_> = files.iter().map(|f| f.package.name()).collect();
    assert_eq!(names, ["peer-lib", "peer"]);
    for file in &files {
        assert_eq!(hex(&std::fs::read(&file.path).unwrap()), file.package.sha256());
    }
    repo.server.take_log();
    repo.refresh(repo.spec(), &store).unwrap();
    packages::download(&solution, &store, &Reporter::silent(), &options()).unwrap();
    assert_eq!(repo.server.take_log(), [(RELEASE.to_owned(), 304)]);
    assert_eq!(packages::open(&[repo.spec()], "amd64", &store).unwrap().len(), 3);
    assert!(packages::open(&[repo.spec()], "amd64", &repo.store()).is_none());
}

#[test]
fn a_store_that_is_full_loses_what_was_used_longest_ago_and_nothing_of_this_build() {
    let repo = Repo::new();
    let store = repo.store();
    let old = store.package_path(&"0".repeat(64));
    store.keep(store.temporary().unwrap(), &old).unwrap();
    std::fs::write(&old, vec![0; 50_000]).unwrap();
    let universe = repo.refresh(repo.spec(), &store).unwrap();
    let solution = packages::solve(&universe, &request("peer")).unwrap();
    let small = |limit| Options { limit, ..options() };
    packages::download(&solution, &store, &Reporter::silent(), &small(1 << 30)).unwrap();
    assert!(old.exists());
    let store = repo.store();
    let old = store.package_path(&"0".repeat(64));
    store.keep(store.temporary().unwrap(), &old).unwrap();
    std::fs::write(&old, vec![0; 50_000]).unwrap();
    let universe = repo.refresh(repo.spec(), &store).unwrap();
    let files = packages::download(&solution, &store, &Reporter::silent(), &small(1)).unwrap();
    assert!(!old.exists());
    assert!(files.len() == 2 && files.iter().all(|file| file.path.is_file()));
    assert_eq!(
        (
            universe.len(),
            packages::open(&[repo.spec()], "amd64", &store).unwrap().len()
        ),
        (3, 3)
    );
}

#[test]
fn metadata_that_cannot_be_trusted_are_refused() {
    let repo = Repo::new();
    let stranger = Key::new(repo.dir.path(), "stranger");
    let code = |spec: RepoSpec| repo.fails(spec).0;

    let good = repo.server.bytes(RELEASE);
    let text = String::from_utf8(good.clone()).unwrap();
    repo.server.set(
        RELEASE,
        Answer::Bytes(text.replace("Origin: Test", "Origin: Tess").into_bytes()),
    );
    let (bad, words) = repo.fails(repo.spec());
    assert_eq!(bad, "signature-bad");
    assert!(words.contains("InRelease") && words.contains("test"), "{words}");

    // Text before, after or instead of what was signed does not count.
    let forged = format!("Origin: Forged\n\n{text}");
    repo.server.set(RELEASE, Answer::Bytes(forged.into_bytes()));
    let outcome = repo.refresh(repo.spec(), &repo.store()).map(|u| u.len());
    assert!(
        matches!(outcome, Ok(3) | Err(BuildError::Packages { .. })),
        "{outcome:?}"
    );

    repo.server
        .set(RELEASE, Answer::Bytes(repo.release("").into_bytes()));
    assert_eq!(code(repo.spec()), "signature-missing");
    repo.server.set(
        RELEASE,
        Answer::Bytes(stranger.sign(&repo.release(""), "--clearsign")),
    );
    assert_eq!(code(repo.spec()), "signature-unknown-key");
    // What is unsigned is read where the description allows it; that verdict does not serve a checked repository.
    let store = repo.store();
    let unchecked = RepoSpec {
        check_metadata: false,
        ..repo.spec()
    };
    assert_eq!(repo.refresh(unchecked, &store).unwrap().len(), 3);
    assert_eq!(
        repo.refresh(repo.spec(), &store).unwrap_err().code(),
        "signature-unknown-key"
    );

    repo.publish("Valid-Until: Sat, 11 Jan 2020 09:59:07 UTC\n");
    assert_eq!(code(repo.spec()), "repository-expired");
    let future = repo
        .release("")
        .replace("Date: ", "Date: Sat, 11 Jan 2098 09:59:07 UTC\nX-Date: ");
    repo.server
        .set(RELEASE, Answer::Bytes(repo.key.sign(&future, "--clearsign")));
    assert_eq!(code(repo.spec()), "repository-from-the-future");

    // Release with a detached signature, good and bad.
    repo.server.answers.lock().unwrap().remove(RELEASE);
    let text = repo.release("");
    repo.server
        .set("dists/test/Release", Answer::Bytes(text.clone().into_bytes()));
    assert_eq!(code(repo.spec()), "signature-missing");
    repo.server.set(
        "dists/test/Release.gpg",
        Answer::Bytes(repo.key.sign(&text, "--detach-sign")),
    );
    assert_eq!(repo.refresh(repo.spec(), &repo.store()).unwrap().len(), 3);
    repo.server.set(
        "dists/test/Release.gpg",
        Answer::Bytes(repo.key.sign("other", "--detach-sign")),
    );
    assert_eq!(code(repo.spec()), "signature-bad");
    let none = RepoSpec {
        signing_keys: vec![KeySource::File("/nowhere.asc".into())],
        ..repo.spec()
    };
    assert_eq!(code(none), "signing-key-missing");
}

#[test]
fn damaged_and_missing_files_are_named() {
    let repo = Repo::new();
    let code = |spec: RepoSpec| repo.fails(spec).0;
    let packed = repo.server.bytes(PACKAGES);
    let mut damaged = packed.clone();
    damaged[20] ^= 1;
    repo.server.set(PACKAGES, Answer::Bytes(damaged));
    assert_eq!(code(repo.spec()), "metadata-corrupt");
    repo.server
        .set(PACKAGES, Answer::Bytes(packed[..packed.len() - 9].to_vec()));
    assert_eq!(code(repo.spec()), "metadata-corrupt");
    repo.server
        .set(PACKAGES, Answer::Bytes([packed.clone(), vec![0; 99]].concat()));
    assert_eq!(code(repo.spec()), "repository-file-too-large");
    repo.server.answers.lock().unwrap().remove(PACKAGES);
    assert_eq!(code(repo.spec()), "repository-file-missing");
    repo.publish("");
    let kind = |suite: &str, component: &str| RepoSpec {
        kind: RepoKind::Deb {
            suite: Some(suite.into()),
            components: vec![component.into()],
        },
        ..repo.spec()
    };
    assert_eq!(code(kind("bookwurm", "main")), "suite-not-found");
    assert_eq!(code(kind("test", "contrib")), "component-not-found");
    let other = packages::refresh(
        &[repo.spec()],
        "riscv64",
        &repo.store(),
        &Reporter::silent(),
        &options(),
    );
    assert_eq!(other.unwrap_err().code(), "architecture-not-found");

    let store = repo.store();
    let universe = repo.refresh(repo.spec(), &store).unwrap();
    let solution = packages::solve(&universe, &request("peer")).unwrap();
    let deb = repo.server.bytes("pool/peer_1.0_all.deb");
    let mut wrong = deb.clone();
    wrong[200] ^= 1;
    let get = || packages::download(&solution, &store, &Reporter::silent(), &options());
    repo.server.set("pool/peer_1.0_all.deb", Answer::Bytes(wrong));
    assert_eq!(get().unwrap_err().code(), "package-corrupt");
    let kept: Vec<_> = solution
        .packages
        .iter()
        .map(|s| store.package_path(&s.package.sha256()).exists())
        .collect();
    assert!(!kept[1], "a damaged package must not enter the store");
    // A broken connection is taken up where it ended.
    repo.server.set("pool/peer_1.0_all.deb", Answer::Break(deb));
    assert_eq!(get().unwrap().len(), 2);

    let missing = packages::solve(&universe, &request("peer-lip")).unwrap_err();
    assert_eq!(missing.code(), "package-not-found");
    let BuildError::Packages { help: Some(help), .. } = missing else {
        panic!()
    };
    assert!(
        help.contains("`peer-lib`") && help.contains("`test` (3 packages)"),
        "{help}"
    );
    let torn = packages::solve(&universe, &request("torn")).unwrap_err();
    assert_eq!(torn.code(), "dependencies-unsolvable");
}

#[test]
fn a_server_that_misbehaves_ends_in_bounded_time() {
    let repo = Repo::new();
    let start = std::time::Instant::now();
    repo.server.set(
        RELEASE,
        Answer::Redirect(format!("{}/{RELEASE}", repo.server.uri)),
    );
    assert_eq!(repo.fails(repo.spec()).0, "repository-redirects");
    repo.server.set(RELEASE, Answer::Stall(vec![b'x'; 100_000]));
    assert_eq!(repo.fails(repo.spec()).0, "repository-stalled");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, words) = repo.fails(RepoSpec {
        uri: format!("http://{port}"),
        ..repo.spec()
    });
    assert_eq!(code, "repository-unreachable");
    assert!(words.contains("connection refused"), "{words}");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    let cancelled = Options {
        cancel: Arc::new(std::sync::atomic::AtomicI32::new(2)),
        ..options()
    };
    repo.publish("");
    let stopped = packages::refresh(
        &[repo.spec()],
        "amd64",
        &repo.store(),
        &Reporter::silent(),
        &cancelled,
    );
    assert_eq!(stopped.unwrap_err().exit_code(), 130);
}

#[test]
fn an_unsigned_folder_serves_where_the_description_allows_it() {
    let repo = Repo::new();
    let folder = repo.dir.path().join("flat dir");
    std::fs::create_dir_all(folder.join("pool")).unwrap();
    std::fs::write(folder.join("Packages"), &repo.packages).unwrap();
    for name in ["peer", "peer-lib"] {
        let path = format!("pool/{name}_1.0_all.deb");
        std::fs::write(folder.join(&path), repo.server.bytes(&path)).unwrap();
    }
    let uri = format!("file://{}", folder.display().to_string().replace(' ', "%20"));
    let kind = RepoKind::Deb {
        suite: None,
        components: Vec::new(),
    };
    let spec = RepoSpec {
        uri,
        kind,
        ..repo.spec()
    };
    assert_eq!(repo.fails(spec.clone()).0, "suite-not-found");
    let store = repo.store();
    let unsigned = RepoSpec {
        check_metadata: false,
        ..spec
    };
    let universe = repo.refresh(unsigned.clone(), &store).unwrap();
    let solution = packages::solve(&universe, &request("peer")).unwrap();
    assert_eq!(
        packages::download(&solution, &store, &Reporter::silent(), &options())
            .unwrap()
            .len(),
        2
    );

    // What changes in it is seen, though no Release says so.
    std::fs::write(
        folder.join("Packages"),
        repo.packages.replace("Package: torn", "Package: new"),
    )
    .unwrap();
    let universe = repo.refresh(unsigned, &store).unwrap();
    assert_eq!(
        (universe.lookup("new").len(), universe.lookup("torn").len()),
        (1, 0)
    );
}

#[test]
fn a_keyring_as_gpg_keeps_its_own_is_read() {
    let repo = Repo::new();
    // As `ubuntu-keyring` has it: beside each key, name and signature how far the owner trusts it.
    let ring = repo.dir.path().join("ring.gpg");
    let kept = format!("gnupg-ring:{}", ring.display());
    let mut gpg = repo.key.gpg();
    run(gpg
        .args(["--no-default-keyring", "--keyring", &kept, "--import"])
        .arg(&repo.key.public));
    let mut spec = repo.spec();
    spec.signing_keys = vec![KeySource::File(ring)];
    let universe = repo.refresh(spec, &repo.store()).unwrap();
    assert_eq!(universe.len(), 3);
}
