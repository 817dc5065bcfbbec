//! Plain data: what stands in a description, with its place. No look-up logic beyond trivial accessors, no I/O.

use std::path::PathBuf;

pub use crate::description::string::Str;
use crate::diagnostic::FileId;
use crate::syntax::Atom;
use crate::text::Span;

/// A value and where it stands. For attributes the span is that between the quotes, for text the trimmed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T = Str> {
    /// The value.
    pub value: T,
    /// The text it stands in.
    pub file: FileId,
    /// Its bytes there.
    pub span: Span,
}

impl<T> At<T> {
    /// Where it stands.
    pub fn place(&self) -> At<()> {
        At {
            value: (),
            file: self.file,
            span: self.span,
        }
    }
}

/// One text of a description: the file itself (0) or an include.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path, as given for the description itself, resolved for an include.
    pub path: PathBuf,
    /// Its text, as decoded.
    pub text: std::sync::Arc<str>,
}

/// Attributes of an element after migration, by local name, in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Attrs {
    list: Vec<(Atom, At)>,
    /// The bits of their names: most elements do not have most attributes that are asked for.
    bits: u64,
}

/// The bit of a name, which some others share.
#[inline]
const fn bit(name: &str) -> u64 {
    let name = name.as_bytes();
    match name {
        [first, .., last] => 1 << ((*first as usize * 5 + *last as usize * 3 + name.len()) & 63),
        _ => 1,
    }
}

impl From<Vec<(Atom, At)>> for Attrs {
    fn from(list: Vec<(Atom, At)>) -> Self {
        let bits = list.iter().fold(0, |bits, (name, _)| bits | bit(name));
        Self { list, bits }
    }
}

impl Attrs {
    /// None at all.
    pub const NONE: Self = Self {
        list: Vec::new(),
        bits: 0,
    };

    /// The attribute with its place.
    #[inline]
    pub fn at(&self, name: &str) -> Option<&At> {
        if self.bits & bit(name) == 0 {
            return None;
        }
        self.find(name)
    }

    fn find(&self, name: &str) -> Option<&At> {
        self.list.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// Their names, in the order of the text.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.list.iter().map(|(name, _)| &**name)
    }

    /// The value, trimmed of white space.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.at(name).map(|v| v.value.trim())
    }

    /// The value as `xsd:boolean`: `true`/`1` and `false`/`0`; anything else is none.
    #[inline]
    pub fn bool(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// The attribute with its place, where its value is true.
    pub fn on(&self, name: &str) -> Option<&At> {
        self.at(name).filter(|_| self.bool(name) == Some(true))
    }

    /// The value as a number.
    #[inline]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// A comma separated list, trimmed, empty items left out.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        value
            .split(',')
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .collect()
    }
}

/// An element kept whole: its name, attributes, text and child elements. Sections that the model does not type
/// further are of this shape.
#[derive(Debug, Clone, Default)]
pub struct Element {
    /// Local name.
    pub name: Atom,
    /// The text it stands in.
    pub file: FileId,
    /// All its bytes.
    pub span: Span,
    /// The bytes of its name in the start tag.
    pub name_span: Span,
    /// Its attributes.
    pub attrs: Attrs,
    /// Its text, trimmed.
    pub text: Str,
    /// Where the trimmed text stands.
    pub text_span: Span,
    /// Child elements in the order of the text.
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// All children of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> + 'a {
        self.children.iter().filter(move |c| c.name == name)
    }
}

/// `profiles="a,b"` and `arch="x,y"` of a section or an item: when it is active.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Profiles named; empty for always.
    pub profiles: Vec<At>,
    /// Architectures named; empty for all.
    pub arches: Vec<At>,
}

/// `<profiles><profile/></profiles>`.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name.
    pub name: At,
    /// Its description.
    pub description: String,
    /// Selected when no profile is asked for.
    pub import: bool,
    /// Architectures it is for; empty for all.
    pub arches: Vec<At>,
    /// Profiles it pulls in, with the architectures for which it does.
    pub requires: Vec<(At, Filter)>,
    /// The element.
    pub element: Element,
}

/// `<type image="…">` with all it contains.
#[derive(Debug, Clone)]
pub struct ImageType {
    /// `image`: oem, iso, docker, ext4, …
    pub image: At,
    /// The element: attributes and sections (`bootloader`, `size`, `systemdisk`, `partitions`, `containerconfig`, …).
    pub element: Element,
}

/// `<preferences>`.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// When it is active.
    pub filter: Filter,
    /// Its types, in order.
    pub types: Vec<ImageType>,
    /// The element, with `version`, `packagemanager`, `locale`, `keytable`, `timezone`, … as children; its types are
    /// in `types` alone.
    pub element: Element,
}

/// `<repository>`.
#[derive(Debug, Clone)]
pub struct Repository {
    /// When it is active.
    pub filter: Filter,
    /// `<source path>`.
    pub source: At,
    /// `<signing key>` URIs.
    pub signing_keys: Vec<At>,
    /// The element, with `alias`, `type`, `components`, `distribution`, `priority`, `imageonly`, … as attributes.
    pub element: Element,
}

/// Which element an [`Item`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemKind {
    /// `<package>`.
    Package,
    /// `<namedCollection>`.
    Collection,
    /// `<collectionModule>`.
    Module,
    /// `<product>`.
    Product,
    /// `<ignore>`.
    Ignore,
    /// `<archive>`.
    Archive,
    /// `<file>`.
    File,
}

impl ItemKind {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::Package, "package"),
        (Self::Collection, "namedCollection"),
        (Self::Module, "collectionModule"),
        (Self::Product, "product"),
        (Self::Ignore, "ignore"),
        (Self::Archive, "archive"),
        (Self::File, "file"),
    ];

    /// The element's name.
    pub fn element(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(kind, _)| *kind == self);
        named.map_or("", |(_, name)| name)
    }

    /// The item that an element of that name is.
    pub fn of(element: &str) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(_, name)| *name == element);
        known.map(|(kind, _)| *kind)
    }
}

/// An entry of `<packages>`. Small: a description may have a hundred thousand that are nothing but a name.
#[derive(Debug, Clone)]
pub struct Item {
    /// Which element it is.
    pub kind: ItemKind,
    /// `name`, trimmed.
    pub name: At,
    /// All bytes of the element.
    pub span: Span,
    /// What most do not have.
    pub(super) more: Option<Box<More>>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct More {
    pub filter: Filter,
    pub attrs: Attrs,
}

impl Item {
    /// An item that is nothing but a name.
    pub fn new(kind: ItemKind, name: At, span: Span) -> Self {
        Self {
            kind,
            name,
            span,
            more: None,
        }
    }

    /// When it is active (`arch`).
    pub fn filter(&self) -> &Filter {
        static ALWAYS: Filter = Filter {
            profiles: Vec::new(),
            arches: Vec::new(),
        };
        self.more.as_ref().map_or(&ALWAYS, |m| &m.filter)
    }

    /// The name of the group of packages that it brings: a collection's, or a package's with an `@` before it, which
    /// `dnf` takes for one.
    pub fn group(&self) -> Option<&str> {
        match self.kind {
            ItemKind::Collection => Some(self.name.value.trim()),
            ItemKind::Package => self.name.value.trim().strip_prefix('@'),
            _ => None,
        }
    }

    /// Its attributes beside `name`.
    pub fn attrs(&self) -> &Attrs {
        static NONE: Attrs = Attrs::NONE;
        self.more.as_ref().map_or(&NONE, |m| &m.attrs)
    }
}

/// `<packages>`.
#[derive(Debug, Clone)]
pub struct Packages {
    /// When it is active.
    pub filter: Filter,
    /// `type`: bootstrap, image, delete, uninstall, systemfiles, or an image type.
    pub kind: At,
    /// Its items in the order of the text.
    pub items: Vec<Item>,
    /// The element, without the children that are `items`.
    pub element: Element,
}

/// `<users>`.
#[derive(Debug, Clone)]
pub struct Users {
    /// When it is active.
    pub filter: Filter,
    /// Its users: attributes `name`, `password`, `pwdformat`, `home`, `groups`, `shell`, `id`, `realname`.
    pub users: Vec<Element>,
}

/// Sections kept whole (`drivers`, `strip`, `containers`, `certificates`) with when they are active.
#[derive(Debug, Clone)]
pub struct Section {
    /// When it is active.
    pub filter: Filter,
    /// The element.
    pub element: Element,
}

/// A whole description at version 8.5, includes merged.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// `image/@name`, empty where it is missing.
    pub name: String,
    /// The `<image>` element's attributes.
    pub attrs: Attrs,
    /// The version the text was written at.
    pub written_version: String,
    /// `<description>`: author, contact, specification, license.
    pub description: Option<Element>,
    /// `<profile>`s.
    pub profiles: Vec<Profile>,
    /// `<preferences>`, in order.
    pub preferences: Vec<Preferences>,
    /// `<users>`.
    pub users: Vec<Users>,
    /// `<repository>`, in order.
    pub repositories: Vec<Repository>,
    /// `<packages>`, in order.
    pub packages: Vec<Packages>,
    /// `<drivers>`.
    pub drivers: Vec<Section>,
    /// `<strip>`.
    pub strip: Vec<Section>,
    /// `<containers>`.
    pub containers: Vec<Section>,
    /// `<certificates>`.
    pub certificates: Vec<Section>,
    /// The description's own file and its includes.
    pub files: Vec<File>,
}

impl Image {
    /// The accounts of all sections, in order.
    pub fn accounts(&self) -> impl Iterator<Item = &Element> {
        self.users.iter().flat_map(|section| &section.users)
    }
}
