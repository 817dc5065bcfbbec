//! Files that a script of a build reads from folders that are empty in a new tree, and that nothing puts there. Looks at words;
//! runs nothing.

use super::Script;
use super::names::place;
use crate::description::SCRIPTS;
use crate::description::model::ItemKind;
use crate::rules::files::{Here, items};

/// Commands that read what they are given.
const READING: &[&str] = &[
    "rpm", "rpmkeys", "gpg", "apt-key", "source", ".", "bash", "sh", "tar", "unzip", "patch", "dpkg",
];

/// Options of theirs with what is made, or may be.
const WRITING: &[&str] = &[
    "-C",
    "-d",
    "-o",
    "--admindir",
    "--dbpath",
    "--directory",
    "--homedir",
    "--keyring",
    "--output",
    "--primary-keyring",
    "--root",
    "--secret-keyring",
];

impl Script<'_> {
    /// Looks at the files that are read.
    pub(in crate::rules) fn absent(&mut self, here: &Here<'_>) {
        let text = self.text;
        let mut types = here.image.preferences.iter().flat_map(|p| &p.types);
        let based = types.any(|t| t.element.attrs.at("derived_from").is_some());
        if !text.contains("/tmp/")
            || based
            || here.has("root.tar.gz")
            || items(here.image).any(|i| i.kind == ItemKind::Archive)
        {
            return;
        }
        let lines = self.commands();
        for &(at, line) in lines.iter() {
            let command = line.split_whitespace().next().unwrap_or("");
            let indented = text.get(..at).is_some_and(|t| t.ends_with([' ', '\t']));
            if indented || !READING.contains(&command) || line.contains(['|', '>', '$', '*']) {
                continue;
            }
            let words = || line.split_whitespace().skip(1);
            let Some(number) = words().position(|w| w.starts_with("/tmp/") && w.len() > 7) else {
                continue;
            };
            let path = words().nth(number).unwrap_or_default();
            let before = number
                .checked_sub(1)
                .and_then(|n| words().nth(n))
                .unwrap_or_default();
            let flags =
                |w: &str| w.len() < 7 && w.trim_start_matches('-').bytes().all(|b| b.is_ascii_alphabetic());
            let makes = |w: &str| w == "--create" || flags(w) && !w.starts_with("--") && w.contains('c');
            let first = |n: usize, w: &str| n == 0 || w.starts_with('-');
            let packs = command == "tar" && words().enumerate().any(|(n, w)| first(n, w) && makes(w));
            if packs || WRITING.contains(&before) {
                continue;
            }
            // What else is said of it may make it.
            let speaking = || lines.iter().filter(|(_, l)| l.contains(path));
            let only = speaking().all(|(_, l)| {
                let first = l.split_whitespace().next().unwrap_or("");
                READING.contains(&first) && !l.contains("-C ") || first == "rm"
            });
            let target = |i: &crate::description::model::Item| i.attrs().get("target") == Some(path);
            let there = crate::rules::overlay::has(here, path.trim_start_matches('/'))
                || items(here.image).any(target);
            let scripts = SCRIPTS
                .iter()
                .filter(|s| here.has(s))
                .filter_map(|s| here.folder.read(s));
            let says = |t: &Vec<u8>| memchr::memmem::find(t, path.as_bytes()).is_some();
            let told = self.out.iter().any(|d| d.span == place(at, line, path));
            if !only
                || there
                || told
                || text.matches(path).count() > speaking().count()
                || scripts.filter(says).count() > 1
            {
                continue;
            }
            let message = format!("nothing puts `{path}` into the tree");
            let label = "put it into the overlay, or name it in a `<file>`";
            let then = super::FAILS;
            self.tell(at, line, path, message, label, then);
            return;
        }
    }
}
