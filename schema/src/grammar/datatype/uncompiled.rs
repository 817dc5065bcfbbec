//! Whether a text fits a regular expression, found without compiling it: by the set of places where each part may end.
//! Slower than a compiled one and kept nowhere, for expressions that are too many or too large to be compiled.

use regex_syntax::hir::{Class, Hir, HirKind};

/// True where the whole text fits the expression.
pub fn fits(expression: &str, text: &str) -> bool {
    let Ok(hir) = regex_syntax::parse(expression) else {
        return false;
    };
    ends(&hir, text, &Places::one(0, text.len())).has(text.len())
}

/// Places in a text, a bit for each.
#[derive(Clone, PartialEq)]
struct Places(Vec<u64>);

impl Places {
    fn none(len: usize) -> Self {
        Self(vec![0; len / 64 + 1])
    }

    fn one(at: usize, len: usize) -> Self {
        let mut one = Self::none(len);
        one.put(at);
        one
    }

    fn put(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn has(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Puts in what another has; keeps in the other what was not here before.
    fn take_in(&mut self, other: &mut Self) {
        for (own, new) in self.0.iter_mut().zip(&mut other.0) {
            *new &= !*own;
            *own |= *new;
        }
    }

    fn each(&self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate().filter(|(_, word)| **word != 0);
        words.flat_map(|(n, word)| {
            (0..64)
                .filter(move |b| word & (1 << b) != 0)
                .map(move |b| n * 64 + b)
        })
    }
}

/// Where the part may end that begins at one of these places.
fn ends(part: &Hir, text: &str, starts: &Places) -> Places {
    let after = |step: &dyn Fn(&str) -> Option<usize>| {
        let mut out = Places::none(text.len());
        for at in starts.each() {
            if let Some(length) = text.get(at..).and_then(step) {
                out.put(at + length);
            }
        }
        out
    };
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => starts.clone(),
        HirKind::Literal(literal) => {
            after(&|rest| rest.as_bytes().starts_with(&literal.0).then_some(literal.0.len()))
        }
        HirKind::Class(class) => after(&|rest| {
            let next = rest.chars().next()?;
            has(class, next).then_some(next.len_utf8())
        }),
        HirKind::Capture(inner) => ends(&inner.sub, text, starts),
        HirKind::Concat(parts) => {
            let (first, rest) = parts.split_first().map_or((None, &[][..]), |(f, r)| (Some(f), r));
            let first = first.map_or_else(|| starts.clone(), |p| ends(p, text, starts));
            rest.iter().fold(first, |now, p| ends(p, text, &now))
        }
        HirKind::Alternation(parts) => {
            let mut out = Places::none(text.len());
            for part in parts {
                out.take_in(&mut ends(part, text, starts));
            }
            out
        }
        HirKind::Repetition(r) => {
            let mut now = starts.clone();
            for _ in 0..r.min {
                let next = ends(&r.sub, text, &now);
                // Once more of what may be empty, or of nothing, changes nothing any more.
                if next == now {
                    break;
                }
                now = next;
            }
            let mut out = now.clone();
            for _ in r.min..r.max.unwrap_or(u32::MAX) {
                if now.is_empty() {
                    break;
                }
                now = ends(&r.sub, text, &now);
                out.take_in(&mut now);
            }
            out
        }
    }
}

fn has(class: &Class, c: char) -> bool {
    match class {
        Class::Unicode(class) => {
            let ranges = class.ranges();
            let after = ranges.partition_point(|r| r.start() <= c);
            after
                .checked_sub(1)
                .and_then(|n| ranges.get(n))
                .is_some_and(|r| c <= r.end())
        }
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .any(|r| (u32::from(r.start())..=u32::from(r.end())).contains(&u32::from(c))),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_says_what_a_compiled_one_says(
            expression in "((a|b|(ab|c){0,2}|\\[\\^a\\]|\\(?:b\\?a\\)\\*|ä)[?*+]?(\\{[0-2],3\\})?\\|?){0,5}",
            texts in prop::collection::vec("[abcä]{0,7}", 1..20),
        ) {
            if let Ok(compiled) = regex::Regex::new(&format!("^(?:{expression})$")) {
                for text in texts {
                    prop_assert_eq!(fits(&expression, &text), compiled.is_match(&text), "{} {}", expression, text);
                }
            }
        }
    }

    #[test]
    fn repetitions_without_end_end() {
        let many = "a".repeat(300);
        assert!(fits("(?:(?:a?){1000000}){1000000}", &many));
        assert!(!fits("(?:a{1000}){2,1000}", &many));
        assert!(fits("(?:a*)*(?:b|)*", &many));
    }
}
