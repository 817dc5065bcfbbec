//! Recovery: structure and faults of broken text, as a reader of the tree notices them.

use std::fmt::Write;

use expect_test::{Expect, expect};

use super::*;

/// Every leaf of the tree in order: together they are the text.
pub(super) fn leaves(tree: &Tree) -> Vec<Span> {
    enum Step {
        Node(NodeId),
        Span(Span),
    }
    let mut out = Vec::new();
    let mut todo = vec![Step::Node(tree.document())];
    while let Some(step) = todo.pop() {
        match step {
            Step::Span(span) => out.push(span),
            Step::Node(id) => {
                let node = tree.node(id);
                let children: Vec<_> = tree.children(id).collect();
                match node.kind {
                    NodeKind::Element => {
                        out.push(node.open);
                        todo.push(Step::Span(node.close));
                    }
                    NodeKind::Document => {}
                    _ => out.push(node.span),
                }
                for child in children.into_iter().rev() {
                    assert_eq!(tree.node(child).parent, id);
                    todo.push(Step::Node(child));
                }
            }
        }
    }
    out.retain(|s| !s.is_empty());
    out
}

pub(super) fn assert_whole(tree: &Tree) {
    let mut at = 0;
    for span in leaves(tree) {
        assert_eq!(span.start, at, "a gap or an overlap in {:?}", tree.text());
        at = span.end;
    }
    assert_eq!(at as usize, tree.text().len());
}

fn show(text: &str) -> String {
    let tree = parse(text);
    assert_whole(&tree);
    let mut out = String::new();
    write_node(&tree, tree.document(), 0, &mut out);
    for error in tree.errors() {
        let _ = writeln!(out, "{} {:?} {}", error.code, error.span.of(text), error.message);
        for fix in &error.fixes {
            let _ = writeln!(
                out,
                "  {}{}: {:?}",
                fix.title,
                if fix.safe { " (safe)" } else { "" },
                apply(text, fix)
            );
        }
    }
    out
}

pub(super) fn apply(text: &str, fix: &crate::diagnostic::Fix) -> String {
    let mut out = text.to_owned();
    for edit in fix.edits.iter().rev() {
        out.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.new_text);
    }
    out
}

fn write_node(tree: &Tree, id: NodeId, depth: usize, out: &mut String) {
    for child in tree.children(id) {
        let node = tree.node(child);
        if node.blank {
            continue;
        }
        let _ = write!(out, "{:1$}", "", depth * 2);
        match node.kind {
            NodeKind::Element => {
                let name = tree.name(node.name);
                let _ = write!(out, "<{}", tree.local(child));
                if !name.namespace.is_empty() {
                    let _ = write!(out, " in {}", name.namespace);
                }
                for attr in tree.attrs(child) {
                    let _ = write!(out, " {}={:?}", tree.name(attr.name).local, tree.value(attr));
                }
                let _ = writeln!(out, ">");
                write_node(tree, child, depth + 1, out);
            }
            kind => {
                let _ = writeln!(out, "{kind:?} {:?}", tree.text_value(child));
            }
        }
    }
}

pub(super) fn check(text: &str, expect: Expect) {
    expect.assert_eq(&show(text));
}

#[test]
fn a_good_document_is_read_whole() {
    check(
        "\u{FEFF}<?xml version=\"1.0\"?>\r\n<!-- c --><image a='1 &lt;\t2' xmlns:x=\"u\">\r\n <x:b x:c=\"&#x41;\"/>t &amp; u\r\n<![CDATA[<&]]></image>\n",
        expect![[r#"
            Pi "<?xml version=\"1.0\"?>"
            Comment "<!-- c -->"
            <image a="1 < 2" x="u">
              <b in u c="A">
              Text "t & u\n"
              CData "<&"
        "#]],
    );
}

#[test]
fn half_typed_tags_keep_the_rest() {
    check(
        "<image>\n  <pack\n  <packages type=\"image\">\n  </packages>\n</image>",
        expect![[r#"
            <image>
              <pack>
              <packages type="image">
            unclosed-tag "pack" `<pack` is not closed by `>`
              close it with `/>`: "<image>\n  <pack/>\n  <packages type=\"image\">\n  </packages>\n</image>"
              insert `>`: "<image>\n  <pack>\n  <packages type=\"image\">\n  </packages>\n</image>"
        "#]],
    );
    check(
        "<image>\n  <type ima\n  <b/>\n</image>",
        expect![[r#"
        <image>
          <type ima="">
          <b>
        unclosed-tag "type" `<type` is not closed by `>`
          close it with `/>`: "<image>\n  <type ima/>\n  <b/>\n</image>"
          insert `>`: "<image>\n  <type ima>\n  <b/>\n</image>"
    "#]],
    );
    check(
        "<image>\n  <type image=\n  <b/>\n</image>",
        expect![[r#"
        <image>
          <type image="">
          <b>
        unclosed-tag "type" `<type` is not closed by `>`
          close it with `/>`: "<image>\n  <type image=/>\n  <b/>\n</image>"
          insert `>`: "<image>\n  <type image=>\n  <b/>\n</image>"
    "#]],
    );
    check(
        "<image>\n  <type image=>\n  <b/></type>\n</image>",
        expect![[r#"
            <image>
              <type image="">
                <b>
            missing-value "image" the attribute `image` has no value
              insert an empty value: "<image>\n  <type image=\"\">\n  <b/></type>\n</image>"
        "#]],
    );
    check(
        "<image><type ima/></image>",
        expect![[r#"
        <image>
          <type ima="">
        missing-value "ima" the attribute `ima` has no value
          insert an empty value: "<image><type ima=\"\"/></image>"
    "#]],
    );
    check(
        "<image>\n <a x=\"1\"\n  <b/>\n </a>\n</image>",
        expect![[r#"
        <image>
          <a x="1">
            <b>
        unclosed-tag "a" `<a` is not closed by `>`
          close it with `/>`: "<image>\n <a x=\"1\"/>\n  <b/>\n </a>\n</image>"
          insert `>`: "<image>\n <a x=\"1\">\n  <b/>\n </a>\n</image>"
    "#]],
    );
    check(
        "<image>\n <",
        expect![[r#"
        <image>
          Text "\n <"
        unclosed-element "image" `<image>` has no end tag
          insert `</image>` (safe): "<image>\n <</image>"
        stray-bracket "<" `<` in text starts no tag
          replace with `&lt;`: "<image>\n &lt;"
    "#]],
    );
    check(
        "<image>\n </",
        expect![[r#"
        <image>
        mismatched-end-tag "</" this end tag has no name
          replace with `</image>` (safe): "<image>\n </image>"
    "#]],
    );
    check(
        "<image>\n </ima",
        expect![[r#"
            <image>
            mismatched-end-tag "ima" `</ima>` stands where `<image>` should end
              rename to `image` (safe): "<image>\n </image>"
        "#]],
    );
}

#[test]
fn an_unclosed_quote_ends_where_it_was_meant_to() {
    check(
        "<image>\n  <type image=\"oem filesystem=\"ext4\" x='y'>\n  <b/></type>\n</image>",
        expect![[r#"
            <image>
              <type image="oem" filesystem="ext4" x="y">
                <b>
            unclosed-quote "\"oem" the value of `image` has no closing quote
              insert `"` (safe): "<image>\n  <type image=\"oem\" filesystem=\"ext4\" x='y'>\n  <b/></type>\n</image>"
        "#]],
    );
    check(
        "<image>\n  <type image=\"oem>\n  <b c=\"d\"/></type>\n</image>",
        expect![[r#"
            <image>
              <type image="oem">
                <b c="d">
            unclosed-quote "\"oem" the value of `image` has no closing quote
              insert `"` (safe): "<image>\n  <type image=\"oem\">\n  <b c=\"d\"/></type>\n</image>"
        "#]],
    );
    check(
        "<image>\n  <type image=\"oem/>\n  <b c=\"d\"/>\n</image>",
        expect![[r#"
            <image>
              <type image="oem">
              <b c="d">
            unclosed-quote "\"oem" the value of `image` has no closing quote
              insert `"` (safe): "<image>\n  <type image=\"oem\"/>\n  <b c=\"d\"/>\n</image>"
        "#]],
    );
    check(
        "<image>\n  <type image=\"oem\n  <b c=\"d\"/>\n</image>",
        expect![[r#"
            <image>
              <type image="oem">
              <b c="d">
            unclosed-quote "\"oem" the value of `image` has no closing quote
              insert `"` (safe): "<image>\n  <type image=\"oem\"\n  <b c=\"d\"/>\n</image>"
        "#]],
    );
    check(
        "<image><type image=\"oem",
        expect![[r#"
            <image>
              <type image="oem">
            unclosed-quote "\"oem" the value of `image` has no closing quote
              insert `"` (safe): "<image><type image=\"oem\""
        "#]],
    );
    check(
        "<image><type image=oem x=1/><a b=c\" d= e=\"f\"/></image>",
        expect![[r#"
            <image>
              <type image="oem" x="1">
              <a b="c" d="" e="f">
            unquoted-value "oem" the value of `image` needs quotes
              put it in quotes (safe): "<image><type image=\"oem\" x=1/><a b=c\" d= e=\"f\"/></image>"
            unquoted-value "1" the value of `x` needs quotes
              put it in quotes (safe): "<image><type image=oem x=\"1\"/><a b=c\" d= e=\"f\"/></image>"
            unquoted-value "c" the value of `b` needs quotes
              put it in quotes (safe): "<image><type image=oem x=1/><a b=\"c\" d= e=\"f\"/></image>"
            missing-value "d" the attribute `d` has no value
              insert an empty value: "<image><type image=oem x=1/><a b=c\" d=\"\" e=\"f\"/></image>"
        "#]],
    );
    check(
        "<image><type image=\"a<b\" c=\"d>e\"f=\"g\"/></image>",
        expect![[r#"
            <image>
              <type image="a<b" c="d>e" f="g">
            less-than-in-value "<" `<` may not stand in an attribute's value
              replace with `&lt;` (safe): "<image><type image=\"a&lt;b\" c=\"d>e\"f=\"g\"/></image>"
            missing-space "f" white space is missing before `f`
              insert a space (safe): "<image><type image=\"a<b\" c=\"d>e\" f=\"g\"/></image>"
        "#]],
    );
}

#[test]
fn characters_out_of_place() {
    check(
        "<a>1 < 2 & 3 &amp 4 &nbsp; &foo; &#xZ; &#0; ]]> &#32;</a>",
        expect![[r#"
            <a>
              Text "1 < 2 & 3 &amp 4 &nbsp; &foo; &#xZ; &#0; ]]>  "
            stray-bracket "<" `<` in text starts no tag
              replace with `&lt;`: "<a>1 &lt; 2 & 3 &amp 4 &nbsp; &foo; &#xZ; &#0; ]]> &#32;</a>"
            stray-ampersand "&" `&` starts no reference
              replace with `&amp;` (safe): "<a>1 < 2 &amp; 3 &amp 4 &nbsp; &foo; &#xZ; &#0; ]]> &#32;</a>"
            unclosed-reference "&amp" `&amp` is not closed by `;`
              insert `;` (safe): "<a>1 < 2 & 3 &amp; 4 &nbsp; &foo; &#xZ; &#0; ]]> &#32;</a>"
            unknown-entity "&nbsp;" there is no entity `nbsp`
              replace with `&#160;` (safe): "<a>1 < 2 & 3 &amp 4 &#160; &foo; &#xZ; &#0; ]]> &#32;</a>"
              replace `&` with `&amp;`: "<a>1 < 2 & 3 &amp 4 &amp;nbsp; &foo; &#xZ; &#0; ]]> &#32;</a>"
            unknown-entity "&foo;" there is no entity `foo`
              replace `&` with `&amp;`: "<a>1 < 2 & 3 &amp 4 &nbsp; &amp;foo; &#xZ; &#0; ]]> &#32;</a>"
            invalid-reference "&#xZ;" `&#xZ;` stands for no character
            invalid-reference "&#0;" `&#0;` stands for no character
            stray-cdata-end "]]>" `]]>` stands in text that is no CDATA section
              replace with `]]&gt;` (safe): "<a>1 < 2 & 3 &amp 4 &nbsp; &foo; &#xZ; &#0; ]]&gt; &#32;</a>"
        "#]],
    );
    check(
        "<a b='1' b='2' c:d='' , e='f'/>",
        expect![[r#"
        <a b="1" b="2" c:d="" e="f">
        duplicate-attribute "b" the attribute `b` is given twice
          remove the second: "<a b='1' c:d='' , e='f'/>"
        undeclared-prefix "c" the prefix `c` is not declared
        unexpected-character "," `,` may not stand in a tag
          remove it: "<a b='1' b='2' c:d=''  e='f'/>"
    "#]],
    );
    check(
        "<a>\u{1}\u{2}</a>",
        expect![[r#"
        <a>
          Text "\u{1}\u{2}"
        forbidden-character "\u{1}" U+0001 may not stand in XML
          remove it: "<a>\u{2}</a>"
    "#]],
    );
    check(
        "<a><!-- a -- b --><!-- x\n<b/><!-- y --></a>",
        expect![[r#"
        <a>
          Comment "<!-- a -- b -->"
          Comment "<!-- x"
          <b>
          Comment "<!-- y -->"
        comment-dashes "--" `--` may not stand within a comment
        unclosed-comment "<!--" this comment is not closed by `-->`
          insert `-->`: "<a><!-- a -- b --><!-- x -->\n<b/><!-- y --></a>"
    "#]],
    );
    check(
        "<a><![CDATA[ x\n<b/><?pi\n</a>",
        expect![[r#"
        <a>
          CData " x"
          <b>
          Pi "<?pi"
        unclosed-cdata "<![CDATA[" this CDATA section is not closed by `]]>`
          insert `]]>`: "<a><![CDATA[ x]]>\n<b/><?pi\n</a>"
        unclosed-instruction "<?pi" this instruction is not closed by `?>`
          insert `?>` (safe): "<a><![CDATA[ x\n<b/><?pi?>\n</a>"
    "#]],
    );
}
