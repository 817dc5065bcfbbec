//! dpkg's database in a tree (`/var/lib/dpkg`, as deb-control(5), deb-triggers(5) and dpkg(1) describe it): control
//! fields, the status file, file lists, diversions, triggers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use crate::sandbox::Root;

/// Where it lies.
pub const DIR: &str = "var/lib/dpkg";

/// A paragraph of fields, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a paragraph; blanks stay as they are, but the one behind the colon.
    pub fn parse(text: &str) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push('\n');
                    value.push_str(line);
                }
            } else if let Some((name, value)) = line.split_once(':') {
                let value = value.strip_prefix(' ').unwrap_or(value);
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
        Self(fields)
    }

    /// A field's value; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim_end())
    }

    /// Sets a field, behind `after` where it is new.
    pub fn set(&mut self, name: &str, value: impl Into<String>, after: &str) {
        let value = value.into();
        if let Some(field) = self
            .0
            .iter_mut()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
        {
            field.1 = value;
            return;
        }
        let at = self
            .0
            .iter()
            .position(|(field, _)| field.eq_ignore_ascii_case(after));
        self.0
            .insert(at.map_or(self.0.len(), |at| at + 1), (name.to_owned(), value));
    }

    /// As it stands in a file, without the empty line after it.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.0 {
            let blank = if value.is_empty() || value.starts_with('\n') {
                ""
            } else {
                " "
            };
            let _ = writeln!(out, "{name}:{blank}{value}");
        }
        out
    }

    /// The package's name.
    pub fn name(&self) -> &str {
        self.get("Package")
    }

    /// Its name as dpkg's files write it: with the architecture for one of which several may be there.
    pub fn qualified(&self) -> String {
        if self.get("Multi-Arch") == "same" {
            format!("{}:{}", self.name(), self.get("Architecture"))
        } else {
            self.name().to_owned()
        }
    }
}

/// A package of the status file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its fields.
    pub fields: Fields,
}

impl Installed {
    /// The last word of its status: `installed`, `unpacked`, `config-files`, …
    pub fn state(&self) -> &str {
        self.fields.get("Status").trim().rsplit(' ').next().unwrap_or("")
    }

    /// True where its files are in the tree.
    pub fn present(&self) -> bool {
        !matches!(self.state(), "not-installed" | "config-files" | "")
    }
}

/// Reads the status file; empty where there is none.
pub fn read_status(root: &Root) -> io::Result<Vec<Installed>> {
    let text = root.text(format!("{DIR}/status"))?.unwrap_or_default();
    Ok(parse_status(&text))
}

fn parse_status(text: &str) -> Vec<Installed> {
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| Installed {
            fields: Fields::parse(paragraph.trim_start_matches('\n')),
        })
        .collect()
}

/// Writes the status file.
pub fn write_status(root: &mut Root, packages: &[Installed]) -> io::Result<()> {
    let mut text = String::new();
    for package in packages {
        text.push_str(&package.fields.text());
        text.push('\n');
    }
    root.write(format!("{DIR}/status"), text.as_bytes(), 0o644)
}

/// Makes the directories and files that dpkg expects.
pub fn make(root: &mut Root, arch: &str) -> io::Result<()> {
    for dir in ["info", "updates", "triggers", "alternatives", "parts"] {
        root.make_dirs(format!("{DIR}/{dir}").as_ref())?;
    }
    let arch = format!("{arch}\n");
    let files = [
        ("info/format", "1\n", 0o644),
        ("arch", &arch, 0o644),
        ("lock", "", 0o640),
        ("lock-frontend", "", 0o640),
        ("triggers/Lock", "", 0o600),
        ("triggers/Unincorp", "", 0o644),
    ];
    for (name, text, mode) in files {
        if !root.exists(format!("{DIR}/{name}")) {
            root.write(format!("{DIR}/{name}"), text.as_bytes(), mode)?;
        }
    }
    Ok(())
}

/// Diversions: the diverted path, where it goes, and the package that is not diverted (`:` for none).
pub fn read_diversions(root: &Root) -> io::Result<BTreeMap<String, (String, String)>> {
    let text = root.text(format!("{DIR}/diversions"))?.unwrap_or_default();
    let mut lines = text.lines();
    let mut found = BTreeMap::new();
    while let (Some(from), Some(to), Some(package)) = (lines.next(), lines.next(), lines.next()) {
        found.insert(from.to_owned(), (to.to_owned(), package.to_owned()));
    }
    Ok(found)
}

/// The interests of a package, added to the files that list them: `triggers/File` for paths, one file per name for the
/// rest.
pub fn add_triggers(root: &mut Root, package: &str, triggers: &str) -> io::Result<()> {
    for line in triggers.lines() {
        let mut words = line.split('#').next().unwrap_or("").split_whitespace();
        let (Some(word), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let suffix = match word {
            "interest" | "interest-await" => "",
            "interest-noawait" => "/noawait",
            _ => continue,
        };
        let (file, line) = if name.starts_with('/') {
            ("File".to_owned(), format!("{name} {package}{suffix}\n"))
        } else if name.contains('/') {
            continue;
        } else {
            (name.to_owned(), format!("{package}{suffix}\n"))
        };
        root.append(format!("{DIR}/triggers/{file}"), line.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: a\nStatus: install ok installed\nVersion: 1\nConffiles:\n /etc/a 0123\nDescription: one\n two\n .\n\nPackage: b\nStatus: deinstall ok config-files\nArchitecture: amd64\nMulti-Arch: same\n\n";

    #[test]
    fn status_reads_and_writes_back() {
        let packages = parse_status(STATUS);
        assert_eq!(packages.len(), 2);
        assert!(packages[0].present() && !packages[1].present());
        assert_eq!(packages[0].fields.get("conffiles"), "\n /etc/a 0123");
        assert_eq!(packages[1].fields.qualified(), "b:amd64");
        let dir = tempfile::tempdir().expect("a directory");
        let mut root = Root::open(dir.path()).expect("it opens");
        write_status(&mut root, &packages).expect("it is written");
        assert_eq!(
            root.text("var/lib/dpkg/status").expect("it is read").as_deref(),
            Some(STATUS)
        );
        assert_eq!(read_status(&root).expect("it is read"), packages);
    }

    #[test]
    fn fields_are_set_behind_others() {
        let mut fields = Fields::parse("Package: a\nVersion: 1\n");
        fields.set("Status", "install ok unpacked", "Package");
        fields.set("Version", "2", "");
        assert_eq!(
            fields.text(),
            "Package: a\nStatus: install ok unpacked\nVersion: 2\n"
        );
    }

    #[test]
    fn triggers_are_listed_where_dpkg_looks() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut root = Root::open(dir.path()).expect("it opens");
        let text = "# comment\ninterest-noawait /usr/share/x\ninterest ldconfig\nactivate-noawait other\ninterest ../../bad\n";
        add_triggers(&mut root, "p:amd64", text).expect("they are written");
        assert_eq!(
            root.names("var/lib/dpkg/triggers").expect("it is read"),
            ["File", "ldconfig"]
        );
        let file = root.text("var/lib/dpkg/triggers/File").expect("it is read");
        assert_eq!(file.as_deref(), Some("/usr/share/x p:amd64/noawait\n"));
    }
}
