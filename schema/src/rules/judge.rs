//! Judges the co-occurrence rules on a tree: one walk over the elements, each looked up once by its name.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::code;
use super::cooccurrence::RULES;
use super::found::MOST;
use super::judge_value::{explains, misfit, values, with_lvm};
use super::misfit::{Misfit, Values};
use super::siblings;
use super::table::{Key, Rule, Test};
use super::words;
use crate::diagnostic::{Diagnostic, Edit, FileId, Fix, Source};
use crate::syntax::{Attr, NodeId, Tree};

/// A rule, and the values that it is against, where these say all.
type Weighed = (&'static Rule, Option<Values>);

/// The rules about one element.
#[derive(Default)]
struct Rules {
    /// All, in the order of the table.
    all: Vec<&'static Rule>,
    /// Those about the element itself.
    own: Vec<Weighed>,
    /// Those about an attribute.
    by_attribute: FxHashMap<&'static str, Vec<Weighed>>,
}

/// The rules by the element they are about.
static BY_ELEMENT: LazyLock<FxHashMap<&str, Rules>> = LazyLock::new(|| {
    let mut map: FxHashMap<&str, Rules> = FxHashMap::default();
    for rule in RULES {
        let of = map.entry(rule.element).or_default();
        of.all.push(rule);
        match rule.attribute {
            Some(attribute) => of.by_attribute.entry(attribute).or_default(),
            None => &mut of.own,
        }
        .push((rule, Values::against(rule)));
    }
    map
});

pub(super) fn rules_of(element: &str) -> &'static [&'static Rule] {
    BY_ELEMENT.get(element).map_or(&[], |rules| &rules.all)
}

/// Every rule that does not hold in a tree.
pub(super) fn tree(tree: &Tree, file: FileId, managers: &[&str], out: &mut Vec<Diagnostic>) {
    let Some(root) = tree.root() else { return };
    let first = out.len();
    let modules = tree.find_name("", "collectionModule").is_some();
    let firsts = siblings::Firsts::default();
    // Of the type that was walked into last, what does not go with its others.
    let mut odd_type = (root, None);
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        if out.len() >= MOST {
            break;
        }
        let name = tree.local(id);
        if let Some(rules) = BY_ELEMENT.get(name) {
            element(tree, id, rules, managers, &firsts, &mut odd_type, out);
        }
        // The long lists hold nothing that a rule is about, save modules.
        if name == "packages" {
            let listed = tree.elements(id).filter(|_| modules);
            open.extend(listed.filter(|&c| tree.local(c) == "collectionModule"));
        } else {
            open.extend(tree.elements(id));
        }
    }
    for found in out.iter_mut().skip(first) {
        found.file = file;
        for note in &mut found.notes {
            note.file = file;
        }
    }
}

/// The rules that do not hold for one element.
fn element(
    tree: &Tree,
    id: NodeId,
    rules: &Rules,
    managers: &[&str],
    firsts: &siblings::Firsts,
    odd_type: &mut (NodeId, Option<Misfit>),
    out: &mut Vec<Diagnostic>,
) {
    let name = tree.local(id);
    let lvm = with_lvm(tree, id);
    let by_lvm = lvm.is_some();
    out.extend(lvm);
    let values = values(tree, id);
    let mut own = misfit(tree, id, values).map(|(found, odd)| {
        out.push(found);
        odd
    });
    if name == "type" {
        *odd_type = (id, own.take());
    }
    // The type's own value is the fault, not what stands below it.
    let of_type = |of: NodeId| odd_type.1.as_ref().filter(|_| odd_type.0 == of);
    let odd = own.as_ref().or(of_type(id));
    let parent = match name {
        "bootloader" | "containerconfig" => of_type(tree.node(id).parent),
        _ => None,
    };
    let told = |rule: &Rule| {
        let own = odd.is_some_and(|odd| explains(odd, rule, 0));
        let lvm = by_lvm && matches!(rule.must, Test::NoChildWithTrue(..));
        own || lvm || parent.is_some_and(|odd| explains(odd, rule, 1))
    };
    let broken = |rules: &[Weighed]| {
        let holds = |against: &Option<Values>| against.is_some_and(|against| !values.meet(against));
        let open = rules.iter().filter(|(_, against)| !holds(against));
        let mut each = open.filter(|(rule, _)| !told(rule));
        each.find_map(|(rule, _)| siblings::first(tree, id, rule, managers, firsts))
    };
    for attribute in tree.attrs(id) {
        let known = tree.name(attribute.name);
        if let Some(rules) = rules
            .by_attribute
            .get(&*known.local)
            .filter(|_| known.namespace.is_empty())
        {
            // One message for one attribute: the first rule it breaks.
            if let Some(found) = broken(rules) {
                out.push(found);
            }
        }
    }
    for rule in &rules.own {
        if let Some(found) = broken(std::slice::from_ref(rule)) {
            out.push(found);
        }
    }
}

pub(super) fn judge(tree: &Tree, id: NodeId, rule: &Rule, managers: &[&str]) -> Option<Diagnostic> {
    let attr = match rule.attribute {
        Some(name) => Some(tree.attr(id, name)?),
        None => None,
    };
    let scope = Scope {
        tree,
        id,
        above: 0,
        managers,
    };
    if rule.when.is_some_and(|when| !scope.applies(&when)) || scope.holds(&rule.must) {
        return None;
    }
    let known = code(rule.code)?;
    // A value that is wrong in itself is the place, else the attribute that does not belong.
    let of_value = matches!(rule.must, Test::Not(..) | Test::AtMost(..) | Test::AtMostText(..));
    let span = match attr {
        Some(a) if of_value => a.value_span,
        Some(a) => a.name_span,
        None => tree.node(id).name_span,
    };
    let subject = match rule.attribute {
        Some(name) => format!("`{name}`"),
        None => format!("`<{}>`", rule.element),
    };
    let (message, label) = scope.say(rule, &subject);
    let mut found = Diagnostic::new(known.code, known.severity, Source::Rules, span, message).label(label);
    found.help = Some(known.consequence.to_owned().into());
    if let Some(fix) = attr
        .filter(|_| !of_value)
        .and_then(|a| without(tree, a, rule.attribute?))
    {
        found.fixes.push(fix);
        super::judge_other::add(tree, id, rule, &mut found);
    }
    Some(found)
}

/// A rule about an element itself that asks for more where a key has this value, and does not hold.
pub(super) fn lacks(tree: &Tree, id: NodeId, key: &str, value: &str) -> bool {
    let scope = Scope {
        tree,
        id,
        above: 0,
        managers: &[],
    };
    let of_value = |rule: &&&Rule| {
        rule.attribute.is_none()
            && matches!(rule.when, Some(Test::Is(k, values)) if k.up == 0 && k.attribute == key && values.contains(&value))
    };
    let mut rules = rules_of(tree.local(id)).iter().filter(of_value);
    rules.any(|rule| matches!(rule.must, Test::Given(_)) && !scope.holds(&rule.must))
}

/// Removes an attribute with the white space before it, where the text is XML.
pub(super) fn without(tree: &Tree, attr: &Attr, name: &str) -> Option<Fix> {
    (attr.name_span.of(tree.text()) == name).then(|| Fix {
        title: format!("remove `{name}`").into(),
        edits: vec![Edit {
            span: tree.with_blanks(attr),
            new_text: String::new().into(),
        }],
        safe: false,
    })
}

/// An element, and the way to the values that rules look at.
struct Scope<'t> {
    tree: &'t Tree,
    id: NodeId,
    /// 1 where `id` is the parent of an element that is not written yet.
    above: u8,
    managers: &'t [&'t str],
}

impl<'t> Scope<'t> {
    fn holder(&self, up: u8) -> NodeId {
        (self.above..up).fold(self.id, |id, _| self.tree.node(id).parent)
    }

    fn get(&self, key: Key) -> Option<Cow<'t, str>> {
        if key.up < self.above {
            return None;
        }
        let value = self.tree.attr_value(self.holder(key.up), key.attribute)?;
        Some(match value {
            Cow::Borrowed(v) => Cow::Borrowed(v.trim()),
            Cow::Owned(v) => Cow::Owned(v.trim().to_owned()),
        })
    }

    /// A value that the grammar refuses is judged by the grammar alone: every rule holds for it.
    fn one_of(&self, key: Key, values: &[&str], absent: bool) -> bool {
        match self.get(key) {
            Some(v) => values.contains(&&*v) || !super::known(self.tree.local(self.holder(key.up)), key, &v),
            None => absent,
        }
    }

    fn is_true(&self, key: Key) -> bool {
        matches!(self.get(key).as_deref(), Some("true" | "1"))
    }

    /// A condition that a rule begins with: no rule begins at a value that the grammar refuses.
    fn applies(&self, test: &Test) -> bool {
        let refused = |key: Key| {
            let value = self.get(key);
            value.is_some_and(|v| !super::known(self.tree.local(self.holder(key.up)), key, &v))
        };
        match *test {
            Test::Is(key, _) | Test::IsOrAbsent(key, _) if refused(key) => false,
            _ => self.holds(test),
        }
    }

    fn holds(&self, test: &Test) -> bool {
        match *test {
            Test::Is(key, values) => self.one_of(key, values, false),
            Test::IsOrAbsent(key, values) => self.one_of(key, values, true),
            Test::Not(key, values) => !self.get(key).is_some_and(|v| values.contains(&&*v)),
            Test::Begins(key, heads) => self
                .get(key)
                .is_some_and(|v| heads.iter().any(|h| v.starts_with(h))),
            Test::BeginsOrAbsent(key, heads) => self.get(key).is_none_or(|v| {
                let known = super::known(self.tree.local(self.holder(key.up)), key, &v);
                !known || heads.iter().any(|h| v.starts_with(h))
            }),
            Test::Given(key) => self.get(key).is_some(),
            Test::Absent(key) => self.get(key).is_none(),
            Test::AnyTrue(keys) => keys.iter().any(|&k| self.is_true(k)),
            Test::NoChildWithTrue(child, attribute) => !self.tree.elements(self.id).any(|c| {
                self.tree.local(c) == child
                    && matches!(
                        self.tree.attr_value(c, attribute).as_deref().map(str::trim),
                        Some("true" | "1")
                    )
            }),
            Test::Child(name) => self.tree.elements(self.id).any(|c| self.tree.local(c) == name),
            Test::AtMostText(key) => {
                let number = self.get(key).and_then(|v| v.parse::<u64>().ok());
                let text = self.tree.element_text(self.id).trim().parse::<u64>().ok();
                // Where one is no number the grammar speaks.
                number.zip(text).is_none_or(|(n, t)| n <= t)
            }
            Test::AtMost(key, limit) => {
                let number = self.get(key).and_then(|v| v.parse::<u64>().ok());
                number.is_none_or(|n| n <= limit)
            }
            Test::Manager(name) => self.managers.contains(&name),
        }
    }

    /// The message and the words under the underline.
    fn say(&self, rule: &Rule, subject: &str) -> (String, String) {
        let place = |up: u8| {
            if up == 0 {
                String::new()
            } else {
                format!(" on `<{}>`", self.tree.local(self.holder(up)))
            }
        };
        let now = |key: Key| {
            self.get(key)
                .map_or_else(String::new, |v| format!("`{}=\"{v}\"`", key.attribute))
        };
        match rule.must {
            Test::Is(key, values) | Test::IsOrAbsent(key, values) => {
                let only = format!("only for {}", words(values, "and"));
                let message = match self.get(key) {
                    Some(_) => format!("{subject} is not for {}", now(key)),
                    None => format!(
                        "{subject} needs `{}=\"{}\"`{}",
                        key.attribute,
                        values.first().unwrap_or(&""),
                        place(key.up)
                    ),
                };
                (message, only)
            }
            Test::Not(key, values) => (
                format!(
                    "the name `{}` is taken by the disk's own partitions",
                    self.get(key).unwrap_or_default()
                ),
                format!("another than {}", words(values, "and")),
            ),
            Test::Begins(key, heads) | Test::BeginsOrAbsent(key, heads) => {
                let begin = words(heads, "or");
                let message = format!(
                    "{subject} needs a `{}` that begins with {begin}{}",
                    key.attribute,
                    place(key.up)
                );
                (message, format!("a disk has it only inside a container, {begin}"))
            }
            Test::Given(key) => match (rule.when, rule.attribute) {
                (Some(Test::Is(kind, _)), None) => (
                    format!("{} needs `{}`", now(kind), key.attribute),
                    format!("add `{}=\"…\"`", key.attribute),
                ),
                _ => (
                    format!("{subject} needs `{}`{}", key.attribute, place(key.up)),
                    format!("has no effect without `{}`", key.attribute),
                ),
            },
            Test::Child(name) => {
                let kind = match rule.when {
                    Some(Test::Is(key, _)) => now(key),
                    _ => subject.to_owned(),
                };
                (
                    format!("{kind} needs a `<{name}>`"),
                    format!("add `<{name}>` inside"),
                )
            }
            Test::AnyTrue(keys) => {
                let needs: Vec<String> = keys
                    .iter()
                    .map(|k| format!("`{}=\"true\"`", k.attribute))
                    .collect();
                let up = keys.first().map_or(0, |k| k.up);
                (
                    format!("{subject} needs {}{}", needs.join(" or "), place(up)),
                    "has no effect without".to_owned(),
                )
            }
            Test::NoChildWithTrue(child, attribute) => (
                format!("{subject} does not go with `{attribute}=\"true\"` of `<{child}>`"),
                "logical volumes leave no subvolume to set up".to_owned(),
            ),
            Test::Absent(key) => (
                format!("{subject} does not go with `{}`", key.attribute),
                String::new(),
            ),
            Test::AtMostText(key) => (
                format!(
                    "{} MB or GB without a partition do not fit into {}",
                    self.get(key).unwrap_or_default(),
                    self.tree.element_text(self.id).trim()
                ),
                "at most the size itself".to_owned(),
            ),
            Test::AtMost(key, limit) => (
                format!(
                    "{subject} is {}, more than the {limit} that work",
                    self.get(key).unwrap_or_default()
                ),
                format!("at most {limit}"),
            ),
            Test::Manager(name) => (
                format!("{subject} needs the package manager `{name}`"),
                format!("only with `<packagemanager>{name}</packagemanager>`"),
            ),
        }
    }
}

/// True where no rule is against an attribute on an element as it stands.
pub(super) fn attribute_applies(tree: &Tree, element: NodeId, attribute: &str) -> bool {
    applies(tree, element, 0, tree.local(element), Some(attribute))
}

/// True where no rule is against a child of that name in an element as it stands.
pub(super) fn child_applies(tree: &Tree, parent: NodeId, child: &str) -> bool {
    applies(tree, parent, 1, child, None)
}

fn applies(tree: &Tree, id: NodeId, above: u8, element: &str, attribute: Option<&str>) -> bool {
    let scope = Scope {
        tree,
        id,
        above,
        managers: super::MANAGERS,
    };
    // What is missing beside it can still be written; what is there already decides.
    let decides = |r: &&&Rule| matches!(r.must, Test::Is(..) | Test::IsOrAbsent(..));
    let counts = |r: &&&Rule| match r.when {
        None => true,
        // It is about to be written.
        Some(Test::Given(_)) => true,
        Some(when) => scope.holds(&when),
    };
    let rules = rules_of(element).iter().filter(|r| r.attribute == attribute);
    rules.filter(decides).filter(counts).all(|r| match r.must {
        Test::Is(key, values) => scope.one_of(key, values, true),
        must => scope.holds(&must),
    })
}

/// The images that have an attribute of `<type>`; none where all have it.
pub(super) fn images(attribute: &str) -> Option<&'static [&'static str]> {
    rules_of("type").iter().find_map(|r| match r.must {
        Test::IsOrAbsent(key, images) if r.attribute == Some(attribute) && key.attribute == "image" => {
            Some(images)
        }
        _ => None,
    })
}
