//! A random schema as files: `main.rng` includes `base.rng`, which refers to `part.rng`. Must not judge anything.

use super::{DATA, NAMESPACES, Name, Names, P, Schema};

/// The files with their names; the first is the one to validate with.
pub fn files(schema: &Schema) -> [(&'static str, String); 3] {
    let head = "xmlns=\"http://relaxng.org/ns/structure/1.0\" datatypeLibrary=\"http://www.w3.org/2001/XMLSchema-datatypes\"";
    let definition = |n: usize, attributes: &str, p: &P| {
        format!(
            "<define name=\"d{n}\"{attributes}>{}</define>\n",
            pattern(p, false)
        )
    };
    let (replaced, by) = &schema.replaced;
    let (combined, how, with) = &schema.combined;
    let main = format!(
        "<grammar {head}>\n<include href=\"base.rng\">{}</include>\n{}</grammar>\n",
        definition(*replaced, "", by),
        definition(*combined, &format!(" combine=\"{how}\""), with)
    );
    let defines: String = (0..)
        .zip(&schema.defines)
        .map(|(n, d)| definition(n, "", d))
        .collect();
    let base = format!(
        "<grammar {head}>\n<start>{}</start>\n{defines}</grammar>\n",
        pattern(&schema.start, false)
    );
    let part = pattern(&schema.external, false).replacen("<element", &format!("<element {head}"), 1);
    [("main.rng", main), ("base.rng", base), ("part.rng", part)]
}

fn all(of: &[P], nested: bool) -> String {
    of.iter().map(|p| pattern(p, nested)).collect()
}

fn pattern(p: &P, nested: bool) -> String {
    let around = |tag: &str, inner: String| format!("<{tag}>{inner}</{tag}>");
    match p {
        P::Empty => "<empty/>".into(),
        P::Text => "<text/>".into(),
        P::Group(of) => around("group", all(of, nested)),
        P::Choice(of) => around("choice", all(of, nested)),
        P::Interleave(of) => around("interleave", all(of, nested)),
        P::Around(tag, of) => around(tag, pattern(of, nested)),
        P::List(of) => around("list", pattern(of, nested)),
        P::Data(n) => {
            let (kind, parameters, _) = DATA[*n];
            let parameters: String = parameters
                .iter()
                .map(|(name, value)| format!("<param name=\"{name}\">{value}</param>"))
                .collect();
            format!("<data type=\"{kind}\">{parameters}</data>")
        }
        P::Value("", value) => format!("<value>{value}</value>"),
        P::Value(kind, value) => format!("<value type=\"{kind}\">{value}</value>"),
        P::Element(Names::One((namespace, name)), of) => format!(
            "<element name=\"{name}\" ns=\"{}\">{}</element>",
            NAMESPACES[*namespace],
            pattern(of, nested)
        ),
        P::Element(of, inner) => around("element", names(of) + &pattern(inner, nested)),
        P::Attribute(of, inner) => around("attribute", names(of) + &pattern(inner, nested)),
        P::Ref(n) if nested => format!("<parentRef name=\"d{n}\"/>"),
        P::Ref(n) => format!("<ref name=\"d{n}\"/>"),
        P::Inner => "<ref name=\"d0\"/>".into(),
        P::Nested(start, own) => format!(
            "<grammar><start>{}</start><define name=\"d0\">{}</define></grammar>",
            pattern(start, true),
            pattern(own, true)
        ),
        P::External => "<externalRef href=\"part.rng\"/>".into(),
    }
}

fn names(of: &Names) -> String {
    let one = |(namespace, name): &Name| format!("<name ns=\"{}\">{name}</name>", NAMESPACES[*namespace]);
    let except = |inner: String| match inner.is_empty() {
        true => inner,
        false => format!("<except>{inner}</except>"),
    };
    match of {
        Names::One(name) => one(name),
        Names::Either(list) => format!("<choice>{}</choice>", list.iter().map(one).collect::<String>()),
        Names::Any(list, namespace) => {
            let mut inner: String = list.iter().map(one).collect();
            if let Some(n) = namespace {
                inner += &format!("<nsName ns=\"{}\"/>", NAMESPACES[*n]);
            }
            format!("<anyName>{}</anyName>", except(inner))
        }
        Names::Of(namespace, list) => format!(
            "<nsName ns=\"{}\">{}</nsName>",
            NAMESPACES[*namespace],
            except(list.iter().map(one).collect())
        ),
    }
}
