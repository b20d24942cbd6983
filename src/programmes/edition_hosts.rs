//! Hosts named for an edition, and whether the list of them is complete.

use std::collections::BTreeSet;

use actix_web::{get, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::editions::lock_version;
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::permit::Permit;
use crate::platform::policy::{GetEditionHosts, SetEditionHosts};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::count_between;
use crate::schema::{edition_hosts, editions};

/// The hosts of an edition, as replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "exhaustive": false, "hostIds": [examples::HOST] }))]
pub struct EditionHostsBody {
    /// Whether the list is complete; a source that names only some hosts gives `false`.
    pub exhaustive: bool,
    /// Hosts.
    #[serde(deserialize_with = "count_between::<0, 500, _, _>")]
    #[schema(max_items = 500)]
    pub host_ids: Vec<Uuid>,
}

/// The hosts of an edition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EditionHostsView {
    /// Whether the list is complete.
    pub exhaustive: bool,
    /// Hosts, ordered by id.
    #[schema(max_items = 500)]
    pub host_ids: Vec<Uuid>,
    /// Version of the edition, as in the ETag.
    #[schema(minimum = 1)]
    pub version: i32,
}

impl View for EditionHostsView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// Reads the hosts of an edition.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition")), responses((status = 200, body = EditionHostsView, description = "The hosts")))]
#[get("/editions/{id}/hosts")]
async fn get_edition_hosts(permit: Permit<GetEditionHosts>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| view_hosts(tx, id.0)).await
}

/// Replaces the hosts of an edition.
///
/// They are part of the edition: If-Match names the version of the edition.
#[utoipa::path(tag = "editions", request_body = EditionHostsBody, params(("id" = Uuid, Path, description = "Edition")), responses((status = 200, body = EditionHostsView, description = "The hosts as they are now")))]
#[put("/editions/{id}/hosts")]
async fn set_edition_hosts(permit: Permit<SetEditionHosts>, id: PathId, body: Body<EditionHostsBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("edition", [id.0]);
            let current = lock_version(tx, id.0)?;
            tx.expect_version(current)?;
            replace_hosts(tx, id.0, &body.host_ids)?;
            diesel::update(editions::table.filter(own(tx, editions::tenant_id)).filter(editions::id.eq(id.0)))
                .set(editions::hosts_exhaustive.eq(body.exhaustive))
                .execute(tx.conn)?;
            Ok(Written::changed(view_hosts(tx, id.0)?))
        })
        .await
}

/// Makes these the hosts of an edition whose row is locked or new.
pub(super) fn replace_hosts(tx: &mut Tx, edition: Uuid, hosts: &[Uuid]) -> Result<(), Problem> {
    diesel::delete(edition_hosts::table.filter(own(tx, edition_hosts::tenant_id)).filter(edition_hosts::edition_id.eq(edition)))
        .execute(tx.conn)?;
    // A host named twice is still one host.
    let hosts: BTreeSet<Uuid> = hosts.iter().copied().collect();
    let rows: Vec<_> =
        hosts.into_iter().map(|host| (edition_hosts::edition_id.eq(edition), edition_hosts::host_id.eq(host))).collect();
    diesel::insert_into(edition_hosts::table).values(rows).execute(tx.conn)?;
    Ok(())
}

fn view_hosts(tx: &mut Tx, edition: Uuid) -> Result<EditionHostsView, Problem> {
    let (exhaustive, version) = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(edition))
        .select((editions::hosts_exhaustive, editions::row_version))
        .first(tx.conn)?;
    let host_ids = edition_hosts::table
        .filter(own(tx, edition_hosts::tenant_id))
        .filter(edition_hosts::edition_id.eq(edition))
        .order(edition_hosts::host_id)
        .select(edition_hosts::host_id)
        .load(tx.conn)?;
    Ok(EditionHostsView { exhaustive, host_ids, version })
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_edition_hosts).service(set_edition_hosts);
}
