//! Which partner answers for what in an edition.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::editions::expect_edition;
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{AddEditionPartner, ListEditionPartners};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::text_enum;
use crate::schema::edition_partners;

text_enum! {
    /// What a partner answers for in an edition.
    pub enum PartnerRole {
        /// Refers participants.
        Referring = "referring",
        /// Runs the activation.
        Activation = "activation",
        /// Runs the integration.
        Integration = "integration",
        /// Hosts socially useful work.
        Host = "host",
        /// Pays.
        Financing = "financing",
        /// Monitors.
        Monitoring = "monitoring",
        /// Anything else.
        Other = "other",
    }
}

/// A partner's role in an edition, as added.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = edition_partners)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "partnerId": examples::PARTNER, "role": "monitoring" }))]
pub struct EditionPartnerBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Partner.
    pub partner_id: Uuid,
    /// What it answers for.
    pub role: PartnerRole,
}

/// A partner's role in an edition.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = edition_partners)]
#[serde(rename_all = "camelCase")]
pub struct EditionPartnerView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Partner.
    pub partner_id: Uuid,
    /// What it answers for.
    pub role: PartnerRole,
}

impl View for EditionPartnerView {}

/// Adds a partner's role to an edition.
#[utoipa::path(tag = "editions", request_body = EditionPartnerBody, params(("id" = Uuid, Path, description = "Edition")), responses((status = 201, body = EditionPartnerView, description = "The role")))]
#[post("/editions/{id}/partners")]
async fn add_edition_partner(
    permit: Permit<AddEditionPartner>,
    id: PathId,
    body: Body<EditionPartnerBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let role = tx.id_or_new(body.id);
            tx.touch("edition_partner", [role]);
            expect_edition(tx, id.0)?;
            let view = diesel::insert_into(edition_partners::table)
                .values((body, edition_partners::id.eq(role), edition_partners::edition_id.eq(id.0)))
                .returning(EditionPartnerView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created(format!("/editions/{}/partners", id.0), view))
        })
        .await
}

/// Lists the partners of an edition with their roles.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), PageQuery), responses((status = 200, body = Page<EditionPartnerView>, description = "A page of roles")))]
#[get("/editions/{id}/partners")]
async fn list_edition_partners(permit: Permit<ListEditionPartners>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|role: &EditionPartnerView| role.id, move |tx, window| select_partners(tx, id.0, window)).await
}

fn select_partners(tx: &mut Tx, edition: Uuid, window: Window) -> Result<Vec<EditionPartnerView>, Problem> {
    expect_edition(tx, edition)?;
    Ok(edition_partners::table
        .filter(own(tx, edition_partners::tenant_id))
        .filter(edition_partners::edition_id.eq(edition))
        .filter(edition_partners::id.gt(window.after))
        .order(edition_partners::id)
        .limit(window.rows())
        .select(EditionPartnerView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(add_edition_partner).service(list_edition_partners);
}
