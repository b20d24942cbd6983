//! Whether a message under a used reference is the first one once more: what it says counts, and not how that is spelled.

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::REFERENCE_TAKEN;
use super::exchange_links::ExchangeLinkView;
use super::parties::visible_messages;
use super::payload::MessagePayload;
use super::reading::{MessageView, StoredRecord, find_message, payload_of, records_of};
use super::resolving::people_of;
use super::sealed::{is_digest_of, open_identity};
use super::subjects::{SubjectBody, SubjectIdentity};
use super::writing::{MessageBody, read_payload};
use crate::people::DocumentBody;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::schema::messages;

/// The message that the sender wrote before under the same reference; one that says something else is refused.
pub(super) fn find_repeated(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    body: &MessageBody,
    text: &str,
) -> Result<Option<MessageView>, Problem> {
    // Whoever writes under the same reference meanwhile waits here, and then finds what was written.
    tx.wait_in_turn(&[b"message", link.town_id.as_bytes(), tx.tenant().as_bytes(), body.sender_reference.as_str().as_bytes()])?;
    let first: Option<(MessageView, Option<Vec<u8>>)> = visible_messages!(tx)
        .filter(messages::tenant_id.eq(link.town_id))
        .filter(own(tx, messages::sender_tenant_id))
        .filter(messages::sender_reference.eq(&body.sender_reference))
        .filter(messages::copy_of_id.is_null())
        .select((MessageView::as_select(), messages::digest))
        .first(tx.conn)
        .optional()?;
    let Some((first, digest)) = first else { return Ok(None) };
    // The very same text is told by its digest, also once people of it were merged or erased.
    if is_digest_of(tx, first.id, digest.as_deref(), text)? || says_the_same(tx, link, body, &first)? {
        Ok(Some(first))
    } else {
        Err(REFERENCE_TAKEN.at("/senderReference"))
    }
}

fn says_the_same(tx: &mut Tx, link: &ExchangeLinkView, body: &MessageBody, first: &MessageView) -> Result<bool, Problem> {
    let is_alike = (link.id, body.kind, body.kind.schema_version()) == (first.link_id, first.kind, first.schema_version)
        && (&body.purpose, body.effective_on) == (&first.purpose, first.effective_on)
        && (body.corrects_id, &body.correction_reason) == (first.corrects_id, &first.correction_reason);
    if !is_alike {
        return Ok(false);
    }
    let begun_by = match first.corrects_id {
        Some(corrected) => find_message(tx, corrected)?.correlation_id,
        None => first.id,
    };
    let (mut told, mut stored) = (read_payload(body)?, payload_of(tx, first)?);
    let subjects = take_subjects(&mut told);
    take_subjects(&mut stored);
    let records = records_of(tx, first.id)?;
    if body.correlation_id.unwrap_or(begun_by) != first.correlation_id || told != stored || subjects.len() != records.len() {
        return Ok(false);
    }
    let named = records.iter().map(|record| record.subject_id).chain(subjects.iter().filter_map(|one| one.subject_id));
    let people = people_of(tx, link, &named.collect::<Vec<_>>())?;
    for (subject, record) in subjects.iter().zip(&records) {
        if !is_of(tx, subject, (first, record), &people)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn take_subjects(payload: &mut MessagePayload) -> Vec<SubjectBody> {
    payload.subjects_mut().into_iter().map(std::mem::take).collect()
}

/// Whether a subject is the one of a stored record, by whatever of its names.
fn is_of(
    tx: &Tx,
    subject: &SubjectBody,
    (message, record): (&MessageView, &StoredRecord),
    people: &HashMap<Uuid, Uuid>,
) -> Result<bool, Problem> {
    let known = people.get(&record.subject_id);
    Ok(match (subject.person_id, subject.subject_id, &subject.identity) {
        (Some(person), None, None) => known == Some(&person),
        (None, Some(named), None) => named == record.subject_id || (known.is_some() && people.get(&named) == known),
        (None, chosen, Some(identity)) => {
            let stored = open_identity(tx, message, record)?;
            chosen.is_none_or(|chosen| chosen == record.subject_id) && stored.is_some_and(|stored| are_alike(identity, &stored))
        }
        _ => false,
    })
}

fn are_alike(one: &SubjectIdentity, other: &SubjectIdentity) -> bool {
    let document = |identity: &SubjectIdentity| identity.document.as_ref().map(DocumentBody::normalised);
    (&one.given_names, &one.surname, &one.residence, &one.pesel)
        == (&other.given_names, &other.surname, &other.residence, &other.pesel)
        && document(one) == document(other)
}
