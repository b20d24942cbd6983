//! Admission of a person to an edition, in one call.

use actix_web::post;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::admission::{
    AdmissionError, Breach, Claim, EditionDates, Outside, check_claim, check_dates, check_overlap, check_seat,
};
use super::participations::{
    NewStep, ParticipationState, ParticipationStep, ParticipationView, append_step, find_replacement, get_view,
    list_stays_in_edition, list_stays_of_person,
};
use super::seat_rule::{Claimant, seat_breach};
use super::{
    CUMULATIVE_LIMIT, EDITION_CLOSED, INVERTED, NO_FREE_SEAT, NOT_ASSESSED, NOT_RANKED, NOT_SELECTED, OUTSIDE_EDITION, OVERLAP,
    SEAT_KEPT, SEAT_OFFERED, SEAT_OUTSIDE_PLAN, SEAT_TAKEN, WHO_AND_WHERE,
};
use crate::platform::body::Body;
use crate::platform::db::{Tx, own};
use crate::platform::overriding::pass_or_refuse;
use crate::platform::permit::Permit;
use crate::platform::policy::AdmitParticipant;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, Period, between};
use crate::programmes::Selection;
use crate::programmes::cumulation::{limit_of, too_long};
use crate::programmes::facts::{EditionFacts, lock_edition};
use crate::programmes::places::DayCount;
use crate::recruitment::offers::{Claimed, TakenOffer, find_offered_application, mark_taken, take_up};
use crate::recruitment::{ApplicationState, Lacking, Override, lacking_assessment};
use crate::schema::{applications, participations, people};

/// An admission: by application, by offer, or directly by edition and person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "editionId": crate::platform::examples::RECRUITING_EDITION,
    "personId": crate::platform::examples::NEWCOMER,
    "startsOn": "2026-09-01"
}))]
pub struct AdmissionBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Application that gets a place; instead of edition and person.
    pub application_id: Option<Uuid>,
    /// Offer that is taken up; instead of an application, or beside it.
    pub offer_id: Option<Uuid>,
    /// Day on which the candidate accepted the offer; only and always where it is still open.
    pub accepted_on: Option<Day>,
    /// Edition, where no application is named.
    pub edition_id: Option<Uuid>,
    /// Person, where no application is named.
    pub person_id: Option<Uuid>,
    /// First day.
    pub starts_on: Day,
    /// Planned last day; the last day of the edition when left out.
    pub planned_end_on: Option<Day>,
    /// Number of the place.
    #[serde(default, deserialize_with = "between::<1, 100_000, _, _>")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub seat: Option<i32>,
    /// Departs from the number of places, from what is offered to others or kept for them, from the limit of months, from the assessment of eligibility or from the selection by ranking.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// Somebody to be admitted to an edition that is already locked.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub id: Uuid,
    pub person: Uuid,
    pub starts_on: Day,
    /// Where the body says the first day.
    pub start_pointer: &'static str,
    pub planned_end_on: Option<Day>,
    pub seat: Option<i32>,
    pub replaces: Option<Uuid>,
    /// The offer that the body names.
    pub offer: Option<Uuid>,
    /// Day on which an open offer was accepted.
    pub accepted_on: Option<Day>,
    pub overriding: Option<&'a Override>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = participations)]
struct NewParticipation<'a> {
    id: Uuid,
    edition_id: Uuid,
    person_id: Uuid,
    application_id: Option<Uuid>,
    replaces_id: Option<Uuid>,
    seat: Option<i32>,
    starts_on: Day,
    planned_end_on: Day,
    state: ParticipationState,
    cumulative_group: Option<&'a Code>,
    override_reason: Option<&'a str>,
    override_rules: Option<&'a [&'static str]>,
}

/// Admits a person to an edition.
///
/// With `applicationId` the application has to be selected or on the reserve
/// list. Without one the person is admitted directly; if the person did apply
/// to the edition, that application counts all the same, and where the edition
/// selects by ranking, whoever did not needs a reason. With `offerId` an offer
/// is taken up, and accepted in the same call where `acceptedOn` says when; whose
/// end freed the seat is then replaced (`replacesId`). The places of the plan,
/// those that are offered to others, those that are kept for candidates who were
/// selected and are not admitted yet, the limit of months, the assessment that a
/// regime may ask for and the selection by ranking can be overridden with a reason;
/// the participation then names the rules that it passed (`overrideRules`).
#[utoipa::path(tag = "participations", request_body = AdmissionBody, responses((status = 201, body = ParticipationView, description = "The participation")))]
#[post("/participations")]
async fn admit_participant(permit: Permit<AdmitParticipant>, body: Body<AdmissionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let view = admit_by(tx, body)?;
            tx.touch("participation", [view.id]);
            Ok(Written::created(format!("/participations/{}", view.id), view))
        })
        .await
}

/// Admits whom a body names.
///
/// # Errors
/// Those of `admit_participant`.
pub fn admit_by(tx: &mut Tx, body: &AdmissionBody) -> Result<ParticipationView, Problem> {
    let id = tx.id_or_new(body.id);
    let (edition, _) = find_target(tx, body)?;
    let edition = lock_edition(tx, edition).map_err(|problem| as_reference(problem, "/editionId"))?;
    // Whose application it is may have changed while this waited: a merge locks the edition, too.
    let (_, person) = find_target(tx, body)?;
    let candidate = Candidate {
        id,
        person,
        starts_on: body.starts_on,
        start_pointer: "/startsOn",
        planned_end_on: body.planned_end_on,
        seat: body.seat,
        replaces: None,
        offer: body.offer_id,
        accepted_on: body.accepted_on,
        overriding: body.overriding.as_ref(),
    };
    admit(tx, &edition, &candidate)?;
    get_view(tx, id)
}

fn find_target(tx: &mut Tx, body: &AdmissionBody) -> Result<(Uuid, Uuid), Problem> {
    match (body.application_id, body.offer_id, body.edition_id, body.person_id) {
        (Some(application), _, None, None) => find_applicant(tx, application),
        (None, Some(offer), None, None) => {
            let application = find_offered_application(tx, offer)?;
            find_applicant(tx, application)
        }
        (None, None, Some(edition), Some(person)) => Ok((edition, person)),
        _ => Err(WHO_AND_WHERE.at("")),
    }
}

/// Edition and person of an application that the body names.
pub(super) fn find_applicant(tx: &mut Tx, application: Uuid) -> Result<(Uuid, Uuid), Problem> {
    applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::id.eq(application))
        .select((applications::edition_id, applications::person_id))
        .first(tx.conn)
        .map_err(|error| as_reference(error.into(), "/applicationId"))
}

/// An id of the body that names nothing is a wrong field, not a missing resource.
pub(super) fn as_reference(problem: Problem, pointer: &str) -> Problem {
    if problem.code() == catalogue::NOT_FOUND.code { catalogue::REFERENCE_NOT_FOUND.at(pointer) } else { problem }
}

/// Admits a candidate to a locked edition.
///
/// The locks are always taken in the order edition, person, application: the
/// edition guards its places, the person the limit over all editions.
pub(super) fn admit(tx: &mut Tx, edition: &EditionFacts, candidate: &Candidate) -> Result<(), Problem> {
    lock_person(tx, candidate.person)?;
    let application = lock_application(tx, edition.id, candidate.person)?;
    let refuse = |error| refusal(error, edition, candidate);
    if let Some((_, claim)) = application {
        check_claim(claim, candidate.starts_on).map_err(refuse)?;
    }
    let wanted = wanted_period(edition, candidate)?;
    let days = edition.period().ok_or_else(|| catalogue::INTERNAL.problem().because("edition ends before it starts"))?;
    check_dates(wanted, EditionDates { days, closed_on: edition.closed_on }).map_err(refuse)?;
    let group = edition.regime.cumulative_group.as_ref();
    let stays = list_stays_of_person(tx, candidate.person, edition.id, group)?;
    check_overlap(wanted, &stays.excluding).map_err(refuse)?;
    let others = list_stays_in_edition(tx, edition.id, wanted)?;
    if let Some(seat) = candidate.seat {
        let plan = if candidate.replaces.is_none() { &edition.plan[..] } else { &[] };
        check_seat(seat, &others, plan).map_err(refuse)?;
    }
    let applied = application.map(|(id, _)| id);
    let claimed = Claimed {
        offer: candidate.offer,
        accepted_on: candidate.accepted_on,
        starts_on: candidate.starts_on,
        start_pointer: candidate.start_pointer,
    };
    let offer = take_up(tx, edition, applied, claimed)?;
    let mut broken: Vec<Breach> =
        too_long(wanted, &stays.of_group, limit_of(&edition.regime)).map(Breach::CumulativeLimit).into_iter().collect();
    if edition.selection == Selection::ByRanking && application.is_none() {
        broken.push(Breach::NotRanked);
    }
    broken.extend(lacks_assessment(tx, edition, applied, candidate)?.map(Breach::NotAssessed));
    let is_selected = matches!(application, Some((_, Claim::Selected(_))));
    let claimant = Claimant { application: applied, has_seat: is_selected || offer.is_some() };
    broken.extend(seat_breach(tx, edition, claimant, (wanted, &others))?);
    let passed = pass_or_refuse(tx, broken.into_iter().map(Problem::from).collect(), candidate.overriding)?;
    let replaces = match candidate.replaces {
        None => left_behind(tx, offer)?,
        named => named,
    };
    diesel::insert_into(participations::table)
        .values(NewParticipation {
            id: candidate.id,
            edition_id: edition.id,
            person_id: candidate.person,
            application_id: applied,
            replaces_id: replaces,
            seat: candidate.seat,
            starts_on: wanted.from(),
            planned_end_on: wanted.to(),
            state: ParticipationState::Active,
            cumulative_group: group,
            override_reason: passed.as_ref().map(|passed| passed.reason),
            override_rules: passed.as_ref().map(|passed| &passed.rules[..]),
        })
        .execute(tx.conn)?;
    if let Some(offer) = offer {
        mark_taken(tx, offer.id, candidate.id)?;
    }
    record_admission(tx, edition.id, candidate, wanted)
}

/// Whose place an offered seat is: that of the participation that freed it, unless somebody has taken it before.
fn left_behind(tx: &mut Tx, offer: Option<TakenOffer>) -> Result<Option<Uuid>, Problem> {
    let Some(left) = offer.and_then(|offer| offer.freed_by) else { return Ok(None) };
    Ok(if find_replacement(tx, left)?.is_none() { Some(left) } else { None })
}

/// What is missing of the assessment for which the regime may ask.
fn lacks_assessment(
    tx: &mut Tx,
    edition: &EditionFacts,
    application: Option<Uuid>,
    candidate: &Candidate,
) -> Result<Option<Lacking>, Problem> {
    if !edition.regime.admission_on_assessment {
        return Ok(None);
    }
    lacking_assessment(tx, application, candidate.person, candidate.starts_on)
}

fn record_admission(tx: &mut Tx, edition: Uuid, candidate: &Candidate, wanted: Period) -> Result<(), Problem> {
    append_step(
        tx,
        &NewStep {
            participation_id: candidate.id,
            kind: ParticipationStep::Admitted,
            effective_on: wanted.from(),
            reason: None,
            note: None,
        },
    )?;
    tx.announce(
        "participation",
        candidate.id,
        "participation.admitted",
        json!({
            "participationId": candidate.id,
            "editionId": edition,
            "personId": candidate.person,
            "startsOn": wanted.from(),
            "plannedEndOn": wanted.to(),
        }),
    );
    Ok(())
}

fn wanted_period(edition: &EditionFacts, candidate: &Candidate) -> Result<Period, Problem> {
    let last = candidate.planned_end_on.unwrap_or(edition.ends_on);
    Period::new(candidate.starts_on, last).map_err(|_| match candidate.planned_end_on {
        Some(_) => INVERTED.at("/plannedEndOn"),
        None => refusal(AdmissionError::OutsideEdition(Outside::Start), edition, candidate),
    })
}

fn refusal(error: AdmissionError, edition: &EditionFacts, candidate: &Candidate) -> Problem {
    match error {
        AdmissionError::OutsideEdition(side) => OUTSIDE_EDITION
            .at(match side {
                Outside::Start => candidate.start_pointer,
                Outside::PlannedEnd => "/plannedEndOn",
            })
            .with("startsOn", edition.starts_on.to_string())
            .with("endsOn", edition.ends_on.to_string()),
        AdmissionError::EditionClosed(day) => EDITION_CLOSED.problem().with("closedOn", day.to_string()),
        AdmissionError::NotSelected => NOT_SELECTED.problem(),
        AdmissionError::Overlap => OVERLAP.at(candidate.start_pointer),
        // A successor takes the place as it is; the body does not name it.
        AdmissionError::SeatTaken if candidate.replaces.is_some() => SEAT_TAKEN.problem(),
        AdmissionError::SeatTaken => SEAT_TAKEN.at("/seat"),
        AdmissionError::NoSuchSeat(places) => SEAT_OUTSIDE_PLAN.at("/seat").with("places", places),
    }
}

impl From<Breach> for Problem {
    fn from(breach: Breach) -> Self {
        match breach {
            Breach::NotRanked => NOT_RANKED.problem(),
            Breach::NotAssessed(lacking) => NOT_ASSESSED.problem().with("assessment", lacking.as_str()),
            Breach::NoFreeSeat(full) => of_day(NO_FREE_SEAT.problem(), full),
            Breach::SeatOffered(full) => of_day(SEAT_OFFERED.problem(), full),
            Breach::SeatKept(full, awaiting) => {
                let ids: Vec<String> = awaiting.iter().map(Uuid::to_string).collect();
                of_day(SEAT_KEPT.problem(), full).with("applicationIds", ids)
            }
            Breach::CumulativeLimit(too_long) => CUMULATIVE_LIMIT
                .problem()
                .with("already", too_long.already.total_months().rounded().to_string())
                .with("this", too_long.this.total_months().rounded().to_string())
                .with("limit", too_long.limit_months),
        }
    }
}

fn of_day(problem: Problem, full: DayCount) -> Problem {
    problem.with("day", full.day.to_string()).with("places", full.places).with("taken", full.taken)
}

pub(super) fn lock_person(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq(id))
        .select(people::id)
        .for_update()
        .first::<Uuid>(tx.conn)
        .map(|_| ())
        .map_err(|error| as_reference(error.into(), "/personId"))
}

fn lock_application(tx: &mut Tx, edition: Uuid, person: Uuid) -> Result<Option<(Uuid, Claim)>, Problem> {
    let found: Option<(Uuid, ApplicationState, Option<Day>)> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .filter(applications::person_id.eq(person))
        .filter(applications::duplicate_of_id.is_null())
        .filter(applications::applied_again.eq(false))
        .select((applications::id, applications::state, applications::decided_on))
        .for_update()
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(id, state, decided_on)| {
        let claim = match (state, decided_on) {
            (ApplicationState::Selected, Some(day)) => Claim::Selected(day),
            (ApplicationState::Reserve, Some(day)) => Claim::Reserve(day),
            _ => Claim::None,
        };
        (id, claim)
    }))
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(admit_participant);
}
