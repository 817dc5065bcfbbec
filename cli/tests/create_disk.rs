//! Disks of `apteryx create` as the tools of their users read them: tables by sgdisk and sfdisk, file systems by e2fsck
//! and debugfs, the EFI partition by mtools; and the scripts around the boot loader in KIWI's order. Tiny trees, no boot.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs
)]

mod tiny;

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use tiny::{Case, ready, run, traces, with_kernel};

fn description(kind: &str) -> String {
    let settings = "<version>1.2.3</version><packagemanager>apt</packagemanager>";
    tiny::description("Disk", &format!("{settings}\n        {kind}"))
}

fn said(program: &str, args: &[&str]) -> String {
    let output = run(program, args);
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let more = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {words}{more}");
    words
}

/// A partition as a file of its own.
struct Part {
    path: PathBuf,
    kind: String,
}

impl Part {
    fn read(&self, name: &str) -> String {
        said(
            "debugfs",
            &["-R", &format!("cat {name}"), self.path.to_str().unwrap()],
        )
    }
    fn names(&self, dir: &str) -> Vec<String> {
        let listed = said(
            "debugfs",
            &["-R", &format!("ls -p {dir}"), self.path.to_str().unwrap()],
        );
        let name = |line: &str| line.split('/').nth(5).map(str::to_owned);
        let mut names: Vec<String> = listed.lines().filter_map(name).collect();
        names.retain(|name| !matches!(name.as_str(), "." | ".." | "lost+found"));
        names.sort();
        names
    }
}

/// The partitions of a disk by number, as sfdisk finds them; ext file systems are checked.
fn partitions(disk: &Path) -> BTreeMap<u64, Part> {
    let json = said("sfdisk", &["--json", disk.to_str().unwrap()]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let file = std::fs::File::open(disk).unwrap();
    let mut parts = BTreeMap::new();
    for entry in json["partitiontable"]["partitions"].as_array().unwrap() {
        let node = entry["node"].as_str().unwrap();
        let number: u64 = node.rsplit("raw").next().unwrap().parse().unwrap();
        let number_of = |name: &str| entry[name].as_u64().unwrap() * 512;
        let mut bytes = vec![0; usize::try_from(number_of("size")).unwrap()];
        file.read_exact_at(&mut bytes, number_of("start")).unwrap();
        let path = disk.with_extension(format!("part{number}"));
        std::fs::write(&path, &bytes).unwrap();
        if bytes[1080..1082] == [0x53, 0xef] {
            said("e2fsck", &["-fn", path.to_str().unwrap()]);
        }
        let kind = entry["type"].as_str().unwrap().to_owned();
        parts.insert(number, Part { path, kind });
    }
    parts
}

fn create(case: &Case) -> PathBuf {
    let before = traces();
    let (status, text) = case.run("oem");
    assert_eq!(status, Some(0), "{text}");
    assert_eq!(traces(), before);
    assert!(
        case.left().iter().all(|name| !name.starts_with(".apteryx")),
        "{:?}",
        case.left()
    );
    case.path("out/Disk.x86_64-1.2.3.raw")
}

#[test]
fn a_gpt_holds_boot_swap_and_partitions_with_what_belongs_on_each() {
    let _alone = tiny::alone();
    if !ready(&["sgdisk", "sfdisk", "e2fsck", "debugfs", "mcopy", "grub-mkimage"]) {
        return;
    }
    let kind = r#"<type image="oem" filesystem="ext4" firmware="uefi" bootpartition="true" bootfilesystem="ext2" bootpartsize="100"
            kernelcmdline="console=ttyS0">
            <bootloader name="grub2" output_console="gfxterm serial" input_console="serial" serial_line="serial --speed=9600" timeout="3"
                timeout_style="hidden"/>
            <oemconfig><oem-boot-title>A disk of parts</oem-boot-title><oem-resize>false</oem-resize><oem-swap>true</oem-swap><oem-swapsize>42</oem-swapsize></oemconfig>
            <size unit="M" unpartitioned="50">500</size>
            <partitions>
                <partition name="var" size="60" filesystem="ext4" mountpoint="/var" part_id="13" label="VAR"/>
                <partition name="log" size="30M" filesystem="ext3" mountpoint="/var/log" partition_name="logs"/>
                <partition name="bare" size="10" partition_type="t.raid"/>
                <partition name="empty" size="10" filesystem="ext2"/>
            </partitions>
        </type>"#;
    let case = with_kernel(Case::new(&description(kind)))
        .with("tree/var/lib/of-var", "v")
        .with("tree/var/log/of-log", "l")
        .with("tree/etc/fstab.append", "tmpfs /scratch tmpfs defaults 0 0\n");
    let script = case.path("tree/etc/fstab.script");
    std::fs::write(
        &script,
        "#!/bin/bash\nsed -i 's: /scratch : /elsewhere :' /etc/fstab\n",
    )
    .unwrap();
    run("chmod", &["0755", script.to_str().unwrap()]);
    run("chmod", &["1777", case.path("tree/var").to_str().unwrap()]);
    let disk = create(&case);
    assert_eq!(std::fs::metadata(&disk).unwrap().len(), 500 << 20);
    assert!(said("sgdisk", &["-v", disk.to_str().unwrap()]).contains("No problems found"));
    assert!(said("sfdisk", &["--verify", disk.to_str().unwrap()]).contains("No errors detected"));
    let listed = said("sgdisk", &["-p", disk.to_str().unwrap()]);
    let names: Vec<(&str, &str)> = listed
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.first().is_some_and(|word| word.parse::<u32>().is_ok()))
        .map(|words| (words[0], *words.last().unwrap()))
        .collect();
    let expected = [
        ("1", "p.legacy"),
        ("2", "p.UEFI"),
        ("3", "p.lxboot"),
        ("4", "p.swap"),
        ("5", "logs"),
        ("6", "p.lxbare"),
        ("7", "p.lxempty"),
        ("8", "p.lxroot"),
        ("13", "p.lxvar"),
    ];
    assert_eq!(names, expected, "{listed}");

    let parts = partitions(&disk);
    assert_eq!(parts[&6].kind, "A19D880F-05FC-4D3B-A006-743F0F84911E");
    let root = &parts[&8];
    assert_eq!(root.names("/boot"), Vec::<String>::new());
    assert_eq!(root.names("/var"), Vec::<String>::new());
    let stat = said("debugfs", &["-R", "stat /var", root.path.to_str().unwrap()]);
    assert!(stat.contains("Mode:  01777"), "{stat}");
    assert_eq!(parts[&13].names("/"), ["lib", "log"]);
    assert_eq!(parts[&13].names("/log"), Vec::<String>::new());
    assert_eq!(parts[&5].names("/"), ["of-log"]);
    assert_eq!(parts[&7].names("/"), Vec::<String>::new());
    assert_eq!(
        parts[&3].names("/"),
        ["efi", "grub", "initrd.img-6.1.0", "vmlinuz-6.1.0"]
    );
    assert_eq!(parts[&3].names("/efi"), Vec::<String>::new());
    let menu = parts[&3].read("/grub/grub.cfg");
    assert!(menu.contains("menuentry 'A disk of parts' {"), "{menu}");
    let id = |part: &Part, field: &str| {
        said(
            "blkid",
            &["-p", "-o", "value", "-s", field, part.path.to_str().unwrap()],
        )
        .trim()
        .to_owned()
    };
    let uuid = |number: u64| id(&parts[&number], "UUID");
    assert!(menu.contains(&format!("--set=root {}\n", uuid(3))), "{menu}");
    let head = "serial --speed=9600\nterminal_input serial\nterminal_output console serial\n\
                set default=0\nset timeout=3\nset timeout_style=hidden\n";
    assert!(menu.contains(head), "{menu}");
    let linux = format!("linux /vmlinuz-6.1.0 root=UUID={} ro console=ttyS0\n", uuid(8));
    assert!(
        menu.contains(&linux) && menu.contains("initrd /initrd.img-6.1.0\n"),
        "{menu}"
    );
    assert_eq!(
        (id(&parts[&13], "LABEL"), id(&parts[&3], "LABEL")),
        ("VAR".into(), "BOOT".into())
    );
    assert_eq!(
        (id(&parts[&4], "TYPE"), id(&parts[&4], "LABEL")),
        ("swap".into(), "SWAP".into())
    );
    let fstab = format!(
        "UUID={} / ext4 defaults 0 1\nUUID={} /boot/efi vfat defaults 0 0\nUUID={} /boot ext2 defaults 0 2\n\
         UUID={} swap swap defaults 0 0\nUUID={} /var ext4 defaults 0 2\nUUID={} /var/log ext3 defaults 0 2\n\
         tmpfs /elsewhere tmpfs defaults 0 0\n",
        uuid(8),
        uuid(2),
        uuid(3),
        uuid(4),
        uuid(13),
        uuid(5)
    );
    assert_eq!(root.read("/etc/fstab"), fstab);
    assert_eq!(root.names("/etc"), ["fstab", "machine-id"]);
    let loader = case.path("bootx64.efi");
    let esp = parts[&2].path.to_str().unwrap();
    said(
        "mcopy",
        &["-i", esp, "::EFI/BOOT/BOOTX64.EFI", loader.to_str().unwrap()],
    );
    let bytes = std::fs::read(loader).unwrap();
    let grub_finds = format!("search.fs_uuid {} root\nset prefix=($root)/grub\n", uuid(3));
    assert!(
        bytes
            .windows(grub_finds.len())
            .any(|window| window == grub_finds.as_bytes())
    );
}

#[test]
fn a_msdos_table_holds_four_and_an_efi_partition_too() {
    let _alone = tiny::alone();
    if !ready(&["sfdisk", "e2fsck", "debugfs", "grub-mkimage"]) {
        return;
    }
    let kind = r#"<type image="oem" filesystem="ext4" firmware="uefi" efiparttable="msdos" efipartsize="30" bootpartition="true">
            <oemconfig><oem-resize>false</oem-resize></oemconfig>
            <size unit="M" additive="true">64</size>
            <partitions><partition name="srv" size="20" filesystem="ext4" mountpoint="/srv/data"/></partitions>
        </type>"#;
    let case = with_kernel(Case::new(&description(kind)));
    let disk = create(&case);
    assert!(said("sfdisk", &["--verify", disk.to_str().unwrap()]).contains("No errors detected"));
    let parts = partitions(&disk);
    let kinds: Vec<&str> = parts.values().map(|part| part.kind.as_str()).collect();
    assert_eq!(kinds, ["ef", "83", "83", "83"]);
    assert_eq!(std::fs::metadata(&parts[&1].path).unwrap().len(), 30 << 20);
    let dump = said("sfdisk", &["--dump", disk.to_str().unwrap()]);
    let active: Vec<&str> = dump.lines().filter(|line| line.ends_with("bootable")).collect();
    assert!(active.len() == 1 && active[0].contains("raw2"), "{dump}");
    assert!(parts[&2].names("/grub").contains(&"grub.cfg".to_owned()));
    assert_eq!(parts[&4].names("/srv"), ["data"]);
}

#[test]
fn a_loader_that_is_only_there_signed_starts_the_disk() {
    let _alone = tiny::alone();
    if !ready(&["sfdisk", "mcopy"]) {
        return;
    }
    let kind = r#"<type image="oem" filesystem="ext4" firmware="uefi">
            <bootloader name="systemd_boot"/><oemconfig><oem-resize>false</oem-resize></oemconfig>
        </type>"#;
    let signed = "tree/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed";
    let case = with_kernel(Case::new(&description(kind))).with(signed, "signed");
    let disk = create(&case);
    let loader = case.path("loader");
    let esp = partitions(&disk)[&1].path.clone();
    said(
        "mcopy",
        &[
            "-i",
            esp.to_str().unwrap(),
            "::EFI/BOOT/BOOTX64.EFI",
            loader.to_str().unwrap(),
        ],
    );
    assert_eq!(std::fs::read_to_string(loader).unwrap(), "signed");
}

#[test]
fn scripts_run_in_kiwis_order_with_their_arguments() {
    let _alone = tiny::alone();
    if !ready(&["sfdisk", "e2fsck", "debugfs", "grub-mkimage", "mcopy"]) {
        return;
    }
    let kind = r#"<type image="oem" filesystem="ext4" firmware="uefi" bootpartition="true" bootpartsize="40"
            editbootconfig="my_config" editbootinstall="scripts/my_install.sh">
            <oemconfig><oem-resize>false</oem-resize></oemconfig>
        </type>"#;
    let note = |more: &str| format!("echo \"${{0##*/}} $* in $PWD\" $kiwi_iname >>/order\n{more}");
    let seen = "[ -e boot/initrd.img-6.1.0 ] && [ -e etc/fstab ] && [ -e boot/efi/EFI/BOOT/BOOTX64.EFI ] || exit 1\n\
                sed -i s/timeout=10/timeout=77/ boot/grub/grub.cfg\necho firmware >boot/efi/start.elf\n";
    // Writes beside the table of the disk, and into the file system's unused first block.
    let install = "set -e\necho MARK | dd of=\"$1\" bs=1 seek=300 conv=notrunc\n\
                   echo LOADER | dd of=\"$2\" bs=1 seek=16 conv=notrunc\n";
    let case = with_kernel(Case::new(&description(kind)))
        .with(
            "d/images.sh",
            &note("[ ! -e /boot/initrd.img-6.1.0 ] || exit 1\n"),
        )
        .with("d/my_config", &note(seen))
        .with("d/pre_disk_sync.sh", &note(""))
        .with("d/disk.sh", &note("test -e /image/disk.sh\n"))
        .with("d/scripts/my_install.sh", &format!("echo \"$*\" >&2\n{install}"));
    let loud = case.command("oem").arg("-v").output().unwrap().stderr;
    let words = String::from_utf8_lossy(&loud);
    let disk = create(&case);
    assert!(words.contains("edit_boot_install.sh"), "{words}");
    let parts = partitions(&disk);
    let order = "images.sh  in / Disk\nedit_boot_config.sh ext4 3 in / Disk\npre_disk_sync.sh  in / Disk\ndisk.sh  in / Disk\n";
    assert_eq!(parts[&4].read("/order"), order);
    assert!(
        !parts[&4]
            .names("/")
            .iter()
            .any(|name| name == "image" || name == ".profile")
    );
    assert!(parts[&3].read("/grub/grub.cfg").contains("set timeout=77\n"));
    let esp = parts[&2].path.to_str().unwrap();
    assert_eq!(said("mtype", &["-i", esp, "::start.elf"]), "firmware\n");
    let mut bytes = [0; 5];
    std::fs::File::open(&disk)
        .unwrap()
        .read_exact_at(&mut bytes, 300)
        .unwrap();
    assert_eq!(&bytes, b"MARK\n");
    assert_eq!(&std::fs::read(&parts[&3].path).unwrap()[16..23], b"LOADER\n");

    let case = case.with("d/scripts/my_install.sh", "echo no device\nls /nowhere\n");
    std::fs::remove_dir_all(case.path("out")).unwrap();
    let (status, words) = case.run("oem");
    assert_eq!(status, Some(5), "{words}");
    assert!(
        words.contains("`edit_boot_install.sh` ended with status 127 at line 2"),
        "{words}"
    );
    assert!(words.contains("scripts/my_install.sh:2:1]"), "{words}");
    assert!(case.left().is_empty());
}

#[test]
fn what_cannot_be_made_is_refused_before_work_with_place_and_remedy() {
    let _alone = tiny::alone();
    if !ready(&["mke2fs"]) {
        return;
    }
    let with = |attributes: &str, partitions: &str| {
        let partitions = if partitions.is_empty() {
            String::new()
        } else {
            format!("<partitions>{partitions}</partitions>")
        };
        let still = "<oemconfig><oem-resize>false</oem-resize></oemconfig>";
        format!("<type image=\"oem\" filesystem=\"ext4\" {attributes}>{still}{partitions}</type>")
    };
    let part = |more: &str| {
        format!(
            "<partition name=\"a\" size=\"10\" filesystem=\"ext4\" mountpoint=\"/a\"/><partition {more}/>"
        )
    };
    let five = "<partition name=\"v\" size=\"9\"/><partition name=\"w\" size=\"9\"/><partition name=\"x\" size=\"9\"/>\
                <partition name=\"y\" size=\"9\"/>";
    let cases = [
        (
            with("editbootconfig=\"nowhere.sh\"", ""),
            "missing-file",
            "no script `nowhere.sh`",
        ),
        (
            with("target_blocksize=\"4096\"", ""),
            "unsupported-block-size",
            "now: `512`",
        ),
        (
            with("bootpartition=\"true\" bootfilesystem=\"xfs\"", ""),
            "unsupported-filesystem",
            "now: `ext2`",
        ),
        (
            with("", &part("name=\"b\" size=\"1\" filesystem=\"btrfs\"")),
            "unsupported-filesystem",
            "a partition with `btrfs`",
        ),
        (
            with("", &part("name=\"b\" size=\"1\" mountpoint=\"/b\"")),
            "partition-without-filesystem",
            "partition `b`",
        ),
        (
            with("", &part("name=\"b\" size=\"1\" clone=\"1\"")),
            "unsupported-clone",
            "`clone`",
        ),
        (
            with("", &part("name=\"b\" size=\"0\"")),
            "partition-without-size",
            "`b` has no size",
        ),
        (
            with(
                "",
                &part("name=\"b\" size=\"1\" filesystem=\"ext4\" mountpoint=\"/a/\""),
            ),
            "partition-twice",
            "two partitions have the mount point `/a`",
        ),
        (
            with("", &part("name=\"a\" size=\"1\"")),
            "partition-twice",
            "two partitions have the name `a`",
        ),
        (
            with(
                "",
                &part("name=\"b\" size=\"1\" filesystem=\"ext4\" mountpoint=\"/../b\""),
            ),
            "mount-point",
            "`/../b` cannot stand in `/etc/fstab`",
        ),
        (
            with(
                "",
                &part("name=\"b\" size=\"1\" filesystem=\"ext4\" mountpoint=\"/boot\""),
            ),
            "bad-mount-point",
            "`bootpartition=\"true\"` makes it one",
        ),
        (with("", five), "partition-limit", "an msdos table holds four"),
        (
            with("", "").replace(
                "</type>",
                "<bootloader name=\"grub2\" grub_template=\"x\"/></type>",
            ),
            "unsupported-grub-template",
            "`grub_template`",
        ),
        (with("xen_server=\"true\"", ""), "unsupported-xen", "`xen_server`"),
        (
            with("", "").replace(
                "</type>",
                "<bootloader name=\"grub2\"><bootloadersettings><installoption name=\"--force\"/></bootloadersettings></bootloader></type>",
            ),
            "unsupported-loader-options",
            "`<installoption>`",
        ),
        (
            with("", "").replace("</oemconfig>", "<oem-recovery>true</oem-recovery></oemconfig>"),
            "unsupported-recovery",
            "`<oem-recovery>`",
        ),
        (
            with("rootpart_id=\"7\"", ""),
            "partition-limit",
            "the partition table has no number 7",
        ),
    ];
    for (kind, code, words) in cases {
        let case = Case::new(&description(&kind));
        let (status, text) = case.run("oem");
        assert_eq!(status, Some(1), "{kind}: {text}");
        assert!(
            text.contains(&format!("error[{code}]")) && text.contains(words),
            "{words}: {text}"
        );
        assert!(text.contains("config.xml:5:"), "{text}");
        assert!(!case.path("out").exists(), "{kind}");
    }
    // Known only from the tree.
    let small = with(
        "",
        "<partition name=\"s\" size=\"2\" filesystem=\"ext4\" mountpoint=\"/usr\"/>",
    );
    let link = with(
        "",
        "<partition name=\"s\" size=\"2\" filesystem=\"ext4\" mountpoint=\"/lib/s\"/>",
    );
    for (kind, code, words) in [
        (
            small,
            "size-too-small",
            "the partition `p.lxs` of 2 MB is too small",
        ),
        (link, "bad-mount-point", "leads over the link `/lib`"),
    ] {
        let case = with_kernel(Case::new(&description(&kind)));
        let (status, text) = case.run("oem");
        assert_eq!(status, Some(1), "{kind}: {text}");
        assert!(
            text.contains(&format!("error[{code}]")) && text.contains(words),
            "{words}: {text}"
        );
        assert!(text.contains("config.xml:5:") && case.left().is_empty(), "{text}");
    }
}

#[test]
fn the_initrd_and_the_format_follow_the_description() {
    let _alone = tiny::alone();
    if !ready(&[
        "mke2fs",
        "e2fsck",
        "debugfs",
        "sfdisk",
        "grub-mkimage",
        "qemu-img",
    ]) {
        return;
    }
    let kind = r#"<type image="oem" filesystem="ext4" format="qcow2" formatoptions="compat=0.10,cluster_size=32k">
            <oemconfig><oem-resize>false</oem-resize></oemconfig>
            <initrd action="add"><dracut module="one"/><dracut module="two" driver="three"/></initrd>
            <initrd action="omit"><dracut module="four"/></initrd>
        </type>"#;
    let case = with_kernel(Case::new(&description(kind)));
    let (status, words) = case.run("oem");
    assert_eq!(status, Some(1), "{words}");
    assert!(
        words.contains("error[no-initrd-tool]: the tree has no `dracut`"),
        "{words}"
    );
    assert!(words.contains("config.xml:8:"), "{words}");
    // Says what it was called with, and makes what it was asked for last.
    let tool = "#!/bin/bash\nprintf '%s;' \"$@\" >/asked\necho initrd >\"${@: -1}\"\n";
    let case = case.with("tree/usr/bin/dracut", tool);
    run(
        "chmod",
        &["0755", case.path("tree/usr/bin/dracut").to_str().unwrap()],
    );
    let disk = create(&case);
    let asked = partitions(&disk)[&1].read("/asked");
    let options = "--add;one two;--add-drivers;three;--omit;four;--kver;6.1.0;/boot/initrd.img-6.1.0;";
    assert!(asked.ends_with(options), "{asked}");
    let qcow2 = disk.with_extension("qcow2");
    let info = said("qemu-img", &["info", "--output=json", qcow2.to_str().unwrap()]);
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    assert_eq!(
        (&info["cluster-size"], &info["format-specific"]["data"]["compat"]),
        (&32768.into(), &"0.10".into())
    );
    let results = std::fs::read(case.path("out/kiwi.result.json")).unwrap();
    let results: serde_json::Value = serde_json::from_slice(&results).unwrap();
    assert_eq!(results["disk_image"]["use_for_bundle"], false);
    assert_eq!(results["disk_format_image"]["filename"], qcow2.to_str().unwrap());
}

#[test]
fn a_disk_that_grows_says_so_in_its_initrd_and_one_that_does_not_has_the_root_asked_for() {
    let _alone = tiny::alone();
    if !ready(&["mke2fs", "e2fsck", "debugfs", "sfdisk", "grub-mkimage"]) {
        return;
    }
    let disk = |config: &str| {
        let kind = format!(
            "<type image=\"oem\" filesystem=\"ext4\" firmware=\"uefi\" bundle_format=\"%N-%v\"><oemconfig>{config}</oemconfig></type>"
        );
        // What a package of the image's own makes it right to leave out here is not what this test is about.
        let allow = "<!-- apteryx: allow missing-dracut-module: it is in the tree -->";
        description(&format!(
            "<bootloader-theme>stars</bootloader-theme>{allow}{kind}"
        ))
    };
    let tool =
        "#!/bin/bash\nprintf '%s;' \"$@\" >/asked\ncat /config.partids >>/asked\necho initrd >\"${@: -1}\"\n";
    let case = with_kernel(Case::new(&disk("<oem-multipath-scan>false</oem-multipath-scan>")))
        .with("tree/usr/bin/dracut", tool)
        .with("tree/usr/lib/dracut/modules.d/90multipath/module-setup.sh", "");
    let dracut = case.path("tree/usr/bin/dracut");
    run("chmod", &["0755", dracut.to_str().unwrap()]);
    let (status, said) = case.run("oem");
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains("warning: the disk does not grow at its first start"),
        "{said}"
    );

    assert!(
        said.contains("warning: `<bootloader-theme>` has no effect: the boot menu is text"),
        "{said}"
    );

    let case = case.with("tree/usr/lib/dracut/modules.d/59kiwi-repart/module-setup.sh", "");
    let root = &partitions(&create(&case))[&3];
    let asked = root.read("/asked");
    let options = "--add;kiwi-repart;--install;/.profile /config.partids;--omit;multipath;--kver;";
    assert!(asked.contains(options), "{asked}");
    let numbers = "kiwi_BiosGrub=\"1\"\nkiwi_EfiPart=\"2\"\nkiwi_RootPart=\"3\"\nkiwi_BootPart=\"3\"\n";
    assert!(asked.ends_with(numbers), "{asked}");
    assert!(!root.names("/").iter().any(|name| name == "config.partids"));
    let results = std::fs::read(case.path("out/kiwi.result.json")).unwrap();
    let results: serde_json::Value = serde_json::from_slice(&results).unwrap();
    let bundle = serde_json::json!({"pattern": "%N-%v", "tags": {"A": "x86_64", "I": "", "M": "1", "N": "Disk",
        "P": "", "T": "oem", "m": "2", "p": "3", "v": "1.2.3"}});
    assert_eq!(results["bundle_format"], bundle);

    let still = "<oem-resize>false</oem-resize><oem-systemsize>700</oem-systemsize>";
    let case = case.with("d/config.xml", &disk(still));
    let parts = partitions(&create(&case));
    assert_eq!(std::fs::metadata(&parts[&3].path).unwrap().len(), 700 << 20);
    let small = disk(still).replace("</oemconfig>", "</oemconfig><size unit=\"M\">500</size>");
    let case = case.with("d/config.xml", &small);
    let (status, said) = case.run("oem");
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("the disk of 500 MB is too small"), "{said}");
}

#[test]
fn links_of_the_tree_lead_no_write_out_of_it() {
    let _alone = tiny::alone();
    if !ready(&["mke2fs", "grub-mkimage"]) {
        return;
    }
    let kind =
        r#"<type image="oem" filesystem="ext4"><oemconfig><oem-resize>false</oem-resize></oemconfig></type>"#;
    let case = with_kernel(Case::new(&description(kind))).with("precious", "mine");
    std::fs::create_dir_all(case.path("grub")).unwrap();
    std::os::unix::fs::symlink(case.path("precious"), case.path("tree/etc/fstab")).unwrap();
    std::os::unix::fs::symlink(case.path("grub"), case.path("tree/boot/grub")).unwrap();
    case.run("oem");
    assert_eq!(std::fs::read_to_string(case.path("precious")).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(case.path("grub")).unwrap().count(), 0);
}

#[test]
fn a_user_without_rights_makes_a_disk_with_partitions() {
    let _alone = tiny::alone();
    if !ready(&[
        "mke2fs",
        "e2fsck",
        "debugfs",
        "sfdisk",
        "grub-mkimage",
        "newuidmap",
        "useradd",
    ]) {
        return;
    }
    let name = "apteryx-disk";
    run("useradd", &["--no-create-home", name]);
    let ranges = std::fs::read_to_string("/etc/subuid").unwrap_or_default();
    assert!(
        ranges.lines().any(|line| line.starts_with(&format!("{name}:"))),
        "`useradd` gives subordinate ids"
    );
    let kind = r#"<type image="oem" filesystem="ext4" firmware="uefi" bootpartition="true" bootpartsize="40" editbootinstall="e.sh">
            <oemconfig><oem-resize>false</oem-resize></oemconfig>
            <partitions><partition name="var" size="20" filesystem="ext4" mountpoint="/var"/></partitions>
        </type>"#;
    let case = with_kernel(Case::new(&description(kind)))
        .with("d/images.sh", "echo >/made\n")
        .with("d/e.sh", "test -w \"$1\" && test -w \"$2\"\n")
        .with("tree/var/lib/of-var", "v");
    let folder = case.dir.path().to_str().unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_apteryx"), case.path("apteryx")).unwrap();
    run("chmod", &["0755", folder]);
    run("chown", &["-R", &format!("{name}:{name}"), folder]);
    run("chown", &["0:0", case.path("tree").to_str().unwrap()]);
    let before = traces();
    let line = format!("cd {folder} && ./apteryx create d --root tree --target-dir out --type oem");
    let (status, words) = tiny::ended(&run("su", &[name, "-s", "/bin/sh", "-c", &line]));
    assert_eq!(status, Some(2), "{words}");
    assert!(words.contains("error[tree-of-others]"), "{words}");
    run(
        "chown",
        &[&format!("{name}:{name}"), case.path("tree").to_str().unwrap()],
    );
    let output = run("su", &[name, "-s", "/bin/sh", "-c", &line]);
    run("userdel", &[name]);
    let (status, words) = tiny::ended(&output);
    assert_eq!(status, Some(0), "{words}");
    assert_eq!(traces(), before);
    let parts = partitions(&case.path("out/Disk.x86_64-1.2.3.raw"));
    let var = &parts[&4];
    assert_eq!(var.names("/"), ["lib"]);
    for (part, file) in [(&parts[&5], "/made"), (&parts[&5], "/var"), (var, "/lib/of-var")] {
        let stat = said(
            "debugfs",
            &["-R", &format!("stat {file}"), part.path.to_str().unwrap()],
        );
        assert!(stat.contains("User:     0   Group:     0"), "{file}: {stat}");
    }
    assert!(
        case.left().iter().all(|name| !name.starts_with(".apteryx")),
        "{:?}",
        case.left()
    );
}
