//! Decimal numbers of any length, compared exactly (XML Schema part 2, section 3.2.3).

use std::cmp::Ordering;

/// A number in normal form: no leading zeros before, no trailing zeros after the point, zero is not negative.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    /// Reads the lexical form, none where it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(d) => (true, d),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fine = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !fine(whole) || !fine(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_string();
        let fraction = fraction.trim_end_matches('0').to_string();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: negative && !zero,
            whole,
            fraction,
        })
    }

    /// Number of digits that matter, at least 1.
    pub fn total_digits(&self) -> usize {
        // Zeros right after the point do not count where nothing stands before it.
        let fraction = if self.whole.is_empty() {
            self.fraction.trim_start_matches('0')
        } else {
            &self.fraction
        };
        (self.whole.len() + fraction.len()).max(1)
    }

    /// Number of digits after the point.
    pub fn fraction_digits(&self) -> usize {
        self.fraction.len()
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |a: &Self, b: &Self| {
            a.whole
                .len()
                .cmp(&b.whole.len())
                .then_with(|| a.whole.cmp(&b.whole))
                .then_with(|| a.fraction.cmp(&b.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn equal_values_are_equal_and_order_is_exact() {
        let d = |t| Decimal::parse(t).unwrap();
        assert_eq!(d("+01.50"), d("1.5"));
        assert_eq!(d("-0.0"), d("0"));
        assert!(d("-2") < d("-1.5") && d("10") > d("9.999") && d("0.1") < d("0.11"));
        assert!(Decimal::parse(".").is_none() && Decimal::parse("1e3").is_none());
    }
}
