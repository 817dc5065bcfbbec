//! Disk images as bytes: where partitions lie, the msdos and GPT tables, and GRUB's first stages embedded. Plain files
//! only; no loop device, no partitioning tool.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use uuid::Uuid;

use crate::error::{BuildError, IoContext};

/// Bytes of a sector; the only size written.
pub const SECTOR: u64 = 512;
/// Partitions begin at multiples of this (1 MiB).
pub const ALIGN: u64 = 1024 * 1024;

/// What a partition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// GRUB's core image on a GPT disk that BIOS starts.
    BiosBoot,
    /// The EFI system partition.
    Efi,
    /// What the boot loader reads, apart from the root file system.
    Boot,
    /// Swap.
    Swap,
    /// A partition of `<partitions>`.
    Data,
    /// One of `<partitions>` that is marked as part of a RAID.
    Raid,
    /// The root file system.
    Root,
}

impl Role {
    /// GPT type (Discoverable Partitions Specification; UEFI specification, table 5.7).
    fn gpt_type(self, arch: &str) -> Uuid {
        Uuid::from_u128(match (self, arch) {
            (Self::BiosBoot, _) => 0x21686148_6449_6e6f_744e_656564454649,
            (Self::Efi, _) => 0xc12a7328_f81f_11d2_ba4b_00a0c93ec93b,
            (Self::Swap, _) => 0x0657fd6d_a4ab_43c4_84e5_0933c84b4f4f,
            (Self::Root, "x86_64") => 0x4f68bce3_e8cd_4db1_96e7_fbcaf984b709,
            (Self::Root, "aarch64") => 0xb921b045_1df0_41c3_af44_4c6f280d3fae,
            (Self::Raid, _) => 0xa19d880f_05fc_4d3b_a006_743f0f84911e,
            (Self::Root | Self::Boot | Self::Data, _) => 0x0fc63daf_8483_4772_8e79_3d69d8477de4,
        })
    }

    fn mbr_type(self) -> u8 {
        match self {
            Self::BiosBoot | Self::Root | Self::Boot | Self::Data => 0x83,
            Self::Efi => 0xef,
            Self::Swap => 0x82,
            Self::Raid => 0xfd,
        }
    }
}

/// A partition that is to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What for.
    pub role: Role,
    /// Its name in the GPT.
    pub name: String,
    /// Its place in the table, from 1; the first free one where none is given.
    pub number: Option<u32>,
    /// Its bytes.
    pub size: u64,
}

/// A partition with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// What for.
    pub role: Role,
    /// Its name in the GPT.
    pub name: String,
    /// Its place in the table, from 1.
    pub number: u32,
    /// Its first byte on the disk.
    pub start: u64,
    /// Its bytes.
    pub size: u64,
}

/// The numbers of partitions: those asked for, and for the others the lowest that are free.
pub fn numbers(asked: impl Iterator<Item = Option<u32>>) -> Vec<u32> {
    let asked: Vec<Option<u32>> = asked.collect();
    let mut next = 1;
    asked
        .iter()
        .map(|number| {
            number.unwrap_or_else(|| {
                while asked.contains(&Some(next)) {
                    next += 1;
                }
                next += 1;
                next - 1
            })
        })
        .collect()
}

/// Places partitions one after the other from `first` bytes on, each aligned; the result with the bytes that the disk
/// needs (`tail` kept free at the end, for the backup table).
pub fn place(wanted: &[Wanted], first: u64, tail: u64) -> (Vec<Partition>, u64) {
    let mut at = first.max(SECTOR * 34);
    let mut placed = Vec::new();
    for (part, number) in wanted.iter().zip(numbers(wanted.iter().map(|w| w.number))) {
        let start = at.next_multiple_of(SECTOR);
        let size = part.size.next_multiple_of(ALIGN);
        placed.push(Partition {
            role: part.role,
            name: part.name.clone(),
            number,
            start,
            size,
        });
        at = start + size;
    }
    (placed, (at + tail).next_multiple_of(ALIGN))
}

fn io_error(error: impl std::fmt::Display) -> std::io::Error {
    std::io::Error::other(error.to_string())
}

/// Writes a GPT with protective MBR. `seed` makes the identifiers: the same name gives the same disk.
pub fn write_gpt(disk: &mut File, parts: &[Partition], seed: Uuid, arch: &str) -> std::io::Result<()> {
    let id = |what: &str| Uuid::new_v5(&seed, what.as_bytes()).to_bytes_le();
    disk.seek(SeekFrom::Start(0))?;
    let mut gpt = gptman::GPT::new_from(disk, SECTOR, id("disk")).map_err(io_error)?;
    for part in parts {
        let entry = gptman::GPTPartitionEntry {
            partition_type_guid: part.role.gpt_type(arch).to_bytes_le(),
            unique_partition_guid: id(&part.name),
            starting_lba: part.start / SECTOR,
            ending_lba: (part.start + part.size) / SECTOR - 1,
            attribute_bits: 0,
            partition_name: part.name.as_str().into(),
        };
        gpt[part.number] = entry;
    }
    gpt.write_into(disk).map_err(io_error)?;
    gptman::GPT::write_protective_mbr_into(disk, SECTOR).map_err(io_error)
}

/// Writes a table of the msdos kind: at most four partitions, below 2 TiB, the one with the kernel active.
pub fn write_msdos(disk: &mut File, parts: &[Partition], seed: Uuid) -> std::io::Result<()> {
    let mut table = Vec::with_capacity(72);
    table.extend_from_slice(seed.as_bytes().get(..4).unwrap_or(&[1, 2, 3, 4]));
    table.extend_from_slice(&[0, 0]);
    let boot = parts.iter().find(|part| part.role == Role::Boot);
    let active = boot.or_else(|| parts.iter().find(|part| part.role == Role::Root));
    for number in 1..=4 {
        let Some(part) = parts.iter().find(|part| part.number == number) else {
            table.extend_from_slice(&[0; 16]);
            continue;
        };
        let lba = |bytes: u64| u32::try_from(bytes / SECTOR).map_err(io_error);
        table.push(if active == Some(part) { 0x80 } else { 0 });
        // Addresses by cylinder are of no use to anybody: "beyond".
        table.extend_from_slice(&[0xfe, 0xff, 0xff, part.role.mbr_type(), 0xfe, 0xff, 0xff]);
        table.extend_from_slice(&lba(part.start)?.to_le_bytes());
        table.extend_from_slice(&lba(part.size)?.to_le_bytes());
    }
    table.extend_from_slice(&[0x55, 0xaa]);
    disk.write_all_at(&table, 440)
}

/// Embeds GRUB for BIOS: `boot` (boot.img) in the first sector around the table, `core` from sector `at` on, which has
/// `room` bytes. Offsets: GRUB's boot.S and diskboot.S.
pub fn embed_grub(disk: &File, boot: &[u8], core: &[u8], at: u64, room: u64) -> Result<(), BuildError> {
    let fault = |message: &str| BuildError::Internal {
        message: message.to_owned(),
    };
    let mut core = core.to_vec();
    core.resize(core.len().next_multiple_of(SECTOR as usize), 0);
    if core.len() as u64 > room {
        return Err(fault("GRUB's core image is larger than the room for it"));
    }
    let mut first = boot
        .get(..440)
        .ok_or_else(|| fault("`boot.img` is no boot sector"))?
        .to_vec();
    let mut put = |offset: usize, bytes: &[u8]| -> Option<()> {
        first
            .get_mut(offset..offset + bytes.len())?
            .copy_from_slice(bytes);
        Some(())
    };
    // Sector of the core image; the drive that the BIOS started from; no jump around the drive check.
    put(0x5c, &at.to_le_bytes())
        .and_then(|()| put(0x64, &[0xff]))
        .and_then(|()| put(0x66, &[0x90, 0x90]))
        .ok_or_else(|| fault("`boot.img` is no boot sector"))?;
    let sectors =
        u16::try_from(core.len() as u64 / SECTOR - 1).map_err(|_| fault("GRUB's core image is too large"))?;
    let mut list = (at + 1).to_le_bytes().to_vec();
    list.extend_from_slice(&sectors.to_le_bytes());
    list.extend_from_slice(&0x820u16.to_le_bytes());
    core.get_mut(0x1f4..0x200)
        .ok_or_else(|| fault("GRUB's core image is empty"))?
        .copy_from_slice(&list);
    disk.write_all_at(&first, 0).at("cannot write", "the disk")?;
    disk.write_all_at(&core, at * SECTOR)
        .at("cannot write", "the disk")
}

/// The first page of a swap area of `size` bytes (Linux: union swap_header).
pub fn swap_header(size: u64, id: Uuid) -> Vec<u8> {
    let mut page = vec![0u8; 1024];
    page.extend_from_slice(&1u32.to_le_bytes());
    page.extend_from_slice(&u32::try_from(size / 4096 - 1).unwrap_or(u32::MAX).to_le_bytes());
    page.extend_from_slice(&0u32.to_le_bytes());
    page.extend_from_slice(id.as_bytes());
    page.extend_from_slice(b"SWAP");
    page.resize(4096 - 10, 0);
    page.extend_from_slice(b"SWAPSPACE2");
    page
}

/// Copies the file `from` to the byte `at` of `disk`; holes stay holes.
pub fn copy_sparse(from: &Path, disk: &mut File, at: u64) -> Result<(), BuildError> {
    use nix::unistd::{Whence, lseek};
    let mut source = File::open(from).at("cannot read", from)?;
    let end = i64::try_from(source.metadata().at("cannot read", from)?.len()).unwrap_or(i64::MAX);
    let mut place = 0i64;
    while place < end {
        let data = match lseek(&source, place, Whence::SeekData) {
            Ok(data) => data,
            Err(nix::errno::Errno::ENXIO) => break,
            Err(error) => return Err(std::io::Error::from(error)).at("cannot read", from),
        };
        let hole = lseek(&source, data, Whence::SeekHole)
            .map_err(std::io::Error::from)
            .at("cannot read", from)?;
        source
            .seek(SeekFrom::Start(data.unsigned_abs()))
            .at("cannot read", from)?;
        disk.seek(SeekFrom::Start(at + data.unsigned_abs()))
            .at("cannot write", "the disk")?;
        // `io::copy` between files is copy_file_range.
        let mut part = std::io::Read::take(&mut source, (hole - data).unsigned_abs());
        std::io::copy(&mut part, disk).at("cannot write", "the disk")?;
        place = hole;
    }
    disk.flush().at("cannot write", "the disk")
}

/// Copies `size` bytes of the file `disk` from the byte `at` on to the file `to`; zeros become holes.
pub fn copy_out(disk: &Path, at: u64, size: u64, to: &Path) -> Result<(), BuildError> {
    let from = File::open(disk).at("cannot read", disk)?;
    let out = File::create(to).at("cannot write", to)?;
    out.set_len(size).at("cannot write", to)?;
    let mut buffer = vec![0u8; ALIGN as usize];
    let mut done = 0;
    while done < size {
        let part = usize::try_from(size - done)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let part = buffer.get_mut(..part).unwrap_or_default();
        from.read_exact_at(part, at + done).at("cannot read", disk)?;
        if part.iter().any(|byte| *byte != 0) {
            out.write_all_at(part, done).at("cannot write", to)?;
        }
        done += part.len() as u64;
    }
    Ok(())
}

/// Copies the first `size` bytes of the file `from` to the byte `at` of `disk`, zeros too.
pub fn copy_whole(from: &Path, disk: &mut File, at: u64, size: u64) -> Result<(), BuildError> {
    let source = File::open(from).at("cannot read", from)?;
    disk.seek(SeekFrom::Start(at)).at("cannot write", "the disk")?;
    std::io::copy(&mut std::io::Read::take(source, size), disk).at("cannot write", "the disk")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn want(role: Role, name: &str, number: Option<u32>, size: u64) -> Wanted {
        Wanted {
            role,
            name: name.to_owned(),
            number,
            size,
        }
    }

    #[test]
    fn numbers_are_those_asked_for_and_else_the_lowest_free() {
        let asked = [None, Some(2), None, Some(13), None];
        assert_eq!(numbers(asked.into_iter()), [1, 2, 3, 13, 4]);
    }

    #[test]
    fn a_gpt_is_read_back_with_its_partitions_and_is_the_same_twice() {
        let make = || {
            let mut file = tempfile::tempfile().expect("a file");
            let wanted = [
                want(Role::BiosBoot, "p.legacy", None, ALIGN),
                want(Role::Data, "p.lxdata", Some(13), ALIGN),
                want(Role::Root, "p.lxroot", None, 8 * ALIGN),
            ];
            let (parts, size) = place(&wanted, ALIGN, ALIGN);
            file.set_len(size).expect("it grows");
            write_gpt(&mut file, &parts, Uuid::nil(), "x86_64").expect("it is written");
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(0)).expect("it seeks");
            file.read_to_end(&mut bytes).expect("it reads");
            (file, bytes)
        };
        let (mut file, first) = make();
        assert!(first == make().1, "two disks of one name differ");
        let gpt = gptman::GPT::find_from(&mut file).expect("a table");
        assert_eq!(
            (gpt[2].starting_lba, gpt[2].partition_name.as_str()),
            (6144, "p.lxroot")
        );
        assert_eq!(gpt[13].starting_lba, 4096);
    }

    #[test]
    fn a_msdos_table_has_its_root_at_sector_2048_and_keeps_the_boot_code() {
        let mut file = tempfile::tempfile().expect("a file");
        let (parts, size) = place(&[want(Role::Root, "", None, 8 * ALIGN)], ALIGN, 0);
        file.set_len(size).expect("it grows");
        write_msdos(&mut file, &parts, Uuid::nil()).expect("it is written");
        embed_grub(&file, &[7; 512], &[9; 1000], 1, ALIGN - SECTOR).expect("it fits");
        let mut sector = [0; 1536];
        file.read_exact_at(&mut sector, 0).expect("it reads");
        assert_eq!(sector[0x5c..0x64], 1u64.to_le_bytes());
        assert_eq!(sector[446], 0x80);
        assert_eq!(sector[454..458], 2048u32.to_le_bytes());
        assert_eq!(sector[510..512], [0x55, 0xaa]);
        assert_eq!(sector[512 + 0x1f4..512 + 0x1fc], 2u64.to_le_bytes());
    }

    #[test]
    fn a_core_image_without_room_is_refused() {
        let file = tempfile::tempfile().expect("a file");
        assert!(embed_grub(&file, &[7; 512], &[9; 4096], 1, 1024).is_err());
    }
}
