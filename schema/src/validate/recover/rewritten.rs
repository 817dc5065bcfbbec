//! Other ways to write a value that fits no pattern as it stands: what people often add to it, or write in place of the
//! right sign. Only guesses: whoever asks tries them.

/// The first guess, the likeliest first, that fits; none is the value itself.
pub(super) fn first_guess(value: &str, mut fits: impl FnMut(&str) -> bool) -> Option<String> {
    let head = |sign: char| value.split_once(sign).map(|(head, _)| head.to_owned());
    let has = |signs: &[char]| value.contains(signs);
    let bare = || value.split_whitespace().collect::<String>();
    let comma = || value.replace([';', ' '], ",").replace(",,", ",");
    let joined = || value.replace('-', "_");
    let upper = || {
        let (a, b) = value.split_once(['_', '-'])?;
        Some(format!("{}_{}", a.to_lowercase(), b.to_uppercase()))
    };
    // Each is only made where the one before does not fit.
    let guesses: [&dyn Fn() -> Option<String>; 7] = [
        &|| head('.'),
        &|| head('@'),
        &|| has(&[' ', '\t', '\n', '\r']).then(bare),
        &|| has(&[';', ' ']).then(comma),
        &|| has(&['-']).then(joined),
        &|| head('.').filter(|h| h.contains('-')).map(|h| h.replace('-', "_")),
        &upper,
    ];
    let mut made = guesses.iter().filter_map(|guess| guess());
    made.find(|guess| !guess.is_empty() && guess != value && fits(guess))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_leave_out_and_replace() {
        let mut all = Vec::new();
        let mut guesses = |value: &str| {
            all.clear();
            first_guess(value, |guess| {
                all.push(guess.to_owned());
                false
            });
            all.clone()
        };
        assert_eq!(guesses("de_DE.UTF-8").first().unwrap(), "de_DE");
        assert!(guesses("de-DE").contains(&"de_DE".to_owned()));
        assert!(guesses("de_de").contains(&"de_DE".to_owned()));
        assert!(guesses("a; b").contains(&"a,b".to_owned()));
        assert!(guesses("plain").is_empty());
        assert_eq!(first_guess("a b", |guess| guess == "a,b").unwrap(), "a,b");
    }
}
