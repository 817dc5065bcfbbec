//! The `pattern` facet: XML Schema's regular expressions (part 2, appendix F) as the `regex` crate writes them.
//! Reads and checks the whole expression; compiles it only when first asked, and no more than a few at a time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};

use super::uncompiled;

/// A checked pattern.
#[derive(Debug, Clone)]
pub struct Pattern(Arc<Checked>);

#[derive(Debug)]
struct Checked {
    /// As the grammar has it.
    source: Box<str>,
    /// It was looked for in a text before.
    asked: AtomicBool,
    compiled: OnceLock<Option<Box<Compiled>>>,
}

/// A compiled pattern, none where it is too large for that. One takes some ten kilobytes, a large one as much as it may,
/// and to find out that it is too large takes as long: only so many are there at a time.
#[derive(Debug)]
struct Compiled(Option<Regex>);

static COMPILED: AtomicUsize = AtomicUsize::new(0);
/// No description needs as many.
const MOST_COMPILED: usize = 256;
/// What one may take, and beyond that while it is looked for in a text.
const LARGEST: usize = 1 << 17;
/// Longer ones are refused: while it is read an expression takes a few hundred times its size.
const LONGEST: usize = 1 << 16;

/// A text of so many bytes takes no longer than compiling.
const SHORT: usize = 256;

impl Compiled {
    fn new(source: &str) -> Option<Box<Self>> {
        let counted = |n| (n < MOST_COMPILED).then_some(n + 1);
        COMPILED
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, counted)
            .ok()?;
        let regex = translated(source).ok().and_then(|expression| {
            RegexBuilder::new(&format!("^(?:{expression})$"))
                .size_limit(LARGEST)
                .dfa_size_limit(LARGEST)
                .build()
                .ok()
        });
        Some(Box::new(Self(regex)))
    }
}

impl Drop for Compiled {
    fn drop(&mut self) {
        COMPILED.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pattern {
    /// Reads a pattern, or says what is wrong with it.
    pub fn new(source: &str) -> Result<Self, String> {
        if translated(source)?.len() > LONGEST {
            return Err(format!("`{source}` is no pattern: it is too long"));
        }
        Ok(Self(Arc::new(Checked {
            source: source.into(),
            asked: AtomicBool::new(false),
            compiled: OnceLock::new(),
        })))
    }

    /// As the grammar has it.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// True where the whole text fits.
    pub fn fits(&self, text: &str) -> bool {
        let read = || translated(&self.0.source).is_ok_and(|e| uncompiled::fits(&e, text));
        // For one short text it is not worth compiling.
        if text.len() <= SHORT && !self.0.asked.swap(true, Ordering::Relaxed) {
            return read();
        }
        let compiled = self.0.compiled.get_or_init(|| Compiled::new(&self.0.source));
        match compiled.as_ref().and_then(|c| c.0.as_ref()) {
            Some(regex) => regex.is_match(text),
            None => read(),
        }
    }
}

/// The expression in the crate's syntax.
fn translated(source: &str) -> Result<String, String> {
    let mut p = Parser {
        chars: source.chars().collect(),
        at: 0,
        out: String::new(),
        depth: 0,
    };
    p.branches()?;
    if p.at < p.chars.len() {
        return Err(format!("`{source}` has a `)` too many"));
    }
    Ok(p.out)
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    out: String,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }
    fn fail<T>(&self, why: &str) -> Result<T, String> {
        Err(format!(
            "`{}` is no pattern: {why}",
            self.chars.iter().collect::<String>()
        ))
    }

    fn branches(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > 100 {
            return self.fail("it is nested too deep");
        }
        loop {
            while let Some(c) = self.peek() {
                if c == '|' || c == ')' {
                    break;
                }
                self.piece()?;
            }
            if self.peek() != Some('|') {
                break;
            }
            self.at += 1;
            self.out.push('|');
        }
        self.depth -= 1;
        Ok(())
    }

    fn piece(&mut self) -> Result<(), String> {
        let start = self.out.len();
        match self.next() {
            Some('(') => {
                self.out.push_str("(?:");
                self.branches()?;
                if self.next() != Some(')') {
                    return self.fail("a `)` is missing");
                }
                self.out.push(')');
            }
            Some('[') => {
                let class = self.class()?;
                self.out.push_str(&class);
            }
            Some('.') => self.out.push_str(r"[^\n\r]"),
            Some('\\') => {
                let e = self.escape()?;
                match e {
                    Escape::Char(c) => literal(&mut self.out, c),
                    Escape::Set(s) => self.out.push_str(&s),
                }
            }
            Some(c @ ('?' | '*' | '+' | '{' | '}' | ']' | ')')) => {
                return self.fail(&format!("`{c}` stands alone"));
            }
            Some(c) => literal(&mut self.out, c),
            None => {}
        }
        match self.peek() {
            Some(c @ ('?' | '*' | '+')) => {
                self.at += 1;
                self.wrap(start);
                self.out.push(c);
            }
            Some('{') => {
                self.at += 1;
                let mut body = String::new();
                loop {
                    match self.next() {
                        Some('}') => break,
                        Some(c) if c.is_ascii_digit() || c == ',' => body.push(c),
                        _ => return self.fail("a repetition is `{n}`, `{n,}` or `{n,m}`"),
                    }
                }
                let (low, high) = body
                    .split_once(',')
                    .map_or((body.as_str(), None), |(a, b)| (a, Some(b)));
                let number = |t: &str| t.parse::<u32>().ok();
                let low_n = number(low);
                let fine = match high {
                    None | Some("") => low_n.is_some(),
                    Some(h) => low_n.zip(number(h)).is_some_and(|(a, b)| a <= b),
                };
                if !fine {
                    return self.fail("a repetition is `{n}`, `{n,}` or `{n,m}`");
                }
                self.wrap(start);
                self.out.push_str(&format!("{{{body}}}"));
            }
            _ => {}
        }
        Ok(())
    }

    /// So that what follows holds for the whole piece.
    fn wrap(&mut self, start: usize) {
        self.out.insert_str(start, "(?:");
        self.out.push(')');
    }

    /// After `[`: the class in the crate's syntax, subtraction as `--`.
    fn class(&mut self) -> Result<String, String> {
        self.depth += 1;
        if self.depth > 100 {
            return self.fail("it is nested too deep");
        }
        let mut out = String::from("[");
        if self.peek() == Some('^') {
            self.at += 1;
            out.push('^');
        }
        let (mut any, mut minus) = (false, None);
        loop {
            let Some(c) = self.next() else {
                return self.fail("a `]` is missing");
            };
            match c {
                ']' if any => break,
                ']' => return self.fail("a class is empty"),
                '[' => return self.fail("`[` must be escaped in a class"),
                '-' if self.peek() == Some('[') && any => {
                    self.at += 1;
                    minus = Some(self.class()?);
                    if self.next() != Some(']') {
                        return self.fail("a subtraction ends its class");
                    }
                    break;
                }
                _ => {
                    any = true;
                    let from = if c == '\\' {
                        self.escape()?
                    } else {
                        Escape::Char(c)
                    };
                    let from = match from {
                        Escape::Set(s) => {
                            out.push_str(&s);
                            continue;
                        }
                        Escape::Char(c) => c,
                    };
                    let after = self.chars.get(self.at + 1).copied();
                    if self.peek() == Some('-')
                        && !matches!(after, Some('[' | ']') | None)
                        && (c != '-' || after.is_some())
                    {
                        self.at += 1;
                        let to = match self.next() {
                            Some('\\') => match self.escape()? {
                                Escape::Char(c) => c,
                                Escape::Set(_) => return self.fail("a range ends with a character"),
                            },
                            Some(c) => c,
                            None => return self.fail("a `]` is missing"),
                        };
                        if to < from {
                            return self.fail("a range runs backwards");
                        }
                        literal(&mut out, from);
                        out.push('-');
                        literal(&mut out, to);
                    } else {
                        literal(&mut out, from);
                    }
                }
            }
        }
        out.push(']');
        self.depth -= 1;
        Ok(match minus {
            Some(m) => format!("[{out}--{m}]"),
            None => out,
        })
    }

    fn escape(&mut self) -> Result<Escape, String> {
        let Some(c) = self.next() else {
            return self.fail("it ends with `\\`");
        };
        Ok(match c {
            'n' => Escape::Char('\n'),
            'r' => Escape::Char('\r'),
            't' => Escape::Char('\t'),
            '\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{' | '}' | '-' | '[' | ']' | '^' => {
                Escape::Char(c)
            }
            's' => Escape::Set(r"[ \t\n\r]".into()),
            'S' => Escape::Set(r"[^ \t\n\r]".into()),
            'd' => Escape::Set(r"\p{Nd}".into()),
            'D' => Escape::Set(r"\P{Nd}".into()),
            'w' => Escape::Set(r"[^\p{P}\p{Z}\p{C}]".into()),
            'W' => Escape::Set(r"[\p{P}\p{Z}\p{C}]".into()),
            'i' => Escape::Set(format!("[{START}]")),
            'I' => Escape::Set(format!("[^{START}]")),
            'c' => Escape::Set(format!("[{START}{MORE}]")),
            'C' => Escape::Set(format!("[^{START}{MORE}]")),
            'p' | 'P' => {
                if self.next() != Some('{') {
                    return self.fail("`\\p` needs a category");
                }
                let mut name = String::new();
                loop {
                    match self.next() {
                        Some('}') => break,
                        Some(c) => name.push(c),
                        None => return self.fail("a `}` is missing"),
                    }
                }
                let not = if c == 'P' { "^" } else { "" };
                if let Some(block) = name.strip_prefix("Is") {
                    match super::blocks::block(block) {
                        Some((a, b)) => Escape::Set(format!("[{not}\\x{{{a:X}}}-\\x{{{b:X}}}]")),
                        None => return self.fail(&format!("there is no block `{block}`")),
                    }
                } else if CATEGORIES.contains(&name.as_str()) {
                    Escape::Set(format!("[{not}\\p{{{name}}}]"))
                } else {
                    return self.fail(&format!("there is no category `{name}`"));
                }
            }
            c => return self.fail(&format!("`\\{c}` has no meaning")),
        })
    }
}

enum Escape {
    Char(char),
    Set(String),
}

fn literal(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii() && !c.is_control() {
        out.push(c);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", c as u32));
    }
}

const START: &str = r"A-Za-z_:\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}";
const MORE: &str = r"\x{2D}.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}";
const CATEGORIES: &[&str] = &[
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
    "Pe", "Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn",
];

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn the_whole_text_fits_or_not() {
        for (pattern, yes, no) in [
            (r"a|bc", "bc", "abc"),
            (r"\d{2,3}", "12", "1"),
            (r"[a-z-[aeiou]]+", "xyz", "xaz"),
            (r"^$", "^$", ""),
            (r"\i\c*", "a.1", "1a"),
            (r"\p{IsBasicLatin}*", "ab", "ä"),
            (r"[a-zA-Z0-9_\-\.]+", "a-b.c", "a b"),
            (r"(x(,x)*)?", "", "x,"),
            (r"[!-/:-?_ ]{1,8}", "/ ?", "a"),
        ] {
            let p = Pattern::new(pattern).unwrap();
            assert!(p.fits(yes), "{pattern} {yes}");
            assert!(!p.fits(no), "{pattern} {no}");
        }
        for bad in ["a)", "(a", "[", "[]", "a{2,1}", r"\y", "*", r"\p{Xx}"] {
            assert!(Pattern::new(bad).is_err(), "{bad}");
        }
    }
}
