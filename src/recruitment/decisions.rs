//! What becomes of an application: decisions and the withdrawal.

use actix_web::post;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::applications::{
    ApplicationEventView, ApplicationState, ApplicationStep, ApplicationView, NewStep, append_step, get_view,
};
use super::eligibility::{check_support, ineligible_by};
use super::offers::{offer_after_withdrawal, refuse_with_offer};
use super::ranking::check_protocol;
use super::steps::check_order;
use super::{
    ASSESSED_INELIGIBLE, BASIS_CONTRADICTS, DECIDED_ALREADY, NO_REJECTION, NO_RESERVE, OUT_OF_ORDER, Override, RANKING_REQUIRED,
    Reason,
};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::overriding::pass_or_refuse;
use crate::platform::permit::Permit;
use crate::platform::policy::{DecideApplication, WithdrawApplication};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, LongText, between, text_enum};
use crate::programmes::Selection;
use crate::programmes::facts::{before_closing, lock_edition};
use crate::schema::{application_events, applications};

text_enum! {
    /// What was decided about an application.
    pub enum Decision {
        /// Gets a place.
        Selected = "selected",
        /// Waits for a place.
        Reserve = "reserve",
        /// Gets no place.
        Rejected = "rejected",
    }
}

text_enum! {
    /// On what a decision rests.
    pub enum Basis {
        /// A worker decided and says why; no assessment of eligibility is named.
        Attested = "attested",
        /// An assessment of eligibility, named by its id.
        Assessed = "assessed",
        /// A ranking protocol, and no assessment.
        Ranked = "ranked",
    }
}

text_enum! {
    /// Class of the reason why a candidate was rejected.
    pub enum RejectionReason {
        /// Does not meet the conditions.
        NotEligible = "notEligible",
        /// Documents that were asked for did not come.
        IncompleteDocuments = "incompleteDocuments",
        /// Fewer points than the scoring rules ask for.
        TooFewPoints = "tooFewPoints",
        /// Neither a place nor room on the reserve list.
        NoPlaces = "noPlaces",
        /// Applied too late.
        Late = "late",
        /// Another reason.
        Other = "other",
    }
}

text_enum! {
    /// Why a candidate left before the start.
    pub enum WithdrawalReason {
        /// Took up a job.
        Employed = "employed",
        /// Does not want to take part.
        Refused = "refused",
        /// Does not meet the conditions any more.
        Ineligible = "ineligible",
        /// For reasons of health.
        Health = "health",
        /// Cannot be reached.
        NoContact = "noContact",
        /// Another reason.
        Other = "other",
    }
}

/// A decision about an application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "decision": "selected", "effectiveOn": "2026-05-25", "reason": "Spełnia kryteria porozumienia" }))]
pub struct DecisionBody {
    /// What is decided.
    pub decision: Decision,
    /// Day on which it was decided, today at the latest; from then on it holds.
    pub effective_on: Day,
    /// On what it rests; `assessed` where an assessment is named, `ranked` where only a protocol is, else `attested`.
    pub basis: Option<Basis>,
    /// Assessment of this application's eligibility. For a place or the reserve list it has to be positive and not stale.
    pub assessment_id: Option<Uuid>,
    /// Adopted ranking protocol that gives this application a place or one on the reserve list.
    pub ranking_protocol_id: Option<Uuid>,
    /// Why; no names.
    pub reason: Reason,
    /// Class of the reason; only with the decision `rejected`.
    pub rejection_reason: Option<RejectionReason>,
    /// Position on the reserve list; the next free one when left out. At most half of what a list can hold, so that others fit in behind.
    #[serde(default, deserialize_with = "between::<1, 50_000, _, _>")]
    #[schema(minimum = 1, maximum = 50_000)]
    pub reserve_position: Option<i32>,
    /// Departs from the selection by ranking, or from an assessment that found the candidate not eligible.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

impl DecisionBody {
    /// On what the decision rests, unless it contradicts itself.
    fn basis(&self) -> Result<Basis, Problem> {
        let named = match (self.assessment_id, self.ranking_protocol_id) {
            (Some(_), _) => Basis::Assessed,
            (None, Some(_)) => Basis::Ranked,
            (None, None) => Basis::Attested,
        };
        match self.basis {
            Some(basis) if basis != named => Err(BASIS_CONTRADICTS.at("/basis")),
            _ => Ok(named),
        }
    }
}

/// A withdrawal of an application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "employed", "effectiveOn": "2026-05-25" }))]
pub struct WithdrawalBody {
    /// Why the candidate leaves.
    pub reason: WithdrawalReason,
    /// Day of leaving, today at the latest: a withdrawal is final.
    pub effective_on: Day,
    /// Remarks; no names.
    pub note: Option<LongText>,
}

/// What the rules of a step need to know of an application.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = applications)]
pub(super) struct Standing {
    pub(super) edition_id: Uuid,
    received_on: Day,
    received_precision: DatePrecision,
    pub(super) state: ApplicationState,
    decided_on: Option<Day>,
    row_version: i32,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum StepError {
    #[error("the step is before {0}")]
    OutOfOrder(Day),
    #[error("only the reserve list has positions")]
    PositionWithoutReserve,
    #[error("only a rejection has such a reason")]
    ReasonWithoutRejection,
}

impl From<StepError> for Problem {
    fn from(error: StepError) -> Self {
        match error {
            StepError::OutOfOrder(earliest) => OUT_OF_ORDER.at("/effectiveOn").with("earliest", earliest.to_string()),
            StepError::PositionWithoutReserve => NO_RESERVE.at("/reservePosition"),
            StepError::ReasonWithoutRejection => NO_REJECTION.at("/rejectionReason"),
        }
    }
}

/// Whether a step is not before the one that it follows.
fn check_day(application: &Standing, effective_on: Day) -> Result<(), StepError> {
    // A derived day of receipt is a guess and refutes nothing.
    let received = (application.received_precision != DatePrecision::Derived).then_some(application.received_on);
    match received.max(application.decided_on) {
        Some(earliest) if effective_on < earliest => Err(StepError::OutOfOrder(earliest)),
        _ => Ok(()),
    }
}

/// Whether a decision does not contradict itself or what came before.
fn check_decision(application: &Standing, body: &DecisionBody) -> Result<(), StepError> {
    check_day(application, body.effective_on)?;
    if body.reserve_position.is_some() && body.decision != Decision::Reserve {
        return Err(StepError::PositionWithoutReserve);
    }
    if body.rejection_reason.is_some() && body.decision != Decision::Rejected {
        return Err(StepError::ReasonWithoutRejection);
    }
    Ok(())
}

impl Decision {
    /// The state that it leads to, and the step that it is.
    pub(super) fn leads_to(self) -> (ApplicationState, ApplicationStep) {
        match self {
            Self::Selected => (ApplicationState::Selected, ApplicationStep::Selected),
            Self::Reserve => (ApplicationState::Reserve, ApplicationStep::Reserve),
            Self::Rejected => (ApplicationState::Rejected, ApplicationStep::Rejected),
        }
    }
}

/// Decides about an application.
///
/// A decision holds from its day on, which is today at the latest: when a place begins is said by the
/// admission. A later decision replaces the earlier one; the history keeps both. For the
/// reserve list the next free position is given unless the body names one. The same
/// decision again, of the same day, reason and basis, is refused. More
/// can be selected than there are places: those are asked for on admission. An
/// edition that selects by ranking needs an adopted protocol for a place or the
/// reserve list, and whoever was last assessed as not eligible a later assessment or
/// a protocol; `override` with a reason departs from both, and the history names
/// the rules that it passed.
#[utoipa::path(tag = "applications", request_body = DecisionBody, params(("id" = Uuid, Path, description = "Application")),
    responses((status = 200, body = ApplicationView, description = "The application as it is now")))]
#[post("/applications/{id}/decisions")]
async fn decide_application(permit: Permit<DecideApplication>, id: PathId, body: Body<DecisionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("application", [id.0]);
            decide(tx, id.0, body)?;
            Ok(Written::changed(get_view(tx, id.0)?))
        })
        .await
}

/// Withdraws an application before a place is given.
///
/// Somebody who has taken part ends the participation instead.
#[utoipa::path(tag = "applications", request_body = WithdrawalBody, params(("id" = Uuid, Path, description = "Application")),
    responses((status = 200, body = ApplicationView, description = "The application as it is now")))]
#[post("/applications/{id}/withdrawal")]
async fn withdraw_application(
    permit: Permit<WithdrawApplication>,
    id: PathId,
    body: Body<WithdrawalBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("application", [id.0]);
            withdraw(tx, id.0, body)?;
            Ok(Written::changed(get_view(tx, id.0)?))
        })
        .await
}

fn decide(tx: &mut Tx, id: Uuid, body: &DecisionBody) -> Result<(), Problem> {
    // The edition is locked before the application, as in admission, so that the two never wait for each other.
    let edition = get_view(tx, id)?.edition_id;
    let facts = lock_edition(tx, edition)?;
    let selection = facts.selection;
    let application = lock_application(tx, id)?;
    tx.expect_version(application.row_version)?;
    tx.expect_past(body.effective_on, "/effectiveOn")?;
    before_closing(facts.closed_on, body.effective_on, "/effectiveOn")?;
    let ApplicationView { placed, person_id, .. } = get_view(tx, id)?;
    let (state, step) = body.decision.leads_to();
    check_order(application.state, placed, step)?;
    check_decision(&application, body)?;
    refuse_with_offer(tx, (edition, body.effective_on), [(id, body.decision)])?;
    let basis = body.basis()?;
    refuse_repetition(tx, id, (application.state, state), body)?;
    if let Some(protocol) = body.ranking_protocol_id {
        check_protocol(tx, edition, id, protocol, body.decision)?;
    }
    if let Some(assessment) = body.assessment_id {
        check_support(tx, (id, person_id), assessment, body.decision, body.effective_on)?;
    }
    let broken = broken_rules(tx, selection, id, body)?;
    let passed = pass_or_refuse(tx, broken, body.overriding.as_ref())?;
    let position = match (body.decision, body.reserve_position) {
        (Decision::Reserve, None) => Some(next_reserve_position(tx, id, edition)?),
        (_, given) => given,
    };
    diesel::update(applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.eq(id)))
        .set((
            applications::state.eq(state),
            applications::decision.eq(body.decision),
            applications::decided_on.eq(body.effective_on),
            applications::rejection_reason.eq(body.rejection_reason),
            applications::reserve_position.eq(position),
        ))
        .execute(tx.conn)?;
    append_step(
        tx,
        &NewStep {
            basis: Some(basis),
            assessment_id: body.assessment_id,
            ranking_protocol_id: body.ranking_protocol_id,
            reason: Some(body.reason.as_str()),
            rejection_reason: body.rejection_reason,
            override_reason: passed.as_ref().map(|passed| passed.reason),
            override_rules: passed.as_ref().map(|passed| &passed.rules[..]),
            reserve_position: position,
            ..NewStep::of(id, step, body.effective_on)
        },
    )?;
    tx.announce(
        "application",
        id,
        "application.decided",
        json!({ "applicationId": id, "editionId": edition, "decision": body.decision, "effectiveOn": body.effective_on }),
    );
    Ok(())
}

/// Refuses what was decided last: the same, of the same day, for the same reason and on the same basis.
fn refuse_repetition(
    tx: &mut Tx,
    application: Uuid,
    (stands, decided): (ApplicationState, ApplicationState),
    body: &DecisionBody,
) -> Result<(), Problem> {
    let last: Option<ApplicationEventView> = application_events::table
        .filter(own(tx, application_events::tenant_id))
        .filter(application_events::application_id.eq(application))
        .filter(application_events::basis.is_not_null())
        .order(application_events::id.desc())
        .select(ApplicationEventView::as_select())
        .first(tx.conn)
        .optional()?;
    let is_same = |last: &ApplicationEventView| {
        last.effective_on == body.effective_on
            && last.reason.as_ref().map(LongText::as_str) == Some(body.reason.as_str())
            && last.rejection_reason == body.rejection_reason
            && (last.assessment_id, last.ranking_protocol_id) == (body.assessment_id, body.ranking_protocol_id)
            && body.reserve_position.is_none_or(|position| last.reserve_position == Some(position))
    };
    match last.filter(|last| stands == decided && is_same(last)) {
        Some(last) => Err(DECIDED_ALREADY.problem().with("eventId", last.id.to_string())),
        None => Ok(()),
    }
}

/// The soft rules that a decision breaks: for a place or the reserve list an edition that selects by ranking asks for an
/// adopted protocol, and whoever was last assessed as not eligible needs an assessment that says otherwise, or a protocol.
fn broken_rules(tx: &mut Tx, selection: Selection, application: Uuid, body: &DecisionBody) -> Result<Vec<Problem>, Problem> {
    if body.ranking_protocol_id.is_some() || body.decision == Decision::Rejected {
        return Ok(Vec::new());
    }
    let not_ranked = (selection == Selection::ByRanking).then(|| RANKING_REQUIRED.at("/rankingProtocolId"));
    let assessed_otherwise = match body.assessment_id {
        Some(_) => None,
        None => ineligible_by(tx, application)?,
    };
    let ineligible =
        assessed_otherwise.map(|assessment| ASSESSED_INELIGIBLE.at("/assessmentId").with("assessmentId", assessment.to_string()));
    Ok(not_ranked.into_iter().chain(ineligible).collect())
}

fn withdraw(tx: &mut Tx, id: Uuid, body: &WithdrawalBody) -> Result<(), Problem> {
    // The edition first, as in a decision: a seat that was promised goes to somebody else.
    let edition = get_view(tx, id)?.edition_id;
    let edition = lock_edition(tx, edition)?;
    tx.expect_past(body.effective_on, "/effectiveOn")?;
    before_closing(edition.closed_on, body.effective_on, "/effectiveOn")?;
    let application = lock_application(tx, id)?;
    tx.expect_version(application.row_version)?;
    check_order(application.state, get_view(tx, id)?.placed, ApplicationStep::Withdrawn)?;
    check_day(&application, body.effective_on)?;
    diesel::update(applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.eq(id)))
        .set((
            applications::state.eq(ApplicationState::Withdrawn),
            applications::withdrawn_on.eq(body.effective_on),
            applications::withdrawal_reason.eq(body.reason),
        ))
        .execute(tx.conn)?;
    append_step(
        tx,
        &NewStep {
            reason: Some(body.reason.as_str()),
            note: body.note.as_ref().map(LongText::as_str),
            ..NewStep::of(id, ApplicationStep::Withdrawn, body.effective_on)
        },
    )?;
    tx.announce(
        "application",
        id,
        "application.withdrawn",
        json!({ "applicationId": id, "editionId": application.edition_id, "effectiveOn": body.effective_on }),
    );
    let selected_on = application.decided_on.filter(|_| application.state == ApplicationState::Selected);
    offer_after_withdrawal(tx, &edition, id, selected_on, body.effective_on)
}

pub(super) fn lock_application(tx: &mut Tx, id: Uuid) -> Result<Standing, Problem> {
    Ok(applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::id.eq(id))
        .select(Standing::as_select())
        .for_update()
        .first(tx.conn)?)
}

/// The end of the reserve list: a gap that a withdrawal left is not given to a later candidate.
fn next_reserve_position(tx: &mut Tx, id: Uuid, edition: Uuid) -> Result<i32, Problem> {
    let last: Option<i32> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .filter(applications::state.eq(ApplicationState::Reserve))
        .filter(applications::id.ne(id))
        .select(max(applications::reserve_position))
        .first(tx.conn)?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(decide_application).service(withdraw_application);
}
