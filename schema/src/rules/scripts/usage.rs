//! How commands are called: a table of their options and of what else they are given, and a command taken apart by it.
//! Judges nothing.

use std::sync::LazyLock;

use super::words::{Call, Form, Word};
use crate::rules::rows::rows;
use crate::text::Span;

/// Whether an option has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    No,
    /// One may stand behind it, in the same word.
    Maybe,
    /// One has to, of this kind.
    Needed(&'static str),
}

/// An option.
#[derive(Debug)]
pub(super) struct Opt {
    pub(super) spellings: Vec<&'static str>,
    pub(super) value: Value,
    /// With it the operands are others.
    others: bool,
}

/// What a command is given beside its options.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) kind: &'static str,
    pub(super) least: usize,
    many: bool,
}

/// How a command is called.
#[derive(Debug)]
pub(super) struct Usage {
    names: Vec<&'static str>,
    /// There are other options than those that are known.
    pub(super) open: bool,
    pub(super) options: Vec<Opt>,
    pub(super) operands: Vec<Operand>,
}

static TABLE: LazyLock<Vec<Usage>> = LazyLock::new(|| {
    let rows = rows(include_str!("../tables/commands.txt"));
    rows.filter_map(usage).collect()
});

/// One line of the table.
fn usage(line: &'static str) -> Option<Usage> {
    let (names, rest) = line.split_once('|')?;
    let (options, operands) = rest.split_once('|')?;
    let option = |word: &'static str| {
        let others = word.starts_with('!');
        let word = word.trim_start_matches('!');
        let (spellings, value) = match word.split_once("[=]") {
            Some((spellings, _)) => (spellings, Value::Maybe),
            None => match word.split_once('=') {
                Some((spellings, kind)) => (spellings, Value::Needed(kind)),
                None => (word, Value::No),
            },
        };
        let spellings = spellings.split(',').collect();
        Opt {
            spellings,
            value,
            others,
        }
    };
    let operand = |word: &'static str| Operand {
        kind: word.trim_end_matches(['?', '+', '*']),
        least: usize::from(!word.ends_with(['?', '*'])),
        many: word.ends_with(['+', '*']),
    };
    Some(Usage {
        names: names.split(',').map(str::trim).collect(),
        open: options.trim_start().starts_with('~'),
        options: options
            .split_whitespace()
            .filter(|w| *w != "~")
            .map(option)
            .collect(),
        operands: operands.split_whitespace().map(operand).collect(),
    })
}

/// A command as it is called, taken apart.
#[derive(Debug)]
pub(super) struct Taken<'c, 't> {
    /// The program, and its own command where it has such.
    pub(super) name: String,
    pub(super) usage: &'static Usage,
    /// That of the program, where it is its own command's.
    base: Option<&'static Usage>,
    /// Values and operands that are as they stand, with their kinds.
    pub(super) given: Vec<(&'static str, Part<'c, 't>)>,
    /// An option that is none of its.
    pub(super) unknown: Option<&'c Word<'t>>,
    /// An option that nothing stands behind.
    pub(super) alone: Option<&'c Word<'t>>,
    /// An option with another as its value.
    pub(super) swallows: Option<(&'c Word<'t>, &'c Word<'t>)>,
    /// Those words that are operands, where their number is known.
    pub(super) operands: Option<Vec<&'c Word<'t>>>,
    unsure: bool,
}

/// A word, or the part of one that is a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'c, 't> {
    pub(super) word: &'c Word<'t>,
    /// Where the value begins in it.
    pub(super) from: usize,
    /// Where it ends.
    pub(super) to: usize,
}

impl<'c, 't> Part<'c, 't> {
    fn whole(word: &'c Word<'t>) -> Self {
        Self {
            word,
            from: 0,
            to: word.text.len(),
        }
    }

    pub(super) fn text(&self) -> &str {
        self.word.text.get(self.from..self.to).unwrap_or("")
    }

    /// Where it stands in the script.
    pub(super) fn span(&self) -> Span {
        let whole = self.word.span();
        if self.word.raw != self.word.text {
            return whole;
        }
        Span::new(whole.start + self.from as u32, whole.start + self.to as u32)
    }
}

impl Usage {
    fn find(&'static self, spelling: &str) -> Option<&'static Opt> {
        let exact = |o: &&Opt| o.spellings.contains(&spelling);
        self.options.iter().find(exact).or_else(|| {
            // The beginning of a long one is enough.
            let begins = |o: &&Opt| o.spellings.iter().any(|s| s.starts_with(spelling));
            let long = spelling.len() > 3 && spelling.starts_with("--");
            self.options.iter().find(|o| long && begins(o))
        })
    }

    /// What an operand is, by its number.
    fn kind(&self, number: usize) -> Option<&Operand> {
        let last = self.operands.last().filter(|o| o.many);
        self.operands.get(number).or(last)
    }

    /// So many operands are too many.
    pub(super) fn most(&self) -> Option<usize> {
        let many = self.operands.iter().any(|o| o.many);
        (!many).then_some(self.operands.len())
    }

    /// So many have to be there.
    pub(super) fn least(&self) -> usize {
        self.operands.iter().map(|o| o.least).sum()
    }
}

/// A command taken apart, where it is one that is known.
pub(super) fn taken<'c, 't>(call: &'c Call<'t>) -> Option<Taken<'c, 't>> {
    let (first, mut rest) = call.words.split_first()?;
    let program = first.text.rsplit('/').next()?;
    let named = |name: &str| TABLE.iter().find(|u| u.names.contains(&name));
    let (mut name, mut usage, mut base) = (program.to_owned(), named(program), None);
    let mut before: &[Word<'t>] = &[];
    // The command of a program is its first word that is no option.
    if let Some(at) = rest.iter().position(|w| !w.text.starts_with('-'))
        && let Some(word) = rest.get(at).filter(|w| w.form == Form::Plain)
        && let Some(own) = named(&format!("{program} {}", word.text))
    {
        before = rest.get(..at)?;
        rest = rest.get(at + 1..)?;
        base = usage;
        (name, usage) = (format!("{program} {}", word.text), Some(own));
    }
    let mut taken = Taken {
        name,
        usage: usage?,
        base,
        given: Vec::new(),
        unknown: None,
        alone: None,
        swallows: None,
        operands: None,
        unsure: false,
    };
    // Options of the program itself stand before its command.
    if base.is_some() {
        taken.words(before);
        taken.operands = None;
    }
    taken.words(rest);
    Some(taken)
}

impl<'c, 't> Taken<'c, 't> {
    /// There are other options than those that are known.
    pub(super) fn open(&self) -> bool {
        self.usage.open || self.base.is_some_and(|b| b.open)
    }

    /// All options that are known.
    pub(super) fn options(&self) -> impl Iterator<Item = &'static Opt> {
        let base = self.base.map(|b| b.options.iter());
        self.usage.options.iter().chain(base.into_iter().flatten())
    }

    fn find(&self, spelling: &str) -> Option<&'static Opt> {
        self.usage.find(spelling).or_else(|| self.base?.find(spelling))
    }

    fn words(&mut self, words: &'c [Word<'t>]) {
        let usage = self.usage;
        let (mut operands, mut known, mut sure, mut options) = (Vec::new(), 0, true, true);
        let mut all = words.iter();
        while let Some(word) = all.next() {
            let text = &*word.text;
            // A function has no options: behind its first word a dash is part of what it is given.
            options &= !(operands.len() == 1 && self.options().next().is_none() && !self.open());
            let dashed = options && text.len() > 1 && text.starts_with('-') && !word.raw.starts_with('$');
            if text == "--" && options {
                options = false;
            } else if text == "-" && self.name == "su" {
                // It stands for `--login`.
            } else if !dashed || self.is_mode(word) {
                // Another command begins.
                if usage.kind(operands.len()).is_some_and(|o| o.kind == "rest") {
                    sure = false;
                    break;
                }
                operands.push(word);
                known += usize::from(sure);
                sure &= word.form != Form::Many;
            } else if matches!(text, "--help" | "--version" | "--usage") {
                return;
            } else if text.starts_with("--") {
                let (spelling, glued) = match text.split_once('=') {
                    Some((spelling, _)) => (spelling, Some(spelling.len() + 1)),
                    None => (text, None),
                };
                match self.find(spelling) {
                    Some(option) => {
                        sure &= !option.others;
                        self.valued(option, word, glued, &mut all);
                    }
                    None if word.form == Form::Plain || glued.is_some() => {
                        self.unknown = self.unknown.or(Some(word));
                        sure = false;
                    }
                    None => sure = false,
                }
            } else if word.form == Form::Plain {
                sure &= self.letters(word, &mut all);
            } else {
                sure = false;
            }
        }
        // `NAME=VALUE` stands for a name and one of the words behind it.
        let next = |number: usize| usage.kind(number + 1).is_some_and(|o| o.kind.starts_with('{'));
        let mut both = operands.iter().enumerate();
        if both.any(|(number, word)| word.text.contains('=') && next(number)) {
            return;
        }
        for (number, word) in operands.iter().enumerate().take(known) {
            let kind = usage.kind(number).filter(|_| word.form == Form::Plain);
            self.given.extend(kind.map(|k| (k.kind, Part::whole(word))));
        }
        self.operands = Some(operands).filter(|_| sure && !self.unsure);
    }

    /// `chmod -x` takes something away.
    fn is_mode(&self, word: &Word<'_>) -> bool {
        let modes = || word.text.bytes().skip(1).all(|b| b"rwxXstugoa,=+-".contains(&b));
        self.usage.operands.first().is_some_and(|o| o.kind == "mode") && modes()
    }

    /// Short options in one word. False where operands are not known any more.
    fn letters(&mut self, word: &'c Word<'t>, rest: &mut std::slice::Iter<'c, Word<'t>>) -> bool {
        let mut sure = true;
        for (at, letter) in word.text.char_indices().skip(1) {
            let Some(option) = self.find(&format!("-{letter}")) else {
                // A word with one dash may be an option of its own.
                let whole = self.options().any(|o| o.spellings.contains(&&*word.text));
                if !whole {
                    self.unknown = self.unknown.or(Some(word));
                }
                return false;
            };
            sure &= !option.others;
            let next = at + letter.len_utf8();
            match option.value {
                Value::No => {}
                Value::Maybe => return sure,
                Value::Needed(_) => {
                    self.valued(option, word, (next < word.text.len()).then_some(next), rest);
                    return sure;
                }
            }
        }
        sure
    }

    /// An option with its value, which stands in the same word or in the next.
    fn valued(
        &mut self,
        option: &'static Opt,
        word: &'c Word<'t>,
        glued: Option<usize>,
        rest: &mut std::slice::Iter<'c, Word<'t>>,
    ) {
        let Value::Needed(kind) = option.value else { return };
        let value = match glued {
            Some(from) => Part {
                word,
                from,
                to: word.text.len(),
            },
            None => match rest.next() {
                Some(word) => Part::whole(word),
                None => {
                    self.alone = self.alone.or(Some(word));
                    return;
                }
            },
        };
        let text = value.text();
        // What is not known may be nothing.
        if value.word.form == Form::Many && glued.is_none() {
            self.unsure = true;
        }
        if glued.is_none() && text.len() > 1 && text.starts_with('-') && self.find(text).is_some() {
            self.swallows = self.swallows.or(Some((word, value.word)));
        }
        if value.word.form == Form::Plain {
            self.given.push((kind, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::scripts::words::calls;

    #[test]
    fn the_table_is_read_whole() {
        let lines = include_str!("../tables/commands.txt").lines();
        let count = lines
            .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
            .count();
        assert_eq!(TABLE.len(), count);
        for usage in TABLE.iter() {
            assert!(usage.names.iter().all(|n| !n.is_empty()), "{usage:?}");
            let dashed = |o: &Opt| o.spellings.iter().all(|s| s.starts_with('-') && s.len() > 1);
            assert!(usage.options.iter().all(dashed), "{:?}", usage.names);
        }
    }

    #[test]
    fn options_take_their_values() {
        let of = |text: &str| {
            let calls = calls(text);
            let taken = taken(&calls[0]).unwrap();
            let given = taken
                .given
                .iter()
                .map(|(kind, part)| format!("{kind}={}", part.text()));
            let mut told: Vec<String> = given.collect();
            told.extend(taken.unknown.map(|w| format!("?{}", w.text)));
            told.extend(taken.alone.map(|w| format!("!{}", w.text)));
            told.extend(taken.swallows.map(|(_, w)| format!("<{}", w.text)));
            told.extend(taken.operands.map(|o| o.len().to_string()));
            told.join(" ")
        };
        for (text, told) in [
            ("useradd -rg a --uid=5 b", "group=a number=5 new-account=b 1"),
            ("chmod -R -x a b", "mode=-x path=a path=b 3"),
            ("chmod --rec 644 $a", "mode=644"),
            ("useradd -g -m b", "group=-m new-account=b <-m 1"),
            ("usermod -aG", "!-aG 0"),
            ("groupadd -s a", "?-s"),
            ("systemctl --now enable a", "word=a 1"),
            ("systemctl --noww enable a", "word=a ?--noww 1"),
            ("su - a -c b", "=b account=a 1"),
            ("sudo -u a b -u c", "account=a"),
            ("su a b -x", "account=a"),
            ("grep -3 a b", "word=a path=b 2"),
            ("baseUpdateSysConfig /etc/a B -u", "path=/etc/a word=B word=-u 3"),
            ("baseInsertService -f a", "?-f"),
            ("setsebool -P a=1 b=on", ""),
            (
                "dnf config-manager --add-repo https://a.org/b.repo",
                "=https://a.org/b.repo",
            ),
            ("dnf config-manager --setopt=a=b --save", "=a=b"),
        ] {
            assert_eq!(of(text), told, "{text}");
        }
    }
}
