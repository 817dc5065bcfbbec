//! Rules of the kernel's audit in the overlay: lists, actions, fields and permissions that it does not have. Says nothing of
//! calls of the system.

use super::texts::{at_word, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::found::near;

const OPTIONS: &[&str] = &[
    "-a",
    "-A",
    "-b",
    "-c",
    "-C",
    "-d",
    "-D",
    "-e",
    "-f",
    "-F",
    "-i",
    "-k",
    "-l",
    "-m",
    "-p",
    "-q",
    "-r",
    "-R",
    "-S",
    "-s",
    "-t",
    "-v",
    "-w",
    "-W",
    "--backlog_wait_time",
    "--loginuid-immutable",
    "--reset-lost",
    "--signal",
    "--reset_backlog_wait_time_actual",
];

const LISTS: &[&str] = &[
    "task",
    "exit",
    "user",
    "exclude",
    "filesystem",
    "io_uring",
    "entry",
];

const FIELDS: &[&str] = &[
    "a0",
    "a1",
    "a2",
    "a3",
    "arch",
    "auid",
    "devmajor",
    "devminor",
    "dir",
    "egid",
    "euid",
    "exe",
    "exit",
    "fsgid",
    "fsuid",
    "filetype",
    "gid",
    "inode",
    "key",
    "msgtype",
    "obj_uid",
    "obj_gid",
    "obj_user",
    "obj_role",
    "obj_type",
    "obj_lev_low",
    "obj_lev_high",
    "path",
    "perm",
    "pers",
    "pid",
    "ppid",
    "saddr_fam",
    "sessionid",
    "sgid",
    "success",
    "suid",
    "subj_user",
    "subj_role",
    "subj_type",
    "subj_sen",
    "subj_clr",
    "uid",
    "loginuid",
    "fstype",
];

/// A line that is not taken.
pub(super) fn judge(text: &str) -> Option<Diagnostic> {
    let then = "the build goes through, and the rules behind it are not loaded in the running system";
    lines(text).find_map(|(at, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.first().is_some_and(|w| !w.starts_with('-')) || line.contains(['"', '\'']) {
            return None;
        }
        let odd = words.iter().enumerate().find_map(|(number, word)| {
            let before = number
                .checked_sub(1)
                .and_then(|n| words.get(n))
                .copied()
                .unwrap_or("");
            match before {
                "-a" | "-A" => {
                    let action = |w: &str| matches!(w, "always" | "never" | "possible");
                    let sound = word.split_once(',').is_some_and(|(a, b)| {
                        action(a) && LISTS.contains(&b) || action(b) && LISTS.contains(&a)
                    });
                    (!sound).then(|| {
                        (
                            *word,
                            format!("audit has no list and action `{word}`"),
                            "such as `always,exit`".to_owned(),
                        )
                    })
                }
                "-p" => {
                    let sound = word.bytes().all(|b| b"rwxa".contains(&b));
                    (!sound).then(|| {
                        (
                            *word,
                            format!("audit knows no permissions `{word}`"),
                            "of `r`, `w`, `x` and `a`".to_owned(),
                        )
                    })
                }
                "-F" => {
                    let field = word.split(['=', '!', '<', '>', '&']).next()?;
                    let meant = near(field, FIELDS.iter().copied()).filter(|_| !FIELDS.contains(&field))?;
                    Some((
                        field,
                        format!("audit knows no field `{field}`"),
                        format!("did you mean `{meant}`?"),
                    ))
                }
                _ => {
                    let option = word.starts_with('-') && !OPTIONS.contains(word) && !before.starts_with('-');
                    option.then(|| {
                        (
                            *word,
                            format!("audit has no option `{word}`"),
                            "not one of its options".to_owned(),
                        )
                    })
                }
            }
        });
        let (word, message, label) = odd?;
        at_word(at, line, word, message, label, then)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_known() {
        for (line, told) in [
            ("-w /etc/passwd -p wa -k identity", false),
            (
                "-a always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=-1 -k mounts",
                false,
            ),
            ("-a exit,always -S unlink", false),
            ("-D", false),
            ("-b 8192", false),
            ("-a always.exit -S mount", true),
            ("-w /etc/passwd -p waz", true),
            ("-a always,exit -F aud>=1000", true),
            ("-x 1", true),
            ("--backlog_wait_time 60000", false),
        ] {
            assert_eq!(judge(line).is_some(), told, "{line}");
        }
    }
}
