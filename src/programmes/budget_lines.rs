//! Planned money of an edition by source and kind (art. 62a(7)(4), 62c): the labour fund and the minister's
//! reserve, the municipality, the European Social Fund, own contribution; in money or as benefits to participants.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::BUDGET_CORRECTION;
use super::agreements::{ContributionKind, FinancingSource};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListBudgetLines, RecordBudgetLine};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{LongText, Money, ShortText};
use crate::schema::budget_lines;

/// A line of the budget, as recorded or corrected.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = budget_lines)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "editionId": examples::EDITION, "source": "OWN", "kind": "benefits", "purpose": "zasiłki celowe dla uczestników",
    "planned": "1200.00"
}))]
pub struct BudgetLineBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Edition.
    pub edition_id: Uuid,
    /// Where the money comes from.
    pub source: FinancingSource,
    /// In what form.
    pub kind: ContributionKind,
    /// What it is for.
    pub purpose: ShortText,
    /// Planned amount in zł, not negative.
    pub planned: Money,
    /// Line that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; given with `supersedesId`.
    pub correction_reason: Option<LongText>,
}

/// A line of the budget.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = budget_lines)]
#[serde(rename_all = "camelCase")]
pub struct BudgetLineView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Where the money comes from.
    pub source: FinancingSource,
    /// In what form.
    pub kind: ContributionKind,
    /// What it is for.
    pub purpose: ShortText,
    /// Planned amount in zł.
    pub planned: Money,
    /// Line that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why the earlier line was corrected.
    pub correction_reason: Option<LongText>,
}

impl View for BudgetLineView {}

/// Which lines to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct BudgetLineFilter {
    /// Lines of this edition.
    pub edition_id: Option<Uuid>,
    /// Also those that were corrected.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Marks the earlier record of the same edition superseded, under its row lock.
macro_rules! supersede_in_edition {
    ($tx:expr, $table:ident, $body:expr) => {
        match ($body.supersedes_id, &$body.correction_reason) {
            (None, None) => {}
            (Some(_), None) => return Err(BUDGET_CORRECTION.at("/correctionReason")),
            (None, Some(_)) => return Err(BUDGET_CORRECTION.at("/supersedesId")),
            (Some(earlier), Some(_)) => {
                let found: Option<(Uuid, Option<DateTime<Utc>>)> = $table::table
                    .filter(own($tx, $table::tenant_id))
                    .filter($table::id.eq(earlier))
                    .select(($table::edition_id, $table::superseded_at))
                    .for_update()
                    .first($tx.conn)
                    .optional()?;
                match found {
                    Some((edition, None)) if edition == $body.edition_id => {}
                    Some((edition, Some(_))) if edition == $body.edition_id => {
                        return Err(catalogue::ALREADY_SUPERSEDED.at("/supersedesId"));
                    }
                    _ => return Err(catalogue::REFERENCE_NOT_FOUND.at("/supersedesId")),
                }
                let now = $tx.now();
                diesel::update($table::table.filter(own($tx, $table::tenant_id)).filter($table::id.eq(earlier)))
                    .set($table::superseded_at.eq(now))
                    .execute($tx.conn)?;
            }
        }
    };
}
pub(super) use supersede_in_edition;

/// Records a planned line of the budget of an edition, or a correction of one.
///
/// An edition has one current line of each source, kind and purpose.
#[utoipa::path(tag = "budget-lines", request_body = BudgetLineBody,
    responses((status = 201, body = BudgetLineView, description = "The line")))]
#[post("/budget-lines")]
async fn record_budget_line(permit: Permit<RecordBudgetLine>, body: Body<BudgetLineBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("budget_line", body.supersedes_id.into_iter().chain([id]));
            supersede_in_edition!(tx, budget_lines, body);
            let view: BudgetLineView = diesel::insert_into(budget_lines::table)
                .values((body, budget_lines::id.eq(id)))
                .returning(BudgetLineView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created(format!("/budget-lines?editionId={}", body.edition_id), view))
        })
        .await
}

/// Lists the planned lines of budgets.
#[utoipa::path(tag = "budget-lines", params(BudgetLineFilter, PageQuery),
    responses((status = 200, body = Page<BudgetLineView>, description = "A page of lines")))]
#[get("/budget-lines")]
async fn list_budget_lines(permit: Permit<ListBudgetLines>, filter: Filter<BudgetLineFilter>) -> Result<Reply, Problem> {
    permit.list(|line: &BudgetLineView| line.id, move |tx, window| select_budget_lines(tx, window, &filter.0)).await
}

fn select_budget_lines(tx: &mut Tx, window: Window, filter: &BudgetLineFilter) -> Result<Vec<BudgetLineView>, Problem> {
    let mut query =
        budget_lines::table.filter(own(tx, budget_lines::tenant_id)).filter(budget_lines::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(budget_lines::edition_id.eq(edition));
    }
    if !filter.include_superseded {
        query = query.filter(budget_lines::superseded_at.is_null());
    }
    Ok(query.order(budget_lines::id).limit(window.rows()).select(BudgetLineView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_budget_line).service(list_budget_lines);
}
