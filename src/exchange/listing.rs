//! Whom a list names: the sender's own people as they are when it is sent.
//!
//! Until then a draft holds nobody's identity, so that a merge or a change of somebody's data leaves none behind in it.

use std::collections::{HashMap, HashSet};

use actix_web::ResponseError as _;
use diesel::prelude::*;
use uuid::Uuid;

use super::DRAFT_OVERTAKEN;
use super::exchange_links::ExchangeLinkView;
use super::reading::{MessageView, StoredRecord, records_of};
use super::resolving::{identity_for_list, people_of};
use super::sealed::{KeyOf, seal_identity};
use super::subjects::SubjectIdentity;
use crate::people::hold_person;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::schema::message_records;

/// The sender's own people whom a draft lists, by record; whom it names in its own words is not among them.
pub(super) fn own_people(tx: &mut Tx, link: &ExchangeLinkView, records: &[StoredRecord]) -> Result<HashMap<Uuid, Uuid>, Problem> {
    let waiting: Vec<&StoredRecord> = records.iter().filter(|record| record.identity.is_none()).collect();
    let known = people_of(tx, link, &waiting.iter().map(|record| record.subject_id).collect::<Vec<_>>())?;
    Ok(waiting.into_iter().filter_map(|record| Some((record.id, *known.get(&record.subject_id)?))).collect())
}

/// What a draft would say of one of the sender's own people; nothing where something that the list needs is missing.
pub(super) fn as_listed(tx: &mut Tx, person: Uuid) -> Result<Option<SubjectIdentity>, Problem> {
    match identity_for_list(tx, person, "") {
        Ok(identity) => Ok(Some(identity)),
        Err(problem) if problem.status_code().is_server_error() => Err(problem),
        Err(_) => Ok(None),
    }
}

/// Names the sender's own people in a list that is being sent.
///
/// # Errors
/// `exchange.draft_overtaken` where somebody stands in it twice since a merge, or lacks what the list needs.
pub(super) fn name_own_people(tx: &mut Tx, link: &ExchangeLinkView, message: &MessageView) -> Result<(), Problem> {
    if !message.kind.names_people() {
        return Ok(());
    }
    let (records, people) = held(tx, link, message.id)?;
    let mut named = HashSet::new();
    for record in records {
        let Some(person) = people.get(&record.id).copied() else { continue };
        let overtaken = || DRAFT_OVERTAKEN.problem().with("position", record.position);
        if !named.insert(person) && message.kind.names_each_once() {
            return Err(overtaken());
        }
        let identity = as_listed(tx, person)?.ok_or_else(overtaken)?;
        let key = match record.person_id {
            Some(person) => KeyOf::Person { town: link.town_id, person },
            None => KeyOf::Sender(tx.tenant()),
        };
        let sealed = seal_identity(tx, key, record.id, &identity)?;
        let row = message_records::table
            .filter(own(tx, message_records::tenant_id).or(own(tx, message_records::office_tenant_id)))
            .filter(message_records::id.eq(record.id));
        diesel::update(row).set(message_records::identity.eq(sealed)).execute(tx.conn)?;
    }
    Ok(())
}

/// The records of a draft and the sender's own people in them, held, so that no merge moves them meanwhile.
fn held(tx: &mut Tx, link: &ExchangeLinkView, draft: Uuid) -> Result<(Vec<StoredRecord>, HashMap<Uuid, Uuid>), Problem> {
    let mut held: Vec<Uuid> = Vec::new();
    loop {
        let records = records_of(tx, draft)?;
        let people = own_people(tx, link, &records)?;
        let mut wanted: Vec<Uuid> = people.values().copied().filter(|person| !held.contains(person)).collect();
        if wanted.is_empty() {
            return Ok((records, people));
        }
        // In one order, so that no two wait for each other.
        wanted.sort_unstable();
        wanted.dedup();
        for person in wanted {
            hold_person(tx, person)?;
            held.push(person);
        }
    }
}
