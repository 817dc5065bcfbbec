//! The memory of large trees, kept for the next one: an editor has a text of megabytes judged again at each
//! keystroke, and fresh pages from the system take longer than reading the text. One spare of each kind is kept for the
//! whole process. Must not hand memory to a tree that needs much less.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use super::{Attr, Node};

/// Smaller ones come from the allocator without the system, in bytes.
const LEAST: usize = 64 << 10;
/// Larger ones go back to the system, in bytes.
const MOST: usize = 32 << 20;

/// What is freed and smaller than twice this is kept by the C library for the next text, in bytes.
const KEPT: usize = 4 << 20;

/// Has the C library keep more of what is freed than its first 128 KiB. glibc takes the largest block that it has given
/// back to the system as what a program needs often (`mallopt`(3), "dynamic mmap threshold"); a block that nobody
/// has written to costs nothing. Other C libraries learn nothing from it.
fn keep_more() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(KEPT))));
}

/// A spare list, and how long the text was that it was for.
pub(crate) type Spare<T> = (Vec<T>, usize);

/// What trees are made of.
pub(crate) trait Part: Sized + 'static {
    /// Where the spare is.
    fn spare() -> &'static Mutex<Spare<Self>>;
}

impl Part for Node {
    fn spare() -> &'static Mutex<Spare<Self>> {
        static SPARE: Mutex<Spare<Node>> = Mutex::new((Vec::new(), 0));
        &SPARE
    }
}

impl Part for Attr {
    fn spare() -> &'static Mutex<Spare<Self>> {
        static SPARE: Mutex<Spare<Attr>> = Mutex::new((Vec::new(), 0));
        &SPARE
    }
}

/// A list that takes the memory of a former one, and leaves its own to the next.
#[derive(Debug, Clone)]
pub(crate) struct Reused<T: Part>(Vec<T>, usize);

fn lock<T: Part>() -> MutexGuard<'static, Spare<T>> {
    T::spare().lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Part> Reused<T> {
    /// An empty list with room for so many, for a text of so many bytes: what another of that length has had is taken,
    /// however much more it was.
    pub fn with_capacity(wanted: usize, length: usize) -> Self {
        keep_more();
        if wanted.saturating_mul(size_of::<T>()).max(length) >= LEAST {
            let mut spare = lock::<T>();
            let (list, was) = &mut *spare;
            let twice = |n: usize| n..=n.saturating_mul(2);
            let alike = twice(length).contains(was) || twice(*was).contains(&length);
            if list.capacity() >= wanted && (alike || twice(wanted).contains(&list.capacity())) {
                return Self(std::mem::take(list), length);
            }
            if list.capacity() < wanted {
                // This one will be the next spare: until then the memory is not held twice.
                *list = Vec::new();
            }
        }
        Self(Vec::with_capacity(wanted), length)
    }
}

/// Gives the spares back to the system.
pub(crate) fn let_go() {
    drop((
        std::mem::take(&mut *lock::<Node>()),
        std::mem::take(&mut *lock::<Attr>()),
    ));
}

impl<T: Part> Drop for Reused<T> {
    fn drop(&mut self) {
        let bytes = self.0.capacity().saturating_mul(size_of::<T>());
        if (LEAST..=MOST).contains(&bytes) {
            self.0.clear();
            let mine = (std::mem::take(&mut self.0), self.1);
            let former = std::mem::replace(&mut *lock::<T>(), mine);
            // Given back without the lock.
            drop(former);
        }
    }
}

impl<T: Part> Deref for Reused<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T: Part> DerefMut for Reused<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse;

    #[test]
    fn a_tree_in_the_memory_of_another_has_nothing_of_it() {
        let large = |name: &str| format!("<a>{}</a>", format!("<{name} x=\"1\"/> ").repeat(5_000));
        let (first, second) = (large("first"), large("other"));
        let fresh = parse(&second);
        drop(parse(&first));
        let reused = parse(&second);
        let words = |tree: &crate::syntax::Tree| {
            let each = tree
                .all()
                .map(|id| format!("{:?} {:?}", tree.node(id), tree.attrs(id)));
            each.collect::<Vec<_>>()
        };
        assert_eq!(words(&fresh), words(&reused));
    }
}
