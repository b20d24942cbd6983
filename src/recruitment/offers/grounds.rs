//! Why a seat was offered to this candidate, kept with the offer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::turns::Passed;
use crate::platform::types::Day;

/// The arithmetic of an edition's seats on the day on which they are scarcest, before an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatCount {
    /// The day.
    pub day: Day,
    /// Places of the plan in force on the day.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Places taken by participations.
    #[schema(minimum = 0, maximum = 100_000)]
    pub occupied: i32,
    /// Places promised by offers that are open, or accepted and not taken up yet.
    #[schema(minimum = 0, maximum = 100_000)]
    pub offered: i32,
    /// Places of candidates who were selected and are not admitted yet.
    #[schema(minimum = 0, maximum = 100_000)]
    pub awaiting: i32,
}

impl SeatCount {
    /// Places that nobody has or was promised; below zero where an admission departed from the plan.
    pub fn free(&self) -> i32 {
        self.places - self.occupied - self.offered - self.awaiting
    }
}

/// Somebody who stood before the chosen candidate, and why the seat was not theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PassedCandidate {
    /// Application.
    pub application_id: Uuid,
    /// Position on the reserve list.
    #[schema(minimum = 1, maximum = 100_000)]
    pub position: Option<i32>,
    /// Why.
    pub reason: Passed,
    /// Day from which it is so, where it has one.
    pub since: Option<Day>,
}

/// Why a seat was offered to this candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grounds {
    /// Position on the reserve list.
    #[schema(minimum = 1, maximum = 100_000)]
    pub position: Option<i32>,
    /// The arithmetic of the seats.
    pub seats: SeatCount,
    /// Who stood before, in the order of the list.
    #[schema(max_items = 100_000)]
    pub passed: Vec<PassedCandidate>,
}
