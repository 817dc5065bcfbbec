//! What must stand together, and what must not: the conditions that KIWI's schema states beside its grammar. One
//! static table. Where the original says something else than it means, the page in docs/diagnostics/ says so.

use super::table::{Rule, Test, above, own};

/// An attribute of `<type>` that only these images have.
const fn image(attribute: &'static str, images: &'static [&'static str]) -> Rule {
    Rule {
        code: "attribute-not-for-type",
        element: "type",
        attribute: Some(attribute),
        when: None,
        must: Test::IsOrAbsent(own("image"), images),
    }
}

/// An attribute of `<bootloader>` that only these loaders know.
const fn loader(attribute: &'static str, loaders: &'static [&'static str]) -> Rule {
    Rule {
        code: "attribute-not-for-loader",
        element: "bootloader",
        attribute: Some(attribute),
        when: None,
        must: Test::IsOrAbsent(own("name"), loaders),
    }
}

/// An attribute of `<containerconfig>` that only these images have.
const fn container(attribute: &'static str, images: &'static [&'static str]) -> Rule {
    Rule {
        code: "attribute-not-for-type",
        element: "containerconfig",
        attribute: Some(attribute),
        // Elsewhere the whole section is wrong, which is said once.
        when: Some(Test::Is(above(1, "image"), CONFIGURED)),
        must: Test::IsOrAbsent(above(1, "image"), images),
    }
}

/// An attribute of `<type>` for a Btrfs root.
const fn btrfs(attribute: &'static str) -> Rule {
    Rule {
        code: "attribute-not-for-filesystem",
        element: "type",
        attribute: Some(attribute),
        when: None,
        must: Test::IsOrAbsent(own("filesystem"), &["btrfs"]),
    }
}

/// The same: LVM in place of subvolumes leaves it nothing to do.
const fn subvolumes(attribute: &'static str) -> Rule {
    Rule {
        code: "btrfs-attribute-with-lvm",
        element: "type",
        attribute: Some(attribute),
        when: None,
        must: Test::NoChildWithTrue("systemdisk", "preferlvm"),
    }
}

/// An attribute that needs another beside it.
const fn companion(element: &'static str, attribute: &'static str, needs: &'static str) -> Rule {
    Rule {
        code: "missing-companion",
        element,
        attribute: Some(attribute),
        when: None,
        must: Test::Given(own(needs)),
    }
}

const OEM: &[&str] = &["oem"];
const ISO: &[&str] = &["iso"];
const OEM_ISO: &[&str] = &["oem", "iso"];
const KERNELS: &[&str] = &["oem", "iso", "pxe", "kis"];
const CONTAINERS: &[&str] = &["docker", "oci"];
const NAMED: &[&str] = &["oem", "docker", "oci"];
/// Images that `<containerconfig>` has a meaning for.
const CONFIGURED: &[&str] = &["oem", "docker", "oci", "appx"];
const GRUB: &[&str] = &["grub2", "grub2_s390x_emu"];
const WRAPPED: &[&str] = &["oci:", "docker:"];

/// Every co-occurrence rule.
pub static RULES: &[Rule] = &[
    image("boot", &["oem", "pxe"]),
    image("xen_server", OEM),
    image("btrfs_quota_groups", OEM),
    image("btrfs_set_default_volume", OEM),
    image("btrfs_root_is_subvolume", OEM),
    image("btrfs_root_is_snapper_snapshot", OEM),
    image("btrfs_root_is_readonly_snapshot", OEM),
    image("target_blocksize", &["oem", "kis"]),
    image("target_removable", OEM),
    image("spare_part", OEM),
    image("spare_part_mountpoint", OEM),
    image("spare_part_fs", OEM),
    image("spare_part_fs_attributes", OEM),
    image("spare_part_is_last", OEM),
    image("bootpartsize", OEM),
    image("efipartsize", OEM),
    image("eficsm", OEM_ISO),
    image("efifatimagesize", OEM_ISO),
    image("dosparttable_extended_layout", OEM),
    image("efiparttable", OEM_ISO),
    image("bootprofile", &["oem", "iso", "pxe", "cpio"]),
    image("compressed", &["pxe", "kis"]),
    image("editbootconfig", OEM_ISO),
    image("editbootinstall", OEM),
    image("filesystem", &["oem", "pxe", "kis", "iso"]),
    image("erofscompression", &["oem", "pxe", "kis", "iso", "erofs"]),
    image("squashfscompression", &["oem", "pxe", "kis", "iso", "squashfs"]),
    image("verity_blocks", OEM_ISO),
    image("embed_verity_metadata", OEM),
    image("standalone_integrity", OEM),
    image("embed_integrity_metadata", OEM),
    image("integrity_legacy_hmac", OEM),
    image("integrity_keyfile", OEM),
    image("integrity_metadata_key_description", OEM),
    image("overlayroot", OEM),
    image("overlayroot_readonly_filesystem", OEM),
    image("overlayroot_write_partition", OEM),
    image("overlayroot_readonly_partsize", OEM),
    image("firmware", &["oem", "pxe", "iso"]),
    image("bootpartition", OEM),
    image("bootfilesystem", OEM),
    image("flags", ISO),
    image("format", OEM),
    image("enclave_format", &["enclave"]),
    image("formatoptions", OEM),
    image("force_mbr", OEM),
    image("hybridpersistent", &["iso", "pxe"]),
    image("hybridpersistent_filesystem", &["iso", "pxe"]),
    image("gpt_hybrid_mbr", OEM_ISO),
    image("initrd_system", &["oem", "pxe", "kis"]),
    image("metadata_path", &["appx"]),
    image("installboot", OEM),
    image("install_continue_on_timeout", OEM),
    image("installprovidefailsafe", OEM),
    image("installiso", OEM),
    image("installstick", OEM),
    image("installpxe", OEM),
    image("mediacheck", ISO),
    image("kernelcmdline", &["oem", "iso", "pxe", "kis", "enclave"]),
    image("luks", KERNELS),
    image("luks_version", KERNELS),
    image("luksOS", KERNELS),
    image("luks_pbkdf", KERNELS),
    image("mdraid", OEM),
    image("ramonly", OEM),
    image("rootfs_label", &["oem", "pxe", "kis", "docker"]),
    image("gcelicense", OEM),
    image("vhdfixedtag", OEM),
    image("volid", &["iso", "oem"]),
    image("application_id", &["iso", "oem"]),
    image("wwid_wait_timeout", OEM),
    image("derived_from", &["docker", "oci", "oem"]),
    image("provide_system_files", CONTAINERS),
    image("require_system_files", CONTAINERS),
    image("delta_root", CONTAINERS),
    image("ensure_empty_tmpdirs", CONTAINERS),
    image("archive", &["kis"]),
    image("publisher", ISO),
    image("disk_start_sector", OEM),
    image("root_clone", OEM),
    image("boot_clone", OEM),
    image("eficsmpart_id", OEM),
    image("efipart_id", OEM),
    image("rootpart_id", OEM),
    image("bootpart_id", OEM),
    btrfs("btrfs_quota_groups"),
    btrfs("btrfs_set_default_volume"),
    btrfs("btrfs_root_is_subvolume"),
    btrfs("btrfs_root_is_snapper_snapshot"),
    btrfs("btrfs_root_is_readonly_snapshot"),
    subvolumes("btrfs_quota_groups"),
    subvolumes("btrfs_set_default_volume"),
    subvolumes("btrfs_root_is_subvolume"),
    subvolumes("btrfs_root_is_snapper_snapshot"),
    subvolumes("btrfs_root_is_readonly_snapshot"),
    companion("type", "embed_verity_metadata", "verity_blocks"),
    companion("type", "embed_integrity_metadata", "standalone_integrity"),
    companion("type", "integrity_legacy_hmac", "standalone_integrity"),
    Rule {
        code: "missing-for-type",
        element: "type",
        attribute: None,
        when: Some(Test::Is(own("image"), OEM)),
        must: Test::Given(own("filesystem")),
    },
    Rule {
        code: "missing-for-type",
        element: "type",
        attribute: None,
        when: Some(Test::Is(own("image"), &["appx"])),
        must: Test::Given(own("metadata_path")),
    },
    Rule {
        code: "missing-for-type",
        element: "type",
        attribute: None,
        when: Some(Test::Is(own("format"), &["vagrant"])),
        must: Test::Child("vagrantconfig"),
    },
    Rule {
        code: "container-format-needed",
        element: "type",
        attribute: Some("derived_from"),
        when: Some(Test::Is(own("image"), OEM)),
        must: Test::Begins(own("format"), WRAPPED),
    },
    Rule {
        code: "container-format-needed",
        element: "containerconfig",
        attribute: None,
        // Other images have no format, which is said of it.
        when: Some(Test::Is(above(1, "image"), OEM)),
        must: Test::BeginsOrAbsent(above(1, "format"), WRAPPED),
    },
    Rule {
        code: "section-not-for-type",
        element: "containerconfig",
        attribute: None,
        when: Some(Test::Given(own("name"))),
        must: Test::IsOrAbsent(above(1, "image"), CONFIGURED),
    },
    container("tag", NAMED),
    container("additionalnames", NAMED),
    container("maintainer", NAMED),
    container("user", NAMED),
    container("workingdir", NAMED),
    Rule {
        code: "section-not-for-type",
        element: "bootloader",
        attribute: None,
        when: Some(Test::Given(own("name"))),
        must: Test::IsOrAbsent(above(1, "image"), OEM_ISO),
    },
    // `grub_template` has the same images as the section, which speaks for it.
    loader("bls", &["grub2"]),
    loader("output_console", GRUB),
    loader("input_console", GRUB),
    loader("serial_line", GRUB),
    loader("video_mode", GRUB),
    loader("timeout", &["grub2", "grub2_s390x_emu", "systemd_boot", "zipl"]),
    loader("timeout_style", GRUB),
    loader("targettype", &["grub2_s390x_emu", "zipl"]),
    Rule {
        code: "section-not-for-loader",
        element: "securelinux",
        attribute: None,
        when: None,
        must: Test::Is(above(1, "name"), &["zipl", "grub2_s390x_emu"]),
    },
    Rule {
        code: "reserved-partition-name",
        element: "partition",
        attribute: Some("name"),
        when: None,
        must: Test::Not(
            own("name"),
            &[
                "root", "readonly", "boot", "prep", "spare", "swap", "efi_csm", "efi",
            ],
        ),
    },
    Rule {
        code: "attribute-not-for-filesystem",
        element: "volume",
        attribute: Some("quota"),
        when: None,
        must: Test::Is(above(2, "filesystem"), &["btrfs"]),
    },
    Rule {
        code: "attribute-not-for-section",
        element: "vagrantconfig",
        attribute: Some("virtualbox_guest_additions_present"),
        when: None,
        must: Test::IsOrAbsent(own("provider"), &["virtualbox"]),
    },
    Rule {
        code: "attribute-not-for-section",
        element: "packages",
        attribute: Some("bootstrap_package"),
        when: None,
        must: Test::IsOrAbsent(own("type"), &["bootstrap"]),
    },
    Rule {
        code: "attribute-not-for-manager",
        element: "packages",
        attribute: Some("bootstrap_package"),
        when: None,
        must: Test::Manager("apt"),
    },
    Rule {
        code: "attribute-not-for-section",
        element: "repository",
        attribute: Some("architectures"),
        when: None,
        must: Test::IsOrAbsent(own("type"), &["apt-deb"]),
    },
    Rule {
        code: "section-misplaced",
        element: "collectionModule",
        attribute: None,
        when: None,
        must: Test::Is(above(1, "type"), &["bootstrap"]),
    },
    Rule {
        code: "stream-of-disabled-module",
        element: "collectionModule",
        attribute: Some("stream"),
        when: None,
        must: Test::AnyTrue(&[own("enable")]),
    },
    Rule {
        code: "unpartitioned-too-large",
        element: "size",
        attribute: Some("unpartitioned"),
        when: None,
        must: Test::AtMostText(own("unpartitioned")),
    },
    Rule {
        code: "missing-companion",
        element: "luksformat",
        attribute: None,
        when: None,
        must: Test::Given(above(1, "luks")),
    },
    Rule {
        code: "missing-companion",
        element: "installmedia",
        attribute: None,
        when: None,
        must: Test::AnyTrue(&[above(1, "installiso"), above(1, "installpxe")]),
    },
    // Two checks that KIWI makes as it starts, and that need nothing but the text.
    Rule {
        code: "efi-image-too-large",
        element: "type",
        attribute: Some("efifatimagesize"),
        when: None,
        must: Test::AtMost(own("efifatimagesize"), 31),
    },
    Rule {
        code: "section-not-for-loader",
        element: "environment",
        attribute: None,
        when: None,
        // In a container the element two above is the type, which has no name.
        must: Test::IsOrAbsent(above(2, "name"), &["grub2", "grub2_s390x_emu", "custom"]),
    },
];
