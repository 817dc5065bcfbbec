//! What the parser makes of sound and of broken text.

use super::*;

fn faults(text: &str) -> Vec<(&'static str, String)> {
    parse(text)
        .errors()
        .iter()
        .map(|e| (e.code, e.span.of(text).to_owned()))
        .collect()
}

fn outline(text: &str) -> String {
    fn walk(tree: &Tree, id: NodeId, out: &mut String) {
        for child in tree.elements(id) {
            out.push_str(tree.local(child));
            out.push('(');
            for attr in tree.attrs(child) {
                out.push_str(&format!("{}={} ", tree.name(attr.name).local, tree.value(attr)));
            }
            walk(tree, child, out);
            out.push(')');
        }
    }
    let tree = parse(text);
    let mut out = String::new();
    walk(&tree, tree.document(), &mut out);
    out
}

#[test]
fn sound_text_gives_its_structure_and_no_error() {
    let text = "<?xml version=\"1.0\"?>\n<!-- c --><a x='1' y=\"&lt;2\"><b/>t&amp;t<![CDATA[<]]></a>\n";
    assert_eq!(faults(text), []);
    assert_eq!(outline(text), "a(x=1 y=<2 b())");
    let tree = parse(text);
    assert_eq!(tree.element_text(tree.root().unwrap()), "t&t<");
}

#[test]
fn half_typed_tags_leave_the_rest_of_the_document_whole() {
    assert_eq!(outline("<a><b/><pack\n<c/></a>"), "a(b()pack()c())");
    assert_eq!(
        faults("<a><b/><pack\n<c/></a>"),
        [("unclosed-tag", "pack".to_owned())]
    );
    assert_eq!(outline("<a><t ima</a>"), "a(t(ima= ))");
    assert_eq!(outline("<a><t x=\"1 y=\"2\"><c/></t></a>"), "a(t(x=1 y=2 c()))");
    assert_eq!(
        faults("<a><t x=\"1 y=\"2\"><c/></t></a>"),
        [("unclosed-quote", "\"1".to_owned())]
    );
    assert_eq!(
        outline("<a><t x=\"1>\n<c/></t>\n<d y=\"2\"/></a>"),
        "a(t(x=1 c())d(y=2 ))"
    );
}

#[test]
fn one_fault_gives_one_message_at_its_place() {
    assert_eq!(faults("<a><b><c/></a>"), [("unclosed-element", "b".to_owned())]);
    assert_eq!(
        faults("<a><bcd></bdc></a>"),
        [("mismatched-end-tag", "bdc".to_owned())]
    );
    assert_eq!(faults("<a></x></a>"), [("stray-end-tag", "x".to_owned())]);
    assert_eq!(
        faults("<a x='1' x='2'/>"),
        [("duplicate-attribute", "x".to_owned())]
    );
    assert_eq!(faults("<a>R & D</a>"), [("stray-ampersand", "&".to_owned())]);
    assert_eq!(faults("<a>&nix;</a>"), [("unknown-entity", "&nix;".to_owned())]);
    assert_eq!(faults("<a/><b/>"), [("second-root", "b".to_owned())]);
    assert_eq!(faults(""), [("missing-root", String::new())]);
}

#[test]
fn entities_are_bounded_and_never_fetched() {
    let mut bomb = String::from("<!DOCTYPE a [<!ENTITY l0 \"lol\">");
    for n in 1..12 {
        bomb.push_str(&format!(
            "<!ENTITY l{n} \"{}\">",
            format!("&l{};", n - 1).repeat(10)
        ));
    }
    bomb.push_str("]><a>&l11;</a>");
    assert_eq!(faults(&bomb), [("entity-expansion", "&l11;".to_owned())]);
    let loops = "<!DOCTYPE a [<!ENTITY x \"&y;\"><!ENTITY y \"&x;\">]><a>&x;</a>";
    assert_eq!(faults(loops), [("entity-expansion", "&x;".to_owned())]);
    let external = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
    assert_eq!(faults(external), [("external-entity", "&x;".to_owned())]);
    let own = "<!DOCTYPE a [<!ENTITY x \"one\">]><a b=\"&x;\"/>";
    assert_eq!(outline(own), "a(b=one )");
}

#[test]
fn one_fault_in_a_document_type_is_one_message() {
    let document = |subset: &str| format!("<!DOCTYPE a [{subset}]><a>&e;</a>");
    for (subset, code, place) in [
        ("<!ENTITY e 'one'><!ELEMENT a (b|c,d)>", "invalid-doctype", ","),
        (
            "<!ENTITY e 'one'><!ELEMENT a (#PCDATA|b)>",
            "invalid-doctype",
            ">",
        ),
        (
            "<!ENTITY e 'one'><!ATTLIST a b NAME #IMPLIED>",
            "invalid-doctype",
            "N",
        ),
        (
            "<!ENTITY e 'one'><!ATTLIST a b CDATA '&later;'>",
            "unknown-entity",
            "&later;",
        ),
        ("<!ENTITY e '50%'>", "invalid-doctype", "%"),
        ("<!ENTITY e '<b>'>", "invalid-entity", "&e;"),
        ("<!ENTITY e '&#38;'>", "invalid-entity", "&e;"),
        ("<!ENTITY e 'one'><![INCLUDE[]]>", "invalid-doctype", "<"),
        (
            "<!ENTITY % p '<!ELEMENT a'>%p;<!ENTITY e 'one'>",
            "invalid-doctype",
            "%p;",
        ),
        (
            "<!NOTATION n SYSTEM 'n'><!ENTITY e SYSTEM 'e' NDATA n>",
            "invalid-entity",
            "&e;",
        ),
    ] {
        assert_eq!(faults(&document(subset)), [(code, place.to_owned())], "{subset}");
    }
    for subset in [
        "<!ENTITY e '<b>&#60;c/></b>'>",
        "<!ENTITY e '&#38;#38;'>",
        "<!ENTITY % p \"<!ENTITY e 'one'>\">%p;",
        "<!ELEMENT a ((b,c?)*|(d|e)+)><?p?><!-- c --><!ATTLIST a b (x|y) 'x' c ID #IMPLIED><!ENTITY e 'one'>",
    ] {
        assert_eq!(faults(&document(subset)), [], "{subset}");
    }
    let words = "<!DOCTYPE a [<!ATTLIST a b NMTOKENS #IMPLIED>]><a b=' x  y '/>";
    assert_eq!(outline(words), "a(b=x y )");
}

#[test]
fn parameter_entities_do_not_multiply_without_end() {
    let mut text = String::from("<!DOCTYPE a [<!ENTITY % p0 '<!-- -->'>");
    for n in 1..18 {
        // A parameter entity's value may not name another directly; a character reference hides it.
        let inner = format!("&#37;p{};", n - 1).repeat(10);
        text.push_str(&format!("<!ENTITY % p{n} \"{inner}\">"));
    }
    text.push_str("%p17;]><a/>");
    assert_eq!(faults(&text), [("invalid-doctype", "%p17;".to_owned())]);
}

#[test]
fn a_million_open_tags_do_not_overflow_the_stack() {
    let tree = parse(&"<a>".repeat(1_000_000));
    assert!(tree.errors().iter().any(|e| e.code == "unclosed-element"));
    assert!(tree.errors().iter().any(|e| e.code == "nesting-too-deep"));
}

#[test]
fn encodings_are_read_as_declared() {
    assert_eq!(parse_bytes(b"\xEF\xBB\xBF<a/>").errors(), []);
    let utf16: Vec<u8> = [0xFFu8, 0xFE]
        .into_iter()
        .chain("<a b='\u{e4}'/>".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let tree = parse_bytes(&utf16);
    assert_eq!(tree.attr_value(tree.root().unwrap(), "b").unwrap(), "\u{e4}");
    assert_eq!(parse_bytes(b"<a>\xE4</a>").errors()[0].code, "wrong-encoding");
    assert_eq!(
        parse_bytes(b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xE4</a>").errors(),
        []
    );
    assert_eq!(
        parse_bytes(b"<?xml version='1.0' encoding='ebcdic-x'?><a/>").errors()[0].code,
        "unknown-encoding"
    );
    // No name of an encoding: told at the declaration, not at a place that lies elsewhere in the text.
    let tree = parse_bytes(b"<?xml version='1.0' encoding=\"u\x93\x99\xd2\n<a b='\"?><a/>");
    let error = &tree.errors()[0];
    assert!(
        tree.text()
            .get(error.span.start as usize..error.span.end as usize)
            .is_some(),
        "{error:?}"
    );
}

proptest::proptest! {
    #[test]
    fn any_text_parses_and_every_byte_has_its_place(text in "[<>/a-c =\"'&;!\\-\\[\\]?\n]{0,80}") {
        let tree = parse(&text);
        let mut leaves: Vec<Span> = Vec::new();
        for id in tree.all() {
            let node = tree.node(id);
            match node.kind {
                NodeKind::Document => {}
                NodeKind::Element => { leaves.push(node.open); leaves.push(node.close); }
                _ => leaves.push(node.span),
            }
        }
        leaves.retain(|s| !s.is_empty());
        leaves.sort();
        let mut at = 0;
        for span in leaves {
            proptest::prop_assert_eq!(span.start, at);
            at = span.end;
        }
        proptest::prop_assert_eq!(at as usize, text.len());
    }
}

#[test]
fn a_colon_that_can_make_no_prefix_is_a_letter_and_half_a_name_is_not_well_formed() {
    use crate::diagnostic::Source;
    let sources = |text: &str| -> Vec<Source> { parse(text).errors().iter().map(|e| e.source).collect() };
    for text in [
        "<A:.1/>",
        "<:/>",
        "<!DOCTYPE a: [<!ELEMENT a: ANY>]><a:/>",
        "<?t: ?><a/>",
    ] {
        assert_eq!(sources(text), [Source::Schema], "{text}");
    }
    for text in [
        "<foo:/>",
        "<:foo/>",
        "<a b:c:d='1'/>",
        "<a:b/>",
        "<?a:b ?><a/>",
        "<!DOCTYPE a [<!ENTITY a:b ''>]><a/>",
    ] {
        assert_eq!(sources(text), [Source::Xml], "{text}");
    }
}

#[test]
fn a_missing_equals_sign_is_one_fault_and_the_value_counts() {
    for text in [
        "<a name\"value\"/>",
        "<a name 'value' b='1'>x</a>",
        "<a b=\"1\" name\"value\"></a>",
    ] {
        let tree = parse(text);
        assert_eq!(faults(text), [("missing-value", "name".to_owned())], "{text}");
        assert_eq!(
            tree.attr_value(tree.root().unwrap(), "name").unwrap(),
            "value",
            "{text}"
        );
        let mended = crate::fix::apply(text, &tree.errors()[0].fixes[0].edits);
        assert!(parse(&mended).errors().is_empty(), "{mended}");
    }
}
