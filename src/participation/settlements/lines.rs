//! The lines of a settlement, each opening the entries that it adds up.

use std::collections::BTreeMap;

use actix_web::get;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::find_settlement;
use super::views::SettlementLineView;
use crate::platform::body::PathId;
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListSettlementLineEntries, ListSettlementLines};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, HourChange, Hours, ShortText};
use crate::schema::{psu_entries, settlement_lines};

/// An entry of the register as a line counts it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CountedEntryView {
    /// Entry of the register.
    pub psu_entry_id: Uuid,
    /// Day of the work.
    pub worked_on: Day,
    /// Kind of work.
    pub kind_of_work: Option<ShortText>,
    /// Where the work was done.
    pub host_id: Option<Uuid>,
    /// Hours of the entry.
    pub hours: Hours,
    /// Hours that the line counts; below zero for an entry that no longer counts.
    pub counted_hours: HourChange,
}

/// Lists the lines of a settlement.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement"), PageQuery),
    responses((status = 200, body = Page<SettlementLineView>, description = "A page of lines")))]
#[get("/settlements/{id}/lines")]
async fn list_settlement_lines(permit: Permit<ListSettlementLines>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|line: &SettlementLineView| line.id, move |tx, window| select_lines(tx, id.0, window)).await
}

/// Lists the entries of the register that a line adds up.
///
/// Their counted hours add up to the hours of the line.
#[utoipa::path(tag = "settlements",
    params(("id" = Uuid, Path, description = "Settlement"),
        ("number" = String, Path, description = "Number of the line", max_length = 7, example = "1"), PageQuery),
    responses((status = 200, body = Page<CountedEntryView>, description = "A page of entries")))]
#[get("/settlements/{id}/lines/{number}/entries")]
async fn list_settlement_line_entries(
    permit: Permit<ListSettlementLineEntries>,
    path: PathId<(Uuid, i32)>,
) -> Result<Reply, Problem> {
    let (id, number) = path.0;
    permit.list(|entry: &CountedEntryView| entry.psu_entry_id, move |tx, window| select_entries(tx, id, number, window)).await
}

/// An entry with its day, kind of work, host and hours.
type EntryRow = (Uuid, Day, Option<ShortText>, Option<Uuid>, Hours);

fn select_lines(tx: &mut Tx, settlement: Uuid, window: Window) -> Result<Vec<SettlementLineView>, Problem> {
    find_settlement(tx, settlement)?;
    Ok(settlement_lines::table
        .filter(own(tx, settlement_lines::tenant_id))
        .filter(settlement_lines::settlement_id.eq(settlement))
        .filter(settlement_lines::id.gt(window.after))
        .order(settlement_lines::id)
        .limit(window.rows())
        .select(SettlementLineView::as_select())
        .load(tx.conn)?)
}

fn select_entries(tx: &mut Tx, settlement: Uuid, number: i32, window: Window) -> Result<Vec<CountedEntryView>, Problem> {
    let (ids, minutes): (Vec<Uuid>, Vec<i32>) = settlement_lines::table
        .filter(own(tx, settlement_lines::tenant_id))
        .filter(settlement_lines::settlement_id.eq(settlement))
        .filter(settlement_lines::number.eq(number))
        .select((settlement_lines::entry_ids, settlement_lines::entry_minutes))
        .first(tx.conn)?;
    let counted: BTreeMap<Uuid, i32> = ids.iter().copied().zip(minutes).collect();
    let rows: Vec<EntryRow> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::id.eq_any(ids))
        .filter(psu_entries::id.gt(window.after))
        .order(psu_entries::id)
        .limit(window.rows())
        .select((psu_entries::id, psu_entries::worked_on, psu_entries::kind_of_work, psu_entries::host_id, psu_entries::minutes))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(psu_entry_id, worked_on, kind_of_work, host_id, hours)| {
            let minutes = counted.get(&psu_entry_id).copied().unwrap_or_default();
            let counted_hours =
                HourChange::from_minutes(minutes).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
            Ok(CountedEntryView { psu_entry_id, worked_on, kind_of_work, host_id, hours, counted_hours })
        })
        .collect()
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_settlement_lines).service(list_settlement_line_entries);
}
