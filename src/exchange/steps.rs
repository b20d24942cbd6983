//! What becomes of a message: sent, received, settled, or discarded as a draft; each step with its official letter.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::copies::copy_to_others;
use super::discharging::discharge;
use super::exchange_links::find_link;
use super::lifecycle::{MessageState, StepError, check_step};
use super::parties::visible;
use super::reading::{MessageReference, MessageView, RejectCode, find_message, lock_message};
use super::sending::make_ready;
use super::{OTHER_SIDE, PERIOD_INVERTED, STEP_NOT_ALLOWED};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery};
use crate::platform::permit::Permit;
use crate::platform::policy::{DiscardMessage, ListMessageSteps, ReceiveMessage, SendMessage, SettleMessage};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, ShortText, Text, text_enum};
use crate::schema::{message_steps, messages};

text_enum! {
    /// By what way a message went.
    pub enum MessageChannel {
        /// Through this service.
        Api = "api",
        /// As a file.
        File = "file",
        /// Through the public electronic mailbox (Polish: ePUAP).
        EPuap = "ePuap",
        /// By electronic delivery (Polish: e-Doręczenia).
        EDelivery = "eDelivery",
        /// By e-mail.
        Email = "email",
        /// By letter.
        Letter = "letter",
        /// By phone.
        Phone = "phone",
        /// In person.
        InPerson = "inPerson",
    }
}

/// A step of a message, with its official letter.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-15", "channel": "eDelivery", "letterNumber": "DP.512.20.2026" }))]
pub struct MessageStepBody {
    /// Day of the step; today when left out.
    pub effective_on: Option<Day>,
    /// Reference of who makes the step.
    pub reference: Option<MessageReference>,
    /// By what way; through this service when left out.
    pub channel: Option<MessageChannel>,
    /// Number of the official letter.
    pub letter_number: Option<ShortText>,
    /// Remarks; no personal data.
    pub note: Option<Text<1, 1000>>,
}

impl MessageStepBody {
    /// The day of the step.
    pub(super) fn day(&self, tx: &Tx) -> Result<Day, Problem> {
        let today = || Day::try_from(tx.today()).map_err(|error| catalogue::INTERNAL.problem().because(error));
        self.effective_on.map_or_else(today, Ok)
    }
}

/// A step of a message.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = message_steps)]
#[serde(rename_all = "camelCase")]
pub struct MessageStepView {
    /// Id.
    pub id: Uuid,
    /// Where the message stood from then on.
    pub state: MessageState,
    /// Institution that made the step.
    #[diesel(column_name = by_tenant_id)]
    pub by_id: Uuid,
    /// Day of the step.
    pub effective_on: Day,
    /// Reference of who made it.
    pub reference: Option<MessageReference>,
    /// By what way.
    pub channel: Option<MessageChannel>,
    /// Number of the official letter.
    pub letter_number: Option<ShortText>,
    /// Why the message was refused as a whole.
    pub reject_code: Option<RejectCode>,
    /// Remarks.
    pub note: Option<Text<1, 1000>>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// Sends a draft: from now on the other side sees it, and it never changes.
///
/// What has to be put right is told by another message that names this one in `correctsId`. What it tells has to have
/// happened by the day of sending, save for plans and referrals; duties to inform about the same events are discharged by it.
/// A list names people as they are on sending. A kind that the law tells to two receivers goes to the other one as well, as a copy of the
/// same matter (`copyOfId`), where the town has an exchange with it under the same agreement that shares the edition. On the day of sending
/// the exchange has to be in force; a correction goes to whoever got what it corrects, also after that, and so does what settles
/// a month, a claim or an edition of the exchange. A correction is not sent before what it corrects.
#[utoipa::path(tag = "messages", request_body = MessageStepBody, params(("id" = Uuid, Path, description = "Message")),
    responses((status = 200, body = MessageView, description = "The message as it is now")))]
#[post("/messages/{id}/dispatch")]
async fn send_message(permit: Permit<SendMessage>, id: PathId, body: Body<MessageStepBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let message = step(tx, id.0, MessageState::Sent, body, None)?;
            let link = find_link(tx, message.link_id)?;
            discharge(tx, &link, &message, body)?;
            copy_to_others(tx, &link, &message, body)?;
            Ok(Written::changed(message))
        })
        .await
}

/// Notes that a message was received.
#[utoipa::path(tag = "messages", request_body = MessageStepBody, params(("id" = Uuid, Path, description = "Message")),
    responses((status = 200, body = MessageView, description = "The message as it is now")))]
#[post("/messages/{id}/receipt")]
async fn receive_message(permit: Permit<ReceiveMessage>, id: PathId, body: Body<MessageStepBody>) -> Result<Reply, Problem> {
    permit.write(body, move |tx, body| Ok(Written::changed(step(tx, id.0, MessageState::Received, body, None)?))).await
}

/// Settles a message: its sender took note of the answer.
#[utoipa::path(tag = "messages", request_body = MessageStepBody, params(("id" = Uuid, Path, description = "Message")),
    responses((status = 200, body = MessageView, description = "The message as it is now")))]
#[post("/messages/{id}/settlement")]
async fn settle_message(permit: Permit<SettleMessage>, id: PathId, body: Body<MessageStepBody>) -> Result<Reply, Problem> {
    permit.write(body, move |tx, body| Ok(Written::changed(step(tx, id.0, MessageState::Settled, body, None)?))).await
}

/// Discards a draft for good; its reference stays used.
#[utoipa::path(tag = "messages", request_body = MessageStepBody, params(("id" = Uuid, Path, description = "Message")),
    responses((status = 200, body = MessageView, description = "The message as it is now")))]
#[post("/messages/{id}/cancellation")]
async fn discard_message(permit: Permit<DiscardMessage>, id: PathId, body: Body<MessageStepBody>) -> Result<Reply, Problem> {
    permit.write(body, move |tx, body| Ok(Written::changed(step(tx, id.0, MessageState::Discarded, body, None)?))).await
}

/// Lists what became of a message, who did it and when.
#[utoipa::path(tag = "messages", params(("id" = Uuid, Path, description = "Message"), PageQuery),
    responses((status = 200, body = Page<MessageStepView>, description = "A page of steps")))]
#[get("/messages/{id}/steps")]
async fn list_message_steps(permit: Permit<ListMessageSteps>, id: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |step: &MessageStepView| step.id,
            move |tx, window| {
                let message = find_message(tx, id.0)?;
                Ok(visible!(tx, message_steps)
                    .filter(message_steps::message_id.eq(message.id))
                    .filter(message_steps::id.gt(window.after))
                    .order(message_steps::id)
                    .limit(window.rows())
                    .select(MessageStepView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

/// Takes a message one step further, under its lock.
pub(super) fn step(
    tx: &mut Tx,
    id: Uuid,
    to: MessageState,
    body: &MessageStepBody,
    reject_code: Option<RejectCode>,
) -> Result<MessageView, Problem> {
    tx.touch("message", [id]);
    let message = lock_message(tx, id)?;
    tx.expect_version(message.row_version)?;
    check_step(message.state, to, message.sender_id == tx.tenant()).map_err(|error| match error {
        StepError::OtherSide => OTHER_SIDE.problem(),
        StepError::NotNow => STEP_NOT_ALLOWED.problem().with("state", message.state.as_str()),
    })?;
    if to == MessageState::Sent {
        let on = body.day(tx)?;
        tx.expect_past(on, "/effectiveOn")?;
        make_ready(tx, &message, on)?;
    }
    advance(tx, &message, to, body, reject_code)
}

/// As [`step`], of a message that is held and may go there.
pub(super) fn advance(
    tx: &mut Tx,
    message: &MessageView,
    to: MessageState,
    body: &MessageStepBody,
    reject_code: Option<RejectCode>,
) -> Result<MessageView, Problem> {
    let id = message.id;
    let effective_on = body.day(tx)?;
    tx.expect_past(effective_on, "/effectiveOn")?;
    if message.sent_on.is_some_and(|sent| effective_on < sent) {
        return Err(PERIOD_INVERTED.at("/effectiveOn"));
    }
    let row =
        messages::table.filter(own(tx, messages::tenant_id).or(own(tx, messages::office_tenant_id))).filter(messages::id.eq(id));
    let is_sent = to == MessageState::Sent;
    let now = tx.now();
    diesel::update(row)
        .set((
            messages::state.eq(to),
            is_sent.then(|| (messages::sent_on.eq(effective_on), messages::sent_at.eq(now))),
            (message.sender_id != tx.tenant())
                .then(|| body.reference.as_ref().map(|own| messages::receiver_reference.eq(own)))
                .flatten(),
        ))
        .execute(tx.conn)?;
    let step = tx.id_or_new(None);
    diesel::insert_into(message_steps::table)
        .values((
            (message_steps::tenant_id.eq(message.town_id), message_steps::id.eq(step)),
            (message_steps::office_tenant_id.eq(message.office_id), message_steps::message_id.eq(id)),
            (message_steps::state.eq(to), message_steps::effective_on.eq(effective_on)),
            (
                message_steps::reference.eq(&body.reference),
                message_steps::channel.eq(body.channel.unwrap_or(MessageChannel::Api)),
            ),
            (message_steps::letter_number.eq(&body.letter_number), message_steps::note.eq(&body.note)),
            message_steps::reject_code.eq(reject_code),
        ))
        .execute(tx.conn)?;
    let told =
        json!({ "messageId": id, "linkId": message.link_id, "kind": message.kind, "state": to, "effectiveOn": effective_on });
    tx.announce("message", id, "message.stepped", told);
    find_message(tx, id)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(send_message)
        .service(receive_message)
        .service(settle_message)
        .service(discard_message)
        .service(list_message_steps);
}
