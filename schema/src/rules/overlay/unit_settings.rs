//! Settings of units in the overlay that systemd leaves aside: sections and settings with a slip of the pen, values that are
//! none. Knows the usual settings by name; says nothing about others.

use super::texts::told;
use super::unit_words::{BOOLEANS, CALENDAR, OTHERS, SECTIONS, SETTINGS, VALUES};
use super::units::Line;
use crate::diagnostic::Diagnostic;
use crate::rules::found::near;

const CODE: &str = "unit-setting";

const REFUSED: &str = "the build goes through, and systemd refuses the unit in the running system";

/// Judges the text of a unit by its lines.
pub(in crate::rules) fn judge(name: &str, text: &str, lines: &[Line<'_>]) -> Vec<Diagnostic> {
    let judged = [".service", ".timer", ".socket", ".path", ".mount", ".target"];
    // What is put beside a unit is read like it.
    let beside = name.ends_with(".conf") && judged.iter().any(|e| name.contains(&format!("{e}.d/")));
    if !beside && !judged.iter().any(|e| name.ends_with(e)) {
        return Vec::new();
    }
    let settings = lines.iter().filter_map(setting).chain(mounted(name, lines));
    let times = lines.iter().filter_map(time);
    let settings = settings.chain(again(name, lines));
    let settings = settings.chain(lines.iter().filter_map(super::unit_values::judge));
    let settings = settings.chain(super::unit_kinds::judge(name, text, lines));
    let found = sections(text);
    // Below a section that is none all of its settings stand in the one before.
    let misplaced = found.is_empty().then(|| misplaced(text, lines)).flatten();
    found
        .into_iter()
        .chain(settings)
        .chain(times)
        .chain(misplaced)
        .collect()
}

/// A command that is put beside the one which a unit of the system has, though that starts no more than one.
fn again(name: &str, lines: &[Line<'_>]) -> Option<Diagnostic> {
    const SINGLE: &[&str] = &[
        "getty@",
        "serial-getty@",
        "console-getty.",
        "autovt@",
        "container-getty@",
    ];
    let (unit, _) = name.rsplit('/').nth(1)?.split_once(".service.d")?;
    let single = SINGLE.iter().any(|s| unit.starts_with(s.trim_end_matches('.')));
    let mut started = lines.iter().filter(|l| l.key == "ExecStart");
    let first = started.next().filter(|l| single && !l.value.is_empty())?;
    let message = "the unit has a command already, and starts no more than one".to_owned();
    let label = "an empty `ExecStart=` before it takes that away";
    told(CODE, first.at, first.value.len(), message, label, Some(REFUSED))
}

/// A unit that mounts at another place than its name says: systemd takes neither.
fn mounted(name: &str, lines: &[Line<'_>]) -> Option<Diagnostic> {
    let name = name.rsplit('/').next()?;
    let stem = name.strip_suffix(".mount")?;
    let place = lines.iter().find(|l| l.key == "Where")?;
    let path = place.value.trim_matches('/');
    // Other letters are written in another way in names of units.
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'.');
    if path.is_empty() || path.starts_with('.') || !path.bytes().all(plain) || stem.contains('\\') {
        return None;
    }
    let wanted = path.replace('/', "-");
    if wanted == stem {
        return None;
    }
    let message = format!("a unit called `{name}` does not mount at `{}`", place.value);
    let label = format!("the unit for it is called `{wanted}.mount`");
    told(CODE, place.at, place.value.len(), message, label, Some(REFUSED))
}

/// Settings that one section alone has.
const PLACES: &[(&str, &[&str])] = &[
    ("Install", &["WantedBy", "RequiredBy", "Alias", "Also"]),
    (
        "Service",
        &[
            "ExecStart",
            "ExecStartPre",
            "ExecStop",
            "RemainAfterExit",
            "Restart",
            "RestartSec",
        ],
    ),
    (
        "Timer",
        &["OnCalendar", "OnBootSec", "OnUnitActiveSec", "Persistent"],
    ),
    (
        "Unit",
        &[
            "Description",
            "Documentation",
            "After",
            "Before",
            "Requires",
            "Wants",
            "Conflicts",
        ],
    ),
];

/// A setting that stands in another section than the one that has it.
fn misplaced(text: &str, lines: &[Line<'_>]) -> Option<Diagnostic> {
    let section = |at: usize| {
        let head = text.get(..at)?.lines().rev().find(|l| l.starts_with('['))?;
        Some(head.trim().trim_start_matches('[').trim_end_matches(']'))
    };
    lines.iter().find_map(|line| {
        let (own, _) = PLACES.iter().find(|(_, keys)| keys.contains(&line.key))?;
        let there = section(line.from)?;
        // Sockets and mounts have some of a service's.
        let known = ["Install", "Service", "Timer", "Unit"].contains(&there);
        if there == *own || !known {
            return None;
        }
        let message = format!(
            "`{}` stands in `[{there}]`, and is a setting of `[{own}]`",
            line.key
        );
        let label = format!("put it below `[{own}]`");
        told(CODE, line.from, line.key.len(), message, label, None)
    })
}

/// A span of time that is none.
fn time(line: &Line<'_>) -> Option<Diagnostic> {
    const KEYS: &[&str] = &[
        "OnBootSec",
        "OnStartupSec",
        "OnUnitActiveSec",
        "OnUnitInactiveSec",
        "RandomizedDelaySec",
        "RestartSec",
        "RuntimeMaxSec",
        "TimeoutSec",
        "TimeoutStartSec",
        "TimeoutStopSec",
        "WatchdogSec",
    ];
    const UNITS: &[&str] = &[
        "", "us", "usec", "µs", "μs", "ms", "msec", "s", "sec", "second", "seconds", "m", "min", "minute",
        "minutes", "h", "hr", "hour", "hours", "d", "day", "days", "w", "week", "weeks", "M", "month",
        "months", "y", "year", "years",
    ];
    let value = line.value;
    if !KEYS.contains(&line.key)
        || value.is_empty()
        || matches!(value, "infinity" | "off")
        || value.contains(['%', '$'])
    {
        return None;
    }
    let mut words = value.split(|c: char| c.is_ascii_digit() || c == '.' || c.is_whitespace());
    let wrong = words.find(|w| !UNITS.contains(w));
    let digit = value.bytes().next().is_some_and(|b| b.is_ascii_digit());
    if wrong.is_none() && digit {
        return None;
    }
    let message = format!("`{}` of a unit is a span of time, and never `{value}`", line.key);
    let label = "such as `30`, `5min` or `1h 30s`";
    told(CODE, line.at, value.len(), message, label, None)
}

fn finding(message: String, at: usize, len: usize, meant: &str) -> Option<Diagnostic> {
    told(CODE, at, len, message, format!("did you mean `{meant}`?"), None)
}

/// Sections with a slip of the pen.
fn sections(text: &str) -> Vec<Diagnostic> {
    let (mut out, mut start) = (Vec::new(), 0);
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        let own = line.strip_prefix('[').and_then(|l| l.strip_suffix(']'));
        if let Some(own) = own.filter(|o| !SECTIONS.contains(o) && !o.starts_with("X-")) {
            let same = SECTIONS.iter().copied().find(|s| s.eq_ignore_ascii_case(own));
            if let Some(meant) = same.or_else(|| near(own, SECTIONS.iter().copied())) {
                let message = format!("systemd knows no section `[{own}]`");
                out.extend(finding(message, start, line.len(), &format!("[{meant}]")));
            }
        }
        start += raw.len();
    }
    out
}

/// The one word that begins so.
fn begun(word: &str, all: &'static [&'static str]) -> Option<&'static str> {
    let mut own = all
        .iter()
        .copied()
        .filter(|w| word.len() > 3 && w.starts_with(word));
    own.next().filter(|_| own.next().is_none())
}

/// A setting or a value with a slip of the pen.
fn setting(line: &Line<'_>) -> Option<Diagnostic> {
    if let Some((_, values)) = VALUES.iter().find(|(key, _)| *key == line.key)
        && !values.contains(&line.value)
        && let Some(meant) = near(line.value, values.iter().copied()).or_else(|| begun(line.value, values))
    {
        let message = format!("`{}` of a unit is never `{}`", line.key, line.value);
        return finding(message, line.at, line.value.len(), meant);
    }
    const CLOSED: &[&str] = &["Restart", "ProtectSystem", "ProtectHome", "KillMode"];
    if CLOSED.contains(&line.key)
        && let Some((_, values)) = VALUES.iter().find(|(key, _)| *key == line.key)
        && !values.contains(&line.value)
        && line.value.len() > 1
        && line.value.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    {
        let message = format!("`{}` of a unit is never `{}`", line.key, line.value);
        let label = match line.key {
            "ProtectSystem" => "such as `full` or `strict`",
            "ProtectHome" => "such as `yes` or `read-only`",
            "KillMode" => "such as `mixed` or `process`",
            _ => "such as `no`, `always` or `on-failure`",
        };
        return told(CODE, line.at, line.value.len(), message, label, None);
    }
    if BOOLEANS.contains(&line.key) && !line.value.is_empty() && !line.value.contains(['%', '$']) {
        let known = [
            "yes", "no", "true", "false", "on", "off", "1", "0", "y", "n", "t", "f",
        ];
        if !known.iter().any(|k| k.eq_ignore_ascii_case(line.value)) {
            let message = format!(
                "`{}` of a unit is `yes` or `no`, and never `{}`",
                line.key, line.value
            );
            return finding(
                message,
                line.at,
                line.value.len(),
                near(line.value, known.into_iter()).unwrap_or("yes"),
            );
        }
    }
    if line.key == "OnCalendar"
        && let Some(word) = uncalendared(line.value)
    {
        let at = line.at + line.value.find(word).unwrap_or(0);
        let message = format!("a time of systemd's calendar has no word `{word}`");
        let label = "such as `daily`, `Mon *-*-* 04:00` or `*:0/15`";
        let then = "the build goes through, and the timer is not started in the running system";
        return told(CODE, at, word.len(), message, label, Some(then));
    }
    if line.key.starts_with("Exec")
        && let Some((at, program)) = relative(line.value)
    {
        let message = format!("systemd starts no program by `{program}`, which does not begin at the root");
        return finding(message, line.at + at, program.len(), &format!("/{program}"));
    }
    const SHORT: &[&str] = &["Type", "User", "Group"];
    let short = |s: &&str| {
        crate::rules::found::one_keystroke(s, line.key)
            && s.get(..1) == line.key.get(..1)
            && line.key.len() > 2
    };
    if let Some(meant) = SHORT
        .iter()
        .copied()
        .find(short)
        .filter(|_| !SHORT.contains(&line.key))
    {
        let message = format!("units have no setting `{}`", line.key);
        return finding(message, line.from, line.key.len(), meant);
    }
    if SETTINGS.contains(&line.key) || OTHERS.contains(&line.key) || line.key.len() < 5 {
        return None;
    }
    let same = SETTINGS
        .iter()
        .copied()
        .find(|s| s.eq_ignore_ascii_case(line.key));
    let close = |s: &&str| crate::rules::found::one_keystroke(s, line.key);
    let install = ["WantedBy", "RequiredBy"].into_iter();
    let install = || {
        install
            .clone()
            .find(|k| strsim::damerau_levenshtein(k, line.key) == 2 && line.key.ends_with("By"))
    };
    let begun = || begun(line.key, SETTINGS).filter(|_| line.key.len() > 5);
    let meant = same
        .or_else(|| SETTINGS.iter().copied().find(close))
        .or_else(begun)
        .or_else(install)?;
    let message = format!("units have no setting `{}`", line.key);
    finding(message, line.from, line.key.len(), meant)
}

/// The first word of a time that systemd's calendar does not have.
fn uncalendared(value: &str) -> Option<&str> {
    const WORDS: &[&str] = &[
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "utc",
        "semi-annually",
        "biannually",
        "bi-annually",
        "anually",
    ];
    // A time zone may stand at the end.
    let mut words = value
        .split([' ', '\t', ',', '.'])
        .filter(|w| !w.is_empty() && !w.contains(['/', '%', '$', '+', '"']));
    let known = |word: &str| WORDS.contains(&word) || CALENDAR.contains(&word);
    words.find(|w| {
        let letters = w.len() > 1 && w.bytes().all(|b| b.is_ascii_alphabetic());
        letters && w.bytes().any(|b| b.is_ascii_lowercase()) && !known(&w.to_ascii_lowercase())
    })
}

/// The program of a command that has a path which does not begin at the root, and where it stands in the value. One by its
/// name alone is looked for.
fn relative(value: &str) -> Option<(usize, &str)> {
    let bare = value.trim_start_matches(['@', '-', ':', '+', '!', '|']);
    let program = bare.split([' ', '\t']).next().unwrap_or(bare);
    let open = program.starts_with(['/', '%', '$', '"', '\'', '.']) || program.contains(['$', '%', '=']);
    (program.contains('/') && !open).then_some((value.len() - bare.len(), program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_setting_is_a_slip_of_another() {
        let line = |key| Line {
            key,
            value: if BOOLEANS.contains(&key) { "yes" } else { "x" },
            at: 0,
            from: 0,
        };
        for key in SETTINGS.iter().chain(OTHERS) {
            assert!(setting(&line(key)).is_none(), "{key}");
        }
        assert!(setting(&line("ExecStrat")).is_some());
        assert!(setting(&line("User")).is_none());
        for (command, told) in [
            ("usr/bin/x --all", true),
            ("-+usr/bin/x", true),
            ("/usr/bin/x", false),
            ("x a/b", false),
            ("@/usr/bin/x y", false),
            ("${HOME}/x", false),
        ] {
            let mut one = line("ExecStart");
            one.value = command;
            assert_eq!(setting(&one).is_some(), told, "{command}");
        }
    }
}
