//! Settlements of socially useful work, month by month (Polish: rozliczenie prac społecznie użytecznych).
//!
//! Per person and rate: hours, the benefit (art. 73a(3) of the Act of 20 April
//! 2004), the refund of the labour office as a share of the *minimum* benefit
//! (art. 73a(5)) and what the municipality pays itself; with control totals, a
//! payroll list and a refund claim. Only recorded work is paid (art. 73a(4)).
//!
//! States: draft → approved, or draft → withdrawn. An approved settlement never
//! changes, and its document is kept byte by byte. What is recorded or
//! corrected afterwards becomes a correction: a settlement of the differences.
//! It pays nobody and sends nothing.

pub mod account;
mod approval;
mod claims;
mod cover;
mod drafting;
mod lines;
mod payroll;
pub mod reckoning;
mod register;
mod store;
mod views;

use actix_web::get;
use diesel::prelude::*;

use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetSettlement, ListSettlements};
use crate::platform::problem::Problem;
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::schema::settlements;
use store::find_settlement;
pub use views::SettlementState;
use views::{SettlementFilter, SettlementView};

/// Lists settlements and their corrections.
#[utoipa::path(tag = "settlements", params(SettlementFilter, PageQuery),
    responses((status = 200, body = Page<SettlementView>, description = "A page of settlements")))]
#[get("/settlements")]
async fn list_settlements(permit: Permit<ListSettlements>, filter: Filter<SettlementFilter>) -> Result<Reply, Problem> {
    permit.list(|settlement: &SettlementView| settlement.id, move |tx, window| select_settlements(tx, &filter.0, window)).await
}

/// Reads a settlement with its control totals.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement")),
    responses((status = 200, body = SettlementView, description = "The settlement")))]
#[get("/settlements/{id}")]
async fn get_settlement(permit: Permit<GetSettlement>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_settlement(tx, id.0)).await
}

fn select_settlements(tx: &mut Tx, filter: &SettlementFilter, window: Window) -> Result<Vec<SettlementView>, Problem> {
    let mut query =
        settlements::table.filter(own(tx, settlements::tenant_id)).filter(settlements::id.gt(window.after)).into_boxed();
    if let Some(agreement) = filter.agreement_id {
        query = query.filter(settlements::agreement_id.eq(agreement));
    }
    if let Some(edition) = filter.edition_id {
        query = query.filter(settlements::edition_id.eq(edition));
    }
    if let Some(month) = filter.month {
        query = query.filter(settlements::month_on.eq(month));
    }
    if let Some(state) = filter.state {
        query = query.filter(settlements::state.eq(state));
    }
    Ok(query.order(settlements::id).limit(window.rows()).select(SettlementView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    drafting::routes(config);
    approval::routes(config);
    lines::routes(config);
    payroll::routes(config);
    claims::routes(config);
    config.service(list_settlements).service(get_settlement);
}
