//! What is withheld from who reads figures without working with the people.
//!
//! A mean over a handful of pairs tells nearly what somebody scored. Counts
//! stay exact for the statistics of the centre; publication is another matter.

use super::figure::{Figure, Group};
use super::verdict::Status;
use crate::platform::policy::Role;

/// Pairs from which scores are told to a statistician.
const FEWEST_PAIRS: i64 = 5;

/// Withholds what groups tell of the scores of fewer than five pairs from a statistician.
pub fn withhold_few(figures: &mut [Figure], reader: Role) {
    if reader != Role::Statistician {
        return;
    }
    for group in figures.iter_mut().flat_map(|figure| &mut figure.breakdowns).flat_map(|breakdown| &mut breakdown.groups) {
        if pairs(group).is_some_and(|pairs| pairs < FEWEST_PAIRS) {
            *group = group.clone().standing(Status::Suppressed);
        }
    }
}

/// The pairs whose scores a group tells of; none for groups that count.
fn pairs(group: &Group) -> Option<i64> {
    let by_gain = group.gain.as_ref().map(|gain| gain.pairs);
    let by_effect = group.effect.as_ref().map(|effect| effect.pairs);
    by_gain.or(by_effect).or(group.agreement.as_ref().map(|agreement| agreement.pairs))
}
