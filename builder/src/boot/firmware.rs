//! Which firmware an image starts from, read from its partition table. Reads the first sectors only, of raw and qcow2
//! files; writes nothing and starts nothing.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::Firmware;

/// The type of a BIOS boot partition and of an EFI system partition, as their bytes stand in a GPT.
const BIOS_BOOT: [u8; 16] = *b"Hah!IdontNeedEFI";
/// The type of a partition in an msdos table that holds EFI's files.
const MBR_EFI: u8 = 0xef;
/// Sectors that a table of 128 entries takes.
const TABLE: usize = 34 * 512;

/// The firmware that the image is made for. A GPT with a BIOS boot partition starts from both: BIOS is taken, which
/// every host with QEMU has. What shows no sign is taken for BIOS.
pub fn of_image(image: &Path) -> Firmware {
    match first_sectors(image) {
        Some(sectors) if needs_uefi(&sectors) => Firmware::Uefi,
        _ => Firmware::Bios,
    }
}

fn needs_uefi(sectors: &[u8]) -> bool {
    let mbr = sectors.get(446..510).unwrap_or(&[]);
    if sectors.get(512..520) == Some(b"EFI PART") {
        let entries = sectors.get(1024..).unwrap_or(&[]);
        return !entries.chunks_exact(128).any(|e| e.starts_with(&BIOS_BOOT));
    }
    let efi = mbr.chunks_exact(16).any(|entry| entry.get(4) == Some(&MBR_EFI));
    // Without code in the first sector BIOS has nothing to run.
    efi && sectors
        .get(..440)
        .is_some_and(|code| code.iter().all(|b| *b == 0))
}

pub(super) fn first_sectors(image: &Path) -> Option<Vec<u8>> {
    let file = File::open(image).ok()?;
    let at = qcow2_offset(&file).unwrap_or(Some(0))?;
    let mut sectors = vec![0; TABLE];
    let read = file.read_at(&mut sectors, at).ok()?;
    sectors.truncate(read);
    Some(sectors)
}

/// Where the guest's first cluster lies in a qcow2 file (its specification, "header", "L1 and L2 tables"): the outer
/// option is none for files that are no qcow2, the inner one for a first cluster that is not there or compressed.
fn qcow2_offset(file: &File) -> Option<Option<u64>> {
    let mut header = [0; 48];
    file.read_exact_at(&mut header, 0).ok()?;
    if !header.starts_with(b"QFI\xfb") {
        return None;
    }
    let number = |at: u64| -> Option<u64> {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes, at).ok()?;
        Some(u64::from_be_bytes(bytes))
    };
    let offset = |entry: u64| -> Option<u64> {
        let place = entry & 0x00ff_ffff_ffff_fe00;
        (place != 0 && entry & (1 << 62) == 0).then_some(place)
    };
    Some(
        number(40)
            .and_then(number)
            .and_then(offset)
            .and_then(number)
            .and_then(offset),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::create::disk::{ALIGN, Role, Wanted, place, write_gpt, write_msdos};
    use uuid::Uuid;

    /// A disk with these partitions, and its firmware as raw and as qcow2 (one cluster of 64 kB at 192 kB).
    fn both(gpt: bool, roles: &[Role]) -> [Firmware; 2] {
        let dir = tempfile::tempdir().expect("a directory");
        let raw = dir.path().join("disk.raw");
        let mut file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&raw)
            .expect("a file");
        let wanted = |role: &Role| Wanted {
            role: *role,
            name: format!("{role:?}"),
            number: None,
            size: ALIGN,
        };
        let wanted: Vec<Wanted> = roles.iter().map(wanted).collect();
        let (parts, size) = place(&wanted, ALIGN, ALIGN);
        file.set_len(size).expect("it grows");
        let written = if gpt {
            write_gpt(&mut file, &parts, Uuid::nil(), "x86_64")
        } else {
            write_msdos(&mut file, &parts, Uuid::nil())
        };
        written.expect("it is written");
        let mut cluster = vec![0; 65536];
        file.read_exact_at(&mut cluster, 0).expect("it reads");
        let qcow2 = dir.path().join("disk.qcow2");
        let file = File::create(&qcow2).expect("a file");
        file.write_all_at(b"QFI\xfb", 0).expect("it is written");
        for (at, value) in [
            (40, 65536u64),
            (65536, 131_072 | 1 << 63),
            (131_072, 196_608 | 1 << 63),
        ] {
            file.write_all_at(&value.to_be_bytes(), at)
                .expect("it is written");
        }
        file.write_all_at(&cluster, 196_608).expect("it is written");
        [of_image(&raw), of_image(&qcow2)]
    }

    #[test]
    fn the_table_says_what_the_disk_starts_from() {
        use Firmware::{Bios, Uefi};
        assert_eq!(both(true, &[Role::BiosBoot, Role::Efi, Role::Root]), [Bios, Bios]);
        assert_eq!(both(true, &[Role::Efi, Role::Root]), [Uefi, Uefi]);
        assert_eq!(both(false, &[Role::Root]), [Bios, Bios]);
        assert_eq!(both(false, &[Role::Efi, Role::Root]), [Uefi, Uefi]);
    }

    #[test]
    fn what_cannot_be_read_is_taken_for_bios() {
        assert_eq!(of_image(Path::new("/no/such/disk")), Firmware::Bios);
    }
}
