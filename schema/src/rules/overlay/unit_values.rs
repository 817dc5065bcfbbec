//! Values of units in the overlay that are of another kind than their settings take: paths that do not begin at the root, folders
//! that do, times of the calendar that no day has. Knows the settings by name; says nothing about others.

use super::units::Line;
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::filled::filled;
use crate::rules::found::{near, offset};

/// Settings with paths from the root, and the signs that may stand before each.
const PATHS: &[(&str, &str)] = &[
    ("BindPaths", "-"),
    ("BindReadOnlyPaths", "-"),
    ("ConditionDirectoryNotEmpty", "|!"),
    ("ConditionFileIsExecutable", "|!"),
    ("ConditionFileNotEmpty", "|!"),
    ("ConditionPathExists", "|!"),
    ("ConditionPathIsDirectory", "|!"),
    ("ConditionPathIsMountPoint", "|!"),
    ("DirectoryNotEmpty", ""),
    ("EnvironmentFile", "-"),
    ("ExecPaths", "-+"),
    ("InaccessiblePaths", "-+"),
    ("NoExecPaths", "-+"),
    ("PathChanged", ""),
    ("PathExists", ""),
    ("PathModified", ""),
    ("ReadOnlyPaths", "-+"),
    ("ReadWritePaths", "-+"),
    ("RequiresMountsFor", ""),
    ("RootDirectory", ""),
    ("Where", ""),
    ("WorkingDirectory", "-~"),
];

/// Settings with folders below one of systemd's, and where that is.
const BELOW: &[(&str, &str)] = &[
    ("CacheDirectory", "/var/cache"),
    ("ConfigurationDirectory", "/etc"),
    ("LogsDirectory", "/var/log"),
    ("RuntimeDirectory", "/run"),
    ("StateDirectory", "/var/lib"),
];

/// What is wrong with the value of a line.
pub(super) fn judge(line: &Line<'_>) -> Option<Diagnostic> {
    if line.value.is_empty() || filled(line.value) {
        return None;
    }
    path(line)
        .or_else(|| below(line))
        .or_else(|| calendar(line))
        .or_else(|| range(line))
        .or_else(|| environment(line))
        .or_else(|| shell(line))
}

/// An account that a terminal logs in, and that nothing makes.
pub(super) fn autologin(here: &Here<'_>, line: &Line<'_>) -> Option<Diagnostic> {
    let mut words = line.value.split_whitespace();
    words.next().filter(|w| w.ends_with("agetty"))?;
    let name = words.find_map(|w| match w {
        "--autologin" | "-a" => Some(""),
        _ => w.strip_prefix("--autologin="),
    })?;
    let name = if name.is_empty() { words.next()? } else { name };
    let users = || here.image.accounts().filter_map(|u| u.attrs.get("name"));
    if filled(name) || users().any(|u| u == name) {
        return None;
    }
    let slip = near(name, users());
    if slip.is_none() && !crate::rules::users::unknown_accounts::is_unmade(here, name) {
        return None;
    }
    let label = slip.map_or_else(
        || "add a `<user>`, or name another account".to_owned(),
        |m| format!("did you mean `{m}`?"),
    );
    let then = "the build goes through, and nobody is logged in in the running system";
    told(
        line,
        name,
        format!("nothing makes the account `{name}`"),
        label,
        then,
    )
}

fn told(line: &Line<'_>, word: &str, message: String, label: String, then: &str) -> Option<Diagnostic> {
    let at = line.at + offset(word, line.value);
    super::texts::told("unit-setting", at, word.len(), message, label, Some(then))
}

/// A sign of a shell's in a command that no shell starts.
fn shell(line: &Line<'_>) -> Option<Diagnostic> {
    if !matches!(
        line.key,
        "ExecStart" | "ExecStartPre" | "ExecStartPost" | "ExecStop" | "ExecReload" | "ExecStopPost"
    ) || line.value.contains(['"', '\'', '\\'])
    {
        return None;
    }
    let mut words = line.value.split_whitespace();
    let program = words.next()?;
    let name = program.rsplit('/').next()?;
    let sign = words.find(|w| matches!(*w, "&&" | "||" | "|" | ">" | ">>" | "2>&1" | "&" | "2>" | "&>"))?;
    let label = match name {
        "sh" | "bash" => "quotes around the whole command".to_owned(),
        _ => "such as `/bin/sh -c '…'`, or another `ExecStart=`".to_owned(),
    };
    let message = format!("systemd starts no shell: `{sign}` would be given to `{name}` as a word");
    let then = "the build goes through, and the command does something else in the running system, or fails";
    told(line, sign, message, label, then)
}

/// A number beyond those that a setting takes.
fn range(line: &Line<'_>) -> Option<Diagnostic> {
    const RANGES: &[(&str, i64, i64)] = &[
        ("CPUSchedulingPriority", 1, 99),
        ("CPUWeight", 1, 10000),
        ("IOSchedulingPriority", 0, 7),
        ("IOWeight", 1, 10000),
        ("Nice", -20, 19),
        ("OOMScoreAdjust", -1000, 1000),
    ];
    let (key, least, most) = RANGES.iter().find(|(key, _, _)| *key == line.key)?;
    let number: i64 = line.value.parse().ok()?;
    if (*least..=*most).contains(&number) {
        return None;
    }
    let message = format!(
        "`{key}` of a unit is from {least} to {most}, and never `{}`",
        line.value
    );
    let then = "the build goes through, and systemd leaves the setting aside in the running system";
    told(line, line.value, message, format!("from {least} to {most}"), then)
}

/// A variable without a value.
fn environment(line: &Line<'_>) -> Option<Diagnostic> {
    if line.key != "Environment" || line.value.contains(['"', '\'', '\\', '=']) {
        return None;
    }
    let word = line.value.split_whitespace().next()?;
    let message = format!("`{word}` sets no variable: `=` and a value are missing");
    let then = "the build goes through, and systemd leaves the setting aside in the running system";
    told(line, word, message, format!("such as `{word}=1`"), then)
}

/// A path that does not begin at the root.
fn path(line: &Line<'_>) -> Option<Diagnostic> {
    let (_, signs) = PATHS.iter().find(|(key, _)| *key == line.key)?;
    let several = line.key.ends_with("Paths") || line.key == "RequiresMountsFor";
    let odd = |word: &&str| {
        let bare = word.trim_start_matches(|c| signs.contains(c));
        !bare.is_empty() && !bare.starts_with(['/', '"', '\'', '\\'])
    };
    let mut words = line
        .value
        .split_whitespace()
        .take(if several { usize::MAX } else { 1 });
    let word = words.find(odd)?;
    let message = format!(
        "`{}` of a unit takes paths from the root, and `{word}` is none",
        line.key
    );
    let bare = word.trim_start_matches(|c| signs.contains(c));
    let then = "the build goes through, and systemd leaves the setting aside in the running system, or refuses the unit";
    told(line, bare, message, format!("did you mean `/{bare}`?"), then)
}

/// A path from the root where a name below a folder is taken.
fn below(line: &Line<'_>) -> Option<Diagnostic> {
    let (key, folder) = BELOW.iter().find(|(key, _)| *key == line.key)?;
    let word = line.value.split_whitespace().find(|w| w.starts_with('/'))?;
    let message =
        format!("`{key}` of a unit takes a name below `{folder}`, and `{word}` is a path from the root");
    let label = match word.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "a name without a slash before it".to_owned(),
    };
    let then = "the build goes through, and systemd leaves the setting aside in the running system";
    told(line, word, message, label, then)
}

/// A time with an hour, minute, month or day that there is not.
fn calendar(line: &Line<'_>) -> Option<Diagnostic> {
    if line.key != "OnCalendar" {
        return None;
    }
    let most = |part: &str, most: u32| {
        part.split(|c: char| !c.is_ascii_digit())
            .find(|n| n.parse::<u32>().is_ok_and(|n| n > most))
            .map(|_| most)
    };
    line.value.split_whitespace().find_map(|word| {
        // What is repeated every so often stands behind a slash.
        let times = word.contains(':');
        let limits: &[u32] = if times { &[23, 59, 60] } else { &[12, 31] };
        let mut parts: Vec<&str> = word.split(if times { ':' } else { '-' }).collect();
        if !times && (parts.len() < 2 || !word.contains(|c: char| c.is_ascii_digit())) {
            return None;
        }
        if !times && parts.len() == 3 {
            parts.remove(0);
        }
        let bare = |part: &'_ str| part.split(['/', '.']).next().map(str::to_owned);
        let most = parts
            .iter()
            .zip(limits)
            .find_map(|(part, limit)| most(&bare(part)?, *limit))?;
        let message = format!("`{word}` is no time of the calendar: a number of it is at most {most}");
        let then = "the build goes through, and the timer is not started in the running system";
        told(
            line,
            word,
            message,
            "such as `Mon *-*-* 04:00` or `*:0/15`".to_owned(),
            then,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_the_kind_of_their_settings() {
        for (key, value, told) in [
            ("ReadWritePaths", "var/lib/x", true),
            ("ReadWritePaths", "-/var/lib/x +/srv", false),
            ("WorkingDirectory", "~", false),
            ("WorkingDirectory", "opt/x", true),
            ("EnvironmentFile", "-/etc/default/x", false),
            ("ConditionPathExists", "|!/etc/x", false),
            ("StateDirectory", "/var/lib/x", true),
            ("StateDirectory", "x x/y", false),
            ("ExecStart", "/bin/a b && /bin/c", true),
            ("ExecStart", "/bin/sh -c 'a && b'", false),
            ("ExecStart", "/bin/a b ; /bin/c", false),
            ("Nice", "30", true),
            ("Nice", "-20", false),
            ("Environment", "A", true),
            ("Environment", "A=b C=", false),
            ("OnCalendar", "*-*-* 25:30:00", true),
            ("OnCalendar", "Mon..Fri *-*-* 04:60", true),
            ("OnCalendar", "*-13-01", true),
            ("OnCalendar", "*:0/90", false),
            ("OnCalendar", "2025-*-* 23:59:59.5 UTC", false),
            ("OnCalendar", "Mon,Tue 00/6:00", false),
            ("OnCalendar", "semi-annually", false),
            ("OnCalendar", "Sun *-*-01..07 03:00", false),
        ] {
            let line = Line {
                key,
                value,
                at: 0,
                from: 0,
            };
            assert_eq!(judge(&line).is_some(), told, "{key}={value}");
        }
    }
}
