//! What a worker process does: one request type over all jobs. The command line calls [`hidden`] first thing in `main`
//! and [`run`] for the work; everything that touches a tree happens in the worker, in its namespaces.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{BuildError, IoContext};
use crate::events::Reporter;
use crate::sandbox::{self, Worker};
pub use crate::sandbox::{Audit, Signals};

/// A job for the worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkerRequest {
    /// Removes trees, which may belong to ids of the user namespace. Answers with nothing.
    Remove(Vec<PathBuf>),
    /// Makes images from a tree. Answers with `create::Created`.
    Create(crate::create::CreateRequest),
    /// Makes a tree. Answers with `prepare::Prepared`.
    Prepare(crate::prepare::PrepareRequest),
}

/// To be called first thing in `main`: runs this process' hidden part, if it has one, and gives the exit status.
pub fn hidden() -> Option<i32> {
    sandbox::hidden(
        |request, worker| {
            let request = serde_json::from_value(request).map_err(|error| BuildError::Internal {
                message: format!("the request cannot be read: {error}"),
            })?;
            work(request, worker)
        },
        |request| {
            if let Ok(WorkerRequest::Prepare(request)) = serde_json::from_value(request) {
                crate::store::sweep(request.store.as_deref());
            }
        },
    )
}

/// Runs a job in a worker (see [`sandbox::supervise`]); `target` is the directory its results go to.
pub fn run<T: DeserializeOwned>(
    request: &WorkerRequest,
    target: &Path,
    reporter: &Reporter,
) -> Result<T, BuildError> {
    sandbox::supervise(request, target, reporter)
}

/// Files that a worker may have open: packages are unpacked in parallel, each with its directories open, which is more
/// than the 1024 that a login gets. Not more than this either, as there are programs that close all they could have.
const OPEN_FILES: u64 = 65_536;

/// Raises the limit of open files as far as the system lets everybody. Where that fails, the old limit holds.
fn raise_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, now.max(most.min(OPEN_FILES)), most);
    }
}

fn work(request: WorkerRequest, worker: &Worker) -> Result<serde_json::Value, BuildError> {
    raise_limit();
    match request {
        WorkerRequest::Create(request) => {
            let created = crate::create::run(&request, &worker.scratch, &worker.reporter);
            answer(&created.map_err(|error| error.or_full(&request.target))?)
        }
        WorkerRequest::Prepare(request) => {
            let prepared = crate::prepare::work(&request, worker);
            answer(&prepared.map_err(|error| error.or_full(&request.target))?)
        }
        WorkerRequest::Remove(paths) => {
            for path in paths {
                sandbox::remove_tree(&path).at("cannot remove", &path)?;
            }
            answer(&())
        }
    }
}

fn answer(value: &impl Serialize) -> Result<serde_json::Value, BuildError> {
    serde_json::to_value(value).map_err(|error| BuildError::Internal {
        message: format!("the answer cannot be written: {error}"),
    })
}
