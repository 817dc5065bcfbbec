//! The scripts of a description: which program would run them, and whether that can. Reads them through the folder it is
//! given; runs none.

pub(super) mod absent;
pub(super) mod accounts;
pub(super) mod actions;
pub(super) mod aliases;
pub(super) mod arguments;
pub(super) mod assigned;
pub(super) mod beside;
pub(super) mod booleans;
pub(super) mod brackets;
pub(super) mod breaks;
pub(super) mod calls;
pub(super) mod end;
pub(super) mod files;
pub(super) mod folders;
mod greeters;
pub(super) mod interpreter;
pub(super) mod joined;
pub(super) mod language;
pub(super) mod locale_set;
pub(super) mod logins;
pub(super) mod memberships;
pub(super) mod names;
pub(super) mod needs;
pub(super) mod options;
pub(super) mod overlay;
pub(super) mod own_folders;
pub(super) mod own_variables;
pub(super) mod packages;
pub(super) mod paths;
mod profile_arms;
pub(super) mod profiles;
mod programs;
pub(super) mod replaced;
pub(super) mod roles;
pub(super) mod shapes;
pub(super) mod sysconfig;
pub(super) mod tested;
pub(super) mod text;
mod unit_packages;
pub(super) mod unit_slips;
mod unit_tables;
pub(super) mod units;
mod usage;
pub(super) mod usages;
pub(super) mod variables;
pub(super) mod verbs;
mod words;

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::description::SCRIPTS;
use crate::description::folder::Kind;
use crate::description::model::{File, Image};
use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Severity};
use crate::rules::code;
use crate::rules::files::{Fault, Here, beside_name};
use crate::rules::found::Found;
use crate::text::Span;

/// How a script is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum Run {
    /// Inside the tree: as a program where it is executable, through bash else.
    Tree,
    /// On the host, through bash.
    Host,
    /// In the running system, as a program of its overlay.
    Guest,
}

/// A script's text as it is judged.
pub(in crate::rules) struct Script<'a> {
    pub(in crate::rules) text: &'a str,
    pub(in crate::rules) run: Run,
    pub(in crate::rules) executable: bool,
    pub(in crate::rules) out: Vec<Diagnostic>,
    commands: OnceCell<Rc<[(usize, &'a str)]>>,
    calls: OnceCell<Rc<[words::Call<'a>]>>,
    /// The functions that switch on the units which they are given.
    switching: OnceCell<Vec<&'a str>>,
    /// The units of the overlays, with and without `.service`.
    units: &'a [String],
    /// What it is a script of, unless it is looked at alone.
    image: Option<&'a Image>,
}

/// What comes of a command that fails.
const FAILS: &str = "the command fails: the build stops there, or goes on without what it should do";

/// No script of a person is longer, in bytes.
const LONGEST: usize = 1 << 16;

/// Judges the scripts in the folder. Those with findings are added to `files`.
pub(in crate::rules) fn check(
    here: &Here<'_>,
    syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>,
    found: &mut Found<'_>,
    files: &mut Vec<File>,
) {
    let units = units::known(here);
    for (name, run) in scripts(here) {
        let Some(entry) = here.folder.entry(name).filter(|e| e.kind == Kind::File) else {
            continue;
        };
        let Some(bytes) = here.folder.read(name) else {
            continue;
        };
        // A program that is no text runs as it is.
        if bytes.contains(&0) {
            continue;
        }
        let text: Arc<str> = String::from_utf8_lossy(&bytes).into();
        let mut script = Script::new(&text, run, entry.executable);
        script.units = &units;
        script.image = Some(here.image);
        script.judge(&bytes, syntax);
        // What is wrong with single words does not keep the other lines from being looked at.
        let single = |d: &Diagnostic| d.code.starts_with("unknown-") || d.code == "script-command";
        if run == Run::Tree && script.is_written() && script.out.iter().all(single) {
            let first = script.out.len();
            script.needs(here);
            script.names(here);
            script.apart(first);
        }
        let out = script.out;
        tell(here, name, text, out, found, files);
    }
}

/// What is found in a script.
pub(in crate::rules) fn judged(
    text: &str,
    bytes: &[u8],
    (run, executable): (Run, bool),
    syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>,
) -> Vec<Diagnostic> {
    let mut script = Script::new(text, run, executable);
    script.judge(bytes, syntax);
    script.out
}

/// Adds findings in a file beside the description, and the file.
pub(in crate::rules) fn tell(
    here: &Here<'_>,
    name: &str,
    text: Arc<str>,
    mut out: Vec<Diagnostic>,
    found: &mut Found<'_>,
    files: &mut Vec<File>,
) {
    if out.is_empty() {
        return;
    }
    // An account that is not there is missed once, however often it is named.
    let mut missed: Vec<String> = Vec::new();
    out.sort_by_key(|d| d.span.start);
    out.retain(|d| {
        let message = d.message.to_string();
        let missing = message.starts_with("nothing makes the account");
        let told = missed.contains(&message);
        missed.extend(missing.then_some(message));
        !told
    });
    let dir = here.image.files.first().and_then(|f| f.path.parent());
    let path = dir.map_or_else(|| name.into(), |d| d.join(name));
    // Another rule may have told the same, or that the file is not what it seems.
    let told = files.iter().enumerate().filter(|(_, f)| f.path == path);
    let told: Vec<FileId> = told
        .map(|(n, _)| FileId((here.image.files.len() + n) as u32))
        .collect();
    if !told.is_empty() {
        let before = || found.since(0).iter().filter(|d| told.contains(&d.file));
        let over = |d: &Diagnostic| before().any(|b| b.span.start < d.span.end && b.span.end > d.span.start);
        let whole = |d: &Diagnostic| d.message.to_string().contains(" cannot read the file");
        out.retain(|d| !over(d) && !whole(d));
        if out.is_empty() {
            return;
        }
    }
    let file = FileId((here.image.files.len() + files.len()) as u32);
    for one in &mut out {
        one.file = file;
        let fix = repair(one, &text);
        one.fixes.extend(fix);
    }
    out.into_iter().for_each(|d| found.push(d));
    files.push(File { path, text });
}

/// The repair that puts the word which is likely meant in the place of one that is like it: a guess.
fn repair(one: &Diagnostic, text: &str) -> Option<Fix> {
    let label = one.label.to_string();
    let meant = label.strip_prefix("did you mean `")?.strip_suffix("`?")?;
    let old = text.get(one.span.start as usize..one.span.end as usize)?;
    let word =
        |w: &str| !w.is_empty() && !w.contains(char::is_whitespace) && !w.contains(['`', '"', '\'', '$']);
    let last = |w: &str| w.rsplit('/').next().filter(|l| !l.is_empty()).map(str::to_owned);
    let same = last(old).is_some() && last(old) == last(meant);
    // A part of a path may be a hint alone.
    let named = |w: &str| w.starts_with(|c: char| c.is_alphabetic() || c == '_') && !w.contains('/');
    let bare = named(old) && named(meant);
    // `tcp/8080` for `8080/tcp`.
    let turned = old
        .split_once('/')
        .zip(meant.split_once('/'))
        .is_some_and(|((a, b), (c, d))| (a, b) == (d, c));
    let alike =
        bare || turned || same || meant.starts_with(old) || strsim::damerau_levenshtein(old, meant) <= 3;
    let sound =
        one.fixes.is_empty() && word(old) && word(meant) && alike && old.contains('/') == meant.contains('/');
    sound.then(|| {
        let mut fix = Fix::change(one.span, meant, false);
        let all = again(text, one.span, old).filter(|_| old.len() > 3);
        fix.edits.extend(all.map(|span| Edit {
            span,
            new_text: meant.to_owned().into(),
        }));
        fix
    })
}

/// Where else in its line a word stands: a slip is made in all places, or in none.
fn again<'t>(text: &'t str, span: Span, word: &'t str) -> impl Iterator<Item = Span> + 't {
    let (from, to) = (span.start as usize, span.end as usize);
    let start = text.get(..from).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let end = text
        .get(to..)
        .and_then(|t| t.find('\n'))
        .map_or(text.len(), |n| to + n);
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let line = text.get(start..end).unwrap_or("");
    line.match_indices(word).filter_map(move |(at, _)| {
        let (head, tail) = (line.get(..at)?, line.get(at + word.len()..)?);
        let whole = !head.ends_with(part) && !tail.starts_with(part);
        let own = Span::new((start + at) as u32, (start + at + word.len()) as u32);
        (whole && own != span).then_some(own)
    })
}

/// The scripts that builds of this description start, and how.
fn scripts<'a>(here: &'a Here<'_>) -> Vec<(&'a str, Run)> {
    let fixed = SCRIPTS.iter().filter(|s| here.has(s)).map(|&name| {
        let host = name == "config-host-overlay.sh";
        (name, if host { Run::Host } else { Run::Tree })
    });
    let types = here.image.preferences.iter().flat_map(|p| &p.types);
    let named = types.flat_map(|t| {
        let attrs = &t.element.attrs;
        let all = ["editbootconfig", "editbootinstall"].into_iter();
        all.filter_map(|a| attrs.get(a))
    });
    let repositories = here.image.repositories.iter();
    let customized = repositories.filter_map(|r| beside_name(r.element.attrs.get("customize")?));
    let mut out: Vec<_> = fixed
        .chain(named.filter_map(beside_name).map(|name| (name, Run::Host)))
        .chain(customized.map(|name| (name, Run::Host)))
        .collect();
    out.sort_unstable_by_key(|(name, _)| *name);
    out.dedup_by_key(|(name, _)| *name);
    out
}

pub(in crate::rules) use names::lists;

impl<'a> Script<'a> {
    /// A script of which nothing has been found yet.
    pub(in crate::rules) fn new(text: &'a str, run: Run, executable: bool) -> Self {
        Self {
            text,
            run,
            executable,
            out: Vec::new(),
            commands: OnceCell::new(),
            calls: OnceCell::new(),
            switching: OnceCell::new(),
            units: &[],
            image: None,
        }
    }

    /// It is short enough to have been written by a person: of longer ones the words are not looked at, each of which may
    /// be sought in all the others.
    fn is_written(&self) -> bool {
        self.text.len() <= LONGEST
    }

    /// Of the findings from a number on, those of lines that none before it is about.
    fn apart(&mut self, first: usize) {
        let later = self.out.split_off(first);
        let line = |d: &Diagnostic| {
            let head = self.text.get(..d.span.start as usize).unwrap_or("");
            head.rfind('\n')
        };
        let told: Vec<_> = self.out.iter().map(line).collect();
        // What follows from a word under another name, elsewhere in the script.
        let words: Vec<&str> = self
            .out
            .iter()
            .filter_map(|d| self.text.get(d.span.start as usize..d.span.end as usize))
            .filter(|w| w.len() > 3)
            .collect();
        let follows = |d: &Diagnostic| {
            let message = d.message.to_string();
            words.iter().any(|w| message.contains(w))
        };
        let apart = |d: &Diagnostic| !told.contains(&line(d)) && !follows(d);
        let later: Vec<Diagnostic> = later.into_iter().filter(apart).collect();
        self.out.extend(later);
    }

    /// Its lines outside of here documents, with where they begin.
    pub(in crate::rules) fn commands(&self) -> Rc<[(usize, &'a str)]> {
        self.commands
            .get_or_init(|| text::commands(self.text).into())
            .clone()
    }

    /// Its commands, taken apart into words.
    fn calls(&self) -> Rc<[words::Call<'a>]> {
        self.calls.get_or_init(|| words::calls(self.text).into()).clone()
    }

    pub(in crate::rules) fn add(
        &mut self,
        name: &str,
        span: Span,
        message: String,
        label: &str,
    ) -> Option<&mut Diagnostic> {
        let known = code(name)?;
        let mut one = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
        one.help = Some(known.consequence.to_owned().into());
        if self.run == Run::Guest {
            one.severity = Severity::Warning;
            one.help = Some(
                "the build goes through, and the program fails when it is started in the running system"
                    .into(),
            );
        }
        self.out.push(one);
        self.out.last_mut()
    }

    /// The same with what would happen in words of its own.
    pub(in crate::rules) fn say(&mut self, name: &str, span: Span, message: String, label: &str, then: &str) {
        if let Some(one) = self.add(name, span, message, label) {
            one.help = Some(then.to_owned().into());
        }
    }

    /// The same of a word of a command (`line` begins at `at`), which fails or does something else than is meant. True,
    /// for something is told.
    pub(super) fn tell(
        &mut self,
        at: usize,
        line: &str,
        word: &str,
        message: String,
        label: &str,
        then: &str,
    ) -> bool {
        let span = names::place(at, line, word);
        self.say("script-command", span, message, label, then);
        true
    }

    /// The same of a word that another is likely meant by.
    pub(super) fn tell_meant(
        &mut self,
        at: usize,
        line: &str,
        word: &str,
        message: String,
        meant: impl std::fmt::Display,
        then: &str,
    ) -> bool {
        self.say_meant(names::place(at, line, word), message, meant, then);
        true
    }

    /// Says of a place that something else is likely meant there.
    fn say_meant(&mut self, span: Span, message: String, meant: impl std::fmt::Display, then: &str) {
        self.say(
            "script-command",
            span,
            message,
            &format!("did you mean `{meant}`?"),
            then,
        );
    }

    fn judge(&mut self, bytes: &[u8], syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>) {
        if self.text.trim().is_empty() {
            return;
        }
        let shell = self.interpreter();
        if self.line_ends() || !shell {
            // What follows would be told of each line.
            return;
        }
        if self.unended() || self.unparted() {
            return;
        }
        let faults = syntax.map(|f| f(bytes)).unwrap_or_default();
        let sound = faults.is_empty();
        if let ([(_, message)], Some(syntax)) = (faults.as_slice(), syntax)
            && self.unclosed(message, syntax)
        {
            return;
        }
        if let [(_, message)] = faults.as_slice()
            && self.unfinished(message)
        {
            return;
        }
        for (line, message) in faults {
            // A text that never ends is a fault of where it begins.
            let opened = crate::rules::found::after_part(&message, "here-document at line ");
            let opened = opened.and_then(|rest| rest.split(' ').next()?.parse().ok());
            let span = self.line(opened.unwrap_or(line));
            self.add("script-syntax", span, message, "bash stops here");
        }
        if sound && self.run != Run::Guest && self.is_written() {
            self.tests();
            self.assignments();
            self.helpers();
            self.units();
            self.variables();
            self.own_variables();
            self.actions();
            if self.run == Run::Tree && !self.out.iter().any(|d| d.code == "script-command") {
                self.asking();
            }
            self.system_files();
            self.ending();
            self.ended_early();
        }
    }

    /// The bytes of a line, counted from 1, without the space around it; the last one where there are fewer.
    fn line(&self, number: u32) -> Span {
        let mut start = 0;
        let mut last = Span::empty(0);
        for (at, line) in (1..).zip(self.text.split_inclusive('\n')) {
            let lead = line.len() - line.trim_start().len();
            if !line.trim().is_empty() {
                let from = (start + lead) as u32;
                last = Span::new(from, from + line.trim().len() as u32);
            }
            if at >= number {
                break;
            }
            start += line.len();
        }
        last
    }

    /// Line ends of Windows. True where there are some.
    fn line_ends(&mut self) -> bool {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            if line.ends_with("\r\n") {
                let end = (start + line.len()) as u32;
                let direct = start == 0 && self.run != Run::Host && self.executable && line.starts_with("#!");
                let message = "the lines of the script end with a carriage return, as on Windows".to_owned();
                let (span, label) = if direct {
                    (Span::new(0, end - 2), "no program has such a name")
                } else {
                    (Span::new(end - 2, end - 1), "part of the last word for the shell")
                };
                let error = direct || !self.executable || self.run == Run::Host;
                let guest = self.run == Run::Guest;
                if let Some(one) = self
                    .add("script-line-ends", span, message, label)
                    .filter(|_| !guest)
                {
                    one.severity = if error { Severity::Error } else { Severity::Warning };
                }
                return true;
            }
            start += line.len();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_meant_is_the_repair_and_a_hint_is_none() {
        for (text, label, told) in [
            ("nftable", "did you mean `nftables`?", Some("nftables")),
            (
                "/usr/bin/x-run",
                "did you mean `/usr/local/bin/x-run`?",
                Some("/usr/local/bin/x-run"),
            ),
            ("systemctl start x", "did you mean `systemctl enable`?", None),
            ("/bin/bsh", "did you mean `bash`?", None),
            ("https//example.org/", "did you mean `https://`?", None),
            ("x", "take it out", None),
        ] {
            let span = Span::new(0, text.len() as u32);
            let known = code("unknown-unit").unwrap();
            let one = Diagnostic::new(known.code, known.severity, known.source, span, String::new());
            let one = one.label(label.to_owned());
            let fix = repair(&one, text).map(|f| f.edits[0].new_text.to_string());
            assert_eq!(fix.as_deref(), told, "{label}");
        }
        let text = "x /.kconfg\ntest -f /.kconfg && . /.kconfg; echo x/.kconfg\n";
        let all = again(text, Span::new(19, 27), "/.kconfg").map(|s| s.start);
        assert_eq!(all.collect::<Vec<_>>(), [33]);
    }
}
