//! What former versions of the schema had is refused with what says it now, and with that as the repair.

use std::path::{Path, PathBuf};

use apteryx_schema::check::{Options, check};
use apteryx_schema::diagnostic::Source;
use apteryx_schema::grammar::{Resolver, load_str};

/// The grammars here name no other files.
struct Nothing;

impl Resolver for Nothing {
    fn resolve(&self, _: &Path, href: &str) -> Result<(PathBuf, String), String> {
        Err(format!("no `{href}`"))
    }
}

/// A description that the replacements are made in.
const SOUND: &str = r#"<image schemaversion="8.5" name="example">
  <description type="system">
    <author>An Author</author>
    <contact>author@example.org</contact>
    <specification>An example</specification>
  </description>
  <preferences>
    <version>1.0.0</version>
    <packagemanager>zypper</packagemanager>
    <type image="oem" filesystem="ext4" firmware="uefi">
      <oemconfig>
        <oem-resize>false</oem-resize>
      </oemconfig>
      <systemdisk>
        <volume name="home"/>
      </systemdisk>
    </type>
  </preferences>
  <users>
    <user name="root" password="$6$abcdefgh$abcdefghijklmnop" home="/root" groups="root"/>
  </users>
  <repository type="rpm-md" alias="main">
    <source path="obs://openSUSE:Leap:15.6/standard"/>
  </repository>
  <packages type="image">
    <package name="kernel-default"/>
    <package name="lvm2"/>
  </packages>
  <packages type="bootstrap">
    <package name="filesystem"/>
  </packages>
</image>
"#;

/// The one error with its label, and the text after its first fix; empty where it has none.
fn judged(text: &str) -> Vec<(String, String, String)> {
    let found = check(Path::new("config.xml"), text.as_bytes(), Options::default());
    let errors = found.diagnostics.iter().filter(|d| d.source == Source::Schema);
    errors
        .map(|d| {
            let mended = d.fixes.first().map_or(String::new(), |fix| {
                let mut new = text.to_owned();
                for edit in fix.edits.iter().rev() {
                    new.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.new_text);
                }
                new
            });
            (d.span.of(text).to_owned(), d.label.to_string(), mended)
        })
        .collect()
}

#[test]
fn a_former_name_is_told_with_what_it_is_now() {
    for (old, former, place, label, now) in [
        // Sections and attributes with another name.
        (
            "<systemdisk>\n        <volume name=\"home\"/>\n      </systemdisk>",
            "<lvmvolumes>\n        <volume name=\"home\"/>\n      </lvmvolumes>",
            "lvmvolumes",
            "it is `<systemdisk>` now",
            None,
        ),
        (
            "<package name=\"lvm2\"/>",
            "<opensusePattern name=\"base\"/>",
            "opensusePattern",
            "it is `<namedCollection>` now",
            Some("<namedCollection name=\"base\"/>"),
        ),
        (" password=", " pwd=", "pwd", "it is `password` now", None),
        // What says nothing any more goes, with the line it stands on.
        (
            "\n    <packagemanager>",
            "\n    <hwclock>utc</hwclock>\n    <packagemanager>",
            "hwclock",
            "it means nothing any more",
            None,
        ),
        (
            " firmware=",
            " hybrid=\"true\" firmware=",
            "hybrid",
            "it means nothing any more",
            None,
        ),
        (
            " firmware=",
            " vga=\"normal\" firmware=",
            "vga",
            "it means nothing any more",
            None,
        ),
        // Values.
        (
            "image=\"oem\"",
            "image=\"vmx\"",
            "image=\"vmx\"",
            "it is `oem` now",
            None,
        ),
        (
            "type=\"rpm-md\"",
            "type=\"yast2\"",
            "type=\"yast2\"",
            "it is `rpm-md` now",
            None,
        ),
        (
            ">zypper<",
            ">smart<",
            "packagemanager>smart",
            "it is `zypper` now",
            None,
        ),
        // What the way to 8.5 rewrites, in a text that says it is of 8.5.
        (">zypper<", ">dnf<", "dnf", "it is `dnf4` now", Some(">dnf4<")),
        (
            "<repository ",
            "<repository use_for_bootstrap=\"true\" ",
            "use_for_bootstrap",
            "it means nothing any more",
            None,
        ),
        // What only its author can write again.
        (
            "<users>",
            "<users group=\"root\">",
            "group",
            "each `<user>` has `groups`",
            Some(""),
        ),
    ] {
        let text = SOUND.replacen(old, former, 1);
        assert_ne!(text, SOUND, "{former}");
        let mended = match now {
            Some("") => String::new(),
            Some(now) => SOUND.replacen(old, now, 1),
            None => SOUND.to_owned(),
        };
        assert_eq!(
            judged(&text),
            [(place.to_owned(), label.to_owned(), mended)],
            "{former}"
        );
    }
}

#[test]
fn what_a_type_said_of_its_boot_loader_moves_into_the_section_at_once() {
    let of = |new: &str| SOUND.replacen("firmware=\"uefi\">", new, 1);
    let text = of("bootloader=\"grub2\" firmware=\"uefi\" boottimeout='5' bootloader_console=\"serial\">");
    let mended =
        of("firmware=\"uefi\">\n      <bootloader name=\"grub2\" timeout='5' output_console=\"serial\"/>");
    let places = [
        ("bootloader", "`<bootloader name=\"grub2\">` inside says it now"),
        ("boottimeout", "`<bootloader timeout=\"5\">` inside says it now"),
        (
            "bootloader_console",
            "`<bootloader output_console=\"serial\">` inside says it now",
        ),
    ];
    let told = places.map(|(place, label)| (place.to_owned(), label.to_owned(), mended.clone()));
    assert_eq!(judged(&text), told);
    assert!(judged(&mended).is_empty());
    // Into the section that is there, without what it says itself.
    let text =
        of("bootloader=\"grub2\" boottimeout=\"5\" firmware=\"uefi\">\n      <bootloader name=\"grub2\"/>");
    let mended = of("firmware=\"uefi\">\n      <bootloader timeout=\"5\" name=\"grub2\"/>");
    let told: Vec<String> = judged(&text).into_iter().map(|(.., mended)| mended).collect();
    assert_eq!(told, [mended.clone(), mended]);
    // Into a type that held nothing.
    let start = SOUND.find("<type").unwrap();
    let end = SOUND.find("</type>").unwrap() + "</type>".len();
    let with = |new: &str| format!("{}{new}{}", &SOUND[..start], &SOUND[end..]);
    let text = with("<type image=\"oem\" boottimeout=\"5\" filesystem=\"ext4\"/>");
    let mended = with(
        "<type image=\"oem\" filesystem=\"ext4\">\n        <bootloader name=\"grub2\" timeout=\"5\"/>\n    </type>",
    );
    let told: Vec<String> = judged(&text).into_iter().map(|(.., mended)| mended).collect();
    assert_eq!(told, [mended]);
}

#[test]
fn other_grammars_have_no_former_names() {
    let rng = r#"<element name="type" xmlns="http://relaxng.org/ns/structure/1.0"><empty/></element>"#;
    let grammar = load_str(rng, &Nothing).unwrap();
    let options = Options {
        grammar: Some(&grammar),
        ..Options::default()
    };
    let found = check(Path::new("a.xml"), b"<type vga=\"normal\"/>", options).diagnostics;
    let told: Vec<_> = found.iter().map(|d| (d.code, d.label.to_string())).collect();
    assert_eq!(told, [("unknown-attribute", String::new())]);
}
