//! Messages as they are read.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::exchange_links::find_link;
use super::kinds::MessageKind;
use super::lifecycle::MessageState;
use super::parties::{visible, visible_messages};
use super::payload::MessagePayload;
use super::resolving::people_of;
use super::sealed::open_payload;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::reply::View;
use crate::platform::types::{Day, Text, text_enum};
use crate::schema::{message_records, messages};

/// A reference of one of the two sides, such as the number of a case file.
pub type MessageReference = Text<1, 80>;

text_enum! {
    /// What the receiver made of a record.
    pub enum RecordState {
        /// Not answered yet.
        Open = "open",
        /// Accepted.
        Accepted = "accepted",
        /// Refused.
        Refused = "refused",
    }
}

text_enum! {
    /// Why a record or a message was refused.
    pub enum RejectCode {
        /// The receiver does not know the person.
        UnknownPerson = "unknownPerson",
        /// Another office is in charge.
        OutsideJurisdiction = "outsideJurisdiction",
        /// The person does not take part.
        NotAParticipant = "notAParticipant",
        /// The participation had ended before.
        AlreadyEnded = "alreadyEnded",
        /// It was told already.
        Duplicate = "duplicate",
        /// No seat is free.
        NoFreeSeat = "noFreeSeat",
        /// Another month, year or day is meant.
        WrongPeriod = "wrongPeriod",
        /// An amount is wrong.
        WrongAmount = "wrongAmount",
        /// Something is missing.
        Incomplete = "incomplete",
        /// No agreement provides for it.
        NoAgreement = "noAgreement",
        /// Anything else.
        Other = "other",
    }
}

/// A message without its content.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = messages)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    /// Id.
    pub id: Uuid,
    /// The town.
    #[diesel(column_name = tenant_id)]
    pub town_id: Uuid,
    /// Labour office.
    #[diesel(column_name = office_tenant_id)]
    pub office_id: Uuid,
    /// Which of the two sent it.
    #[diesel(column_name = sender_tenant_id)]
    pub sender_id: Uuid,
    /// Exchange.
    pub link_id: Uuid,
    /// What it is about.
    pub kind: MessageKind,
    /// Version of the schema of its payload.
    #[schema(minimum = 1, maximum = 1000)]
    pub schema_version: i32,
    /// Reference of the sender.
    pub sender_reference: MessageReference,
    /// Reference of the receiver.
    pub receiver_reference: Option<MessageReference>,
    /// First message of the matter that it belongs to.
    pub correlation_id: Uuid,
    /// Message that it corrects.
    pub corrects_id: Option<Uuid>,
    /// Why.
    pub correction_reason: Option<Text<3, 500>>,
    /// Message to another receiver that it is a copy of; told to its sender only.
    pub copy_of_id: Option<Uuid>,
    /// What the data are given for.
    pub purpose: Text<3, 200>,
    /// What allows or demands it.
    pub legal_basis: Text<3, 500>,
    /// Day of the event that it tells of.
    pub effective_on: Day,
    /// Last day for sending it; none where neither law nor agreement sets one.
    pub due_on: Option<Day>,
    /// Day on which it was sent.
    pub sent_on: Option<Day>,
    /// Where it stands.
    pub state: MessageState,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for MessageView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

impl MessageView {
    /// As the caller sees it: a receiver cannot open what another receiver got.
    pub(super) fn for_caller(mut self, tx: &Tx) -> Self {
        self.copy_of_id = self.copy_of_id.filter(|_| self.sender_id == tx.tenant());
        self
    }
}

/// A record of a message, without what it says, which stands in the payload at the same position.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageRecordView {
    /// Id.
    pub id: Uuid,
    /// Position among the records of the payload, from 0.
    #[schema(minimum = 0, maximum = 1000)]
    pub position: i32,
    /// Whom it is about, as both sides know them.
    pub subject_id: Uuid,
    /// Which of the caller's own people that is, as far as it is known.
    pub person_id: Option<Uuid>,
    /// What the receiver made of it.
    pub state: RecordState,
    /// Why it was refused.
    pub reject_code: Option<RejectCode>,
}

/// A message with its content.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageDetailView {
    /// The message.
    #[serde(flatten)]
    pub message: MessageView,
    /// Correction that was sent of it.
    pub corrected_by_id: Option<Uuid>,
    /// What it says, by its kind.
    pub payload: MessagePayload,
    /// Whom it is about, and what the receiver made of it.
    #[schema(max_items = 1000)]
    pub records: Vec<MessageRecordView>,
}

impl View for MessageDetailView {
    fn version(&self) -> Option<i32> {
        Some(self.message.row_version)
    }
}

/// A record as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = message_records)]
pub(super) struct StoredRecord {
    pub id: Uuid,
    pub position: i32,
    pub subject_id: Uuid,
    pub state: RecordState,
    pub reject_code: Option<RejectCode>,
    pub identity: Option<Vec<u8>>,
    pub person_id: Option<Uuid>,
}

/// A message that the caller may see, or 404.
pub(super) fn find_message(tx: &mut Tx, id: Uuid) -> Result<MessageView, Problem> {
    let message: MessageView =
        visible_messages!(tx).filter(messages::id.eq(id)).select(MessageView::as_select()).first(tx.conn)?;
    Ok(message.for_caller(tx))
}

/// As [`find_message`], locked.
pub(super) fn lock_message(tx: &mut Tx, id: Uuid) -> Result<MessageView, Problem> {
    let message: MessageView =
        visible_messages!(tx).filter(messages::id.eq(id)).select(MessageView::as_select()).for_update().first(tx.conn)?;
    Ok(message.for_caller(tx))
}

/// What a message says.
pub(super) fn payload_of(tx: &mut Tx, message: &MessageView) -> Result<MessagePayload, Problem> {
    let sealed: Vec<u8> = visible_messages!(tx).filter(messages::id.eq(message.id)).select(messages::payload).first(tx.conn)?;
    open_payload(tx, message.sender_id, message.id, (message.kind, &sealed))
}

/// The records of a message that was found, in their order.
pub(super) fn records_of(tx: &mut Tx, message: Uuid) -> Result<Vec<StoredRecord>, Problem> {
    Ok(visible!(tx, message_records)
        .filter(message_records::message_id.eq(message))
        .order(message_records::position)
        .select(StoredRecord::as_select())
        .load(tx.conn)?)
}

/// The correction of a message that was sent.
pub(super) fn correction_of(tx: &mut Tx, message: Uuid) -> Result<Option<Uuid>, Problem> {
    Ok(visible_messages!(tx)
        .filter(messages::corrects_id.eq(message))
        .filter(messages::sent_on.is_not_null())
        .select(messages::id)
        .first(tx.conn)
        .optional()?)
}

/// A message with all that it says.
pub(super) fn detail(tx: &mut Tx, message: MessageView) -> Result<MessageDetailView, Problem> {
    let payload = payload_of(tx, &message)?;
    let stored = records_of(tx, message.id)?;
    let link = find_link(tx, message.link_id)?;
    let people = people_of(tx, &link, &stored.iter().map(|record| record.subject_id).collect::<Vec<_>>())?;
    let view = |record: StoredRecord| MessageRecordView {
        id: record.id,
        position: record.position,
        subject_id: record.subject_id,
        person_id: people.get(&record.subject_id).copied(),
        state: record.state,
        reject_code: record.reject_code,
    };
    Ok(MessageDetailView {
        corrected_by_id: correction_of(tx, message.id)?,
        payload,
        records: stored.into_iter().map(view).collect(),
        message,
    })
}
