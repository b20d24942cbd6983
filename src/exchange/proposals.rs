//! Proposals: what follows from an accepted record, until a person or a rule of the town confirms it, or it is declined.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::carrying_out::{Confirmation, confirm};
use super::coming_back::bring_back;
use super::reading::find_message;
use super::{NOTHING_TO_ADMIT, PERIOD_INVERTED, PROPOSAL_CLOSED};
use crate::people::merging::hold_off_merges;
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ConfirmMessageProposal, DeclineMessageProposal, GetMessageProposal, ListMessageProposals};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Text, text_enum};
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
        /// Later news, or a correction, took its place, or the participation had ended by other news. Where these turn out not to stand, the same is proposed anew.
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
    /// Whether that day lies before the first day of the participation: whoever confirms then names the last day.
    pub before_start: bool,
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
/// accepted offer, and so the place of whoever left it; a job and a decision are recorded with the office as source, those of a
/// correction in place of what the corrected message led to, a later decision in place of an earlier one. While a correction of its message waits for the answer, a
/// proposal is not confirmed (409 with `correctionId`).
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
            check_day(tx, &proposal, body.decided_on)?;
            if body.accepted_on.is_some() && proposal.kind != ProposalKind::Admit {
                return Err(NOTHING_TO_ADMIT.at("/acceptedOn"));
            }
            if body.offer_seat.is_some() && !matches!(proposal.kind, ProposalKind::EndParticipation | ProposalKind::ChangeEnd) {
                return Err(NOTHING_TO_ADMIT.at("/offerSeat"));
            }
            confirm(tx, id.0, &Confirmation { decided_on: body.decided_on, by: Some(body) })?;
            if proposal.kind == ProposalKind::TakeBackEnd {
                // Who takes part again may have other news to come.
                bring_back(tx, &[proposal.message_id], body.decided_on)?;
            }
            Ok(Written::changed(find_proposal(tx, id.0)?))
        })
        .await
        .map_err(as_of_confirmation)
}

/// An act refused, as far as its fields are those of a confirmation.
fn as_of_confirmation(mut problem: Problem) -> Problem {
    for field in &mut problem.fields {
        if field.pointer == "/startsOn" {
            "/effectiveOn".clone_into(&mut field.pointer);
        }
    }
    let of_body = ["/decidedOn", "/effectiveOn", "/offerSeat", "/acceptedOn", "/override"];
    let is_told = |pointer: &str| !pointer.starts_with('/') || of_body.iter().any(|own| pointer.starts_with(own));
    problem.fields.retain(|field| is_told(&field.pointer));
    problem
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
            check_day(tx, &proposal, body.decided_on)?;
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

pub(super) fn lock_proposal(tx: &mut Tx, id: Uuid) -> Result<ProposalView, Problem> {
    Ok(message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::id.eq(id))
        .select(ProposalView::as_select())
        .for_update()
        .first(tx.conn)?)
}

/// A proposal is decided once its message has come.
fn check_day(tx: &mut Tx, proposal: &ProposalView, decided_on: Day) -> Result<(), Problem> {
    tx.expect_past(decided_on, "/decidedOn")?;
    match find_message(tx, proposal.message_id)?.sent_on {
        Some(sent) if decided_on < sent => Err(PERIOD_INVERTED.at("/decidedOn")),
        _ => Ok(()),
    }
}

pub(super) fn expect_open(proposal: &ProposalView) -> Result<(), Problem> {
    match proposal.state {
        ProposalState::Open => Ok(()),
        state => Err(PROPOSAL_CLOSED.problem().with("state", state.as_str())),
    }
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_message_proposals)
        .service(get_message_proposal)
        .service(confirm_message_proposal)
        .service(decline_message_proposal);
}
