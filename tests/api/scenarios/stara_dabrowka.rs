//! Stara Dąbrówka (invented), 2016: a project of the European Social Fund in the country takes the unemployed, farmers and
//! the employed, and people outside social assistance where an appeal says why; a reserve list fills what falls free, before
//! the start and in the middle.

use crate::support::TestApp;
use crate::support::replay::{Replay, groups};
use serde_json::{Value, json};

const EDITION: (&str, &str) = ("2016-03-01", "2016-08-31");
/// Status on the labour market and whether social assistance is used, in the order of the applications.
const CANDIDATES: [(&str, &str); 18] = [
    ("unemployed", "true"),
    ("unemployed", "true"),
    ("unemployed", "true"),
    ("unemployed", "true"),
    ("unemployed", "true"),
    ("unemployed", "true"),
    ("unemployed", "true"),
    ("unemployed", "true"),
    ("unemployed", "true"),
    ("farmer", "true"),
    ("farmer", "true"),
    ("farmer", "false"),
    ("employed", "true"),
    ("employed", "true"),
    ("selfEmployed", "true"),
    ("unemployed", "false"),
    ("unemployed", "false"),
    ("unemployed", "false"),
];
const FARMER_OUTSIDE: usize = 11;
const EMPLOYED: usize = 13;
const SELF_EMPLOYED: usize = 14;
const OUTSIDE: usize = 15;
/// Whoever has a place at first; the first of them takes up a job before the start.
const SELECTED: [usize; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12];
const RESERVE: [usize; 3] = [EMPLOYED, FARMER_OUTSIDE, OUTSIDE];

struct Project {
    replay: Replay,
    edition: String,
    applications: Vec<String>,
    /// The assessment that holds of each.
    assessments: Vec<Value>,
}

impl Project {
    fn recruits(app: &TestApp) -> Self {
        let conditions = json!([
            { "rule": "employmentStatus", "severity": "hard", "legalSource": "Regulamin rekrutacji § 4 ust. 1",
              "values": ["unemployed", "inactive", "employed", "farmer"] },
            { "rule": "usesSocialAssistance", "severity": "overridable", "legalSource": "Regulamin rekrutacji § 4 ust. 2" }
        ]);
        let regime = json!({
            "code": "DABROWKA", "version": 1, "namePl": "Regulamin projektu", "nameEn": "Rules of the project", "legalSource": "Regulamin",
            "parameters": { "jobMinDays": 1, "followUpClock": "person", "positiveExits": ["employed", "education"],
                "admissionOnAssessment": true, "eligibility": conditions }
        });
        app.api(pai::platform::policy::Role::Coordinator).post("/regimes", &regime).expect(201);
        let project = json!({ "name": "Razem w gminie", "kind": "esfProject" });
        let replay = Replay::of(app, &project, "DABROWKA", "2016-01-04");
        let edition = replay.recruiting(
            "2016",
            EDITION,
            12,
            &json!({ "plannedMonths": 6, "recruitment": { "from": "2016-01-11", "to": "2016-02-12" } }),
        );
        let applications = CANDIDATES
            .iter()
            .enumerate()
            .map(|(number, (status, assisted))| {
                let person = replay.person(if number % 2 == 0 { "female" } else { "male" });
                for (kind, value) in [("employmentStatus", status), ("socialAssistance", assisted)] {
                    let fact = json!({ "kind": kind, "value": value, "from": "2015-01-01", "source": "Wywiad" });
                    replay.api.post(&format!("/people/{person}/facts"), &fact).expect(201);
                }
                replay.application(&edition, &person, "2016-02-01")
            })
            .collect();
        Self { replay, edition, applications, assessments: Vec::new() }
    }

    /// Assesses everybody, and three anew upon their appeals.
    fn assess(&mut self) {
        let api = &self.replay.api;
        let assess = |application: &String| {
            api.post(&format!("/applications/{application}/eligibility-assessments"), &json!({ "effectiveOn": "2016-02-15" }))
                .expect(201)
        };
        self.assessments = self.applications.iter().map(assess).collect();
        assert_eq!(self.outcomes("eligible"), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13]);
        assert_eq!(self.outcomes("ineligible"), [11, 14, 15, 16, 17]);
        let outside = json!([{ "rule": "usesSocialAssistance", "reason": "Osoba z otoczenia uczestników projektu" }]);
        for (number, exceptions) in [(FARMER_OUTSIDE, outside.clone()), (OUTSIDE, outside), (SELF_EMPLOYED, json!([]))] {
            let appeal =
                json!({ "lodgedOn": "2016-02-18", "reason": "Kandydat nie zgadza się z oceną", "exceptions": exceptions });
            let path = format!("/eligibility-assessments/{}/appeals", self.assessments[number]["id"].as_str().expect("an id"));
            self.assessments[number] = api.post(&path, &appeal).expect(201);
        }
        assert_eq!(self.outcomes("eligibleByException"), [FARMER_OUTSIDE, OUTSIDE]);
        assert_eq!(self.outcomes("ineligible"), [14, 16, 17], "what is hard stays so upon an appeal");
    }

    fn outcomes(&self, outcome: &str) -> Vec<usize> {
        (0..CANDIDATES.len()).filter(|number| self.assessments[*number]["outcome"] == outcome).collect()
    }

    fn decide(&self) {
        for number in SELECTED.into_iter().chain(RESERVE).chain([14, 16, 17]) {
            let decision = match number {
                number if SELECTED.contains(&number) => "selected",
                number if RESERVE.contains(&number) => "reserve",
                _ => "rejected",
            };
            let body = json!({
                "decision": decision, "effectiveOn": "2016-02-22", "reason": "Ocena komisji", "assessmentId": self.assessments[number]["id"]
            });
            self.replay.api.post(&format!("/applications/{}/decisions", self.applications[number]), &body).expect(200);
        }
    }

    /// Fills what is free on a day; answers the offers.
    fn offered(&self, on: &str) -> Vec<Value> {
        let path = format!("/editions/{}/offers", self.edition);
        let filled = self.replay.api.post(&path, &json!({ "effectiveOn": on })).expect(200);
        filled["offers"].as_array().cloned().unwrap_or_default()
    }

    /// A place in May: somebody takes up a job, and the last of the reserve list is admitted by an offer.
    fn fill_in_may(&self, leaving: &str) -> String {
        let api = &self.replay.api;
        self.replay.end(leaving, "employed", "2016-05-10");
        let offers = self.offered("2016-05-11");
        assert_eq!((offers.len(), &offers[0]["applicationId"]), (1, &json!(self.applications[OUTSIDE])));
        let admission = json!({ "offerId": offers[0]["id"], "acceptedOn": "2016-05-13", "startsOn": "2016-05-16" });
        let admitted = api.post("/participations", &admission).expect(201);
        assert_eq!(admitted["replacesId"], json!(leaving), "by an offer as by a substitution");
        let left = api.get(&format!("/participations/{leaving}")).expect(200);
        assert_eq!(left["replacedById"], admitted["id"]);
        admitted["id"].as_str().expect("an id").to_owned()
    }

    /// Offers the seat that fell free before the start: the first refuses, the second takes it.
    fn fill(&self) -> String {
        let api = &self.replay.api;
        self.replay.withdraw(&self.applications[SELECTED[0]], "employed", "2016-02-25");
        let offers = self.offered("2016-02-26");
        assert_eq!((offers.len(), &offers[0]["applicationId"]), (1, &json!(self.applications[EMPLOYED])));
        let refusal = json!({ "reason": "notInterested", "effectiveOn": "2016-02-27" });
        let path = |offer: &Value, act: &str| format!("/offers/{}/{act}", offer.as_str().expect("an id"));
        let refused = api.post(&path(&offers[0]["id"], "refusal"), &refusal).expect(200);
        let next = refused["nextOfferId"].clone();
        let accepted = api.post(&path(&next, "acceptance"), &json!({ "effectiveOn": "2016-02-29" })).expect(200);
        assert_eq!(accepted["applicationId"], json!(self.applications[FARMER_OUTSIDE]));
        next.as_str().expect("an id").to_owned()
    }
}

#[test]
fn farmers_the_employed_and_people_outside_assistance_of_whom_an_appeal_lets_some_in() {
    let app = TestApp::start();
    let mut project = Project::recruits(&app);
    project.assess();
    project.decide();
    let offer = project.fill();
    let (replay, path) = (&project.replay, format!("/editions/{}", project.edition));
    let mut places: Vec<String> =
        SELECTED[1..].iter().map(|number| replay.admit(&project.applications[*number], EDITION.0)).collect();
    let admitted = replay.api.post("/participations", &json!({ "offerId": offer, "startsOn": EDITION.0 })).expect(201);
    assert_eq!(admitted["replacesId"], Value::Null, "who withdrew before the start had no place yet");
    places.push(admitted["id"].as_str().expect("an id").to_owned());
    places[2] = project.fill_in_may(&places[2]);
    for participation in &places {
        replay.end(participation, "completed", EDITION.1);
    }
    replay.state(&project.edition, &["applications", "participations", "employment"], "complete", "2017-03-15");

    replay.expect(&path, &counted_by_hand());
    let candidates = replay.figure(&path, "M-01");
    assert_eq!(groups(&candidates, "sex"), json!({ "female": 9, "male": 9, "unknown": 0 }));
    assert_eq!(
        groups(&candidates, "decision"),
        json!({ "selected": 12, "reserve": 3, "rejected": 3, "undecided": 0, "withdrawnUndecided": 0 })
    );
    // Twelve by the decision and two who came from the reserve list.
    assert_eq!(
        groups(&candidates, "stage"),
        json!({ "applied": 18, "decided": 18, "selected": 14, "started": 13, "completed": 12 })
    );
    assert_eq!(groups(&replay.figure(&path, "M-02"), "reason")["employed"], json!(1));
}

/// 184 days; eleven to the end, one of 71 days and one of 108 in its place: 2203 of 2208 days.
fn counted_by_hand() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("M-01", json!(18), "ok"),
        ("M-01.of_planned_places", json!("1.500000"), "ok"),
        ("M-02", json!(1), "ok"),
        ("M-03.selected", json!(12), "ok"),
        ("M-03.reserve", json!(3), "ok"),
        ("M-03.rejected", json!(3), "ok"),
        ("M-03.undecided", json!(0), "ok"),
        ("M-03.selection_rate", json!("0.666667"), "ok"),
        ("M-03.placed", json!(13), "ok"),
        ("M-03.never_placed", json!(1), "ok"),
        ("M-05", json!(12), "ok"),
        ("M-06", json!(13), "ok"),
        ("M-06.of_planned_places", json!("1.083333"), "ok"),
        ("M-07", json!(1), "ok"),
        ("M-08.peak", json!(12), "ok"),
        ("M-08.seat_fill", json!("0.997736"), "ok"),
        ("M-09", json!(12), "ok"),
        ("M-10", json!(13), "ok"),
        ("M-11.strict", json!("0.923077"), "ok"),
        ("M-11.inclusive", json!("1.000000"), "ok"),
        ("M-12", json!(0), "ok"),
        ("M-21.at_recruitment", json!(1), "ok"),
        ("M-21.during", json!(1), "ok"),
        ("M-22.during.of_ever_started", json!("0.076923"), "ok"),
    ]
}
