//! The codes of rules about disks, file systems, volumes and formats. Plain data.

use super::{REFUSED, START};
use crate::rules::table::{Code, error, warning};

/// Sorted by code.
pub(super) static CODES: &[Code] = &[
    warning(
        "bundle-name",
        "a pattern of names that is not filled in as meant",
        "the results would be bundled under another name",
    ),
    error(
        "compression",
        "a compression that the file system does not have",
        "the build would stop in create, where the file system is made",
    ),
    warning(
        "contradicting-sizes",
        "a volume with two sizes",
        "one of them is taken without a word",
    ),
    warning(
        "device-filter",
        "a pattern of disks that is no regular expression",
        "the build would go through, and the installation leave out no disk, or every one",
    ),
    warning(
        "disk-too-large",
        "a disk of more room than any image has",
        "the build would go through, and make an image that says it is that large",
    ),
    error(
        "disk-too-small",
        "a disk that cannot hold its partitions and its root",
        "the build would stop in create, where the disk is divided",
    ),
    warning(
        "dracut-module",
        "a module of dracut under a slip of its name",
        "the build would go through, and the initrd be made without regard to it",
    ),
    warning(
        "duplicate-label",
        "two file systems of one label",
        "the system may mount the one in place of the other",
    ),
    warning(
        "duplicate-mount-point",
        "two file systems mounted at one place",
        "one of them would hide the other in the running system",
    ),
    warning(
        "duplicate-partition",
        "two partitions of one name",
        "only the last of them would be made",
    ),
    error(
        "duplicate-partition-number",
        "two partitions of one number",
        "the build would stop in create, where the disk is divided",
    ),
    warning(
        "duplicate-volume",
        "a volume given twice",
        "the build would stop in create, or take one of them without a word",
    ),
    error(
        "efi-image-too-large",
        "an EFI image larger than an ISO can start",
        START,
    ),
    error(
        "filesystem-option",
        "an option to make a file system with that it does not have",
        "the build would stop in create, where the root's file system is made",
    ),
    warning(
        "format-option",
        "a value that the disk format's option does not have",
        "the build would stop in create, where the disk is converted",
    ),
    error(
        "full-size-volumes",
        "more than one volume that takes all the room left",
        START,
    ),
    warning(
        "label-too-long",
        "a label that the file system cannot hold",
        "the build would stop in create, or the label would be cut off",
    ),
    warning(
        "luks-not-for-loader",
        "an encrypted root that the boot loader cannot open",
        "the guest would not boot",
    ),
    error("luks-option", "an option that `cryptsetup` does not have", START),
    error(
        "luks-version",
        "an option that the older LUKS header does not have",
        "the build would stop in create, where the root is encrypted",
    ),
    error("lvm-only", "a setting that counts only with LVM", START),
    warning(
        "machine-range",
        "a least that is above its most",
        "the virtual machine would not start, or take one of them",
    ),
    warning(
        "machine-setting",
        "a setting that no virtual machine has",
        "the virtual machine would not start, or without what is meant",
    ),
    warning(
        "missing-filesystem",
        "a partition to mount that has no file system",
        "its line in `/etc/fstab` would name no file system: the guest would stop in its emergency shell",
    ),
    warning(
        "missing-mount-point",
        "a mount point that nothing makes",
        "the build would stop in create, where the partition is filled",
    ),
    warning(
        "missing-spare-partition",
        "settings of a spare partition that is not made",
        "the build makes none without a word, and the root holds what was meant for it",
    ),
    warning(
        "mount-option",
        "a mount option that the root's file system does not have",
        "the build would stop in create, where the root is mounted, or the guest would not mount it",
    ),
    error(
        "mount-point",
        "a mount point that is no path",
        "the build would stop in create, where the file systems are filled",
    ),
    error(
        "partition-limit",
        "more partitions, or another number, than the table has",
        "the build would stop in create, where the disk is divided",
    ),
    warning(
        "partition-too-small",
        "a partition or volume too small for what it is for",
        "the build would stop in create, where it is made or filled",
    ),
    error(
        "partuuid-with-msdos",
        "partitions named by an UUID that an msdos table does not have",
        START,
    ),
    warning(
        "ramdisk-size",
        "a RAM disk that cannot hold a system",
        "the guest would not start from memory",
    ),
    warning(
        "read-only-root",
        "a root that cannot be written to, with nothing over it",
        "the build would go through, and services that write would fail as the guest boots",
    ),
    error(
        "reserved-partition-name",
        "a partition named like one of the disk's own",
        REFUSED,
    ),
    error(
        "reserved-volume-label",
        "a volume labelled like one of the disk's own",
        START,
    ),
    error("root-volume", "a volume mounted at `/`", START),
    error(
        "sector-size",
        "a sector size that no disk has",
        "the build would stop in create, where the disk is set up",
    ),
    error(
        "unpartitioned-too-large",
        "more unpartitioned room than the disk has",
        REFUSED,
    ),
    warning(
        "vagrant-size",
        "a box that says it is smaller than its disk",
        "Vagrant would not start the box, or cut its disk off",
    ),
    error(
        "volume-name",
        "a name that LVM does not take",
        "the build would stop in create, where the volumes are made",
    ),
    error(
        "volumes-under-overlay",
        "volumes of a root that lies under an overlay",
        "the build would stop in create, before the disk is divided",
    ),
];
