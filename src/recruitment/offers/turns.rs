//! Whose turn it is: the order of the reserve list, and why somebody is passed.

use uuid::Uuid;

use super::offer::{OfferState, OfferView};
use crate::platform::types::{Code, Day, Period, text_enum};
use crate::programmes::cumulation::too_long;
use crate::recruitment::ApplicationState;

text_enum! {
    /// Why a candidate of the reserve list is not offered a seat.
    pub enum Passed {
        /// Withdrew the application.
        Withdrawn = "withdrawn",
        /// Has, or had, a place in the edition.
        Placed = "placed",
        /// Has an offer already.
        HasOffer = "hasOffer",
        /// Refused an offer since the last decision.
        Refused = "refused",
        /// Did not answer an offer in time since the last decision.
        DidNotAnswer = "didNotAnswer",
        /// An offer was taken back since the last decision, for a reason that lies with the candidate.
        OfferWithdrawn = "offerWithdrawn",
        /// Was put on the list only after the day of the offer.
        ListedLater = "listedLater",
        /// Has no current assessment of eligibility, which the regime asks for.
        NotAssessed = "notAssessed",
        /// Would take part for longer in total than the regime allows.
        WouldExceedMonths = "wouldExceedMonths",
        /// Takes part in another edition at that time.
        TakesPart = "takesPart",
    }
}

/// A participation of a candidate, in whatever edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stay {
    pub person: Uuid,
    pub edition: Uuid,
    pub days: Period,
    pub group: Option<Code>,
}

/// A candidate of the reserve list with what decides about the turn.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Application.
    pub application: Uuid,
    /// Candidate.
    pub person: Uuid,
    /// Position on the reserve list; those without stand at its end.
    pub position: Option<i32>,
    /// Where the application stands.
    pub state: ApplicationState,
    /// Day from which the decision holds.
    pub decided_on: Option<Day>,
    /// Day of the withdrawal.
    pub withdrawn_on: Option<Day>,
    pub(super) offers: Vec<OfferView>,
    pub(super) stays: Vec<Stay>,
}

impl Entry {
    /// The days of the candidate's participations that count together with one of the group.
    pub fn days_of_group(&self, group: Option<&Code>) -> Vec<Period> {
        self.stays.iter().filter(|stay| group.is_some() && stay.group.as_ref() == group).map(|stay| stay.days).collect()
    }

    /// The candidate's live offer.
    pub fn live_offer(&self) -> Option<Uuid> {
        self.offers.iter().find(|offer| offer.is_live()).map(|offer| offer.id)
    }
}

/// The seat that is to be offered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat<'a> {
    pub edition: Uuid,
    pub days: Period,
    pub offered_on: Day,
    pub group: Option<&'a Code>,
    pub limit_months: Option<u32>,
}

/// Why a candidate is passed, with the day since when; none whose turn it may be.
///
/// Whether an assessment of eligibility is current is asked of the store, and only of those who are left.
pub(super) fn passed(entry: &Entry, seat: Seat) -> Option<(Passed, Option<Day>)> {
    if entry.state == ApplicationState::Withdrawn {
        return Some((Passed::Withdrawn, entry.withdrawn_on));
    }
    if let Some(stay) = entry.stays.iter().find(|stay| stay.edition == seat.edition) {
        return Some((Passed::Placed, Some(stay.days.from())));
    }
    if let Some(offer) = entry.offers.iter().find(|offer| offer.is_live()) {
        return Some((Passed::HasOffer, Some(offer.offered_on)));
    }
    if let Some(decided_on) = entry.decided_on.filter(|day| *day > seat.offered_on) {
        return Some((Passed::ListedLater, Some(decided_on)));
    }
    if let Some(turn) = entry.offers.iter().rev().find_map(|offer| turn_used(entry, offer)) {
        return Some(turn);
    }
    let of_group = entry.days_of_group(seat.group);
    if let Some(other) = of_group.iter().find(|days| days.overlaps(seat.days)) {
        return Some((Passed::TakesPart, Some(other.from())));
    }
    too_long(seat.days, &of_group, seat.limit_months).map(|_| (Passed::WouldExceedMonths, None))
}

/// How an earlier offer used the candidate's turn up; a decision of a later day gives a new one.
fn turn_used(entry: &Entry, offer: &OfferView) -> Option<(Passed, Option<Day>)> {
    let lapsed_on = offer.lapsed_on()?;
    if entry.decided_on.is_some_and(|decided| decided > lapsed_on) {
        return None;
    }
    let reason = match offer.state {
        OfferState::Refused => Passed::Refused,
        OfferState::Expired => Passed::DidNotAnswer,
        _ if offer.withdrawal_reason.is_some_and(|reason| !reason.keeps_turn()) => Passed::OfferWithdrawn,
        _ => return None,
    };
    Some((reason, Some(lapsed_on)))
}
