//! What a file is by its first bytes, whatever its name says: in which format, and what keeps it from being started.
//! Starts nothing.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::firmware::first_sectors;

/// First bytes of files that hold a disk in another form, what they are, and what makes one of them that can be started.
const OTHERS: [(&[u8], &str, &str); 6] = [
    (b"\xfd7zXZ\0", "is packed with xz", "xz -dk"),
    (b"\x1f\x8b", "is packed with gzip", "gzip -dk"),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd", "zstd -d"),
    (b"KDMV", "is of the format VMDK", CONVERT),
    (b"vhdxfile", "is of the format VHDX", CONVERT),
    (b"<<< Oracle VM VirtualBox", "is of the format VDI", CONVERT),
];
const CONVERT: &str = "qemu-img convert -O qcow2 -- FILE disk.qcow2";

fn first(image: &Path) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 24];
    let read = File::open(image).ok()?.read_at(&mut bytes, 0).ok()?;
    bytes.truncate(read);
    Some(bytes)
}

/// `qcow2` or `raw`.
pub fn format(image: &Path) -> &'static str {
    match first(image) {
        Some(bytes) if bytes.starts_with(b"QFI\xfb") => "qcow2",
        _ => "raw",
    }
}

/// Why no machine can start it, and what to do; none where one may.
pub fn fault(image: &Path) -> Option<(&'static str, String)> {
    let bytes = first(image)?;
    let build = || "`apteryx build` makes one".to_owned();
    if bytes.is_empty() {
        return Some(("is empty", build()));
    }
    if let Some((_, what, tool)) = OTHERS.iter().find(|(sign, ..)| bytes.starts_with(sign)) {
        let name = image.display().to_string();
        let command = match tool.contains("FILE") {
            true => tool.replace("FILE", &name),
            false => format!("{tool} {name}"),
        };
        return Some((what, format!("`{command}` makes one that can be started")));
    }
    // Where the first sector is packed within a qcow2 nothing is known.
    let sectors = first_sectors(image)?;
    let signed = sectors.get(510..512) == Some(&[0x55, 0xaa]);
    (!signed).then(|| ("has neither a boot sector nor a partition table", build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("disk.img");
        let look = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("it is written");
            (format(&path), fault(&path).map(|(what, _)| what))
        };
        let mut sector = vec![0; 512];
        let bare = "has neither a boot sector nor a partition table";
        assert_eq!(look(&sector), ("raw", Some(bare)));
        assert_eq!(look(b"text"), ("raw", Some(bare)));
        assert_eq!(look(b""), ("raw", Some("is empty")));
        assert_eq!(look(b"\xfd7zXZ\0abc"), ("raw", Some("is packed with xz")));
        sector[510..].copy_from_slice(&[0x55, 0xaa]);
        assert_eq!(look(&sector), ("raw", None));
        assert_eq!(look(b"QFI\xfb\0\0\0\x03").0, "qcow2");
        assert_eq!(fault(Path::new("/no/such/disk")), None);
        std::fs::write(&path, b"KDMV").expect("it is written");
        let (_, help) = fault(&path).expect("it is told");
        assert!(
            help.contains(&format!("-- {} disk.qcow2", path.display())),
            "{help}"
        );
    }
}
