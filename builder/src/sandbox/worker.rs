//! The worker's side of a job: reads the request, runs it, speaks events and the answer on standard output.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use serde::Deserialize;

use super::wire::{self, Message, WireError};
use crate::error::BuildError;
use crate::events::Reporter;

/// What a worker is given beside its request.
#[derive(Debug, Clone)]
pub struct Worker {
    /// An empty directory in the target directory, on its file system. Make results here and rename them out; what is
    /// left in it is removed when the job ends, however it ends.
    pub scratch: PathBuf,
    /// Where events go.
    pub reporter: Reporter,
}

#[derive(Deserialize)]
struct Input {
    scratch: PathBuf,
    request: serde_json::Value,
}

fn say(message: &Message) {
    static OUT: Mutex<()> = Mutex::new(());
    let line = wire::line(message);
    let _guard = OUT.lock();
    let mut out = std::io::stdout();
    // Where nobody listens the job is ended from outside.
    let _ = out.write_all(&line);
    let _ = out.flush();
}

/// Runs `job` on the request that standard input holds. Gives the exit status.
pub(super) fn worker<J>(job: J) -> i32
where
    J: FnOnce(serde_json::Value, &Worker) -> Result<serde_json::Value, BuildError>,
{
    super::sys::close_on_exec_from(3);
    std::panic::set_hook(Box::new(|panic| {
        say(&Message::Error(WireError::Internal {
            message: format!("the worker failed: {panic}"),
        }));
    }));
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    let input = read
        .map_err(|error| error.to_string())
        .and_then(|_| serde_json::from_str::<Input>(&text).map_err(|error| error.to_string()));
    let answer = match input {
        Ok(input) => {
            let worker = Worker {
                scratch: input.scratch,
                reporter: Reporter::new(|event| say(&Message::Event(event))),
            };
            job(input.request, &worker)
        }
        Err(error) => Err(BuildError::Internal {
            message: format!("the request cannot be read: {error}"),
        }),
    };
    match answer {
        Ok(value) => say(&Message::Reply(value)),
        Err(error) => say(&Message::Error(WireError::from(error))),
    }
    0
}
