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

/// A value of a type's own, or of the type's sections, and what follows from it.
const CAUSES: &[Cause] = &[
    // It is another image than is said.
    Cause {
        code: "missing-for-type",
        followers: &[
            "container-format-needed",
            "missing-dracut-module",
            "missing-kernel",
            "unused-setting",
        ],
        needs: "",
    },
    Cause {
        code: "attribute-not-for-type",
        followers: &["missing-for-type"],
        needs: "",
    },
    Cause {
        code: "missing-dracut-module",
        followers: &[],
        needs: "`image=",
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
        followers: &["partition-too-small"],
        needs: "`firmware=",
    },
    Cause {
        code: "format-option",
        followers: &[],
        needs: "`format=",
    },
];

/// Leaves out what follows from another finding of the same type. They are sorted by place, and there may be as many types
/// as findings: each is looked at in its own type alone.
pub(super) fn settle(image: &Image, out: &mut Vec<Diagnostic>) {
    if out.len() < 2 {
        return;
    }
    let mut left = vec![false; out.len()];
    let mut other_image = false;
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        let inside = within(&kind.element, out);
        let found = out.get(inside.clone()).unwrap_or_default();
        // It is another image than is said: so are what is listed for that, and a second of the one that is said.
        let at = |d: &Diagnostic| (d.file, d.span) == (kind.image.file, kind.image.span);
        let other =
            |d: &Diagnostic| d.code == "missing-for-type" || d.code == "attribute-not-for-type" && at(d);
        other_image |= found.iter().any(other);
        let there = |cause: &&Cause| found.iter().any(|d| d.code == cause.code);
        let causes: Vec<_> = CAUSES.iter().filter(there).collect();
        // A boot loader is what is said of at its own name, and not a partition of another size.
        let loader = kind.element.child("bootloader").and_then(|b| b.attrs.at("name"));
        let at_loader = |d: &Diagnostic| loader.is_some_and(|at| (at.file, at.span) == (d.file, d.span));
        let follows = |d: &Diagnostic, cause: &Cause| {
            let sized = d.code != "partition-too-small" || at_loader(d);
            let code = cause.followers.contains(&d.code) && sized;
            let idle = d.code == "unused-setting" && !cause.needs.is_empty() && d.label.contains(cause.needs);
            code || idle
        };
        for (d, left) in found.iter().zip(left.iter_mut().skip(inside.start)) {
            *left = causes.iter().any(|cause| follows(d, cause));
        }
    }
    let mut left = left.into_iter();
    out.retain(|d| {
        let follows = left.next().unwrap_or(false);
        let of_other = other_image && matches!(d.code, "section-for-absent-type" | "duplicate-type");
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
