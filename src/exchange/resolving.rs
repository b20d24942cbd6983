//! Whom the records of a new message are about: subjects that both sides know, new ones, and the data that a list needs.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::exchange_links::ExchangeLinkView;
use super::kinds::MessageKind;
use super::parties::{Side, visible};
use super::payload::MessagePayload;
use super::same_people::{Mark, marks_of};
use super::sealed::{KeyOf, open_under, seal_identity};
use super::subjects::{SubjectBody, SubjectIdentity};
use super::{IDENTITY_INCOMPLETE, IDENTITY_NOT_ALLOWED, SUBJECT_UNCLEAR};
use crate::people::{IdentityBody, expect_person, hold_person, identity_of_person};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::schema::{exchange_subjects, message_records, messages};

/// A record of a new message.
pub(super) struct NewRecord {
    pub id: Uuid,
    pub subject: Uuid,
    /// Sealed; of the sender's own people none until the message is sent.
    pub identity: Option<Vec<u8>>,
    /// Under whose key the identity is or will be; none where it is under the sender's.
    pub person: Option<Uuid>,
    /// What the identity says that only one person has.
    pub marks: Vec<Mark>,
}

/// The other side of an exchange, as the caller sees it.
pub(super) fn counterpart(tx: &Tx, link: &ExchangeLinkView) -> Uuid {
    if Side::of(tx, link.town_id) == Side::Town { link.office_id } else { link.town_id }
}

/// Resolves the subjects of a payload, which afterwards holds their ids only.
pub(super) fn resolve(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    kind: MessageKind,
    payload: &mut MessagePayload,
) -> Result<Vec<NewRecord>, Problem> {
    let besides = payload.named_besides();
    let mut subjects = payload.subjects_mut();
    let named: Vec<Uuid> = subjects.iter().filter_map(|one| one.subject_id).chain(besides.iter().map(|(_, id)| *id)).collect();
    let known = known_subjects(tx, link, &named)?;
    if let Some((pointer, _)) = besides.iter().find(|(_, id)| !known.contains_key(id)) {
        return Err(catalogue::REFERENCE_NOT_FOUND.at(pointer));
    }
    let of_people = subjects_of_people(tx, link, &subjects)?;
    let own_people = if kind.names_people() { people_of(tx, link, &named)? } else { HashMap::new() };
    let names_own = !of_people.is_empty() || !own_people.is_empty();
    let mut records = Vec::with_capacity(subjects.len());
    for (place, subject) in subjects.iter_mut().enumerate() {
        let at = format!("/payload/records/{place}/subject");
        let id = tx.id_or_new(None);
        let (resolved, identity) = match (subject.person_id, subject.subject_id, subject.identity.take()) {
            (Some(person), None, None) => {
                let listed = kind.names_people().then(|| listed_when_sent(tx, link, person, &format!("{at}/personId")));
                (of_people.get(&person).copied().unwrap_or_default(), listed.transpose()?)
            }
            (None, Some(subject), None) => {
                let Some(earlier) = known.get(&subject) else {
                    return Err(catalogue::REFERENCE_NOT_FOUND.at(format!("{at}/subjectId")));
                };
                let again = (own_people.get(&subject).copied(), earlier.as_ref());
                let listed = kind.names_people().then(|| listed_again(tx, link, again, &format!("{at}/subjectId")));
                (subject, listed.transpose()?)
            }
            (None, chosen, Some(identity)) => {
                if !kind.names_people() {
                    return Err(IDENTITY_NOT_ALLOWED.at(format!("{at}/identity")));
                }
                if identity.pesel.is_none() && identity.document.is_none() {
                    return Err(IDENTITY_INCOMPLETE.at(format!("{at}/identity")));
                }
                if chosen.is_some_and(|chosen| known.contains_key(&chosen)) {
                    return Err(SUBJECT_UNCLEAR.at(at));
                }
                (tx.id_or_new(chosen), Some((Some(identity), None)))
            }
            _ => return Err(SUBJECT_UNCLEAR.at(at)),
        };
        **subject = SubjectBody::known(resolved);
        let person = identity.as_ref().and_then(|(_, person)| *person);
        let key = person.map_or(KeyOf::Sender(tx.tenant()), |person| KeyOf::Person { town: link.town_id, person });
        let told = identity.and_then(|(told, _)| told);
        let marks = told.as_ref().map(|told| marks_of(tx, told, names_own)).transpose()?.unwrap_or_default();
        let identity = told.map(|told| seal_identity(tx, key, id, &told)).transpose()?;
        records.push(NewRecord { id, subject: resolved, identity, person, marks });
    }
    Ok(records)
}

/// A record that named a subject, with who sent it.
struct Earlier {
    sender: Uuid,
    record: Uuid,
    identity: Vec<u8>,
    person: Option<Uuid>,
}

/// Subject, sender, record, identity, and the person under whose key that is sealed.
type EarlierColumns = (Uuid, Uuid, Uuid, Option<Vec<u8>>, Option<Uuid>);

/// Which subjects earlier messages of the exchange were about, with their identity where one was told.
fn known_subjects(tx: &mut Tx, link: &ExchangeLinkView, named: &[Uuid]) -> Result<HashMap<Uuid, Option<Earlier>>, Problem> {
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let of_message = messages::tenant_id.eq(message_records::tenant_id).and(messages::id.eq(message_records::message_id));
    let rows: Vec<EarlierColumns> = visible!(tx, message_records)
        .inner_join(messages::table.on(of_message))
        // Of these two: one office's towns know nothing of each other.
        .filter(messages::tenant_id.eq(link.town_id))
        .filter(messages::office_tenant_id.eq(link.office_id))
        .filter(message_records::subject_id.eq_any(named))
        // A subject of a draft is known to its sender.
        .filter(messages::sent_on.is_not_null().or(own(tx, messages::sender_tenant_id)))
        .order(message_records::id)
        .select((
            message_records::subject_id,
            messages::sender_tenant_id,
            message_records::id,
            message_records::identity,
            message_records::person_id,
        ))
        .load(tx.conn)?;
    let mut known = HashMap::new();
    for (subject, sender, record, identity, person) in rows {
        let entry = known.entry(subject).or_insert(None);
        if let Some(identity) = identity {
            *entry = Some(Earlier { sender, record, identity, person });
        }
    }
    Ok(known)
}

/// The subjects of one's own people; somebody of whom the two have not spoken gets a new one.
fn subjects_of_people(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    subjects: &[&mut SubjectBody],
) -> Result<HashMap<Uuid, Uuid>, Problem> {
    let mut people: Vec<(Uuid, usize)> =
        subjects.iter().enumerate().filter_map(|(place, one)| one.person_id.map(|person| (person, place))).collect();
    // In one order, so that no two wait for each other.
    people.sort_unstable();
    people.dedup_by_key(|(person, _)| *person);
    let counterpart = counterpart(tx, link);
    let mut found = HashMap::new();
    for (person, place) in people {
        hold_person(tx, person)?;
        let at = format!("/payload/records/{place}/subject/personId");
        expect_person(tx, person).map_err(|_| catalogue::REFERENCE_NOT_FOUND.at(at))?;
        let known: Option<Uuid> = exchange_subjects::table
            .filter(own(tx, exchange_subjects::tenant_id))
            .filter(exchange_subjects::person_id.eq(person))
            .filter(exchange_subjects::counterpart_id.eq(counterpart))
            .order(exchange_subjects::id)
            .select(exchange_subjects::subject_id)
            .first(tx.conn)
            .optional()?;
        let subject = if let Some(known) = known {
            known
        } else {
            let subject = tx.id_or_new(None);
            insert_subject(tx, counterpart, subject, person)?;
            subject
        };
        found.insert(person, subject);
    }
    Ok(found)
}

/// Notes which of one's own people a subject is; answers the id of the note.
pub(super) fn insert_subject(tx: &mut Tx, counterpart: Uuid, subject: Uuid, person: Uuid) -> Result<Uuid, Problem> {
    let id = tx.id_or_new(None);
    diesel::insert_into(exchange_subjects::table)
        .values((
            (exchange_subjects::id.eq(id), exchange_subjects::counterpart_id.eq(counterpart)),
            (exchange_subjects::subject_id.eq(subject), exchange_subjects::person_id.eq(person)),
        ))
        .execute(tx.conn)?;
    Ok(id)
}

/// Which of one's own people the subjects are, as far as that is known.
pub(super) fn people_of(tx: &mut Tx, link: &ExchangeLinkView, subjects: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, Problem> {
    let counterpart = counterpart(tx, link);
    let distinct: HashSet<Uuid> = subjects.iter().copied().collect();
    let rows: Vec<(Uuid, Uuid)> = exchange_subjects::table
        .filter(own(tx, exchange_subjects::tenant_id))
        .filter(exchange_subjects::counterpart_id.eq(counterpart))
        .filter(exchange_subjects::subject_id.eq_any(distinct))
        .select((exchange_subjects::subject_id, exchange_subjects::person_id))
        .load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

/// What a list says of one of the sender's people; refused where something that it needs is missing.
pub(super) fn identity_for_list(tx: &mut Tx, person: Uuid, at: &str) -> Result<SubjectIdentity, Problem> {
    let incomplete = || IDENTITY_INCOMPLETE.at(at);
    let IdentityBody { given_names, surname, pesel, document, address, .. } =
        identity_of_person(tx, person)?.ok_or_else(incomplete)?;
    if pesel.is_none() && document.is_none() {
        return Err(incomplete());
    }
    Ok(SubjectIdentity {
        given_names: given_names.ok_or_else(incomplete)?,
        surname: surname.ok_or_else(incomplete)?,
        residence: address.ok_or_else(incomplete)?,
        // The document stands in only where there is no PESEL.
        document: if pesel.is_none() { document } else { None },
        pesel,
    })
}

/// What a list says of somebody, of its own people not before it is sent; and under whose key that is, if not the sender's.
type Listed = (Option<SubjectIdentity>, Option<Uuid>);

/// One of the sender's own people in a list.
fn listed_when_sent(tx: &mut Tx, link: &ExchangeLinkView, person: Uuid, at: &str) -> Result<Listed, Problem> {
    identity_for_list(tx, person, at)?;
    Ok((None, (tx.tenant() == link.town_id).then_some(person)))
}

/// A subject in a list: the town names its people as they are, whatever it has told of them; an office as they were told.
fn listed_again(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    (own, earlier): (Option<Uuid>, Option<&Earlier>),
    at: &str,
) -> Result<Listed, Problem> {
    match own {
        Some(person) if earlier.is_none() || tx.tenant() == link.town_id => listed_when_sent(tx, link, person, at),
        _ => identity_again(tx, link, earlier, at),
    }
}

/// What an earlier list said of a subject, and under whose key it stays; refused where that key was destroyed.
fn identity_again(tx: &Tx, link: &ExchangeLinkView, earlier: Option<&Earlier>, at: &str) -> Result<Listed, Problem> {
    let missing = || IDENTITY_INCOMPLETE.at(at);
    let Earlier { sender, record, identity, person } = earlier.ok_or_else(missing)?;
    let key = person.map_or(KeyOf::Sender(*sender), |person| KeyOf::Person { town: link.town_id, person });
    let told = open_under(tx, key, *record, identity)?.ok_or_else(missing)?;
    Ok((Some(told), *person))
}
