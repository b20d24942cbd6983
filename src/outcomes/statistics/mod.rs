//! What matched pairs say beyond their means: the size of an effect, a test
//! for few pairs, and how two raters agree.
//!
//! Scores come as whole numbers of a common unit, so that sums are exact; a
//! number is rounded once, when it is shown. Checked against `scipy` on random
//! data: `script/prove pairs` makes the table that the tests read.

mod correlation;
mod effect_size;
mod interval;
mod root;
mod signed_rank;
#[cfg(test)]
mod tests;

pub use correlation::correlation;
pub use effect_size::effect_size;
pub use interval::{Interval, Share};
pub use signed_rank::{SignedRank, signed_rank};
