//! Wilcoxon's signed-rank test of paired differences, exact.

use rust_decimal::Decimal;

use crate::platform::types::{Ratio, SixPlaces};

/// Pairs up to which the exact distribution is counted: more signs than these have do not fit into a number.
pub const MOST_RANKED: usize = 120;

/// What the test says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedRank {
    /// Pairs with a difference; the others are left out.
    pub ranked: usize,
    /// The smaller of the two sums of ranks; ties share their mean rank.
    pub statistic: SixPlaces,
    /// Two-sided probability of a statistic as small or smaller, were gains and losses equally likely.
    pub p_value: SixPlaces,
}

/// The test of paired differences.
///
/// The distribution is that of all signs on the ranks as they are, ties included, and counted, not approximated.
/// None where no pair differs, and above [`MOST_RANKED`] pairs that do.
pub fn signed_rank(differences: &[i64]) -> Option<SignedRank> {
    let mut differing: Vec<i64> = differences.iter().copied().filter(|difference| *difference != 0).collect();
    if differing.is_empty() || differing.len() > MOST_RANKED {
        return None;
    }
    differing.sort_unstable_by_key(|difference| difference.unsigned_abs());
    let ranks = doubled_ranks(&differing);
    let total: usize = ranks.iter().sum();
    let gained: usize = ranks.iter().zip(&differing).filter(|(_, difference)| **difference > 0).map(|(rank, _)| rank).sum();
    let statistic = gained.min(total - gained);
    let as_small: u128 = signs_by_sum(&ranks, total).iter().take(statistic + 1).sum();
    let all = 1_u128 << differing.len();
    Some(SignedRank {
        ranked: differing.len(),
        statistic: Ratio::new(i64::try_from(statistic).ok()?, 2)?.rounded(),
        p_value: share((2 * as_small).min(all), all),
    })
}

/// Twice the ranks of sorted differences: differences of the same size share the mean of their ranks.
fn doubled_ranks(sorted: &[i64]) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(sorted.len());
    for tied in sorted.chunk_by(|one, other| one.unsigned_abs() == other.unsigned_abs()) {
        let before = ranks.len();
        // First and last rank of the tie: together twice their mean.
        let doubled = (before + 1) + (before + tied.len());
        ranks.extend(std::iter::repeat_n(doubled, tied.len()));
    }
    ranks
}

/// How many of the ways to give signs to the ranks have each sum of the positive ones.
fn signs_by_sum(ranks: &[usize], total: usize) -> Vec<u128> {
    let mut ways = vec![0; total + 1];
    ways[0] = 1;
    for rank in ranks {
        for sum in (*rank..=total).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    ways
}

/// A part of a whole of at most 2 to the power of [`MOST_RANKED`], divided by hand: a product with a million would not fit.
fn share(part: u128, whole: u128) -> SixPlaces {
    let (mut millionths, mut rest) = (i64::from(part >= whole), part % whole);
    for _ in 0..6 {
        rest *= 10;
        millionths = millionths * 10 + i64::try_from(rest / whole).unwrap_or_default();
        rest %= whole;
    }
    SixPlaces::half_up(Decimal::new(millionths + i64::from(rest * 2 >= whole), 6))
}
