//! How two raters go together.

use num_bigint::{BigInt, BigUint};

use super::root::signed_root;
use crate::platform::types::SixPlaces;

/// Pairs from which a correlation is told; fewer say next to nothing.
pub const FEWEST_CORRELATED: usize = 5;

/// Pearson's correlation of paired scores, in whole numbers of any unit.
///
/// None below [`FEWEST_CORRELATED`] pairs, and where one side is the same for all.
pub fn correlation(pairs: &[(i64, i64)]) -> Option<SixPlaces> {
    if pairs.len() < FEWEST_CORRELATED {
        return None;
    }
    let n = BigInt::from(pairs.len());
    let sum = |of: &dyn Fn(BigInt, BigInt) -> BigInt| -> BigInt {
        pairs.iter().map(|(one, other)| of(BigInt::from(*one), BigInt::from(*other))).sum()
    };
    let (ones, others) = (sum(&|one, _| one), sum(&|_, other| other));
    let together = &n * sum(&|one, other| one * other) - &ones * &others;
    let spread_of_ones = &n * sum(&|one, _| &one * &one) - &ones * &ones;
    let spread_of_others = &n * sum(&|_, other| &other * &other) - &others * &others;
    let denominator: BigUint = spread_of_ones.magnitude() * spread_of_others.magnitude();
    signed_root(&together, &together.magnitude().pow(2), &denominator)
}
