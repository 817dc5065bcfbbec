//! Units of systemd that its own manager does not read: those of accounts, in the folders for all of them or in a home, and
//! those that modules of dracut put into the initrd. Judges their settings; knows nothing of what an initrd holds.

use super::units::{ENDINGS, Line, finding, line, lines};
use super::{Scripts, text, unit_settings};
use crate::description::model::File;
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::Found;
use crate::rules::scripts::tell;

/// Folders with the units of all accounts.
const USERS: &[&str] = &["etc/systemd/user", "usr/lib/systemd/user"];

/// Where an account has its own, in its home.
const OWN: &[&str] = &[".config/systemd/user", ".local/share/systemd/user"];

const MODULES: &str = "usr/lib/dracut/modules.d";

/// Judges the units of one overlay.
pub(super) fn check(
    here: &Here<'_>,
    overlay: &str,
    scripts: &Scripts,
    found: &mut Found<'_>,
    files: &mut Vec<File>,
) {
    let names = |folder: &str| {
        here.folder
            .names(&format!("{overlay}/{folder}"))
            .unwrap_or_default()
    };
    let homes = names("home").into_iter().map(|name| format!("home/{name}"));
    let homes = homes.chain(["root".to_owned(), "etc/skel".to_owned()]);
    let own = homes.flat_map(|home| OWN.iter().map(move |own| format!("{home}/{own}")));
    for folder in USERS.iter().map(|f| (*f).to_owned()).chain(own) {
        for (name, path) in units(names(&folder), &folder) {
            judge(here, overlay, &path, found, files, |text, all| {
                let told = all.iter().filter_map(|l| line(here, scripts, l));
                let settings = unit_settings::judge(&name, text, all);
                let targets = all.iter().filter_map(target);
                settings.into_iter().chain(told).chain(targets).collect()
            });
        }
    }
    for module in names(MODULES) {
        let folder = format!("{MODULES}/{module}");
        for (name, path) in units(names(&folder), &folder) {
            judge(here, overlay, &path, found, files, |text, all| {
                unit_settings::judge(&name, text, all)
            });
        }
    }
}

/// Those of the files of a folder that are units, with their paths.
fn units(names: Vec<String>, folder: &str) -> impl Iterator<Item = (String, String)> {
    let kinds = ENDINGS.iter().take(8);
    let units = names
        .into_iter()
        .filter(move |n| kinds.clone().any(|e| n.ends_with(e)));
    units.map(move |n| {
        let path = format!("{folder}/{n}");
        (n, path)
    })
}

fn judge(
    here: &Here<'_>,
    overlay: &str,
    path: &str,
    found: &mut Found<'_>,
    files: &mut Vec<File>,
    judge: impl Fn(&str, &[Line<'_>]) -> Vec<Diagnostic>,
) {
    if let Some((own, text, _, _)) = text(here, overlay, path) {
        let out = judge(&text, &lines(&text));
        tell(here, &own, text, out, found, files);
    }
}

/// A target that the system's manager has and that of an account has not.
fn target(line: &Line<'_>) -> Option<Diagnostic> {
    const SYSTEM: &[(&str, &str)] = &[
        ("multi-user.target", "default.target"),
        ("graphical.target", "graphical-session.target"),
        ("sysinit.target", "basic.target"),
        ("getty.target", "default.target"),
    ];
    let wanted = matches!(line.key, "WantedBy" | "RequiredBy");
    let mut words = line.value.split_whitespace().filter(|_| wanted);
    let (word, meant) = words.find_map(|w| SYSTEM.iter().find(|(s, _)| *s == w))?;
    let message = format!("the manager of an account's units has no target `{word}`");
    let at = line.at + line.value.find(word)?;
    let mut one = finding(message, at, word.len(), format!("did you mean `{meant}`?"))?;
    one.help = Some("the build goes through, and nothing starts the unit in the running system".into());
    Some(one)
}
