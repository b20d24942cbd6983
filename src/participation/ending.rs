//! How a participation ends: completed at its planned end, or before with a reason.

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::duties::duty_terms::DutyKind;
use super::duties::information_duties::{Cause, arise};
use super::participations::{
    NewStep, ParticipationState, ParticipationStep, ParticipationView, Stay, append_step, get_view, lock_participation,
};
use super::{ALREADY_ENDED, COMPLETED_EARLY, FACTS_AFTER_END, OUTSIDE_PARTICIPATION};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::EndParticipation;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, text_enum};
use crate::programmes::facts::{get_edition_facts, lock_edition};
use crate::recruitment::offers::{offer_after_end, offer_freed_seat};
use crate::schema::{attendance, participations, psu_entries, sessions};

text_enum! {
    /// Why a participation ended.
    pub enum EndReason {
        /// The planned end was reached.
        Completed = "completed",
        /// Took up a job.
        Employed = "employed",
        /// Took up education.
        Education = "education",
        /// Refused without good reason.
        RefusedUnjustified = "refusedUnjustified",
        /// Broke off by own fault.
        InterruptedOwnFault = "interruptedOwnFault",
        /// Broke off for good reason.
        InterruptedJustified = "interruptedJustified",
        /// For reasons of health.
        Health = "health",
        /// Moved away.
        Moved = "moved",
        /// Lost the status that participation needs.
        LostStatus = "lostStatus",
        /// Died.
        Died = "died",
        /// Another reason.
        Other = "other",
    }
}

text_enum! {
    /// What an end means for the person.
    pub enum Polarity {
        /// A success.
        Positive = "positive",
        /// Neither.
        Neutral = "neutral",
        /// A failure.
        Negative = "negative",
    }
}

impl EndReason {
    /// What the end means for the person.
    pub const fn polarity(self) -> Polarity {
        match self {
            Self::Completed | Self::Employed | Self::Education => Polarity::Positive,
            Self::InterruptedJustified | Self::Health | Self::Moved | Self::Died | Self::Other => Polarity::Neutral,
            Self::RefusedUnjustified | Self::InterruptedOwnFault | Self::LostStatus => Polarity::Negative,
        }
    }

    /// Where the participation stands after it.
    pub const fn state(self) -> ParticipationState {
        match self {
            Self::Completed => ParticipationState::Completed,
            _ => ParticipationState::Exited,
        }
    }

    /// Of what the offices have to be informed then.
    pub(super) const fn duty(self) -> Option<DutyKind> {
        match self {
            Self::RefusedUnjustified => Some(DutyKind::Refusal),
            Self::InterruptedOwnFault => Some(DutyKind::Interruption),
            _ => None,
        }
    }

    const fn step(self) -> ParticipationStep {
        match self {
            Self::Completed => ParticipationStep::Completed,
            _ => ParticipationStep::Ended,
        }
    }
}

/// The end of a participation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "employed", "effectiveOn": "2026-06-12" }))]
pub struct EndBody {
    /// Why it ends.
    pub reason: EndReason,
    /// The last day of participation.
    pub effective_on: Day,
    /// Whether the person is at fault; left out where it was not established.
    pub own_fault: Option<bool>,
    /// Remarks; no names.
    pub note: Option<LongText>,
}

/// A participation that ended, and the offer of its seat.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndedView {
    /// The participation as it is now.
    #[serde(flatten)]
    pub participation: ParticipationView,
    /// The offer of the seat to the next candidate; none where nothing is offered by itself, nobody waits or the seat is gone.
    pub next_offer_id: Option<Uuid>,
    /// Application of that candidate.
    pub next_application_id: Option<Uuid>,
}

impl View for EndedView {
    fn version(&self) -> Option<i32> {
        self.participation.version()
    }
}

/// Why an end is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum EndError {
    #[error("it has ended")]
    AlreadyEnded,
    #[error("the day is outside of {starts_on} to {last_on}")]
    Outside { starts_on: Day, last_on: Day },
    #[error("completion needs the planned end {0}")]
    CompletedEarly(Day),
}

/// Whether a participation may end so.
pub(super) fn check_end(stay: &Stay, reason: EndReason, effective_on: Day) -> Result<(), EndError> {
    if stay.state != ParticipationState::Active {
        return Err(EndError::AlreadyEnded);
    }
    if !stay.covers(effective_on) {
        return Err(EndError::Outside { starts_on: stay.starts_on, last_on: stay.planned_end_on });
    }
    if reason == EndReason::Completed && effective_on < stay.planned_end_on {
        return Err(EndError::CompletedEarly(stay.planned_end_on));
    }
    Ok(())
}

/// A refused end as a problem; `within` is where the body holds the end.
pub(super) fn refusal(error: EndError, within: &str) -> Problem {
    match error {
        EndError::AlreadyEnded => ALREADY_ENDED.problem(),
        EndError::Outside { starts_on, last_on } => OUTSIDE_PARTICIPATION
            .at(format!("{within}/effectiveOn"))
            .with("startsOn", starts_on.to_string())
            .with("lastOn", last_on.to_string()),
        EndError::CompletedEarly(planned_end_on) => {
            COMPLETED_EARLY.at(format!("{within}/reason")).with("plannedEndOn", planned_end_on.to_string())
        }
    }
}

/// Ends a participation.
///
/// `effectiveOn` is the last day. `completed` needs the planned end to be
/// reached; every other reason is an exit. What the end means for the person
/// follows from the reason. Hours and attendance after that day are to be
/// corrected first. An exit may lie ahead, a completion may not. Where the edition
/// has `automaticOffers`, the seat of an early end is offered to the next candidate
/// of the reserve list at once, and the answer names that offer. A refusal and a
/// break-off by own fault bring a duty to inform the labour office with them.
/// `get_change_preview` shows the effect before.
#[utoipa::path(tag = "participations", request_body = EndBody, params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 200, body = EndedView, description = "The participation as it is now, and the offer that it made")))]
#[post("/participations/{id}/end")]
async fn end_participation(permit: Permit<EndParticipation>, id: PathId, body: Body<EndBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("participation", [id.0]);
            // The edition is locked first, because the seat may go to somebody on the reserve list.
            let edition = get_view(tx, id.0)?.edition_id;
            let edition = lock_edition(tx, edition)?;
            let stay = lock_participation(tx, id.0)?;
            tx.expect_version(stay.row_version)?;
            end(tx, &stay, body, "")?;
            let is_early = body.effective_on < stay.planned_end_on;
            let next = if is_early { offer_after_end(tx, &edition, id.0, body.effective_on)? } else { None };
            Ok(Written::changed(EndedView {
                participation: get_view(tx, id.0)?,
                next_offer_id: next.as_ref().map(|offer| offer.id),
                next_application_id: next.map(|offer| offer.application_id),
            }))
        })
        .await
}

/// Ends a participation and, where that is wanted, offers its seat, also in an edition that does not by itself; answers the offer.
///
/// # Errors
/// Those of `end_participation`.
pub fn end_with_offer(tx: &mut Tx, id: Uuid, body: &EndBody, offer_seat: bool) -> Result<Option<Uuid>, Problem> {
    let edition = get_view(tx, id)?.edition_id;
    let edition = lock_edition(tx, edition)?;
    let stay = lock_participation(tx, id)?;
    end(tx, &stay, body, "")?;
    if !offer_seat || body.effective_on >= stay.planned_end_on {
        return Ok(None);
    }
    Ok(offer_freed_seat(tx, &edition, id, body.effective_on)?.map(|offer| offer.id))
}

/// Ends a locked participation; `within` is where the body holds the end.
pub(super) fn end(tx: &mut Tx, stay: &Stay, body: &EndBody, within: &str) -> Result<(), Problem> {
    check_end(stay, body.reason, body.effective_on).map_err(|error| refusal(error, within))?;
    if body.reason == EndReason::Completed {
        // An exit may be planned; that somebody stayed to the end is known only then.
        tx.expect_past(body.effective_on, &format!("{within}/effectiveOn"))?;
    }
    let later = count_facts(tx, stay.id, body.effective_on, None)?;
    if later.any() {
        return Err(later.describe(FACTS_AFTER_END.at(format!("{within}/effectiveOn"))));
    }
    // Breaking off by own fault says whose fault it was.
    let own_fault = body.own_fault.or((body.reason == EndReason::InterruptedOwnFault).then_some(true));
    store_end(tx, stay, body.reason, body.effective_on, own_fault, body.note.as_ref())?;
    match duty_of(tx, stay, body.reason, body.effective_on)? {
        None => Ok(()),
        Some(cause) => arise(tx, &cause, &[]),
    }
}

/// What has to be told of an end for this reason.
pub(super) fn duty_of(tx: &mut Tx, stay: &Stay, reason: EndReason, on: Day) -> Result<Option<Cause>, Problem> {
    let Some(duty) = reason.duty() else { return Ok(None) };
    Ok(Some(Cause {
        edition: stay.edition_id,
        agreement: get_edition_facts(tx, stay.edition_id)?.agreement_id,
        participation: stay.id,
        incident: None,
        duty,
        occurred_on: on,
        known_on: on,
    }))
}

/// Writes an end that the rules allow, its step and its event.
pub(super) fn store_end(
    tx: &mut Tx,
    stay: &Stay,
    reason: EndReason,
    effective_on: Day,
    own_fault: Option<bool>,
    note: Option<&LongText>,
) -> Result<(), Problem> {
    diesel::update(participations::table.filter(own(tx, participations::tenant_id)).filter(participations::id.eq(stay.id)))
        .set((
            participations::state.eq(reason.state()),
            participations::ended_on.eq(effective_on),
            participations::end_reason.eq(reason),
            participations::end_polarity.eq(reason.polarity()),
            participations::own_fault.eq(own_fault),
        ))
        .execute(tx.conn)?;
    append_step(
        tx,
        &NewStep {
            participation_id: stay.id,
            kind: reason.step(),
            effective_on,
            reason: Some(reason.as_str()),
            note: note.map(LongText::as_str),
        },
    )?;
    // The reason may be one of health, so it is not announced.
    tx.announce(
        "participation",
        stay.id,
        "participation.ended",
        json!({ "participationId": stay.id, "editionId": stay.edition_id, "endedOn": effective_on }),
    );
    Ok(())
}

/// How many facts stand in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FactCount {
    psu_entries: i64,
    attendance: i64,
}

impl FactCount {
    /// Whether there are any.
    pub(super) fn any(self) -> bool {
        self.psu_entries > 0 || self.attendance > 0
    }

    /// Says in a problem how many there are.
    pub(super) fn describe(self, problem: Problem) -> Problem {
        problem.with("psuEntries", self.psu_entries).with("attendance", self.attendance)
    }
}

/// Counts what is recorded of a participation: after a day, or with `within` on the days of a suspension.
///
/// An entry that was corrected to nothing stands in nobody's way. Somebody
/// listed as absent is no contradiction to a suspension, but one to an end.
pub(super) fn count_facts(tx: &mut Tx, id: Uuid, after: Day, within: Option<(Day, Day)>) -> Result<FactCount, Problem> {
    let mut hours = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::participation_id.eq(id))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::minutes.gt(0))
        .into_boxed();
    let of_session = sessions::tenant_id.eq(attendance::tenant_id).and(sessions::id.eq(attendance::session_id));
    let mut present = attendance::table
        .inner_join(sessions::table.on(of_session))
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::participation_id.eq(id))
        .filter(attendance::superseded_at.is_null())
        // An absence noted after somebody had left is no fact against the end.
        .filter(attendance::minutes.gt(0))
        .into_boxed();
    if let Some((from, to)) = within {
        hours = hours.filter(psu_entries::worked_on.between(from, to));
        present = present.filter(sessions::held_on.between(from, to));
    } else {
        hours = hours.filter(psu_entries::worked_on.gt(after));
        present = present.filter(sessions::held_on.gt(after));
    }
    Ok(FactCount { psu_entries: hours.count().get_result(tx.conn)?, attendance: present.count().get_result(tx.conn)? })
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(end_participation);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn running() -> Stay {
        Stay {
            id: Uuid::nil(),
            edition_id: Uuid::nil(),
            person_id: Uuid::nil(),
            seat: None,
            starts_on: day("2020-10-15"),
            planned_end_on: day("2020-12-14"),
            ended_on: None,
            state: ParticipationState::Active,
            row_version: 1,
        }
    }

    #[test]
    fn only_the_planned_end_completes() {
        let (starts_on, last_on) = (day("2020-10-15"), day("2020-12-14"));
        for (reason, on, expected) in [
            (EndReason::Completed, "2020-12-14", Ok(())),
            (EndReason::Completed, "2020-12-13", Err(EndError::CompletedEarly(last_on))),
            (EndReason::Employed, "2020-11-06", Ok(())),
            (EndReason::Employed, "2020-12-14", Ok(())),
            (EndReason::Employed, "2020-10-15", Ok(())),
            (EndReason::Employed, "2020-10-14", Err(EndError::Outside { starts_on, last_on })),
            (EndReason::Completed, "2020-12-15", Err(EndError::Outside { starts_on, last_on })),
        ] {
            assert_eq!(check_end(&running(), reason, day(on)), expected, "{reason} on {on}");
        }
    }

    #[test]
    fn an_end_is_final() {
        for state in [ParticipationState::Completed, ParticipationState::Exited] {
            let ended = Stay { state, ended_on: Some(day("2020-11-06")), ..running() };
            assert_eq!(check_end(&ended, EndReason::Other, day("2020-11-06")), Err(EndError::AlreadyEnded));
        }
    }

    #[test]
    fn every_reason_has_its_polarity() {
        let of = |polarity: Polarity| -> Vec<&str> {
            EndReason::ALL.iter().filter(|reason| reason.polarity() == polarity).map(|reason| reason.as_str()).collect()
        };
        assert_eq!(of(Polarity::Positive), ["completed", "employed", "education"]);
        assert_eq!(of(Polarity::Neutral), ["interruptedJustified", "health", "moved", "died", "other"]);
        assert_eq!(of(Polarity::Negative), ["refusedUnjustified", "interruptedOwnFault", "lostStatus"]);
    }
}
