//! Turns a description into an unpacked root tree, in KIWI's order: one file per package manager and per concern.
//!
//! [`run`] is called by the user-visible process and starts a worker; [`work`] is what happens in it. The tree is made in
//! the worker's scratch directory and gets its final name when all is done.

pub mod apt;
mod blame;
mod certificates;
mod clean;
pub mod content;
mod crypt;
pub mod dpkg;
pub mod extract;
mod image_repositories;
mod machine;
mod needs;
pub mod overlay;
pub mod profile;
mod refused;
pub mod repository;
pub mod script;
pub mod settings;
mod target;
pub mod users;

use std::path::{Path, PathBuf};

use apteryx_schema::description::model::Repository;
use apteryx_schema::description::{LoadError, LoadOptions, Loaded, PackageKind, View, load};
use serde::{Deserialize, Serialize};

use self::apt::{Apt, Stage};
use crate::error::{BuildError, IoContext};
use crate::events::{Outcome, Reporter};
use crate::jobs::{self, WorkerRequest};
use crate::sandbox::{Root, Worker};

/// What to prepare.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrepareRequest {
    /// The description's folder or file, absolute.
    pub description: PathBuf,
    /// The existing directory for results, absolute; the tree is `build/image-root` in it.
    pub target: PathBuf,
    /// `--profile`.
    pub profiles: Vec<String>,
    /// `--type`.
    pub image: Option<String>,
    /// The machine name (`uname -m`).
    pub arch: String,
    /// Use the host's mirror where a repository is of the host's distribution.
    pub host_mirror: bool,
    /// A repository in place of the description's first, as kiwi-ng's option writes it.
    pub set_repo: Option<String>,
    /// Where the store lies; its default place where none is given.
    pub store: Option<PathBuf>,
    /// SOURCE_DATE_EPOCH, where it is set.
    pub time: Option<u64>,
}

/// A package in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledPackage {
    /// Its name, with the architecture where several may be installed.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub arch: String,
}

/// A finished tree.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prepared {
    /// Where it lies.
    pub root: PathBuf,
    /// What is installed in it, sorted by name.
    pub packages: Vec<InstalledPackage>,
}

/// Prepares a tree in a worker process.
pub fn run(request: &PrepareRequest, reporter: &Reporter) -> Result<Prepared, BuildError> {
    target::check(&request.target)?;
    jobs::run(
        &WorkerRequest::Prepare(request.clone()),
        &request.target,
        reporter,
    )
}

/// The error where there is no description to build.
pub fn not_loaded(error: &LoadError) -> BuildError {
    BuildError::Usage {
        code: "no-description",
        message: error.to_string(),
        help: error.help(),
    }
}

/// The view that a request asks for.
fn view<'l>(request: &PrepareRequest, loaded: &'l Loaded) -> Result<View<'l>, BuildError> {
    View::new(
        &loaded.image,
        &request.profiles,
        request.image.as_deref(),
        &request.arch,
    )
    .map_err(|error| BuildError::Description {
        code: error.code(),
        message: error.to_string(),
        place: error.place(),
        help: error.help(),
    })
}

/// The worker's part.
pub(crate) fn work(request: &PrepareRequest, worker: &Worker) -> Result<Prepared, BuildError> {
    let loaded = load(&request.description, &LoadOptions::default()).map_err(|error| not_loaded(&error))?;
    let view = view(request, &loaded)?;
    if view.package_manager() != "apt" {
        return Err(BuildError::Description {
            code: "package-manager-unsupported",
            message: format!(
                "the package manager `{}` is not supported yet",
                view.package_manager()
            ),
            place: view.first("packagemanager").map(settings::value),
            help: Some("`apt` is".to_owned()),
        });
    }
    machine::check(&view.arch)?;
    refused::check(&view)?;
    image_repositories::check(&view, &loaded.dir)?;
    content::check(&view, &loaded.dir)?;
    certificates::check(&view, &loaded.dir)?;
    let given = request.set_repo.as_deref().map(repository::parse).transpose()?;
    let mut repositories: Vec<&Repository> = view.repositories();
    if let Some(given) = &given {
        repositories.splice(..repositories.len().min(1), [given]);
    }
    let step = worker
        .reporter
        .step("packages", "read metadata, choose, download");
    let apt = Apt::open(request, &view, &repositories, &loaded.dir, &worker.reporter)?;
    let stages = apt.plan(&view, &stages(&view, &loaded.dir))?;
    needs::check(&view, &loaded.dir, &stages)?;
    let (outcome, summary) = apt.fetch(&stages)?;
    step.finish(outcome, summary);

    let step = worker
        .reporter
        .step("prepare", "unpack, configure, overlay, scripts");
    let tree = worker.scratch.join("image-root");
    let helpers = worker.scratch.join("helpers");
    for dir in [&tree, &helpers] {
        std::fs::create_dir(dir).at("cannot make", dir)?;
    }
    let mut root = Root::open(&tree).at("cannot open", &tree)?;
    let job = Job {
        request,
        loaded: &loaded,
        view: &view,
        helpers: &helpers,
        reporter: &worker.reporter,
    };
    job.packages(&mut root, &apt, &stages)?;
    job.settings(&mut root, &apt, &repositories)?;
    let packages = apt::installed(&root)?;
    drop(root);
    let root = target::publish(&tree, &request.target, &worker.scratch, &packages)?;
    let scripts = ["post_bootstrap.sh", "config.sh"]
        .into_iter()
        .filter(|name| loaded.dir.join(name).is_file());
    let did: Vec<&str> = ["unpack", "configure", "overlay"]
        .into_iter()
        .chain(scripts)
        .collect();
    step.finish(Outcome::Done, did.join(", "));
    Ok(Prepared { root, packages })
}

/// The transactions: all in one, or two where something of the description stands between.
fn stages(view: &View<'_>, dir: &Path) -> Vec<Vec<PackageKind>> {
    let bootstrap = view.packages(PackageKind::Bootstrap);
    let system = view.packages(PackageKind::System);
    let between = dir.join("post_bootstrap.sh").is_file() || !bootstrap.archives.is_empty();
    if between || bootstrap.recommended != system.recommended {
        vec![vec![PackageKind::Bootstrap], vec![PackageKind::System]]
    } else {
        vec![vec![PackageKind::Bootstrap, PackageKind::System]]
    }
}

struct Job<'j> {
    request: &'j PrepareRequest,
    loaded: &'j Loaded,
    view: &'j View<'j>,
    helpers: &'j Path,
    reporter: &'j Reporter,
}

impl Job<'_> {
    /// Everything up to the last package.
    fn packages(&self, root: &mut Root, apt: &Apt, stages: &[Stage]) -> Result<(), BuildError> {
        let (view, dir) = (self.view, &self.loaded.dir);
        apt.skeleton(root)?;
        let mut stages = stages.iter();
        if let Some(stage) = stages.next() {
            apt.install(root, view, stage, self.helpers)?;
        }
        content::archives(root, view, dir, PackageKind::Bootstrap)?;
        content::store(root, self.loaded, view)?;
        self.script(root, "post_bootstrap.sh")?;
        for stage in stages {
            apt.install(root, view, stage, self.helpers)?;
        }
        content::archives(root, view, dir, PackageKind::System)
    }

    /// Everything after that, in KIWI's order.
    fn settings(&self, root: &mut Root, apt: &Apt, repositories: &[&Repository]) -> Result<(), BuildError> {
        let (view, dir) = (self.view, &self.loaded.dir);
        let tree = root.path().to_owned();
        let variables = profile::file(&profile::variables(view));
        root.write("/.profile", variables.as_bytes(), 0o644)
            .at("cannot write", tree.join(".profile"))?;
        let step = self
            .reporter
            .step("prepare/settings", "overlay, users and settings");
        let sandbox = dpkg::configure::sandbox(root, self.helpers)?;
        certificates::trust(root, view, dir, &sandbox, &step)?;
        content::overlays(root, view, dir)?;
        root.forget();
        if let Some(id) = view.image.attrs.get("id") {
            root.write("/etc/ImageID", format!("{id}\n").as_bytes(), 0o644)
                .at("cannot write", tree.join("etc/ImageID"))?;
        }
        users::make(root, view, self.request.time, &step)?;
        let sandbox = dpkg::configure::sandbox(root, self.helpers)?;
        settings::apply(root, view, &sandbox, self.reporter, &step)?;
        root.forget();
        content::files(root, view, dir)?;
        image_repositories::write(root, apt, repositories, dir)?;
        step.finish(Outcome::Done, "");
        self.script(root, "config.sh")?;
        apt::remove(root, view, self.helpers, self.reporter)?;
        clean::clean(root)
    }

    fn script(&self, root: &mut Root, name: &str) -> Result<(), BuildError> {
        if !root.exists(Path::new("/image").join(name)) {
            return Ok(());
        }
        let step = self
            .reporter
            .step(format!("prepare/{name}"), format!("run {name}"));
        let variables = profile::variables(self.view);
        script::run(root, name, &self.loaded.dir, &variables, self.helpers, &step)?;
        step.finish(Outcome::Done, "");
        Ok(())
    }
}
