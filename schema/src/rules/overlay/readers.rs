//! Files of the overlay whose readers take lines of words: chrony, logrotate, cloud-init, podman's units. Keys
//! and words that are slips of those they know; says nothing about others.

use super::reader_words::{CHRONY, CLOUD, CONTAINER, LOGROTATE, MODULES, SERVER, SOURCES};
use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::found::{is_word, near, offset, one_keystroke};

const THEN: &str = "the build goes through, and its reader refuses the file in the running system";

/// The folders that are judged, without a slash before them.
pub(super) const PLACES: &[&str] = &[
    "etc",
    "etc/chrony",
    "etc/chrony.d",
    "etc/chrony/conf.d",
    "etc/chrony/sources.d",
    "etc/logrotate.d",
    "etc/cloud",
    "etc/cloud/cloud.cfg.d",
    "etc/containers/systemd",
];

/// What is wrong with a file by its folder and name.
pub(super) fn judge(folder: &str, name: &str, text: &str) -> Option<Diagnostic> {
    match (folder, name) {
        ("etc" | "etc/chrony", "chrony.conf") => chrony(text).or_else(|| super::facts::address(text)),
        ("etc/chrony.d" | "etc/chrony/conf.d", _) if name.ends_with(".conf") => chrony(text),
        ("etc/chrony/sources.d", _) if name.ends_with(".sources") => chrony(text),
        ("etc/logrotate.d", _) | ("etc", "logrotate.conf") => logrotate(text),
        ("etc/cloud", "cloud.cfg") => cloud(text),
        ("etc/cloud/cloud.cfg.d", _) if name.ends_with(".cfg") => cloud(text),
        ("etc/containers/systemd", _) if name.ends_with(".container") => container(text),
        _ => None,
    }
}

/// A word that is a slip of one which the reader knows.
fn slip(at: usize, word: &str, reader: &str, known: &[&'static str]) -> Option<Diagnostic> {
    if word.len() < 4 || !is_word(word) || known.iter().any(|k| k.eq_ignore_ascii_case(word)) {
        return None;
    }
    let close = |k: &&str| one_keystroke(k, word) || k.len() > 8 && near(word, std::iter::once(*k)).is_some();
    let meant = known.iter().copied().filter(|k| k.len() > 3).find(close)?;
    let message = format!("{reader} knows no `{word}` here");
    finding(at, word, message, format!("did you mean `{meant}`?"), THEN)
}

fn chrony(text: &str) -> Option<Diagnostic> {
    lines(text)
        .filter(|(_, l)| !l.starts_with(['!', '%']))
        .find_map(|(at, line)| {
            let mut words = line.split_whitespace();
            let first = words.next()?;
            slip(at, first, "chrony", CHRONY).or_else(|| {
                let source = matches!(first.to_ascii_lowercase().as_str(), "server" | "pool" | "peer");
                let mut rest = words.skip(1).filter(|_| source);
                rest.find_map(|w| slip(at + offset(w, line), w, "chrony", SERVER))
            })
        })
}

fn logrotate(text: &str) -> Option<Diagnostic> {
    let mut open = None;
    for (at, line) in lines(text) {
        match (line.split([' ', '\t']).next(), open) {
            (Some("endscript"), _) => open = None,
            (Some("postrotate" | "prerotate" | "firstaction" | "lastaction" | "preremove"), None) => {
                open = Some((at, line));
            }
            _ => {}
        }
    }
    if let Some((at, line)) = open {
        let message = format!("the script of logrotate's `{line}` does not end");
        return finding(
            at,
            line,
            message,
            "`endscript` is missing behind it".to_owned(),
            THEN,
        );
    }
    let (mut script, mut depth) = (false, 0_usize);
    let told = lines(text).find_map(|(at, line)| {
        let first = line.split([' ', '\t', '=', '{']).next()?;
        if script {
            script = first != "endscript";
            return None;
        }
        script = matches!(
            first,
            "postrotate" | "prerotate" | "firstaction" | "lastaction" | "preremove"
        );
        let inside = depth > 0;
        depth += line.matches('{').count();
        depth = depth.saturating_sub(line.matches('}').count());
        let own = inside || !line.contains(['/', '{', '*']);
        own.then(|| slip(at, first, "logrotate", LOGROTATE)).flatten()
    });
    // A bracket that stands without its other.
    let last = || lines(text).filter(|(_, l)| l.ends_with('{')).last();
    told.or_else(|| {
        let (at, line) = last().filter(|_| depth > 0 && !script)?;
        let message = "a bracket of logrotate's has no other".to_owned();
        finding(at, line, message, "`}` is missing behind it".to_owned(), THEN)
    })
}

fn cloud(text: &str) -> Option<Diagnostic> {
    let mut start = 0;
    let mut modules = false;
    text.split_inclusive('\n').find_map(|line| {
        let at = start;
        start += line.len();
        if let Some(name) = line.trim().strip_prefix("- ").filter(|_| modules) {
            let bare = name.trim().trim_matches(['"', '\'']);
            let same = |m: &&str| m.replace('_', "-") == bare.replace('_', "-");
            let meant = near(bare, MODULES.iter().copied()).filter(|_| !MODULES.iter().any(same))?;
            let message = format!("cloud-init has no module `{bare}`");
            let then = "the build goes through, and cloud-init passes over the module in the running system";
            return at_word(at, line, bare, message, format!("did you mean `{meant}`?"), then);
        }
        let (key, value) = line.split_once(':')?;
        modules = matches!(
            key,
            "cloud_init_modules" | "cloud_config_modules" | "cloud_final_modules"
        );
        if let Some(told) = slip(at, key, "cloud-init", CLOUD) {
            return Some(told);
        }
        let given = value.split(" #").next().unwrap_or("").trim();
        let close =
            |k: &&str| one_keystroke(k, given) || crate::rules::packages::misspelt::exchanged(k, given);
        if let Some(meant) = ["true", "false"]
            .into_iter()
            .find(close)
            .filter(|_| CLOUD.contains(&key))
        {
            let message = format!("`{key}` of cloud-init is `true` or `false`, and never `{given}`");
            return at_word(at, line, given, message, format!("did you mean `{meant}`?"), THEN);
        }
        let list = value.trim().strip_prefix('[')?.strip_suffix(']')?;
        let mut names = list.split(',').map(|n| n.trim().trim_matches(['"', '\'']));
        let odd = names.find(|n| key == "datasource_list" && !SOURCES.contains(n))?;
        let same = SOURCES.iter().copied().find(|s| s.eq_ignore_ascii_case(odd));
        let meant = same.or_else(|| near(odd, SOURCES.iter().copied()))?;
        let message = format!("cloud-init knows no source of data `{odd}`");
        let then = "the build goes through, and cloud-init does not look there in the running system";
        at_word(at, line, odd, message, format!("did you mean `{meant}`?"), then)
    })
}

fn container(text: &str) -> Option<Diagnostic> {
    let mut own = false;
    lines(text).find_map(|(at, line)| {
        if let Some(section) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            own = section == "Container";
            const SECTIONS: &[&str] = &["Container", "Unit", "Service", "Install", "Quadlet"];
            let meant = near(section, SECTIONS.iter().copied()).filter(|_| !SECTIONS.contains(&section))?;
            let message = format!("podman knows no section `{section}`");
            return finding(at + 1, section, message, format!("did you mean `{meant}`?"), THEN);
        }
        let (key, value) = line.split_once('=').filter(|_| own)?;
        let key = key.trim_end();
        let close = |k: &&str| k.len() > 3 && one_keystroke(k, key);
        if !CONTAINER.contains(&key)
            && let Some(meant) = CONTAINER.iter().copied().find(close)
        {
            let message = format!("podman knows no setting `{key}` of a container");
            return finding(at, key, message, format!("did you mean `{meant}`?"), THEN);
        }
        let source = value.split(':').next().unwrap_or("");
        if key == "Volume" && source.contains('/') && !source.starts_with(['/', '.', '~', '%', '$']) {
            let message = format!("`{source}` is neither a path from the root nor the name of a volume");
            let label = format!("did you mean `/{source}`?");
            return at_word(at, line, source, message, label, THEN);
        }
        let high =
            |n: &&str| n.bytes().all(|b| b.is_ascii_digit()) && n.parse::<u32>().is_ok_and(|n| n > 65535);
        let port = value
            .split([':', '/', '-'])
            .find(high)
            .filter(|_| key == "PublishPort")?;
        let message = format!("there is no port `{port}`: the highest is 65535");
        at_word(at, line, port, message, "a number up to 65535".to_owned(), THEN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_and_what_readers_know_is_not() {
        for (folder, name, text, told) in [
            (
                "etc/chrony.d",
                "a.conf",
                "server a.example iburst\nmakestep 1 3\n",
                false,
            ),
            ("etc/chrony.d", "a.conf", "server a.example ibrust\n", true),
            ("etc/chrony.d", "a.conf", "maekstep 1 3\n", true),
            (
                "etc/logrotate.d",
                "a",
                "/var/log/a {\n weekly\n postrotate\n  rotat\n endscript\n}\n",
                false,
            ),
            ("etc/logrotate.d", "a", "/var/log/a {\n weekley\n}\n", true),
            (
                "etc/logrotate.d",
                "a",
                "/var/log/dailys /var/log/b\n{\n rotate 4\n}\n",
                false,
            ),
            (
                "etc/cloud/cloud.cfg.d",
                "a.cfg",
                "datasource_list: [ NoCloud, None ]\n",
                false,
            ),
            (
                "etc/cloud/cloud.cfg.d",
                "a.cfg",
                "datasource_list: [Nocloud]\n",
                true,
            ),
            (
                "etc/cloud/cloud.cfg.d",
                "a.cfg",
                "preserve_hostname: ture\n",
                true,
            ),
            (
                "etc/cloud/cloud.cfg.d",
                "a.cfg",
                "preserve_hostname: true # a\n",
                false,
            ),
            ("etc/cloud/cloud.cfg.d", "a.cfg", "pakages:\n  - a\n", true),
            (
                "etc/containers/systemd",
                "a.container",
                "[Container]\nImage=a\nPublishPort=80:80\n",
                false,
            ),
            (
                "etc/containers/systemd",
                "a.container",
                "[Container]\nPublishPort=80800:80\n",
                true,
            ),
            (
                "etc/containers/systemd",
                "a.container",
                "[Container]\nImgae=a\n",
                true,
            ),
            (
                "etc/containers/systemd",
                "a.container",
                "[Container]\nVolume=srv/a:/b\n",
                true,
            ),
            (
                "etc/containers/systemd",
                "a.container",
                "[Container]\nVolume=data:/b\n",
                false,
            ),
        ] {
            assert_eq!(judge(folder, name, text).is_some(), told, "{text}");
        }
    }

    #[test]
    fn no_word_is_a_slip_of_another() {
        for (known, words) in [
            ("chrony", CHRONY),
            ("server", SERVER),
            ("logrotate", LOGROTATE),
            ("cloud", CLOUD),
        ] {
            assert!(
                words.iter().all(|w| slip(0, w, known, words).is_none()),
                "{known}"
            );
        }
    }
}
