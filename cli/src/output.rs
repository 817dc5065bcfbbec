//! Standard output, which may be full or read by nobody any more. Writes nothing else.

use std::io::{self, Write};

use apteryx_schema::description::load::reason;

/// Writes all of it. An error is in words.
pub fn print(bytes: &[u8]) -> Result<(), String> {
    let mut out = io::stdout().lock();
    unwritten(out.write_all(bytes).and_then(|()| out.flush()))
}

/// What became of writing to standard output, in words. A reader that has gone away is no fault of ours.
pub fn unwritten(result: io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {}", reason(&error)))
        }
        _ => Ok(()),
    }
}
