//! The counting rules on facts small enough to count by hand.

use proptest::prelude::*;
use serde_json::json;

use super::figures;
use super::fixture::{answer, application, day, edition, facts, facts_of, groups, id, participation, spell};
use crate::outcomes::figures::definition::{FactKind, Measure, Scope};
use crate::outcomes::figures::definitions::all;
use crate::outcomes::figures::facts::{Application, CollectionState, Facts, Participation};
use crate::outcomes::figures::figure::Number;
use crate::platform::types::Sex;

mod answers;

/// Nine start, two leave for a job and are replaced; one of twenty candidates takes a job before the start.
fn nine_places() -> Facts {
    let mut facts = facts();
    for person in 1..=20 {
        let mut row = application(person);
        row.decision = match person {
            1..=9 => Some("selected".to_owned()),
            10..=19 => Some("reserve".to_owned()),
            _ => None,
        };
        if person == 20 {
            (row.withdrawn_on, row.withdrawal_reason) = (Some(day("2020-10-10")), Some("employed".to_owned()));
        }
        facts.applications.push(row);
    }
    facts.sexes((1..=20).map(|person| (person, if person <= 15 { Sex::Female } else { Sex::Male })));
    facts.participations.extend((1..=9).map(participation));
    for (left, last, by, first) in [(3, "2020-11-06", 10, "2020-11-09"), (7, "2020-11-20", 11, "2020-11-23")] {
        leave(&mut facts.participations[left - 1], last, "employed", "positive");
        let mut row = participation(by);
        (row.starts_on, row.replaces_id) = (day(first), Some(id(2_000 + left as u128)));
        facts.participations.push(row);
    }
    facts.spells.push(spell(1, 3, "2020-11-06", None, None));
    facts.spells.push(spell(2, 7, "2020-11-20", None, None));
    facts
}

fn leave(row: &mut Participation, last: &str, reason: &str, polarity: &str) {
    row.ended_on = Some(day(last));
    row.end_reason = Some(reason.to_owned());
    row.end_polarity = Some(polarity.to_owned());
    row.state = "exited".to_owned();
}

#[test]
fn an_edition_with_replacements_is_counted() {
    let facts = nine_places().complete();
    for (definition, value) in [
        ("M-01", json!(20)),
        ("M-02", json!(1)),
        ("M-03.selected", json!(9)),
        ("M-03.reserve", json!(10)),
        ("M-03.undecided", json!(0)),
        ("M-03.selection_rate", json!("0.450000")),
        ("M-03.never_placed", json!(8)),
        ("M-04.first", json!(9)),
        ("M-04.latest", json!(9)),
        ("M-05", json!(9)),
        ("M-05.of_planned_places", json!("1.000000")),
        ("M-06", json!(11)),
        ("M-06.of_planned_places", json!("1.222222")),
        ("M-07", json!(2)),
        ("M-08.peak", json!(9)),
        // 549 seat-days less 7-8 November and 21-22 November.
        ("M-08.seat_fill", json!("0.992714")),
        ("M-09", json!(9)),
        ("M-10", json!(11)),
        ("M-11.strict", json!("0.818182")),
        ("M-11.inclusive", json!("1.000000")),
        ("M-12", json!(0)),
        // Nine were planned for 30 days, p3 left on the 23rd; r1 had 36 days, r2 22.
        ("M-12.retention_day_30", json!("0.900000")),
        ("M-12.retention_end", json!("0.818182")),
        ("M-21.at_recruitment", json!(1)),
        ("M-21.during", json!(2)),
        ("M-21.within_3_months", json!(0)),
        ("M-21.within_4_weeks.person_clock", json!(2)),
        ("M-21.total", json!(3)),
        ("M-22.during.of_ever_started", json!("0.181818")),
        ("M-22.during.of_initial_starters", json!("0.222222")),
        ("M-22.during.of_strict_completers", json!("0.222222")),
        ("M-22.total.of_candidates", json!("0.150000")),
        ("M-23.repeaters", json!(0)),
        ("M-23.new", json!(11)),
    ] {
        assert_eq!(answer(&facts.figure(definition)), (value, "ok"), "{definition}");
    }
    assert_eq!(groups(&facts.figure("M-01"), "sex"), json!({ "female": 15, "male": 5, "unknown": 0 }));
    assert_eq!(groups(&facts.figure("M-07"), "chainDepth"), json!({ "1": 2 }));
    assert_eq!(groups(&facts.figure("M-02"), "reason")["employed"], json!(1));
}

#[test]
fn a_job_of_unknown_length_is_no_qualifying_zero() {
    let mut facts = nine_places().complete();
    assert_eq!(answer(&facts.figure("M-21.official")), (json!(null), "notCollected"));
    for (ends_on, verified_on, value, status) in [
        (None, Some("2020-12-05"), json!(1), "provisional"),
        (None, Some("2020-12-04"), json!(null), "notCollected"),
        (Some("2020-12-05"), None, json!(1), "provisional"),
        (Some("2020-12-04"), None, json!(null), "notCollected"),
    ] {
        facts.spells[0] = spell(1, 3, "2020-11-06", ends_on, verified_on);
        assert_eq!(answer(&facts.figure("M-21.official")), (value, status), "{ends_on:?} {verified_on:?}");
    }
    facts.spells[0] = spell(1, 3, "2020-11-06", Some("2020-12-04"), None);
    facts.spells[1] = spell(2, 7, "2020-11-20", Some("2020-12-19"), None);
    assert_eq!(answer(&facts.figure("M-21.official")), (json!(1), "ok"));
}

#[test]
fn without_a_statement_nothing_is_zero() {
    let facts = nine_places();
    assert_eq!(answer(&facts.figure("M-01")), (json!(null), "notCollected"));
    assert_eq!(answer(&facts.figure("M-06")), (json!(11), "provisional"));
    assert_eq!(answer(&facts.figure("M-21.during")), (json!(null), "notCollected"));
    assert_eq!(answer(&facts.figure("M-22.during.of_ever_started")), (json!(null), "notCollected"));
    assert_eq!(answer(&facts.figure("M-21.unknown")), (json!(9), "provisional"));
    assert_eq!(answer(&facts_of(vec![edition(100)], Scope::Edition).figure("M-06")), (json!(null), "notCollected"));
    let none = facts_of(vec![edition(100)], Scope::Edition).complete();
    assert_eq!(answer(&none.figure("M-06")), (json!(0), "ok"));
    assert_eq!(answer(&none.figure("M-11.strict")), (json!(null), "undefined"));
}

#[test]
fn a_statement_does_not_reach_beyond_its_day() {
    let facts = nine_places().complete().state(FactKind::Employment, CollectionState::Complete, "2020-12-20");
    assert_eq!(answer(&facts.figure("M-21.during")), (json!(2), "ok"));
    assert_eq!(answer(&facts.figure("M-21.within_3_months")), (json!(null), "notCollected"));
    assert_eq!(answer(&facts.figure("M-21.total")), (json!(3), "provisional"));
    assert_eq!(answer(&facts.figure("M-21.unknown")), (json!(9), "ok"));
    let partial = facts.state(FactKind::Employment, CollectionState::Partial, "2026-01-01");
    assert_eq!(answer(&partial.figure("M-21.during")), (json!(2), "provisional"));
    assert_eq!(answer(&partial.figure("M-21.within_6_months")), (json!(null), "notCollected"));
}

#[test]
fn a_zero_of_an_open_window_is_known_so_far_and_may_still_grow() {
    let mut facts = facts().complete();
    facts.applications.push(application(1));
    facts.participations.push(participation(1));
    let (provisional, unknown) = ((json!(0), "provisional"), (json!(null), "notCollected"));
    for (stated_on, today, during, months3, total) in [
        // The edition runs from 15 October to 14 December 2020, the window of 3 months to 14 March 2021.
        ("2020-11-10", "2020-11-20", &provisional, &provisional, &provisional),
        ("2020-10-14", "2020-11-20", &unknown, &provisional, &unknown),
        ("2020-12-14", "2021-01-20", &(json!(0), "ok"), &unknown, &provisional),
        ("2020-12-20", "2021-01-20", &(json!(0), "ok"), &provisional, &provisional),
        ("2020-12-20", "2021-03-15", &(json!(0), "ok"), &unknown, &provisional),
    ] {
        facts.as_of.day = day(today);
        let facts = facts.clone().state(FactKind::Employment, CollectionState::Complete, stated_on);
        for (definition, expected) in [("M-21.during", during), ("M-21.within_3_months", months3), ("M-21.total", total)] {
            assert_eq!(&answer(&facts.figure(definition)), expected, "{definition}, stated {stated_on}, on {today}");
        }
        let partial = facts.state(FactKind::Employment, CollectionState::Partial, stated_on);
        assert_eq!(answer(&partial.figure("M-21.during")), unknown, "partial, on {today}");
    }
}

#[test]
fn rejections_are_told_by_the_class_of_their_reason() {
    let mut facts = facts().complete();
    for (person, reason) in [(1, Some("late")), (2, Some("late")), (3, Some("noPlaces")), (4, None)] {
        let decision = Some("rejected".to_owned());
        facts.applications.push(Application { decision, rejection_reason: reason.map(str::to_owned), ..application(person) });
    }
    let reasons = groups(&facts.figure("M-03.rejected"), "reason");
    assert_eq!((&reasons["late"], &reasons["noPlaces"], &reasons["unknown"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!((&reasons["other"], &reasons["tooFewPoints"]), (&json!(0), &json!(0)));
}

#[test]
fn the_phase_of_a_job_is_computed_from_its_dates() {
    // Application 20 September, participation from 15 October, edition to 14 December 2020.
    for (starts_on, recruitment, during, weeks4, months3, months6) in [
        ("2020-09-19", 0, 0, 0, 0, 0),
        ("2020-09-20", 1, 0, 0, 0, 0),
        ("2020-10-14", 1, 0, 0, 0, 0),
        ("2020-10-15", 0, 1, 0, 0, 0),
        ("2020-12-14", 0, 1, 0, 0, 0),
        ("2020-12-15", 0, 0, 1, 1, 1),
        ("2021-01-11", 0, 0, 1, 1, 1),
        ("2021-01-12", 0, 0, 0, 1, 1),
        ("2021-03-14", 0, 0, 0, 1, 1),
        ("2021-03-15", 0, 0, 0, 0, 1),
        ("2021-06-14", 0, 0, 0, 0, 1),
        ("2021-06-15", 0, 0, 0, 0, 0),
    ] {
        let mut facts = facts().complete();
        facts.applications.push(application(1));
        facts.participations.push(participation(1));
        facts.spells.push(spell(1, 1, starts_on, None, None));
        for (definition, count) in [
            ("M-21.at_recruitment", recruitment),
            ("M-21.during", during),
            ("M-21.within_4_weeks", weeks4),
            ("M-21.within_3_months", months3),
            ("M-21.within_6_months", months6),
            ("M-21.total", recruitment + during + months6),
        ] {
            assert_eq!(answer(&facts.figure(definition)).0, json!(count), "{definition} of a job from {starts_on}");
        }
    }
}

#[test]
fn an_edition_under_way_is_provisional_and_future_windows_are_open() {
    let mut facts = nine_places().complete();
    facts.as_of.day = day("2020-12-01");
    for row in facts.participations.iter_mut().filter(|row| row.state == "completed") {
        (row.state, row.ended_on, row.end_reason, row.end_polarity) = ("active".to_owned(), None, None, None);
    }
    let figure = facts.figure("M-09");
    assert_eq!((answer(&figure), figure.verdict.window_closed), ((json!(0), "provisional"), false));
    facts.as_of.day = day("2020-12-20");
    let overdue = facts.figure("M-09");
    assert_eq!((answer(&overdue), overdue.verdict.window_closed), ((json!(0), "provisional"), true));
    assert_eq!(overdue.verdict.notes[0].count, 9);
}

#[test]
fn a_full_week_of_ten_people_is_delivered_once_and_received_ten_times() {
    let mut facts = facts().complete();
    facts.block(50, "integration");
    facts.block(51, "activation");
    let everyone: Vec<(u128, &str, i32)> = (1..=10).map(|person| (person, "present", 9)).collect();
    for person in 1..=10_u128 {
        let mut row = participation(person);
        (row.starts_on, row.ended_on) = (day("2020-11-02"), Some(day("2020-11-08")));
        facts.participations.push(row);
        facts.psu(person, person, "2020-11-03", 10);
    }
    facts.session(1, "group", 9, &everyone);
    for person in 1..=10_u128 {
        facts.session(1 + person, "individual", 1, &[(person, "present", 1)]);
    }
    assert_eq!(answer(&facts.figure("M-14.delivery_hours")), (json!("19.00"), "ok"));
    assert_eq!(answer(&facts.figure("M-14.person_hours")), (json!("200.00"), "ok"));
    assert_eq!(answer(&facts.figure("M-14.hours_per_participant_week")), (json!("20.000000"), "ok"));
    assert_eq!(groups(&facts.figure("M-14.hours_per_participant_week"), "isoWeek"), json!({ "2020-W45": "20.000000" }));
    assert_eq!(groups(&facts.figure("M-14.delivery_hours"), "form"), json!({ "group": "9.00", "individual": "10.00" }));
    assert_eq!(answer(&facts.figure("M-15.psu_utilisation")), (json!("1.000000"), "ok"));
    assert_eq!(answer(&facts.figure("M-15.weeks_at_limit")), (json!(10), "ok"));
    assert_eq!(answer(&facts.figure("M-15.weeks_over_limit")), (json!(0), "ok"));
    let unstated = facts.state(FactKind::Attendance, CollectionState::NotCollected, "2026-01-01");
    let figure = unstated.figure("M-14.person_hours");
    assert_eq!(answer(&figure), (json!(null), "notCollected"));
    assert_eq!(groups(&figure, "block")["psu"], json!("100.00"));
}

#[test]
fn excused_hours_lower_one_rate_only_and_missing_sheets_are_told() {
    let mut facts = facts().complete();
    facts.block(50, "integration");
    facts.participations.extend((1..=3).map(participation));
    facts.session(1, "group", 4, &[(1, "present", 4), (2, "leftEarly", 2), (3, "excused", 0)]);
    assert_eq!(answer(&facts.figure("M-13.attendance_rate")), (json!("0.500000"), "ok"));
    assert_eq!(answer(&facts.figure("M-13.attendance_rate_excluding_excused")), (json!("0.750000"), "ok"));
    facts.session(2, "group", 4, &[]);
    let figure = facts.figure("M-13.attendance_rate");
    assert_eq!(answer(&figure), (json!("0.500000"), "provisional"));
    assert_eq!(figure.verdict.notes[0].count, 1);
    facts.editions[0].completion_attendance_percent = Some("50".parse().expect("a share"));
    assert_eq!(answer(&facts.figure("M-09")).0, json!(2));
}

/// Two editions of two months each; eight people come again, two are new.
fn two_editions() -> Facts {
    let (mut first, mut second) = (edition(100), edition(101));
    (first.starts_on, first.ends_on) = ("2015-05-01".parse().expect("a day"), "2015-06-30".parse().expect("a day"));
    (second.starts_on, second.ends_on) = ("2015-07-28".parse().expect("a day"), "2015-09-27".parse().expect("a day"));
    let mut facts = facts_of(vec![first, second], Scope::Programme);
    let people = |edition: u128| if edition == 0 { (1..=10).collect::<Vec<u128>>() } else { (1..=8).chain(11..=12).collect() };
    for number in 0..=1 {
        let edition = facts.editions[usize::try_from(number).expect("small")].clone();
        for person in people(number) {
            let mut row = participation(person);
            (row.id, row.edition_id) = (id(2_000 + 100 * number + person), edition.id);
            (row.starts_on, row.planned_end_on) = (edition.starts_on.date(), edition.ends_on.date());
            row.ended_on = Some(edition.ends_on.date());
            facts.participations.push(row);
        }
    }
    facts.in_groups = facts.participations.clone();
    facts.in_programme = facts.participations.clone();
    facts.complete()
}

#[test]
fn people_of_two_editions_are_counted_once() {
    let facts = two_editions();
    for (definition, value) in [
        ("M-23.enrolments", json!(20)),
        ("M-23.distinct_people", json!(12)),
        ("M-23.repeaters", json!(8)),
        ("M-23.gap_days", json!(27)),
        ("M-23.over_limit", json!(0)),
        ("M-09", json!(20)),
        ("M-21.during", json!(0)),
    ] {
        assert_eq!(answer(&facts.figure(definition)), (value, "ok"), "{definition}");
    }
    let (one, two) = (id(100).to_string(), id(101).to_string());
    assert_eq!(groups(&facts.figure("M-23.cumulative_months"), "months"), json!({ "2.000000": 4, "4.000000": 8 }));
    assert_eq!(groups(&facts.figure("M-23.only_in_edition"), "edition"), json!({ one.clone(): 2, two.clone(): 2 }));
    assert_eq!(groups(&facts.figure("M-23.new_by_edition"), "edition"), json!({ one: 10, two: 2 }));
    // Sex was recorded of nobody: the number of women is unknown, not zero.
    assert_eq!(groups(&facts.figure("M-06"), "sex"), json!({ "female": null, "male": null, "unknown": 20 }));
}

#[test]
fn a_ratio_over_editions_needs_the_facts_of_each() {
    let mut facts = two_editions();
    facts.statements.retain(|statement| statement.kind != FactKind::Employment || statement.edition_id == id(100));
    assert_eq!(answer(&facts.figure("M-22.during.of_ever_started")), (json!(null), "notCollected"));
}

#[test]
fn every_definition_has_one_figure_in_its_scope() {
    let mut seen: Vec<&str> = figures(&facts()).iter().chain(&figures(&two_editions())).map(|f| f.definition.id).collect();
    seen.sort_unstable();
    seen.dedup();
    let mut defined: Vec<&str> = all().map(|definition| definition.id).collect();
    defined.sort_unstable();
    assert_eq!(seen, defined);
}

proptest! {
    #[test]
    fn counts_are_their_records_and_breakdowns_add_up(
        ends in prop::collection::vec((0..3_u8, 0..60_u64, 0..3_u8), 1..15), seed: u64,
    ) {
        let mut facts = facts().complete();
        for (number, (end, shift, sex)) in (1_u128..).zip(&ends) {
            let mut row = participation(number);
            row.starts_on = row.starts_on.checked_add_days(chrono::Days::new(*shift)).expect("a day");
            match end {
                0 => {}
                1 => leave(&mut row, "2020-12-14", "employed", "positive"),
                _ => leave(&mut row, "2020-12-14", "health", "neutral"),
            }
            facts.participations.push(row);
            facts.applications.push(application(number));
            facts.sexes([(number, Sex::ALL[usize::from(*sex)])]);
        }
        let mut shuffled = facts.clone();
        let rows = shuffled.participations.len();
        shuffled.participations.rotate_left(usize::try_from(seed % rows as u64).expect("small"));
        shuffled.applications.reverse();
        for (figure, other) in figures(&facts).iter().zip(figures(&shuffled)) {
            prop_assert_eq!(figure.value, other.value, "{}", figure.definition.id);
            if figure.definition.measure == Measure::Count && figure.verdict.status.shows_value() {
                prop_assert_eq!(figure.value, Some(Number::count(figure.records(false).len())));
            }
            for breakdown in figure.breakdowns.iter().filter(|by| ["sex", "reason", "chainDepth", "decision"].contains(&by.by)) {
                let values: Option<Vec<i64>> = breakdown.groups.iter().map(|group| match group.value {
                    Some(Number::Whole(value)) => Some(value),
                    _ => None,
                }).collect();
                if let (Some(values), Some(Number::Whole(total))) = (values, figure.value) {
                    prop_assert_eq!(values.iter().sum::<i64>(), total, "{} by {}", figure.definition.id, breakdown.by);
                }
            }
        }
        let count = |id: &str| match facts.figure(id).value { Some(Number::Whole(value)) => value, _ => 0 };
        prop_assert!(count("M-10") >= count("M-09"));
        prop_assert_eq!(count("M-10") + count("M-12"), count("M-06"));
    }
}

#[test]
fn hours_of_a_session_without_a_sheet_are_provisional() {
    let mut facts = facts().complete();
    facts.block(50, "integration");
    facts.participations.push(participation(1));
    facts.session(1, "group", 3, &[(1, "present", 3)]);
    assert_eq!(answer(&facts.figure("M-14.delivery_hours")), (json!("3.00"), "ok"));
    facts.session(2, "group", 2, &[]);
    assert_eq!(answer(&facts.figure("M-14.delivery_hours")), (json!("5.00"), "provisional"));
}

#[test]
fn attainment_is_one_exact_fraction() {
    let mut facts = facts().complete();
    facts.participations.extend((1..=6).map(participation));
    leave(&mut facts.participations[5], "2020-11-20", "health", "neutral");
    let effect = |code: &str, target: &str, definition: Option<&str>| {
        let mut effect = json!({ "code": code, "text": code, "measure": "osoby", "target": target });
        if let Some(definition) = definition {
            effect["definitionId"] = json!(definition);
        }
        serde_json::from_value(effect).expect("an effect")
    };
    facts.editions[0].expected_effects = vec![effect("rate", "0.3", Some("M-11.strict")), effect("open", "5", None)];
    let figure = facts.figure("M-20.target_attainment");
    assert_eq!(groups(&figure, "effect"), json!({ "rate": "2.777778", "open": null }));
    let planned: Vec<_> = figure.breakdowns[0].groups.iter().map(|group| json!(group.denominator)).collect();
    assert_eq!(planned, [json!("0.300000"), json!("5.000000")], "a plan is known without a result");
    assert_eq!((figure.records(false).len(), figure.records(true).len()), (5, 5), "those of the figure that measures");
}
