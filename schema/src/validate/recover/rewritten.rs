//! Other ways to write a value that fits no pattern as it stands: what people often add to it, or write in place of the
//! right sign. Only guesses: whoever asks tries them.

/// The guesses, the likeliest first; none is the value itself.
pub(super) fn guesses(value: &str) -> Vec<String> {
    let head = |sign: char| value.split_once(sign).map(|(head, _)| head.to_owned());
    let bare: String = value.split_whitespace().collect();
    let comma = value.replace([';', ' '], ",").replace(",,", ",");
    let joined = value.replace('-', "_");
    let below = head('.').map(|h| h.replace('-', "_"));
    let upper = value
        .split_once(['_', '-'])
        .map(|(a, b)| format!("{}_{}", a.to_lowercase(), b.to_uppercase()));
    let all = [
        head('.'),
        head('@'),
        Some(bare),
        Some(comma),
        Some(joined),
        below,
        upper,
    ];
    let mut out: Vec<String> = Vec::new();
    for guess in all.into_iter().flatten() {
        if !guess.is_empty() && guess != value && !out.contains(&guess) {
            out.push(guess);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_leave_out_and_replace() {
        assert_eq!(guesses("de_DE.UTF-8").first().unwrap(), "de_DE");
        assert!(guesses("de-DE").contains(&"de_DE".to_owned()));
        assert!(guesses("de_de").contains(&"de_DE".to_owned()));
        assert!(guesses("a; b").contains(&"a,b".to_owned()));
        assert!(guesses("plain").is_empty());
    }
}
