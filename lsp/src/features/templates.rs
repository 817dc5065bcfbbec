//! Whole descriptions to begin with, for an empty text. Each is sound as it stands.

/// One template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// What is offered.
    pub label: &'static str,
    /// What it becomes.
    pub doc: &'static str,
    /// The text, with `NAME` for the image's name.
    pub text: &'static str,
}

/// All of them, the likeliest first.
pub const TEMPLATES: [Template; 2] = [
    Template {
        label: "image: a Debian disk",
        doc: "A disk that boots with BIOS and UEFI to a login prompt.",
        text: include_str!("templates/disk.xml"),
    },
    Template {
        label: "image: a Debian container",
        doc: "An OCI container with a shell.",
        text: include_str!("templates/container.xml"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::completion::completion;
    use crate::snapshot::Snapshot;

    #[test]
    fn every_template_is_sound_and_an_empty_text_is_offered_all() {
        for template in TEMPLATES {
            let text = template.text.replace("NAME", "mine");
            let snapshot = Snapshot::of_text(&text);
            let found: Vec<_> = snapshot.derived().judged().iter().map(|d| d.code).collect();
            assert!(found.is_empty(), "{}: {found:?}", template.label);
            assert!(!text.contains('$'), "it is no snippet");
        }
        for empty in ["", "  \n", "<", "\u{feff}"] {
            let found = completion(&Snapshot::of_text(empty), empty.len() as u32);
            let labels: Vec<_> = found.iter().map(|c| c.label.as_str()).collect();
            for template in TEMPLATES {
                assert!(labels.contains(&template.label), "{empty:?}: {labels:?}");
            }
        }
        let found = completion(&Snapshot::of_text("<image></image>\n"), 16);
        assert!(found.is_empty(), "{found:?}");
    }
}
