//! `apteryx explain`: the page of a code, and what the grammar says about an element or an attribute.

use apteryx_schema::description::nearest;
use apteryx_schema::explain;
use apteryx_schema::grammar::Grammar;

use crate::context::Context;
use crate::exit::Exit;
use crate::report;
use apteryx_schema::codes;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A code (`unknown-attribute`), an element (`volume`) or an attribute of one (`type@filesystem`)
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub name: Option<String>,
    /// List every code
    #[arg(long, conflicts_with = "name")]
    pub list: bool,
}

/// Prints the documentation.
pub fn run(args: Args, _context: &Context) -> Exit {
    let Some(name) = args.name.filter(|_| !args.list) else {
        for (code, summary) in codes::all() {
            println!("{code:32} {summary}");
        }
        return Exit::DONE;
    };
    let grammar = Grammar::kiwi();
    let found = match (name.split_once('@'), codes::page(&name)) {
        (_, Some(page)) => Ok(page),
        (Some((element, attribute)), _) => explain_attribute(grammar, element, attribute),
        (None, None) => explain_element(grammar, &name),
    };
    match found {
        Ok(text) => {
            print!("{text}");
            Exit::DONE
        }
        Err(near) => {
            let near: Vec<_> = near.iter().map(|n| format!("`{n}`")).collect();
            let help = (!near.is_empty()).then(|| format!("nearest: {}", near.join(", ")));
            let message = format!("there is no code, element or attribute `{name}`");
            eprint!("{}", report::plain(&message, help.as_deref()));
            Exit::USAGE
        }
    }
}

fn explain_element(grammar: &Grammar, element: &str) -> Result<String, Vec<String>> {
    explain::element(grammar, element)
        .map(|e| e.plain())
        .ok_or_else(|| {
            let codes = codes::all();
            let codes = codes.keys().copied();
            nearest(element, grammar.element_names().into_iter().chain(codes))
        })
}

fn explain_attribute(grammar: &Grammar, element: &str, attribute: &str) -> Result<String, Vec<String>> {
    explain::attribute(grammar, element, attribute)
        .map(|e| e.plain())
        .ok_or_else(|| {
            let attributes = grammar.attributes(element);
            if attributes.is_empty() {
                return nearest(element, grammar.element_names().into_iter());
            }
            let near = nearest(attribute, attributes.iter().map(|a| a.name.as_str()));
            near.into_iter().map(|n| format!("{element}@{n}")).collect()
        })
}
