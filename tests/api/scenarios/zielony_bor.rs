//! Zielony Bór (invented), 2017: social workers select 25 without a ranking, 20 sign a social contract, and the places grow
//! from 15 to 20 while the town still recruits, of which only the months are known.

use crate::support::TestApp;
use crate::support::replay::{Replay, groups};
use pai::platform::policy::Role;
use serde_json::{Value, json};

const EDITION: (&str, &str) = ("2017-10-02", "2017-12-01");
/// Who is who among the candidates, in the order of their applications.
const CANDIDATES: usize = 33;
const WOMEN: usize = 20;
const SIGNED: std::ops::Range<usize> = 0..20;
const UNSIGNED: std::ops::Range<usize> = 20..25;
const RESERVE: std::ops::Range<usize> = 25..29;
const REJECTED: std::ops::Range<usize> = 29..32;
const ILL: usize = 32;
/// Why those who were selected did not sign.
const REASONS: [&str; 5] = ["refused", "employed", "refused", "noContact", "refused"];

struct Town {
    replay: Replay,
    edition: String,
    people: Vec<String>,
    applications: Vec<String>,
}

impl Town {
    /// Applications come in through August and September; the day of none is known.
    fn recruits(app: &TestApp) -> Self {
        let replay = Replay::programme(app, "PAI-2014", "2017-07-28");
        let months = json!({ "from": "2017-08-01", "to": "2017-09-30", "precision": "month" });
        let edition = replay.recruiting("Jesień 2017", EDITION, 15, &json!({ "plannedMonths": 2, "recruitment": months }));
        let people: Vec<String> =
            (0..CANDIDATES).map(|number| replay.person(if number < WOMEN { "female" } else { "male" })).collect();
        let apply = |(number, person): (usize, &String)| {
            let month = if number < 12 { "2017-08-01" } else { "2017-09-01" };
            let body = json!({
                "editionId": edition, "personId": person, "receivedOn": month, "receivedPrecision": "month", "channel": "socialWorker"
            });
            let applied = replay.api.post("/applications", &body).expect(201);
            assert_eq!(applied["outsideRecruitment"], false, "{applied}");
            applied["id"].as_str().expect("an id").to_owned()
        };
        let applications = people.iter().enumerate().map(apply).collect();
        Self { replay, edition, people, applications }
    }

    fn select(&self, app: &TestApp) {
        self.replay.withdraw(&self.applications[ILL], "health", "2017-09-12");
        let worker = app.api(Role::SocialWorker);
        let decided = [(0..25, "selected"), (RESERVE, "reserve"), (REJECTED, "rejected")];
        for (number, decision) in
            decided.into_iter().flat_map(|(numbers, decision)| numbers.map(move |number| (number, decision)))
        {
            let body = json!({ "decision": decision, "effectiveOn": "2017-09-15", "reason": "Ocena pracownika socjalnego" });
            worker.post(&format!("/applications/{}/decisions", self.applications[number]), &body).expect(200);
        }
        for (number, reason) in UNSIGNED.zip(REASONS) {
            self.replay.withdraw(&self.applications[number], reason, "2017-09-22");
        }
        for person in &self.people[SIGNED] {
            let contract = json!({
                "personId": person, "kind": "socialContract", "contractForm": "unemployed", "editionId": self.edition,
                "signedOn": "2017-09-26", "from": "2017-10-01", "to": "2017-12-31", "author": "socialWorker", "recordFact": true,
                "parts": {
                    "goals": ["Powrót na rynek pracy"],
                    "actions": [{ "by": "client", "what": "Udział w programie" }, { "by": "centre", "what": "Praca socjalna" }]
                }
            });
            worker.post("/individual-plans", &contract).expect(201);
        }
    }

    /// Admits whoever signed: fifteen by the first plan, five once it has grown.
    fn admit(&self) -> Vec<String> {
        let first: Vec<String> = SIGNED.take(15).map(|number| self.replay.admit(&self.applications[number], EDITION.0)).collect();
        let sixteenth = json!({ "applicationId": self.applications[15], "startsOn": EDITION.0 });
        let full = self.replay.api.post("/participations", &sixteenth).refused(409, "participation.no_free_seat");
        assert_eq!((&full["places"], &full["taken"]), (&json!(15), &json!(15)));
        let grown = json!({ "effectiveOn": "2017-09-18", "places": 20, "reason": "Dodatkowe środki powiatu" });
        self.replay.api.post(&format!("/editions/{}/plan-revisions", self.edition), &grown).expect(201);
        let more = SIGNED.skip(15).map(|number| self.replay.admit(&self.applications[number], EDITION.0));
        let places: Vec<String> = first.into_iter().chain(more).collect();
        // Nobody of the reserve list gets in beside them, and nobody who has withdrawn.
        let beside = json!({ "applicationId": self.applications[RESERVE.start], "startsOn": EDITION.0 });
        self.replay.api.post("/participations", &beside).refused(409, "participation.no_free_seat");
        let gone = json!({ "applicationId": self.applications[UNSIGNED.start], "startsOn": EDITION.0 });
        self.replay.api.post("/participations", &gone).refused(409, "participation.not_selected");
        places
    }
}

#[test]
fn more_selected_than_contracted_and_places_that_grow_meanwhile() {
    let app = TestApp::start();
    let town = Town::recruits(&app);
    town.select(&app);
    let places = town.admit();
    let (replay, path) = (&town.replay, format!("/editions/{}", town.edition));
    replay.end(&places[18], "employed", "2017-11-10");
    replay.end(&places[19], "interruptedOwnFault", "2017-10-20");
    for participation in &places[..18] {
        replay.end(participation, "completed", EDITION.1);
    }
    replay.state(&town.edition, &["applications", "participations", "employment"], "complete", "2018-07-02");

    replay.expect(&path, &counted_by_hand());
    let candidates = replay.figure(&path, "M-01");
    assert_eq!(groups(&candidates, "sex"), json!({ "female": 20, "male": 13, "unknown": 0 }));
    assert_eq!(
        groups(&candidates, "decision"),
        json!({ "selected": 25, "reserve": 4, "rejected": 3, "undecided": 0, "withdrawnUndecided": 1 })
    );
    assert_eq!(
        groups(&candidates, "stage"),
        json!({ "applied": 33, "decided": 32, "selected": 25, "started": 20, "completed": 18 })
    );
    assert_eq!(
        groups(&replay.figure(&path, "M-02"), "reason"),
        json!({ "employed": 1, "refused": 3, "ineligible": 0, "health": 1, "noContact": 1, "other": 0 })
    );
    // Whoever left is counted by the day of leaving.
    let exits = replay.api.get(&format!("{path}/figures/M-02/records")).expect(200);
    let mut days: Vec<&str> = exits["items"].as_array().into_iter().flatten().filter_map(|exit| exit["on"].as_str()).collect();
    days.sort_unstable();
    assert_eq!(days, ["2017-09-12", "2017-09-22", "2017-09-22", "2017-09-22", "2017-09-22", "2017-09-22"]);
    let contracts =
        format!("/individual-plans?editionId={}&kind=socialContract&effectiveOn={}&limit=200", town.edition, EDITION.0);
    assert_eq!(replay.api.get(&contracts).expect(200)["items"].as_array().map(Vec::len), Some(20));
}

/// Sixty-one days; 18 of 20 to the end, one of 40 days, one of 19: 1157 of 1220 days.
fn counted_by_hand() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("M-01", json!(33), "ok"),
        ("M-01.of_planned_places", json!("1.650000"), "ok"),
        ("M-02", json!(6), "ok"),
        ("M-03.selected", json!(25), "ok"),
        ("M-03.reserve", json!(4), "ok"),
        ("M-03.rejected", json!(3), "ok"),
        ("M-03.undecided", json!(0), "ok"),
        ("M-03.selection_rate", json!("0.757576"), "ok"),
        ("M-03.selected_of_planned_places", json!("1.250000"), "ok"),
        ("M-03.placed", json!(20), "ok"),
        ("M-03.never_placed", json!(4), "ok"),
        ("M-04.first", json!(15), "ok"),
        ("M-04.latest", json!(20), "ok"),
        ("M-05", json!(20), "ok"),
        ("M-05.of_planned_places", json!("1.000000"), "ok"),
        ("M-06", json!(20), "ok"),
        ("M-07", json!(0), "ok"),
        ("M-08.peak", json!(20), "ok"),
        ("M-08.seat_fill", json!("0.948361"), "ok"),
        ("M-09", json!(18), "ok"),
        ("M-10", json!(19), "ok"),
        ("M-11.strict", json!("0.900000"), "ok"),
        ("M-11.inclusive", json!("0.950000"), "ok"),
        ("M-12", json!(1), "ok"),
        ("M-21.at_recruitment", json!(1), "ok"),
        ("M-21.during", json!(1), "ok"),
        ("M-22.during.of_ever_started", json!("0.050000"), "ok"),
        ("M-22.total.of_candidates", json!("0.060606"), "ok"),
    ]
}
