//! What the slices to the right need to know of an edition to apply its rules.

use diesel::prelude::*;
use uuid::Uuid;

use super::EDITION_CLOSED;
use super::ExpectedEffect;
use super::absence_terms::AbsenceTerms;
use super::editions::entry::{Recruitment, Selection};
use super::regime_parameters::RegimeParameters;
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Hours, Money, Percent, Period, Stored};
use crate::schema::{agreements, editions, plan_revisions, regimes};

/// An edition with the rules that hold for it.
#[derive(Debug, Clone)]
pub struct EditionFacts {
    /// Id.
    pub id: Uuid,
    /// Its programme.
    pub programme_id: Uuid,
    /// Its agreement.
    pub agreement_id: Uuid,
    /// First day.
    pub starts_on: Day,
    /// Last planned day.
    pub ends_on: Day,
    /// Day of closing.
    pub closed_on: Option<Day>,
    /// When candidates were recruited.
    pub recruitment: Recruitment,
    /// How it chooses among its candidates.
    pub selection: Selection,
    /// Attendance from which a participation counts as completed; none means that its planned end was reached.
    pub completion_attendance_percent: Option<Percent>,
    /// Whether a seat that is freed is offered at once.
    pub automatic_offers: bool,
    /// Calendar days for the answer to an offer, its own day not counted.
    pub offer_answer_days: i32,
    /// Version of the edition.
    pub row_version: i32,
    /// Day on which the agreement was signed.
    pub signed_on: Day,
    /// Regime of the agreement.
    pub regime_id: Uuid,
    /// First day on which an agreement under the regime may be signed.
    pub regime_valid_from: Option<Day>,
    /// Last such day.
    pub regime_valid_to: Option<Day>,
    /// Rules of the regime.
    pub regime: RegimeParameters,
    /// Share of the minimum benefit that the agreement has refunded.
    pub refund_percent: Option<Percent>,
    /// That share for work for carers of disabled persons.
    pub refund_percent_carers: Option<Percent>,
    /// Benefit per hour of socially useful work that the agreement sets.
    pub hourly_benefit: Option<Money>,
    /// Most hours of socially useful work of a person in a calendar month; none where the agreement sets none.
    pub monthly_cap: Option<Hours>,
    /// What the agreement expects of the programme.
    pub expected_effects: Vec<ExpectedEffect>,
    /// Revisions of the plan, first to last; never empty.
    pub plan: Vec<PlanRevision>,
}

/// A revision of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = plan_revisions)]
pub struct PlanRevision {
    /// Id; none of a revision that is only tried out.
    #[diesel(select_expression = plan_revisions::id.nullable())]
    pub id: Option<Uuid>,
    /// Number within the edition, from 1.
    pub number: i32,
    /// Day from which it holds.
    pub effective_on: Day,
    /// Planned places.
    pub places: i32,
    /// Planned cost.
    pub planned_cost: Option<Money>,
}

impl EditionFacts {
    /// The days of the edition.
    pub fn period(&self) -> Option<Period> {
        Period::new(self.starts_on, self.ends_on).ok()
    }

    /// The days of a seat that is given from a day on: to the end of the edition, or to its closing where that came before.
    pub fn seat_from(&self, day: Day) -> Option<Period> {
        let last = self.closed_on.map_or(self.ends_on, |closed| closed.min(self.ends_on));
        Period::new(day.max(self.starts_on), last).ok()
    }

    /// Planned places on a day.
    pub fn places_on(&self, day: Day) -> Option<i32> {
        plan_on(&self.plan, day).map(|revision| revision.places)
    }
}

/// From when on a revision holds: the first one always, so that places which grow while the
/// edition still recruits are not undone by its first day.
fn holds_from(revision: &PlanRevision) -> (Option<Day>, i32) {
    ((revision.number > 1).then_some(revision.effective_on), revision.number)
}

/// The revision that holds on a day; before all later ones, the first.
pub fn plan_on(plan: &[PlanRevision], day: Day) -> Option<&PlanRevision> {
    plan.iter()
        .filter(|revision| revision.number == 1 || revision.effective_on <= day)
        .max_by_key(|revision| holds_from(revision))
}

/// The revision that holds in the end.
pub fn last_plan(plan: &[PlanRevision]) -> Option<&PlanRevision> {
    plan.iter().max_by_key(|revision| holds_from(revision))
}

#[derive(Queryable)]
struct Row {
    id: Uuid,
    programme_id: Uuid,
    agreement_id: Uuid,
    starts_on: Day,
    ends_on: Day,
    closed_on: Option<Day>,
    recruitment: Recruitment,
    selection: Selection,
    completion_attendance_percent: Option<Percent>,
    automatic_offers: bool,
    offer_answer_days: i32,
    version: i32,
    refund_percent: Option<Percent>,
    refund_percent_carers: Option<Percent>,
    hourly_benefit: Option<Money>,
    monthly_cap: Option<Hours>,
    signed_on: Day,
    regime_id: Uuid,
    regime_valid_from: Option<Day>,
    regime_valid_to: Option<Day>,
    regime: Stored<RegimeParameters>,
    expected_effects: Stored<Vec<ExpectedEffect>>,
    /// One revision of the plan; a row for each.
    plan: Option<PlanRevision>,
}

/// Reads an edition after locking its row until the end of the transaction.
///
/// The lock serialises everything that counts places or numbers within one edition. It leaves the key of the row
/// alone, so hours and other facts that only refer to the edition neither wait for it nor cross it.
///
/// # Errors
/// `platform.not_found` when the tenant has no such edition.
pub fn lock_edition(tx: &mut Tx, id: Uuid) -> Result<EditionFacts, Problem> {
    // The row is locked by itself: a lock over the join would need the right to change regimes.
    let _: Uuid = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(id))
        .select(editions::id)
        .for_no_key_update()
        .first(tx.conn)?;
    get_edition_facts(tx, id)
}

/// When candidates of an edition were recruited; none where the tenant has no such edition.
///
/// # Errors
/// When the store fails.
pub fn find_recruitment(tx: &mut Tx, id: Uuid) -> Result<Option<Recruitment>, Problem> {
    Ok(editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(id))
        .select(Recruitment::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Refuses what happened after the closing of an edition; what happened before may still be entered.
///
/// # Errors
/// `programmes.edition_closed`.
pub fn before_closing(closed_on: Option<Day>, day: Day, pointer: &str) -> Result<(), Problem> {
    match closed_on {
        Some(closed) if closed < day => Err(EDITION_CLOSED.at(pointer).with("closedOn", closed.to_string())),
        _ => Ok(()),
    }
}

/// As [`before_closing`] for an edition whose row is kept as it is until the end of the transaction; an edition that is
/// not there is left to who refers to it.
///
/// # Errors
/// `programmes.edition_closed`.
pub fn expect_open(tx: &mut Tx, edition: Uuid, day: Day, pointer: &str) -> Result<(), Problem> {
    let closed_on: Option<Option<Day>> = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(edition))
        .select(editions::closed_on)
        .for_share()
        .first(tx.conn)
        .optional()?;
    before_closing(closed_on.flatten(), day, pointer)
}

/// Reads an edition without locking it.
///
/// # Errors
/// `platform.not_found` when the tenant has no such edition.
pub fn get_edition_facts(tx: &mut Tx, id: Uuid) -> Result<EditionFacts, Problem> {
    let agreement = agreements::tenant_id.eq(editions::tenant_id).and(agreements::id.eq(editions::agreement_id));
    let regime = regimes::tenant_id.eq(agreements::regime_tenant_id).and(regimes::id.eq(agreements::regime_id));
    let plan = plan_revisions::tenant_id.eq(editions::tenant_id).and(plan_revisions::edition_id.eq(editions::id));
    let rows: Vec<Row> = editions::table
        .inner_join(agreements::table.on(agreement))
        .inner_join(regimes::table.on(regime))
        .left_join(plan_revisions::table.on(plan))
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(id))
        .order(plan_revisions::number)
        .select((
            editions::id,
            editions::programme_id,
            editions::agreement_id,
            editions::starts_on,
            editions::ends_on,
            editions::closed_on,
            Recruitment::as_select(),
            editions::selection,
            editions::completion_attendance_percent,
            editions::automatic_offers,
            editions::offer_answer_days,
            editions::row_version,
            agreements::refund_percent,
            agreements::refund_percent_carers,
            agreements::hourly_benefit,
            agreements::monthly_cap_minutes,
            agreements::signed_on,
            regimes::id,
            regimes::valid_from_on,
            regimes::valid_to_on,
            regimes::parameters,
            agreements::expected_effects,
            Option::<PlanRevision>::as_select(),
        ))
        .load(tx.conn)?;
    let plan = rows.iter().filter_map(|row| row.plan.clone()).collect();
    let row = rows.into_iter().next().ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    Ok(EditionFacts {
        id: row.id,
        programme_id: row.programme_id,
        agreement_id: row.agreement_id,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        closed_on: row.closed_on,
        recruitment: row.recruitment,
        selection: row.selection,
        completion_attendance_percent: row.completion_attendance_percent,
        automatic_offers: row.automatic_offers,
        offer_answer_days: row.offer_answer_days,
        row_version: row.version,
        signed_on: row.signed_on,
        regime_id: row.regime_id,
        regime_valid_from: row.regime_valid_from,
        regime_valid_to: row.regime_valid_to,
        regime: row.regime.0,
        refund_percent: row.refund_percent,
        refund_percent_carers: row.refund_percent_carers,
        hourly_benefit: row.hourly_benefit,
        monthly_cap: row.monthly_cap,
        expected_effects: row.expected_effects.0,
        plan,
    })
}

/// What recruitment asks of an edition.
#[derive(Debug, Clone)]
pub struct RecruitmentTerms {
    /// First day.
    pub starts_on: Day,
    /// Regime of the agreement.
    pub regime_id: Uuid,
    /// Rules of the regime.
    pub regime: RegimeParameters,
}

/// Reads what recruitment asks of an edition, in one statement.
///
/// # Errors
/// `platform.not_found` when the tenant has no such edition.
pub fn get_recruitment_terms(tx: &mut Tx, edition: Uuid) -> Result<RecruitmentTerms, Problem> {
    let agreement = agreements::tenant_id.eq(editions::tenant_id).and(agreements::id.eq(editions::agreement_id));
    let regime = regimes::tenant_id.eq(agreements::regime_tenant_id).and(regimes::id.eq(agreements::regime_id));
    let (starts_on, regime_id, parameters): (Day, Uuid, Stored<RegimeParameters>) = editions::table
        .inner_join(agreements::table.on(agreement))
        .inner_join(regimes::table.on(regime))
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(edition))
        .select((editions::starts_on, regimes::id, regimes::parameters))
        .first(tx.conn)?;
    Ok(RecruitmentTerms { starts_on, regime_id, regime: parameters.0 })
}

/// What the regime of an edition says of absences; nothing where it says nothing.
///
/// # Errors
/// `platform.not_found` when the tenant has no such edition.
pub fn absence_terms(tx: &mut Tx, edition: Uuid) -> Result<Option<AbsenceTerms>, Problem> {
    Ok(get_recruitment_terms(tx, edition)?.regime.absence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(number: i32, effective_on: &str, places: i32) -> PlanRevision {
        PlanRevision { id: None, number, effective_on: effective_on.parse().expect("a day"), places, planned_cost: None }
    }

    #[test]
    fn the_plan_of_a_day_is_the_latest_that_holds() {
        let plan = [revision(1, "2020-10-01", 9), revision(2, "2020-11-01", 12), revision(3, "2020-10-20", 10)];
        for (day, places) in
            [("2020-09-30", 9), ("2020-10-01", 9), ("2020-10-20", 10), ("2020-10-31", 10), ("2020-11-01", 12), ("2021-01-01", 12)]
        {
            let day: Day = day.parse().expect("a day");
            assert_eq!(plan_on(&plan, day).map(|revision| revision.places), Some(places), "{day}");
        }
        assert_eq!(last_plan(&plan).map(|revision| revision.number), Some(2));
        let grown = [revision(1, "2020-10-15", 4), revision(2, "2020-09-10", 6), revision(3, "2020-09-20", 7)];
        assert_eq!(plan_on(&grown, "2020-10-15".parse().expect("a day")).map(|revision| revision.places), Some(7));
        assert_eq!(last_plan(&grown).map(|revision| revision.number), Some(3));
        assert_eq!(plan_on(&[], "2020-10-01".parse().expect("a day")), None);
    }
}
