//! What rules of sudo let somebody do: programs by their names alone, for which sudo refuses the file, and names for several
//! programs that nothing declares. Reads rules in one line; runs nothing.

use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::{near, offset};

/// Words that stand for no path.
const WORDS: &[&str] = &["ALL", "sudoedit", "list", "sudo"];

/// The first command that sudo does not take.
pub(super) fn judge(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let declared = declared(text);
    let mut continued = false;
    let then = "the build goes through, and sudo refuses the file in the running system";
    lines(text).find_map(|(at, line)| {
        const ALIASES: [&str; 5] = [
            "Cmnd_Alias",
            "User_Alias",
            "Host_Alias",
            "Runas_Alias",
            "Cmd_Alias",
        ];
        let first = line.split([' ', '\t']).next()?;
        if first.contains('_')
            && !ALIASES.contains(&first)
            && let Some(meant) = near(first, ALIASES.into_iter())
        {
            let message = format!("sudo knows no `{first}`");
            return finding(at, first, message, format!("did you mean `{meant}`?"), then);
        }
        // As whom it is done.
        if let Some(name) = runas(line)
            && let Some(meant) = near(
                name,
                here.image
                    .accounts()
                    .filter_map(|u| u.attrs.get("name"))
                    .chain(["root"]),
            )
            && !here.image.accounts().any(|u| u.attrs.get("name") == Some(name))
            && name != "root"
        {
            let message = format!("no account `{name}` is described");
            let then = "the build goes through, and what is meant may not be done in the running system";
            return at_word(at, line, name, message, format!("did you mean `{meant}`?"), then);
        }
        let whole = !std::mem::replace(&mut continued, line.ends_with('\\')) && !continued;
        let list = commands(line).filter(|l| whole && !l.contains(['"', '^', '%', '$']))?;
        list.split(',').find_map(|part| {
            let mut words = part.split_whitespace().map(|w| w.trim_start_matches('!'));
            let word = words.find(|w| !w.is_empty() && !w.ends_with(':'))?;
            let name = word.rsplit(':').next()?;
            let upper = name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            if upper && name.len() > 2 && !WORDS.contains(&name) {
                return undeclared(here, &declared, at + offset(name, line), name);
            }
            let bare = name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            let lower = bare && name.starts_with(|c: char| c.is_ascii_lowercase());
            if !lower || WORDS.contains(&name) || name != word {
                return None;
            }
            let message = format!("sudo takes programs by their paths, and `{name}` is none");
            let label = format!("such as `/usr/bin/{name}`");
            at_word(at, line, name, message, label, then)
        })
    })
}

/// The one account in brackets, where there is one.
fn runas(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once('=')?;
    let (name, _) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
    let plain = name.len() > 3
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
    Some(name).filter(|_| plain)
}

/// The commands that a line speaks of.
fn commands(line: &str) -> Option<&str> {
    let (head, rest) = line.split_once('=')?;
    if head.starts_with("Cmnd_Alias") || head.starts_with("Cmd_Alias") {
        return Some(rest).filter(|r| !r.contains([':', '=']));
    }
    if head.starts_with("Defaults")
        || head.contains("_Alias")
        || rest.contains([':', '=']) && rest.contains(" : ")
    {
        return None;
    }
    let rest = match rest.trim_start().strip_prefix('(') {
        Some(accounts) => accounts.split_once(')')?.1,
        None => rest,
    };
    // Arguments may have any signs.
    (!rest.contains('\\') && rest.matches('=').count() == 0).then_some(rest)
}

/// The names that a text declares for several programs.
fn declared(text: &str) -> Vec<String> {
    let all = lines(text).filter(|(_, l)| l.contains("_Alias"));
    let names = all.flat_map(|(_, l)| l.split(':').filter_map(|p| p.split_once('=')));
    let names = names.filter_map(|(head, _)| head.split_whitespace().last().map(str::to_owned));
    names.collect()
}

/// A name that nothing declares.
fn undeclared(here: &Here<'_>, own: &[String], at: usize, name: &str) -> Option<Diagnostic> {
    let scripts = super::Scripts::of(here);
    if own.iter().any(|o| o == name) || scripts.say("_Alias") || super::has(here, "etc/sudoers") {
        return None;
    }
    let others = super::names(here, "etc/sudoers.d");
    let mut texts = others.iter().flat_map(|n| {
        super::overlays(here).filter_map(move |o| here.folder.read(&format!("{o}/etc/sudoers.d/{n}")))
    });
    if texts.any(|t| declared(&String::from_utf8_lossy(&t)).iter().any(|o| o == name)) {
        return None;
    }
    let message = format!("nothing declares `{name}` for sudo");
    let label = match near(name, own.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("such as `Cmnd_Alias {name} = …`"),
    };
    let then = "the build goes through, and sudo does not allow what is meant in the running system";
    finding(at, name, message, label, then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_what_stands_behind_accounts_and_tags() {
        for (line, told) in [
            ("a ALL=(ALL) NOPASSWD: /bin/a, B", Some(" NOPASSWD: /bin/a, B")),
            ("Cmnd_Alias A = /bin/a", Some(" /bin/a")),
            ("Defaults a=b", None),
            ("User_Alias A = b", None),
            ("a ALL = /bin/a b=c", None),
            ("a ALL", None),
        ] {
            assert_eq!(commands(line), told, "{line}");
        }
    }
}
