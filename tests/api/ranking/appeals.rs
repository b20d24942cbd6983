//! An appeal against a ranking: the same document computed again, and a protocol in the place of the first.

use super::{Recruitment, id, rules, shown};
use crate::support::{Answer, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// A ranking of one place, adopted, and whoever stands in it.
struct Ranked<'a> {
    recruitment: &'a Recruitment,
    protocol: Value,
    /// Selected with 15 points.
    first: String,
    /// First on the reserve list with 14 points.
    second: String,
    /// Second on it with 5 points.
    third: String,
    /// Rejected as not eligible.
    entitled: String,
}

impl<'a> Ranked<'a> {
    fn of(recruitment: &'a Recruitment) -> Self {
        let first = recruitment.candidate("female", 1990, "2020-10-01", &[]);
        let facts = [("unemployedSince", "2019-09-01"), ("residence", "1013032")];
        let second = recruitment.candidate("male", 1990, "2020-10-01", &facts);
        let third = recruitment.candidate("male", 1990, "2020-10-01", &[("disability", "true")]);
        let entitled = recruitment.candidate("male", 1990, "2020-10-01", &[("benefitRight", "true")]);
        let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
        recruitment.adopt(&protocol, "2020-10-09").expect(200);
        Self { recruitment, protocol, first, second, third, entitled }
    }

    fn lodge(&self, protocol: &Value, application: &str, on: &str) -> Answer {
        let body = json!({ "applicationId": application, "lodgedOn": on, "reason": "Nie uwzględniono rozmowy" });
        self.recruitment.api.post(&format!("/ranking-protocols/{}/appeals", id(protocol)), &body)
    }

    fn decide(&self, appeal: &Value, more: &Value) -> Answer {
        let mut body = json!({ "outcome": "upheld", "decidedOn": "2020-10-14", "reason": "Rozmowa odbyła się w terminie" });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        self.recruitment.api.post(&format!("/ranking-appeals/{}/decision", id(appeal)), &body)
    }

    fn stands(&self, application: &str) -> [Value; 2] {
        let application = self.recruitment.application(application);
        ["state", "reservePosition"].map(|name| application[name].clone())
    }

    fn steps(&self, application: &str) -> Vec<Value> {
        let history = self.recruitment.api.get(&format!("/applications/{application}/events")).expect(200);
        history["items"].as_array().expect("steps").clone()
    }
}

fn motivation(points: &str) -> Value {
    json!([{ "criterion": "motivation", "points": points, "reason": "Rozmowa z 7 października" }])
}

#[test]
fn an_upheld_appeal_makes_a_protocol_that_says_what_it_replaces() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let ranked = Ranked::of(&recruitment);
    let late = recruitment.candidate("female", 1960, "2020-10-10", &[]);
    recruitment.adopt(&recruitment.rank(&json!({ "effectiveOn": "2020-10-10", "places": 0 })), "2020-10-10").expect(200);
    let appeal = ranked.lodge(&ranked.protocol, &ranked.second, "2020-10-12").expect(201);
    assert_eq!((&appeal["decision"], &appeal["protocolId"]), (&Value::Null, &ranked.protocol["id"]));

    // What is recorded and stated later says nothing of the day of the ranking.
    let person = recruitment.application(&ranked.second)["personId"].as_str().expect("a person").to_owned();
    let fact = json!({ "kind": "disability", "value": "true", "from": "2015-01-01", "source": "PUP" });
    recruitment.api.post(&format!("/people/{person}/facts"), &fact).expect(201);
    let mut stricter = rules();
    stricter["content"]["minimumPoints"] = json!("90");
    recruitment.coordinator.post(&format!("/editions/{}/scoring-rules", recruitment.edition), &stricter).expect(201);
    let decided = ranked.decide(&appeal, &json!({ "points": motivation("4.5") })).expect(200)["decision"].clone();
    assert_eq!(
        (&decided["found"]["points"], &decided["found"]["list"], &decided["found"]["rank"]),
        (&json!("18.50"), &json!("basic"), &json!(1))
    );
    let protocol =
        recruitment.api.get(&format!("/ranking-protocols/{}", decided["newProtocolId"].as_str().expect("an id"))).expect(200);
    assert_eq!((&protocol["number"], &protocol["replacesId"]), (&json!(3), &ranked.protocol["id"]));
    assert_eq!((&protocol["rulesId"], &protocol["effectiveOn"]), (&ranked.protocol["rulesId"], &json!("2020-10-08")));
    let expected = json!([
        [ranked.second, "basic", "18.50"],
        [ranked.first, "reserve", "15.00"],
        [ranked.third, "reserve", "5.00"],
        [ranked.entitled, "rejected", "0.00"]
    ]);
    assert_eq!(shown(&protocol), expected);
    let kept = json!([{ "code": "recruitment.promised_places_kept", "applications": 1 }]);
    assert_eq!(protocol["warnings"], kept);
    assert_eq!(recruitment.read(&protocol, "/verification")["verified"], true);
    assert_eq!(recruitment.read(&protocol, "/inputs")["inputs"]["replacesNumber"], 1);
    assert_eq!(recruitment.read(&protocol, "/publication")["replacesNumber"], 1);
    assert_eq!(recruitment.read(&ranked.protocol, "")["replacedById"], protocol["id"]);
    assert!(recruitment.read(&ranked.protocol, "/inputs")["inputs"].get("replacesNumber").is_none());

    // Nothing is decided before the adoption, and then only what has changed.
    assert_eq!(ranked.stands(&ranked.second), [json!("reserve"), json!(1)]);
    let before = ranked.steps(&ranked.entitled).len();
    recruitment.adopt(&protocol, "2020-10-13").refused(422, "recruitment.out_of_order");
    recruitment.adopt(&protocol, "2020-10-15").expect(200);
    assert_eq!(ranked.stands(&ranked.second), [json!("selected"), Value::Null]);
    assert_eq!(ranked.stands(&ranked.first), [json!("selected"), Value::Null], "a promised place is kept");
    assert_eq!(ranked.stands(&ranked.third), [json!("reserve"), json!(1)]);
    assert_eq!(ranked.stands(&late), [json!("reserve"), json!(3)], "who was put on the list later stays behind");
    let noted = ranked.steps(&ranked.entitled);
    assert_eq!(noted.len(), before, "nothing has changed: {noted:?}");
    // The first protocol supports nothing any more; a later ranking counts the points that were put right.
    let by_first = json!({ "decision": "selected", "effectiveOn": "2020-10-16", "reason": "Miejsce", "rankingProtocolId": id(&ranked.protocol) });
    let path = format!("/applications/{}/decisions", ranked.third);
    recruitment.api.post(&path, &by_first).refused(422, "recruitment.protocol_says_otherwise");
    let points = recruitment.api.get(&format!("/applications/{}/manual-points", ranked.second)).expect(200);
    assert_eq!(points["items"][0]["points"], "4.50");
}

#[test]
fn appeals_go_on_from_each_other_and_make_room_on_the_reserve_list() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 0);
    let mut least = rules();
    least["content"]["minimumPoints"] = json!("5");
    recruitment.coordinator.post(&format!("/editions/{}/scoring-rules", recruitment.edition), &least).expect(201);
    let few = recruitment.candidate("male", 1990, "2020-10-02", &[]);
    let ranked = Ranked::of(&recruitment);
    let late = recruitment.candidate("male", 1990, "2020-10-10", &[("disability", "true")]);
    recruitment.adopt(&recruitment.rank(&json!({ "effectiveOn": "2020-10-10" })), "2020-10-10").expect(200);
    assert_eq!((ranked.stands(&few), ranked.stands(&late)), ([json!("rejected"), Value::Null], [json!("reserve"), json!(4)]));
    let lodge = |application: &str| ranked.lodge(&ranked.protocol, application, "2020-10-12").expect(201);
    let (of_third, of_few) = (lodge(&ranked.third), lodge(&few));
    let uphold = |appeal: &Value| {
        let decided = ranked.decide(appeal, &json!({ "points": motivation("5") })).expect(200);
        let made = decided["decision"]["newProtocolId"].as_str().expect("an id").to_owned();
        recruitment.api.get(&format!("/ranking-protocols/{made}")).expect(200)
    };
    let (after_third, after_few) = (uphold(&of_third), uphold(&of_few));
    assert_eq!(after_few["replacesId"], after_third["id"]);
    let expected = json!([
        [ranked.first, "reserve", "15.00"],
        [ranked.second, "reserve", "14.00"],
        [ranked.third, "reserve", "10.00"],
        [few, "reserve", "5.00"],
        [ranked.entitled, "rejected", "0.00"]
    ]);
    assert_eq!(shown(&after_few), expected, "the points of both");
    let replaced = recruitment.adopt(&after_third, "2020-10-15").refused(409, "recruitment.protocol_replaced");
    assert_eq!(replaced["protocolId"], after_few["id"]);
    let list = format!("/editions/{}/waiting-list?effectiveOn=2020-10-14", recruitment.edition);
    let waited = recruitment.coordinator.get(&list).expect(200);
    assert_eq!(waited["candidates"].as_array().map(Vec::len), Some(4));
    recruitment.adopt(&after_few, "2020-10-15").expect(200);
    let standing = |list: &Value| {
        let candidates = list["candidates"].as_array().expect("a list").clone();
        candidates.into_iter().filter(|one| one["passed"] != "listedLater").collect::<Vec<_>>()
    };
    assert_eq!(standing(&recruitment.coordinator.get(&list).expect(200)), standing(&waited), "the list of the day before stays");
    let reserve = |position: i32| [json!("reserve"), json!(position)];
    assert_eq!(
        [&ranked.first, &ranked.second, &ranked.third, &few, &late].map(|application| ranked.stands(application)),
        [1, 2, 3, 4, 5].map(reserve)
    );
    let moved = ranked.steps(&late).pop().expect("a step");
    assert_eq!((&moved["kind"], &moved["basis"], &moved["reservePosition"]), (&json!("reserve"), &json!("attested"), &json!(5)));
}

#[test]
fn what_is_no_appeal_and_no_correction_is_refused() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let ranked = Ranked::of(&recruitment);
    let pointer = |problem: &Value| problem["errors"][0]["pointer"].clone();
    recruitment.candidate("female", 1960, "2020-10-10", &[]);
    let draft = recruitment.rank(&json!({ "effectiveOn": "2020-10-10", "places": 0 }));
    let newcomer = draft["rows"][0]["applicationId"].as_str().expect("a row").to_owned();
    ranked.lodge(&draft, &newcomer, "2020-10-12").refused(409, "recruitment.ranking_appeal_not_possible");
    let on_basic =
        ranked.lodge(&ranked.protocol, &ranked.first, "2020-10-12").refused(409, "recruitment.ranking_appeal_not_possible");
    assert_eq!(on_basic["list"], "basic");
    let foreign = ranked.lodge(&ranked.protocol, &newcomer, "2020-10-12").refused(422, "platform.reference_not_found");
    assert_eq!(pointer(&foreign), "/applicationId");
    let early = ranked.lodge(&ranked.protocol, &ranked.second, "2020-10-08").refused(422, "recruitment.out_of_order");
    assert_eq!(early["earliest"], "2020-10-09");
    let appeal = ranked.lodge(&ranked.protocol, &ranked.second, "2020-10-12").expect(201);
    let again = ranked.lodge(&ranked.protocol, &ranked.second, "2020-10-13").refused(409, "recruitment.ranking_appealed_already");
    assert_eq!(again["appealId"], appeal["id"]);
    for (correction, code, at) in [
        (json!({}), "recruitment.appeal_corrections", "/outcome"),
        (json!({ "outcome": "dismissed", "points": motivation("3") }), "recruitment.appeal_corrections", "/points"),
        (json!({ "points": motivation("6") }), "recruitment.too_many_points", "/points/0/points"),
        (
            json!({ "points": [{ "criterion": "women", "points": "1", "reason": "Pomyłka" }] }),
            "recruitment.not_a_manual_criterion",
            "/points/0/criterion",
        ),
        (
            json!({ "exceptions": [{ "rule": "registeredUnemployed", "reason": "Pomyłka" }] }),
            "recruitment.exception_not_possible",
            "/exceptions/0/rule",
        ),
        (json!({ "decidedOn": "2020-10-11", "points": motivation("3") }), "recruitment.out_of_order", "/decidedOn"),
    ] {
        assert_eq!(pointer(&ranked.decide(&appeal, &correction).refused(422, code)), at, "{correction}");
    }
    let dismissed =
        ranked.decide(&appeal, &json!({ "outcome": "dismissed", "reason": "Rozmowa odbyła się po terminie" })).expect(200);
    assert_eq!(
        (&dismissed["decision"]["found"]["points"], &dismissed["decision"]["newProtocolId"]),
        (&json!("14.00"), &Value::Null)
    );
    ranked.decide(&appeal, &json!({ "points": motivation("3") })).refused(409, "recruitment.ranking_appeal_decided");
    let listed = recruitment.read(&ranked.protocol, "/appeals");
    assert_eq!(listed["items"][0]["decision"]["outcome"], "dismissed");
    app.other_api(Role::Coordinator).get(&format!("/ranking-appeals/{}", id(&appeal))).refused(404, "platform.not_found");
}

#[test]
fn nobody_is_worse_off_for_having_appealed_without_a_reason() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let first = recruitment.candidate("female", 1990, "2020-10-01", &[]);
    let appellant = recruitment.candidate("male", 1990, "2020-10-01", &[("disability", "true")]);
    let rival = recruitment.candidate("male", 1990, "2020-10-02", &[("disability", "true")]);
    let given = json!({ "criterion": "motivation", "points": "4", "reason": "Rozmowa", "givenOn": "2020-10-05" });
    recruitment.api.post(&format!("/applications/{appellant}/manual-points"), &given).expect(201);
    let given = json!({ "criterion": "motivation", "points": "3", "reason": "Rozmowa", "givenOn": "2020-10-05" });
    recruitment.api.post(&format!("/applications/{rival}/manual-points"), &given).expect(201);
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    recruitment.adopt(&protocol, "2020-10-09").expect(200);
    assert_eq!(shown(&protocol)[1], json!([appellant, "reserve", "9.00"]));
    assert_eq!(shown(&protocol)[0][0], json!(first));
    let body = json!({ "applicationId": appellant, "lodgedOn": "2020-10-12", "reason": "Nie uwzględniono rozmowy" });
    let appeal = recruitment.api.post(&format!("/ranking-protocols/{}/appeals", id(&protocol)), &body).expect(201);

    let decide = |rest: &str, more: &Value| {
        let mut body = json!({
            "outcome": "upheld", "decidedOn": "2020-10-14", "reason": "Punkty policzono na nowo", "points": motivation("1")
        });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        recruitment.api.post(&format!("/ranking-appeals/{}/decision{rest}", id(&appeal)), &body)
    };
    let lowered = decide("", &json!({})).refused(409, "recruitment.appeal_lowers");
    assert_eq!(lowered["errors"][0]["pointer"], "/override");
    assert_eq!(lowered["before"], json!({ "list": "reserve", "rank": 2, "points": "9.00" }));
    assert_eq!(lowered["found"], json!({ "list": "reserve", "rank": 3, "points": "6.00" }));
    // Fewer points in the same place lower nobody today, but they do in the next ranking.
    decide("", &json!({ "points": motivation("3.5") })).refused(409, "recruitment.appeal_lowers");
    let dismissing = json!({ "outcome": "dismissed", "points": [], "override": { "reason": "Dla pewności" } });
    let refused = decide("", &dismissing).refused(422, "recruitment.appeal_corrections");
    assert_eq!(refused["errors"][0]["pointer"], "/override");

    // What is tried shows both places, and records nothing.
    let tried = decide("?dryRun=true", &json!({ "points": motivation("5") })).expect(200)["decision"].clone();
    assert_eq!((&tried["before"]["points"], &tried["found"]["points"]), (&json!("9.00"), &json!("10.00")));
    let reason = json!({ "override": { "reason": "Punkty przyznano za dokument, który okazał się nieprawdziwy" } });
    let decided = decide("", &reason).expect(200)["decision"].clone();
    assert_eq!(decided["overrideReason"], reason["override"]["reason"]);
    let ranks = [&decided["before"]["rank"], &decided["found"]["rank"]];
    assert_eq!(ranks, [&json!(2), &json!(3)]);
    let audited = app.api(Role::Auditor).get("/audit-entries?operation=decide_ranking_appeal&order=newest").expect(200);
    assert_eq!(audited["items"][0]["overrideReason"], reason["override"]["reason"]);
}
