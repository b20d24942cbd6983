//! Programmes and projects; what is run at a time is an edition.

use actix_web::{get, post, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::body::{Body, PathId, same_id};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateProgramme, GetProgramme, ListProgrammes, UpdateProgramme};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{LongText, ShortText, count_between, text_enum};
use crate::schema::programmes;

text_enum! {
    /// What a programme is.
    pub enum ProgrammeKind {
        /// Activation and Integration Programme (Polish: Program Aktywizacja i Integracja).
        Pai = "pai",
        /// Project of the European Social Fund.
        EsfProject = "esfProject",
        /// Anything else.
        Other = "other",
    }
}

/// A programme, as created or replaced.
#[derive(Debug, Deserialize, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = programmes, treat_none_as_null = true)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Program Aktywizacja i Integracja", "kind": "pai",
    "goals": ["poprawa sytuacji na rynku pracy", "aktywna postawa"]
}))]
pub struct ProgrammeBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion, skip_update)]
    pub id: Option<Uuid>,
    /// Name.
    pub name: ShortText,
    /// What it is.
    pub kind: ProgrammeKind,
    /// Goals.
    #[serde(default, deserialize_with = "count_between::<0, 50, _, _>")]
    #[schema(max_items = 50)]
    pub goals: Vec<ShortText>,
    /// What it is about; no personal data.
    pub description: Option<LongText>,
    /// Words of the source that it was entered from.
    pub source_text: Option<LongText>,
}

/// A programme.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = programmes)]
#[serde(rename_all = "camelCase")]
pub struct ProgrammeView {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: ShortText,
    /// What it is.
    pub kind: ProgrammeKind,
    /// Goals.
    #[schema(max_items = 50)]
    pub goals: Vec<ShortText>,
    /// What it is about.
    pub description: Option<LongText>,
    /// Words of the source that it was entered from.
    pub source_text: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ProgrammeView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// Enters a programme.
#[utoipa::path(tag = "programmes", request_body = ProgrammeBody, responses((status = 201, body = ProgrammeView, description = "The programme")))]
#[post("/programmes")]
async fn create_programme(permit: Permit<CreateProgramme>, body: Body<ProgrammeBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("programme", [id]);
            let view = insert_programme(tx, id, body)?;
            Ok(Written::created(format!("/programmes/{id}"), view))
        })
        .await
}

/// Lists the programmes.
#[utoipa::path(tag = "programmes", params(PageQuery), responses((status = 200, body = Page<ProgrammeView>, description = "A page of programmes")))]
#[get("/programmes")]
async fn list_programmes(permit: Permit<ListProgrammes>) -> Result<Reply, Problem> {
    permit.list(|programme: &ProgrammeView| programme.id, select_programmes).await
}

/// Reads a programme.
#[utoipa::path(tag = "programmes", params(("id" = Uuid, Path, description = "Programme")), responses((status = 200, body = ProgrammeView, description = "The programme")))]
#[get("/programmes/{id}")]
async fn get_programme(permit: Permit<GetProgramme>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_programme(tx, id.0)).await
}

/// Replaces what is known of a programme.
#[utoipa::path(tag = "programmes", request_body = ProgrammeBody, params(("id" = Uuid, Path, description = "Programme")), responses((status = 200, body = ProgrammeView, description = "The programme as it is now")))]
#[put("/programmes/{id}")]
async fn update_programme(permit: Permit<UpdateProgramme>, id: PathId, body: Body<ProgrammeBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("programme", [id.0]);
            let current = lock_programme(tx, id.0)?;
            tx.expect_version(current)?;
            same_id(id.0, body.id)?;
            Ok(Written::changed(change_programme(tx, id.0, body)?))
        })
        .await
}

fn insert_programme(tx: &mut Tx, id: Uuid, body: &ProgrammeBody) -> Result<ProgrammeView, Problem> {
    Ok(diesel::insert_into(programmes::table)
        .values((body, programmes::id.eq(id)))
        .returning(ProgrammeView::as_returning())
        .get_result(tx.conn)?)
}

fn select_programmes(tx: &mut Tx, window: Window) -> Result<Vec<ProgrammeView>, Problem> {
    Ok(programmes::table
        .filter(own(tx, programmes::tenant_id))
        .filter(programmes::id.gt(window.after))
        .order(programmes::id)
        .limit(window.rows())
        .select(ProgrammeView::as_select())
        .load(tx.conn)?)
}

fn find_programme(tx: &mut Tx, id: Uuid) -> Result<ProgrammeView, Problem> {
    Ok(programmes::table
        .filter(own(tx, programmes::tenant_id))
        .filter(programmes::id.eq(id))
        .select(ProgrammeView::as_select())
        .first(tx.conn)?)
}

fn lock_programme(tx: &mut Tx, id: Uuid) -> Result<i32, Problem> {
    Ok(programmes::table
        .filter(own(tx, programmes::tenant_id))
        .filter(programmes::id.eq(id))
        .select(programmes::row_version)
        .for_update()
        .first(tx.conn)?)
}

fn change_programme(tx: &mut Tx, id: Uuid, body: &ProgrammeBody) -> Result<ProgrammeView, Problem> {
    Ok(diesel::update(programmes::table.filter(own(tx, programmes::tenant_id)).filter(programmes::id.eq(id)))
        .set(body)
        .returning(ProgrammeView::as_returning())
        .get_result(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_programme).service(list_programmes).service(get_programme).service(update_programme);
}
