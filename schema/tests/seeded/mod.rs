//! Descriptions with one seeded mistake, for the tests of the rules: what is wrong stands between two bars, and the
//! one finding has to lie there.
#![allow(dead_code)]

use std::path::Path;

use apteryx_schema::check::{self, Options};
use apteryx_schema::description::load_text;
use apteryx_schema::{Diagnostic, rules};

/// A description whose parts may be replaced.
fn description(head: &str, kind: &str, users: &str, extra: &str) -> String {
    format!(
        r#"<image schemaversion="8.5" name="seeded">
  <description type="system"><author>A</author><contact>a@example.org</contact><specification>S</specification></description>
  <preferences><version>1.0.0</version><packagemanager>apt</packagemanager>{head}
    {kind}
  </preferences>
  {users}
  <repository type="apt-deb" alias="debian" distribution="bookworm" components="main" repository_gpgcheck="true"><source path="https://ftp.debian.org/debian"/></repository>
  {extra}
  <packages type="image"><package name="linux-image-amd64"/><package name="dracut"/><package name="systemd-boot"/><package name="grub-efi-amd64"/><package name="grub-pc-bin"/><package name="lvm2"/></packages>
  <packages type="bootstrap"><package name="base-files"/></packages>
</image>
"#
    )
}

/// A whole description with this `<type>`.
pub fn with_type(kind: &str) -> String {
    description("", kind, "", "")
}

/// A whole description with these users and settings of `<preferences>`.
pub fn with_system(head: &str, users: &str) -> String {
    description(head, "<type image=\"tbz\"/>", users, "")
}

/// Everything that is found: by the checker with the description as one text, and by its rules on the model.
pub fn findings(text: &str) -> Vec<Diagnostic> {
    let name = Path::new("config.xml");
    let mut all = check::check(name, text.as_bytes(), Options::default()).diagnostics;
    let gone = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    all.extend(load_text(name, text.as_bytes(), &gone).diagnostics);
    all.dedup();
    all
}

/// Asserts that nothing is found.
pub fn quiet(text: &str) {
    let found: Vec<_> = findings(text)
        .into_iter()
        .map(|d| (d.code, d.message.clone()))
        .collect();
    assert!(found.is_empty(), "{text}\n{found:#?}");
}

/// One mistake: its code, and the description with bars around it.
pub struct Mistake {
    code: &'static str,
    barred: String,
}

/// A mistake in the `<type>`.
pub fn in_type(code: &'static str, kind: &str) -> Mistake {
    Mistake {
        code,
        barred: with_type(kind),
    }
}

/// A mistake in settings or users.
pub fn in_system(code: &'static str, head: &str, users: &str) -> Mistake {
    Mistake {
        code,
        barred: with_system(head, users),
    }
}

impl Mistake {
    /// The text, and where the mistake lies.
    fn text(&self) -> (String, usize, usize) {
        let parts: Vec<&str> = self.barred.split('|').collect();
        let [before, fault, _] = parts.as_slice() else {
            panic!("two bars are needed: {}", self.barred)
        };
        (parts.concat(), before.len(), before.len() + fault.len())
    }

    /// Asserts that it is found, once, alone, and at its place.
    pub fn is_found(&self) {
        let (text, start, end) = self.text();
        let found = findings(&text);
        let told: Vec<_> = found
            .iter()
            .map(|d| (d.code, d.span.of(&text), &d.message))
            .collect();
        let [one] = found.as_slice() else {
            panic!("{}: {text}\n{told:#?}", self.code)
        };
        assert_eq!(one.code, self.code, "{told:#?}");
        let place = (one.span.start as usize, one.span.end as usize);
        assert_eq!(place, (start, end), "{told:#?}");
        assert!(rules::code(one.code).is_some());
    }

    /// The text after its first repair.
    pub fn repaired(&self) -> String {
        let (mut text, _, _) = self.text();
        let found = findings(&text);
        let fix = found.first().and_then(|d| d.fixes.first()).expect("no repair");
        for edit in fix.edits.iter().rev() {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.new_text);
        }
        text
    }
}
