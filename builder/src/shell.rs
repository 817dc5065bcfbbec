//! What bash itself says of a script's syntax, without running a line of it.

use crate::sandbox::{Cmd, try_tool};

/// The first fault that `bash -n` names: the line, counted from 1, and bash's own words. Empty where the script is sound, or
/// where the host has no bash. Nothing of the script runs: bash reads it and starts no command, and its environment is
/// empty.
pub fn faults(script: &[u8]) -> Vec<(u32, String)> {
    let mut bash = Cmd::new("bash").args(["--norc", "--noprofile", "-n"]);
    // What a script switches on for its own patterns is not switched on where nothing runs.
    if memchr::memmem::find(script, b"extglob").is_some() {
        bash = bash.args(["-O", "extglob"]);
    }
    let Ok(output) = try_tool(&bash.stdin(script), None) else {
        return Vec::new();
    };
    for line in &output.tail {
        let Some((number, message)) = told(line) else {
            continue;
        };
        // The second line of a message quotes the text. Of some faults bash says nothing in its status.
        let quote = message.starts_with('`');
        let warning = message.starts_with("warning: ") && !message.contains("here-document");
        if !quote && !warning {
            // What it finds when it has gone on behind a fault mostly follows from it.
            return vec![(number, words(message))];
        }
    }
    Vec::new()
}

/// The line and the message of `bash: line 3: MESSAGE`. Some builds of bash leave the line out: it is past the end then.
fn told(line: &str) -> Option<(u32, &str)> {
    let rest = line.split_once("bash: ")?.1;
    let numbered = rest.strip_prefix("line ").and_then(|r| r.split_once(": "));
    let numbered = numbered.and_then(|(n, message)| Some((n.parse().ok()?, message)));
    Some(numbered.unwrap_or((u32::MAX, rest)))
}

/// Names in backticks.
fn words(message: &str) -> String {
    let message = message.strip_prefix("warning: ").unwrap_or(message);
    let mut out = String::new();
    let mut open = false;
    for c in message.chars() {
        open |= c == '`';
        if open && c == '\'' {
            out.push('`');
            open = false;
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_line_and_runs_nothing() {
        let mark = std::env::temp_dir().join(format!("apteryx-shell-{}", std::process::id()));
        let script = format!("touch {}\nif true; then\n  echo\nfi fi\n", mark.display());
        let found = faults(script.as_bytes());
        assert_eq!(found, [(4, "syntax error near unexpected token `fi`".to_owned())]);
        assert!(!mark.exists());
    }

    #[test]
    fn a_fault_is_told_whatever_the_status_and_alone() {
        let condition = "if [[ a != b ]; then\n  echo\nfi\n";
        let array = "f() {\n  local u=(\n  for i in a; do\n    x\n  done\n}\n";
        for script in [condition, array] {
            assert_eq!(faults(script.as_bytes()).len(), 1, "{script}");
        }
    }

    #[test]
    fn the_words_are_bashs_without_what_it_puts_before_them() {
        let words = "syntax error: unexpected end of file";
        for (line, number) in [
            ("bash: line 7: ", 7),
            ("/bin/bash: line 7: ", 7),
            ("bash: ", u32::MAX),
        ] {
            assert_eq!(told(&format!("{line}{words}")), Some((number, words)), "{line}");
        }
        assert_eq!(told("`fi fi'"), None);
    }

    #[test]
    fn a_here_document_without_an_end_is_one() {
        let found = faults(b"cat > /etc/motd <<EOF\nhello\n");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains("here-document"), "{found:?}");
    }

    #[test]
    fn sound_scripts_have_none() {
        let patterns = "shopt -s extglob\nrm -f /var/log/!(a|b)\n";
        for script in [
            patterns,
            "",
            "#!/bin/bash\nset -e\n[[ a == b ]] && x=(1 2)\nexit 0\n",
            "echo $(( 1 + 2 ))",
        ] {
            assert_eq!(faults(script.as_bytes()), [], "{script}");
        }
    }
}
