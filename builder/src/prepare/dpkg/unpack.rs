//! The files of packages into a tree, package by package in the order given, with dpkg's rules for what is there
//! already: directories stay, files of another package only where one replaces the other, diversions are followed.
//! Afterwards dpkg's database says `unpacked` for each. No script runs here.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};
use rustc_hash::FxHashMap;

use super::database::{self, DIR, Fields, Installed};
use super::stream::{self, Opened};
use super::triggers::Activated;
use crate::error::{BuildError, IoContext};
use crate::events::Step;
use crate::prepare::extract::{self, Directory, Item, Kind};
use crate::sandbox::{Root, relative};

/// Scripts among the control files; these are executable.
const SCRIPTS: [&str; 5] = ["preinst", "postinst", "prerm", "postrm", "config"];

/// A package whose files are in the tree, or that waits for the tree's dpkg.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its package file.
    pub path: PathBuf,
    /// Its control fields.
    pub fields: Fields,
    /// It has a script to run before its files come; with what the script says.
    pub preinst: Option<String>,
    /// True where the tree's own dpkg must unpack it, as its script diverts files first.
    pub later: bool,
}

/// The tree, and what is known of its packages.
pub(super) struct State<'r> {
    pub(super) root: &'r mut Root,
    /// This transaction's packages so far, with the paths of each.
    pub(super) packages: Vec<(Package, Paths)>,
    /// Which of them has a path.
    pub(super) owners: FxHashMap<Vec<u8>, usize>,
    /// Which package of the database has a path; read when it is first asked for.
    pub(super) installed_owners: Option<FxHashMap<Vec<u8>, String>>,
    pub(super) installed: Vec<Installed>,
    /// Paths that packages of the database lost.
    pub(super) lost: BTreeMap<String, BTreeSet<Vec<u8>>>,
    diversions: BTreeMap<String, (String, String)>,
    /// Manual pages and documentation, copyrights apart, stay out.
    without_docs: bool,
    /// Directories made here, with their times.
    directories: Vec<(PathBuf, i64)>,
    buffer: Vec<u8>,
}

/// What a package has in the tree, and in dpkg's database.
#[derive(Default)]
pub(super) struct Paths {
    /// As dpkg lists them: `/.`, `/usr`, …
    pub(super) list: Vec<Vec<u8>>,
    control: Vec<(String, Vec<u8>)>,
    conffiles: Vec<(String, String)>,
    sums: Option<String>,
}

/// What `without_docs` leaves out, in the words of dpkg's options.
pub const WITHOUT_DOCS: &str = "--path-exclude='/usr/share/man/*' --path-exclude='/usr/share/doc/*' --path-include='/usr/share/doc/*/copyright'";

/// True for what `WITHOUT_DOCS` names. Links and folders that a copyright may lie behind stay, as dpkg has it.
fn is_doc(path: &Path, kind: Kind) -> bool {
    let of = |dir: &str| {
        path.strip_prefix(dir)
            .is_ok_and(|rest| !rest.as_os_str().is_empty())
    };
    if of("usr/share/man") {
        return true;
    }
    let folder = matches!(kind, Kind::Dir | Kind::Symlink);
    of("usr/share/doc") && !folder && path.file_name() != Some("copyright".as_ref())
}

/// Unpacks the package files of `debs`, in this order, beside what is in the tree already. `later` says which packages
/// to leave to the tree's dpkg.
pub fn unpack(
    root: &mut Root,
    debs: &[&Path],
    without_docs: bool,
    later: &dyn Fn(&Package) -> bool,
    step: &Step,
) -> Result<Vec<Package>, BuildError> {
    let tree = root.path().to_owned();
    let installed = database::read_status(root).at("cannot read the package database of", &tree)?;
    let diversions = database::read_diversions(root).at("cannot read the package database of", &tree)?;
    let mut state = State {
        root,
        packages: Vec::with_capacity(debs.len()),
        owners: FxHashMap::default(),
        installed_owners: None,
        installed,
        lost: BTreeMap::new(),
        diversions,
        without_docs,
        directories: Vec::new(),
        buffer: Vec::new(),
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let total = debs.len() as u64;
    let mut said = std::time::Instant::now();
    stream::each(debs, threads, |index, opened| {
        let path = debs.get(index).map_or(Path::new(""), |path| path);
        let name = state.package(path, opened, later)?;
        if said.elapsed().as_millis() >= 100 {
            said = std::time::Instant::now();
            step.progress(index as u64 + 1, Some(total), "packages", name);
        }
        Ok(())
    })?;
    state.finish().at("cannot write the package database of", &tree)?;
    Ok(state.packages.into_iter().map(|(package, _)| package).collect())
}

/// A path as its parts of a merged `/usr` are: `/usr/bin/sh` and `/bin/sh` are one file.
pub(super) fn key(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_bytes();
    let merged = bytes.strip_prefix(b"usr/").filter(|rest| {
        [&b"bin/"[..], b"sbin/", b"lib/", b"lib64/", b"lib32/", b"libx32/"]
            .iter()
            .any(|dir| rest.starts_with(dir))
    });
    merged.unwrap_or(bytes).to_vec()
}

/// A path as dpkg lists it.
pub(super) fn listed(path: &Path) -> Vec<u8> {
    let mut line = b"/".to_vec();
    line.extend_from_slice(if path.as_os_str().is_empty() {
        b"."
    } else {
        path.as_os_str().as_bytes()
    });
    line
}

impl State<'_> {
    fn package(
        &mut self,
        path: &Path,
        opened: Opened,
        later: &dyn Fn(&Package) -> bool,
    ) -> Result<String, BuildError> {
        let member = |name: &str| {
            let found = opened.control.iter().find(|(member, _)| member == name);
            found.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        };
        let fields = Fields::parse(&member("control").unwrap_or_default());
        let name = fields.name().to_owned();
        if name.is_empty() || name.contains('/') || fields.get("Version").is_empty() {
            return Err(corrupt(path, "it has no name or version"));
        }
        let mut package = Package {
            path: path.to_owned(),
            fields,
            preinst: member("preinst"),
            later: false,
        };
        package.later = later(&package);
        let conffiles = member("conffiles").unwrap_or_default();
        let with_sums = opened.control.iter().any(|(name, _)| name == "md5sums");
        let later = package.later;
        self.packages.push((
            package,
            Paths {
                control: opened.control,
                ..Paths::default()
            },
        ));
        if !later {
            let conffiles: BTreeSet<&str> = conffiles.lines().filter(|line| line.starts_with('/')).collect();
            let sums = (!with_sums).then(String::new);
            self.data(path, opened.data, &conffiles, sums)?;
        }
        Ok(name)
    }

    fn current(&mut self) -> Option<&mut Paths> {
        self.packages.last_mut().map(|(_, paths)| paths)
    }

    fn data(
        &mut self,
        deb: &Path,
        data: stream::Data,
        conffiles: &BTreeSet<&str>,
        mut sums: Option<String>,
    ) -> Result<(), BuildError> {
        let mut archive = tar::Archive::new(data);
        let broken = |error: io::Error| corrupt(deb, &error.to_string());
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let Some(item) = Item::read(&mut entry).map_err(broken)? else {
                continue;
            };
            let line = listed(&item.path);
            if self.without_docs && is_doc(&item.path, item.kind) {
                // dpkg lists it all the same.
                if let Some(paths) = self.current() {
                    paths.list.push(line);
                }
                continue;
            }
            let name = String::from_utf8_lossy(&line).into_owned();
            let conffile = conffiles.contains(name.as_str());
            let mut digest = (item.kind == Kind::File && (sums.is_some() || conffile)).then(Md5::new);
            if !self.entry(&item, &mut entry, &mut digest, conffile)? {
                continue;
            }
            if let Some(digest) = digest {
                let sum = hex::encode(digest.finalize());
                if conffiles.contains(name.as_str()) {
                    if let Some(paths) = self.current() {
                        paths.conffiles.push((name, sum));
                    }
                } else if let Some(sums) = &mut sums {
                    sums.push_str(&format!("{sum}  {}\n", name.trim_start_matches('/')));
                }
            }
            if let Some(paths) = self.current() {
                paths.list.push(line);
            }
        }
        if let Some(paths) = self.current() {
            paths.sums = sums;
        }
        Ok(())
    }

    /// Puts one member into the tree. False where it belongs to another package that replaces this one.
    fn entry<R: io::Read>(
        &mut self,
        item: &Item,
        content: &mut tar::Entry<'_, R>,
        digest: &mut Option<Md5>,
        conffile: bool,
    ) -> Result<bool, BuildError> {
        let mut item = self.diverted(item);
        let full = self.root.path().join(&item.path);
        if item.kind == Kind::Dir {
            match extract::directory(self.root, &item) {
                Ok(Directory::Made) => self.directories.push((item.path.clone(), item.mtime)),
                Ok(Directory::There) => {}
                Err(error) if error.raw_os_error() == Some(libc::ENOTDIR) => {
                    return Err(self.conflict(&item, None));
                }
                Err(error) => return Err(error).at("cannot make", full),
            }
            return Ok(true);
        }
        let path_key = key(&item.path);
        let index = self.packages.len().saturating_sub(1);
        let mut seen = |chunk: &[u8]| {
            if let Some(digest) = digest {
                digest.update(chunk);
            }
        };
        match extract::create(self.root, &item, content, &mut self.buffer, &mut seen) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).at("cannot unpack", full),
            Ok(()) => {
                self.owners.insert(path_key, index);
                return Ok(true);
            }
        }
        if self.root.stat(&item.path).at("cannot read", &full)?.st_mode & libc::S_IFMT == libc::S_IFDIR {
            // dpkg keeps a directory where a package has a link.
            return if item.kind == Kind::Symlink {
                Ok(true)
            } else {
                Err(self.conflict(&item, None))
            };
        }
        if !self.takes_over(&item, &path_key)? {
            return Ok(false);
        }
        if conffile && !self.owners.contains_key(&path_key) && self.installed_owner(&path_key)?.is_none() {
            // A script or an archive has brought it: it stays, and the package's lies beside it, as dpkg does it.
            self.owners.insert(path_key, index);
            let there = self.root.read(&item.path).at("cannot read", &full)?;
            let mut beside = item.path.into_os_string();
            beside.push(".dpkg-dist");
            item.path = beside.into();
            self.root.remove_file(&item.path).at("cannot replace", &full)?;
            extract::create(self.root, &item, content, &mut self.buffer, &mut seen)
                .at("cannot unpack", &full)?;
            if self.root.read(&item.path).at("cannot read", &full)? == there {
                self.root.remove_file(&item.path).at("cannot remove", full)?;
            }
            return Ok(true);
        }
        self.root.remove_file(&item.path).at("cannot replace", &full)?;
        extract::create(self.root, &item, content, &mut self.buffer, &mut seen).at("cannot unpack", full)?;
        self.owners.insert(path_key, index);
        Ok(true)
    }

    fn diverted(&self, item: &Item) -> Item {
        let mut item = item.clone();
        if self.diversions.is_empty() {
            return item;
        }
        let own = self
            .packages
            .last()
            .map_or("", |(package, _)| package.fields.name());
        let name = String::from_utf8_lossy(&listed(&item.path)).into_owned();
        if let Some((to, package)) = self.diversions.get(&name)
            && package != own
            && let Some(to) = relative(Path::new(to))
        {
            item.path = to;
        }
        item
    }

    fn finish(&mut self) -> io::Result<()> {
        let mut activated = Activated::new(self.root)?;
        for (path, mtime) in self.directories.iter().rev() {
            extract::set_time(self.root, path, *mtime)?;
        }
        for (name, lost) in std::mem::take(&mut self.lost) {
            let file = format!("{DIR}/info/{name}.list");
            let list = self.root.read(&file)?;
            let kept: Vec<&[u8]> = list
                .split(|byte| *byte == b'\n')
                .filter(|line| !lost.contains(*line))
                .collect();
            self.root.write(&file, &kept.join(&b'\n'), 0o644)?;
        }
        for (package, paths) in &self.packages {
            if package.later {
                continue;
            }
            for path in &paths.list {
                activated.came(path);
            }
            let name = package.fields.qualified();
            let mut list = paths.list.join(&b'\n');
            list.push(b'\n');
            self.root.write(format!("{DIR}/info/{name}.list"), &list, 0o644)?;
            if let Some(sums) = &paths.sums {
                self.root
                    .write(format!("{DIR}/info/{name}.md5sums"), sums.as_bytes(), 0o644)?;
            }
            for (member, bytes) in paths.control.iter().filter(|(member, _)| member != "control") {
                let mode = if SCRIPTS.contains(&member.as_str()) {
                    0o755
                } else {
                    0o644
                };
                self.root
                    .write(format!("{DIR}/info/{name}.{member}"), bytes, mode)?;
                if member == "triggers" {
                    database::add_triggers(self.root, &name, &String::from_utf8_lossy(bytes))?;
                }
            }
            let mut fields = package.fields.clone();
            fields.set("Status", "install ok unpacked", "Package");
            if !paths.conffiles.is_empty() {
                let lines = paths
                    .conffiles
                    .iter()
                    .map(|(path, sum)| format!("\n {path} {sum}"));
                fields.set("Conffiles", lines.collect::<String>(), "");
            }
            // What an earlier removal left of it.
            self.installed.retain(|other| other.fields.qualified() != name);
            self.installed.push(Installed { fields });
        }
        activated.write(self.root)?;
        database::write_status(self.root, &self.installed)
    }
}

fn corrupt(deb: &Path, reason: &str) -> BuildError {
    BuildError::Packages {
        code: "package-corrupt",
        message: format!("`{}` is not a sound Debian package: {reason}", deb.display()),
        place: None,
        help: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Reporter;
    use crate::packages::testing::{build_deb, build_deb_with};

    const NEW: &str = "Package: new\nVersion: 1\nArchitecture: all\n";

    /// A tree with an empty database.
    fn fresh(dir: &Path) -> Root {
        let tree = dir.join("tree");
        std::fs::create_dir(&tree).expect("it is made");
        let mut root = Root::open(&tree).expect("it opens");
        database::make(&mut root, "amd64").expect("it is made");
        root
    }

    #[test]
    fn packages_of_before_hear_of_new_files() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut root = fresh(dir.path());
        database::add_triggers(
            &mut root,
            "old",
            "interest-noawait /usr/share/new\ninterest /usr/share/other\n",
        )
        .expect("they are written");
        let deb = build_deb(dir.path(), NEW, "gzip");
        let step = Reporter::silent().step("unpack", "");
        unpack(&mut root, &[&deb], false, &|_| false, &step).expect("it is unpacked");
        let told = root.text(format!("{DIR}/triggers/Unincorp")).expect("it is read");
        assert_eq!(told.as_deref(), Some("/usr/share/new -\n"));
    }

    #[test]
    fn a_configuration_file_that_a_script_has_brought_stays() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut root = fresh(dir.path());
        root.make_dirs("usr/share/new".as_ref()).expect("it is made");
        root.write("usr/share/new/file", b"mine\n", 0o644)
            .expect("it is written");
        let conffiles = [("conffiles", "/usr/share/new/file\n")];
        let deb = build_deb_with(dir.path(), NEW, "gzip", &conffiles);
        let step = Reporter::silent().step("unpack", "");
        unpack(&mut root, &[&deb], false, &|_| false, &step).expect("it is unpacked");
        let text = |name: &str| root.text(name).expect("it is read");
        assert_eq!(text("usr/share/new/file").as_deref(), Some("mine\n"));
        assert_eq!(text("usr/share/new/file.dpkg-dist").as_deref(), Some("new 1\n"));
        let status = text("var/lib/dpkg/status").unwrap_or_default();
        let sum = hex::encode(Md5::digest(b"new 1\n"));
        assert!(
            status.contains(&format!("\n /usr/share/new/file {sum}\n")),
            "{status}"
        );
    }

    #[test]
    fn documentation_stays_out_where_it_is_to() {
        for (path, kind) in [
            ("usr/share/man/man1/ls.1.gz", Kind::File),
            ("usr/share/man/man1", Kind::Dir),
            ("usr/share/doc/ls/README", Kind::File),
        ] {
            assert!(is_doc(Path::new(path), kind), "{path}");
        }
        for (path, kind) in [
            ("usr/share/man", Kind::Dir),
            ("usr/share/doc/ls/copyright", Kind::File),
            ("usr/share/doc/ls", Kind::Dir),
            ("usr/share/manual", Kind::File),
        ] {
            assert!(!is_doc(Path::new(path), kind), "{path}");
        }
    }
}
