//! Numbers that look like chance and are the same every time, for the tests of this folder and cli's.

/// The state of a linear congruential generator (Knuth's constants).
pub struct Chance(pub u64);

impl Chance {
    /// A number from 0 to `n` - 1; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n.max(1)
    }
}
