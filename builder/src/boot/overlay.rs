//! The file that takes what a guest writes, so that the image stays as it is: an empty qcow2 over it (QEMU's qcow2
//! specification, version 2). QEMU's own `snapshot=on` makes a file with a name, which stays where the guest is ended
//! at the wrong moment. Makes bytes only.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes of a cluster.
const CLUSTER: u64 = 65536;
/// Bytes of the guest's disk that one entry of the first table stands for.
const REACH: u64 = CLUSTER * CLUSTER / 8;

/// Bytes of the disk that an image stands for.
pub fn virtual_size(image: &Path) -> std::io::Result<u64> {
    let file = File::open(image)?;
    let mut header = [0; 32];
    let read = file.read_at(&mut header, 0)?;
    if let ([b'Q', b'F', b'I', 0xfb, _rest @ ..], [.., a, b, c, d, e, f, g, h], 32) = (&header, &header, read)
    {
        return Ok(u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]));
    }
    Ok(file.metadata()?.len())
}

/// An empty qcow2 of `size` bytes over `image`, which is of the format `format`.
pub fn over(image: &Path, format: &str, size: u64) -> Vec<u8> {
    let entries = size.div_ceil(REACH).max(1);
    let l1_clusters = (entries * 8).div_ceil(CLUSTER);
    let name = image.as_os_str().as_bytes();
    let extension = format.len().next_multiple_of(8) + 16;
    let mut out = Vec::new();
    let mut put = |bytes: &[u8]| out.extend_from_slice(bytes);
    put(b"QFI\xfb");
    put(&2u32.to_be_bytes());
    put(&(72 + extension as u64).to_be_bytes());
    put(&(name.len() as u32).to_be_bytes());
    put(&16u32.to_be_bytes()); // Clusters of 2^16 bytes.
    put(&size.to_be_bytes());
    put(&0u32.to_be_bytes()); // No encryption.
    put(&(entries as u32).to_be_bytes());
    put(&(3 * CLUSTER).to_be_bytes()); // The first table.
    put(&CLUSTER.to_be_bytes()); // The table of reference counts: one cluster.
    put(&1u32.to_be_bytes());
    put(&0u32.to_be_bytes()); // No snapshots.
    put(&0u64.to_be_bytes());
    // The backing file's format, and the end of the extensions.
    put(&0xe279_2acau32.to_be_bytes());
    put(&(format.len() as u32).to_be_bytes());
    put(format.as_bytes());
    out.resize(72 + extension, 0);
    out.extend_from_slice(name);
    out.resize(CLUSTER as usize, 0);
    out.extend_from_slice(&(2 * CLUSTER).to_be_bytes());
    out.resize(2 * CLUSTER as usize, 0);
    for _ in 0..3 + l1_clusters {
        out.extend_from_slice(&1u16.to_be_bytes());
    }
    out.resize(((3 + l1_clusters) * CLUSTER) as usize, 0);
    out
}
