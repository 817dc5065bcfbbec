//! The lines of a shell script as far as rules look at them: where here documents and continued lines end. Knows no more
//! of the language.

/// Where a line stands: outside of here documents, in the text of one, or at its end.
#[derive(PartialEq, Eq)]
enum Part {
    Command,
    Text,
    End,
}

/// The lines of a script with where each begins and stands.
struct Lines<'t> {
    rest: std::str::SplitInclusive<'t, char>,
    start: usize,
    waiting: Option<String>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self {
            rest: text.split_inclusive('\n'),
            start: 0,
            waiting: None,
        }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = (usize, &'t str, Part);

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.rest.next()?;
        let at = self.start;
        self.start += line.len();
        let part = match &self.waiting {
            Some(word) if line.trim() == word => Part::End,
            Some(_) => Part::Text,
            None => Part::Command,
        };
        match part {
            Part::Command => self.waiting = here_document(line),
            Part::End => self.waiting = None,
            Part::Text => {}
        }
        Some((at, line, part))
    }
}

/// The lines outside of here documents, without the space before them, with where they begin.
pub(in crate::rules) fn commands(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    for (at, line, part) in Lines::of(text) {
        if part != Part::Command {
            continue;
        }
        // The file that a command writes to may stand on the next line.
        let waits = |l: &str| l.ends_with("> \\");
        if let Some((from, last)) = out.last_mut().filter(|(_, l): &&mut (usize, &str)| waits(l)) {
            *last = text.get(*from..at + line.len()).unwrap_or(last).trim_end();
            continue;
        }
        let bare = line.trim_start();
        out.push((at + line.len() - bare.len(), bare.trim_end()));
    }
    out
}

/// Those of the lines that do not begin inside of quotes: what stands in such is another language's, or is said.
pub(in crate::rules) fn unquoted<'t>(lines: &[(usize, &'t str)]) -> Vec<(usize, &'t str)> {
    let mut quote = None::<char>;
    let mut out = Vec::new();
    for &(at, line) in lines {
        if quote.is_none() {
            out.push((at, line));
        }
        let (mut escaped, mut before) = (false, ' ');
        for c in line.chars() {
            match quote {
                _ if escaped => escaped = false,
                Some('\'') if c != '\'' => {}
                _ if c == '\\' => escaped = true,
                Some(own) if own == c => quote = None,
                None if c == '#' && before.is_whitespace() => break,
                None if matches!(c, '\'' | '"') => quote = Some(c),
                _ => {}
            }
            before = c;
        }
    }
    out
}

/// The last commands first: each with the lines it goes on in, without comments, with where it begins. Empty where a
/// here document never ends: it was none.
pub(in crate::rules) fn from_the_end(text: &str) -> Vec<(usize, &str)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    let mut continued = false;
    let mut lines = Lines::of(text);
    for (at, line, part) in lines.by_ref() {
        let bare = line.trim();
        if part != Part::Command || bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let end = at + line.trim_end().len();
        match out.last_mut().filter(|_| continued) {
            Some(last) => last.1 = end,
            None => out.push((at + line.len() - line.trim_start().len(), end)),
        }
        continued = ["\\", "|", "&&"].iter().any(|e| bare.ends_with(e));
    }
    if lines.waiting.is_some() {
        out.clear();
    }
    let all = out.into_iter().rev();
    all.filter_map(|(from, to)| Some((from, text.get(from..to)?)))
        .collect()
}

/// The here documents: the line that begins each, with where their texts begin.
pub(in crate::rules) fn here_documents(text: &str) -> Vec<(&str, usize, &str)> {
    let mut head = ("", 0);
    let mut out = Vec::new();
    for (at, line, part) in Lines::of(text) {
        match part {
            Part::Command => head = (line.trim(), at + line.len()),
            Part::End => out.extend(text.get(head.1..at).map(|body| (head.0, head.1, body))),
            Part::Text => {}
        }
    }
    out
}

/// A line that was to end a here document and does not, for the blanks beside its word: where it begins, and the word. One
/// that only looks so, and is followed by the true end, is none.
pub(in crate::rules) fn unended(text: &str) -> Option<(usize, String)> {
    let (mut start, mut waiting) = (0, None::<(String, bool)>);
    let (mut meant, mut other) = (None, None);
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
            (waiting, meant, other) = (None, None, None);
        } else if bare.trim() == word {
            meant = meant.or_else(|| Some((at, word.clone())));
        } else if bare != word && looks_like_an_end(bare) {
            other = other.or_else(|| Some((at, word.clone())));
        } else if here_document(line).as_ref() == Some(word) && meant.is_some() | other.is_some() {
            return meant.or(other);
        }
    }
    meant
}

/// A line that is one of the words which people end such texts with.
fn looks_like_an_end(line: &str) -> bool {
    matches!(
        line,
        "EOF"
            | "EOT"
            | "EOL"
            | "EOS"
            | "EOD"
            | "END"
            | "EFO"
            | "EOFF"
            | "EEOF"
            | "EOOF"
            | "FOE"
            | "OEF"
            | "EO"
            | "EOF;"
    )
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
    fn lines_inside_of_quotes_are_none() {
        let text = "a \"b\nc\" d\ne 'f\n\"g' # don't\nh \\\" i\nj\n";
        let found: Vec<&str> = unquoted(&commands(text)).into_iter().map(|(_, l)| l).collect();
        assert_eq!(found, ["a \"b", "e 'f", "h \\\" i", "j"]);
    }

    #[test]
    fn commands_go_on_over_lines_and_around_here_documents() {
        let text = "a \\\n  b\ncat <<EOF\nc\nEOF\n# d\n\nx &&\n  y\n";
        let found: Vec<&str> = from_the_end(text).into_iter().map(|(_, c)| c).collect();
        assert_eq!(found, ["x &&\n  y", "cat <<EOF", "a \\\n  b"]);
        assert!(from_the_end("echo $((1 << N))\n").is_empty());
    }
}
