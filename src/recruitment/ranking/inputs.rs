//! What a ranking is made of, as one document that anybody can compute the rows from again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::ScoringContent;
use crate::people::KnownFact;
use crate::platform::types::{Code, Day, Points, Sex, Teryt};
use crate::programmes::EligibilityCriterion;
use crate::recruitment::Reason;
use crate::recruitment::eligibility::{Candidate, Exception};

/// The way of computing that this document is meant for; `docs/RANKING.md` describes it.
pub const FORMAT: u8 = 1;

/// Everything that a ranking is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RankingInputs {
    /// The way of computing.
    #[schema(minimum = 1, maximum = 255)]
    pub format: u8,
    /// The edition.
    pub edition_id: Uuid,
    /// Number of the protocol within the edition.
    #[schema(minimum = 1)]
    pub number: i32,
    /// Number of the protocol in whose place it was made upon an appeal; left out of every other document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub replaces_number: Option<i32>,
    /// The day on which facts and conditions are looked at.
    pub effective_on: Day,
    /// Places of the basic list.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Most people on the reserve list; none where it is open.
    #[schema(minimum = 0, maximum = 100_000)]
    pub reserve_places: Option<i32>,
    /// Version of the scoring rules.
    #[schema(minimum = 1)]
    pub rules_version: i32,
    /// The scoring rules.
    pub rules: ScoringContent,
    /// Conditions of eligibility of the regime.
    #[schema(max_items = 20)]
    pub conditions: Vec<EligibilityCriterion>,
    /// Territorial unit of the centre, which conditions of residence mean by default.
    pub home: Option<Teryt>,
    /// The candidates in the order of their applications' ids.
    #[schema(max_items = 100_000)]
    pub candidates: Vec<RankedCandidate>,
}

/// A candidate as the ranking knows one: no name, no number, only what the rules ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RankedCandidate {
    /// The application.
    pub application_id: Uuid,
    /// Its version when it was ranked.
    #[schema(minimum = 1)]
    pub application_version: i32,
    /// Day of receipt.
    pub received_on: Day,
    /// Sex as in the register; `unknown` where no criterion asks.
    pub sex: Sex,
    /// Year of birth; none where it is unknown or nothing asks, or where the age answers what does.
    #[schema(minimum = 1900, maximum = 2200)]
    pub birth_year: Option<i16>,
    /// Age on the day in completed years; none where it is not known exactly, where nothing asks, and in protocols made
    /// before ages were kept: there the year of birth tells what it can.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 400)]
    pub age_years: Option<i32>,
    /// The facts of the kinds that conditions and criteria ask for.
    #[schema(max_items = 1000)]
    pub facts: Vec<KnownFact>,
    /// Conditions that the latest assessment of eligibility excepted.
    #[schema(max_items = 20)]
    pub exceptions: Vec<Exception>,
    /// Points that workers gave.
    #[schema(max_items = 60)]
    pub manual_points: Vec<GivenPoints>,
}

impl RankedCandidate {
    /// As conditions of age ask: by the age on the day or, where it is not known, by the year of birth.
    pub(super) fn of_age(&self) -> Candidate {
        match self.age_years {
            Some(years) => Candidate::aged(self.sex, years),
            None => Candidate::born_in(self.sex, self.birth_year),
        }
    }
}

/// Points that a worker gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GivenPoints {
    /// Code of the criterion.
    pub criterion: Code,
    /// Points.
    pub points: Points,
    /// Why.
    pub reason: Reason,
    /// Day on which they were given.
    pub given_on: Day,
}
