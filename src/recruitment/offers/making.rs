//! Making offers: as many as there are seats free and candidates waiting.

use diesel::prelude::*;
use uuid::Uuid;

use super::causes::Freed;
use super::grounds::{Grounds, PassedCandidate, SeatCount};
use super::offer::{
    Lapse, OfferCause, OfferChannel, OfferState, OfferView, OfferWithdrawalReason, announce, lapse, offers_of, read_offer,
};
use super::seats::count_seats;
use super::turns::{Entry, Passed, Seat, passed};
use super::waiting_list::waiting_in_order;
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Stored};
use crate::programmes::cumulation::limit_of;
use crate::programmes::facts::EditionFacts;
use crate::recruitment::rests_on_assessment;
use crate::recruitment::steps::no_later_than_today;
use crate::schema::offers;

/// Seats that may be free from a day on, and what freed each.
pub(super) struct Vacancy {
    /// First day for which a seat is offered.
    pub seat_from: Day,
    /// Day of the offers.
    pub offered_on: Day,
    /// What freed the seats; no more offers are made than there are causes.
    pub freed: Vec<Freed>,
    /// How the candidates are told.
    pub channel: Option<OfferChannel>,
    /// Ids that the client chose for the offers, in order.
    pub ids: Vec<Uuid>,
}

impl Vacancy {
    /// One seat that something has freed.
    pub(super) fn one(freed: Freed, seat_from: Day, offered_on: Day) -> Self {
        Self { seat_from: seat_from.max(offered_on), offered_on, freed: vec![freed], channel: None, ids: Vec::new() }
    }
}

#[derive(Insertable)]
#[diesel(table_name = offers)]
struct NewOffer {
    id: Uuid,
    edition_id: Uuid,
    application_id: Uuid,
    cause: OfferCause,
    freed_by_participation_id: Option<Uuid>,
    freed_by_revision_id: Option<Uuid>,
    freed_by_offer_id: Option<Uuid>,
    seat_from_on: Day,
    offered_on: Day,
    expires_on: Day,
    channel: Option<OfferChannel>,
    grounds: Stored<Grounds>,
    state: OfferState,
}

/// Who is next for a seat, and who was passed for what.
pub(super) struct Turn {
    pub next: Option<Entry>,
    pub passed: Vec<PassedCandidate>,
}

/// Offers the free ones of some seats to the next candidates; the caller holds the lock of the edition.
pub(super) fn offer_seats(tx: &mut Tx, edition: &EditionFacts, vacancy: Vacancy) -> Result<Vec<OfferView>, Problem> {
    let Some(days) = edition.seat_from(vacancy.seat_from) else { return Ok(Vec::new()) };
    let mut made = Vec::new();
    let mut ids = vacancy.ids.into_iter();
    for freed in vacancy.freed {
        // Read again each time: the offer just made has taken a seat and a turn.
        let of_edition = offers_of(tx, edition.id)?;
        let seats = count_seats(tx, edition, &of_edition)?;
        let Some(count) = seats.count(edition, days).filter(|_| seats.has_room(edition, days)) else { break };
        let Some(seat) = seat_on(edition, days.from(), vacancy.offered_on) else { break };
        let waiting = waiting_in_order(tx, edition.id, &of_edition)?;
        let Turn { next: Some(next), passed } = next_turn(tx, edition, seat, waiting)? else { break };
        let id = tx.id_or_new(ids.next());
        let offer = NewOffer {
            id,
            edition_id: edition.id,
            application_id: next.application,
            cause: freed.cause(),
            freed_by_participation_id: freed.participation(),
            freed_by_revision_id: freed.revision(),
            freed_by_offer_id: freed.offer(),
            seat_from_on: days.from(),
            offered_on: vacancy.offered_on,
            expires_on: last_day(edition, vacancy.offered_on)?,
            channel: vacancy.channel,
            grounds: Stored(Grounds { position: next.position, seats: count, passed }),
            state: OfferState::Open,
        };
        diesel::insert_into(offers::table).values(offer).execute(tx.conn)?;
        let offer = read_offer(tx, id)?;
        tx.touch_too([id, next.application]);
        announce(tx, &offer, "offer.made", offer.offered_on);
        made.push(offer);
    }
    Ok(made)
}

/// The seat that an edition has from a day on; none after its end.
pub(super) fn seat_on(edition: &EditionFacts, from: Day, offered_on: Day) -> Option<Seat<'_>> {
    Some(Seat {
        edition: edition.id,
        days: edition.seat_from(from)?,
        offered_on,
        group: edition.regime.cumulative_group.as_ref(),
        limit_months: limit_of(&edition.regime),
    })
}

/// The last day for the answer to an offer.
fn last_day(edition: &EditionFacts, offered_on: Day) -> Result<Day, Problem> {
    let days = u32::try_from(edition.offer_answer_days).unwrap_or_default();
    offered_on.plus_days(days).map_err(|error| catalogue::INVALID_FIELD.at("/effectiveOn").because(error))
}

/// Walks down the list until somebody's turn it is.
pub(super) fn next_turn(tx: &mut Tx, edition: &EditionFacts, seat: Seat, waiting: Vec<Entry>) -> Result<Turn, Problem> {
    let mut before = Vec::new();
    for entry in waiting {
        match why_passed(tx, edition, seat, &entry)? {
            None => return Ok(Turn { next: Some(entry), passed: before }),
            Some((reason, since)) => {
                before.push(PassedCandidate { application_id: entry.application, position: entry.position, reason, since });
            }
        }
    }
    Ok(Turn { next: None, passed: before })
}

/// Why a candidate is passed, the assessment of eligibility included.
pub(super) fn why_passed(
    tx: &mut Tx,
    edition: &EditionFacts,
    seat: Seat,
    entry: &Entry,
) -> Result<Option<(Passed, Option<Day>)>, Problem> {
    if let Some(reason) = passed(entry, seat) {
        return Ok(Some(reason));
    }
    if edition.regime.admission_on_assessment && !rests_on_assessment(tx, entry.application, entry.person, seat.days.from())? {
        return Ok(Some((Passed::NotAssessed, None)));
    }
    Ok(None)
}

/// The arithmetic of an edition's seats from a day on; none where the edition is over or has no plan.
pub(super) fn arithmetic(
    tx: &mut Tx,
    edition: &EditionFacts,
    of_edition: &[OfferView],
    seat_from: Day,
) -> Result<Option<SeatCount>, Problem> {
    let Some(days) = edition.seat_from(seat_from) else { return Ok(None) };
    Ok(count_seats(tx, edition, of_edition)?.count(edition, days))
}

/// Offers the seat of a participation that ended before its time, where the edition does so by itself.
///
/// The caller holds the lock of the edition.
///
/// # Errors
/// When the store fails.
pub fn offer_after_end(tx: &mut Tx, edition: &EditionFacts, participation: Uuid, ended_on: Day) -> Result<(), Problem> {
    if !edition.automatic_offers {
        return Ok(());
    }
    // Nothing is left of the seat after the last day of the calendar.
    let Ok(seat_from) = ended_on.plus_days(1) else { return Ok(()) };
    let offered_on = no_later_than_today(tx, ended_on);
    offer_seats(tx, edition, Vacancy::one(Freed::ByParticipation(participation), seat_from, offered_on)).map(drop)
}

/// Offers what a withdrawn application leaves: the seat of its offer, or of a decision for a place where the edition does so by itself.
///
/// The caller holds the lock of the edition.
pub(in crate::recruitment) fn offer_after_withdrawal(
    tx: &mut Tx,
    edition: &EditionFacts,
    application: Uuid,
    was_selected: bool,
    on: Day,
) -> Result<(), Problem> {
    let live = offers_of(tx, edition.id)?.into_iter().find(|offer| offer.application_id == application && offer.is_live());
    let vacancy = match live {
        Some(offer) => {
            let how = Lapse::Withdrawn { on, reason: OfferWithdrawalReason::ApplicationWithdrawn, note: None };
            lapse(tx, &offer, how)?;
            let offered_on = no_later_than_today(tx, on).max(offer.offered_on);
            Vacancy::one(Freed::ByOffer(how.cause(), offer.id), offer.seat_from.max(on), offered_on)
        }
        None if was_selected && edition.automatic_offers => Vacancy::one(Freed::NeverTaken, on, no_later_than_today(tx, on)),
        None => return Ok(()),
    };
    offer_seats(tx, edition, vacancy).map(drop)
}
