//! The order of unpacking and configuring: dependencies first, cycles broken, pre-dependencies always first.

use std::collections::HashSet;

use rustc_hash::FxHashMap;

use super::candidates::{Candidates, Id};
use super::{Chosen, selected};
use crate::packages::solution::Solution;
use crate::packages::universe::Relation;

/// Puts the chosen packages in order.
pub fn ordered(candidates: &mut Candidates, chosen: Vec<Chosen>) -> Solution {
    let ids: HashSet<Id> = chosen.iter().map(|c| c.id).collect();
    let mut providers: FxHashMap<Id, Vec<Id>> = FxHashMap::default();
    for item in &chosen {
        for (name, _) in candidates.provides(item.id).iter() {
            providers.entry(*name).or_default().push(item.id);
        }
    }
    let mut hard: FxHashMap<Id, Vec<Id>> = FxHashMap::default();
    let mut all: FxHashMap<Id, Vec<Id>> = FxHashMap::default();
    for item in &chosen {
        for need in candidates.needs(item.id).iter().filter(|n| n.critical()) {
            let on: Vec<Id> = need
                .targets
                .iter()
                .flat_map(|t| {
                    ids.get(&t.id)
                        .into_iter()
                        .chain(providers.get(&t.id).into_iter().flatten())
                        .copied()
                })
                .filter(|id| *id != item.id)
                .collect();
            if need.relation == Relation::PreDepends {
                hard.entry(item.id).or_default().extend(&on);
            }
            all.entry(item.id).or_default().extend(on);
        }
    }
    // First by all dependencies, then once more by pre-dependencies alone: where a cycle put one too late it moves up.
    let essential_first = {
        let mut starts: Vec<Id> = chosen.iter().map(|c| c.id).collect();
        starts.sort_by_key(|id| !candidates.get(*id).is_some_and(|c| c.package.essential()));
        starts
    };
    let order = depth_first(&depth_first(&essential_first, &all), &hard);
    let by_id: FxHashMap<Id, &Chosen> = chosen.iter().map(|c| (c.id, c)).collect();
    let packages = order
        .iter()
        .filter_map(|id| selected(candidates, by_id.get(id)?))
        .collect();
    Solution { packages }
}

/// Every node after what it points at; an edge back into the path being walked is left out.
fn depth_first(starts: &[Id], edges: &FxHashMap<Id, Vec<Id>>) -> Vec<Id> {
    let (mut seen, mut out) = (HashSet::new(), Vec::new());
    for start in starts {
        let mut path: Vec<(Id, usize)> = Vec::new();
        if seen.insert(*start) {
            path.push((*start, 0));
        }
        while let Some((id, next)) = path.last_mut() {
            let id = *id;
            match edges.get(&id).and_then(|list| list.get(*next)) {
                Some(on) => {
                    *next += 1;
                    if seen.insert(*on) {
                        path.push((*on, 0));
                    }
                }
                None => {
                    out.push(id);
                    path.pop();
                }
            }
        }
    }
    out
}
