//! Dates, times and durations (XML Schema part 2, sections 3.2.6 to 3.2.14, appendix E).

use std::cmp::Ordering;

/// A date, a time, or a part of one, as seconds from an arbitrary day, with what time zone it has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Moment {
    seconds: i128,
    fraction: String,
    zoned: bool,
}

/// A length of time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Duration {
    months: i128,
    /// Whole seconds and the fraction in units of 10^-18, both with the sign of the whole.
    seconds: i128,
    fraction: i128,
}

/// Days from 0000-03-01 in the proleptic Gregorian calendar.
fn days(year: i128, month: u32, day: u32) -> i128 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = i128::from((153 * ((month + 9) % 12) + 2) / 5 + day - 1);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
}

fn month_length(year: i128, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn eat(&mut self, c: char) -> Option<()> {
        self.0 = self.0.strip_prefix(c)?;
        Some(())
    }
    fn digits(&mut self) -> &'a str {
        let n = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (a, b) = self.0.split_at(n);
        self.0 = b;
        a
    }
    fn two(&mut self, min: u32, max: u32) -> Option<u32> {
        let d = self
            .0
            .get(..2)
            .filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        self.0 = self.0.get(2..)?;
        d.parse().ok().filter(|n| (min..=max).contains(n))
    }
    fn year(&mut self) -> Option<i128> {
        let negative = self.eat('-').is_some();
        let d = self.digits();
        if d.len() < 4 || d.len() > 30 || d.len() > 4 && d.starts_with('0') {
            return None;
        }
        let n: i128 = d.parse().ok()?;
        // XML Schema 1.0 has no year 0; 1 BC is -0001.
        (n != 0).then_some(if negative { 1 - n } else { n })
    }
    fn zone(&mut self) -> Option<Option<i128>> {
        if self.0.is_empty() {
            return Some(None);
        }
        if self.eat('Z').is_some() {
            return self.0.is_empty().then_some(Some(0));
        }
        let sign = if self.eat('+').is_some() {
            1
        } else {
            self.eat('-').map(|()| -1)?
        };
        let h = self.two(0, 14)?;
        self.eat(':')?;
        let m = self.two(0, if h == 14 { 0 } else { 59 })?;
        self.0
            .is_empty()
            .then_some(Some(sign * i128::from(h * 60 + m) * 60))
    }
    fn clock(&mut self) -> Option<(i128, String)> {
        let h = self.two(0, 24)?;
        self.eat(':')?;
        let m = self.two(0, 59)?;
        self.eat(':')?;
        let s = self.two(0, 59)?;
        let mut fraction = String::new();
        if self.eat('.').is_some() {
            let d = self.digits();
            if d.is_empty() {
                return None;
            }
            fraction = d.trim_end_matches('0').to_string();
        }
        if h == 24 && (m != 0 || s != 0 || !fraction.is_empty()) {
            return None;
        }
        Some((i128::from(h * 3600 + m * 60 + s), fraction))
    }
}

impl Moment {
    /// Reads a value of the type named, none where it is not one.
    pub fn parse(ty: &str, text: &str) -> Option<Self> {
        let mut r = Reader(text);
        let (mut year, mut month, mut day, mut clock) = (2000, 1, 1, (0, String::new()));
        match ty {
            "dateTime" | "date" | "gYearMonth" | "gYear" => {
                year = r.year()?;
                if ty != "gYear" {
                    r.eat('-')?;
                    month = r.two(1, 12)?;
                    if ty != "gYearMonth" {
                        r.eat('-')?;
                        day = r.two(1, month_length(year, month))?;
                    }
                }
                if ty == "dateTime" {
                    r.eat('T')?;
                    clock = r.clock()?;
                }
            }
            "time" => clock = r.clock()?,
            "gMonthDay" => {
                r.eat('-').and(r.eat('-'))?;
                month = r.two(1, 12)?;
                r.eat('-')?;
                day = r.two(1, month_length(2000, month))?;
            }
            "gDay" => {
                r.eat('-').and(r.eat('-')).and(r.eat('-'))?;
                day = r.two(1, 31)?;
            }
            "gMonth" => {
                r.eat('-').and(r.eat('-'))?;
                month = r.two(1, 12)?;
                // The first edition of XML Schema wrote `--MM--`.
                if r.0.starts_with("--") {
                    r.0 = r.0.get(2..)?;
                }
            }
            _ => return None,
        }
        let zone = r.zone()?;
        let mut seconds = clock.0 - zone.unwrap_or(0);
        if ty == "time" {
            seconds = seconds.rem_euclid(86_400);
        }
        Some(Self {
            seconds: days(year, month, day) * 86_400 + seconds,
            fraction: clock.1,
            zoned: zone.is_some(),
        })
    }

    /// Order; none where a missing time zone leaves it open.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        let plain = |shift: i128| {
            (self.seconds + shift)
                .cmp(&other.seconds)
                .then_with(|| self.fraction.cmp(&other.fraction))
        };
        if self.zoned == other.zoned {
            return Some(plain(0));
        }
        let (early, late) = (plain(-14 * 3600), plain(14 * 3600));
        (early == late).then_some(early)
    }
}

impl Duration {
    /// Reads `PnYnMnDTnHnMnS`.
    pub fn parse(text: &str) -> Option<Self> {
        let negative = text.starts_with('-');
        let mut r = Reader(text.strip_prefix('-').unwrap_or(text));
        r.eat('P')?;
        let (mut months, mut seconds, mut fraction, mut any) = (0i128, 0i128, 0i128, false);
        let mut units: &[(char, i128, i128)] = &[('Y', 12, 0), ('M', 1, 0), ('D', 0, 86_400)];
        let mut in_time = false;
        while !r.0.is_empty() {
            if !in_time && r.eat('T').is_some() {
                in_time = true;
                units = &[('H', 0, 3600), ('M', 0, 60), ('S', 0, 1)];
                if r.0.is_empty() {
                    return None;
                }
            }
            let d = r.digits();
            if d.is_empty() || d.len() > 18 {
                return None;
            }
            let n: i128 = d.parse().ok()?;
            let mut dotted = false;
            if in_time && r.eat('.').is_some() {
                let f = r.digits();
                if f.is_empty() || f.len() > 18 {
                    return None;
                }
                fraction = format!("{f:0<18}").parse().ok()?;
                dotted = true;
            }
            let unit = r.0.chars().next()?;
            r.eat(unit)?;
            let at = units.iter().position(|u| u.0 == unit)?;
            if dotted && unit != 'S' {
                return None;
            }
            let (_, m, s) = *units.get(at)?;
            units = units.get(at + 1..)?;
            months += n * m;
            seconds += n * s;
            any = true;
        }
        let sign = if negative { -1 } else { 1 };
        any.then_some(Self {
            months: sign * months,
            seconds: sign * seconds,
            fraction: sign * fraction,
        })
    }

    /// Order; none where it depends on the month that one begins with (section 3.2.6.2).
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        let from = |d: &Self, year: i128, month: u32| {
            let m = year * 12 + i128::from(month) - 1 + d.months;
            (
                days(m.div_euclid(12), m.rem_euclid(12) as u32 + 1, 1) * 86_400 + d.seconds,
                d.fraction,
            )
        };
        let mut orders = [(1696, 9), (1697, 2), (1903, 3), (1903, 7)]
            .into_iter()
            .map(|(y, m)| from(self, y, m).cmp(&from(other, y, m)));
        let first = orders.next()?;
        orders.all(|o| o == first).then_some(first)
    }
}
