//! One value that several others do not go with: then it is that value which was changed, and it alone is told. Works
//! on the table of co-occurrence rules; judges no text of its own.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::cooccurrence::RULES;
use super::table::Test;
use crate::description::model::Element;

/// A value that does not go with what stands beside it.
pub(super) struct Misfit {
    /// The attribute that has the value.
    pub key: &'static str,
    /// The value that all the others go with.
    pub meant: &'static str,
    /// The attributes that it does not go with.
    pub attributes: Vec<&'static str>,
}

/// Attributes whose value decides which others there are.
const KEYS: [(&str, &str); 3] = [("type", "image"), ("type", "filesystem"), ("bootloader", "name")];

/// What only a disk has, beside the attributes of the table: as an element is called, and as messages name it.
const OF_DISKS: &[(&str, &str)] = &[
    ("oemconfig", "<oemconfig>"),
    ("systemdisk", "<systemdisk>"),
    ("partitions", "<partitions>"),
];

/// Attributes that stand with another only: they say no more than it does.
const DEPENDENT: &[&str] = &[
    "embed_verity_metadata",
    "embed_integrity_metadata",
    "integrity_legacy_hmac",
];

/// An attribute, the key that decides over it, and the key's values that it goes with.
type Row = (&'static str, &'static str, &'static [&'static str]);

/// The rules of that shape.
#[derive(Default)]
struct Rows {
    /// In the order of the table.
    all: Vec<Row>,
    /// By the attribute: where they stand.
    by_attribute: FxHashMap<&'static str, Vec<usize>>,
    /// Of sections: where they stand.
    of_sections: Vec<usize>,
}

impl Rows {
    /// Where the rules stand that are about what is there.
    fn given<'v>(
        &self,
        attributes: impl Iterator<Item = &'v str>,
        child: &dyn Fn(&str) -> bool,
    ) -> impl Iterator<Item = usize> {
        let there = move |name: &str| {
            let name = name.strip_prefix('<').and_then(|n| n.strip_suffix('>'));
            name.is_some_and(child)
        };
        let sections = self.of_sections.iter().copied();
        let sections = sections.filter(move |at| self.all.get(*at).is_some_and(|row| there(row.0)));
        let own = attributes.filter_map(|name| self.by_attribute.get(name));
        own.flatten().copied().chain(sections)
    }
}

/// Two at least speak against a value: most elements have none such, which is found out without a list.
fn doubtful<'v>(
    known: &Rows,
    element: &str,
    attributes: impl Iterator<Item = &'v str>,
    value: &dyn Fn(&str) -> Option<Cow<'v, str>>,
    child: &dyn Fn(&str) -> bool,
) -> bool {
    let values = KEYS.map(|(of, key)| value(key).filter(|_| of == element));
    let mut against = [0; KEYS.len()];
    let given = known.given(attributes, child);
    for (_, of, fitting) in given.filter_map(|at| known.all.get(at)) {
        let keys = KEYS.iter().zip(&values).zip(&mut against);
        for (((_, key), value), against) in keys {
            let fits = |value: &Cow<'_, str>| fitting.contains(&value.trim());
            if key == of && value.as_ref().is_some_and(|v| !fits(v)) {
                *against += 1;
            }
        }
    }
    against.iter().any(|count| *count > 1)
}

/// The rules of that shape, by element.
static ROWS: LazyLock<FxHashMap<&str, Rows>> = LazyLock::new(|| {
    let mut rows: FxHashMap<&str, Rows> = FxHashMap::default();
    for rule in RULES.iter().filter(|r| r.when.is_none()) {
        if let (Some(attribute), Test::IsOrAbsent(key, values)) = (rule.attribute, rule.must)
            && key.up == 0
            && KEYS.contains(&(rule.element, key.attribute))
        {
            let rows = rows.entry(rule.element).or_default();
            rows.by_attribute
                .entry(attribute)
                .or_default()
                .push(rows.all.len());
            rows.all.push((attribute, key.attribute, values));
        }
    }
    // Sections that only some images have.
    for rule in RULES.iter().filter(|r| r.attribute.is_none()) {
        if let (Test::IsOrAbsent(key, values), Some(name)) = (rule.must, section(rule.element))
            && (key.up, key.attribute) == (1, "image")
        {
            let rows = rows.entry("type").or_default();
            rows.of_sections.push(rows.all.len());
            rows.all.push((name, "image", values));
        }
    }
    for (_, name) in OF_DISKS {
        let rows = rows.entry("type").or_default();
        rows.of_sections.push(rows.all.len());
        rows.all.push((name, "image", &["oem"]));
    }
    rows
});

/// A section as messages name it.
fn section(element: &str) -> Option<&'static str> {
    match element {
        "bootloader" => Some("<bootloader>"),
        "containerconfig" => Some("<containerconfig>"),
        _ => None,
    }
}

/// The value of an element that two or more of its attributes speak against, and none speaks for. `attributes` are
/// those that it has, `value` is that of a key.
pub(super) fn of<'v>(
    element: &str,
    attributes: impl Iterator<Item = &'v str> + Clone,
    value: &dyn Fn(&str) -> Option<Cow<'v, str>>,
    child: &dyn Fn(&str) -> bool,
) -> Option<Misfit> {
    let known = ROWS.get(element)?;
    if !doubtful(known, element, attributes.clone(), value, child) {
        return None;
    }
    let mut given: Vec<usize> = known.given(attributes, child).collect();
    given.sort_unstable();
    let rows = given.iter().filter_map(|at| known.all.get(*at));
    let keys = KEYS.iter().filter(|(of, _)| *of == element);
    keys.filter_map(|(_, key)| one(element, key, rows.clone(), value, child))
        .next()
}

fn one<'v>(
    element: &str,
    key: &'static str,
    rows: impl Iterator<Item = &'static Row> + Clone,
    value: &dyn Fn(&str) -> Option<Cow<'v, str>>,
    child: &dyn Fn(&str) -> bool,
) -> Option<Misfit> {
    let given = || rows.clone().filter(|row| row.1 == key);
    given().nth(1)?;
    let current = value(key)?;
    let current = current.trim();
    // A value that there is not is the grammar's to tell.
    if !super::known(element, super::table::own(key), current) {
        return None;
    }
    let against = || given().filter(|row| !row.2.contains(&current));
    against().filter(|row| !DEPENDENT.contains(&row.0)).nth(1)?;
    let against: Vec<&Row> = against().collect();
    let all = |meant: &str| against.iter().all(|row| row.2.contains(&meant));
    let meant = against.first()?.2.iter().copied().find(|m| all(m))?;
    let speaks = |row: &Row| row.2.contains(&current) && !row.2.contains(&meant);
    let disk = key == "image" && current == "oem" && OF_DISKS.iter().any(|(name, _)| child(name));
    if disk || given().any(speaks) {
        return None;
    }
    Some(Misfit {
        key,
        meant,
        attributes: against.iter().map(|row| row.0).collect(),
    })
}

/// The same of an element of the model.
fn of_element(element: &Element) -> Option<Misfit> {
    let value = |name: &str| element.attrs.get(name).map(Cow::Borrowed);
    of(&element.name, element.attrs.names(), &value, &|name| {
        element.child(name).is_some()
    })
}

/// The type is said to be of another image than its attributes are: of this one.
pub(super) fn image(element: &Element) -> Option<&'static str> {
    of_element(element).filter(|m| m.key == "image").map(|m| m.meant)
}

/// The root's file system is not Btrfs, and what stands beside it says that it was.
pub(super) fn of_btrfs(element: &Element) -> bool {
    element.attrs.get("filesystem") != Some("btrfs")
        && element.attrs.names().any(|name| name.starts_with("btrfs_"))
}

/// The boot loader has another name than its attributes say.
pub(super) fn of_loader(element: &Element) -> bool {
    of_element(element).is_some()
}
