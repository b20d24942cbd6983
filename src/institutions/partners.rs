//! Partners: the bodies that one tenant works with.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreatePartner, ListPartners};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Nip, Regon, ShortText, text_enum};
use crate::schema::partners;

text_enum! {
    /// What a partner does for the tenant.
    pub enum PartnerKind {
        /// County labour office (Polish: PUP).
        LabourOffice = "labourOffice",
        /// Contractor of integration classes.
        Contractor = "contractor",
        /// Owner of places of socially useful work.
        Host = "host",
        /// Municipality (Polish: gmina).
        Municipality = "municipality",
        /// Social integration club (Polish: KIS).
        IntegrationClub = "integrationClub",
        /// Social integration centre (Polish: CIS).
        IntegrationCentre = "integrationCentre",
        /// Voluntary labour corps (Polish: OHP).
        LabourCorps = "labourCorps",
        /// Non-governmental organisation.
        NonGovernmental = "nonGovernmental",
        /// Anything else.
        Other = "other",
    }
}

/// A partner, as registered.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = partners)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "kind": "contractor", "name": "Pracownia Warsztatów Społecznych" }))]
pub struct PartnerBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// What it does for the institution.
    pub kind: PartnerKind,
    /// Name.
    pub name: ShortText,
    /// Record of the same body among the institutions.
    pub institution_id: Option<Uuid>,
    /// REGON.
    pub regon: Option<Regon>,
    /// NIP, the tax number.
    pub nip: Option<Nip>,
}

/// A partner.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = partners)]
#[serde(rename_all = "camelCase")]
pub struct PartnerView {
    /// Id.
    pub id: Uuid,
    /// What it does for the institution.
    pub kind: PartnerKind,
    /// Name.
    pub name: ShortText,
    /// Record of the same body among the institutions.
    pub institution_id: Option<Uuid>,
    /// REGON.
    pub regon: Option<Regon>,
    /// NIP, the tax number.
    pub nip: Option<Nip>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for PartnerView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// Registers a partner of the client's own institution.
#[utoipa::path(tag = "institutions", params(("id" = Uuid, Path, description = "The client's own institution")),
    request_body = PartnerBody, responses((status = 201, body = PartnerView, description = "The partner")))]
#[post("/institutions/{id}/partners")]
async fn create_partner(permit: Permit<CreatePartner>, institution: PathId, body: Body<PartnerBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            only_own(tx, institution.0)?;
            let id = tx.id_or_new(body.id);
            tx.touch("partner", [id]);
            let view = insert_partner(tx, id, body)?;
            Ok(Written::created(format!("/institutions/{}/partners", institution.0), view))
        })
        .await
}

/// Lists the partners of the client's own institution.
#[utoipa::path(tag = "institutions", params(("id" = Uuid, Path, description = "The client's own institution"), PageQuery),
    responses((status = 200, body = Page<PartnerView>, description = "A page of partners")))]
#[get("/institutions/{id}/partners")]
async fn list_partners(permit: Permit<ListPartners>, institution: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |partner: &PartnerView| partner.id,
            move |tx, window| {
                only_own(tx, institution.0)?;
                select_partners(tx, window)
            },
        )
        .await
}

/// With whom another institution works is not for this client to know.
fn only_own(tx: &Tx, institution: Uuid) -> Result<(), Problem> {
    if institution == tx.tenant() { Ok(()) } else { Err(catalogue::NOT_FOUND.problem()) }
}

fn insert_partner(tx: &mut Tx, id: Uuid, body: &PartnerBody) -> Result<PartnerView, Problem> {
    Ok(diesel::insert_into(partners::table)
        .values((body, partners::id.eq(id)))
        .returning(PartnerView::as_returning())
        .get_result(tx.conn)?)
}

fn select_partners(tx: &mut Tx, window: Window) -> Result<Vec<PartnerView>, Problem> {
    Ok(partners::table
        .filter(own(tx, partners::tenant_id))
        .filter(partners::id.gt(window.after))
        .order(partners::id)
        .limit(window.rows())
        .select(PartnerView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_partner).service(list_partners);
}
