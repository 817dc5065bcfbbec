//! What one value of a `<type>` has follow inside it: where that value is told, what follows is left out. Finds nothing by
//! itself, and judges nothing but the findings of one type.

use std::ops::Range;

use crate::description::model::{Element, Image};
use crate::diagnostic::Diagnostic;

/// What one finding explains.
struct Cause {
    /// It.
    code: &'static str,
    /// What is left out beside it.
    followers: &'static [&'static str],
    /// Settings that are said to need another value of this are left out too.
    needs: &'static str,
}

/// What an image lacks and has too much that is taken for another.
const OF_IMAGE: &[&str] = &[
    "container-format-needed",
    "container-name",
    "initrd-system-mismatch",
    "missing-boot-loader",
    "missing-disk-tool",
    "missing-dracut-module",
    "missing-filesystem-tool",
    "missing-for-type",
    "missing-initrd-tool",
    "missing-kernel",
    "read-only-root",
    "unused-setting",
];

/// What is missing with what KIWI starts a system by.
const WITHOUT_KERNEL: &[&str] = &[
    "missing-boot-loader",
    "missing-dracut-module",
    "missing-filesystem-tool",
    "missing-initrd-tool",
    "missing-kernel",
];

/// Several of these in one type have one reason, and the first is told.
const ONCE: &[&str] = &["container-format-needed", "missing-filesystem-tool"];

/// What is missing with a list beside the kernel.
const WITHOUT_LIST: &[&str] = &[
    "missing-boot-loader",
    "missing-filesystem-tool",
    "missing-initrd-tool",
];

/// A value of a type's own, or of the type's sections, and what follows from it.
const CAUSES: &[Cause] = &[
    // It is another image than is said.
    Cause {
        code: "missing-for-type",
        followers: OF_IMAGE,
        needs: "",
    },
    Cause {
        code: "attribute-not-for-type",
        followers: OF_IMAGE,
        needs: "`image=",
    },
    Cause {
        code: "section-not-for-type",
        followers: OF_IMAGE,
        needs: "`image=",
    },
    Cause {
        code: "initrd-system-mismatch",
        followers: WITHOUT_KERNEL,
        needs: "",
    },
    Cause {
        code: "missing-companion",
        followers: &[],
        needs: "`installiso=",
    },
    Cause {
        code: "missing-companion",
        followers: &[],
        needs: "`luks`",
    },
    // One type was made another, which is there already.
    Cause {
        code: "duplicate-type",
        followers: &["attribute-not-for-type"],
        needs: "",
    },
    // The list that is missing has more than what KIWI asks for, or than the kernel.
    Cause {
        code: "missing-dracut-module",
        followers: WITHOUT_KERNEL,
        needs: "`image=",
    },
    Cause {
        code: "missing-kernel",
        followers: WITHOUT_LIST,
        needs: "`image=",
    },
    Cause {
        code: "volumes-under-overlay",
        followers: &["missing-disk-tool"],
        needs: "",
    },
    Cause {
        code: "btrfs-attribute-with-lvm",
        followers: &["missing-disk-tool"],
        needs: "",
    },
    // It is another file system than is said.
    Cause {
        code: "lvm-only",
        followers: &[],
        needs: "logical volumes",
    },
    Cause {
        code: "missing-filesystem-tool",
        followers: &[],
        needs: "logical volumes",
    },
    Cause {
        code: "read-only-root",
        followers: &["missing-disk-tool"],
        needs: "subvolumes of Btrfs",
    },
    // It is another format than is said.
    Cause {
        code: "container-format-needed",
        followers: &[],
        needs: "`format=",
    },
    // It is another boot loader than is said.
    Cause {
        code: "attribute-not-for-loader",
        followers: &[
            "loader-not-for-firmware",
            "loader-not-for-machine",
            "missing-boot-loader",
            "partition-too-small",
        ],
        needs: "",
    },
    Cause {
        code: "loader-not-for-firmware",
        followers: &["missing-boot-loader"],
        needs: "`firmware=",
    },
    Cause {
        code: "loader-not-for-machine",
        followers: &["missing-boot-loader"],
        needs: "`firmware=",
    },
    Cause {
        code: "missing-boot-loader",
        followers: &["missing-filesystem-tool", "partition-too-small"],
        needs: "`firmware=",
    },
    Cause {
        code: "partition-limit",
        followers: &[],
        needs: "`firmware=",
    },
    Cause {
        code: "format-option",
        followers: &[],
        needs: "`format=",
    },
];

/// The finding stands for other types too.
fn shared(found: &Diagnostic) -> bool {
    found
        .notes
        .iter()
        .any(|note| note.message.as_str() == super::ALSO)
}

/// Leaves out what follows from another finding of the same type. They are sorted by place, and there may be as many types
/// as findings: each is looked at in its own type alone.
pub(super) fn settle(image: &Image, out: &mut Vec<Diagnostic>) {
    if out.len() < 2 {
        return;
    }
    let mut left = vec![false; out.len()];
    let (mut other_image, mut surely) = (false, false);
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        let inside = within(&kind.element, out);
        let found = out.get(inside.clone()).unwrap_or_default();
        // It is another image than is said: so are what is listed for that, and a second of the one that is said.
        let at = |d: &Diagnostic| (d.file, d.span) == (kind.image.file, kind.image.span);
        let misplaced = |d: &Diagnostic| d.code == "attribute-not-for-type";
        let other = |d: &Diagnostic| {
            matches!(d.code, "missing-for-type" | "section-not-for-type") || misplaced(d) && at(d)
        };
        surely |= found.iter().any(other);
        other_image |= surely || found.iter().any(misplaced);
        let there = |cause: &&Cause| found.iter().any(|d| d.code == cause.code);
        let causes: Vec<_> = CAUSES.iter().filter(there).collect();
        // A boot loader is what is said of at its own name, and not a partition of another size.
        let loader = kind.element.child("bootloader").and_then(|b| b.attrs.at("name"));
        let at_loader = |d: &Diagnostic| loader.is_some_and(|at| (at.file, at.span) == (d.file, d.span));
        let follows = |d: &Diagnostic, cause: &Cause| {
            let sized = d.code != "partition-too-small" || at_loader(d);
            let first = cause.code == "duplicate-type" && at(d);
            // What is told for other types too is no fault of this one, where the cause is.
            let alone = !shared(d) || found.iter().any(|c| c.code == cause.code && shared(c));
            let code = cause.followers.contains(&d.code) && d.code != cause.code && sized && alone && !first;
            let idle = d.code == "unused-setting" && !cause.needs.is_empty() && d.label.contains(cause.needs);
            code || idle
        };
        let first = |d: &Diagnostic| found.iter().find(|other| other.code == d.code);
        let again =
            |d: &Diagnostic| ONCE.contains(&d.code) && first(d).is_some_and(|first| !std::ptr::eq(first, d));
        for (d, left) in found.iter().zip(left.iter_mut().skip(inside.start)) {
            *left = causes.iter().any(|cause| follows(d, cause)) || again(d);
        }
    }
    let mut left = left.into_iter();
    out.retain(|d| {
        let follows = left.next().unwrap_or(false);
        let of_other =
            other_image && d.code == "section-for-absent-type" || surely && d.code == "duplicate-type";
        !(follows || of_other)
    });
}

/// Which of the findings lie in the element.
fn within(element: &Element, found: &[Diagnostic]) -> Range<usize> {
    let (file, whole) = (element.file, element.span);
    let start = found.partition_point(|d| (d.file, d.span.start) < (file, whole.start));
    let rest = found.get(start..).unwrap_or_default().iter();
    let inside = rest.take_while(|d| d.file == file && d.span.end <= whole.end);
    start..start + inside.count()
}
