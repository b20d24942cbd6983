//! Which of one's own people a subject of messages is, where the service could not find that by itself.

use actix_web::post;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::exchange_links::find_link;
use super::parties::{visible, visible_messages};
use super::resolving::{counterpart, insert_subject};
use crate::people::{expect_person, hold_person};
use crate::platform::body::Body;
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::permit::Permit;
use crate::platform::policy::LinkExchangeSubject;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::schema::{exchange_subjects, message_records, messages};

/// Who a subject is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "messageId": examples::MESSAGE, "subjectId": examples::EXCHANGE_SUBJECT, "personId": examples::NEWCOMER }))]
#[expect(clippy::struct_field_names, reason = "they are the names of the contract")]
pub struct ExchangeSubjectBody {
    /// Message that names the subject.
    pub message_id: Uuid,
    /// Subject of one of its records.
    pub subject_id: Uuid,
    /// Which of one's own people that is.
    pub person_id: Uuid,
}

/// Who a subject is, as one side knows.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = exchange_subjects)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeSubjectView {
    /// Id.
    pub id: Uuid,
    /// The other side.
    pub counterpart_id: Uuid,
    /// Subject, as both sides know it.
    pub subject_id: Uuid,
    /// Which of one's own people that is.
    pub person_id: Uuid,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for ExchangeSubjectView {}

/// States which of one's own people a subject of a message is; the other side never learns it.
///
/// People whom a list names with PESEL or document are found by the service; this is for all others. It is stated once.
#[utoipa::path(tag = "exchange-subjects", request_body = ExchangeSubjectBody,
    responses((status = 201, body = ExchangeSubjectView, description = "Who it is")))]
#[post("/exchange-subjects")]
async fn link_exchange_subject(permit: Permit<LinkExchangeSubject>, body: Body<ExchangeSubjectBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let link = link_of(tx, body)?;
            let link = find_link(tx, link)?;
            hold_person(tx, body.person_id)?;
            expect_person(tx, body.person_id).map_err(|_| catalogue::REFERENCE_NOT_FOUND.at("/personId"))?;
            let counterpart = counterpart(tx, &link);
            let id = insert_subject(tx, counterpart, body.subject_id, body.person_id)?;
            tx.touch("exchangeSubject", [id, body.person_id]);
            let view: ExchangeSubjectView = exchange_subjects::table
                .filter(own(tx, exchange_subjects::tenant_id))
                .filter(exchange_subjects::id.eq(id))
                .select(ExchangeSubjectView::as_select())
                .first(tx.conn)?;
            Ok(Written::created(format!("/messages/{}", body.message_id), view))
        })
        .await
}

/// The exchange of a message that names the subject.
fn link_of(tx: &mut Tx, body: &ExchangeSubjectBody) -> Result<Uuid, Problem> {
    let link: Option<Uuid> =
        visible_messages!(tx).filter(messages::id.eq(body.message_id)).select(messages::link_id).first(tx.conn).optional()?;
    let link = link.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/messageId"))?;
    let named: i64 = visible!(tx, message_records)
        .filter(message_records::message_id.eq(body.message_id))
        .filter(message_records::subject_id.eq(body.subject_id))
        .count()
        .get_result(tx.conn)?;
    if named > 0 { Ok(link) } else { Err(catalogue::REFERENCE_NOT_FOUND.at("/subjectId")) }
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(link_exchange_subject);
}
