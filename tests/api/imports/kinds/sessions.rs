//! Timetables from files: a row stands or falls as a single session would.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{commit, counts, found, plan, rows, worker};
use crate::support::TestApp;
use crate::support::scene::{Limits, Scene};

const HEAD: &str = "system;externalId;blockId;participationId;heldOn;startsAt;endsAt;hours;form;theme;facilitator;room;venue\n";

#[test]
fn a_timetable_is_taken_in_and_sent_again_changes_nothing() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let person = scene.participants(edition, 1)[0];
    let api = worker(&app);
    let block = edition.block;
    let text = format!(
        "plan;1;{block};;10.11.2020;09:00;12:15;3;grupowe;Asertywność;PS-1;;\nplan;2;{block};;2020-11-11;09:00;;3;group;Komunikacja;PS-1;;\n\
         ;;{block};;2020-11-12;;;2;grupowe;Bez godziny;;;\nplan;3;{block};{person};2020-11-13;10:00;;1;indywidualne;;PS-2;;\n"
    );
    let import = plan(&api, "sessions", &format!("{HEAD}{text}"));
    assert_eq!(counts(&import), [4, 0, 0, 0, 0], "{:?}", rows(&api, &import));
    let list = || api.get("/sessions?limit=200").expect(200)["items"].as_array().expect("sessions").clone();
    assert_eq!(list(), [] as [Value; 0], "a plan leaves nothing in the timetable");
    commit(&api, &import, &json!({})).expect(200);
    let sessions = list();
    assert_eq!(sessions.len(), 4);
    assert_eq!((&sessions[0]["endsAt"], &sessions[0]["hours"]), (&json!("12:15"), &json!("3.00")));
    assert_eq!((&sessions[3]["form"], &sessions[3]["rosterLimited"]), (&json!("individual"), &json!(true)));
    assert_eq!(counts(&plan(&api, "sessions", &format!("{HEAD}{text}"))), [0, 0, 4, 0, 0]);
    let moved = text.replace("2020-11-11;09:00", "2020-11-11;10:00");
    let import = plan(&api, "sessions", &format!("{HEAD}{moved}"));
    assert_eq!(counts(&import), [0, 0, 3, 1, 0]);
    let row = &rows(&api, &import)[1];
    assert_eq!(found(row), ("startsAt", "participation.session_known"));
    let hint = row["findings"][0]["hint"].as_str().expect("a hint");
    assert!(hint.contains(sessions[1]["id"].as_str().expect("an id")) && !hint.contains('{'), "{hint}");
}

#[test]
fn what_clashes_with_the_timetable_or_with_the_file_is_refused() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let other = scene.edition(Limits::default());
    let api = worker(&app);
    let standing = json!({ "blockId": edition.block, "heldOn": "2020-11-10", "startsAt": "09:00", "hours": "3", "form": "group", "facilitator": "PS-1" });
    app.api(Role::Coordinator).post("/sessions", &standing).expect(201);
    let (block, beside) = (edition.block, other.block);
    let text = format!(
        ";;{beside};;2020-11-10;11:00;;2;grupowe;;PS-1;;\n;;{beside};;2020-11-10;12:00;;2;grupowe;;PS-1;;\n\
         ;;{beside};;2020-11-10;13:00;;2;grupowe;Drugi;PS-3;;\n;;{block};;2021-01-04;09:00;;2;grupowe;;;;\n\
         ;;{block};;2020-11-17;09:00;10:00;3;grupowe;;;;\n;;{block};;2020-11-18;09:00;;;grupowe;;;;\n\
         ;;{block};;2020-11-19;;;1;indywidualne;;;;\n;;{beside};;2020-11-20;;;1;grupowe;Ten sam;;;\n;;{beside};;2020-11-20;;;1;grupowe;Ten sam;;;\n"
    );
    let import = plan(&api, "sessions", &format!("{HEAD}{text}"));
    let rows = rows(&api, &import);
    let outcomes: Vec<_> = rows.iter().map(|row| (row["outcome"].as_str().expect("an outcome"), found(row).1)).collect();
    assert_eq!(
        outcomes,
        [
            ("error", "participation.session_clash"),
            ("created", ""),
            ("error", "participation.session_clash"),
            ("error", "participation.outside_edition"),
            ("error", "participation.session_times"),
            ("error", "participation.session_times"),
            ("error", "imports.value_missing"),
            ("created", ""),
            ("error", "imports.row_repeated"),
        ]
    );
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    assert_eq!(scene.number("SELECT count(*) FROM sessions"), 3);
}
