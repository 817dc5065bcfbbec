//! Commands of a build's script whose words have a form of their own: loops over a name that is no name, tests of `find`. Runs
//! nothing.

use super::words::Form;
use super::{FAILS, Script};
use crate::rules::found::one_keystroke;

/// Tests and actions of `find`.
const FIND: &[&str] = &[
    "-amin",
    "-and",
    "-anewer",
    "-atime",
    "-cmin",
    "-cnewer",
    "-context",
    "-ctime",
    "-daystart",
    "-delete",
    "-depth",
    "-empty",
    "-exec",
    "-execdir",
    "-executable",
    "-false",
    "-files0-from",
    "-fls",
    "-follow",
    "-fprint",
    "-fprint0",
    "-fprintf",
    "-fstype",
    "-gid",
    "-group",
    "-ignore_readdir_race",
    "-ilname",
    "-iname",
    "-inum",
    "-ipath",
    "-iregex",
    "-iwholename",
    "-links",
    "-lname",
    "-ls",
    "-maxdepth",
    "-mindepth",
    "-mmin",
    "-mount",
    "-mtime",
    "-name",
    "-newer",
    "-newerat",
    "-newermt",
    "-nogroup",
    "-noignore_readdir_race",
    "-noleaf",
    "-not",
    "-nouser",
    "-nowarn",
    "-okdir",
    "-path",
    "-perm",
    "-print",
    "-print0",
    "-printf",
    "-prune",
    "-quit",
    "-readable",
    "-regex",
    "-regextype",
    "-samefile",
    "-size",
    "-true",
    "-type",
    "-uid",
    "-used",
    "-user",
    "-warn",
    "-wholename",
    "-writable",
    "-xdev",
    "-xtype",
];

impl Script<'_> {
    /// Looks at the commands that have a form of their own.
    pub(in crate::rules) fn shapes(&mut self) {
        for call in self.calls().iter() {
            let words = &call.words;
            if self.is_told(call) {
                continue;
            }
            match words.first().map(|w| &*w.text) {
                Some("for" | "select") => {
                    let Some(name) = words.get(1).filter(|w| w.raw.starts_with('$')) else {
                        continue;
                    };
                    let message = format!(
                        "a loop takes the name of a variable, and `{}` is its value",
                        name.raw
                    );
                    let meant = name.raw.trim_matches(['$', '{', '}']);
                    let then =
                        "bash stops there: the build stops, or goes on without what the loop should do";
                    self.say_meant(name.span(), message, meant, then);
                }
                Some("find") => self.sought(words),
                // A function may have been begun in another way than is seen.
                Some("return") if call.plain && !call.asked && self.outside(words) => {
                    let Some(word) = words.first() else { continue };
                    let message = "`return` ends a function, and the script is in none".to_owned();
                    let then = "bash refuses it: the script goes on, or the build stops";
                    self.say_meant(word.span(), message, "exit", then);
                }
                Some("export") => {
                    for word in words.iter().skip(1) {
                        self.variable(word.at, &word.text);
                    }
                }
                _ => {}
            }
        }
        self.devices();
        for &(at, line) in self.commands().iter() {
            let folder =
                super::files::target(line).filter(|t| t.len() > 1 && t.starts_with('/') && t.ends_with('/'));
            // It stands last, and in no quotes.
            let whole = |f: &&str| {
                let before = line.strip_suffix(f).unwrap_or("\"");
                before.contains('>') && ['"', '\''].iter().all(|q| before.matches(*q).count() % 2 == 0)
            };
            if let Some(folder) = folder.filter(|f| !line.starts_with('#') && whole(f)) {
                let message = format!("`{folder}` is a folder, and nothing can be written to it");
                self.tell(at, line, folder, message, "the name of a file is expected", FAILS);
            }
        }
    }

    /// The command stands in no function, as far as it can be seen: at the beginning of a line, where none is begun.
    fn outside(&self, words: &[super::words::Word<'_>]) -> bool {
        let before = words.first().and_then(|w| self.text.get(..w.at)).unwrap_or("x");
        let first = before.is_empty() || before.ends_with('\n');
        first && !["()", "function ", "sub "].iter().any(|f| self.text.contains(f))
    }

    /// A variable that programs read, under a slip of its name.
    fn variable(&mut self, at: usize, word: &str) {
        const READ: &[&str] = &[
            "DEBIAN_FRONTEND",
            "DEBCONF_NONINTERACTIVE_SEEN",
            "LANGUAGE",
            "LC_ALL",
            "PYTHONPATH",
            "LD_LIBRARY_PATH",
            "SYSTEMD_OFFLINE",
            "GNUPGHOME",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "TERM",
            "ZYPP_LOCK_TIMEOUT",
        ];
        let Some((name, _)) = word.split_once('=') else {
            return;
        };
        let close = |k: &&&str| k.len() > 7 && one_keystroke(k, name);
        let Some(meant) = READ.iter().find(close).filter(|_| !READ.contains(&name)) else {
            return;
        };
        if self.text.matches(name).count() > 1 {
            return;
        }
        let span = crate::text::Span::new(at as u32, (at + name.len()) as u32);
        let message = format!("no program reads a variable `{name}`");
        let then = "the build goes through, or stops where a program does without it";
        self.say_meant(span, message, meant, then);
    }

    /// A device that is a slip of one that every system has.
    fn devices(&mut self) {
        const DEVICES: &[&str] = &["null", "zero", "urandom", "random", "stdin", "stdout", "stderr"];
        for &(at, line) in self.commands().iter().filter(|(_, l)| !l.starts_with('#')) {
            for (from, _) in line.match_indices("/dev/") {
                let before = line.get(..from).unwrap_or("");
                let rest = line.get(from + 5..).unwrap_or("");
                let end = rest
                    .find(|c: char| !c.is_ascii_alphanumeric())
                    .unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                let whole = !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
                    && !after.starts_with(['/', '-', '_', '$', '{', '*']);
                let close = |k: &&&str| {
                    one_keystroke(k, name) || crate::rules::packages::misspelt::exchanged(k, name)
                };
                let Some(meant) = DEVICES
                    .iter()
                    .find(close)
                    .filter(|_| whole && !DEVICES.contains(&name))
                else {
                    continue;
                };
                let path = line.get(from..from + 5 + end).unwrap_or("");
                let message = format!("no system has a device `{path}`");
                let then = "the command fails, or what it says is written to a file of that name";
                self.tell_meant(at, line, path, message, format!("/dev/{meant}"), then);
                return;
            }
        }
    }

    /// A kind of file that `find` does not know, or a test that is a slip of one.
    fn sought(&mut self, words: &[super::words::Word<'_>]) {
        let mut all = words.iter().skip(1).peekable();
        while let Some(word) = all.next() {
            let text = &*word.text;
            if matches!(text, "-exec" | "-execdir" | "-ok" | "-okdir") {
                let ends = |w: &super::words::Word<'_>| {
                    w.text == ";" || w.text.ends_with('+') || w.form == Form::Many && w.text != "{}"
                };
                if !all.any(ends) {
                    let message = format!("the command behind `{text}` of `find` does not end");
                    self.say(
                        "script-command",
                        word.span(),
                        message,
                        "`\\;` or `+` is expected at its end",
                        FAILS,
                    );
                }
                return;
            }
            match word.form {
                Form::Plain => {}
                Form::Filled => continue,
                Form::Many => return,
            }
            if matches!(text, "-type" | "-xtype") {
                let Some(kind) = all.next().filter(|w| w.form == Form::Plain) else {
                    continue;
                };
                let known = |k: &str| matches!(k, "b" | "c" | "d" | "p" | "f" | "l" | "s" | "D");
                if !kind.text.split(',').all(known) {
                    let message = format!("`find` knows no kind of file `{}`", kind.text);
                    let label = match &*kind.text {
                        "file" | "files" | "regular" => "did you mean `f`?",
                        "dir" | "dirs" | "directory" | "folder" | "folders" => "did you mean `d`?",
                        "link" | "links" | "symlink" => "did you mean `l`?",
                        _ => "such as `f` for files, `d` for folders, `l` for links",
                    };
                    self.say("script-command", kind.span(), message, label, FAILS);
                    return;
                }
            }
            let meant = FIND.iter().find(|f| f.len() > 4 && one_keystroke(f, text));
            if let Some(meant) =
                meant.filter(|_| text.len() > 3 && text.starts_with('-') && !FIND.contains(&text))
            {
                let message = format!("`find` knows no test `{text}`");
                self.say_meant(word.span(), message, meant, FAILS);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_test_is_a_slip_of_another_and_slips_are_told() {
        let told = |text: &str| {
            let mut script = Script::new(text, super::super::Run::Tree, true);
            script.shapes();
            script.out.len()
        };
        for test in FIND.iter().filter(|t| !t.starts_with("-exec") && **t != "-okdir") {
            assert_eq!(told(&format!("find /a {test} f")), 0, "{test}");
        }
        for text in [
            "find / -type file",
            "find / -nmae a",
            "find / -exec rm {}",
            "find / -exec rm {} ;",
            "return 0",
            "a 2>/dev/nul",
            "export DEBIAN_FRONTED=a",
            "echo a > /etc/b/",
            "for $x in a; do b; done",
        ] {
            assert_eq!(told(text), 1, "{text}");
        }
        for text in [
            "find / -type f,l -name a",
            "find / -exec a -type b \\;",
            "for x in $y; do b; done",
        ] {
            assert_eq!(told(text), 0, "{text}");
        }
    }
}
