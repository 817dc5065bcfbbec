//! The scripts of a description: which program would run them, and whether that can. Reads them through the folder it is
//! given; runs none.

use std::sync::Arc;

use super::code;
use super::files::{Fault, Here, beside_name};
use super::found::{Found, near};
use crate::description::SCRIPTS;
use crate::description::folder::Kind;
use crate::description::model::File;
use crate::diagnostic::{Diagnostic, FileId, Severity};
use crate::text::Span;

/// How a script is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    /// Inside the tree: as a program where it is executable, through bash else.
    Tree,
    /// On the host, through bash.
    Host,
}

/// A script's text as it is judged.
struct Script<'a> {
    text: &'a str,
    run: Run,
    executable: bool,
    out: Vec<Diagnostic>,
}

/// Judges the scripts in the folder. Those with findings are added to `files`.
pub(super) fn check(
    here: &Here<'_>,
    syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>,
    found: &mut Found<'_>,
    files: &mut Vec<File>,
) {
    let dir = here.image.files.first().and_then(|f| f.path.parent());
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
        let mut script = Script {
            text: &text,
            run,
            executable: entry.executable,
            out: Vec::new(),
        };
        script.judge(&bytes, syntax);
        let mut out = script.out;
        if out.is_empty() {
            continue;
        }
        let file = FileId((here.image.files.len() + files.len()) as u32);
        out.iter_mut().for_each(|d| d.file = file);
        out.into_iter().for_each(|d| found.push(d));
        files.push(File {
            path: dir.map_or_else(|| name.into(), |d| d.join(name)),
            text,
        });
    }
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
    let mut out: Vec<_> = fixed
        .chain(named.filter_map(beside_name).map(|name| (name, Run::Host)))
        .collect();
    out.sort_unstable_by_key(|(name, _)| *name);
    out.dedup_by_key(|(name, _)| *name);
    out
}

/// Programs that scripts are written for.
const INTERPRETERS: &[&str] = &[
    "bash", "sh", "dash", "ash", "ksh", "zsh", "fish", "env", "python", "python2", "python3", "perl", "ruby",
    "lua", "node", "php", "awk", "gawk", "sed", "tclsh", "expect", "make", "busybox", "true", "false", "cat",
    "rc",
];

/// Those whose language bash reads.
const SHELLS: &[&str] = &["bash", "sh", "dash", "ash", "ksh"];

impl<'a> Script<'a> {
    fn add(&mut self, name: &str, span: Span, message: String, label: &str) -> Option<&mut Diagnostic> {
        let known = code(name)?;
        let mut one = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
        one.help = Some(known.consequence.to_owned().into());
        self.out.push(one);
        self.out.last_mut()
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
        let faults = syntax.map(|f| f(bytes)).unwrap_or_default();
        let sound = faults.is_empty();
        for (line, message) in faults {
            let span = self.line(line);
            self.add("script-syntax", span, message, "bash stops here");
        }
        if sound {
            self.helpers();
            self.ending();
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

    /// Judges the first line. True where bash, or a shell that is like it, reads the rest.
    fn interpreter(&mut self) -> bool {
        let text = self.text;
        let first = text.lines().next().unwrap_or("");
        let span = Span::new(0, first.len() as u32);
        let direct = self.run == Run::Tree && self.executable;
        let Some(named) = first.strip_prefix("#!") else {
            if direct {
                let bare = first.trim_start_matches('\u{feff}').trim_start();
                let label = if bare.len() < first.len() && bare.starts_with("#!") {
                    "nothing may stand before `#!`"
                } else if bare.contains("/bin/") && bare.starts_with(['#', '!']) {
                    "did you mean `#!/bin/bash`?"
                } else {
                    "`#!/bin/bash` is expected as the first line"
                };
                let message = "an executable script does not say which program runs it".to_owned();
                self.add("script-interpreter", span, message, label);
            }
            return true;
        };
        let mut words = named.split_whitespace();
        let path = words.next().unwrap_or("");
        let base = path.rsplit('/').next().unwrap_or("");
        let env = base == "env";
        let program = if env {
            words
                .clone()
                .find(|w| !w.starts_with('-') && !w.contains('='))
                .unwrap_or("")
        } else {
            base
        };
        let program = program.rsplit('/').next().unwrap_or("");
        let shell = SHELLS.contains(&program);
        let at = Span::new(2, first.trim_end().len() as u32);
        if !direct {
            if !shell && INTERPRETERS.contains(&program) {
                let (why, label) = match self.run {
                    Run::Tree => (
                        "is not executable and so",
                        "make it executable, or write it for bash",
                    ),
                    Run::Host => ("always", "write it for bash, or start the program from a script"),
                };
                let message = format!("the script is written for `{program}`, and {why} is run by bash");
                if let Some(one) = self.add("script-interpreter", at, message, label) {
                    one.severity = Severity::Error;
                }
                return false;
            }
            return shell || program.is_empty();
        }
        let near = near(program, INTERPRETERS.iter().copied()).filter(|_| !INTERPRETERS.contains(&program));
        let wrong = if path.is_empty() {
            Some((
                "`#!` names no program".to_owned(),
                "`#!/bin/bash` is expected".to_owned(),
            ))
        } else if !path.starts_with('/') {
            let message = format!("`{path}` is no absolute path of a program");
            Some((message, format!("did you mean `/bin/{base}`?")))
        } else if env
            && words.clone().count() > 1
            && !words.clone().next().is_some_and(|w| w.starts_with('-'))
        {
            let message = "`env` takes all that follows as the name of one program".to_owned();
            Some((
                message,
                "use `env -S`, or name the program by its path".to_owned(),
            ))
        } else {
            near.filter(|_| !program.contains(|c: char| c.is_ascii_digit()))
                .map(|near| {
                    let message = format!("`{program}` is hardly a program that runs scripts");
                    (message, format!("did you mean `{near}`?"))
                })
        };
        if let Some((message, label)) = wrong {
            if let Some(one) = self.add("script-interpreter", at, message, &label) {
                one.severity = Severity::Error;
            }
            return false;
        }
        shell
    }

    /// Line ends of Windows. True where there are some.
    fn line_ends(&mut self) -> bool {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            if line.ends_with("\r\n") {
                let end = (start + line.len()) as u32;
                let direct = start == 0 && self.run == Run::Tree && self.executable && line.starts_with("#!");
                let message = "the lines of the script end with a carriage return, as on Windows".to_owned();
                let (span, label) = if direct {
                    (Span::new(0, end - 2), "no program has such a name")
                } else {
                    (Span::new(end - 2, end - 1), "part of the last word for the shell")
                };
                let error = direct || !self.executable || self.run == Run::Host;
                if let Some(one) = self.add("script-line-ends", span, message, label) {
                    one.severity = if error { Severity::Error } else { Severity::Warning };
                }
                return true;
            }
            start += line.len();
        }
        false
    }

    /// Lines that stand by themselves at the margin, with where they begin: not in a here document, not continued.
    fn statements(&self) -> Vec<(usize, &'a str)> {
        let mut out = Vec::new();
        let (mut start, mut waiting, mut continued) = (0, None::<String>, false);
        for line in self.text.split_inclusive('\n') {
            let at = start;
            start += line.len();
            let line = line.trim_end();
            if let Some(word) = &waiting {
                if line.trim_start_matches('\t') == word {
                    waiting = None;
                }
                continue;
            }
            waiting = here_document(line);
            if !continued && !line.is_empty() && !line.starts_with([' ', '\t', '#']) {
                out.push((at, line));
            } else if continued || !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                // Something else is the last thing done.
                out.push((at, ""));
            }
            continued = line.ends_with('\\') || line.ends_with('|') || line.ends_with("&&");
        }
        // One that never ends was none.
        if waiting.is_some() {
            out.clear();
        }
        out
    }

    /// The lines outside of here documents, without the space before them, with where they begin.
    fn commands(&self) -> Vec<(usize, &'a str)> {
        let (mut start, mut waiting) = (0, None::<String>);
        let mut out = Vec::new();
        for line in self.text.split_inclusive('\n') {
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

    /// Calls of KIWI's helpers that stop the script, or that do not exist.
    fn helpers(&mut self) {
        let text = self.text;
        if self.run == Run::Host {
            return;
        }
        // What reads the variables alone reads no helper.
        let reads = |l: &str| {
            let l = l.trim_start();
            let file = l.contains(".kconfig") || l.contains("functions.sh");
            file || (l.contains("source ") || l.contains(". /") || l.starts_with(". "))
                && !l.contains(".profile")
        };
        let sourced = text.lines().any(reads);
        for (at, line) in self.commands() {
            let word = line.split([' ', '\t', ';']).next().unwrap_or("");
            if !sourced && HELPERS.contains(&word) && !defines(text, word) {
                let span = Span::new(at as u32, (at + word.len()) as u32);
                let message = format!("the script calls KIWI's helper `{word}`, and never reads `/.kconfig`");
                self.add("unknown-helper", span, message, "add `. /.kconfig` before it");
                return;
            }
        }
        if !text.contains(".kconfig") && !text.contains("functions.sh") {
            return;
        }
        for (at, line) in self.commands() {
            let word = line.split([' ', '\t', ';']).next().unwrap_or("");
            let span = Span::new(at as u32, (at + word.len()) as u32);
            if OBSOLETE.contains(&word) {
                let message =
                    format!("KIWI's helper `{word}` has become one that ends the script with status 1");
                self.add("obsolete-helper", span, message, "take it out");
                continue;
            }
            let like = ["base", "suse", "debian", "rhel"].iter().any(|h| {
                let rest = word.strip_prefix(h);
                rest.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_uppercase()))
            });
            let plain = word.bytes().all(|b| b.is_ascii_alphabetic());
            if !like || !plain || HELPERS.contains(&word) || defines(text, word) {
                continue;
            }
            if let Some(near) = near(word, HELPERS.iter().copied()) {
                let message = format!("there is no helper `{word}`");
                let label = format!("did you mean `{near}`?");
                self.add("unknown-helper", span, message, &label);
            }
        }
    }

    /// A last command that fails, or that fails where a test does not hold: its status is the script's.
    fn ending(&mut self) {
        let Some((at, line)) = self.statements().pop() else {
            return;
        };
        let end = line.split(" #").next().unwrap_or("").trim_end();
        let span = Span::new(at as u32, (at + end.len()) as u32);
        let exits = self.text.matches("exit").count();
        let status = end
            .strip_prefix("exit ")
            .and_then(|s| s.trim().parse::<u32>().ok());
        let tested = end.starts_with("[ ") || end.starts_with("[[ ") || end.starts_with("test ");
        if end == "false" || status.is_some_and(|s| s % 256 != 0) && exits == 1 {
            let message = "the script always ends with a failure".to_owned();
            if let Some(one) = self.add("script-ends-in-failure", span, message, "`exit 0` is a success") {
                one.severity = Severity::Error;
            }
        } else if tested && end.contains("&&") && !end.contains("||") && !end.contains(';') {
            let message = "the script fails where its last test does not hold".to_owned();
            let label =
                "its last command's status is that of the script: write it with `if`, or add `exit 0`";
            self.add("script-ends-in-failure", span, message, label);
        }
    }
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

/// The script defines a function of that name.
fn defines(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("function ").unwrap_or(line).trim_start();
        line.strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with(['(', '{']))
    })
}

/// Helpers that end the script that calls them.
const OBSOLETE: &[&str] = &["baseCleanMount", "baseSetupUserPermissions", "suseConfig"];

/// The helpers of `/.kconfig`.
const HELPERS: &[&str] = &[
    "baseCleanMount",
    "baseCleanTmp",
    "baseCreateCommonKernelFile",
    "baseCreateKernelTree",
    "baseDisableCtrlAltDel",
    "baseFixupKernelModuleDependencies",
    "baseGetPackagesForDeletion",
    "baseGetProfilesUsed",
    "baseInsertService",
    "baseKernelDriverMatches",
    "baseMount",
    "baseQuoteFile",
    "baseRemoveService",
    "baseService",
    "baseSetRunlevel",
    "baseSetupBoot",
    "baseSetupBuildDay",
    "baseSetupBusyBox",
    "baseSetupInPlaceGITRepository",
    "baseSetupInPlaceSVNRepository",
    "baseSetupOEMPartition",
    "baseSetupPlainTextGITRepository",
    "baseSetupUserPermissions",
    "baseStripAndKeep",
    "baseStripDocs",
    "baseStripFirmware",
    "baseStripInfos",
    "baseStripInitrd",
    "baseStripKernel",
    "baseStripKernelModules",
    "baseStripLocales",
    "baseStripMans",
    "baseStripModules",
    "baseStripPackager",
    "baseStripRPM",
    "baseStripTools",
    "baseStripTranslations",
    "baseStripUnusedLibs",
    "baseSyncKernelTree",
    "baseSystemctlCall",
    "baseSystemdCall",
    "baseSystemdServiceInstalled",
    "baseSysVServiceInstalled",
    "baseUpdateModuleDependencies",
    "baseUpdateSysConfig",
    "baseVagrantSetup",
    "debianStripDocs",
    "debianStripInitrd",
    "rhelImportBuildKey",
    "rhelSplashToGrub",
    "rhelStripInitrd",
    "rhelStripKernel",
    "suseActivateDefaultServices",
    "suseActivateServices",
    "suseCloneRunlevel",
    "suseConfig",
    "suseGFXBoot",
    "suseImportBuildKey",
    "suseInsertService",
    "suseRemovePackagesMarkedForDeletion",
    "suseRemoveService",
    "suseRemoveYaST",
    "suseService",
    "suseSetupProduct",
    "suseSetupProductInformation",
    "suseStripFirmware",
    "suseStripInitrd",
    "suseStripKernel",
    "suseStripPackager",
];
