//! The order: total, the same whatever the order of the candidates, and never worse for more points.

use std::collections::HashSet;
use std::time::Instant;

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::inputs::{GivenPoints, RankedCandidate, RankingInputs};
use super::order::rank;
use super::rows::{RankedRow, RankingList};
use super::rules::TieRule;
use crate::platform::canonical::{canonical, fingerprint};
use crate::platform::types::Points;
use crate::recruitment::decisions::RejectionReason;

fn rules() -> Value {
    json!({
        "criteria": [
            { "code": "women", "labelPl": "Kobiety", "labelEn": "Women", "points": "15", "source": "sex", "sex": "female" },
            { "code": "over12", "labelPl": "Ponad 12", "labelEn": "Over 12", "points": "10", "source": "condition",
              "rule": "unemployedForMonths", "months": 12, "group": "length" },
            { "code": "over24", "labelPl": "Ponad 24", "labelEn": "Over 24", "points": "15", "source": "condition",
              "rule": "unemployedForMonths", "months": 24, "group": "length" },
            { "code": "over50", "labelPl": "50+", "labelEn": "50+", "points": "10", "source": "ageAtLeast", "years": 50 },
            { "code": "disabled", "labelPl": "ON", "labelEn": "Disabled", "points": "5", "source": "condition", "rule": "disability" },
            { "code": "motivation", "labelPl": "Motywacja", "labelEn": "Motivation", "points": "5", "source": "manual" }
        ],
        "groups": [{ "code": "length", "maxPoints": "15" }],
        "tieBreakers": [{ "rule": "unemployedLonger" }, { "rule": "morePointsIn", "criterion": "over50" }, { "rule": "receivedEarlier" }],
        "minimumPoints": null
    })
}

fn inputs(places: i32, candidates: Vec<RankedCandidate>) -> RankingInputs {
    let mut inputs: RankingInputs = serde_json::from_value(json!({
        "format": 1, "editionId": Uuid::from_u128(7), "number": 1, "effectiveOn": "2020-10-10", "places": places,
        "reservePlaces": null, "rulesVersion": 1, "rules": rules(), "home": null, "candidates": [],
        "conditions": [{ "rule": "registeredUnemployed", "severity": "hard", "legalSource": "art. 62a(2)" }]
    }))
    .expect("inputs");
    inputs.candidates = candidates;
    inputs
}

/// What a test says of a candidate.
#[derive(Debug, Clone)]
struct Sketch {
    registered: Option<bool>,
    woman: bool,
    since_year: Option<i32>,
    birth_year: Option<i16>,
    halves: i32,
    received_day: u32,
}

fn candidate(number: u128, sketch: &Sketch) -> RankedCandidate {
    let mut facts = Vec::new();
    let mut fact = |kind: &str, value: String| {
        let id = Uuid::from_u128(number * 10 + facts.len() as u128);
        facts.push(json!({ "id": id, "kind": kind, "value": value, "from": "2010-01-01", "source": "PUP", "recordedAt": "2020-10-01T08:00:00Z" }));
    };
    if let Some(registered) = sketch.registered {
        fact("registeredUnemployed", registered.to_string());
    }
    if let Some(year) = sketch.since_year {
        fact("unemployedSince", format!("{year}-03-01"));
    }
    let mut candidate: RankedCandidate = serde_json::from_value(json!({
        "applicationId": Uuid::from_u128(0x1000 + number), "applicationVersion": 1, "receivedOn": format!("2020-09-{:02}", sketch.received_day),
        "sex": if sketch.woman { "female" } else { "male" }, "birthYear": sketch.birth_year, "facts": facts, "exceptions": [], "manualPoints": []
    }))
    .expect("a candidate");
    candidate.manual_points.push(GivenPoints {
        criterion: "motivation".parse().expect("a code"),
        points: Points::from_hundredths(sketch.halves * 50).expect("points"),
        reason: "Rozmowa".parse().expect("a reason"),
        given_on: "2020-10-01".parse().expect("a day"),
    });
    candidate
}

fn known() -> Sketch {
    Sketch { registered: Some(true), woman: false, since_year: None, birth_year: Some(1990), halves: 0, received_day: 1 }
}

fn points(row: &RankedRow) -> String {
    row.points.to_string()
}

#[test]
fn points_add_up_by_the_rules_with_the_maximum_of_a_group() {
    for (sketch, expected) in [
        (known(), "0.00"),
        (Sketch { woman: true, ..known() }, "15.00"),
        (Sketch { since_year: Some(2019), ..known() }, "10.00"),
        (Sketch { since_year: Some(2015), ..known() }, "15.00"),
        (Sketch { birth_year: Some(1970), ..known() }, "10.00"),
        (Sketch { birth_year: Some(1971), ..known() }, "0.00"),
        (Sketch { birth_year: None, ..known() }, "0.00"),
        (Sketch { halves: 7, ..known() }, "3.50"),
        (Sketch { halves: 40, ..known() }, "5.00"),
        (Sketch { woman: true, since_year: Some(2015), birth_year: Some(1960), halves: 9, ..known() }, "44.50"),
    ] {
        let rows = rank(&inputs(1, vec![candidate(1, &sketch)]));
        assert_eq!(points(&rows[0]), expected, "{sketch:?}");
    }
}

#[test]
fn who_is_not_eligible_or_not_known_to_be_stands_apart() {
    let sketches = [Some(false), None, Some(true)].map(|registered| Sketch { registered, woman: true, ..known() });
    let candidates = (1..).zip(&sketches).map(|(number, sketch)| candidate(number, sketch)).collect();
    let rows = rank(&inputs(5, candidates));
    let lists: Vec<_> = rows.iter().map(|row| (row.list, row.rank, row.rejection_reason)).collect();
    assert_eq!(
        lists,
        [
            (RankingList::Basic, Some(1), None),
            (RankingList::Rejected, None, Some(RejectionReason::NotEligible)),
            (RankingList::Undetermined, None, None)
        ]
    );
}

#[test]
fn the_lists_are_cut_at_the_places() {
    let candidates = (1..=5).map(|number| candidate(number, &known())).collect();
    let mut inputs = inputs(2, candidates);
    inputs.reserve_places = Some(2);
    let rows = rank(&inputs);
    let lists: Vec<&str> = rows.iter().map(|row| row.list.as_str()).collect();
    assert_eq!(lists, ["basic", "basic", "reserve", "reserve", "rejected"]);
    assert_eq!((rows[4].rank, rows[4].rejection_reason), (Some(5), Some(RejectionReason::NoPlaces)));
    inputs.rules.minimum_points = Some("0.5".parse().expect("points"));
    assert!(rank(&inputs).iter().all(|row| row.rejection_reason == Some(RejectionReason::TooFewPoints) && row.rank.is_none()));
}

#[test]
fn the_first_element_that_differs_says_who_is_ahead() {
    let ahead = |first: Sketch, second: Sketch| {
        let rows = rank(&inputs(1, vec![candidate(1, &first), candidate(2, &second)]));
        let behind = rows[1].behind.clone().expect("behind");
        assert_eq!((rows[0].behind.is_none(), behind.application_id), (true, rows[0].application_id));
        (rows[0].application_id.as_u128() - 0x1000, behind.tie_breaker.map(|breaker| breaker.rule), behind.own, behind.before)
    };
    let text = |own: &str| Some(own.to_owned());
    assert_eq!(ahead(known(), Sketch { woman: true, ..known() }), (2, None, text("0.00"), text("15.00")));
    let since = |year| Sketch { since_year: Some(year), ..known() };
    assert_eq!(ahead(since(2016), since(2015)), (2, Some(TieRule::UnemployedLonger), text("2016-03-01"), text("2015-03-01")));
    let (older, unknown) = (Sketch { birth_year: Some(1960), ..known() }, Sketch { since_year: Some(2019), ..known() });
    assert_eq!(ahead(older, unknown), (2, Some(TieRule::UnemployedLonger), None, text("2019-03-01")));
    let at = |day| Sketch { received_day: day, ..known() };
    assert_eq!(ahead(at(5), at(4)), (2, Some(TieRule::ReceivedEarlier), text("2020-09-05"), text("2020-09-04")));
    let (_, rule, own, before) = ahead(known(), known());
    assert_eq!(rule, Some(TieRule::Lot));
    assert!(own > before, "the smaller lot is ahead");
}

#[test]
fn another_protocol_draws_no_other_lot() {
    let mut inputs = inputs(1, (1..=9).map(|number| candidate(number, &known())).collect());
    let order = |inputs: &RankingInputs| rank(inputs).iter().map(|row| row.application_id).collect::<Vec<_>>();
    let first = order(&inputs);
    inputs.number = 2;
    assert_eq!(order(&inputs), first);
    inputs.edition_id = Uuid::from_u128(8);
    assert_ne!(order(&inputs), first, "another edition has a lot of its own");
}

#[test]
fn ten_thousand_candidates_are_ranked_in_no_time() {
    let sketch = |number: u32| Sketch {
        registered: Some(!number.is_multiple_of(17)),
        woman: number.is_multiple_of(2),
        since_year: Some(2010 + i32::try_from(number % 10).expect("a year")),
        birth_year: Some(1955 + i16::try_from(number % 40).expect("a year")),
        halves: i32::try_from(number % 11).expect("points"),
        received_day: 1 + number % 28,
    };
    let inputs = inputs(100, (1..=10_000_u32).map(|number| candidate(u128::from(number), &sketch(number))).collect());
    let began = Instant::now();
    let rows = rank(&inputs);
    let took = began.elapsed();
    assert_eq!(rows.len(), 10_000);
    assert!(took.as_secs() < 20, "{took:?}");
}

fn sketches() -> impl Strategy<Value = Vec<Sketch>> {
    let one = (
        prop::option::weighted(0.9, prop::bool::weighted(0.9)),
        any::<bool>(),
        prop::option::of(2012..=2020_i32),
        prop::option::of(1955..=1995_i16),
        0..=10_i32,
        1..=3_u32,
    );
    let sketch = one.prop_map(|(registered, woman, since_year, birth_year, halves, received_day)| Sketch {
        registered,
        woman,
        since_year,
        birth_year,
        halves,
        received_day,
    });
    prop::collection::vec(sketch, 1..40)
}

fn ranked(places: i32, sketches: &[Sketch]) -> RankingInputs {
    inputs(places, (1..).zip(sketches).map(|(number, sketch)| candidate(number, sketch)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_order_is_total(sketches in sketches(), places in 0..20_i32) {
        let rows = rank(&ranked(places, &sketches));
        let ids: HashSet<Uuid> = rows.iter().map(|row| row.application_id).collect();
        prop_assert_eq!(ids.len(), sketches.len());
        let ranks: Vec<i32> = rows.iter().filter_map(|row| row.rank).collect();
        let last = i32::try_from(ranks.len()).expect("a number");
        prop_assert_eq!(&ranks, &(1..=last).collect::<Vec<_>>());
        prop_assert!(rows.windows(2).all(|pair| pair[0].rank.is_none() || pair[1].rank.is_none() || pair[0].points >= pair[1].points));
        let basic = rows.iter().filter(|row| row.list == RankingList::Basic).count();
        prop_assert_eq!(basic, usize::try_from(places.min(last)).expect("a number"));
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter(sketches in sketches(), by in 0..40_usize) {
        let inputs = ranked(3, &sketches);
        let mut turned = inputs.clone();
        let by = by % turned.candidates.len();
        turned.candidates.rotate_left(by);
        turned.candidates.reverse();
        prop_assert_eq!(rank(&turned), rank(&inputs));
    }

    #[test]
    fn rows_are_computed_again_from_the_stored_document(sketches in sketches()) {
        let inputs = ranked(3, &sketches);
        let document = canonical(&inputs).expect("a document");
        let read: RankingInputs = serde_json::from_str(&document).expect("inputs");
        prop_assert_eq!(fingerprint(&read).expect("a hash"), fingerprint(&inputs).expect("a hash"));
        let (rows, again) = (rank(&inputs), rank(&read));
        prop_assert_eq!(fingerprint(&again).expect("a hash"), fingerprint(&rows).expect("a hash"));
        let kept: Vec<RankedRow> = serde_json::from_str(&canonical(&rows).expect("rows")).expect("rows");
        prop_assert_eq!(kept, again);
    }

    #[test]
    fn more_points_never_put_a_candidate_back(sketches in sketches(), who in 0..40_usize, more in 1..=10_i32) {
        let who = who % sketches.len();
        let before = ranked(3, &sketches);
        let mut raised = sketches.clone();
        raised[who].halves += more;
        let place = |inputs: &RankingInputs| {
            let rows = rank(inputs);
            rows.iter().find(|row| row.application_id == inputs.candidates[who].application_id).and_then(|row| row.rank)
        };
        let (before, after) = (place(&before), place(&ranked(3, &raised)));
        prop_assert_eq!(before.is_some(), after.is_some());
        prop_assert!(after <= before, "{after:?} after {before:?}");
    }
}
