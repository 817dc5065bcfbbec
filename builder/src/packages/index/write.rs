//! Writes an index from a `Packages` text as it streams by; only names and numbers are kept in memory.

use std::io::{self, BufRead, BufWriter, Seek, SeekFrom, Write};

use rustc_hash::FxHashMap;

use super::{FIELDS, Field, HEADER, MAGIC, MULTI_ARCH, PRIORITIES, flag};
use crate::packages::{deb822, relation};

/// More packages than any archive has (Debian: 64,000; all of Launchpad: a few million).
const RECORDS_LIMIT: usize = 8_000_000;

#[derive(Default)]
struct Mention {
    order: u32,
    own: Vec<u32>,
    provided_by: Vec<u32>,
}

/// Reads paragraphs until the end and writes the index to `out`, which must be empty. Returns the number of packages.
pub fn build(mut packages: impl BufRead, out: impl Write + Seek) -> io::Result<usize> {
    let mut out = BufWriter::with_capacity(256 << 10, out);
    out.write_all(&[0; HEADER])?;
    let mut names: FxHashMap<String, Mention> = FxHashMap::default();
    let mut offsets: Vec<u64> = Vec::new();
    let mut at = HEADER as u64;
    let (mut paragraph, mut line, mut record) = (deb822::Paragraph::default(), Vec::new(), Vec::new());
    while deb822::next(&mut packages, &mut paragraph, &mut line)? {
        let name = paragraph.get("Package");
        if name.is_empty() || paragraph.get("Version").is_empty() {
            return Err(invalid("a package has no name or no version"));
        }
        if name.len() > 255 || offsets.len() >= RECORDS_LIMIT {
            return Err(invalid("it holds more than a repository can"));
        }
        let number = offsets.len() as u32;
        mention(&mut names, name, |m| m.own.push(number));
        // apt numbers packages as their names first appear; providers of equal rank are taken by that number.
        for field in [
            Field::PreDepends,
            Field::Depends,
            Field::Conflicts,
            Field::Breaks,
            Field::Recommends,
            Field::Suggests,
            Field::Replaces,
        ] {
            for group in relation::groups(paragraph.get(FIELDS.get(field as usize).copied().unwrap_or(""))) {
                for target in &group {
                    mention(&mut names, target.name, |_| {});
                }
            }
        }
        for target in relation::targets(paragraph.get("Provides")) {
            mention(&mut names, target.name, |m| m.provided_by.push(number));
        }
        record.clear();
        encode(&paragraph, &mut record)?;
        out.write_all(&record)?;
        offsets.push(at);
        at += record.len() as u64;
    }
    let records = offsets.len();
    let mut names: Vec<(String, Mention)> = names
        .into_iter()
        .filter(|(_, m)| !m.own.is_empty() || !m.provided_by.is_empty())
        .collect();
    names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    finish(out, at, &names, &offsets)?;
    Ok(records)
}

/// Does something to what is noted of a name. Most names are known already: only a new one is copied.
fn mention(names: &mut FxHashMap<String, Mention>, name: &str, note: impl FnOnce(&mut Mention)) {
    if let Some(mention) = names.get_mut(name) {
        return note(mention);
    }
    let mut mention = Mention {
        order: names.len() as u32,
        ..Mention::default()
    };
    note(&mut mention);
    names.insert(name.to_owned(), mention);
}

fn finish(
    mut out: BufWriter<impl Write + Seek>,
    text_at: u64,
    names: &[(String, Mention)],
    offsets: &[u64],
) -> io::Result<()> {
    let mut text = Vec::new();
    let (mut table, mut postings) = (Vec::new(), Vec::new());
    for (name, mention) in names {
        table.extend((text.len() as u32).to_le_bytes());
        table.extend((name.len() as u16).to_le_bytes());
        table.extend((mention.own.len().min(usize::from(u16::MAX)) as u16).to_le_bytes());
        table.extend((mention.provided_by.len() as u32).to_le_bytes());
        table.extend((postings.len() as u32 / 4).to_le_bytes());
        table.extend(mention.order.to_le_bytes());
        text.extend_from_slice(name.as_bytes());
        text.push(b'\n');
        for number in mention
            .own
            .iter()
            .take(usize::from(u16::MAX))
            .chain(&mention.provided_by)
        {
            postings.extend(number.to_le_bytes());
        }
    }
    out.write_all(&text)?;
    out.write_all(&table)?;
    out.write_all(&postings)?;
    for offset in offsets {
        out.write_all(&offset.to_le_bytes())?;
    }
    let table_at = text_at + text.len() as u64;
    let postings_at = table_at + table.len() as u64;
    let records_at = postings_at + postings.len() as u64;
    let end = records_at + offsets.len() as u64 * 8;
    let mut header = MAGIC.to_vec();
    for number in [
        names.len() as u64,
        offsets.len() as u64,
        text_at,
        table_at,
        postings_at,
        records_at,
        end,
    ] {
        header.extend(number.to_le_bytes());
    }
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&header)?;
    out.flush()
}

/// A record: flags, size, installed size (KiB), SHA-256, then the strings, each with its length.
fn encode(paragraph: &deb822::Paragraph, out: &mut Vec<u8>) -> io::Result<()> {
    let yes = |name: &str| paragraph.get(name).eq_ignore_ascii_case("yes");
    let rank = |list: &[&str], value: &str, default: u8| {
        list.iter().position(|v| *v == value).map_or(default, |p| p as u8)
    };
    let mut flags = 0;
    if yes("Essential") {
        flags |= flag::ESSENTIAL;
    }
    if yes("Important") || yes("Protected") {
        flags |= flag::IMPORTANT;
    }
    flags |= rank(&MULTI_ARCH, paragraph.get("Multi-Arch"), 0) << flag::MULTI_ARCH;
    flags |= rank(&PRIORITIES, paragraph.get("Priority"), 4) << flag::PRIORITY;
    out.push(flags);
    let number = |name: &str| paragraph.get(name).parse::<u64>().unwrap_or(0);
    varint(out, number("Size"));
    varint(out, number("Installed-Size"));
    let mut sha256 = [0; 32];
    let hex_text = paragraph.get("SHA256");
    if !hex_text.is_empty() {
        hex::decode_to_slice(hex_text, &mut sha256).map_err(|_| invalid("a package's SHA256 is damaged"))?;
    }
    out.extend_from_slice(&sha256);
    for name in FIELDS {
        let mut value = paragraph.get(name);
        if name == "Description" {
            value = value.lines().next().unwrap_or("");
        }
        varint(out, value.len() as u64);
        out.extend_from_slice(value.as_bytes());
    }
    Ok(())
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
