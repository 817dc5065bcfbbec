//! The clock of tests that bound times. Judges nothing.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// The time that this thread has had of a processor: what else the machine does is no part of it.
pub fn used() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}
