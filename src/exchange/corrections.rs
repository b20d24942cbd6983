//! What a correction means for an end that has followed from what it corrects.

use diesel::prelude::*;
use uuid::Uuid;

use super::payload::StatusChangeRecord;
use super::proposals::{ProposalKind, ProposalState, reason_of};
use super::reading::{MessageView, find_message};
use super::words::StatusChangeKind;
use crate::participation::EndReason;
use crate::participation::participations::ParticipationState;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::schema::{message_proposals, participations};

/// The message that a message corrects, the one that it corrected in its turn, and so on.
pub(super) fn corrected_by(tx: &mut Tx, message: &MessageView) -> Result<Vec<Uuid>, Problem> {
    let (mut corrected, mut next) = (Vec::new(), message.corrects_id);
    while let Some(earlier) = next {
        corrected.push(earlier);
        next = find_message(tx, earlier)?.corrects_id;
    }
    Ok(corrected)
}

/// An exit that a confirmed proposal of a corrected message has recorded.
pub(super) struct StandingEnd {
    pub edition: Uuid,
    pub participation: Uuid,
    ended_on: Day,
    reason: EndReason,
}

impl StandingEnd {
    /// What a correction proposes; nothing where the end is as it says.
    pub(super) fn corrected_by(&self, change: &StatusChangeRecord) -> Option<ProposalKind> {
        if change.change == StatusChangeKind::Revoked {
            return Some(ProposalKind::TakeBackEnd);
        }
        let is_same = self.ended_on == change.since && reason_of(change.change) == Some(self.reason);
        (!is_same).then_some(ProposalKind::ChangeEnd)
    }
}

/// The exit of a person that followed from corrected messages, if it still stands.
pub(super) fn standing_end(tx: &mut Tx, corrected: &[Uuid], person: Uuid) -> Result<Option<StandingEnd>, Problem> {
    if corrected.is_empty() {
        return Ok(None);
    }
    let of_participation = participations::tenant_id
        .eq(message_proposals::tenant_id)
        .and(participations::id.nullable().eq(message_proposals::participation_id));
    let found: Option<(Uuid, Uuid, Option<Day>, Option<EndReason>)> = message_proposals::table
        .inner_join(participations::table.on(of_participation))
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::message_id.eq_any(corrected))
        .filter(message_proposals::person_id.eq(person))
        .filter(message_proposals::kind.eq_any([ProposalKind::EndParticipation, ProposalKind::ChangeEnd]))
        .filter(message_proposals::state.eq(ProposalState::Confirmed))
        .filter(participations::state.eq(ParticipationState::Exited))
        .order(message_proposals::id.desc())
        .select((participations::edition_id, participations::id, participations::ended_on, participations::end_reason))
        .first(tx.conn)
        .optional()?;
    Ok(found.and_then(|(edition, participation, ended_on, reason)| {
        Some(StandingEnd { edition, participation, ended_on: ended_on?, reason: reason? })
    }))
}

/// Open proposals about a person that followed from corrected messages give way to the correction.
pub(super) fn supersede_corrected(tx: &mut Tx, message: &MessageView, corrected: &[Uuid], person: Uuid) -> Result<(), Problem> {
    if corrected.is_empty() {
        return Ok(());
    }
    let open = message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::message_id.eq_any(corrected))
        .filter(message_proposals::person_id.eq(person))
        .filter(message_proposals::state.eq(ProposalState::Open));
    diesel::update(open)
        .set((message_proposals::state.eq(ProposalState::Superseded), message_proposals::superseded_by_id.eq(message.id)))
        .execute(tx.conn)?;
    Ok(())
}
