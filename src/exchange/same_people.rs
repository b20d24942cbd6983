//! Who of a message is the same person, by whatever name: a subject, one of the sender's own people, also after merges, or an
//! identity.

use std::collections::HashMap;

use uuid::Uuid;

use super::exchange_links::ExchangeLinkView;
use super::payload::MessagePayload;
use super::resolving::people_of;
use super::subjects::SubjectIdentity;
use crate::people::{find_by_document, find_by_pesel};
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Pesel;

/// What only one person has.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    /// A subject, or a person of the sender's.
    Id(Uuid),
    Pesel(Pesel),
    /// A document as it is compared.
    Document(String),
}

/// The subject of a record, and what is known of it besides.
pub(super) type Named<'r> = (Uuid, &'r [Mark]);

/// Whom the records of a message are about: equal ids are one person.
pub(super) struct WhoIsWho {
    pub records: Vec<Uuid>,
    /// Who is named besides, by record.
    pub besides: Vec<Uuid>,
}

/// What an identity says that only one person has; `among_own` looks for the sender's own people by it too.
pub(super) fn marks_of(tx: &mut Tx, identity: &SubjectIdentity, among_own: bool) -> Result<Vec<Mark>, Problem> {
    let mut marks = Vec::new();
    if let Some(pesel) = &identity.pesel {
        marks.push(Mark::Pesel(pesel.clone()));
        if among_own {
            marks.extend(find_by_pesel(tx, pesel)?.into_iter().map(Mark::Id));
        }
    }
    if let Some(document) = &identity.document {
        marks.push(Mark::Document(document.normalised()));
        if among_own {
            marks.extend(find_by_document(tx, document)?.into_iter().map(Mark::Id));
        }
    }
    Ok(marks)
}

/// Finds out who of a message is the same: subjects of one person of the sender's, and who shares a mark.
pub(super) fn who_is_who(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    payload: &MessagePayload,
    named: &[Named],
) -> Result<WhoIsWho, Problem> {
    let besides: Vec<Uuid> = payload.named_besides().into_iter().map(|(_, subject)| subject).collect();
    let subjects: Vec<Uuid> = named.iter().map(|(subject, _)| *subject).chain(besides.iter().copied()).collect();
    let people = people_of(tx, link, &subjects)?;
    let person = |subject: &Uuid| people.get(subject).copied().unwrap_or(*subject);
    let mut known: HashMap<Mark, Uuid> = HashMap::new();
    let mut records = Vec::with_capacity(named.len());
    for (subject, marks) in named {
        let own = Mark::Id(person(subject));
        let all: Vec<&Mark> = std::iter::once(&own).chain(marks.iter()).collect();
        let who = all.iter().find_map(|mark| known.get(*mark).copied()).unwrap_or_else(|| person(subject));
        for mark in all {
            known.entry(mark.clone()).or_insert(who);
        }
        records.push(who);
    }
    let besides = besides.iter().map(|subject| known.get(&Mark::Id(person(subject))).copied().unwrap_or_else(|| person(subject)));
    Ok(WhoIsWho { besides: besides.collect(), records })
}
