//! The access register: who changed or saw what, for whom, why and when.
//!
//! Art. 33(8) of the Act of 20 April 2004 lets offices exchange data
//! electronically only where both sides can say who obtained which data, when
//! and for what purpose. Rows are appended in the transaction of the work; the
//! service's database role holds no right to change or remove one. What a
//! database administrator could still do, the chain of seals shows: see `sealer`
//! and `verify`.

pub mod anchor;
pub mod lag;
mod seal;
pub mod sealer;
pub mod verify;

pub use anchor::ANCHOR_FILE;

use actix_web::get;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::Filter;
use super::clock::least_id;
use super::db::{Tx, own};
use super::paging::{Page, PageQuery, Window};
use super::permit::Permit;
use super::policy::ListAuditEntries;
use super::problem::Problem;
use super::reply::Reply;
use super::routes::ServiceConfig;
use super::types::{Moment, ShortText, Text, text_enum};
use crate::schema::audit_entries;

/// One access.
#[derive(Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = audit_entries)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntryView {
    /// Id of the entry.
    pub id: Uuid,
    /// Operation that was called.
    #[schema(max_length = 100)]
    pub operation: String,
    /// Client that called.
    pub client_id: Uuid,
    /// Its role at the time.
    #[schema(max_length = 50)]
    pub role: String,
    /// End user on whose behalf the client called.
    #[schema(max_length = 200)]
    pub on_behalf_of: Option<String>,
    /// Purpose stated.
    #[schema(max_length = 200)]
    pub purpose: Option<String>,
    /// Kind of the records.
    #[schema(max_length = 50)]
    pub record_kind: String,
    /// Records changed or seen.
    #[schema(max_items = 25_000)]
    pub record_ids: Vec<Uuid>,
    /// Fields sent.
    #[schema(max_items = 200, value_type = Vec<ShortText>)]
    pub fields: Vec<String>,
    /// Whether identities were part of the answer.
    pub reveals_identity: bool,
    /// Whether the change was only rehearsed.
    pub dry_run: bool,
    /// Reason given for overriding a soft rule.
    #[schema(max_length = 4000)]
    pub override_reason: Option<String>,
    /// Request, as in X-Request-Id.
    pub request_id: Uuid,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

text_enum! {
    /// In which order a register is read.
    pub enum RegisterOrder {
        /// The oldest entry first.
        Oldest = "oldest",
        /// The newest entry first.
        Newest = "newest",
    }
}

/// Filters of the access register.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// Only entries about this record.
    pub record_id: Option<Uuid>,
    /// Only entries of this day and later, or of this instant and later.
    #[param(inline)]
    pub from: Option<Moment>,
    /// Only entries of this day and earlier, or of this instant and earlier.
    #[param(inline)]
    pub to: Option<Moment>,
    /// Only calls of this operation, by its operationId.
    pub operation: Option<Text<1, 100>>,
    /// Only calls of this client.
    pub client_id: Option<Uuid>,
    /// Only entries with (`true`) or without (`false`) identities in the answer.
    pub reveals_identity: Option<bool>,
    /// Which entry comes first; the oldest where it is left out.
    #[param(inline)]
    pub order: Option<RegisterOrder>,
}

/// Lists accesses to personal data and changes, oldest first unless asked otherwise.
#[utoipa::path(tag = "audit-entries", params(AuditFilter, PageQuery),
    responses((status = 200, body = Page<AuditEntryView>, description = "A page of the access register")))]
#[get("/audit-entries")]
pub async fn list_audit_entries(permit: Permit<ListAuditEntries>, filter: Filter<AuditFilter>) -> Result<Reply, Problem> {
    permit.list(|entry: &AuditEntryView| entry.id, move |tx, window| select_entries(tx, &filter.0, window)).await
}

fn select_entries(tx: &mut Tx, filter: &AuditFilter, window: Window) -> Result<Vec<AuditEntryView>, Problem> {
    let mut query = audit_entries::table.filter(own(tx, audit_entries::tenant_id)).into_boxed();
    if let Some(record) = filter.record_id {
        query = query.filter(audit_entries::record_ids.contains(vec![record]));
    }
    if let Some(from) = filter.from.map(Moment::first) {
        // The entries are indexed by id, which begins with the time, so no index by time is needed.
        query = query.filter(audit_entries::recorded_at.ge(from)).filter(audit_entries::id.ge(least_id(from - APART)));
    }
    if let Some(end) = filter.to.map(Moment::end) {
        query = query.filter(audit_entries::recorded_at.lt(end)).filter(audit_entries::id.lt(least_id(end + APART)));
    }
    if let Some(operation) = &filter.operation {
        query = query.filter(audit_entries::operation.eq(operation.as_str().to_owned()));
    }
    if let Some(client) = filter.client_id {
        query = query.filter(audit_entries::client_id.eq(client));
    }
    if let Some(reveals) = filter.reveals_identity {
        query = query.filter(audit_entries::reveals_identity.eq(reveals));
    }
    let newest_first = filter.order == Some(RegisterOrder::Newest);
    query = match (newest_first, window.after.is_nil()) {
        (true, true) => query.order(audit_entries::id.desc()),
        (true, false) => query.filter(audit_entries::id.lt(window.after)).order(audit_entries::id.desc()),
        (false, _) => query.filter(audit_entries::id.gt(window.after)).order(audit_entries::id),
    };
    Ok(query.limit(window.rows()).select(AuditEntryView::as_select()).load(tx.conn)?)
}

/// How far the time in an entry's id and the time that it was recorded at may lie apart, generously.
const APART: TimeDelta = TimeDelta::hours(1);

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_audit_entries);
}
