//! One value that several others do not go with: then it is that value which was changed, and it alone is told. Works
//! on the table of co-occurrence rules; judges no text of its own.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::cooccurrence::RULES;
use super::table::{Rule, Test};
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

/// Of each key the bits of some of its values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values([u32; KEYS.len()]);

impl Values {
    /// Those that an element has, of which `value` is that of a key.
    pub fn of<'v>(element: &str, value: &dyn Fn(&str) -> Option<Cow<'v, str>>) -> Self {
        Self(KEYS.map(|(of, key)| match of == element {
            true => value(key).map_or(0, |v| bit(key, v.trim())),
            false => 0,
        }))
    }

    /// Those that a rule is against: of a rule that asks for nothing but one of some values of a key, or none.
    pub fn against(rule: &Rule) -> Option<Self> {
        match (rule.when, rule.must) {
            (None, Test::IsOrAbsent(key, values))
                if key.up == 0 && KEYS.contains(&(rule.element, key.attribute)) =>
            {
                Some(Self::others(key.attribute, values))
            }
            _ => None,
        }
    }

    /// All of a key but these.
    fn others(key: &str, these: &[&str]) -> Self {
        Self(KEYS.map(|(_, of)| match of == key {
            true => these.iter().fold(u32::MAX, |all, value| all & !bit(key, value)),
            false => 0,
        }))
    }

    /// Some are among others.
    pub fn meet(self, others: Self) -> bool {
        self.0.iter().zip(others.0).any(|(own, other)| own & other != 0)
    }
}

/// An attribute, the key that decides over it, the key's values that it goes with, and those that speak against it.
type Row = (&'static str, &'static str, &'static [&'static str], Values);

fn row(attribute: &'static str, key: &'static str, fitting: &'static [&'static str]) -> Row {
    (attribute, key, fitting, Values::others(key, fitting))
}

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
        let sections = self.of_sections.iter().copied();
        let sections = sections.filter(move |at| self.all.get(*at).is_some_and(|row| there(row.0, child)));
        let own = attributes.filter_map(|name| self.by_attribute.get(name));
        own.flatten().copied().chain(sections)
    }
}

/// The values that a key may have.
fn values(key: &str) -> &'static [&'static str] {
    match key {
        "image" => super::IMAGES,
        "filesystem" => super::FILESYSTEMS,
        _ => super::LOADERS,
    }
}

/// The bit of a key's value, of none where there is no such value.
fn bit(key: &str, value: &str) -> u32 {
    let at = values(key).iter().position(|v| *v == value);
    at.and_then(|at| 1_u32.checked_shl(at as u32)).unwrap_or(0)
}

/// Two at least speak against a value: most elements have none such, which is found out without a list.
fn doubtful<'v>(
    known: &Rows,
    attributes: impl Iterator<Item = &'v str>,
    own: Values,
    child: &dyn Fn(&str) -> bool,
) -> bool {
    let mut against = [0; KEYS.len()];
    let mut count = |row: &Row| {
        let each = against.iter_mut().zip(own.0).zip(row.3.0);
        each.for_each(|((n, own), against)| *n += u32::from(own & against != 0));
    };
    let given = attributes.filter_map(|name| known.by_attribute.get(name));
    given
        .flatten()
        .filter_map(|at| known.all.get(*at))
        .for_each(&mut count);
    // Whether there is such a section is asked where it would count.
    let sections = known.of_sections.iter().filter_map(|at| known.all.get(*at));
    let counts = |row: &&Row| own.meet(row.3);
    sections
        .filter(counts)
        .filter(|row| there(row.0, child))
        .for_each(count);
    against.iter().any(|count| *count > 1)
}

/// There is a section that messages name so.
fn there(name: &str, child: &dyn Fn(&str) -> bool) -> bool {
    let name = name.strip_prefix('<').and_then(|n| n.strip_suffix('>'));
    name.is_some_and(child)
}

/// The rules of that shape, by element.
static ROWS: LazyLock<FxHashMap<&str, Rows>> = LazyLock::new(|| {
    let mut rows: FxHashMap<&str, Rows> = FxHashMap::default();
    for rule in RULES.iter().filter(|r| Values::against(r).is_some()) {
        if let (Some(attribute), Test::IsOrAbsent(key, values)) = (rule.attribute, rule.must) {
            let rows = rows.entry(rule.element).or_default();
            rows.by_attribute
                .entry(attribute)
                .or_default()
                .push(rows.all.len());
            rows.all.push(row(attribute, key.attribute, values));
        }
    }
    // Sections that only some images have.
    for rule in RULES.iter().filter(|r| r.attribute.is_none()) {
        if let (Test::IsOrAbsent(key, values), Some(name)) = (rule.must, section(rule.element))
            && (key.up, key.attribute) == (1, "image")
        {
            let rows = rows.entry("type").or_default();
            rows.of_sections.push(rows.all.len());
            rows.all.push(row(name, "image", values));
        }
    }
    for (_, name) in OF_DISKS {
        let rows = rows.entry("type").or_default();
        rows.of_sections.push(rows.all.len());
        rows.all.push(row(name, "image", &["oem"]));
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
/// those that it has, `own` are its values, `value` is that of a key.
pub(super) fn of<'v>(
    element: &str,
    attributes: impl Iterator<Item = &'v str> + Clone,
    own: Values,
    value: &dyn Fn(&str) -> Option<Cow<'v, str>>,
    child: &dyn Fn(&str) -> bool,
) -> Option<Misfit> {
    let known = ROWS.get(element)?;
    if !doubtful(known, attributes.clone(), own, child) {
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
    let own = Values::of(&element.name, &value);
    of(&element.name, element.attrs.names(), own, &value, &|name| {
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
