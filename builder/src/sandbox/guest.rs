//! A long-lived process whose output is read while it runs (a guest under QEMU). It ends with this value, and also where
//! this process is killed.
#![allow(clippy::disallowed_methods)] // Starts a process.

use std::io::Read;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::Cmd;
use crate::error::{BuildError, IoContext};

/// It runs.
#[derive(Debug)]
pub struct Guest {
    child: Child,
    /// What it prints, as it comes; disconnected when it has closed its output.
    pub output: Receiver<Vec<u8>>,
}

/// Starts `cmd` with standard output and error joined to one stream.
pub fn start(cmd: &Cmd) -> Result<Guest, BuildError> {
    // setpriv asks the kernel to end the guest where this process ends, however it ends.
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(&cmd.program)
        .args(&cmd.args);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().at("cannot start", &cmd.program)?;
    let (send, output) = channel();
    let follow = |pipe: Option<Box<dyn Read + Send>>| {
        let (Some(mut pipe), send) = (pipe, send.clone()) else {
            return;
        };
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut buffer) {
                if send.send(buffer.get(..read).unwrap_or(&[]).to_vec()).is_err() {
                    break;
                }
            }
        });
    };
    let stdout: Option<ChildStdout> = child.stdout.take();
    follow(stdout.map(|p| Box::new(p) as Box<dyn Read + Send>));
    follow(child.stderr.take().map(|p| Box::new(p) as Box<dyn Read + Send>));
    Ok(Guest { child, output })
}

impl Drop for Guest {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
