//! What findings offer: a package that is missing is listed where its type has its packages, and nothing is missing then;
//! nothing is offered that makes another fault.
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

const DEBIAN: &str = r#"<image schemaversion="8.5" name="offered">
  <description type="system"><author>A</author><contact>a@example.org</contact><specification>S</specification></description>
  <preferences><version>1.0.0</version><packagemanager>apt</packagemanager>
    <type image="oem" filesystem="ext4" firmware="bios">
      <bootloader name="grub2"/>
      <oemconfig><oem-resize>false</oem-resize></oemconfig>
    </type>
  </preferences>
  <repository type="apt-deb" alias="main" distribution="bookworm" components="main" repository_gpgcheck="true">
    <source path="https://deb.debian.org/debian"/>
  </repository>
  <packages type="image">
    <package name="linux-image-amd64"/>
    <package name="dracut"/>
    <package name="grub-pc"/>
  </packages>
  <packages type="bootstrap"><package name="base-files"/></packages>
</image>
"#;

#[test]
fn of_packages_that_exclude_each_other_one_is_put_in_place_of_the_other() {
    quiet(DEBIAN);
    let without = DEBIAN.replace("grub-pc", "grub-efi-amd64");
    let found = findings(&without);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        found[0].label.as_str(),
        "list `grub-pc` in its place, or set `firmware=\"uefi\"`"
    );
    let offered = found[0].fixes.first().unwrap();
    assert_eq!(offered.title.as_str(), "change `grub-efi-amd64` to `grub-pc`");
    assert_eq!(fix::apply(&without, &offered.edits), DEBIAN);
}

#[test]
fn what_one_of_several_machines_has_is_listed_for_that_alone() {
    let line = "    <package name=\"grub2-x86_64-efi\" arch=\"x86_64\"/>\n";
    let arm = "    <package name=\"grub2-arm64-efi\" arch=\"aarch64\"/>\n";
    let both = SOUND
        .replace(
            "description=\"disk\"/>",
            "description=\"disk\" arch=\"x86_64,aarch64\"/>",
        )
        .replace("description=\"live\"/>", "description=\"live\" arch=\"x86_64\"/>")
        .replace(
            "    <package name=\"grub2-x86_64-efi\"/>\n",
            &format!("{line}{arm}"),
        );
    quiet(&both);
    let without = both.replace(arm, "");
    let found = findings(&without);
    assert_eq!(found.len(), 1, "{found:#?}");
    let mended = fix::apply(&without, &found[0].fixes.first().unwrap().edits);
    assert!(mended.contains(arm), "{mended}");
    quiet(&mended);
}

#[test]
fn no_profile_is_offered_that_would_require_itself() {
    let with = |required: &str| {
        let all = format!(
            "<profile name=\"Disk\" description=\"disk\"/>\n    <profile name=\"All\" description=\"disk\">\
             <requires profile=\"{required}\"/></profile>"
        );
        SOUND.replace("<profile name=\"Disk\" description=\"disk\"/>", &all)
    };
    quiet(&with("Disk"));
    let found = findings(&with("Medium"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, "undefined-required-profile");
    assert!(found[0].fixes.is_empty(), "{found:#?}");
}
