//! What figures tell of matched pairs of scores.

use serde::Serialize;
use utoipa::ToSchema;

use super::figure::whole;
use crate::outcomes::statistics;
use crate::platform::types::{Ratio, SixPlaces};

/// What matched pairs of scores say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gain {
    /// Matched pairs.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub pairs: i64,
    /// Mean before.
    pub mean_before: SixPlaces,
    /// Mean after.
    pub mean_after: SixPlaces,
    /// Pairs that got better, in the direction of the scale.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub improved: i64,
    /// Pairs that stayed.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub same: i64,
    /// Pairs that got worse.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub worse: i64,
    /// Share of the pairs that got better.
    pub improved_share: SixPlaces,
    /// Share of the pairs that stayed.
    pub same_share: SixPlaces,
    /// Share of the pairs that got worse.
    pub worse_share: SixPlaces,
}

/// What matched pairs say beyond their means; the group's value is Cohen's dz, positive where it got better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PairedEffect {
    /// Matched pairs.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub pairs: i64,
    /// dz with the correction of Hedges for few pairs; `null` for two pairs.
    pub hedges: Option<SixPlaces>,
    /// Signed-rank test of Wilcoxon, exact; `null` where no pair differs, and above 120 pairs that do.
    pub signed_rank: Option<SignedRankView>,
}

/// A signed-rank test of Wilcoxon: two-sided, pairs without a difference left out, ties sharing their mean rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FigureSignedRank)]
pub struct SignedRankView {
    /// Pairs with a difference.
    #[schema(minimum = 1, maximum = 120)]
    pub ranked: i64,
    /// The smaller sum of ranks.
    pub statistic: SixPlaces,
    /// Two-sided probability, counted over all signs of the ranks.
    pub p_value: SixPlaces,
}

impl From<statistics::SignedRank> for SignedRankView {
    fn from(test: statistics::SignedRank) -> Self {
        Self { ranked: whole(test.ranked), statistic: test.statistic, p_value: test.p_value }
    }
}

/// How self-assessment and observation go together; the group's value is the mean of self less observer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FigureAgreement)]
pub struct Agreement {
    /// Pairs of one participation and moment.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub pairs: i64,
    /// Mean of the self-assessments.
    pub mean_self: SixPlaces,
    /// Mean of the observations.
    pub mean_observer: SixPlaces,
    /// Pairs in which both gave the same score.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub same: i64,
    /// Pearson's correlation; `null` below five pairs, and where one side is the same for all.
    pub correlation: Option<SixPlaces>,
}

/// Paired scores of a competence, in whole numbers of a common unit; sums of them are exact.
#[derive(Debug, Clone, Default)]
pub struct ScorePairs {
    /// Parts of a point of the scale in a unit's score.
    pub unit: i64,
    /// The paired scores.
    pub pairs: Vec<(i64, i64)>,
}

impl ScorePairs {
    /// How many pairs there are.
    pub fn count(&self) -> i64 {
        whole(self.pairs.len())
    }

    /// The second less the first of each pair.
    pub fn differences(&self) -> Vec<i64> {
        self.pairs.iter().map(|(first, second)| second - first).collect()
    }

    /// The mean of something over the pairs, in points of the scale; none without a pair.
    pub fn mean(&self, of: impl Fn(&(i64, i64)) -> i64) -> Option<SixPlaces> {
        let sum = self.pairs.iter().try_fold(0_i64, |sum, pair| sum.checked_add(of(pair)))?;
        Ratio::new(sum, self.count().checked_mul(self.unit)?).map(Ratio::rounded)
    }

    /// How many differences are as wanted.
    pub fn differing(&self, wanted: impl Fn(i64) -> bool) -> i64 {
        whole(self.differences().into_iter().filter(|difference| wanted(*difference)).count())
    }

    /// A part of the pairs as a share of all.
    pub fn share(&self, part: i64) -> Option<SixPlaces> {
        Ratio::new(part, self.count()).map(Ratio::rounded)
    }
}
