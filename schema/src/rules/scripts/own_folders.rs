//! Files that a script of a build reads from a folder of the author's own, which the overlay alone has: such as are not there.
//! Looks at words and names of files; runs nothing.

use super::Script;
use super::text::spoken;
use super::usage::taken;
use crate::description::SCRIPTS;
use crate::description::model::ItemKind;
use crate::rules::files::{Here, items};
use crate::rules::found::near;
use crate::rules::overlay::{has, names};

/// Folders below which packages have folders that are called like them.
const SHARED: &[&str] = &["usr/share", "usr/lib", "usr/libexec", "etc", "opt", "var/lib"];

/// Commands that read the files which they are given.
const READING: &[&str] = &[
    "source", ".", "cat", "sed", "cp", "mv", "bash", "sh", "python3", "patch", "tar",
];

/// Words of a script by which files come from somewhere else.
const FETCHED: &[&str] = &["curl", "wget", "git ", "rsync", "unzip", "cpio"];

/// The folder is one of the author's own: the overlay has files there, and no package is called like it.
fn own(here: &Here<'_>, folder: &str) -> bool {
    let Some((above, name)) = SHARED.iter().find_map(|s| {
        let rest = folder.strip_prefix(s)?.strip_prefix('/')?;
        Some((*s, rest.split('/').next().unwrap_or(rest)))
    }) else {
        return false;
    };
    let listed = items(here.image).any(|i| i.kind == ItemKind::Archive || i.name.value.contains(name));
    // Folders of one word are shared by many packages.
    let long = name.len() > 6 && name.contains(['-', '_']);
    above.len() > 2 && long && !listed && !here.has("root.tar.gz") && !names(here, folder).is_empty()
}

impl Script<'_> {
    /// Looks at each path that is read by a command, or held in a variable that is.
    pub(in crate::rules) fn own_folders(&mut self, here: &Here<'_>) {
        let text = self.text;
        let mut types = here.image.preferences.iter().flat_map(|p| &p.types);
        if FETCHED.iter().any(|w| text.contains(w))
            || types.any(|t| t.element.attrs.at("derived_from").is_some())
        {
            return;
        }
        let mut seen = Vec::new();
        for call in self.calls().iter() {
            let Some(taken) = taken(call).filter(|t| READING.contains(&t.name.as_str())) else {
                continue;
            };
            let copies = matches!(taken.name.as_str(), "cp" | "mv");
            let most = if copies { 1 } else { usize::MAX };
            let paths = taken
                .given
                .iter()
                .filter(|(_, part)| part.text().starts_with('/'));
            seen.extend(
                paths
                    .take(most)
                    .map(|(_, part)| (part.span(), part.text().to_owned())),
            );
        }
        for &(at, line) in self.commands().iter() {
            let Some((name, path)) = line
                .split_once("=/")
                .filter(|(n, _)| crate::rules::found::is_word(n))
            else {
                continue;
            };
            let reads = ["source ", ". ", "cat ", "-r "].iter().any(|c| {
                let ways = [
                    format!("{c}\"${name}\""),
                    format!("{c}${name}"),
                    format!("{c}\"${{{name}}}\""),
                ];
                ways.iter().any(|w| text.contains(w.as_str()))
            });
            let writes = ["> ", ">", "tee ", "touch ", "mkdir -p "].iter().any(|c| {
                let ways = [
                    format!("{c}\"${name}"),
                    format!("{c}${name}"),
                    format!("{c}\"${{{name}}}"),
                ];
                ways.iter().any(|w| text.contains(w.as_str()))
            });
            let path = path.split([' ', '\t', ';']).next().unwrap_or("");
            if reads && !writes {
                seen.push((super::names::place(at, line, path), format!("/{path}")));
            }
        }
        for (span, path) in seen {
            let plain = path
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/._-+@".contains(&b));
            let bare = path.trim_start_matches('/');
            let Some((folder, file)) = bare
                .rsplit_once('/')
                .filter(|_| plain && spoken(text, &path) == 1)
            else {
                continue;
            };
            let elsewhere = || {
                let all = SCRIPTS
                    .iter()
                    .filter(|s| here.has(s))
                    .filter_map(|s| here.folder.read(s));
                all.filter(|t| memchr::memmem::find(t, path.as_bytes()).is_some())
                    .count()
                    > 1
            };
            if file.is_empty() || has(here, bare) || !own(here, folder) || elsewhere() {
                continue;
            }
            let told = |d: &crate::diagnostic::Diagnostic| d.span.start < span.end && d.span.end > span.start;
            if self.out.iter().any(told) {
                continue;
            }
            let there = names(here, folder);
            let only = there.first().filter(|_| there.len() == 1).map(String::as_str);
            let meant = near(file, there.iter().map(String::as_str)).or(only);
            let message = format!("the overlay has files in `/{folder}`, and no `{file}` there");
            match meant {
                Some(meant) => self.say_meant(span, message, format!("/{folder}/{meant}"), super::FAILS),
                None => self.say(
                    "script-command",
                    span,
                    message,
                    "not in the overlay",
                    super::FAILS,
                ),
            }
        }
    }
}
