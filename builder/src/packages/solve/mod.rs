//! Chooses packages as apt does. Each name has one candidate (best pin, then newest). A dependency that something chosen
//! satisfies already adds nothing; else its alternatives are tried in order, and of each the package of that name before
//! those that provide it. A choice that fails is undone. Where two choices exclude each other, the one that was only
//! pulled in is barred and all starts again, as apt's resolver would keep what was asked for.

mod candidates;
mod explain;
mod order;

use std::collections::HashSet;

use rustc_hash::FxHashMap;

use super::solution::{Because, Request, Selected, Solution};
use super::universe::{Relation, Universe};
use crate::error::{BuildError, Place};
use candidates::{Candidates, Id, Need, Target};
use explain::Trouble;

/// Chains longer than this are put aside and taken up later, so that no input exhausts the stack.
const DEPTH: usize = 400;
/// How often a choice may be barred before it is called unsolvable.
const ROUNDS: usize = 64;
/// How many choices one round may take, so that no input makes it run for ever.
const MOVES: usize = 2_000_000;

/// See [`super::solve`].
pub fn run(universe: &Universe, request: &Request) -> Result<Solution, BuildError> {
    let mut candidates = Candidates::new(universe, request);
    let seeds = seeds(universe, request, &mut candidates)?;
    let mut barred: HashSet<Id> = HashSet::new();
    let mut first = None;
    for _ in 0..ROUNDS {
        let mut state = State::new(&mut candidates, &barred, request.recommends);
        match state.seed(&seeds) {
            Ok(()) => {
                let chosen = state.into_chosen();
                return Ok(order::ordered(&mut candidates, chosen));
            }
            Err(trouble) => {
                let culprit = trouble.conflict().and_then(|(a, b)| {
                    let seeded = |id: Id| seeds.iter().any(|s| s.id == id);
                    [b, a].into_iter().find(|id| !seeded(*id) && !barred.contains(id))
                });
                first.get_or_insert(trouble);
                match culprit {
                    Some(id) => barred.insert(id),
                    None => break,
                };
            }
        }
    }
    let trouble = first.unwrap_or_default();
    Err(explain::unsolvable(&mut candidates, &trouble, &seeds))
}

/// A package that must be there.
pub struct Seed {
    id: Id,
    because: Because,
    place: Place,
}

fn seeds(
    universe: &Universe,
    request: &Request,
    candidates: &mut Candidates,
) -> Result<Vec<Seed>, BuildError> {
    let mut seeds: Vec<Seed> = Vec::new();
    let mut add = |id: Id, because: Because, place: Place| {
        if !seeds.iter().any(|s| s.id == id) {
            seeds.push(Seed { id, because, place });
        }
    };
    if request.essential {
        for name in universe.essential() {
            let id = candidates.id(&name);
            if candidates.get(id).is_some_and(|c| c.package.essential()) && !candidates.installed(id) {
                add(id, Because::Essential, None);
            }
        }
    }
    for (asked, place) in &request.install {
        let id = candidates
            .asked(asked)
            .map_err(|missing| explain::not_found(universe, &missing, place))?;
        if !candidates.installed(id) {
            add(id, Because::Asked(place.clone()), place.clone());
        }
    }
    Ok(seeds)
}

/// A chosen package, in the order of choice.
pub struct Chosen {
    id: Id,
    because: Because,
}

/// A step that can be taken back.
enum Move {
    Chose(Id),
    Displaced(Id, usize, Because),
}

struct State<'a, 'u> {
    candidates: &'a mut Candidates<'u>,
    barred: &'a HashSet<Id>,
    recommends: bool,
    chosen: FxHashMap<Id, (usize, Because)>,
    trail: Vec<Move>,
    moves: usize,
    displaced: bool,
    seeds: HashSet<Id>,
    /// What is being installed right now, from a seed to the package in hand: never displaced.
    path: Vec<Id>,
    /// Who of the chosen provides a name, with the version where one is given.
    provided: FxHashMap<Id, Vec<(Id, Option<String>)>>,
    /// Who of the chosen refuses a name: the refusing package and its index among its refusals.
    refused: FxHashMap<Id, Vec<(Id, usize)>>,
    later: Vec<(Id, Id, Relation)>,
}

impl<'a, 'u> State<'a, 'u> {
    fn new(candidates: &'a mut Candidates<'u>, barred: &'a HashSet<Id>, recommends: bool) -> Self {
        let mut state = State {
            candidates,
            barred,
            recommends,
            chosen: FxHashMap::default(),
            trail: Vec::new(),
            moves: 0,
            displaced: false,
            seeds: HashSet::new(),
            path: Vec::new(),
            provided: FxHashMap::default(),
            refused: FxHashMap::default(),
            later: Vec::new(),
        };
        for id in state.candidates.all_installed() {
            state.register(id);
        }
        state
    }

    /// All seeds are chosen before any of their dependencies is looked at, so that no dependency takes a way that
    /// excludes one of them.
    fn seed(&mut self, seeds: &[Seed]) -> Result<(), Trouble> {
        for seed in seeds {
            if self.candidates.get(seed.id).is_none() || self.barred.contains(&seed.id) {
                return Err(Trouble::NoCandidate { id: seed.id });
            }
            self.clash(seed.id)?;
            self.choose(seed.id, seed.because.clone());
            self.seeds.insert(seed.id);
        }
        for seed in seeds {
            self.dependencies(seed.id, 0)?;
        }
        // What was put aside; then again whoever lost a dependency to a later choice.
        loop {
            while let Some((id, by, relation)) = self.later.pop() {
                self.mark(id, by, relation, 0)?;
            }
            let mut open: Vec<(usize, Id)> =
                self.chosen.iter().map(|(id, (order, _))| (*order, *id)).collect();
            open.sort_unstable();
            open.retain(|(_, id)| {
                let needs = self.candidates.needs(*id);
                needs.iter().any(|n| n.critical() && !self.satisfied(n))
            });
            if open.is_empty() {
                if self.displaced {
                    self.sweep();
                }
                return Ok(());
            }
            if self.moves > MOVES {
                return Err(Trouble::None);
            }
            for (_, id) in open {
                if self.chosen.contains_key(&id) {
                    self.dependencies(id, 0)?;
                }
            }
        }
    }

    /// Leaves out what only displaced packages needed: whatever no seed reaches by dependencies, recommendations or
    /// suggestions (which keep a package, but bring none in).
    fn sweep(&mut self) {
        let mut seeds: Vec<Id> = self
            .seeds
            .iter()
            .copied()
            .chain(self.candidates.all_installed())
            .collect();
        let mut kept: HashSet<Id> = seeds.iter().copied().collect();
        while let Some(id) = seeds.pop() {
            let mut on: Vec<Target> = Vec::new();
            for need in self.candidates.needs(id).iter() {
                on.extend(need.targets.iter().cloned());
            }
            on.extend(self.candidates.suggested(id));
            for target in on {
                let own = self.candidates.version_if_present(target.id, &self.chosen);
                let mut meant: Vec<Id> = own
                    .filter(|v| target.admits(Some(v)))
                    .map(|_| target.id)
                    .into_iter()
                    .collect();
                let provided = self.provided.get(&target.id).into_iter().flatten();
                meant.extend(
                    provided
                        .filter(|(_, v)| target.admits(v.as_deref()))
                        .map(|(by, _)| *by),
                );
                seeds.extend(meant.into_iter().filter(|id| kept.insert(*id)));
            }
        }
        self.chosen.retain(|id, _| kept.contains(id));
    }

    /// What was chosen, in the order of choice.
    fn into_chosen(self) -> Vec<Chosen> {
        let mut all: Vec<(usize, Chosen)> = self
            .chosen
            .into_iter()
            .map(|(id, (order, because))| (order, Chosen { id, because }))
            .collect();
        all.sort_unstable_by_key(|(order, _)| *order);
        all.into_iter().map(|(_, chosen)| chosen).collect()
    }

    fn mark(&mut self, id: Id, by: Id, relation: Relation, depth: usize) -> Result<(), Trouble> {
        if self.chosen.contains_key(&id) || self.candidates.installed(id) {
            return Ok(());
        }
        if self.barred.contains(&id) || self.candidates.get(id).is_none() {
            return Err(Trouble::NoCandidate { id });
        }
        if depth > DEPTH {
            self.later.push((id, by, relation));
            return Ok(());
        }
        self.satisfiable(id)?;
        let before = self.trail.len();
        if let Err(trouble) = self.make_room(id) {
            self.undo(before);
            return Err(trouble);
        }
        let by = self.candidates.name(by).to_owned();
        self.choose(id, Because::Needed { by, relation });
        let result = self.dependencies(id, depth + 1);
        if result.is_err() {
            self.undo(before);
        }
        result
    }

    /// Chooses what `id` needs and nothing chosen satisfies.
    fn dependencies(&mut self, id: Id, depth: usize) -> Result<(), Trouble> {
        self.path.push(id);
        let result = self.meet(id, depth);
        self.path.pop();
        result
    }

    fn meet(&mut self, id: Id, depth: usize) -> Result<(), Trouble> {
        let needs = self.candidates.needs(id);
        let recommends = self.recommends;
        for need in needs.iter().filter(|n| n.critical() || recommends) {
            if self.satisfied(need) {
                continue;
            }
            let mut trouble = None;
            let mut found = false;
            for solution in self.candidates.solutions(need) {
                match self.mark(solution, id, need.relation, depth) {
                    Ok(()) => {
                        found = true;
                        break;
                    }
                    Err(e) => drop(trouble.get_or_insert(e)),
                }
            }
            if !found && need.critical() {
                return Err(Trouble::Need {
                    by: id,
                    need: need.text.clone(),
                    relation: need.relation,
                    why: trouble.map(Box::new),
                });
            }
        }
        Ok(())
    }

    /// A package none of whose alternatives has a candidate for one of its needs is not worth a try.
    fn satisfiable(&mut self, id: Id) -> Result<(), Trouble> {
        let needs = self.candidates.needs(id);
        for need in needs.iter().filter(|n| n.critical()) {
            if !self.satisfied(need) && self.candidates.solutions(need).is_empty() {
                return Err(Trouble::Need {
                    by: id,
                    need: need.text.clone(),
                    relation: need.relation,
                    why: None,
                });
            }
        }
        Ok(())
    }

    fn satisfied(&self, need: &Need) -> bool {
        need.targets.iter().any(|target| {
            let own = self.candidates.version_if_present(target.id, &self.chosen);
            own.is_some_and(|v| target.admits(Some(v)))
                || self
                    .provided
                    .get(&target.id)
                    .is_some_and(|list| list.iter().any(|(_, v)| target.admits(v.as_deref())))
        })
    }

    /// Takes out what `id` itself refuses, as apt does, where nobody asked for it and it is not what is being
    /// installed; any other conflict stands.
    fn make_room(&mut self, id: Id) -> Result<(), Trouble> {
        while let Err(trouble) = self.clash(id) {
            match trouble {
                Trouble::Clash { a, b, .. } if a == id && self.may_go(b) => self.displace(b),
                other => return Err(other),
            }
        }
        Ok(())
    }

    fn may_go(&self, id: Id) -> bool {
        self.moves < MOVES
            && self.chosen.contains_key(&id)
            && !self.seeds.contains(&id)
            && !self.path.contains(&id)
    }

    /// The first conflict of `id` with what is chosen, in either direction.
    fn clash(&mut self, id: Id) -> Result<(), Trouble> {
        let refusals = self.candidates.refusals(id);
        for refusal in refusals.iter() {
            let target = &refusal.target;
            if target.id != id
                && let Some(version) = self.candidates.version_if_present(target.id, &self.chosen)
                && target.admits(Some(version))
            {
                return Err(Trouble::Clash {
                    a: id,
                    b: target.id,
                    relation: refusal.relation,
                });
            }
            for (provider, version) in self.provided.get(&target.id).into_iter().flatten() {
                if *provider != id && target.admits(version.as_deref()) {
                    return Err(Trouble::Clash {
                        a: id,
                        b: *provider,
                        relation: refusal.relation,
                    });
                }
            }
        }
        let Some(version) = self.candidates.get(id).map(|c| c.package.version().to_owned()) else {
            return Ok(());
        };
        let mut names = vec![(id, Some(version))];
        names.extend(self.candidates.provides(id).iter().cloned());
        for (name, version) in names {
            for (by, number) in self.refused.get(&name).cloned().unwrap_or_default() {
                let refusals = self.candidates.refusals(by);
                if by != id
                    && let Some(refusal) = refusals.get(number)
                    && refusal.target.admits(version.as_deref())
                {
                    return Err(Trouble::Clash {
                        a: by,
                        b: id,
                        relation: refusal.relation,
                    });
                }
            }
        }
        Ok(())
    }

    fn choose(&mut self, id: Id, because: Because) {
        self.moves += 1;
        self.chosen.insert(id, (self.moves, because));
        self.trail.push(Move::Chose(id));
        self.register(id);
    }

    fn displace(&mut self, id: Id) {
        if let Some((order, because)) = self.chosen.remove(&id) {
            self.moves += 1;
            self.displaced = true;
            self.trail.push(Move::Displaced(id, order, because));
            self.unregister(id);
        }
    }

    fn register(&mut self, id: Id) {
        for (name, version) in self.candidates.provides(id).iter() {
            self.provided
                .entry(*name)
                .or_default()
                .push((id, version.clone()));
        }
        for (number, refusal) in self.candidates.refusals(id).iter().enumerate() {
            self.refused
                .entry(refusal.target.id)
                .or_default()
                .push((id, number));
        }
    }

    fn unregister(&mut self, id: Id) {
        for (name, _) in self.candidates.provides(id).iter() {
            if let Some(list) = self.provided.get_mut(name) {
                list.retain(|(by, _)| *by != id);
            }
        }
        for refusal in self.candidates.refusals(id).iter() {
            if let Some(list) = self.refused.get_mut(&refusal.target.id) {
                list.retain(|(by, _)| *by != id);
            }
        }
    }

    fn undo(&mut self, to: usize) {
        while self.trail.len() > to {
            match self.trail.pop() {
                Some(Move::Chose(id)) => {
                    self.chosen.remove(&id);
                    self.unregister(id);
                }
                Some(Move::Displaced(id, order, because)) => {
                    self.chosen.insert(id, (order, because));
                    self.register(id);
                }
                None => return,
            }
        }
    }
}

/// The answer for one chosen package.
fn selected(candidates: &mut Candidates, chosen: &Chosen) -> Option<Selected> {
    let package = candidates.get(chosen.id)?.package.clone();
    Some(Selected {
        package,
        because: chosen.because.clone(),
    })
}

#[cfg(test)]
mod tests;
