//! What a correction means for what has followed from what it corrects, also about people whom it names no more.

use std::collections::HashSet;

use diesel::prelude::*;
use uuid::Uuid;

use super::carrying_out::reason_of;
use super::payload::StatusChangeRecord;
use super::proposals::{ABOUT_AN_END, ProposalKind, ProposalState};
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
    pub person: Uuid,
    pub edition: Uuid,
    pub participation: Uuid,
    pub ended_on: Day,
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

/// A confirmed proposal about an end: its participation, message and kind, and that participation as it is now.
type ConfirmedColumns = (Option<Uuid>, Uuid, ProposalKind, (Uuid, Uuid, Option<Day>, Option<EndReason>));

/// The exits that followed from corrected messages and still stand: nothing that was confirmed later took their place.
pub(super) fn standing_ends(tx: &mut Tx, corrected: &[Uuid]) -> Result<Vec<StandingEnd>, Problem> {
    if corrected.is_empty() {
        return Ok(Vec::new());
    }
    let touched = message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::message_id.eq_any(corrected))
        .filter(message_proposals::state.eq(ProposalState::Confirmed))
        .select(message_proposals::participation_id);
    let touched: Vec<Option<Uuid>> = touched.load(tx.conn)?;
    let of_participation = participations::tenant_id
        .eq(message_proposals::tenant_id)
        .and(participations::id.nullable().eq(message_proposals::participation_id));
    let confirmed: Vec<ConfirmedColumns> = message_proposals::table
        .inner_join(participations::table.on(of_participation))
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::participation_id.eq_any(touched))
        .filter(message_proposals::kind.eq_any(ABOUT_AN_END))
        .filter(message_proposals::state.eq(ProposalState::Confirmed))
        .filter(participations::state.eq(ParticipationState::Exited))
        // Of one participation one is open at a time, so they were confirmed in the order in which they were made.
        .order((message_proposals::participation_id, message_proposals::recorded_at.desc(), message_proposals::id.desc()))
        .select((
            message_proposals::participation_id,
            message_proposals::message_id,
            message_proposals::kind,
            (participations::person_id, participations::edition_id, participations::ended_on, participations::end_reason),
        ))
        .load(tx.conn)?;
    let (mut seen, mut standing) = (HashSet::new(), Vec::new());
    for (participation, message, kind, (person, edition, ended_on, reason)) in confirmed {
        let (Some(participation), Some(ended_on), Some(reason)) = (participation, ended_on, reason) else { continue };
        if seen.insert(participation) && corrected.contains(&message) && kind != ProposalKind::TakeBackEnd {
            standing.push(StandingEnd { person, edition, participation, ended_on, reason });
        }
    }
    Ok(standing)
}

/// Open proposals that followed from corrected messages about people whom `is_meant` names give way to the correction.
pub(super) fn supersede_corrected(
    tx: &mut Tx,
    message: &MessageView,
    corrected: &[Uuid],
    is_meant: impl Fn(Uuid) -> bool,
) -> Result<(), Problem> {
    if corrected.is_empty() {
        return Ok(());
    }
    let open: Vec<(Uuid, Uuid)> = message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::message_id.eq_any(corrected))
        .filter(message_proposals::state.eq(ProposalState::Open))
        .order(message_proposals::id)
        .select((message_proposals::id, message_proposals::person_id))
        .for_update()
        .load(tx.conn)?;
    let meant: Vec<Uuid> = open.into_iter().filter(|(_, person)| is_meant(*person)).map(|(id, _)| id).collect();
    let rows = message_proposals::table.filter(own(tx, message_proposals::tenant_id)).filter(message_proposals::id.eq_any(meant));
    diesel::update(rows)
        .set((message_proposals::state.eq(ProposalState::Superseded), message_proposals::superseded_by_id.eq(message.id)))
        .execute(tx.conn)?;
    Ok(())
}
