//! The typed model of a description: every value with its span, includes resolved with their origin, and the view
//! for one choice of profiles, type and architecture. Builder and language server read this one model.
//!
//! The model is read from a migrated tree (version 8.5). It is filled as far as the text goes: a broken description
//! gives a partial model, never an error. Findings are the business of `validate` and `rules`.

pub mod folder;
mod include_near;
pub mod load;
pub mod model;
pub(crate) mod profiles;
mod read;
mod string;
pub mod view;
mod view_error;

pub use folder::Folder;
pub use load::{LoadError, LoadOptions, Loaded, find, load, load_text, load_tree};
pub use read::from_tree;
pub use view::{PackageKind, PackageList, View, host_arch};
pub use view_error::{ViewError, nearest};

/// A description says that other files belong to it.
pub fn has_includes(tree: &crate::syntax::Tree) -> bool {
    let root = tree.root().filter(|&root| tree.local(root) == "image");
    root.is_some_and(|root| tree.elements(root).any(|c| tree.local(c) == "include"))
}

/// The model of a text without includes; repairs look at the text that they replace.
pub fn alone(path: &std::path::Path, tree: &crate::syntax::Tree) -> model::Image {
    let mut image = from_tree(tree, crate::diagnostic::FileId::default());
    image.files.push(model::File {
        path: path.to_owned(),
        text: tree.text().clone(),
    });
    image
}

/// Scripts that a build looks for by name, beside the description; all optional.
pub const SCRIPTS: [&str; 7] = [
    "post_bootstrap.sh",
    "config.sh",
    "config-overlay.sh",
    "config-host-overlay.sh",
    "images.sh",
    "pre_disk_sync.sh",
    "disk.sh",
];
