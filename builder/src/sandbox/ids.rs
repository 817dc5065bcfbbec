//! User and group ids of an unprivileged user's namespace: the user becomes its root, and a range of subordinate ids
//! from `/etc/subuid` and `/etc/subgid` becomes the rest, written by the set-user-id tools `newuidmap` and `newgidmap`.

use std::path::Path;

use super::cmd::{Cmd, try_tool};
use crate::error::BuildError;
use crate::tools;

/// Ids that a Debian tree needs: 0 to 65535 (`nogroup` and `nobody` are 65534).
const NEEDED: u64 = 65_535;
/// Lines that a map may have beside the first (340 by the kernel; the tools take fewer).
const MOST: usize = 64;

/// A range of subordinate ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    start: u64,
    count: u64,
}

impl Range {
    /// What is left of it where the ids of another are taken away.
    fn without(self, other: Range) -> Vec<Range> {
        let (end, other_end) = (self.start + self.count, other.start + other.count);
        let before = (self.start, end.min(other.start));
        let after = (self.start.max(other_end), end);
        [before, after]
            .into_iter()
            .filter(|(start, end)| start < end)
            .map(|(start, end)| Range {
                start,
                count: end - start,
            })
            .collect()
    }
}

/// Writes the maps of process `pid`, which has just entered a new user namespace.
pub(super) fn write_maps(pid: u32) -> Result<(), BuildError> {
    let uid = nix::unistd::getuid();
    let gid = nix::unistd::getgid();
    let name = user_name(uid);
    for (tool, table, own) in [
        ("newuidmap", "/etc/subuid", uid.as_raw()),
        ("newgidmap", "/etc/subgid", gid.as_raw()),
    ] {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        let extents = extents(&text, name.as_deref(), uid.as_raw(), own)
            .ok_or_else(|| no_range(table, name.as_deref().unwrap_or("you"), &text))?;
        let mut cmd =
            Cmd::new(tool)
                .arg(pid.to_string())
                .args(["0".to_owned(), own.to_string(), "1".to_owned()]);
        let mut inside = 1;
        for range in extents {
            cmd = cmd.args([inside, range.start, range.count].map(|number| number.to_string()));
            inside += range.count;
        }
        tools::require(&[tool])?;
        let output = try_tool(&cmd, None)?;
        if !output.success() {
            return Err(BuildError::Host {
                code: "user-namespace-refused",
                message: format!("`{tool}` refused the ids of `{table}`: {}", output.tail.join(" ")),
                help: Some("`newuidmap` and `newgidmap` must be set-user-id root".to_owned()),
            });
        }
    }
    Ok(())
}

/// What is mapped beside the user's own id `own`: the largest range of the user, and further ones where it does not
/// suffice. No id is in two of them, and `own` is in none, which the kernel would refuse. None where all are too few.
fn extents(text: &str, name: Option<&str>, uid: u32, own: u32) -> Option<Vec<Range>> {
    let uid = uid.to_string();
    let mut ranges: Vec<Range> = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.trim().split(':');
            let who = fields.next()?;
            let range = Range {
                start: fields.next()?.parse().ok()?,
                count: fields.next()?.parse().ok()?,
            };
            // The last id is no id.
            let fits = range.start.checked_add(range.count)? <= u64::from(u32::MAX);
            (fits && (Some(who) == name || who == uid)).then_some(range)
        })
        .collect();
    ranges.sort_by_key(|range| std::cmp::Reverse(range.count));
    let mut taken = vec![Range {
        start: own.into(),
        count: 1,
    }];
    let mut all = Vec::new();
    let mut sum = 0;
    for range in ranges {
        let mut rest = vec![range];
        for other in &taken {
            rest = rest.into_iter().flat_map(|range| range.without(*other)).collect();
        }
        for part in rest {
            sum += part.count;
            all.push(part);
        }
        taken.push(range);
        if sum >= NEEDED && all.len() <= MOST {
            return Some(all);
        }
    }
    None
}

fn no_range(table: &str, name: &str, text: &str) -> BuildError {
    // After the last range in use, as `useradd` chooses.
    let free = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.trim().rsplit(':');
            let count: u64 = fields.next()?.parse().ok()?;
            Some(fields.next()?.parse::<u64>().ok()? + count)
        })
        .fold(100_000, u64::max);
    BuildError::Host {
        code: "no-subordinate-ids",
        message: format!("`{table}` has no range of 65536 ids for `{name}`"),
        help: Some(format!(
            "add the line `{name}:{free}:65536` to `/etc/subuid` and `/etc/subgid`, or build as root"
        )),
    }
}

/// What builds of this user have: the ranges of `/etc/subuid` and `/etc/subgid`, in words.
pub fn ranges() -> Result<String, BuildError> {
    let uid = nix::unistd::getuid();
    let name = user_name(uid);
    let found = |table: &str, own: u32| {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        let found = extents(&text, name.as_deref(), uid.as_raw(), own)
            .ok_or_else(|| no_range(table, name.as_deref().unwrap_or("you"), &text))?;
        let words = |range: &Range| format!("{} to {}", range.start, range.start + range.count - 1);
        Ok::<_, BuildError>(found.iter().map(words).collect::<Vec<_>>().join(" and "))
    };
    let (users, groups) = (
        found("/etc/subuid", uid.as_raw())?,
        found("/etc/subgid", nix::unistd::getgid().as_raw())?,
    );
    Ok(match users == groups {
        true => users,
        false => format!("{users}, groups {groups}"),
    })
}

fn user_name(uid: nix::unistd::Uid) -> Option<String> {
    let user = nix::unistd::User::from_uid(uid).ok().flatten()?;
    Some(user.name)
}

/// The error for a kernel that gives no namespace of the kind asked for.
pub(super) fn no_namespace(error: nix::errno::Errno) -> BuildError {
    let says = |setting: &str, value: &str| {
        std::fs::read_to_string(Path::new("/proc/sys").join(setting)).is_ok_and(|text| text.trim() == value)
    };
    let help = if nix::unistd::geteuid().is_root() {
        "in a container, start it with the capability SYS_ADMIN, or build outside of it"
    } else if says("kernel/apparmor_restrict_unprivileged_userns", "1") {
        "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` allows it, or build as root"
    } else if says("kernel/unprivileged_userns_clone", "0") {
        "`sudo sysctl kernel.unprivileged_userns_clone=1` allows it, or build as root"
    } else if says("user/max_user_namespaces", "0") {
        "`sudo sysctl user.max_user_namespaces=15000` allows it, or build as root"
    } else {
        "no setting of the kernel forbids it: the container or service that this runs in does; build outside of it, or as root"
    };
    let why = match error {
        // What the system says of it is about disks.
        nix::errno::Errno::ENOSPC => "its limit of them is reached",
        other => other.desc(),
    };
    BuildError::Host {
        code: "namespaces-refused",
        message: format!("the kernel refuses a new namespace: {why}"),
        help: Some(help.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The extents of the user `ada`, with the id 1000.
    fn of(text: &str) -> Option<Vec<(u64, u64)>> {
        let found = extents(text, Some("ada"), 1000, 1000)?;
        Some(found.iter().map(|range| (range.start, range.count)).collect())
    }

    #[test]
    fn finds_the_largest_range_of_the_user() {
        let text = "eve:1:65536\nada:100000:65536\n1000:200000:70000\nada:5:10\nbroken\n";
        assert_eq!(of(text), Some(vec![(200_000, 70_000)]));
        assert_eq!(extents(text, Some("bob"), 7, 7), None);
    }

    #[test]
    fn several_ranges_are_taken_together_and_no_id_twice() {
        let two = "ada:100000:40000\nada:150000:30000\n";
        assert_eq!(of(two), Some(vec![(100_000, 40_000), (150_000, 30_000)]));
        assert_eq!(of("ada:100000:40000\nada:120000:30000\n"), None);
        let over = "ada:100000:40000\nada:130000:39000\n";
        assert_eq!(of(over), Some(vec![(100_000, 40_000), (140_000, 29_000)]));
        // The user's own id is mapped already.
        assert_eq!(of("ada:900:66000\n"), Some(vec![(900, 100), (1001, 65_899)]));
        assert_eq!(of("ada:1000:65535\n"), None);
        assert_eq!(of("ada:100000:4294967295\nada:1:18446744073709551615\n"), None);
    }

    #[test]
    fn says_the_line_to_add() {
        let error = no_range("/etc/subuid", "ada", "eve:100000:65536\n");
        let BuildError::Host { message, help, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(message, "`/etc/subuid` has no range of 65536 ids for `ada`");
        assert!(help.expect("it has help").contains("`ada:165536:65536`"));
    }
}
