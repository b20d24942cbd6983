//! What an agreement agrees on for an hour of socially useful work: benefit and refund, by kind of work and day.
//!
//! The office that keeps the register sets the benefit regarding the kind of
//! work (regulation of 21 December 2017, section 6), the agreement the refund
//! (section 3(1)(6)). A rate below the minimum of any day that it covers is
//! refused, so one that a rise of the minimum would overtake ends before that
//! day, or is left open to follow the minimum.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::minimum_rates::current_minimums;
use super::regime_parameters::RegimeParameters;
use super::{RATE_BELOW_MINIMUM, RATE_CORRECTION, RATE_OVERLAP, REFUND_BASIS_MISSING, REFUND_OVER_CAP};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListAgreementRates, RecordAgreementRate};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, Money, Percent, ShortText, Stored, folded};
use crate::schema::{agreement_rates, agreements, regimes};

/// A rate, as agreed; or a correction of an earlier one.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = agreement_rates)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "kindOfWork": "opieka nad osobą zależną", "forCarers": true, "from": "2026-06-01", "to": "2026-06-30",
    "hourlyRate": "15.00", "refundPercent": "100.00",
    "refundBasis": "prace na rzecz opiekunów osób niepełnosprawnych, § 3 porozumienia"
}))]
pub struct AgreementRateBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Kind of work, as entries of the register name it; left out, the rate is for all kinds without one of their own.
    pub kind_of_work: Option<ShortText>,
    /// Whether the work is done for carers of disabled persons.
    #[serde(default)]
    pub for_carers: bool,
    /// First day of work.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day of work; open where no end is set.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Benefit per hour, in zł; left out, it is the minimum of each day.
    pub hourly_rate: Option<Money>,
    /// Share of the minimum that the labour office refunds; left out, it is that of the agreement.
    pub refund_percent: Option<Percent>,
    /// What a refund above the usual cap rests on.
    pub refund_basis: Option<LongText>,
    /// Rate that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// A rate.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = agreement_rates)]
#[serde(rename_all = "camelCase")]
pub struct AgreementRateView {
    /// Id.
    pub id: Uuid,
    /// Agreement.
    pub agreement_id: Uuid,
    /// Kind of work; `null` where the rate is for all kinds without one of their own.
    pub kind_of_work: Option<ShortText>,
    /// Whether the work is done for carers of disabled persons.
    pub for_carers: bool,
    /// First day of work.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day of work.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Benefit per hour, in zł; `null` is the minimum of each day.
    pub hourly_rate: Option<Money>,
    /// Share of the minimum that the labour office refunds; `null` is that of the agreement.
    pub refund_percent: Option<Percent>,
    /// What a refund above the usual cap rests on.
    pub refund_basis: Option<LongText>,
    /// Rate that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
}

impl View for AgreementRateView {}

/// Which rates.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct AgreementRateFilter {
    /// For work on this day.
    #[param(inline)]
    effective_on: Option<Day>,
    /// Also those that a correction has replaced.
    #[param(default = false)]
    include_superseded: Option<bool>,
}

/// What an agreement and its regime say about rates.
#[derive(Queryable)]
struct Terms {
    period_to: Option<Day>,
    regime: Stored<RegimeParameters>,
}

/// Records a rate of an agreement, or corrects one.
///
/// An hourly rate must reach the minimum on every day that it covers, as far as
/// minimums are known; the refusal names the minimum, its first day and its
/// source. End such a rate before that day and agree on the next, or leave
/// `hourlyRate` out. The end of a rate is a correction with `to`.
#[utoipa::path(tag = "agreements", request_body = AgreementRateBody, params(("id" = Uuid, Path, description = "Agreement")),
    responses((status = 201, body = AgreementRateView, description = "The rate")))]
#[post("/agreements/{id}/rates")]
async fn record_agreement_rate(
    permit: Permit<RecordAgreementRate>,
    agreement: PathId,
    body: Body<AgreementRateBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("agreement", [agreement.0, id]);
            if body.supersedes_id.is_some() != body.correction_reason.is_some() {
                return Err(RATE_CORRECTION.at("/correctionReason"));
            }
            let terms = lock_terms(tx, agreement.0)?;
            check_refund(body, &terms.regime.0)?;
            check_minimum(tx, body, terms.period_to)?;
            if let Some(earlier) = body.supersedes_id {
                supersede(tx, agreement.0, earlier)?;
            }
            refuse_overlap(tx, agreement.0, body)?;
            let view: AgreementRateView = diesel::insert_into(agreement_rates::table)
                .values((body, agreement_rates::id.eq(id), agreement_rates::agreement_id.eq(agreement.0)))
                .returning(AgreementRateView::as_returning())
                .get_result(tx.conn)?;
            tx.announce("agreement", agreement.0, "agreement.rate_recorded", json!({ "agreementId": agreement.0, "rateId": id }));
            Ok(Written::created(format!("/agreements/{}/rates", agreement.0), view))
        })
        .await
}

/// Lists the rates of an agreement.
#[utoipa::path(tag = "agreements", params(("id" = Uuid, Path, description = "Agreement"), AgreementRateFilter, PageQuery),
    responses((status = 200, body = Page<AgreementRateView>, description = "A page of rates")))]
#[get("/agreements/{id}/rates")]
async fn list_agreement_rates(
    permit: Permit<ListAgreementRates>,
    agreement: PathId,
    filter: Filter<AgreementRateFilter>,
) -> Result<Reply, Problem> {
    permit.list(|rate: &AgreementRateView| rate.id, move |tx, window| select_rates(tx, agreement.0, filter.0, window)).await
}

/// Reads the terms; rates of one agreement follow one another.
fn lock_terms(tx: &mut Tx, agreement: Uuid) -> Result<Terms, Problem> {
    let _: Uuid = agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(agreement))
        .select(agreements::id)
        .for_no_key_update()
        .first(tx.conn)?;
    let regime = regimes::tenant_id.eq(agreements::regime_tenant_id).and(regimes::id.eq(agreements::regime_id));
    Ok(agreements::table
        .inner_join(regimes::table.on(regime))
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(agreement))
        .select((agreements::period_to_on, regimes::parameters))
        .first(tx.conn)?)
}

/// Above the usual cap a refund is for carers only, within their cap, and says what it rests on.
fn check_refund(body: &AgreementRateBody, regime: &RegimeParameters) -> Result<(), Problem> {
    let Some(refund) = body.refund_percent else { return Ok(()) };
    let cap = if body.for_carers { regime.refund_percent_cap_carers } else { regime.refund_percent_cap };
    if let Some(cap) = cap.filter(|cap| refund > *cap) {
        return Err(REFUND_OVER_CAP.at("/refundPercent").with("cap", cap.to_string()));
    }
    let is_unusual = regime.refund_percent_cap.is_some_and(|usual| refund > usual);
    if is_unusual && body.refund_basis.is_none() { Err(REFUND_BASIS_MISSING.at("/refundBasis")) } else { Ok(()) }
}

fn check_minimum(tx: &mut Tx, body: &AgreementRateBody, period_to: Option<Day>) -> Result<(), Problem> {
    let Some(hourly_rate) = body.hourly_rate else { return Ok(()) };
    // What is agreed ends with the agreement.
    let last = [body.to, period_to].into_iter().flatten().min();
    expect_minimum(tx, hourly_rate, (body.from, last), "/hourlyRate")
}

/// Refuses an hourly rate below the minimum of any of its days; `pointer` is where the body says it.
///
/// # Errors
/// `programmes.rate_below_minimum` with the minimum, its first day and its source.
pub(super) fn expect_minimum(
    tx: &mut Tx,
    hourly_rate: Money,
    (from, to): (Day, Option<Day>),
    pointer: &str,
) -> Result<(), Problem> {
    match current_minimums(tx)?.above(hourly_rate, from, to) {
        None => Ok(()),
        Some(minimum) => Err(RATE_BELOW_MINIMUM
            .at(pointer)
            .with("minimum", minimum.hourly_rate.to_string())
            .with("minimumFrom", minimum.from.to_string())
            .with("legalSource", minimum.legal_source.as_str())),
    }
}

/// Two spellings of one kind of work are one kind; the store compares them letter by letter.
fn refuse_overlap(tx: &mut Tx, agreement: Uuid, body: &AgreementRateBody) -> Result<(), Problem> {
    let rates: Vec<(Option<ShortText>, Day, Option<Day>)> = agreement_rates::table
        .filter(own(tx, agreement_rates::tenant_id))
        .filter(agreement_rates::agreement_id.eq(agreement))
        .filter(agreement_rates::superseded_at.is_null())
        .select((agreement_rates::kind_of_work, agreement_rates::valid_from_on, agreement_rates::valid_to_on))
        .load(tx.conn)?;
    let spelled = |kind: &Option<ShortText>| kind.as_ref().map(|kind| folded(kind.as_str()));
    let wanted = spelled(&body.kind_of_work);
    let overlaps = |from: Day, to: Option<Day>| body.to.is_none_or(|last| from <= last) && to.is_none_or(|to| body.from <= to);
    let taken = rates.iter().any(|(kind, from, to)| spelled(kind) == wanted && overlaps(*from, *to));
    if taken { Err(RATE_OVERLAP.at("/from")) } else { Ok(()) }
}

fn supersede(tx: &mut Tx, agreement: Uuid, id: Uuid) -> Result<(), Problem> {
    let rate = agreement_rates::table
        .filter(own(tx, agreement_rates::tenant_id))
        .filter(agreement_rates::agreement_id.eq(agreement))
        .filter(agreement_rates::id.eq(id));
    let marked = diesel::update(rate.filter(agreement_rates::superseded_at.is_null()))
        .set(agreement_rates::superseded_at.eq(tx.now()))
        .execute(tx.conn)?;
    if marked == 1 {
        return Ok(());
    }
    let known: i64 = rate.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

fn select_rates(
    tx: &mut Tx,
    agreement: Uuid,
    filter: AgreementRateFilter,
    window: Window,
) -> Result<Vec<AgreementRateView>, Problem> {
    let _: Uuid = agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(agreement))
        .select(agreements::id)
        .first(tx.conn)?;
    let mut query = agreement_rates::table
        .filter(own(tx, agreement_rates::tenant_id))
        .filter(agreement_rates::agreement_id.eq(agreement))
        .filter(agreement_rates::id.gt(window.after))
        .into_boxed();
    if let Some(day) = filter.effective_on {
        query = query
            .filter(agreement_rates::valid_from_on.le(day))
            .filter(agreement_rates::valid_to_on.is_null().or(agreement_rates::valid_to_on.ge(day)));
    }
    if filter.include_superseded != Some(true) {
        query = query.filter(agreement_rates::superseded_at.is_null());
    }
    Ok(query.order(agreement_rates::id).limit(window.rows()).select(AgreementRateView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_agreement_rate).service(list_agreement_rates);
}
