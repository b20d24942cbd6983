//! Institutions: reference data that all tenants share. Each keeps its own record right.

use actix_web::{get, post, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::NOT_OWN;
use crate::platform::body::{Body, Filter, PathId, same_id};
use crate::platform::db::Tx;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateInstitution, GetInstitution, ListInstitutions, UpdateInstitution};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Nip, Regon, ShortText, Teryt, text_enum};
use crate::schema::institutions;

text_enum! {
    /// What an institution is.
    pub enum InstitutionKind {
        /// Municipal social-assistance centre (Polish: OPS, MOPS, GOPS).
        MunicipalCentre = "municipalCentre",
        /// County labour office (Polish: PUP).
        LabourOffice = "labourOffice",
        /// Municipality (Polish: gmina).
        Municipality = "municipality",
        /// County (Polish: powiat).
        County = "county",
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

/// An institution, as registered or replaced.
#[derive(Debug, Deserialize, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = institutions, treat_none_as_null = true)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "kind": "municipalCentre", "name": "Miejski Ośrodek Pomocy Społecznej", "teryt": "1013011" }))]
pub struct InstitutionBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion, skip_update)]
    pub id: Option<Uuid>,
    /// What it is.
    pub kind: InstitutionKind,
    /// Full name.
    pub name: ShortText,
    /// Territorial unit that it serves.
    pub teryt: Option<Teryt>,
    /// REGON; no two institutions share one.
    pub regon: Option<Regon>,
    /// NIP, the tax number.
    pub nip: Option<Nip>,
    /// Institution that it belongs to.
    pub parent_id: Option<Uuid>,
}

/// An institution.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = institutions)]
#[serde(rename_all = "camelCase")]
pub struct InstitutionView {
    /// Id.
    pub id: Uuid,
    /// What it is.
    pub kind: InstitutionKind,
    /// Full name.
    pub name: ShortText,
    /// Territorial unit that it serves.
    pub teryt: Option<Teryt>,
    /// REGON.
    pub regon: Option<Regon>,
    /// NIP, the tax number.
    pub nip: Option<Nip>,
    /// Institution that it belongs to.
    pub parent_id: Option<Uuid>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for InstitutionView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// Which institutions.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct InstitutionFilter {
    /// Of this kind.
    #[param(inline)]
    kind: Option<InstitutionKind>,
    /// Serving exactly this territorial unit.
    #[param(inline)]
    teryt: Option<Teryt>,
}

/// Registers an institution, such as the labour office of the county.
#[utoipa::path(tag = "institutions", request_body = InstitutionBody,
    responses((status = 201, body = InstitutionView, description = "The institution")))]
#[post("/institutions")]
async fn create_institution(permit: Permit<CreateInstitution>, body: Body<InstitutionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("institution", [id]);
            let view = insert_institution(tx, id, body)?;
            Ok(Written::created(format!("/institutions/{id}"), view))
        })
        .await
}

/// Lists the institutions known to this service.
#[utoipa::path(tag = "institutions", params(InstitutionFilter, PageQuery),
    responses((status = 200, body = Page<InstitutionView>, description = "A page of institutions")))]
#[get("/institutions")]
async fn list_institutions(permit: Permit<ListInstitutions>, filter: Filter<InstitutionFilter>) -> Result<Reply, Problem> {
    permit
        .list(|institution: &InstitutionView| institution.id, move |tx, window| select_institutions(tx, &filter.0, window))
        .await
}

/// Reads an institution.
#[utoipa::path(tag = "institutions", params(("id" = Uuid, Path, description = "Institution")),
    responses((status = 200, body = InstitutionView, description = "The institution")))]
#[get("/institutions/{id}")]
async fn get_institution(permit: Permit<GetInstitution>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_institution(tx, id.0)).await
}

/// Replaces the record of the client's own institution.
///
/// The records of other institutions are theirs to change.
#[utoipa::path(tag = "institutions", params(("id" = Uuid, Path, description = "The client's own institution")),
    request_body = InstitutionBody, responses((status = 200, body = InstitutionView, description = "The institution as it is now")))]
#[put("/institutions/{id}")]
async fn update_institution(
    permit: Permit<UpdateInstitution>,
    id: PathId,
    body: Body<InstitutionBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("institution", [id.0]);
            let current = lock_institution(tx, id.0)?;
            if id.0 != tx.tenant() {
                return Err(NOT_OWN.problem());
            }
            tx.expect_version(current)?;
            same_id(id.0, body.id)?;
            Ok(Written::changed(change_institution(tx, id.0, body)?))
        })
        .await
}

fn insert_institution(tx: &mut Tx, id: Uuid, body: &InstitutionBody) -> Result<InstitutionView, Problem> {
    Ok(diesel::insert_into(institutions::table)
        .values((body, institutions::id.eq(id)))
        .returning(InstitutionView::as_returning())
        .get_result(tx.conn)?)
}

fn select_institutions(tx: &mut Tx, filter: &InstitutionFilter, window: Window) -> Result<Vec<InstitutionView>, Problem> {
    let mut query = institutions::table.filter(institutions::id.gt(window.after)).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(institutions::kind.eq(kind));
    }
    if let Some(teryt) = &filter.teryt {
        query = query.filter(institutions::teryt.eq(teryt));
    }
    Ok(query.order(institutions::id).limit(window.rows()).select(InstitutionView::as_select()).load(tx.conn)?)
}

fn find_institution(tx: &mut Tx, id: Uuid) -> Result<InstitutionView, Problem> {
    Ok(institutions::table.find(id).select(InstitutionView::as_select()).first(tx.conn)?)
}

fn lock_institution(tx: &mut Tx, id: Uuid) -> Result<i32, Problem> {
    Ok(institutions::table.find(id).select(institutions::row_version).for_update().first(tx.conn)?)
}

fn change_institution(tx: &mut Tx, id: Uuid, body: &InstitutionBody) -> Result<InstitutionView, Problem> {
    Ok(diesel::update(institutions::table.find(id)).set(body).returning(InstitutionView::as_returning()).get_result(tx.conn)?)
}

/// The territorial unit that the caller's own institution serves.
///
/// # Errors
/// When the store fails.
pub fn own_territory(tx: &mut Tx) -> Result<Option<Teryt>, Problem> {
    Ok(institutions::table.filter(institutions::id.eq(tx.tenant())).select(institutions::teryt).first(tx.conn)?)
}

/// Whether an institution is known as a labour office.
///
/// # Errors
/// When the store fails.
pub fn is_labour_office(tx: &mut Tx, id: Uuid) -> Result<bool, Problem> {
    let kind: Option<InstitutionKind> =
        institutions::table.filter(institutions::id.eq(id)).select(institutions::kind).first(tx.conn).optional()?;
    Ok(kind == Some(InstitutionKind::LabourOffice))
}

/// Whether an institution is the municipal centre of the caller's own institution, as the centre itself has registered.
///
/// # Errors
/// When the store fails.
pub fn is_own_centre(tx: &mut Tx, id: Uuid) -> Result<bool, Problem> {
    let found: Option<(InstitutionKind, Option<Uuid>)> = institutions::table
        .filter(institutions::id.eq(id))
        .select((institutions::kind, institutions::parent_id))
        .first(tx.conn)
        .optional()?;
    Ok(found == Some((InstitutionKind::MunicipalCentre, Some(tx.tenant()))))
}

/// Labour offices by id and name.
///
/// # Errors
/// When the store fails.
pub fn labour_offices(tx: &mut Tx) -> Result<Vec<(Uuid, String)>, Problem> {
    Ok(institutions::table
        .filter(institutions::kind.eq(InstitutionKind::LabourOffice))
        .select((institutions::id, institutions::name))
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_institution).service(list_institutions).service(get_institution).service(update_institution);
}
