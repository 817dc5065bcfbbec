//! Names and values that KIWI's schema had in versions before those that are migrated, and what is there in their place:
//! from the release notes of KIWI 7 to 10. One table; judges nothing.

/// What stands in place of something.
pub(super) enum Now {
    /// Nothing: no KIWI of today asks for it.
    Nothing,
    /// Another name.
    Renamed(&'static str),
    /// An attribute of the `<bootloader>` inside.
    OfLoader(&'static str),
    /// Another value, and whether it is the same.
    Value(&'static str, bool),
    /// Something that the author has to write.
    Said(&'static str),
}

use Now::{Nothing, OfLoader, Renamed, Said, Value};

/// Attributes by their elements.
pub(super) const ATTRIBUTES: &[(&str, &str, Now)] = &[
    ("type", "bootloader", OfLoader("name")),
    ("type", "boottimeout", OfLoader("timeout")),
    ("type", "boottimeout_style", OfLoader("timeout_style")),
    ("type", "bootloader_console", OfLoader("output_console")),
    ("type", "zipl_targettype", OfLoader("targettype")),
    ("type", "hybrid", Nothing),
    ("type", "fsnocheck", Nothing),
    ("type", "fsreadonly", Nothing),
    ("type", "fsreadwrite", Nothing),
    ("type", "checkprebuilt", Nothing),
    ("type", "vga", Nothing),
    (
        "type",
        "container",
        Said("`name` of `<containerconfig>` says it now"),
    ),
    ("users", "group", Said("each `<user>` has `groups`")),
    ("users", "id", Said("the `id` of a `<user>` is the account's own")),
    ("user", "pwd", Renamed("password")),
    ("repository", "status", Nothing),
    ("repository", "prefer-license", Nothing),
    ("package", "replaces", Nothing),
    ("package", "forceRepo", Nothing),
    ("image", "kiwirevision", Nothing),
    ("drivers", "type", Nothing),
];

/// Elements by those that held them.
pub(super) const ELEMENTS: &[(&str, &str, Now)] = &[
    ("preferences", "boot-theme", Renamed("bootsplash-theme")),
    ("preferences", "rpm-force", Nothing),
    ("preferences", "defaultbaseroot", Nothing),
    ("preferences", "defaultdestination", Nothing),
    ("preferences", "defaultprebuilt", Nothing),
    ("preferences", "defaultroot", Nothing),
    ("preferences", "hwclock", Nothing),
    ("preferences", "partitioner", Nothing),
    ("preferences", "toolchain", Nothing),
    ("type", "lvmvolumes", Renamed("systemdisk")),
    (
        "type",
        "pxedeploy",
        Said("the server of network boots says it now"),
    ),
    ("type", "vmwareconfig", Said("`<machine>` says it now")),
    ("type", "xenconfig", Said("`<machine>` says it now")),
    ("type", "ec2config", Said("what uploads the image says it now")),
    (
        "type",
        "split",
        Said("`overlayroot=\"true\"` makes a root that is not written to"),
    ),
    ("packages", "opensusePattern", Renamed("namedCollection")),
    ("packages", "rhelGroup", Renamed("namedCollection")),
    ("packages", "opensuseProduct", Renamed("product")),
    ("packages", "suseProduct", Renamed("product")),
];

/// Values by elements and attributes; of an element's text where there is no attribute.
pub(super) const VALUES: &[(&str, &str, &str, Now)] = &[
    ("type", "image", "vmx", Value("oem", false)),
    (
        "type",
        "image",
        "lxc",
        Said("`tbz` packs the tree, `oci` makes a container"),
    ),
    ("type", "image", "aci", Value("oci", false)),
    (
        "type",
        "image",
        "split",
        Said("`oem` with `overlayroot=\"true\"` makes such a disk"),
    ),
    (
        "type",
        "image",
        "clicfs",
        Said("`squashfs` and `erofs` are packed file systems"),
    ),
    (
        "type",
        "image",
        "product",
        Said("media to install packages from are made by other tools"),
    ),
    ("type", "flags", "clic", Value("overlay", false)),
    ("type", "flags", "clic_udf", Value("overlay", false)),
    ("type", "flags", "seed", Value("overlay", false)),
    ("type", "flags", "unified", Value("overlay", false)),
    ("type", "flags", "compressed", Value("overlay", false)),
    ("bootloader", "name", "grub", Value("grub2", false)),
    ("bootloader", "name", "extlinux", Value("grub2", false)),
    ("bootloader", "name", "isolinux", Value("grub2", false)),
    ("bootloader", "name", "syslinux", Value("grub2", false)),
    ("bootloader", "name", "uboot", Value("custom", false)),
    ("bootloader", "name", "berryboot", Value("custom", false)),
    (
        "repository",
        "type",
        "rpm-dir",
        Said("no repository is of this kind any more"),
    ),
    ("repository", "type", "yast2", Value("rpm-md", false)),
    ("repository", "type", "red-carpet", Value("rpm-md", false)),
    ("packagemanager", "", "apt-get", Value("apt", true)),
    ("packagemanager", "", "yum", Value("dnf4", false)),
    ("packagemanager", "", "smart", Value("zypper", false)),
    (
        "packages",
        "type",
        "vmware",
        Said("`image`, with the `profiles` of what it is for"),
    ),
    (
        "packages",
        "type",
        "xen",
        Said("`image`, with the `profiles` of what it is for"),
    ),
];
