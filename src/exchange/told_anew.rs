//! What was refused is owed until the same is told again: each event of each person, a list of the same people, a claim.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::discharging::told_by;
use super::exchange_links::ExchangeLinkView;
use super::lifecycle::MessageState;
use super::parties::visible;
use super::payload::MessagePayload;
use super::reading::{RecordState, RejectCode, find_message, payload_of};
use super::resolving::people_of;
use super::tellings::{Telling, Version};
use crate::participation::DutyKind;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::schema::{message_records, message_steps};

/// Whether all that was refused of a message has been told by later ones that are in force on a day.
pub(super) fn is_told_anew(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    refused: &Version,
    tellings: &[Telling],
    on: Day,
) -> Result<bool, Problem> {
    let is_later = |one: &Version| one.key() == refused.key() && (one.sent_on, one.id) > (refused.sent_on, refused.id);
    let later: Vec<Uuid> =
        tellings.iter().filter(|one| one.told_on.is_some() && is_later(&one.version)).map(|one| one.version.id).collect();
    if later.is_empty() {
        return Ok(false);
    }
    let records = records_of_all(tx, link, (refused.id, &later), on)?;
    let whom = |message: Uuid| records.get(&message).map(Vec::as_slice).unwrap_or_default();
    let people: HashSet<Uuid> = whom(refused.id).iter().map(|(_, person)| *person).collect();
    let mut owed = matters_of(tx, refused.id, whom(refused.id))?;
    for message in later {
        // A message about other people is not opened.
        if !people.is_empty() && !whom(message).iter().any(|(_, person)| people.contains(person)) {
            continue;
        }
        let told = matters_of(tx, message, whom(message))?;
        owed.retain(|one| !told.iter().any(|other| other.tells(one)));
    }
    Ok(owed.is_empty())
}

/// A record as it is stored: its message, position and subject, and what the receiver made of it.
type RecordColumns = (Uuid, i32, Uuid, RecordState, Option<RejectCode>);

/// Of each message the positions of the records that count, and whom they are about: of the refused one those that were not told
/// before, of the others those that were not refused by a day, or only as told before.
fn records_of_all(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    (refused, later): (Uuid, &[Uuid]),
    on: Day,
) -> Result<HashMap<Uuid, Vec<(usize, Uuid)>>, Problem> {
    let rows: Vec<RecordColumns> = visible!(tx, message_records)
        .filter(message_records::message_id.eq(refused).or(message_records::message_id.eq_any(later)))
        .order((message_records::message_id, message_records::position))
        .select((
            message_records::message_id,
            message_records::position,
            message_records::subject_id,
            message_records::state,
            message_records::reject_code,
        ))
        .load(tx.conn)?;
    let in_part: HashSet<Uuid> = visible!(tx, message_steps)
        .filter(message_steps::message_id.eq_any(later))
        .filter(message_steps::state.eq(MessageState::AcceptedInPart))
        .filter(message_steps::effective_on.le(on))
        .select(message_steps::message_id)
        .load(tx.conn)?
        .into_iter()
        .collect();
    let people = people_of(tx, link, &rows.iter().map(|(_, _, subject, ..)| *subject).collect::<Vec<_>>())?;
    let mut counting: HashMap<Uuid, Vec<(usize, Uuid)>> = HashMap::new();
    for (message, position, subject, state, code) in rows {
        let was_told = code == Some(RejectCode::Duplicate);
        let is_refused = state == RecordState::Refused && !was_told && in_part.contains(&message);
        let counts = if message == refused { !was_told } else { !is_refused };
        if let (true, Ok(position)) = (counts, usize::try_from(position)) {
            counting.entry(message).or_default().push((position, people.get(&subject).copied().unwrap_or(subject)));
        }
    }
    Ok(counting)
}

/// One thing that a message tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Matter {
    person: Option<Uuid>,
    duty: Option<DutyKind>,
    days: Option<(Day, Day)>,
    claim: Option<Uuid>,
}

impl Matter {
    /// Whether it tells another matter, too: an absence those of days within it.
    fn tells(&self, other: &Self) -> bool {
        let has_days = match (self.days, other.days) {
            (Some(own), Some(others)) => own.0 <= others.0 && others.1 <= own.1,
            (own, others) => own == others,
        };
        has_days && (self.person, self.duty, self.claim) == (other.person, other.duty, other.claim)
    }
}

/// What a message tells in the records that count; one without records is one matter, of its kind, month and edition.
fn matters_of(tx: &mut Tx, message: Uuid, records: &[(usize, Uuid)]) -> Result<Vec<Matter>, Problem> {
    let message = find_message(tx, message)?;
    let payload = payload_of(tx, &message)?;
    let events = told_by(&payload);
    let matter = |(position, person): &(usize, Uuid)| {
        let event = events.iter().find(|event| event.position == *position);
        let listed =
            if let MessagePayload::EligibleList(list) = &payload { Some((list.eligible_on, list.eligible_on)) } else { None };
        Matter {
            person: Some(*person),
            duty: event.map(|event| event.duty),
            days: event.map(|event| event.days).or(listed),
            claim: None,
        }
    };
    let has_records = !matches!(
        payload,
        MessagePayload::PsuPlan(_)
            | MessagePayload::RefundClaim(_)
            | MessagePayload::RefundDecision(_)
            | MessagePayload::FinalReport(_)
    );
    if has_records {
        Ok(records.iter().map(matter).collect())
    } else {
        Ok(vec![Matter { claim: payload.answers(), ..Matter::default() }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absence(person: u128, from: &str, to: &str) -> Matter {
        let day = |text: &str| text.parse().expect("a day");
        let person = Some(Uuid::from_u128(person));
        Matter { person, duty: Some(DutyKind::Absence), days: Some((day(from), day(to))), claim: None }
    }

    #[test]
    fn a_longer_absence_of_the_same_person_tells_the_shorter_and_no_other() {
        let refused = absence(1, "2020-11-10", "2020-11-12");
        for (told, expected) in [
            (absence(1, "2020-11-10", "2020-11-12"), true),
            (absence(1, "2020-11-09", "2020-11-13"), true),
            (absence(1, "2020-11-11", "2020-11-12"), false),
            (absence(2, "2020-11-10", "2020-11-12"), false),
            (Matter { duty: Some(DutyKind::Refusal), ..refused }, false),
            (Matter { days: None, ..refused }, false),
        ] {
            assert_eq!(told.tells(&refused), expected, "{told:?}");
        }
    }
}
