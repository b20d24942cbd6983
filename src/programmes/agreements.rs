//! Agreements (Polish: porozumienia) with the parts of art. 62a(7), (11), (12)
//! of the Act of 20 April 2004 and section 3 of the regulation of 21 December
//! 2017. The regime hangs on the agreement, and with it every rule.

mod terms;

pub(super) use terms::ContributionKind;
pub use terms::{EffectTarget, ExpectedEffect, FinancingSource, Measures};

use actix_web::web::Data;
use actix_web::{get, post, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::AGREEMENT_FIXED;
use super::agreement_rates::expect_minimum;
use super::regimes::find_referred_regime;
use crate::platform::body::{Body, PathId, same_id};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateAgreement, GetAgreement, ListAgreements, UpdateAgreement};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, Hours, LongText, Money, Percent, ShortText, Stored, between};
use crate::schema::agreements;
use terms::{AgreementKind, FinancingLine, check_terms, signing};

/// An agreement, as created or replaced.
#[derive(Debug, Deserialize, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = agreements, treat_none_as_null = true)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "kind": "implementation", "number": "1/2020", "signedOn": "2020-07-22", "regimeId": examples::REGIME,
    "partnerId": examples::PARTNER, "peopleCount": 10,
    "selectionCriteria": "bezrobotni bez prawa do zasiłku, korzystający z pomocy społecznej",
    "integrationActivities": "grupowe poradnictwo specjalistyczne",
    "periodFrom": "2020-08-01", "periodTo": "2020-12-31",
    "expectedEffects": [{ "code": "motivation", "text": "większa motywacja do zmian", "measure": "arkusze samooceny", "target": "1" }],
    "financing": [{ "source": "FP", "kind": "cash", "amount": "4176.00" }],
    "refundPercent": "60.00", "hourlyBenefit": "8.70", "monthlyCap": "40.00"
}))]
pub struct AgreementBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion, skip_update)]
    pub id: Option<Uuid>,
    /// What is agreed on; never changes.
    #[diesel(skip_update)]
    pub kind: AgreementKind,
    /// Number at the office that keeps it.
    pub number: Option<ShortText>,
    /// Day of signing, from 1990 on and at most a year ahead; where it is not known, `periodFrom` takes its place and the precision is `derived`.
    #[diesel(skip_insertion, skip_update)]
    pub signed_on: Option<Day>,
    /// How exactly the day of signing is known; `day` unless stated otherwise.
    #[diesel(skip_insertion, skip_update)]
    pub signed_precision: Option<DatePrecision>,
    /// Regime, built in or the tenant's own; never changes.
    #[diesel(skip_update)]
    pub regime_id: Uuid,
    /// Institution on the other side.
    pub institution_id: Option<Uuid>,
    /// Partner on the other side.
    pub partner_id: Option<Uuid>,
    /// Criteria by which participants are selected.
    pub selection_criteria: Option<LongText>,
    /// Number of people.
    #[serde(default, deserialize_with = "between::<1, 100_000, _, _>")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub people_count: Option<i32>,
    /// Integration activities.
    pub integration_activities: Option<LongText>,
    /// First day of the agreed period.
    #[diesel(column_name = period_from_on)]
    pub period_from: Option<Day>,
    /// Last day of the agreed period.
    #[diesel(column_name = period_to_on)]
    pub period_to: Option<Day>,
    /// Expected effects with their measures.
    #[serde(default, deserialize_with = "terms::effects")]
    #[schema(value_type = Vec<ExpectedEffect>, max_items = 50)]
    pub expected_effects: Stored<Vec<ExpectedEffect>>,
    /// Amounts and sources of financing.
    #[serde(default, deserialize_with = "terms::lines")]
    #[schema(value_type = Vec<FinancingLine>, max_items = 50)]
    pub financing: Stored<Vec<FinancingLine>>,
    /// Way of control and scope of monitoring.
    pub control_and_monitoring: Option<LongText>,
    /// Share of the minimum benefit that is refunded.
    pub refund_percent: Option<Percent>,
    /// The same for work done for carers of disabled persons.
    pub refund_percent_carers: Option<Percent>,
    /// Benefit per hour of socially useful work, in zł.
    pub hourly_benefit: Option<Money>,
    /// Hours of socially useful work in total.
    #[diesel(column_name = total_minutes)]
    pub total_hours: Option<Hours>,
    /// Most hours of socially useful work of a person in a calendar month.
    #[diesel(column_name = monthly_cap_minutes)]
    pub monthly_cap: Option<Hours>,
    /// Duties to inform of absence or refusal.
    pub information_duties: Option<LongText>,
}

/// An agreement.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = agreements)]
#[serde(rename_all = "camelCase")]
pub struct AgreementView {
    /// Id.
    pub id: Uuid,
    /// What is agreed on.
    pub kind: AgreementKind,
    /// Number at the office that keeps it.
    pub number: Option<ShortText>,
    /// Day of signing.
    pub signed_on: Day,
    /// How exactly the day of signing is known.
    pub signed_precision: DatePrecision,
    /// Regime, built in or the tenant's own.
    pub regime_id: Uuid,
    /// Institution on the other side.
    pub institution_id: Option<Uuid>,
    /// Partner on the other side.
    pub partner_id: Option<Uuid>,
    /// Criteria by which participants are selected.
    pub selection_criteria: Option<LongText>,
    /// Number of people.
    #[schema(minimum = 1, maximum = 100_000)]
    pub people_count: Option<i32>,
    /// Integration activities.
    pub integration_activities: Option<LongText>,
    /// First day of the agreed period.
    #[diesel(column_name = period_from_on)]
    pub period_from: Option<Day>,
    /// Last day of the agreed period.
    #[diesel(column_name = period_to_on)]
    pub period_to: Option<Day>,
    /// Expected effects with their measures.
    #[schema(value_type = Vec<ExpectedEffect>, max_items = 50)]
    pub expected_effects: Stored<Vec<ExpectedEffect>>,
    /// Amounts and sources of financing.
    #[schema(value_type = Vec<FinancingLine>, max_items = 50)]
    pub financing: Stored<Vec<FinancingLine>>,
    /// Way of control and scope of monitoring.
    pub control_and_monitoring: Option<LongText>,
    /// Share of the minimum benefit that is refunded.
    pub refund_percent: Option<Percent>,
    /// The same for work done for carers of disabled persons.
    pub refund_percent_carers: Option<Percent>,
    /// Benefit per hour of socially useful work, in zł.
    pub hourly_benefit: Option<Money>,
    /// Hours of socially useful work in total.
    #[diesel(column_name = total_minutes)]
    pub total_hours: Option<Hours>,
    /// Most hours of socially useful work of a person in a calendar month.
    #[diesel(column_name = monthly_cap_minutes)]
    pub monthly_cap: Option<Hours>,
    /// Duties to inform of absence or refusal.
    pub information_duties: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for AgreementView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// Enters an agreement.
///
/// Without `signedOn` the day is derived from `periodFrom`, and marked so.
/// The regime is chosen once: what was agreed under it stays under it.
#[utoipa::path(tag = "agreements", request_body = AgreementBody, responses((status = 201, body = AgreementView, description = "The agreement")))]
#[post("/agreements")]
async fn create_agreement(
    permit: Permit<CreateAgreement>,
    body: Body<AgreementBody>,
    measures: Data<Measures>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("agreement", [id]);
            let (regime_tenant, regime) = find_referred_regime(tx, body.regime_id)?;
            check_terms(body, &regime, **measures)?;
            check_hourly_benefit(tx, body)?;
            let view = insert_agreement(tx, id, regime_tenant, body)?;
            Ok(Written::created(format!("/agreements/{id}"), view))
        })
        .await
}

/// Lists the agreements.
#[utoipa::path(tag = "agreements", params(PageQuery), responses((status = 200, body = Page<AgreementView>, description = "A page of agreements")))]
#[get("/agreements")]
async fn list_agreements(permit: Permit<ListAgreements>) -> Result<Reply, Problem> {
    permit.list(|agreement: &AgreementView| agreement.id, select_agreements).await
}

/// Reads an agreement.
#[utoipa::path(tag = "agreements", params(("id" = Uuid, Path, description = "Agreement")), responses((status = 200, body = AgreementView, description = "The agreement")))]
#[get("/agreements/{id}")]
async fn get_agreement(permit: Permit<GetAgreement>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_agreement(tx, id.0)).await
}

/// Replaces what is known of an agreement.
///
/// Kind and regime have to be the ones that it has.
#[utoipa::path(tag = "agreements", request_body = AgreementBody, params(("id" = Uuid, Path, description = "Agreement")), responses((status = 200, body = AgreementView, description = "The agreement as it is now")))]
#[put("/agreements/{id}")]
async fn update_agreement(
    permit: Permit<UpdateAgreement>,
    id: PathId,
    body: Body<AgreementBody>,
    measures: Data<Measures>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("agreement", [id.0]);
            let (current, kind, regime_id) = lock_agreement(tx, id.0)?;
            tx.expect_version(current)?;
            same_id(id.0, body.id)?;
            if body.kind != kind {
                return Err(AGREEMENT_FIXED.at("/kind"));
            }
            if body.regime_id != regime_id {
                return Err(AGREEMENT_FIXED.at("/regimeId"));
            }
            let (_, regime) = find_referred_regime(tx, regime_id)?;
            check_terms(body, &regime, **measures)?;
            check_hourly_benefit(tx, body)?;
            Ok(Written::changed(change_agreement(tx, id.0, body)?))
        })
        .await
}

/// The benefit per hour must reach the minimum on every day of the agreed period, or on its first where it has no last.
fn check_hourly_benefit(tx: &mut Tx, body: &AgreementBody) -> Result<(), Problem> {
    let positive = body.hourly_benefit.filter(|benefit| !benefit.is_negative());
    let (Some(benefit), Some(from)) = (positive, body.period_from) else { return Ok(()) };
    expect_minimum(tx, benefit, (from, body.period_to.or(Some(from))), "/hourlyBenefit")
}

fn insert_agreement(tx: &mut Tx, id: Uuid, regime_tenant: Uuid, body: &AgreementBody) -> Result<AgreementView, Problem> {
    let (signed_on, precision) = signing(tx, body)?;
    Ok(diesel::insert_into(agreements::table)
        .values((
            body,
            agreements::id.eq(id),
            agreements::regime_tenant_id.eq(regime_tenant),
            agreements::signed_on.eq(signed_on),
            agreements::signed_precision.eq(precision),
        ))
        .returning(AgreementView::as_returning())
        .get_result(tx.conn)?)
}

fn select_agreements(tx: &mut Tx, window: Window) -> Result<Vec<AgreementView>, Problem> {
    Ok(agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.gt(window.after))
        .order(agreements::id)
        .limit(window.rows())
        .select(AgreementView::as_select())
        .load(tx.conn)?)
}

fn find_agreement(tx: &mut Tx, id: Uuid) -> Result<AgreementView, Problem> {
    Ok(agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(id))
        .select(AgreementView::as_select())
        .first(tx.conn)?)
}

fn lock_agreement(tx: &mut Tx, id: Uuid) -> Result<(i32, AgreementKind, Uuid), Problem> {
    Ok(agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(id))
        .select((agreements::row_version, agreements::kind, agreements::regime_id))
        .for_update()
        .first(tx.conn)?)
}

fn change_agreement(tx: &mut Tx, id: Uuid, body: &AgreementBody) -> Result<AgreementView, Problem> {
    let (signed_on, precision) = signing(tx, body)?;
    Ok(diesel::update(agreements::table.filter(own(tx, agreements::tenant_id)).filter(agreements::id.eq(id)))
        .set((body, agreements::signed_on.eq(signed_on), agreements::signed_precision.eq(precision)))
        .returning(AgreementView::as_returning())
        .get_result(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_agreement).service(list_agreements).service(get_agreement).service(update_agreement);
}
