//! Commands of a script that do nothing while an image is built, or that wait for an answer which nobody gives. Looks at
//! the words of single commands; runs nothing.

use super::calls::defines;
use super::{Run, Script};
use crate::diagnostic::{Edit, Fix};
use crate::text::Span;

/// Package managers that ask, what makes them ask, and what keeps them from it.
const ASKING: &[(&str, &[&str], &[&str])] = &[
    (
        "apt-get",
        &[
            "install",
            "upgrade",
            "dist-upgrade",
            "remove",
            "purge",
            "autoremove",
        ],
        &["--yes", "--assume-yes", "-qq", "--no-act", "--dry-run"],
    ),
    (
        "apt",
        &[
            "install",
            "upgrade",
            "full-upgrade",
            "remove",
            "purge",
            "autoremove",
        ],
        &["--yes", "--assume-yes", "-qq", "--no-act", "--dry-run"],
    ),
    (
        "zypper",
        &["install", "in", "update", "up", "dup", "remove", "rm", "patch"],
        &["--non-interactive", "-n", "-y", "--no-confirm", "--dry-run"],
    ),
    (
        "dnf",
        &[
            "install",
            "update",
            "upgrade",
            "remove",
            "swap",
            "groupinstall",
            "autoremove",
            "distro-sync",
        ],
        &["--assumeyes", "--assumeno"],
    ),
    (
        "yum",
        &[
            "install",
            "update",
            "upgrade",
            "remove",
            "groupinstall",
            "autoremove",
        ],
        &["--assumeyes", "--assumeno"],
    ),
    (
        "pacman",
        &["-S", "-Sy", "-Syu", "-R", "-Rs", "-Rns", "-U"],
        &["--noconfirm"],
    ),
];

/// What of systemd's needs it to run.
const STARTING: &[&str] = &[
    "start",
    "restart",
    "reload",
    "try-restart",
    "reload-or-restart",
    "isolate",
];

/// Programs that ask a running systemd to change a setting, and what sets it in a build.
const RUNNING: &[(&str, &str)] = &[
    ("hostnamectl", "write `/etc/hostname`"),
    ("localectl", "use `<locale>` and `<keytable>`"),
    ("timedatectl", "use `<timezone>`"),
];

/// Programs that do nothing, or fail, where no system runs, and what is there in place of them.
const ALIVE: &[(&str, &str)] = &[
    ("firewall-cmd", "`firewall-offline-cmd` writes the settings"),
    ("setenforce", "write `SELINUX=` into `/etc/selinux/config`"),
    (
        "loginctl",
        "make the file that it would leave, such as `/var/lib/systemd/linger/USER`",
    ),
    ("reboot", "take it out"),
    ("poweroff", "take it out"),
    ("shutdown", "take it out"),
];

impl Script<'_> {
    /// Judges the commands one by one.
    pub(in crate::rules) fn actions(&mut self) {
        if self.run != Run::Tree {
            return;
        }
        let text = self.text;
        for &(at, line) in self.commands().iter() {
            // What stands in a pipe is answered by what stands before it.
            if line.starts_with('#') || line.contains(['|', '<', '`']) || line.ends_with('\\') {
                continue;
            }
            let line = line.split(" #").next().unwrap_or(line);
            let command = line.split(['&', ';']).next().unwrap_or(line).trim_end();
            let mut words = command.split_whitespace();
            let first = words.find(|w| !w.contains('=') && *w != "sudo").unwrap_or("");
            let rest: Vec<&str> = words.collect();
            let bare = first.rsplit('/').next().unwrap_or(first);
            let span = Span::new(at as u32, (at + command.len()) as u32);
            if bare == "systemctl" && !defines(text, bare) {
                let verb = rest.iter().find(|w| !w.starts_with('-')).copied().unwrap_or("");
                if STARTING.contains(&verb) {
                    let message = format!(
                        "`systemctl {verb}` does nothing here: no service runs while the image is built"
                    );
                    let from = text.get(span.start as usize..span.end as usize);
                    let from = from
                        .and_then(|t| t.find(&format!(" {verb} ")))
                        .filter(|_| verb == "start");
                    let at = from.map(|from| span.start + 1 + from as u32);
                    let fix =
                        at.map(|at| Fix::change(Span::new(at, at + verb.len() as u32), "enable", false));
                    let label = "did you mean `systemctl enable`?";
                    if let Some(told) = self.add("script-command", span, message, label) {
                        told.fixes.extend(fix);
                    }
                    return;
                }
            }
            if let Some((_, file)) = RUNNING.iter().find(|(p, _)| *p == bare)
                && !defines(text, bare)
                && rest.iter().any(|w| w.starts_with("set"))
                && !line.contains("||")
            {
                let message =
                    format!("`{bare}` asks a running systemd, and none runs while the image is built");
                self.add("script-command", span, message, file);
                return;
            }
            if let Some((_, label)) = ALIVE.iter().find(|(p, _)| *p == bare)
                && !defines(text, bare)
                && !line.contains("||")
                && !rest.contains(&"--offline")
            {
                let message =
                    format!("`{bare}` asks a running system, and none runs while the image is built");
                self.add("script-command", span, message, label);
                return;
            }
            const TOP: &[&str] = &["/etc", "/usr", "/var", "/bin", "/sbin", "/lib", "/lib64", "/dev"];
            let top = rest.iter().find(|w| TOP.contains(&w.trim_end_matches('/')));
            if bare == "rm" && (top.is_some() || rest.iter().any(|w| matches!(*w, "/" | "/*"))) {
                let message = match top {
                    Some(top) => format!("`rm` is given the whole of `{top}`"),
                    None => "`rm` is given the whole tree".to_owned(),
                };
                let label = "a blank may stand where none is meant";
                self.say(
                    "script-command",
                    span,
                    message,
                    label,
                    "the build stops there, or nothing is left of the image",
                );
                return;
            }
            if bare == "baseStripLocales" && rest.is_empty() && !defines(text, bare) {
                let message = "`baseStripLocales` without a name deletes every locale".to_owned();
                self.add(
                    "script-command",
                    span,
                    message,
                    "name those that are kept, such as `en_US.utf8`",
                );
                return;
            }
            if bare == "set"
                && let Some(wrong) = option(&rest).filter(|o| !OPTIONS.contains(o))
                && let Some(meant) = crate::rules::found::near(wrong, OPTIONS.iter().copied())
            {
                let message = format!("bash has no option `{wrong}`");
                self.add(
                    "script-command",
                    span,
                    message,
                    &format!("did you mean `{meant}`?"),
                );
                return;
            }
            if bare == "set"
                && let [flags, more @ ..] = rest.as_slice()
                && flags.len() < 6
                && flags.bytes().all(|b| b"euxo".contains(&b))
                && more.iter().all(|w| OPTIONS.contains(w))
            {
                let message =
                    format!("`{flags}` is taken for an argument of the script: `-` does not stand before it");
                let label = format!("did you mean `set -{}`?", rest.join(" "));
                self.add("script-command", span, message, &label);
                return;
            }
            if bare == "set"
                && let [flags, word] = rest.as_slice()
                && flags.starts_with('-')
                && flags.len() > 1
                && !flags.contains('o')
                && OPTIONS.contains(word)
            {
                let message =
                    format!("`{word}` is taken for an argument of the script: `-o` does not stand before it");
                self.add(
                    "script-command",
                    span,
                    message,
                    &format!("did you mean `set {flags}o {word}`?"),
                );
                return;
            }
        }
    }

    /// Package managers that would wait for an answer, wherever in a line they are called.
    pub(in crate::rules) fn asking(&mut self) {
        let text = self.text;
        for call in self.calls().iter() {
            let Some((first, words)) = call.words.split_first() else {
                continue;
            };
            let bare = first.text.rsplit('/').next().unwrap_or("");
            let Some((program, verbs, silent)) = ASKING.iter().find(|(p, _, _)| *p == bare) else {
                continue;
            };
            // Behind some verbs the word is only a name (`dnf mark install vim`).
            let mut spoken = words.iter().take_while(|w| !OTHERS.contains(&&*w.text));
            let verb = spoken.find(|w| verbs.contains(&&*w.text));
            let yes = |w: &&super::words::Word<'_>| {
                let word = &*w.text;
                let short = word.starts_with('-') && !word.starts_with("--") && *program != "pacman";
                silent.contains(&word) || word.contains('$') || short && word.contains('y')
            };
            let quiet = call.fed || words.iter().any(|w| yes(&w)) || defines(text, bare);
            let Some(verb) = verb.filter(|_| !quiet && !self.is_told(call)) else {
                continue;
            };
            let message = format!("`{bare} {}` waits for an answer, and nobody gives one", verb.text);
            let label = match *program {
                "zypper" => "`zypper --non-interactive` does not ask",
                "pacman" => "`--noconfirm` does not ask",
                _ => "`-y` does not ask",
            };
            let last = words.last().unwrap_or(first);
            let span = Span::new(first.span().start, last.span().end);
            let (after, word) = match *program {
                "zypper" => (first, " --non-interactive"),
                "pacman" => (verb, " --noconfirm"),
                _ => (verb, " -y"),
            };
            let fix = Fix {
                title: format!("add `{}`", word.trim_start()).into(),
                edits: vec![Edit {
                    span: Span::new(after.span().end, after.span().end),
                    new_text: word.to_owned().into(),
                }],
                safe: false,
            };
            if let Some(told) = self.add("script-command", span, message, label) {
                told.fixes.push(fix);
            }
            return;
        }
    }
}

/// Verbs of package managers that ask nothing, and that others of theirs may follow.
const OTHERS: &[&str] = &[
    "config-manager",
    "download",
    "help",
    "history",
    "info",
    "list",
    "mark",
    "provides",
    "repoquery",
    "search",
    "se",
    "show",
];

/// What `set -o` takes.
const OPTIONS: &[&str] = &[
    "allexport",
    "braceexpand",
    "emacs",
    "errexit",
    "errtrace",
    "functrace",
    "hashall",
    "histexpand",
    "history",
    "ignoreeof",
    "interactive-comments",
    "keyword",
    "monitor",
    "noclobber",
    "noexec",
    "noglob",
    "nolog",
    "notify",
    "nounset",
    "onecmd",
    "physical",
    "pipefail",
    "posix",
    "privileged",
    "verbose",
    "vi",
    "xtrace",
];

/// The first name that follows an `o` among the words of `set`.
fn option<'w>(words: &[&'w str]) -> Option<&'w str> {
    let flags = |w: &str| w.starts_with(['-', '+']) && w.ends_with('o') && w.len() < 10;
    let at = words.iter().position(|w| flags(w))?;
    words.get(at + 1).copied()
}
