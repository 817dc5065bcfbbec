//! Puts new bytes in place of a file's whole content at once: whoever reads it, and whatever ends the program, finds
//! the old text or the new one. It never makes a file that was not there, and never loses what somebody else wrote.

use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use xattr::FileExt;

/// Replaces the content `old` of the file at `path` (of what a link there leads to). Mode, attributes and, where
/// permitted, owner stay. A file with several names keeps them, and is written in its place for that.
pub fn replace(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    let path = path.canonicalize()?;
    // A file that may not be written is not replaced either, though its folder would allow it.
    let mut there = std::fs::OpenOptions::new().read(true).write(true).open(&path)?;
    let meta = there.metadata()?;
    let mut now = Vec::new();
    (&there)
        .take(old.len().max(new.len()) as u64 + 1)
        .read_to_end(&mut now)?;
    if now == new {
        return Ok(());
    }
    if now != old {
        return Err(io::Error::other("it has changed since it was read"));
    }
    if meta.nlink() > 1 {
        there.rewind()?;
        there.write_all(new)?;
        there.set_len(new.len() as u64)?;
        return there.sync_data();
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().prefix(".apteryx-").tempfile_in(folder)?;
    file.write_all(new)?;
    // As a user the owner cannot be given away; then the file is its writer's own.
    let _ = fchown(file.as_file(), Some(meta.uid()), Some(meta.gid()));
    for name in xattr::list(&path).into_iter().flatten() {
        let value = xattr::get(&path, &name).ok().flatten();
        // Those that only the system sets are set by it.
        let _ = value.map(|value| file.as_file().set_xattr(&name, &value));
    }
    file.as_file().set_permissions(meta.permissions())?;
    file.as_file().sync_data()?;
    file.persist(&path).map_err(|error| error.error)?;
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
        replace(&link, b"old", b"new").expect("it is replaced");
        assert_eq!(std::fs::read(&file).expect("it is there"), b"new");
        assert!(link.is_symlink());
        let mode = file.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o7777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).expect("it is read").count(), 2);
        assert!(replace(&folder.path().join("missing"), b"", b"x").is_err());
    }

    #[test]
    fn keeps_all_names_of_a_file() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("config.xml");
        let other = folder.path().join("other.xml");
        std::fs::write(&file, "a longer text").expect("it is written");
        std::fs::hard_link(&file, &other).expect("it is made");
        replace(&file, b"a longer text", b"new").expect("it is replaced");
        assert_eq!(std::fs::read(&other).expect("it is there"), b"new");
    }

    #[test]
    fn leaves_what_somebody_else_wrote_meanwhile() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("config.xml");
        std::fs::write(&file, "older").expect("it is written");
        let refused = replace(&file, b"old", b"new").expect_err("it is another text");
        assert_eq!(refused.to_string(), "it has changed since it was read");
        assert_eq!(std::fs::read(&file).expect("it is there"), b"older");
    }
}
