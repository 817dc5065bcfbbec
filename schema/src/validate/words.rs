//! The words of findings: names in backticks, short lists, what is near a misspelt word. Knows no grammar.

/// How many alternatives a message names.
pub const MOST: usize = 5;

/// `` `<a>`, `<b>` or `<c>` ``, five at most, then how many more there are.
pub fn list(names: &[String], last: &str) -> String {
    let shown: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
    match (shown.as_slice(), names.len().saturating_sub(MOST)) {
        ([], _) => String::new(),
        ([one], _) => (*one).to_string(),
        (all, 0) => {
            let (tail, head) = all.split_last().unwrap_or((&"", &[]));
            format!("{} {last} {tail}", head.join(", "))
        }
        (all, more) => format!("{} {last} {more} more", all.join(", ")),
    }
}

/// The words in the order of their distance from `given`.
pub fn by_distance<'a>(given: &str, words: &'a [String]) -> Vec<&'a str> {
    let mut out: Vec<&str> = words.iter().map(String::as_str).collect();
    out.sort_by_key(|w| strsim::damerau_levenshtein(given, w));
    out
}

/// How far two words are apart, none where too far for a slip of the keyboard.
pub fn near(given: &str, wanted: &str) -> Option<usize> {
    let (a, b) = (given.chars().count(), wanted.chars().count());
    let most = match a.max(b) {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    };
    if a.abs_diff(b) > most {
        return None;
    }
    let d = strsim::damerau_levenshtein(given, wanted);
    (d <= most && d < a.max(b)).then_some(d)
}

/// The words near `given`, nearest first; the second value is true where one is nearer than all others.
pub fn nearest<'a>(given: &str, wanted: impl Iterator<Item = &'a str>) -> (Vec<&'a str>, bool) {
    let mut found: Vec<(usize, &str)> = wanted.filter_map(|w| near(given, w).map(|d| (d, w))).collect();
    found.sort();
    found.dedup();
    let alone = match found.as_slice() {
        [_] => true,
        [a, b, ..] => a.0 < b.0,
        [] => false,
    };
    (found.into_iter().map(|f| f.1).collect(), alone)
}
