//! The scripts of a description that belong to `create`: copied anew into the tree, so that an edit of one counts without
//! another `prepare`, and run there as `prepare` runs its own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use apteryx_schema::description::View;

use crate::error::{BuildError, IoContext};
use crate::events::{Outcome, Reporter};
use crate::prepare::profile;
use crate::prepare::script::{self, Call};
use crate::sandbox::Root;

/// What all scripts of one image have in common.
#[derive(Debug)]
pub struct Scripts {
    dir: PathBuf,
    tree: PathBuf,
    helpers: PathBuf,
    variables: BTreeMap<String, String>,
}

impl Scripts {
    /// For the description in `dir`; `tree` is the writable view, `scratch` the worker's directory.
    pub fn new(dir: &Path, tree: &Path, view: &View<'_>, scratch: &Path) -> Result<Self, BuildError> {
        let helpers = scratch.join("helpers");
        std::fs::create_dir(&helpers).at("cannot write", &helpers)?;
        Ok(Self {
            dir: dir.to_owned(),
            tree: tree.to_owned(),
            helpers,
            variables: profile::variables(view),
        })
    }

    /// Runs the script of a fixed name, where the description has it.
    pub fn run(&self, name: &str, reporter: &Reporter) -> Result<(), BuildError> {
        if !self.dir.join(name).is_file() {
            return Ok(());
        }
        self.run_file(name, Path::new(name), Vec::new(), Vec::new(), reporter)
    }

    /// Runs the description's file `path` as `/image/NAME`, with arguments and writable directories of the host (from, to).
    pub fn run_file(
        &self,
        name: &str,
        path: &Path,
        args: Vec<OsString>,
        binds: Vec<(PathBuf, PathBuf)>,
        reporter: &Reporter,
    ) -> Result<(), BuildError> {
        let path = &self.dir.join(path);
        let step = reporter.step(format!("create/{name}"), format!("run {name}"));
        let bytes = std::fs::read(path).at("cannot read", path)?;
        let mode = std::fs::metadata(path)
            .at("cannot read", path)?
            .permissions()
            .mode();
        let mut root = Root::open(&self.tree).at("cannot open", &self.tree)?;
        let inside = Path::new("/image").join(name);
        root.make_dirs(Path::new("/image"))
            .and_then(|()| root.remove_file(&inside))
            .and_then(|()| root.write(&inside, &bytes, mode & 0o777))
            .at("cannot write", self.tree.join("image").join(name))?;
        let call = Call {
            name: name.to_owned(),
            path: path.to_owned(),
            args,
            binds,
        };
        script::run_call(&mut root, &call, &self.variables, &self.helpers, &step)?;
        step.finish(Outcome::Done, "");
        Ok(())
    }
}
