//! Messages: written, listed, read, and who they are about.

use std::collections::{HashMap, HashSet};

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::exchange_links::find_link;
use super::kinds::MessageKind;
use super::lifecycle::MessageState;
use super::listing::{as_listed, own_people};
use super::parties::visible_messages;
use super::reading::{MessageDetailView, MessageView, StoredRecord, detail, find_message, records_of};
use super::resolving::people_of;
use super::sealed::open_identity;
use super::subjects::SubjectIdentity;
use super::writing::{MessageBody, write};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateMessage, GetMessage, GetMessageSubjects, ListMessages};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::text_enum;
use crate::schema::messages;

text_enum! {
    /// Whether the caller's institution sent a message or received it.
    pub enum MessageBox {
        /// Received.
        Incoming = "incoming",
        /// Written or sent.
        Outgoing = "outgoing",
    }
}

/// Which messages.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct MessageFilter {
    /// Only those of this exchange.
    link_id: Option<Uuid>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<MessageKind>,
    /// Only those that stand so.
    #[param(inline)]
    state: Option<MessageState>,
    /// Only those that the caller's institution received, or sent.
    #[param(inline, rename = "box")]
    #[serde(rename = "box")]
    in_box: Option<MessageBox>,
    /// Only those of this matter.
    correlation_id: Option<Uuid>,
}

/// Somebody whom a message is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedSubjectView {
    /// Position among the records, from 0.
    #[schema(minimum = 0, maximum = 1000)]
    pub position: i32,
    /// The person as both sides know them.
    pub subject_id: Uuid,
    /// Who it is.
    pub identity: SubjectIdentity,
}

/// Whom a message is about, by name.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedSubjectsView {
    /// Message.
    pub message_id: Uuid,
    /// The people, in the order of the records; none where the law demands no names.
    #[schema(max_items = 1000)]
    pub people: Vec<NamedSubjectView>,
    /// Whom the list named and nobody can be told of any more: their data were erased. In a draft also who lacks what the
    /// list needs.
    #[schema(max_items = 1000)]
    pub erased_subject_ids: Vec<Uuid>,
}

impl View for NamedSubjectsView {}

/// Writes a message as a draft, which only its sender sees.
///
/// The payload has the schema of its kind (`GET /message-kinds`). A message under a `senderReference` that was used
/// before is answered with the first one where it says the same, however it is spelled, and refused where it says something else. People are
/// named by `personId` or, once both sides know them, by `subjectId`; names and PESEL are added by the service in the
/// lists for which the law demands them.
#[utoipa::path(tag = "messages", request_body = MessageBody, responses((status = 201, body = MessageDetailView, description = "The message")))]
#[post("/messages")]
async fn create_message(permit: Permit<CreateMessage>, body: Body<MessageBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.note_purpose(body.purpose.as_str());
            let message = write(tx, id, body)?;
            tx.touch("message", [message.id]);
            Ok(Written::created(format!("/messages/{}", message.id), detail(tx, message)?))
        })
        .await
}

/// Lists messages to and from the caller's institution: a labour office sees those of all its towns.
#[utoipa::path(tag = "messages", params(MessageFilter, PageQuery),
    responses((status = 200, body = Page<MessageView>, description = "A page of messages")))]
#[get("/messages")]
async fn list_messages(permit: Permit<ListMessages>, filter: Filter<MessageFilter>) -> Result<Reply, Problem> {
    permit.list(|message: &MessageView| message.id, move |tx, window| select_messages(tx, filter.0, window)).await
}

fn select_messages(tx: &mut Tx, filter: MessageFilter, window: Window) -> Result<Vec<MessageView>, Problem> {
    let mut query = visible_messages!(tx).filter(messages::id.gt(window.after)).into_boxed();
    if let Some(link) = filter.link_id {
        query = query.filter(messages::link_id.eq(link));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(messages::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(messages::state.eq(state));
    }
    if let Some(first) = filter.correlation_id {
        query = query.filter(messages::correlation_id.eq(first));
    }
    match filter.in_box {
        Some(MessageBox::Outgoing) => query = query.filter(own(tx, messages::sender_tenant_id)),
        Some(MessageBox::Incoming) => query = query.filter(diesel::dsl::not(own(tx, messages::sender_tenant_id))),
        None => {}
    }
    let found: Vec<MessageView> =
        query.order(messages::id).limit(window.rows()).select(MessageView::as_select()).load(tx.conn)?;
    Ok(found.into_iter().map(|message| message.for_caller(tx)).collect())
}

/// Reads a message with what it says, without names.
#[utoipa::path(tag = "messages", params(("id" = Uuid, Path, description = "Message")),
    responses((status = 200, body = MessageDetailView, description = "The message")))]
#[get("/messages/{id}")]
async fn get_message(permit: Permit<GetMessage>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let message = find_message(tx, id.0)?;
            detail(tx, message)
        })
        .await
}

/// Answers whom a message is about, by name and PESEL or document, for a stated purpose.
///
/// Only lists for which the law demands names hold them; every answer is written to the access register. A draft names the
/// sender's own people as they are now, and so it does when it is sent; what was sent stays as it was told.
#[utoipa::path(tag = "messages", params(("id" = Uuid, Path, description = "Message")),
    responses((status = 200, body = NamedSubjectsView, description = "The people")))]
#[get("/messages/{id}/subjects")]
async fn get_message_subjects(permit: Permit<GetMessageSubjects>, id: PathId) -> Result<Reply, Problem> {
    permit
        .reveal(move |tx| {
            let message = find_message(tx, id.0)?;
            let records = records_of(tx, message.id)?;
            tx.touch("message", [message.id]);
            let (mut people, mut erased_subject_ids) = (Vec::with_capacity(records.len()), Vec::new());
            if message.kind.names_people() {
                let erased = erased_people(tx, &message, &records)?;
                let drafted = if message.sent_on.is_none() { people_of_draft(tx, &message, &records)? } else { HashMap::new() };
                for record in records {
                    tx.touch_too([record.id]);
                    let identity = match drafted.get(&record.id) {
                        Some(person) => as_listed(tx, *person)?,
                        None => open_identity(tx, &message, &record)?,
                    };
                    match identity.filter(|_| !erased.contains(&record.subject_id)) {
                        Some(identity) => {
                            people.push(NamedSubjectView { position: record.position, subject_id: record.subject_id, identity });
                        }
                        None => erased_subject_ids.push(record.subject_id),
                    }
                }
            }
            Ok(NamedSubjectsView { message_id: message.id, people, erased_subject_ids })
        })
        .await
}

fn people_of_draft(tx: &mut Tx, message: &MessageView, records: &[StoredRecord]) -> Result<HashMap<Uuid, Uuid>, Problem> {
    let link = find_link(tx, message.link_id)?;
    own_people(tx, &link, records)
}

/// Subjects who are people of the caller's whose key was destroyed: the office that named them keeps its list, the caller is not told.
fn erased_people(tx: &mut Tx, message: &MessageView, records: &[StoredRecord]) -> Result<HashSet<Uuid>, Problem> {
    let link = find_link(tx, message.link_id)?;
    let known = people_of(tx, &link, &records.iter().map(|record| record.subject_id).collect::<Vec<_>>())?;
    let mut erased = HashSet::new();
    for (subject, person) in known {
        let failed = |error| catalogue::INTERNAL.problem().because(error);
        if tx.safe().vault.is_erased(tx.tenant(), person).map_err(failed)? {
            erased.insert(subject);
        }
    }
    Ok(erased)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(create_message).service(list_messages).service(get_message).service(get_message_subjects);
}
