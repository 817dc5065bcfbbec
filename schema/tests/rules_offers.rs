//! A package that is missing: the first fix lists it where its type has its packages, and nothing is missing then.
#![cfg(test)]

mod seeded;

use apteryx_schema::fix;
use seeded::{findings, quiet};

const SOUND: &str = r#"<image schemaversion="8.5" name="offered">
  <description type="system"><author>A</author><contact>a@example.org</contact><specification>S</specification></description>
  <profiles>
    <profile name="Live" description="live"/>
    <profile name="Disk" description="disk"/>
  </profiles>
  <preferences><version>1.0.0</version><packagemanager>zypper</packagemanager></preferences>
  <preferences profiles="Live">
    <type image="iso" flags="overlay" firmware="uefi"><bootloader name="grub2"/></type>
  </preferences>
  <preferences profiles="Disk">
    <type image="oem" filesystem="xfs" firmware="uefi" installiso="true" luks="secret" luks_version="luks1">
      <bootloader name="grub2"/>
      <oemconfig><oem-resize>true</oem-resize></oemconfig>
      <systemdisk><volume name="home" freespace="1G"/></systemdisk>
    </type>
  </preferences>
  <repository type="rpm-md" alias="oss"><source path="https://download.opensuse.org/tumbleweed/repo/oss"/></repository>
  <packages type="image">
    <package name="kernel-default"/>
    <package name="grub2-x86_64-efi"/>
    <package name="lvm2"/>
    <package name="cryptsetup"/>
    <package name="xfsprogs"/>
    <package name="timezone"/>
  </packages>
  <packages type="image" profiles="Live">
    <package name="dracut-kiwi-live"/>
    <package name="vim"/>
  </packages>
  <packages type="image" profiles="Disk">
    <package name="dracut-kiwi-oem-repart"/>
    <package name="dracut-kiwi-oem-dump"/>
    <package name="vim"/>
  </packages>
  <packages type="bootstrap"><package name="filesystem"/></packages>
</image>
"#;

#[test]
fn a_missing_package_is_listed_where_its_type_has_its_own() {
    quiet(SOUND);
    for (package, after) in [
        ("kernel-default", "timezone"),
        ("grub2-x86_64-efi", "timezone"),
        ("lvm2", "timezone"),
        ("cryptsetup", "timezone"),
        ("xfsprogs", "timezone"),
        ("dracut-kiwi-live", "vim"),
        ("dracut-kiwi-oem-repart", "vim"),
        ("dracut-kiwi-oem-dump", "vim"),
    ] {
        let line = format!("    <package name=\"{package}\"/>\n");
        let without = SOUND.replace(&line, "");
        let found = findings(&without);
        assert_eq!(found.len(), 1, "{package}: {found:#?}");
        let offered = found[0].fixes.first().unwrap_or_else(|| panic!("{package}"));
        assert!(!offered.safe, "{package}");
        let mended = fix::apply(&without, &offered.edits);
        let listed = format!("    <package name=\"{after}\"/>\n{line}");
        assert!(mended.contains(&listed), "{package}: {mended}");
        quiet(&mended);
    }
}

#[test]
fn both_modules_of_an_installer_are_offered() {
    let both = SOUND
        .replace("    <package name=\"dracut-kiwi-oem-repart\"/>\n", "")
        .replace("    <package name=\"dracut-kiwi-oem-dump\"/>\n", "");
    let found = findings(&both);
    assert_eq!(found.len(), 1, "{found:#?}");
    let titles: Vec<String> = found[0].fixes.iter().map(|f| f.title.to_string()).collect();
    assert_eq!(
        titles,
        [
            "add `<package name=\"dracut-kiwi-oem-repart\"/>`",
            "add `<package name=\"dracut-kiwi-oem-dump\"/>`"
        ]
    );
}
