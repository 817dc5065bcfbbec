//! The embedded grammar of KIWI descriptions. Its words and patterns are in `schema/grammar/*.rng`.

use std::path::{Path, PathBuf};

use super::{Grammar, Resolver, load};

const FILES: &[(&str, &str)] = &[
    ("bootloader.rng", include_str!("../../grammar/bootloader.rng")),
    ("cleanup.rng", include_str!("../../grammar/cleanup.rng")),
    ("container.rng", include_str!("../../grammar/container.rng")),
    ("containers.rng", include_str!("../../grammar/containers.rng")),
    ("datatypes.rng", include_str!("../../grammar/datatypes.rng")),
    ("description.rng", include_str!("../../grammar/description.rng")),
    ("disk.rng", include_str!("../../grammar/disk.rng")),
    ("image.rng", include_str!("../../grammar/image.rng")),
    ("kiwi.rng", include_str!("../../grammar/kiwi.rng")),
    ("machine.rng", include_str!("../../grammar/machine.rng")),
    ("oemconfig.rng", include_str!("../../grammar/oemconfig.rng")),
    ("packages.rng", include_str!("../../grammar/packages.rng")),
    ("preferences.rng", include_str!("../../grammar/preferences.rng")),
    ("profiles.rng", include_str!("../../grammar/profiles.rng")),
    ("repository.rng", include_str!("../../grammar/repository.rng")),
    (
        "type-container.rng",
        include_str!("../../grammar/type-container.rng"),
    ),
    ("type-disk.rng", include_str!("../../grammar/type-disk.rng")),
    (
        "type-filesystem.rng",
        include_str!("../../grammar/type-filesystem.rng"),
    ),
    ("type-install.rng", include_str!("../../grammar/type-install.rng")),
    ("type-live.rng", include_str!("../../grammar/type-live.rng")),
    (
        "type-sections.rng",
        include_str!("../../grammar/type-sections.rng"),
    ),
    (
        "type-security.rng",
        include_str!("../../grammar/type-security.rng"),
    ),
    ("type.rng", include_str!("../../grammar/type.rng")),
    ("users.rng", include_str!("../../grammar/users.rng")),
];

struct Embedded;

impl Resolver for Embedded {
    fn resolve(&self, _base: &Path, href: &str) -> Result<(PathBuf, String), String> {
        let file = FILES.iter().find(|(name, _)| *name == href);
        file.map(|(name, text)| (PathBuf::from(name), text.to_string()))
            .ok_or_else(|| "it is not embedded".to_string())
    }
}

/// The grammar; a test holds that it loads, so that the empty one never shows.
pub fn load() -> Grammar {
    let text = Embedded
        .resolve(Path::new(""), "kiwi.rng")
        .map(|f| f.1)
        .unwrap_or_default();
    load::load(PathBuf::from("kiwi.rng"), text, &Embedded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_grammar_conforms() {
        let text = Embedded.resolve(Path::new(""), "kiwi.rng").unwrap().1;
        let grammar = load::load(PathBuf::from("kiwi.rng"), text, &Embedded).unwrap();
        assert!(grammar.element_names().len() > 100);
    }
}
