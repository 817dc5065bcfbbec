//! Folders that a script of a build writes into though nothing makes them: those for keys in homes, and those beside units.
//! Looks at words; runs nothing.

use super::Script;
use super::files::target;
use crate::description::model::ItemKind;
use crate::rules::files::{Here, items};
use crate::rules::overlay::has;

/// Words that a command which makes a folder, or fills it, begins with.
const MAKING: &[&str] = &[
    "mkdir",
    "install",
    "cp",
    "mv",
    "ln",
    "rsync",
    "tar",
    "unzip",
    "ssh-keygen",
    "git",
    "su",
    "sudo",
    "for",
];

impl Script<'_> {
    /// Looks at the files that are written.
    pub(in crate::rules) fn unmade_folders(&mut self, here: &Here<'_>) {
        let text = self.text;
        if !text.contains("/.ssh/") && !text.contains("/etc/systemd/system/") {
            return;
        }
        let mut types = here.image.preferences.iter().flat_map(|p| &p.types);
        if types.any(|t| t.element.attrs.at("derived_from").is_some())
            || here.has("root.tar.gz")
            || items(here.image).any(|i| i.kind == ItemKind::Archive)
        {
            return;
        }
        let lines = self.commands();
        for &(at, line) in lines.iter() {
            let Some(path) = target(line).filter(|p| p.starts_with('/') && !p.contains(['$', '{', '*']))
            else {
                continue;
            };
            let Some((folder, _)) = path.rsplit_once('/') else {
                continue;
            };
            let last = folder.rsplit('/').next().unwrap_or("");
            let beside = folder.starts_with("/etc/systemd/system/") && last.ends_with(".d");
            // Nobody else puts one into a home.
            let keys = last == ".ssh" && folder.starts_with("/home/");
            let made = |l: &str| {
                let first = l.split_whitespace().next().unwrap_or("");
                l.contains(last)
                    && MAKING
                        .iter()
                        .any(|m| first == *m || l.contains(&format!(" {m} ")))
            };
            let there = || has(here, folder.trim_start_matches('/')) || has(here, "etc/skel/.ssh");
            if !beside && !keys || lines.iter().any(|(_, l)| made(l)) || there() {
                continue;
            }
            let message = format!("nothing makes the folder `{folder}`");
            let label = format!("`mkdir -p {folder}` before it makes it");
            let then = "the command fails: the build stops there, or goes on without the file";
            self.tell(at, line, path, message, &label, then);
            return;
        }
    }
}
