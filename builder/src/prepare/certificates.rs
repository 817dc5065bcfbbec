//! `<certificates>`: authorities that the system trusts, beside those of its distribution. Copied to where Debian's own tool
//! looks for them, which then makes the lists that programs read.

use std::path::Path;

use apteryx_schema::description::View;
use apteryx_schema::description::model::At;

use super::{content, overlay};
use crate::error::BuildError;
use crate::events::Step;
use crate::sandbox::{Cmd, Root, Sandbox};

/// Where the tool looks; it takes files that end with `.crt` alone.
const PLACE: &str = "/usr/local/share/ca-certificates";
const TOOL: &str = "update-ca-certificates";

/// The names of the certificates of the active sections.
fn of<'a>(view: &View<'a>) -> Vec<&'a At> {
    view.sections(&view.image.certificates)
        .flat_map(|section| section.all("certificate"))
        .filter_map(|certificate| certificate.attrs.at("name"))
        .collect()
}

/// Says which of them is missing, before anything else is done.
pub fn check(view: &View<'_>, dir: &Path) -> Result<(), BuildError> {
    for at in of(view) {
        if !content::source_named(dir, at)?.is_file() {
            return Err(content::missing(at));
        }
    }
    Ok(())
}

/// Makes the system trust them.
pub fn trust(
    root: &mut Root,
    view: &View<'_>,
    dir: &Path,
    sandbox: &Sandbox,
    step: &Step,
) -> Result<(), BuildError> {
    let all = of(view);
    let Some(first) = all.first() else { return Ok(()) };
    for at in &all {
        let from = content::source_named(dir, at)?;
        let mut to = Path::new(PLACE).join(from.file_name().unwrap_or_default());
        if to.extension().is_none_or(|extension| extension != "crt") {
            to.as_mut_os_string().push(".crt");
        }
        overlay::file(root, &from, &to, Some((0, 0)), Some(0o644))?;
    }
    if !root.has_program(TOOL) {
        return Err(BuildError::Description {
            code: "package-needed",
            message: format!("the tree has no `{TOOL}`, which `<certificates>` needs"),
            place: Some(first.place()),
            help: Some("add `<package name=\"ca-certificates\"/>`".to_owned()),
        });
    }
    let made = sandbox.run(&Cmd::new(TOOL).doing("trusting certificates"), step);
    root.forget();
    made.map(drop)
        .map_err(|error| error.asked(Some(first.place()), None))
}
