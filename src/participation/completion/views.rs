//! What a caller sees of completion, with its reasons in words.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::progress::{MinimumOutlook, Moment, Progress, is_met};
use super::rule::{CompletionVerdict, ConditionCode, ConditionState, Outlook, planned_end, verdict};
use crate::participation::class_register::{ClassRegister, hours_of};
use crate::participation::participations::Stay;
use crate::platform::reply::View;
use crate::platform::types::{Day, Hours, Percent, ShortText};
use crate::programmes::BlockKind;
use crate::programmes::completion_rule::{BlockOfMinimum, Measure};

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
    /// Of these, of classes on the day asked about or before.
    pub unrecorded_hours: Hours,
    /// Hours of those ahead that have to be attended, in quarters.
    pub hours_needed: Hours,
    /// Hours of those ahead that may be missed.
    pub hours_that_may_be_missed: Hours,
    /// Whether the share can still be reached.
    pub reachable: bool,
}

impl AttendanceOutlookView {
    /// The outlook of a share.
    pub fn of(percent: Percent, outlook: Outlook) -> Self {
        let tally = outlook.tally;
        Self {
            attendance_percent: percent,
            recorded_hours: hours_of(tally.recorded),
            attended_hours: hours_of(tally.attended),
            ahead_hours: hours_of(tally.ahead),
            unrecorded_hours: hours_of(tally.unrecorded),
            hours_needed: hours_of(outlook.needed),
            hours_that_may_be_missed: hours_of(outlook.may_be_missed),
            reachable: outlook.reachable,
        }
    }

    /// Of the minimums the share of all classes, where it is among them.
    pub fn of_all_classes(minimums: &[MinimumOutlook]) -> Option<Self> {
        let all = minimums.iter().find(|one| one.asked.measure == Measure::Classes)?;
        Some(Self::of(all.asked.percent?, all.outlook))
    }
}

/// What the edition's rule asks of somebody in a block, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockMinimumView {
    /// Block.
    pub block_id: Uuid,
    /// What it is; of `activation` hours of socially useful work are counted, of every other kind those of its classes.
    pub kind: BlockKind,
    /// Name.
    pub name: ShortText,
    /// Share that is asked for, where the block asks for one.
    pub asked_percent: Option<Percent>,
    /// Hours that are asked for, in quarters: those of the block, or its share of the hours so far and ahead.
    pub asked_hours: Hours,
    /// Hours so far: of classes on whose sheets the participant stands; worked hours.
    pub recorded_hours: Hours,
    /// Of these, attended or worked.
    pub reached_hours: Hours,
    /// Hours of expected classes without a sheet, or of work that the limits of week and month still leave.
    pub ahead_hours: Hours,
    /// Hours of those ahead that are needed, in quarters.
    pub hours_needed: Hours,
    /// Whether the minimum can still be reached.
    pub reachable: bool,
}

impl BlockMinimumView {
    /// The minimums of blocks among these.
    pub fn all_of(minimums: &[MinimumOutlook]) -> Vec<Self> {
        minimums.iter().filter_map(Self::of).collect()
    }

    fn of(one: &MinimumOutlook) -> Option<Self> {
        let BlockOfMinimum { id, kind, name } = one.asked.block.clone()?;
        let (outlook, tally) = (one.outlook, one.outlook.tally);
        Some(Self {
            block_id: id,
            kind,
            name,
            asked_percent: one.asked.percent,
            asked_hours: hours_of(outlook.asked()),
            recorded_hours: hours_of(tally.recorded),
            reached_hours: hours_of(tally.attended),
            ahead_hours: hours_of(tally.ahead),
            hours_needed: hours_of(outlook.needed),
            reachable: outlook.reachable,
        })
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
    /// The numbers of the share of hours of all classes.
    pub attendance: Option<AttendanceOutlookView>,
    /// The numbers of the minimum of a block.
    pub block: Option<BlockMinimumView>,
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
    #[schema(max_items = 1002)]
    pub conditions: Vec<ConditionView>,
}

impl View for CompletionStandingView {}

/// How a participant stands on a day.
pub fn standing(register: &ClassRegister, progress: &Progress, stay: &Stay, on: Day) -> CompletionStandingView {
    let moment = Moment::of(stay, on);
    let minimums = register.schedule(stay.id).map(|schedule| progress.outlooks(register, schedule, moment)).unwrap_or_default();
    let states: Vec<ConditionState> = minimums.iter().map(MinimumOutlook::state).collect();
    let mut conditions = vec![end_condition(stay, on)];
    conditions.extend(minimums.iter().filter_map(minimum_condition));
    CompletionStandingView {
        participation_id: stay.id,
        edition_id: stay.edition_id,
        effective_on: on,
        planned_end_on: stay.planned_end_on,
        ended_on: stay.ended_on,
        verdict: verdict(stay, on, &states, is_met(&progress.rule, &minimums)),
        conditions,
    }
}

fn minimum_condition(one: &MinimumOutlook) -> Option<ConditionView> {
    match BlockMinimumView::of(one) {
        Some(block) => Some(block_condition(one.state(), block)),
        None => Some(share_condition(one.state(), AttendanceOutlookView::of(one.asked.percent?, one.outlook))),
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
    ConditionView { code: ConditionCode::PlannedEnd, state, attendance: None, block: None, reason_pl, reason_en }
}

fn share_condition(state: ConditionState, view: AttendanceOutlookView) -> ConditionView {
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
    let (pl, en) = match state {
        ConditionState::MetSoFar | ConditionState::Open => (
            format!("Z {ahead} h przed uczestnikiem trzeba {needed} h; można opuścić {missable} h."),
            format!("Of the {ahead} hours ahead {needed} are needed; {missable} may be missed."),
        ),
        settled => settled_words(settled, ahead),
    };
    ConditionView {
        code: ConditionCode::AttendanceShare,
        state,
        attendance: Some(view),
        block: None,
        reason_pl: format!("{} {pl}", so_far.0),
        reason_en: format!("{} {en}", so_far.1),
    }
}

fn block_condition(state: ConditionState, view: BlockMinimumView) -> ConditionView {
    let BlockMinimumView {
        name, asked_hours: asked, reached_hours: reached, recorded_hours: recorded, ahead_hours: ahead, ..
    } = &view;
    let (name, needed) = (name.as_str(), view.hours_needed);
    let (of_pl, of_en) = match (view.kind, view.asked_percent) {
        (BlockKind::Activation, None) => (String::new(), String::new()),
        (BlockKind::Activation, Some(share)) => {
            (format!(" ({share} % zaplanowanych)"), format!(" ({share} % of the planned hours)"))
        }
        (_, None) => (format!(" (z {recorded} h zajęć)"), format!(" (of {recorded} hours of classes)")),
        (_, Some(share)) => (format!(" ({share} % zajęć bloku)"), format!(" ({share} % of the classes of the block)")),
    };
    let (pl, en) = match state {
        ConditionState::MetSoFar | ConditionState::Open => (
            format!("Trzeba jeszcze {needed} h z {ahead} h możliwych."),
            format!("{needed} more are needed of the {ahead} possible."),
        ),
        settled => settled_words(settled, *ahead),
    };
    ConditionView {
        code: ConditionCode::BlockMinimum,
        state,
        attendance: None,
        reason_pl: format!("{name}: {reached} h, wymagane {asked} h{of_pl}. {pl}"),
        reason_en: format!("{name}: {reached} hours of {asked} asked for{of_en}. {en}"),
        block: Some(view),
    }
}

/// Why nothing more can change.
fn settled_words(state: ConditionState, ahead: Hours) -> (String, String) {
    if state == ConditionState::NotMet {
        let pl = format!("Nawet pełna obecność na pozostałych {ahead} h nie wystarczy.");
        return (pl, format!("Even attending all of the {ahead} hours ahead does not suffice."));
    }
    ("Nawet bez dalszych obecności warunek jest spełniony.".to_owned(), "It is met even without attending any more.".to_owned())
}
