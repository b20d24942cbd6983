//! What participants say they want to do next, such as going on with socially useful work.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::employment_spells::exact;
use super::subjects::{get_subject, supersede};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListDeclarations, RecordDeclaration};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, LongText, text_enum};
use crate::schema::declarations;

text_enum! {
    /// What a participant wants to do next.
    pub enum DeclarationKind {
        /// Socially useful work (Polish: prace społecznie użyteczne) after the programme.
        PsuAfter = "psuAfter",
        /// Look for a job.
        JobSearch = "jobSearch",
        /// Be trained.
        Training = "training",
        /// Take part in the next edition.
        NextEdition = "nextEdition",
        /// Go to an integration club or centre (Polish: KIS, CIS).
        IntegrationClub = "integrationClub",
        /// Anything else.
        Other = "other",
    }
}

/// A declaration, as recorded or replaced.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = declarations)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "participationId": crate::platform::examples::PARTICIPATION, "kind": "nextEdition", "declaredOn": "2026-06-01"
}))]
pub struct DeclarationBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Participation in which it was declared.
    pub participation_id: Uuid,
    /// What is wanted.
    pub kind: DeclarationKind,
    /// Day of the declaration.
    pub declared_on: Day,
    /// How exactly the day is known.
    #[serde(default = "exact")]
    pub declared_precision: DatePrecision,
    /// Remarks; no personal data.
    pub note: Option<LongText>,
    /// Declaration that this one replaces.
    pub supersedes_id: Option<Uuid>,
}

/// A declaration.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = declarations)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationView {
    /// Id.
    pub id: Uuid,
    /// Edition of the participation.
    pub edition_id: Uuid,
    /// Participation in which it was declared.
    pub participation_id: Uuid,
    /// What is wanted.
    pub kind: DeclarationKind,
    /// Day of the declaration.
    pub declared_on: Day,
    /// How exactly the day is known.
    pub declared_precision: DatePrecision,
    /// Remarks.
    pub note: Option<LongText>,
    /// Declaration that this one replaces.
    pub supersedes_id: Option<Uuid>,
    /// When another took its place.
    pub superseded_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl View for DeclarationView {}

/// Which declarations to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct DeclarationFilter {
    /// Declarations of this edition.
    pub edition_id: Option<Uuid>,
    /// Declarations of this participation.
    pub participation_id: Option<Uuid>,
    /// Also those that were replaced.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Records what a participant wants to do next, or replaces a declaration.
///
/// A participation has one current declaration of each kind.
#[utoipa::path(tag = "declarations", request_body = DeclarationBody,
    responses((status = 201, body = DeclarationView, description = "The declaration")))]
#[post("/declarations")]
async fn record_declaration(permit: Permit<RecordDeclaration>, body: Body<DeclarationBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("declaration", body.supersedes_id.into_iter().chain([id]));
            let subject = get_subject(tx, body.participation_id)?;
            if let Some(earlier) = body.supersedes_id {
                supersede!(tx, declarations, participation_id, earlier, body.participation_id);
            }
            let view = insert_declaration(tx, id, subject.edition_id, body)?;
            Ok(Written::created(format!("/declarations?participationId={}", body.participation_id), view))
        })
        .await
}

/// Lists the declarations.
#[utoipa::path(tag = "declarations", params(DeclarationFilter, PageQuery),
    responses((status = 200, body = Page<DeclarationView>, description = "A page of declarations")))]
#[get("/declarations")]
async fn list_declarations(permit: Permit<ListDeclarations>, filter: Filter<DeclarationFilter>) -> Result<Reply, Problem> {
    permit
        .list(|declaration: &DeclarationView| declaration.id, move |tx, window| select_declarations(tx, window, &filter.0))
        .await
}

fn insert_declaration(tx: &mut Tx, id: Uuid, edition: Uuid, body: &DeclarationBody) -> Result<DeclarationView, Problem> {
    Ok(diesel::insert_into(declarations::table)
        .values((body, declarations::id.eq(id), declarations::edition_id.eq(edition)))
        .returning(DeclarationView::as_returning())
        .get_result(tx.conn)?)
}

fn select_declarations(tx: &mut Tx, window: Window, filter: &DeclarationFilter) -> Result<Vec<DeclarationView>, Problem> {
    let mut query =
        declarations::table.filter(own(tx, declarations::tenant_id)).filter(declarations::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(declarations::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(declarations::participation_id.eq(participation));
    }
    if !filter.include_superseded {
        query = query.filter(declarations::superseded_at.is_null());
    }
    Ok(query.order(declarations::id).limit(window.rows()).select(DeclarationView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_declaration).service(list_declarations);
}
