//! The program that the first line of a script names: one that there is not, or that does not run what is written. Knows the
//! usual ones by name; runs nothing.

use super::{Run, Script};
use crate::diagnostic::Severity;
use crate::rules::found::near;
use crate::text::Span;

/// Programs that scripts are written for.
const INTERPRETERS: &[&str] = &[
    "bash", "sh", "dash", "ash", "ksh", "zsh", "fish", "env", "python", "python2", "python3", "perl", "ruby",
    "lua", "node", "php", "awk", "gawk", "sed", "tclsh", "expect", "make", "busybox", "true", "false", "cat",
    "rc",
];

/// Where programs that run scripts are.
const FOLDERS: &[&str] = &["/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin"];

/// The path that is meant by one whose folder is a slip of the pen.
fn misplaced(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/')?;
    let known = INTERPRETERS.contains(&name) && !FOLDERS.contains(&folder);
    if let Some(rest) = name.strip_prefix("env").filter(|r| INTERPRETERS.contains(r)) {
        return Some(format!("{folder}/env {rest}"));
    }
    if folder.ends_with("/env") {
        return Some(format!("{folder} {name}"));
    }
    let slip = matches!(folder, "" | "/usr") || near(folder, FOLDERS.iter().copied()).is_some();
    let head = if name == "bash" || name == "sh" {
        "/bin"
    } else {
        "/usr/bin"
    };
    (known && slip).then(|| format!("{head}/{name}"))
}

/// Programs that run scripts, and that are a keystroke away from another.
const OTHERS: &[&str] = &[
    "csh",
    "tcsh",
    "mksh",
    "rbash",
    "pdksh",
    "osh",
    "posh",
    "yash",
    "sash",
    "pwsh",
    "nodejs",
    "jruby",
    "mawk",
    "nawk",
    "gsed",
    "ipython",
    "jython",
    "cython",
    "bpython",
    "luajit",
    "wish",
    "es",
    "nu",
    "raku",
    "rash",
    "bats",
    "nft",
    "bun",
    "deno",
    "gjs",
    "bash-static",
    "rsh",
    "ssh",
    "fsh",
    "psh",
    "hush",
    "nash",
    "zx",
    "cake",
    "rake",
    "gmake",
    "bmake",
];

/// The program that is meant by one whose name is a slip of the pen. A version at its end is left aside.
fn slip(program: &str) -> Option<&'static str> {
    let stem = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    // Bash has no other name with its version.
    if stem == "bash" && program != stem {
        return Some("bash");
    }
    if program == "hs" {
        return Some("sh");
    }
    let all = || INTERPRETERS.iter().copied();
    if stem.len() < 3
        || OTHERS.contains(&stem)
        || OTHERS.contains(&program)
        || all().any(|k| k == stem || k == program)
    {
        return None;
    }
    // Two that are as near leave open which is meant, and not that one is.
    let close = |k: &&str| crate::rules::found::one_keystroke(stem, k);
    let same = all().find(|k| k.eq_ignore_ascii_case(stem));
    same.or_else(|| near(stem, all())).or_else(|| all().find(close))
}

/// Those whose language bash reads.
const SHELLS: &[&str] = &["bash", "sh", "dash", "ash", "ksh"];

impl Script<'_> {
    /// Judges the first line. True where bash, or a shell that is like it, reads the rest.
    pub(super) fn interpreter(&mut self) -> bool {
        let text = self.text;
        let first = text.lines().next().unwrap_or("");
        let span = Span::new(0, first.len() as u32);
        let direct = self.run != Run::Host && self.executable;
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
                    Run::Tree | Run::Guest => (
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
        let near = slip(program);
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
        } else if shell && !env && words.clone().count() > 1 {
            let message = format!("`{base}` takes all that follows as one option");
            Some((
                message,
                "one option, such as `-ex`, or `set -e -x` on the next line".to_owned(),
            ))
        } else if let Some(right) = misplaced(path) {
            let message = format!("there is no program `{path}`");
            Some((message, format!("did you mean `{right}`?")))
        } else {
            near.map(|near| {
                let message = format!("`{program}` is hardly a program that runs scripts");
                (message, format!("did you mean `{near}`?"))
            })
        };
        if let Some((message, label)) = wrong {
            let guest = self.run == Run::Guest;
            if let Some(one) = self
                .add("script-interpreter", at, message, &label)
                .filter(|_| !guest)
            {
                one.severity = Severity::Error;
            }
            return false;
        }
        if !shell {
            self.other_language(program, at);
        }
        shell
    }
}
