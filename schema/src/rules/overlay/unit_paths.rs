//! Programs, files and folders that units of the overlay name: those that are not there, and slips of such as are. Knows the
//! overlays, archives and `<file>`s alone.

use super::Scripts;
use super::units::{Line, finding};
use crate::description::model::ItemKind;
use crate::diagnostic::Diagnostic;
use crate::rules::files::{Here, items};
use crate::rules::found::near;

/// Files of `/etc` that every system has.
const EVERYWHERE: &[&str] = &[
    "fstab",
    "group",
    "hostname",
    "hosts",
    "localtime",
    "machine-id",
    "os-release",
    "passwd",
    "profile",
    "resolv.conf",
    "services",
    "shadow",
    "shells",
];

/// A path in a setting that is a slip of a file or folder of the overlay, of an archive, or of a `<file>`.
pub(in crate::rules) fn path(
    here: &Here<'_>,
    scripts: &Scripts,
    line: &Line<'_>,
    skipped: usize,
) -> Option<Diagnostic> {
    let mut targets: Vec<&str> = Vec::new();
    for item in items(here.image).filter(|i| i.kind == ItemKind::File) {
        targets.extend(item.attrs().get("target"));
    }
    let words = line
        .value
        .split_whitespace()
        .skip(skipped)
        .filter(|w| w.len() > 6);
    for word in words {
        let bare = word.trim_start_matches('-');
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+".contains(&b);
        let Some((folder, name)) = bare.strip_prefix('/').and_then(|p| p.rsplit_once('/')) else {
            continue;
        };
        if !bare.bytes().all(plain) || name.len() < 4 || scripts.say(bare) {
            continue;
        }
        let mut names: Vec<String> = super::names(here, folder);
        let own = targets
            .iter()
            .filter_map(|t| t.strip_prefix('/')?.rsplit_once('/'));
        names.extend(own.filter(|(f, _)| *f == folder).map(|(_, n)| n.to_owned()));
        let close = |k: &&str| {
            let other = crate::rules::found::plural(k, name);
            crate::rules::found::one_keystroke(k, name) && crate::rules::found::same_digits(k, name) && !other
        };
        let all = || names.iter().map(String::as_str);
        let there = all().any(|n| n == name) || folder == "etc" && EVERYWHERE.contains(&name);
        let Some(meant) = all().find(close).filter(|_| !there) else {
            // A folder of the author's own, with files of that kind, and no other way for one to come there.
            let own = ["opt/", "usr/local/", "srv/"]
                .iter()
                .any(|f| folder.starts_with(f));
            let end = name.rsplit_once('.').map(|(_, end)| end).unwrap_or("");
            let alike = ["py", "sh", "pl", "rb", "js"].contains(&end)
                && all().any(|n| n.ends_with(&format!(".{end}")));
            // The folder of settings that the overlay alone has.
            let settings = line.key == "EnvironmentFile"
                && folder.matches('/').count() == 1
                && folder.starts_with("etc/")
                && !["etc/default", "etc/sysconfig", "etc/conf.d", "etc/systemd"].contains(&folder)
                && bare.len() == word.len()
                && all().next().is_some();
            let packed = || items(here.image).any(|i| i.kind == ItemKind::Archive) || here.has("root.tar.gz");
            if (own && alike || settings) && !there && !scripts.say(&format!("/{folder}")) && !packed() {
                let from = line.at + crate::rules::found::offset(bare, line.value);
                let message = format!("the overlay has files in `/{folder}`, and no `{name}` there");
                let mut one = finding(message, from, bare.len(), "not in the overlay".to_owned())?;
                one.help = Some(
                    "the build goes through, and the unit does not find it in the running system".into(),
                );
                return Some(one);
            }
            continue;
        };
        let from = line.at + crate::rules::found::offset(bare, line.value);
        let message = format!("the image gets `/{folder}/{meant}`, and no `{name}` there");
        let mut one = finding(
            message,
            from,
            bare.len(),
            format!("did you mean `/{folder}/{meant}`?"),
        )?;
        one.help = Some("the build goes through, and the unit does not find it in the running system".into());
        return Some(one);
    }
    None
}

/// The program is one that no package brings, and that is not in the overlay.
pub(in crate::rules) fn program(here: &Here<'_>, scripts: &Scripts, line: &Line<'_>) -> Option<Diagnostic> {
    let path = line.value.split_whitespace().next()?;
    // What failing means stands before the path.
    let bare = path.trim_start_matches(['-', '@', ':', '+', '!', '|']);
    let at = line.at + path.len() - bare.len();
    if bare.contains(['%', '$', '"', '\'']) {
        return None;
    }
    if !bare.contains('/') {
        return sought(here, scripts, bare, at);
    }
    let (folder, name) = bare.strip_prefix('/')?.rsplit_once('/')?;
    let there = |path: &str| super::has(here, path);
    if name.is_empty() || there(&format!("{folder}/{name}")) || scripts.say(bare) {
        return None;
    }
    // Archives and base images may hold anything, and so may another kind of overlay.
    let mut types = here.image.preferences.iter().flat_map(|p| &p.types);
    let other = here.has("root.tar.gz") || types.any(|t| t.element.attrs.at("derived_from").is_some());
    let holds = |archive: &str| match here.folder.members(archive) {
        Some(Ok(members)) => members.iter().any(|m| m.name.ends_with(name)),
        _ => true,
    };
    let brings = items(here.image).any(|i| match i.kind {
        ItemKind::Archive => holds(i.name.value.trim()),
        ItemKind::File => {
            let target = i.attrs().get("target").unwrap_or(&i.name.value);
            target.ends_with(name) || i.name.value.ends_with(name)
        }
        _ => false,
    });
    if other || brings {
        return None;
    }
    let mut names: Vec<String> = super::names(here, folder);
    for archive in items(here.image).filter(|i| i.kind == ItemKind::Archive) {
        let Some(Ok(members)) = here.folder.members(archive.name.value.trim()) else {
            continue;
        };
        let inside = archive.attrs().get("target_dir").unwrap_or("").trim_matches('/');
        let full = |m: &str| {
            [inside, m.trim_start_matches("./")]
                .join("/")
                .trim_matches('/')
                .to_owned()
        };
        let paths = members.iter().map(|m| full(&m.name));
        names.extend(
            paths.filter_map(|p| Some(p.rsplit_once('/').filter(|(f, _)| *f == folder)?.1.to_owned())),
        );
    }
    let like = near(name, names.iter().map(String::as_str)).filter(|_| name.len() > 3);
    // The same with an ending of scripts, or without it.
    let bare_name = |n: &str| {
        let mut ends = [".sh", ".py", ".pl", ".bash"].iter();
        ends.find_map(|e| n.strip_suffix(e)).unwrap_or(n).to_owned()
    };
    let twin = || {
        names
            .iter()
            .map(String::as_str)
            .find(|n| bare_name(n) == bare_name(name))
    };
    let like = like.or_else(twin).or_else(|| begun(name, &names));
    if let Some(meant) = like {
        let message = format!("the overlay has `/{folder}/{meant}`, and no `{name}`");
        return finding(
            message,
            at,
            bare.len(),
            format!("did you mean `/{folder}/{meant}`?"),
        );
    }
    let usual = matches!(folder, "bin" | "sbin" | "usr/bin" | "usr/sbin") && name.len() > 3;
    let exchanged = |n: &&str| crate::rules::packages::misspelt::exchanged(n, name);
    let listed = || items(here.image).map(|i| i.name.value.as_str());
    if let Some(meant) = listed()
        .find(exchanged)
        .filter(|_| usual && !listed().any(|n| n == name) && !here.meant().contains(&name))
    {
        let message = format!("a list installs `{meant}`, and none has `{bare}`");
        return finding(
            message,
            at,
            bare.len(),
            format!("did you mean `/{folder}/{meant}`?"),
        );
    }
    let elsewhere = [
        "usr/local/bin",
        "usr/local/sbin",
        "usr/bin",
        "usr/sbin",
        "opt",
        "usr/libexec",
    ];
    if let Some(other) = elsewhere.iter().find(|f| there(&format!("{f}/{name}"))) {
        let message = format!("the overlay has `/{other}/{name}`, and no `{bare}`");
        return finding(
            message,
            at,
            bare.len(),
            format!("did you mean `/{other}/{name}`?"),
        );
    }
    // In a folder that takes the place of a link: that is told.
    if ["bin", "sbin"].iter().any(|f| there(&format!("{f}/{name}"))) {
        return None;
    }
    // No package of a distribution puts files there, and no script fetches what it could be.
    let own = matches!(folder, "usr/local/bin" | "usr/local/sbin");
    let fetched = [
        "install", "curl", "wget", "git", "tar", "pip", "pip3", "npm", "cp", "ln",
    ];
    let made = scripts.say(&format!("/{folder}")) || fetched.iter().any(|f| scripts.says_word(f));
    (own && !made).then(|| {
        let message = format!("neither the overlay nor a script makes `/{folder}/{name}`");
        finding(message, at, bare.len(), "not in the overlay".to_owned())
    })?
}

/// The one program whose name goes on in the middle of a word where another ends, or the other way round.
fn begun<'n>(name: &str, names: &'n [String]) -> Option<&'n str> {
    let goes_on = |long: &str, short: &str| {
        let rest = long.strip_prefix(short).filter(|_| short.len() > 7);
        rest.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    let mut all = names
        .iter()
        .map(String::as_str)
        .filter(|n| goes_on(n, name) || goes_on(name, n));
    all.next().filter(|_| all.next().is_none())
}

/// Where systemd looks for a program that has no path.
const SOUGHT: &[&str] = &[
    "usr/local/sbin",
    "usr/local/bin",
    "usr/sbin",
    "usr/bin",
    "sbin",
    "bin",
];

/// A program without a path that is a slip of one in the overlay.
fn sought(here: &Here<'_>, scripts: &Scripts, name: &str, at: usize) -> Option<Diagnostic> {
    let names: Vec<String> = SOUGHT.iter().flat_map(|f| super::names(here, f)).collect();
    let plain = name.len() > 4 && crate::rules::found::is_word(&name.replace('.', "-"));
    if !plain || names.iter().any(|n| n == name) || scripts.says_word(name) {
        return None;
    }
    let listed = || items(here.image).any(|i| i.name.value == name);
    let close = near(name, names.iter().map(String::as_str));
    let meant = close
        .filter(|m| crate::rules::found::same_digits(m, name))
        .or_else(|| begun(name, &names))
        .filter(|_| !listed())?;
    let message = format!("the overlay has the program `{meant}`, and no `{name}`");
    finding(message, at, name.len(), format!("did you mean `{meant}`?"))
}
