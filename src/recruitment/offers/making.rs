//! Making offers: as many as there are seats free and candidates waiting.

use diesel::prelude::*;
use uuid::Uuid;

use super::causes::{Freed, by_end, unspent_causes};
use super::grounds::{Grounds, KeptGrounds, PassedCandidate, SeatCount};
use super::offer::{
    Lapse, OfferCause, OfferChannel, OfferState, OfferView, OfferWithdrawalReason, announce, expire_overdue, lapse, read_offers,
};
use super::releasing::{Release, offer_released};
use super::seats::count_seats;
use super::turns::{Entry, Passed, Seat, passed};
use super::waiting_list::{Waiting, waiting_in_order};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Period, Stored};
use crate::programmes::cumulation::limit_of;
use crate::programmes::facts::EditionFacts;
use crate::recruitment::eligibility::who_rests_on_assessment;
use crate::recruitment::steps::no_later_than_today;
use crate::schema::{offers, participations};

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
    grounds: Stored<KeptGrounds>,
    state: OfferState,
}

/// Offers the free ones of some seats to the next candidates; the caller holds the lock of the edition.
///
/// What was not answered in time expires first. A closed edition makes no offer that could be answered after its closing.
/// Everything is read once: the offers of one call all promise the same days, so each takes one from what is free on
/// every day, and who is passed for one of them is passed for all.
pub(super) fn offer_seats(tx: &mut Tx, edition: &EditionFacts, vacancy: Vacancy) -> Result<Vec<OfferView>, Problem> {
    let Some(seat) = seat_on(edition, vacancy.seat_from, vacancy.offered_on) else { return Ok(Vec::new()) };
    let expires_on = last_day(tx, edition, vacancy.offered_on)?;
    if edition.closed_on.is_some_and(|closed| closed < expires_on) {
        return Ok(Vec::new());
    }
    let of_edition = expire_overdue(tx, edition.id, vacancy.offered_on)?.standing;
    let Some(mut count) = count_seats(tx, edition, &of_edition)?.count(edition, seat.days) else { return Ok(Vec::new()) };
    if count.free() <= 0 {
        return Ok(Vec::new());
    }
    let mut turns = Turns::of(seat, waiting_in_order(tx, edition.id, vacancy.offered_on, &of_edition)?);
    let mut ids = vacancy.ids.into_iter();
    let mut new: Vec<NewOffer> = Vec::new();
    for freed in vacancy.freed {
        if count.free() <= 0 {
            break;
        }
        let (Some(next), passed) = turns.next(tx, edition)? else { break };
        let freed = once(tx, freed, (edition.id, &of_edition, vacancy.offered_on))?;
        new.push(NewOffer {
            id: tx.id_or_new(ids.next()),
            edition_id: edition.id,
            application_id: next.application,
            cause: freed.cause(),
            freed_by_participation_id: freed.participation(),
            freed_by_revision_id: freed.revision(),
            freed_by_offer_id: freed.offer(),
            seat_from_on: seat.days.from(),
            offered_on: vacancy.offered_on,
            expires_on,
            channel: vacancy.channel,
            grounds: Stored(KeptGrounds {
                grounds: Grounds { position: next.position, seats: count, passed },
                follows: new.last().map(|before| before.id),
            }),
            state: OfferState::Open,
        });
        count.offered += 1;
    }
    record(tx, &new)
}

/// What freed a seat, told so that it makes no second offer: a participation may end again after its end was taken back.
fn once(tx: &mut Tx, freed: Freed, (edition, of_edition, on): (Uuid, &[OfferView], Day)) -> Result<Freed, Problem> {
    let Freed::ByParticipation(participation) = freed else { return Ok(freed) };
    if let Some(freed) = by_end(of_edition, participation) {
        return Ok(freed);
    }
    Ok(unspent_causes(tx, edition, of_edition, on)?.first().copied().unwrap_or(Freed::NeverTaken))
}

/// Stores offers, and tells of each.
fn record(tx: &mut Tx, new: &[NewOffer]) -> Result<Vec<OfferView>, Problem> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    diesel::insert_into(offers::table).values(new).execute(tx.conn)?;
    let ids: Vec<Uuid> = new.iter().map(|offer| offer.id).collect();
    let made = read_offers(tx, &ids)?;
    for offer in &made {
        tx.touch_too([offer.id, offer.application_id]);
        announce(tx, offer, "offer.made", offer.offered_on);
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

/// The last day for the answer to an offer of a day.
///
/// An offer that is recorded later than it was made can be told to nobody before: the time to answer then runs from today.
/// Of an edition that is over by now, it is history that is entered, and the time ran from its own day.
pub(super) fn last_day(tx: &Tx, edition: &EditionFacts, offered_on: Day) -> Result<Day, Problem> {
    let days = u32::try_from(edition.offer_answer_days).unwrap_or_default();
    let last_of_edition = edition.closed_on.map_or(edition.ends_on, |closed| closed.min(edition.ends_on));
    let told_on = match Day::try_from(tx.today()) {
        Ok(today) if today <= last_of_edition => offered_on.max(today),
        _ => offered_on,
    };
    told_on.plus_days(days).map_err(|error| catalogue::INVALID_FIELD.at("/effectiveOn").because(error))
}

/// How many candidates are looked at together at first; each further look takes twice as many.
const LOOKED_AT: usize = 64;

/// The way down the reserve list for the seats of one call.
struct Turns<'s> {
    seat: Seat<'s>,
    list: std::vec::IntoIter<Entry>,
    looked_at: std::vec::IntoIter<Waiting>,
    next_look: usize,
}

impl<'s> Turns<'s> {
    fn of(seat: Seat<'s>, list: Vec<Entry>) -> Self {
        Self { seat, list: list.into_iter(), looked_at: Vec::new().into_iter(), next_look: LOOKED_AT }
    }

    /// Whose turn it is next, and who is passed on the way there.
    fn next(&mut self, tx: &mut Tx, edition: &EditionFacts) -> Result<(Option<Entry>, Vec<PassedCandidate>), Problem> {
        let mut before = Vec::new();
        loop {
            for Waiting { entry, passed } in self.looked_at.by_ref() {
                let Some((reason, since)) = passed else { return Ok((Some(entry), before)) };
                before.push(PassedCandidate { application_id: entry.application, position: entry.position, reason, since });
            }
            let some: Vec<Entry> = self.list.by_ref().take(self.next_look).collect();
            if some.is_empty() {
                return Ok((None, before));
            }
            self.next_look *= 2;
            self.looked_at = look_at(tx, edition, self.seat, some)?.into_iter();
        }
    }
}

/// What speaks against a seat for each of some candidates, their assessments of eligibility included.
pub(super) fn look_at(tx: &mut Tx, edition: &EditionFacts, seat: Seat, entries: Vec<Entry>) -> Result<Vec<Waiting>, Problem> {
    let mut looked_at: Vec<Waiting> = entries.into_iter().map(|entry| Waiting { passed: passed(&entry, seat), entry }).collect();
    if edition.regime.admission_on_assessment {
        let left = looked_at.iter_mut().filter(|waiting| waiting.passed.is_none());
        let mut left: Vec<&mut Waiting> = left.collect();
        let asked: Vec<(Uuid, Uuid)> = left.iter().map(|waiting| (waiting.entry.application, waiting.entry.person)).collect();
        let assessed = who_rests_on_assessment(tx, &asked, seat.days.from())?;
        for waiting in left.iter_mut().filter(|waiting| !assessed.contains(&waiting.entry.application)) {
            waiting.passed = Some((Passed::NotAssessed, None));
        }
    }
    Ok(looked_at)
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

/// Offers the seat of a participation that ended before its time, where the edition does so by itself; answers the offer.
///
/// The caller holds the lock of the edition.
///
/// # Errors
/// When the store fails.
pub fn offer_after_end(
    tx: &mut Tx,
    edition: &EditionFacts,
    participation: Uuid,
    ended_on: Day,
) -> Result<Option<OfferView>, Problem> {
    if edition.automatic_offers { offer_freed_seat(tx, edition, participation, ended_on) } else { Ok(None) }
}

/// Offers the seat of a participation that ended before its time; answers the offer.
///
/// The caller holds the lock of the edition.
///
/// # Errors
/// When the store fails.
pub fn offer_freed_seat(
    tx: &mut Tx,
    edition: &EditionFacts,
    participation: Uuid,
    ended_on: Day,
) -> Result<Option<OfferView>, Problem> {
    // Nothing is left of the seat after the last day of the calendar.
    let Ok(from) = ended_on.plus_days(1) else { return Ok(None) };
    let planned_end_on: Day = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .select(participations::planned_end_on)
        .first(tx.conn)?;
    let release = Release {
        plan: &edition.plan,
        seats: Period::new(from, planned_end_on).into_iter().collect(),
        freed: vec![Freed::ByParticipation(participation)],
        from,
        offered_on: no_later_than_today(tx, ended_on),
    };
    Ok(offer_released(tx, edition, release)?.into_iter().next())
}

/// Offers what a withdrawn application leaves: the seat of its offer, or of a decision for a place, which held from `selected_on`
/// on, where the edition does so by itself.
///
/// The caller holds the lock of the edition.
pub(in crate::recruitment) fn offer_after_withdrawal(
    tx: &mut Tx,
    edition: &EditionFacts,
    application: Uuid,
    selected_on: Option<Day>,
    on: Day,
) -> Result<(), Problem> {
    let standing = expire_overdue(tx, edition.id, on)?.standing;
    let live = standing.into_iter().find(|offer| offer.application_id == application && offer.is_live());
    let (seat_from, freed, offered_on) = match (live, selected_on) {
        (Some(offer), _) => {
            let how = Lapse::Withdrawn { on, reason: OfferWithdrawalReason::ApplicationWithdrawn, note: None };
            lapse(tx, &offer, how)?;
            let offered_on = no_later_than_today(tx, on).max(offer.offered_on);
            (offer.seat_from, Freed::ByOffer(how.cause(), offer.id), offered_on)
        }
        (None, Some(selected_on)) if edition.automatic_offers => (selected_on, Freed::NeverTaken, no_later_than_today(tx, on)),
        (None, _) => return Ok(()),
    };
    let seats = edition.seat_from(seat_from).into_iter().collect();
    let release = Release { plan: &edition.plan, seats, freed: vec![freed], from: seat_from.max(on), offered_on };
    offer_released(tx, edition, release).map(drop)
}
