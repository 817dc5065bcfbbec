//! Relations between packages (deb-control(5)): `a (>= 1) | b:any, c`. Borrowed from the text, no allocation per name.

use std::cmp::Ordering;

use super::debversion;

/// What a version must satisfy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound<'a> {
    /// `<<`, `<=`, `=`, `>=`, `>>`.
    pub operator: &'a str,
    /// The version.
    pub version: &'a str,
}

/// One name with its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The package, or what packages provide.
    pub name: &'a str,
    /// `any`, `native` or an architecture, where it is given.
    pub arch: Option<&'a str>,
    /// The bound.
    pub bound: Option<Bound<'a>>,
}

impl Bound<'_> {
    /// True where `version` satisfies it.
    pub fn admits(&self, version: &str) -> bool {
        let order = debversion::compare(version, self.version);
        match self.operator {
            "<<" => order == Ordering::Less,
            "<=" | "<" => order != Ordering::Greater,
            ">=" | ">" => order != Ordering::Less,
            ">>" => order == Ordering::Greater,
            _ => order == Ordering::Equal,
        }
    }
}

impl std::fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)?;
        match self.bound {
            Some(bound) => write!(f, " ({} {})", bound.operator, bound.version),
            None => Ok(()),
        }
    }
}

/// The groups of a field: all must hold, and of each group one alternative. What cannot be read is left out.
pub fn groups(field: &str) -> impl Iterator<Item = Vec<Target<'_>>> {
    field
        .split(',')
        .map(|group| group.split('|').filter_map(target).collect::<Vec<_>>())
        .filter(|group| !group.is_empty())
}

/// The targets of a field without alternatives (Conflicts, Provides, …).
pub fn targets(field: &str) -> impl Iterator<Item = Target<'_>> {
    field.split(',').filter_map(target)
}

fn target(text: &str) -> Option<Target<'_>> {
    let text = text.trim();
    let end = text
        .find(|c: char| c.is_whitespace() || "([<".contains(c))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let (name, arch) = match name.split_once(':') {
        Some((name, arch)) => (name, Some(arch)),
        None => (name, None),
    };
    if name.is_empty() {
        return None;
    }
    let bound = rest.trim_start().strip_prefix('(').and_then(|inner| {
        let inner = inner.split(')').next()?.trim();
        let digits = inner.find(|c: char| !"<>=".contains(c))?;
        let (operator, version) = inner.split_at_checked(digits)?;
        Some(Bound {
            operator: if operator.is_empty() { "=" } else { operator },
            version: version.trim(),
        })
    });
    Some(Target { name, arch, bound })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_bounds_and_qualifiers_are_read() {
        let read: Vec<Vec<String>> = groups("libc6 (>= 2.34), python3:any | perl (<<5.40) ,\n , x [amd64]")
            .map(|g| g.iter().map(ToString::to_string).collect())
            .collect();
        assert_eq!(
            read,
            [
                vec!["libc6 (>= 2.34)"],
                vec!["python3", "perl (<< 5.40)"],
                vec!["x"]
            ]
        );
        let bound = Bound {
            operator: ">=",
            version: "1:2~rc1",
        };
        assert!(bound.admits("1:2") && !bound.admits("3"));
    }
}
