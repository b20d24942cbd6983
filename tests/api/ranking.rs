//! Scoring and ranking: rules, protocols that explain themselves and can be computed again, and their adoption.

mod adoption;
mod announcements;
mod appeals;
mod recomputed;

use crate::support::{Api, NOBODY, TestApp, build};
use pai::platform::examples;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// Points as projects of the European Social Fund give them.
fn rules() -> Value {
    json!({
        "legalSource": "Regulamin rekrutacji § 5",
        "content": {
            "criteria": [
                { "code": "women", "labelPl": "Kobiety", "labelEn": "Women", "points": "15", "source": "sex", "sex": "female" },
                { "code": "over12", "labelPl": "Bez pracy ponad 12 miesięcy", "labelEn": "Unemployed for over 12 months", "points": "10",
                  "source": "condition", "rule": "unemployedForMonths", "months": 12, "group": "length" },
                { "code": "over24", "labelPl": "Bez pracy ponad 24 miesiące", "labelEn": "Unemployed for over 24 months", "points": "15",
                  "source": "condition", "rule": "unemployedForMonths", "months": 24, "group": "length" },
                { "code": "over50", "labelPl": "Wiek 50+", "labelEn": "Aged 50 or over", "points": "10", "source": "ageAtLeast", "years": 50 },
                { "code": "disabled", "labelPl": "Niepełnosprawność", "labelEn": "Disability", "points": "5", "source": "condition", "rule": "disability" },
                { "code": "rural", "labelPl": "Obszar wiejski", "labelEn": "Rural area", "points": "4", "source": "condition",
                  "rule": "residence", "places": ["1013032"] },
                { "code": "motivation", "labelPl": "Motywacja", "labelEn": "Motivation", "points": "5", "source": "manual" }
            ],
            "groups": [{ "code": "length", "maxPoints": "15" }],
            "tieBreakers": [{ "rule": "unemployedLonger" }, { "rule": "morePointsIn", "criterion": "over50" }, { "rule": "receivedEarlier" }]
        }
    })
}

/// An edition from 2020-10-15 with scoring rules, and somebody who works on it.
pub struct Recruitment {
    pub edition: Uuid,
    pub api: Api,
    pub coordinator: Api,
}

impl Recruitment {
    pub fn of(app: &TestApp, places: i32) -> Self {
        let edition = build::edition(app, "2020-10-15", "2020-12-14", places);
        let coordinator = app.api(Role::Coordinator);
        coordinator.post(&format!("/editions/{edition}/scoring-rules"), &rules()).expect(201);
        Self { edition, api: app.api(Role::SocialWorker), coordinator }
    }

    /// Somebody who applies, with facts and the year of birth; who meets the conditions unless said otherwise.
    pub fn candidate(&self, sex: &str, born: i32, received: &str, facts: &[(&str, &str)]) -> String {
        let person = self.api.post("/people", &json!({ "sex": sex, "birthYear": born })).id();
        let usual = [("registeredUnemployed", "true"), ("benefitRight", "false"), ("socialAssistance", "true")];
        let unsaid = usual.iter().filter(|(kind, _)| facts.iter().all(|(said, _)| said != kind));
        for (kind, value) in unsaid.chain(facts).filter(|(_, value)| !value.is_empty()) {
            let from = if *kind == "unemployedSince" { value } else { "2015-01-01" };
            let fact = json!({ "kind": kind, "value": value, "from": from, "source": "PUP w Przykładowie", "sourceKind": "labourOffice", "evidenceOn": "2020-09-20" });
            self.api.post(&format!("/people/{person}/facts"), &fact).expect(201);
        }
        self.api.post("/applications", &json!({ "editionId": self.edition, "personId": person, "receivedOn": received })).id()
    }

    pub fn rank(&self, body: &Value) -> Value {
        self.api.post(&format!("/editions/{}/ranking-protocols", self.edition), body).expect(201)
    }

    pub fn adopt(&self, protocol: &Value, on: &str) -> crate::support::Answer {
        let body = json!({ "adoptedOn": on, "commissionMembers": 3, "reason": "Protokół komisji" });
        self.api.post(&format!("/ranking-protocols/{}/adoption", id(protocol)), &body)
    }

    fn application(&self, application: &str) -> Value {
        self.api.get(&format!("/applications/{application}")).expect(200)
    }

    fn read(&self, protocol: &Value, part: &str) -> Value {
        self.api.get(&format!("/ranking-protocols/{}{part}", id(protocol))).expect(200)
    }
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("an id")
}

/// Application, list and points of the rows that a protocol shows.
fn shown(protocol: &Value) -> Value {
    let rows = protocol["rows"].as_array().expect("rows");
    rows.iter().map(|row| json!([row["applicationId"], row["list"], row["points"]])).collect()
}

#[test]
fn a_protocol_ranks_by_points_and_keeps_apart_who_is_not_eligible() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 2);
    let man = recruitment.candidate("male", 1990, "2020-10-01", &[("unemployedSince", "2019-09-01")]);
    let woman = recruitment.candidate("female", 1960, "2020-10-05", &[("disability", "true"), ("residence", "1013032")]);
    let long = recruitment.candidate("male", 1990, "2020-10-06", &[("unemployedSince", "2017-01-01")]);
    let entitled = recruitment.candidate("female", 1960, "2020-10-02", &[("benefitRight", "true")]);
    let unknown = recruitment.candidate("female", 1960, "2020-10-03", &[("benefitRight", "")]);
    let late = recruitment.candidate("female", 1960, "2020-10-09", &[]);
    let rehearsed = recruitment.api.post(
        &format!("/editions/{}/ranking-protocols?dryRun=true", recruitment.edition),
        &json!({ "effectiveOn": "2020-10-08" }),
    );
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    assert_eq!(rehearsed.expect(200)["rows"], protocol["rows"]);
    assert_eq!((&protocol["number"], &protocol["places"]), (&json!(1), &json!(2)), "the places of the plan");
    let expected = json!([
        [woman, "basic", "34.00"],
        [long, "basic", "15.00"],
        [man, "reserve", "10.00"],
        [entitled, "rejected", "25.00"],
        [unknown, "undetermined", "25.00"]
    ]);
    assert_eq!(shown(&protocol), expected);
    assert_eq!(protocol["counts"], json!({ "basic": 2, "reserve": 1, "rejected": 1, "undetermined": 1 }));
    assert_eq!(recruitment.application(&woman)["state"], "applied", "a protocol decides nothing");
    let second = recruitment.rank(&json!({ "effectiveOn": "2020-10-09", "places": 1, "reservePlaces": 1 }));
    assert_eq!((&second["number"], second["rows"].as_array().map(Vec::len)), (&json!(2), Some(6)));
    assert_eq!(shown(&second)[1][0], json!(late), "who applied by the day is in");
    assert_eq!(second["rows"][3]["rejectionReason"], "noPlaces");
    let list = recruitment.api.get(&format!("/editions/{}/ranking-protocols", recruitment.edition)).expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(recruitment.read(&protocol, "")["rows"], protocol["rows"], "a protocol never changes");
}

#[test]
fn a_row_says_in_two_languages_which_fact_gave_which_points_and_who_is_ahead() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let first = recruitment.candidate("male", 1990, "2020-10-01", &[("unemployedSince", "2017-01-01")]);
    let second =
        recruitment.candidate("male", 1990, "2020-10-01", &[("unemployedSince", "2018-01-01"), ("disability", "refused")]);
    let given = json!({ "criterion": "motivation", "points": "3.5", "reason": "Chce wrócić do pracy", "givenOn": "2020-10-02" });
    for application in [&first, &second] {
        recruitment.api.post(&format!("/applications/{application}/manual-points"), &given).expect(201);
    }
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    let row = recruitment.read(&protocol, &format!("/rows/{second}"));
    assert_eq!((&row["rank"], &row["list"], &row["points"]), (&json!(2), &json!("reserve"), &json!("18.50")));
    let by = |code: &str| {
        let criteria = row["criteria"].as_array().expect("criteria");
        criteria.iter().find(|scored| scored["criterion"] == code).expect("a criterion").clone()
    };
    let fact = &by("over24")["facts"][0];
    assert_eq!(
        (&fact["value"], &fact["source"], &fact["evidenceOn"]),
        (&json!("2018-01-01"), &json!("PUP w Przykładowie"), &json!("2020-09-20"))
    );
    assert_eq!((&by("disabled")["cause"], &by("disabled")["points"]), (&json!("refused"), &json!("0.00")));
    assert_eq!(by("motivation")["reason"], "Chce wrócić do pracy");
    assert_eq!(row["groups"], json!([{ "group": "length", "points": "25.00", "counted": "15.00" }]));
    assert_eq!(
        row["behind"],
        json!({ "applicationId": first, "tieBreaker": { "rule": "unemployedLonger", "criterion": null }, "own": "2018-01-01", "before": "2017-01-01" })
    );
    let told = |row: &Value| row["explanation"].as_str().expect("words").to_owned();
    let polish = told(&row);
    for part in [
        "Lista rezerwowa: pozycja 2, punkty: 18,5.",
        "Bez pracy ponad 24 miesiące: punkty 15 z 15; początek nieprzerwanego bezrobocia: 01.01.2018; źródło: PUP w Przykładowie (urząd pracy) z dnia 20.09.2020.",
        "Niepełnosprawność: punkty 0 z 5 (odmówiono odpowiedzi)",
        "Za poprzednią osobą, bo rozstrzyga: Dłużej bez pracy (01.01.2018; poprzednia osoba: 01.01.2017).",
    ] {
        assert!(polish.contains(part), "{part}\n{polish}");
    }
    let english = recruitment.api.with("Accept-Language", "en");
    let english = told(&english.get(&format!("/ranking-protocols/{}/rows/{second}", id(&protocol))).expect(200));
    assert!(
        english
            .contains("Behind the one before, which is decided by: Unemployed longer (2018-01-01; the one before: 2017-01-01)."),
        "{english}"
    );
    let rows = recruitment.read(&protocol, "/rows?limit=1");
    assert_eq!(rows["items"][0]["applicationId"], json!(first));
    let next = rows["nextCursor"].as_str().expect("a second page");
    assert_eq!(recruitment.read(&protocol, &format!("/rows?limit=1&cursor={next}"))["items"][0]["applicationId"], json!(second));
    assert_eq!(recruitment.read(&protocol, "/rows?list=basic")["items"].as_array().map(Vec::len), Some(1));
    let missing = format!("/ranking-protocols/{}/rows/{}", id(&protocol), NOBODY);
    recruitment.api.get(&missing).refused(404, "platform.not_found");
}

#[test]
fn scoring_rules_are_versions_and_contradictions_are_refused_where_they_stand() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let path = format!("/editions/{}/scoring-rules", recruitment.edition);
    let mut wrong = rules();
    wrong["content"]["criteria"][3]["years"] = Value::Null;
    let problem = recruitment.coordinator.post(&path, &wrong).refused(422, "recruitment.scoring_rules");
    assert_eq!(problem["errors"][0]["pointer"], "/content/criteria/3/years");
    let mut next = rules();
    next["content"]["minimumPoints"] = json!("20");
    assert_eq!(recruitment.coordinator.post(&path, &next).expect(201)["version"], 2);
    let versions = recruitment.api.get(&path).expect(200);
    assert_eq!((&versions["items"][0]["version"], &versions["items"][0]["content"]["minimumPoints"]), (&json!(1), &Value::Null));
    let few = recruitment.candidate("male", 1990, "2020-10-01", &[]);
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    assert_eq!(
        protocol["rows"][0],
        json!({ "applicationId": few, "list": "rejected", "rank": null, "points": "0.00", "rejectionReason": "tooFewPoints" })
    );
    let bare = build::edition(&app, "2020-10-15", "2020-12-14", 1);
    let unscored = format!("/editions/{bare}/ranking-protocols");
    recruitment.api.post(&unscored, &json!({ "effectiveOn": "2020-10-08" })).refused(409, "recruitment.no_scoring_rules");
}

#[test]
fn workers_give_points_with_a_reason_up_to_the_number_stated() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let application = recruitment.candidate("male", 1990, "2020-10-01", &[]);
    let path = format!("/applications/{application}/manual-points");
    let give = |criterion: &str, points: &str, on: &str| {
        recruitment.api.post(&path, &json!({ "criterion": criterion, "points": points, "reason": "Rozmowa", "givenOn": on }))
    };
    assert_eq!(
        give("women", "5", "2020-10-02").refused(422, "recruitment.not_a_manual_criterion")["errors"][0]["pointer"],
        "/criterion"
    );
    assert_eq!(give("motivation", "5.5", "2020-10-02").refused(422, "recruitment.too_many_points")["most"], "5.00");
    give("motivation", "2", "2020-10-02").expect(201);
    give("motivation", "4.5", "2020-10-05").expect(201);
    let list = recruitment.api.get(&path).expect(200);
    assert!(list["items"][0]["supersededAt"].is_string() && list["items"][1]["supersededAt"].is_null(), "{list}");
    let points = |on: &str| recruitment.rank(&json!({ "effectiveOn": on }))["rows"][0]["points"].clone();
    assert_eq!((points("2020-10-04"), points("2020-10-05")), (json!("0.00"), json!("4.50")));
}

#[test]
fn a_publication_tells_lists_and_points_and_nothing_about_anybody() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let first = recruitment.candidate("female", 1960, "2020-10-01", &[("disability", "true")]);
    let second = recruitment.candidate("male", 1990, "2020-10-01", &[("benefitRight", "true")]);
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    let statistician = app.api(Role::Statistician);
    let published = statistician.get(&format!("/ranking-protocols/{}/publication", id(&protocol)));
    let text = published.text.clone();
    let published = published.expect(200);
    let label = |application: &str| recruitment.read(&protocol, &format!("/rows/{application}"))["label"].clone();
    assert_eq!(
        published["rows"],
        json!([
            { "rank": 1, "label": label(&first), "points": "30.00", "list": "basic" },
            { "rank": null, "label": label(&second), "points": null, "list": "rejected" }
        ])
    );
    assert_eq!((&published["adoptedOn"], &published["inputsSha256"]), (&Value::Null, &protocol["inputsSha256"]));
    for secret in [first.as_str(), &second, "disab", "benefit", "women", "notEligible", "1960"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    for part in ["", "/rows", "/inputs", "/verification"] {
        statistician.get(&format!("/ranking-protocols/{}{part}", id(&protocol))).refused(403, "platform.forbidden");
    }
    app.api(Role::Auditor).get(&format!("/ranking-protocols/{}/verification", id(&protocol))).expect(200);
    let foreign = app.other_api(Role::Coordinator);
    for part in ["", "/rows", "/inputs", "/verification", "/publication", &format!("/rows/{first}")] {
        foreign.get(&format!("/ranking-protocols/{}{part}", id(&protocol))).refused(404, "platform.not_found");
    }
    assert_ne!(examples::RANKING_PROTOCOL, id(&protocol));
}
