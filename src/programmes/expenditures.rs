//! Money spent on an edition, by source and kind.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::BUDGET_CORRECTION;
use super::agreements::{ContributionKind, FinancingSource};
use super::budget_lines::supersede_in_edition;
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListExpenditures, RecordExpenditure};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, Money, ShortText};
use crate::schema::expenditures;

/// Money spent, as recorded or corrected.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = expenditures)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "editionId": examples::EDITION, "source": "ESF", "kind": "cash", "purpose": "wynagrodzenie trenera", "spentOn": "2026-06-05",
    "amount": "700.00", "document": "FV/12/2026"
}))]
pub struct ExpenditureBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Edition.
    pub edition_id: Uuid,
    /// Where the money comes from.
    pub source: FinancingSource,
    /// In what form.
    pub kind: ContributionKind,
    /// What it was for.
    pub purpose: ShortText,
    /// Day on which it was spent.
    pub spent_on: Day,
    /// Amount in zł, not negative.
    pub amount: Money,
    /// Number of the bookkeeping document.
    pub document: Option<ShortText>,
    /// Record that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; given with `supersedesId`.
    pub correction_reason: Option<LongText>,
}

/// Money spent.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = expenditures)]
#[serde(rename_all = "camelCase")]
pub struct ExpenditureView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Where the money comes from.
    pub source: FinancingSource,
    /// In what form.
    pub kind: ContributionKind,
    /// What it was for.
    pub purpose: ShortText,
    /// Day on which it was spent.
    pub spent_on: Day,
    /// Amount in zł.
    pub amount: Money,
    /// Number of the bookkeeping document.
    pub document: Option<ShortText>,
    /// Record that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why the earlier record was corrected.
    pub correction_reason: Option<LongText>,
}

impl View for ExpenditureView {}

/// Which records to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ExpenditureFilter {
    /// Money spent on this edition.
    pub edition_id: Option<Uuid>,
    /// Also those that were corrected.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Records money spent on an edition, or a correction.
///
/// It need not stand in a planned line: what was spent without a plan shows as such in the figures.
#[utoipa::path(tag = "expenditures", request_body = ExpenditureBody,
    responses((status = 201, body = ExpenditureView, description = "The record")))]
#[post("/expenditures")]
async fn record_expenditure(permit: Permit<RecordExpenditure>, body: Body<ExpenditureBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("expenditure", body.supersedes_id.into_iter().chain([id]));
            tx.expect_past(body.spent_on, "/spentOn")?;
            supersede_in_edition!(tx, expenditures, body);
            let view: ExpenditureView = diesel::insert_into(expenditures::table)
                .values((body, expenditures::id.eq(id)))
                .returning(ExpenditureView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created(format!("/expenditures?editionId={}", body.edition_id), view))
        })
        .await
}

/// Lists money spent.
#[utoipa::path(tag = "expenditures", params(ExpenditureFilter, PageQuery),
    responses((status = 200, body = Page<ExpenditureView>, description = "A page of records")))]
#[get("/expenditures")]
async fn list_expenditures(permit: Permit<ListExpenditures>, filter: Filter<ExpenditureFilter>) -> Result<Reply, Problem> {
    permit.list(|spent: &ExpenditureView| spent.id, move |tx, window| select_expenditures(tx, window, &filter.0)).await
}

fn select_expenditures(tx: &mut Tx, window: Window, filter: &ExpenditureFilter) -> Result<Vec<ExpenditureView>, Problem> {
    let mut query =
        expenditures::table.filter(own(tx, expenditures::tenant_id)).filter(expenditures::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(expenditures::edition_id.eq(edition));
    }
    if !filter.include_superseded {
        query = query.filter(expenditures::superseded_at.is_null());
    }
    Ok(query.order(expenditures::id).limit(window.rows()).select(ExpenditureView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_expenditure).service(list_expenditures);
}
