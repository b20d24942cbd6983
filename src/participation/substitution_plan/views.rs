//! What a caller sees of the plan of a substitution.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::reply::View;
use crate::platform::types::{Day, Hours, MonthsAndDays, Percent, ShortText, SixPlaces, text_enum};
use crate::programmes::BlockKind;
use crate::recruitment::offers::Passed;

text_enum! {
    /// Why a participant cannot be replaced on the day.
    pub enum Obstacle {
        /// The day is outside the edition.
        OutsideEdition = "outsideEdition",
        /// Somebody has taken the place over already.
        AlreadyReplaced = "alreadyReplaced",
        /// A completed participation leaves no place.
        Completed = "completed",
        /// The participation lasts until that day or longer, or begins only then.
        NotFreeYet = "notFreeYet",
    }
}

/// What is left of a block.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockLeftView {
    /// Block.
    pub block_id: Uuid,
    /// What it is.
    pub kind: BlockKind,
    /// Name.
    pub name: ShortText,
    /// Sessions for the whole group that are entered for the day or later.
    #[schema(minimum = 0, maximum = 100_000)]
    pub scheduled_sessions: usize,
    /// Their hours.
    pub scheduled_hours: Hours,
    /// Planned hours of a participant that the sessions before the day have not used up; `null` where none are planned.
    pub planned_hours_left: Option<Hours>,
}

/// What the edition's minimum of attendance asks of somebody who begins on the day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompletionView {
    /// Share of the scheduled hours that has to be attended.
    pub attendance_percent: Percent,
    /// Hours of the scheduled sessions that have to be attended, in quarters.
    pub hours_needed: Hours,
    /// Hours that may be missed.
    pub hours_that_may_be_missed: Hours,
    /// Whether it can still be reached.
    pub reachable: bool,
}

/// What the minimum of a block asks of somebody who begins on the day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MinimumLeftView {
    /// Block.
    pub block_id: Uuid,
    /// Share that is asked for, where the block asks for one.
    pub asked_percent: Option<Percent>,
    /// Hours that have to be attended or worked, in quarters.
    pub hours_needed: Hours,
    /// Whether the scheduled sessions of the block suffice; `null` for socially useful work, which depends on the candidate.
    pub reachable: Option<bool>,
}

/// What a replacement does to the figures of the edition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EffectView {
    /// Days on which the place is filled that would stay empty.
    #[schema(minimum = 1, maximum = 110_000)]
    pub seat_days: i64,
    /// Days between the end and the replacement on which it stays empty; `null` while the end is not on file.
    #[schema(minimum = 0, maximum = 110_000)]
    pub seat_days_lost: Option<i64>,
    /// Persons who take part in addition, each of them a replacement.
    #[schema(minimum = 1, maximum = 1)]
    pub persons: i32,
    /// Person-hours of the scheduled sessions.
    pub person_hours: Hours,
}

/// A candidate who could take the place over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanCandidateView {
    /// Application.
    pub application_id: Uuid,
    /// Person.
    pub person_id: Uuid,
    /// Position on the reserve list.
    #[schema(minimum = 1, maximum = 100_000)]
    pub position: Option<i32>,
    /// Live offer of a seat, which a substitution takes up.
    pub offer_id: Option<Uuid>,
    /// Hours of socially useful work still possible by the limits of week and month; `null` where there is no limit.
    pub psu_hours_possible: Option<Hours>,
    /// Whether these suffice for the minimum of work that completion asks for; `null` where it asks for none.
    pub psu_minimum_reachable: Option<bool>,
    /// Length of the participations that count together with this one.
    pub used: MonthsAndDays,
    /// Months of participation with this one.
    pub months_after: SixPlaces,
    /// Most months in total; none where the regime sets no limit.
    #[schema(minimum = 1, maximum = 120)]
    pub limit_months: Option<u32>,
    /// What speaks against the candidate; nothing for those whose turn it is.
    #[schema(max_items = 10)]
    pub warnings: Vec<Passed>,
    /// Codes of the rules by which `substitute_participant` would refuse the candidate on the day, as things stand; nothing
    /// where it would not. An open offer counts as accepted (`acceptedOn`) on the latest day that is left for it, today at the latest. Of the
    /// rules that can be overridden a reason passes all.
    #[schema(max_items = 20, value_type = Vec<ShortText>)]
    pub refused_by: Vec<&'static str>,
}

/// Who could replace a participant, and what would be left for them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubstitutionPlanView {
    /// Leaving participation.
    pub participation_id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// First day of the replacement.
    pub effective_on: Day,
    /// Why nobody can replace the participant on the day; the rest is empty then.
    pub obstacle: Option<Obstacle>,
    /// Participation that has taken the place over.
    pub replaced_by_id: Option<Uuid>,
    /// Day before which the leaving participation has to end, where it still runs.
    pub must_end_before: Option<Day>,
    /// What is left of each block.
    #[schema(max_items = 1000)]
    pub blocks: Vec<BlockLeftView>,
    /// What the minimum of attendance asks; none where the edition has none.
    pub completion: Option<CompletionView>,
    /// What the minimums of the blocks ask, of those that ask for one.
    #[schema(max_items = 1000)]
    pub block_minimums: Vec<MinimumLeftView>,
    /// What it does to the figures of the edition.
    pub effect: Option<EffectView>,
    /// Candidates in the order of the reserve list; those who withdrew, were decided about otherwise or have a place are left out.
    #[schema(max_items = 100_000)]
    pub candidates: Vec<PlanCandidateView>,
}

impl View for SubstitutionPlanView {}
