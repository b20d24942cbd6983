//! What is still to be found out about a participation that has ended; pure.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::outcomes::employment_checks::{CheckResult, CheckWindow};
use crate::outcomes::figures::metrics::job_phases::FollowUp;
use crate::platform::types::{Day, text_enum};
use crate::programmes::FollowUpClock;

text_enum! {
    /// Where a follow-up task stands.
    pub enum FollowUpState {
        /// Its window is not over.
        Upcoming = "upcoming",
        /// Its window is over, and nobody knows.
        Due = "due",
        /// It is known whether the person worked.
        Answered = "answered",
    }
}

/// The windows of the tasks, and how long each is.
const WINDOWS: [(CheckWindow, FollowUp); 3] = [
    (CheckWindow::Within4Weeks, FollowUp::FourWeeks),
    (CheckWindow::Within3Months, FollowUp::ThreeMonths),
    (CheckWindow::Within6Months, FollowUp::SixMonths),
];

/// A follow-up task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowUpTask {
    /// Time that it asks about.
    pub window: CheckWindow,
    /// Last day of the window, by the clock of the regime; the task is due from the day after.
    pub window_ends_on: Day,
    /// Last day of the window counted from the end of the participation.
    pub person_window_ends_on: Day,
    /// Last day of the window counted from the end of the edition.
    pub programme_window_ends_on: Day,
    /// Where it stands.
    pub state: FollowUpState,
    /// The newest answer, which need not answer it; `null` where nobody was asked.
    pub answer: Option<CheckResult>,
    /// Day of that answer.
    pub checked_on: Option<Day>,
    /// Whether a job on file began in the window.
    pub has_job: bool,
}

/// When somebody left, and by which clock the time after is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exit {
    pub person: Day,
    pub programme: Day,
    pub clock: FollowUpClock,
}

/// An answer on whether somebody works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub window: CheckWindow,
    pub result: CheckResult,
    pub checked_on: Day,
}

/// The tasks of a participation on a day, by its answers (newest first) and the first days of the person's jobs.
pub(super) fn tasks(exit: &Exit, answers: &[Answer], jobs: &[NaiveDate], on: NaiveDate) -> Vec<FollowUpTask> {
    WINDOWS
        .iter()
        .filter_map(|(window, length)| {
            let person = Day::try_from(length.last_day(exit.person.date())).ok()?;
            let programme = Day::try_from(length.last_day(exit.programme.date())).ok()?;
            let (from, ends) = match exit.clock {
                FollowUpClock::Programme => (exit.programme, programme),
                FollowUpClock::Person => (exit.person, person),
            };
            // Who leaves for a job may begin on the last day; the programme's own last day still belongs to it.
            let begins = if exit.clock == FollowUpClock::Person { from.date() } else { from.date().succ_opt()? };
            let has_job = jobs.iter().any(|day| (begins..=ends.date()).contains(day));
            let newest = answers.iter().find(|answer| answer.window == *window);
            let is_known = newest.is_some_and(|answer| is_final(*answer, ends));
            let state = match (has_job || is_known, on > ends.date()) {
                (true, _) => FollowUpState::Answered,
                (false, true) => FollowUpState::Due,
                (false, false) => FollowUpState::Upcoming,
            };
            Some(FollowUpTask {
                window: *window,
                window_ends_on: ends,
                person_window_ends_on: person,
                programme_window_ends_on: programme,
                state,
                answer: newest.map(|answer| answer.result),
                checked_on: newest.map(|answer| answer.checked_on),
                has_job,
            })
        })
        .collect()
}

/// A job once found stays found; that there was none can only be known when the window is over.
fn is_final(answer: Answer, window_ends_on: Day) -> bool {
    match answer.result {
        CheckResult::Employed => true,
        CheckResult::NotEmployed => answer.checked_on > window_ends_on,
        CheckResult::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn exit(clock: FollowUpClock) -> Exit {
        Exit { person: day("2020-11-30"), programme: day("2020-12-14"), clock }
    }

    fn answer(window: CheckWindow, result: CheckResult, checked_on: &str) -> Answer {
        Answer { window, result, checked_on: day(checked_on) }
    }

    fn states(exit: &Exit, answers: &[Answer], jobs: &[&str], on: &str) -> Vec<FollowUpState> {
        let jobs: Vec<NaiveDate> = jobs.iter().map(|text| day(text).date()).collect();
        tasks(exit, answers, &jobs, day(on).date()).iter().map(|task| task.state).collect()
    }

    #[test]
    fn windows_end_by_both_clocks_and_clip_to_the_end_of_a_month() {
        let tasks = tasks(&exit(FollowUpClock::Person), &[], &[], day("2020-12-01").date());
        let ends: Vec<[String; 3]> = tasks
            .iter()
            .map(|task| {
                [task.window_ends_on, task.person_window_ends_on, task.programme_window_ends_on].map(|day| day.to_string())
            })
            .collect();
        let expected = [
            ["2020-12-28", "2020-12-28", "2021-01-11"],
            ["2021-02-28", "2021-02-28", "2021-03-14"],
            ["2021-05-30", "2021-05-30", "2021-06-14"],
        ];
        assert_eq!(ends, expected.map(|days| days.map(str::to_owned)));
    }

    #[test]
    fn a_task_is_due_the_day_after_its_window_by_the_clock_of_the_regime() {
        use FollowUpState::{Due, Upcoming};
        for (clock, on, expected) in [
            (FollowUpClock::Person, "2020-12-28", [Upcoming, Upcoming, Upcoming]),
            (FollowUpClock::Person, "2020-12-29", [Due, Upcoming, Upcoming]),
            (FollowUpClock::Programme, "2021-01-11", [Upcoming, Upcoming, Upcoming]),
            (FollowUpClock::Programme, "2021-01-12", [Due, Upcoming, Upcoming]),
            (FollowUpClock::Programme, "2021-06-15", [Due, Due, Due]),
        ] {
            assert_eq!(states(&exit(clock), &[], &[], on), expected, "{clock} {on}");
        }
    }

    #[test]
    fn unknown_is_not_no_and_an_early_no_says_nothing_of_the_rest() {
        use FollowUpState::{Answered, Due};
        let exit = exit(FollowUpClock::Programme);
        let window = CheckWindow::Within4Weeks;
        for (result, checked_on, state) in [
            (CheckResult::Unknown, "2021-02-01", Due),
            (CheckResult::NotEmployed, "2021-01-11", Due),
            (CheckResult::NotEmployed, "2021-01-12", Answered),
            (CheckResult::Employed, "2020-12-20", Answered),
        ] {
            let answers = [answer(window, result, checked_on)];
            assert_eq!(states(&exit, &answers, &[], "2021-03-01")[0], state, "{result} {checked_on}");
        }
    }

    #[test]
    fn a_job_on_file_answers_the_windows_in_which_it_began() {
        use FollowUpState::{Answered, Due};
        let programme = exit(FollowUpClock::Programme);
        assert_eq!(states(&programme, &[], &["2021-02-01"], "2021-07-01"), [Due, Answered, Answered]);
        assert_eq!(states(&programme, &[], &["2020-12-14"], "2021-07-01"), [Due, Due, Due], "still during the programme");
        assert_eq!(states(&exit(FollowUpClock::Person), &[], &["2020-11-30"], "2021-07-01"), [Answered, Answered, Answered]);
    }
}
