//! An end that turns out to have been another one, or none: who told of it corrects what was told.
//!
//! Nobody loses a seat by it that was accepted or taken meanwhile: then the correction is refused, whatever other seats are
//! free, and the two offices settle by hand what is to become of the second person. A successor replaces somebody who left.

use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::ending::{EndBody, count_facts};
use super::participations::{
    NewStep, ParticipationState, ParticipationStep, Stay, append_step, find_replacement, get_view, list_stays_in_edition,
    lock_participation,
};
use super::seat_rule::{Claimant, seat_breach};
use super::{EDITION_CLOSED, END_NOT_CORRECTABLE, FACTS_AFTER_END, OUTSIDE_PARTICIPATION, SEAT_ACCEPTED, SEAT_TAKEN_OVER};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, LongText, Period};
use crate::programmes::facts::{EditionFacts, lock_edition};
use crate::recruitment::offers::{AcceptedOffer, accepted_offer, offer_freed_seat, take_back_offers};
use crate::schema::participations;

/// Changes the day and the reason of an exit; answers the offer of a seat that is free for fewer days now.
///
/// A later day needs the seat to be free until then: offers of it that nobody has accepted are taken back, and made anew for
/// the days that are left where `offer_seat` says so.
///
/// # Errors
/// `participation.end_not_correctable`, `participation.outside_participation`, `participation.facts_after_end`,
/// `participation.edition_closed`; and where the seat is taken or promised, `participation.seat_taken_over`,
/// `participation.seat_accepted`, `participation.no_free_seat` or `participation.seat_offered`.
pub fn change_end(tx: &mut Tx, id: Uuid, body: &EndBody, decided_on: Day, offer_seat: bool) -> Result<Option<Uuid>, Problem> {
    let (edition, stay, ended_on) = lock_exit(tx, id)?;
    if !(stay.starts_on..=stay.planned_end_on).contains(&body.effective_on) {
        let problem = OUTSIDE_PARTICIPATION.at("/effectiveOn");
        return Err(problem.with("startsOn", stay.starts_on.to_string()).with("lastOn", stay.planned_end_on.to_string()));
    }
    if let Some(closed) = edition.closed_on.filter(|closed| *closed < body.effective_on) {
        return Err(EDITION_CLOSED.at("/effectiveOn").with("closedOn", closed.to_string()));
    }
    if body.effective_on < ended_on {
        let later = count_facts(tx, id, body.effective_on, None)?;
        if later.any() {
            return Err(later.describe(FACTS_AFTER_END.at("/effectiveOn")));
        }
    } else {
        regain_seat(tx, &edition, &stay, (ended_on, body.effective_on), decided_on)?;
    }
    diesel::update(participations::table.filter(own(tx, participations::tenant_id)).filter(participations::id.eq(id)))
        .set((
            participations::ended_on.eq(body.effective_on),
            participations::state.eq(body.reason.state()),
            participations::end_reason.eq(body.reason),
            participations::end_polarity.eq(body.reason.polarity()),
            participations::own_fault.eq(body.own_fault),
        ))
        .execute(tx.conn)?;
    record(tx, &stay, ParticipationStep::EndChanged, body.effective_on, (Some(body.reason.as_str()), body.note.as_ref()))?;
    let seat_is_left = ended_on < body.effective_on && body.effective_on < stay.planned_end_on;
    if !offer_seat || !seat_is_left {
        return Ok(None);
    }
    Ok(offer_freed_seat(tx, &edition, id, body.effective_on)?.map(|offer| offer.id))
}

/// Takes an exit back: the participation runs to its planned end again.
///
/// # Errors
/// As [`change_end`]; in a closed edition nobody takes part any more (`participation.edition_closed`).
pub fn take_back_end(tx: &mut Tx, id: Uuid, decided_on: Day) -> Result<(), Problem> {
    let (edition, stay, ended_on) = lock_exit(tx, id)?;
    if let Some(closed) = edition.closed_on {
        return Err(EDITION_CLOSED.problem().with("closedOn", closed.to_string()));
    }
    regain_seat(tx, &edition, &stay, (ended_on, stay.planned_end_on), decided_on)?;
    diesel::update(participations::table.filter(own(tx, participations::tenant_id)).filter(participations::id.eq(id)))
        .set((
            participations::ended_on.eq(None::<Day>),
            participations::state.eq(ParticipationState::Active),
            participations::end_reason.eq(None::<super::ending::EndReason>),
            participations::end_polarity.eq(None::<super::ending::Polarity>),
            participations::own_fault.eq(None::<bool>),
        ))
        .execute(tx.conn)?;
    record(tx, &stay, ParticipationStep::EndTakenBack, ended_on, (None, None))
}

/// An exit, locked behind its edition, with the last day.
fn lock_exit(tx: &mut Tx, id: Uuid) -> Result<(EditionFacts, Stay, Day), Problem> {
    let edition = get_view(tx, id)?.edition_id;
    let edition = lock_edition(tx, edition)?;
    let stay = lock_participation(tx, id)?;
    match stay.ended_on {
        Some(ended_on) if stay.state == ParticipationState::Exited => Ok((edition, stay, ended_on)),
        _ => Err(END_NOT_CORRECTABLE.problem().with("state", stay.state.as_str())),
    }
}

/// Takes the seat again for the days after one end until another; refused where somebody else has it, or was promised it.
fn regain_seat(
    tx: &mut Tx,
    edition: &EditionFacts,
    stay: &Stay,
    (from_end, to_end): (Day, Day),
    decided_on: Day,
) -> Result<(), Problem> {
    let Some(days) = from_end.plus_days(1).ok().and_then(|from| Period::new(from, to_end).ok()) else { return Ok(()) };
    if let Some(successor) = find_replacement(tx, stay.id)? {
        return Err(SEAT_TAKEN_OVER.problem().with("participationId", successor.to_string()));
    }
    match accepted_offer(tx, edition.id, stay.id)? {
        Some(AcceptedOffer { taken_by: Some(successor), .. }) => {
            return Err(SEAT_TAKEN_OVER.problem().with("participationId", successor.to_string()));
        }
        Some(offer) => return Err(SEAT_ACCEPTED.problem().with("offerId", offer.id.to_string())),
        None => take_back_offers(tx, edition, stay.id, decided_on)?,
    }
    let others = list_stays_in_edition(tx, edition.id, days)?;
    let own_application = get_view(tx, stay.id)?.application_id;
    let claimant = Claimant { application: own_application, has_seat: true };
    match seat_breach(tx, edition, claimant, (days, &others))? {
        Some(breach) => Err(breach.into()),
        None => Ok(()),
    }
}

fn record(
    tx: &mut Tx,
    stay: &Stay,
    kind: ParticipationStep,
    effective_on: Day,
    (reason, note): (Option<&str>, Option<&LongText>),
) -> Result<(), Problem> {
    append_step(tx, &NewStep { participation_id: stay.id, kind, effective_on, reason, note: note.map(LongText::as_str) })?;
    // The reason may be one of health, so it is not announced.
    let data = json!({ "participationId": stay.id, "editionId": stay.edition_id, "effectiveOn": effective_on });
    let event = match kind {
        ParticipationStep::EndTakenBack => "participation.end_taken_back",
        _ => "participation.end_changed",
    };
    tx.announce("participation", stay.id, event, data);
    Ok(())
}
