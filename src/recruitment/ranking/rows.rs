//! Rows of a ranking protocol: where a candidate stands, and why.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::{TieBreaker, TieRule};
use crate::people::{FactSource, PersonFactKind};
use crate::platform::types::{Code, Day, Points, ShortText, text_enum};
use crate::programmes::EligibilityRule;
use crate::recruitment::Reason;
use crate::recruitment::decisions::RejectionReason;
use crate::recruitment::eligibility::{Cause, FindingOutcome, Outcome};

text_enum! {
    /// On which list a candidate stands. Ordered as protocols show them.
    pub enum RankingList {
        /// There is a place.
        Basic = "basic",
        /// Waits for a place, in this order.
        Reserve = "reserve",
        /// Not eligible, too few points, or no room on the reserve list.
        Rejected = "rejected",
        /// Not enough is known of the candidate; nothing is decided.
        Undetermined = "undetermined",
    }
}

/// A candidate in a ranking, with everything that led there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RankedRow {
    /// The application.
    pub application_id: Uuid,
    /// On which list.
    pub list: RankingList,
    /// Place in the order, from 1; none where the candidate is not ranked.
    #[schema(minimum = 1, maximum = 100_000)]
    pub rank: Option<i32>,
    /// Points that count.
    pub points: Points,
    /// Why rejected.
    pub rejection_reason: Option<RejectionReason>,
    /// What the conditions of the regime come to.
    pub eligibility: Outcome,
    /// Each condition.
    #[schema(max_items = 20)]
    pub conditions: Vec<ConditionFound>,
    /// Each criterion.
    #[schema(max_items = 60)]
    pub criteria: Vec<Scored>,
    /// Each group.
    #[schema(max_items = 20)]
    pub groups: Vec<GroupPoints>,
    /// Each tie-breaker; the lot is the last.
    #[schema(max_items = 11)]
    pub tie_breakers: Vec<TieValue>,
    /// By what the one before is ahead; none for the first and for those who are not ranked.
    pub behind: Option<Behind>,
}

/// What a condition of eligibility came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConditionFound {
    /// The condition.
    pub rule: EligibilityRule,
    /// What it came to.
    pub outcome: FindingOutcome,
    /// Why.
    pub cause: Cause,
    /// The facts that say so, or that do not suffice.
    #[schema(max_items = 50)]
    pub fact_ids: Vec<Uuid>,
}

/// What a criterion gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scored {
    /// Code of the criterion.
    pub criterion: Code,
    /// Points that it gave, before the maximum of its group.
    pub points: Points,
    /// Whether that is known; what is not known gives no points.
    pub cause: Cause,
    /// The facts that say so, or that do not suffice.
    #[schema(max_items = 1000)]
    pub facts: Vec<FactUsed>,
    /// Why a worker gave the points.
    pub reason: Option<Reason>,
}

/// A fact that decided about points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactUsed {
    /// Id of the fact.
    pub id: Uuid,
    /// What it is about.
    pub kind: PersonFactKind,
    /// Value.
    pub value: ShortText,
    /// First day on which it was true.
    pub from: Day,
    /// Who says so.
    pub source: ShortText,
    /// How it came to be known.
    pub source_kind: Option<FactSource>,
    /// Day of the evidence.
    pub evidence_on: Option<Day>,
}

/// What a group of criteria gave together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupPoints {
    /// Code of the group.
    pub group: Code,
    /// Sum of its criteria.
    pub points: Points,
    /// What of it counts.
    pub counted: Points,
}

/// What a tie-breaker looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TieValue {
    /// The rule.
    pub rule: TieRule,
    /// Code of the criterion of `morePointsIn`.
    pub criterion: Option<Code>,
    /// Day, points, year or lot; none where it is not known, which comes last.
    #[schema(max_length = 64)]
    pub value: Option<String>,
}

/// By what the one before is ahead: the first element that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Behind {
    /// The application before.
    pub application_id: Uuid,
    /// The tie-breaker that decided; none where the points did.
    pub tie_breaker: Option<TieBreaker>,
    /// Own value.
    #[schema(max_length = 64)]
    pub own: Option<String>,
    /// Value of the one before.
    #[schema(max_length = 64)]
    pub before: Option<String>,
}
