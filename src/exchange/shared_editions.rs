//! Editions that a town lets the labour office of their agreement see: what they are called and when they run.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::EDITION_OF_ANOTHER;
use super::exchange_links::lock_own_link;
use super::parties::visible;
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListSharedEditions, ShareEdition};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, ShortText};
use crate::schema::{editions, shared_editions};

/// An edition to be shared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "editionId": examples::EDITION }))]
pub struct SharedEditionBody {
    /// Id chosen by the client (UUIDv7); unused where the edition is shared already.
    pub id: Option<Uuid>,
    /// Edition under the agreement of the exchange.
    pub edition_id: Uuid,
}

/// An edition that the office sees, as it stood when it was last shared.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = shared_editions)]
#[serde(rename_all = "camelCase")]
pub struct SharedEditionView {
    /// Id.
    pub id: Uuid,
    /// The town.
    #[diesel(column_name = tenant_id)]
    pub town_id: Uuid,
    /// Exchange.
    pub link_id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Its name.
    pub name: ShortText,
    /// First day.
    pub starts_on: Day,
    /// Last day.
    pub ends_on: Day,
    /// When it was first shared.
    pub recorded_at: DateTime<Utc>,
}

impl View for SharedEditionView {}

/// Which editions.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct SharedEditionFilter {
    /// Only those of this exchange.
    link_id: Option<Uuid>,
}

/// Shares an edition with the office of its agreement, or shares anew what has changed of it.
///
/// The office sees its name and days, and can refer to it in messages; it sees nothing else of it.
#[utoipa::path(tag = "exchange-links", request_body = SharedEditionBody, params(("id" = Uuid, Path, description = "Exchange")),
    responses((status = 201, body = SharedEditionView, description = "The edition as the office sees it")))]
#[post("/exchange-links/{id}/shared-editions")]
async fn share_edition(permit: Permit<ShareEdition>, id: PathId, body: Body<SharedEditionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let link = lock_own_link(tx, id.0)?;
            let new = tx.id_or_new(body.id);
            let (agreement, name, starts_on, ends_on): (Uuid, ShortText, Day, Day) = editions::table
                .filter(own(tx, editions::tenant_id))
                .filter(editions::id.eq(body.edition_id))
                .select((editions::agreement_id, editions::name, editions::starts_on, editions::ends_on))
                .first(tx.conn)
                .optional()?
                .ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/editionId"))?;
            if agreement != link.agreement_id {
                return Err(EDITION_OF_ANOTHER.at("/editionId"));
            }
            let known: Option<Uuid> = shared_editions::table
                .filter(own(tx, shared_editions::tenant_id))
                .filter(shared_editions::link_id.eq(link.id))
                .filter(shared_editions::edition_id.eq(body.edition_id))
                .select(shared_editions::id)
                .first(tx.conn)
                .optional()?;
            let days = (shared_editions::starts_on.eq(starts_on), shared_editions::ends_on.eq(ends_on));
            let view: SharedEditionView = if let Some(known) = known {
                let row =
                    shared_editions::table.filter(own(tx, shared_editions::tenant_id)).filter(shared_editions::id.eq(known));
                diesel::update(row)
                    .set((shared_editions::name.eq(&name), days))
                    .returning(SharedEditionView::as_returning())
                    .get_result(tx.conn)?
            } else {
                diesel::insert_into(shared_editions::table)
                    .values((
                        (shared_editions::id.eq(new), shared_editions::office_tenant_id.eq(link.office_id)),
                        (shared_editions::link_id.eq(link.id), shared_editions::edition_id.eq(body.edition_id)),
                        (shared_editions::name.eq(&name), days),
                    ))
                    .returning(SharedEditionView::as_returning())
                    .get_result(tx.conn)?
            };
            tx.touch("sharedEdition", [view.id, view.edition_id]);
            Ok(Written::created(format!("/shared-editions?linkId={}", link.id), view))
        })
        .await
}

/// Lists the editions that are shared: a labour office sees those of all its towns.
#[utoipa::path(tag = "shared-editions", params(SharedEditionFilter, PageQuery),
    responses((status = 200, body = Page<SharedEditionView>, description = "A page of editions")))]
#[get("/shared-editions")]
async fn list_shared_editions(permit: Permit<ListSharedEditions>, filter: Filter<SharedEditionFilter>) -> Result<Reply, Problem> {
    permit.list(|edition: &SharedEditionView| edition.id, move |tx, window| select_editions(tx, filter.0, window)).await
}

fn select_editions(tx: &mut Tx, filter: SharedEditionFilter, window: Window) -> Result<Vec<SharedEditionView>, Problem> {
    let mut query = visible!(tx, shared_editions).filter(shared_editions::id.gt(window.after)).into_boxed();
    if let Some(link) = filter.link_id {
        query = query.filter(shared_editions::link_id.eq(link));
    }
    Ok(query.order(shared_editions::id).limit(window.rows()).select(SharedEditionView::as_select()).load(tx.conn)?)
}

/// The editions that an exchange shares.
pub(super) fn shared_by(tx: &mut Tx, link: Uuid) -> Result<Vec<SharedEditionView>, Problem> {
    Ok(visible!(tx, shared_editions)
        .filter(shared_editions::link_id.eq(link))
        .order(shared_editions::id)
        .select(SharedEditionView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(share_edition).service(list_shared_editions);
}
