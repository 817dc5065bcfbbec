//! Programs, links and files of shells as a script of a build leaves them: a mode that nobody can start a program by, a link
//! in the place of a file of the overlay, a name that no shell reads. Looks at words; runs nothing.

use super::Script;
use super::files::target;
use crate::rules::files::Here;
use crate::rules::found::one_keystroke;
use crate::rules::packages::misspelt::exchanged;

/// Folders that shells look for programs in.
const FOLDERS: &[&str] = &["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// Files that shells and editors read in a home.
const READ: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".bash_aliases",
    ".profile",
    ".vimrc",
    ".zshrc",
    ".xinitrc",
];

/// The words of the first command of a line.
fn words(line: &str) -> Vec<&str> {
    let end = |w: &&str| !w.starts_with(['>', '|', ';', '&', '<', '#']);
    line.split_whitespace().take_while(end).collect()
}

impl Script<'_> {
    /// Looks at the commands.
    pub(super) fn spoiled(&mut self, here: &Here<'_>) {
        for &(at, line) in self.commands().iter() {
            match words(line).as_slice() {
                ["chmod", mode, paths @ ..] => self.unstartable(at, line, mode, paths),
                ["ln", rest @ ..] => self.link(here, at, line, rest),
                _ => self.unread(at, line),
            }
        }
    }

    /// A program that nobody may start any more.
    fn unstartable(&mut self, at: usize, line: &str, mode: &str, paths: &[&str]) {
        if !matches!(mode.trim_start_matches('0'), "644" | "664" | "666") {
            return;
        }
        let text = self.text;
        let program = |path: &&&str| {
            let folder = path
                .rsplit_once('/')
                .filter(|(folder, _)| FOLDERS.contains(folder));
            let plain = |n: &str| n.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            // What has an ending may be given to its interpreter.
            let whole = folder.is_some_and(|(_, name)| !name.is_empty() && plain(name));
            let modes = |l: &str| l.contains("chmod") && l.contains(**path);
            whole && text.lines().filter(|l| modes(l)).count() == 1
        };
        if let Some(path) = paths.iter().find(program) {
            let message = format!("nobody may start the program `{path}` with this mode");
            let then = "the build would go through, and the program not be started in the running system";
            self.tell(at, line, mode, message, "did you mean `755`?", then);
        }
    }

    /// A link where the overlay has a file.
    fn link(&mut self, here: &Here<'_>, at: usize, line: &str, rest: &[&str]) {
        let option = |w: &&str| w.starts_with('-');
        let forced = rest
            .iter()
            .any(|w| *w == "--force" || option(w) && w.contains('f'));
        let named: Vec<&str> = rest.iter().copied().filter(|w| !option(w)).collect();
        let [_, name] = named.as_slice() else { return };
        let Some(path) = name.strip_prefix('/').filter(|_| !forced) else {
            return;
        };
        let gone = |l: &str| {
            let words = words(l);
            let away = matches!(words.first(), Some(&("rm" | "mv" | "unlink")));
            away && words.iter().any(|w| w.starts_with('/') && name.starts_with(w))
        };
        let file = crate::rules::overlay::file(here, path);
        if file && !self.commands().iter().any(|(_, l)| gone(l)) {
            let message = format!("the overlay has the file `{name}`: no link can be made there");
            let then = "the command fails: the build stops there, or goes on without the link";
            self.tell(at, line, name, message, "the link's name stands last", then);
        }
    }

    /// A file of a home whose name is a slip of one that shells read.
    fn unread(&mut self, at: usize, line: &str) {
        let Some((folder, name)) = target(line).and_then(|path| path.rsplit_once('/')) else {
            return;
        };
        let home = matches!(folder, "~" | "/root" | "/etc/skel" | "$HOME")
            || folder.strip_prefix("/home/").is_some_and(|n| !n.contains('/'));
        let close = |k: &&&str| one_keystroke(k, name) || exchanged(k, name);
        let Some(meant) = READ.iter().find(close).filter(|_| home && !READ.contains(&name)) else {
            return;
        };
        if !name.starts_with('.') || self.text.matches(name).count() > 1 {
            return;
        }
        let message = format!("no shell reads a file `{name}`");
        let then = "the build would go through, and what is written there count for nothing";
        self.tell_meant(at, line, name, message, meant, then);
    }
}
