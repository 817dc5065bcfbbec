//! Lines that a script puts into files of the system with `sed -i`: judged as those files' readers take them. Looks at whole lines
//! that take another's place; follows no pattern.

use super::Script;
use crate::rules::files::Here;
use crate::text::Span;

impl Script<'_> {
    /// Lines in the place of others, with what their readers do not know.
    pub(in crate::rules) fn replaced(&mut self, here: &Here<'_>) {
        let calls = self.calls();
        for call in calls.iter() {
            let Some((first, rest)) = call.words.split_first() else {
                continue;
            };
            let inside =
                |w: &str| w.starts_with("-i") || w.starts_with("--in-place") || w == "-ri" || w == "-Ei";
            // KIWI's helper sets one by its name.
            if let ("baseUpdateSysConfig", [path, key, _]) = (&*first.text, rest)
                && key.raw == key.text
                && path.raw == path.text
            {
                let line = format!("{}=", key.text);
                if let Some(mut one) = crate::rules::overlay::texts::added(here, &path.text, &line) {
                    one.span = key.span();
                    if !self.out.iter().any(|d| d.span == one.span) {
                        self.out.push(one);
                    }
                }
                continue;
            }
            if first.text != "sed" || !rest.iter().any(|w| inside(&w.text)) {
                continue;
            }
            let Some(path) = rest
                .last()
                .filter(|w| w.text.starts_with("/etc/") && w.raw == w.text)
            else {
                continue;
            };
            for word in rest {
                let Some(line) = line(word.raw) else { continue };
                let at = word.at + crate::rules::found::offset(line, word.raw);
                let Some(mut one) = crate::rules::overlay::texts::added(here, &path.text, line) else {
                    continue;
                };
                one.span = Span::new(one.span.start + at as u32, one.span.end + at as u32);
                let over = |d: &crate::diagnostic::Diagnostic| {
                    d.span.start < word.span().end && d.span.end > word.span().start
                };
                if !self.out.iter().any(over) {
                    self.out.push(one);
                }
            }
        }
    }
}

/// The line that a word of sed's puts in another's place, where it is a whole one.
fn line(raw: &str) -> Option<&str> {
    let script = raw.strip_prefix('\'')?.strip_suffix('\'')?;
    let rest = script.strip_prefix('s')?;
    let sign = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '/' | '|' | ',' | '#' | '@' | '%' | '!'))?;
    let mut parts = rest.get(1..)?.split(sign);
    let (pattern, line, flags) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = |t: &str| !t.contains(['\\', '&', '$', '{', '\'', '\n']);
    let whole = pattern.starts_with('^')
        && (pattern.ends_with(".*") || pattern.ends_with('$') || pattern.ends_with(".*$"));
    let flags_alone = parts.next().is_none() && flags.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain(line) && whole && flags_alone && line.contains(['=', ' ', ':'])).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_taken() {
        for (raw, told) in [
            (
                "'s/^#\\?PermitRootLogin.*/PermitRootLogin no/'",
                Some("PermitRootLogin no"),
            ),
            ("'s|^A=.*|A=b|g'", Some("A=b")),
            ("'s/a/b c/'", None),
            ("'s/^\\(A\\)=.*/\\1=b c/'", None),
            ("\"s/^A=.*/A=$B/\"", None),
            ("'s/^A=.*/A=b/; s/^C=.*/C=d/'", None),
        ] {
            assert_eq!(line(raw), told, "{raw}");
        }
    }
}
