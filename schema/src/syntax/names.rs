//! Interned expanded names, and the namespace bindings in scope while a text is read.
//! Must not report faults: it answers what a prefix means, or that it means nothing.

use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::atom::Atom;
use super::last::LastPlaces;
use super::{Name, NameId};

/// Namespace of the prefix `xml`.
pub const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// Namespace of `xmlns` declarations.
pub const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// How many different names a usual document has at most: the tables grow beyond that.
const VOCABULARY: usize = 256;

/// The interned names of a tree.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub(crate) list: Vec<Name>,
    /// Hash of namespace and local part, to the newest id with it.
    first: FxHashMap<u64, u32>,
    /// For each name the next older one with the same hash, itself where there is none.
    older: Vec<u32>,
    /// For each name its hash.
    hashes: Vec<u64>,
}

impl Names {
    /// The names of an empty tree: id 0 is the empty name. Room for so many, where that is not more than a vocabulary has.
    pub(crate) fn new(room: usize) -> Self {
        let room = room.min(VOCABULARY);
        let mut names = Self {
            list: Vec::with_capacity(room),
            first: FxHashMap::with_capacity_and_hasher(room, FxBuildHasher),
            older: Vec::with_capacity(room),
            hashes: Vec::with_capacity(room),
        };
        names.intern(&"".into(), "");
        names
    }

    /// The id of a name, if the tree has it.
    pub fn find(&self, namespace: &str, local: &str) -> Option<NameId> {
        self.find_hashed(hash(namespace, local), namespace, local)
    }

    fn find_hashed(&self, hash: u64, namespace: &str, local: &str) -> Option<NameId> {
        let mut at = *self.first.get(&hash)?;
        loop {
            let name = self.list.get(at as usize)?;
            if *name.local == *local && *name.namespace == *namespace {
                return Some(NameId(at));
            }
            let next = *self.older.get(at as usize)?;
            if next == at {
                return None;
            }
            at = next;
        }
    }

    /// The id of a name, made where it is new.
    pub(crate) fn intern(&mut self, namespace: &Arc<str>, local: &str) -> NameId {
        let hash = hash(namespace, local);
        if let Some(id) = self.find_hashed(hash, namespace, local) {
            return id;
        }
        let id = self.list.len() as u32;
        let older = self.first.insert(hash, id).unwrap_or(id);
        self.older.push(older);
        self.hashes.push(hash);
        self.list.push(Name {
            namespace: namespace.clone(),
            local: Atom::hashed(local, hash),
        });
        NameId(id)
    }
}

impl Name {
    /// Of a namespace and a local part.
    pub(crate) fn new(namespace: Arc<str>, local: &str) -> Self {
        let local = Atom::hashed(local, hash(&namespace, local));
        Self { namespace, local }
    }
}

impl Names {
    /// The hash of a name: what `hash` makes of it.
    pub(crate) fn hash_of(&self, id: NameId) -> u64 {
        let at = id.0 as usize;
        match (self.hashes.get(at), self.list.get(at)) {
            (Some(&known), _) => known,
            (None, Some(name)) => hash(&name.namespace, &name.local),
            (None, None) => 0,
        }
    }
}

/// The hash of an expanded name.
pub(crate) fn hash(namespace: &str, local: &str) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    local.hash(&mut hasher);
    namespace.hash(&mut hasher);
    hasher.finish()
}

/// One `xmlns` declaration in scope.
struct Binding<'t> {
    prefix: &'t str,
    namespace: Arc<str>,
}

/// A raw name and what it came to, remembered.
#[derive(Clone, Copy)]
struct Seen<'t> {
    raw: &'t str,
    context: u32,
    id: NameId,
}

/// So many bindings are gone through without an index.
const FEW: usize = 16;

/// Key of a raw name that means the same in every context: attributes without a prefix.
const ANYWHERE: u32 = u32::MAX;

/// How a raw name resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    /// It has none, or a declared one.
    Good,
    /// It is not declared; it then counts as part of the local name.
    Undeclared,
    /// The colon stands at the wrong place, or there are two.
    Malformed,
}

/// The bindings in scope. A context number stands for one set of bindings, so that a raw name is resolved once in each.
pub(super) struct Scope<'t> {
    bindings: Vec<Binding<'t>>,
    /// Where each prefix is bound last, once there are many bindings.
    bound: LastPlaces<&'t str>,
    context: u32,
    contexts: u32,
    seen: Box<[Seen<'t>; 256]>,
    none: Arc<str>,
    xml: Arc<str>,
    xmlns: Arc<str>,
}

/// What to go back to when an element ends.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    bindings: u32,
    context: u32,
}

impl<'t> Scope<'t> {
    pub(super) fn new() -> Self {
        let nothing = Seen {
            raw: "",
            context: 0,
            id: NameId(0),
        };
        Self {
            bindings: Vec::new(),
            bound: LastPlaces::new(),
            context: 0,
            contexts: 0,
            seen: Box::new([nothing; 256]),
            none: "".into(),
            xml: XML_NAMESPACE.into(),
            xmlns: XMLNS_NAMESPACE.into(),
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            bindings: self.bindings.len() as u32,
            context: self.context,
        }
    }

    pub(super) fn restore(&mut self, mark: Mark) {
        self.bindings.truncate(mark.bindings as usize);
        self.bound.truncate(mark.bindings as usize);
        self.context = mark.context;
    }

    /// Opens a new context, for an element that declares namespaces.
    pub(super) fn enter(&mut self) {
        self.contexts += 1;
        self.context = self.contexts;
    }

    pub(super) fn bind(&mut self, prefix: &'t str, namespace: &str) {
        // The same few URIs again and again: share them.
        let known = self
            .bindings
            .iter()
            .rev()
            .take(8)
            .find(|b| *b.namespace == *namespace);
        let namespace = known
            .map(|b| b.namespace.clone())
            .unwrap_or_else(|| namespace.into());
        self.bindings.push(Binding { prefix, namespace });
    }

    /// The namespace of a prefix; `None` where it is not declared. The empty prefix asks for the default namespace.
    fn namespace(&mut self, prefix: &'t str) -> Option<Arc<str>> {
        match prefix {
            "xml" => return Some(self.xml.clone()),
            "xmlns" => return Some(self.xmlns.clone()),
            _ => {}
        }
        let found = if self.bindings.len() <= FEW {
            self.bindings.iter().rev().find(|b| b.prefix == prefix)
        } else {
            while let Some(binding) = self.bindings.get(self.bound.known()) {
                self.bound.push(binding.prefix);
            }
            self.bound.last(prefix).and_then(|at| self.bindings.get(at))
        };
        match found {
            Some(b) if b.namespace.is_empty() && !prefix.is_empty() => None,
            Some(b) => Some(b.namespace.clone()),
            None if prefix.is_empty() => Some(self.none.clone()),
            None => None,
        }
    }

    /// The id of an element's name.
    #[inline]
    pub(super) fn element(&mut self, names: &mut Names, raw: &'t str) -> (NameId, Prefix) {
        self.resolve(names, raw, self.context, false)
    }

    /// The id of an attribute's name.
    #[inline]
    pub(super) fn attribute(&mut self, names: &mut Names, raw: &'t str) -> (NameId, Prefix) {
        // Nothing with a colon is remembered so.
        if let Some(id) = self.seen(raw, ANYWHERE) {
            return (id, Prefix::Good);
        }
        let colon = raw.as_bytes().contains(&b':');
        let context = if colon { self.context } else { ANYWHERE };
        self.resolve(names, raw, context, true)
    }

    /// What a raw name came to before in that context.
    #[inline(always)]
    fn seen(&self, raw: &str, context: u32) -> Option<NameId> {
        let seen = self.seen.get(slot(raw))?;
        (seen.context == context && seen.raw == raw).then_some(seen.id)
    }

    #[inline]
    fn resolve(
        &mut self,
        names: &mut Names,
        raw: &'t str,
        context: u32,
        attribute: bool,
    ) -> (NameId, Prefix) {
        // Attributes and elements differ only without a prefix, where attributes have the key ANYWHERE.
        if let Some(id) = self.seen(raw, context) {
            return (id, Prefix::Good);
        }
        let (id, prefix) = self.resolve_slowly(names, raw, attribute);
        if prefix == Prefix::Good
            && let Some(seen) = self.seen.get_mut(slot(raw))
        {
            *seen = Seen { raw, context, id };
        }
        (id, prefix)
    }

    #[cold]
    fn resolve_slowly(&mut self, names: &mut Names, raw: &'t str, attribute: bool) -> (NameId, Prefix) {
        if attribute && raw == "xmlns" {
            return (names.intern(&self.xmlns.clone(), raw), Prefix::Good);
        }
        // Few names have a colon, and to look at bytes is quicker.
        let parts = raw.as_bytes().contains(&b':').then(|| raw.split_once(':'));
        let Some((prefix, local)) = parts.flatten() else {
            let namespace = if attribute { None } else { self.namespace("") };
            return (
                names.intern(namespace.as_ref().unwrap_or(&self.none.clone()), raw),
                Prefix::Good,
            );
        };
        if prefix.is_empty()
            || local.contains(':')
            || super::chars::name_end(local, 0) != local.len()
            || local.is_empty()
        {
            return (names.intern(&self.none.clone(), raw), Prefix::Malformed);
        }
        if !attribute && prefix == "xmlns" {
            return (names.intern(&self.none.clone(), raw), Prefix::Undeclared);
        }
        match self.namespace(prefix) {
            Some(namespace) => (names.intern(&namespace, local), Prefix::Good),
            None => (names.intern(&self.none.clone(), raw), Prefix::Undeclared),
        }
    }
}

/// True where a name has a colon between two names, as a prefix has.
pub(crate) fn has_prefix(raw: &str) -> bool {
    raw.contains(':') && !raw.starts_with(':') && !raw.ends_with(':')
}

/// True where a colon cannot be meant to end a prefix, because a part beside it is no name at all: to XML 1.0 without
/// namespaces it is then a letter as any other, and the text is well-formed. `foo:` and `:foo` are halves of a name.
pub(super) fn colon_is_a_letter(raw: &str) -> bool {
    let whole = |part: &str| super::chars::name_end(part, 0) == part.len();
    raw.split(':').all(str::is_empty) || !raw.split(':').all(whole)
}

#[inline]
fn slot(raw: &str) -> usize {
    let bytes = raw.as_bytes();
    let len = bytes.len();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0) as usize;
    (len.wrapping_mul(29)
        ^ byte(0).wrapping_mul(7)
        ^ byte(len / 2).wrapping_mul(53)
        ^ byte(len.wrapping_sub(1)).wrapping_mul(151))
        & 255
}
