//! What a strange attribute or a bad value costs an element that several patterns of its place take by its name: which of
//! them was meant, the rest of the element tells. The verdict is not made here.

use std::sync::Arc;

use crate::grammar::datatype::Ask;
use crate::grammar::pattern::{NOT_ALLOWED, PatId};
use crate::syntax::{Attr, NodeId};

use super::super::label::{Judge, answer, text_run};
use super::super::near::Given;
use super::fit::{Read, cost};

/// The patterns that may be meant by an element, where there are several.
#[derive(Debug, Default)]
pub struct Rivals {
    id: Option<NodeId>,
    list: Option<Arc<[u32]>>,
}

/// More patterns of one name are not compared.
const MOST: usize = 24;

impl Judge<'_> {
    /// Notes which patterns of its place take an element by its name: those of `all`.
    pub fn note_rivals(&mut self, id: NodeId, all: &[u32]) {
        if self.rivals.id == Some(id) || self.candidates(id).len() < 2 {
            return;
        }
        self.purse.spend(10);
        let here = self.candidates(id).iter().filter(|e| all.contains(e));
        let several = (2..=MOST).contains(&here.clone().take(MOST + 1).count());
        self.rivals = Rivals {
            id: Some(id),
            list: several.then(|| here.copied().collect()),
        };
    }

    /// True where several patterns take an element by its name.
    pub fn has_rivals(&self, id: NodeId) -> bool {
        self.rivals.id == Some(id) && self.rivals.list.is_some() && !self.purse.is_empty()
    }

    /// What a value costs that an attribute of `e` does not take where `p` must still come: more where another pattern
    /// names just that value, less where it is a slip of one that this one names.
    pub fn price_of_value(&mut self, id: NodeId, (e, p): (u32, PatId), attr: &Attr) -> u32 {
        if !self.has_rivals(id) {
            return cost::VALUE;
        }
        let value = self.tree.value(attr);
        let all = self.rivals.list.clone().unwrap_or_default();
        let others = all.iter().copied().filter(|&o| o != e);
        for other in others {
            let content = self.content(other);
            if self.names_value(content, attr, &value, false) {
                return cost::OF_ANOTHER;
            }
        }
        match self.names_value(p, attr, &value, true) {
            true => cost::VALUE - 1,
            false => cost::VALUE,
        }
    }

    /// True where an attribute by that name lists a value, or one near it.
    fn names_value(&mut self, p: PatId, attr: &Attr, value: &str, near: bool) -> bool {
        let (g, name) = (self.grammar, self.symbol(attr.name));
        let (start, count) = self.matcher.readings(g, p, name);
        let mut given = Given::new(value);
        (start..start + count).any(|at| {
            let reading = self.matcher.reading(at);
            let listed = self.matcher.listed(g, reading.value);
            self.purse.spend(10 + listed.values.len());
            let mut all = listed.values.iter();
            all.any(|(v, o)| {
                if near {
                    given.near(v, *o).is_some()
                } else {
                    **v == *value
                }
            })
        })
    }

    /// How badly a child with faults fits that which its name may stand for where `p` must still come, by its attributes
    /// and its text: little, for it is a fault whichever its parent is.
    pub fn slight_misfit(&mut self, p: PatId, child: NodeId) -> u32 {
        let first = self.matcher.first(p);
        let all: Vec<u32> = self
            .candidates(child)
            .iter()
            .copied()
            .filter(|e| first.contains(e))
            .take(MOST)
            .collect();
        let least = all.into_iter().map(|e| self.own_misfit(child, e)).min();
        least.unwrap_or(0).min(cost::SLIGHT)
    }

    /// So many of an element's attributes do not fit a pattern, and whether its text does not, where it has that alone.
    fn own_misfit(&mut self, id: NodeId, e: u32) -> u32 {
        let tree = self.tree;
        self.purse.spend(10 + 15 * tree.attrs(id).len());
        let (mut p, mut count) = (self.content(e), 0);
        for attr in tree.attrs(id).iter() {
            if self.is_declaration(attr) {
                continue;
            }
            match self.read(p, id, attr) {
                Read::Fits(q) => p = q,
                Read::Bad(q, _) => (p, count) = (q, count + 1),
                Read::Strange => count += 1,
            }
        }
        let closed = self.matcher.finish_attributes(p);
        count += closed.missing;
        if tree.elements(id).next().is_none() {
            let text = text_run(tree, tree.node(id).first_child);
            let lookup = |ask: Ask<'_>| answer(tree, id, ask);
            count += u32::from(!self.matcher.fits(self.grammar, closed.body, &text, &lookup));
        }
        count
    }

    /// What remains of `p` when a strange attribute is read as the one whose name is near and which takes the value, and
    /// what that costs.
    pub fn as_near(&mut self, id: NodeId, attr: &Attr, p: PatId) -> Option<(PatId, u32)> {
        let tree = self.tree;
        let (open, _) = self.open(id, p);
        self.purse.spend(50 + 4 * open.known.len());
        let written = attr.name_span.of(tree.text());
        let near = Given::of_name(written).nearest(open.known.iter().map(|o| (&*o.name, o.outline)));
        let all: Vec<usize> = match near.all.is_empty() {
            true => near.first.into_iter().collect(),
            false => near.all.to_vec(),
        };
        let value = tree.value(attr);
        let mut best = None;
        for one in all.into_iter().filter_map(|at| open.known.get(at)) {
            let takes = self.takes_value(id, one.id, &value);
            if takes || best.is_none() {
                let price = if takes {
                    cost::NEAR
                } else {
                    cost::NEAR + cost::VALUE
                };
                best = Some((self.matcher.attribute(p, one.id), price));
            }
            if takes {
                break;
            }
        }
        best.filter(|b| b.0 != NOT_ALLOWED)
    }
}

#[cfg(test)]
mod tests {
    use crate::grammar::load_str;
    use crate::validate::tests::Nothing;

    /// What is found in each text, beside what should be.
    fn said(content: &str, texts: &[(&str, &str)]) {
        let grammar =
            format!("<element name='a' xmlns='http://relaxng.org/ns/structure/1.0'>{content}</element>");
        let grammar = load_str(&grammar, &Nothing).unwrap();
        for (text, want) in texts {
            let text = format!("<a>{text}</a>");
            let found = super::super::super::validate(&grammar, &crate::syntax::parse(&text));
            let told = found.iter().map(|d| format!("{} `{}`", d.code, d.span.of(&text)));
            assert_eq!(told.collect::<Vec<_>>().join(", "), *want, "{text}");
        }
    }

    #[test]
    fn a_value_that_one_pattern_names_says_which_is_meant() {
        let one_of = |kind: &str, child: &str| {
            format!(
                "<element name='b'><attribute name='kind'><value>{kind}</value></attribute><element name='{child}'><empty/></element></element>"
            )
        };
        let texts = [
            ("<b kind='two'><secodn/></b>", "unknown-element `secodn`"),
            ("<b kind='two'/>", "missing-element `b`"),
            ("<b kind='tow'><second/></b>", "invalid-value `tow`"),
            ("<b kidn='two'><second/></b>", "unknown-attribute `kidn`"),
        ];
        let choice = format!(
            "<choice>{}{}</choice>",
            one_of("one", "first"),
            one_of("two", "second")
        );
        said(&choice, &texts);
        let either =
            [one_of("one", "first"), one_of("two", "second")].map(|b| format!("<optional>{b}</optional>"));
        let [one, two] = &either;
        let both = format!("<choice><group>{one}{two}</group><group>{two}{one}</group></choice>");
        let twice = "<b kind='two'><second/></b><b kind='two'><second/></b>";
        said(&both, &[(twice, "duplicate-element `b`")]);
        let all =
            [("one", "first"), ("two", "second"), ("six", "sixth")].map(|(kind, child)| one_of(kind, child));
        let late = "<b kind='two'><second/></b><b kind='six'><sixth/></b>";
        said(&all.concat(), &[(late, "missing-element `a`")]);
    }

    #[test]
    fn a_misspelt_attribute_is_looked_for_in_all_patterns_of_the_name() {
        let content = "<choice><element name='b'><text/></element>
            <element name='b'><attribute name='href'/><text/></element>
            <element name='b'><attribute name='equiv'><value>one</value></attribute><attribute name='more'/></element>
            <element name='b'><attribute name='equiv'><value>two</value></attribute><attribute name='more'/></element></choice>";
        let texts = [
            ("<b rhef='x'/>", "unknown-attribute `rhef`"),
            ("<b eqiuv='two' more=''/>", "unknown-attribute `eqiuv`"),
        ];
        said(content, &texts);
        let grammar =
            format!("<element name='a' xmlns='http://relaxng.org/ns/structure/1.0'>{content}</element>");
        let grammar = load_str(&grammar, &Nothing).unwrap();
        let text = "<a><b rhef='x'/></a>";
        let found = super::super::super::validate(&grammar, &crate::syntax::parse(text));
        assert_eq!(
            crate::fix::apply(text, &found[0].fixes[0].edits),
            "<a><b href='x'/></a>"
        );
    }

    #[test]
    fn what_a_child_has_says_which_parent_is_meant() {
        let one = |kind: &str, word: &str| {
            format!(
                "<element name='b'><element name='type'><attribute name='for'>{kind}</attribute><value>{word}</value></element></element>"
            )
        };
        let content = format!(
            "<choice>{}{}</choice>",
            one("<value>one</value>", "first"),
            one("<text/>", "second")
        );
        let texts = [
            ("<b><type for='more'>secnd</type></b>", "invalid-value `secnd`"),
            ("<b><type fo='more'>second</type></b>", "unknown-attribute `fo`"),
        ];
        said(&content, &texts);
    }
}
