//! Files of the overlay that a script of a build names under a slip of the pen, and the texts that it writes to files of the
//! system itself. Looks at words; runs nothing.

use super::Script;
use super::names::place;
use crate::description::folder::Kind;
use crate::rules::files::Here;
use crate::rules::found::near;
use crate::rules::overlay::overlays;
use crate::text::Span;

/// Commands whose words name files that have to be there.
const WITH_FILES: &[&str] = &[
    "chmod",
    "chown",
    "chgrp",
    "source",
    ".",
    "bash",
    "sh",
    "cp",
    "mv",
    "ln",
    "cat",
    "sed",
    "rpm",
    "rpmkeys",
    "gpg",
    "apt-key",
    "dpkg",
    "tar",
    "unzip",
    "python3",
    "perl",
    "patch",
    "restorecon",
    "mkimage",
    "setcap",
    "rm",
    "mkswap",
    "swapon",
    "chattr",
    "setfacl",
    "bzip2",
    "gunzip",
    "dos2unix",
    "visudo",
    "nft",
];

/// A file or folder that the script itself makes, by a path that is a keystroke away from this one.
fn written(lines: &[(usize, &str)], path: &str, folder: &str) -> Option<String> {
    let start = match folder {
        "" => "/".to_owned(),
        folder => format!("/{folder}/"),
    };
    let made = |line: &'_ str| {
        ["mkdir ", "install -d", "fallocate ", "touch ", "truncate "]
            .iter()
            .any(|c| line.starts_with(c))
    };
    let folders = lines.iter().filter(|(_, line)| made(line));
    let folders = folders.flat_map(|(_, line)| line.split_whitespace().filter(|w| w.starts_with('/')));
    let files = lines.iter().filter_map(|(_, line)| super::files::target(line));
    files.chain(folders).find_map(|target| {
        let alike = target.starts_with(&start) && crate::rules::found::one_keystroke(target, path);
        (alike && crate::rules::found::same_digits(target, path)).then(|| target.to_owned())
    })
}

/// The one file of a folder that differs from a name by its ending alone, of those that people leave away.
fn ended<'n>(names: &'n [String], name: &str) -> Option<&'n String> {
    const ENDS: &[&str] = &[".conf", ".sh", ".cfg", ".py", ".service", ".repo", ".list"];
    let alike = |n: &&String| {
        let more = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|end| ENDS.contains(&end));
        let stem = |w: &'_ str| {
            let end = ENDS.iter().find(|e| w.ends_with(**e))?;
            w.strip_suffix(end).map(str::to_owned)
        };
        let exchanged = || stem(n).is_some() && stem(n) == stem(name);
        more(n, name) || more(name, n) || exchanged()
    };
    let mut all = names.iter().filter(alike);
    all.next().filter(|_| all.next().is_none())
}

/// A program of the overlay that lies in another folder of programs.
pub(in crate::rules) fn moved(here: &Here<'_>, folder: &str, name: &str) -> Option<String> {
    const FOLDERS: &[&str] = &["usr/local/bin", "usr/local/sbin", "usr/bin", "usr/sbin"];
    if !FOLDERS.contains(&folder) {
        return None;
    }
    let mut others = FOLDERS.iter().filter(|f| **f != folder);
    let own = others.find(|f| crate::rules::overlay::names(here, f).iter().any(|n| n == name))?;
    // The two below `/usr` may be one.
    let one = own.strip_suffix("sbin").or_else(|| own.strip_suffix("bin"))
        == folder.strip_suffix("sbin").or_else(|| folder.strip_suffix("bin"));
    (!one || own.contains("local")).then(|| format!("/{own}/{name}"))
}

/// A file of that name in a folder of the overlay that is called nearly like this one.
fn beside(here: &Here<'_>, folder: &str, name: &str) -> Option<String> {
    let (above, own) = folder
        .rsplit_once('/')
        .filter(|(above, own)| above.contains('/') && own.len() > 4)?;
    let folders = crate::rules::overlay::names(here, above);
    let meant = near(own, folders.iter().map(String::as_str))?;
    let there = crate::rules::overlay::names(here, &format!("{above}/{meant}"));
    there
        .iter()
        .any(|n| n == name)
        .then(|| format!("/{above}/{meant}/{name}"))
}

impl Script<'_> {
    /// Texts that are written to files of the system, with words that their readers do not know.
    pub(in crate::rules) fn texts(&mut self, here: &Here<'_>) {
        let text = self.text;
        let mut told = Vec::new();
        for (head, from, body) in super::text::here_documents(text) {
            let installed = || {
                let words = head.split("<<").next()?.split_whitespace();
                words.last().filter(|_| head.contains("/dev/stdin"))
            };
            let path = super::files::target(head.split("<<").next().unwrap_or(head))
                .or_else(installed)
                .or_else(|| super::files::target(head.rsplit_once("<<")?.1));
            // What is filled in while the script runs is not seen.
            let quoted = head
                .rsplit_once("<<")
                .is_some_and(|(_, end)| end.contains(['"', '\'', '\\']));
            let whole = quoted || !body.contains(['$', '`']);
            let Some(path) = path else { continue };
            let all = match whole {
                true => crate::rules::overlay::texts::written(here, path, body),
                false => crate::rules::overlay::texts::added(here, path, body)
                    .into_iter()
                    .collect(),
            };
            told.extend(all.into_iter().map(|one| (from, one)));
        }
        for &(at, line) in self.commands().iter() {
            let echoed = line
                .strip_prefix("echo ")
                .map(|rest| rest.trim_start_matches("-e "));
            let quote = echoed
                .and_then(|rest| rest.chars().next())
                .filter(|c| matches!(c, '"' | '\''));
            let Some((quote, rest)) = quote.zip(echoed) else {
                continue;
            };
            let Some((body, after)) = rest.get(1..).and_then(|r| r.split_once(quote)) else {
                continue;
            };
            let from = at + crate::rules::found::offset(body, line);
            let path = super::files::target(after);
            let one = path.and_then(|path| crate::rules::overlay::texts::added(here, path, body));
            told.extend(one.map(|one| (from, one)));
        }
        for call in self.calls().iter() {
            let Some((_, word)) = call
                .words
                .first()
                .zip(call.words.get(1))
                .filter(|(f, _)| f.text == "printf")
            else {
                continue;
            };
            let Some(body) = word.raw.strip_prefix('\'').and_then(|r| r.strip_suffix('\'')) else {
                continue;
            };
            let line = text
                .get(word.at..)
                .and_then(|t| t.split('\n').next())
                .unwrap_or("");
            let Some(path) = super::files::target(line).filter(|_| call.words.len() == 2) else {
                continue;
            };
            let mut from = word.at + 1;
            for part in body.split("\\n") {
                let one = crate::rules::overlay::texts::added(here, path, part);
                told.extend(one.map(|one| (from, one)));
                from += part.len() + 2;
            }
        }
        for (from, mut one) in told {
            one.span = Span::new(one.span.start + from as u32, one.span.end + from as u32);
            self.out.push(one);
        }
    }

    /// Files that are slips of those of the overlay.
    pub(in crate::rules) fn overlay_files(&mut self, here: &Here<'_>) {
        let text = self.text;
        let lines = self.commands();
        for &(at, line) in lines.iter() {
            let mut words = line.split_whitespace();
            let command = words.next().unwrap_or("");
            let assigned = command
                .split_once("=/")
                .filter(|(n, _)| crate::rules::found::is_word(n))
                .and_then(|(n, _)| command.get(n.len() + 1..));
            let direct = command.starts_with('/').then_some(command).or(assigned);
            // What is written into need not be there.
            let read = words.take_while(|w| !w.starts_with(['>', '|', ';', '&']) && !w.starts_with("2>"));
            let given = read.filter(|w| w.starts_with('/') && WITH_FILES.contains(&command));
            // Of a copy only what it is made of is there.
            let most = if matches!(command, "cp" | "mv" | "ln") {
                1
            } else {
                8
            };
            for path in direct.into_iter().chain(given.take(most)) {
                let path = path.trim_end_matches(';');
                let plain = path
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"/._-+@".contains(&b));
                if !plain {
                    continue;
                }
                let bare = path.trim_start_matches('/');
                let (folder, name) = bare.rsplit_once('/').unwrap_or(("", bare));
                // What is spoken of more than once may be made by the script.
                if name.len() < 3 || super::text::spoken(text, path) > 1 {
                    continue;
                }
                let names: Vec<String> = crate::rules::overlay::names(here, folder);
                if names.iter().any(|n| n == name) {
                    continue;
                }
                if let Some(hidden) = names.iter().find(|n| n.strip_prefix('.') == Some(name)) {
                    let message = format!("the overlay has `/{folder}/{hidden}`, and no `{name}` there");
                    let label = format!("did you mean `/{folder}/{hidden}`?");
                    self.add("script-command", place(at, line, path), message, &label);
                    continue;
                }
                if let Some(meant) = written(&lines, path, folder).filter(|_| name.len() < 5) {
                    let message = format!("no `{path}` is there, and `{meant}` is");
                    let label = format!("did you mean `{meant}`?");
                    self.add("script-command", place(at, line, path), message, &label);
                    continue;
                }
                if let Some(meant) = ended(&names, name).filter(|m| {
                    let there = matches!(command, "chmod" | "chown" | "chgrp" | "setfacl" | "chattr");
                    there || !text.contains(&format!("/{folder}/{m}"))
                }) {
                    let message = format!("the overlay has `/{folder}/{meant}`, and no `{name}` there");
                    let label = format!("did you mean `/{folder}/{meant}`?");
                    self.add("script-command", place(at, line, path), message, &label);
                    continue;
                }
                if name.len() < 5 {
                    continue;
                }
                if let Some(meant) = written(&lines, path, folder).or_else(|| moved(here, folder, name)) {
                    let message = format!("no `{path}` is there, and `{meant}` is");
                    let label = format!("did you mean `{meant}`?");
                    self.add("script-command", place(at, line, path), message, &label);
                    continue;
                }
                if let Some(meant) = beside(here, folder, name).filter(|_| names.is_empty()) {
                    let message = format!("the overlay has `{meant}`, and no folder `/{folder}`");
                    let label = format!("did you mean `{meant}`?");
                    self.add("script-command", place(at, line, path), message, &label);
                    continue;
                }
                let Some(meant) = near(name, names.iter().map(String::as_str)) else {
                    continue;
                };
                let is_file = overlays(here).any(|o| {
                    let entry = here.folder.entry(&format!("{o}/{folder}/{meant}"));
                    entry.is_some_and(|e| e.kind == Kind::File)
                });
                // A copy that is made of the other one is another file.
                let full = format!("/{folder}/{meant}");
                let copying = |l: &str| ["cp ", "mv ", "ln ", "sed "].iter().any(|c| l.contains(c));
                let copied = text.lines().any(|l| l.contains(full.as_str()) && copying(l));
                let spoken = text.match_indices(full.as_str()).any(|(at, _)| {
                    let next = text.as_bytes().get(at + full.len());
                    !next.is_some_and(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b))
                });
                let only = names.len() == 1 && folder.matches('/').count() > 0;
                if !is_file || spoken && copied || !only && !crate::rules::found::same_digits(meant, name) {
                    continue;
                }
                let message = format!("the overlay has `/{folder}/{meant}`, and no `{name}` there");
                let label = format!("did you mean `/{folder}/{meant}`?");
                self.add("script-command", place(at, line, path), message, &label);
            }
        }
    }
}
