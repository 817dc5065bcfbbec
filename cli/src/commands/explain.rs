//! `apteryx explain`: what the grammar says about an element or an attribute.

use apteryx_schema::description::view::nearest;
use apteryx_schema::grammar::Grammar;

use crate::context::Context;
use crate::exit::Exit;
use crate::report;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An element (`volume`) or an attribute of one (`type@filesystem`)
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Prints the documentation.
pub fn run(args: Args, _context: &Context) -> Exit {
    let grammar = Grammar::kiwi();
    let found = match args.name.split_once('@') {
        Some((element, attribute)) => explain_attribute(grammar, element, attribute),
        None => explain_element(grammar, &args.name),
    };
    match found {
        Ok(text) => {
            print!("{text}");
            Exit::DONE
        }
        Err(near) => {
            let near: Vec<_> = near.iter().map(|n| format!("`{n}`")).collect();
            let help = (!near.is_empty()).then(|| format!("nearest: {}", near.join(", ")));
            let message = format!("the grammar has no `{}`", args.name);
            eprint!("{}", report::plain(&message, help.as_deref()));
            Exit::USAGE
        }
    }
}

fn explain_element(grammar: &Grammar, element: &str) -> Result<String, Vec<String>> {
    if !grammar.element_names().contains(&element) {
        return Err(nearest(element, grammar.element_names().into_iter()));
    }
    let mut out = format!("<{element}>\n");
    if let Some(doc) = grammar.element_doc(element) {
        out.push_str(&format!("\n{}\n", doc.trim()));
    }
    let mut list = |title: &str, names: Vec<String>| {
        if !names.is_empty() {
            out.push_str(&format!("\n{title}: {}\n", names.join(", ")));
        }
    };
    list(
        "stands in",
        grammar.parents(element).into_iter().map(str::to_owned).collect(),
    );
    list(
        "holds",
        grammar.children(element).into_iter().map(str::to_owned).collect(),
    );
    let attributes = grammar.attributes(element).into_iter();
    let attributes = attributes.map(|a| {
        if a.required {
            format!("{} (required)", a.name)
        } else {
            a.name
        }
    });
    list("attributes", attributes.collect());
    list(
        "values",
        grammar
            .element_values(element)
            .into_iter()
            .map(|v| v.value)
            .collect(),
    );
    Ok(out)
}

fn explain_attribute(grammar: &Grammar, element: &str, attribute: &str) -> Result<String, Vec<String>> {
    let attributes = grammar.attributes(element);
    let Some(info) = attributes.iter().find(|a| a.name == attribute) else {
        if attributes.is_empty() {
            return Err(nearest(element, grammar.element_names().into_iter()));
        }
        let near = nearest(attribute, attributes.iter().map(|a| a.name.as_str()));
        return Err(near.into_iter().map(|n| format!("{element}@{n}")).collect());
    };
    let required = if info.required { " (required)" } else { "" };
    let mut out = format!("<{element} {attribute}=\"…\">{required}\n");
    if let Some(doc) = &info.doc {
        out.push_str(&format!("\n{}\n", doc.trim()));
    }
    let values = grammar.attribute_values(element, attribute);
    if !values.is_empty() {
        let values: Vec<_> = values.into_iter().map(|v| v.value).collect();
        out.push_str(&format!("\nvalues: {}\n", values.join(", ")));
    }
    if let Some(kind) = grammar.attribute_type(element, attribute) {
        out.push_str(&format!("\ntype: {kind}\n"));
    }
    Ok(out)
}
