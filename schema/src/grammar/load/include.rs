//! `externalRef` and `include` replaced by what they refer to (sections 4.5 to 4.7). Reads only through a resolver.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::Resolver;
use super::super::error::GrammarError;
use super::surface::{El, File, parse};

/// What is put in at more than one place may make a schema this much larger than its files, and no more than twice as
/// large beyond that: files that refer to each other twice and twice again would fill the memory.
const SLACK: usize = 1 << 20;
/// What a reference takes, however short its file is.
const EACH: usize = 64;

/// The files of one schema while they are read.
pub struct Files<'r> {
    resolver: &'r dyn Resolver,
    /// Those being read, so that a loop is seen.
    chain: Vec<PathBuf>,
    known: FxHashMap<PathBuf, Arc<File>>,
    /// How large they are, and with all that is put in again.
    once: usize,
    again: usize,
}

impl<'r> Files<'r> {
    /// Those of a schema that begins with `first`.
    pub fn new(first: &File, resolver: &'r dyn Resolver) -> Self {
        Self {
            resolver,
            chain: vec![first.path.clone()],
            known: FxHashMap::default(),
            once: first.text.len(),
            again: first.text.len(),
        }
    }

    /// Replaces every reference below `el`.
    pub fn expand(&mut self, el: &mut El) -> Result<(), GrammarError> {
        if el.kind == "externalRef" {
            let mut target = self.fetch(el)?;
            if let Some(ns) = &el.ns {
                target.inherit_ns(ns);
            }
            *el = target;
            return Ok(());
        }
        if el.kind == "include" {
            let mut target = self.fetch(el)?;
            if target.kind != "grammar" {
                return Err(el.refuse("`<include>` takes a file that begins with `<grammar>`"));
            }
            if let Some(ns) = &el.ns {
                target.inherit_ns(ns);
            }
            for c in &mut el.children {
                self.expand(c)?;
            }
            override_with(el, &mut target)?;
            let own = std::mem::take(&mut el.children);
            target.kind = "div";
            el.kind = "div";
            el.children = std::iter::once(target).chain(own).collect();
            return Ok(());
        }
        el.children.iter_mut().try_for_each(|c| self.expand(c))
    }

    fn fetch(&mut self, el: &El) -> Result<El, GrammarError> {
        let href = el.name.as_deref().unwrap_or("");
        if href.contains('#') {
            return Err(el.refuse(format!("`{href}` has a fragment")));
        }
        if !super::uri::escapes_fine(href) {
            return Err(el.refuse(format!("`{href}` is no URI")));
        }
        let base: &Path = &el.shared.file.path;
        let (path, text) = self
            .resolver
            .resolve(base, &super::uri::join(&el.shared.base, href))
            .map_err(|why| el.refuse(format!("`{href}` cannot be read: {why}")))?;
        if self.chain.contains(&path) {
            return Err(el.refuse(format!("`{href}` refers back to itself")));
        }
        self.again += text.len() + EACH;
        let file = match self.known.get(&path) {
            Some(known) => known.clone(),
            None => {
                self.once += text.len();
                let file = Arc::new(File {
                    path: path.clone(),
                    text,
                });
                self.known.insert(path.clone(), file.clone());
                file
            }
        };
        if self.again > 2 * self.once + SLACK {
            return Err(el.refuse(format!(
                "`{href}` is put in once too often: with all that its files refer to the schema is too large"
            )));
        }
        let mut target = parse(file)?;
        self.chain.push(path);
        self.expand(&mut target)?;
        self.chain.pop();
        Ok(target)
    }
}

/// What the `include` defines itself replaces what the file has.
fn override_with(include: &El, target: &mut El) -> Result<(), GrammarError> {
    let mut own = Vec::new();
    collect(&include.children, &mut own);
    for (kind, name, el) in &own {
        if !remove_would(target, kind, name) {
            return Err(match name {
                Some(n) => el.refuse(format!(
                    "the included grammar has no `<define>` named `{n}` to replace"
                )),
                None => el.refuse("the included grammar has no `<start>` to replace"),
            });
        }
    }
    for (kind, name, _) in &own {
        remove(target, kind, name);
    }
    Ok(())
}

fn collect<'a>(list: &'a [El], out: &mut Vec<(&'a str, &'a Option<Box<str>>, &'a El)>) {
    for el in list {
        match el.kind {
            "div" => collect(&el.children, out),
            _ => out.push((el.kind, &el.name, el)),
        }
    }
}

fn remove_would(el: &El, kind: &str, name: &Option<Box<str>>) -> bool {
    el.children
        .iter()
        .any(|c| c.kind == kind && &c.name == name || c.kind == "div" && remove_would(c, kind, name))
}

fn remove(el: &mut El, kind: &str, name: &Option<Box<str>>) {
    el.children.retain(|c| !(c.kind == kind && &c.name == name));
    for c in el.children.iter_mut().filter(|c| c.kind == "div") {
        remove(c, kind, name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    /// Each numbered file refers to the next one twice.
    struct Doubled;
    impl Resolver for Doubled {
        fn resolve(&self, _: &Path, href: &str) -> Result<(PathBuf, String), String> {
            let n: u32 = href.parse().map_err(|_| "there is nothing".to_string())?;
            Ok((PathBuf::from(href), doubled(n + 1)))
        }
    }

    fn doubled(next: u32) -> String {
        let inner = match next {
            25.. => "<empty/>".to_owned(),
            n => format!("<externalRef href='{n}'/>").repeat(2),
        };
        format!("<element name='e{next}' xmlns='http://relaxng.org/ns/structure/1.0'>{inner}</element>")
    }

    #[test]
    fn files_that_refer_to_each_other_again_and_again_are_refused() {
        let path = || PathBuf::from("a.rng");
        assert!(load(path(), doubled(17), &Doubled).is_ok());
        let refused = load(path(), doubled(1), &Doubled).unwrap_err();
        assert!(refused.reason.contains("too often"), "{}", refused.reason);
    }
}
