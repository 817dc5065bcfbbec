//! Reads a memory-mapped index. Every access is checked: a damaged file gives empty answers, never a fault.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use memmap2::Mmap;

use super::super::near::Shapes;
use super::{Field, HEADER, MAGIC, MULTI_ARCH, PRIORITIES, ROW, flag};

/// An open index.
#[derive(Debug)]
pub struct Index {
    map: Mmap,
    names: usize,
    records: usize,
    text: usize,
    table: usize,
    postings: usize,
    offsets: usize,
    shapes: OnceLock<Shapes>,
}

/// A row of the table of names.
#[derive(Debug, Clone, Copy)]
pub struct Name<'a> {
    /// The name.
    pub text: &'a str,
    /// When the name was first mentioned in the `Packages` file, from 0.
    pub order: u32,
    own: usize,
    providers: usize,
    first: usize,
}

impl Name<'_> {
    /// True where a package bears it; else it is only provided.
    pub fn is_real(&self) -> bool {
        self.own > 0
    }
}

/// One package of the index.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Flags, see [`flag`].
    flags: u8,
    /// Bytes of the file.
    pub size: u64,
    /// KiB when unpacked.
    pub installed_kib: u64,
    /// Of the file; all zero where the metadata have none.
    pub sha256: [u8; 32],
    strings: &'a [u8],
}

impl Index {
    /// Maps the file.
    pub fn open(path: &Path) -> io::Result<Index> {
        let file = File::open(path)?;
        // SAFETY: the file is written once under a temporary name, renamed into the store and from then on only
        // unlinked, never written or truncated, so the mapped bytes stay as they are. Every read is bounds-checked.
        let map = unsafe { Mmap::map(&file)? };
        let bad = || io::Error::new(io::ErrorKind::InvalidData, "damaged package index");
        let number = |i: usize| {
            u64_at(&map, 8 + i * 8)
                .and_then(|n| usize::try_from(n).ok())
                .ok_or_else(bad)
        };
        if map.get(..8) != Some(MAGIC.as_slice()) {
            return Err(bad());
        }
        let (names, records) = (number(0)?, number(1)?);
        let (text, table, postings, offsets, end) =
            (number(2)?, number(3)?, number(4)?, number(5)?, number(6)?);
        let ascending =
            HEADER <= text && text <= table && table <= postings && postings <= offsets && offsets <= end;
        let sized = names.checked_mul(ROW) == postings.checked_sub(table)
            && records.checked_mul(8) == end.checked_sub(offsets);
        if !ascending || !sized || end != map.len() {
            return Err(bad());
        }
        Ok(Index {
            names,
            records,
            text,
            table,
            postings,
            offsets,
            shapes: OnceLock::new(),
            map,
        })
    }

    /// Number of names, provided ones included.
    pub fn names(&self) -> usize {
        self.names
    }

    /// Number of packages.
    pub fn records(&self) -> usize {
        self.records
    }

    /// All names, sorted, each followed by a line feed.
    pub fn text(&self) -> &[u8] {
        self.map.get(self.text..self.table).unwrap_or(&[])
    }

    /// The name in row `row`.
    pub fn name(&self, row: usize) -> Option<Name<'_>> {
        let start = self.table.checked_add(row.checked_mul(ROW)?)?;
        let bytes = self.map.get(start..start + ROW)?;
        let at = u32_at(bytes, 0)? as usize;
        let length = usize::from(u16_at(bytes, 4)?);
        Some(Name {
            text: std::str::from_utf8(self.text().get(at..at + length)?).ok()?,
            own: usize::from(u16_at(bytes, 6)?),
            providers: u32_at(bytes, 8)? as usize,
            first: u32_at(bytes, 12)? as usize,
            order: u32_at(bytes, 16)?,
        })
    }

    /// Length and own packages of the name in row `row`, without decoding it.
    pub fn shape(&self, row: usize) -> Option<(u16, u16)> {
        let start = self.table.checked_add(row.checked_mul(ROW)?)?;
        let bytes = self.map.get(start + 4..start + 8)?;
        Some((u16_at(bytes, 0)?, u16_at(bytes, 2)?))
    }

    /// What near names are found by; made at the first call.
    pub fn shapes(&self) -> &Shapes {
        self.shapes.get_or_init(|| Shapes::of(self))
    }

    /// Rows of the names that begin with `prefix`.
    pub fn prefixed(&self, prefix: &str) -> std::ops::Range<usize> {
        let start = self.lower_bound(prefix);
        let (mut low, mut high) = (start, self.names);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.name(middle).is_some_and(|n| n.text.starts_with(prefix)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        start..low
    }

    /// The first row whose name is not below `name`.
    pub fn lower_bound(&self, name: &str) -> usize {
        let (mut low, mut high) = (0, self.names);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.name(middle).is_some_and(|n| n.text < name) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The row of the name that stands at byte `at` of [`Index::text`].
    pub fn row_at(&self, at: usize) -> usize {
        let (mut low, mut high) = (0, self.names);
        while low < high {
            let middle = low + (high - low) / 2;
            let start = u32_at(&self.map, self.table + middle * ROW).unwrap_or(0) as usize;
            if start <= at {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.saturating_sub(1)
    }

    /// The row of exactly that name.
    pub fn find(&self, name: &str) -> Option<Name<'_>> {
        self.name(self.lower_bound(name)).filter(|n| n.text == name)
    }

    /// Record numbers of the packages that bear the name.
    pub fn own(&self, name: &Name<'_>) -> impl Iterator<Item = u32> + '_ {
        self.posted(name.first, name.own)
    }

    /// Record numbers of the packages that provide it.
    pub fn providers(&self, name: &Name<'_>) -> impl Iterator<Item = u32> + '_ {
        self.posted(name.first + name.own, name.providers)
    }

    fn posted(&self, first: usize, count: usize) -> impl Iterator<Item = u32> + '_ {
        let end = self.offsets;
        (first..first.saturating_add(count)).map_while(move |i| {
            let at = self.postings + i * 4;
            if at + 4 > end { None } else { u32_at(&self.map, at) }
        })
    }

    /// A package by its number.
    pub fn record(&self, number: u32) -> Option<Record<'_>> {
        if number as usize >= self.records {
            return None;
        }
        let at = u64_at(&self.map, self.offsets + number as usize * 8)? as usize;
        let mut bytes = self.map.get(at..self.text)?;
        let (flags, rest) = bytes.split_first()?;
        bytes = rest;
        let size = varint(&mut bytes)?;
        let installed_kib = varint(&mut bytes)?;
        let (sha256, strings) = bytes.split_at_checked(32)?;
        Some(Record {
            flags: *flags,
            size,
            installed_kib,
            sha256: sha256.try_into().ok()?,
            strings,
        })
    }
}

impl<'a> Record<'a> {
    /// One string; empty for none.
    pub fn field(&self, field: Field) -> &'a str {
        let mut bytes = self.strings;
        for i in 0..=field as usize {
            let Some(length) = varint(&mut bytes) else {
                return "";
            };
            let Some((value, rest)) = bytes.split_at_checked(length as usize) else {
                return "";
            };
            if i == field as usize {
                return std::str::from_utf8(value).unwrap_or("");
            }
            bytes = rest;
        }
        ""
    }

    /// `Essential: yes`.
    pub fn essential(&self) -> bool {
        self.flags & flag::ESSENTIAL != 0
    }

    /// `Important: yes` or `Protected: yes`.
    pub fn important(&self) -> bool {
        self.flags & flag::IMPORTANT != 0
    }

    /// Multi-Arch in words.
    pub fn multi_arch(&self) -> &'static str {
        MULTI_ARCH
            .get(usize::from(self.flags >> flag::MULTI_ARCH & 3))
            .copied()
            .unwrap_or("")
    }

    /// Rank of the priority, 0 for required.
    pub fn priority_rank(&self) -> u8 {
        self.flags >> flag::PRIORITY & 7
    }

    /// The priority in words.
    pub fn priority(&self) -> &'static str {
        PRIORITIES
            .get(usize::from(self.priority_rank()))
            .copied()
            .unwrap_or("extra")
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
