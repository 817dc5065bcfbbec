//! Recovery from missing, stray and misspelt end tags, as a reader of the tree notices it.

use expect_test::expect;

use super::recovery_tests::check;

#[test]
fn a_missing_end_tag_is_one_fault() {
    check(
        "<image>\n  <preferences>\n    <version>1.0\n    <pm>apt</pm>\n  </preferences>\n  <b/>\n</image>",
        expect![[r#"
            <image>
              <preferences>
                <version>
                  Text "1.0\n    "
                <pm>
                  Text "apt"
              <b>
            unclosed-element "version" `<version>` has no end tag
              insert `</version>` (safe): "<image>\n  <preferences>\n    <version>1.0</version>\n    <pm>apt</pm>\n  </preferences>\n  <b/>\n</image>"
        "#]],
    );
    check(
        "<image>\n  <packages type=\"a\">\n    <p/>\n  <packages type=\"b\">\n    <p/>\n  </packages>\n</image>",
        expect![[r#"
            <image>
              <packages type="a">
                <p>
              <packages type="b">
                <p>
            unclosed-element "packages" `<packages>` has no end tag
              insert `</packages>` (safe): "<image>\n  <packages type=\"a\">\n    <p/>\n  </packages>\n  <packages type=\"b\">\n    <p/>\n  </packages>\n</image>"
        "#]],
    );
    check(
        "<image>\n  <packages>\n    <p a=\"1\">\n    <!-- c -->\n    <p a=\"2\"/>\n  </packages>\n</image>",
        expect![[r#"
            <image>
              <packages>
                <p a="1">
                Comment "<!-- c -->"
                <p a="2">
            unclosed-element "p" `<p>` has no end tag
              close it with `/>` (safe): "<image>\n  <packages>\n    <p a=\"1\"/>\n    <!-- c -->\n    <p a=\"2\"/>\n  </packages>\n</image>"
        "#]],
    );
    check(
        "<a><b><c>",
        expect![[r#"
        <a>
          <b>
            <c>
        unclosed-element "c" `<c>` has no end tag
          insert `</c></b></a>`: "<a><b><c></c></b></a>"
    "#]],
    );
}

#[test]
fn wrong_end_tags_are_one_fault() {
    check(
        "<image><type></tpye></image>",
        expect![[r#"
        <image>
          <type>
        mismatched-end-tag "tpye" `</tpye>` stands where `<type>` should end
          rename to `type` (safe): "<image><type></type></image>"
    "#]],
    );
    check(
        "<image><type></other></image>",
        expect![[r#"
        <image>
          <type>
        mismatched-end-tag "other" `</other>` stands where `<type>` should end
          rename to `type`: "<image><type></type></image>"
    "#]],
    );
    check(
        "<image><type></></image>",
        expect![[r#"
        <image>
          <type>
        mismatched-end-tag "</>" this end tag has no name
          replace with `</type>` (safe): "<image><type></type></image>"
    "#]],
    );
    check(
        "<image></other><type/></image>",
        expect![[r#"
            <image>
              Stray "</other>"
              <type>
            stray-end-tag "other" `</other>` closes nothing that is open
              remove `</other>`: "<image><type/></image>"
        "#]],
    );
    check(
        "<image><b><i>x</b></i></image>",
        expect![[r#"
        <image>
          <b>
            <i>
              Text "x"
          Stray "</i>"
        mismatched-end-tag "b" `</b>` stands before `</i>`
          swap the two end tags (safe): "<image><b><i>x</i></b></image>"
    "#]],
    );
    check(
        "<image><b><i>x</b></i></b></image>",
        expect![[r#"
            <image>
              <b>
                <i>
                  Text "x"
                  Stray "</b>"
            stray-end-tag "b" `</b>` closes nothing that is open
              remove `</b>`: "<image><b><i>x</i></b></image>"
        "#]],
    );
    check(
        "<image></image></image>",
        expect![[r#"
            <image>
            Stray "</image>"
            stray-end-tag "image" `</image>` closes nothing that is open
              remove `</image>`: "<image></image>"
        "#]],
    );
    check(
        "<image/>text<b/>",
        expect![[r#"
            <image>
            Stray "text"
            <b>
            text-outside-root "text" text stands after the end of the root element
        "#]],
    );
    check(
        "",
        expect![[r#"
        missing-root "" the text is empty
    "#]],
    );
    check(
        "text",
        expect![[r#"
            Stray "text"
            text-outside-root "text" text stands before the root element
        "#]],
    );
}
