//! Rules of udev: keys that are slips, those that are compared and can only be set, groups that nobody has. Runs nothing.

use super::texts::{finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::near;

/// Keys of udev's rules.
const UDEV: &[&str] = &[
    "ACTION",
    "ATTR",
    "ATTRS",
    "CONST",
    "DEVPATH",
    "DRIVER",
    "DRIVERS",
    "ENV",
    "GOTO",
    "GROUP",
    "IMPORT",
    "KERNEL",
    "KERNELS",
    "LABEL",
    "MODE",
    "NAME",
    "OPTIONS",
    "OWNER",
    "PROGRAM",
    "RESULT",
    "RUN",
    "SECLABEL",
    "SUBSYSTEM",
    "SUBSYSTEMS",
    "SYMLINK",
    "SYSCTL",
    "TAG",
    "TAGS",
    "TEST",
];

/// A key of udev's rules that is a slip of one, one that is compared and can only be set, or a group that is a slip.
pub(super) fn judge(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let then = "the build goes through, and udev passes over the rule in the running system";
    let users = || here.image.accounts();
    lines(text).find_map(|(at, line)| {
        // Values in quotes may hold commas.
        let (mut from, mut quoted) = (0, false);
        let mut parts = Vec::new();
        for (to, c) in line.char_indices() {
            quoted ^= c == '"';
            if c == ',' && !quoted {
                parts.push((from, line.get(from..to)?));
                from = to + 1;
            }
        }
        parts.push((from, line.get(from..)?));
        parts.into_iter().find_map(|(from, part)| {
            let from = at + from + part.len() - part.trim_start().len();
            let part = part.trim();
            let end = part.find(|c: char| !c.is_ascii_uppercase())?;
            let (key, rest) = part.split_at(end);
            if key.len() > 2 && !UDEV.contains(&key) {
                let meant = near(key, UDEV.iter().copied())?;
                let message = format!("udev knows no key `{key}`");
                return finding(from, key, message, format!("did you mean `{meant}`?"), then);
            }
            if matches!(key, "GROUP" | "OWNER" | "MODE" | "RUN" | "OPTIONS" | "SECLABEL")
                && rest.starts_with("==")
            {
                let message = format!("udev compares no `{key}`: it is only set");
                return finding(from + end, "==", message, "did you mean `=`?".to_owned(), then);
            }
            let asked = matches!(
                key,
                "ACTION"
                    | "DEVPATH"
                    | "DRIVER"
                    | "DRIVERS"
                    | "KERNEL"
                    | "KERNELS"
                    | "SUBSYSTEM"
                    | "SUBSYSTEMS"
                    | "ATTRS"
            );
            let sign = rest
                .find('}')
                .map_or(rest, |end| rest.get(end + 1..).unwrap_or(rest));
            if asked && sign.starts_with('=') && !sign.starts_with("==") {
                let message = format!("udev sets no `{key}`: it is only compared");
                let place = from + part.len() - sign.len();
                return finding(place, "=", message, "did you mean `==`?".to_owned(), then);
            }
            if key == "MODE" {
                let mode = rest.split('"').nth(1)?;
                let octal = mode.bytes().all(|b| (b'0'..b'8').contains(&b)) && mode.len() < 6;
                let place = from + end + rest.find(mode)?;
                let message = format!("`{mode}` is no mode of a device");
                let told = finding(place, mode, message, "such as `0660`".to_owned(), then);
                return told.filter(|_| !octal && mode.bytes().all(|b| b.is_ascii_digit()));
            }
            if matches!(key, "RUN" | "PROGRAM") && !rest.starts_with("{builtin}") {
                let value = rest.split('"').nth(1).filter(|v| v.starts_with('/'))?;
                let place = from + end + crate::rules::found::offset(value, rest);
                let line = super::units::Line {
                    key,
                    value,
                    at: place,
                    from: place,
                };
                let mut one = super::unit_paths::program(here, &super::Scripts::of(here), &line)?;
                one.code = crate::rules::code("overlay-file")?.code;
                one.help =
                    Some("the build goes through, and udev starts nothing in the running system".into());
                return Some(one);
            }
            if key == "GROUP" {
                let group = rest.split('"').nth(1)?;
                let groups = users()
                    .flat_map(|u| u.attrs.list("groups"))
                    .chain(users().filter_map(|u| u.attrs.get("name")));
                let known: Vec<&str> = groups
                    .chain(crate::rules::users::groups::GROUPS.iter().copied())
                    .collect();
                let slip = |k: &&&str| {
                    k.len() > 4
                        && crate::rules::found::one_keystroke(group, k)
                        && group.strip_suffix('s') != Some(**k)
                };
                let meant = known.iter().find(slip).filter(|_| !known.contains(&group))?;
                let place = from + end + rest.find(group)?;
                let message = format!("no group is known as `{group}`");
                return finding(place, group, message, format!("did you mean `{meant}`?"), then);
            }
            None
        })
    })
}
