use proptest::prelude::*;
use serde::Deserialize;

use super::signed_rank::MOST_RANKED;
use super::*;
use crate::platform::types::SixPlaces;

/// Random paired scores and what `scipy` says of them; made by `proofs/pairs.py`.
#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    before: Vec<i64>,
    after: Vec<i64>,
    dz: Option<String>,
    hedges: Option<String>,
    signed_rank: Option<ExpectedTest>,
    correlation: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpectedTest {
    ranked: usize,
    statistic: String,
    p_value: String,
}

/// Six places of a double: its own error may move a number that lies at a half by one millionth.
#[track_caller]
fn assert_close(ours: Option<SixPlaces>, theirs: Option<&String>, case: &Case) {
    let number = |text: &String| text.parse::<f64>().expect("a number");
    match (ours, theirs) {
        (None, None) => {}
        (Some(ours), Some(theirs)) => {
            let difference = (number(&ours.to_string()) - number(theirs)).abs();
            assert!(difference <= 5.1e-7, "{ours} and {theirs}: {case:?}");
        }
        (ours, theirs) => panic!("{ours:?} and {theirs:?}: {case:?}"),
    }
}

#[test]
fn every_number_is_that_of_scipy() {
    let table: Table = serde_json::from_str(include_str!("scipy.json")).expect("the table");
    let (mut effects, mut tests, mut correlations) = (0, 0, 0);
    for case in &table.cases {
        let differences: Vec<i64> = case.before.iter().zip(&case.after).map(|(before, after)| after - before).collect();
        let effect = effect_size(&differences);
        assert_close(effect.map(|effect| effect.dz), case.dz.as_ref(), case);
        assert_close(effect.and_then(|effect| effect.hedges), case.hedges.as_ref(), case);
        effects += u32::from(effect.is_some());
        if let Some(theirs) = &case.signed_rank {
            let ours = signed_rank(&differences).expect("a test");
            assert_eq!(ours.ranked, theirs.ranked, "{case:?}");
            assert_close(Some(ours.statistic), Some(&theirs.statistic), case);
            assert_close(Some(ours.p_value), Some(&theirs.p_value), case);
            tests += 1;
        }
        let pairs: Vec<(i64, i64)> = case.before.iter().copied().zip(case.after.iter().copied()).collect();
        let correlated = correlation(&pairs);
        assert_close(correlated, case.correlation.as_ref(), case);
        correlations += u32::from(correlated.is_some());
    }
    assert!(effects > 200 && tests > 200 && correlations > 150, "{effects} {tests} {correlations}");
}

/// Differences of the sizes from 1 to `count`, those named being losses.
fn losing(count: i64, losses: &[i64]) -> Vec<i64> {
    (1..=count).map(|size| if losses.contains(&size) { -size } else { size }).collect()
}

#[test]
fn many_pairs_are_tested_exactly_too() {
    // By `scipy.stats.wilcoxon(…, method="exact")`.
    for (count, losses, statistic, p_value) in [
        (51, &[3, 14, 17, 18, 21, 23, 28, 30, 31, 37, 40, 43, 44, 48, 49, 51][..], "497.000000", "0.121494"),
        (
            80,
            &[
                3, 7, 8, 10, 12, 13, 16, 17, 19, 21, 22, 23, 24, 27, 33, 37, 41, 42, 43, 47, 48, 54, 60, 61, 63, 64, 66, 67, 68,
                69, 73,
            ],
            "1158.000000",
            "0.026310",
        ),
        (
            120,
            &[
                5, 6, 12, 13, 20, 23, 29, 30, 31, 35, 37, 40, 41, 42, 43, 44, 45, 53, 54, 56, 57, 58, 64, 65, 66, 68, 69, 71, 72,
                73, 74, 77, 79, 80, 83, 84, 88, 89, 91, 92, 93, 98, 99, 101, 103, 104, 109, 113, 116, 117, 119,
            ],
            "3331.000000",
            "0.435746",
        ),
    ] {
        let test = signed_rank(&losing(count, losses)).expect("a test");
        assert_eq!((test.statistic.to_string(), test.p_value.to_string()), (statistic.to_owned(), p_value.to_owned()), "{count}");
    }
    let certain = signed_rank(&losing(120, &[])).expect("a test");
    assert_eq!((certain.statistic.to_string(), certain.p_value.to_string()), ("0.000000".to_owned(), "0.000000".to_owned()));
    let balanced = signed_rank(&[1, -1]).expect("a test");
    assert_eq!(balanced.p_value.to_string(), "1.000000");
}

#[test]
fn what_cannot_be_measured_has_no_number() {
    assert_eq!(effect_size(&[]), None);
    assert_eq!(effect_size(&[3]), None, "one pair");
    assert_eq!(effect_size(&[2, 2, 2]), None, "no spread");
    let two = effect_size(&[1, 3]).expect("two pairs");
    assert_eq!((two.dz.to_string().as_str(), two.hedges), ("1.414214", None));
    assert_eq!(signed_rank(&[0, 0]), None, "nobody changed");
    assert!(signed_rank(&[1; MOST_RANKED]).is_some() && signed_rank(&[1; MOST_RANKED + 1]).is_none());
    assert_eq!(correlation(&[(1, 1), (2, 2), (3, 3), (4, 4)]), None, "four pairs");
    assert_eq!(correlation(&[(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]), None, "one side is constant");
}

#[test]
fn an_even_gain_of_five_is_as_unlikely_as_five_heads() {
    let all_up = signed_rank(&[1, 1, 1, 1, 1]).expect("a test");
    assert_eq!((all_up.statistic.to_string().as_str(), all_up.p_value.to_string().as_str()), ("0.000000", "0.062500"));
    let halves = signed_rank(&[1, -1]).expect("a test");
    assert_eq!((halves.statistic.to_string().as_str(), halves.p_value.to_string().as_str()), ("1.500000", "1.000000"));
}

proptest! {
    #[test]
    fn neither_unit_nor_direction_changes_the_size(differences in prop::collection::vec(-50..50_i64, 2..40), unit in 1..10_000_i64) {
        let scaled: Vec<i64> = differences.iter().map(|difference| difference * unit).collect();
        let turned: Vec<i64> = differences.iter().map(|difference| -difference).collect();
        prop_assert_eq!(effect_size(&scaled), effect_size(&differences));
        prop_assert_eq!(signed_rank(&scaled), signed_rank(&differences));
        prop_assert_eq!(signed_rank(&turned), signed_rank(&differences));
        let sizes = (effect_size(&turned), effect_size(&differences));
        if let (Some(turned), Some(effect)) = sizes {
            prop_assert_eq!(turned.dz.decimal(), -effect.dz.decimal());
        }
    }

    #[test]
    fn a_p_value_is_a_probability_and_a_correlation_between_minus_one_and_one(
        pairs in prop::collection::vec((-100..100_i64, -100..100_i64), 5..60),
    ) {
        let differences: Vec<i64> = pairs.iter().map(|(before, after)| after - before).collect();
        if let Some(test) = signed_rank(&differences) {
            prop_assert!(test.p_value.decimal() >= 0.into() && test.p_value.decimal() <= 1.into());
        }
        if let Some(correlated) = correlation(&pairs) {
            prop_assert!(correlated.decimal().abs() <= 1.into());
        }
    }
}
