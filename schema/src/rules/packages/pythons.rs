//! Which version of Python 3 packages are for, by their names. Knows no repository.

/// True for the number behind `python3.`.
pub(in crate::rules) fn is_minor(number: &str) -> bool {
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

/// The one such number that names of packages have; none where they have several, or none.
pub(in crate::rules) fn minor<'n>(names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let number = |name: &'n str| {
        let rest = name.strip_prefix("python3")?;
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        rest.split('-').next().filter(|n| is_minor(n))
    };
    let mut all = names.filter_map(number);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_that_of_all_packages() {
        let of = |names: &[&'static str]| minor(names.iter().copied());
        assert_eq!(
            of(&["bash", "python311", "python311-pip", "python3.11-venv"]),
            Some("11")
        );
        assert_eq!(of(&["python311", "python312-pip"]), None);
        assert_eq!(of(&["python3", "python3-pip", "python3x"]), None);
    }
}
