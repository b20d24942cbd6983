//! The hour ledger: one row per person and week, over all hosts and editions,
//! one per person, agreement and month where the agreement sets a cap, and one
//! per agreement where it sets hours in total.
//!
//! A row is changed by the one statement that also checks its limit, and stays
//! locked until the end of the transaction; so two entries at the same moment
//! follow one another, and a refusal states exactly what remains.

use diesel::prelude::*;
use diesel::query_dsl::methods;
use diesel::sql_types::Integer;
use uuid::Uuid;

use super::agreement_total::book_total;
use super::rules::{Balance, Move, moves};
use crate::participation::{OUTSIDE_PERIOD, PSU_MONTHLY_CAP, PSU_WEEKLY_LIMIT};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Hours, IsoWeek, Month, Period, Stored};
use crate::programmes::RegimeParameters;
use crate::schema::{agreements, editions, participations, psu_entries, psu_months, psu_totals, psu_weeks, regimes};

/// A whole week: the limit of a row under a regime that sets none.
pub(super) fn whole_week() -> Hours {
    whole_days(7)
}

/// The longest month: the limit of a row under an agreement that no longer sets one.
fn whole_month() -> Hours {
    whole_days(31)
}

fn whole_days(days: i32) -> Hours {
    Hours::from_minutes(days * 24 * 60).unwrap_or_default()
}

/// What decides about the hours of a participation.
#[derive(Queryable)]
pub(super) struct Terms {
    pub participation_id: Uuid,
    pub person_id: Uuid,
    pub edition_id: Uuid,
    pub agreement_id: Uuid,
    starts_on: Day,
    planned_end_on: Day,
    ended_on: Option<Day>,
    /// Hours of a month that the agreement sets.
    pub monthly_cap: Option<Hours>,
    /// Whether the month has a row, which then is kept even without a cap.
    month_is_kept: bool,
    /// Hours in total that the agreement sets.
    pub total_hours: Option<Hours>,
    /// Last day of the agreement.
    pub agreement_ends_on: Option<Day>,
    /// Whether the hours in total have a row, which then is kept even without a total.
    pub total_is_kept: bool,
    regime: Option<Stored<RegimeParameters>>,
}

impl Terms {
    fn last_on(&self) -> Day {
        self.ended_on.unwrap_or(self.planned_end_on)
    }

    /// Most hours of a week under the regime.
    pub fn weekly_limit(&self) -> Option<Hours> {
        self.regime.as_ref().and_then(|regime| regime.0.psu_weekly_limit)
    }

    /// Refuses a day before the start or after the end.
    pub fn check_day(&self, day: Day) -> Result<(), Problem> {
        let inside = Period::new(self.starts_on, self.last_on()).is_ok_and(|period| period.contains(day));
        if inside { Ok(()) } else { Err(self.outside()) }
    }

    /// The refusal of a day outside the participation or within a suspension.
    pub fn outside(&self) -> Problem {
        OUTSIDE_PERIOD.at("/workedOn").with("startsOn", self.starts_on.to_string()).with("endsOn", self.last_on().to_string())
    }
}

/// Reads what decides about hours on a day, and holds it until the end of the transaction.
///
/// The lock on the participation makes an end or a suspension at the same
/// moment wait, or be seen; the one on the agreement does so for its cap.
pub(super) fn terms(tx: &mut Tx, participation: Uuid, day: Day) -> Result<Terms, Problem> {
    let edition = editions::tenant_id.eq(participations::tenant_id).and(editions::id.eq(participations::edition_id));
    let agreement = agreements::tenant_id.eq(editions::tenant_id).and(agreements::id.eq(editions::agreement_id));
    // The regime is immutable and nobody may lock it, so it is read beside the locked rows.
    let regime = regimes::table
        .filter(regimes::tenant_id.eq(agreements::regime_tenant_id))
        .filter(regimes::id.eq(agreements::regime_id))
        .select(regimes::parameters)
        .single_value();
    let kept_month = psu_months::table
        .filter(psu_months::tenant_id.eq(participations::tenant_id))
        .filter(psu_months::person_id.eq(participations::person_id))
        .filter(psu_months::agreement_id.eq(agreements::id))
        .filter(psu_months::month_on.eq(Month::of(day)));
    let kept_total = psu_totals::table
        .filter(psu_totals::tenant_id.eq(agreements::tenant_id))
        .filter(psu_totals::agreement_id.eq(agreements::id));
    let found = participations::table
        .inner_join(editions::table.on(edition))
        .inner_join(agreements::table.on(agreement))
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .select((
            participations::id,
            participations::person_id,
            participations::edition_id,
            agreements::id,
            participations::starts_on,
            participations::planned_end_on,
            participations::ended_on,
            agreements::monthly_cap_minutes,
            diesel::dsl::exists(kept_month),
            agreements::total_minutes,
            agreements::period_to_on,
            diesel::dsl::exists(kept_total),
            regime,
        ))
        .for_key_share()
        .first(tx.conn)
        .optional()?;
    found.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/participationId"))
}

/// Books an entry, or the correction of one, on its weeks and months.
pub(super) fn book(tx: &mut Tx, terms: &Terms, old: Option<(Day, Hours)>, new: (Day, Hours)) -> Result<(), Problem> {
    for change in moves(old.map(|(day, hours)| (IsoWeek::of(day), hours)), (IsoWeek::of(new.0), new.1)) {
        book_week(tx, terms, &change)?;
    }
    for change in moves(old.map(|(day, hours)| (Month::of(day), hours)), (Month::of(new.0), new.1)) {
        book_month(tx, terms, &change)?;
    }
    let before = old.map_or(Hours::ZERO, |(_, hours)| hours);
    book_total(tx, terms, Move { period: (), before, after: new.1 })
}

diesel::define_sql_function! {
    /// The smaller of two numbers.
    fn least(one: Integer, other: Integer) -> Integer;
}

/// Books a change on its week.
pub(super) fn book_week(tx: &mut Tx, terms: &Terms, change: &Move<IsoWeek>) -> Result<(), Problem> {
    let minutes = change.minutes();
    if minutes <= 0 {
        return give_back_week(tx, terms, change);
    }
    let limit = terms.weekly_limit().unwrap_or_else(whole_week);
    // Into an empty week the CHECK would refuse the insert itself, without saying what remains.
    if Balance::empty(limit).has_room_for(minutes) && take_from_week(tx, terms, change, limit)? {
        return Ok(());
    }
    Err(refuse_week(tx, terms, change, limit)?)
}

/// Takes hours from a week with room in it; the tighter one of the limits met so far holds.
fn take_from_week(tx: &mut Tx, terms: &Terms, change: &Move<IsoWeek>, limit: Hours) -> Result<bool, Problem> {
    let minutes = change.minutes();
    let taken = diesel::insert_into(psu_weeks::table)
        .values((
            psu_weeks::person_id.eq(terms.person_id),
            psu_weeks::week_on.eq(change.period),
            psu_weeks::used_minutes.eq(minutes),
            psu_weeks::limit_minutes.eq(limit),
        ))
        .on_conflict((psu_weeks::tenant_id, psu_weeks::person_id, psu_weeks::week_on))
        .do_update()
        .set((
            psu_weeks::used_minutes.eq(psu_weeks::used_minutes + minutes),
            psu_weeks::limit_minutes.eq(least(psu_weeks::limit_minutes, limit)),
        ));
    let room = (psu_weeks::used_minutes + minutes).le(least(psu_weeks::limit_minutes, limit));
    Ok(methods::FilterDsl::filter(taken, room).execute(tx.conn)? == 1)
}

fn give_back_week(tx: &mut Tx, terms: &Terms, change: &Move<IsoWeek>) -> Result<(), Problem> {
    let row = psu_weeks::table
        .filter(own(tx, psu_weeks::tenant_id))
        .filter(psu_weeks::person_id.eq(terms.person_id))
        .filter(psu_weeks::week_on.eq(change.period));
    diesel::update(row).set(psu_weeks::used_minutes.eq(psu_weeks::used_minutes + change.minutes())).execute(tx.conn)?;
    Ok(())
}

/// The refusal with what remains; the row is locked by the statement that did not change it.
fn refuse_week(tx: &mut Tx, terms: &Terms, change: &Move<IsoWeek>, limit: Hours) -> Result<Problem, Problem> {
    let (used, row_limit): (Hours, Hours) = psu_weeks::table
        .filter(own(tx, psu_weeks::tenant_id))
        .filter(psu_weeks::person_id.eq(terms.person_id))
        .filter(psu_weeks::week_on.eq(change.period))
        .select((psu_weeks::used_minutes, psu_weeks::limit_minutes))
        .first(tx.conn)
        .optional()?
        .unwrap_or((Hours::ZERO, limit));
    let balance = Balance { used, limit: row_limit.min(limit) };
    let problem = with_balance(PSU_WEEKLY_LIMIT.at("/hours"), balance, change.minutes())?;
    Ok(problem.with("week", change.period.to_string()).with("weekEndsOn", change.period.sunday().to_string()))
}

/// Adds what a caller needs to ask for less.
pub(super) fn with_balance(problem: Problem, balance: Balance, asked: i32) -> Result<Problem, Problem> {
    let asked = Hours::from_minutes(asked).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    Ok(problem
        .with("limitHours", balance.limit.to_string())
        .with("usedHours", balance.used.to_string())
        .with("remainingHours", balance.remaining().to_string())
        .with("askedHours", asked.to_string()))
}

/// Books a change on its month, where the agreement sets a cap.
pub(super) fn book_month(tx: &mut Tx, terms: &Terms, change: &Move<Month>) -> Result<(), Problem> {
    if change.minutes() <= 0 {
        // A month without a row has no cap, and nothing to give back to.
        return give_back_month(tx, terms, change);
    }
    if terms.monthly_cap.is_none() && !terms.month_is_kept {
        return Ok(());
    }
    let cap = terms.monthly_cap.unwrap_or_else(whole_month);
    if take_from_month(tx, terms, change, cap)? {
        return Ok(());
    }
    open_month(tx, terms, change, cap)?;
    if take_from_month(tx, terms, change, cap)? { Ok(()) } else { Err(refuse_month(tx, terms, change, cap)?) }
}

/// Takes hours from a month that has a row and room in it.
fn take_from_month(tx: &mut Tx, terms: &Terms, change: &Move<Month>, cap: Hours) -> Result<bool, Problem> {
    let minutes = change.minutes();
    let row = psu_months::table
        .filter(own(tx, psu_months::tenant_id))
        .filter(psu_months::person_id.eq(terms.person_id))
        .filter(psu_months::agreement_id.eq(terms.agreement_id))
        .filter(psu_months::month_on.eq(change.period))
        .filter((psu_months::used_minutes + minutes).le(cap));
    let taken = diesel::update(row)
        .set((psu_months::used_minutes.eq(psu_months::used_minutes + minutes), psu_months::limit_minutes.eq(cap)))
        .execute(tx.conn)?;
    Ok(taken == 1)
}

/// Hours of a person under the agreement that stand in the register of a month.
pub(super) fn worked_in_month(tx: &mut Tx, terms: &Terms, month: Month) -> Result<i64, Problem> {
    let under_agreement = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::agreement_id.eq(terms.agreement_id))
        .select(editions::id);
    let worked: Option<i64> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::person_id.eq(terms.person_id))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::worked_on.between(month.first_day(), month.last_day()))
        .filter(psu_entries::edition_id.eq_any(under_agreement))
        .select(diesel::dsl::sum(psu_entries::minutes))
        .first(tx.conn)?;
    Ok(worked.unwrap_or_default())
}

/// Makes the row of a month with the hours that were worked before the agreement set its cap.
fn open_month(tx: &mut Tx, terms: &Terms, change: &Move<Month>, cap: Hours) -> Result<(), Problem> {
    let worked = worked_in_month(tx, terms, change.period)?;
    // An entry that is being corrected is superseded already, so its hours are added back before they are moved.
    let used = i32::try_from(worked)
        .ok()
        .and_then(|worked| Hours::from_minutes(worked + change.before.minutes()).ok())
        .ok_or_else(|| catalogue::INTERNAL.problem().because("hours of a month out of range"))?;
    diesel::insert_into(psu_months::table)
        .values((
            psu_months::person_id.eq(terms.person_id),
            psu_months::agreement_id.eq(terms.agreement_id),
            psu_months::month_on.eq(change.period),
            psu_months::used_minutes.eq(used),
            psu_months::limit_minutes.eq(cap.max(used)),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(())
}

fn give_back_month(tx: &mut Tx, terms: &Terms, change: &Move<Month>) -> Result<(), Problem> {
    let row = psu_months::table
        .filter(own(tx, psu_months::tenant_id))
        .filter(psu_months::person_id.eq(terms.person_id))
        .filter(psu_months::agreement_id.eq(terms.agreement_id))
        .filter(psu_months::month_on.eq(change.period));
    diesel::update(row).set(psu_months::used_minutes.eq(psu_months::used_minutes + change.minutes())).execute(tx.conn)?;
    Ok(())
}

fn refuse_month(tx: &mut Tx, terms: &Terms, change: &Move<Month>, cap: Hours) -> Result<Problem, Problem> {
    let used: Hours = psu_months::table
        .filter(own(tx, psu_months::tenant_id))
        .filter(psu_months::person_id.eq(terms.person_id))
        .filter(psu_months::agreement_id.eq(terms.agreement_id))
        .filter(psu_months::month_on.eq(change.period))
        .select(psu_months::used_minutes)
        .for_update()
        .first(tx.conn)?;
    let problem = with_balance(PSU_MONTHLY_CAP.at("/hours"), Balance { used, limit: cap }, change.minutes())?;
    Ok(problem.with("month", change.period.to_string()).with("monthEndsOn", change.period.last_day().to_string()))
}
