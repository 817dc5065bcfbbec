//! Commands of a build's script that are called in a way they do not know: options they do not have, values that are missing or
//! of another kind, words too few or too many. What they know stands in one table (`usage`); runs nothing.

use super::needs::families;
use super::usage::{Part, Taken, taken};
use super::words::Call;
use super::{FAILS, Script};
use crate::rules::files::Here;
use crate::rules::found::{is_word, near, one_keystroke};
use crate::rules::packages::Family;
use crate::text::Span;

impl Script<'_> {
    /// Looks at each command that the table has.
    pub(in crate::rules) fn usages(&mut self, here: &Here<'_>) {
        let own = families(here.image);
        // Alpine's commands are others of the same names.
        if own == [Family::Alpine] {
            return;
        }
        let calls = self.calls();
        for call in calls.iter() {
            let Some(taken) = taken(call) else { continue };
            let first = call
                .words
                .first()
                .map_or("", |w| w.text.rsplit('/').next().unwrap_or(""));
            // Elsewhere `adduser` is another name of `useradd`.
            if super::calls::defines(self.text, first) || first.starts_with("add") && own != [Family::Debian]
            {
                continue;
            }
            if self.is_told(call) {
                continue;
            }
            let _ = self.misspelt(&taken)
                || self.valueless(&taken)
                || self.kinds(&taken)
                || self.counted(call, &taken)
                || self.starred(&taken);
        }
    }

    /// Something is told of the command already.
    pub(super) fn is_told(&self, call: &Call<'_>) -> bool {
        let Some((first, last)) = call.words.first().zip(call.words.last()) else {
            return true;
        };
        let (from, to) = (first.span().start, last.span().end);
        self.out.iter().any(|d| d.span.start < to && d.span.end > from)
    }

    fn told(&mut self, span: Span, message: String, label: &str) -> bool {
        self.say("script-command", span, message, label, FAILS);
        true
    }

    /// An option that the command does not have.
    fn misspelt(&mut self, taken: &Taken<'_, '_>) -> bool {
        let Some(word) = taken.unknown else { return false };
        let spelling = word.text.split('=').next().unwrap_or("");
        let all = || taken.options().flat_map(|o| o.spellings.iter().copied());
        let bare = |w: &str| w.replace('-', "");
        let long = spelling.starts_with("--") && spelling.len() > 4;
        let same = all()
            .filter(|_| long)
            .find(|s| s.len() > 3 && bare(s) == bare(spelling));
        let close = || all().filter(|s| s.len() > 4).find(|s| one_keystroke(s, spelling));
        let meant = same.or_else(|| close().filter(|_| long));
        // Of a command whose options are not all known a slip alone is told.
        if taken.open() && meant.is_none() {
            return false;
        }
        // A long option with one dash.
        let dashed = || {
            all()
                .find(|s| s.strip_prefix('-') == Some(spelling))
                .filter(|_| spelling.len() > 2)
        };
        let cased = || {
            let other = |c: char| {
                if c.is_ascii_lowercase() {
                    c.to_ascii_uppercase()
                } else {
                    c.to_ascii_lowercase()
                }
            };
            let other: String = spelling.chars().map(other).collect();
            all().find(|s| **s == other && spelling.len() == 2)
        };
        let label = match meant.or_else(dashed).or_else(cased) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "not one of its options".to_owned(),
        };
        let message = format!("`{}` has no option `{spelling}`", taken.name);
        let end = word.at
            + if word.raw.starts_with(spelling) {
                spelling.len()
            } else {
                word.raw.len()
            };
        self.told(Span::new(word.at as u32, end as u32), message, &label)
    }

    /// An option without its value, or with another option in its place.
    fn valueless(&mut self, taken: &Taken<'_, '_>) -> bool {
        if let Some((option, value)) = taken.swallows {
            let message = format!(
                "`{}` takes `{}` for the value of `{}`",
                taken.name, value.text, option.text
            );
            return self.told(value.span(), message, "a value is missing before it");
        }
        let Some(option) = taken.alone else { return false };
        let message = format!("`{}` of `{}` needs a value behind it", option.text, taken.name);
        self.told(option.span(), message, "the command ends here")
    }

    /// Values and operands of a kind that is looked at.
    fn kinds(&mut self, taken: &Taken<'_, '_>) -> bool {
        taken.given.iter().any(|(kind, part)| {
            // Of an archive only letters in the same word are taken for its name.
            if *kind == "archive" && (part.from == 0 || part.word.text.starts_with("--")) {
                return false;
            }
            let Some((message, label)) = odd(&taken.name, kind, part.text()) else {
                return false;
            };
            self.told(part.span(), message, &label)
        })
    }

    /// Words too few or too many.
    fn counted(&mut self, call: &Call<'_>, taken: &Taken<'_, '_>) -> bool {
        let Some(operands) = &taken.operands else {
            return false;
        };
        let Some((first, last)) = call.words.first().zip(call.words.last()) else {
            return false;
        };
        let usage = taken.usage;
        // A program that is only named may be a word of something else.
        if operands.len() < usage.least() && call.words.len() > 1 {
            let missing = usage.operands.get(operands.len()).or(usage.operands.last());
            let missing = named(missing.map_or("", |o| o.kind));
            let message = format!("`{}` needs {missing}, and is given none", taken.name);
            let span = Span::new(first.span().start, last.span().end);
            return self.told(span, message, "too few words");
        }
        let Some(most) = usage.most().filter(|_| !usage.open) else {
            return false;
        };
        let Some(over) = operands.get(most) else {
            return false;
        };
        // Helpers were once given the run levels too.
        let old = first.text.ends_with("Service") && over.text.bytes().all(|b| b.is_ascii_digit());
        if old {
            return false;
        }
        let message = match most {
            0 => format!("`{}` is given no word, and `{}` is one", taken.name, over.text),
            1 => format!(
                "`{}` is given one word, and `{}` is another",
                taken.name, over.text
            ),
            most => format!(
                "`{}` is given {most} words, and `{}` is one more",
                taken.name, over.text
            ),
        };
        let helper = first.text.starts_with("base") || first.text.starts_with("suse");
        let then = if helper {
            "the build goes through, and the word counts for nothing"
        } else {
            FAILS
        };
        self.say("script-command", over.span(), message, "one word too many", then);
        true
    }

    /// A `*` that stands in quotes where files are meant.
    fn starred(&mut self, taken: &Taken<'_, '_>) -> bool {
        let files = matches!(
            taken.name.as_str(),
            "rm" | "cp" | "mv" | "chmod" | "chown" | "chgrp" | "ln"
        );
        let odd = |(kind, part): &&(&str, Part<'_, '_>)| *kind == "path" && part.word.starred;
        let Some((_, part)) = taken.given.iter().find(odd).filter(|_| files) else {
            return false;
        };
        let message = format!(
            "`{}` looks for a file whose name has a `*`: quotes keep it from standing for others",
            taken.name
        );
        let then = if taken.name == "rm" {
            "the files stay in the image"
        } else {
            FAILS
        };
        self.say(
            "script-command",
            part.span(),
            message,
            "take the `*` out of the quotes",
            then,
        );
        true
    }
}

/// Modes that files often have.
const MODES: &[&str] = &[
    "400", "440", "444", "600", "640", "644", "660", "664", "700", "750", "755", "770", "775", "777", "1777",
    "2755", "2770", "2775", "4755",
];

/// A kind in words.
fn named(kind: &str) -> &'static str {
    match kind {
        "mode" => "a mode",
        "owner" => "an owner",
        "path" => "a path",
        "group" | "new-group" => "the name of a group",
        "account" | "new-account" => "the name of an account",
        "runlevel" => "a target",
        _ => "another word",
    }
}

/// What is wrong with a value of that kind: the message, and what is expected.
fn odd(command: &str, kind: &str, text: &str) -> Option<(String, String)> {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    match kind {
        "mode" => (!is_mode(text)).then(|| {
            let meant = text.strip_prefix("0o").filter(|m| is_mode(m));
            let label = meant.map_or_else(
                || "such as `644` or `u+rw,go-w`".to_owned(),
                |m| format!("did you mean `{m}`?"),
            );
            (format!("`{text}` is no mode of a file"), label)
        }),
        "rooted" => (!text.starts_with(['/', '~'])).then(|| {
            (
                format!("`{command}` takes a path from the root here, and `{text}` is none"),
                format!("did you mean `/{text}`?"),
            )
        }),
        "owner" if MODES.contains(&text.trim_start_matches('0')) => Some((
            format!("`{command}` takes `{text}` for the number of an account"),
            "did you mean `chmod`?".to_owned(),
        )),
        // What is given to several files stands once, before them.
        "path" if matches!(command, "chmod" | "chown" | "chgrp") => {
            let owner = text
                .split_once(':')
                .is_some_and(|(a, b)| is_word(a) && is_word(b) && !a.is_empty());
            let mode = MODES.contains(&text.trim_start_matches('0'));
            (owner || mode).then(|| {
                (
                    format!("`{command}` takes `{text}` for the name of a file"),
                    "one command for the mode, another for the owner".to_owned(),
                )
            })
        }
        "number" => (!digits(text.strip_prefix(['-', '+']).unwrap_or(text))).then(|| {
            (
                format!("`{command}` takes a number here, and `{text}` is none"),
                "a number".to_owned(),
            )
        }),
        "size" => {
            let number = text.trim_start_matches(['+', '-', '<', '>', '/', '%']);
            let unit = number.trim_start_matches(|c: char| c.is_ascii_digit());
            let known = matches!(
                unit.trim_end_matches("iB").trim_end_matches('B'),
                "" | "K" | "k" | "M" | "G" | "T" | "P" | "m" | "g" | "t"
            );
            (!known || number.len() == unit.len()).then(|| {
                (
                    format!("`{text}` is no size of a file"),
                    "such as `0` or `10M`".to_owned(),
                )
            })
        }
        "port" => {
            let (ports, protocol) = text.split_once('/').unwrap_or((text, ""));
            let plain = digits(&ports.replacen('-', "", 1));
            let known = matches!(protocol, "tcp" | "udp" | "sctp" | "dccp");
            if matches!(ports, "tcp" | "udp") && digits(protocol) {
                let message = format!("firewalld takes the port before its protocol, and not `{text}`");
                return Some((message, format!("did you mean `{protocol}/{ports}`?")));
            }
            if let Some((port, other)) = text
                .split_once(['-', ':', '.'])
                .filter(|(p, o)| digits(p) && matches!(*o, "tcp" | "udp"))
            {
                let message = format!("firewalld takes the protocol behind `/`, and not `{text}`");
                return Some((message, format!("did you mean `{port}/{other}`?")));
            }
            (!known && plain).then(|| match protocol {
                "" => (
                    format!("firewalld needs a protocol behind the port `{text}`"),
                    format!("such as `{ports}/tcp`"),
                ),
                _ => (
                    format!("firewalld has no protocol `{protocol}`"),
                    "such as `tcp` or `udp`".to_owned(),
                ),
            })
        }
        "locale" => {
            let meant = crate::rules::system::locale_slip(text)?;
            Some((
                format!("no system has a locale `{text}`"),
                format!("did you mean `{meant}`?"),
            ))
        }
        "frontend" => {
            let meant = near(text, super::tested::FRONTENDS.iter().copied())?;
            Some((
                format!("debconf has no frontend `{text}`"),
                format!("did you mean `{meant}`?"),
            ))
        }
        "bytes" => {
            let number = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            let known = matches!(
                number.trim_end_matches("iB").trim_end_matches('B'),
                "" | "K" | "M" | "G" | "T" | "P" | "E" | "k" | "m" | "g" | "t"
            );
            (!known || number.len() == text.len()).then(|| {
                (
                    format!("`{text}` is no size of a file"),
                    "such as `512M` or `1GiB`".to_owned(),
                )
            })
        }
        "ufw-port" => {
            let (ports, protocol) = text.split_once('/')?;
            let plain = ports.bytes().all(|b| b.is_ascii_digit() || b",:".contains(&b));
            (plain && !matches!(protocol, "tcp" | "udp")).then(|| {
                (
                    format!("`{command}` knows no protocol `{protocol}` of a port"),
                    "`tcp` or `udp`".to_owned(),
                )
            })
        }
        "zone" => {
            const ZONES: [&str; 10] = [
                "block", "dmz", "drop", "external", "home", "internal", "public", "trusted", "work",
                "libvirt",
            ];
            let meant = ZONES.iter().find(|z| z.len() > 3 && one_keystroke(z, text))?;
            Some((
                format!("firewalld has no zone `{text}`"),
                format!("did you mean `{meant}`?"),
            ))
        }
        "archive" => {
            // `-xfz NAME` takes the letter for the archive.
            let letters =
                text.len() < 4 && text.bytes().all(|b| b.is_ascii_lowercase() || b"JZ".contains(&b));
            letters.then(|| {
                (
                    format!("`{command}` takes `{text}` for the name of the archive"),
                    "the `f` stands last".to_owned(),
                )
            })
        }
        "locale-setting" => {
            let named = text
                .split('=')
                .next()
                .is_some_and(|n| n == "LANG" || n == "LANGUAGE" || n.starts_with("LC_"));
            let value = text.split_once('=').map_or("", |(_, value)| value);
            if let Some(meant) = crate::rules::system::locale_slip(value).filter(|_| named) {
                return Some((
                    format!("no system has a locale `{value}`"),
                    format!("did you mean `{meant}`?"),
                ));
            }
            (!named).then(|| {
                (
                    format!("`{command}` sets no `{text}`"),
                    "such as `LANG=en_US.UTF-8`".to_owned(),
                )
            })
        }
        "runlevel" => (!matches!(text, "1" | "2" | "3" | "5") && !text.ends_with(".target")).then(|| {
            (
                format!("KIWI knows no target `{text}`"),
                "`3`, `5` or the name of a target".to_owned(),
            )
        }),
        _ => {
            let words = kind
                .trim_start_matches('~')
                .strip_prefix('{')?
                .strip_suffix('}')?;
            let all = || words.split('|');
            let other = kind.starts_with('~') && !all().any(|w| one_keystroke(w, text));
            if other || all().any(|w| w == text) {
                return None;
            }
            let label = match near(text, all()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if all().count() < 9 => {
                    let all: Vec<String> = all().map(|w| format!("`{w}`")).collect();
                    format!("one of {}", all.join(", "))
                }
                None => "not one of its words".to_owned(),
            };
            Some((format!("`{command}` does not know `{text}`"), label))
        }
    }
}

/// Digits of eight, or letters that say who may do what.
fn is_mode(text: &str) -> bool {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.len() < 6 && text.bytes().all(|b| (b'0'..b'8').contains(&b));
    }
    text.split(',').all(|clause| {
        let rest = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        let signs = rest.bytes().all(|b| b"+-=rwxXstugo01234567".contains(&b));
        rest.starts_with(['+', '-', '=']) && signs
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_digits_of_eight_or_letters() {
        for mode in [
            "644",
            "0755",
            "4755",
            "00644",
            "u+x",
            "a=rX,go-w",
            "+x",
            "-w",
            "=",
            "g=u",
            "u+rwx,g+s",
            "o=",
        ] {
            assert!(is_mode(mode), "{mode}");
        }
        for mode in [
            "0o700",
            "888",
            "x",
            "rwx",
            "u+z",
            "755x",
            "u+rwx g+r",
            "a:r",
            "777777",
        ] {
            assert!(!is_mode(mode), "{mode}");
        }
    }
}
