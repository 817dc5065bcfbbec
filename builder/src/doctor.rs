//! What this host has of what builds and boots need, each with what it is for, what was found, and what to do where it
//! is not there. Everything is tried, not guessed from settings. Prints nothing.

use serde::Serialize;

use crate::boot::{self, Kvm};
use crate::error::BuildError;
use crate::sandbox::{self, probe};
use crate::tools::{self, TOOLS, Tool};

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// There, and it works.
    Ok,
    /// Not there, or it does not work: what it is for is impossible.
    Missing,
    /// It does not work, and what it is for takes longer.
    Slow,
    /// Not needed by this user.
    Unneeded,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Check {
    /// A tool, or a faculty of the host.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// What it is needed for.
    pub needed_for: &'static str,
    /// Its version, or what was found.
    pub found: Option<String>,
    /// What is wrong.
    pub message: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

/// Looks at everything, tools first. Takes about a second where a guest under KVM hangs.
pub fn look() -> Vec<Check> {
    let root = nix::unistd::geteuid().is_root();
    let mut checks: Vec<Check> = TOOLS.iter().map(|tool| tool_check(tool, root)).collect();
    checks.extend(namespaces(root));
    checks.push(kvm());
    checks
}

fn check(name: &str, needed_for: &'static str, state: State) -> Check {
    Check {
        name: name.to_owned(),
        state,
        needed_for,
        found: None,
        message: None,
        help: None,
    }
}

/// As the error of a build that would need it says it.
fn of(name: &str, needed_for: &'static str, result: Result<String, BuildError>) -> Check {
    match result {
        Ok(found) => Check {
            found: Some(found),
            ..check(name, needed_for, State::Ok)
        },
        Err(error) => Check {
            message: Some(error.to_string()),
            help: error.help().map(str::to_owned),
            ..check(name, needed_for, State::Missing)
        },
    }
}

fn tool_check(tool: &Tool, root: bool) -> Check {
    let short = tool.name.rsplit('/').next().unwrap_or(tool.name);
    let for_users = tool.name == "newuidmap" || tool.name == "newgidmap";
    let state = if tools::find(tool.name).is_some() {
        State::Ok
    } else if for_users && root {
        State::Unneeded
    } else {
        State::Missing
    };
    let error = (state == State::Missing).then(|| tools::missing(tool));
    Check {
        found: tools::version(tool),
        message: error.as_ref().map(ToString::to_string),
        help: error.and_then(|error| error.help().map(str::to_owned)),
        ..check(short, tool.purpose, state)
    }
}

/// What a build needs of the kernel: of a user's, a namespace and ids, then a whole job that does nothing.
fn namespaces(root: bool) -> Vec<Check> {
    let (space, ids) = ("user namespaces", "subordinate ids");
    let needed = "builds without root";
    let job = |ready: bool| match ready {
        true => of(
            "sandbox",
            "builds",
            probe::job().map(|()| "a job ran in it".to_owned()),
        ),
        false => Check {
            message: Some("not tried, as the above is missing".to_owned()),
            ..check("sandbox", "builds", State::Missing)
        },
    };
    if root {
        let unneeded = |name| Check {
            found: Some("root builds without".to_owned()),
            ..check(name, needed, State::Unneeded)
        };
        return vec![unneeded(space), unneeded(ids), job(true)];
    }
    let mut checks = vec![
        of(
            space,
            needed,
            probe::user_namespace().map(|()| "one was made, with a mount in it".to_owned()),
        ),
        of(ids, needed, sandbox::subordinate_ids()),
    ];
    let ready = checks.iter().all(|check| check.state == State::Ok);
    checks.push(job(ready));
    checks
}

fn kvm() -> Check {
    let needed = "boot at full speed";
    let slow = |message: &str, help: Option<&str>| Check {
        message: Some(format!("{message}; boots are emulated")),
        help: help.map(str::to_owned),
        ..check("kvm", needed, State::Slow)
    };
    match boot::kvm() {
        Kvm::Works => Check {
            found: Some("a guest ran".to_owned()),
            ..check("kvm", needed, State::Ok)
        },
        Kvm::Absent => slow(
            "there is no `/dev/kvm`",
            Some(
                "switch virtualisation on in the firmware, or nested virtualisation in the host of this machine",
            ),
        ),
        Kvm::Refused => slow(
            "`/dev/kvm` is not for this user",
            Some("`sudo usermod -aG kvm \"$USER\"`, then log in again"),
        ),
        Kvm::Hangs => slow(
            "`/dev/kvm` opens, but a guest does not run under it, or slower than an emulated one",
            Some(
                "this is so on machines that are virtual themselves; the host of this machine must allow nested virtualisation",
            ),
        ),
        Kvm::Untried => slow("there is no QEMU to try it with", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_said_as_a_build_would_say_it() {
        let error = BuildError::Host {
            code: "no-subordinate-ids",
            message: "there are none".to_owned(),
            help: Some("add some".to_owned()),
        };
        let check = of("subordinate ids", "builds without root", Err(error));
        assert_eq!(check.state, State::Missing);
        assert_eq!(
            (check.message.as_deref(), check.help.as_deref()),
            (Some("there are none"), Some("add some"))
        );
    }
}
