//! Hosts of socially useful work: one entity, or a category such as
//! "municipal kindergartens" where the source names no more than that.

use actix_web::{get, post, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::body::{Body, PathId, same_id};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateHost, GetHost, ListHosts, Role, UpdateHost};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{LongText, ShortText, between, count_between};
use crate::schema::hosts;

/// A host, as created or replaced.
#[derive(Debug, Deserialize, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = hosts, treat_none_as_null = true)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "name": "Miejska Biblioteka Publiczna", "kindsOfWork": ["porządkowe"], "positions": 2 }))]
pub struct HostBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion, skip_update)]
    pub id: Option<Uuid>,
    /// Name of the entity or of the category.
    pub name: ShortText,
    /// Whether the source names a kind of place, not one entity.
    #[serde(default)]
    pub is_category: bool,
    /// Partner that the host belongs to.
    pub partner_id: Option<Uuid>,
    /// Kinds of work done there.
    #[serde(default, deserialize_with = "count_between::<0, 50, _, _>")]
    #[schema(max_items = 50)]
    pub kinds_of_work: Vec<ShortText>,
    /// Positions offered.
    #[serde(default, deserialize_with = "between::<1, 100_000, _, _>")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub positions: Option<i32>,
    /// Remarks; no personal data.
    pub note: Option<LongText>,
}

/// A host.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = hosts)]
#[serde(rename_all = "camelCase")]
pub struct HostView {
    /// Id.
    pub id: Uuid,
    /// Name of the entity or of the category.
    pub name: ShortText,
    /// Whether the source names a kind of place, not one entity.
    pub is_category: bool,
    /// Partner that the host belongs to.
    pub partner_id: Option<Uuid>,
    /// Kinds of work done there.
    #[schema(max_items = 50)]
    pub kinds_of_work: Vec<ShortText>,
    /// Positions offered.
    #[schema(minimum = 1, maximum = 100_000)]
    pub positions: Option<i32>,
    /// Remarks.
    pub note: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for HostView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// Registers a host of socially useful work.
#[utoipa::path(tag = "hosts", request_body = HostBody, responses((status = 201, body = HostView, description = "The host")))]
#[post("/hosts")]
async fn create_host(permit: Permit<CreateHost>, body: Body<HostBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("host", [id]);
            let view = insert_host(tx, id, body)?;
            Ok(Written::created(format!("/hosts/{id}"), view))
        })
        .await
}

/// Lists the hosts; a supervisor narrowed to one host sees that one.
#[utoipa::path(tag = "hosts", params(PageQuery), responses((status = 200, body = Page<HostView>, description = "A page of hosts")))]
#[get("/hosts")]
async fn list_hosts(permit: Permit<ListHosts>) -> Result<Reply, Problem> {
    permit.list(|host: &HostView| host.id, select_hosts).await
}

/// Reads a host.
#[utoipa::path(tag = "hosts", params(("id" = Uuid, Path, description = "Host")), responses((status = 200, body = HostView, description = "The host")))]
#[get("/hosts/{id}")]
async fn get_host(permit: Permit<GetHost>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_host(tx, id.0)).await
}

/// Replaces what is known of a host.
#[utoipa::path(tag = "hosts", params(("id" = Uuid, Path, description = "Host")), request_body = HostBody,
    responses((status = 200, body = HostView, description = "The host as it is now")))]
#[put("/hosts/{id}")]
async fn update_host(permit: Permit<UpdateHost>, id: PathId, body: Body<HostBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("host", [id.0]);
            let current = lock_host(tx, id.0)?;
            tx.expect_version(current)?;
            same_id(id.0, body.id)?;
            Ok(Written::changed(change_host(tx, id.0, body)?))
        })
        .await
}

fn insert_host(tx: &mut Tx, id: Uuid, body: &HostBody) -> Result<HostView, Problem> {
    Ok(diesel::insert_into(hosts::table)
        .values((body, hosts::id.eq(id)))
        .returning(HostView::as_returning())
        .get_result(tx.conn)?)
}

fn select_hosts(tx: &mut Tx, window: Window) -> Result<Vec<HostView>, Problem> {
    let mut query = hosts::table.filter(own(tx, hosts::tenant_id)).filter(hosts::id.gt(window.after)).into_boxed();
    if tx.caller.role == Role::HostSupervisor {
        query = query.filter(hosts::id.nullable().is_not_distinct_from(tx.caller.host));
    }
    Ok(query.order(hosts::id).limit(window.rows()).select(HostView::as_select()).load(tx.conn)?)
}

fn find_host(tx: &mut Tx, id: Uuid) -> Result<HostView, Problem> {
    if !tx.caller.may_use_host(Some(id)) {
        return Err(catalogue::NOT_FOUND.problem());
    }
    Ok(hosts::table.filter(own(tx, hosts::tenant_id)).filter(hosts::id.eq(id)).select(HostView::as_select()).first(tx.conn)?)
}

fn lock_host(tx: &mut Tx, id: Uuid) -> Result<i32, Problem> {
    Ok(hosts::table
        .filter(own(tx, hosts::tenant_id))
        .filter(hosts::id.eq(id))
        .select(hosts::row_version)
        .for_update()
        .first(tx.conn)?)
}

fn change_host(tx: &mut Tx, id: Uuid, body: &HostBody) -> Result<HostView, Problem> {
    Ok(diesel::update(hosts::table.filter(own(tx, hosts::tenant_id)).filter(hosts::id.eq(id)))
        .set(body)
        .returning(HostView::as_returning())
        .get_result(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_host).service(list_hosts).service(get_host).service(update_host);
}
