//! What a script of a build takes from the description's folder, and what it sets up that the description says otherwise:
//! files by a path that they do not have in the tree, units of the overlay that cannot be switched on, locales. Looks
//! at words; runs nothing.

use super::Script;
use super::names::place;
use super::units::named;
use crate::description::SCRIPTS;
use crate::description::model::ItemKind;
use crate::rules::files::{Here, items};
use crate::rules::found::near;
use crate::rules::overlay::overlays;

/// Commands that read the file which is named first.
const READING: &[&str] = &["cp", "mv", "source", ".", "bash", "sh", "tar", "cat", "install"];

impl Script<'_> {
    /// Files beside the description, by paths that they do not have in the tree.
    pub(in crate::rules) fn beside(&mut self, here: &Here<'_>) {
        let text = self.text;
        if text.contains("cd ") || text.contains("pushd") {
            return;
        }
        let copied = |name: &str| {
            let entry = |i: &crate::description::model::Item| {
                matches!(i.kind, ItemKind::Archive | ItemKind::File) && i.name.value.trim() == name
            };
            SCRIPTS.contains(&name) || items(here.image).any(entry)
        };
        for &(at, line) in self.commands().iter() {
            let mut words = line.split_whitespace();
            let command = words.next().unwrap_or("");
            let Some(word) = words
                .find(|w| !w.starts_with('-'))
                .filter(|_| READING.contains(&command))
            else {
                continue;
            };
            let (name, in_image) = match word.strip_prefix("/image/") {
                Some(name) => (name, true),
                None => (word.trim_start_matches("./"), false),
            };
            // What is spoken of more than once may be made before.
            if !here.has(name) || text.matches(name).count() > 2 || in_image && copied(name) {
                continue;
            }
            if !in_image
                && (name.len() < 4
                    || name == "root"
                    || here.image.profiles.iter().any(|p| p.name.value == name))
            {
                continue;
            }
            let message = if in_image {
                format!("KIWI does not copy `{name}` into the tree")
            } else {
                format!("the script runs in `/` of the tree, where no `{name}` lies")
            };
            let label = if !in_image && copied(name) {
                format!("did you mean `/image/{name}`?")
            } else {
                "put it into the overlay, or name it in a `<file>`".to_owned()
            };
            self.tell(
                at,
                line,
                word,
                message,
                &label,
                "the command fails: the build stops there, or goes on without the file",
            );
        }
    }

    /// Units of the overlay that are switched on and cannot be: without `[Install]`, or of another kind.
    pub(in crate::rules) fn unit_files(&mut self, here: &Here<'_>) {
        let text = self.text;
        for &(at, line) in self.commands().iter() {
            let helper = line.starts_with("baseInsertService") || line.starts_with("suseInsertService");
            let enables = (helper
                || line.starts_with("systemctl") && (line.contains("enable") || line.contains(" preset ")))
                && !line.contains("||");
            for word in named(line).into_iter().filter(|_| enables) {
                if word.contains(['@', '$', '*', '{']) || word.len() < 4 {
                    continue;
                }
                let (stem, end) = word.rsplit_once('.').unwrap_or((word, "service"));
                let named = |name: &String| self.units.contains(name);
                let unit = |name: String| named(&name).then(|| unit(here, &name)).flatten();
                let Some(unit) = unit(format!("{stem}.{end}")) else {
                    // Of the same name and another kind, where no package may have the one that is named.
                    let others = ["service", "timer", "socket", "path", "target", "mount"];
                    let other = others.iter().find(|o| unit(format!("{stem}.{o}")).is_some());
                    let packaged = items(here.image)
                        .any(|i| i.name.value.contains(stem) || stem.contains(&*i.name.value));
                    // One whose ending is a slip has been told.
                    let odd = |n: &String| {
                        n.strip_prefix(stem)
                            .and_then(|e| e.strip_prefix('.'))
                            .is_some_and(|e| !others.contains(&e))
                    };
                    let odd = crate::rules::overlay::units::FOLDERS
                        .iter()
                        .any(|f| crate::rules::overlay::names(here, f).iter().any(odd));
                    // So has one that is a slip of a unit's whole name.
                    let slip = || near(word, self.units.iter().map(String::as_str)).is_some();
                    let known = others.contains(&end) && word.contains('.') && !odd && !slip();
                    if let Some(other) =
                        other.filter(|_| known && !packaged && !super::names::says(text, &format!("/{word}")))
                    {
                        let message = format!("the overlay has the unit `{stem}.{other}`, and no `{word}`");
                        let label = format!("did you mean `{stem}.{other}`?");
                        self.add("unknown-unit", place(at, line, word), message, &label);
                    }
                    continue;
                };
                if unit.contains("[Install]")
                    || unit.contains("[install]")
                    || !unit.contains("[Unit]") && !unit.contains("[Service]")
                {
                    continue;
                }
                // A slip of that section is told there, and so is what stands outside of it.
                let sections = unit
                    .lines()
                    .filter_map(|l| l.trim().strip_prefix('[')?.strip_suffix(']'));
                if near("Install", sections).is_some() || unit.contains("WantedBy") {
                    continue;
                }
                let message =
                    format!("the unit `{word}` has no section `[Install]`, and is switched on for nothing");
                let label = "it needs one, such as with `WantedBy=multi-user.target`";
                self.say(
                    "unknown-unit",
                    place(at, line, word),
                    message,
                    label,
                    "the build goes through, and nothing starts the unit in the running system",
                );
            }
        }
    }

    /// A pattern that finds no line of the table of locales, whose character set is written in another way.
    pub(in crate::rules) fn sought_locales(&mut self) {
        for &(at, line) in self.commands().iter() {
            if !line.starts_with("sed ") || !line.contains("/etc/locale.gen") {
                continue;
            }
            let word = |c: char| !(c.is_ascii_alphanumeric() || "_.-\\".contains(c));
            let odd = line.split(word).find_map(|w| {
                let (language, set) = w.split_once('.')?;
                let named = language.len() < 7 && language.contains('_');
                let written = matches!(set, "UTF8" | "utf8" | "utf-8") || set == "Utf-8";
                (named && written).then(|| (w, format!("{}.UTF-8", language.trim_end_matches('\\'))))
            });
            let Some((word, meant)) = odd else { continue };
            let message = format!("`/etc/locale.gen` has no line with `{word}`");
            let label = format!("did you mean `{meant}`?");
            let then = "the command changes nothing, and the locale is not made";
            self.tell(at, line, word, message, &label, then);
        }
    }

    /// Locales that are made, where that of the description is not among them.
    pub(in crate::rules) fn made_locales(&mut self, here: &Here<'_>) {
        let managers = crate::rules::scope::managers(here.image);
        if managers.is_empty() || !managers.iter().all(|m| matches!(m.trim(), "apt" | "pacman")) {
            return;
        }
        let preferences = here
            .image
            .preferences
            .iter()
            .flat_map(|p| p.element.all("locale"));
        let own: Vec<&str> = preferences
            .map(|l| l.text.split(',').next().unwrap_or("").trim())
            .collect();
        let Some(first) = own
            .first()
            .filter(|f| crate::rules::system::is_locale(f) && own.iter().all(|o| o == *f))
        else {
            return;
        };
        let text = self.text;
        let elsewhere = crate::rules::overlay::has(here, "etc/locale.gen");
        let all = ["locales-all", "language-pack", "task-", "ubuntu-", "langpack"];
        let more = items(here.image).any(|i| all.iter().any(|a| i.name.value.contains(a)));
        if elsewhere
            || more && !text.contains("locale.gen")
            || !text.contains("locale-gen")
            || text.contains(first)
            || text.contains("debconf")
        {
            return;
        }
        let mut made = None;
        for &(at, line) in self.commands().iter() {
            if line.starts_with('#')
                || !["locale.gen", "locale-gen", "localedef"]
                    .iter()
                    .any(|w| line.contains(w))
            {
                continue;
            }
            if crate::rules::filled::filled(line) && line.contains('$') {
                return;
            }
            let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            let shaped = |w: &&str| {
                let (language, country) = w.split_once('_').unwrap_or(("", ""));
                (2..=3).contains(&language.len())
                    && country.len() == 2
                    && country.bytes().all(|b| b.is_ascii_uppercase())
            };
            made = made.or(line.split(word).find(shaped).map(|w| (at, line, w)));
        }
        let Some((at, line, word)) = made else { return };
        let message = format!("the script makes the locale `{word}`, and the image's is `{first}`");
        let label = format!("did you mean `{first}`?");
        self.tell(at, line, word, message, &label, "the build would go through, and programs of the running system would speak as without any locale");
    }
}

/// The text of a unit of the overlays.
fn unit(here: &Here<'_>, name: &str) -> Option<String> {
    let mut paths = overlays(here).flat_map(|o| {
        crate::rules::overlay::units::FOLDERS
            .iter()
            .map(move |f| format!("{o}/{f}/{name}"))
    });
    paths
        .find_map(|path| here.folder.read(&path))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
