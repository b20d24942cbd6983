//! The rule of completion of an edition on a day, without SQL and HTTP: the planned end, and the minimums that it asks for.

use rust_decimal::Decimal;

use crate::participation::class_register::Tally;
use crate::participation::participations::{ParticipationState, Stay};
use crate::platform::types::{Day, text_enum};
use crate::programmes::completion_rule::{Minimum, Reached};

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
        /// Runs below a minimum of hours, which can still be reached.
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
        /// The minimum of a block is attended, or worked.
        BlockMinimum = "blockMinimum",
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

/// What a minimum asks, as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// How much is asked.
    pub minimum: Minimum,
    /// Minutes so far and ahead.
    pub tally: Tally,
    /// Minutes of those ahead that have to be attended, in quarters.
    pub needed: i64,
    /// Minutes of those ahead that may be missed; nothing where even all of them do not suffice.
    pub may_be_missed: i64,
    /// Whether it can still be reached.
    pub reachable: bool,
}

/// The outlook of a tally under a minimum.
///
/// A minimum is met by whole quarters only, so what is needed is rounded up to them.
pub fn outlook(minimum: Minimum, tally: Tally) -> Outlook {
    let needed = (minimum.in_quarters_above(tally.recorded + tally.ahead, tally.attended)).max(0);
    Outlook { minimum, tally, needed, may_be_missed: (tally.ahead - needed).max(0), reachable: needed <= tally.ahead }
}

impl Outlook {
    /// Minutes that are asked of all that there are, in quarters.
    pub fn asked(&self) -> i64 {
        self.minimum.in_quarters_of(self.tally.recorded + self.tally.ahead)
    }

    /// What is on file.
    pub fn reached(&self) -> Reached {
        Reached { recorded: self.tally.recorded, attended: self.tally.attended }
    }

    /// Whether as much of what was is attended as is asked of the whole.
    fn holds_so_far(&self) -> bool {
        let (recorded, whole) = (self.tally.recorded, self.tally.recorded + self.tally.ahead);
        Decimal::from(self.tally.attended) * Decimal::from(whole) >= self.minimum.of(whole) * Decimal::from(recorded)
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

/// What follows from the conditions: the end, how the minimums stand, and whether what is on file meets them.
pub fn verdict(stay: &Stay, on: Day, minimums: &[ConditionState], is_met: bool) -> CompletionVerdict {
    use ConditionState::{Met, NotMet, Open};
    let stands = |state: ConditionState| minimums.contains(&state);
    match planned_end(stay, on) {
        Met if is_met => CompletionVerdict::Completed,
        Met | NotMet => CompletionVerdict::NotCompleted,
        _ if stands(NotMet) => CompletionVerdict::OutOfReach,
        _ if stands(Open) => CompletionVerdict::AtRisk,
        ConditionState::MetSoFar => CompletionVerdict::AwaitsEnd,
        Open => CompletionVerdict::OnTrack,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::participation::class_register::fixture::{day, stay};
    use crate::platform::types::{Hours, Percent};
    use crate::programmes::completion_rule::{AskedMinimum, CompletionRule, Measure};
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
            let outlook = outlook(Minimum::Share(share.parse().expect("a share")), tally);
            assert_eq!(
                (outlook.needed, outlook.may_be_missed, outlook.state()),
                (needed, may_be_missed, state),
                "{share} of {tally:?}"
            );
        }
    }

    #[test]
    fn hours_say_how_many_are_needed_and_whether_they_can_be_reached() {
        use ConditionState::{Met, MetSoFar, NotMet, Open};
        for (asked, tally, needed, may_be_missed, state) in [
            ("8.00", hours(0, 0, 10), 480, 120, MetSoFar),
            ("8.00", hours(10, 4, 4), 240, 0, Open),
            ("8.00", hours(10, 4, 3), 240, 0, NotMet),
            ("8.00", hours(10, 8, 5), 0, 300, Met),
            // Who came to everything so far holds as long as the hours can be reached.
            ("60.00", hours(20, 20, 40), 2400, 0, MetSoFar),
            ("60.00", hours(20, 20, 39), 2400, 0, NotMet),
            // Where nothing is planned, hours that are asked for cannot be reached.
            ("8.00", hours(0, 0, 0), 480, 0, NotMet),
        ] {
            let outlook = outlook(Minimum::Hours(asked.parse().expect("hours")), tally);
            assert_eq!(
                (outlook.needed, outlook.may_be_missed, outlook.state()),
                (needed, may_be_missed, state),
                "{asked} of {tally:?}"
            );
        }
    }

    #[test]
    fn the_verdict_follows_from_end_and_minimums() {
        use CompletionVerdict as Verdict;
        use ConditionState::{Met, MetSoFar, NotMet, Open};
        let running = stay(1);
        let exited = Stay { state: ParticipationState::Exited, ended_on: Some(day("2020-11-20")), ..running };
        let completed = Stay { state: ParticipationState::Completed, ended_on: Some(day("2020-12-31")), ..running };
        for (stay, on, minimums, is_met, expected) in [
            (running, "2020-11-30", &[][..], true, Verdict::OnTrack),
            (running, "2020-12-31", &[MetSoFar], false, Verdict::OnTrack),
            (running, "2020-11-30", &[Open], false, Verdict::AtRisk),
            (running, "2020-11-30", &[Met, Open, MetSoFar], false, Verdict::AtRisk),
            (running, "2020-11-30", &[NotMet], false, Verdict::OutOfReach),
            (running, "2020-11-30", &[Open, NotMet], false, Verdict::OutOfReach),
            (running, "2021-01-01", &[Met], true, Verdict::AwaitsEnd),
            (running, "2021-01-01", &[], true, Verdict::AwaitsEnd),
            (exited, "2020-11-30", &[Met], true, Verdict::NotCompleted),
            (exited, "2020-11-19", &[], true, Verdict::OnTrack),
            (completed, "2020-12-30", &[], true, Verdict::OnTrack),
            (completed, "2021-01-05", &[], true, Verdict::Completed),
            (completed, "2021-01-05", &[Met, Met], true, Verdict::Completed),
            // A class without a sheet is still ahead, but nobody has completed by it.
            (completed, "2021-01-05", &[Met, MetSoFar], false, Verdict::NotCompleted),
            (completed, "2021-01-05", &[NotMet], false, Verdict::NotCompleted),
        ] {
            assert_eq!(verdict(&stay, day(on), minimums, is_met), expected, "{:?} on {on}: {minimums:?}", stay.state);
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
            let outlook = outlook(Minimum::Share(share), tally);
            let whole = tally.recorded + tally.ahead;
            let reaches = |minutes: i64| Decimal::from(tally.attended + minutes) * Decimal::ONE_HUNDRED >= share.decimal() * Decimal::from(whole);
            prop_assert!(reaches(outlook.needed));
            prop_assert!(outlook.needed == 0 || !reaches(outlook.needed - 15));
            prop_assert_eq!(outlook.reachable, reaches(tally.ahead));
        }

        #[test]
        fn what_is_needed_meets_the_rule_by_which_completers_are_counted(
            by_share in any::<bool>(), asked in 0..400_i32, recorded in 0..200_i64, missed in 0..200_i64, ahead in 0..200_i64
        ) {
            let minimum = if by_share {
                Minimum::Share(Percent::try_from(Decimal::from(asked.min(100))).expect("a share"))
            } else {
                Minimum::Hours(Hours::from_minutes(asked * 15).expect("hours"))
            };
            let tally = Tally { recorded: recorded * 15, attended: (recorded - missed).max(0) * 15, ahead: ahead * 15, unrecorded: 0 };
            let outlook = outlook(minimum, tally);
            let rule = CompletionRule {
                minimums: vec![AskedMinimum { measure: Measure::Classes, minimum, percent: None, block: None }],
            };
            let recorded = tally.recorded + tally.ahead;
            let completes = |minutes: i64| rule.is_met(|_| Reached { recorded, attended: tally.attended + minutes });
            prop_assert_eq!(outlook.reachable, completes(tally.ahead));
            prop_assert!(completes(outlook.needed));
            prop_assert!(outlook.needed == 0 || !completes(outlook.needed - 15));
        }
    }
}
