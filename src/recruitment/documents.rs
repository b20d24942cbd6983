//! The checklist of an application: which documents are asked for, and which have come.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::DOCUMENT_LABEL;
use super::applications::{ApplicationStep, NewStep, append_step, get_view};
use super::decisions::lock_application;
use super::steps::check_order;
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListApplicationDocuments, RecordApplicationDocument};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, ShortText, text_enum};
use crate::schema::application_documents;

text_enum! {
    /// A document that belongs to an application.
    pub enum ApplicationDocumentKind {
        /// The application form (Polish: formularz zgłoszeniowy).
        ApplicationForm = "applicationForm",
        /// The survey of the client (Polish: ankieta klienta).
        ClientSurvey = "clientSurvey",
        /// The diagnosis of needs (Polish: diagnoza potrzeb).
        Diagnosis = "diagnosis",
        /// A statement of income (Polish: oświadczenie o dochodach).
        IncomeStatement = "incomeStatement",
        /// A certificate of disability (Polish: orzeczenie o niepełnosprawności).
        DisabilityCertificate = "disabilityCertificate",
        /// The clauses of consent and information (Polish: klauzule zgody i informacyjne).
        ConsentClauses = "consentClauses",
        /// Another one; the label says which.
        Other = "other",
    }
}

/// An entry of the checklist.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = application_documents)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "kind": "clientSurvey", "receivedOn": "2026-06-12" }))]
pub struct ApplicationDocumentBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Which document.
    pub kind: ApplicationDocumentKind,
    /// What it is called; only and always with the kind `other`.
    pub label: Option<ShortText>,
    /// Day of receipt; left out while the document is still asked for.
    pub received_on: Option<Day>,
    /// Remarks; no names.
    pub note: Option<LongText>,
}

/// An entry of the checklist.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = application_documents)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationDocumentView {
    /// Id.
    pub id: Uuid,
    /// The application.
    pub application_id: Uuid,
    /// Which document.
    pub kind: ApplicationDocumentKind,
    /// What it is called, where the kind is `other`.
    pub label: Option<ShortText>,
    /// Day of receipt; none while the document is still asked for.
    pub received_on: Option<Day>,
    /// Remarks.
    pub note: Option<LongText>,
    /// When a later entry about the same document took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded it.
    pub recorded_by: Uuid,
}

impl View for ApplicationDocumentView {}

/// Which entries.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ApplicationDocumentFilter {
    /// Also those that a later entry has replaced.
    #[serde(default)]
    #[param(default = false)]
    include_superseded: Option<bool>,
}

/// Puts a document on the checklist of an application, as asked for or as received.
///
/// A later entry about the same document takes the place of the earlier one,
/// which stays readable.
#[utoipa::path(tag = "applications", request_body = ApplicationDocumentBody, params(("id" = Uuid, Path, description = "Application")),
    responses((status = 201, body = ApplicationDocumentView, description = "The entry")))]
#[post("/applications/{id}/documents")]
async fn record_application_document(
    permit: Permit<RecordApplicationDocument>,
    application: PathId,
    body: Body<ApplicationDocumentBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("application_document", [id, application.0]);
            let view = record(tx, id, application.0, body)?;
            Ok(Written::created(format!("/applications/{}/documents", application.0), view))
        })
        .await
}

/// Lists the checklist of an application.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path, description = "Application"), ApplicationDocumentFilter, PageQuery),
    responses((status = 200, body = Page<ApplicationDocumentView>, description = "A page of the checklist")))]
#[get("/applications/{id}/documents")]
async fn list_application_documents(
    permit: Permit<ListApplicationDocuments>,
    application: PathId,
    filter: Filter<ApplicationDocumentFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |document: &ApplicationDocumentView| document.id,
            move |tx, window| {
                get_view(tx, application.0)?;
                select_page(tx, application.0, filter.0.include_superseded == Some(true), window)
            },
        )
        .await
}

fn record(tx: &mut Tx, id: Uuid, application: Uuid, body: &ApplicationDocumentBody) -> Result<ApplicationDocumentView, Problem> {
    if (body.kind == ApplicationDocumentKind::Other) != body.label.is_some() {
        return Err(DOCUMENT_LABEL.at("/label"));
    }
    if let Some(day) = body.received_on {
        tx.expect_past(day, "/receivedOn")?;
    }
    let standing = lock_application(tx, application)?;
    let placed = get_view(tx, application)?.placed;
    check_order(standing.state, placed, ApplicationStep::Documents)?;
    let same = application_documents::table
        .filter(own(tx, application_documents::tenant_id))
        .filter(application_documents::application_id.eq(application))
        .filter(application_documents::kind.eq(body.kind))
        .filter(application_documents::label.is_not_distinct_from(body.label.as_ref()))
        .filter(application_documents::superseded_at.is_null());
    diesel::update(same).set(application_documents::superseded_at.eq(tx.now())).execute(tx.conn)?;
    let view = diesel::insert_into(application_documents::table)
        .values((body, application_documents::id.eq(id), application_documents::application_id.eq(application)))
        .returning(ApplicationDocumentView::as_returning())
        .get_result(tx.conn)?;
    if let Some(day) = body.received_on {
        let step = NewStep { note: Some(body.kind.as_str()), ..NewStep::of(application, ApplicationStep::Documents, day) };
        append_step(tx, &step)?;
    }
    tx.announce(
        "application",
        application,
        "application.document_recorded",
        json!({ "applicationId": application, "documentId": id }),
    );
    Ok(view)
}

fn select_page(
    tx: &mut Tx,
    application: Uuid,
    superseded: bool,
    window: Window,
) -> Result<Vec<ApplicationDocumentView>, Problem> {
    let mut query = application_documents::table
        .filter(own(tx, application_documents::tenant_id))
        .filter(application_documents::application_id.eq(application))
        .filter(application_documents::id.gt(window.after))
        .into_boxed();
    if !superseded {
        query = query.filter(application_documents::superseded_at.is_null());
    }
    Ok(query.order(application_documents::id).limit(window.rows()).select(ApplicationDocumentView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_application_document).service(list_application_documents);
}
