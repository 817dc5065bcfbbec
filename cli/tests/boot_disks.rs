//! Disks that the example is not: systemd-boot on UEFI, and GRUB on BIOS from a boot partition of a msdos table with
//! `/var` and swap apart. One tree from a real mirror, two disks, two boots to the login prompt.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs
)]

mod guest;

use std::path::Path;
use std::process::Command;

use guest::apteryx;

const PROFILES: &str = r#"<profiles>
        <profile name="Loader" description="systemd-boot"/><profile name="Parts" description="partitions"/>
    </profiles>"#;
const LOADER: &str = r#"<preferences profiles="Loader">
        <type image="oem" filesystem="ext4" firmware="uefi" initrd_system="dracut" kernelcmdline="console=ttyS0">
            <bootloader name="systemd_boot" timeout="1"/>
            <oemconfig><oem-resize>false</oem-resize></oemconfig>
        </type>
    </preferences>"#;
const PARTS: &str = r#"<preferences profiles="Parts">
        <type image="oem" filesystem="ext4" firmware="bios" bootpartition="true" bootfilesystem="ext2" bootpartsize="200"
              initrd_system="dracut" kernelcmdline="console=ttyS0" editbootconfig="say.sh">
            <bootloader name="grub2" timeout="1"/>
            <oemconfig><oem-resize>false</oem-resize><oem-swap>true</oem-swap><oem-swapsize>64</oem-swapsize></oemconfig>
            <partitions><partition name="var" size="400" filesystem="ext4" mountpoint="/var"/></partitions>
            <initrd action="add"><dracut module="base" driver="loop"/></initrd>
            <initrd action="omit"><dracut module="resume"/></initrd>
        </type>
    </preferences>"#;
/// Shows on the console what is mounted where, once the system is up.
const UNIT: &str = "[Unit]\nAfter=local-fs.target swap.target\nBefore=getty.target\n[Service]\nType=oneshot\nStandardOutput=tty\n\
    TTYPath=/dev/ttyS0\nExecStart=/bin/sh -c 'echo SEEN $(findmnt -no SOURCE /boot) $(findmnt -no SOURCE /var) \
    $(wc -l </proc/swaps)'\n";

fn boot(image: &str) -> String {
    let boot = guest::boot(image, &[]);
    let console = String::from_utf8_lossy(&boot.stdout).into_owned();
    let end: String = console
        .chars()
        .skip(console.chars().count().saturating_sub(3000))
        .collect();
    let words = String::from_utf8_lossy(&boot.stderr);
    assert!(boot.status.success(), "{image}: {words}{end}");
    assert!(!console.contains("clocksource hpet"), "{console}");
    console
}

#[test]
fn systemd_boot_and_a_boot_partition_reach_the_login_prompt() {
    if !guest::ready(true) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/debian-minimal/config.xml");
    let text = std::fs::read_to_string(example).unwrap();
    let (start, end) = (
        text.find("<type").unwrap(),
        text.find("</type>").unwrap() + "</type>".len(),
    );
    let mut text = format!("{}{}", &text[..start], &text[end..]);
    let at = text.find("<preferences>").unwrap();
    text.insert_str(at, PROFILES);
    let at = text.find("</preferences>").unwrap() + "</preferences>".len();
    text.insert_str(at, &format!("{LOADER}{PARTS}"));
    let text = text.replace(
        "<package name=\"udev\"/>",
        "<package name=\"udev\"/><package name=\"systemd-boot-efi\"/>",
    );
    let folder = dir.path().join("d");
    let wants = folder.join("root/etc/systemd/system/multi-user.target.wants");
    std::fs::create_dir_all(&wants).unwrap();
    std::fs::write(folder.join("root/etc/systemd/system/seen.service"), UNIT).unwrap();
    std::os::unix::fs::symlink("../seen.service", wants.join("seen.service")).unwrap();
    std::fs::write(folder.join("config.xml"), text).unwrap();
    std::fs::write(
        folder.join("say.sh"),
        "sed -i 's/ ro / ro edited=yes /' boot/grub/grub.cfg\n",
    )
    .unwrap();
    let (folder, out) = (folder.to_str().unwrap(), dir.path().join("out"));
    let out = out.to_str().unwrap();
    let args = [
        "build",
        folder,
        "--target-dir",
        out,
        "--mirror",
        "host",
        "--profile",
        "Loader",
    ];
    let built = apteryx(&args);
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let loader = String::from_utf8_lossy(&built.stdout).trim().to_owned();
    let args = ["create", folder, "--target-dir", out, "--profile", "Parts"];
    // The tree is the same; the disk of the first profile moves out of the way.
    let first = format!("{loader}.first.raw");
    std::fs::rename(&loader, &first).unwrap();
    let built = apteryx(&args);
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let parts = String::from_utf8_lossy(&built.stdout).trim().to_owned();

    let console = boot(&first);
    assert!(console.contains("localhost login:"), "{console}");
    let console = boot(&parts);
    let seen = console.lines().find(|line| line.contains("SEEN ")).unwrap_or("");
    let words: Vec<&str> = seen
        .split_whitespace()
        .skip_while(|word| *word != "SEEN")
        .collect();
    // The boot partition is the first, swap the second, /var the third; one line of /proc/swaps is its head.
    assert_eq!(words, ["SEEN", "/dev/vda1", "/dev/vda3", "2"], "{console}");
    assert!(
        console.contains("edited=yes"),
        "the kernel shows its command line: {console}"
    );
    let _ = Command::new("rm")
        .args(["-rf", "--one-file-system", out])
        .status();
}
