//! Substitution: somebody takes over the place of a participant who left.

use actix_web::post;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::admit::{Candidate, admit, find_applicant};
use super::ending::{EndBody, EndReason, end};
use super::participations::{ParticipationState, ParticipationView, Stay, find_replacement, get_view, lock_participation};
use super::{
    ALREADY_ENDED, ALREADY_REPLACED, COMPLETED_NOT_REPLACED, REPLACEMENT_TARGET_ACTIVE, REPLACEMENT_TOO_EARLY, REPLACES_SELF,
    WHO_AND_WHERE,
};
use crate::platform::body::{Body, PathId};
use crate::platform::db::Tx;
use crate::platform::permit::Permit;
use crate::platform::policy::SubstituteParticipant;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::Day;
use crate::programmes::facts::lock_edition;
use crate::recruitment::Override;
use crate::recruitment::offers::find_offered_application;

/// A substitution: who takes the place over, and how the leaving participation ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "applicationId": crate::platform::examples::RESERVE_APPLICATION,
    "effectiveOn": "2026-06-15",
    "end": { "reason": "employed", "effectiveOn": "2026-06-12" }
}))]
pub struct SubstitutionBody {
    /// Id of the new participation chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Application that gets the place; instead of a person.
    pub application_id: Option<Uuid>,
    /// Offer that is taken up; instead of an application, or beside it.
    pub offer_id: Option<Uuid>,
    /// Day on which the candidate accepted the offer; only and always where it is still open.
    pub accepted_on: Option<Day>,
    /// Person who gets the place, where neither is named.
    pub person_id: Option<Uuid>,
    /// First day of the replacement.
    pub effective_on: Day,
    /// Planned last day of the replacement; the last day of the edition when left out.
    pub planned_end_on: Option<Day>,
    /// How the leaving participation ends; needed while it still runs.
    pub end: Option<EndBody>,
    /// Departs from the number of places, from what is offered to others, from the limit of months, from the assessment of eligibility or from the selection by ranking.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// Why a substitution is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SubstitutionError {
    #[error("the leaving participation still runs")]
    TargetActive,
    #[error("the leaving participation has already ended")]
    AlreadyEnded,
    #[error("a completed participation leaves no place")]
    Completed,
    #[error("the place was taken over by {0}")]
    AlreadyReplaced(Uuid),
    #[error("the place is free only after {0}")]
    TooEarly(Day),
}

impl From<SubstitutionError> for Problem {
    fn from(error: SubstitutionError) -> Self {
        match error {
            SubstitutionError::TargetActive => REPLACEMENT_TARGET_ACTIVE.at("/end"),
            SubstitutionError::AlreadyEnded => ALREADY_ENDED.at("/end"),
            SubstitutionError::Completed => COMPLETED_NOT_REPLACED.problem(),
            SubstitutionError::AlreadyReplaced(id) => ALREADY_REPLACED.problem().with("replacedById", id.to_string()),
            SubstitutionError::TooEarly(day) => REPLACEMENT_TOO_EARLY.at("/effectiveOn").with("endedOn", day.to_string()),
        }
    }
}

/// Whether a place can be taken over on a day; `end` is the end that the same call gives the leaving participation.
pub(super) fn check_substitution(
    leaving: &Stay,
    replaced_by: Option<Uuid>,
    end: Option<(EndReason, Day)>,
    effective_on: Day,
) -> Result<(), SubstitutionError> {
    if let Some(id) = replaced_by {
        return Err(SubstitutionError::AlreadyReplaced(id));
    }
    let ended_on = match (leaving.state, end) {
        (ParticipationState::Completed, _) | (ParticipationState::Active, Some((EndReason::Completed, _))) => {
            return Err(SubstitutionError::Completed);
        }
        (ParticipationState::Active, None) => return Err(SubstitutionError::TargetActive),
        (ParticipationState::Exited, Some(_)) => return Err(SubstitutionError::AlreadyEnded),
        (ParticipationState::Active, Some((_, day))) => day,
        (ParticipationState::Exited, None) => leaving.last_on(),
    };
    if effective_on <= ended_on { Err(SubstitutionError::TooEarly(ended_on)) } else { Ok(()) }
}

/// Replaces a participant.
///
/// One call ends the leaving participation, if it still runs, and admits the
/// replacement under the rules of `admit_participant`. The replacement inherits
/// the number of the place. A participation can be replaced once; the
/// replacement can be replaced in turn.
#[utoipa::path(tag = "participations", request_body = SubstitutionBody, params(("id" = Uuid, Path, description = "Leaving participation")),
    responses((status = 201, body = ParticipationView, description = "The new participation")))]
#[post("/participations/{id}/substitution")]
async fn substitute_participant(
    permit: Permit<SubstituteParticipant>,
    id: PathId,
    body: Body<SubstitutionBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let replacement = tx.id_or_new(body.id);
            tx.touch("participation", [replacement, id.0]);
            substitute(tx, id.0, replacement, body)?;
            Ok(Written::created(format!("/participations/{replacement}"), get_view(tx, replacement)?))
        })
        .await
}

fn substitute(tx: &mut Tx, leaving: Uuid, replacement: Uuid, body: &SubstitutionBody) -> Result<(), Problem> {
    // The edition is locked before the participation, so that two substitutions of one place queue up.
    let edition_id = get_view(tx, leaving)?.edition_id;
    let edition = lock_edition(tx, edition_id)?;
    let leaving = lock_participation(tx, leaving)?;
    tx.expect_version(leaving.row_version)?;
    let replaced_by = find_replacement(tx, leaving.id)?;
    let ending = body.end.as_ref().map(|end| (end.reason, end.effective_on));
    check_substitution(&leaving, replaced_by, ending, body.effective_on)?;
    let person = find_successor(tx, edition_id, body)?;
    if person == leaving.person_id {
        return Err(REPLACES_SELF.problem());
    }
    if let Some(ending) = &body.end {
        end(tx, &leaving, ending, "/end")?;
    }
    let candidate = Candidate {
        id: replacement,
        person,
        starts_on: body.effective_on,
        start_pointer: "/effectiveOn",
        planned_end_on: body.planned_end_on,
        seat: leaving.seat,
        replaces: Some(leaving.id),
        offer: body.offer_id,
        accepted_on: body.accepted_on,
        overriding: body.overriding.as_ref(),
    };
    admit(tx, &edition, &candidate)?;
    tx.announce(
        "participation",
        leaving.id,
        "participation.substituted",
        json!({
            "participationId": leaving.id,
            "replacedById": replacement,
            "editionId": edition_id,
            "effectiveOn": body.effective_on,
        }),
    );
    Ok(())
}

fn find_successor(tx: &mut Tx, edition: Uuid, body: &SubstitutionBody) -> Result<Uuid, Problem> {
    let (application, pointer) = match (body.application_id, body.offer_id, body.person_id) {
        (None, None, Some(person)) => return Ok(person),
        (Some(application), _, None) => (application, "/applicationId"),
        (None, Some(offer), None) => (find_offered_application(tx, offer)?, "/offerId"),
        _ => return Err(WHO_AND_WHERE.at("")),
    };
    match find_applicant(tx, application)? {
        (applied_to, person) if applied_to == edition => Ok(person),
        _ => Err(catalogue::REFERENCE_NOT_FOUND.at(pointer)),
    }
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(substitute_participant);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn leaving(state: ParticipationState, ended_on: Option<&str>) -> Stay {
        Stay {
            id: Uuid::nil(),
            edition_id: Uuid::nil(),
            person_id: Uuid::nil(),
            seat: Some(3),
            starts_on: day("2020-10-15"),
            planned_end_on: day("2020-12-14"),
            ended_on: ended_on.map(day),
            state,
            row_version: 1,
        }
    }

    #[test]
    fn a_place_is_taken_over_once_and_only_after_it_is_free() {
        use ParticipationState::{Active, Completed, Exited};
        let successor = Uuid::max();
        let employed = Some((EndReason::Employed, day("2020-11-06")));
        for (state, ended_on, replaced_by, end, effective_on, expected) in [
            (Active, None, None, employed, "2020-11-09", Ok(())),
            (Active, None, None, employed, "2020-11-06", Err(SubstitutionError::TooEarly(day("2020-11-06")))),
            (Active, None, None, None, "2020-11-09", Err(SubstitutionError::TargetActive)),
            (
                Active,
                None,
                None,
                Some((EndReason::Completed, day("2020-12-14"))),
                "2020-12-15",
                Err(SubstitutionError::Completed),
            ),
            (Exited, Some("2020-11-06"), None, None, "2020-11-07", Ok(())),
            (Exited, Some("2020-11-06"), None, None, "2020-11-06", Err(SubstitutionError::TooEarly(day("2020-11-06")))),
            (Exited, Some("2020-11-06"), None, employed, "2020-11-07", Err(SubstitutionError::AlreadyEnded)),
            (Exited, Some("2020-11-06"), Some(successor), None, "2020-11-09", Err(SubstitutionError::AlreadyReplaced(successor))),
            (Completed, Some("2020-12-14"), None, None, "2020-12-15", Err(SubstitutionError::Completed)),
        ] {
            let target = leaving(state, ended_on);
            assert_eq!(check_substitution(&target, replaced_by, end, day(effective_on)), expected, "{state} on {effective_on}");
        }
    }
}
