//! What an answer to an employment check proves, and what it leaves unknown.

use serde_json::json;

use super::leave;
use crate::outcomes::figures::definition::FactKind;
use crate::outcomes::figures::facts::CollectionState;
use crate::outcomes::figures::metrics::fixture::{answer, check, facts, participation, spell};

#[test]
fn the_newest_answer_of_a_window_counts_and_longer_windows_include_it() {
    let mut facts = facts().complete();
    facts.participations.push(participation(1));
    facts.checks.push(check(1, 1, "within4Weeks", "employed", "2021-01-05"));
    assert_eq!(answer(&facts.figure("M-21.within_3_months")).0, json!(1));
    facts.checks.push(check(2, 1, "within4Weeks", "notEmployed", "2021-01-06"));
    assert_eq!(answer(&facts.figure("M-21.within_3_months")).0, json!(0));
    // An answer about somebody with a job from before the end confirms it.
    facts.checks.push(check(3, 1, "within3Months", "employed", "2021-03-01"));
    facts.spells.push(spell(1, 1, "2020-12-01", None, None));
    assert_eq!(answer(&facts.figure("M-21.within_3_months")).0, json!(0));
    assert_eq!(answer(&facts.figure("M-21.official")), (json!(1), "ok"));
}

#[test]
fn an_answer_counts_where_the_time_holds_the_day_by_which_it_proves_a_job() {
    let by_answer = |window: &str, checked_on: &str| {
        let mut facts = facts().complete();
        facts.participations.push(participation(1));
        leave(&mut facts.participations[0], "2020-10-31", "health", "neutral");
        facts.checks.push(check(1, 1, window, "employed", checked_on));
        let counted =
            ["during", "within_4_weeks", "within_3_months", "within_4_weeks.person_clock", "within_3_months.person_clock"];
        counted.map(|of| answer(&facts.figure(&format!("M-21.{of}"))).0 == json!(1))
    };
    assert_eq!(by_answer("within4Weeks", "2020-11-20"), [true, false, false, true, true]);
    assert_eq!(by_answer("within4Weeks", "2020-12-20"), [false, true, true, false, true]);
    // Given late, it tells of the time that it asks about, here after the edition.
    assert_eq!(by_answer("within4Weeks", "2021-06-01"), [false, true, true, false, true]);
    assert_eq!(by_answer("within3Months", "2021-02-01"), [false, false, true, false, false]);
    assert_eq!(by_answer("during", "2020-10-20"), [true, false, false, false, false]);
    assert_eq!(by_answer("during", "2020-11-20"), [true, false, false, false, false], "of the time before the exit");
}

#[test]
fn an_early_no_says_nothing_of_the_rest() {
    for (window, checked_on, unknown) in [
        ("within6Months", "2020-12-16", 1),
        ("within3Months", "2021-03-14", 1),
        ("within3Months", "2021-03-15", 0),
        ("within6Months", "2021-04-01", 0),
        ("within4Weeks", "2021-04-01", 1),
    ] {
        let mut facts = facts().state(FactKind::Participations, CollectionState::Complete, "2021-01-15");
        facts.participations.push(participation(1));
        facts.checks.push(check(1, 1, window, "notEmployed", checked_on));
        assert_eq!(answer(&facts.figure("M-21.unknown")).0, json!(unknown), "{window} {checked_on}");
    }
}
