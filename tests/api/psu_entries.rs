//! The register of socially useful work.

use crate::support::TestApp;
use crate::support::scene::{Limits, Scene, TEN_A_WEEK};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn entry(participation: Uuid, day: &str, hours: &str) -> Value {
    json!({ "participationId": participation, "workedOn": day, "hours": hours, "kindOfWork": "porządkowe" })
}

#[test]
fn hours_are_recorded_read_and_listed() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let person = scene.person();
    let participation = scene.participation(edition, person);
    let host = scene.host();
    let api = app.api(Role::SocialWorker);
    let mut body = entry(participation, "2020-11-10", "2.5");
    body["hostId"] = json!(host);
    let made = api.post("/psu-entries", &body);
    let view = made.expect(201);
    let id = made.id();
    assert_eq!(made.header("location"), format!("/api/v1/psu-entries/{id}"));
    assert_eq!((&view["hours"], &view["personId"], &view["editionId"]), (&json!("2.50"), &json!(person), &json!(edition.id)));
    assert_eq!((&view["supersedesId"], &view["supersededAt"]), (&json!(null), &json!(null)));
    assert_eq!(api.get(&format!("/psu-entries/{id}")).expect(200), view);
    for (query, found) in [
        (format!("editionId={}", edition.id), 1),
        (format!("participationId={participation}&personId={person}&hostId={host}"), 1),
        ("from=2020-11-10&to=2020-11-10".to_owned(), 1),
        ("from=2020-11-11".to_owned(), 0),
        (format!("hostId={person}"), 0),
    ] {
        let list = api.get(&format!("/psu-entries?{query}")).expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(found), "{query}");
    }
    assert_eq!(scene.events("psu_entry.recorded"), 1);
    let other = app.other_api(Role::Coordinator);
    other.get(&format!("/psu-entries/{id}")).refused(404, "platform.not_found");
    let foreign =
        other.post("/psu-entries", &entry(participation, "2020-11-10", "1")).refused(422, "platform.reference_not_found");
    assert_eq!(foreign["errors"][0]["pointer"], "/participationId");
    let correction = json!({ "hours": "0", "reason": "x" });
    other.post(&format!("/psu-entries/{id}/correction"), &correction).refused(404, "platform.not_found");
}

#[test]
fn hours_over_the_weekly_limit_are_refused_with_what_remains() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (first, second) = (scene.edition(TEN_A_WEEK), scene.edition(TEN_A_WEEK));
    let person = scene.person();
    let (here, there) = (scene.participation(first, person), scene.participation(second, person));
    let api = app.api(Role::Coordinator);
    let alone = api.post("/psu-entries", &entry(here, "2020-11-16", "10.25")).refused(422, "participation.psu_weekly_limit");
    assert_eq!((&alone["usedHours"], &alone["remainingHours"]), (&json!("0.00"), &json!("10.00")));
    api.post("/psu-entries", &entry(here, "2020-11-09", "6")).expect(201);
    api.post("/psu-entries", &entry(there, "2020-11-15", "2.75")).expect(201);
    let refused = api.post("/psu-entries", &entry(here, "2020-11-12", "1.5")).refused(422, "participation.psu_weekly_limit");
    assert_eq!(refused["errors"][0]["pointer"], "/hours");
    for (member, value) in [
        ("week", "2020-W46"),
        ("limitHours", "10.00"),
        ("usedHours", "8.75"),
        ("remainingHours", "1.25"),
        ("askedHours", "1.50"),
        ("weekEndsOn", "2020-11-15"),
    ] {
        assert_eq!(refused[member], value, "{member}");
    }
    api.post("/psu-entries?dryRun=true", &entry(there, "2020-11-12", "1.25")).expect(200);
    api.post("/psu-entries", &entry(there, "2020-11-12", "1.25")).expect(201);
    api.post("/psu-entries", &entry(here, "2020-11-16", "10")).expect(201);
    assert_eq!(scene.number("SELECT count(*) FROM psu_entries"), 4);
}

#[test]
fn the_tighter_limit_of_two_regimes_holds() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (free, ten) = (scene.edition(Limits::default()), scene.edition(TEN_A_WEEK));
    let person = scene.person();
    let (without, with) = (scene.participation(free, person), scene.participation(ten, person));
    let api = app.api(Role::Coordinator);
    api.post("/psu-entries", &entry(without, "2020-11-10", "12")).expect(201);
    let refused = api.post("/psu-entries", &entry(with, "2020-11-11", "1")).refused(422, "participation.psu_weekly_limit");
    assert_eq!((&refused["usedHours"], &refused["remainingHours"]), (&json!("12.00"), &json!("0.00")));
    api.post("/psu-entries", &entry(with, "2020-11-17", "4")).expect(201);
    api.post("/psu-entries", &entry(without, "2020-11-17", "7")).refused(422, "participation.psu_weekly_limit");
    api.post("/psu-entries", &entry(without, "2020-11-17", "6")).expect(201);
}

#[test]
fn the_monthly_cap_of_an_agreement_holds_also_for_hours_before_it() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let person = scene.person();
    let participation = scene.participation(edition, person);
    let api = app.api(Role::Coordinator);
    let early = api.post("/psu-entries", &entry(participation, "2020-11-03", "10")).id();
    scene.set_monthly_cap(edition, Some(15));
    api.post("/psu-entries", &entry(participation, "2020-11-10", "4")).expect(201);
    let refused =
        api.post("/psu-entries", &entry(participation, "2020-11-17", "1.25")).refused(422, "participation.psu_monthly_cap");
    for (member, value) in [
        ("month", "2020-11"),
        ("limitHours", "15.00"),
        ("usedHours", "14.00"),
        ("remainingHours", "1.00"),
        ("askedHours", "1.25"),
    ] {
        assert_eq!(refused[member], value, "{member}");
    }
    let correction = json!({ "hours": "9", "reason": "za dużo" });
    api.post(&format!("/psu-entries/{early}/correction"), &correction).expect(201);
    scene.set_monthly_cap(edition, None);
    api.post("/psu-entries", &entry(participation, "2020-11-17", "8")).expect(201);
    scene.set_monthly_cap(edition, Some(22));
    let refused =
        api.post("/psu-entries", &entry(participation, "2020-11-24", "2")).refused(422, "participation.psu_monthly_cap");
    assert_eq!(refused["remainingHours"], "1.00");
    let ledger = api.get(&format!("/psu-ledger?personId={person}&from=2020-11&to=2020-11")).expect(200);
    assert_eq!(ledger["months"][0]["usedHours"], "21.00");
    assert_eq!(ledger["months"][0]["agreementId"], json!(edition.agreement));
}

#[test]
fn a_day_outside_the_participation_is_refused() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0];
    scene.suspend(participation, "2020-11-09", "2020-11-10");
    scene.end(participation, "2020-11-20");
    let api = app.api(Role::Coordinator);
    for day in ["2020-11-01", "2020-11-09", "2020-11-10", "2020-11-21"] {
        let refused = api.post("/psu-entries", &entry(participation, day, "1")).refused(422, "participation.outside_period");
        assert_eq!(refused["errors"][0]["pointer"], "/workedOn", "{day}");
        assert_eq!((&refused["startsOn"], &refused["endsOn"]), (&json!("2020-11-02"), &json!("2020-11-20")));
    }
    assert_eq!(scene.number("SELECT count(*) FROM psu_weeks WHERE used_minutes > 0"), 0);
    for day in ["2020-11-02", "2020-11-11", "2020-11-20"] {
        api.post("/psu-entries", &entry(participation, day, "1")).expect(201);
    }
    let nothing = api.post("/psu-entries", &entry(participation, "2020-11-11", "0")).refused(422, "platform.invalid_body");
    assert_eq!(nothing["errors"][0]["pointer"], "/hours");
    let mut nowhere = entry(participation, "2020-11-11", "1");
    nowhere["hostId"] = json!(participation);
    let refused = api.post("/psu-entries", &nowhere).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/hostId");
}

#[test]
fn a_host_supervisor_sees_and_writes_the_own_host_only() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0];
    let (own, other) = (scene.host(), scene.host());
    let at = |host: Option<Uuid>| {
        let mut body = entry(participation, "2020-11-10", "1");
        body["hostId"] = json!(host);
        body
    };
    let coordinator = app.api(Role::Coordinator);
    let hidden = coordinator.post("/psu-entries", &at(Some(other))).id();
    coordinator.post("/psu-entries", &at(None)).expect(201);
    let api = scene.supervisor_of(own);
    for host in [Some(other), None] {
        let refused = api.post("/psu-entries", &at(host)).refused(422, "platform.reference_not_found");
        assert_eq!(refused["errors"][0]["pointer"], "/hostId");
    }
    let mine = api.post("/psu-entries", &at(Some(own))).id();
    assert_eq!(api.get("/psu-entries").expect(200)["items"].as_array().map(Vec::len), Some(1));
    api.get(&format!("/psu-entries/{hidden}")).refused(404, "platform.not_found");
    let correction = json!({ "hours": "2", "reason": "x" });
    api.post(&format!("/psu-entries/{hidden}/correction"), &correction).refused(404, "platform.not_found");
    let away = json!({ "hours": "2", "hostId": other, "reason": "x" });
    api.post(&format!("/psu-entries/{mine}/correction"), &away).refused(422, "platform.reference_not_found");
    api.post(&format!("/psu-entries/{mine}/correction"), &correction).expect(201);
    api.post(&format!("/psu-entries/{mine}/correction"), &correction).refused(409, "platform.already_superseded");
    assert_eq!(scene.number("SELECT used_minutes FROM psu_weeks"), 240);
}

#[test]
fn a_correction_moves_the_ledger_by_the_difference() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits { weekly: Some("10.00"), monthly: Some(12) });
    let person = scene.person();
    let participation = scene.participation(edition, person);
    let api = app.api(Role::Coordinator);
    let november = api.post("/psu-entries", &entry(participation, "2020-11-24", "8")).id();
    let december = api.post("/psu-entries", &entry(participation, "2020-12-01", "9")).id();
    let correct = |id: &str, body: Value| api.post(&format!("/psu-entries/{id}/correction"), &body);
    let refused = correct(&november, json!({ "hours": "10.5", "reason": "x" })).refused(422, "participation.psu_weekly_limit");
    assert_eq!((&refused["usedHours"], &refused["askedHours"]), (&json!("8.00"), &json!("2.50")));
    let moved = json!({ "hours": "2", "workedOn": "2020-12-02", "reason": "inny dzień" });
    let refused = correct(&november, moved).refused(422, "participation.psu_weekly_limit");
    assert_eq!((&refused["week"], &refused["remainingHours"]), (&json!("2020-W49"), &json!("1.00")));
    let moved = json!({ "hours": "1", "workedOn": "2020-12-02", "reason": "inny dzień" });
    let view = correct(&november, moved).expect(201);
    assert_eq!((&view["supersedesId"], &view["kindOfWork"]), (&json!(november), &json!("porządkowe")));
    assert_eq!(view["correctionReason"], "inny dzień");
    correct(&november, json!({ "hours": "1", "reason": "x" })).refused(409, "platform.already_superseded");
    let withdrawn = correct(&december, json!({ "hours": "0", "reason": "nie pracował" })).expect(201);
    assert_eq!(withdrawn["hours"], "0.00");
    let ledger = api.get(&format!("/psu-ledger?personId={person}&from=2020-11&to=2020-12")).expect(200);
    let used: Vec<_> =
        ledger["weeks"].as_array().expect("weeks").iter().map(|week| (&week["week"], &week["usedHours"])).collect();
    assert_eq!(used, [(&json!("2020-W48"), &json!("0.00")), (&json!("2020-W49"), &json!("1.00"))]);
    assert_eq!(ledger["months"].as_array().map(Vec::len), Some(2));
    assert_eq!((&ledger["months"][1]["usedHours"], &ledger["months"][1]["remainingHours"]), (&json!("1.00"), &json!("11.00")));
    assert_eq!(api.get("/psu-entries").expect(200)["items"].as_array().map(Vec::len), Some(2));
    let history = api.get("/psu-entries?includeSuperseded=true").expect(200);
    assert_eq!(history["items"].as_array().map(Vec::len), Some(4));
    assert_eq!(scene.events("psu_entry.corrected"), 2);
}
