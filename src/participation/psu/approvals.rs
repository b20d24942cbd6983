//! Approvals of entries by who supervises the work at a host.
//!
//! An entry is approved once and for all; what a correction puts in its place
//! is approved anew. A host supervisor approves the entries of the own host only.

use std::collections::HashMap;

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::participation::{APPROVAL_OF_ONE_HOST, INVERTED};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ApprovePsuEntries, ListPsuApprovals, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, count_between};
use crate::schema::{psu_approvals, psu_approved_entries, psu_entries};

/// Entries to be approved, all of one host.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "entryIds": [examples::PSU_ENTRY], "effectiveOn": "2026-06-12" }))]
pub struct PsuApprovalBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// The entries.
    #[serde(deserialize_with = "count_between::<1, 500, _, _>")]
    #[schema(min_items = 1, max_items = 500)]
    pub entry_ids: Vec<Uuid>,
    /// Day of the approval; not before the work.
    pub effective_on: Day,
}

/// An approval.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = psu_approvals)]
#[serde(rename_all = "camelCase")]
pub struct PsuApprovalView {
    /// Id.
    pub id: Uuid,
    /// Host at which the work was done.
    pub host_id: Option<Uuid>,
    /// Day of the approval.
    #[diesel(column_name = approved_on)]
    pub effective_on: Day,
    /// How many entries were approved.
    #[diesel(column_name = entry_count)]
    #[schema(minimum = 1, maximum = 500)]
    pub entries: i32,
}

impl View for PsuApprovalView {}

/// Which approvals.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct PsuApprovalFilter {
    /// Of entries of this host.
    host_id: Option<Uuid>,
    /// The one of this entry.
    entry_id: Option<Uuid>,
}

/// Approves entries of one host: all of them or none.
#[utoipa::path(tag = "psu-approvals", request_body = PsuApprovalBody,
    responses((status = 201, body = PsuApprovalView, description = "The approval")))]
#[post("/psu-approvals")]
async fn approve_psu_entries(permit: Permit<ApprovePsuEntries>, body: Body<PsuApprovalBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("psuApproval", [id]);
            tx.expect_past(body.effective_on, "/effectiveOn")?;
            let host = host_of(tx, body)?;
            let entries = i32::try_from(body.entry_ids.len()).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
            let view: PsuApprovalView = diesel::insert_into(psu_approvals::table)
                .values((
                    psu_approvals::id.eq(id),
                    psu_approvals::host_id.eq(host),
                    psu_approvals::approved_on.eq(body.effective_on),
                    psu_approvals::entry_count.eq(entries),
                ))
                .returning(PsuApprovalView::as_returning())
                .get_result(tx.conn)?;
            let approved: Vec<_> = body
                .entry_ids
                .iter()
                .map(|entry| (psu_approved_entries::entry_id.eq(*entry), psu_approved_entries::approval_id.eq(id)))
                .collect();
            diesel::insert_into(psu_approved_entries::table).values(approved).execute(tx.conn)?;
            tx.announce("psuApproval", id, "psu_entries.approved", json!({ "approvalId": id, "hostId": host }));
            Ok(Written::created("/psu-approvals", view))
        })
        .await
}

/// Lists approvals; a host supervisor sees those of the own host.
#[utoipa::path(tag = "psu-approvals", params(PsuApprovalFilter, PageQuery),
    responses((status = 200, body = Page<PsuApprovalView>, description = "A page of approvals")))]
#[get("/psu-approvals")]
async fn list_psu_approvals(permit: Permit<ListPsuApprovals>, filter: Filter<PsuApprovalFilter>) -> Result<Reply, Problem> {
    permit.list(|approval: &PsuApprovalView| approval.id, move |tx, window| select_approvals(tx, filter.0, window)).await
}

/// The one host of the entries, all of which hold and are the caller's to approve.
fn host_of(tx: &mut Tx, body: &PsuApprovalBody) -> Result<Option<Uuid>, Problem> {
    // A correction at the same moment waits, or is seen.
    let rows: Vec<(Uuid, Option<Uuid>, Day, bool)> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::id.eq_any(&body.entry_ids))
        .order(psu_entries::id)
        .select((psu_entries::id, psu_entries::host_id, psu_entries::worked_on, psu_entries::superseded_at.is_not_null()))
        .for_share()
        .load(tx.conn)?;
    let known: HashMap<Uuid, (Option<Uuid>, Day, bool)> =
        rows.into_iter().map(|(id, host, worked_on, superseded)| (id, (host, worked_on, superseded))).collect();
    let mut common = None;
    for (place, entry) in body.entry_ids.iter().enumerate() {
        let pointer = format!("/entryIds/{place}");
        let found = known.get(entry).filter(|(host, ..)| tx.caller.may_use_host(*host));
        let (host, worked_on, superseded) = *found.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at(pointer.clone()))?;
        if superseded {
            return Err(catalogue::ALREADY_SUPERSEDED.at(pointer));
        }
        if body.effective_on < worked_on {
            return Err(INVERTED.at("/effectiveOn"));
        }
        if *common.get_or_insert(host) != host {
            return Err(APPROVAL_OF_ONE_HOST.at(pointer));
        }
    }
    Ok(common.flatten())
}

fn select_approvals(tx: &mut Tx, filter: PsuApprovalFilter, window: Window) -> Result<Vec<PsuApprovalView>, Problem> {
    let mut query =
        psu_approvals::table.filter(own(tx, psu_approvals::tenant_id)).filter(psu_approvals::id.gt(window.after)).into_boxed();
    if tx.caller.role == Role::HostSupervisor {
        // Without a host in the client's row this is a comparison with NULL, and nothing is seen.
        query = query.filter(psu_approvals::host_id.eq(tx.caller.host));
    }
    if let Some(host) = filter.host_id {
        query = query.filter(psu_approvals::host_id.eq(host));
    }
    if let Some(entry) = filter.entry_id {
        let of_entry = psu_approved_entries::table
            .filter(own(tx, psu_approved_entries::tenant_id))
            .filter(psu_approved_entries::entry_id.eq(entry))
            .select(psu_approved_entries::approval_id);
        query = query.filter(psu_approvals::id.eq_any(of_entry));
    }
    Ok(query.order(psu_approvals::id).limit(window.rows()).select(PsuApprovalView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(approve_psu_entries).service(list_psu_approvals);
}
