//! Where in a stack a key stands last, without going through the stack. Must not be asked before it has caught up
//! with the stack.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// No place.
const NONE: u32 = u32::MAX;

/// An index over a stack of keys. It lags behind the stack, so that who never asks pays nothing, and is filled once
/// for each entry however often it is asked.
#[derive(Debug)]
pub(super) struct LastPlaces<K> {
    /// The keys it knows, from the bottom of the stack, each with the place below it of the same key.
    keys: Vec<(K, u32)>,
    places: FxHashMap<K, u32>,
}

impl<K: Copy + Eq + Hash> LastPlaces<K> {
    pub fn new() -> Self {
        Self {
            keys: Vec::new(),
            places: FxHashMap::default(),
        }
    }

    /// How many entries of the stack it knows.
    pub fn known(&self) -> usize {
        self.keys.len()
    }

    /// Learns the next entry of the stack.
    pub fn push(&mut self, key: K) {
        let below = self.places.insert(key, self.keys.len() as u32);
        self.keys.push((key, below.unwrap_or(NONE)));
    }

    /// The stack has been cut to that length.
    #[inline]
    pub fn truncate(&mut self, len: usize) {
        if self.keys.len() > len {
            self.forget(len);
        }
    }

    #[cold]
    fn forget(&mut self, len: usize) {
        for (key, below) in self.keys.drain(len..).rev() {
            if below == NONE {
                self.places.remove(&key);
            } else {
                self.places.insert(key, below);
            }
        }
    }

    /// The highest place of that key.
    pub fn last(&self, key: K) -> Option<usize> {
        self.places.get(&key).map(|&at| at as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::LastPlaces;

    #[test]
    fn the_last_place_follows_the_stack() {
        let mut index = LastPlaces::new();
        for key in ["a", "b", "a", "c"] {
            index.push(key);
        }
        assert_eq!(
            (index.last("a"), index.last("b"), index.last("d")),
            (Some(2), Some(1), None)
        );
        index.truncate(2);
        index.truncate(9);
        assert_eq!(
            (index.known(), index.last("a"), index.last("c")),
            (2, Some(0), None)
        );
        index.push("c");
        assert_eq!(index.last("c"), Some(2));
    }
}
