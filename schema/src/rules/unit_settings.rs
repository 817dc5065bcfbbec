//! Settings of units in the overlay that systemd leaves aside: sections and settings with a slip of the pen, values that are
//! none. Knows the usual settings by name; says nothing about others.

use super::code;
use super::found::near;
use super::units::Line;
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// Sections of the units that are judged.
const SECTIONS: &[&str] = &[
    "Unit",
    "Service",
    "Install",
    "Timer",
    "Socket",
    "Path",
    "Mount",
    "Automount",
    "Swap",
    "Slice",
    "Scope",
];

/// Settings that many units have.
const SETTINGS: &[&str] = &[
    "After",
    "Before",
    "BindsTo",
    "ConditionFirstBoot",
    "ConditionKernelCommandLine",
    "ConditionPathExists",
    "Conflicts",
    "DefaultDependencies",
    "Description",
    "Documentation",
    "Environment",
    "EnvironmentFile",
    "ExecReload",
    "ExecStart",
    "ExecStartPost",
    "ExecStartPre",
    "ExecStop",
    "ExecStopPost",
    "ListenStream",
    "OnBootSec",
    "OnCalendar",
    "OnUnitActiveSec",
    "Persistent",
    "RemainAfterExit",
    "RequiredBy",
    "Requires",
    "Restart",
    "RestartSec",
    "RuntimeDirectory",
    "StandardError",
    "StandardInput",
    "StandardOutput",
    "StateDirectory",
    "SyslogIdentifier",
    "TimeoutStartSec",
    "TimeoutStopSec",
    "WantedBy",
    "WorkingDirectory",
];

/// Settings that are a keystroke away from another.
const OTHERS: &[&str] = &[
    "ExecCondition",
    "Requisite",
    "RestartMode",
    "OnActiveSec",
    "OnUnitInactiveSec",
    "Wants",
];

/// Settings that have few values.
const VALUES: &[(&str, &[&str])] = &[
    (
        "Type",
        &[
            "simple",
            "exec",
            "forking",
            "oneshot",
            "dbus",
            "notify",
            "notify-reload",
            "idle",
        ],
    ),
    (
        "OnCalendar",
        &[
            "minutely",
            "hourly",
            "daily",
            "weekly",
            "monthly",
            "quarterly",
            "semiannually",
            "yearly",
            "annually",
        ],
    ),
    (
        "Restart",
        &[
            "no",
            "always",
            "on-success",
            "on-failure",
            "on-abnormal",
            "on-abort",
            "on-watchdog",
        ],
    ),
];

/// Judges the text of a unit by its lines.
pub(super) fn judge(name: &str, text: &str, lines: &[Line<'_>]) -> Vec<Diagnostic> {
    let judged = [".service", ".timer", ".socket", ".path", ".mount", ".target"];
    if !judged.iter().any(|e| name.ends_with(e)) {
        return Vec::new();
    }
    let settings = lines.iter().filter_map(setting);
    sections(text).into_iter().chain(settings).collect()
}

fn finding(message: String, at: usize, len: usize, meant: &str) -> Option<Diagnostic> {
    let known = code("unit-setting")?;
    let span = Span::new(at as u32, (at + len) as u32);
    let label = format!("did you mean `{meant}`?");
    let mut one = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
    one.help = Some(known.consequence.into());
    Some(one)
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

/// A setting or a value with a slip of the pen.
fn setting(line: &Line<'_>) -> Option<Diagnostic> {
    if let Some((_, values)) = VALUES.iter().find(|(key, _)| *key == line.key)
        && let Some(meant) =
            near(line.value, values.iter().copied()).filter(|_| !values.contains(&line.value))
    {
        let message = format!("`{}` of a unit is never `{}`", line.key, line.value);
        return finding(message, line.at, line.value.len(), meant);
    }
    if line.key == "OnCalendar"
        && let Some(word) = uncalendared(line.value)
    {
        let known = code("unit-setting")?;
        let at = line.at + line.value.find(word).unwrap_or(0);
        let span = Span::new(at as u32, (at + word.len()) as u32);
        let message = format!("a time of systemd's calendar has no word `{word}`");
        let label = "such as `daily`, `Mon *-*-* 04:00` or `*:0/15`";
        let mut one = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
        one.help = Some("the build goes through, and the timer is not started in the running system".into());
        return Some(one);
    }
    if line.key.starts_with("Exec")
        && let Some((at, program)) = relative(line.value)
    {
        let message = format!("systemd starts no program by `{program}`, which does not begin at the root");
        return finding(message, line.at + at, program.len(), &format!("/{program}"));
    }
    if SETTINGS.contains(&line.key) || OTHERS.contains(&line.key) || line.key.len() < 5 {
        return None;
    }
    let same = SETTINGS
        .iter()
        .copied()
        .find(|s| s.eq_ignore_ascii_case(line.key));
    let close = |s: &&str| super::found::one_keystroke(s, line.key);
    let meant = same.or_else(|| SETTINGS.iter().copied().find(close))?;
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
        "minutely",
        "hourly",
        "daily",
        "weekly",
        "monthly",
        "quarterly",
        "semiannually",
        "semi-annually",
        "biannually",
        "bi-annually",
        "yearly",
        "annually",
        "anually",
    ];
    // A time zone may stand at the end.
    let mut words = value
        .split([' ', '\t', ',', '.'])
        .filter(|w| !w.is_empty() && !w.contains(['/', '%', '$', '+', '"']));
    words.find(|w| {
        let letters = w.len() > 3 && w.bytes().all(|b| b.is_ascii_alphabetic());
        letters
            && w.bytes().any(|b| b.is_ascii_lowercase())
            && !WORDS.contains(&w.to_ascii_lowercase().as_str())
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
            value: "x",
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
