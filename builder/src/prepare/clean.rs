//! What a finished tree must not carry: traces of how it was made, and an identity that two machines would share.

use crate::error::{BuildError, IoContext};
use crate::sandbox::Root;

/// Files that tell of the build only.
const FILES: [&str; 6] = [
    "var/log/dpkg.log",
    "var/log/alternatives.log",
    "var/log/bootstrap.log",
    "var/cache/ldconfig/aux-cache",
    "var/lib/dpkg/status-old",
    "var/lib/dpkg/diversions-old",
];
/// Directories that are emptied.
const DIRECTORIES: [&str; 2] = ["var/log/apt", "run"];

/// Cleans the tree.
pub fn clean(root: &mut Root) -> Result<(), BuildError> {
    let tree = root.path().to_owned();
    for file in FILES {
        root.remove_file(file).at("cannot remove", tree.join(file))?;
    }
    for dir in DIRECTORIES.iter().filter(|dir| tree.join(dir).is_dir()) {
        root.clear(dir).at("cannot empty", tree.join(dir))?;
    }
    for name in root.names("var/cache/apt").at("cannot read", &tree)? {
        let path = std::path::Path::new("var/cache/apt").join(name);
        if path.extension().is_some_and(|extension| extension == "bin") {
            root.remove_file(&path).at("cannot remove", tree.join(&path))?;
        }
    }
    for name in root.names("var/cache/apt/archives").at("cannot read", &tree)? {
        let path = std::path::Path::new("var/cache/apt/archives").join(name);
        if path.extension().is_some_and(|extension| extension == "deb") {
            root.remove_file(&path).at("cannot remove", tree.join(&path))?;
        }
    }
    for name in root.names("var/lib/apt/lists").at("cannot read", &tree)? {
        // The package apt has this directory.
        if name != "partial" {
            let path = std::path::Path::new("var/lib/apt/lists").join(name);
            root.remove_all(&path).at("cannot remove", tree.join(&path))?;
        }
    }
    if root.exists("/etc/machine-id") || root.exists("/usr/bin/systemd-machine-id-setup") {
        // Empty, not missing: the first boot makes one, and is not taken for a factory reset.
        root.write("/etc/machine-id", b"", 0o444)
            .at("cannot write", tree.join("etc/machine-id"))?;
    }
    if root.exists("/var/lib/dbus/machine-id") {
        root.remove_file("/var/lib/dbus/machine-id")
            .at("cannot remove", tree.join("var/lib/dbus/machine-id"))?;
    }
    Ok(())
}
