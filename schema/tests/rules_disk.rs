//! Seeded mistakes in the layout of a disk, its volumes and its consoles: each is found, alone, where it stands; what
//! differs from it by the fault only is quiet.
#![cfg(test)]

mod seeded;

use seeded::Mistake;

fn oem(attributes: &str, inside: &str) -> String {
    let resize = if inside.contains("<oemconfig>") {
        ""
    } else {
        "<oemconfig><oem-resize>false</oem-resize></oemconfig>"
    };
    format!("<type image=\"oem\" filesystem=\"ext4\" {attributes}>{resize}{inside}</type>")
}

/// A mistake inside the `<type>`: what is wrong is between the bars.
fn mistake(code: &'static str, attributes: &str, inside: &str) -> Mistake {
    seeded::in_type(code, &oem(attributes, inside))
}

fn partition(name: &str, size: &str, rest: &str) -> String {
    format!("<partition name=\"{name}\" size=\"{size}\" filesystem=\"ext4\" {rest}/>")
}

#[test]
fn what_is_sound_is_quiet() {
    let two = partition("var", "500", "mountpoint=\"/var\"") + &partition("srv", "1G", "mountpoint=\"/srv\"");
    let partitions = format!("<partitions>{two}</partitions>");
    for (attributes, inside) in [
        ("firmware=\"uefi\"", "<size unit=\"G\">4</size>".to_owned()),
        ("firmware=\"bios\"", format!("<size unit=\"M\">2000</size>{partitions}")),
        ("firmware=\"uefi\" bootpartition=\"true\"", partitions.clone()),
        ("", "<size unit=\"M\" additive=\"true\">10</size>".to_owned()),
        ("", "<systemdisk><volume name=\"usr/lib\" size=\"1G\"/><volume name=\"@root\" freespace=\"500M\" mountpoint=\"/\"/><volume name=\"etc\" mountpoint=\"etc\"/></systemdisk>".to_owned()),
        ("firmware=\"uefi\" kernelcmdline=\"console=tty0 console=ttyS0,115200n8\"", "<bootloader name=\"grub2\" output_console=\"console serial\" serial_line=\"serial --speed=115200\"/>".to_owned()),
        ("firmware=\"uefi\" spare_part=\"200M\" spare_part_mountpoint=\"/home\" spare_part_fs=\"ext4\" efipart_id=\"55\" rootpart_id=\"1\"", String::new()),
        ("firmware=\"bios\" dosparttable_extended_layout=\"true\" spare_part=\"200M\" bootpartition=\"true\"", partitions),
        ("firmware=\"uefi\" format=\"ova\"", "<size unit=\"G\">24</size><machine memory=\"4096\" HWversion=\"15\"><vmnic driver=\"vmxnet3\" interface=\"0\" mode=\"none\"/><vmconfig-entry>ethernet0.networkName = \"lab\"</vmconfig-entry></machine>".to_owned()),
        ("firmware=\"efi\" efipartsize=\"200\" rootfs_label=\"sixteen_bytes_ok\" kernelcmdline=\"console=hvc0 splash\" target_blocksize=\"4096\"", "<bootloader name=\"systemd_boot\"/>".to_owned()),
    ] {
        seeded::quiet(&seeded::with_type(&oem(attributes, &inside)));
    }
}

/// A kernel and an initrd that dump an image to a disk: the module reads what is asked of disks.
#[test]
fn an_initrd_that_dumps_reads_what_a_disk_has() {
    let kis = |module: &str| {
        format!(
            "<type image=\"kis\" filesystem=\"ext4\"><initrd action=\"add\"><dracut module=\"{module}\"/></initrd>\
             <|oemconfig|><oem-unattended>true</oem-unattended></oemconfig></type>"
        )
    };
    seeded::quiet(&seeded::with_type(&kis("kiwi-dump").replace('|', "")));
    seeded::in_type("unused-setting", &kis("network")).is_found();
}

/// What no volume can have with the file system is one fault, and its repair takes it from all.
#[test]
fn volumes_that_break_one_rule_are_told_together() {
    let volumes =
        "<systemdisk><volume name=\"home\" |quota|=\"1G\"/><volume name=\"srv\" quota=\"1G\"/></systemdisk>";
    let wrong = mistake("attribute-not-for-filesystem", "", volumes);
    wrong.is_found();
    assert!(!wrong.repaired().contains("quota"));
}

#[test]
fn mistakes_in_sizes_and_tables() {
    let three: String = ["var", "srv", "home"]
        .map(|n| partition(n, "500", &format!("mountpoint=\"/{n}\"")))
        .concat();
    for wrong in [
        mistake("disk-too-small", "", "<size>|2|</size>"),
        mistake("disk-too-small", "", "<size unit=\"|M\">30|</size>"),
        mistake(
            "disk-too-small",
            "firmware=\"uefi\" efipartsize=\"500\"",
            "<size unit=\"|M\">500|</size>",
        ),
        mistake(
            "disk-too-small",
            "",
            "<size unit=\"G\">4</size><partitions><partition name=\"var\" size=\"|50G|\" mountpoint=\"/var\" filesystem=\"ext4\"/></partitions>",
        ),
        mistake(
            "disk-too-small",
            "",
            "<size unit=\"G\">|2|</size><systemdisk><volume name=\"srv\" size=\"1G\"/><volume name=\"home\" size=\"1G\"/></systemdisk>",
        ),
        mistake(
            "partition-limit",
            "firmware=\"bios\"",
            &format!(
                "<partitions>{three}<|partition| name=\"opt\" size=\"500\" mountpoint=\"/opt\" filesystem=\"ext4\"/></partitions>"
            ),
        ),
        mistake(
            "partition-limit",
            "firmware=\"bios\"",
            "<partitions><partition name=\"var\" size=\"500\" part_id=\"|9|\" mountpoint=\"/var\" filesystem=\"ext4\"/></partitions>",
        ),
        mistake(
            "partition-limit",
            "firmware=\"bios\"",
            "<size unit=\"G\">|3000|</size>",
        ),
        mistake("partition-too-small", "firmware=\"uefi\" efipartsize=\"|1|\"", ""),
        mistake(
            "partition-too-small",
            "firmware=\"uefi\" efipartsize=\"|20|\"",
            "<bootloader name=\"systemd_boot\"/>",
        ),
        mistake(
            "partition-too-small",
            "bootpartition=\"true\" bootpartsize=\"|3|\"",
            "",
        ),
        mistake(
            "partition-too-small",
            "",
            "<partitions><partition name=\"var\" size=\"|100|\" mountpoint=\"/var\" filesystem=\"xfs\"/></partitions>",
        ),
        mistake("sector-size", "target_blocksize=\"|500|\"", ""),
        mistake(
            "unused-setting",
            "",
            "<oemconfig><oem-resize>false</oem-resize><|oem-swapsize|>512</oem-swapsize></oemconfig>",
        ),
    ] {
        wrong.is_found();
    }
}

#[test]
fn mistakes_in_names_and_mount_points() {
    let var = partition("var", "500", "mountpoint=\"/var\" label=\"VAR\" part_id=\"5\"");
    let with = |second: &str| format!("<partitions>{var}{second}</partitions>");
    let efi = "firmware=\"uefi\"";
    for wrong in [
        mistake(
            "duplicate-mount-point",
            efi,
            &with(&partition("srv", "500", "mountpoint=\"|/var/|\"")),
        ),
        mistake(
            "duplicate-mount-point",
            efi,
            &with(&partition("esp", "500", "mountpoint=\"|/boot/efi|\"")),
        ),
        mistake(
            "duplicate-mount-point",
            efi,
            &with(&partition("slash", "500", "mountpoint=\"|/|\"")),
        ),
        mistake(
            "duplicate-mount-point",
            efi,
            &format!("<systemdisk><volume name=\"|var|\"/></systemdisk>{}", with("")),
        ),
        mistake(
            "duplicate-partition",
            efi,
            &with(&partition("|var|", "500", "mountpoint=\"/srv\"")),
        ),
        mistake(
            "duplicate-partition-number",
            efi,
            &with(&partition("srv", "500", "mountpoint=\"/srv\" part_id=\"|5|\"")),
        ),
        mistake(
            "duplicate-label",
            efi,
            &with(&partition("srv", "500", "mountpoint=\"/srv\" label=\"|VAR|\"")),
        ),
        mistake(
            "duplicate-label",
            efi,
            &with(&partition("srv", "500", "mountpoint=\"/srv\" label=\"|EFI|\"")),
        ),
        mistake(
            "mount-point",
            efi,
            &with(&partition("srv", "500", "mountpoint=\"|srv|\"")),
        ),
        mistake(
            "mount-point",
            efi,
            &with(&partition("srv", "500", "mountpoint=\"|/my srv|\"")),
        ),
        mistake(
            "missing-filesystem",
            efi,
            "<partitions><partition name=\"var\" size=\"500\" mountpoint=\"|/var|\"/></partitions>",
        ),
        mistake(
            "missing-filesystem",
            "firmware=\"uefi\" spare_part=\"500\" spare_part_mountpoint=\"|/srv|\"",
            "",
        ),
        mistake(
            "missing-spare-partition",
            "firmware=\"uefi\" spare_part_mountpoint=\"|/srv|\" spare_part_fs=\"ext4\"",
            "",
        ),
        mistake("label-too-long", "rootfs_label=\"|a_label_of_18_byte|\"", ""),
        mistake(
            "label-too-long",
            "",
            "<partitions><partition name=\"d\" size=\"500\" mountpoint=\"/d\" filesystem=\"fat32\" label=\"|TWELVE_BYTES|\"/></partitions>",
        ),
        mistake(
            "duplicate-volume",
            "",
            "<systemdisk><volume name=\"srv\"/><volume name=\"|/srv|\" size=\"1G\"/></systemdisk>",
        ),
        mistake(
            "duplicate-volume",
            "",
            "<systemdisk><volume name=\"@root\"/><volume name=\"|@root=main|\"/></systemdisk>",
        ),
        mistake(
            "duplicate-mount-point",
            "",
            "<systemdisk><volume name=\"srv\"/><volume name=\"data\" mountpoint=\"|/srv|\"/></systemdisk>",
        ),
        mistake(
            "volume-name",
            "",
            "<systemdisk name=\"|system disk|\"><volume name=\"srv\"/></systemdisk>",
        ),
        mistake(
            "volume-name",
            "",
            "<systemdisk><volume name=\"|my srv|\"/></systemdisk>",
        ),
        mistake(
            "contradicting-sizes",
            "",
            "<systemdisk><volume name=\"srv\" freespace=\"|1G\" size=\"2G|\"/></systemdisk>",
        ),
    ] {
        wrong.is_found();
    }
}

#[test]
fn mistakes_on_the_way_to_the_console() {
    let grub = "<bootloader name=\"grub2\" output_console=\"|serial|\" input_console=\"serial\"/>";
    for wrong in [
        mistake("missing-serial-console", "", grub),
        mistake("missing-serial-console", "kernelcmdline=\"splash\"", grub),
        mistake(
            "console-device",
            "kernelcmdline=\"quiet |console=ttys0,115200|\"",
            "",
        ),
        mistake("console-device", "kernelcmdline=\"|console=ttyS|\"", ""),
        mistake(
            "loader-not-for-firmware",
            "firmware=\"bios\"",
            "<bootloader name=\"|systemd_boot|\"/>",
        ),
        mistake(
            "loader-not-for-firmware",
            "firmware=\"uefi\"",
            "<bootloader name=\"|zipl|\"/>",
        ),
        mistake(
            "unused-setting",
            "",
            "<bootloader name=\"grub2\" output_console=\"gfxterm\" serial_line=\"|serial --speed=9600|\"/>",
        ),
    ] {
        wrong.is_found();
    }
}

#[test]
fn certain_repairs_are_offered() {
    let fixed = |wrong: Mistake| wrong.repaired();
    let partition = "<partitions><partition name=\"var\" size=\"500\" mountpoint=\"|var|\" filesystem=\"ext4\"/></partitions>";
    assert!(fixed(mistake("mount-point", "", partition)).contains("mountpoint=\"/var\""));
    assert!(fixed(mistake("disk-too-small", "", "<size>|2|</size>")).contains("<size unit=\"G\">2<"));
    let grub = "<bootloader name=\"grub2\" output_console=\"|serial|\"/>";
    let line = fixed(mistake(
        "missing-serial-console",
        "kernelcmdline=\"splash\"",
        grub,
    ));
    assert!(line.contains("kernelcmdline=\"splash console=ttyS0\""), "{line}");
}
