//! Posts of socially useful work at a host (Polish: stanowiska): kind of work, places, and who supervises.
//!
//! Posts never change; another number of places is another post.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListHostPosts, RecordHostPost};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, ShortText, between};
use crate::schema::{host_posts, hosts};

/// A post, as recorded.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = host_posts)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "kindOfWork": "porządkowe", "places": 2, "supervisor": "kierownik działu zieleni", "from": "2026-05-01", "to": "2026-12-31"
}))]
pub struct HostPostBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Kind of work.
    pub kind_of_work: ShortText,
    /// Whether the work is done for carers of disabled persons; direct care is no such work.
    #[serde(default)]
    pub for_carers: bool,
    /// People who can work there at the same time.
    #[serde(deserialize_with = "between::<1, 10_000, _, _>")]
    #[schema(minimum = 1, maximum = 10_000)]
    pub places: i32,
    /// Function of who supervises at the host; no names.
    pub supervisor: Option<ShortText>,
    /// First day.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day; open where no end is set.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
}

/// A post.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = host_posts)]
#[serde(rename_all = "camelCase")]
pub struct HostPostView {
    /// Id.
    pub id: Uuid,
    /// Host.
    pub host_id: Uuid,
    /// Kind of work.
    pub kind_of_work: ShortText,
    /// Whether the work is done for carers of disabled persons.
    pub for_carers: bool,
    /// People who can work there at the same time.
    #[schema(minimum = 1, maximum = 10_000)]
    pub places: i32,
    /// Function of who supervises at the host.
    pub supervisor: Option<ShortText>,
    /// First day.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
}

impl View for HostPostView {}

/// Which posts.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct HostPostFilter {
    /// Open on this day.
    #[param(inline)]
    effective_on: Option<Day>,
}

/// Records a post of a host.
#[utoipa::path(tag = "hosts", request_body = HostPostBody, params(("id" = Uuid, Path, description = "Host")),
    responses((status = 201, body = HostPostView, description = "The post")))]
#[post("/hosts/{id}/posts")]
async fn record_host_post(permit: Permit<RecordHostPost>, host: PathId, body: Body<HostPostBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("host", [host.0, id]);
            expect_host(tx, host.0)?;
            let view: HostPostView = diesel::insert_into(host_posts::table)
                .values((body, host_posts::id.eq(id), host_posts::host_id.eq(host.0)))
                .returning(HostPostView::as_returning())
                .get_result(tx.conn)?;
            tx.announce("host", host.0, "host.post_recorded", json!({ "hostId": host.0, "postId": id }));
            Ok(Written::created(format!("/hosts/{}/posts", host.0), view))
        })
        .await
}

/// Lists the posts of a host; a supervisor narrowed to one host sees those of that one.
#[utoipa::path(tag = "hosts", params(("id" = Uuid, Path, description = "Host"), HostPostFilter, PageQuery),
    responses((status = 200, body = Page<HostPostView>, description = "A page of posts")))]
#[get("/hosts/{id}/posts")]
async fn list_host_posts(permit: Permit<ListHostPosts>, host: PathId, filter: Filter<HostPostFilter>) -> Result<Reply, Problem> {
    permit.list(|post: &HostPostView| post.id, move |tx, window| select_posts(tx, host.0, filter.0, window)).await
}

fn expect_host(tx: &mut Tx, host: Uuid) -> Result<(), Problem> {
    if !tx.caller.may_use_host(Some(host)) {
        return Err(catalogue::NOT_FOUND.problem());
    }
    let _: Uuid = hosts::table.filter(own(tx, hosts::tenant_id)).filter(hosts::id.eq(host)).select(hosts::id).first(tx.conn)?;
    Ok(())
}

fn select_posts(tx: &mut Tx, host: Uuid, filter: HostPostFilter, window: Window) -> Result<Vec<HostPostView>, Problem> {
    expect_host(tx, host)?;
    let mut query = host_posts::table
        .filter(own(tx, host_posts::tenant_id))
        .filter(host_posts::host_id.eq(host))
        .filter(host_posts::id.gt(window.after))
        .into_boxed();
    if let Some(day) = filter.effective_on {
        query = query
            .filter(host_posts::valid_from_on.le(day))
            .filter(host_posts::valid_to_on.is_null().or(host_posts::valid_to_on.ge(day)));
    }
    Ok(query.order(host_posts::id).limit(window.rows()).select(HostPostView::as_select()).load(tx.conn)?)
}

/// A post as it is; none where there is no such post.
///
/// # Errors
/// When the store fails.
pub fn find_host_post(tx: &mut Tx, id: Uuid) -> Result<Option<HostPostView>, Problem> {
    Ok(host_posts::table
        .filter(own(tx, host_posts::tenant_id))
        .filter(host_posts::id.eq(id))
        .select(HostPostView::as_select())
        .first(tx.conn)
        .optional()?)
}

/// A post whose places are counted by nobody else until the end of the transaction; none where there is no such post.
///
/// # Errors
/// When the store fails.
pub fn lock_host_post(tx: &mut Tx, id: Uuid) -> Result<Option<HostPostView>, Problem> {
    Ok(host_posts::table
        .filter(own(tx, host_posts::tenant_id))
        .filter(host_posts::id.eq(id))
        .select(HostPostView::as_select())
        .for_no_key_update()
        .first(tx.conn)
        .optional()?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_host_post).service(list_host_posts);
}
