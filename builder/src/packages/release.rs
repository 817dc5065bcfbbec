//! A repository's `Release` text: dates, and checksums of its index files. Reads, decides nothing about trust.

use std::time::{Duration, SystemTime};

use super::deb822::{self, Paragraph};

/// What a Release says.
#[derive(Debug, Clone, Default)]
pub struct Release {
    fields: Paragraph,
}

/// An index file as the Release lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path below the Release's folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
}

impl Release {
    /// Reads the text (without its signature).
    pub fn read(text: &str) -> Option<Release> {
        let fields = deb822::all(text).into_iter().next()?;
        Some(Release { fields })
    }

    /// When it was made.
    pub fn date(&self) -> Option<SystemTime> {
        date(self.fields.get("Date"))
    }

    /// When it stops being valid, if ever.
    pub fn valid_until(&self) -> Option<SystemTime> {
        date(self.fields.get("Valid-Until"))
    }

    /// A field as written.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    /// Index files may be fetched by their checksum.
    pub fn by_hash(&self) -> bool {
        self.fields.get("Acquire-By-Hash").eq_ignore_ascii_case("yes")
    }

    /// `Packages` of the architecture does not hold those of `all`, which have their own.
    pub fn separate_all(&self) -> bool {
        self.words("Architectures").any(|a| a == "all")
            && !self
                .words("No-Support-for-Architecture-all")
                .any(|w| w == "Packages")
    }

    /// The words of a field.
    pub fn words(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.get(name).split_whitespace()
    }

    /// The checksum of one file.
    pub fn listed(&self, path: &str) -> Option<Listed> {
        self.fields.get("SHA256").lines().find_map(|line| {
            let mut words = line.split_whitespace();
            let (sha256, size, name) = (words.next()?, words.next()?, words.next()?);
            let sound = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
            (name.strip_prefix("./").unwrap_or(name) == path && sound).then_some(())?;
            Some(Listed {
                path: name.to_owned(),
                size: size.parse().ok()?,
                sha256: sha256.to_ascii_lowercase(),
            })
        })
    }
}

/// Reads `Sat, 11 Jan 2025 09:59:07 UTC` (also `GMT`, `+0000`, other offsets; the day's name is not needed).
pub fn date(text: &str) -> Option<SystemTime> {
    let text = text.split_once(',').map_or(text, |(_, rest)| rest);
    let mut words = text.split_whitespace();
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = months.iter().position(|m| m.eq_ignore_ascii_case(month))? as i64 + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(str::parse::<i64>);
    let (hour, minute) = (clock.next()?.ok()?, clock.next()?.ok()?);
    let second = clock.next().and_then(Result::ok).unwrap_or(0);
    let offset = match words.next() {
        Some(zone) if zone.starts_with(['+', '-']) => {
            let number: i64 = zone.parse().ok()?;
            (number / 100 * 60 + number % 100) * 60
        }
        _ => 0,
    };
    if !(1970..=9999).contains(&year) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970 in the Gregorian calendar, with years that begin in March.
    let (y, m) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719_469;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_checksums_are_read() {
        let seconds = |t: &str| date(t).map(|t| t.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs());
        assert_eq!(seconds("Sat, 11 Jan 2025 09:59:07 UTC"), Some(1_736_589_547));
        assert_eq!(seconds("Thu, 29 Feb 2024 01:00:00 +0100"), Some(1_709_164_800));
        assert_eq!(seconds("1 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds("soon"), None);
        let sum = "ab".repeat(32);
        let release = Release::read(&format!(
            "Date: x\nArchitectures: all amd64\nSHA256:\n {sum} 12 main/binary-amd64/Packages\n short 1 other\n"
        ))
        .unwrap();
        assert_eq!(release.listed("main/binary-amd64/Packages").unwrap().size, 12);
        assert_eq!(release.listed("other"), None);
        assert!(release.separate_all() && !release.by_hash());
    }
}
