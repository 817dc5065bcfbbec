//! What the readings of an element's content would do, as a log in which each step knows the one before it. Decides
//! nothing: which readings there are is the matter of `align`.

use std::num::NonZeroU32;

use crate::grammar::pattern::PatId;
use crate::syntax::NodeId;
use crate::text::Span;

/// What is to be done with one child. Children that simply fit have no step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// It stands where it may, with faults within; what remains behind its attributes, where those are known to fit.
    Keep(NodeId, u32, PatId),
    /// It is another element by a wrong name: which one, and which of that one's names; whether there may be faults
    /// within, and whether the names are a slip apart.
    Rename(NodeId, u32, u16, bool, Option<bool>),
    /// It cannot stand here; the elements that could.
    Drop(NodeId, PatId),
    /// It could stand here, but then what follows could not.
    Early(NodeId),
    /// This element is missing before the child given, or at the end.
    Insert(u32, Option<NodeId>),
    /// Text that cannot stand here.
    Text(Span),
    /// Text that is no value; the pattern it should fit, and the place among [`Steps::given`] where it is not what is
    /// written there.
    Value(Span, PatId, Option<NonZeroU32>),
    /// Something is missing at the end, one of several; the pattern that remains.
    Incomplete(PatId),
}

/// The steps of the cheapest reading among those of all that were thought of.
#[derive(Debug, Default)]
pub struct Steps {
    pub log: Log,
    /// The last one first.
    pub order: Vec<u32>,
}

/// Steps of all readings, each with the place behind the one before it; 0 for none.
#[derive(Debug, Default)]
pub struct Log {
    pub steps: Vec<(u32, Step)>,
    /// Texts that are not what is written.
    given: Vec<Box<str>>,
    /// With more steps than this and [`KEPT`], those of no reading are let go.
    full: usize,
}

impl Log {
    pub fn clear(&mut self) {
        self.steps.clear();
        self.given.clear();
        self.full = 0;
    }

    /// One more behind another; gives its place.
    pub fn push(&mut self, before: u32, step: Step) -> u32 {
        self.steps.push((before, step));
        self.steps.len() as u32
    }

    pub fn at(&self, place: u32) -> Option<&(u32, Step)> {
        self.steps.get((place as usize).checked_sub(1)?)
    }

    /// Keeps the text of a value that is not what is written.
    pub fn give(&mut self, text: &str) -> Option<NonZeroU32> {
        self.given.push(text.into());
        NonZeroU32::new(self.given.len() as u32)
    }

    /// Where there are very many steps, lets go those that belong to none of the readings.
    #[inline]
    pub fn tidy(&mut self, now: &mut [Reading]) {
        if self.steps.len() > self.full.max(KEPT) {
            self.let_go(now);
        }
    }

    #[cold]
    fn let_go(&mut self, now: &mut [Reading]) {
        // By place: where a step that is kept will stand.
        let mut places = vec![0u32; self.steps.len() + 1];
        for reading in &*now {
            let mut at = reading.step;
            while let (Some((before, _)), Some(place @ 0)) = (self.at(at), places.get_mut(at as usize)) {
                *place = 1;
                at = *before;
            }
        }
        let (mut at, mut kept) = (0, 0);
        self.steps.retain_mut(|(before, _)| {
            at += 1;
            let Some(place @ 1) = places.get_mut(at) else {
                return false;
            };
            kept += 1;
            *place = kept;
            *before = places.get(*before as usize).copied().unwrap_or(0);
            true
        });
        for reading in now {
            reading.step = places.get(reading.step as usize).copied().unwrap_or(0);
        }
        self.full = 2 * self.steps.len();
    }
}

/// Memory for more steps than this is not kept for another document.
const KEPT: usize = 1 << 15;

impl Steps {
    /// Forgets them; their memory is for the next.
    pub fn clear(&mut self) {
        self.log.clear();
        self.order.clear();
        self.log.steps.shrink_to(KEPT);
        self.order.shrink_to(KEPT);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// In the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &Step> {
        let last_first = self.order.iter().rev();
        last_first.filter_map(|&at| self.log.at(at).map(|l| &l.1))
    }

    /// The text of a value that is not what is written.
    pub fn given(&self, at: NonZeroU32) -> &str {
        self.log.given.get(at.get() as usize - 1).map_or("", |t| t)
    }
}

/// One of the readings of a content that are followed.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub p: PatId,
    pub cost: u32,
    /// The last element pattern, to prefer readings in the grammar's order.
    pub last: u32,
    /// Index into the log of steps, 0 for none.
    pub step: u32,
}
