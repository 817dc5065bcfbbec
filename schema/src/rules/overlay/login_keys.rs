//! Keys that accounts are logged in with, in the overlay: lines whose kind of key sshd does not know. Looks at the first words;
//! reads no key.

use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::near;

const KINDS: &[&str] = &[
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

const THEN: &str = "the build goes through, and nobody logs in to the running system with that key";

/// The folders that keys may lie in.
pub(super) fn folders(here: &Here<'_>) -> Vec<String> {
    let homes = here.image.accounts().filter_map(|u| u.attrs.get("home"));
    let homes = homes.map(|h| h.trim().trim_matches('/').to_owned());
    let mut all: Vec<String> = homes
        .chain(["root".to_owned(), "etc/skel".to_owned()])
        .filter(|h| !h.is_empty())
        .map(|h| format!("{h}/.ssh"))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A line of keys with no kind that is known.
pub(super) fn judge(text: &str) -> Option<Diagnostic> {
    if text.contains("PRIVATE KEY-----") {
        let (at, line) = lines(text).next()?;
        let message = "a private key stands where public ones are expected".to_owned();
        return finding(
            at,
            line,
            message,
            "the content of its `.pub` file".to_owned(),
            THEN,
        );
    }
    lines(text).find_map(|(at, line)| {
        let words = || line.split_whitespace();
        let known = |w: &str| KINDS.contains(&w.trim_end_matches("-cert-v01@openssh.com"));
        if words().any(known)
            || crate::rules::filled::filled(line) && !line.contains('@')
            || line.contains("cert-")
        {
            return None;
        }
        let first = words().next()?;
        let slip = words().find_map(|w| Some((w, near(w, KINDS.iter().copied())?)));
        // A key without its kind.
        let bare = first.starts_with("AAAA");
        let (word, label) = match slip {
            Some((word, meant)) => (word, format!("did you mean `{meant}`?")),
            None if bare => (first, "such as `ssh-ed25519` before it".to_owned()),
            None => return None,
        };
        let message = match bare {
            true => "a key stands without its kind".to_owned(),
            false => format!("sshd knows no kind of key `{word}`"),
        };
        at_word(at, line, word, message, label, THEN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_keys_are_known() {
        for (line, told) in [
            ("ssh-ed25519 AAAA a@b", false),
            ("no-pty,from=\"10.0.0.1\" ssh-rsa AAAA a", false),
            ("ssh-ed2551 AAAA a@b", true),
            ("ssh_rsa AAAA a@b", true),
            ("AAAAC3Nz a@b", true),
            ("@KEY@", false),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", true),
        ] {
            assert_eq!(judge(line).is_some(), told, "{line}");
        }
    }
}
