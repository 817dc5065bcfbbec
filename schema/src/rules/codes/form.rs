//! The codes of rules about what stands together in a description: attributes, sections, profiles, types, settings. Plain data.

use super::{REFUSED, START};
use crate::rules::table::{Code, error, file, info, warning};

/// Sorted by code.
pub(super) static CODES: &[Code] = &[
    error("appx-name", "a name that an `appx` package cannot have", START),
    error(
        "attribute-not-for-filesystem",
        "an attribute that needs another file system",
        REFUSED,
    ),
    error(
        "attribute-not-for-loader",
        "an attribute that the boot loader does not know",
        REFUSED,
    ),
    error(
        "attribute-not-for-manager",
        "an attribute that the package manager does not know",
        REFUSED,
    ),
    error(
        "attribute-not-for-section",
        "an attribute that its section does not have in this form",
        REFUSED,
    ),
    error(
        "attribute-not-for-type",
        "an attribute that the image type does not have",
        REFUSED,
    ),
    error(
        "btrfs-attribute-with-lvm",
        "an attribute of Btrfs together with `preferlvm`",
        REFUSED,
    ),
    warning(
        "contradicting-preferences",
        "a setting given twice with different values",
        "the build takes one of them without a word",
    ),
    warning(
        "duplicate-profile",
        "a profile declared twice",
        "the build takes one of them without a word",
    ),
    warning(
        "duplicate-setting",
        "a label or variable set twice",
        "one of them is taken without a word",
    ),
    error("duplicate-type", "an image type that is active twice", START),
    warning(
        "image-version",
        "a version that cannot stand in the name of a file",
        "the build would stop in create, or its results would not be found by their names",
    ),
    error(
        "initrd-system-mismatch",
        "a boot description without the initrd that uses it",
        START,
    ),
    warning(
        "list-for-other-profile",
        "a list for a profile that has one, which the image of another lacks",
        "the build would stop, or the guest would not boot",
    ),
    error(
        "missing-companion",
        "an attribute or section that needs another",
        REFUSED,
    ),
    error("missing-for-type", "something that the image type needs", REFUSED),
    warning(
        "missing-package-manager",
        "an image without a package manager named",
        "the build takes `dnf4`, which may not read the repositories: it would stop in prepare",
    ),
    warning(
        "missing-requirement",
        "a profile that does not require the one with what its image needs",
        "the build would stop, or the guest would not boot",
    ),
    error("missing-version", "an image without a version", START),
    warning(
        "no-primary-type",
        "several active types, none of them primary",
        "the first of them is built without a word",
    ),
    error("no-type", "no image type to build", START),
    info(
        "outdated-form",
        "something written as before schema 8.5",
        "`apteryx migrate` writes the form of now; KIWI does so in memory, until the description says `schemaversion=\"8.5\"` and is refused",
    ),
    warning(
        "profile-cycle",
        "a profile that requires itself",
        "each of them is always selected together with the others",
    ),
    warning(
        "profile-name",
        "a profile whose name cannot be chosen",
        "no build can select the profile: what is for it never counts",
    ),
    warning(
        "rewritten-number",
        "a number in YAML, JSON or TOML that is read otherwise than it is written",
        "KIWI goes on with what its reader makes of the number, without a word",
    ),
    warning(
        "section-for-absent-type",
        "a list for an image type that is never built",
        "the build would go through, and nothing in it would be installed",
    ),
    error(
        "section-misplaced",
        "an entry that counts in another section only",
        REFUSED,
    ),
    error(
        "section-not-for-loader",
        "a section that the boot loader does not have",
        REFUSED,
    ),
    error(
        "section-not-for-type",
        "a section that the image type does not have",
        REFUSED,
    ),
    warning(
        "two-primary-types",
        "two active types that are primary",
        "the first of them is built where `--type` is not given",
    ),
    warning(
        "undefined-profile",
        "a section for a profile that is not declared",
        "the section never counts: every build goes through without it, and without a word",
    ),
    error(
        "undefined-required-profile",
        "a required profile that is not declared",
        "the build would stop as it starts, once the profile that requires it is selected",
    ),
    warning(
        "unused-allowance",
        "an allowance that allows nothing",
        "the comment hides nothing today and would hide the next fault of that kind",
    ),
    file(warning(
        "unused-profile",
        "a profile that nothing is for",
        "a build with the profile gives the same image as one without",
    )),
    info(
        "unused-setting",
        "a setting for something that is not there",
        "it changes nothing, without a word",
    ),
    error(
        "xen-host-and-guest",
        "a system that is Xen host and guest at once",
        START,
    ),
];
