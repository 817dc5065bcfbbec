//! Profiles and the image's own name as a script of a build asks for them: slips of the declared ones. Looks at words; runs
//! nothing.

use super::Script;
use super::names::place;
use crate::rules::files::Here;
use crate::rules::found::{near, same_letters};

impl Script<'_> {
    /// Names of profiles that the script asks for and that are slips of the declared ones.
    pub(in crate::rules) fn profiles(&mut self, here: &Here<'_>) {
        let profiles = here.image.profiles.iter();
        let declared: Vec<&str> = profiles.map(|p| p.name.value.as_str()).collect();
        if declared.is_empty() || !self.text.contains("kiwi_profiles") {
            return;
        }
        // That a section names what no profile is called is told there.
        let used = |word: &str| crate::rules::views::profiles::uses(here.image).any(|u| u.value == word);
        let asked = asked(&self.commands());
        let strange = super::profile_arms::strange(here.image, &asked, self.text);
        if let Some((at, line, word, meant)) =
            strange.filter(|s| !used(s.2) && self::meant(s.2, &declared, true).is_none())
        {
            let message = format!("no profile has `{word}` in its name");
            let label = format!("did you mean `{meant}`?");
            if let Some(one) = self.add("undefined-profile", place(at, line, word), message, &label) {
                one.source = crate::diagnostic::Source::Files;
                one.help = Some("the build goes through, and the script leaves out what is for it".into());
            }
        }
        for asked in asked {
            for word in asked.words() {
                let Some(meant) = meant(word, &declared, asked.parted).filter(|_| !used(word)) else {
                    continue;
                };
                let message = format!("no profile has `{word}` in its name");
                let label = format!("did you mean `{meant}`?");
                let span = place(asked.at, asked.line, word);
                if let Some(one) = self.add("undefined-profile", span, message, &label) {
                    one.source = crate::diagnostic::Source::Files;
                    one.help =
                        Some("the build goes through, and the script leaves out what is for it".into());
                }
            }
        }
    }

    /// The image's name in a test, spelt another way: other names may be of images that share the script.
    pub(in crate::rules) fn image_name(&mut self, here: &Here<'_>) {
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
        for &(at, line) in self.commands().iter() {
            if !line.contains("kiwi_iname") || !line.contains('=') || line.starts_with(['#', 'e']) {
                continue;
            }
            let quoted = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ']' | '[' | ';');
            for word in line
                .split(quoted)
                .filter(|w| w.len() > 3 && !w.contains(['$', '*', '?']))
            {
                let slip = plain(word) == plain(own) || crate::rules::found::one_keystroke(word, own);
                let compared = || text.lines().any(|l| l.contains("kiwi_iname") && l.contains(own));
                if word == own || !slip || !crate::rules::found::same_digits(word, own) || compared() {
                    continue;
                }
                let message = format!("the image is called `{own}`, and never `{word}`");
                let label = format!("did you mean `{own}`?");
                self.tell(
                    at,
                    line,
                    word,
                    message,
                    &label,
                    "the build goes through, and the script leaves out what is for it",
                );
            }
        }
    }
}

/// A line that asks for profiles.
pub(super) struct Asked<'t> {
    pub at: usize,
    pub line: &'t str,
    /// What of it names them: a test, or the patterns of a case.
    parts: Vec<&'t str>,
    /// A part of a name fits, since more may stand around it.
    pub parted: bool,
    /// The variable that holds them, whose name is none.
    own: Option<String>,
}

impl<'t> Asked<'t> {
    /// The words that may be names.
    pub fn words(&self) -> impl Iterator<Item = &'t str> {
        let split = |c: char| !(c.is_ascii_alphanumeric() || "-_.+$".contains(c));
        let words = self.parts.iter().flat_map(move |p| p.split(split));
        words.filter(|w| self.own.as_deref() != Some(*w))
    }
}

/// Functions of the script that ask whether what they are given is among the profiles.
fn asking(lines: &[(usize, &str)]) -> Vec<String> {
    let mut out = Vec::new();
    let mut within: Option<String> = None;
    for &(_, line) in lines {
        let bare = line.strip_prefix("function ").unwrap_or(line);
        let name = bare.split(['(', ' ', '{']).next().unwrap_or("");
        let opens = line.ends_with('{') && (bare.contains("()") || bare.len() < line.len());
        if opens && crate::rules::found::is_word(name) && name.len() > 3 {
            within = Some(name.to_owned());
        }
        let asks = line.contains("kiwi_profiles") && (line.contains("$1") || line.contains("${1}"));
        if asks && let Some(name) = within.clone().filter(|n| !out.contains(n)) {
            out.push(name);
        }
        if line == "}" {
            within = None;
        }
    }
    out
}

/// The lines of a script that ask for profiles.
fn asked<'t>(lines: &[(usize, &'t str)]) -> Vec<Asked<'t>> {
    // What goes through the chosen profiles one by one, or holds them under another name.
    let looping = lines.iter().find_map(|&(_, line)| {
        let (name, rest) = match line.strip_prefix("for ") {
            Some(all) => all.split_once(" in ")?,
            None => line.trim_start_matches("local ").split_once('=')?,
        };
        let plain = name
            .trim()
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (plain && rest.contains("kiwi_profiles")).then(|| name.trim().to_owned())
    });
    let names = |text: &str| {
        let one = |l: &String| text.contains(&format!("${l}")) || text.contains(&format!("${{{l}}}"));
        text.contains("kiwi_profiles") || looping.as_ref().is_some_and(one)
    };
    let mut cases = false;
    let mut out = Vec::new();
    let asking = asking(lines);
    for &(at, line) in lines {
        // `has_profile NAME`, where a function of the script asks for its argument.
        let mut words = line.split([' ', '\t', ';']).filter(|w| !w.is_empty());
        if words
            .by_ref()
            .any(|w| asking.iter().any(|a| a == w.trim_start_matches('!')))
            && let Some(name) = words.next().map(|w| w.trim_matches(['"', '\'']))
            && !line.starts_with("function ")
        {
            out.push(Asked {
                at,
                line,
                parts: vec![name],
                parted: false,
                own: None,
            });
            continue;
        }
        let asks = names(line);
        let case = line.starts_with("case ");
        cases = if case { asks } else { cases && line != "esac" };
        // What stands before the bracket of a case.
        let pattern = line.split_once(')').map(|(head, _)| head);
        // Blanks may stand around a name, so that no part of another one fits.
        let bare = |p: &str| {
            p.replace("\" ", "")
                .replace(" \"", "")
                .replace(['|', '*'], "")
                .trim()
                .contains(' ')
        };
        if let Some(pattern) = pattern.filter(|p| cases && !case && !p.contains(['(', '=']) && !bare(p)) {
            let parts = vec![pattern];
            out.push(Asked {
                at,
                line,
                parts,
                parted: true,
                own: None,
            });
            continue;
        }
        let tests = ["=", "grep"].iter().any(|w| line.contains(w)) && asks && !line.contains("-i");
        let said = ["#", "for ", "echo ", "printf ", "case "];
        if !tests || said.iter().any(|s| line.starts_with(s)) {
            continue;
        }
        let bare = line.replace("$kiwi_profiles", "");
        let parted = ["*", "grep", "=~", "$"].iter().any(|w| bare.contains(w));
        // Of several tests only those of the profiles.
        let parts = line.split("&&").flat_map(|p| p.split("||")).filter(|p| names(p));
        let parts: Vec<&str> = parts.collect();
        // The name of the variable is no profile's, nor is what it is given at first.
        let set = looping
            .as_ref()
            .is_some_and(|l| line.trim_start_matches("local ").starts_with(&format!("{l}=")));
        if set {
            continue;
        }
        out.push(Asked {
            at,
            line,
            parts,
            parted,
            own: looping.clone(),
        });
    }
    out
}

/// The declared profile, or the part of its name, that is meant by a word which is none.
fn meant<'d>(word: &str, declared: &[&'d str], parted: bool) -> Option<&'d str> {
    // Of short names only letters in another case or order are surely a slip.
    let short = |d: &&&str| d.eq_ignore_ascii_case(word) || word.len() == 3 && same_letters(d, word);
    let same = declared.iter().find(short).copied();
    let plain = !word.contains('$') && !word.starts_with('-') && !NO_PROFILES.contains(&word);
    let long = word.len() > 3 || word.len() > 1 && same.is_some();
    let fits = |d: &&str| *d == word || parted && d.contains(word);
    if !plain || !long || declared.iter().any(fits) {
        return None;
    }
    let parts = declared.iter().flat_map(|d| d.split(['-', '_', '.']));
    let known: Vec<&str> = declared
        .iter()
        .copied()
        .chain(parts.clone().filter(|p| p.len() > 4))
        .collect();
    // Of short parts only letters that changed places are surely a slip.
    let swapped = || {
        parts
            .clone()
            .find(|p| p.len() == 4 && word.len() == 4 && same_letters(p, word))
    };
    let close = || near(word, known.iter().copied()).filter(|m| crate::rules::found::same_digits(m, word));
    let alike = || known.iter().copied().find(|k| k.eq_ignore_ascii_case(word));
    // A test for a part alone is another fault.
    same.or_else(alike)
        .or_else(close)
        .or_else(swapped)
        .filter(|meant| *meant != word)
}

/// Words of tests that are no names.
pub(super) const NO_PROFILES: &[&str] = &[
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
