//! The lines of a shell script as far as rules look at them: where here documents and continued lines end. Knows no more
//! of the language.

/// The lines outside of here documents, without the space before them, with where they begin.
pub(in crate::rules) fn commands(text: &str) -> Vec<(usize, &str)> {
    let (mut start, mut waiting) = (0, None::<String>);
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        if let Some(word) = &waiting {
            if line.trim() == word {
                waiting = None;
            }
            continue;
        }
        waiting = here_document(line);
        let bare = line.trim_start();
        out.push((at + line.len() - bare.len(), bare.trim_end()));
    }
    out
}

/// The last commands first: each with the lines it goes on in, without comments, with where it begins. Empty where a
/// here document never ends: it was none.
pub(in crate::rules) fn from_the_end(text: &str) -> Vec<(usize, &str)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    let (mut start, mut waiting, mut continued) = (0, None::<String>, false);
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        if let Some(word) = &waiting {
            if line.trim() == word {
                waiting = None;
            }
            continue;
        }
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        waiting = here_document(line);
        let end = at + line.trim_end().len();
        match out.last_mut().filter(|_| continued) {
            Some(last) => last.1 = end,
            None => out.push((at + line.len() - line.trim_start().len(), end)),
        }
        continued = ["\\", "|", "&&"].iter().any(|e| bare.ends_with(e));
    }
    if waiting.is_some() {
        out.clear();
    }
    let all = out.into_iter().rev();
    all.filter_map(|(from, to)| Some((from, text.get(from..to)?)))
        .collect()
}

/// The here documents: the line that begins each, with where their texts begin.
pub(in crate::rules) fn here_documents(text: &str) -> Vec<(&str, usize, &str)> {
    let (mut start, mut waiting) = (0, None::<(String, &str, usize)>);
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        if let Some((word, head, from)) = &waiting {
            if line.trim() == word {
                out.extend(text.get(*from..at).map(|body| (*head, *from, body)));
                waiting = None;
            }
            continue;
        }
        waiting = here_document(line).map(|word| (word, line.trim(), start));
    }
    out
}

/// A line that was to end a here document and does not, for the blanks beside its word: where it begins, and the word. One
/// that only looks so, and is followed by the true end, is none.
pub(in crate::rules) fn unended(text: &str) -> Option<(usize, String)> {
    let (mut start, mut waiting) = (0, None::<(String, bool)>);
    let mut meant = None;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let Some((word, tabs)) = &waiting else {
            waiting = here_document(line).map(|word| (word, line.contains("<<-")));
            continue;
        };
        let bare = line.trim_end_matches('\n');
        let ends = if *tabs {
            bare.trim_start_matches('\t') == word
        } else {
            bare == word
        };
        if ends {
            (waiting, meant) = (None, None);
        } else if bare.trim() == word {
            meant = meant.or_else(|| Some((at, word.clone())));
        } else if meant.is_some() && here_document(line).as_ref() == Some(word) {
            return meant;
        }
    }
    meant
}

/// How often a text has a path as a whole: not as the beginning of a longer one.
pub(in crate::rules) fn spoken(text: &str, path: &str) -> usize {
    let longer = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let whole = |at: &usize| {
        text.get(at + path.len()..)
            .is_some_and(|rest| !rest.starts_with(longer))
    };
    text.match_indices(path).map(|(at, _)| at).filter(whole).count()
}

/// The word that ends a here document that begins on this line.
fn here_document(line: &str) -> Option<String> {
    if line.trim_start().starts_with('#') {
        return None;
    }
    let rest = line.split_once("<<")?.1;
    if rest.starts_with('<') {
        return None;
    }
    let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    let word: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "_'\"\\-.".contains(*c))
        .filter(|c| !"'\"\\".contains(*c))
        .collect();
    (!word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit())).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_here_document_ends_with_its_word_alone() {
        let found = |text: &str| unended(text).map(|(at, _)| at);
        assert_eq!(found("cat <<EOF\na\n EOF\nb\n"), Some(12));
        assert_eq!(found("cat <<EOF\na\nEOF \nb\ncat <<EOF\nc\nEOF\n"), Some(12));
        assert_eq!(found("cat <<-EOF\n\ta\n\tEOF\ncat <<EOF\n  EOF\nEOF\n"), None);
    }

    #[test]
    fn commands_go_on_over_lines_and_around_here_documents() {
        let text = "a \\\n  b\ncat <<EOF\nc\nEOF\n# d\n\nx &&\n  y\n";
        let found: Vec<&str> = from_the_end(text).into_iter().map(|(_, c)| c).collect();
        assert_eq!(found, ["x &&\n  y", "cat <<EOF", "a \\\n  b"]);
        assert!(from_the_end("echo $((1 << N))\n").is_empty());
    }
}
