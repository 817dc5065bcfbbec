//! What the overlay has for dracut: settings that name modules or files under a slip of the pen, and modules of its own that
//! dracut passes over or that lack one of their files. Runs none of them.

use super::texts::{at_word, finding, lines, told};
use super::{at_first_line, file, names, text};
use crate::description::folder::Kind;
use crate::description::model::File;
use crate::diagnostic::Diagnostic;
use crate::rules::boot::initrd_modules::slip_of;
use crate::rules::files::Here;
use crate::rules::found::{Found, near, same_digits};
use crate::rules::scripts::tell;

/// Folders with settings.
pub(super) const FOLDERS: &[&str] = &["etc/dracut.conf.d", "usr/lib/dracut/dracut.conf.d"];

const MODULES: &str = "usr/lib/dracut/modules.d";

/// The file that makes a folder a module, and those that did in the first releases.
const SETUP: &str = "module-setup.sh";
const OLD: &[&str] = &["check", "install", "installkernel"];

/// A module's name is that of its folder without the number before it.
fn module(folder: &str) -> Option<&str> {
    let numbered = folder.bytes().take(2).filter(u8::is_ascii_digit).count() == 2;
    folder.get(2..).filter(|rest| numbered && !rest.is_empty())
}

/// A name in a list of settings that is a slip.
pub(super) fn judge(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let folders = names(here, MODULES);
    lines(text).find_map(|(at, line)| {
        let (key, value) = line.split_once('=')?;
        let key = key.trim_end_matches('+');
        let words = value
            .split([' ', '\t', '"', '\''])
            .filter(|w| w.len() > 3 && !w.contains(['$', '`', '#', '*']));
        for word in words {
            let found = match key {
                "add_dracutmodules" | "force_add_dracutmodules" | "omit_dracutmodules" | "dracutmodules" => {
                    listed(&folders, word)
                }
                "install_items" | "install_optional_items" => installed(here, word),
                _ => None,
            };
            if let Some((message, meant)) = found {
                let then = "the build goes through, and the initrd is made without it";
                return at_word(at, line, word, message, format!("did you mean `{meant}`?"), then);
            }
        }
        None
    })
}

/// A module that neither the overlay nor dracut has.
fn listed(folders: &[String], word: &str) -> Option<(String, String)> {
    let own = || folders.iter().filter_map(|f| module(f));
    if own().any(|m| m == word) {
        return None;
    }
    let close = near(word, own()).filter(|m| same_digits(m, word));
    let meant = close.or_else(|| slip_of(word))?;
    Some((format!("dracut has no module `{word}`"), meant.to_owned()))
}

/// A file that is a slip of one of the overlay in the same folder.
fn installed(here: &Here<'_>, path: &str) -> Option<(String, String)> {
    let (folder, name) = path.strip_prefix('/')?.rsplit_once('/')?;
    let there = names(here, folder);
    if there.iter().any(|n| n == name) {
        return None;
    }
    let meant = near(name, there.iter().map(String::as_str)).filter(|m| same_digits(m, name))?;
    let message = format!("the overlay has `/{folder}/{meant}`, and no `{name}` there");
    Some((message, format!("/{folder}/{meant}")))
}

/// Judges the modules of one overlay.
pub(super) fn check(here: &Here<'_>, overlay: &str, found: &mut Found<'_>, files: &mut Vec<File>) {
    let list = |folder: &str| {
        here.folder
            .names(&format!("{overlay}/{folder}"))
            .unwrap_or_default()
    };
    for name in list(MODULES) {
        let folder = format!("{MODULES}/{name}");
        let is_folder = here.folder.entry(&format!("{overlay}/{folder}"));
        if is_folder.is_none_or(|e| e.kind != Kind::Folder) {
            continue;
        }
        let inside = list(&folder);
        let setup = inside.iter().any(|n| n == SETUP);
        let old = inside.iter().any(|n| OLD.contains(&n.as_str()));
        let nearly = inside.iter().find(|n| near(n, [SETUP].into_iter()).is_some());
        let passed_over = if setup && module(&name).is_none() {
            Some((
                SETUP,
                format!("dracut passes over `/{folder}`: the name does not begin with two digits"),
                format!("such as `90{name}`"),
            ))
        } else {
            nearly.filter(|_| !setup && !old).map(|nearly| {
                let message = format!("dracut passes over `/{folder}`, which has no `{SETUP}`");
                (nearly.as_str(), message, format!("did you mean `{SETUP}`?"))
            })
        };
        if let Some((at, message, label)) = passed_over {
            if let Some((own, text, _, _)) = text(here, overlay, &format!("{folder}/{at}")) {
                let mut one = at_first_line("overlooked-file", &text, message, &label);
                if let Some(one) = &mut one {
                    one.help = Some(
                        "the build goes through, and the initrd is made without what the module has".into(),
                    );
                }
                tell(here, &own, text, one.into_iter().collect(), found, files);
            }
            continue;
        }
        let Some((own, text, _, _)) = text(here, overlay, &format!("{folder}/{SETUP}")) else {
            continue;
        };
        let out = lacking(here, &folder, &inside, &text);
        tell(here, &own, text, out, found, files);
    }
}

/// The files that a module takes from its own folder, and that are not there.
fn lacking(here: &Here<'_>, folder: &str, inside: &[String], text: &str) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (start, _) in text.match_indices("moddir") {
        let rest = text.get(start + "moddir".len()..).unwrap_or("");
        let Some(rest) = rest.trim_start_matches('}').strip_prefix('/') else {
            continue;
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        let name = rest.split(|c| !plain(c)).next().unwrap_or("");
        let next = rest.get(name.len()..).unwrap_or("").chars().next();
        let open = next.is_some_and(|c| matches!(c, '$' | '*' | '{' | '?' | '['));
        let head = text.get(..start).unwrap_or("");
        let line = head.rsplit('\n').next().unwrap_or("");
        // One that may be missing is asked for first.
        let asked = ["-e ", "-f ", "-x ", "-o ", "#"].iter().any(|w| line.contains(w));
        let there = inside.iter().any(|n| n == name) || file(here, &format!("{folder}/{name}"));
        if name.len() < 4 || name.contains('/') || open || asked || there {
            continue;
        }
        let at = text.len() - rest.len();
        let message = format!("the module has no file `{name}`");
        let then = "the build would stop in create, where the initrd is made, or make it without the file";
        let meant = near(name, inside.iter().map(String::as_str));
        out.extend(match meant {
            Some(meant) => finding(at, name, message, format!("did you mean `{meant}`?"), then),
            None => told(
                "overlay-file",
                at,
                name.len(),
                message,
                "not in its folder",
                Some(then),
            ),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_its_folder_without_the_number() {
        assert_eq!(module("98menu"), Some("menu"));
        assert_eq!(module("menu"), None);
        assert_eq!(module("99"), None);
    }
}
