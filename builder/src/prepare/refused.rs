//! What `prepare` cannot do yet, told before any work with the place that asks for it: a tree without it would be another
//! than the one that was described.

use apteryx_schema::description::View;

use crate::create::support::{place_of_element, refuse};
use crate::error::BuildError;

/// Refuses containers beside the system, scripts for repository files, and certificates of another distribution.
pub fn check(view: &View<'_>) -> Result<(), BuildError> {
    let mut containers = view.sections(&view.image.containers);
    let held = containers.find_map(|section| {
        section.all("container").find(|container| {
            let arches = container.attrs.list("arch");
            arches.is_empty() || arches.contains(&&*view.arch)
        })
    });
    if let Some(container) = held {
        let place = place_of_element(container);
        let help = "leave the section out, and fetch the container when the system runs";
        return Err(refuse(
            "unsupported-containers",
            "`<container>`".to_owned(),
            place,
            help,
        ));
    }
    for repository in view.repositories() {
        if let Some(at) = repository.element.attrs.at("customize") {
            let help = "leave the attribute out, and change what stands in `/etc/apt` in `config.sh`";
            return Err(refuse(
                "unsupported-customize",
                "`customize`".to_owned(),
                at.place(),
                help,
            ));
        }
    }
    for section in view.sections(&view.image.certificates) {
        if let Some(at) = section.attrs.at("target_distribution")
            && at.value.trim() != "debian"
        {
            let what = format!("certificates for `{}`", at.value.trim());
            let help = "now: `debian`";
            return Err(refuse("unsupported-certificates", what, at.place(), help));
        }
    }
    Ok(())
}
