//! Profiles and the image's own name as a script of a build asks for them: slips of the declared ones. Looks at words; runs
//! nothing.

use super::files::Here;
use super::found::near;
use super::script_names::place;
use super::script_text::commands;
use super::scripts::Script;

impl Script<'_> {
    /// Names of profiles that the script asks for and that are slips of the declared ones.
    pub(super) fn profiles(&mut self, here: &Here<'_>) {
        let declared: Vec<&str> = here
            .image
            .profiles
            .iter()
            .map(|p| p.name.value.as_str())
            .collect();
        let text = self.text;
        if declared.is_empty() || !text.contains("kiwi_profiles") {
            return;
        }
        // What goes through the chosen profiles one by one.
        let looping = commands(text).into_iter().find_map(|(_, line)| {
            let rest = line.strip_prefix("for ")?;
            let (name, rest) = rest.split_once(" in ")?;
            rest.contains("kiwi_profiles").then(|| name.trim().to_owned())
        });
        let mut known: Vec<&str> = declared.clone();
        let parts = declared.iter().flat_map(|d| d.split(['-', '_', '.']));
        known.extend(parts.filter(|p| p.len() > 4));
        // That a section names what no profile is called is told there.
        let used = |word: &str| super::view_profiles::uses(here.image).any(|u| u.value == word);
        let digits = |w: &str| w.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
        let names = |text: &str| {
            let one = |l: &String| text.contains(&format!("${l}")) || text.contains(&format!("${{{l}}}"));
            text.contains("kiwi_profiles") || looping.as_ref().is_some_and(one)
        };
        let mut cases = false;
        for (at, line) in commands(text) {
            let asks = names(line);
            if line.starts_with("case ") {
                cases = asks;
            }
            cases &= line != "esac";
            let tests = ["=", "grep"].iter().any(|w| line.contains(w)) && asks && !line.contains("-i");
            // What stands before the bracket of a case.
            let pattern = line.split_once(')').map(|(head, _)| head);
            let pattern =
                pattern.filter(|p| cases && !p.contains(['(', '=', ' ']) && !line.starts_with("case "));
            let said = ["#", "for ", "echo ", "printf ", "case "];
            let judged = match pattern {
                Some(pattern) => pattern,
                None if tests && !said.iter().any(|s| line.starts_with(s)) => line,
                None => continue,
            };
            // A part of a name fits where more may stand around it.
            let parted = pattern.is_some()
                || ["*", "grep", "=~", "$"]
                    .iter()
                    .any(|w| judged.replace("$kiwi_profiles", "").contains(w));
            // Of several tests only those of the profiles.
            let parts = judged.split("&&").flat_map(|p| p.split("||"));
            let parts = parts.filter(|p| pattern.is_some() || names(p));
            let split = |c: char| !(c.is_ascii_alphanumeric() || "-_.+$".contains(c));
            for word in parts.flat_map(|p| p.split(split)) {
                // Of short names only letters in another case or order are surely a slip.
                let short = |d: &&&str| {
                    d.eq_ignore_ascii_case(word)
                        || word.len() == 3 && super::groups::sorted(d) == super::groups::sorted(word)
                };
                let plain = (word.len() > 3 || word.len() > 1 && declared.iter().any(|d| short(&d)))
                    && !word.contains('$')
                    && !word.starts_with('-');
                if !plain
                    || NO_PROFILES.contains(&word)
                    || declared
                        .iter()
                        .any(|d| d.contains(word) && (*d == word || parted))
                    || used(word)
                {
                    continue;
                }
                let same = declared.iter().find(|d| short(d)).copied();
                let same = same.or_else(|| known.iter().copied().find(|k| k.eq_ignore_ascii_case(word)));
                let close = || near(word, known.iter().copied()).filter(|m| digits(m) == digits(word));
                let Some(meant) = same.or_else(close) else {
                    continue;
                };
                let message = format!("no profile has `{word}` in its name");
                let label = format!("did you mean `{meant}`?");
                if let Some(one) = self.add("undefined-profile", place(at, line, word), message, &label) {
                    one.source = crate::diagnostic::Source::Files;
                    one.help =
                        Some("the build goes through, and the script leaves out what is for it".into());
                }
            }
        }
    }

    /// The image's name in a test, spelt another way: other names may be of images that share the script.
    pub(super) fn image_name(&mut self, here: &Here<'_>) {
        let own = here.image.name.as_str();
        if own.len() < 4 {
            return;
        }
        let text = self.text;
        let plain = |w: &str| -> String {
            w.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_ascii_lowercase()
        };
        for (at, line) in commands(text) {
            if !line.contains("kiwi_iname") || !line.contains('=') || line.starts_with(['#', 'e']) {
                continue;
            }
            let quoted = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ']' | '[' | ';');
            for word in line
                .split(quoted)
                .filter(|w| w.len() > 3 && !w.contains(['$', '*', '?']))
            {
                let slip = plain(word) == plain(own) || super::found::one_keystroke(word, own);
                let digits = |w: &str| w.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
                let compared = || text.lines().any(|l| l.contains("kiwi_iname") && l.contains(own));
                if word == own || !slip || digits(word) != digits(own) || compared() {
                    continue;
                }
                let message = format!("the image is called `{own}`, and never `{word}`");
                let label = format!("did you mean `{own}`?");
                if let Some(one) = self.add("script-command", place(at, line, word), message, &label) {
                    one.help =
                        Some("the build goes through, and the script leaves out what is for it".into());
                }
            }
        }
    }
}

/// Words of tests that are no names.
const NO_PROFILES: &[&str] = &[
    "kiwi_profiles",
    "then",
    "grep",
    "echo",
    "test",
    "true",
    "false",
    "else",
    "elif",
    "done",
    "exit",
    "case",
    "esac",
    "egrep",
    "while",
    "profile",
    "profiles",
    "return",
];
