//! What one value of a `<type>` has follow inside it: where that value is told, what follows is left out. Finds nothing by
//! itself, and judges nothing but the findings of one type.

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

/// Leaves out what follows from another finding of the same type.
pub(super) fn settle(image: &Image, out: &mut Vec<Diagnostic>) {
    let cause = |d: &Diagnostic| CAUSES.iter().find(|c| c.code == d.code);
    if out.len() < 2 {
        return;
    }
    for kind in image.preferences.iter().flat_map(|p| &p.types) {
        let inside = |d: &Diagnostic| within(&kind.element, d);
        // It is another image than is said: so are what is listed for that, and a second of the one that is said.
        let other = |d: &Diagnostic| {
            let at = (d.file, d.span) == (kind.image.file, kind.image.span);
            d.code == "missing-for-type" && inside(d) || d.code == "attribute-not-for-type" && at
        };
        if out.iter().any(other) {
            out.retain(|d| !matches!(d.code, "section-for-absent-type" | "duplicate-type"));
        }
        let own: Vec<_> = out.iter().filter(|d| inside(d)).filter_map(cause).collect();
        if own.is_empty() {
            continue;
        }
        // A boot loader is what is said of at its own name, and not a partition of another size.
        let loader = kind.element.child("bootloader").and_then(|b| b.attrs.at("name"));
        let at_loader = |d: &Diagnostic| loader.is_some_and(|at| (at.file, at.span) == (d.file, d.span));
        let follows = |d: &Diagnostic, cause: &Cause| {
            let sized = d.code != "partition-too-small" || at_loader(d);
            let code = cause.followers.contains(&d.code) && sized;
            let idle = d.code == "unused-setting" && !cause.needs.is_empty() && d.label.contains(cause.needs);
            code || idle
        };
        out.retain(|d| !inside(d) || !own.iter().any(|cause| follows(d, cause)));
    }
}

/// The finding lies in the element.
fn within(element: &Element, found: &Diagnostic) -> bool {
    let (whole, own) = (element.span, found.span);
    element.file == found.file && whole.start <= own.start && own.end <= whole.end
}
