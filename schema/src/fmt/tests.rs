//! The layout as people see it.

use expect_test::{Expect, expect};

use super::*;

fn laid_out(text: &str, options: Options, expect: Expect) {
    let once = format(&parse(text), options).unwrap();
    expect.assert_eq(&once);
    assert_eq!(format(&parse(&once), options).unwrap(), once, "not idempotent");
}

#[test]
fn a_byte_order_mark_stays() {
    let text = "\u{FEFF}\n<image><a/></image>";
    let done = "\u{FEFF}<image>\n    <a/>\n</image>\n";
    assert_eq!(format(&parse(text), Options::default()).unwrap(), done);
}

#[test]
fn elements_stand_on_lines_of_their_own_and_long_tags_are_broken() {
    laid_out(
        r#"<?xml version = '1.0'?><image   schemaversion = "8.5"
name='a' ><description type="system"  ><author >A  B</author
></description>


  <preferences>
   <type image="oem" filesystem="ext4" kernelcmdline="console=ttyS0 rd.kiwi.install.systemsize=all rd.info" firmware="uefi"><size unit="G" >4</size ></type><type image="docker" /></preferences>
</image>"#,
        Options::default(),
        expect![[r#"
            <?xml version = '1.0'?>
            <image schemaversion="8.5" name='a'>
                <description type="system">
                    <author>A  B</author>
                </description>

                <preferences>
                    <type
                        image="oem"
                        filesystem="ext4"
                        kernelcmdline="console=ttyS0 rd.kiwi.install.systemsize=all rd.info"
                        firmware="uefi"
                    >
                        <size unit="G">4</size>
                    </type>
                    <type image="docker"/>
                </preferences>
            </image>
        "#]],
    );
}

#[test]
fn comments_stay_where_they_are() {
    laid_out(
        r#"<!-- first --><image schemaversion="8.5" name="a"><!-- of the image -->
<packages type="image">  <!-- of the list -->
    <!-- of bash
  in two lines --><package name="bash"/><!-- why -->

    <package name="vim"/>
<!-- last -->
</packages><users>

</users>
</image>
<!-- end -->


"#,
        Options::default(),
        expect![[r#"
            <!-- first -->
            <image schemaversion="8.5" name="a"> <!-- of the image -->
                <packages type="image"> <!-- of the list -->
                    <!-- of bash
              in two lines -->
                    <package name="bash"/> <!-- why -->

                    <package name="vim"/>
                    <!-- last -->
                </packages>
                <users>

                </users>
            </image>
            <!-- end -->
        "#]],
    );
}

#[test]
fn what_may_be_text_stays_byte_for_byte() {
    let body = "<image a=\"x\n  y\"><specification>\n two\n\tlines </specification><author> </author>\
        <contact><![CDATA[ <a> ]]></contact><license>&#10;</license><x xml:space='preserve'> <y  z='1' /> </x>\
        <m:n xmlns:m='u'> <m:o  p = '1'/> </m:n><source>mixed <b  c = '1' /> text</source></image>";
    laid_out(
        body,
        Options::default(),
        expect![[r#"
            <image a="x
              y">
                <specification>
             two
            	lines </specification>
                <author> </author>
                <contact><![CDATA[ <a> ]]></contact>
                <license>&#10;</license>
                <x xml:space='preserve'> <y  z='1' /> </x>
                <m:n xmlns:m='u'> <m:o  p = '1'/> </m:n>
                <source>mixed <b  c = '1' /> text</source>
            </image>
        "#]],
    );
}

#[test]
fn the_line_ends_of_the_text_are_kept() {
    let text = "<?xml version=\"1.0\"?>\r\n<image>\r\n<users><user name=\"a\"/></users>\n</image>";
    assert_eq!(
        format(&parse(text), Options::default()).unwrap(),
        "<?xml version=\"1.0\"?>\r\n<image>\r\n    <users>\r\n        <user name=\"a\"/>\r\n    </users>\r\n</image>\r\n"
    );
}

#[test]
fn line_ends_are_written_as_the_first_that_stays() {
    // The first of each text goes with the white space that it ends.
    for text in [
        "\n<!-- one\r\ntwo --><image name=\"a\"/>",
        "<image\nname=\"a\"><!-- one\r\ntwo --></image>",
    ] {
        let once = format(&parse(text), Options::default()).unwrap();
        assert!(!once.replace("\r\n", "").contains(['\r', '\n']), "{once:?}");
        assert_eq!(
            format(&parse(&once), Options::default()).unwrap(),
            once,
            "{text:?}"
        );
    }
}

#[test]
fn packages_are_sorted_within_their_groups_with_the_comment_on_their_line() {
    laid_out(
        r#"<image>
    <packages type="image">
        <package name="vim"/> <!-- an editor -->
        <package name="Bash"/>
        <package name="apt" arch="x86_64"/>

        <package name="b"/>
        <package name="a"/>
        <!-- tools -->
        <package name="d"/>
        <package name="c"/>
        <archive name="z.tar"/>
        <archive name="y.tar"/>
        <package name="f"/> <!-- apteryx: allow duplicate-package: the next -->
        <package name="e"/>
    </packages>
</image>
"#,
        Options { sort_packages: true },
        expect![[r#"
            <image>
                <packages type="image">
                    <package name="apt" arch="x86_64"/>
                    <package name="Bash"/>
                    <package name="vim"/> <!-- an editor -->

                    <package name="a"/>
                    <package name="b"/>
                    <!-- tools -->
                    <package name="c"/>
                    <package name="d"/>
                    <archive name="z.tar"/>
                    <archive name="y.tar"/>
                    <package name="f"/> <!-- apteryx: allow duplicate-package: the next -->
                    <package name="e"/>
                </packages>
            </image>
        "#]],
    );
}

#[test]
fn what_is_no_sound_description_is_refused() {
    let refused = |text: &str| format(&parse(text), Options::default()).unwrap_err().to_string();
    assert_eq!(refused("<image>"), "`<image>` has no end tag");
    assert_eq!(
        refused("<html/>"),
        "the root element is `<html>`, and only descriptions are laid out"
    );
    let yaml = crate::format::parse(std::path::Path::new("config.yaml"), b"image: {}\n");
    assert_eq!(edits(&yaml).unwrap_err().to_string(), "only XML is laid out");
}

#[test]
fn edits_are_as_small_as_their_places() {
    let text = "<image>\n    <users>\n        <user name=\"a\" />\n    </users>\n</image>\n";
    let found = edits(&parse(text)).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].span.of(text), found[0].new_text.as_str()), (" ", ""));
}

#[test]
fn depth_does_not_blow_up_the_text() {
    let text = format!("{}{}", "<image>".repeat(200), "</image>".repeat(200));
    let new = super::format(&parse(&text), Options::default()).unwrap();
    assert!(new.len() < 20 * text.len(), "{} {}", new.len(), text.len());
}
