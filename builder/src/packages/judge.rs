//! Judges the package names of a description against the repositories' metadata, for `apteryx check` and the editor.
//! Names only: whether they can be installed together is the solver's to say.

use apteryx_schema::description::model::{Item, ItemKind};
use apteryx_schema::diagnostic::{Diagnostic, Edit, Fix, Severity, Source};

use super::universe::Universe;

/// One finding per `<package>` that no repository has. `items` are the active ones of a view; other kinds of items
/// (archives, collections, …) are left alone. `context` says for which choice it was looked: `profile `Disk`, x86_64`.
pub fn judge<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    universe: &Universe,
    context: &str,
) -> Vec<Diagnostic> {
    items
        .into_iter()
        .filter(|item| item.kind == ItemKind::Package)
        .filter_map(|item| one(item, universe, context))
        .collect()
}

fn one(item: &Item, universe: &Universe, context: &str) -> Option<Diagnostic> {
    let written = item.name.value.trim();
    let (name, version) = written
        .split_once('=')
        .map_or((written, None), |(n, v)| (n, Some(v)));
    let name = name.split(':').next().unwrap_or(name);
    let versions = universe.lookup(name);
    let found = match version {
        Some(version) => versions.iter().any(|p| p.version() == version),
        None => !versions.is_empty() || universe.providers(name).len() == 1,
    };
    if written.is_empty() || found {
        return None;
    }
    let providers = universe.providers(name);
    let (message, near) = match version {
        Some(version) if !versions.is_empty() => {
            let near = versions
                .iter()
                .map(|p| format!("{name}={}", p.version()))
                .collect();
            (
                format!("no enabled repository has version `{version}` of `{name}`"),
                near,
            )
        }
        _ if providers.len() > 1 => {
            let near = providers.iter().map(|p| p.name().to_owned()).collect();
            (
                format!(
                    "`{name}` is not a package, but a name that {} packages provide",
                    providers.len()
                ),
                near,
            )
        }
        _ => (
            format!("no enabled repository has a package `{name}`"),
            universe.nearest(name, 5),
        ),
    };
    let mut near: Vec<String> = near;
    near.dedup();
    near.truncate(5);
    let mut finding = Diagnostic::new(
        "package-not-found",
        Severity::Error,
        Source::Packages,
        item.name.span,
        message,
    )
    .help(format!("searched {}, {context}", searched(universe)));
    finding.file = item.name.file;
    finding.label = match near.as_slice() {
        [] => String::new().into(),
        [only] => format!("did you mean `{only}`?").into(),
        [first, rest @ ..] => {
            let rest: Vec<String> = rest.iter().map(|n| format!("`{n}`")).collect();
            format!("did you mean `{first}`, or {}?", rest.join(", ")).into()
        }
    };
    // Only a single near name that is a slip of the pen is certain enough for `--fix`.
    let safe = near.len() == 1 && versions.is_empty() && providers.is_empty();
    for other in near {
        let edits = vec![Edit {
            span: item.name.span,
            new_text: other.clone().into(),
        }];
        finding = finding.fix(Fix {
            title: format!("rename to `{other}`").into(),
            edits,
            safe,
        });
    }
    Some(finding)
}

/// `main` (63,412 packages, fetched 2 h ago).
fn searched(universe: &Universe) -> String {
    let one = |(alias, count, age): (&str, usize, std::time::Duration)| {
        let minutes = age.as_secs() / 60;
        let age = match minutes {
            0..=1 => "just now".to_owned(),
            2..=119 => format!("{minutes} min ago"),
            120..=2879 => format!("{} h ago", minutes / 60),
            _ => format!("{} days ago", minutes / 1440),
        };
        format!("`{alias}` ({} packages, fetched {age})", thousands(count))
    };
    universe.repositories().map(one).collect::<Vec<_>>().join(", ")
}

/// `63,412`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::testing;
    use apteryx_schema::description::model::At;
    use apteryx_schema::text::Span;

    fn item(kind: &str, name: &str) -> Item {
        let name = At {
            value: name.into(),
            file: Default::default(),
            span: Span::new(10, 10 + name.len() as u32),
        };
        let kind = ItemKind::of(kind).unwrap();
        Item::new(kind, name, Span::default())
    }

    #[test]
    fn a_misspelt_package_gets_its_place_near_names_and_a_fix() {
        let dir = tempfile::tempdir().unwrap();
        let text = "Package: openssh-server\nVersion: 1\n\nPackage: exim\nVersion: 1\nProvides: mta\n\nPackage: postfix\nVersion: 1\nProvides: mta, only\n";
        let universe = testing::universe(dir.path(), text);
        let items = [
            item("package", "openssh-sever"),
            item("package", "openssh-server"),
            item("package", "postfix=2"),
            item("package", "mta"),
            item("package", "only"),
            item("archive", "nothing.tar"),
        ];
        let found = judge(&items, &universe, "profile `Disk`, x86_64");
        assert_eq!(found.len(), 3, "{found:?}");
        let first = &found[0];
        assert_eq!(
            first.message,
            "no enabled repository has a package `openssh-sever`"
        );
        assert_eq!(first.label, "did you mean `openssh-server`?");
        assert_eq!(
            first.help.as_deref(),
            Some("searched `small` (3 packages, fetched just now), profile `Disk`, x86_64")
        );
        assert_eq!(
            (first.span, first.fixes[0].edits[0].new_text.as_str()),
            (Span::new(10, 23), "openssh-server")
        );
        assert!(first.fixes[0].safe && !found[1].fixes[0].safe);
        assert!(found[2].message.contains("2 packages provide"));
        assert_eq!(thousands(63_412), "63,412");
    }
}
