//! Puts new bytes in place of a file's whole content at once: whoever reads it, and whatever ends the program, finds
//! the old text or the new one. It never makes a file that was not there.

use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

/// Replaces the content of the file at `path` (of what a link there leads to). Mode and, where permitted, owner stay.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = path.canonicalize()?;
    let old = path.metadata()?;
    // A file that may not be written is not replaced either, though its folder would allow it.
    std::fs::OpenOptions::new().write(true).open(&path)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut new = tempfile::Builder::new().prefix(".apteryx-").tempfile_in(folder)?;
    new.write_all(bytes)?;
    // As a user the owner cannot be given away; then the file is its writer's own.
    let _ = fchown(new.as_file(), Some(old.uid()), Some(old.gid()));
    new.as_file().set_permissions(old.permissions())?;
    new.as_file().sync_data()?;
    new.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::replace;

    #[test]
    fn keeps_mode_and_links_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("config.xml");
        let link = folder.path().join("link");
        std::fs::write(&file, "old").expect("it is written");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).expect("it is set");
        symlink("config.xml", &link).expect("it is made");
        replace(&link, b"new").expect("it is replaced");
        assert_eq!(std::fs::read(&file).expect("it is there"), b"new");
        assert!(link.is_symlink());
        let mode = file.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o7777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).expect("it is read").count(), 2);
        assert!(replace(&folder.path().join("missing"), b"x").is_err());
    }
}
