//! Files of the overlay whose readers take statements in brackets: nftables, bind, dhcpd, polkit's rules, the X server. Brackets
//! that do not fit each other, statements without their end, words that are slips. Says nothing of what they mean.

use std::sync::LazyLock;

use super::texts::finding;
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::{is_word, near, one_keystroke, plural, same_digits, same_letters};
use crate::rules::rows::{self, Files, rows};

/// A language of statements.
struct Language {
    files: Files,
    reader: &'static str,
    /// What a remark begins with, up to the end of its line.
    remarks: Vec<&'static str>,
    /// Statements end with a semicolon.
    ended: bool,
    /// Words that statements begin with.
    first: Vec<&'static str>,
    /// Words that stand anywhere.
    words: Vec<&'static str>,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let rows = rows(include_str!("../tables/statements.txt"));
    rows.filter_map(read).collect()
});

/// One line of the table.
fn read(line: &'static str) -> Option<Language> {
    let mut parts = line.split('|').map(str::trim);
    let (paths, reader, remarks) = (parts.next()?, parts.next()?, parts.next()?);
    let (first, words) = (parts.next()?, parts.next()?);
    Some(Language {
        files: Files::of(paths),
        reader,
        remarks: remarks.split_whitespace().collect(),
        ended: first.starts_with(';'),
        first: first.split_whitespace().filter(|w| *w != ";").collect(),
        words: words.split_whitespace().collect(),
    })
}

/// What a rule of polkit's ends in.
const RESULTS: &[&str] = &[
    "YES",
    "NO",
    "AUTH_SELF",
    "AUTH_SELF_KEEP",
    "AUTH_ADMIN",
    "AUTH_ADMIN_KEEP",
    "NOT_HANDLED",
];

/// Where files of the X server lie.
const XORG: &str = "etc/X11/xorg.conf.d";

/// The folders that are judged, without a slash before them.
pub(super) static FOLDERS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut all = rows::folders(LANGUAGES.iter().map(|l| &l.files));
    all.push(XORG);
    all
});

/// What is wrong with a file by its folder and name.
pub(in crate::rules) fn judge(folder: &str, name: &str, text: &str) -> Option<Diagnostic> {
    if folder == XORG && name.ends_with(".conf") {
        return super::xorg::judge(text);
    }
    let language = language(folder, name)?;
    let Some(parts) = parts(text, &language.remarks) else {
        return language.quote(text);
    };
    language
        .brackets(text, &parts)
        .or_else(|| language.ends(text, &parts))
        .or_else(|| language.slip(&parts))
}

fn language(folder: &str, name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|l| l.files.naming(folder, name).is_some())
}

/// A file of that name is read as a whole, and a part of it says nothing.
pub(in crate::rules) fn is_whole(folder: &str, name: &str) -> bool {
    folder == XORG || language(folder, name).is_some()
}

/// A file in quotes that is a slip of one which lies in the overlay.
pub(super) fn paths(here: &Here<'_>, folder: &str, name: &str, text: &str) -> Option<Diagnostic> {
    let language = language(folder, name)?;
    parts(text, &language.remarks)?.iter().find_map(|part| {
        let path = part.text.strip_prefix('"')?.strip_suffix('"')?;
        let (folder, name) = path.strip_prefix('/')?.rsplit_once('/')?;
        let names = super::names(here, folder);
        let close =
            |n: &&String| one_keystroke(n, name) && same_digits(n, name) && !text.contains(n.as_str());
        let meant = names
            .iter()
            .find(close)
            .filter(|_| name.len() > 4 && !names.iter().any(|n| n == name))?;
        let message = format!("no `{path}` is there, and `/{folder}/{meant}` is");
        let label = format!("did you mean `/{folder}/{meant}`?");
        finding(part.at + 1, path, message, label, &language.then())
    })
}

/// A part of a text that is no remark: a bracket, another sign, a word, a text in quotes.
#[derive(Debug, Clone, Copy)]
struct Part<'t> {
    at: usize,
    text: &'t str,
}

/// Its parts, where each quote has another.
fn parts<'t>(text: &'t str, remarks: &[&str]) -> Option<Vec<Part<'t>>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let first = rest.chars().next()?;
        let word = |c: char| c.is_ascii_alphanumeric() || "_-.:/@$*!".contains(c);
        let len = if remarks.iter().any(|r| rest.starts_with(r)) {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        } else if rest.starts_with("/*") {
            at += rest.find("*/")? + 2;
            continue;
        } else if matches!(first, '"' | '\'') {
            // A quote ends in its line.
            let line = rest.split('\n').next()?;
            line.get(1..)?.find(first)? + 2
        } else if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            out.push(Part {
                at,
                text: rest.get(..len)?,
            });
        }
        at += len;
    }
    Some(out)
}

/// The space before what stands first in the line of that place.
fn indented(text: &str, at: usize) -> usize {
    let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let line = text.get(start..).unwrap_or("");
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// The line of that place, without the space around it, with where it begins.
fn line_of(text: &str, at: usize) -> (usize, &str) {
    let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let line = text.get(start..).and_then(|t| t.split('\n').next()).unwrap_or("");
    (start + line.len() - line.trim_start().len(), line.trim())
}

impl Language {
    fn then(&self) -> String {
        format!(
            "the build goes through, and {} refuses the file in the running system",
            self.reader
        )
    }

    /// A quote without its other in the line.
    fn quote(&self, text: &str) -> Option<Diagnostic> {
        if !matches!(self.reader, "nft" | "named" | "dhcpd") {
            return None;
        }
        super::texts::lines(text).find_map(|(at, line)| {
            let bare = self
                .remarks
                .iter()
                .filter_map(|r| line.split(r).next())
                .min_by_key(|l| l.len())?;
            let odd = bare.matches('"').count() % 2 == 1;
            let from = bare.rfind('"').filter(|_| odd)?;
            let message = "a quote stands without its other".to_owned();
            finding(
                at + from,
                bare.get(from..)?,
                message,
                "`\"` is expected behind it".to_owned(),
                &self.then(),
            )
        })
    }

    /// A bracket without its other.
    fn brackets(&self, text: &str, parts: &[Part<'_>]) -> Option<Diagnostic> {
        let other = |open: &str| match open {
            "{" => "}",
            "(" => ")",
            _ => "]",
        };
        // Where all fit each other, lines may be indented as they like.
        let mut fit: Vec<&str> = Vec::new();
        let fits = parts.iter().all(|part| match part.text {
            "{" | "(" | "[" => {
                fit.push(other(part.text));
                true
            }
            "}" | ")" | "]" => fit.pop() == Some(part.text),
            _ => true,
        });
        if fits && fit.is_empty() {
            return None;
        }
        let mut open: Vec<Part<'_>> = Vec::new();
        for part in parts {
            match part.text {
                "{" | "(" | "[" => open.push(*part),
                "}" | ")" | "]" => {
                    // One that ends before what it is in begins in a line further in.
                    let first = line_of(text, part.at).0 == part.at;
                    let inner = open
                        .last()
                        .filter(|o| o.text == "{" && first && indented(text, o.at) > indented(text, part.at));
                    if let Some(inner) = inner {
                        return self.unclosed(text, inner, other(inner.text));
                    }
                    match open.pop() {
                        Some(o) if other(o.text) == part.text => {}
                        Some(o) => return self.unclosed(text, &o, other(o.text)),
                        None => return self.unopened(text, parts, part),
                    }
                }
                _ => {}
            }
        }
        let last = open.last()?;
        self.unclosed(text, last, other(last.text))
    }

    fn unclosed(&self, text: &str, part: &Part<'_>, other: &str) -> Option<Diagnostic> {
        let (at, line) = line_of(text, part.at);
        let message = format!("a bracket of {}'s has no other", self.reader);
        finding(
            at,
            line,
            message,
            format!("`{other}` is missing behind it"),
            &self.then(),
        )
    }

    /// The line that is meant to open what one too many closes: what follows it stands further in.
    fn unopened(&self, text: &str, parts: &[Part<'_>], closing: &Part<'_>) -> Option<Diagnostic> {
        let mut heads = parts
            .iter()
            .rev()
            .filter(|p| p.at < closing.at && line_of(text, p.at).0 == p.at);
        let mut below = closing.at;
        let head = heads.find(|p| {
            let further = indented(text, p.at) < indented(text, below);
            below = p.at;
            further && !line_of(text, p.at).1.contains(['{', '}', ';'])
        });
        let (at, line) = line_of(text, head.map_or(closing.at, |h| h.at));
        let message = format!("a bracket of {}'s has no other", self.reader);
        finding(
            at,
            line,
            message,
            "`{` is missing before it".to_owned(),
            &self.then(),
        )
    }

    /// A statement without its semicolon, before one that is known.
    fn ends(&self, text: &str, parts: &[Part<'_>]) -> Option<Diagnostic> {
        if !self.ended {
            return None;
        }
        parts.windows(2).find_map(|pair| {
            let [one, next] = pair else { return None };
            let (at, line) = line_of(text, one.at);
            let apart = line_of(text, next.at).0 == next.at && at != next.at;
            let begins = self.first.contains(&next.text) || next.text == "}";
            let ends = matches!(one.text, ";" | "{" | "," | "(" | "=");
            let block = one.text == "}" && self.reader == "dhcpd";
            if !apart || !begins || ends || block {
                return None;
            }
            let message = format!("a statement of {}'s ends with a semicolon", self.reader);
            finding(
                at,
                line,
                message,
                "`;` is expected after it".to_owned(),
                &self.then(),
            )
        })
    }

    /// A word that is a slip of one which the reader knows, and that is not named elsewhere.
    fn slip(&self, parts: &[Part<'_>]) -> Option<Diagnostic> {
        let count = |word: &str| parts.iter().filter(|p| p.text == word).count();
        parts.iter().enumerate().find_map(|(number, part)| {
            // Behind these stands a name.
            let before = number
                .checked_sub(1)
                .and_then(|n| parts.get(n))
                .map_or("", |p| p.text);
            let named = matches!(
                before,
                "chain"
                    | "table"
                    | "set"
                    | "map"
                    | "jump"
                    | "goto"
                    | "define"
                    | "host"
                    | "group"
                    | "pool"
                    | "class"
                    | "acl"
                    | "view"
                    | "channel"
                    | "category"
                    | "inet"
                    | "ip"
                    | "ip6"
                    | "bridge"
                    | "var"
                    | "let"
                    | "include"
                    | "vrrp_instance"
                    | "vrrp_script"
                    | "interface"
                    | "iifname"
                    | "oifname"
                    | "iif"
                    | "oif"
                    | "zone"
                    | "device"
                    | "key"
                    | "shared-network"
                    | "@"
                    | "flowtable"
                    | "counter"
                    | "quota"
                    | "name"
            );
            // Names with dots have parts of their own.
            let (mut from, mut last) = (0, "");
            part.text.split('.').find_map(|word| {
                let at = part.at + from;
                from += word.len() + 1;
                let of = std::mem::replace(&mut last, word);
                if of == "Result" && self.reader == "polkit" && !RESULTS.contains(&word) {
                    let message = format!("polkit has no result `{word}`");
                    let same = RESULTS.iter().copied().find(|r| r.eq_ignore_ascii_case(word));
                    let label = match same.or_else(|| near(word, RESULTS.iter().copied())) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "such as `YES` or `AUTH_ADMIN_KEEP`".to_owned(),
                    };
                    return finding(at, word, message, label, &self.then());
                }
                const HOOKS: &[&str] = &[
                    "input",
                    "output",
                    "forward",
                    "prerouting",
                    "postrouting",
                    "ingress",
                    "egress",
                ];
                if self.reader == "nft" && before == "hook" && !HOOKS.contains(&word) && is_word(word) {
                    let message = format!("nft knows no hook `{word}`");
                    let start = word.get(..3).unwrap_or(word);
                    let alike = HOOKS.iter().copied().find(|h| h.starts_with(start));
                    let label = match near(word, HOOKS.iter().copied()).or(alike) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "such as `input` or `postrouting`".to_owned(),
                    };
                    return finding(at, word, message, label, &self.then());
                }
                let plain = word.len() > 3 && is_word(word) && !word.bytes().any(|b| b.is_ascii_digit());
                if !plain || self.words.contains(&word) || self.first.contains(&word) || named {
                    return None;
                }
                let close = |k: &&str| {
                    let long = k.len() > 4 && one_keystroke(k, word);
                    let exchanged = k.len() == 4 && same_letters(k, word) && one_keystroke(k, word);
                    (long || exchanged) && (!plural(k, word) || matches!(self.reader, "polkit" | "dhcpd"))
                };
                let meant = self
                    .words
                    .iter()
                    .copied()
                    .find(close)
                    .or_else(|| near(word, self.words.iter().copied().filter(|k| k.len() > 9)))?;
                if count(part.text) > 1 {
                    return None;
                }
                let message = format!("{} knows no `{word}` here", self.reader);
                finding(
                    at,
                    word,
                    message,
                    format!("did you mean `{meant}`?"),
                    &self.then(),
                )
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_a_slip_of_another() {
        for language in LANGUAGES.iter() {
            for word in language.words.iter().chain(&language.first) {
                let part = Part { at: 0, text: word };
                assert!(language.slip(&[part]).is_none(), "{word}");
            }
        }
    }

    #[test]
    fn brackets_ends_and_words_are_told() {
        const NFT: (&str, &str) = ("etc", "nftables.conf");
        const BIND: (&str, &str) = ("etc/bind", "named.conf.local");
        const DHCP: (&str, &str) = ("etc/dhcp", "dhcpd.conf");
        const POLKIT: (&str, &str) = ("etc/polkit-1/rules.d", "50-a.rules");
        for ((folder, name), text, told) in [
            (
                NFT,
                "table inet filter {\n  chain input {\n    type filter hook input priority 0; policy drop;\n  }\n}\n",
                "",
            ),
            (
                NFT,
                "table inet filter {\n  chain input {\n    polcy drop;\n  }\n}\n",
                "polcy",
            ),
            (
                NFT,
                "table inet filter {\n  chain input\n    policy drop;\n  }\n}\n",
                "chain input",
            ),
            (
                NFT,
                "table inet filter {\n  chain input {\n    policy drop;\n}\n",
                "chain input {",
            ),
            (NFT, "table inet filter {\n  chain polcy { }\n}\n", ""),
            (BIND, "zone \"a\" {\n  type master;\n  file \"b\";\n};\n", ""),
            (
                BIND,
                "zone \"a\" {\n  type master\n  file \"b\";\n};\n",
                "type master",
            ),
            (BIND, "zone \"a\" {\n  type mater;\n};\n", "mater"),
            (
                BIND,
                "zone \"a\" {\n  type master;\n}\nzone \"b\" { type hint; };\n",
                "}",
            ),
            (BIND, "// a {\noptions {\n  /* } */ recursion no;\n};\n", ""),
            (
                DHCP,
                "max-lease-time 7200\nauthoritative;\nsubnet 10.0.0.0 netmask 255.0.0.0 {\n  range 10.0.0.1 10.0.0.2;\n}\nsubnet 10.1.0.0 netmask 255.0.0.0 { }\n",
                "max-lease-time 7200",
            ),
            (
                DHCP,
                "option domain-name-servers 1.1.1.1,\n  2.2.2.2;\nauthoritative;\n",
                "",
            ),
            (
                POLKIT,
                "polkit.addRule(function(action, subject) {\n  return polkit.Result.YES;\n});\n",
                "",
            ),
            (
                POLKIT,
                "polkit.addRule(function(a, s) {\n  if (a == 1 &&\n      s == 2) {\n    return 1;\n  }\n});\n",
                "",
            ),
            (
                POLKIT,
                "polkit.addRules(function(action, subject) {\n  return polkit.Result.YES;\n});\n",
                "addRules",
            ),
            (
                POLKIT,
                "polkit.addRule(function(action, subject) {\n  return polkit.Result.YES;\n};\n",
                "polkit.addRule(function(action, subject) {",
            ),
        ] {
            let found = judge(folder, name, text);
            let place = found.map(|d| text[d.span.start as usize..d.span.end as usize].to_owned());
            assert_eq!(place.unwrap_or_default(), told, "{text}");
        }
    }
}
