//! A participation is prolonged: its planned end is put off, up to the end of the edition and the limit of months.

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::participation::admission::{AdmissionError, Breach, EditionDates, check_dates, check_overlap, check_seat};
use crate::participation::admit::lock_person;
use crate::participation::participations::{
    NewStep, ParticipationState, ParticipationStep, Stay, append_step, get_view, list_stays_in_edition, list_stays_of_person,
    lock_participation,
};
use crate::participation::seat_rule::{Claimant, seat_breach};
use crate::participation::{
    ALREADY_ENDED, EDITION_CLOSED, NOT_PROLONGED, OUTSIDE_EDITION, OUTSIDE_PARTICIPATION, OVERLAP, SEAT_TAKEN,
};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::overriding::pass_or_refuse;
use crate::platform::permit::Permit;
use crate::platform::policy::ProlongParticipation;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, Period, ShortText};
use crate::programmes::cumulation::{limit_of, too_long};
use crate::programmes::facts::{EditionFacts, lock_edition};
use crate::recruitment::Override;
use crate::recruitment::offers::expire_offers;
use crate::schema::{participations, prolongations};

/// A prolongation, as decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-10", "plannedEndOn": "2026-06-30", "reason": "Dokończenie warsztatów po zwolnieniu" }))]
pub struct ProlongationBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Day on which it was decided; not after the planned end so far.
    pub effective_on: Day,
    /// New planned last day, within the edition.
    pub planned_end_on: Day,
    /// Why; no names.
    pub reason: LongText,
    /// Departs from the number of places, from what is offered to others or from the limit of months.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// A prolongation.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = prolongations)]
#[serde(rename_all = "camelCase")]
pub struct ProlongationView {
    /// Id.
    pub id: Uuid,
    /// Participation.
    pub participation_id: Uuid,
    /// Day on which it was decided.
    pub effective_on: Day,
    /// Planned last day before.
    pub former_end_on: Day,
    /// Planned last day since.
    pub planned_end_on: Day,
    /// Why.
    pub reason: LongText,
    /// Why a soft rule was overridden.
    pub override_reason: Option<LongText>,
    /// Codes of the soft rules that it departed from; none in what was recorded before they were named.
    #[schema(max_items = 20)]
    pub override_rules: Option<Vec<ShortText>>,
}

impl View for ProlongationView {}

/// Why a prolongation is refused by the days alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ProlongationError {
    #[error("it has ended")]
    Ended,
    #[error("it was decided outside of the participation")]
    DecidedOutside,
    #[error("the new end is not after the planned one")]
    NotLater,
    #[error("the new end does not fit the edition")]
    Edition(AdmissionError),
}

impl ProlongationError {
    pub(super) fn problem(self, stay: &Stay, edition: &EditionFacts) -> Problem {
        match self {
            Self::Ended => ALREADY_ENDED.problem(),
            Self::DecidedOutside => OUTSIDE_PARTICIPATION
                .at("/effectiveOn")
                .with("startsOn", stay.starts_on.to_string())
                .with("lastOn", stay.last_on().to_string()),
            Self::NotLater => NOT_PROLONGED.at("/plannedEndOn").with("plannedEndOn", stay.planned_end_on.to_string()),
            Self::Edition(AdmissionError::EditionClosed(closed)) => {
                EDITION_CLOSED.at("/plannedEndOn").with("closedOn", closed.to_string())
            }
            Self::Edition(_) => OUTSIDE_EDITION
                .at("/plannedEndOn")
                .with("startsOn", edition.starts_on.to_string())
                .with("endsOn", edition.ends_on.to_string()),
        }
    }
}

/// The whole period of a participation that lasts until a later day, if its days allow that.
pub(super) fn check_prolongation(
    stay: &Stay,
    edition: EditionDates,
    decided_on: Day,
    until: Day,
) -> Result<Period, ProlongationError> {
    if stay.state != ParticipationState::Active {
        return Err(ProlongationError::Ended);
    }
    if until <= stay.planned_end_on {
        return Err(ProlongationError::NotLater);
    }
    if !stay.covers(decided_on) {
        return Err(ProlongationError::DecidedOutside);
    }
    let whole = Period::new(stay.starts_on, until).map_err(|_| ProlongationError::NotLater)?;
    check_dates(whole, edition).map_err(ProlongationError::Edition)?;
    Ok(whole)
}

/// What an edition says about the days of its participations.
pub(super) fn dates_of(edition: &EditionFacts) -> Result<EditionDates, Problem> {
    let days = edition.period().ok_or_else(|| catalogue::INTERNAL.problem().because("edition ends before it starts"))?;
    Ok(EditionDates { days, closed_on: edition.closed_on })
}

/// Puts the planned end of a participation off.
///
/// Up to the last day of the edition. The places of the plan, those that are
/// offered to others and the limit of months over all editions that count
/// together hold as on admission, and can be overridden with a reason. Sessions
/// of the added days expect the participant; where two of them are at the same
/// time it is refused. `get_change_preview` shows the effect before.
#[utoipa::path(tag = "participations", request_body = ProlongationBody, params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 201, body = ProlongationView, description = "The prolongation")))]
#[post("/participations/{id}/prolongations")]
async fn prolong_participation(
    permit: Permit<ProlongParticipation>,
    id: PathId,
    body: Body<ProlongationBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("participation", [id.0]);
            // In the order of an admission: the edition guards its places, the person the limit over all editions.
            let view = get_view(tx, id.0)?;
            let edition = lock_edition(tx, view.edition_id)?;
            lock_person(tx, view.person_id)?;
            let stay = lock_participation(tx, id.0)?;
            tx.expect_version(stay.row_version)?;
            let view = prolong(tx, &edition, &stay, body)?;
            Ok(Written::created(format!("/participations/{}", id.0), view))
        })
        .await
}

fn prolong(tx: &mut Tx, edition: &EditionFacts, stay: &Stay, body: &ProlongationBody) -> Result<ProlongationView, Problem> {
    let whole = check_prolongation(stay, dates_of(edition)?, body.effective_on, body.planned_end_on)
        .map_err(|error| error.problem(stay, edition))?;
    expire_offers(tx, edition.id, added_days(stay, whole)?.from())?;
    let broken = breaches_of(tx, edition, stay, whole)?.into_iter().map(Problem::from).collect();
    let passed = pass_or_refuse(tx, broken, body.overriding.as_ref())?;
    let id = tx.id_or_new(body.id);
    let view = diesel::insert_into(prolongations::table)
        .values((
            prolongations::id.eq(id),
            prolongations::participation_id.eq(stay.id),
            prolongations::effective_on.eq(body.effective_on),
            prolongations::former_end_on.eq(stay.planned_end_on),
            prolongations::planned_end_on.eq(body.planned_end_on),
            prolongations::reason.eq(&body.reason),
            prolongations::override_reason.eq(passed.as_ref().map(|passed| passed.reason)),
            prolongations::override_rules.eq(passed.as_ref().map(|passed| &passed.rules[..])),
        ))
        .returning(ProlongationView::as_returning())
        .get_result(tx.conn)?;
    diesel::update(participations::table.filter(own(tx, participations::tenant_id)).filter(participations::id.eq(stay.id)))
        .set(participations::planned_end_on.eq(body.planned_end_on))
        .execute(tx.conn)?;
    append_step(
        tx,
        &NewStep {
            participation_id: stay.id,
            kind: ParticipationStep::Prolonged,
            effective_on: body.effective_on,
            reason: None,
            note: Some(body.reason.as_str()),
        },
    )?;
    let data = json!({ "participationId": stay.id, "editionId": stay.edition_id, "plannedEndOn": body.planned_end_on });
    tx.announce("participation", stay.id, "participation.prolonged", data);
    Ok(view)
}

/// The days that a prolongation adds.
pub(super) fn added_days(stay: &Stay, whole: Period) -> Result<Period, Problem> {
    let first = stay.planned_end_on.plus_days(1).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    Period::new(first, whole.to()).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

/// The soft rules that a prolongation breaks; a hard one refuses it.
///
/// The other participations of the person and the numbered place are looked at on the added days only.
pub(super) fn breaches_of(tx: &mut Tx, edition: &EditionFacts, stay: &Stay, whole: Period) -> Result<Vec<Breach>, Problem> {
    let added = added_days(stay, whole)?;
    let stays = list_stays_of_person(tx, stay.person_id, edition.id, edition.regime.cumulative_group.as_ref())?;
    check_overlap(added, &stays.excluding).map_err(|_| OVERLAP.at("/plannedEndOn"))?;
    let others = list_stays_in_edition(tx, edition.id, added)?;
    if let Some(seat) = stay.seat {
        check_seat(seat, &others, &[]).map_err(|_| SEAT_TAKEN.at("/plannedEndOn"))?;
    }
    let mut of_group = stays.of_group;
    // The participation itself counts once, with its new length.
    if let Some(place) = of_group.iter().position(|days| days.from() == stay.starts_on && days.to() == stay.planned_end_on) {
        of_group.swap_remove(place);
    }
    let too_long = too_long(whole, &of_group, limit_of(&edition.regime)).map(Breach::CumulativeLimit);
    let full = seat_breach(tx, edition, Claimant { application: None, has_seat: false }, (added, &others))?;
    Ok(too_long.into_iter().chain(full).collect())
}

/// The prolongations of a participation, in their order.
pub(in crate::participation) fn prolongations_of(tx: &mut Tx, participation: Uuid) -> Result<Vec<ProlongationView>, Problem> {
    Ok(prolongations::table
        .filter(own(tx, prolongations::tenant_id))
        .filter(prolongations::participation_id.eq(participation))
        .order(prolongations::id)
        .select(ProlongationView::as_select())
        .load(tx.conn)?)
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(prolong_participation);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::participation::class_register::fixture::{day, period, stay};

    #[test]
    fn the_end_is_put_off_within_the_edition_and_while_the_participation_runs() {
        use crate::participation::admission::Outside;
        use AdmissionError::{EditionClosed, OutsideEdition};
        let running = Stay { planned_end_on: day("2020-11-30"), ..stay(1) };
        let open = EditionDates { days: period("2020-11-02", "2020-12-31"), closed_on: None };
        let closed = EditionDates { closed_on: Some(day("2020-12-10")), ..open };
        let exited = Stay { state: ParticipationState::Exited, ended_on: Some(day("2020-11-20")), ..running };
        for (stay, edition, decided, until, expected) in [
            (running, open, "2020-11-30", "2020-12-31", Ok(period("2020-11-02", "2020-12-31"))),
            (running, open, "2020-11-20", "2020-11-30", Err(ProlongationError::NotLater)),
            (running, open, "2020-12-01", "2020-12-31", Err(ProlongationError::DecidedOutside)),
            (running, open, "2020-11-20", "2021-01-01", Err(ProlongationError::Edition(OutsideEdition(Outside::PlannedEnd)))),
            (running, closed, "2020-11-20", "2020-12-31", Err(ProlongationError::Edition(EditionClosed(day("2020-12-10"))))),
            (exited, open, "2020-11-20", "2020-12-31", Err(ProlongationError::Ended)),
        ] {
            assert_eq!(check_prolongation(&stay, edition, day(decided), day(until)), expected, "{decided} until {until}");
        }
    }
}
