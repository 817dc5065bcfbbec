//! What references become: how much, and the text itself. Bounded in size, depth and work, for one reference and for
//! all of a text, so that a small text cannot stand for an endless one. Must not report faults.

use rustc_hash::FxHashMap;

use super::dtd;
use super::entities::{Entities, Entity};
use super::refs::{character, predefined};

/// How many bytes one reference may become; all of a text may become as many, and `TIMES` its own size.
const MAX_EXPANSION: usize = 1 << 20;
const TIMES: usize = 8;
/// How deep entities may stand in one another. libxml2 has the same limit.
const MAX_DEPTH: usize = 40;
/// How many references within entities are followed for one text.
const MAX_STEPS: usize = 4_000_000;

/// What one reference brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expansion {
    /// Bytes of it, one more for every reference within; none without end, or beyond the limit.
    pub size: Option<usize>,
    /// What it brings that no attribute's value may hold.
    pub bad_in_value: Option<&'static str>,
}

impl Expansion {
    fn of(size: usize, bad_in_value: Option<&'static str>) -> Self {
        Self {
            size: Some(size),
            bad_in_value,
        }
    }
}

/// What has been found out about the entities of a text, and what its references have cost so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Expansions {
    known: FxHashMap<Box<str>, Expansion>,
    /// References followed.
    steps: usize,
    /// Bytes that the references of the text become.
    spent: usize,
    /// They become too many: references to entities stay as they are written.
    exhausted: bool,
}

impl Entities {
    /// What a reference to a declared entity brings.
    pub(super) fn expansion(&mut self, name: &str) -> Expansion {
        if let Some(&known) = self.expansions.known.get(name) {
            return known;
        }
        let mut found = std::mem::take(&mut self.expansions);
        let (expansion, _) = self.follow(name, 0, &mut found);
        self.expansions = found;
        expansion
    }

    /// The same within other entities, and whether that can change no more: all it refers to is declared.
    fn follow(&self, name: &str, depth: usize, found: &mut Expansions) -> (Expansion, bool) {
        if name.starts_with('#') || predefined(name).is_some() {
            return (Expansion::of(1, None), true);
        }
        if let Some(&known) = found.known.get(name) {
            return (known, true);
        }
        found.steps += 1;
        let endless = Expansion {
            size: None,
            bad_in_value: None,
        };
        if depth > MAX_DEPTH || found.steps > MAX_STEPS {
            return (endless, false);
        }
        let text = match self.declared.get(name) {
            Some(Entity::Internal(text)) => text,
            Some(_) => return (Expansion::of(1, Some("another entity that is never read")), true),
            None if self.partial => return (Expansion::of(1, None), false),
            None => return (Expansion::of(1, Some("an entity that is not declared")), false),
        };
        // Every reference counts, so that a tree of empty entities ends as well.
        let (mut size, mut bad, mut certain) = (1 + text.len(), None, true);
        if text.contains('<') {
            bad = Some("a `<`");
        }
        for at in memchr::memchr_iter(b'&', text.as_bytes()) {
            let Some(inner) = dtd::reference(text, at) else {
                bad = bad.or(Some("a lone `&`"));
                continue;
            };
            let (expansion, settled) = self.follow(inner, depth + 1, found);
            certain &= settled;
            bad = bad.or(expansion.bad_in_value);
            let Some(more) = expansion.size.filter(|more| size + more <= MAX_EXPANSION) else {
                // What is too long is so wherever it stands; what is too deep may be within bounds elsewhere.
                if certain {
                    found.known.insert(name.into(), endless);
                }
                return (endless, certain);
            };
            size += more;
        }
        let expansion = if size <= MAX_EXPANSION {
            Expansion::of(size, bad)
        } else {
            endless
        };
        if certain {
            found.known.insert(name.into(), expansion);
        }
        (expansion, certain)
    }

    /// Counts a reference that stands in a text of that many bytes. False where its references become too much in
    /// all; said once.
    pub(super) fn spend(&mut self, name: &str, text_len: usize) -> bool {
        if self.expansions.exhausted || !self.declared.contains_key(name) {
            return true;
        }
        let size = self.expansion(name).size.unwrap_or(0);
        self.expansions.spent = self.expansions.spent.saturating_add(size);
        self.expansions.exhausted =
            self.expansions.spent > MAX_EXPANSION.saturating_add(text_len.saturating_mul(TIMES));
        !self.expansions.exhausted
    }

    /// True where an entity is not endless, nor all of them together. `so_far` bounds those that nobody has measured.
    fn may_expand(&self, name: &str, so_far: usize) -> bool {
        let within = match self.expansions.known.get(name) {
            Some(known) => known.size.is_some(),
            None => so_far < MAX_EXPANSION,
        };
        within && !self.expansions.exhausted
    }

    /// Text with its references resolved; in a value, white space becomes spaces. Line ends become LF.
    pub(crate) fn expand(&self, text: &str, value: bool) -> String {
        let mut out = String::with_capacity(text.len());
        self.expand_into(text, value, 0, &mut out);
        out
    }

    /// A value of words: blanks collapsed.
    pub(super) fn expand_words(&self, text: &str) -> String {
        let plain = self.expand(text, true);
        let words: Vec<&str> = plain.split(' ').filter(|w| !w.is_empty()).collect();
        words.join(" ")
    }

    fn expand_into(&self, text: &str, value: bool, depth: usize, out: &mut String) {
        let mut rest = text;
        let special = |b: u8| matches!(b, b'&' | b'\r' | b'\n' | b'\t');
        while let Some(n) = rest.bytes().position(special) {
            let (head, tail) = rest.split_at(n);
            out.push_str(head);
            match tail.as_bytes().first() {
                Some(b'&') => {
                    // Up to the next `&` at most, or a text full of them is read again and again.
                    let inner = tail.as_bytes().get(1..).unwrap_or_default();
                    let end = memchr::memchr2(b'&', b';', inner)
                        .map(|n| n + 1)
                        .filter(|&n| tail.as_bytes().get(n) == Some(&b';'));
                    let name = end.and_then(|e| tail.get(1..e)).unwrap_or("");
                    let known = character(name).or_else(|| predefined(name));
                    let declared = || self.declared.get(name);
                    match (known, known.map_or_else(declared, |_| None)) {
                        (Some(c), _) => out.push(c),
                        (None, Some(Entity::Internal(inner)))
                            if depth < MAX_DEPTH && self.may_expand(name, out.len()) =>
                        {
                            self.expand_into(inner, value, depth + 1, out);
                        }
                        _ => {
                            out.push('&');
                            rest = tail.get(1..).unwrap_or("");
                            continue;
                        }
                    }
                    rest = end.and_then(|e| tail.get(e + 1..)).unwrap_or("");
                }
                Some(b'\r') => {
                    out.push(if value { ' ' } else { '\n' });
                    let after = tail.get(1..).unwrap_or("");
                    rest = after.strip_prefix('\n').unwrap_or(after);
                }
                Some(&b) => {
                    out.push(if value { ' ' } else { b as char });
                    rest = tail.get(1..).unwrap_or("");
                }
                None => return,
            }
        }
        out.push_str(rest);
    }
}
