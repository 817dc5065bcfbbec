//! Paths that commands of a build's script are given and that are slips of such as the script itself makes, or as the overlay has.
//! Looks at words and names of files; runs nothing.

use super::Script;
use super::files::target;
use super::text::spoken;
use super::usage::taken;
use super::words::{Call, Form};
use crate::rules::files::Here;
use crate::rules::found::{one_keystroke, plural, same_digits};
use crate::rules::overlay::{has, overlays};

/// More paths than these are not compared.
const MOST: usize = 512;

impl Script<'_> {
    /// Looks at each path that a command is given.
    pub(in crate::rules) fn paths(&mut self, here: &Here<'_>) {
        let text = self.text;
        let calls = self.calls();
        let made = made(&calls, &self.commands());
        let brought = brought(here);
        for call in calls.iter() {
            let Some(taken) = taken(call).filter(|_| !self.is_told(call)) else {
                continue;
            };
            // What is made is no slip, and what is taken away may be gone.
            let makes = matches!(taken.name.as_str(), "mkdir" | "touch" | "install" | "rm" | "tee");
            let part = taken.given.iter().find_map(|(kind, part)| {
                let path = part.text().trim_end_matches('/');
                // A folder that is a slip is one for each.
                let named = *kind == "path" && path.starts_with('/') && path.len() > 6;
                if let Some(meant) = folder_slip(path, &made, &brought)
                    .filter(|_| named && taken.name != "mkdir" && spoken(text, path) == 1)
                {
                    return Some((part.span(), path.to_owned(), meant));
                }
                let own = !makes && named;
                let odd = own && spoken(text, path) == 1 && !has(here, path.trim_start_matches('/'));
                let meant = slip(path, &made, &brought).filter(|_| odd)?;
                Some((part.span(), path.to_owned(), meant))
            });
            let Some((span, path, meant)) = part else { continue };
            let message = format!("nothing makes `{path}`");
            self.say_meant(span, message, meant, super::FAILS);
        }
    }
}

/// The path that is meant by one in a folder that is a slip of one with files of the overlay or of the script.
fn folder_slip(path: &str, made: &[String], brought: &[String]) -> Option<String> {
    let (own, name) = path.rsplit_once('/')?;
    let long = |f: &str| f.rsplit('/').next().is_some_and(|l| l.len() > 5);
    let known = || {
        made.iter()
            .chain(brought)
            .filter_map(|p| p.rsplit_once('/'))
            .map(|(f, _)| f)
    };
    let there = |f: &str| f == own || f.starts_with(&format!("{own}/"));
    let close =
        |k: &&str| long(k) && long(own) && one_keystroke(k, own) && same_digits(k, own) && !plural(k, own);
    let meant = known().find(close)?;
    (!made.iter().any(|m| m == own) && !known().any(there)).then(|| format!("{meant}/{name}"))
}

/// The path that is meant by one: made by the script in the same folder, or in the overlay with one folder called otherwise.
fn slip(path: &str, made: &[String], brought: &[String]) -> Option<String> {
    let folder = |p: &str| p.rsplit_once('/').map(|(f, _)| f.to_owned());
    let last = |p: &str| p.rsplit('/').next().map(str::to_owned);
    if made
        .iter()
        .any(|m| m == path || m.starts_with(&format!("{path}/")))
    {
        return None;
    }
    let close =
        |k: &&String| one_keystroke(k, path) && same_digits(k, path) && last(k).is_some_and(|l| l.len() > 3);
    // Other files may lie in folders that the script does not make itself.
    let own = folder(path).is_some_and(|f| made.contains(&f));
    let one = made
        .iter()
        .filter(|_| own)
        .find(|k| close(k) && folder(k) == folder(path));
    one.or_else(|| brought.iter().find(|k| close(k) && last(k) == last(path)))
        .cloned()
}

/// The paths that a script makes, each with its folder.
fn made(calls: &[Call<'_>], lines: &[(usize, &str)]) -> Vec<String> {
    let mut out = Vec::new();
    for call in calls {
        let name = call.words.first().map_or("", |w| &*w.text);
        if !matches!(
            name,
            "mkdir" | "install" | "touch" | "cp" | "mv" | "ln" | "truncate"
        ) {
            continue;
        }
        // Of these what stands last is made of the others.
        let skipped = match name {
            "cp" | "mv" | "ln" => call.words.len() - 1,
            _ => 1,
        };
        for word in call
            .words
            .iter()
            .skip(skipped)
            .filter(|w| w.text.starts_with('/'))
        {
            let several = word.form == Form::Many;
            let all = if several {
                braces(&word.text)
            } else {
                vec![word.text.to_string()]
            };
            // `mkdir -p` makes the folders above too.
            let above = |p: &String| {
                p.rsplit_once('/')
                    .map(|(f, _)| f.to_owned())
                    .filter(|_| name == "mkdir")
            };
            out.extend(all.iter().filter_map(above));
            out.extend(all);
        }
    }
    out.extend(
        lines
            .iter()
            .filter_map(|(_, l)| target(l))
            .filter(|t| t.starts_with('/'))
            .map(str::to_owned),
    );
    let trimmed = |p: String| p.trim_end_matches('/').to_owned();
    out.into_iter()
        .map(trimmed)
        .filter(|p| p.matches('/').count() > 1 || p.len() > 4)
        .take(MOST)
        .collect()
}

/// What a word with one list in braces stands for.
fn braces(word: &str) -> Vec<String> {
    let parts = || {
        let (before, rest) = word.split_once('{')?;
        let (list, after) = rest.split_once('}')?;
        let plain = !word.contains(['$', '*', '?']) && !list.contains('{') && !after.contains('{');
        plain.then(|| {
            list.split(',')
                .map(|one| format!("{before}{one}{after}"))
                .collect()
        })
    };
    parts().unwrap_or_default()
}

/// The files of the overlays.
fn brought(here: &Here<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut waiting: Vec<(String, String)> = overlays(here).map(|o| (o.to_owned(), String::new())).collect();
    while let Some((folder, path)) = waiting.pop() {
        for name in here.folder.names(&folder).unwrap_or_default() {
            let (below, own) = (format!("{folder}/{name}"), format!("{path}/{name}"));
            match here.folder.entry(&below).map(|e| e.kind) {
                Some(crate::description::folder::Kind::Folder) if path.matches('/').count() < 6 => {
                    waiting.push((below, own));
                }
                Some(_) => out.push(own),
                None => {}
            }
            if out.len() >= MOST {
                return out;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_of_what_is_made_or_brought() {
        let text = "mkdir -p /srv/lab/{data,logs}\ncat > /srv/lab/list\nln -s /srv/other/data /srv/x\n";
        let calls = super::super::words::calls(text);
        let made = made(&calls, &super::super::text::commands(text));
        let brought = vec![
            "/etc/nginx/sites-available/shop".to_owned(),
            "/etc/ssh/sshd_config".to_owned(),
        ];
        for (path, told) in [
            ("/srv/lab/date", Some("/srv/lab/data")),
            ("/srv/lab/data", None),
            ("/srv/lab", None),
            ("/srv/other/date", None),
            (
                "/etc/nginx/site-available/shop",
                Some("/etc/nginx/sites-available/shop"),
            ),
            ("/etc/ssh/ssh_config", None),
        ] {
            assert_eq!(slip(path, &made, &brought).as_deref(), told, "{path}");
        }
        for (path, told) in [
            (
                "/etc/nginx/sites-availabl/default",
                Some("/etc/nginx/sites-available/default"),
            ),
            ("/etc/nginx/sites-available/default", None),
            ("/usr/bin/shop", None),
        ] {
            assert_eq!(folder_slip(path, &made, &brought).as_deref(), told, "{path}");
        }
    }
}
