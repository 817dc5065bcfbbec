//! The only place with namespaces, mounts and process spawning.
//!
//! - [`supervise`] runs a job in a worker process in its own user (when not root), mount, pid and ipc namespaces; the
//!   binary's `main` must call [`hidden`] before anything else, as the helpers are the same program under hidden verbs.
//! - [`run_tool`] runs a tool of the host, [`Sandbox`] one of a tree with that tree as its root.
//! - [`overlay`] is a writable view of a tree, inside the worker's mount namespace.
//! - [`remove_tree`] and [`copy_tree`] never cross a mount and never follow a link.
//!
//! Cancel = end the namespace's init: no process or mount can be left, by construction. What is unfinished stands in one
//! scratch directory that the janitor removes.

mod audit;
mod child;
mod cmd;
mod enter;
mod guest;
mod ids;
mod inside;
mod janitor;
mod overlay;
pub mod probe;
mod root;
mod scratch;
mod supervise;
mod sys;
mod tree;
mod wire;
mod worker;

pub use audit::Audit;
pub use child::{Group, Line, run_child};
pub use cmd::{Cmd, Output, PATH, TAIL_LINES, run_tool, try_tool};
pub use enter::Sandbox;
pub use guest::{Guest, start as start_guest};
pub use ids::ranges as subordinate_ids;
pub use overlay::{Overlay, overlay};
pub use root::{Root, relative};
pub use scratch::is_scratch_name;
pub use supervise::{Signals, supervise};
pub use tree::{copy_tree, remove_tree};
pub use worker::Worker;

use crate::error::BuildError;

/// To be called first thing in `main`, before any thread starts: where this process is one of the hidden helpers
/// (first argument), runs it and gives the exit status. `job` is what a worker does with its request; `after` is called
/// with the request once its worker is no more, however it ended, for what it left outside its scratch directory.
pub fn hidden<J, A>(job: J, after: A) -> Option<i32>
where
    J: FnOnce(serde_json::Value, &Worker) -> Result<serde_json::Value, BuildError>,
    A: FnOnce(serde_json::Value),
{
    let verb = std::env::args_os().nth(1)?;
    if verb == supervise::JANITOR {
        Some(janitor::janitor(after))
    } else if verb == janitor::WORKER {
        Some(worker::worker(job))
    } else if verb == enter::ENTER {
        Some(inside::enter())
    } else {
        None
    }
}
