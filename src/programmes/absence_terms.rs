//! What a regime says of absences: until when they are justified, and which reasons need no paper.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::types::text_enum;

text_enum! {
    /// Kind of reason for which an absence is excused; no detail of health is kept.
    pub enum ReasonClass {
        /// Illness or a medical appointment.
        Health = "health",
        /// Care of a child or a dependant.
        Care = "care",
        /// A summons or an appointment of an office.
        Official = "official",
        /// An interview with an employer.
        JobInterview = "jobInterview",
        /// Something else.
        Other = "other",
    }
}

/// What a regime says of absences.
///
/// **Source**: art. 33(4)(4) of the Act of 20 April 2004 gives 7 days to say why an appointment at the labour office was missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AbsenceTerms {
    /// Days after the day of an absence until which it is justified.
    #[schema(minimum = 0, maximum = 366)]
    pub excuse_days: u32,
    /// Reasons that are believed without any evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 5)]
    pub without_evidence: Vec<ReasonClass>,
}

impl AbsenceTerms {
    /// Whether the number is within its limits and no reason stands there twice.
    pub(super) fn is_within_limits(&self) -> bool {
        let reasons = &self.without_evidence;
        self.excuse_days <= 366 && (1..reasons.len()).all(|place| !reasons[..place].contains(&reasons[place]))
    }
}
