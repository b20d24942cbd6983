//! Which step may follow where: the one table of an application's way.
//!
//! | stands \ step | documents | assessed | ranked | selected | reserve | rejected | withdrawn |
//! |---|---|---|---|---|---|---|---|
//! | applied   | x | x | x | x | x | x | x |
//! | selected  | x | x |   | x | x | x | x |
//! | reserve   | x | x | x | x | x | x | x |
//! | rejected  | x | x | x | x | x | x |   |
//! | placed    | x | x |   | x |   |   |   |
//! | withdrawn |   |   |   |   |   |   |   |
//!
//! A decision may be decided anew, with its reason; the history keeps both. A
//! place that was promised is not put at stake by a later ranking, and whoever
//! has taken part keeps the decision that gave the place. Who is on the reserve
//! list or rejected is ranked again only in a protocol that says why.

use super::applications::{ApplicationState, ApplicationStep};
use super::{PLACED, STEP_NOT_ALLOWED, WITHDRAWN};
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Day;

use ApplicationStep as Step;

/// Every step that an application can still take, in the order of the table.
fn allowed(state: ApplicationState, placed: bool) -> &'static [Step] {
    match state {
        ApplicationState::Withdrawn => &[],
        _ if placed => &[Step::Documents, Step::Assessed, Step::Selected],
        ApplicationState::Applied | ApplicationState::Reserve => {
            &[Step::Documents, Step::Assessed, Step::Ranked, Step::Selected, Step::Reserve, Step::Rejected, Step::Withdrawn]
        }
        ApplicationState::Selected => {
            &[Step::Documents, Step::Assessed, Step::Selected, Step::Reserve, Step::Rejected, Step::Withdrawn]
        }
        ApplicationState::Rejected => {
            &[Step::Documents, Step::Assessed, Step::Ranked, Step::Selected, Step::Reserve, Step::Rejected]
        }
    }
}

/// Whether a step may follow.
pub(super) fn may_follow(state: ApplicationState, placed: bool, step: Step) -> bool {
    allowed(state, placed).contains(&step)
}

/// Refuses a step that may not follow; the problem names those that may.
///
/// `placed` is whether a participation came of the application.
///
/// # Errors
/// `recruitment.withdrawn`, `recruitment.placed` or `recruitment.step_not_allowed`, each with `allowedSteps`.
pub(super) fn check_order(state: ApplicationState, placed: bool, step: Step) -> Result<(), Problem> {
    if may_follow(state, placed, step) {
        return Ok(());
    }
    let refusal = match state {
        ApplicationState::Withdrawn => &WITHDRAWN,
        _ if placed => &PLACED,
        _ => &STEP_NOT_ALLOWED,
    };
    let names: Vec<&str> = allowed(state, placed).iter().map(|step| step.as_str()).collect();
    Err(refusal.problem().with("state", state.as_str()).with("allowedSteps", names.join(", ")))
}

/// The day, or today where it lies ahead: the day of what is done now for a day to come.
pub(super) fn no_later_than_today(tx: &Tx, day: Day) -> Day {
    Day::try_from(tx.today()).map_or(day, |today| day.min(today))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the module's comment, row by row.
    fn table() -> Vec<(String, Vec<bool>)> {
        let rows = include_str!("steps.rs").lines().filter_map(|line| line.strip_prefix("//! |")).skip(2);
        rows.map(|row| {
            let mut cells = row.trim_end_matches('|').split('|').map(str::trim);
            let name = cells.next().unwrap_or_default().to_owned();
            (name, cells.map(|cell| cell == "x").collect())
        })
        .collect()
    }

    #[test]
    fn the_rules_are_those_of_the_table() {
        let steps = &Step::ALL[1..];
        let table = table();
        assert_eq!((table.len(), steps.len(), Step::ALL[0]), (6, 7, Step::Applied));
        for (name, cells) in table {
            let (state, placed) = match name.as_str() {
                "placed" => (ApplicationState::Selected, true),
                state => (state.parse().expect("a state"), false),
            };
            for (step, may) in steps.iter().zip(cells) {
                assert_eq!(check_order(state, placed, *step).is_ok(), may, "{name}: {step}");
            }
            assert!(check_order(state, placed, Step::Applied).is_err(), "an application is received once");
        }
    }

    #[test]
    fn a_refusal_names_what_may_follow() {
        let problem = check_order(ApplicationState::Reserve, true, Step::Withdrawn).expect_err("placed");
        assert_eq!(
            (problem.code(), &problem.extras["allowedSteps"]),
            ("recruitment.placed", &"documents, assessed, selected".into())
        );
    }
}
