//! What the ledger says: hours used and left per week and month.

use actix_web::get;
use chrono::Datelike;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::ledger::whole_week;
use super::rules::Balance;
use crate::participation::sessions::expected::day_or;
use crate::people::expect_person;
use crate::platform::body::Filter;
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::GetPsuLedger;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Hours, IsoWeek, Month, Stored};
use crate::programmes::RegimeParameters;
use crate::schema::{agreements, editions, participations, psu_months, psu_weeks, regimes};

/// Longest span of a ledger, in months.
const MONTHS: i64 = 24;

/// Whose ledger is wanted, and of which time: a week, or the months from one to another.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PsuLedgerFilter {
    /// Person.
    #[param(example = "01900000-0000-7000-8000-000000000021")]
    pub person_id: Uuid,
    /// ISO week, instead of `from` and `to`.
    #[param(inline, example = "2026-W23")]
    pub week: Option<IsoWeek>,
    /// First month.
    #[param(inline)]
    pub from: Option<Month>,
    /// Last month, at most 24 months with the first one.
    #[param(inline)]
    pub to: Option<Month>,
}

/// Hours of one ISO week, over all hosts and editions.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PsuWeekView {
    /// ISO week.
    pub week: IsoWeek,
    /// Hours used.
    pub used_hours: Hours,
    /// Most hours; null where no regime sets a limit.
    pub limit_hours: Option<Hours>,
    /// Hours left; null where there is no limit.
    pub remaining_hours: Option<Hours>,
}

/// Hours of one month under an agreement that sets a cap.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PsuMonthView {
    /// Month.
    pub month: Month,
    /// Agreement that sets the cap.
    pub agreement_id: Uuid,
    /// Hours used.
    pub used_hours: Hours,
    /// Most hours, as the agreement says now; null where it no longer sets a cap.
    pub limit_hours: Option<Hours>,
    /// Hours left, none where the cap was lowered below what is used; null where there is no cap.
    pub remaining_hours: Option<Hours>,
}

/// The ledger of a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PsuLedgerView {
    /// Person.
    pub person_id: Uuid,
    /// Weeks with hours, in order; a week that was asked for by name also without any.
    #[schema(max_items = 200)]
    pub weeks: Vec<PsuWeekView>,
    /// Months with hours under an agreement with a cap, in order.
    #[schema(max_items = 1000)]
    pub months: Vec<PsuMonthView>,
}

impl View for PsuLedgerView {}

/// Reads how many hours of socially useful work a person has used and left.
///
/// Ask for one ISO week, or for the weeks and months from one month to another.
#[utoipa::path(tag = "psu-ledger", params(PsuLedgerFilter), responses((status = 200, body = PsuLedgerView, description = "The ledger")))]
#[get("/psu-ledger")]
async fn get_psu_ledger(permit: Permit<GetPsuLedger>, filter: Filter<PsuLedgerFilter>) -> Result<Reply, Problem> {
    let span = Span::of(&filter.0)?;
    permit.read(move |tx| read_ledger(tx, &filter.0, span)).await
}

/// The weeks and months that are asked for, the ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    weeks: (IsoWeek, IsoWeek),
    months: (Month, Month),
}

impl Span {
    fn of(filter: &PsuLedgerFilter) -> Result<Self, Problem> {
        let refused = |name: &str, pl: &'static str, en: &'static str| Err(invalid_parameter(name, Hint::new(pl, en)));
        match (filter.week, filter.from, filter.to) {
            (Some(week), None, None) => {
                Ok(Self { weeks: (week, week), months: (Month::of(week.monday()), Month::of(week.sunday())) })
            }
            (None, Some(from), Some(to)) if from <= to => {
                let number = |month: Month| i64::from(month.first_day().year()) * 12 + i64::from(month.first_day().month());
                if number(to) - number(from) >= MONTHS {
                    return refused("to", "musi tworzyć z from najwyżej 24 miesiące", "must make at most 24 months with from");
                }
                Ok(Self { weeks: (IsoWeek::of(from.first_day()), IsoWeek::of(to.last_day())), months: (from, to) })
            }
            (None, Some(_), Some(_)) => refused("to", "nie może być przed from", "must not be before from"),
            _ => refused("week", "podaj albo week, albo from i to", "give either week, or from and to"),
        }
    }
}

fn read_ledger(tx: &mut Tx, filter: &PsuLedgerFilter, span: Span) -> Result<PsuLedgerView, Problem> {
    let person = filter.person_id;
    expect_person(tx, person)?;
    let mut weeks: Vec<PsuWeekView> = psu_weeks::table
        .filter(own(tx, psu_weeks::tenant_id))
        .filter(psu_weeks::person_id.eq(person))
        .filter(psu_weeks::week_on.between(span.weeks.0, span.weeks.1))
        .order(psu_weeks::week_on)
        .select((psu_weeks::week_on, psu_weeks::used_minutes, psu_weeks::limit_minutes))
        .load::<(IsoWeek, Hours, Hours)>(tx.conn)?
        .into_iter()
        .map(|(week, used, limit)| week_view(week, Balance { used, limit }))
        .collect();
    if let (Some(week), true) = (filter.week, weeks.is_empty()) {
        weeks.push(unused_week(week, limit_of_week(tx, person, week)?));
    }
    // The cap is the agreement's own: the row keeps the one by which its last entry was accepted.
    let agreement = agreements::tenant_id.eq(psu_months::tenant_id).and(agreements::id.eq(psu_months::agreement_id));
    let months = psu_months::table
        .inner_join(agreements::table.on(agreement))
        .filter(own(tx, psu_months::tenant_id))
        .filter(psu_months::person_id.eq(person))
        .filter(psu_months::month_on.between(span.months.0, span.months.1))
        .order((psu_months::month_on, psu_months::agreement_id))
        .select((psu_months::month_on, psu_months::agreement_id, psu_months::used_minutes, agreements::monthly_cap_minutes))
        .load::<(Month, Uuid, Hours, Option<Hours>)>(tx.conn)?
        .into_iter()
        .map(|(month, agreement, used, cap)| month_view(month, agreement, used, cap))
        .collect();
    Ok(PsuLedgerView { person_id: person, weeks, months })
}

fn week_view(week: IsoWeek, balance: Balance) -> PsuWeekView {
    let limited = balance.limit < whole_week();
    PsuWeekView {
        week,
        used_hours: balance.used,
        limit_hours: limited.then_some(balance.limit),
        remaining_hours: limited.then_some(balance.remaining()),
    }
}

fn unused_week(week: IsoWeek, limit: Option<Hours>) -> PsuWeekView {
    PsuWeekView { week, used_hours: Hours::ZERO, limit_hours: limit, remaining_hours: limit }
}

fn month_view(month: Month, agreement_id: Uuid, used: Hours, cap: Option<Hours>) -> PsuMonthView {
    PsuMonthView {
        month,
        agreement_id,
        used_hours: used,
        limit_hours: cap,
        remaining_hours: cap.map(|limit| Balance { used, limit }.remaining()),
    }
}

/// The tightest limit of the regimes under which the person takes part in the week.
fn limit_of_week(tx: &mut Tx, person: Uuid, week: IsoWeek) -> Result<Option<Hours>, Problem> {
    let edition = editions::tenant_id.eq(participations::tenant_id).and(editions::id.eq(participations::edition_id));
    let agreement = agreements::tenant_id.eq(editions::tenant_id).and(agreements::id.eq(editions::agreement_id));
    let regime = regimes::tenant_id.eq(agreements::regime_tenant_id).and(regimes::id.eq(agreements::regime_id));
    let regimes: Vec<Stored<RegimeParameters>> = participations::table
        .inner_join(editions::table.on(edition))
        .inner_join(agreements::table.on(agreement))
        .inner_join(regimes::table.on(regime))
        .filter(own(tx, participations::tenant_id))
        .filter(participations::person_id.eq(person))
        .filter(participations::starts_on.le(week.sunday()))
        .filter(day_or(participations::ended_on, participations::planned_end_on).ge(week.monday()))
        .select(regimes::parameters)
        .load(tx.conn)?;
    Ok(regimes.into_iter().filter_map(|regime| regime.0.psu_weekly_limit).min())
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_psu_ledger);
}
