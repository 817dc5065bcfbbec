//! The index of one `Packages` file: written once, memory-mapped, decoded lazily.
//!
//! Layout, little endian: a header; a blob with one record per package; the names (real and provided ones) as one text,
//! sorted, each followed by a line feed; a table of names; postings (record numbers per name); offsets of the records.
//! A sorted table with one text beside it serves exact look-up (binary search), prefixes (a range) and substrings
//! (one scan of about 1 MB), which is why no finite-state map is needed.

mod read;
mod write;

pub use read::{Index, Record};
pub use write::build;

/// The first bytes of an index; the last two are the format's version. Another version is built anew.
pub const MAGIC: &[u8; 8] = b"APTXPK01";
/// Bytes of the header: magic, then seven u64: names, records, and the offsets of text, table, postings, records, end.
pub const HEADER: usize = 64;
/// Bytes of a row of the table of names: text offset u32, text length u16, own postings u16, provider postings u32,
/// first posting u32, order of first mention u32.
pub const ROW: usize = 20;

/// The strings of a record in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
#[allow(missing_docs)]
pub enum Field {
    Name,
    Version,
    Architecture,
    PreDepends,
    Depends,
    Recommends,
    Suggests,
    Conflicts,
    Breaks,
    Replaces,
    Provides,
    Section,
    Filename,
    Summary,
    Source,
}

/// Names of the fields in a `Packages` file, in the order of [`Field`].
pub const FIELDS: [&str; 15] = [
    "Package",
    "Version",
    "Architecture",
    "Pre-Depends",
    "Depends",
    "Recommends",
    "Suggests",
    "Conflicts",
    "Breaks",
    "Replaces",
    "Provides",
    "Section",
    "Filename",
    "Description",
    "Source",
];

/// Flags of a record: essential, `Important`/`Protected`, then two bits of Multi-Arch, then three of priority.
pub mod flag {
    /// `Essential: yes`.
    pub const ESSENTIAL: u8 = 1;
    /// `Important: yes` or `Protected: yes`.
    pub const IMPORTANT: u8 = 2;
    /// Where Multi-Arch begins: none, same, foreign, allowed.
    pub const MULTI_ARCH: u8 = 2;
    /// Where the priority begins: required, important, standard, optional, extra.
    pub const PRIORITY: u8 = 4;
}

/// Values of Multi-Arch by number.
pub const MULTI_ARCH: [&str; 4] = ["", "same", "foreign", "allowed"];
/// Priorities by number, the most important first.
pub const PRIORITIES: [&str; 5] = ["required", "important", "standard", "optional", "extra"];
