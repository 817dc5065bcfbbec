//! Namespace declarations of a start tag. Must not look beyond that tag.

use super::Attr;
use super::faults::{fault, shown};
use super::names::{XML_NAMESPACE, XMLNS_NAMESPACE};
use super::parse::Parser;

impl Parser<'_> {
    /// Brings the `xmlns` declarations of a tag into scope.
    #[cold]
    pub(super) fn declare(&mut self, element: &str, first_attr: usize) {
        self.scope.enter();
        for index in first_attr..self.attrs.len() {
            let Some(attr) = self.attrs.get(index).copied() else {
                continue;
            };
            let raw = self.slice(attr.name_span.start as usize, attr.name_span.end as usize);
            let Some(rest) = raw.strip_prefix("xmlns") else {
                continue;
            };
            let prefix = match rest.strip_prefix(':') {
                Some(prefix) => prefix,
                None if rest.is_empty() => "",
                None => continue,
            };
            let written = attr.value_span.of(self.text);
            let value = if self.entities.are_words(element, raw) {
                self.entities.expand_words(written)
            } else {
                self.entities.expand(written, true)
            };
            self.check_declaration(prefix, &value, &attr);
            if !matches!(prefix, "xml" | "xmlns") {
                self.scope.bind(prefix, &value);
            }
        }
    }

    /// The constraints of Namespaces in XML 1.0, section 3.
    fn check_declaration(&mut self, prefix: &str, value: &str, attr: &Attr) {
        let what = match prefix {
            "xmlns" => "the prefix `xmlns` may not be declared".to_owned(),
            "xml" if value != XML_NAMESPACE => {
                format!("the prefix `xml` means `{XML_NAMESPACE}` and nothing else")
            }
            "xml" => return,
            _ if value == XML_NAMESPACE => format!("`{XML_NAMESPACE}` belongs to the prefix `xml` alone"),
            _ if value == XMLNS_NAMESPACE => format!("`{XMLNS_NAMESPACE}` may not be declared"),
            "" => return,
            _ if value.is_empty() => format!(
                "the prefix `{}` is declared with an empty namespace",
                shown(prefix)
            ),
            _ => return,
        };
        self.faults.add(fault("bad-namespace", attr.name_span, what));
    }
}
