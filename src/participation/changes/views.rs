//! What a caller sees of a change before it is made: one shape for all changes.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::participation::completion::{AttendanceOutlookView, BlockMinimumView};
use crate::participation::duties::information_duties::ArisingDutyView;
use crate::platform::problem::Problem;
use crate::platform::reply::View;
use crate::platform::types::{Day, HourChange, Hours, text_enum};

text_enum! {
    /// A change of a participation.
    pub enum ChangeKind {
        /// Rests for some days (`suspend_participation`).
        Suspension = "suspension",
        /// Lasts longer (`prolong_participation`).
        Prolongation = "prolongation",
        /// Moves to another group (`move_to_group`).
        GroupMove = "groupMove",
        /// Moves to another post, also of another host (`move_to_post`).
        PostMove = "postMove",
        /// Ends (`end_participation`).
        End = "end",
    }
}

text_enum! {
    /// What a change would bring about that somebody should know before.
    pub enum ChangeWarningCode {
        /// The share of hours for completion, or the minimum of a block, could still be reached, and could not be any more.
        MinimumOutOfReach = "minimumOutOfReach",
        /// The participation would end before its planned end, so it would not be completed.
        EndsEarly = "endsEarly",
        /// No class would be ahead any more.
        NoClassAhead = "noClassAhead",
    }
}

/// Why the change would be refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeObstacleView {
    /// Code of the problem that the change would be answered with.
    #[schema(max_length = 100)]
    pub code: &'static str,
    /// Whether an override with a reason would do.
    pub overridable: bool,
    /// What stands in the way, in Polish.
    #[schema(max_length = 500)]
    pub reason_pl: &'static str,
    /// What stands in the way, in English.
    #[schema(max_length = 500)]
    pub reason_en: &'static str,
}

impl ChangeObstacleView {
    pub(super) fn of(problem: &Problem, overridable: bool) -> Self {
        let definition = problem.definition;
        Self { code: definition.code, overridable, reason_pl: definition.title_pl, reason_en: definition.title_en }
    }
}

/// A class that would be lost or gained.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedClassView {
    /// Session.
    pub session_id: Uuid,
    /// Its day.
    pub held_on: Day,
    /// Its hours.
    pub hours: Hours,
}

/// Two classes at the same time, at both of which the participant would be expected.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeClashView {
    /// Session that would be gained.
    pub session_id: Uuid,
    /// The other one.
    pub other_session_id: Uuid,
    /// Day of both.
    pub held_on: Day,
}

/// Classes without a sheet at which the participant would no longer, or in addition, be expected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassesEffectView {
    /// No longer expected at.
    #[schema(max_items = 10_000)]
    pub lost: Vec<ChangedClassView>,
    /// Their hours.
    pub lost_hours: Hours,
    /// In addition expected at.
    #[schema(max_items = 10_000)]
    pub gained: Vec<ChangedClassView>,
    /// Their hours.
    pub gained_hours: Hours,
}

/// What the edition's share of hours asks, before and after, as of today; none where it asks for no share.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompletionEffectView {
    /// As it stands.
    pub before: AttendanceOutlookView,
    /// With the change.
    pub after: AttendanceOutlookView,
}

/// What the minimum of a block asks, before and after, as of today.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockMinimumEffectView {
    /// As it stands.
    pub before: BlockMinimumView,
    /// With the change.
    pub after: BlockMinimumView,
}

/// Hours of socially useful work still possible from the day on, by the limits of week and month.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PsuEffectView {
    /// As it stands; `null` where there is no limit.
    pub before: Option<Hours>,
    /// With the change; `null` where there is no limit.
    pub after: Option<Hours>,
}

/// A place that would become free.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FreedSeatView {
    /// First day on which it is free.
    pub from: Day,
    /// Last day of the edition.
    pub to: Day,
    /// Whether the edition offers it to the reserve list by itself.
    pub offered_automatically: bool,
    /// Whose turn it would be; none where nobody of the reserve list can have it.
    pub next_application_id: Option<Uuid>,
}

/// What it would do to the plan of the edition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanEffectView {
    /// Days on which the place is taken: more, or less.
    #[schema(minimum = -110_000, maximum = 110_000)]
    pub seat_days: i64,
    /// Person-hours of the classes that are entered: more, or less.
    pub person_hours: HourChange,
}

/// Something that somebody should know before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeWarningView {
    /// What.
    pub code: ChangeWarningCode,
    /// In words, in Polish.
    #[schema(max_length = 500)]
    pub reason_pl: String,
    /// In words, in English.
    #[schema(max_length = 500)]
    pub reason_en: String,
}

/// The effect of a change, before it is made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangePreviewView {
    /// Participation.
    pub participation_id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// The change.
    pub change: ChangeKind,
    /// Day on which it takes effect; of an end, the last day.
    pub effective_on: Day,
    /// Last day of participation with the change.
    pub last_on: Day,
    /// Why it would be refused; nothing stands in the way where this is empty.
    #[schema(max_items = 10)]
    pub obstacles: Vec<ChangeObstacleView>,
    /// Classes lost and gained.
    pub classes: ClassesEffectView,
    /// Clashes of the timetable, for which the change would be refused.
    #[schema(max_items = 10_000)]
    pub clashes: Vec<ChangeClashView>,
    /// What the edition's share of hours asks.
    pub completion: Option<CompletionEffectView>,
    /// What the minimums of the blocks ask, of those that ask for one.
    #[schema(max_items = 1000)]
    pub block_minimums: Vec<BlockMinimumEffectView>,
    /// Hours of socially useful work still possible.
    pub psu: PsuEffectView,
    /// The place that would become free.
    pub freed_seat: Option<FreedSeatView>,
    /// What it would do to the plan.
    pub plan: PlanEffectView,
    /// Duties to inform that would arise.
    #[schema(max_items = 10)]
    pub duties: Vec<ArisingDutyView>,
    /// What somebody should know before.
    #[schema(max_items = 10)]
    pub warnings: Vec<ChangeWarningView>,
}

impl View for ChangePreviewView {}
