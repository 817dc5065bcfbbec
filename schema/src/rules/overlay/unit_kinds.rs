//! Settings of units that do not go together, and amounts that are none: a timer that nothing sets off, a service that ends and is
//! always started again, sizes and shares of the processor. Knows the settings by name; says nothing about others.

use super::units::Line;
use crate::diagnostic::Diagnostic;
use crate::rules::filled::filled;

/// Settings that set a timer off.
const TRIGGERS: &[&str] = &[
    "OnCalendar",
    "OnBootSec",
    "OnStartupSec",
    "OnActiveSec",
    "OnUnitActiveSec",
    "OnUnitInactiveSec",
    "OnClockChange",
    "OnTimezoneChange",
];

/// Settings that are a size in bytes, or a share of all.
const SIZES: &[&str] = &[
    "MemoryMax",
    "MemoryHigh",
    "MemoryLow",
    "MemoryMin",
    "MemorySwapMax",
    "MemoryLimit",
    "LimitFSIZE",
    "LimitMEMLOCK",
    "LimitDATA",
    "LimitSTACK",
    "LimitCORE",
    "LimitAS",
];

/// Judges the settings of a unit.
pub(super) fn judge(name: &str, text: &str, lines: &[Line<'_>]) -> Option<Diagnostic> {
    lines
        .iter()
        .filter(|l| !l.value.is_empty() && !filled(l.value.trim_end_matches('%')))
        .find_map(amount)
        .or_else(|| idle_timer(name, text, lines))
        .or_else(|| again(lines))
}

fn told(at: usize, len: usize, message: String, label: &'static str, then: &str) -> Option<Diagnostic> {
    super::texts::told("unit-setting", at, len, message, label, Some(then))
}

/// An amount in another form than its setting takes.
fn amount(line: &Line<'_>) -> Option<Diagnostic> {
    let value = line.value;
    let then = "the build goes through, and systemd leaves the setting aside in the running system";
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if line.key == "CPUQuota" && digits(value) {
        let message = format!("`CPUQuota` of a unit is a share, and `{value}` has no sign for it");
        return told(line.at, value.len(), message, "`%` behind it", then);
    }
    if !SIZES.contains(&line.key) || value == "infinity" {
        return None;
    }
    // Two of them may have a colon between them.
    let odd = value.split(':').any(|part| {
        let unit = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        unit.len() < part.len() && !matches!(unit, "" | "K" | "M" | "G" | "T" | "P" | "E" | "B" | "%")
    });
    let message = format!("`{}` of a unit is a size, and never `{value}`", line.key);
    told(line.at, value.len(), message, "such as `512M` or `2G`", then).filter(|_| odd)
}

/// A timer that nothing sets off.
fn idle_timer(name: &str, text: &str, lines: &[Line<'_>]) -> Option<Diagnostic> {
    if !name.ends_with(".timer") || lines.iter().any(|l| TRIGGERS.contains(&l.key)) {
        return None;
    }
    let at = text.find("[Timer]")?;
    // One with a slip is told at its own place.
    let near = |l: &Line<'_>| {
        crate::rules::found::near(l.key, TRIGGERS.iter().copied()).is_some() || l.key.starts_with("On")
    };
    let message = "nothing sets the timer off".to_owned();
    let then = "the build goes through, and systemd refuses the timer in the running system";
    told(
        at,
        "[Timer]".len(),
        message,
        "such as `OnCalendar=daily` below it",
        then,
    )
    .filter(|_| !lines.iter().any(near))
}

/// A service that ends by itself, and would always be started again.
fn again(lines: &[Line<'_>]) -> Option<Diagnostic> {
    lines.iter().find(|l| l.key == "Type" && l.value == "oneshot")?;
    let line = lines
        .iter()
        .find(|l| l.key == "Restart" && matches!(l.value, "always" | "on-success"))?;
    let message = format!("a service of the type `oneshot` has no `Restart={}`", line.value);
    let then = "the build goes through, and systemd refuses the unit in the running system";
    told(
        line.at,
        line.value.len(),
        message,
        "`on-failure`, or another `Type`",
        then,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_go_together() {
        for (name, text, told) in [
            ("a.timer", "[Timer]\nOnCalendar=daily\n", false),
            ("a.timer", "[Timer]\nPersistent=yes\n", true),
            ("a.timer", "[Timer]\nOnCalender=daily\n", false),
            (
                "a.service",
                "[Service]\nType=oneshot\nRestart=on-failure\n",
                false,
            ),
            ("a.service", "[Service]\nType=oneshot\nRestart=always\n", true),
            ("a.service", "[Service]\nCPUQuota=50%\nMemoryMax=1G\n", false),
            ("a.service", "[Service]\nCPUQuota=50\n", true),
            ("a.service", "[Service]\nMemoryMax=1GB\n", true),
            ("a.service", "[Service]\nLimitMEMLOCK=8M:16M\n", false),
            ("a.service", "[Service]\nMemoryHigh=80%\n", false),
        ] {
            let lines = crate::rules::overlay::units::lines(text);
            assert_eq!(judge(name, text, &lines).is_some(), told, "{text}");
        }
    }
}
