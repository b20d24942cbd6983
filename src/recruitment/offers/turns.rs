//! Whose turn it is: the order of the reserve list, and why somebody is passed.

use uuid::Uuid;

use super::answers::may_accept;
use super::offer::{OfferState, OfferView, OfferWithdrawalReason};
use crate::platform::types::{Code, Day, Period, text_enum};
use crate::programmes::cumulation::too_long;
use crate::programmes::facts::EditionFacts;
use crate::recruitment::ApplicationState;

text_enum! {
    /// Why a candidate of the reserve list is not offered a seat.
    pub enum Passed {
        /// Withdrew the application.
        Withdrawn = "withdrawn",
        /// Has, or had, a place in the edition.
        Placed = "placed",
        /// Was selected for a place.
        Selected = "selected",
        /// Was rejected.
        Rejected = "rejected",
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
    /// Day of the decision that put it on the list.
    pub decided_on: Option<Day>,
    /// Day of the withdrawal, selection or rejection by which it left the list.
    pub left_on: Option<Day>,
    pub(super) offers: Vec<OfferView>,
    pub(super) stays: Vec<Stay>,
}

impl Entry {
    /// The days of the candidate's participations that count together with one of the group.
    pub fn days_of_group(&self, group: Option<&Code>) -> Vec<Period> {
        self.stays.iter().filter(|stay| group.is_some() && stay.group.as_ref() == group).map(|stay| stay.days).collect()
    }

    /// The entry as it was before it left the list after a day, with the offer that a withdrawal took back.
    pub(super) fn before_leaving_after(mut self, day: Day) -> Self {
        if self.left_on.is_none_or(|left_on| left_on <= day) {
            return self;
        }
        self.state = ApplicationState::Reserve;
        self.left_on = None;
        for offer in &mut self.offers {
            if offer.withdrawal_reason == Some(OfferWithdrawalReason::ApplicationWithdrawn) {
                offer.state = if offer.answered_on.is_some() { OfferState::Accepted } else { OfferState::Open };
            }
        }
        self
    }

    /// The candidate's live offer.
    pub fn live_offer(&self) -> Option<Uuid> {
        self.live().map(|offer| offer.id)
    }

    /// First day on which the candidate's live offer can be taken up.
    pub fn earliest_by_offer(&self) -> Option<Day> {
        self.live().map(|offer| offer.answered_on.map_or(offer.seat_from, |answered| answered.max(offer.seat_from)))
    }

    /// Code of the rule by which the candidate's open offer cannot be accepted by a day, today at the latest; none where it can.
    pub fn unacceptable_by(&self, edition: &EditionFacts, day: Day) -> Option<&'static str> {
        let open = self.live().filter(|offer| offer.state == OfferState::Open)?;
        may_accept(edition, open, day.min(open.expires_on), "").err().map(|problem| problem.code())
    }

    fn live(&self) -> Option<&OfferView> {
        self.offers.iter().find(|offer| offer.is_live())
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
        return Some((Passed::Withdrawn, entry.left_on));
    }
    if let Some(stay) = entry.stays.iter().find(|stay| stay.edition == seat.edition) {
        return Some((Passed::Placed, Some(stay.days.from())));
    }
    match entry.state {
        ApplicationState::Selected => return Some((Passed::Selected, entry.left_on)),
        ApplicationState::Rejected => return Some((Passed::Rejected, entry.left_on)),
        ApplicationState::Applied | ApplicationState::Reserve | ApplicationState::Withdrawn => {}
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recruitment::offers::offer::OfferCause;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(day(from), day(to)).expect("in order")
    }

    fn pai() -> Code {
        "PAI".parse().expect("a code")
    }

    fn waiting() -> Entry {
        Entry {
            application: Uuid::nil(),
            person: Uuid::nil(),
            position: Some(1),
            state: ApplicationState::Reserve,
            decided_on: Some(day("2020-10-20")),
            left_on: None,
            offers: Vec::new(),
            stays: Vec::new(),
        }
    }

    /// An offer of 10 November that stands so.
    fn offer(state: OfferState, withdrawal_reason: Option<OfferWithdrawalReason>) -> OfferView {
        let is_answer = matches!(state, OfferState::Accepted | OfferState::Refused);
        OfferView {
            id: Uuid::nil(),
            edition_id: Uuid::max(),
            application_id: Uuid::nil(),
            cause: OfferCause::NeverTaken,
            freed_by_participation_id: None,
            freed_by_revision_id: None,
            freed_by_offer_id: None,
            seat_from: day("2020-11-10"),
            offered_on: day("2020-11-10"),
            expires_on: day("2020-11-13"),
            channel: None,
            state,
            answered_on: is_answer.then(|| day("2020-11-11")),
            refusal_reason: None,
            withdrawn_on: withdrawal_reason.map(|_| day("2020-11-12")),
            withdrawal_reason,
            note: None,
            participation_id: None,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            row_version: 1,
        }
    }

    fn why(entry: &Entry, group: Option<&Code>) -> Option<(Passed, Option<Day>)> {
        let days = period("2020-11-16", "2020-12-31");
        passed(entry, Seat { edition: Uuid::max(), days, offered_on: day("2020-11-16"), group, limit_months: Some(6) })
    }

    #[test]
    fn an_earlier_offer_uses_the_turn_up_until_a_later_decision() {
        use OfferWithdrawalReason::{ConditionsLost, DidNotCome, Mistake, PlacesReduced};
        for (state, reason, expected) in [
            (OfferState::Open, None, Some((Passed::HasOffer, "2020-11-10"))),
            (OfferState::Accepted, None, Some((Passed::HasOffer, "2020-11-10"))),
            (OfferState::Refused, None, Some((Passed::Refused, "2020-11-11"))),
            (OfferState::Expired, None, Some((Passed::DidNotAnswer, "2020-11-13"))),
            (OfferState::Withdrawn, Some(ConditionsLost), Some((Passed::OfferWithdrawn, "2020-11-12"))),
            (OfferState::Withdrawn, Some(DidNotCome), Some((Passed::OfferWithdrawn, "2020-11-12"))),
            (OfferState::Withdrawn, Some(Mistake), None),
            (OfferState::Withdrawn, Some(PlacesReduced), None),
        ] {
            let entry = Entry { offers: vec![offer(state, reason)], ..waiting() };
            let expected = expected.map(|(reason, since)| (reason, Some(day(since))));
            assert_eq!(why(&entry, None), expected, "{state} {reason:?}");
            let decided_again = Entry { decided_on: Some(day("2020-11-14")), ..entry };
            let still = expected.filter(|(reason, _)| *reason == Passed::HasOffer);
            assert_eq!(why(&decided_again, None), still, "{state} {reason:?}, decided again");
        }
    }

    #[test]
    fn other_participations_count_only_within_the_group() {
        let stay = |from: &str, to: &str, group: Option<Code>| Stay {
            person: Uuid::nil(),
            edition: Uuid::nil(),
            days: period(from, to),
            group,
        };
        let pai = pai();
        for (stays, expected) in [
            (vec![], None),
            (vec![stay("2020-12-31", "2021-01-31", Some(pai.clone()))], Some((Passed::TakesPart, Some(day("2020-12-31"))))),
            (vec![stay("2020-12-31", "2021-01-31", None)], None),
            // A month and sixteen days are wanted: four months and fourteen days fit beside them, one more day does not.
            (vec![stay("2020-01-01", "2020-05-14", Some(pai.clone()))], None),
            (vec![stay("2020-01-01", "2020-05-15", Some(pai.clone()))], Some((Passed::WouldExceedMonths, None))),
            (vec![stay("2020-01-01", "2020-09-30", None)], None),
        ] {
            let entry = Entry { stays: stays.clone(), ..waiting() };
            assert_eq!(why(&entry, Some(&pai)), expected, "{stays:?}");
            assert_eq!(why(&entry, None), None, "{stays:?} without a group");
        }
        let placed = Stay { edition: Uuid::max(), ..stay("2020-11-02", "2020-11-06", None) };
        let entry = Entry { stays: vec![placed], ..waiting() };
        assert_eq!(why(&entry, None), Some((Passed::Placed, Some(day("2020-11-02")))));
    }

    #[test]
    fn who_left_or_came_to_the_list_later_is_passed() {
        let withdrawn = Entry { state: ApplicationState::Withdrawn, left_on: Some(day("2020-11-05")), ..waiting() };
        assert_eq!(why(&withdrawn, None), Some((Passed::Withdrawn, Some(day("2020-11-05")))));
        // On a day before that one they waited, and had the offer that the withdrawal took back.
        let on = |day_of_list: &str| why(&withdrawn.clone().before_leaving_after(day(day_of_list)), None);
        assert_eq!(on("2020-11-05"), Some((Passed::Withdrawn, Some(day("2020-11-05")))));
        assert_eq!(on("2020-11-04"), None);
        let offer = OfferView {
            withdrawn_on: Some(day("2020-11-05")),
            ..offer(OfferState::Withdrawn, Some(OfferWithdrawalReason::ApplicationWithdrawn))
        };
        let offered = Entry { offers: vec![offer], ..withdrawn.clone() }.before_leaving_after(day("2020-11-04"));
        assert_eq!(why(&offered, None), Some((Passed::HasOffer, Some(day("2020-11-10")))));
        for (state, reason) in [(ApplicationState::Selected, Passed::Selected), (ApplicationState::Rejected, Passed::Rejected)] {
            let decided = Entry { state, left_on: Some(day("2020-11-12")), ..waiting() };
            assert_eq!(why(&decided, None), Some((reason, Some(day("2020-11-12")))));
            assert_eq!(why(&decided.before_leaving_after(day("2020-11-11")), None), None);
        }
        let later = Entry { decided_on: Some(day("2020-11-17")), ..waiting() };
        assert_eq!(why(&later, None), Some((Passed::ListedLater, Some(day("2020-11-17")))));
        let same_day = Entry { decided_on: Some(day("2020-11-16")), ..waiting() };
        assert_eq!(why(&same_day, None), None);
    }
}
