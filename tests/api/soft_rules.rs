//! Soft rules: refused with all of them named, passed with a reason, and told afterwards.

use crate::eligibility::Candidate;
use crate::support::reserve::Reserve;
use crate::support::{TestApp, build};
use pai::platform::examples;
use pai::platform::policy::Role;
use serde_json::{Value, json};

fn overrides(api: &crate::support::Api, edition: impl std::fmt::Display) -> Vec<Value> {
    let figures = api.get(&format!("/editions/{edition}/figures")).expect(200);
    figures["overrides"].as_array().expect("overrides").clone()
}

#[test]
fn an_override_names_every_rule_that_it_passes() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    let tired = build::person(&app);
    for (from, to) in [("2015-01-01", "2015-03-31"), ("2016-01-01", "2016-03-31")] {
        let edition = build::edition(&app, from, to, 5);
        run.api.post("/participations", &json!({ "editionId": edition, "personId": tired, "startsOn": from })).expect(201);
    }
    let mut who = json!({ "editionId": run.edition, "personId": tired });
    let refused = run.admit(&who, "2020-11-02").refused(422, "participation.cumulative_limit");
    let rules = json!(["participation.cumulative_limit", "participation.no_free_seat"]);
    assert_eq!(refused["rules"], rules, "whoever gives a reason knows what for");
    who["override"] = json!({ "reason": "Zgoda kierownika" });
    let admitted = run.admit(&who, "2020-11-02").expect(201);
    assert_eq!((&admitted["overrideReason"], &admitted["overrideRules"]), (&json!("Zgoda kierownika"), &rules));
    let told = overrides(&run.api, run.edition);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["by"], &told[0]["participationId"], &told[0]["rules"], &told[0]["on"]),
        (&json!("admission"), &admitted["id"], &rules, &json!("2020-11-02"))
    );
    // A reason that was not needed is not kept.
    let free = build::edition(&app, "2021-01-01", "2021-02-28", 5);
    let person = build::person(&app);
    let needless = json!({ "editionId": free, "personId": person, "startsOn": "2021-01-04", "override": { "reason": "Na wszelki wypadek" } });
    let admitted = run.api.post("/participations", &needless).expect(201);
    assert_eq!((&admitted["overrideReason"], &admitted["overrideRules"]), (&Value::Null, &Value::Null));
}

#[test]
fn whoever_was_assessed_as_not_eligible_gets_a_place_only_by_a_reason() {
    let app = TestApp::start();
    let candidate = Candidate::under(&app, examples::REGIME);
    for (kind, value) in [("registeredUnemployed", "true"), ("benefitRight", "true"), ("socialAssistance", "true")] {
        candidate.fact(kind, value, &json!({}));
    }
    let assessment = candidate.assess("2020-10-05");
    assert_eq!(assessment["outcome"], "ineligible");
    let path = format!("/applications/{}/decisions", candidate.application);
    let decide = |decision: &str, more: &Value| {
        let mut body = json!({ "decision": decision, "effectiveOn": "2020-10-06", "reason": "Kryteria porozumienia" });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        candidate.api.post(&path, &body)
    };
    for decision in ["selected", "reserve"] {
        let refused = decide(decision, &json!({})).refused(422, "recruitment.assessed_ineligible");
        assert_eq!((&refused["assessmentId"], &refused["errors"][0]["pointer"]), (&assessment["id"], &json!("/assessmentId")));
    }
    decide("rejected", &json!({ "rejectionReason": "notEligible" })).expect(200);
    let selected = decide("selected", &json!({ "override": { "reason": "Prawo do zasiłku wygasa jutro" } })).expect(200);
    assert_eq!(selected["state"], "selected");
    let history = candidate.api.get(&format!("/applications/{}/events", candidate.application)).expect(200);
    let step = history["items"].as_array().and_then(|steps| steps.last()).expect("a step").clone();
    assert_eq!(
        (&step["overrideReason"], &step["overrideRules"]),
        (&json!("Prawo do zasiłku wygasa jutro"), &json!(["recruitment.assessed_ineligible"]))
    );
    let edition = selected["editionId"].as_str().expect("an id");
    let told = overrides(&app.api(Role::Coordinator), edition);
    assert_eq!((&told[0]["by"], &told[0]["applicationId"]), (&json!("decision"), &json!(candidate.application)));
    assert_eq!(overrides(&app.api(Role::Statistician), edition), Vec::<Value>::new(), "it is about one candidate");
    // What is met since takes the place of the finding.
    let lapsed = json!({ "kind": "benefitRight", "value": "false", "from": "2020-10-07", "source": "PUP w Przykładowie" });
    candidate.api.post(&format!("/people/{}/facts", candidate.person), &lapsed).expect(201);
    assert_eq!(candidate.assess("2020-10-08")["outcome"], "eligible");
    let again = json!({ "decision": "reserve", "effectiveOn": "2020-10-09", "reason": "Kryteria porozumienia" });
    candidate.api.post(&path, &again).expect(200);
}

#[test]
fn a_plan_that_leaves_fewer_places_than_people_asks_for_a_reason() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 3, 0, false);
    run.end(2, "2020-11-20").expect(200);
    let revise = |places: i32, on: &str, more: &Value| {
        let etag = run.api.get(&format!("/editions/{}", run.edition)).header("etag").to_owned();
        let mut body = json!({ "effectiveOn": on, "places": places, "reason": "Mniej środków" });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        run.api.with("If-Match", &etag).post(&format!("/editions/{}/plan-revisions", run.edition), &body)
    };
    revise(2, "2020-11-23", &json!({})).expect(201);
    let refused = revise(1, "2020-12-01", &json!({})).refused(409, "recruitment.places_taken");
    assert_eq!(
        (&refused["day"], &refused["places"], &refused["taken"], &refused["errors"][0]["pointer"]),
        (&json!("2020-12-01"), &json!(1), &json!(2), &json!("/places"))
    );
    let revised = revise(1, "2020-12-01", &json!({ "override": { "reason": "Umowa z urzędem pracy" } })).expect(201);
    assert_eq!(
        (&revised["overrideReason"], &revised["overrideRules"]),
        (&json!("Umowa z urzędem pracy"), &json!(["recruitment.places_taken"]))
    );
    let told = overrides(&run.api, run.edition);
    assert!(told.is_empty() || told[0]["by"] == "planRevision", "{told:?}");
    revise(2, "2020-12-10", &json!({})).expect(201);
}
