//! The package manager `apt`: repositories, what to install in which transaction, what to remove. The engine does apt's
//! work itself; only removal uses the tree's tools.

use std::fmt::Write as _;
use std::path::Path;

use apteryx_schema::description::model::{Item, Repository};
use apteryx_schema::description::{PackageKind, View};

use super::blame;
use super::dpkg::{self, database};
use super::{InstalledPackage, PrepareRequest};
use crate::error::{BuildError, IoContext, Place};
use crate::events::{Event, Outcome, Reporter, many_packages};
use crate::packages::{self, HostMirror, KeySource, Options, RepoSpec, Request, Universe, debian_arch};
use crate::sandbox::{Cmd, Root};
use crate::store::Store;

/// Directories of a merged `/usr` for an architecture, beside `bin`, `sbin` and `lib`.
fn merged(arch: &str) -> &'static [&'static str] {
    match arch {
        "amd64" | "ppc64el" | "loong64" => &["lib64"],
        _ => &[],
    }
}

fn place(item: &Item) -> Place {
    Some(item.name.place())
}

/// What one transaction installs.
#[derive(Debug)]
pub struct Stage {
    /// The sections that ask for it.
    kinds: Vec<PackageKind>,
    /// Names and versions of what is there before it.
    already: Vec<(String, String)>,
    /// The packages.
    pub solution: packages::Solution,
}

/// What a build's package work needs.
#[derive(Debug)]
pub struct Apt {
    universe: Universe,
    store: Store,
    options: Options,
    arch: String,
    reporter: Reporter,
}

impl Apt {
    /// Fetches the metadata of the repositories that packages are installed from.
    pub fn open(
        request: &PrepareRequest,
        view: &View<'_>,
        repositories: &[&Repository],
        dir: &Path,
        reporter: &Reporter,
    ) -> Result<Self, BuildError> {
        let used: Vec<&&Repository> = repositories
            .iter()
            .filter(|repo| repo.element.attrs.bool("imageonly") != Some(true))
            .collect();
        if used.is_empty() {
            return Err(BuildError::Description {
                code: "no-repository",
                message: "no repository is active that packages could come from".to_owned(),
                place: None,
                help: Some("add a `<repository>`, or give one with `--set-repo`".to_owned()),
            });
        }
        let mirror = if request.host_mirror {
            HostMirror::detect()
        } else {
            None
        };
        let specs = used
            .iter()
            .map(|repo| RepoSpec::from_description(repo, dir, mirror.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        let store = Store::open(request.store.as_deref())?;
        let options = Options {
            mirror,
            ..Options::default()
        };
        let arch = debian_arch(&view.arch).to_owned();
        let universe = packages::refresh(&specs, &arch, &store, reporter, &options)?;
        Ok(Self {
            universe,
            store,
            options,
            arch,
            reporter: reporter.clone(),
        })
    }

    /// The bytes of a key that signs a repository.
    pub fn key(&self, source: &KeySource) -> Result<Vec<u8>, BuildError> {
        packages::key(source, &self.store, &self.options)
    }

    /// The links and directories that a tree begins with, and dpkg's empty database.
    pub fn skeleton(&self, root: &mut Root) -> Result<(), BuildError> {
        let tree = root.path().to_owned();
        let make = |root: &mut Root| -> std::io::Result<()> {
            for name in ["bin", "sbin", "lib"].iter().chain(merged(&self.arch)) {
                root.make_dirs(&Path::new("usr").join(name))?;
                root.symlink(format!("usr/{name}"), name)?;
            }
            for name in ["dev", "proc", "sys", "run", "etc", "var", "tmp"] {
                root.make_dirs(Path::new(name))?;
            }
            root.own("tmp", None, Some(0o1777))?;
            database::make(root, &self.arch)
        };
        make(root).at("cannot write", tree)
    }

    /// Chooses the packages of each stage, one after the other, without touching the tree: what cannot be had is told
    /// before any work begins.
    pub fn plan(&self, view: &View<'_>, stages: &[Vec<PackageKind>]) -> Result<Vec<Stage>, BuildError> {
        let mut already: Vec<(String, String)> = Vec::new();
        let mut planned = Vec::new();
        for kinds in stages {
            let solution = packages::solve(&self.universe, &self.request(view, kinds, &already))?;
            let before = already.clone();
            already.extend(solution.packages.iter().map(|one| {
                let package = &one.package;
                (package.name().to_owned(), package.version().to_owned())
            }));
            planned.push(Stage {
                kinds: kinds.clone(),
                already: before,
                solution,
            });
        }
        Ok(planned)
    }

    /// Brings the packages of all stages into the store. Gives a few words on how many they are.
    pub fn fetch(&self, stages: &[Stage]) -> Result<(Outcome, String), BuildError> {
        let all = stages.iter().flat_map(|stage| &stage.solution.packages);
        let all = packages::Solution {
            packages: all.cloned().collect(),
        };
        let each = || all.packages.iter().map(|one| &one.package);
        let new = each()
            .filter(|package| !self.store.package_path(&package.sha256()).exists())
            .count();
        packages::download(&all, &self.store, &self.reporter, &self.options)?;
        let bytes: u64 = each().map(|package| package.size()).sum();
        let megabytes = bytes.div_ceil(1_000_000);
        let outcome = match new {
            0 => Outcome::Stored,
            _ => Outcome::Done,
        };
        let summary = format!(
            "{}, {megabytes} MB ({new} new)",
            many_packages(all.packages.len())
        );
        Ok((outcome, summary))
    }

    /// Installs what a stage has planned; planned anew where a script has changed what is there.
    pub fn install(
        &self,
        root: &mut Root,
        view: &View<'_>,
        stage: &Stage,
        helpers: &Path,
    ) -> Result<(), BuildError> {
        let mut already: Vec<(String, String)> = installed(root)?
            .iter()
            .map(|one| (plain(&one.name).to_owned(), one.version.clone()))
            .collect();
        already.sort();
        let mut expected = stage.already.clone();
        expected.sort();
        let first = already.is_empty();
        let anew = if already == expected {
            None
        } else {
            let request = self.request(view, &stage.kinds, &already);
            Some(packages::solve(&self.universe, &request)?)
        };
        let solution = anew.as_ref().unwrap_or(&stage.solution);
        // What was planned is in the store already, and was told of.
        let silent = Reporter::silent();
        let reporter = if anew.is_some() { &self.reporter } else { &silent };
        let downloaded = packages::download(solution, &self.store, reporter, &self.options)?;

        let step = self.reporter.step("prepare/unpack", "unpack packages");
        let paths: Vec<&Path> = downloaded.iter().map(|one| one.path.as_path()).collect();
        // A script that diverts files of other packages must run before its own files come.
        let later = |package: &dpkg::unpack::Package| {
            let diverts = package
                .preinst
                .as_ref()
                .is_some_and(|script| script.contains("dpkg-divert"));
            diverts && package.fields.get("Essential") != "yes" && !needed_by_dpkg(package.fields.name())
        };
        let without_docs = view.rpm_excludedocs() == Some(true);
        let unpacked = dpkg::unpack::unpack(root, &paths, without_docs, &later, &step)?;
        step.finish(Outcome::Done, many_packages(unpacked.len()));

        let step = self.reporter.step("prepare/configure", "configure packages");
        let blame = |name: &str| blame::brought_by(name, solution, view);
        dpkg::configure::configure(root, &unpacked, first, without_docs, helpers, &blame, &step)?;
        root.forget();
        self.mark(root, solution, view, &stage.kinds)?;
        step.finish(Outcome::Done, many_packages(unpacked.len()));
        Ok(())
    }

    fn request(&self, view: &View<'_>, kinds: &[PackageKind], already: &[(String, String)]) -> Request {
        let mut install: Vec<(String, Place)> = Vec::new();
        let mut ignore = Vec::new();
        let mut recommends = false;
        for kind in kinds {
            let list = view.packages(*kind);
            if let Some(prepared) = list.bootstrap_package {
                self.reporter.send(Event::Warning {
                    step: "packages".to_owned(),
                    message: format!(
                        "`bootstrap_package=\"{}\"` is not used: the tree begins with the packages of the section",
                        prepared.value
                    ),
                });
            }
            recommends |= list.recommended;
            ignore.extend(list.ignores.iter().map(|item| item.name.value.trim().to_owned()));
            for item in &list.packages {
                let name = item.name.value.trim();
                if !install.iter().any(|(other, _)| other == name) {
                    install.push((name.to_owned(), place(item)));
                }
            }
            for item in list.collections.iter().chain(&list.products) {
                self.reporter.send(Event::Warning {
                    step: "packages".to_owned(),
                    message: format!(
                        "`{}` is ignored: apt knows no `<{}>`",
                        item.name.value,
                        item.kind.element()
                    ),
                });
            }
        }
        let manager = view.manager_package();
        if kinds.contains(&PackageKind::Bootstrap)
            && !view.packages(PackageKind::System).packages.is_empty()
            && !install.iter().any(|(name, _)| name == manager)
        {
            install.push((manager.to_owned(), view.first("packagemanager").map(blame::at)));
        }
        // What is there is not asked for again.
        install.retain(|(name, _)| !already.iter().any(|(there, _)| there == name));
        Request {
            install,
            ignore,
            recommends,
            essential: already.is_empty(),
            already: already.to_vec(),
        }
    }

    /// Tells apt which packages came only because others need them, as it would have noted itself. What came so, and is
    /// asked for by name later, is no longer one of them.
    fn mark(
        &self,
        root: &mut Root,
        solution: &packages::Solution,
        view: &View<'_>,
        kinds: &[PackageKind],
    ) -> Result<(), BuildError> {
        if !root.is_dir("/var/lib/apt") {
            return Ok(());
        }
        let file = "/var/lib/apt/extended_states";
        let path = root.path().join(&file[1..]);
        let lists: Vec<_> = kinds.iter().map(|kind| view.list(*kind)).collect();
        let asked = |name: &str| {
            let mut items = lists.iter().flat_map(|list| &list.packages);
            items.any(|item| item.name.value.trim() == name)
        };
        let before = root.text(file).at("cannot read", &path)?.unwrap_or_default();
        let name = |paragraph: &str| {
            paragraph
                .strip_prefix("Package: ")?
                .lines()
                .next()
                .map(str::to_owned)
        };
        let mut text: String = before
            .split_inclusive("\n\n")
            .filter(|paragraph| !name(paragraph).is_some_and(|name| asked(&name)))
            .collect();
        for selected in &solution.packages {
            let package = &selected.package;
            // apt never removes what every system has.
            if matches!(selected.because, packages::Because::Needed { .. })
                && package.priority() != "required"
            {
                let arch = match package.architecture() {
                    "all" => &self.arch,
                    arch => arch,
                };
                let _ = write!(
                    text,
                    "Package: {}\nArchitecture: {arch}\nAuto-Installed: 1\n\n",
                    package.name()
                );
            }
        }
        if text == before {
            return Ok(());
        }
        root.write(file, text.as_bytes(), 0o644).at("cannot write", path)
    }
}

/// What the tree's dpkg cannot run without: these are never left to it to unpack.
fn needed_by_dpkg(name: &str) -> bool {
    let libraries = [
        "libacl1",
        "libbz2-1.0",
        "liblzma5",
        "libmd0",
        "libpcre2-8-0",
        "libselinux1",
        "libzstd1",
        "zlib1g",
    ];
    matches!(name, "dpkg" | "tar" | "libc6") || libraries.contains(&name)
}

/// The name without an architecture.
fn plain(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// What dpkg's database says is in the tree, sorted.
pub fn installed(root: &Root) -> Result<Vec<InstalledPackage>, BuildError> {
    let status = database::read_status(root).at("cannot read the package database of", root.path())?;
    let present = status.iter().filter(|package| package.present());
    let mut found: Vec<InstalledPackage> = present
        .map(|package| InstalledPackage {
            name: package.fields.qualified(),
            version: package.fields.get("Version").to_owned(),
            arch: package.fields.get("Architecture").to_owned(),
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// `uninstall`: with what depends on it and what nothing needs any more. `delete`: by force, alone, without scripts.
pub fn remove(
    root: &mut Root,
    view: &View<'_>,
    helpers: &Path,
    reporter: &Reporter,
) -> Result<(), BuildError> {
    for kind in [PackageKind::Uninstall, PackageKind::Delete] {
        let wanted = view.packages(kind).packages;
        if wanted.is_empty() {
            continue;
        }
        let step = reporter.step("prepare/remove", "remove packages");
        let there = installed(root)?;
        let mut names: Vec<&str> = Vec::new();
        let first = wanted.first().and_then(|item| place(item));
        for item in wanted {
            let name = item.name.value.trim();
            match there
                .iter()
                .find(|one| plain(&one.name) == name || one.name == name)
            {
                Some(one) => names.push(&one.name),
                None => reporter.send(Event::Warning {
                    step: step.name().to_owned(),
                    message: format!("`{name}` is not installed, and need not be removed"),
                }),
            }
        }
        if names.is_empty() {
            step.finish(Outcome::Done, "nothing to remove");
            continue;
        }
        let sandbox = dpkg::configure::sandbox(root, helpers)?;
        let cmd = if kind == PackageKind::Uninstall && root.exists("/usr/bin/apt-get") {
            Cmd::new("apt-get").args(["-q", "-y", "--auto-remove", "remove"])
        } else if kind == PackageKind::Uninstall {
            Cmd::new("dpkg").arg("--remove")
        } else {
            for (name, script) in names
                .iter()
                .flat_map(|name| ["prerm", "postrm"].map(|script| (name, script)))
            {
                let file = format!("{}/info/{name}.{script}", database::DIR);
                root.remove_file(&file)
                    .at("cannot remove", root.path().join(&file))?;
            }
            let force = "--force-depends,remove-essential,remove-protected,remove-reinstreq";
            Cmd::new("dpkg").args([force, "--remove"])
        };
        let cmd = cmd.args(names.iter().copied()).doing("removing packages");
        sandbox
            .run(&cmd, &step)
            .map_err(|error| error.asked(first, None))?;
        root.forget();
        step.finish(Outcome::Done, many_packages(names.len()));
    }
    Ok(())
}
