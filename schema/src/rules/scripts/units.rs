//! Units that a script switches on or off under a name that is nearly that of one in the overlay, or of one that most
//! systems have. A name that is near to none of them is left alone.

use super::Script;
use super::unit_slips::{TARGETS, is_other, is_real, target};
use crate::rules::files::Here;
use crate::rules::found::near;
use crate::rules::overlay::units;
use crate::text::Span;

/// The units in the overlays, with and without `.service`.
pub(in crate::rules) fn known(here: &Here<'_>) -> Vec<String> {
    let users = ["etc/systemd/user", "usr/lib/systemd/user"];
    let files = units::FOLDERS
        .iter()
        .copied()
        .chain(users)
        .flat_map(|f| crate::rules::overlay::names(here, f));
    let units = files.filter(|n| units::ENDINGS.iter().any(|e| n.ends_with(e)));
    let both = units.flat_map(|u| {
        let stem = u.strip_suffix(".service").map(str::to_owned);
        stem.into_iter().chain([u])
    });
    both.collect()
}

impl Script<'_> {
    /// Looks at every call that names units.
    pub(in crate::rules) fn units(&mut self) {
        let known = self.units;
        for &(at, line) in self.commands().iter() {
            let default = line.strip_prefix("systemctl set-default ");
            let default = default
                .or_else(|| line.strip_prefix("baseSetRunlevel "))
                .map(str::trim);
            // KIWI's helper takes a whole name alone.
            let default = default.filter(|word| !word.contains(' '));
            // It looks for a file of that name, where `systemctl` adds the ending.
            let bare = |word: &str| {
                let own = |t: &&str| t.strip_suffix(".target") == Some(word) && line.starts_with("base");
                TARGETS.iter().copied().find(own)
            };
            if let Some((word, meant)) =
                default.and_then(|word| Some((word, target(word).or_else(|| bare(word))?)))
            {
                let from = at + crate::rules::found::offset(word, line);
                let span = Span::new(from as u32, (from + word.len()) as u32);
                let message = format!("no target is known as `{word}`");
                self.add("unknown-unit", span, message, &format!("did you mean `{meant}`?"));
                continue;
            }
            if let Some((verb, meant)) = misspelt_verb(line) {
                let from = at + crate::rules::found::offset(verb, line);
                let span = Span::new(from as u32, (from + verb.len()) as u32);
                let message = format!("`systemctl` has no command `{verb}`");
                self.add(
                    "script-command",
                    span,
                    message,
                    &format!("did you mean `{meant}`?"),
                );
                continue;
            }
            let words = self.named_in(line);
            for word in words {
                if let Some((template, meant)) = template_slip(word, known) {
                    let span = super::names::place(at, line, word);
                    let message =
                        format!("the overlay has the unit `{meant}@.service`, and no `{template}@`");
                    let whole = word.replacen(template, meant, 1);
                    self.add("unknown-unit", span, message, &format!("did you mean `{whole}`?"));
                    continue;
                }
                // A number more is a name of its own.
                let digits = |w: &str| w.bytes().filter(u8::is_ascii_digit).count();
                if word.len() < 4
                    || known.iter().any(|k| k == word)
                    || word.contains(['$', '@', '*', '"', '\'', '{'])
                {
                    continue;
                }
                let own = near(word, known.iter().map(String::as_str))
                    .filter(|m| digits(m) == digits(word) && !is_real(word) && !is_other(word, m));
                // All of the name but its last part.
                let part = || {
                    let stem = word.strip_suffix(".service").unwrap_or(word);
                    let longer = |k: &&String| {
                        let tail = k.strip_prefix(stem).and_then(|t| t.strip_prefix('-'));
                        tail.is_some_and(|t| !t.contains(['-', '.', '@'])) && stem.matches('-').count() > 1
                    };
                    let mut all = known.iter().filter(longer);
                    all.next()
                        .filter(|_| all.next().is_none() && !self.text.contains(&format!("/{stem}.")))
                };
                let own = own.or_else(|| part().map(String::as_str));
                let listed = self.is_package(word);
                let own = own.filter(|_| !listed);
                let (meant, message) = match (own, self.unit_meant(word)) {
                    (Some(own), _) => (
                        own.to_owned(),
                        format!("the overlay has the unit `{own}`, and no `{word}`"),
                    ),
                    (None, Some(usual)) => (usual, format!("no unit is known as `{word}`")),
                    (None, None) => continue,
                };
                let from = at + crate::rules::found::offset(word, line);
                let span = Span::new(from as u32, (from + word.len()) as u32);
                self.add("unknown-unit", span, message, &format!("did you mean `{meant}`?"));
            }
        }
    }
}

/// The name of a template that is a slip of one in the overlay, and that one.
fn template_slip<'w, 'k>(word: &'w str, known: &'k [String]) -> Option<(&'w str, &'k str)> {
    let (template, instance) = word.split_once('@')?;
    let stems = || known.iter().filter_map(|k| k.strip_suffix("@.service"));
    let plain = template.len() > 4
        && !template.contains(['$', '*', '"', '\'', '{'])
        && !instance.is_empty()
        && !is_real(template)
        && !known.iter().any(|k| k.starts_with(&format!("{template}@")));
    let meant = near(template, stems()).filter(|m| plain && crate::rules::found::same_digits(m, template))?;
    Some((template, meant))
}

/// What `systemctl` does.
const VERBS: &[&str] = &[
    "enable",
    "disable",
    "mask",
    "unmask",
    "preset",
    "preset-all",
    "start",
    "stop",
    "restart",
    "reload",
    "status",
    "reenable",
    "add-wants",
    "add-requires",
    "link",
    "edit",
    "revert",
    "daemon-reload",
    "daemon-reexec",
    "set-default",
    "get-default",
    "is-enabled",
    "is-active",
    "is-failed",
    "cat",
    "show",
    "list-units",
    "list-unit-files",
    "isolate",
    "kill",
    "try-restart",
    "list-timers",
    "set-property",
    "list-dependencies",
    "halt",
    "poweroff",
    "reboot",
];

/// A command of `systemctl` that is a slip of the pen, with the one that is meant.
fn misspelt_verb(line: &str) -> Option<(&str, &'static str)> {
    let mut words = line.split_whitespace();
    if words.next()?.rsplit('/').next() != Some("systemctl") {
        return None;
    }
    let verb = words.find(|w| !w.starts_with('-'))?;
    let plain = verb.len() > 3 && verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let meant = near(verb, VERBS.iter().copied()).filter(|_| plain && !VERBS.contains(&verb))?;
    Some((verb, meant))
}

/// The units that a command names.
pub(in crate::rules) fn named(line: &str) -> Vec<&str> {
    let line = line.split(" #").next().unwrap_or("");
    let mut words = line.split_whitespace();
    match words.next().map(|w| w.rsplit('/').next().unwrap_or(w)) {
        Some("systemctl") => {
            let mut rest = words.skip_while(|w| w.starts_with('-'));
            let verb = rest.next().unwrap_or("");
            if !matches!(
                verb,
                "enable" | "disable" | "mask" | "unmask" | "preset" | "start" | "reenable" | "add-wants"
            ) {
                return Vec::new();
            }
            list(rest)
        }
        Some("chkconfig") => list(words.filter(|w| !w.starts_with('-')).take(1)),
        Some(
            "baseInsertService" | "baseRemoveService" | "suseInsertService" | "suseRemoveService"
            | "baseService" | "suseService",
        ) => list(words.take(1)),
        _ => Vec::new(),
    }
}

impl Script<'_> {
    /// The units that a line names, and those of a list that a loop goes through, or a function of the script is given, to
    /// switch them.
    pub(super) fn named_in<'t>(&self, line: &'t str) -> Vec<&'t str> {
        match line.split_once(' ') {
            Some((function, rest)) if self.is_switching(function) => {
                let words = list(rest.split_whitespace()).into_iter();
                let plain = |w: &&str| !w.contains(['$', '"', '\'', '*', '\\']);
                words.filter(plain).collect()
            }
            _ => named_or_listed(self.text, line),
        }
    }

    /// The units of a line that switches them on, or that is likely a list of such.
    pub(super) fn switched<'t>(&self, line: &'t str) -> Vec<&'t str> {
        let called = || line.split(' ').next().is_some_and(|f| self.is_switching(f));
        let listed = line.starts_with("for ") || line.contains("=(") || line.contains("=\"");
        match super::names::enables(line) || listed || called() {
            true => self.named_in(line),
            false => Vec::new(),
        }
    }

    /// A function of the script does nothing but switch on the units that it is given.
    fn is_switching(&self, function: &str) -> bool {
        self.switching
            .get_or_init(|| switching(self.text))
            .contains(&function)
    }
}

/// The units that a line names, and those of a list that a loop goes through to switch them.
fn named_or_listed<'t>(text: &str, line: &'t str) -> Vec<&'t str> {
    // What the loop goes through is switched in it, or behind it.
    let switched = |l: &str| {
        let variable = l.split_whitespace().nth(1).unwrap_or("");
        text.lines().any(|l| switches(l, variable))
    };
    // A list that a loop goes over: `units=(a b)`.
    let array = line
        .split_once("=(")
        .and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
    if let Some((name, list)) = array.filter(|(n, _)| crate::rules::found::is_word(n)) {
        let over = format!(" in \"${{{name}[@]}}\"");
        let mut loops = text
            .lines()
            .filter(|l| l.trim_start().starts_with("for ") && l.contains(&over));
        let used = loops.any(switched);
        let words = list
            .split_whitespace()
            .filter(|w| !w.contains(['$', '"', '\'', '*', '\\', '(']));
        return words.filter(|_| used).collect();
    }
    // A list in one text: `units="a b"`, `units[c]="a b"`.
    if let Some((name, list)) = assigned_list(line) {
        let over = [
            format!(" in ${name};"),
            format!(" in ${{{name}}}"),
            format!(" in ${{{name}["),
            format!(" in ${name}\n"),
        ];
        let mut loops = text.lines().filter(|l| {
            l.trim_start().starts_with("for ") && over.iter().any(|o| format!("{l}\n").contains(o.as_str()))
        });
        let used = loops.any(switched);
        let words = list
            .split_whitespace()
            .filter(|w| !w.contains(['$', '*', '\\', '(']));
        return words.filter(|_| used).collect();
    }
    let Some((variable, list)) = line.strip_prefix("for ").and_then(|l| l.split_once(" in ")) else {
        return named(line);
    };
    if !text.lines().any(|l| switches(l, variable.trim())) {
        return Vec::new();
    }
    let list = list.split(';').next().unwrap_or(list);
    list.split_whitespace()
        .filter(|w| !w.contains(['$', '"', '\'', '*', '\\']))
        .collect()
}

/// The functions of a script that do nothing but switch on the units that they are given.
fn switching(text: &str) -> Vec<&str> {
    if !text.contains(SWITCH) {
        return Vec::new();
    }
    let defined = text.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("function ").unwrap_or(line).trim_start();
        let end = line.find(['(', '{', ' ', '\t'])?;
        let (name, rest) = line.split_at(end);
        let opens = rest.trim_start().starts_with(['(', '{']);
        (opens && name.len() > 3 && crate::rules::found::is_word(name)).then_some(name)
    });
    defined.filter(|name| switches_on(text, name)).collect()
}

const SWITCH: &str = "systemctl enable";

/// The function of that name does nothing but that.
fn switches_on(text: &str, function: &str) -> bool {
    let mut lines = text.lines().skip_while(|l| {
        let bare = l.trim_start().trim_start_matches("function ").trim_start();
        !bare.starts_with(function) || !l.contains(['(', '{'])
    });
    let body: Vec<&str> = lines
        .by_ref()
        .skip(1)
        .take_while(|l| *l != "}")
        .map(str::trim)
        .collect();
    let loops = body
        .iter()
        .find_map(|l| l.strip_prefix("for ")?.split_whitespace().next());
    let given = |l: &&str| {
        let of = |v: &str| l.contains(&format!("${v}")) || l.contains(&format!("${{{v}}}"));
        l.contains(SWITCH) && !l.contains("||") && (of("@") || of("1") || of("*") || loops.is_some_and(of))
    };
    let other = |l: &&str| {
        ["systemctl", "for ", "local ", "do", "done", "}", "echo "]
            .iter()
            .any(|w| l.starts_with(w))
            || l.is_empty()
    };
    body.len() < 12 && body.iter().any(given) && body.iter().all(other)
}

/// A name, without its key in brackets, and the text in quotes that is assigned to it.
fn assigned_list(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches('+');
    let name = name.split_once('[').map_or(name, |(bare, _)| bare);
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    let list = value.contains(' ') && !value.contains('"');
    (crate::rules::found::is_word(name) && list).then_some((name, value))
}

/// A line switches units on or off by a variable.
fn switches(line: &str, variable: &str) -> bool {
    let uses = [format!("${variable}"), format!("${{{variable}}}")];
    let verb = line.contains("systemctl") && (line.contains("enable") || line.contains("disable"))
        || line.contains("InsertService");
    verb && uses.iter().any(|u| line.contains(u.as_str()))
}

/// Up to where the next command begins.
fn list<'t>(words: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut out = Vec::new();
    for word in words {
        if matches!(word, "||" | "&&" | "|" | ";" | "&") || word.contains(['>', '<']) {
            break;
        }
        let bare = word.trim_end_matches(';');
        if !bare.starts_with('-') {
            out.push(bare);
        }
        if bare.len() < word.len() {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_of_a_command() {
        assert_eq!(
            named("systemctl enable --now a.service b || true"),
            ["a.service", "b"]
        );
        assert_eq!(named("systemctl --root=/x enable a; echo"), ["a"]);
        assert_eq!(named("baseInsertService sshd"), ["sshd"]);
        assert!(named("systemctl set-default graphical.target").is_empty());
        assert!(named("echo systemctl enable a").is_empty());
    }
}
