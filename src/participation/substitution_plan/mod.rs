//! The plan of a substitution: who of the reserve list could take a place over, and what would be left for them.
//!
//! It reads and decides nothing; `substitute_participant` carries it out in one
//! call. What is left is counted from the first day of the replacement to the
//! end of the edition.

pub(super) mod candidates;
mod refusals;
pub(super) mod remaining;
mod views;

use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use self::candidates::candidates;
use self::remaining::blocks_left;
use self::views::{BlockLeftView, CompletionView, EffectView, MinimumLeftView, Obstacle, SubstitutionPlanView};
use super::class_register::{Tally, hours_of};
use super::completion::outlook;
use super::ending::{EndReason, check_end};
use super::participations::{ParticipationState, Stay, find_replacement, get_view};
use super::substitution::{SubstitutionError, check_substitution};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::permit::Permit;
use crate::platform::policy::GetSubstitutionPlan;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours, Percent, Period};
use crate::programmes::completion_rule::{AskedMinimum, Measure, Minimum, completion_rule};
use crate::programmes::facts::get_edition_facts;
use crate::recruitment::offers::waiting_for;

/// When a replacement would begin.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct SubstitutionPlanFilter {
    /// First day of the replacement.
    #[param(inline, example = "2026-06-15")]
    effective_on: Day,
}

/// Plans who could replace a participant.
///
/// The candidates of the reserve list in its order, each with the hours of
/// socially useful work still possible, the months of participation used and
/// then, warnings, and the rules by which the substitution would be refused
/// (`refusedBy`); sessions and hours left by block; whether the edition's
/// minimum of attendance can still be reached; and what it does to seat-days,
/// persons and hours. The same is asked of each block that has a minimum; of
/// socially useful work it depends on the candidate.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Leaving participation"), SubstitutionPlanFilter),
    responses((status = 200, body = SubstitutionPlanView, description = "The plan")))]
#[get("/participations/{id}/substitution-plan")]
async fn get_substitution_plan(
    permit: Permit<GetSubstitutionPlan>,
    id: PathId,
    filter: Filter<SubstitutionPlanFilter>,
) -> Result<Reply, Problem> {
    let effective_on = filter.0.effective_on;
    permit.read(move |tx| plan(tx, id.0, effective_on)).await
}

fn plan(tx: &mut Tx, leaving: Uuid, effective_on: Day) -> Result<SubstitutionPlanView, Problem> {
    let leaving = get_view(tx, leaving)?;
    let edition = get_edition_facts(tx, leaving.edition_id)?;
    let replaced_by_id = find_replacement(tx, leaving.id)?;
    let days = Period::new(effective_on, edition.ends_on).ok().filter(|days| days.from() >= edition.starts_on);
    let outside = days.is_none().then_some(Obstacle::OutsideEdition);
    let obstacle = outside.or_else(|| obstacle(&Stay::of(&leaving), replaced_by_id, effective_on));
    let mut view = SubstitutionPlanView {
        participation_id: leaving.id,
        edition_id: edition.id,
        effective_on,
        obstacle,
        replaced_by_id,
        must_end_before: (leaving.state == ParticipationState::Active).then_some(effective_on),
        blocks: Vec::new(),
        completion: None,
        block_minimums: Vec::new(),
        effect: None,
        candidates: Vec::new(),
    };
    let Some(days) = days.filter(|_| obstacle.is_none()) else { return Ok(view) };
    view.blocks = blocks_left(tx, edition.id, effective_on)?;
    let scheduled = Hours::checked_sum(view.blocks.iter().map(|block| block.scheduled_hours)).ok_or_else(too_many)?;
    view.completion = edition.completion_attendance_percent.map(|share| completion(share, scheduled));
    view.effect = Some(EffectView {
        seat_days: days.days(),
        seat_days_lost: leaving.ended_on.map(|ended_on| (effective_on.date() - ended_on.date()).num_days() - 1),
        persons: 1,
        person_hours: scheduled,
    });
    let rule = completion_rule(tx, edition.id, None)?;
    view.block_minimums = rule.minimums.iter().filter_map(|asked| minimum_left(asked, &view.blocks)).collect();
    let of_work = rule.minimums.iter().find(|asked| asked.measure == Measure::Work);
    let waiting = waiting_for(tx, &edition, effective_on)?;
    view.candidates = candidates(tx, &edition, of_work, &leaving, days, waiting)?;
    Ok(view)
}

/// What keeps the place from being taken over, also where whoever still takes part ends on the last day that is left for it.
fn obstacle(leaving: &Stay, replaced_by: Option<Uuid>, effective_on: Day) -> Option<Obstacle> {
    let last = effective_on.minus_days(1).map_or(leaving.planned_end_on, |day| day.min(leaving.planned_end_on));
    let end = (leaving.state == ParticipationState::Active).then_some((EndReason::Other, last));
    let found = match check_substitution(leaving, replaced_by, end, effective_on) {
        Ok(()) => None,
        Err(SubstitutionError::AlreadyReplaced(_)) => Some(Obstacle::AlreadyReplaced),
        Err(SubstitutionError::Completed) => Some(Obstacle::Completed),
        Err(SubstitutionError::TooEarly(_) | SubstitutionError::TargetActive | SubstitutionError::AlreadyEnded) => {
            Some(Obstacle::NotFreeYet)
        }
    };
    let cannot_end = end.is_some_and(|(reason, day)| check_end(leaving, reason, day).is_err());
    found.or(cannot_end.then_some(Obstacle::NotFreeYet))
}

fn completion(share: Percent, scheduled: Hours) -> CompletionView {
    let outlook = outlook(Minimum::Share(share), ahead(scheduled));
    CompletionView {
        attendance_percent: share,
        hours_needed: hours_of(outlook.needed),
        hours_that_may_be_missed: hours_of(outlook.may_be_missed),
        reachable: outlook.reachable,
    }
}

/// What a block's minimum asks of somebody who begins on the day; whether work suffices is said of each candidate.
fn minimum_left(asked: &AskedMinimum, left: &[BlockLeftView]) -> Option<MinimumLeftView> {
    let block = asked.block.as_ref()?;
    let scheduled = left.iter().find(|one| one.block_id == block.id).map_or(Hours::ZERO, |one| one.scheduled_hours);
    let outlook = outlook(asked.minimum, ahead(scheduled));
    Some(MinimumLeftView {
        block_id: block.id,
        asked_percent: asked.percent,
        hours_needed: hours_of(outlook.needed),
        reachable: (asked.measure != Measure::Work).then_some(outlook.reachable),
    })
}

/// Hours that are all ahead.
fn ahead(hours: Hours) -> Tally {
    Tally { ahead: i64::from(hours.minutes()), ..Tally::default() }
}

fn too_many() -> Problem {
    catalogue::INTERNAL.problem().because("more hours than hours can hold")
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_substitution_plan);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_is_rounded_up_to_quarters_and_never_above_what_is_left() {
        let hours = |text: &str| text.parse::<Hours>().expect("hours");
        for (share, scheduled, needed, reachable) in [
            ("80.00", "10.00", "8.00", true),
            ("80.00", "0.25", "0.25", true),
            ("33.33", "10.00", "3.50", true),
            ("100.00", "7.75", "7.75", true),
            ("0.00", "7.75", "0.00", true),
            // Where nothing is left to attend nothing is missed, as the figures count it.
            ("80.00", "0.00", "0.00", true),
        ] {
            let view = completion(share.parse().expect("a share"), hours(scheduled));
            assert_eq!((view.hours_needed, view.reachable), (hours(needed), reachable), "{share} of {scheduled}");
            let whole = view.hours_needed.checked_add(view.hours_that_may_be_missed).expect("hours");
            assert_eq!(whole, hours(scheduled), "{share} of {scheduled}");
        }
    }
}
