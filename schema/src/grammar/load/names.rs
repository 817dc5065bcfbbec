//! Name classes of a schema (sections 4.8 to 4.10, 4.16): names, any name, and what is taken out of them. Knows no patterns.

use super::super::error::GrammarError;
use super::super::name_class::NameClass;
use super::surface::El;
use crate::syntax::Name;

/// The names of an element or attribute pattern, and what comes after them.
pub fn names_of(el: &El) -> Result<(NameClass, &[El]), GrammarError> {
    let is_attribute = el.kind == "attribute";
    let (class, body) = match &el.name {
        Some(name) => {
            // Section 4.8: an attribute's name does not inherit `ns`.
            let ns = if is_attribute && !el.own_ns {
                ""
            } else {
                el.ns.as_deref().unwrap_or("")
            };
            let (ns, local) = el.qname(name, ns)?;
            (
                NameClass::Name(Name::new(ns.into(), &local)),
                el.children.as_slice(),
            )
        }
        None => {
            let (first, rest) = el
                .children
                .split_first()
                .ok_or_else(|| el.refuse("a name is missing"))?;
            (class_of(first, false, false)?, rest)
        }
    };
    if is_attribute {
        no_xmlns(&class, el)?;
    }
    Ok((class, body))
}

fn class_of(el: &El, in_any: bool, in_ns: bool) -> Result<NameClass, GrammarError> {
    let ns = el.ns.as_deref().unwrap_or("");
    let except = |any: bool| -> Result<Option<Box<NameClass>>, GrammarError> {
        let Some(e) = el.children.first() else {
            return Ok(None);
        };
        let list = e
            .children
            .iter()
            .map(|c| class_of(c, in_any || any, in_ns || !any))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Box::new(NameClass::Choice(list))))
    };
    Ok(match el.kind {
        "name" => {
            let (ns, local) = el.qname(&el.text, ns)?;
            NameClass::Name(Name::new(ns.into(), &local))
        }
        "anyName" if in_any || in_ns => return Err(el.refuse("`<anyName>` cannot stand in this `<except>`")),
        "nsName" if in_ns => return Err(el.refuse("`<nsName>` cannot stand in this `<except>`")),
        "anyName" => NameClass::Any(except(true)?),
        "nsName" => NameClass::Namespace(ns.into(), except(false)?),
        _ => NameClass::Choice(
            el.children
                .iter()
                .map(|c| class_of(c, in_any, in_ns))
                .collect::<Result<_, _>>()?,
        ),
    })
}

/// Section 4.16: namespace declarations are no attributes.
fn no_xmlns(class: &NameClass, el: &El) -> Result<(), GrammarError> {
    const XMLNS: &str = "http://www.w3.org/2000/xmlns";
    let bad = match class {
        NameClass::Name(n) => n.namespace.is_empty() && &*n.local == "xmlns" || &*n.namespace == XMLNS,
        NameClass::Namespace(ns, except) => {
            except.as_ref().map_or(Ok(()), |e| no_xmlns(e, el))?;
            &**ns == XMLNS
        }
        NameClass::Any(except) => return except.as_ref().map_or(Ok(()), |e| no_xmlns(e, el)),
        NameClass::Choice(list) => return list.iter().try_for_each(|c| no_xmlns(c, el)),
    };
    if bad {
        Err(el.refuse("a namespace declaration is no attribute"))
    } else {
        Ok(())
    }
}
