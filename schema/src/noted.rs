//! Findings noted down flat, as ranges of one text: five thousand faults cost little until somebody reads what is said
//! of them. Knows no grammar and no tree; what a finding is to its readers is the matter of `diagnostic`.

use std::sync::{Arc, Mutex};

use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Label, Said};
use crate::text::Span;
use crate::words::Words;

/// A stretch of the text of the notes; one that ends before it starts is of the text that was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Line {
    start: u32,
    end: u32,
}

impl Line {
    /// What stands there in the text that was judged.
    pub fn given(span: Span) -> Self {
        Self {
            start: span.end,
            end: span.start.min(span.end),
        }
    }

    /// The same without so many bytes at either end; only for what is written.
    pub fn within(self, head: usize, tail: usize) -> Self {
        Self {
            start: self.start + head as u32,
            end: self.end.saturating_sub(tail as u32),
        }
    }
}

/// Where a phrase has its word.
pub const WORD: char = '\0';

/// A line, or one with a [`WORD`] in it and what stands there: so nothing is written for a word that comes once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Phrase {
    line: Line,
    word: Line,
}

impl Phrase {
    /// A line about a word of the text that was judged, which is not empty.
    pub fn about(line: Line, word: Span) -> Self {
        let word = Line::given(word);
        Self { line, word }
    }
}

impl From<Line> for Phrase {
    fn from(line: Line) -> Self {
        let word = Line::default();
        Self { line, word }
    }
}

/// One finding, of source `schema` and severity error. A line that is empty is not said.
#[derive(Debug, Clone, Copy)]
pub struct Note {
    pub code: &'static str,
    pub span: Span,
    pub message: Phrase,
    pub label: Line,
    pub help: Line,
    /// The place of what is rarely said, none where it is beyond all.
    more: u32,
    /// The first of its fixes, and the one behind its last.
    fixes: (u32, u32),
}

impl Note {
    /// One that says no more than that.
    pub fn new(code: &'static str, span: Span, message: impl Into<Phrase>) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            label: Line::default(),
            help: Line::default(),
            more: u32::MAX,
            fixes: (0, 0),
        }
    }
}

/// What few findings say.
#[derive(Clone, Copy)]
pub enum More {
    /// Another place that explains it.
    Beside(Span, Line),
    /// The label, or the help, as that maker has it for that line.
    Label(Maker, Line),
    Help(Maker, Line),
}

/// What makes words of a line when they are read.
#[derive(Debug, Clone, Copy)]
pub struct Maker(u32);

#[derive(Debug, Clone, Copy)]
struct NotedFix {
    title: Phrase,
    /// The edit behind its last; its first is that of the fix before.
    end: u32,
    safe: bool,
}

type Make = Box<dyn Fn(&str) -> String + Send + Sync>;

/// The findings of one judgement.
#[derive(Default)]
pub struct Notes {
    /// The text that was judged.
    given: Arc<str>,
    text: String,
    list: Vec<Note>,
    more: Vec<More>,
    makers: Vec<Make>,
    fixes: Vec<NotedFix>,
    edits: Vec<(Span, Line)>,
    /// The fixes that belong to findings already.
    taken: u32,
}

/// The memory of the notes before, so that a text judged at each keystroke needs no fresh pages.
static SPARE: Mutex<Option<Notes>> = Mutex::new(None);

/// Notes with room for fewer findings need none; those with room for more go back to the system.
const LEAST: usize = 64;
const MOST: usize = 1 << 15;

impl Drop for Notes {
    fn drop(&mut self) {
        if !(LEAST..=MOST).contains(&self.list.capacity()) || self.text.capacity() > 64 * MOST {
            return;
        }
        let mut old = std::mem::take(self);
        old.clear();
        let former = SPARE.lock().ok().and_then(|mut spare| spare.replace(old));
        // Nothing is kept of it: it is let go without the lock.
        former.into_iter().for_each(Notes::release);
    }
}

impl Notes {
    /// For a text with so many faults, more or less.
    pub fn of(given: &Arc<str>, count: usize) -> Self {
        let spare = if count < LEAST {
            None
        } else {
            SPARE.lock().ok().and_then(|mut spare| spare.take())
        };
        let mut notes = spare.unwrap_or_default();
        notes.given = given.clone();
        notes.reserve(count);
        notes
    }

    fn clear(&mut self) {
        self.given = Arc::default();
        self.text.clear();
        self.list.clear();
        self.more.clear();
        self.makers.clear();
        self.fixes.clear();
        self.edits.clear();
        self.taken = 0;
    }

    /// Lets its memory go.
    fn release(mut self) {
        self.list = Vec::new();
    }

    /// Room for so many.
    pub fn reserve(&mut self, count: usize) {
        self.list.reserve(count);
        self.fixes.reserve(count);
        self.edits.reserve(count);
    }

    /// The text that was judged.
    pub fn given(&self) -> &str {
        &self.given
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Writes a line.
    #[inline]
    pub fn write(&mut self, make: impl FnOnce(&mut String)) -> Line {
        let start = self.text.len();
        make(&mut self.text);
        match u32::try_from(self.text.len()) {
            Ok(end) => Line {
                start: start as u32,
                end,
            },
            // Of four gigabytes nobody reads the end.
            Err(_) => {
                self.text.truncate(start);
                Line::default()
            }
        }
    }

    /// A repair of the finding that is added next.
    pub fn fix(&mut self, title: impl Into<Phrase>, safe: bool, edits: &[(Span, Line)]) {
        self.edits.extend_from_slice(edits);
        let end = self.edits.len() as u32;
        let title = title.into();
        self.fixes.push(NotedFix { title, end, safe });
    }

    /// What makes words later.
    pub fn maker(&mut self, make: Make) -> Maker {
        self.makers.push(make);
        Maker(self.makers.len() as u32 - 1)
    }

    /// What a finding says beyond its lines; one thing at most.
    pub fn say_more(&mut self, note: &mut Note, more: More) {
        note.more = self.more.len() as u32;
        self.more.push(more);
    }

    /// Adds a finding, with the repairs noted since the last one.
    pub fn add(&mut self, mut note: Note) {
        let end = self.fixes.len() as u32;
        note.fixes = (self.taken, end);
        self.taken = end;
        self.list.push(note);
    }

    /// The first `most` findings in the order of the text.
    pub fn findings(self, most: usize) -> Vec<Diagnostic> {
        let notes = Arc::new(self);
        let one = |(at, note): (u32, &Note)| Diagnostic::noted(note.code, note.span, &notes, at);
        let each = (0..).zip(&notes.list);
        if notes.list.is_sorted_by_key(|n| n.span) {
            return each.take(most).map(one).collect();
        }
        // The notes stay where they are; place and number in one are compared at once.
        let key = |(at, note): (u32, &Note)| u64::from(note.span.start) << 32 | u64::from(at);
        let mut order: Vec<u64> = each.map(key).collect();
        order.sort();
        let note = |&key: &u64| Some((key as u32, notes.list.get(key as u32 as usize)?));
        // Of those that begin at one place the shorter first.
        let end = |key: &u64| note(key).map(|n| n.1.span.end);
        for same in order
            .chunk_by_mut(|a, b| a >> 32 == b >> 32)
            .filter(|s| s.len() > 1)
        {
            same.sort_by_key(end);
        }
        let mut found = Vec::with_capacity(order.len().min(most));
        found.extend(order.iter().take(most).filter_map(note).map(one));
        found
    }

    /// The text of a line.
    pub fn read(&self, line: Line) -> &str {
        let (text, from, to) = if line.start <= line.end {
            (&*self.text, line.start, line.end)
        } else {
            (&*self.given, line.end, line.start)
        };
        text.get(from as usize..to as usize).unwrap_or("")
    }

    /// A phrase in words.
    fn words(self: &Arc<Self>, phrase: Phrase) -> Words {
        let word = self.read(phrase.word);
        match self.read(phrase.line).split_once(WORD) {
            Some((head, tail)) if !word.is_empty() => [head, word, tail].concat().into(),
            _ => Words::noted(self, phrase.line),
        }
    }

    /// The edits of a fix.
    fn edits_of(&self, fix: u32) -> (bool, &[(Span, Line)]) {
        let end_of = |at: u32| self.fixes.get(at as usize).map_or(0, |f| f.end as usize);
        let start = fix.checked_sub(1).map_or(0, end_of);
        let safe = self.fixes.get(fix as usize).is_some_and(|f| f.safe);
        (safe, self.edits.get(start..end_of(fix)).unwrap_or_default())
    }

    /// The likeliest repair of a finding: whether it is safe, and its edits.
    pub fn first_fix(&self, at: u32) -> Option<(bool, &[(Span, Line)])> {
        let (start, end) = self.list.get(at as usize)?.fixes;
        (start < end).then(|| self.edits_of(start))
    }

    /// What a finding says, in words.
    pub fn said(self: &Arc<Self>, at: u32) -> Said {
        let Some(note) = self.list.get(at as usize) else {
            return Said::default();
        };
        let words = |line: Line| Words::noted(self, line);
        let given = |line: Line| (!self.read(line).is_empty()).then(|| words(line));
        let edit = |&(span, line): &(Span, Line)| Edit {
            span,
            new_text: words(line),
        };
        let fix = |at: u32| {
            let (safe, edits) = self.edits_of(at);
            Some(Fix {
                title: self.words(self.fixes.get(at as usize)?.title),
                edits: edits.iter().map(edit).collect(),
                safe,
            })
        };
        let mut said = Said {
            message: self.words(note.message),
            label: words(note.label),
            help: given(note.help),
            notes: Vec::new(),
            fixes: (note.fixes.0..note.fixes.1).filter_map(fix).collect(),
        };
        let made = |maker: Maker, line| {
            let make = self.makers.get(maker.0 as usize);
            make.map_or_else(String::new, |make| make(self.read(line)))
        };
        match self.more.get(note.more as usize) {
            Some(&More::Beside(span, line)) => said.notes.push(Label {
                file: FileId::default(),
                span,
                message: words(line),
            }),
            Some(&More::Label(maker, line)) => said.label = made(maker, line).into(),
            Some(&More::Help(maker, line)) => said.help = Some(made(maker, line).into()),
            None => {}
        }
        said
    }
}
