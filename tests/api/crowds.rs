//! Crowds of candidates in one call: as few statements as with a handful, the same reasons, and a stated limit.

use crate::ranking::Recruitment;
use crate::support::statements::{count, counted};
use crate::support::{TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// Enters candidates of an edition with the usual facts, past the API; those `waiting` stand on the reserve list.
fn crowd(app: &TestApp, edition: Uuid, how_many: usize, waiting: bool) {
    let (state, decision, on, position) = if waiting {
        ("'reserve'", "'reserve'", "'2020-10-10'::date", "i")
    } else {
        ("'applied'", "NULL", "NULL::date", "NULL::integer")
    };
    let fact = "kind, value, valid_from_on, source, source_kind, evidence_on";
    build::enter(
        app,
        &format!(
            "CREATE TEMPORARY TABLE crowd AS SELECT i, gen_random_uuid() AS person, gen_random_uuid() AS application
               FROM generate_series(1, {how_many}) AS g (i);
             INSERT INTO people (id, sex, birth_year) SELECT person, CASE WHEN i % 3 = 0 THEN 'male' ELSE 'female' END, 1950 + i % 50 FROM crowd;
             INSERT INTO person_facts (id, person_id, {fact})
             SELECT gen_random_uuid(), person, f.kind, f.value, '2015-01-01', 'PUP w Przykładowie', 'labourOffice', '2020-09-20' FROM crowd,
                LATERAL (VALUES ('registeredUnemployed', 'true'), ('benefitRight', 'false'), ('socialAssistance', 'true'),
                    ('unemployedSince', (date '2012-01-01' + i % 3000)::text), ('disability', CASE WHEN i % 4 = 0 THEN 'true' ELSE 'false' END),
                    ('residence', CASE WHEN i % 5 = 0 THEN '1013032' ELSE '1013011' END)) AS f (kind, value);
             INSERT INTO applications (id, edition_id, person_id, received_on, received_precision, outside_recruitment,
                                       state, decision, decided_on, reserve_position)
             SELECT application, '{edition}', person, '2020-10-01', 'day', false, {state}, {decision}, {on}, {position} FROM crowd ORDER BY i;
             INSERT INTO application_events (id, application_id, kind, effective_on, reserve_position)
             SELECT gen_random_uuid(), application, {state}, coalesce({on}, '2020-10-01'), {position} FROM crowd;
             ANALYZE person_facts; ANALYZE applications; ANALYZE application_events; ANALYZE people"
        ),
    );
}

/// How many people a run looks at, which can be asked for more than every run should take.
fn many(usual: usize) -> usize {
    std::env::var("PAI_CROWD").ok().and_then(|many| many.parse().ok()).unwrap_or(usual)
}

/// Statements that a call takes, and its answer.
fn statements(app: &TestApp, call: impl FnOnce() -> Value) -> (usize, Value) {
    let before = counted(&app.service_url);
    let start = std::time::Instant::now();
    let answer = call();
    println!("{:?}", start.elapsed());
    (counted(&app.service_url) - before, answer)
}

#[test]
fn filling_two_hundred_seats_takes_as_many_statements_as_filling_two() {
    count();
    let app = TestApp::start();
    let waiting = many(1500);
    let edition = build::edition(&app, "2020-11-02", "2020-12-31", 1000);
    crowd(&app, edition, waiting, true);
    let api = app.api(Role::Coordinator);
    let fill = |most: usize, on: &str| {
        statements(&app, || {
            let body = json!({ "effectiveOn": on, "atMost": most });
            api.post(&format!("/editions/{edition}/offers"), &body).expect(200)
        })
    };
    let few = fill(2, "2020-11-02").0;
    let (many, filled) = fill(200, "2020-11-02");
    assert_eq!(filled["offers"].as_array().expect("offers").len(), 200);
    assert_eq!((&filled["seats"]["offered"], many), (&json!(202), few), "{few} statements for two offers");
    assert!(many <= 20, "{many} statements");

    // What is told of each is what would be told had they been made one by one.
    let last = &filled["offers"][199];
    let last = api.get(&format!("/offers/{}", last["id"].as_str().expect("an id"))).expect(200);
    let passed = last["grounds"]["passed"].as_array().expect("candidates");
    let positions: Vec<i64> = passed.iter().filter_map(|one| one["position"].as_i64()).collect();
    assert_eq!(positions, (1..=201).collect::<Vec<i64>>());
    assert!(passed.iter().all(|one| one["reason"] == "hasOffer" && one["since"] == "2020-11-02"));
    assert_eq!((&last["grounds"]["position"], &last["grounds"]["seats"]["offered"]), (&json!(202), &json!(201)));

    // All of them run out at once, in as many statements.
    let (expiring, filled) = fill(300, "2020-11-20");
    assert_eq!(filled["expiredOfferIds"].as_array().expect("ids").len(), 202);
    assert_eq!(filled["offers"][0]["cause"], "offerExpired");
    assert!(expiring <= few + 1, "{expiring} statements for {few}");
}

#[test]
fn a_smaller_plan_takes_hundreds_of_offers_back_in_one_statement() {
    count();
    let app = TestApp::start();
    let edition = build::edition(&app, "2020-11-02", "2020-12-31", 150);
    crowd(&app, edition, 150, true);
    let api = app.api(Role::Coordinator);
    let fill = json!({ "effectiveOn": "2020-11-02" });
    api.post(&format!("/editions/{edition}/offers"), &fill).expect(200);
    let revise = |places: usize| {
        let body = json!({ "effectiveOn": "2020-11-02", "places": places, "reason": "Zmiana środków" });
        statements(&app, || {
            let version = api.get(&format!("/editions/{edition}"));
            let api = api.with("If-Match", version.header("ETag"));
            api.post(&format!("/editions/{edition}/plan-revisions"), &body).expect(201)
        })
    };
    let (one, _) = revise(149);
    let (many, _) = revise(20);
    assert_eq!(one, many);
    let open = api.get(&format!("/editions/{edition}/offers?state=open&limit=200")).expect(200);
    let open = open["items"].as_array().expect("offers").clone();
    assert_eq!(open.len(), 20);
    let list = api.get(&format!("/editions/{edition}/waiting-list?effectiveOn=2020-11-02")).expect(200);
    assert_eq!(list["seats"]["offered"], 20);
    assert_eq!(list["candidates"][19]["passed"], "hasOffer", "the first keep theirs");
    assert_eq!((&list["candidates"][20]["order"], &list["candidates"][20]["turn"]), (&json!(1), &json!(null)));
}

#[test]
fn ranking_thousands_takes_as_many_statements_as_ranking_a_few() {
    count();
    let app = TestApp::start();
    let few = Recruitment::of(&app, 10);
    crowd(&app, few.edition, 10, false);
    let crowded = Recruitment::of(&app, 500);
    crowd(&app, crowded.edition, many(1200), false);
    let body = json!({ "effectiveOn": "2020-10-08", "reservePlaces": 1000 });
    // The first call on a connection learns the types of the database, too.
    few.rank(&body);
    let (for_few, _) = statements(&app, || few.rank(&body));
    let (for_many, protocol) = statements(&app, || crowded.rank(&body));
    assert_eq!(protocol["counts"]["basic"], 500);
    assert_eq!(for_many, for_few);
    assert!(for_many <= 30, "{for_many} statements");
    let path = format!("/ranking-protocols/{}/verification", protocol["id"].as_str().expect("an id"));
    let verified = crowded.coordinator.get(&path).expect(200);
    assert_eq!((&verified["verified"], &verified["rowsAgree"]), (&json!(true), &json!(true)));
}

#[test]
fn more_than_one_call_can_rank_are_refused_before_the_work() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 10);
    crowd(&app, recruitment.edition, 20_001, false);
    let path = format!("/editions/{}/ranking-protocols?dryRun=true", recruitment.edition);
    let refused =
        recruitment.api.post(&path, &json!({ "effectiveOn": "2020-10-08" })).refused(422, "recruitment.too_many_to_rank");
    assert_eq!((&refused["applications"], &refused["most"]), (&json!(20_001), &json!(20_000)));
}
