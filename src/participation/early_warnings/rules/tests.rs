use std::collections::HashSet;

use serde_json::json;

use super::*;
use crate::participation::class_register::fixture::{day, register};
use crate::participation::completion::Progress;
use crate::programmes::completion_rule::CompletionRule;
use crate::programmes::facts::PlanRevision;

fn rule(code: EarlyWarningCode, parameters: serde_json::Value) -> WarningRuleView {
    WarningRuleView {
        id: Uuid::nil(),
        built_in: true,
        code,
        version: 1,
        from: day("2000-01-01"),
        active: true,
        severity: crate::participation::early_warnings::warning_rules::WarningSeverity::Warning,
        parameters: serde_json::from_value(parameters).expect("parameters"),
        basis: "Praktyka".parse().expect("text"),
        recorded_at: chrono::DateTime::UNIX_EPOCH,
    }
}

/// One participant from 2 November to 31 December 2020, with classes of five hours.
fn situation(on: &str, classes: &[(&str, Option<&str>)]) -> Situation {
    Situation {
        on: day(on),
        starts_on: day("2020-11-02"),
        ends_on: day("2020-12-31"),
        register: register(classes),
        progress: Progress::by(CompletionRule::new(Some("80.00".parse().expect("a share")), [])),
        weekly_minimum: Some("10.00".parse().expect("hours")),
        integration: HashSet::from([Uuid::nil()]),
        expects_psu: true,
        worked: HashSet::new(),
        expiring: Vec::new(),
        plan: vec![PlanRevision { id: None, number: 1, effective_on: day("2020-11-02"), places: 1, planned_cost: None }],
        overdue: Vec::new(),
        excuses: Vec::new(),
    }
}

const CAME: Option<&str> = Some("5");
const MISSED: Option<&str> = Some("0");

#[test]
fn absences_in_a_row_end_with_the_first_time_somebody_comes() {
    let rule = rule(EarlyWarningCode::ConsecutiveAbsences, json!({ "count": 2 }));
    for (on, sheets, found) in [
        ("2020-11-30", [MISSED, MISSED, None], 2),
        ("2020-11-30", [CAME, MISSED, MISSED], 2),
        ("2020-11-30", [MISSED, MISSED, MISSED], 3),
        ("2020-11-30", [MISSED, MISSED, CAME], 0),
        ("2020-11-30", [MISSED, CAME, MISSED], 0),
        // What is held later is not known on the day.
        ("2020-11-09", [MISSED, MISSED, CAME], 0),
    ] {
        let classes: Vec<_> = ["2020-11-03", "2020-11-10", "2020-11-17"].into_iter().zip(sheets).collect();
        let found_here: usize = findings(&situation(on, &classes), &rule).iter().map(|one| one.facts.len()).sum();
        assert_eq!(found_here, found, "{sheets:?} on {on}");
    }
}

#[test]
fn the_minimum_is_at_risk_before_it_is_out_of_reach() {
    let at_risk = rule(EarlyWarningCode::MinimumAtRisk, json!({ "hours": "5.00" }));
    let unreachable = rule(EarlyWarningCode::MinimumUnreachable, json!({}));
    let low = rule(EarlyWarningCode::LowAttendance, json!({ "percent": "80.00", "count": 2 }));
    let ahead = ["2020-11-24", "2020-12-01", "2020-12-08", "2020-12-15"];
    for (sheets, expected) in [
        // Of 30 hours 24 are needed: six may be missed, and none is yet.
        ([CAME, CAME], (0, 0, 0)),
        // One more hour may be missed.
        ([CAME, MISSED], (1, 0, 1)),
        ([MISSED, MISSED], (0, 1, 1)),
        ([MISSED, None], (1, 0, 0)),
    ] {
        let mut classes: Vec<_> = ["2020-11-03", "2020-11-10"].into_iter().zip(sheets).collect();
        classes.extend(ahead.map(|held| (held, None)));
        let situation = situation("2020-11-20", &classes);
        let counted = [&at_risk, &unreachable, &low].map(|rule| findings(&situation, rule).len());
        assert_eq!((counted[0], counted[1], counted[2]), expected, "{sheets:?}");
    }
}

#[test]
fn a_full_week_without_work_is_noticed_once_it_is_over() {
    let rule = rule(EarlyWarningCode::WeekWithoutPsu, json!({ "count": 1 }));
    let weeks = |on: &str, worked: &[&str]| {
        let mut situation = situation(on, &[]);
        let stay = situation.register.stays[0].id;
        situation.worked = worked.iter().map(|worked| (stay, IsoWeek::of(day(worked)))).collect();
        let found = findings(&situation, &rule);
        found.iter().flat_map(|one| &one.weeks).map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(weeks("2020-11-08", &[]), [""; 0]);
    assert_eq!(weeks("2020-11-09", &[]), ["2020-W45"]);
    assert_eq!(weeks("2020-11-16", &["2020-11-04"]), ["2020-W46"]);
    assert_eq!(weeks("2020-11-16", &["2020-11-12"]), [""; 0]);
    let mut uncollected = situation("2020-11-16", &[]);
    uncollected.expects_psu = false;
    assert!(findings(&uncollected, &rule).is_empty());
}

#[test]
fn short_weeks_are_whole_weeks_that_have_begun() {
    let classes = [("2020-11-03", None), ("2020-11-05", None), ("2020-11-10", None)];
    let rule_of_regime = rule(EarlyWarningCode::ShortIntegrationWeek, json!({}));
    let weeks = |on: &str, rule: &WarningRuleView| {
        let found = findings(&situation(on, &classes), rule);
        found.iter().flat_map(|one| &one.weeks).map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(weeks("2020-11-08", &rule_of_regime), [""; 0]);
    assert_eq!(weeks("2020-11-09", &rule_of_regime), ["2020-W46"]);
    assert_eq!(weeks("2020-11-16", &rule_of_regime), ["2020-W46", "2020-W47"]);
    assert_eq!(weeks("2020-11-09", &rule(EarlyWarningCode::ShortIntegrationWeek, json!({ "hours": "5.00" }))), [""; 0]);
    let found = findings(&situation("2020-11-09", &classes), &rule_of_regime);
    assert_eq!(found[0].facts, [Uuid::from_u128(102)]);
}

#[test]
fn a_place_is_empty_after_its_days() {
    let rule = rule(EarlyWarningCode::EmptySeat, json!({ "days": 3 }));
    let mut situation = situation("2020-11-20", &[]);
    assert!(findings(&situation, &rule).is_empty());
    for (ended_on, found) in [("2020-11-18", 0), ("2020-11-17", 1), ("2020-11-02", 1)] {
        situation.register.stays[0].ended_on = Some(day(ended_on));
        let here = findings(&situation, &rule);
        assert_eq!(here.len(), found, "ended on {ended_on}");
        assert!(here.iter().all(|one| one.facts == [situation.register.stays[0].id]));
    }
    situation.on = day("2021-01-05");
    assert!(findings(&situation, &rule).is_empty());
}

#[test]
fn evidence_expires_within_the_participation_and_the_horizon() {
    let rule = rule(EarlyWarningCode::FactExpiring, json!({ "days": 14 }));
    for (expires_on, found) in [("2020-11-19", 1), ("2020-12-04", 1), ("2020-12-05", 0), ("2020-10-31", 0), ("2020-11-02", 1)] {
        let mut situation = situation("2020-11-20", &[]);
        let person = situation.register.stays[0].person_id;
        situation.expiring = vec![Expiring { person, fact: Uuid::from_u128(77), expires_on: day(expires_on) }];
        assert_eq!(findings(&situation, &rule).len(), found, "{expires_on}");
        situation.on = day("2020-12-25");
        situation.expiring[0].expires_on = day("2020-12-31");
        assert!(findings(&situation, &rule).is_empty(), "on the last day it has done its duty");
    }
}

#[test]
fn excuses_without_their_evidence_are_told_once_for_each_participant() {
    let rule = rule(EarlyWarningCode::ExcuseOverdue, json!({}));
    let mut of_class = situation("2020-11-30", &[("2020-11-03", MISSED), ("2020-11-10", MISSED)]);
    assert!(findings(&of_class, &rule).is_empty());
    let stay = of_class.register.stays[0].id;
    let excuse = |row: u128, participation, due_on: &str| crate::participation::attendance::OverdueExcuse {
        row: Uuid::from_u128(row),
        participation,
        due_on: day(due_on),
    };
    of_class.excuses =
        vec![excuse(2, stay, "2020-11-17"), excuse(1, stay, "2020-11-10"), excuse(3, Uuid::from_u128(99), "2020-11-09")];
    let found = findings(&of_class, &rule);
    assert_eq!(found.len(), 1, "somebody who does not take part on the day is not warned of");
    assert_eq!((found[0].participation, &found[0].facts), (Some(stay), &vec![Uuid::from_u128(2), Uuid::from_u128(1)]));
    assert!(found[0].reason_pl.contains("2020-11-10") && found[0].reason_en.contains(": 2;"), "{found:?}");
}
