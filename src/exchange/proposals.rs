//! Proposals: what follows from an accepted record, until a person or a rule of the town confirms it, or it is declined.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::payload::{MessagePayload, VerifiedJob};
use super::reading::{MessageView, find_message, payload_of, records_of};
use super::words::StatusChangeKind;
use super::{NOTHING_TO_ADMIT, PROPOSAL_CLOSED};
use crate::outcomes::{EmploymentSource, EmploymentSpellBody, PostDecisionBody, record_decision, record_job};
use crate::participation::{AdmissionBody, EndBody, EndReason, admit_by, change_end, end_with_offer, take_back_end};
use crate::people::merging::hold_off_merges;
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ConfirmMessageProposal, DeclineMessageProposal, GetMessageProposal, ListMessageProposals};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, Text, text_enum};
use crate::recruitment::Override;
use crate::schema::message_proposals;

text_enum! {
    /// What is proposed.
    pub enum ProposalKind {
        /// To end a participation, and to offer its seat.
        EndParticipation = "endParticipation",
        /// To change the end of a participation that ended by what is corrected.
        ChangeEnd = "changeEnd",
        /// To take such an end back.
        TakeBackEnd = "takeBackEnd",
        /// To admit who was referred.
        Admit = "admit",
        /// To record a job.
        RecordEmployment = "recordEmployment",
        /// To record a decision after the programme.
        RecordPostDecision = "recordPostDecision",
    }
}

text_enum! {
    /// Where a proposal stands.
    pub enum ProposalState {
        /// Waits for a person.
        Open = "open",
        /// Was confirmed, and is done.
        Confirmed = "confirmed",
        /// Was declined.
        Declined = "declined",
        /// Later news, or a correction, took its place.
        Superseded = "superseded",
    }
}

/// Kinds of news of the end of a participation: they supersede each other.
pub(super) const ABOUT_AN_END: [ProposalKind; 3] =
    [ProposalKind::EndParticipation, ProposalKind::ChangeEnd, ProposalKind::TakeBackEnd];

/// A proposal.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = message_proposals)]
#[serde(rename_all = "camelCase")]
pub struct ProposalView {
    /// Id.
    pub id: Uuid,
    /// Message that it follows from.
    pub message_id: Uuid,
    /// Record of that message; none where a correction names the person no more.
    pub record_id: Option<Uuid>,
    /// What is proposed.
    pub kind: ProposalKind,
    /// Whom it is about.
    pub person_id: Uuid,
    /// Edition that it is about.
    pub edition_id: Option<Uuid>,
    /// Participation that it is about.
    pub participation_id: Option<Uuid>,
    /// Day of what the message told.
    pub effective_on: Day,
    /// Where it stands.
    pub state: ProposalState,
    /// Message that took its place.
    pub superseded_by_id: Option<Uuid>,
    /// Day on which it was confirmed or declined.
    pub decided_on: Option<Day>,
    /// Whether a rule of the town confirmed it.
    pub by_rule: bool,
    /// Why it was declined.
    pub decline_reason: Option<Text<3, 1000>>,
    /// Participation, job or decision that the confirmation changed or made.
    pub result_id: Option<Uuid>,
    /// Offer of the seat that it freed.
    pub offer_id: Option<Uuid>,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ProposalView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// How a proposal is confirmed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "decidedOn": "2026-06-15", "effectiveOn": "2026-06-12", "offerSeat": true }))]
pub struct ConfirmationBody {
    /// Day of the confirmation.
    pub decided_on: Day,
    /// Last day of the participation, or first day of who is admitted; the day that the message tells when left out.
    pub effective_on: Option<Day>,
    /// Whether the seat of a participation that ends, or ends later than thought, is offered to the next candidate; it is when left out.
    pub offer_seat: Option<bool>,
    /// Day on which who is admitted accepted an offer that is still open.
    pub accepted_on: Option<Day>,
    /// Departs from the rules of admission.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// Why a proposal is declined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "decidedOn": "2026-06-15", "reason": "Umowa nie została podpisana" }))]
pub struct DeclineBody {
    /// Day of the decision.
    pub decided_on: Day,
    /// Why; no personal data.
    pub reason: Text<3, 1000>,
}

/// A confirmation, by a person or by a rule.
pub(super) struct Confirmation<'b> {
    decided_on: Day,
    by: Option<&'b ConfirmationBody>,
}

impl Confirmation<'_> {
    /// By a rule, with nothing of its own to say.
    pub(super) const fn by_rule(on: Day) -> Self {
        Self { decided_on: on, by: None }
    }
}

/// Which proposals.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ProposalFilter {
    /// Only those of this message.
    message_id: Option<Uuid>,
    /// Only those about this person.
    person_id: Option<Uuid>,
    /// Only those that stand so.
    #[param(inline)]
    state: Option<ProposalState>,
}

/// Lists what follows from messages: open, confirmed, declined, superseded.
#[utoipa::path(tag = "message-proposals", params(ProposalFilter, PageQuery),
    responses((status = 200, body = Page<ProposalView>, description = "A page of proposals")))]
#[get("/message-proposals")]
async fn list_message_proposals(permit: Permit<ListMessageProposals>, filter: Filter<ProposalFilter>) -> Result<Reply, Problem> {
    permit.list(|proposal: &ProposalView| proposal.id, move |tx, window| select_proposals(tx, filter.0, window)).await
}

fn select_proposals(tx: &mut Tx, filter: ProposalFilter, window: Window) -> Result<Vec<ProposalView>, Problem> {
    let mut query = message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::id.gt(window.after))
        .into_boxed();
    if let Some(message) = filter.message_id {
        query = query.filter(message_proposals::message_id.eq(message));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(message_proposals::person_id.eq(person));
    }
    if let Some(state) = filter.state {
        query = query.filter(message_proposals::state.eq(state));
    }
    Ok(query.order(message_proposals::id).limit(window.rows()).select(ProposalView::as_select()).load(tx.conn)?)
}

/// Reads a proposal.
#[utoipa::path(tag = "message-proposals", params(("id" = Uuid, Path, description = "Proposal")),
    responses((status = 200, body = ProposalView, description = "The proposal")))]
#[get("/message-proposals/{id}")]
async fn get_message_proposal(permit: Permit<GetMessageProposal>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_proposal(tx, id.0)).await
}

/// Confirms a proposal: what it says is done in the same call, under the rules of the act itself.
///
/// An end frees the seat, which is offered to the next candidate of the reserve list. A change of an end, or taking it back,
/// takes open offers of that seat back, and is refused where somebody has accepted or taken it. Who is admitted takes up an
/// accepted offer, and so the place of whoever left it; a job and a decision are recorded with the office as source.
#[utoipa::path(tag = "message-proposals", request_body = ConfirmationBody, params(("id" = Uuid, Path, description = "Proposal")),
    responses((status = 200, body = ProposalView, description = "The proposal as it is now")))]
#[post("/message-proposals/{id}/acceptance")]
async fn confirm_message_proposal(
    permit: Permit<ConfirmMessageProposal>,
    id: PathId,
    body: Body<ConfirmationBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("messageProposal", [id.0]);
            let proposal = take_up(tx, id.0)?;
            tx.expect_version(proposal.row_version)?;
            tx.expect_past(body.decided_on, "/decidedOn")?;
            if body.accepted_on.is_some() && proposal.kind != ProposalKind::Admit {
                return Err(NOTHING_TO_ADMIT.at("/acceptedOn"));
            }
            if body.offer_seat.is_some() && !matches!(proposal.kind, ProposalKind::EndParticipation | ProposalKind::ChangeEnd) {
                return Err(NOTHING_TO_ADMIT.at("/offerSeat"));
            }
            confirm(tx, id.0, &Confirmation { decided_on: body.decided_on, by: Some(body) })?;
            Ok(Written::changed(find_proposal(tx, id.0)?))
        })
        .await
}

/// Declines a proposal: nothing follows from the record.
#[utoipa::path(tag = "message-proposals", request_body = DeclineBody, params(("id" = Uuid, Path, description = "Proposal")),
    responses((status = 200, body = ProposalView, description = "The proposal as it is now")))]
#[post("/message-proposals/{id}/refusal")]
async fn decline_message_proposal(
    permit: Permit<DeclineMessageProposal>,
    id: PathId,
    body: Body<DeclineBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("messageProposal", [id.0]);
            let proposal = take_up(tx, id.0)?;
            tx.expect_version(proposal.row_version)?;
            expect_open(&proposal)?;
            tx.expect_past(body.decided_on, "/decidedOn")?;
            let row =
                message_proposals::table.filter(own(tx, message_proposals::tenant_id)).filter(message_proposals::id.eq(id.0));
            diesel::update(row)
                .set((
                    message_proposals::state.eq(ProposalState::Declined),
                    message_proposals::decided_on.eq(body.decided_on),
                    message_proposals::decline_reason.eq(&body.reason),
                ))
                .execute(tx.conn)?;
            Ok(Written::changed(find_proposal(tx, id.0)?))
        })
        .await
}

pub(super) fn find_proposal(tx: &mut Tx, id: Uuid) -> Result<ProposalView, Problem> {
    Ok(message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::id.eq(id))
        .select(ProposalView::as_select())
        .first(tx.conn)?)
}

/// A proposal that is to be decided, after all answers that are under way: one of them may take its place.
fn take_up(tx: &mut Tx, id: Uuid) -> Result<ProposalView, Problem> {
    hold_off_merges(tx)?;
    lock_proposal(tx, id)
}

fn lock_proposal(tx: &mut Tx, id: Uuid) -> Result<ProposalView, Problem> {
    Ok(message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::id.eq(id))
        .select(ProposalView::as_select())
        .for_update()
        .first(tx.conn)?)
}

fn expect_open(proposal: &ProposalView) -> Result<(), Problem> {
    match proposal.state {
        ProposalState::Open => Ok(()),
        state => Err(PROPOSAL_CLOSED.problem().with("state", state.as_str())),
    }
}

/// Does what an open proposal says, and marks it confirmed.
pub(super) fn confirm(tx: &mut Tx, id: Uuid, how: &Confirmation) -> Result<(), Problem> {
    let proposal = lock_proposal(tx, id)?;
    expect_open(&proposal)?;
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
            Ok((record_job(tx, &spell)?.id, None))
        }
        MessagePayload::PostDecision(content) => {
            let decision = content.records.get(at).ok_or_else(lost)?;
            let body = PostDecisionBody {
                id: None,
                participation_id: proposal.participation_id.ok_or_else(lost)?,
                kind: decision.decision,
                decided_on: decision.decided_on,
                note: None,
                supersedes_id: None,
            };
            Ok((record_decision(tx, &body)?.id, None))
        }
        _ => Err(lost()),
    }
}

/// The job as the office verified it; of a correction, in place of the one that the corrected message recorded.
fn spell_of(
    tx: &mut Tx,
    proposal: &ProposalView,
    message: &MessageView,
    job: &VerifiedJob,
) -> Result<EmploymentSpellBody, Problem> {
    let corrected = message.corrects_id.map(|earlier| confirmed_job(tx, earlier, proposal.person_id)).transpose()?.flatten();
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

/// The job that a confirmed proposal of a message recorded about a person.
fn confirmed_job(tx: &mut Tx, message: Uuid, person: Uuid) -> Result<Option<Uuid>, Problem> {
    let found: Option<Option<Uuid>> = message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::message_id.eq(message))
        .filter(message_proposals::person_id.eq(person))
        .filter(message_proposals::kind.eq(ProposalKind::RecordEmployment))
        .filter(message_proposals::state.eq(ProposalState::Confirmed))
        .select(message_proposals::result_id)
        .first(tx.conn)
        .optional()?;
    Ok(found.flatten())
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

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_message_proposals)
        .service(get_message_proposal)
        .service(confirm_message_proposal)
        .service(decline_message_proposal);
}
