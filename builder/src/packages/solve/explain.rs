//! Why there is no solution, in words that name the chain from what was asked for to what is missing.

use super::Seed;
use super::candidates::{Candidates, Id};
use crate::error::{BuildError, Place};
use crate::packages::judge::thousands;
use crate::packages::solution::Because;
use crate::packages::universe::{Relation, Universe};

/// What went wrong, the outermost first.
#[derive(Debug, Clone, Default)]
pub enum Trouble {
    /// Nothing was tried.
    #[default]
    None,
    /// There is no such package, or it must not come in.
    NoCandidate {
        /// Its name.
        id: Id,
    },
    /// A dependency cannot be met; `why` for its first alternative that exists.
    Need {
        /// Whose.
        by: Id,
        /// As written.
        need: String,
        /// Which kind.
        relation: Relation,
        /// The reason further in.
        why: Option<Box<Trouble>>,
    },
    /// Two packages exclude each other.
    Clash {
        /// The one that says so.
        a: Id,
        /// The other.
        b: Id,
        /// How.
        relation: Relation,
    },
}

impl Trouble {
    /// The two that exclude each other, where that is the last reason.
    pub fn conflict(&self) -> Option<(Id, Id)> {
        match self {
            Trouble::Clash { a, b, .. } => Some((*a, *b)),
            Trouble::Need { why: Some(why), .. } => why.conflict(),
            _ => None,
        }
    }
}

/// A name that no repository has.
pub fn not_found(universe: &Universe, asked: &str, place: &Place) -> BuildError {
    let (name, version) = asked.split_once('=').map_or((asked, None), |(n, v)| (n, Some(v)));
    let searched: Vec<String> = universe
        .repositories()
        .map(|(alias, count, _)| format!("`{alias}` ({} packages)", thousands(count)))
        .collect();
    let versions = universe.lookup(name);
    let providers = universe.providers(name);
    let message = match version {
        Some(version) if !versions.is_empty() => {
            format!("no enabled repository has version `{version}` of `{name}`")
        }
        _ if providers.len() > 1 => format!(
            "`{name}` is not a package, but a name that {} packages provide",
            providers.len()
        ),
        _ => format!("no enabled repository has a package `{asked}`"),
    };
    let mut others: Vec<String> = if versions.is_empty() && providers.is_empty() {
        universe.nearest(name, 5)
    } else if versions.is_empty() {
        providers.iter().map(|p| p.name().to_owned()).collect()
    } else {
        versions
            .iter()
            .map(|p| format!("{name}={}", p.version()))
            .collect()
    };
    others.dedup();
    others.truncate(5);
    let mut help = String::new();
    if !others.is_empty() {
        let list: Vec<String> = others.iter().map(|o| format!("`{o}`")).collect();
        help = format!("did you mean {}? ", list.join(", "));
    }
    help.push_str(&format!("searched {}, {}", searched.join(", "), universe.arch()));
    BuildError::Packages {
        code: "package-not-found",
        message,
        place: place.clone(),
        help: Some(help),
    }
}

/// The error for a request without a solution.
pub fn unsolvable(candidates: &mut Candidates, trouble: &Trouble, seeds: &[Seed]) -> BuildError {
    let mut chain = Vec::new();
    words(candidates, trouble, &mut chain);
    let root = match trouble {
        Trouble::Need { by, .. } => Some(*by),
        Trouble::Clash { a, .. } => Some(*a),
        Trouble::NoCandidate { id } => Some(*id),
        Trouble::None => None,
    };
    let seed = seeds.iter().find(|s| Some(s.id) == root);
    let place = seed.and_then(|s| s.place.clone());
    let name = root.map_or_else(String::new, |id| candidates.name(id).to_owned());
    let message = match seed.map(|s| &s.because) {
        Some(Because::Essential) => format!("the essential package `{name}` cannot be installed"),
        _ => format!("`{name}` cannot be installed together with the rest"),
    };
    BuildError::Packages {
        code: "dependencies-unsolvable",
        message,
        place,
        help: Some(chain.join("; ")),
    }
}

fn words(candidates: &mut Candidates, trouble: &Trouble, out: &mut Vec<String>) {
    match trouble {
        Trouble::None => out.push("no solution was found".into()),
        Trouble::NoCandidate { id } => {
            let name = candidates.name(*id).to_owned();
            let known = !candidates.universe().lookup(&name).is_empty();
            out.push(if known {
                format!("`{name}` must not come in")
            } else {
                format!("no repository has `{name}`")
            });
        }
        Trouble::Need {
            by,
            need,
            relation,
            why,
        } => {
            out.push(format!("`{}` {} `{need}`", candidates.name(*by), verb(*relation)));
            match why {
                Some(why) => words(candidates, why, out),
                None => out.push(unmet(candidates, need)),
            }
        }
        Trouble::Clash { a, b, relation } => {
            out.push(format!(
                "`{}` {} `{}`",
                candidates.name(*a),
                verb(*relation),
                candidates.name(*b)
            ));
        }
    }
}

/// Why no alternative of a need has a candidate.
fn unmet(candidates: &mut Candidates, need: &str) -> String {
    let first = need.split(" | ").next().unwrap_or(need);
    let name = first.split(' ').next().unwrap_or(first);
    let id = candidates.id(name);
    if let Some(candidate) = candidates.get(id) {
        return format!("the repositories offer `{name}` {}", candidate.package.version());
    }
    if candidates.universe().lookup(name).is_empty() {
        return format!("no repository has `{name}`");
    }
    format!("`{name}` is to be ignored")
}

fn verb(relation: Relation) -> &'static str {
    match relation {
        Relation::PreDepends | Relation::Depends => "needs",
        Relation::Recommends | Relation::Suggests => "recommends",
        Relation::Conflicts => "conflicts with",
        Relation::Breaks => "breaks",
        Relation::Replaces => "replaces",
        Relation::Provides => "provides",
    }
}
