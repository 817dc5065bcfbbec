//! Plain data: what stands in a description, with its place. No look-up logic beyond trivial accessors, no I/O.

use std::path::PathBuf;

use crate::diagnostic::FileId;
use crate::text::Span;

/// A value and where it stands. For attributes the span is that between the quotes, for text the trimmed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// The text it stands in.
    pub file: FileId,
    /// Its bytes there.
    pub span: Span,
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
pub struct Attrs(pub Vec<(String, At<String>)>);

impl Attrs {
    /// The attribute with its place.
    pub fn at(&self, name: &str) -> Option<&At<String>> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The value, trimmed of white space.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.at(name).map(|v| v.value.trim())
    }

    /// The value as `xsd:boolean`: `true`/`1` and `false`/`0`; anything else is none.
    pub fn bool(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// The value as a number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// A comma separated list, trimmed, empty items left out.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.get(name)
            .unwrap_or("")
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
    pub name: String,
    /// The text it stands in.
    pub file: FileId,
    /// All its bytes.
    pub span: Span,
    /// The bytes of its name in the start tag.
    pub name_span: Span,
    /// Its attributes.
    pub attrs: Attrs,
    /// Its text, trimmed.
    pub text: String,
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
    pub profiles: Vec<At<String>>,
    /// Architectures named; empty for all.
    pub arches: Vec<At<String>>,
}

/// `<profiles><profile/></profiles>`.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name.
    pub name: At<String>,
    /// Its description.
    pub description: String,
    /// Selected when no profile is asked for.
    pub import: bool,
    /// Architectures it is for; empty for all.
    pub arches: Vec<At<String>>,
    /// Profiles it pulls in, with the architectures for which it does.
    pub requires: Vec<(At<String>, Filter)>,
    /// The element.
    pub element: Element,
}

/// `<type image="…">` with all it contains.
#[derive(Debug, Clone)]
pub struct ImageType {
    /// `image`: oem, iso, docker, ext4, …
    pub image: At<String>,
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
    /// The element, with `version`, `packagemanager`, `locale`, `keytable`, `timezone`, … as children.
    pub element: Element,
}

/// `<repository>`.
#[derive(Debug, Clone)]
pub struct Repository {
    /// When it is active.
    pub filter: Filter,
    /// `<source path>`.
    pub source: At<String>,
    /// `<signing key>` URIs.
    pub signing_keys: Vec<At<String>>,
    /// The element, with `alias`, `type`, `components`, `distribution`, `priority`, `imageonly`, … as attributes.
    pub element: Element,
}

/// One of `package`, `namedCollection`, `collectionModule`, `product`, `ignore`, `archive`, `file`.
#[derive(Debug, Clone)]
pub struct Item {
    /// When it is active (`arch`).
    pub filter: Filter,
    /// `name`.
    pub name: At<String>,
    /// The element; its name says which kind it is.
    pub element: Element,
}

/// `<packages>`.
#[derive(Debug, Clone)]
pub struct Packages {
    /// When it is active.
    pub filter: Filter,
    /// `type`: bootstrap, image, delete, uninstall, systemfiles, or an image type.
    pub kind: At<String>,
    /// Its items in the order of the text.
    pub items: Vec<Item>,
    /// The element.
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
