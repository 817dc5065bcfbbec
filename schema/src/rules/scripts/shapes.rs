//! Commands of a build's script whose words have a form of their own: loops over a name that is no name, tests of `find`. Runs
//! nothing.

use super::Script;
use super::words::{Form, calls};
use crate::rules::found::one_keystroke;

const THEN: &str = "the command fails: the build stops there, or goes on without what it should do";

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
        for call in calls(self.text) {
            let words = &call.words;
            if self.is_told(&call) {
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
                    let label = format!("did you mean `{}`?", name.raw.trim_matches(['$', '{', '}']));
                    let then =
                        "bash stops there: the build stops, or goes on without what the loop should do";
                    self.say("script-command", name.span(), message, &label, then);
                }
                Some("find") => self.sought(words),
                _ => {}
            }
        }
    }

    /// A kind of file that `find` does not know, or a test that is a slip of one.
    fn sought(&mut self, words: &[super::words::Word<'_>]) {
        let mut all = words.iter().skip(1).peekable();
        while let Some(word) = all.next() {
            let text = &*word.text;
            if word.form != Form::Plain || matches!(text, "-exec" | "-execdir" | "-ok" | "-okdir") {
                return;
            }
            if matches!(text, "-type" | "-xtype") {
                let Some(kind) = all.next().filter(|w| w.form == Form::Plain) else {
                    continue;
                };
                let known = |k: &str| matches!(k, "b" | "c" | "d" | "p" | "f" | "l" | "s" | "D");
                if !kind.text.split(',').all(known) {
                    let message = format!("`find` knows no kind of file `{}`", kind.text);
                    let label = "such as `f` for files, `d` for folders, `l` for links";
                    self.say("script-command", kind.span(), message, label, THEN);
                    return;
                }
            }
            let meant = FIND.iter().find(|f| f.len() > 4 && one_keystroke(f, text));
            if let Some(meant) =
                meant.filter(|_| text.len() > 4 && text.starts_with('-') && !FIND.contains(&text))
            {
                let message = format!("`find` knows no test `{text}`");
                self.say(
                    "script-command",
                    word.span(),
                    message,
                    &format!("did you mean `{meant}`?"),
                    THEN,
                );
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
        for test in FIND {
            assert_eq!(told(&format!("find /a {test} f")), 0, "{test}");
        }
        for text in ["find / -type file", "find / -nmae a", "for $x in a; do b; done"] {
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
