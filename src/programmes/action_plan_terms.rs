//! What a regime says of individual action plans (Polish: indywidualny plan działania).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long an individual action plan may last, by the help profile.
///
/// **Units**: days, both ends counted. **Source**: regulation of 14 May 2014 on help profiles, Dz.U. 2014 poz. 631, section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LongestDays {
    /// For help profile I.
    #[serde(rename = "profileI")]
    #[schema(minimum = 1, maximum = 3660)]
    pub first: u32,
    /// For help profile II.
    #[serde(rename = "profileII")]
    #[schema(minimum = 1, maximum = 3660)]
    pub second: u32,
    /// For help profile III.
    #[serde(rename = "profileIII")]
    #[schema(minimum = 1, maximum = 3660)]
    pub third: u32,
}

/// What a regime says of individual action plans; departing from it is a warning.
///
/// **Source**: Act of 20 April 2004, art. 34a, wording of 2014.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActionPlanTerms {
    /// The next contact comes at the latest so many days after the last one.
    #[schema(minimum = 1, maximum = 366)]
    pub contact_every_days: u32,
    /// How long a plan may last, by the help profile.
    pub longest_days: LongestDays,
}

impl ActionPlanTerms {
    /// Longest duration for a help profile as it stands among the facts: `I`, `II` or `III`.
    pub fn longest_for(&self, profile: &str) -> Option<u32> {
        match profile {
            "I" => Some(self.longest_days.first),
            "II" => Some(self.longest_days.second),
            "III" => Some(self.longest_days.third),
            _ => None,
        }
    }

    /// Whether the numbers are within their limits.
    pub(super) fn is_within_limits(&self) -> bool {
        let LongestDays { first, second, third } = self.longest_days;
        (1..=366).contains(&self.contact_every_days) && [first, second, third].iter().all(|days| (1..=3660).contains(days))
    }
}
