//! Findings noted down flat, as ranges of one text: five thousand faults cost little until somebody reads what is said
//! of them. Knows no grammar and no tree; what a finding is to its readers is the matter of `diagnostic`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Label, Said};
use crate::text::Span;
use crate::words::Words;

/// A stretch of the text of the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Line {
    start: u32,
    end: u32,
}

impl Line {
    /// How many bytes it has.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// The same without so many bytes at either end.
    pub fn within(self, head: usize, tail: usize) -> Self {
        Self {
            start: self.start + head as u32,
            end: self.end.saturating_sub(tail as u32),
        }
    }
}

/// One finding, of source `schema` and severity error. A line that is empty is not said.
#[derive(Debug, Clone, Copy)]
pub struct Note {
    pub code: &'static str,
    pub span: Span,
    pub message: Line,
    pub label: Line,
    pub help: Line,
    /// The place of what is rarely said, none where it is beyond all.
    more: u32,
    /// The first of its fixes, and the one behind its last.
    fixes: (u32, u32),
}

impl Note {
    /// One that says no more than that.
    pub fn new(code: &'static str, span: Span, message: Line) -> Self {
        Self {
            code,
            span,
            message,
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
    title: Line,
    /// The edit behind its last; its first is that of the fix before.
    end: u32,
    safe: bool,
}

type Make = Box<dyn Fn(&str) -> String + Send + Sync>;

/// The findings of one judgement.
#[derive(Default)]
pub struct Notes {
    text: String,
    list: Vec<Note>,
    more: Vec<More>,
    makers: Vec<Make>,
    fixes: Vec<NotedFix>,
    edits: Vec<(Span, Line)>,
    /// The fixes that belong to findings already.
    taken: u32,
}

impl Notes {
    /// Room for so many.
    pub fn reserve(&mut self, count: usize) {
        self.list.reserve(count);
        self.fixes.reserve(count);
        self.edits.reserve(count);
        self.text.reserve(8 * count);
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
    pub fn fix(&mut self, title: Line, safe: bool, edits: &[(Span, Line)]) {
        self.edits.extend_from_slice(edits);
        let end = self.edits.len() as u32;
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
    pub fn findings(mut self, most: usize) -> Vec<Diagnostic> {
        self.list.sort_by_key(|n| n.span);
        self.list.truncate(most);
        let notes = Arc::new(self);
        let one = |(at, note): (u32, &Note)| Diagnostic::noted(note.code, note.span, &notes, at);
        (0..).zip(&notes.list).map(one).collect()
    }

    /// The text of a line.
    pub fn read(&self, line: Line) -> &str {
        self.text
            .get(line.start as usize..line.end as usize)
            .unwrap_or("")
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
                title: words(self.fixes.get(at as usize)?.title),
                edits: edits.iter().map(edit).collect(),
                safe,
            })
        };
        let mut said = Said {
            message: words(note.message),
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
