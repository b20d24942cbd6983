//! Editions with their plan, blocks, partners, hosts, events and statements.

use crate::support::{Api, TestApp};
use diesel::connection::SimpleConnection;
use pai::platform::examples;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// A programme with an agreement, to which editions can be added.
struct Frame {
    api: Api,
    programme: String,
    agreement: String,
}

impl Frame {
    fn new(api: Api) -> Self {
        let programme = api.post("/programmes", &json!({ "name": "PAI", "kind": "pai" })).id();
        let agreement = json!({ "kind": "implementation", "signedOn": "2020-07-22", "regimeId": examples::REGIME });
        let agreement = api.post("/agreements", &agreement).id();
        Self { api, programme, agreement }
    }

    fn body(&self, name: &str, starts_on: &str, ends_on: &str) -> Value {
        json!({
            "programmeId": self.programme, "agreementId": self.agreement, "name": name,
            "startsOn": starts_on, "endsOn": ends_on, "places": 9
        })
    }

    fn edition(&self) -> String {
        self.api.post("/editions", &self.body("I", "2020-10-15", "2020-12-14")).id()
    }
}

#[test]
fn an_edition_is_entered_with_its_plan_hosts_and_statements_in_one_call() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let api = &frame.api;
    let host = api.post("/hosts", &json!({ "name": "Biblioteka" })).id();
    let mut body = frame.body("I", "2020-10-15", "2020-12-14");
    body["startsPrecision"] = json!("derived");
    body["plannedCost"] = json!("5600");
    body["recruitment"] = json!({ "from": "2020-09-01", "to": "2020-09-30", "precision": "month" });
    body["hostIds"] = json!([host, host]);
    body["hostsExhaustive"] = json!(false);
    body["collectionStatements"] =
        json!([{ "kind": "applications", "completeness": "complete", "statedBy": "koordynator", "statedOn": "2020-12-18" }]);
    let made = api.post("/editions", &body);
    let path = format!("/editions/{}", made.id());
    let view = made.expect(201);
    assert_eq!((&view["places"], &view["firstPlaces"], &view["plannedCost"]), (&json!(9), &json!(9), &json!("5600.00")));
    assert_eq!((&view["warnings"], &view["regimeId"]), (&json!([]), &json!(examples::REGIME)));
    assert_eq!(view["recruitment"], json!({ "from": "2020-09-01", "to": "2020-09-30", "precision": "month" }));
    assert_eq!(api.get(&path).expect(200), view);
    assert_eq!(api.get(&format!("{path}/hosts")).expect(200), json!({ "exhaustive": false, "hostIds": [host], "version": 1 }));
    let plan = api.get(&format!("{path}/plan-revisions")).expect(200);
    assert_eq!((&plan["items"][0]["number"], &plan["items"][0]["effectiveOn"]), (&json!(1), &json!("2020-10-15")));
    let statements = api.get(&format!("{path}/collection-statements")).expect(200);
    assert_eq!(statements["items"][0]["completeness"], "complete");
    let other = frame.api.post("/programmes", &json!({ "name": "Inny", "kind": "other" })).id();
    let listed = |programme: &str| api.get(&format!("/editions?programmeId={programme}")).expect(200)["items"].clone();
    assert_eq!(listed(&frame.programme).as_array().map(Vec::len), Some(1));
    assert_eq!(listed(&other), json!([]));
}

#[test]
fn an_edition_that_cannot_be_is_refused_with_the_field() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let api = &frame.api;
    frame.edition();
    let statement = json!({ "kind": "money", "completeness": "partial", "statedBy": "OPS", "statedOn": "2021-01-02" });
    for (field, value, status, code, pointer) in [
        ("name", json!("I"), 409, "programmes.name_taken", "/name"),
        ("endsOn", json!("2020-10-14"), 422, "programmes.period_reversed", "/endsOn"),
        (
            "recruitment",
            json!({ "from": "2020-09-02", "to": "2020-09-01" }),
            422,
            "programmes.period_reversed",
            "/recruitment/to",
        ),
        ("plannedCost", json!("-1"), 422, "programmes.amount_negative", "/plannedCost"),
        ("places", json!(-1), 422, "platform.invalid_body", "/places"),
        ("plannedMonths", json!(0), 422, "platform.invalid_body", "/plannedMonths"),
        ("completionAttendancePercent", json!("100.01"), 422, "platform.invalid_body", "/completionAttendancePercent"),
        ("programmeId", json!(examples::PROGRAMME), 422, "platform.reference_not_found", "/programmeId"),
        ("agreementId", json!(examples::AGREEMENT), 422, "platform.reference_not_found", "/agreementId"),
        ("hostIds", json!([examples::HOST]), 422, "platform.reference_not_found", "/hostIds"),
        (
            "collectionStatements",
            json!([statement, statement]),
            422,
            "programmes.fact_kind_repeated",
            "/collectionStatements/1/kind",
        ),
        ("recruitment", json!({ "start": "2020-09-02" }), 422, "platform.invalid_body", "/recruitment/start"),
    ] {
        let mut body = frame.body("II", "2020-10-15", "2020-12-14");
        body[field] = value;
        let refused = api.post("/editions", &body).refused(status, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    let listed = api.get("/editions").expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "a refused edition leaves nothing behind");
}

#[test]
fn another_town_neither_sees_nor_uses_an_edition() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let path = format!("/editions/{}", frame.edition());
    let other = Frame::new(app.other_api(Role::Coordinator));
    for part in ["", "/plan-revisions", "/blocks", "/partners", "/hosts", "/events", "/collection-statements"] {
        other.api.get(&format!("{path}{part}")).refused(404, "platform.not_found");
    }
    let revision = json!({ "effectiveOn": "2020-11-01", "places": 1, "reason": "x" });
    let block = json!({ "kind": "integration", "name": "x" });
    let event = json!({ "kind": "meeting", "occurredOn": "2020-11-01" });
    let statements =
        json!({ "statements": [{ "kind": "money", "completeness": "partial", "statedBy": "x", "statedOn": "2020-11-01" }] });
    for (part, body) in
        [("plan-revisions", revision), ("blocks", block), ("events", event), ("collection-statements", statements)]
    {
        other.api.post(&format!("{path}/{part}"), &body).refused(404, "platform.not_found");
    }
    let hosts = json!({ "exhaustive": true, "hostIds": [] });
    other.api.put(&format!("{path}/hosts"), "\"1\"", &hosts).refused(404, "platform.not_found");
    for (field, id) in [("programmeId", &frame.programme), ("agreementId", &frame.agreement)] {
        let mut body = other.body("I", "2020-10-15", "2020-12-14");
        body[field] = json!(id);
        let refused = other.api.post("/editions", &body).refused(422, "platform.reference_not_found");
        assert_eq!(refused["errors"][0]["pointer"], format!("/{field}"));
    }
}

#[test]
fn warnings_name_what_the_plan_leaves_to_be_desired() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let api = &frame.api;
    let path = format!("/editions/{}", frame.edition());
    let block = json!({ "kind": "integration", "name": "Warsztaty", "plannedHours": "85" });
    let made = api.post(&format!("{path}/blocks"), &block);
    api.post(&format!("{path}/blocks"), &json!({ "kind": "activation", "name": "PSU", "weeklyHours": "10" })).expect(201);
    let warnings = api.get(&path).expect(200)["warnings"].clone();
    assert_eq!(warnings.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&warnings[0]["code"], &warnings[0]["weeklyAverage"]),
        (&json!("programmes.integration_weekly_minimum"), &json!("9.75"))
    );
    assert_eq!((&warnings[0]["numerator"], &warnings[0]["denominator"]), (&json!(595), &json!(61)));
    let mut fuller = block.clone();
    fuller["weeklyHours"] = json!("10");
    api.put(&format!("/blocks/{}", made.id()), "\"1\"", &fuller).expect(200);
    assert_eq!(api.get(&path).expect(200)["warnings"], json!([]));
    let short = api.post("/editions", &frame.body("II", "2018-05-07", "2018-06-29")).expect(201);
    assert_eq!(short["warnings"].as_array().map(Vec::len), Some(1));
    assert_eq!((&short["warnings"][0]["code"], &short["warnings"][0]["days"]), (&json!("programmes.edition_length"), &json!(54)));
}

#[test]
fn an_agreement_under_a_regime_of_another_time_gives_a_warning() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let early = json!({ "kind": "implementation", "signedOn": "2015-04-01", "regimeId": examples::REGIME });
    let mut body = frame.body("I", "2015-05-01", "2015-06-30");
    body["agreementId"] = json!(frame.api.post("/agreements", &early).id());
    let warnings = frame.api.post("/editions", &body).expect(201)["warnings"].clone();
    assert_eq!(warnings[0]["code"], "programmes.regime_not_in_force");
    assert_eq!((&warnings[0]["signedOn"], &warnings[0]["validFrom"]), (&json!("2015-04-01"), &json!("2019-06-14")));
}

#[test]
fn an_edition_is_changed_only_by_who_knows_its_version() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let api = &frame.api;
    let path = format!("/editions/{}", frame.edition());
    let change = json!({ "name": "I a", "startsOn": "2020-10-01", "endsOn": "2020-11-30", "interpreted": true });
    let changed = api.put(&path, "\"1\"", &change).expect(200);
    assert_eq!((&changed["name"], &changed["interpreted"], &changed["version"]), (&json!("I a"), &json!(true), &json!(2)));
    assert_eq!((&changed["places"], &changed["recruitment"]["from"]), (&json!(9), &json!(null)));
    api.put(&path, "\"1\"", &change).refused(412, "platform.precondition_failed");
    api.send("PUT", &path, Some(change.to_string())).refused(428, "platform.precondition_required");
    let mut with_places = change.clone();
    with_places["places"] = json!(10);
    let refused = api.put(&path, "\"2\"", &with_places).refused(422, "platform.invalid_body");
    assert_eq!(refused["errors"][0]["pointer"], "/places");
    app.api(Role::SocialWorker).put(&path, "\"2\"", &change).refused(403, "platform.forbidden");
}

#[test]
fn dates_are_not_moved_away_from_under_participations() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let edition = frame.edition();
    let path = format!("/editions/{edition}");
    // Participations are a later slice's; its rows are all that counts here.
    let mut conn = connect(&app.superuser_url).expect("a connection");
    let town = app.town.id;
    conn.batch_execute(&format!(
        "SET app.tenant = '{town}'; SET app.client = '{town}'; SET app.now = '2026-06-15T10:00:00Z';
         INSERT INTO people (id, sex) VALUES ('{town}', 'unknown');
         INSERT INTO participations (id, edition_id, person_id, starts_on, planned_end_on, state)
         VALUES ('{town}', '{edition}', '{town}', '2020-10-20', '2020-12-10', 'active')"
    ))
    .expect("a participation");
    let change = |starts_on: &str, ends_on: &str| json!({ "name": "I", "startsOn": starts_on, "endsOn": ends_on });
    for (starts_on, ends_on) in [("2020-10-21", "2020-12-14"), ("2020-10-15", "2020-12-09")] {
        let refused = frame.api.put(&path, "\"1\"", &change(starts_on, ends_on));
        let refused = refused.refused(409, "programmes.participations_outside");
        assert_eq!(refused["participations"], 1);
    }
    frame.api.put(&path, "\"1\"", &change("2020-10-20", "2020-12-10")).expect(200);
}

#[test]
fn plan_revisions_of_the_same_moment_get_distinct_numbers() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let path = format!("/editions/{}", frame.edition());
    let revisions = format!("{path}/plan-revisions");
    let refused = frame.api.post(&revisions, &json!({ "effectiveOn": "2020-11-01", "places": 10 }));
    assert_eq!(refused.refused(422, "platform.invalid_body")["errors"][0]["pointer"], "/reason");
    let workers: Vec<_> = (10..14)
        .map(|places| {
            let (api, revisions) = (frame.api.clone(), revisions.clone());
            let body = json!({ "effectiveOn": "2020-11-01", "places": places, "reason": "więcej środków" });
            std::thread::spawn(move || api.post(&revisions, &body).expect(201)["number"].as_i64())
        })
        .collect();
    let mut numbers: Vec<_> = workers.into_iter().map(|worker| worker.join().expect("an answer")).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [Some(2), Some(3), Some(4), Some(5)]);
    let all = frame.api.get(&revisions).expect(200);
    let last = all["items"].as_array().and_then(|items| items.iter().find(|item| item["number"] == 5)).expect("number 5").clone();
    let edition = frame.api.get(&path).expect(200);
    assert_eq!((&edition["places"], &edition["firstPlaces"]), (&last["places"], &json!(9)));
    let rehearsed =
        frame.api.post(&format!("{revisions}?dryRun=true"), &json!({ "effectiveOn": "2020-11-02", "places": 0, "reason": "x" }));
    assert_eq!(rehearsed.expect(200)["number"], 6);
    assert_eq!(frame.api.get(&path).expect(200)["places"], last["places"]);
}

#[test]
fn blocks_share_one_catalogue_of_themes() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let api = &frame.api;
    let blocks = format!("/editions/{}/blocks", frame.edition());
    let body = json!({
        "kind": "integration", "name": "Warsztaty", "providerKind": "own", "form": "group",
        "facilitatorProfessions": ["psycholog"], "plannedHours": "72", "weeklyHours": "9", "themes": ["asertywność", "motywacja"]
    });
    let made = api.post(&blocks, &body);
    let path = format!("/blocks/{}", made.id());
    assert_eq!(api.get(&path).expect(200), made.expect(201));
    api.post(&blocks, &body).refused(409, "programmes.name_taken");
    let mut second = body.clone();
    second["name"] = json!("Konsultacje");
    second["themes"] = json!(["motywacja", "stres", "motywacja"]);
    api.post(&blocks, &second).expect(201);
    assert_eq!(api.get("/themes").expect(200)["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(api.get(&blocks).expect(200)["items"].as_array().map(Vec::len), Some(2));
    let mut other_kind = body.clone();
    other_kind["kind"] = json!("activation");
    api.put(&path, "\"1\"", &other_kind).refused(422, "programmes.block_fixed");
    for (field, value, code) in [
        ("plannedHours", json!("0"), "programmes.hours_zero"),
        ("weeklyHours", json!("0"), "programmes.hours_zero"),
        ("providerPartnerId", json!(examples::PARTNER), "platform.reference_not_found"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let refused = api.put(&path, "\"1\"", &wrong).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], format!("/{field}"));
    }
    let other = app.other_api(Role::Coordinator);
    other.get(&path).refused(404, "platform.not_found");
    other.put(&path, "\"1\"", &body).refused(404, "platform.not_found");
    assert_eq!(other.get("/themes").expect(200)["items"], json!([]));
}

#[test]
fn hosts_are_replaced_under_the_version_of_the_edition() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let api = &frame.api;
    let hosts = format!("/editions/{}/hosts", frame.edition());
    let library = api.post("/hosts", &json!({ "name": "Biblioteka" })).id();
    let museum = api.post("/hosts", &json!({ "name": "Muzeum" })).id();
    let foreign = app.other_api(Role::Coordinator).post("/hosts", &json!({ "name": "Obcy" })).id();
    let set = api.put(&hosts, "\"1\"", &json!({ "exhaustive": false, "hostIds": [museum, library] }));
    assert_eq!(set.header("etag"), "\"2\"");
    assert_eq!(set.expect(200)["hostIds"].as_array().map(Vec::len), Some(2));
    api.put(&hosts, "\"1\"", &json!({ "exhaustive": true, "hostIds": [] })).refused(412, "platform.precondition_failed");
    let refused = api.put(&hosts, "\"2\"", &json!({ "exhaustive": true, "hostIds": [foreign] }));
    assert_eq!(refused.refused(422, "platform.reference_not_found")["errors"][0]["pointer"], "/hostIds");
    let set = api.put(&hosts, "\"2\"", &json!({ "exhaustive": true, "hostIds": [library] })).expect(200);
    assert_eq!(set, json!({ "exhaustive": true, "hostIds": [library], "version": 3 }));
}

#[test]
fn events_are_appended_and_partners_must_be_known() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let edition = format!("/editions/{}", frame.edition());
    let body =
        json!({ "kind": "councilOpinion", "occurredOn": "2020-07-01", "occurredPrecision": "month", "outcome": "pozytywna" });
    app.api(Role::SocialWorker).post(&format!("{edition}/events"), &body).expect(201);
    let events = frame.api.get(&format!("{edition}/events")).expect(200);
    assert_eq!(
        (&events["items"][0]["kind"], &events["items"][0]["occurredPrecision"]),
        (&json!("councilOpinion"), &json!("month"))
    );
    let unknown = json!({ "partnerId": examples::PARTNER, "role": "referring" });
    let refused = frame.api.post(&format!("{edition}/partners"), &unknown).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/partnerId");
    assert_eq!(frame.api.get(&format!("{edition}/partners")).expect(200)["items"], json!([]));
}

#[test]
fn a_statement_takes_the_place_of_the_earlier_one_which_stays_readable() {
    let app = TestApp::start();
    let frame = Frame::new(app.api(Role::Coordinator));
    let path = format!("/editions/{}/collection-statements", frame.edition());
    let state = |kind: &str, completeness: &str| json!({ "kind": kind, "completeness": completeness, "statedBy": "OPS", "statedOn": "2021-01-02" });
    let first = json!({ "statements": [state("employment", "notCollected"), state("money", "partial")] });
    assert_eq!(frame.api.post(&path, &first).expect(201)["statements"].as_array().map(Vec::len), Some(2));
    let workers: Vec<_> = ["partial", "complete", "notCollected", "complete"]
        .map(|completeness| {
            let (api, path, body) =
                (frame.api.clone(), path.clone(), json!({ "statements": [state("employment", completeness)] }));
            std::thread::spawn(move || api.post(&path, &body).expect(201))
        })
        .into_iter()
        .collect();
    for worker in workers {
        worker.join().expect("an answer");
    }
    let current = frame.api.get(&path).expect(200);
    assert_eq!(current["items"].as_array().map(Vec::len), Some(2));
    let all = frame.api.get(&format!("{path}?includeSuperseded=true")).expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(6));
    let twice = json!({ "statements": [state("money", "partial"), state("money", "complete")] });
    let refused = frame.api.post(&path, &twice).refused(422, "programmes.fact_kind_repeated");
    assert_eq!(refused["errors"][0]["pointer"], "/statements/1/kind");
    frame.api.post(&path, &json!({ "statements": [] })).refused(422, "platform.invalid_body");
}
