//! How long the ranking of a hundred thousand candidates takes; fails where it is far from a second.

use std::time::{Duration, Instant};

use pai::recruitment::ranking::inputs::{RankedCandidate, RankingInputs};
use pai::recruitment::ranking::order::rank;
use serde_json::json;
use uuid::Uuid;

const CANDIDATES: u32 = 100_000;
/// What a slow machine may take; a usual one takes less than half.
const LIMIT: Duration = Duration::from_secs(3);
const ROUNDS: u32 = 5;

fn inputs() -> RankingInputs {
    let condition = |rule: &str| json!({ "rule": rule, "severity": "hard", "legalSource": "art. 62a(2)" });
    let scored = |code: &str, points: &str, more: serde_json::Value| {
        let mut criterion = json!({ "code": code, "labelPl": code, "labelEn": code, "points": points });
        for (name, value) in more.as_object().into_iter().flatten() {
            criterion[name] = value.clone();
        }
        criterion
    };
    let mut inputs: RankingInputs = serde_json::from_value(json!({
        "format": 1, "editionId": Uuid::from_u128(7), "number": 1, "effectiveOn": "2020-10-10", "places": 5000, "reservePlaces": 20_000,
        "rulesVersion": 1, "home": "1013011", "candidates": [],
        "conditions": [condition("registeredUnemployed"), condition("noBenefitRight"), condition("usesSocialAssistance")],
        "rules": {
            "criteria": [
                scored("women", "15", json!({ "source": "sex", "sex": "female" })),
                scored("over12", "10", json!({ "source": "condition", "rule": "unemployedForMonths", "months": 12, "group": "length" })),
                scored("over24", "15", json!({ "source": "condition", "rule": "unemployedForMonths", "months": 24, "group": "length" })),
                scored("over50", "10", json!({ "source": "ageAtLeast", "years": 50 })),
                scored("disabled", "5", json!({ "source": "condition", "rule": "disability" })),
                scored("revitalisation", "4", json!({ "source": "condition", "rule": "revitalisationArea" })),
                scored("rural", "4", json!({ "source": "condition", "rule": "residence", "places": ["1013032"] })),
            ],
            "groups": [{ "code": "length", "maxPoints": "15" }],
            "tieBreakers": [{ "rule": "unemployedLonger" }, { "rule": "morePointsIn", "criterion": "over50" }, { "rule": "receivedEarlier" }],
        },
    }))
    .expect("inputs");
    inputs.candidates = (1..=CANDIDATES).map(candidate).collect();
    inputs
}

fn candidate(number: u32) -> RankedCandidate {
    let dice = |sides: u32| number.wrapping_mul(2_654_435_761).rotate_left(sides) % sides;
    let yes = |sides: u32| if dice(sides) > 0 { "true" } else { "false" };
    let since = format!("{}-0{}-01", 2012 + dice(9), 1 + dice(8));
    let values = [
        ("registeredUnemployed", yes(23)),
        ("benefitRight", if dice(19) > 0 { "false" } else { "true" }),
        ("socialAssistance", yes(29)),
        ("unemployedSince", since.as_str()),
        ("disability", yes(3)),
        ("revitalisationArea", yes(5)),
        ("residence", if dice(2) > 0 { "1013032" } else { "1013011" }),
    ];
    let facts: Vec<_> = (0..)
        .zip(values)
        .map(|(at, (kind, value))| {
            json!({ "id": Uuid::from_u128(u128::from(number) * 10 + at), "kind": kind, "value": value, "from": "2012-01-01",
                    "source": "Powiatowy Urząd Pracy", "recordedAt": "2020-10-01T08:00:00Z" })
        })
        .collect();
    serde_json::from_value(json!({
        "applicationId": Uuid::from_u128(u128::from(number)), "applicationVersion": 1, "receivedOn": format!("2020-09-{:02}", 1 + dice(28)),
        "sex": if dice(2) > 0 { "female" } else { "male" }, "birthYear": 1955 + dice(45), "facts": facts, "exceptions": [], "manualPoints": [],
    }))
    .expect("a candidate")
}

fn main() {
    let inputs = inputs();
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            let rows = rank(&inputs);
            let took = began.elapsed();
            assert_eq!(rows.len(), inputs.candidates.len());
            took
        })
        .collect();
    rounds.sort_unstable();
    println!(
        "{CANDIDATES} candidates ranked with their reasons: {} ms (fastest of {ROUNDS}; slowest {} ms)",
        rounds[0].as_millis(),
        rounds[rounds.len() - 1].as_millis()
    );
    assert!(rounds[0] < LIMIT, "{:?}", rounds[0]);
}
