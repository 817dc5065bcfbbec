//! The words of findings: names in backticks, short lists, what a pattern spells out. Knows no grammar.

/// How many alternatives a message names.
pub const MOST: usize = 5;

/// How a name is written in a list.
#[derive(Debug, Clone, Copy)]
pub enum Tick {
    /// `` `name` ``
    Word,
    /// `` `<name>` ``
    Tag,
}

/// `` `<a>`, `<b>` or `<c>` ``, five at most, then how many more there are.
pub fn list<T: AsRef<str>>(names: &[T], tick: Tick, last: &str) -> String {
    list_of(names, names.len(), tick, last)
}

/// The same of a list of `total` names that begins so.
pub fn list_of<T: AsRef<str>>(names: &[T], total: usize, tick: Tick, last: &str) -> String {
    let (open, close) = match tick {
        Tick::Word => ("`", "`"),
        Tick::Tag => ("`<", ">`"),
    };
    let shown = names.len().min(MOST);
    let mut out = String::with_capacity(24 * shown);
    for (at, name) in names.iter().take(shown).enumerate() {
        if at > 0 && at + 1 == total {
            [" ", last, " "].iter().for_each(|p| out.push_str(p));
        } else if at > 0 {
            out.push_str(", ");
        }
        [open, name.as_ref(), close].iter().for_each(|p| out.push_str(p));
    }
    if total > shown {
        [" ", last, " ", &(total - shown).to_string(), " more"]
            .iter()
            .for_each(|p| out.push_str(p));
    }
    out
}

/// The words that a pattern spells out among its alternatives: at least two letters long, and no part of a longer word.
pub fn words_of_pattern(pattern: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (mut out, mut from, mut class, mut whole) = (Vec::new(), None, false, true);
    for (at, c) in pattern.char_indices().chain([(pattern.len(), '|')]) {
        if class {
            (class, whole) = (c != ']', false);
        } else if is_word(c) {
            from = from.or(Some(at));
        } else {
            let ends = matches!(c, '|' | '(' | ')' | ',' | ' ' | ':' | '/');
            let word = from.take().and_then(|from| pattern.get(from..at));
            let begins = |w: &&str| w.len() > 1 && w.starts_with(|c: char| c.is_ascii_alphabetic());
            out.extend(word.filter(|_| ends && whole).filter(begins));
            (class, whole) = (c == '[', ends);
        }
    }
    out
}

/// The one word that another is the first part of, as `x86` is of `x86_64`.
pub fn begun<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Option<usize> {
    let rest = |other: &str| {
        other
            .strip_prefix(word)
            .is_some_and(|rest| rest.starts_with(['_', '-']))
    };
    let mut all = words.enumerate().filter(|(_, other)| rest(other));
    let (at, _) = all.next()?;
    (word.len() > 2 && all.next().is_none()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_first_part_of_one_other() {
        let begun = |word: &str, words: &[&'static str]| begun(word, words.iter().copied());
        assert_eq!(begun("x86", &["ix86", "x86_64", "x86"]), Some(1));
        assert_eq!(begun("by", &["by-id", "by-uuid"]), None);
        assert_eq!(begun("by-part", &["by-id", "by-partuuid"]), None);
    }

    #[test]
    fn lists_name_five_and_count_the_rest() {
        let all = ["a", "b", "c", "d", "e", "f", "g"];
        let said = |n: usize| list(&all[..n], Tick::Tag, "or");
        assert_eq!(said(0), "");
        assert_eq!(said(1), "`<a>`");
        assert_eq!(said(3), "`<a>`, `<b>` or `<c>`");
        assert_eq!(said(7), "`<a>`, `<b>`, `<c>`, `<d>`, `<e>` or 2 more");
    }
}
