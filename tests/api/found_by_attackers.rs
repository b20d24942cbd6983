//! What attackers found with nothing but the contract in hand.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use uuid::Uuid;

use crate::support::issuer::TestKey;
use crate::support::{Answer, TestApp, build};

/// The day after that of the service's clock.
const TOMORROW: &str = "2026-06-16";
const TODAY: &str = "2026-06-15";

#[test]
fn no_record_has_an_id_that_lists_would_not_show() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for id in [Uuid::nil(), Uuid::max()] {
        for spelling in [id.to_string(), id.simple().to_string(), id.urn().to_string(), id.to_string().to_uppercase()] {
            for (path, body, pointer) in [
                ("/hosts", json!({ "id": spelling, "name": "Biblioteka" }), "/id"),
                ("/people", json!({ "id": spelling, "sex": "unknown" }), "/id"),
                (
                    "/applications",
                    json!({ "editionId": spelling, "personId": Uuid::from_u128(7), "receivedOn": TODAY }),
                    "/editionId",
                ),
                (
                    "/psu-entries",
                    json!({ "id": spelling, "participationId": Uuid::from_u128(7), "workedOn": TODAY, "hours": "1.00" }),
                    "/id",
                ),
            ] {
                let problem = api.post(path, &body).refused(422, "platform.invalid_body");
                let error = &problem["errors"][0];
                assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!("platform.invalid_field")), "{problem}");
            }
        }
    }
    assert_eq!(api.get("/hosts").expect(200)["items"], json!([]));
}

#[test]
fn a_key_that_a_system_made_is_taken_and_one_with_a_pesel_is_not() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    for (number, key) in
        ["import-44051-401359", "440514-01359", "c0ffee44051401359", "2026-11-23T10:00/44.051.401.359"].iter().enumerate()
    {
        api.with("Idempotency-Key", key).post("/hosts", &json!({ "name": format!("Biblioteka {number}") })).expect(201);
    }
    for key in ["44051401359", "psu-44051401359-2026-07-01", "osoba44051401359"] {
        let answer = api.with("Idempotency-Key", key).post("/hosts", &json!({ "name": "Biblioteka" }));
        assert_eq!(answer.refused(400, "platform.invalid_header")["errors"][0]["pointer"], "Idempotency-Key");
    }
}

#[test]
fn a_pesel_in_any_text_is_refused_and_not_repeated() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let worker = app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    for number in [
        "44051401359",
        "x44051401359y",
        "440514 01359",
        "44-05-14-01359",
        "440514/01359",
        "４４０５１４０１３５９",
        "440514\u{200b}01359",
        "4*4*0*5*1*4*0*1*3*5*9",
        "440514,01359",
        "4##4##0##5##1##4##0##1##3##5##9",
        "⑷⑷⓪⑸⑴⑷⓪⑴⑶⑸⑼",
        "四四〇五一四〇一三五九",
    ] {
        let text = format!("Pani Anna, {number}, prosi o kontakt");
        for (api, path, body, pointer) in [
            (&api, "/hosts", json!({ "name": text }), "/name"),
            (&api, "/hosts", json!({ "name": "Biblioteka", "kindsOfWork": ["pomocnicze", text] }), "/kindsOfWork/1"),
            (&api, "/clients", json!({ "name": text, "role": "auditor" }), "/name"),
            (&worker, "/people", json!({ "sex": "female", "note": text }), "/note"),
            (&worker, "/people", json!({ "sex": "female", "identity": { "missingReason": text } }), "/identity/missingReason"),
        ] {
            let answer = api.post(path, &body);
            assert_eq!(answer.refused(422, "platform.pesel_in_text")["errors"][0]["pointer"], pointer);
            assert!(!answer.text.contains(number), "{}", answer.text);
        }
    }
    let harmless = "Dz.U. 2025 poz. 620; tel. +48 501 234 567; rachunek 12 1020 5558 1111 1234 5678 9012";
    api.post("/hosts", &json!({ "name": harmless })).expect(201);
    // The identity has one place for it, and that is not the number of a document.
    for (number, status) in [("44051401359", 422), ("440514 01359", 422), ("12345678901", 201), ("AB 1234567", 201)] {
        let document = json!({ "kind": "other", "number": number });
        let body = json!({ "sex": "male", "identity": { "missingReason": "cudzoziemiec", "document": document } });
        let answer = worker.post("/people", &body).expect(status);
        if status == 422 {
            assert_eq!(
                (&answer["code"], &answer["errors"][0]["pointer"]),
                (&json!("platform.pesel_in_text"), &json!("/identity/document/number"))
            );
        }
    }
    for answer in [
        api.post("/hosts", &json!({ "name": "x", "44051401359": 1 })),
        api.get("/hosts?x44051401359=1"),
        api.get("/people/x44051401359"),
        api.get("/people/440514%2001359"),
    ] {
        assert!(answer.status >= 400 && !answer.text.contains("01359"), "{}", answer.text);
    }
}

#[test]
fn an_identity_that_is_answered_again_is_registered_again() {
    let app = TestApp::start();
    let worker = app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    let id = worker.post("/people", &json!({ "sex": "female" })).id();
    let path = format!("/people/{id}/identity");
    let identity = json!({ "surname": "Próbna", "missingReason": "PESEL w trakcie ustalania" });
    let keyed = worker.with("Idempotency-Key", "once");
    keyed.put(&path, "\"0\"", &identity).expect(200);
    let again = keyed.with("Pai-Purpose", "curiosity").put(&path, "\"0\"", &identity);
    assert_eq!(again.expect(200)["surname"], "Próbna");
    assert_eq!(again.header("idempotent-replayed"), "true");
    let register = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={id}")).expect(200);
    let rows = register["items"].as_array().expect("items").iter().filter(|row| row["revealsIdentity"] == true);
    let purposes: Vec<&Value> = rows.map(|row| &row["purpose"]).collect();
    assert_eq!(purposes, ["recruitment", "curiosity"]);
}

/// A request as it is, with all its headers.
fn raw(app: &TestApp, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(app.address.trim_start_matches("http://")).expect("a connection");
    let head = format!("{head}Host: pai\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn a_header_of_one_value_is_not_sent_twice() {
    let app = TestApp::start();
    let token = app.token(Role::Coordinator);
    let head = format!("POST /api/v1/hosts HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    for (name, one, other) in [
        ("Pai-Purpose", "recruitment", "audit"),
        ("Pai-On-Behalf-Of", "a", "b"),
        ("Idempotency-Key", "a", "b"),
        ("If-Match", "\"1\"", "\"2\""),
    ] {
        let answer = raw(&app, &format!("{head}{name}: {one}\r\n{name}: {other}\r\n"), "{\"name\":\"x\"}");
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("platform.invalid_header"), "{name}: {answer}");
    }
    let (client, secret) = &app.town.clients["auditor"];
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{client}:{secret}"));
    let head = "POST /oauth/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
    for (head, form) in [
        (format!("{head}Authorization: Basic {basic}\r\n"), form.as_str()),
        (format!("{head}Authorization: Basic {basic}\r\nAuthorization: Basic {basic}\r\n"), "grant_type=client_credentials"),
    ] {
        let answer = raw(&app, &head, form);
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("invalid_request"), "{answer}");
    }
    let answer = raw(&app, &format!("{head}Authorization: Basic {basic}\r\n"), "grant_type=client_credentials");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn keys_under_which_anybody_can_sign_are_not_registered() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let with = |mut key: Value, member: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = URL_SAFE_NO_PAD.decode(key[member].as_str().expect("a member")).expect("base64url");
        change(&mut bytes);
        key[member] = json!(URL_SAFE_NO_PAD.encode(bytes));
        key
    };
    let (ed, ec, rsa) = (TestKey::ed("k").jwk(), TestKey::ec("k").jwk(), TestKey::rsa("k").jwk());
    let point = |first: u8, rest: u8, last: u8| {
        move |bytes: &mut Vec<u8>| {
            bytes.fill(rest);
            (bytes[0], bytes[31]) = (first, last);
        }
    };
    let weak = [
        with(ed.clone(), "x", &point(0, 0, 0)),
        with(ed.clone(), "x", &point(1, 0, 0)),
        with(ed.clone(), "x", &point(1, 0, 0x80)),
        with(ed.clone(), "x", &point(0xec, 0xff, 0x7f)),
        with(ed.clone(), "x", &point(0xee, 0xff, 0xff)),
        with(ec.clone(), "y", &|bytes| bytes[5] ^= 1),
        with(ec.clone(), "x", &|bytes| bytes.fill(0)),
        with(rsa.clone(), "n", &|bytes| bytes[255] &= 0xfe),
        with(rsa.clone(), "n", &|bytes| bytes[0] &= 0x7f),
        with(rsa.clone(), "e", &|bytes| *bytes = vec![1]),
        with(rsa.clone(), "e", &|bytes| *bytes = vec![0, 1]),
        with(rsa.clone(), "e", &|bytes| *bytes = vec![4]),
    ];
    for key in weak {
        let body = json!({ "name": "Poczta", "role": "auditor", "publicKeys": [key] });
        api.post("/clients", &body).refused(422, "institutions.key_not_usable");
    }
    for key in [ed, ec, rsa] {
        api.post("/clients", &json!({ "name": "Poczta", "role": "auditor", "publicKeys": [key] })).expect(201);
    }
}

#[test]
fn what_has_not_happened_is_not_recorded() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2026-06-01", "2026-06-30", 3);
    let person = build::person(&app);
    let refused = |answer: Answer, pointer: &str| {
        let problem = answer.refused(422, "platform.in_future");
        assert_eq!((&problem["errors"][0]["pointer"], &problem["today"]), (&json!(pointer), &json!(TODAY)), "{problem}");
    };
    let application =
        |day: &str| api.post("/applications", &json!({ "editionId": edition, "personId": person, "receivedOn": day }));
    refused(application(TOMORROW), "/receivedOn");
    application(TODAY).expect(201);
    // A plan lies ahead: admission, sessions, an exit.
    let admit = |person: &str, until: &str| {
        let body = json!({ "editionId": edition, "personId": person, "startsOn": "2026-06-01", "plannedEndOn": until });
        api.post("/participations", &body).id()
    };
    let (other, third) = (build::person(&app).to_string(), build::person(&app).to_string());
    let (running, over) = (admit(&other, "2026-06-30"), admit(&third, TODAY));
    let end = |participation: &str, reason: &str, day: &str| {
        api.post(&format!("/participations/{participation}/end"), &json!({ "reason": reason, "effectiveOn": day }))
    };
    refused(end(&running, "completed", "2026-06-30"), "/effectiveOn");
    refused(api.post(&format!("/editions/{edition}/closure"), &json!({ "effectiveOn": "2026-06-30" })), "/effectiveOn");
    let work = |day: &str| api.post("/psu-entries", &json!({ "participationId": running, "workedOn": day, "hours": "1.00" }));
    refused(work(TOMORROW), "/workedOn");
    let entry = work(TODAY).id();
    let correction = json!({ "hours": "1.00", "workedOn": TOMORROW, "reason": "pomyłka w dniu" });
    refused(api.post(&format!("/psu-entries/{entry}/correction"), &correction), "/workedOn");
    let block = api.post(&format!("/editions/{edition}/blocks"), &json!({ "kind": "integration", "name": "Zajęcia" })).id();
    for (day, is_past) in [(TOMORROW, false), (TODAY, true)] {
        let session = json!({ "blockId": block, "heldOn": day, "startsAt": "09:00", "hours": "1.00", "form": "group" });
        let session = api.post("/sessions", &session).id();
        let mut rows = vec![json!({ "participationId": running, "status": "present" })];
        if is_past {
            rows.push(json!({ "participationId": over, "status": "present" }));
        }
        let sheet = api.send("PUT", &format!("/sessions/{session}/attendance"), Some(json!({ "rows": rows }).to_string()));
        if is_past {
            sheet.expect(200);
        } else {
            refused(sheet, "/rows");
        }
    }
    end(&over, "completed", TODAY).expect(200);
    end(&running, "employed", "2026-06-20").expect(200);
}

#[test]
fn two_people_do_not_have_the_same_place_at_the_same_time() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2019-03-01", "2019-04-30", 3);
    let admit = |seat: i32, from: &str, to: &str| {
        let body = json!({
            "editionId": edition, "personId": build::person(&app), "startsOn": from, "plannedEndOn": to, "seat": seat,
        });
        api.post("/participations", &body)
    };
    admit(1, "2019-03-01", "2019-03-31").expect(201);
    let taken = admit(1, "2019-03-31", "2019-04-30").refused(409, "participation.seat_taken");
    assert_eq!(taken["errors"][0]["pointer"], "/seat");
    admit(1, "2019-04-01", "2019-04-30").expect(201);
    admit(2, "2019-03-01", "2019-04-30").expect(201);
    assert_eq!(admit(4, "2019-03-01", "2019-03-02").refused(422, "participation.seat_outside_plan")["places"], 3);
    // Of several at once one gets it.
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..4).map(|_| scope.spawn(|| admit(3, "2019-03-01", "2019-04-30").status)).collect();
        tries.into_iter().map(|handle| handle.join().expect("an answer")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
}

#[test]
fn a_closed_edition_takes_late_entries_only() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2019-03-01", "2019-04-30", 3);
    let apply = |day: &str| {
        let body = json!({ "editionId": edition, "personId": build::person(&app), "receivedOn": day });
        api.post("/applications", &body)
    };
    let waiting = apply("2019-02-01").id();
    let leaving = apply("2019-02-01").id();
    api.post(&format!("/editions/{edition}/closure"), &json!({ "effectiveOn": "2019-04-30" })).expect(200);
    let refused = |answer: Answer, pointer: &str| {
        let problem = answer.refused(409, "programmes.edition_closed");
        assert_eq!(
            (&problem["errors"][0]["pointer"], &problem["closedOn"]),
            (&json!(pointer), &json!("2019-04-30")),
            "{problem}"
        );
    };
    refused(apply("2019-05-01"), "/receivedOn");
    apply("2019-04-30").expect(201);
    let decide = |day: &str| {
        let body = json!({ "decision": "rejected", "effectiveOn": day, "reason": "brak miejsc" });
        api.post(&format!("/applications/{waiting}/decisions"), &body)
    };
    refused(decide("2019-05-01"), "/effectiveOn");
    decide("2019-04-30").expect(200);
    let withdraw =
        |day: &str| api.post(&format!("/applications/{leaving}/withdrawal"), &json!({ "reason": "health", "effectiveOn": day }));
    refused(withdraw("2019-05-01"), "/effectiveOn");
    withdraw("2019-04-30").expect(200);
}
