//! Copies of what the law tells to two receivers: each gets its own message, in its own exchange, of one matter.

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::SUBJECT_UNKNOWN;
use super::corrections::corrected_by;
use super::discharging::discharge;
use super::exchange_links::{ExchangeLinkView, links_beside, receiver_of};
use super::lifecycle::MessageState;
use super::payload::MessagePayload;
use super::reading::{MessageView, correction_of, payload_of};
use super::resolving::{people_of, resolve};
use super::shared_editions::shared_by;
use super::steps::{MessageStepBody, advance};
use super::subjects::SubjectBody;
use super::writing::{NewMessage, insert_message};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::schema::messages;

/// Sends a message of the town that was just sent to its other receivers too: the same content, day, reference and letter.
///
/// A receiver without an exchange under the same agreement that is in force, or to whom the edition is not shown, gets none;
/// the duty to inform it stays open. Whoever got what is corrected gets the correction, also after its exchange has ended.
pub(super) fn copy_to_others(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    message: &MessageView,
    step: &MessageStepBody,
) -> Result<(), Problem> {
    if message.sender_id != link.town_id || message.kind.receivers().len() < 2 {
        return Ok(());
    }
    let payload = payload_of(tx, message)?;
    let sent_on = step.day(tx)?;
    for other in links_beside(tx, link)? {
        let receiver = receiver_of(tx, &other)?;
        if receiver == receiver_of(tx, link)? || !message.kind.receivers().contains(&receiver) {
            continue;
        }
        let corrected = copy_to_correct(tx, message, other.id)?;
        if corrected.is_none() && !takes(tx, &other, (message, &payload), sent_on)? {
            continue;
        }
        let copy = write_copy(tx, (link, &other), (message, corrected), payload.clone())?;
        let copy = advance(tx, &copy, MessageState::Sent, step, None)?;
        tx.touch_too([copy.id]);
        discharge(tx, &other, &copy, step)?;
    }
    Ok(())
}

/// Whether an exchange takes a copy on a day: it is in force, and shares the edition that the message is about.
fn takes(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    (message, payload): (&MessageView, &MessagePayload),
    on: Day,
) -> Result<bool, Problem> {
    if [message.effective_on, on].into_iter().any(|day| link.expect_in_force(day, "/effectiveOn").is_err()) {
        return Ok(false);
    }
    let Some(edition) = payload.edition_id() else { return Ok(true) };
    Ok(shared_by(tx, link.id)?.iter().any(|shared| shared.edition_id == edition))
}

fn write_copy(
    tx: &mut Tx,
    (link, other): (&ExchangeLinkView, &ExchangeLinkView),
    (message, corrected): (&MessageView, Option<Uuid>),
    mut payload: MessagePayload,
) -> Result<MessageView, Problem> {
    name_people(tx, link, &mut payload)?;
    let records = resolve(tx, other, message.kind, &mut payload)?;
    let id = tx.id_or_new(None);
    // The receiver is told of its own messages only: where it got none of the matter before, this one begins it.
    let correlation = copy_of(tx, message.correlation_id, other.id)?.unwrap_or(id);
    let new = NewMessage {
        id,
        kind: message.kind,
        reference: &message.sender_reference,
        correlation,
        corrects: corrected.zip(message.correction_reason.as_ref()),
        copy_of: Some(message.id),
        purpose: &message.purpose,
        effective_on: message.effective_on,
        due_on: message.due_on,
        payload: &payload,
        digest: None,
        records: &records,
    };
    insert_message(tx, other, &new)
}

/// Names the subjects of a payload as the town's own people: each receiver knows them by other ids.
fn name_people(tx: &mut Tx, link: &ExchangeLinkView, payload: &mut MessagePayload) -> Result<(), Problem> {
    let mut subjects = payload.subjects_mut();
    let ids: Vec<Uuid> = subjects.iter().filter_map(|one| one.subject_id).collect();
    let people: HashMap<Uuid, Uuid> = people_of(tx, link, &ids)?;
    for subject in &mut subjects {
        let known = subject.subject_id.and_then(|id| people.get(&id).copied());
        let Some(person) = known else {
            let unknown = SUBJECT_UNKNOWN.problem();
            return Err(subject.subject_id.into_iter().fold(unknown, |problem, id| problem.with("subjectId", id.to_string())));
        };
        **subject = SubjectBody { person_id: Some(person), ..SubjectBody::default() };
    }
    Ok(())
}

/// What a correction corrects in another exchange: the last that came there of what it corrects.
fn copy_to_correct(tx: &mut Tx, message: &MessageView, link: Uuid) -> Result<Option<Uuid>, Problem> {
    for corrected in corrected_by(tx, message)? {
        if let Some(copy) = last_copy_of(tx, corrected, link)? {
            return Ok(Some(copy));
        }
    }
    Ok(None)
}

/// The copy of a message in another exchange, or the last correction of it there.
fn last_copy_of(tx: &mut Tx, message: Uuid, link: Uuid) -> Result<Option<Uuid>, Problem> {
    let mut last = copy_of(tx, message, link)?;
    while let Some(copy) = last {
        match correction_of(tx, copy)? {
            Some(correction) => last = Some(correction),
            None => break,
        }
    }
    Ok(last)
}

/// The copy of a message in another exchange.
fn copy_of(tx: &mut Tx, message: Uuid, link: Uuid) -> Result<Option<Uuid>, Problem> {
    Ok(messages::table
        .filter(own(tx, messages::tenant_id))
        .filter(messages::copy_of_id.eq(message))
        .filter(messages::link_id.eq(link))
        .select(messages::id)
        .first(tx.conn)
        .optional()?)
}
