//! Declarations of participation: who declared to take part in an edition, when, by which text.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{DECLARATION_CORRECTION, DECLARED_ALREADY};
use crate::people::hold_person;
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListParticipationDeclarations, RecordParticipationDeclaration};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText};
use crate::schema::participation_declarations;

/// A declaration of participation, as recorded; or a correction of an earlier one.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = participation_declarations)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "personId": examples::PERSON, "editionId": examples::EDITION, "textId": examples::DECLARATION_TEXT,
    "signedOn": "2026-04-29", "signed": true
}))]
pub struct ParticipationDeclarationBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Who declares it.
    pub person_id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Version of the text.
    pub text_id: Uuid,
    /// Day of the declaration.
    #[diesel(column_name = declared_on)]
    pub signed_on: Day,
    /// Whether the paper carries the signature.
    #[diesel(column_name = is_signed)]
    pub signed: bool,
    /// Declaration of the same person that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// A declaration of participation.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = participation_declarations)]
#[serde(rename_all = "camelCase")]
pub struct ParticipationDeclarationView {
    /// Id.
    pub id: Uuid,
    /// Who declares it.
    pub person_id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Version of the text.
    pub text_id: Uuid,
    /// Day of the declaration.
    #[diesel(column_name = declared_on)]
    pub signed_on: Day,
    /// Whether the paper carries the signature.
    #[diesel(column_name = is_signed)]
    pub signed: bool,
    /// Declaration that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
}

impl View for ParticipationDeclarationView {}

/// Which declarations.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DeclarationFilter {
    /// Of this person.
    person_id: Option<Uuid>,
    /// For this edition.
    edition_id: Option<Uuid>,
    /// Also those that a correction has replaced.
    #[param(default = false)]
    include_superseded: Option<bool>,
}

/// Records that somebody declared to take part in an edition, or corrects it.
///
/// One text is declared once a day: the same declaration again is refused with
/// the id of the one that is recorded, which a correction may replace.
#[utoipa::path(tag = "participation-declarations", request_body = ParticipationDeclarationBody,
    responses((status = 201, body = ParticipationDeclarationView, description = "The declaration")))]
#[post("/participation-declarations")]
async fn record_participation_declaration(
    permit: Permit<RecordParticipationDeclaration>,
    body: Body<ParticipationDeclarationBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("participation_declaration", [id, body.person_id]);
            tx.expect_past(body.signed_on, "/signedOn")?;
            if body.supersedes_id.is_some() != body.correction_reason.is_some() {
                return Err(DECLARATION_CORRECTION.at("/correctionReason"));
            }
            hold_person(tx, body.person_id)?;
            if let Some(earlier) = body.supersedes_id {
                supersede_declaration(tx, body.person_id, earlier)?;
            }
            refuse_twin(tx, body)?;
            let view = diesel::insert_into(participation_declarations::table)
                .values((body, participation_declarations::id.eq(id)))
                .returning(ParticipationDeclarationView::as_returning())
                .get_result(tx.conn)?;
            let data = json!({ "declarationId": id, "personId": body.person_id, "editionId": body.edition_id });
            tx.announce("person", body.person_id, "participation_declaration.recorded", data);
            Ok(Written::created("/participation-declarations", view))
        })
        .await
}

/// Lists the declarations of participation.
#[utoipa::path(tag = "participation-declarations", params(DeclarationFilter, PageQuery),
    responses((status = 200, body = Page<ParticipationDeclarationView>, description = "A page of declarations")))]
#[get("/participation-declarations")]
async fn list_participation_declarations(
    permit: Permit<ListParticipationDeclarations>,
    filter: Filter<DeclarationFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |declaration: &ParticipationDeclarationView| declaration.id,
            move |tx, window| select_declarations(tx, filter.0, window),
        )
        .await
}

/// Refuses what the person, who is held, has declared on that day already.
fn refuse_twin(tx: &mut Tx, body: &ParticipationDeclarationBody) -> Result<(), Problem> {
    let twin: Option<Uuid> = participation_declarations::table
        .filter(own(tx, participation_declarations::tenant_id))
        .filter(participation_declarations::person_id.eq(body.person_id))
        .filter(participation_declarations::edition_id.eq(body.edition_id))
        .filter(participation_declarations::text_id.eq(body.text_id))
        .filter(participation_declarations::declared_on.eq(body.signed_on))
        .filter(participation_declarations::superseded_at.is_null())
        .order(participation_declarations::id)
        .select(participation_declarations::id)
        .first(tx.conn)
        .optional()?;
    twin.map_or(Ok(()), |twin| Err(DECLARED_ALREADY.problem().with("declarationId", twin.to_string())))
}

fn supersede_declaration(tx: &mut Tx, person: Uuid, id: Uuid) -> Result<(), Problem> {
    let declaration = participation_declarations::table
        .filter(own(tx, participation_declarations::tenant_id))
        .filter(participation_declarations::person_id.eq(person))
        .filter(participation_declarations::id.eq(id));
    let marked = diesel::update(declaration.filter(participation_declarations::superseded_at.is_null()))
        .set(participation_declarations::superseded_at.eq(tx.now()))
        .execute(tx.conn)?;
    if marked == 1 {
        return Ok(());
    }
    let known: i64 = declaration.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

fn select_declarations(
    tx: &mut Tx,
    filter: DeclarationFilter,
    window: Window,
) -> Result<Vec<ParticipationDeclarationView>, Problem> {
    let mut query = participation_declarations::table
        .filter(own(tx, participation_declarations::tenant_id))
        .filter(participation_declarations::id.gt(window.after))
        .into_boxed();
    if let Some(person) = filter.person_id {
        query = query.filter(participation_declarations::person_id.eq(person));
    }
    if let Some(edition) = filter.edition_id {
        query = query.filter(participation_declarations::edition_id.eq(edition));
    }
    if filter.include_superseded != Some(true) {
        query = query.filter(participation_declarations::superseded_at.is_null());
    }
    Ok(query
        .order(participation_declarations::id)
        .limit(window.rows())
        .select(ParticipationDeclarationView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_participation_declaration).service(list_participation_declarations);
}
