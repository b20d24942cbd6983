//! What a confirmation does: the act that a proposal is about, under the rules of that act.

use diesel::prelude::*;
use uuid::Uuid;

use super::corrections::corrected_by;
use super::in_force::{Verdict, corrections_of};
use super::payload::{MessagePayload, PostDecisionRecord, VerifiedJob};
use super::proposals::{ConfirmationBody, ProposalKind, ProposalState, ProposalView, expect_open, lock_proposal};
use super::reading::{MessageView, find_message, payload_of, records_of};
use super::words::StatusChangeKind;
use super::{CORRECTION_AWAITED, DECISION_NOT_LATER};
use crate::outcomes::{
    EmploymentSource, EmploymentSpellBody, PostDecisionBody, current_decision, latest_decision, latest_job, record_decision,
    record_job,
};
use crate::participation::{AdmissionBody, EndBody, EndReason, admit_by, change_end, end_with_offer, take_back_end};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{DatePrecision, Day};
use crate::schema::message_proposals;

/// A confirmation, by a person or by a rule.
pub(super) struct Confirmation<'b> {
    pub decided_on: Day,
    pub by: Option<&'b ConfirmationBody>,
}

impl Confirmation<'_> {
    /// By a rule, with nothing of its own to say.
    pub(super) const fn by_rule(on: Day) -> Self {
        Self { decided_on: on, by: None }
    }
}

/// Does what an open proposal says, and marks it confirmed.
pub(super) fn confirm(tx: &mut Tx, id: Uuid, how: &Confirmation) -> Result<(), Problem> {
    let proposal = lock_proposal(tx, id)?;
    expect_open(&proposal)?;
    expect_last_word(tx, proposal.message_id)?;
    let (result, offer) = carry_out(tx, &proposal, how)?;
    tx.touch_too([result]);
    let row = message_proposals::table.filter(own(tx, message_proposals::tenant_id)).filter(message_proposals::id.eq(id));
    diesel::update(row)
        .set((
            (message_proposals::state.eq(ProposalState::Confirmed), message_proposals::decided_on.eq(how.decided_on)),
            (message_proposals::by_rule.eq(how.by.is_none()), message_proposals::result_id.eq(result)),
            message_proposals::offer_id.eq(offer),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Refuses what follows from a message that its sender has corrected meanwhile: the answer to the correction comes first.
fn expect_last_word(tx: &mut Tx, message: Uuid) -> Result<(), Problem> {
    match corrections_of(tx, message)?.into_iter().find(|one| one.verdict == Verdict::Awaited) {
        Some(correction) => Err(CORRECTION_AWAITED.problem().with("correctionId", correction.id.to_string())),
        None => Ok(()),
    }
}

/// Calls the act that a proposal is about; answers what it changed or made, and the offer of a freed seat.
fn carry_out(tx: &mut Tx, proposal: &ProposalView, how: &Confirmation) -> Result<(Uuid, Option<Uuid>), Problem> {
    if let (ProposalKind::TakeBackEnd, Some(participation)) = (proposal.kind, proposal.participation_id) {
        take_back_end(tx, participation, how.decided_on)?;
        return Ok((participation, None));
    }
    let message = find_message(tx, proposal.message_id)?;
    let payload = payload_of(tx, &message)?;
    let record = records_of(tx, message.id)?.into_iter().find(|record| Some(record.id) == proposal.record_id);
    let at = record.and_then(|record| usize::try_from(record.position).ok()).unwrap_or(usize::MAX);
    let on = how.by.and_then(|body| body.effective_on).unwrap_or(proposal.effective_on);
    let lost = || catalogue::INTERNAL.problem().because("a proposal without its record");
    match &payload {
        MessagePayload::StatusChange(content) => {
            let change = content.records.get(at).ok_or_else(lost)?.change;
            let participation = proposal.participation_id.ok_or_else(lost)?;
            let reason = reason_of(change).ok_or_else(lost)?;
            let end = EndBody { reason, effective_on: on, own_fault: None, note: None };
            let offer_seat = how.by.and_then(|body| body.offer_seat).unwrap_or(true);
            let offer = match proposal.kind {
                ProposalKind::ChangeEnd => change_end(tx, participation, &end, how.decided_on, offer_seat)?,
                _ => end_with_offer(tx, participation, &end, offer_seat)?,
            };
            Ok((participation, offer))
        }
        MessagePayload::Referral(content) => {
            let referral = content.records.get(at).ok_or_else(lost)?;
            let overriding = how.by.and_then(|body| body.overriding.clone());
            let admission = AdmissionBody {
                id: Some(tx.id_or_new(None)),
                application_id: None,
                offer_id: None,
                accepted_on: how.by.and_then(|body| body.accepted_on),
                edition_id: Some(content.edition_id),
                person_id: Some(proposal.person_id),
                starts_on: on,
                planned_end_on: Some(referral.to),
                seat: None,
                overriding,
            };
            Ok((admit_by(tx, &admission)?.id, None))
        }
        MessagePayload::EmploymentVerification(content) => {
            let job = content.records.get(at).and_then(|record| record.job.as_ref()).ok_or_else(lost)?;
            let spell = spell_of(tx, proposal, &message, job)?;
            Ok((record_job(tx, &spell).map_err(without_fields)?.id, None))
        }
        MessagePayload::PostDecision(content) => {
            let decision = content.records.get(at).ok_or_else(lost)?;
            let body = decision_of(tx, proposal, &message, decision)?.ok_or_else(lost)?;
            Ok((record_decision(tx, &body).map_err(without_fields)?.id, None))
        }
        _ => Err(lost()),
    }
}

/// The body of a confirmation has nothing of what the office told.
fn without_fields(mut problem: Problem) -> Problem {
    problem.fields.clear();
    problem
}

/// The job as the office verified it; of a correction, in place of the one that the corrected message recorded.
fn spell_of(
    tx: &mut Tx,
    proposal: &ProposalView,
    message: &MessageView,
    job: &VerifiedJob,
) -> Result<EmploymentSpellBody, Problem> {
    let corrected = match confirmed_before(tx, proposal, message)? {
        Some((job, _)) => Some(latest_job(tx, job)?),
        None => None,
    };
    Ok(EmploymentSpellBody {
        id: None,
        person_id: proposal.person_id,
        starts_on: job.from,
        starts_precision: DatePrecision::Day,
        ends_on: job.to,
        kind: job.kind,
        employer_class: None,
        weekly_hours: None,
        source: EmploymentSource::LabourOffice,
        evidence: None,
        verified_on: Some(job.confirmed_through),
        correction_reason: corrected.and_then(|_| message.correction_reason.as_ref()?.as_str().parse().ok()),
        supersedes_id: corrected,
    })
}

/// The decision as the office told it; of a correction, in place of the one that the corrected message led to, else in place of
/// an earlier one.
fn decision_of(
    tx: &mut Tx,
    proposal: &ProposalView,
    message: &MessageView,
    decision: &PostDecisionRecord,
) -> Result<Option<PostDecisionBody>, Problem> {
    let corrected = confirmed_before(tx, proposal, message)?;
    let Some(participation_id) = corrected.and_then(|(_, participation)| participation).or(proposal.participation_id) else {
        return Ok(None);
    };
    let supersedes_id = match corrected {
        Some((recorded, _)) => Some(latest_decision(tx, recorded)?),
        None => earlier_decision(tx, participation_id, decision.decided_on)?,
    };
    let (kind, decided_on) = (decision.decision, decision.decided_on);
    Ok(Some(PostDecisionBody { id: None, participation_id, kind, decided_on, note: None, supersedes_id }))
}

/// The recorded decision whose place one of a later day takes; of the same day, a person says which of them holds.
fn earlier_decision(tx: &mut Tx, participation: Uuid, decided_on: Day) -> Result<Option<Uuid>, Problem> {
    match current_decision(tx, participation)? {
        Some((recorded, day)) if day >= decided_on => {
            Err(DECISION_NOT_LATER.problem().with("decisionId", recorded.to_string()).with("decidedOn", day.to_string()))
        }
        current => Ok(current.map(|(recorded, _)| recorded)),
    }
}

/// What the confirmation of corrected messages has recorded last about the same person and edition, with the participation.
fn confirmed_before(
    tx: &mut Tx,
    proposal: &ProposalView,
    message: &MessageView,
) -> Result<Option<(Uuid, Option<Uuid>)>, Problem> {
    let corrected = corrected_by(tx, message)?;
    let confirmed: Vec<(Uuid, Option<Uuid>, Option<Uuid>)> = message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::message_id.eq_any(&corrected))
        .filter(message_proposals::person_id.eq(proposal.person_id))
        .filter(message_proposals::kind.eq(proposal.kind))
        .filter(message_proposals::edition_id.is_not_distinct_from(proposal.edition_id))
        .filter(message_proposals::state.eq(ProposalState::Confirmed))
        .select((message_proposals::message_id, message_proposals::result_id, message_proposals::participation_id))
        .load(tx.conn)?;
    let of = |message: &Uuid| confirmed.iter().find(|one| one.0 == *message);
    // The chain goes from the latest message back.
    Ok(corrected.iter().find_map(of).and_then(|(_, result, participation)| Some(((*result)?, *participation))))
}

/// Why a participation ends after a change of status; none where nothing changed.
pub(super) const fn reason_of(change: StatusChangeKind) -> Option<EndReason> {
    Some(match change {
        StatusChangeKind::JobTaken => EndReason::Employed,
        StatusChangeKind::StatusLost => EndReason::LostStatus,
        // A right to the benefit is no failure of the person's.
        StatusChangeKind::BenefitRightGained => EndReason::Other,
        StatusChangeKind::Moved => EndReason::Moved,
        StatusChangeKind::Revoked => return None,
    })
}
