//! The tables that are texts: their rows, their words, and the files that a row names. Knows no table, and judges nothing.

/// The rows of a table, without its remarks.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|l| !l.starts_with('#'))
}

/// The words of a table that is nothing but words.
pub(super) fn words_of(table: &'static str) -> Vec<&'static str> {
    rows(table).flat_map(str::split_whitespace).collect()
}

/// Files by their folders, without a slash before them, and their names; of a name that begins with `*` the rest is the end.
#[derive(Debug)]
pub(super) struct Files(Vec<(&'static str, &'static str)>);

impl Files {
    /// As a row names them, with blanks between.
    pub fn of(row: &'static str) -> Self {
        Self(
            row.split_whitespace()
                .filter_map(|p| p.rsplit_once('/'))
                .collect(),
        )
    }

    /// Each folder and name.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.0.iter().copied()
    }

    /// What names a file: its whole name, or its end.
    pub fn naming(&self, folder: &str, name: &str) -> Option<&'static str> {
        let fits = |pattern: &str| match pattern.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => name == pattern,
        };
        self.each()
            .find(|(of, pattern)| *of == folder && fits(pattern))
            .map(|(_, pattern)| pattern)
    }
}

/// The folders that files of some rows lie in, each once.
pub(super) fn folders<'f>(files: impl Iterator<Item = &'f Files>) -> Vec<&'static str> {
    let mut all: Vec<&str> = files.flat_map(Files::each).map(|(folder, _)| folder).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_a_whole_name_or_an_end() {
        let files = Files::of("etc/a.conf etc/b.d/*.conf etc/c/*");
        assert_eq!(files.naming("etc", "a.conf"), Some("a.conf"));
        assert_eq!(files.naming("etc", "ba.conf"), None);
        assert_eq!(files.naming("etc/b.d", "x.conf"), Some("*.conf"));
        assert_eq!(files.naming("etc/b.d", "x"), None);
        assert_eq!(files.naming("etc/c", "x"), Some("*"));
        assert_eq!(folders([&files].into_iter()), ["etc", "etc/b.d", "etc/c"]);
    }
}
