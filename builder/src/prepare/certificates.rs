//! `<certificates>`: authorities that the system trusts, beside those of its distribution. Copied to where Debian's own tool
//! looks for them, which then makes the lists that programs read.

use std::path::Path;

use apteryx_schema::description::View;
use apteryx_schema::description::model::{At, Element};

use super::overlay;
use crate::error::{BuildError, Place};
use crate::events::Step;
use crate::sandbox::{Cmd, Root, Sandbox, relative};

/// Where the tool looks; it takes files that end with `.crt` alone.
const PLACE: &str = "/usr/local/share/ca-certificates";
const TOOL: &str = "update-ca-certificates";

/// The certificates of the active sections.
fn of<'a>(view: &View<'a>) -> Vec<&'a Element> {
    view.sections(&view.image.certificates)
        .flat_map(|section| section.all("certificate"))
        .filter(|certificate| certificate.attrs.get("name").is_some())
        .collect()
}

fn place(certificate: &Element) -> Place {
    let at = certificate.attrs.at("name")?;
    Some(At {
        value: (),
        file: at.file,
        span: at.span,
    })
}

/// The file of the description, and its path below that.
fn name(certificate: &Element) -> Result<std::path::PathBuf, BuildError> {
    let name = certificate.attrs.get("name").unwrap_or("").trim();
    let name = name.strip_prefix("this://").unwrap_or(name);
    let name = relative(Path::new(name)).filter(|name| name.file_name().is_some());
    name.ok_or_else(|| BuildError::Description {
        code: "path-outside",
        message: format!(
            "`{}` leads out of the description",
            certificate.attrs.get("name").unwrap_or("")
        ),
        place: place(certificate),
        help: None,
    })
}

/// Says which of them is missing, before anything else is done.
pub fn check(view: &View<'_>, dir: &Path) -> Result<(), BuildError> {
    for certificate in of(view) {
        let name = name(certificate)?;
        if !dir.join(&name).is_file() {
            return Err(BuildError::Description {
                code: "file-missing",
                message: format!("the description has no file `{}`", name.display()),
                place: place(certificate),
                help: None,
            });
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
    let mut first = None;
    for certificate in of(view) {
        first = first.or(Some(certificate));
        let from = name(certificate)?;
        let mut to = Path::new(PLACE).join(from.file_name().unwrap_or_default());
        if to.extension().is_none_or(|extension| extension != "crt") {
            to.as_mut_os_string().push(".crt");
        }
        overlay::file(root, &dir.join(from), &to, Some((0, 0)), Some(0o644))?;
    }
    let Some(first) = first else { return Ok(()) };
    if !["/usr/sbin", "/usr/bin"]
        .iter()
        .any(|dir| root.exists(format!("{dir}/{TOOL}")))
    {
        return Err(BuildError::Description {
            code: "package-needed",
            message: format!("the tree has no `{TOOL}`, which `<certificates>` needs"),
            place: place(first),
            help: Some("add `<package name=\"ca-certificates\"/>`".to_owned()),
        });
    }
    let made = sandbox.run(&Cmd::new(TOOL).doing("trusting certificates"), step);
    root.forget();
    made.map(drop).map_err(|error| error.asked(place(first), None))
}
