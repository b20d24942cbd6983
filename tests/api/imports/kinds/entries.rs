//! Hours of work and rows of sheets from the files of other systems, found again by their ids.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{commit, counts, found, plan, rows};
use crate::support::scene::{Limits, Scene, TEN_A_WEEK};
use crate::support::{Api, TestApp};

const HOURS: &str = "system;externalId;participationId;workedOn;hours;kindOfWork;correctionReason\n";
const SHEETS: &str = "system;externalId;sessionId;participationId;status;hours;correctionReason\n";

fn coordinator(app: &TestApp) -> Api {
    app.api(Role::Coordinator).with("Pai-Purpose", "participation")
}

fn take_in(api: &Api, kind: &str, text: &str, expected: [i64; 5]) -> Value {
    let import = plan(api, kind, text);
    assert_eq!(counts(&import), expected, "{:?}", rows(api, &import));
    commit(api, &import, &json!({})).expect(200);
    import
}

#[test]
fn hours_are_found_again_by_id_and_corrected_on_the_same_ledger() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let who = scene.participants(edition, 2);
    let api = coordinator(&app);
    let text = format!("{HOURS}kadry;1;{};2020-11-03;2,5;porządkowe;\nkadry;2;{};2020-11-03;4;porządkowe;\n", who[0], who[1]);
    take_in(&api, "psuEntries", &text, [2, 0, 0, 0, 0]);
    take_in(&api, "psuEntries", &text, [0, 0, 2, 0, 0]);
    assert_eq!(scene.number("SELECT count(*) FROM psu_entries"), 2);
    // Another day and other hours of the same entry: a correction, and the week counts it once.
    let moved = format!("{HOURS}kadry;1;{};2020-11-04;3;porządkowe;zły dzień\n", who[0]);
    take_in(&api, "psuEntries", &moved, [0, 1, 0, 0, 0]);
    assert_eq!(scene.number("SELECT count(*) FROM psu_entries WHERE superseded_at IS NULL"), 2);
    assert_eq!(scene.number("SELECT sum(used_minutes) FROM psu_weeks"), 180 + 240);
    assert_eq!(scene.events("psu_entry.corrected"), 1);
    let now = api.get("/external-ids?system=kadry&externalId=1").expect(200)["items"][0]["recordId"].clone();
    let entry = api.get(&format!("/psu-entries/{}", now.as_str().expect("an id"))).expect(200);
    assert_eq!(
        (&entry["workedOn"], &entry["hours"], &entry["correctionReason"]),
        (&json!("2020-11-04"), &json!("3.00"), &json!("zły dzień"))
    );
    take_in(&api, "psuEntries", &moved, [0, 0, 1, 0, 0]);
    // The same work under another system's id is not worked twice.
    take_in(&api, "psuEntries", &format!("{HOURS}zus;Z-9;{};2020-11-04;3;porządkowe;\n", who[0]), [0, 1, 0, 0, 0]);
    assert_eq!(scene.number("SELECT count(*) FROM psu_entries WHERE superseded_at IS NULL"), 2);
}

#[test]
fn a_correction_from_a_file_keeps_to_the_week_and_to_the_person() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let who = scene.participants(edition, 2);
    let api = coordinator(&app);
    let text = format!("{HOURS}kadry;1;{0};2020-11-03;4;;\nkadry;2;{0};2020-11-04;4;;\n", who[0]);
    take_in(&api, "psuEntries", &text, [2, 0, 0, 0, 0]);
    // Four and six are ten; four and seven are not.
    let full = format!("{HOURS}kadry;2;{};2020-11-04;7;;\n", who[0]);
    let import = plan(&api, "psuEntries", &full);
    assert_eq!(counts(&import), [0, 0, 0, 0, 1]);
    assert_eq!(found(&rows(&api, &import)[0]).1, "participation.psu_weekly_limit");
    take_in(&api, "psuEntries", &format!("{HOURS}kadry;2;{};2020-11-04;6;;\n", who[0]), [0, 1, 0, 0, 0]);
    assert_eq!(scene.number("SELECT sum(used_minutes) FROM psu_weeks"), 600);
    let of_another = plan(&api, "psuEntries", &format!("{HOURS}kadry;1;{};2020-11-03;4;;\n", who[1]));
    assert_eq!(counts(&of_another), [0, 0, 0, 1, 0]);
    assert_eq!(found(&rows(&api, &of_another)[0]).0, "externalId");
}

#[test]
fn a_correction_from_a_file_keeps_out_of_the_way_of_other_work() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let who = scene.participants(edition, 1)[0];
    let api = coordinator(&app);
    let timed = |first: &str, second: &str| {
        format!(
            "system;externalId;participationId;workedOn;hours;startedAt;endedAt\nkadry;1;{who};2020-11-03;2;{first}\nkadry;2;{who};2020-11-03;2;{second}\n"
        )
    };
    take_in(&api, "psuEntries", &timed("08:00;10:00", "10:00;12:00"), [2, 0, 0, 0, 0]);
    let by_hand =
        json!({ "participationId": who, "workedOn": "2020-11-03", "hours": "1", "startedAt": "13:00", "endedAt": "14:00" });
    api.post("/psu-entries", &by_hand).expect(201);
    let into_other_work = plan(&api, "psuEntries", &timed("08:00;10:00", "12:00;14:00"));
    assert_eq!(counts(&into_other_work), [0, 0, 1, 0, 1]);
    assert_eq!(found(&rows(&api, &into_other_work)[1]), ("startedAt", "participation.psu_clash"));
    let over_each_other = plan(&api, "psuEntries", &timed("09:00;11:00", "10:30;12:30"));
    assert_eq!(counts(&over_each_other), [0, 1, 0, 0, 1]);
    // Each gives way to the other.
    take_in(&api, "psuEntries", &timed("10:00;12:00", "08:00;10:00"), [0, 2, 0, 0, 0]);
    assert_eq!(scene.number("SELECT count(*) FROM psu_entries WHERE superseded_at IS NULL"), 3);
    assert_eq!(scene.number("SELECT sum(used_minutes) FROM psu_weeks"), 300);
}

#[test]
fn systems_give_ids_to_an_entry_that_is_there() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let who = scene.participants(edition, 1)[0];
    let api = coordinator(&app);
    let by_hand = json!({ "participationId": who, "workedOn": "2020-11-03", "hours": "2", "kindOfWork": "porządkowe" });
    api.post("/psu-entries", &by_hand).expect(201);
    let row = |system: &str, id: &str| format!("{system};{id};{who};2020-11-03;2;porządkowe;\n");
    for (system, id) in [("kadry", "2"), ("zus", "Z-9")] {
        let twice = plan(&api, "psuEntries", &format!("{HOURS}{}{}", row("kadry", "1"), row(system, id)));
        assert_eq!(counts(&twice), [0, 1, 0, 0, 1], "one row for an entry");
        assert_eq!(found(&rows(&api, &twice)[1]).1, "imports.row_repeated");
    }
    take_in(&api, "psuEntries", &format!("{HOURS}{}", row("kadry", "1")), [0, 1, 0, 0, 0]);
    take_in(&api, "psuEntries", &format!("{HOURS}{}", row("zus", "Z-9")), [0, 1, 0, 0, 0]);
    for (system, id) in [("kadry", "1"), ("zus", "Z-9")] {
        take_in(&api, "psuEntries", &format!("{HOURS}{}", row(system, id)), [0, 0, 1, 0, 0]);
    }
    assert_eq!(scene.number("SELECT count(*) FROM psu_entries"), 1);
    assert_eq!(scene.number("SELECT count(DISTINCT record_id) FROM external_ids"), 1);
}

#[test]
fn rows_of_sheets_keep_their_ids_through_corrections() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let who = scene.participants(edition, 2);
    let api = coordinator(&app);
    let session = json!({ "blockId": edition.block, "heldOn": "2020-11-10", "hours": "3", "form": "group" });
    let session = api.post("/sessions", &session).id();
    let text = format!("{SHEETS}dziennik;a;{session};{};obecny;;\ndziennik;b;{session};{};NN;;\n", who[0], who[1]);
    take_in(&api, "attendance", &text, [2, 0, 0, 0, 0]);
    take_in(&api, "attendance", &text, [0, 0, 2, 0, 0]);
    let corrected = format!("{SHEETS}dziennik;b;{session};{};spóźniona;2;przyszła później\n", who[1]);
    take_in(&api, "attendance", &corrected, [0, 1, 0, 0, 0]);
    let row = api.get("/external-ids?system=dziennik&externalId=b").expect(200)["items"][0]["recordId"].clone();
    let sheet = api.get(&format!("/sessions/{session}/attendance")).expect(200);
    let held: Vec<&Value> = sheet["rows"].as_array().expect("rows").iter().filter(|line| line["id"] == row).collect();
    assert_eq!(held.len(), 1, "the id is that of the row as it stands: {sheet}");
    assert_eq!(held[0]["status"], "late");
    // The id of one row is not that of another.
    let mixed = plan(&api, "attendance", &format!("{SHEETS}dziennik;a;{session};{};obecny;;\n", who[1]));
    assert_eq!(found(&rows(&api, &mixed)[0]).0, "externalId", "{:?}", rows(&api, &mixed));
}
