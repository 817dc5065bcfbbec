//! Files of the overlay that a table tells the words of: keys, sections, values and columns that their readers do not know.
//! The table is `tables/files.txt`; what it does not have is not judged.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::texts::{at_word, finding, lines, section, unclosed};
use crate::diagnostic::Diagnostic;
use crate::format::Markup;
use crate::rules::filled::filled;
use crate::rules::found::{near, one_keystroke, plural, same_digits};
use crate::rules::rows::{self, Files, rows};

/// What stands between the words of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Between(char),
    Blank,
    Columns,
    Marked(Markup),
}

/// A word and the values that it has, where they are few.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) name: Cow<'static, str>,
    values: Vec<&'static str>,
    number: bool,
    /// There are other values than those.
    open: bool,
}

/// One kind of files.
#[derive(Debug)]
pub(super) struct Kind {
    files: Files,
    pub(super) reader: &'static str,
    shape: Shape,
    /// There are no other words.
    all: bool,
    sections: Vec<String>,
    pub(super) words: Vec<Word>,
}

static TABLE: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let rows = rows(include_str!("../tables/files.txt"));
    rows.filter_map(kind).collect()
});

/// One line of the table.
fn kind(line: &'static str) -> Option<Kind> {
    let mut parts = line.splitn(4, " | ");
    let (paths, reader, shape, words) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let blank = |name: &'static str| match name.contains('~') {
        true => Cow::Owned(name.replace('~', " ")),
        false => Cow::Borrowed(name),
    };
    let words = || words.split_whitespace().filter(|w| !matches!(*w, "!" | "-"));
    let section = |w: &'static str| Some(w.strip_prefix('[')?.strip_suffix(']')?.replace('~', " "));
    let word = |w: &'static str| {
        let (name, values) = w.split_once("={").unwrap_or((w, ""));
        let number = name.ends_with("=#");
        let open = name.ends_with('~');
        let name = name.trim_end_matches("=#").trim_end_matches('~');
        let values = values.trim_end_matches('}').split('|').filter(|v| !v.is_empty());
        Word {
            name: blank(name),
            values: values.collect(),
            number,
            open,
        }
    };
    Some(Kind {
        files: Files::of(paths),
        reader,
        shape: match shape {
            "blank" => Shape::Blank,
            "columns" => Shape::Columns,
            "json" => Shape::Marked(Markup::Json),
            "toml" => Shape::Marked(Markup::Toml),
            "yaml" => Shape::Marked(Markup::Yaml),
            "xml" => Shape::Marked(Markup::Xml),
            other => Shape::Between(other.chars().next()?),
        },
        all: line.contains("| ! "),
        sections: words().filter_map(section).collect(),
        words: words().filter(|w| !w.starts_with('[')).map(word).collect(),
    })
}

/// The files that the table has by their whole names, without a slash before them.
pub(in crate::rules) fn files() -> impl Iterator<Item = String> {
    let all = TABLE.iter().flat_map(|k| k.files.each());
    all.filter(|(_, name)| !name.starts_with('*'))
        .map(|(folder, name)| format!("/{folder}/{name}"))
}

/// The folders that the table has files in, without a slash before them.
pub(super) static FOLDERS: LazyLock<Vec<&str>> =
    LazyLock::new(|| rows::folders(TABLE.iter().map(|k| &k.files)));

/// The kind of a file.
fn kind_of(folder: &str, name: &str) -> Option<&'static Kind> {
    let aside = name.starts_with('.') || name.starts_with("README");
    let own = |k: &&Kind| {
        let naming = k.files.naming(folder, name);
        naming.is_some_and(|pattern| !pattern.starts_with('*') || !aside)
    };
    TABLE.iter().find(own)
}

/// What is wrong with a file by its folder and name.
pub(in crate::rules) fn judge(folder: &str, name: &str, text: &str) -> Option<Diagnostic> {
    let kind = kind_of(folder, name)?;
    match kind.shape {
        Shape::Marked(markup) => kind.marked(text, markup),
        _ => lines(text).find_map(|(at, line)| kind.line(at, line)),
    }
}

/// A file of that name is read as a whole, and a part of it says nothing.
pub(in crate::rules) fn is_whole(folder: &str, name: &str) -> bool {
    kind_of(folder, name).is_some_and(|k| matches!(k.shape, Shape::Marked(_)))
}

/// The word that is meant by one that is none of those.
pub(super) fn meant<'k>(given: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<&'k str> {
    let bare = |w: &str| w.replace(['-', '_'], "").to_ascii_lowercase();
    let same = known.clone().find(|k| bare(k) == bare(given) && *k != given);
    let close =
        |k: &&str| k.len() > 3 && one_keystroke(k, given) && !plural(k, given) && same_digits(k, given);
    let far = || {
        let long = known.clone().filter(|k| k.len() > 9);
        near(given, long).filter(|k| given.len() > 9 && same_digits(k, given))
    };
    same.or_else(|| known.clone().find(close)).or_else(far)
}

impl Kind {
    /// What comes of what its reader does not know.
    pub(super) fn then(&self) -> String {
        let reader = self.reader;
        format!(
            "the build goes through, and {reader} leaves it aside, or refuses the file, in the running system"
        )
    }

    fn line(&self, at: usize, line: &str) -> Option<Diagnostic> {
        let reader = self.reader;
        if self.shape == Shape::Columns {
            return self.columns(at, line);
        }
        if let Some(rest) = line.strip_prefix('[').filter(|_| !self.sections.is_empty()) {
            let Some((name, _)) = rest.split_once(']') else {
                return unclosed(at, line, reader, &self.then());
            };
            let known = self.sections.iter().map(String::as_str);
            if known.clone().any(|s| s == name) {
                return None;
            }
            // Systemd's own settings stand below one name.
            let only = match self.sections.as_slice() {
                [only] if reader.starts_with("systemd-") => Some(only.as_str()),
                _ => None,
            };
            let meant = meant(name, known).or(only)?;
            return section(at + 1, name, meant, reader, &self.then());
        }
        let (key, value) = match self.shape {
            Shape::Between(sign) => line.split_once(sign)?,
            _ => line.split_once([' ', '\t', '=']).unwrap_or((line, "")),
        };
        let key = key.trim_end().trim_end_matches(['+', '?', ':']);
        // A key may be in a language.
        let key = key.split('[').next()?;
        let plain = |w: &str| {
            !w.is_empty()
                && w.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_./ ".contains(&b))
        };
        if !plain(key) {
            return None;
        }
        let Some(word) = self.words.iter().find(|w| w.name.eq_ignore_ascii_case(key)) else {
            let known = self.words.iter().map(|w| &*w.name);
            let meant = meant(key, known).filter(|_| key.len() > 3);
            if meant.is_none() && !self.all || filled(key) {
                return None;
            }
            let message = format!("{reader} knows no setting `{key}`");
            let label = meant.map_or_else(
                || "not one of its settings".to_owned(),
                |m| format!("did you mean `{m}`?"),
            );
            return finding(at, key, message, label, &self.then());
        };
        let value = value.trim().trim_matches(['"', '\'']);
        let value = value.split([' ', '\t', '#', ';']).next().unwrap_or("");
        self.value(at, line, word, value)
    }

    /// A value that is none of those which a word has.
    pub(super) fn value(&self, at: usize, line: &str, word: &Word, value: &str) -> Option<Diagnostic> {
        if word.number && !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphabetic()) {
            let message = format!(
                "`{}` of {} is a number, and never `{value}`",
                word.name, self.reader
            );
            return at_word(at, line, value, message, "a number".to_owned(), &self.then());
        }
        let sound = word.values.iter().any(|v| v.eq_ignore_ascii_case(value));
        let plain = value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b));
        if word.values.is_empty() || sound || value.is_empty() || !plain || filled(value) {
            return None;
        }
        let meant = near(value, word.values.iter().copied());
        if word.open && meant.is_none() {
            return None;
        }
        let all: Vec<String> = word.values.iter().take(4).map(|v| format!("`{v}`")).collect();
        let label = meant.map_or_else(|| all.join(" or "), |m| format!("did you mean `{m}`?"));
        let message = match word.name.parse::<usize>() {
            Ok(number) => format!("{} knows no `{value}` as word {number} of a line", self.reader),
            Err(_) => format!("{} knows no value `{value}` of `{}`", self.reader, word.name),
        };
        at_word(at, line, value, message, label, &self.then())
    }

    fn columns(&self, at: usize, line: &str) -> Option<Diagnostic> {
        let words: Vec<&str> = line
            .split_whitespace()
            .take_while(|w| !w.starts_with('#'))
            .collect();
        self.words.iter().find_map(|word| {
            let number: usize = word.name.parse().ok()?;
            self.value(at, line, word, words.get(number.checked_sub(1)?)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_the_table_is_a_slip_of_another() {
        for kind in TABLE.iter().filter(|k| k.shape != Shape::Columns) {
            for word in &kind.words {
                let sign = match kind.shape {
                    Shape::Between(sign) => sign,
                    _ => ' ',
                };
                let line = format!("{}{sign}", word.name);
                assert!(kind.line(0, &line).is_none(), "{}: {}", kind.reader, word.name);
                let others = kind.words.iter().map(|w| &*w.name).filter(|n| *n != &*word.name);
                let same = meant(&word.name, others.filter(|n| n.eq_ignore_ascii_case(&word.name)));
                assert!(same.is_none(), "{}: {} stands twice", kind.reader, word.name);
            }
            for section in &kind.sections {
                assert!(kind.line(0, &format!("[{section}]")).is_none(), "{section}");
            }
        }
    }

    #[test]
    fn words_that_readers_do_not_know_are_told() {
        for (folder, name, text, told) in [
            (
                "etc/security/limits.d",
                "a.conf",
                "a soft nofile 1\n@b - maxlogins 4\n",
                false,
            ),
            ("etc/security/limits.d", "a.conf", "a sotf nofile 1\n", true),
            ("etc/security/limits.d", "a.conf", "a soft nofiles 1\n", true),
            (
                "usr/lib/systemd/system-preset",
                "80-a.preset",
                "enabel a.service\n",
                true,
            ),
            (
                "usr/lib/systemd/system-preset",
                "80-a.preset",
                "enable a.service\n",
                false,
            ),
            ("etc/pacman.d/hooks", "a.hook", "[Triger]\n", true),
            (
                "etc/pacman.d/hooks",
                "a.hook",
                "[Action]\nWhen = PostTransactions\n",
                true,
            ),
            (
                "etc/pacman.d/hooks",
                "a.hook",
                "[Action]\nWhen = PostTransaction\n",
                false,
            ),
            ("etc/fail2ban/jail.d", "a.local", "[sshd]\nenable = true\n", true),
            (
                "etc/fail2ban/jail.d",
                "a.local",
                "[sshd]\nenabled = true\n",
                false,
            ),
            (
                "etc/NetworkManager/conf.d",
                "a.conf",
                "[device-wifi]\nwifi.scan=x\n",
                false,
            ),
            (
                "etc/NetworkManager/conf.d",
                "a.conf",
                "[main]\ndns=dnsmaq\n",
                true,
            ),
            (
                "etc/NetworkManager/conf.d",
                "a.conf",
                "[main]\ndns=${DNS}\n",
                false,
            ),
            (
                "usr/share/applications",
                "a.desktop",
                "[Desktop Entry]\nName[de]=A\nExecs=a\n",
                false,
            ),
            ("usr/share/applications", "a.desktop", "[Desktop Entri]\n", true),
            ("etc/login.defs.d", "a", "UMAKS 022\n", false),
            ("etc", "login.defs", "UID_MNI 022\n", true),
            (
                "etc/docker",
                "daemon.json",
                "{ \"log-driver\": \"json-file\" }\n",
                false,
            ),
            (
                "etc/docker",
                "daemon.json",
                "{ \"log-driver\": \"json-files\" }\n",
                true,
            ),
            (
                "etc/docker",
                "daemon.json",
                "{ \"log-diver\": \"json-file\" }\n",
                true,
            ),
            ("etc/docker", "daemon.json", "{ \"debug\": true, }\n", true),
            (
                "etc/containers",
                "registries.conf",
                "[[registry]]\nlocation = \"a\"\n",
                false,
            ),
            (
                "etc/containers",
                "registries.conf",
                "[[registry]]\nlocation = a\n",
                true,
            ),
            (
                "etc/containers",
                "registries.conf",
                "[[registry]]\nlocaton = \"a\"\n",
                true,
            ),
            (
                "etc/cloud/cloud.cfg.d",
                "a.cfg",
                "users:\n  - name: a\n   shell: b\n",
                true,
            ),
            (
                "etc/cloud/cloud.cfg.d",
                "a.cfg",
                "## template: jinja\nusers: {{ a }}\n",
                false,
            ),
            (
                "etc/firewalld/zones",
                "a.xml",
                "<zone><port protocol=\"tcp\" port=\"1\"/></zone>\n",
                false,
            ),
            (
                "etc/firewalld/zones",
                "a.xml",
                "<zone><port protocol=\"tpc\" port=\"1\"/></zone>\n",
                true,
            ),
            (
                "etc/firewalld/zones",
                "a.xml",
                "<zone><port protocol=\"tcp\" prot=\"1\"/></zone>\n",
                true,
            ),
            (
                "etc/firewalld/zones",
                "a.xml",
                "<zone><port protocol=\"tcp\"></zone>\n",
                true,
            ),
            (
                "etc/dbus-1/system.d",
                "a.conf",
                "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig><policy user=\"root\"><allow own=\"a.b\"/></policy></busconfig>\n",
                false,
            ),
            (
                "usr/share/polkit-1/actions",
                "a.policy",
                "<policyconfig><action id=\"a\"><defaults><allow_any>auth_admn</allow_any></defaults></action></policyconfig>\n",
                true,
            ),
            ("etc/apt/preferences.d", "a", "Pin-Priority: high\n", true),
            ("etc/apt/preferences.d", "a", "Pin: relase a=b\n", true),
        ] {
            assert_eq!(judge(folder, name, text).is_some(), told, "{text}");
        }
    }
}
