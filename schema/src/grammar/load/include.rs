//! `externalRef` and `include` replaced by what they refer to (sections 4.5 to 4.7). Reads only through a resolver.

use std::path::{Path, PathBuf};

use super::super::Resolver;
use super::super::error::GrammarError;
use super::surface::{El, parse};

/// Replaces every reference below `el`; `chain` holds the files being read, so that a loop is seen.
pub fn expand(el: &mut El, resolver: &dyn Resolver, chain: &mut Vec<PathBuf>) -> Result<(), GrammarError> {
    if el.kind == "externalRef" {
        let mut target = fetch(el, resolver, chain)?;
        if let Some(ns) = &el.ns {
            target.inherit_ns(ns);
        }
        *el = target;
        return Ok(());
    }
    if el.kind == "include" {
        let mut target = fetch(el, resolver, chain)?;
        if target.kind != "grammar" {
            return Err(el.refuse("`<include>` takes a file that begins with `<grammar>`"));
        }
        if let Some(ns) = &el.ns {
            target.inherit_ns(ns);
        }
        for c in &mut el.children {
            expand(c, resolver, chain)?;
        }
        override_with(el, &mut target)?;
        let own = std::mem::take(&mut el.children);
        target.kind = "div";
        el.kind = "div";
        el.children = std::iter::once(target).chain(own).collect();
        return Ok(());
    }
    el.children
        .iter_mut()
        .try_for_each(|c| expand(c, resolver, chain))
}

fn fetch(el: &El, resolver: &dyn Resolver, chain: &mut Vec<PathBuf>) -> Result<El, GrammarError> {
    let href = el.href.as_deref().unwrap_or("");
    if href.contains('#') {
        return Err(el.refuse(format!("`{href}` has a fragment")));
    }
    if !super::uri::escapes_fine(href) {
        return Err(el.refuse(format!("`{href}` is no URI")));
    }
    let base: &Path = &el.file.path;
    let (path, text) = resolver
        .resolve(base, &super::uri::join(&el.base, href))
        .map_err(|why| el.refuse(format!("`{href}` cannot be read: {why}")))?;
    if chain.contains(&path) {
        return Err(el.refuse(format!("`{href}` refers back to itself")));
    }
    let mut target = parse(path.clone(), text)?;
    chain.push(path);
    expand(&mut target, resolver, chain)?;
    chain.pop();
    Ok(target)
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

fn collect<'a>(list: &'a [El], out: &mut Vec<(&'a str, &'a Option<String>, &'a El)>) {
    for el in list {
        match el.kind {
            "div" => collect(&el.children, out),
            _ => out.push((el.kind, &el.name, el)),
        }
    }
}

fn remove_would(el: &El, kind: &str, name: &Option<String>) -> bool {
    el.children
        .iter()
        .any(|c| c.kind == kind && &c.name == name || c.kind == "div" && remove_would(c, kind, name))
}

fn remove(el: &mut El, kind: &str, name: &Option<String>) {
    el.children.retain(|c| !(c.kind == kind && &c.name == name));
    for c in el.children.iter_mut().filter(|c| c.kind == "div") {
        remove(c, kind, name);
    }
}
