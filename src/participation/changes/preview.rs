//! The effect of a change before it is made; it reads and decides nothing.

use std::collections::HashMap;

use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::clashes::clashes;
use super::effect::{Change, changed_classes, warnings};
use super::obstacles::{Asked, obstacles};
use super::views::{
    BlockMinimumEffectView, ChangeKind, ChangeObstacleView, ChangePreviewView, CompletionEffectView, FreedSeatView,
    PlanEffectView, PsuEffectView,
};
use crate::participation::SESSION_CLASH;
use crate::participation::class_register::{ClassRegister, Schedule};
use crate::participation::completion::{AttendanceOutlookView, BlockMinimumView, Moment, Progress, day_or_today};
use crate::participation::duties::information_duties::arising;
use crate::participation::ending::{EndReason, duty_of};
use crate::participation::participations::{Stay, get_view};
use crate::participation::substitution_plan::candidates::{used_in_months, used_in_weeks};
use crate::participation::substitution_plan::remaining::{Limits, possible_hours_on};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::hint::Hint;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::GetChangePreview;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, HourChange, Hours, Period};
use crate::programmes::facts::{EditionFacts, get_edition_facts};
use crate::recruitment::offers::waiting_for;

/// Which change, from when, and what it is about.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct ChangePreviewFilter {
    /// The change.
    #[param(inline, example = "suspension")]
    pub change: ChangeKind,
    /// First day of the rest or at the new group or post; day on which a prolongation is decided; last day of an end.
    #[param(inline, example = "2026-06-15")]
    pub effective_on: Day,
    /// Last day of the rest, or the new planned end; only and always with `suspension` and `prolongation`.
    #[param(inline, example = "2026-06-19")]
    pub until: Option<Day>,
    /// Why it ends; only and always with `end`.
    #[param(inline)]
    pub reason: Option<EndReason>,
    /// Group that is left; only and always with `groupMove`.
    pub from_group_id: Option<Uuid>,
    /// Group that is joined; only and always with `groupMove`.
    pub group_id: Option<Uuid>,
    /// Post that is left; only and always with `postMove`.
    pub from_post_id: Option<Uuid>,
    /// Post that is taken up; only and always with `postMove`.
    pub post_id: Option<Uuid>,
}

impl ChangePreviewFilter {
    /// Refuses parameters of another change, and asks for those of this one.
    fn check(&self) -> Result<(), Problem> {
        use ChangeKind::{End, GroupMove, PostMove, Prolongation, Suspension};
        let of: [(&str, bool, &[ChangeKind]); 6] = [
            ("until", self.until.is_some(), &[Suspension, Prolongation]),
            ("reason", self.reason.is_some(), &[End]),
            ("fromGroupId", self.from_group_id.is_some(), &[GroupMove]),
            ("groupId", self.group_id.is_some(), &[GroupMove]),
            ("fromPostId", self.from_post_id.is_some(), &[PostMove]),
            ("postId", self.post_id.is_some(), &[PostMove]),
        ];
        for (name, given, changes) in of {
            match (given, changes.contains(&self.change)) {
                (false, true) => return Err(invalid_parameter(name, Hint::required())),
                (true, false) => {
                    return Err(invalid_parameter(name, Hint::new("należy do innej zmiany", "belongs to another change")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn change(&self) -> Change {
        let until = self.until.unwrap_or(self.effective_on);
        match (self.change, self.from_group_id, self.group_id) {
            (ChangeKind::Suspension, ..) => Period::new(self.effective_on, until).map_or(Change::Nothing, Change::Rest),
            (ChangeKind::Prolongation, ..) => Change::Last(until),
            (ChangeKind::End, ..) => Change::Last(self.effective_on),
            (ChangeKind::GroupMove, Some(from), Some(to)) => Change::Group { from, to, on: self.effective_on },
            _ => Change::Nothing,
        }
    }
}

/// Shows the effect of a change before it is made: suspension, prolongation, move of group or post, end.
///
/// Classes lost and gained, whether the edition's share of hours and the minimums
/// of its blocks can still be reached, hours of socially useful work still possible, the place that becomes
/// free and whose turn it is, what it does to the plan, duties to inform that
/// arise, and what stands in the way. The changes themselves are calls of their
/// own, which can be rehearsed with `dryRun`.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation"), ChangePreviewFilter),
    responses((status = 200, body = ChangePreviewView, description = "The effect")))]
#[get("/participations/{id}/change-preview")]
async fn get_change_preview(
    permit: Permit<GetChangePreview>,
    id: PathId,
    filter: Filter<ChangePreviewFilter>,
) -> Result<Reply, Problem> {
    permit.read(move |tx| preview(tx, id.0, filter.0)).await
}

fn preview(tx: &mut Tx, id: Uuid, filter: ChangePreviewFilter) -> Result<ChangePreviewView, Problem> {
    let edition = get_view(tx, id)?.edition_id;
    filter.check()?;
    let edition = get_edition_facts(tx, edition)?;
    let register = ClassRegister::of_edition(tx, edition.id)?;
    let stay = register.stays.iter().find(|stay| stay.id == id).ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    let before = register.schedule(id).ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    let after = filter.change().applied(before);
    let classes = changed_classes(&register, before, &after);
    let today = day_or_today(tx, None)?;
    let stands = |schedule: &Schedule| register.tally(schedule, today);
    let progress = Progress::of_edition(tx, &edition, &register)?;
    // As `get_completion_standing` answers today, before the change and once it is made.
    let changed =
        Stay { ended_on: if filter.change == ChangeKind::End { Some(filter.effective_on) } else { stay.ended_on }, ..*stay };
    let [then, now] = [(stay, before), (&changed, &after)]
        .map(|(stay, schedule)| progress.outlooks(&register, schedule, Moment::of(stay, today)));
    let [share_then, share_now] = [&then, &now].map(|minimums| AttendanceOutlookView::of_all_classes(minimums));
    let [blocks_then, blocks_now] = [&then, &now].map(|minimums| BlockMinimumView::all_of(minimums));
    let ends_early = filter.change == ChangeKind::End && filter.effective_on < stay.planned_end_on;
    let left = (stands(before).ahead > 0, stands(&after).ahead > 0);
    let asked = Asked { edition: &edition, stay, rests: &before.rests, filter: &filter };
    let person_hours = HourChange::from_minutes(classes.gained_hours.minutes() - classes.lost_hours.minutes());
    let duties = match filter.reason.map(|reason| duty_of(tx, stay, reason, filter.effective_on)).transpose()?.flatten() {
        Some(cause) => arising(tx, &cause)?,
        None => Vec::new(),
    };
    let at_once = clashes(tx, &register, before, &after)?;
    let mut obstacles = obstacles(tx, &asked)?;
    obstacles.extend((!at_once.is_empty()).then(|| ChangeObstacleView::of(&SESSION_CLASH.problem(), false)));
    Ok(ChangePreviewView {
        participation_id: id,
        edition_id: edition.id,
        change: filter.change,
        effective_on: filter.effective_on,
        last_on: after.last,
        obstacles,
        classes,
        clashes: at_once,
        completion: share_then.zip(share_now).map(|(before, after)| CompletionEffectView { before, after }),
        block_minimums: blocks_then
            .into_iter()
            .zip(blocks_now)
            .map(|(before, after)| BlockMinimumEffectView { before, after })
            .collect(),
        psu: psu(tx, &edition, stay, [before, &after], filter.effective_on)?,
        freed_seat: if ends_early { freed_seat(tx, &edition, filter.effective_on)? } else { None },
        plan: PlanEffectView {
            seat_days: (after.last.date() - before.last.date()).num_days(),
            person_hours: person_hours.map_err(|error| catalogue::INTERNAL.problem().because(error))?,
        },
        duties,
        warnings: warnings(&then, &now, ends_early, left),
    })
}

fn psu(tx: &mut Tx, edition: &EditionFacts, stay: &Stay, schedules: [&Schedule; 2], from: Day) -> Result<PsuEffectView, Problem> {
    let [before, after] = schedules.map(|schedule| schedule.working_periods(from));
    let last = [&before, &after].into_iter().filter_map(|days| days.last()).map(|days| days.to()).max().unwrap_or(from);
    let days = Period::new(from.min(last), last).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let weeks: HashMap<_, _> = used_in_weeks(tx, &[stay.person_id], days)?;
    let months: HashMap<_, _> = used_in_months(tx, &[stay.person_id], edition.agreement_id, days)?;
    let used_in_week = |week| weeks.get(&(stay.person_id, week)).copied().unwrap_or(Hours::ZERO);
    let used_in_month = |month| months.get(&(stay.person_id, month)).copied().unwrap_or(Hours::ZERO);
    let limits = Limits {
        weekly: edition.regime.psu_weekly_limit,
        monthly: edition.monthly_cap,
        used_in_week: &used_in_week,
        used_in_month: &used_in_month,
    };
    Ok(PsuEffectView { before: possible_hours_on(&before, &limits), after: possible_hours_on(&after, &limits) })
}

/// The place from the day after an early end on, and whose turn it would be.
fn freed_seat(tx: &mut Tx, edition: &EditionFacts, ended_on: Day) -> Result<Option<FreedSeatView>, Problem> {
    let Some(from) = ended_on.plus_days(1).ok().filter(|from| *from <= edition.ends_on) else { return Ok(None) };
    let next = waiting_for(tx, edition, from)?.into_iter().find(|waiting| waiting.passed.is_none());
    Ok(Some(FreedSeatView {
        from,
        to: edition.ends_on,
        offered_automatically: edition.automatic_offers,
        next_application_id: next.map(|waiting| waiting.entry.application),
    }))
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_change_preview);
}
