//! What of a matter is in force: the last version of a message that its receiver has not refused as a whole.

use diesel::prelude::*;
use uuid::Uuid;

use super::lifecycle::MessageState;
use super::parties::{visible, visible_messages};
use super::reading::RecordState;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::schema::{exchange_subjects, message_records, message_steps, messages};

/// What the receiver has made of a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet.
    Awaited,
    /// Accepted, if only in part.
    Accepted,
    /// Refused as a whole: what it corrects stands.
    Refused,
}

/// A correction that was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Correction {
    pub id: Uuid,
    pub verdict: Verdict,
}

/// The corrections that were sent of a message, of the correction in its turn, and so on.
pub(super) fn corrections_of(tx: &mut Tx, message: Uuid) -> Result<Vec<Correction>, Problem> {
    let (mut corrections, mut last) = (Vec::new(), message);
    loop {
        let next: Option<(Uuid, MessageState)> = visible_messages!(tx)
            .filter(messages::corrects_id.eq(last))
            .filter(messages::sent_on.is_not_null())
            .select((messages::id, messages::state))
            .first(tx.conn)
            .optional()?;
        let Some((id, state)) = next else { return Ok(corrections) };
        corrections.push(Correction { id, verdict: verdict(tx, id, state)? });
        last = id;
    }
}

/// What became of a message that was sent.
pub(super) fn verdict(tx: &mut Tx, message: Uuid, state: MessageState) -> Result<Verdict, Problem> {
    Ok(match state {
        MessageState::Draft | MessageState::Discarded | MessageState::Sent | MessageState::Received => Verdict::Awaited,
        MessageState::Refused => Verdict::Refused,
        // That its sender took note of an answer does not say which.
        MessageState::Settled if was_refused(tx, message)? => Verdict::Refused,
        MessageState::Accepted | MessageState::AcceptedInPart | MessageState::Settled => Verdict::Accepted,
    })
}

fn was_refused(tx: &mut Tx, message: Uuid) -> Result<bool, Problem> {
    let refusals: i64 = visible!(tx, message_steps)
        .filter(message_steps::message_id.eq(message))
        .filter(message_steps::state.eq(MessageState::Refused))
        .count()
        .get_result(tx.conn)?;
    Ok(refusals > 0)
}

/// The correction that takes the place of a message: the first that was not refused.
pub(super) fn replaced_by(tx: &mut Tx, message: Uuid) -> Result<Option<Uuid>, Problem> {
    Ok(corrections_of(tx, message)?.into_iter().find(|one| one.verdict != Verdict::Refused).map(|one| one.id))
}

/// Whether what a message told the town of somebody still stands: no correction was accepted in what it says of that person.
pub(super) fn stands(tx: &mut Tx, message: Uuid, person: Uuid) -> Result<bool, Problem> {
    for correction in corrections_of(tx, message)? {
        // Of whom the town refused to hear, it does not hear either that nothing happened.
        if correction.verdict == Verdict::Accepted && !refuses(tx, correction.id, person)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the town refused what a message says of one of its people.
fn refuses(tx: &mut Tx, message: Uuid, person: Uuid) -> Result<bool, Problem> {
    let known_as: Vec<Uuid> = exchange_subjects::table
        .filter(own(tx, exchange_subjects::tenant_id))
        .filter(exchange_subjects::person_id.eq(person))
        .select(exchange_subjects::subject_id)
        .load(tx.conn)?;
    let refused: i64 = message_records::table
        .filter(own(tx, message_records::tenant_id))
        .filter(message_records::message_id.eq(message))
        .filter(message_records::state.eq(RecordState::Refused))
        .filter(message_records::subject_id.eq_any(known_as))
        .count()
        .get_result(tx.conn)?;
    Ok(refused > 0)
}
