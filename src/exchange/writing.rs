//! Writing a message: what it must fit, and when it is due.

use std::collections::HashSet;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::deadlines::{list_due, plan_due, verification_due, working_days_after};
use super::discharging::{notices_of, told_by};
use super::exchange_links::{ExchangeLinkView, find_link, receiver_of};
use super::kinds::{DeadlineRule, MessageKind, MessageReceiver};
use super::lifecycle::MessageState;
use super::parties::Side;
use super::payload::MessagePayload;
use super::reading::{MessageReference, MessageView, correction_of, find_message, records_of};
use super::refund_decisions::{check_decision, expect_undecided};
use super::repetition::find_repeated;
use super::resolving::{NewRecord, resolve};
use super::same_people::{Named, who_is_who};
use super::sealed::{seal_digest, seal_payload};
use super::shared_editions::{SharedEditionView, shared_by};
use super::words::StatusChangeKind;
use super::{
    ALREADY_CORRECTED, COPY_NOT_CORRECTABLE, CORRECTION_INCOMPLETE, NOT_CORRECTABLE, PERIOD_INVERTED, REVOKES_NOTHING,
    SCHEMA_VERSION, WRONG_DIRECTION, WRONG_RECEIVER,
};
use crate::participation::{DutyKind, duties_due_on, notice_due_on};
use crate::platform::canonical::canonical;
use crate::platform::db::Tx;
use crate::platform::examples;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Text, between};
use crate::schema::{message_records, messages};

/// A message, as written.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "linkId": examples::EXCHANGE_LINK, "kind": "participationStart", "senderReference": "DP.512.20.2026",
    "purpose": "realizacja porozumienia", "effectiveOn": "2026-05-04",
    "payload": {
        "editionId": examples::EDITION,
        "records": [{ "subject": { "personId": examples::PERSON }, "startsOn": "2026-05-01", "plannedEndOn": "2026-06-30" }]
    }
}))]
pub struct MessageBody {
    /// Id chosen by the client (UUIDv7).
    #[serde(skip_serializing)]
    pub id: Option<Uuid>,
    /// Exchange.
    pub link_id: Uuid,
    /// What it is about.
    pub kind: MessageKind,
    /// Version of the schema of the payload; the present one when left out.
    #[serde(default, deserialize_with = "between::<1, 1000, _, _>")]
    #[schema(minimum = 1, maximum = 1000)]
    pub schema_version: Option<i32>,
    /// Reference of the sender, by which a repetition is told from another message.
    pub sender_reference: MessageReference,
    /// Message that begins the matter; this one, or that of the corrected message, when left out.
    pub correlation_id: Option<Uuid>,
    /// Own message that this one corrects.
    pub corrects_id: Option<Uuid>,
    /// Why; given with `correctsId`.
    pub correction_reason: Option<Text<3, 500>>,
    /// What the data are given for; no personal data.
    pub purpose: Text<3, 200>,
    /// Day of the event that it tells of.
    pub effective_on: Day,
    /// What it says: the schema that belongs to the kind.
    #[schema(value_type = MessagePayload)]
    pub payload: Value,
}

/// Writes a message; the same one written before is answered again.
pub(super) fn write(tx: &mut Tx, id: Uuid, body: &MessageBody) -> Result<MessageView, Problem> {
    let link = find_link(tx, body.link_id).map_err(|problem| as_reference(problem, "/linkId"))?;
    let reached = receiver_of(tx, &link)?;
    let side = Side::of(tx, link.town_id);
    // A centre on the side of an office only answers: what an office tells, it does not know by any right of its own.
    if body.kind.direction() != side.sends() || (side == Side::Office && reached == MessageReceiver::MunicipalCentre) {
        return Err(WRONG_DIRECTION.at("/kind"));
    }
    let reached = if side == Side::Town { reached } else { MessageReceiver::Town };
    if !body.kind.receivers().contains(&reached) {
        return Err(WRONG_RECEIVER.at("/kind"));
    }
    let version = body.kind.schema_version();
    if body.schema_version.is_some_and(|stated| stated != version) {
        return Err(SCHEMA_VERSION.at("/schemaVersion").with("version", version));
    }
    let text = canonical(body)?;
    if let Some(first) = find_repeated(tx, &link, body, &text)? {
        return Ok(first);
    }
    let mut payload = read_payload(body)?;
    let edition = expect_shared(tx, &link, &payload)?;
    let edition_end = edition.map(|shared| shared.ends_on);
    if body.corrects_id.is_none() {
        link.expect_taken(body.effective_on, link.is_settled_by(&payload, edition_end))?;
    }
    refuse_days_to_come(tx, body, &payload)?;
    let correlation = correlate(tx, &link, id, body, &payload)?;
    let records = resolve(tx, &link, body.kind, &mut payload)?;
    let named: Vec<Named> = records.iter().map(|record| (record.subject, &record.marks[..])).collect();
    payload.expect_each_once(body.kind.names_each_once(), &who_is_who(tx, &link, &payload, &named)?)?;
    expect_something_to_revoke(tx, body, &payload)?;
    let due_on = due_on(tx, &link, body, (&payload, &records), edition_end)?;
    let digest = seal_digest(tx, id, &text)?;
    let new = NewMessage {
        id,
        kind: body.kind,
        reference: &body.sender_reference,
        correlation,
        corrects: body.corrects_id.zip(body.correction_reason.as_ref()),
        copy_of: None,
        purpose: &body.purpose,
        effective_on: body.effective_on,
        due_on,
        payload: &payload,
        digest: Some(digest),
        records: &records,
    };
    insert_message(tx, &link, &new)
}

/// A message to be stored as a draft.
pub(super) struct NewMessage<'m> {
    pub id: Uuid,
    pub kind: MessageKind,
    pub reference: &'m MessageReference,
    pub correlation: Uuid,
    pub corrects: Option<(Uuid, &'m Text<3, 500>)>,
    pub copy_of: Option<Uuid>,
    pub purpose: &'m Text<3, 200>,
    pub effective_on: Day,
    pub due_on: Option<Day>,
    pub payload: &'m MessagePayload,
    pub digest: Option<Vec<u8>>,
    pub records: &'m [NewRecord],
}

/// Stores a draft of the caller's.
pub(super) fn insert_message(tx: &mut Tx, link: &ExchangeLinkView, new: &NewMessage) -> Result<MessageView, Problem> {
    let sealed = seal_payload(tx, tx.tenant(), new.id, new.payload)?;
    let (corrects, why) = new.corrects.unzip();
    diesel::insert_into(messages::table)
        .values((
            (messages::tenant_id.eq(link.town_id), messages::id.eq(new.id), messages::office_tenant_id.eq(link.office_id)),
            (messages::link_id.eq(link.id), messages::kind.eq(new.kind)),
            messages::schema_version.eq(new.kind.schema_version()),
            (messages::sender_reference.eq(new.reference), messages::correlation_id.eq(new.correlation)),
            (messages::corrects_id.eq(corrects), messages::correction_reason.eq(why)),
            (messages::copy_of_id.eq(new.copy_of), messages::purpose.eq(new.purpose)),
            (messages::legal_basis.eq(new.kind.legal_basis()), messages::effective_on.eq(new.effective_on)),
            (messages::period_on.eq(new.payload.period_on()), messages::edition_id.eq(new.payload.edition_id())),
            (messages::due_on.eq(new.due_on), messages::payload.eq(sealed)),
            (messages::digest.eq(&new.digest), messages::state.eq(MessageState::Draft)),
        ))
        .execute(tx.conn)?;
    insert_records(tx, link, new.id, new.records)?;
    find_message(tx, new.id)
}

/// What has happened is not told before it has.
fn refuse_days_to_come(tx: &Tx, body: &MessageBody, payload: &MessagePayload) -> Result<(), Problem> {
    if !body.kind.tells_ahead() {
        tx.expect_past(body.effective_on, "/effectiveOn")?;
    }
    payload.days_told().into_iter().try_for_each(|(pointer, day)| tx.expect_past(day, &pointer))
}

/// A change of status can be taken back only by a correction, of a message that told it of the same person.
fn expect_something_to_revoke(tx: &mut Tx, body: &MessageBody, payload: &MessagePayload) -> Result<(), Problem> {
    let MessagePayload::StatusChange(content) = payload else { return Ok(()) };
    let mut revoked = content.records.iter().enumerate().filter(|(_, one)| one.change == StatusChangeKind::Revoked).peekable();
    let Some((first, _)) = revoked.peek() else { return Ok(()) };
    let Some(corrected) = body.corrects_id else {
        return Err(REVOKES_NOTHING.at(format!("/payload/records/{first}/change")));
    };
    let mut named: HashSet<Uuid> = HashSet::new();
    let mut next = Some(corrected);
    while let Some(earlier) = next {
        named.extend(records_of(tx, earlier)?.into_iter().map(|record| record.subject_id));
        next = find_message(tx, earlier)?.corrects_id;
    }
    let stranger = revoked.find(|(_, one)| one.subject.subject_id.is_none_or(|subject| !named.contains(&subject)));
    stranger.map_or(Ok(()), |(place, _)| Err(REVOKES_NOTHING.at(format!("/payload/records/{place}/subject"))))
}

fn as_reference(problem: Problem, pointer: &str) -> Problem {
    if problem.code() == catalogue::NOT_FOUND.code { catalogue::REFERENCE_NOT_FOUND.at(pointer) } else { problem }
}

/// Reads the payload by its kind, with pointers from the root of the body.
pub(super) fn read_payload(body: &MessageBody) -> Result<MessagePayload, Problem> {
    let payload = MessagePayload::read(body.kind, body.payload.to_string().into_bytes()).map_err(|mut problem| {
        for field in &mut problem.fields {
            field.pointer.insert_str(0, "/payload");
        }
        problem
    })?;
    payload.check()?;
    Ok(payload)
}

/// The edition that a message is about, which has to be shared by the exchange; nothing is decided before it begins.
fn expect_shared(tx: &mut Tx, link: &ExchangeLinkView, payload: &MessagePayload) -> Result<Option<SharedEditionView>, Problem> {
    let Some(edition) = payload.edition_id() else { return Ok(None) };
    let shared = shared_by(tx, link.id)?.into_iter().find(|shared| shared.edition_id == edition);
    let shared = shared.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/payload/editionId"))?;
    if let MessagePayload::PostDecision(content) = payload
        && let Some(place) = content.records.iter().position(|one| one.decided_on < shared.starts_on)
    {
        return Err(PERIOD_INVERTED.at(format!("/payload/records/{place}/decidedOn")));
    }
    Ok(Some(shared))
}

/// The message that begins the matter; what a message refers to belongs to the same exchange.
fn correlate(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    id: Uuid,
    body: &MessageBody,
    payload: &MessagePayload,
) -> Result<Uuid, Problem> {
    let mut within = |other: Uuid, pointer: &str| -> Result<MessageView, Problem> {
        let found = find_message(tx, other).map_err(|problem| as_reference(problem, pointer))?;
        if found.link_id == link.id { Ok(found) } else { Err(catalogue::REFERENCE_NOT_FOUND.at(pointer)) }
    };
    let claim = payload.answers().map(|claim| within(claim, "/payload/claimMessageId")).transpose()?;
    let stated = body.correlation_id.map(|first| within(first, "/correlationId")).transpose()?;
    let corrected = match (body.corrects_id, &body.correction_reason) {
        (None, None) => None,
        (Some(corrected), Some(_)) => Some(within(corrected, "/correctsId")?),
        _ => return Err(CORRECTION_INCOMPLETE.at("/correctionReason")),
    };
    if let Some(corrected) = &corrected {
        if corrected.sender_id != tx.tenant() || corrected.kind != body.kind || corrected.sent_on.is_none() {
            return Err(NOT_CORRECTABLE.at("/correctsId"));
        }
        if let Some(original) = corrected.copy_of_id {
            return Err(COPY_NOT_CORRECTABLE.at("/correctsId").with("originalId", original.to_string()));
        }
        // Of several drafts the one that is sent first counts.
        if correction_of(tx, corrected.id)?.is_some() {
            return Err(ALREADY_CORRECTED.at("/correctsId"));
        }
    }
    if let (Some(claim), MessagePayload::RefundDecision(decision)) = (claim, payload) {
        check_decision(tx, &claim, decision)?;
        expect_undecided(tx, claim.id, body.corrects_id)?;
    }
    Ok(stated.or(corrected).map_or(id, |first| first.correlation_id))
}

/// The last day for a message.
fn due_on(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    body: &MessageBody,
    (payload, records): (&MessagePayload, &[NewRecord]),
    edition_end: Option<Day>,
) -> Result<Option<Day>, Problem> {
    match body.kind.deadline() {
        DeadlineRule::ThirtyFirstOfJanuary => payload.period_on().map(plan_due).transpose(),
        DeadlineRule::TenthOfNextMonth => payload.period_on().map(list_due).transpose(),
        DeadlineRule::ThreeMonthsAfterEnd => edition_end.map(verification_due).transpose(),
        DeadlineRule::ByAgreement => {
            let Some(days) = link.term_of(body.kind) else { return Ok(None) };
            // The term runs from what is told, settled or answered, whatever day its sender states.
            let since = match payload {
                MessagePayload::RefundClaim(_) => payload.month_ends_on(),
                MessagePayload::FinalReport(_) => edition_end,
                MessagePayload::RefundDecision(decision) => find_message(tx, decision.claim_message_id)?.sent_on,
                _ => None,
            };
            working_days_after(since.unwrap_or(body.effective_on), days).map(Some)
        }
        DeadlineRule::Immediately | DeadlineRule::DutyTerm => duty_due_on(tx, link, body.effective_on, (payload, records)),
        DeadlineRule::None => Ok(None),
    }
}

/// The last day of the duties that a message is to discharge: of those that are recorded, else by their terms from its day on.
/// The strictest holds for the whole.
fn duty_due_on(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    effective_on: Day,
    (payload, records): (&MessagePayload, &[NewRecord]),
) -> Result<Option<Day>, Problem> {
    let subjects: Vec<(Uuid, Uuid)> = records.iter().map(|record| (record.id, record.subject)).collect();
    let mut due: Vec<Day> = Vec::new();
    let mut by_term: Vec<DutyKind> = told_by(payload).into_iter().map(|told| told.duty).collect();
    for notice in notices_of(tx, link, payload, &subjects)? {
        if let Some(day) = duties_due_on(tx, &notice)? {
            due.push(day);
            let place = by_term.iter().position(|duty| *duty == notice.duty);
            place.map(|place| by_term.swap_remove(place));
        }
    }
    by_term.sort_unstable();
    by_term.dedup();
    for duty in by_term {
        due.extend(notice_due_on(tx, duty, link.agreement_id, effective_on)?);
    }
    Ok(due.into_iter().min())
}

fn insert_records(tx: &mut Tx, link: &ExchangeLinkView, message: Uuid, records: &[NewRecord]) -> Result<(), Problem> {
    let rows: Vec<_> = records
        .iter()
        .zip(0_i32..)
        .map(|(record, position)| {
            (
                (message_records::tenant_id.eq(link.town_id), message_records::id.eq(record.id)),
                (message_records::office_tenant_id.eq(link.office_id), message_records::message_id.eq(message)),
                (message_records::position.eq(position), message_records::subject_id.eq(record.subject)),
                (message_records::identity.eq(&record.identity), message_records::person_id.eq(record.person)),
            )
        })
        .collect();
    diesel::insert_into(message_records::table).values(rows).execute(tx.conn)?;
    Ok(())
}
