//! `/etc/exports` of the overlay: options that the server of NFS does not know, and a blank that parts a client from its options.
//! Looks at words; resolves no name.

use super::texts::{finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::found::{near, offset};

/// Options; those with a value end with `=`.
const OPTIONS: &[&str] = &[
    "ro",
    "rw",
    "sync",
    "async",
    "wdelay",
    "no_wdelay",
    "hide",
    "nohide",
    "crossmnt",
    "nocrossmnt",
    "subtree_check",
    "no_subtree_check",
    "insecure",
    "secure",
    "insecure_locks",
    "secure_locks",
    "auth_nlm",
    "no_auth_nlm",
    "mountpoint",
    "mp",
    "mountpoint=",
    "mp=",
    "fsid=",
    "nordirplus",
    "refer=",
    "replicas=",
    "pnfs",
    "no_pnfs",
    "security_label",
    "sec=",
    "root_squash",
    "no_root_squash",
    "all_squash",
    "no_all_squash",
    "anonuid=",
    "anongid=",
    "acl",
    "no_acl",
    "xprtsec=",
    "fsid",
    "nofsid",
    "reexport=",
    "no_reexport",
];

/// The first fault of the table.
pub(super) fn judge(text: &str) -> Option<Diagnostic> {
    let then = "the build goes through, and the folder is not exported in the running system";
    lines(text).find_map(|(at, line)| {
        line.split('(').skip(1).find_map(|rest| {
            let options = rest.split(')').next()?;
            options.split(',').find_map(|option| {
                let (name, value) = option
                    .split_once('=')
                    .map_or((option, false), |(name, _)| (name, true));
                let known = |o: &str| o.trim_end_matches('=') == name && o.ends_with('=') == value;
                if OPTIONS.iter().any(|o| known(o)) || name.contains(['$', '@', '{', ' ', '\\']) {
                    return None;
                }
                let start = at + offset(name, line);
                let message = format!("the server of NFS knows no option `{name}`");
                let label = match near(name, OPTIONS.iter().map(|o| o.trim_end_matches('='))) {
                    Some(meant) if meant != name => format!("did you mean `{meant}`?"),
                    _ => "not one of its options".to_owned(),
                };
                finding(start, name, message, label, then)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_known() {
        for (line, told) in [
            ("/srv 10.0.0.0/8(rw,sync,no_subtree_check,fsid=0)", false),
            ("/srv *(ro) host(rw,sec=krb5p)", false),
            ("/srv *(r0,sync)", true),
            ("/srv *(rw,no_root_sqash)", true),
            ("# /srv *(x)", false),
            ("/srv host", false),
        ] {
            assert_eq!(judge(line).is_some(), told, "{line}");
        }
    }
}
