//! What of the description brought a package whose script fails, and what can be done. Looks at the solution; installs
//! nothing.

use apteryx_schema::description::model::{At, Element};
use apteryx_schema::description::{PackageKind, View};

use crate::error::Place;
use crate::packages::{Because, Solution};

/// The entry that asks for the package, for itself or for others that need it, or the section that it comes with.
pub fn brought_by(package: &str, solution: &Solution, view: &View<'_>) -> (Place, Option<String>) {
    // Who needs whom, from the package up to what was asked for.
    let mut chain = vec![plain(package)];
    let mut place = None;
    for _ in 0..solution.packages.len() {
        let name = chain.last().copied().unwrap_or(package);
        let found = solution.packages.iter().find(|one| one.package.name() == name);
        match found.map(|one| &one.because) {
            Some(Because::Needed { by, .. }) if !chain.contains(&by.as_str()) => chain.push(by),
            Some(Because::Asked(at)) => {
                place = at.clone();
                break;
            }
            _ => break,
        }
    }
    let place = place.or_else(|| section(view));
    let needs: Vec<String> = chain
        .windows(2)
        .rev()
        .filter_map(|pair| match pair {
            [needed, by] => Some(format!("`{by}` needs `{needed}`")),
            _ => None,
        })
        .collect();
    let remedy = "the last lines say what its script lacks: leave the package out, or make that in `post_bootstrap.sh`, \
                  which runs before the packages of the image";
    let help = match needs.is_empty() {
        true => remedy.to_owned(),
        false => format!("{}\n{remedy}", needs.join(", ")),
    };
    (place, Some(help))
}

/// Where the first section of packages stands: what comes with every system is asked for by none of its entries.
fn section(view: &View<'_>) -> Place {
    let kinds = [PackageKind::Bootstrap, PackageKind::System];
    let first = kinds
        .into_iter()
        .find_map(|kind| view.package_sections(kind).into_iter().next());
    first.map(|section| at(&section.element))
}

/// The name of an element.
pub fn at(element: &Element) -> At<()> {
    At {
        value: (),
        file: element.file,
        span: element.name_span,
    }
}

/// The name without an architecture.
fn plain(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}
