//! Passwords of accounts: hashes that no login would match, and what stands in clear text. Knows the forms of hashes; makes and
//! breaks none.

use crate::description::model::Element;
use crate::rules::found::Found;

/// Only what `crypt` uses in salts and hashes.
fn is_crypt64(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'/')
}

/// What is wrong with a hash; none where it is sound or not known.
fn hash_fault(value: &str) -> Option<&'static str> {
    // A leading `!` locks the account and keeps its hash; words of that form lock it too.
    let hash = value.trim_start_matches('!');
    if hash.is_empty() || hash == "*" || hash.len() < value.len() && !hash.starts_with('$') {
        return None;
    }
    let Some(rest) = hash.strip_prefix('$') else {
        let des = hash.len() == 13 && is_crypt64(hash);
        let bsdi = hash.len() == 20 && hash.starts_with('_') && is_crypt64(&hash[1..]);
        return (!des && !bsdi).then_some("the form of a hash, such as `$6$SALT$HASH`");
    };
    let (kind, rest) = rest.split_once('$').unwrap_or((rest, ""));
    let last = rest.rsplit('$').next().unwrap_or("");
    let length = match kind {
        "1" => 22,
        "5" => 43,
        "6" => 86,
        "2a" | "2b" | "2y" | "2x" => {
            let sound = last.len() == 53 && is_crypt64(last);
            return (!sound).then_some("53 characters after the cost");
        }
        "y" | "gy" => {
            let settings = rest.split('$').next().unwrap_or("");
            let sound = settings.len() > 2 && settings.starts_with('j') && rest.split('$').count() == 3;
            return (!sound)
                .then_some("settings, a salt and a hash after the kind, such as `$y$j9T$SALT$HASH`");
        }
        "7" | "sm3" | "sha1" | "md5" | "3" => {
            return rest.is_empty().then_some("a salt and a hash after the kind");
        }
        _ => return Some("a kind of hash that is known: `y`, `6`, `5`, `2b` or `1`"),
    };
    let parts = rest.split('$').count();
    let rounds = rest.starts_with("rounds=");
    if parts != if rounds { 3 } else { 2 } {
        return Some("a salt and a hash with `$` between them");
    }
    if last.len() != length || !is_crypt64(last) {
        return Some(match length {
            22 => "22 characters of hash after the salt",
            43 => "43 characters of hash after the salt",
            _ => "86 characters of hash after the salt",
        });
    }
    None
}

/// Something that a tool puts a value in place of before the build.
pub(in crate::rules) fn is_placeholder(value: &str) -> bool {
    value.contains("${")
        || value.contains("{{")
        || value.contains('%')
        || value.len() > 2 && value.starts_with('@') && value.ends_with('@')
}

/// Judges the password of one account; `open` where nobody is to be kept out.
pub(in crate::rules) fn judge(user: &Element, open: &dyn Fn() -> bool, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("password") else {
        return;
    };
    let value = at.value.as_str();
    if is_placeholder(value) {
        return;
    }
    let name = user.attrs.get("name").unwrap_or("");
    if value.is_empty() {
        let message = format!("`{name}` has an empty password");
        let told = found.add("empty-password", at, message, "`*` locks the account");
        if let Some(told) = told.filter(|_| open()) {
            told.severity = crate::diagnostic::Severity::Info;
        }
        return;
    }
    let format = user.attrs.at("pwdformat");
    if format.is_some_and(|f| f.value.trim() == "plain") {
        let is_hash = value.starts_with('$') && hash_fault(value).is_none();
        match format {
            Some(format) if is_hash => {
                let message =
                    format!("the password of `{name}` is a hash, and would be taken for the password itself");
                let edit = found.replace(format, "encrypted", true);
                if let Some(told) = found.add("password-hash", format, message, "did you mean `encrypted`?") {
                    told.fixes.extend(edit);
                }
            }
            _ => {
                let message = format!("the password of `{name}` stands in clear text");
                found.add(
                    "clear-text-password",
                    at,
                    message,
                    "`openssl passwd -6` makes a hash",
                );
            }
        }
    } else if let Some(expected) = hash_fault(value) {
        let begins = value.trim_start_matches('!').starts_with('$');
        let message = if begins {
            format!("the hash of `{name}`'s password is not whole, and no login would match it")
        } else {
            format!("the password of `{name}` is no hash, and no login would match it")
        };
        let edit = match format {
            Some(format) => found.replace(format, "plain", false),
            None => found.insert_attribute(user, "pwdformat", "plain"),
        };
        let edit = edit.filter(|_| !value.starts_with('$'));
        let last = value.rsplit('$').next().unwrap_or("").chars().count();
        let label = if begins && expected.contains("characters") {
            format!("expected {expected}, and there are {last}")
        } else {
            format!("expected {expected}")
        };
        if let Some(told) = found.add("password-hash", at, message, label) {
            told.fixes.extend(edit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_hashes_and_locks_are_known() {
        for sound in [
            "$1$wYJUgpM5$RXMMeASDc035eX.NbYWFl0",
            "$5$rounds=5000$saltstring$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "$2y$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE",
            "$y$j9T$salt$hash",
            "vh4vw1N4alxKQ",
            "!",
            "!!",
            "*",
            "!*",
            "!$1$wYJUgpM5$RXMMeASDc035eX.NbYWFl0",
        ] {
            assert_eq!(hash_fault(sound), None, "{sound}");
        }
        for wrong in [
            "secret",
            "linux",
            "$1$wYJUgpM5$RXMMeASDc035eX.NbYWFl",
            "$6$salt$short",
            "$1$wYJUgpM5",
            "$9$salt$hash",
            "x",
            "$6$salt:aaa",
        ] {
            assert!(hash_fault(wrong).is_some(), "{wrong}");
        }
    }
}
