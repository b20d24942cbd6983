//! Lowest benefits of an hour of socially useful work (art. 73a(3) of the Act of 20 April 2004), by the day of work.
//!
//! The built-in ones belong to the nil tenant. A town's administrator adds
//! what comes later, or enters a town's own reading of a disputed one, which
//! takes its place in that town. A rate is never changed: a correction supersedes it.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::RATE_CORRECTION;
use super::benefit_rates::{MinimumRate, MinimumRates};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateMinimumRate, GetMinimumRate, ListMinimumRates};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, Money, text_enum};
use crate::schema::minimum_rates;

/// Tenant of the built-in rates.
const BUILT_IN: Uuid = Uuid::nil();

text_enum! {
    /// How the amount of a minimum is known.
    pub enum RateStanding {
        /// Read in the source that is named.
        Verified = "verified",
        /// Calculated by the rule of indexation, or another reading.
        Interpreted = "interpreted",
        /// Offices read the law differently.
        Disputed = "disputed",
    }
}

/// A minimum, as entered; or a correction of an earlier one of the town's own.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = minimum_rates)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "from": "2027-06-01", "hourlyRate": "13.10", "standing": "verified",
    "legalSource": "obwieszczenie o wysokości świadczenia za prace społecznie użyteczne"
}))]
pub struct MinimumRateBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// First day of work that it is for; where a built-in one begins on that day, it takes its place in the town.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Lowest benefit per hour, in zł.
    pub hourly_rate: Money,
    /// How the amount is known.
    pub standing: RateStanding,
    /// Act, article or announcement that sets it.
    pub legal_source: LongText,
    /// Rate of the town's own that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// A minimum.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = minimum_rates)]
#[serde(rename_all = "camelCase")]
pub struct MinimumRateView {
    /// Id.
    pub id: Uuid,
    /// Whether the service brings it along; all others are the tenant's own.
    #[diesel(
        select_expression = minimum_rates::tenant_id.eq(BUILT_IN),
        select_expression_type = diesel::dsl::Eq<minimum_rates::tenant_id, Uuid>
    )]
    pub built_in: bool,
    /// First day of work that it is for; it holds until the next one begins.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Lowest benefit per hour, in zł.
    pub hourly_rate: Money,
    /// How the amount is known.
    pub standing: RateStanding,
    /// Act, article or announcement that sets it.
    pub legal_source: LongText,
    /// Rate that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
}

impl View for MinimumRateView {}

/// Which minimums.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct MinimumRateFilter {
    /// Only the one that holds for work on this day.
    #[param(inline, example = "2026-06-03")]
    effective_on: Option<Day>,
    /// Also those that a correction, or a rate of the town's own, has replaced.
    #[param(default = false)]
    include_superseded: Option<bool>,
}

/// Enters a minimum of the town's own, or corrects one.
///
/// A rate holds from its day until the next one begins. What was agreed or
/// settled before stays; whoever settles again is told where a rate is too low.
#[utoipa::path(tag = "minimum-rates", request_body = MinimumRateBody,
    responses((status = 201, body = MinimumRateView, description = "The rate")))]
#[post("/minimum-rates")]
async fn create_minimum_rate(permit: Permit<CreateMinimumRate>, body: Body<MinimumRateBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("minimumRate", [id]);
            if body.supersedes_id.is_some() != body.correction_reason.is_some() {
                return Err(RATE_CORRECTION.at("/correctionReason"));
            }
            refuse_built_in_id(tx, id)?;
            if let Some(earlier) = body.supersedes_id {
                supersede(tx, earlier)?;
            }
            let view: MinimumRateView = diesel::insert_into(minimum_rates::table)
                .values((body, minimum_rates::id.eq(id)))
                .returning(MinimumRateView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created(format!("/minimum-rates/{id}"), view))
        })
        .await
}

/// Lists the minimums: the built-in ones and the town's own.
#[utoipa::path(tag = "minimum-rates", params(MinimumRateFilter, PageQuery),
    responses((status = 200, body = Page<MinimumRateView>, description = "A page of rates")))]
#[get("/minimum-rates")]
async fn list_minimum_rates(permit: Permit<ListMinimumRates>, filter: Filter<MinimumRateFilter>) -> Result<Reply, Problem> {
    permit.list(|rate: &MinimumRateView| rate.id, move |tx, window| select_rates(tx, filter.0, window)).await
}

/// Reads a minimum.
#[utoipa::path(tag = "minimum-rates", params(("id" = Uuid, Path, description = "Rate")),
    responses((status = 200, body = MinimumRateView, description = "The rate")))]
#[get("/minimum-rates/{id}")]
async fn get_minimum_rate(permit: Permit<GetMinimumRate>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            Ok(minimum_rates::table
                .filter(own(tx, minimum_rates::tenant_id).or(minimum_rates::tenant_id.eq(BUILT_IN)))
                .filter(minimum_rates::id.eq(id.0))
                .select(MinimumRateView::as_select())
                .first(tx.conn)?)
        })
        .await
}

/// A rate of one's own must not pass for a built-in one.
fn refuse_built_in_id(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let taken: i64 = minimum_rates::table
        .filter(minimum_rates::tenant_id.eq(BUILT_IN))
        .filter(minimum_rates::id.eq(id))
        .count()
        .get_result(tx.conn)?;
    if taken == 0 { Ok(()) } else { Err(catalogue::ID_TAKEN.at("/id")) }
}

fn supersede(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let rate = minimum_rates::table.filter(own(tx, minimum_rates::tenant_id)).filter(minimum_rates::id.eq(id));
    let marked = diesel::update(rate.filter(minimum_rates::superseded_at.is_null()))
        .set(minimum_rates::superseded_at.eq(tx.now()))
        .execute(tx.conn)?;
    if marked == 1 {
        return Ok(());
    }
    let known: i64 = rate.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

fn select_rates(tx: &mut Tx, filter: MinimumRateFilter, window: Window) -> Result<Vec<MinimumRateView>, Problem> {
    let all = filter.include_superseded == Some(true) && filter.effective_on.is_none();
    let mut rates: Vec<MinimumRateView> = minimum_rates::table
        .filter(own(tx, minimum_rates::tenant_id).or(minimum_rates::tenant_id.eq(BUILT_IN)))
        .order(minimum_rates::id)
        .select(MinimumRateView::as_select())
        .load(tx.conn)?;
    if !all {
        let replaced = replaced_days(&rates);
        rates.retain(|rate| rate.superseded_at.is_none() && !(rate.built_in && replaced.contains(&rate.from)));
    }
    if let Some(day) = filter.effective_on {
        let from = rates.iter().map(|rate| rate.from).filter(|from| *from <= day).max();
        rates.retain(|rate| Some(rate.from) == from);
    }
    let most = usize::try_from(window.rows()).unwrap_or_default();
    Ok(rates.into_iter().filter(|rate| rate.id > window.after).take(most).collect())
}

/// The days from which a rate of the town's own stands in the place of a built-in one.
fn replaced_days(rates: &[MinimumRateView]) -> Vec<Day> {
    rates.iter().filter(|rate| !rate.built_in && rate.superseded_at.is_none()).map(|rate| rate.from).collect()
}

/// The minimums that hold in the town.
pub(super) fn current_minimums(tx: &mut Tx) -> Result<MinimumRates, Problem> {
    let rows: Vec<(bool, MinimumRate)> = minimum_rates::table
        .filter(own(tx, minimum_rates::tenant_id).or(minimum_rates::tenant_id.eq(BUILT_IN)))
        .filter(minimum_rates::superseded_at.is_null())
        .select((
            minimum_rates::tenant_id.eq(BUILT_IN),
            (minimum_rates::valid_from_on, minimum_rates::hourly_rate, minimum_rates::legal_source),
        ))
        .load(tx.conn)?;
    let replaced: Vec<Day> = rows.iter().filter(|(built_in, _)| !built_in).map(|(_, rate)| rate.from).collect();
    let in_force = rows.into_iter().filter(|(built_in, rate)| !(*built_in && replaced.contains(&rate.from)));
    Ok(MinimumRates::new(in_force.map(|(_, rate)| rate).collect()))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_minimum_rate).service(list_minimum_rates).service(get_minimum_rate);
}
