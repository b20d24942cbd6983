use proptest::prelude::*;
use serde_json::json;

use super::*;

fn period(from: &str, to: &str) -> Period {
    Period::new(from.parse().expect("a day"), to.parse().expect("a day")).expect("in order")
}

fn regime() -> RegimeParameters {
    serde_json::from_value(json!({
        "lengthMonths": 2, "integrationWeeklyMinimum": "10", "jobMinDays": 30, "followUpClock": "programme"
    }))
    .expect("parameters")
}

fn block(total: Option<&str>, weekly: Option<&str>) -> PlannedHours {
    let hours = |text: &str| text.parse::<Hours>().expect("hours");
    PlannedHours { total: total.map(hours), weekly: weekly.map(hours) }
}

#[test]
fn an_edition_of_another_length_gives_one_warning() {
    let eight_weeks = period("2018-05-07", "2018-06-29");
    let warnings = plan_warnings(&regime(), eight_weeks, &[block(Some("80"), Some("10"))]);
    let expected = EditionWarning::EditionLength { expected_months: 2, length: MonthsAndDays { months: 1, days: 23 }, days: 54 };
    assert_eq!(warnings, [expected]);
    for (from, to) in [("2020-10-15", "2020-12-14"), ("2015-05-01", "2015-06-30"), ("2015-07-28", "2015-09-27")] {
        assert_eq!(plan_warnings(&regime(), period(from, to), &[]), []);
    }
}

#[test]
fn too_few_hours_of_integration_give_one_warning_with_all_weeks() {
    let edition = period("2020-10-15", "2020-12-14");
    let warnings = plan_warnings(&regime(), edition, &[block(Some("85"), None)]);
    let [warning] = warnings.as_slice() else { panic!("one warning, not {warnings:?}") };
    let json = serde_json::to_value(warning).expect("serializes");
    assert_eq!(json["code"], "programmes.integration_weekly_minimum");
    assert_eq!(json["weeklyAverage"], "9.75");
    assert_eq!((&json["numerator"], &json["denominator"]), (&json!(595), &json!(61)));
    assert_eq!(json["minimum"], "10.00");
    assert_eq!(json["weeks"].as_array().map(Vec::len), Some(10));
    assert_eq!(json["weeks"][0], "2020-W42");
}

#[test]
fn an_average_takes_weekly_hours_first_and_says_nothing_of_what_is_not_known() {
    let edition = period("2020-10-15", "2020-12-14");
    for (blocks, average) in [
        (vec![block(None, Some("9")), block(None, Some("1"))], Some((10, 1))),
        (vec![block(Some("85"), Some("10"))], Some((10, 1))),
        (vec![block(Some("61"), None), block(Some("61"), None)], Some((14, 1))),
        (vec![block(Some("61"), Some("1")), block(Some("61"), None)], Some((14, 1))),
        (vec![block(None, Some("1")), block(Some("61"), None)], Some((8, 1))),
        (vec![block(None, Some("9.75"))], Some((39, 4))),
        (vec![block(Some("85"), None), block(None, None)], None),
        (vec![], None),
    ] {
        let found = weekly_average(&blocks, edition).map(|ratio| (ratio.numerator(), ratio.denominator()));
        assert_eq!(found, average, "{blocks:?}");
    }
}

#[test]
fn a_regime_without_the_rules_gives_no_warning() {
    let lenient: RegimeParameters =
        serde_json::from_value(json!({ "jobMinDays": 1, "followUpClock": "person" })).expect("parameters");
    assert_eq!(plan_warnings(&lenient, period("2018-05-07", "2018-06-29"), &[block(Some("1"), None)]), []);
}

#[test]
fn an_agreement_outside_the_days_of_its_regime_gives_a_warning() {
    let day = |text: &str| text.parse::<Day>().expect("a day");
    let (from, to) = (Some(day("2014-05-27")), Some(day("2019-06-13")));
    for (signed_on, outside) in [("2014-05-26", true), ("2014-05-27", false), ("2019-06-13", false), ("2019-06-14", true)] {
        assert_eq!(regime_not_in_force(day(signed_on), from, to).is_some(), outside, "{signed_on}");
    }
    assert_eq!(regime_not_in_force(day("1990-01-01"), None, None), None);
}

proptest! {
    #[test]
    fn the_warning_comes_exactly_below_the_minimum(quarters in 1..2_000_i32, days in 1..400_u32) {
        let from: Day = "2020-01-01".parse().expect("a day");
        let edition = Period::new(from, from.plus_days(days - 1).expect("a day")).expect("in order");
        let hours = Hours::from_minutes(quarters * 15).expect("hours");
        let minimum: Hours = "10".parse().expect("hours");
        let warned = integration_weekly_minimum(&regime(), edition, &[PlannedHours { total: Some(hours), weekly: None }]);
        prop_assert_eq!(warned.is_some(), i64::from(hours.minutes()) * 7 < i64::from(minimum.minutes()) * edition.days());
    }

    #[test]
    fn an_average_is_rounded_to_the_nearest_hundredth(minutes in 0..1_000_000_i64, days in 1..1_000_i64) {
        let ratio = in_lowest_terms(minutes, days * 60).expect("a ratio");
        let rounded: Decimal = two_places(ratio).parse().expect("a decimal");
        let exact = Decimal::from(minutes) / Decimal::from(days * 60);
        prop_assert!((rounded - exact).abs() <= Decimal::new(5, 3));
    }
}
