//! What a report reads beside the figures: what it is about, the revisions of the plan, and what happened.

use diesel::prelude::*;
use uuid::Uuid;

use super::amount::Amount;
use super::document::{EditionHead, EventLine, PlanRevisionLine};
use super::wording::{event, polish_day};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{DatePrecision, Day, LongText, Money, ShortText};
use crate::programmes::facts::EditionFacts;
use crate::schema::{agreements, edition_events, editions, institutions, plan_revisions, programmes, regimes};

/// What is read beside the figures.
#[derive(Debug)]
pub struct Sources {
    /// What the report is about.
    pub edition: EditionHead,
    /// Revisions of the plan.
    pub revisions: Vec<PlanRevisionLine>,
    /// What happened.
    pub events: Vec<EventLine>,
}

impl Sources {
    /// Reads them for an edition of an institution.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(tx: &mut Tx, institution: Option<String>, edition: &EditionFacts) -> Result<Self, Problem> {
        Ok(Self {
            edition: head(tx, institution, edition)?,
            revisions: revisions(tx, edition.id)?,
            events: events(tx, edition.id)?,
        })
    }
}

/// Who reports, by the name of today: a report of the past is written now.
///
/// # Errors
/// When the store fails.
pub fn issuer(tx: &mut Tx) -> Result<Option<String>, Problem> {
    Ok(institutions::table.filter(institutions::id.eq(tx.tenant())).select(institutions::name).first(tx.conn).optional()?)
}

fn head(tx: &mut Tx, institution: Option<String>, edition: &EditionFacts) -> Result<EditionHead, Problem> {
    let of_programme = programmes::tenant_id.eq(editions::tenant_id).and(programmes::id.eq(editions::programme_id));
    let (programme, name): (String, String) = editions::table
        .inner_join(programmes::table.on(of_programme))
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(edition.id))
        .select((programmes::name, editions::name))
        .first(tx.conn)?;
    let of_regime = regimes::tenant_id.eq(agreements::regime_tenant_id).and(regimes::id.eq(agreements::regime_id));
    let (agreement, regime, regime_code, regime_version): (Option<String>, String, String, i32) = agreements::table
        .inner_join(regimes::table.on(of_regime))
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(edition.agreement_id))
        .select((agreements::number, regimes::name_pl, regimes::code, regimes::version))
        .first(tx.conn)?;
    Ok(EditionHead {
        institution,
        programme_id: edition.programme_id,
        programme,
        edition_id: edition.id,
        edition: name,
        starts_on: edition.starts_on,
        ends_on: edition.ends_on,
        closed_on: edition.closed_on,
        agreement,
        agreement_signed_on: edition.signed_on,
        regime,
        regime_code,
        regime_version,
    })
}

fn revisions(tx: &mut Tx, edition: Uuid) -> Result<Vec<PlanRevisionLine>, Problem> {
    type Row = (i32, Day, i32, Option<Money>, Option<LongText>);
    let rows: Vec<Row> = plan_revisions::table
        .filter(own(tx, plan_revisions::tenant_id))
        .filter(plan_revisions::edition_id.eq(edition))
        .order(plan_revisions::number)
        .select((
            plan_revisions::number,
            plan_revisions::effective_on,
            plan_revisions::places,
            plan_revisions::planned_cost,
            plan_revisions::reason,
        ))
        .load(tx.conn)?;
    let line = |(number, effective_on, places, planned_cost, reason): Row| PlanRevisionLine {
        number,
        effective_on,
        places,
        planned_cost: planned_cost.map(Amount::from),
        reason: reason.map(LongText::into_string),
    };
    Ok(rows.into_iter().map(line).collect())
}

#[derive(Queryable)]
struct Happened {
    kind: String,
    on: Day,
    precision: DatePrecision,
    outcome: Option<ShortText>,
    place: Option<ShortText>,
    participant_count: Option<i32>,
    note: Option<LongText>,
}

/// Who wrote an event down is left out: a report names nobody.
fn events(tx: &mut Tx, edition: Uuid) -> Result<Vec<EventLine>, Problem> {
    let rows: Vec<Happened> = edition_events::table
        .filter(own(tx, edition_events::tenant_id))
        .filter(edition_events::edition_id.eq(edition))
        .order((edition_events::occurred_on, edition_events::id))
        .select((
            edition_events::kind,
            edition_events::occurred_on,
            edition_events::occurred_precision,
            edition_events::outcome,
            edition_events::place,
            edition_events::participant_count,
            edition_events::note,
        ))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(line).collect())
}

fn line(row: Happened) -> EventLine {
    let day = row.on.date();
    let when = match row.precision {
        DatePrecision::Day => polish_day(row.on),
        DatePrecision::Month => day.format("%m.%Y").to_string(),
        DatePrecision::Year => day.format("%Y").to_string(),
        DatePrecision::Derived => format!("{} (wyliczono)", polish_day(row.on)),
    };
    let told = [
        row.outcome.map(ShortText::into_string),
        row.place.map(|place| format!("miejsce: {}", place.as_str())),
        row.participant_count.map(|count| format!("liczba osób: {count}")),
        row.note.map(LongText::into_string),
    ];
    EventLine { when, what: event(&row.kind).to_owned(), text: told.into_iter().flatten().collect::<Vec<_>>().join("; ") }
}
