//! What a caller sees of completion, with its reasons in words.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rule::{CompletionVerdict, ConditionCode, ConditionState, Outlook, outlook, planned_end, verdict};
use crate::participation::class_register::{ClassRegister, hours_of};
use crate::participation::participations::Stay;
use crate::platform::reply::View;
use crate::platform::types::{Day, Hours, Percent};

/// What the edition's share of hours asks of somebody, as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceOutlookView {
    /// Share of the hours of classes that has to be attended.
    pub attendance_percent: Percent,
    /// Hours of the classes on whose sheets the participant stands.
    pub recorded_hours: Hours,
    /// Of these, attended.
    pub attended_hours: Hours,
    /// Hours of the classes at which the participant is expected and that have no sheet yet.
    pub ahead_hours: Hours,
    /// Of these, of classes whose day has passed.
    pub unrecorded_hours: Hours,
    /// Hours of those ahead that have to be attended, in quarters.
    pub hours_needed: Hours,
    /// Hours of those ahead that may be missed.
    pub hours_that_may_be_missed: Hours,
    /// Whether the share can still be reached.
    pub reachable: bool,
}

impl From<Outlook> for AttendanceOutlookView {
    fn from(outlook: Outlook) -> Self {
        let tally = outlook.tally;
        Self {
            attendance_percent: outlook.percent,
            recorded_hours: hours_of(tally.recorded),
            attended_hours: hours_of(tally.attended),
            ahead_hours: hours_of(tally.ahead),
            unrecorded_hours: hours_of(tally.unrecorded),
            hours_needed: hours_of(outlook.needed),
            hours_that_may_be_missed: hours_of(outlook.may_be_missed),
            reachable: outlook.reachable,
        }
    }
}

/// A condition of completion and how it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionView {
    /// Which condition.
    pub code: ConditionCode,
    /// How it stands.
    pub state: ConditionState,
    /// The numbers of the share of hours.
    pub attendance: Option<AttendanceOutlookView>,
    /// Why, in Polish.
    #[schema(max_length = 1000)]
    pub reason_pl: String,
    /// Why, in English.
    #[schema(max_length = 1000)]
    pub reason_en: String,
}

/// Whether a participant completes the edition by its rule, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompletionStandingView {
    /// Participation.
    pub participation_id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Day on which it stands so.
    pub effective_on: Day,
    /// Planned last day.
    pub planned_end_on: Day,
    /// Last day, where the end is recorded.
    pub ended_on: Option<Day>,
    /// What follows from the conditions.
    pub verdict: CompletionVerdict,
    /// Every condition of the edition's rule.
    #[schema(max_items = 2)]
    pub conditions: Vec<ConditionView>,
}

impl View for CompletionStandingView {}

/// How a participant stands on a day.
pub fn standing(register: &ClassRegister, stay: &Stay, share: Option<Percent>, on: Day) -> CompletionStandingView {
    let tally = register.schedule(stay.id).map(|schedule| register.tally(schedule, on)).unwrap_or_default();
    let outlook = share.map(|share| outlook(share, tally));
    let conditions = [Some(end_condition(stay, on)), outlook.map(share_condition)];
    CompletionStandingView {
        participation_id: stay.id,
        edition_id: stay.edition_id,
        effective_on: on,
        planned_end_on: stay.planned_end_on,
        ended_on: stay.ended_on,
        verdict: verdict(stay, on, outlook.as_ref().map(Outlook::state)),
        conditions: conditions.into_iter().flatten().collect(),
    }
}

fn end_condition(stay: &Stay, on: Day) -> ConditionView {
    let state = planned_end(stay, on);
    let (planned, last) = (stay.planned_end_on, stay.last_on());
    let (reason_pl, reason_en) = match state {
        ConditionState::Met => (
            format!("Uczestnictwo trwało do planowanego końca ({planned})."),
            format!("The participation lasted to its planned end ({planned})."),
        ),
        ConditionState::NotMet => (
            format!("Uczestnictwo skończyło się {last}, przed planowanym końcem ({planned})."),
            format!("The participation ended on {last}, before its planned end ({planned})."),
        ),
        ConditionState::MetSoFar => (
            format!("Planowany koniec ({planned}) minął, a koniec uczestnictwa nie jest zapisany."),
            format!("The planned end ({planned}) has passed, and no end of the participation is recorded."),
        ),
        ConditionState::Open => (
            format!("Uczestnictwo trwa; planowany koniec: {planned}."),
            format!("The participation runs; planned end: {planned}."),
        ),
    };
    ConditionView { code: ConditionCode::PlannedEnd, state, attendance: None, reason_pl, reason_en }
}

fn share_condition(outlook: Outlook) -> ConditionView {
    let view = AttendanceOutlookView::from(outlook);
    let AttendanceOutlookView {
        attendance_percent: share,
        recorded_hours: recorded,
        attended_hours: attended,
        ahead_hours: ahead,
        hours_needed: needed,
        hours_that_may_be_missed: missable,
        ..
    } = view;
    let so_far = (
        format!("Obecność {attended} h z {recorded} h zajęć; wymagane {share} %."),
        format!("Attended {attended} of {recorded} hours of classes; {share} % are asked for."),
    );
    let (pl, en) = match outlook.state() {
        ConditionState::Met => (
            "Nawet bez dalszych obecności warunek jest spełniony.".to_owned(),
            "It is met even without attending any more.".to_owned(),
        ),
        ConditionState::NotMet => (
            format!("Nawet pełna obecność na pozostałych {ahead} h nie wystarczy."),
            format!("Even attending all of the {ahead} hours ahead does not suffice."),
        ),
        ConditionState::MetSoFar | ConditionState::Open => (
            format!("Z {ahead} h przed uczestnikiem trzeba {needed} h; można opuścić {missable} h."),
            format!("Of the {ahead} hours ahead {needed} are needed; {missable} may be missed."),
        ),
    };
    ConditionView {
        code: ConditionCode::AttendanceShare,
        state: outlook.state(),
        attendance: Some(view),
        reason_pl: format!("{} {pl}", so_far.0),
        reason_en: format!("{} {en}", so_far.1),
    }
}
