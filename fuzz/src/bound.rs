//! The bound on memory that every target holds: no input needs more than 50 times its size and a constant.
//! The parser keeps up to 1,000 faults of a small text, about 1 kB each: a constant under 1 MB says nothing.

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes of memory for one byte of input.
const TIMES: usize = 50;

/// Runs `work` on `input`; ends the process where it needs too much memory beyond `constant` bytes.
pub fn bounded<T>(what: &str, input: &[u8], constant: usize, work: impl FnOnce() -> T) -> T {
    // The first text of a process has the C library keep more of what is freed, by a block that nobody writes to.
    static FIRST: std::sync::Once = std::sync::Once::new();
    FIRST.call_once(|| drop(apteryx_schema::syntax::parse("")));
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let out = work();
    let used = MEMORY.peak_usage().saturating_sub(before);
    let allowed = TIMES * input.len() + constant;
    assert!(used <= allowed, "{what}: {} bytes of input took {used} bytes of memory", input.len());
    out
}
