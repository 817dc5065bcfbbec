//! Which views of a description there are to judge, and judging them. Makes no finding by itself, and knows no rule
//! but by the tables.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::IMAGE_RULES;
use super::LIST_RULES;
use super::Options;
use super::VIEW_RULES;
use super::found::Found;
use super::inputs::{Distinct, Inputs, Numbering, Numbers};
use super::packages::machines;
use super::scope::{Lists, Scope};
use super::views::profile_circles::MOST_CHOICES;
use super::whole::Whole;
use crate::description::model::{Image, Repository, Str};
use crate::description::profiles::Profiles;
use crate::description::{View, ViewError};
use crate::diagnostic::Diagnostic;

/// More views than this are not judged: what one of them finds, the others mostly find too.
const MOST_VIEWS: usize = 64;

/// Judges every view.
pub(super) fn check(image: &Image, options: &Options<'_>, out: &mut Vec<Diagnostic>) {
    let mut found = Found::new(image, out);
    for rules in IMAGE_RULES {
        if options.stopped() {
            return;
        }
        rules(image, &mut found);
    }
    // What is for a profile that nothing declares is told as that, and not missing besides.
    let none = || image.profiles.is_empty() && image.packages.iter().all(|s| s.filter.profiles.is_empty());
    let chosen = !options.profiles.is_empty() || none();
    let whole = Rc::new(Whole::new(image, chosen));
    for rules in LIST_RULES {
        if options.stopped() {
            return;
        }
        rules(&whole, &mut found);
    }
    match scopes(&whole, options) {
        Ok(scopes) => views(scopes, options, &mut found),
        // A type under a name that no profile has is there, and its name has been told.
        Err(ViewError::NoType { .. })
            if super::views::profiles::hides_every_type(image)
                || options.profiles.is_empty() && super::views::profiles::lacks_a_requirement(image) => {}
        // A slip in the declaration of what is required has been told there.
        Err(ViewError::UnknownProfile { .. })
            if found.since(0).iter().any(|d| d.code == "undefined-profile") => {}
        Err(error) => {
            found.push(error.diagnostic(image));
        }
    }
}

/// Judges the views, one rule after the other: a rule finds the processor ready for it when it comes to the next view.
fn views(mut scopes: Vec<Scope<'_>>, options: &Options<'_>, found: &mut Found<'_>) {
    let many = scopes.len() > 1;
    // A type that is said to be of another image than it is has been told: what that image would need is not.
    let mut sound: FxHashMap<u64, bool> = FxHashMap::default();
    scopes.retain(|scope| {
        let known = sound.entry(scope.numbers.key(Inputs::KIND));
        *known.or_insert_with(|| super::misfit::image(scope.kind()).is_none())
    });
    if many {
        found.of_views(scopes.iter().map(|s| s.view.profiles.clone()).collect());
    }
    let numbers: Vec<Numbers> = scopes.iter().map(|s| s.numbers).collect();
    let mut distinct = Distinct::default();
    for (inputs, rules) in VIEW_RULES {
        distinct.of(&numbers, *inputs);
        for rule in *rules {
            if options.stopped() {
                return;
            }
            for (at, scope) in distinct
                .views
                .iter()
                .filter_map(|at| Some((*at, scopes.get(*at)?)))
            {
                found.speaks(at);
                rule(scope, found);
            }
            if cfg!(debug_assertions) {
                unchanged(*inputs, *rule, &scopes, found);
            }
        }
    }
}

/// In tests: a rule that has judged a view finds nothing else in those which are alike.
fn unchanged(inputs: Inputs, rule: super::ViewRule, scopes: &[Scope<'_>], found: &mut Found<'_>) {
    let before = found.since(0).len();
    scopes.iter().for_each(|scope| rule(scope, found));
    let new = found.since(before);
    assert!(new.is_empty(), "a rule looks at more than {inputs:?}: {new:?}");
}

/// The views so far, and what several of them share.
struct Views<'a> {
    whole: Rc<Whole<'a>>,
    numbering: Numbering<'a>,
    /// By the number of the lists.
    lists: Vec<Rc<Lists<'a>>>,
    /// By the number of the repositories.
    repositories: Vec<Rc<[&'a Repository]>>,
    made: Vec<Scope<'a>>,
}

impl<'a> Views<'a> {
    fn new(whole: &Rc<Whole<'a>>) -> Self {
        Self {
            whole: whole.clone(),
            numbering: Numbering::new(whole),
            lists: Vec::new(),
            repositories: Vec::new(),
            made: Vec::with_capacity(MOST_VIEWS.min(1 + whole.image.profiles.len())),
        }
    }

    fn are_enough(&self) -> bool {
        self.made.len() >= MOST_VIEWS
    }

    /// Adds a choice: for the type chosen, or for each that it can be of.
    fn add(&mut self, first: &View<'a>, arch_named: bool, options: &Options<'_>) {
        let arch_chosen = options.arch.is_some();
        let chosen = self.numbering.choose(&first.arch, arch_named || arch_chosen);
        let manager = first.package_manager();
        let asked = options.type_name.map(|_| first.image_type);
        let types = first.preferences.iter().flat_map(|p| &p.types);
        let types = types.filter(|_| asked.is_none());
        let before = self.made.len();
        for image_type in asked.into_iter().chain(types) {
            let image = image_type.image.value.trim();
            // Of two of a name the first is built.
            let built = self.made.get(before..).unwrap_or_default();
            if built.iter().any(|scope| scope.image == image) {
                continue;
            }
            if self.are_enough() {
                break;
            }
            let view = first.of_type(image_type);
            let (numbers, new) = self.numbering.of(&chosen, &view);
            self.lists.extend(new.map(|kinds| Rc::new(Lists::new(kinds))));
            if self.repositories.len() <= numbers.repositories() {
                self.repositories.push(view.repositories().into());
            }
            let lists = self.lists.get(numbers.packages()).cloned();
            let repositories = self.repositories.get(numbers.repositories()).cloned();
            let Some((lists, repositories)) = lists.zip(repositories) else {
                continue;
            };
            self.made.push(Scope {
                image,
                view,
                whole: self.whole.clone(),
                lists,
                repositories,
                numbers,
                manager,
                arch_chosen,
                arch_named,
                volumes: OnceCell::new(),
                managed: OnceCell::new(),
            });
        }
    }
}

/// The views to judge: the one chosen, or each that a build can choose.
fn scopes<'a>(whole: &Rc<Whole<'a>>, options: &Options<'_>) -> Result<Vec<Scope<'a>>, ViewError> {
    let image = whole.image;
    let asked: Vec<&str> = options.profiles.iter().map(String::as_str).collect();
    let alone: Vec<&str> = image.profiles.iter().map(|p| p.name.value.as_str()).collect();
    let choices: Vec<&[&str]> = if asked.is_empty() {
        std::iter::once(&[][..]).chain(alone.chunks(1)).collect()
    } else {
        vec![&asked]
    };
    let named: Vec<&str> = machines::named(image).map(|a| a.value.as_str()).collect();
    let declared = Profiles::new(image);
    let mut views = Views::new(whole);
    // Of very many profiles each may require most of the others.
    let most = MOST_CHOICES * MOST_CHOICES / image.profiles.len().max(MOST_CHOICES);
    let mut first_error = None;
    let mut tried = 0;
    for arch in arches(whole, options) {
        let arch = Str::from(arch);
        let mut seen: Vec<Arc<[Str]>> = Vec::new();
        for choice in &choices {
            tried += 1;
            if views.are_enough() || tried > most {
                break;
            }
            let profiles = declared.select(choice, &arch);
            let view = profiles.and_then(|own| {
                let preferences = views.numbering.activate(image, &own, &arch);
                View::of_preferences(image, own, preferences, options.type_name, &arch)
            });
            match view {
                Ok(view) if seen.iter().any(|known| same(known, &view.profiles)) => {}
                Ok(view) => {
                    seen.push(view.profiles.clone());
                    views.add(&view, named.contains(&&*arch), options);
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
    }
    match (views.made.is_empty(), first_error) {
        (true, Some(error)) if tried <= most => Err(error),
        _ => Ok(views.made),
    }
}

/// So many profiles are looked up without an index.
const FEW: usize = 32;

/// The same profiles, in whatever order: each is there once.
fn same(one: &[Str], other: &[Str]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    if one.len() <= FEW {
        return one.iter().all(|p| other.contains(p));
    }
    let other: FxHashSet<&str> = other.iter().map(Str::as_str).collect();
    one.iter().all(|p| other.contains(p.as_str()))
}

/// The machines to judge for: the one chosen, or those that the description is for.
fn arches(whole: &Whole<'_>, options: &Options<'_>) -> Vec<String> {
    match options.arch {
        Some(arch) => vec![arch.to_owned()],
        None => machines::to_judge(whole.image, &whole.catalog)
            .into_iter()
            .map(str::to_owned)
            .collect(),
    }
}
