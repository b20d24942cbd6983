//! The candidates of the reserve list as the plan of a substitution shows them.

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::ahead;
use super::refusals::Refusals;
use super::remaining::{Limits, possible_hours};
use super::views::PlanCandidateView;
use crate::participation::completion::outlook;
use crate::participation::participations::ParticipationView;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Hours, IsoWeek, Month, Period};
use crate::programmes::completion_rule::AskedMinimum;
use crate::programmes::cumulation::{limit_of, together, too_long};
use crate::programmes::facts::EditionFacts;
use crate::recruitment::offers::{Passed, Waiting};
use crate::schema::{psu_months, psu_weeks};

/// Hours that people have used, by week or month.
pub(in crate::participation) type Used<P> = HashMap<(Uuid, P), Hours>;

/// Everybody of the list who could take a place over, with what speaks against it.
pub(super) fn candidates(
    tx: &mut Tx,
    edition: &EditionFacts,
    work: Option<&AskedMinimum>,
    leaving: &ParticipationView,
    days: Period,
    waiting: Vec<Waiting>,
) -> Result<Vec<PlanCandidateView>, Problem> {
    let gone = |waiting: &Waiting| {
        matches!(waiting.passed, Some((Passed::Withdrawn | Passed::Placed | Passed::Selected | Passed::Rejected, _)))
    };
    let waiting: Vec<Waiting> = waiting.into_iter().filter(|waiting| !gone(waiting)).collect();
    let people: Vec<Uuid> = waiting.iter().map(|waiting| waiting.entry.person).collect();
    let weeks = used_in_weeks(tx, &people, days)?;
    let months = used_in_months(tx, &people, edition.agreement_id, days)?;
    let refusals = Refusals::read(tx, edition, leaving, days, &waiting)?;
    let view = |waiting: Waiting| {
        let refused_by = refusals.of(&waiting.entry);
        PlanCandidateView { refused_by, ..candidate(edition, work, days, waiting, &weeks, &months) }
    };
    Ok(waiting.into_iter().map(view).collect())
}

fn candidate(
    edition: &EditionFacts,
    work: Option<&AskedMinimum>,
    days: Period,
    Waiting { entry, passed }: Waiting,
    weeks: &Used<IsoWeek>,
    months: &Used<Month>,
) -> PlanCandidateView {
    let used_in_week = |week| weeks.get(&(entry.person, week)).copied().unwrap_or(Hours::ZERO);
    let used_in_month = |month| months.get(&(entry.person, month)).copied().unwrap_or(Hours::ZERO);
    let limits = Limits {
        weekly: edition.regime.psu_weekly_limit,
        monthly: edition.monthly_cap,
        used_in_week: &used_in_week,
        used_in_month: &used_in_month,
    };
    let possible = possible_hours(days, &limits);
    let of_group = entry.days_of_group(edition.regime.cumulative_group.as_ref());
    let limit_months = limit_of(&edition.regime);
    let used = together(&of_group);
    // What passes a candidate first hides what would pass them next, so both questions are asked of everybody.
    let mut warnings: Vec<Passed> = passed.map(|(reason, _)| reason).into_iter().collect();
    warnings.extend(of_group.iter().any(|other| other.overlaps(days)).then_some(Passed::TakesPart));
    warnings.extend(too_long(days, &of_group, limit_months).map(|_| Passed::WouldExceedMonths));
    warnings.sort_unstable();
    warnings.dedup();
    PlanCandidateView {
        application_id: entry.application,
        person_id: entry.person,
        position: entry.position,
        offer_id: entry.live_offer(),
        psu_hours_possible: possible,
        psu_minimum_reachable: work.map(|asked| possible.is_none_or(|hours| outlook(asked.minimum, ahead(hours)).reachable)),
        used,
        months_after: used.plus(days.calendar_months()).total_months().rounded(),
        limit_months,
        warnings,
        refused_by: Vec::new(),
    }
}

pub(in crate::participation) fn used_in_weeks(tx: &mut Tx, people: &[Uuid], days: Period) -> Result<Used<IsoWeek>, Problem> {
    let rows: Vec<(Uuid, IsoWeek, Hours)> = psu_weeks::table
        .filter(own(tx, psu_weeks::tenant_id))
        .filter(psu_weeks::person_id.eq_any(people))
        .filter(psu_weeks::week_on.between(IsoWeek::of(days.from()), IsoWeek::of(days.to())))
        .select((psu_weeks::person_id, psu_weeks::week_on, psu_weeks::used_minutes))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(person, week, used)| ((person, week), used)).collect())
}

pub(in crate::participation) fn used_in_months(
    tx: &mut Tx,
    people: &[Uuid],
    agreement: Uuid,
    days: Period,
) -> Result<Used<Month>, Problem> {
    let rows: Vec<(Uuid, Month, Hours)> = psu_months::table
        .filter(own(tx, psu_months::tenant_id))
        .filter(psu_months::person_id.eq_any(people))
        .filter(psu_months::agreement_id.eq(agreement))
        .filter(psu_months::month_on.between(Month::of(days.from()), Month::of(days.to())))
        .select((psu_months::person_id, psu_months::month_on, psu_months::used_minutes))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(person, month, used)| ((person, month), used)).collect())
}
