//! A month reconciled between a town and a labour office: only differences are named, and both sign it off.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pai::institutions::clients::{FirstInstitution, create_as_operator, register_institution};
use pai::platform::keys::{Purpose, RingEdit};
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::types::{Day, Sex, ShortText, fictitious_pesel};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Api, TestApp};

/// A labour office with an officer and a coordinator.
struct Office {
    id: Uuid,
    officer: Api,
    coordinator: Api,
}

fn office(app: &TestApp, name: &str) -> Office {
    let mut owner = connect(&app.owner_url).expect("owner connection");
    let text: ShortText = name.to_owned().try_into().expect("name");
    let first = FirstInstitution { id: None, kind: "labourOffice", name: &text, teryt: None, regon: None, nip: None };
    let id = register_institution(&mut owner, &first, app.clock.now()).expect("institution");
    let mut client = |role| {
        let made = create_as_operator(&mut owner, id, None, &text, role, app.clock.now()).expect("client");
        Api::sign_in(&app.address, &(made.client_id, made.client_secret.expose_secret().to_owned()))
    };
    Office { id, officer: client(Role::PupOfficer), coordinator: client(Role::Coordinator) }
}

fn pesel(number: u16) -> String {
    fictitious_pesel(Day::from_ymd(1984, 3, 14).expect("a day"), Sex::Female, number).expose().to_owned()
}

fn key(api: &Api, institution: Uuid) -> Value {
    api.post("/reconciliation-keys", &json!({ "institutionId": institution })).expect(200)
}

/// As a foreign system would make it, by what the contract says.
fn pseudonym(key: &Value, pesel: &str) -> String {
    let secret = STANDARD.decode(key["key"].as_str().expect("a key")).expect("base64");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), pesel.as_bytes());
    tag.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn line(key: &Value, number: u16, hours: &str, benefit: &str, refund: &str) -> Value {
    json!({ "pseudonym": pseudonym(key, &pesel(number)), "hours": hours, "benefit": benefit, "refund": refund })
}

fn state(api: &Api, institution: Uuid, key: &Value, lines: &[Value], reason: Option<&str>) -> Answer {
    let body = json!({ "institutionId": institution, "month": "2020-11", "keyId": key["keyId"], "lines": lines, "correctionReason": reason });
    api.post("/month-statements", &body)
}

fn compared(api: &Api, institution: Uuid) -> Value {
    api.get(&format!("/reconciliations?institutionId={institution}&month=2020-11")).expect(200)
}

fn sign(api: &Api, institution: Uuid, reason: Option<&str>) -> Answer {
    let body =
        json!({ "institutionId": institution, "month": "2020-11", "effectiveOn": "2020-12-07", "acceptanceReason": reason });
    api.post("/reconciliation-protocols", &body)
}

#[test]
fn both_sides_get_one_key_and_every_other_recipient_another() {
    let app = TestApp::start();
    let (office, other) = (office(&app, "PUP Zmyślony"), office(&app, "PUP Inny"));
    let town = app.api(Role::Coordinator);
    let ours = key(&town, office.id);
    assert_eq!(ours["key"], key(&office.officer, app.town.id)["key"]);
    assert_eq!(ours["key"], key(&town, office.id)["key"], "the same key each time");
    assert_ne!(ours["key"], key(&town, other.id)["key"]);
    assert_ne!(ours["key"], key(&app.other_api(Role::Coordinator), office.id)["key"]);
    let here = pseudonym(&ours, &pesel(1));
    assert_eq!(here, pseudonym(&key(&office.officer, app.town.id), &pesel(1)));
    assert_ne!(here, pseudonym(&key(&town, other.id), &pesel(1)));
    let named = town.post("/reconciliation-keys", &json!({ "institutionId": office.id, "keyId": ours["keyId"] })).expect(200);
    assert_eq!(named["key"], ours["key"]);
    let unknown = json!({ "institutionId": office.id, "keyId": "00000000" });
    town.post("/reconciliation-keys", &unknown).refused(422, "reconciliation.key_unknown");
    town.post("/reconciliation-keys", &json!({ "institutionId": app.town.id })).refused(422, "reconciliation.own_institution");
    let nobody = json!({ "institutionId": "01900000-0000-7000-8000-00000000ffff" });
    town.post("/reconciliation-keys", &nobody).refused(422, "platform.reference_not_found");
    // Somebody who calls himself an officer, but belongs to the town.
    let officer = app.api(Role::PupOfficer);
    officer.post("/reconciliation-keys", &json!({ "institutionId": office.id })).refused(403, "reconciliation.not_a_side");
    officer.get(&format!("/reconciliations?institutionId={}&month=2020-11", office.id)).refused(403, "reconciliation.not_a_side");
    let register = app.api(Role::Auditor).get("/audit-entries?operation=issue_reconciliation_key").expect(200);
    assert_eq!(register["items"].as_array().expect("rows").len(), 5, "each issue is in the register");
}

#[test]
fn only_who_is_missing_extra_or_different_is_named() {
    let app = TestApp::start();
    let office = office(&app, "PUP Zmyślony");
    let town = app.api(Role::Coordinator);
    let key = key(&town, office.id);
    let both = line(&key, 1, "10.00", "87.00", "52.20");
    let ours = [both.clone(), line(&key, 2, "8.00", "69.60", "41.76"), line(&key, 3, "4.00", "34.80", "20.88")];
    let theirs = [both, line(&key, 3, "4.00", "34.80", "20.87"), line(&key, 4, "2.00", "17.40", "10.44")];
    let body = json!({ "institutionId": office.id, "month": "2026-07", "keyId": key["keyId"], "lines": ours });
    let early = town.post("/month-statements", &body).refused(422, "platform.in_future");
    assert_eq!(early["errors"][0]["pointer"], "/month", "nobody has worked in it yet");
    let stated = state(&town, office.id, &key, &ours, None).expect(201);
    assert_eq!((&stated["peopleCount"], &stated["hours"], &stated["benefit"]), (&json!(3), &json!("22.00"), &json!("191.40")));
    let alone = compared(&office.officer, app.town.id);
    assert_eq!((&alone["own"], &alone["agrees"], &alone["other"]["peopleCount"]), (&Value::Null, &Value::Null, &json!(3)));
    assert_eq!((&alone["missing"], &alone["different"]), (&json!([]), &json!([])), "nobody is named to who has said nothing");
    state(&office.officer, app.town.id, &key, &theirs, None).expect(201);
    let seen = compared(&town, office.id);
    let named = |number| json!([pseudonym(&key, &pesel(number))]);
    assert_eq!((&seen["missing"], &seen["extra"], &seen["agrees"]), (&named(4), &named(2), &json!(false)));
    let different = &seen["different"];
    assert_eq!(different.as_array().map(Vec::len), Some(1));
    assert_eq!(different[0]["pseudonym"], named(3)[0]);
    assert_eq!(different[0]["members"], json!(["refund"]));
    assert_eq!((&different[0]["own"]["refund"], &different[0]["other"]["refund"]), (&json!("20.88"), &json!("20.87")));
    let text = seen.to_string();
    assert!(!text.contains(&pseudonym(&key, &pesel(1))), "who agrees is not named");
    assert!(!text.contains("17.40"), "nothing but the pseudonym of whom only one side has");
    let turned = compared(&office.coordinator, app.town.id);
    assert_eq!((&turned["missing"], &turned["extra"]), (&named(2), &named(4)));
    // A stranger sees nothing of it, neither as a town nor as an office.
    for stranger in [app.other_api(Role::Coordinator), self::office(&app, "PUP Obcy").officer] {
        for institution in [app.town.id, office.id] {
            let seen = compared(&stranger, institution);
            assert_eq!((&seen["own"], &seen["other"], &seen["agrees"]), (&Value::Null, &Value::Null, &Value::Null));
        }
        assert_eq!(stranger.get("/month-statements").expect(200)["items"], json!([]));
        let id = stated["id"].as_str().expect("an id");
        stranger.get(&format!("/month-statements/{id}")).refused(404, "platform.not_found");
        stranger.get(&format!("/month-statements/{id}/lines")).refused(404, "platform.not_found");
    }
    office
        .officer
        .get(&format!("/month-statements/{}", stated["id"].as_str().expect("an id")))
        .refused(404, "platform.not_found");
}

#[test]
fn a_protocol_signed_by_both_closes_the_month() {
    let app = TestApp::start();
    let office = office(&app, "PUP Zmyślony");
    let town = app.api(Role::Coordinator);
    let key = key(&town, office.id);
    let first = [line(&key, 1, "10.00", "87.00", "52.20")];
    let second = [line(&key, 1, "9.00", "78.30", "46.98")];
    sign(&town, office.id, None).refused(409, "reconciliation.statement_missing");
    state(&town, office.id, &key, &first, None).expect(201);
    state(&office.officer, app.town.id, &key, &second, None).expect(201);
    let left = sign(&town, office.id, None).refused(409, "reconciliation.differences_left");
    assert!(left.to_string().contains('1'), "{left}");
    let accepted = sign(&town, office.id, Some("Lista PUP przyszła później")).expect(201);
    assert_eq!((&accepted["number"], &accepted["differenceCount"]), (&json!(1), &json!(1)));
    sign(&town, office.id, Some("Drugi raz")).refused(409, "reconciliation.already_signed");
    assert_eq!(compared(&office.officer, app.town.id)["otherSignature"]["number"], 1);
    // The office corrects its statement: the signature was about another one.
    state(&office.officer, app.town.id, &key, &first, None).refused(409, "reconciliation.reason_needed");
    state(&office.officer, app.town.id, &key, &first, Some("Brakowało jednej godziny")).expect(201);
    let open = compared(&town, office.id);
    assert_eq!((&open["agrees"], &open["ownSignature"], &open["closed"]), (&json!(true), &Value::Null, &json!(false)));
    let theirs = sign(&office.officer, app.town.id, None).expect(201);
    assert_eq!(theirs["number"], 2);
    sign(&town, office.id, Some("Po co")).refused(422, "reconciliation.no_differences");
    let ours = sign(&town, office.id, None).expect(201);
    assert_eq!((&ours["number"], &ours["ownSha256"]), (&json!(2), &theirs["otherSha256"]), "one protocol, one number");
    assert_eq!(compared(&town, office.id)["closed"], true);
    assert_eq!(compared(&office.officer, app.town.id)["closed"], true);
    for (api, institution) in [(&town, office.id), (&office.officer, app.town.id)] {
        let refused = state(api, institution, &key, &second, Some("Za późno"));
        assert_eq!(refused.refused(409, "reconciliation.month_closed")["number"], 2);
        sign(api, institution, None).refused(409, "reconciliation.month_closed");
    }
    let protocols = town.get("/reconciliation-protocols").expect(200);
    let numbers: Vec<_> = protocols["items"].as_array().expect("items").iter().map(|one| one["number"].clone()).collect();
    assert_eq!(numbers, [1, 2], "what no longer counts stays readable");
    let early = json!({ "institutionId": office.id, "month": "2020-12", "effectiveOn": "2020-12-31" });
    town.post("/reconciliation-protocols", &early).refused(422, "reconciliation.month_not_over");
}

#[test]
fn statements_that_cannot_be_compared_are_refused() {
    let app = TestApp::start();
    let office = office(&app, "PUP Zmyślony");
    let town = app.api(Role::Coordinator);
    let key = key(&town, office.id);
    let one = line(&key, 1, "10.00", "87.00", "52.20");
    state(&town, office.id, &key, &[one.clone(), one.clone()], None).refused(422, "reconciliation.pseudonym_repeated");
    state(&town, office.id, &json!({ "keyId": "12345678" }), std::slice::from_ref(&one), None)
        .refused(422, "reconciliation.key_unknown");
    state(&town, app.town.id, &key, std::slice::from_ref(&one), None).refused(422, "reconciliation.own_institution");
    state(&town, office.id, &key, std::slice::from_ref(&one), Some("Nie ma czego"))
        .refused(422, "reconciliation.nothing_to_correct");
    let without_key = json!({ "institutionId": office.id, "month": "2020-11", "lines": [one] });
    town.post("/month-statements", &without_key).refused(422, "reconciliation.lines_and_key");
    let number = json!({ "institutionId": office.id, "month": "2020-11", "keyId": key["keyId"],
        "lines": [{ "pseudonym": pesel(1), "hours": "1.00", "benefit": "1.00", "refund": "1.00" }] });
    let refused = town.post("/month-statements", &number);
    assert_eq!(refused.status, 422, "a PESEL is no pseudonym");
    assert!(!refused.text.contains(&pesel(1)));
}

/// Two sides that state, correct and sign at once never close a month about other statements than those that hold.
#[test]
fn a_closed_month_is_about_the_statements_that_hold() {
    let app = TestApp::start();
    let office = office(&app, "PUP Zmyślony");
    let town = app.api(Role::Coordinator);
    let key = key(&town, office.id);
    let lines = |hours: &str| [line(&key, 1, hours, "10.00", "6.00")];
    state(&town, office.id, &key, &lines("1.00"), None).expect(201);
    state(&office.officer, app.town.id, &key, &lines("1.00"), None).expect(201);
    std::thread::scope(|scope| {
        for (api, institution) in [(&town, office.id), (&office.officer, app.town.id)] {
            let lines = &lines;
            scope.spawn({
                let key = &key;
                move || {
                    for round in 0..12 {
                        let hours = format!("{}.00", 1 + round % 2);
                        let _ = state(api, institution, key, &lines(&hours), Some("Poprawka"));
                        let _ = sign(api, institution, None);
                    }
                }
            });
        }
    });
    let seen = compared(&town, office.id);
    let mirrored = compared(&office.officer, app.town.id);
    assert_eq!(seen["closed"], mirrored["closed"]);
    if seen["closed"] == true {
        assert_eq!(seen["agrees"], true, "only equal statements were signed");
        assert_eq!(seen["ownSignature"]["number"], mirrored["ownSignature"]["number"]);
        state(&town, office.id, &key, &lines("5.00"), Some("Za późno")).refused(409, "reconciliation.month_closed");
    }
    assert_eq!(seen["own"]["sha256"], mirrored["other"]["sha256"]);
}

#[test]
fn the_town_states_what_it_has_settled() {
    let app = TestApp::start_with_demo();
    let town = app.api(Role::Coordinator);
    let statements = town.get("/month-statements?limit=200").expect(200);
    let settled = statements["items"].as_array().expect("items").iter().find(|one| one["source"] == "settlements");
    let settled = settled.expect("a statement from settlements");
    let month = settled["month"].as_str().expect("a month");
    let all = town.get("/settlements?limit=200").expect(200);
    let approved =
        all["items"].as_array().expect("items").iter().filter(|one| one["month"] == month && one["state"] == "approved");
    let amount = |view: &Value, name: &str| -> i64 { view[name].as_str().expect(name).replace('.', "").parse().expect(name) };
    let sum = |name: &str| approved.clone().map(|one| amount(one, name)).sum::<i64>();
    assert!(sum("benefit") > 0 && settled["leftOutPersonIds"] == json!([]), "{settled}");
    for name in ["hours", "benefit", "refund"] {
        assert_eq!(amount(settled, name), sum(name), "{name}");
    }
    let path = format!("/month-statements/{}/lines?limit=200", settled["id"].as_str().expect("an id"));
    let lines = town.get(&path).expect(200);
    assert!(lines["items"].as_array().expect("lines").iter().all(|line| line["personId"].is_string()));
    let office = settled["institutionId"].as_str().expect("an id");
    let seen = town.get(&format!("/reconciliations?institutionId={office}&month={month}")).expect(200);
    assert_eq!((&seen["agrees"], &seen["closed"]), (&json!(true), &json!(false)));
}

/// Exchanges the key from which those of pairs are derived; answers a service that knows the new ring only.
fn exchange_keys(app: &mut TestApp) -> String {
    let before = app.key_ring().list(Purpose::BlindIndex).current().id();
    let mut ring = RingEdit::load(app.data_dir()).expect("the ring");
    ring.prepare(Purpose::BlindIndex, app.clock.now()).expect("a key");
    ring.activate(Purpose::BlindIndex, app.clock.now());
    ring.retire(Purpose::BlindIndex, before);
    ring.save(app.data_dir()).expect("saved");
    app.start_replica()
}

#[test]
fn an_open_month_goes_on_after_its_key_was_exchanged() {
    let mut app = TestApp::start();
    let office = office(&app, "PUP Zmyślony");
    let town = app.api(Role::Coordinator);
    let former = key(&town, office.id);
    let lines = |key: &Value, hours: &str| [line(key, 1, hours, "87.00", "52.20")];
    state(&town, office.id, &former, &lines(&former, "10.00"), None).expect(201);
    state(&office.officer, app.town.id, &former, &lines(&former, "9.00"), None).expect(201);
    let exchanged = exchange_keys(&mut app);
    let (town, officer) = (town.at(&exchanged), office.officer.at(&exchanged));
    let present = key(&town, office.id);
    assert_ne!(present["keyId"], former["keyId"]);
    // What was stated before is still compared, and nobody can make a pseudonym with that key any more.
    assert_eq!(compared(&town, office.id)["different"].as_array().map(Vec::len), Some(1));
    state(&town, office.id, &former, &lines(&former, "9.00"), Some("Poprawka")).refused(422, "reconciliation.key_unknown");
    state(&town, office.id, &present, &lines(&present, "9.00"), Some("Poprawka")).expect(201);
    let between = compared(&officer, app.town.id);
    assert_eq!((&between["agrees"], &between["missing"], &between["extra"]), (&Value::Null, &json!([]), &json!([])));
    assert_eq!((&between["own"]["keyId"], &between["other"]["keyId"]), (&former["keyId"], &present["keyId"]));
    for (api, institution) in [(&town, office.id), (&officer, app.town.id)] {
        let refused = sign(api, institution, Some("Mimo to")).refused(409, "reconciliation.key_exchanged");
        assert_eq!(refused["keyId"], present["keyId"], "who has another key states the month again");
    }
    state(&officer, app.town.id, &present, &lines(&present, "9.00"), Some("Nowy klucz")).expect(201);
    assert_eq!(compared(&town, office.id)["agrees"], true);
    sign(&town, office.id, None).expect(201);
    sign(&officer, app.town.id, None).expect(201);
    assert_eq!(compared(&town, office.id)["closed"], true);
}
