//! Incidents of socially useful work, absences, and the duties to inform that come of them.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::scene::{Edition, Limits, Scene};
use crate::support::{Answer, Api, TestApp};

struct Town {
    api: Api,
    edition: Edition,
    who: String,
    host: String,
}

fn town(app: &TestApp) -> Town {
    let mut scene = Scene::of(app);
    let edition = scene.edition(Limits::default());
    let who = scene.participants(edition, 1)[0].to_string();
    Town { api: app.api(Role::Coordinator), edition, who, host: scene.host().to_string() }
}

impl Town {
    fn incident(&self, kind: &str, on: &str) -> Answer {
        let body = json!({ "kind": kind, "occurredOn": on, "reportedBy": "host", "hostId": self.host });
        self.api.post(&format!("/participations/{}/incidents", self.who), &body)
    }

    fn duties(&self, query: &str) -> Vec<Value> {
        let page = self.api.get(&format!("/information-duties?editionId={}&{query}", self.edition.id)).expect(200);
        page["items"].as_array().expect("items").clone()
    }

    fn discharge(&self, duty: &str, on: &str, number: &str) -> Answer {
        let body = json!({ "effectiveOn": on, "channel": "ePuap", "letterNumber": number });
        self.api.post(&format!("/information-duties/{duty}/discharge"), &body)
    }
}

fn told(duties: &[Value]) -> Vec<(&str, &str)> {
    duties.iter().map(|duty| (duty["recipient"].as_str().expect("a word"), duty["dueOn"].as_str().expect("a day"))).collect()
}

#[test]
fn an_incident_is_recorded_once_and_makes_a_duty_for_each_office() {
    let app = TestApp::start();
    let town = town(&app);
    // Tuesday before Independence Day: the next working day is Thursday.
    let made = town.incident("leftPlace", "2020-11-10").expect(201);
    let duties = made["duties"].as_array().expect("duties");
    assert_eq!(told(duties), [("starost", "2020-11-12"), ("welfareCentre", "2020-11-12")]);
    assert!(duties[0]["legalSource"].as_str().is_some_and(|source| source.contains("5(2)(3)")));
    town.incident("leftPlace", "2020-11-10").refused(409, "participation.incident_recorded");
    // Another kind, or another day, is another incident.
    town.incident("discipline", "2020-11-10").expect(201);
    town.incident("leftPlace", "2020-11-13").expect(201);
    let outside = town.incident("leftPlace", "2020-11-01").refused(422, "participation.outside_participation");
    assert_eq!(outside["errors"][0]["pointer"], "/occurredOn");
    let ahead = json!({ "kind": "refusal", "occurredOn": "2020-11-10", "knownOn": "2020-11-09", "reportedBy": "host" });
    town.api.post(&format!("/participations/{}/incidents", town.who), &ahead).refused(422, "participation.incident_known_before");
    let listed = town.api.get(&format!("/participations/{}/incidents", town.who)).expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3));
    let id = made["id"].as_str().expect("an id");
    let foreign = app.other_api(Role::Coordinator);
    foreign.get(&format!("/incidents/{id}")).refused(404, "platform.not_found");
    assert_eq!(foreign.get("/information-duties").expect(200)["items"], json!([]));
    foreign.get(&format!("/participations/{}/incidents", town.who)).refused(404, "platform.not_found");
}

#[test]
fn an_id_of_a_duty_is_given_once() {
    let app = TestApp::start();
    let town = town(&app);
    let chosen = "019a0000-0000-7000-8000-0000000000d1";
    let report = |on: &str| {
        let body = json!({ "kind": "leftPlace", "occurredOn": on, "reportedBy": "centre", "dutyIds": [chosen] });
        town.api.post(&format!("/participations/{}/incidents", town.who), &body)
    };
    assert_eq!(report("2020-11-10").expect(201)["duties"][0]["id"], chosen);
    let refused = report("2020-11-12").refused(409, "platform.id_taken");
    assert_eq!(refused["errors"][0]["pointer"], "/dutyIds/0");
    assert_eq!(town.duties("").len(), 2, "no duty was lost");
}

#[test]
fn more_ids_than_duties_that_arise_are_refused() {
    let app = TestApp::start();
    let town = town(&app);
    let ids = ["019a0000-0000-7000-8000-0000000000d1", "019a0000-0000-7000-8000-0000000000d2"];
    let report = |ids: &[&str]| {
        let body = json!({ "kind": "leftPlace", "occurredOn": "2020-11-10", "reportedBy": "centre", "dutyIds": ids });
        town.api.post(&format!("/participations/{}/incidents", town.who), &body)
    };
    let first = report(&[]).expect(201);
    let told = town.duties("").into_iter().find(|duty| duty["recipient"] == "starost").expect("a duty");
    let path = format!("/information-duties/{}", told["id"].as_str().expect("an id"));
    let etag = town.api.get(&path).header("etag").to_owned();
    let discharge = json!({ "effectiveOn": "2020-11-12", "channel": "ePuap" });
    town.api.with("If-Match", &etag).post(&format!("{path}/discharge"), &discharge).expect(200);
    let withdrawal = json!({ "reason": "mistake", "effectiveOn": "2020-11-12" });
    town.api.post(&format!("/incidents/{}/withdrawal", first["id"].as_str().expect("an id")), &withdrawal).expect(200);
    // The starost was told; recorded anew, only the duty towards the centre arises.
    let refused = report(&ids).refused(422, "participation.more_ids_than_duties");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["duties"]), (&json!("/dutyIds/1"), &json!(1)));
    let again = report(&ids[..1]).expect(201);
    let arisen: Vec<&Value> = again["duties"].as_array().expect("duties").iter().map(|duty| &duty["id"]).collect();
    assert_eq!(arisen, [&json!(ids[0])]);
}

#[test]
fn of_many_who_report_the_same_one_is_recorded() {
    let app = TestApp::start();
    let town = town(&app);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..8).map(|_| scope.spawn(|| town.incident("notReported", "2020-11-09").status)).collect();
        running.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 201 | 409)), "{answers:?}");
    assert_eq!(town.duties("").len(), 2);
}

#[test]
fn open_overdue_and_discharged_duties_are_told_apart_by_the_day() {
    let app = TestApp::start();
    let town = town(&app);
    let made = town.incident("notTakenUp", "2020-11-10").expect(201);
    let id = made["duties"][0]["id"].as_str().expect("an id").to_owned();
    let states =
        |on: &str| ["open", "overdue", "discharged"].map(|state| town.duties(&format!("state={state}&effectiveOn={on}")).len());
    assert_eq!(states("2020-11-12"), [2, 0, 0]);
    assert_eq!(states("2020-11-13"), [0, 2, 0]);
    town.discharge(&id, "2020-11-09", "1").refused(422, "participation.duty_not_yet");
    let done = town.discharge(&id, "2020-11-13", "DP.512.1").expect(200);
    assert_eq!((&done["state"], &done["dischargedLate"], &done["version"]), (&json!("discharged"), &json!(true), &json!(2)));
    // The same once more is the same; another one is not.
    assert_eq!(town.discharge(&id, "2020-11-13", "DP.512.1").expect(200)["version"], 2);
    let refused = town.discharge(&id, "2020-11-13", "DP.512.2").refused(409, "participation.duty_discharged");
    assert_eq!(refused["dischargedOn"], "2020-11-13");
    assert_eq!(states("2020-11-13"), [0, 1, 1]);
    let stale = town.api.with("If-Match", "\"1\"");
    let body = json!({ "effectiveOn": "2020-11-13", "channel": "letter" });
    stale.post(&format!("/information-duties/{id}/discharge"), &body).refused(412, "platform.precondition_failed");
    assert_eq!(town.api.get(&format!("/information-duties/{id}?effectiveOn=2020-12-01")).expect(200)["letterNumber"], "DP.512.1");
    // Withdrawing the incident withdraws what is open, and leaves what was told.
    let withdrawal = json!({ "reason": "justified", "effectiveOn": "2020-11-16" });
    let path = format!("/incidents/{}/withdrawal", made["id"].as_str().expect("an id"));
    let withdrawn = town.api.post(&path, &withdrawal).expect(200);
    let after: Vec<&Value> = withdrawn["duties"].as_array().into_iter().flatten().map(|duty| &duty["state"]).collect();
    assert_eq!(after, [&json!("discharged"), &json!("withdrawn")]);
    town.api.post(&path, &withdrawal).refused(409, "participation.incident_withdrawn");
    let other = withdrawn["duties"][1]["id"].as_str().expect("an id");
    town.discharge(other, "2020-11-16", "2").refused(409, "participation.duty_withdrawn");
    // It may have happened after all: the office that was told is not told twice.
    let again = town.incident("notTakenUp", "2020-11-10").expect(201);
    assert_eq!(told(again["duties"].as_array().expect("duties")), [("welfareCentre", "2020-11-12")]);
}

#[test]
fn an_absence_names_its_row_and_goes_by_the_term_of_the_agreement() {
    let app = TestApp::start();
    let town = town(&app);
    let session = json!({ "blockId": town.edition.block, "heldOn": "2020-11-09", "hours": "3.00", "form": "group" });
    let session = town.api.post("/sessions", &session).id();
    let sheet = |status: &str| json!({ "rows": [{ "participationId": town.who, "status": status }] });
    let path = format!("/sessions/{session}/attendance");
    let row = town.api.send("PUT", &path, Some(sheet("unexcused").to_string())).expect(200)["rows"][0]["id"].clone();
    let absence = |on: &str, kind: &str| {
        let body = json!({ "kind": kind, "occurredOn": on, "reportedBy": "facilitator", "attendanceId": row });
        town.api.post(&format!("/participations/{}/incidents", town.who), &body)
    };
    absence("2020-11-10", "absence").refused(422, "participation.incident_attendance");
    absence("2020-11-09", "refusal").refused(422, "participation.incident_attendance");
    // The agreement says two working days; what the town says for all others does not count for it.
    let term = |more: Value| {
        let mut body = json!({ "duty": "absence", "from": "2020-11-01", "workingDays": 4, "legalSource": "Zarządzenie" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("members").clone());
        town.api.post("/duty-terms", &body).expect(201)
    };
    assert_eq!(term(json!({ "agreementId": town.edition.agreement, "workingDays": 2, "legalSource": "§ 9" }))["version"], 1);
    assert_eq!(term(json!({}))["version"], 1);
    let made = absence("2020-11-09", "absence").expect(201);
    assert_eq!(told(made["duties"].as_array().expect("duties")), [("starost", "2020-11-12"), ("labourOffice", "2020-11-12")]);
    absence("2020-11-09", "absence").refused(409, "participation.incident_recorded");
    // A later version holds from its day on; a refusal goes by the built-in term.
    assert_eq!(term(json!({ "agreementId": town.edition.agreement, "from": "2020-11-16", "workingDays": 0 }))["version"], 2);
    let due =
        |kind: &str, on: &str| told(town.incident(kind, on).expect(201)["duties"].as_array().expect("duties"))[0].1.to_owned();
    assert_eq!(due("absence", "2020-11-13"), "2020-11-17");
    assert_eq!(due("absence", "2020-11-16"), "2020-11-16");
    assert_eq!(due("refusal", "2020-11-16"), "2020-11-25");
    let listed = town.api.get("/duty-terms?duty=absence").expect(200);
    let built_in = |term: &&Value| term["builtIn"] == true;
    let terms = listed["items"].as_array().expect("items");
    assert_eq!((terms.len(), terms.iter().filter(built_in).count()), (4, 1));
    let foreign = app.other_api(Role::Coordinator).get("/duty-terms?duty=absence").expect(200);
    assert_eq!(foreign["items"].as_array().map(Vec::len), Some(1), "only the built-in one");
}

#[test]
fn a_break_off_by_own_fault_makes_a_duty_and_a_job_none() {
    let app = TestApp::start();
    let town = town(&app);
    let mut scene = Scene::of(&app);
    let other = scene.participants(town.edition, 1)[0];
    let end = |who: &str, reason: &str| {
        let body = json!({ "reason": reason, "effectiveOn": "2020-11-20" });
        town.api.post(&format!("/participations/{who}/end"), &body).expect(200);
    };
    end(&other.to_string(), "employed");
    assert_eq!(town.duties(""), Vec::<Value>::new());
    end(&town.who, "interruptedOwnFault");
    let duties = town.duties("");
    assert_eq!(told(&duties), [("labourOffice", "2020-12-01")]);
    assert_eq!((&duties[0]["duty"], &duties[0]["incidentId"]), (&json!("interruption"), &Value::Null));
}

#[test]
fn a_host_supervisor_records_what_happened_at_the_own_post() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let [who, elsewhere] = <[_; 2]>::try_from(scene.participants(edition, 2)).expect("two");
    let (own, other) = (scene.host(), scene.host());
    let coordinator = app.api(Role::Coordinator);
    for (host, participation) in [(own, who), (other, elsewhere)] {
        let post = json!({ "kindOfWork": "porządkowe", "places": 2, "from": "2020-11-02" });
        let post = coordinator.post(&format!("/hosts/{host}/posts"), &post).id();
        let assignment = json!({ "postId": post, "from": "2020-11-02", "to": "2020-11-20", "instructed": true });
        coordinator.post(&format!("/participations/{participation}/post-assignments"), &assignment).expect(201);
    }
    let supervisor = scene.supervisor_of(own);
    let report = |participation, on: &str, host, by: &str| {
        let body = json!({ "kind": "leftPlace", "occurredOn": on, "reportedBy": by, "hostId": host });
        supervisor.post(&format!("/participations/{participation}/incidents"), &body)
    };
    let made = report(who, "2020-11-10", own, "host").expect(201);
    assert_eq!((&made["hostId"], made["duties"].as_array().map(Vec::len)), (&json!(own), Some(2)));
    // Whoever works elsewhere, or does not work there on that day, is not there for it.
    report(elsewhere, "2020-11-10", own, "host").refused(404, "platform.not_found");
    report(who, "2020-11-23", own, "host").refused(404, "platform.not_found");
    assert_eq!(
        report(who, "2020-11-12", other, "host").refused(422, "platform.reference_not_found")["errors"][0]["pointer"],
        "/hostId"
    );
    assert_eq!(
        report(who, "2020-11-12", own, "centre").refused(422, "platform.invalid_field")["errors"][0]["pointer"],
        "/reportedBy"
    );
    supervisor.get(&format!("/incidents/{}", made["id"].as_str().expect("an id"))).refused(403, "platform.forbidden");
    assert_eq!(
        coordinator.get(&format!("/participations/{who}/incidents")).expect(200)["items"].as_array().map(Vec::len),
        Some(1)
    );
}
