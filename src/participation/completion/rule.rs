//! The rule of completion of an edition, without SQL and HTTP: the planned end, and the share of hours where it asks for one.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::participation::class_register::Tally;
use crate::participation::participations::{ParticipationState, Stay};
use crate::platform::types::{Day, Percent, text_enum};

/// Minutes of the smallest part of an hour that is recorded.
const QUARTER: i64 = 15;

text_enum! {
    /// Whether somebody completes an edition, by its rule.
    pub enum CompletionVerdict {
        /// Has completed: every condition is met and the end is recorded.
        Completed = "completed",
        /// Has ended without completing.
        NotCompleted = "notCompleted",
        /// The planned end has passed and no end is recorded; every other condition is met.
        AwaitsEnd = "awaitsEnd",
        /// Runs, and would complete if it went on so.
        OnTrack = "onTrack",
        /// Runs below the share of hours, which can still be reached.
        AtRisk = "atRisk",
        /// Runs, and cannot complete any more.
        OutOfReach = "outOfReach",
    }
}

text_enum! {
    /// A condition of completion.
    pub enum ConditionCode {
        /// The planned end is reached.
        PlannedEnd = "plannedEnd",
        /// The share of hours of classes is attended.
        AttendanceShare = "attendanceShare",
    }
}

text_enum! {
    /// How a condition stands.
    pub enum ConditionState {
        /// Met for good.
        Met = "met",
        /// Met so far, and may still be missed.
        MetSoFar = "metSoFar",
        /// Not met so far, and may still be.
        Open = "open",
        /// Not met, and cannot be any more.
        NotMet = "notMet",
    }
}

/// What the share of hours asks, as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// The share.
    pub percent: Percent,
    /// Minutes so far and ahead.
    pub tally: Tally,
    /// Minutes of those ahead that have to be attended, in quarters.
    pub needed: i64,
    /// Minutes of those ahead that may be missed; nothing where even all of them do not suffice.
    pub may_be_missed: i64,
    /// Whether it can still be reached.
    pub reachable: bool,
}

/// The outlook of a tally under a share of hours.
///
/// A share of hours is met by whole quarters only, so what is needed is rounded up to them.
pub fn outlook(percent: Percent, tally: Tally) -> Outlook {
    let asked = percent.decimal() * Decimal::from(tally.recorded + tally.ahead) / Decimal::ONE_HUNDRED;
    let lacking = (asked - Decimal::from(tally.attended)).max(Decimal::ZERO);
    let quarters = (lacking / Decimal::from(QUARTER)).ceil().to_i64().unwrap_or(i64::MAX / QUARTER);
    let needed = quarters * QUARTER;
    Outlook { percent, tally, needed, may_be_missed: (tally.ahead - needed).max(0), reachable: needed <= tally.ahead }
}

impl Outlook {
    /// Whether the share is attended of what is recorded.
    fn holds_so_far(&self) -> bool {
        let tally = self.tally;
        Decimal::from(tally.attended) * Decimal::ONE_HUNDRED >= self.percent.decimal() * Decimal::from(tally.recorded)
    }

    /// How the condition stands: final where nothing is ahead any more.
    pub fn state(&self) -> ConditionState {
        match (self.reachable, self.holds_so_far()) {
            (false, _) => ConditionState::NotMet,
            (true, _) if self.needed == 0 => ConditionState::Met,
            (true, true) => ConditionState::MetSoFar,
            (true, false) => ConditionState::Open,
        }
    }
}

/// How the planned end stands on a day.
pub fn planned_end(stay: &Stay, on: Day) -> ConditionState {
    match (stay.state, stay.ended_on) {
        (ParticipationState::Completed, Some(ended_on)) if ended_on <= on => ConditionState::Met,
        (ParticipationState::Exited, Some(ended_on)) if ended_on <= on => ConditionState::NotMet,
        _ if stay.last_on() < on => ConditionState::MetSoFar,
        _ => ConditionState::Open,
    }
}

/// What follows from the conditions.
pub fn verdict(stay: &Stay, on: Day, share: Option<ConditionState>) -> CompletionVerdict {
    use ConditionState::{Met, NotMet, Open};
    let end = planned_end(stay, on);
    match (end, share) {
        (NotMet, _) | (Met, Some(NotMet | Open)) => CompletionVerdict::NotCompleted,
        (Met, _) => CompletionVerdict::Completed,
        (_, Some(NotMet)) => CompletionVerdict::OutOfReach,
        (_, Some(Open)) => CompletionVerdict::AtRisk,
        (ConditionState::MetSoFar, _) => CompletionVerdict::AwaitsEnd,
        (Open, _) => CompletionVerdict::OnTrack,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::participation::class_register::fixture::{day, stay};
    use proptest::prelude::*;

    fn hours(recorded: i64, attended: i64, ahead: i64) -> Tally {
        Tally { recorded: recorded * 60, attended: attended * 60, ahead: ahead * 60, unrecorded: 0 }
    }

    #[test]
    fn the_share_says_how_much_is_needed_and_may_be_missed() {
        use ConditionState::{Met, MetSoFar, NotMet, Open};
        for (share, tally, needed, may_be_missed, state) in [
            ("80.00", hours(0, 0, 10), 480, 120, MetSoFar),
            ("80.00", hours(10, 8, 10), 480, 120, MetSoFar),
            ("80.00", hours(10, 5, 15), 900, 0, Open),
            ("80.00", hours(10, 5, 14), 855, 0, NotMet),
            ("80.00", hours(20, 20, 5), 0, 300, Met),
            ("33.33", hours(0, 0, 10), 210, 390, MetSoFar),
            ("100.00", hours(5, 4, 5), 360, 0, NotMet),
            ("80.00", hours(10, 8, 0), 0, 0, Met),
            ("80.00", hours(10, 7, 0), 60, 0, NotMet),
            // Nothing was ever scheduled, so nothing was missed; the figures count it so, too.
            ("80.00", hours(0, 0, 0), 0, 0, Met),
        ] {
            let outlook = outlook(share.parse().expect("a share"), tally);
            assert_eq!(
                (outlook.needed, outlook.may_be_missed, outlook.state()),
                (needed, may_be_missed, state),
                "{share} of {tally:?}"
            );
        }
    }

    #[test]
    fn the_verdict_follows_from_end_and_share() {
        use CompletionVerdict as Verdict;
        use ConditionState::{Met, MetSoFar, NotMet, Open};
        let running = stay(1);
        let exited = Stay { state: ParticipationState::Exited, ended_on: Some(day("2020-11-20")), ..running };
        let completed = Stay { state: ParticipationState::Completed, ended_on: Some(day("2020-12-31")), ..running };
        for (stay, on, share, expected) in [
            (running, "2020-11-30", None, Verdict::OnTrack),
            (running, "2020-12-31", Some(MetSoFar), Verdict::OnTrack),
            (running, "2020-11-30", Some(Open), Verdict::AtRisk),
            (running, "2020-11-30", Some(NotMet), Verdict::OutOfReach),
            (running, "2021-01-01", Some(Met), Verdict::AwaitsEnd),
            (running, "2021-01-01", None, Verdict::AwaitsEnd),
            (exited, "2020-11-30", Some(Met), Verdict::NotCompleted),
            (exited, "2020-11-19", None, Verdict::OnTrack),
            (completed, "2020-12-30", None, Verdict::OnTrack),
            (completed, "2021-01-05", None, Verdict::Completed),
            (completed, "2021-01-05", Some(Met), Verdict::Completed),
            (completed, "2021-01-05", Some(NotMet), Verdict::NotCompleted),
        ] {
            assert_eq!(verdict(&stay, day(on), share), expected, "{:?} on {on}: {share:?}", stay.state);
        }
    }

    proptest! {
        #[test]
        fn attending_what_is_needed_suffices_and_a_quarter_less_does_not(
            percent in 0..=10_000_i64, recorded in 0..200_i64, missed in 0..200_i64, ahead in 0..200_i64
        ) {
            let attended = (recorded - missed).max(0);
            let tally = Tally { recorded: recorded * 15, attended: attended * 15, ahead: ahead * 15, unrecorded: 0 };
            let share = Percent::try_from(Decimal::new(percent, 2)).expect("a share");
            let outlook = outlook(share, tally);
            let whole = tally.recorded + tally.ahead;
            let reaches = |minutes: i64| Decimal::from(tally.attended + minutes) * Decimal::ONE_HUNDRED >= share.decimal() * Decimal::from(whole);
            prop_assert!(reaches(outlook.needed));
            prop_assert!(outlook.needed == 0 || !reaches(outlook.needed - QUARTER));
            prop_assert_eq!(outlook.reachable, reaches(tally.ahead));
        }
    }
}
