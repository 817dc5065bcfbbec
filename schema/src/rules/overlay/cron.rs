//! Lines of cron's tables in the overlay, or as a script writes them: without an account, with too few times, or with a program
//! that is a slip of one of the overlay.

use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::found::is_word;

/// A line of cron's tables without an account, or with too few times.
pub(in crate::rules) fn judge(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let time = |w: &&str| {
            w.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"*/,-~".contains(&b))
                && !w.starts_with('/')
        };
        let first = words
            .first()
            .filter(|w| w.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | '@')))?;
        let times = if first.starts_with('@') { 1 } else { 5 };
        let then = "the build goes through, and cron passes over the line, or starts it as another account";
        const NAMES: &[&str] = &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue",
            "wed", "thu", "fri", "sat", "sun",
        ];
        let named = |w: &str| NAMES.iter().any(|n| w.to_ascii_lowercase().starts_with(n));
        let word = |w: &str| w.bytes().all(|b| b.is_ascii_alphabetic()) && !named(w) && times > 1;
        let short = words
            .iter()
            .take(times)
            .position(|w| !time(w) && !w.starts_with('@') || word(w));
        if let Some(word) = short.and_then(|p| words.get(p)) {
            let message = format!("`{word}` stands where cron takes one of {times} times");
            let label = "minute, hour, day, month and day of the week are expected".to_owned();
            let end = crate::rules::found::offset(word, line) + word.len();
            return finding(at, line.get(..end)?, message, label, then);
        }
        // Each of the times has a highest number.
        let most = [59, 23, 31, 12, 7];
        let high = |(word, most): (&&'_ str, u32)| {
            let mut numbers = word.split(|c: char| !c.is_ascii_digit() && c != '/' && c != '~');
            let beyond = |n: &str| n.parse::<u32>().is_ok_and(|n| n > most);
            numbers.any(|n| beyond(n.split('/').next().unwrap_or(n)))
        };
        if times == 5
            && let Some((word, most)) = words.iter().zip(most).find(|pair| high((pair.0, pair.1)))
        {
            let message = format!("`{word}` stands where cron takes numbers up to {most}");
            let label = "minute, hour, day, month and day of the week are expected".to_owned();
            return at_word(at, line, word, message, label, then);
        }
        let account = words.get(times)?;
        let root = crate::rules::packages::misspelt::exchanged("root", account)
            || crate::rules::found::one_keystroke("root", account);
        if root && !crate::rules::found::plural("root", account) {
            let message = format!("no system has an account `{account}`");
            return at_word(
                at,
                line,
                account,
                message,
                "did you mean `root`?".to_owned(),
                then,
            );
        }
        let plain = is_word(account);
        if plain && words.len() > times + 1 && super::values::stranger(here, account) {
            let message = format!("nothing makes the account `{account}`");
            let label = super::values::meant(here, account);
            return at_word(at, line, account, message, label, then);
        }
        if !account.starts_with('/') {
            return None;
        }
        let message = format!("`{account}` stands where the tables of `/etc/cron.d` name an account");
        at_word(
            at,
            line,
            account,
            message,
            "an account before it, such as `root`".to_owned(),
            then,
        )
    })
}

/// A program of a line that is a slip of a file which the description brings.
pub(super) fn programs(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let mut timed = lines(text)
        .filter(|(_, l)| l.starts_with(|c: char| c.is_ascii_digit() || "*@".contains(c)))
        .peekable();
    timed.peek()?;
    let scripts = super::Scripts::of(here);
    timed.find_map(|(at, value)| {
        let line = super::units::Line {
            key: "",
            value,
            at,
            from: at,
        };
        super::unit_paths::path(here, &scripts, &line, 2)
    })
}
