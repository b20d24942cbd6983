//! Hours of socially useful work from files, on the same ledger as single entries.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{commit, counts, found, plan, rows};
use crate::support::scene::{Limits, Scene, TEN_A_WEEK};
use crate::support::{Api, TestApp};

const HEAD: &str =
    "Identyfikator uczestnictwa;Dzień pracy;Godziny;Identyfikator miejsca pracy;Od godziny;Do godziny;Rodzaj prac\n";

fn coordinator(app: &TestApp) -> Api {
    app.api(Role::Coordinator).with("Pai-Purpose", "participation")
}

fn outcomes(rows: &[Value]) -> Vec<(&str, (&str, &str))> {
    rows.iter().map(|row| (row["outcome"].as_str().expect("an outcome"), found(row))).collect()
}

#[test]
fn a_month_of_a_host_is_recorded_and_sent_again_changes_nothing() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let people = scene.participants(edition, 3);
    let host = scene.host();
    let api = coordinator(&app);
    let text: String = people
        .iter()
        .flat_map(|person| {
            ["03.11.2020", "2020-11-10", "2020-11-17"].map(|day| format!("{person};{day};2,5;{host};;;porządkowe\n"))
        })
        .collect();
    let import = plan(&api, "psuEntries", &format!("{HEAD}{text}"));
    assert_eq!(counts(&import), [9, 0, 0, 0, 0], "{:?}", rows(&api, &import));
    commit(&api, &import, &json!({})).expect(200);
    assert_eq!(scene.number("SELECT count(*) FROM psu_entries WHERE minutes = 150"), 9);
    assert_eq!(scene.number("SELECT sum(used_minutes) FROM psu_weeks"), 9 * 150);
    assert_eq!(scene.events("psu_entry.recorded"), 9);
    let entry = rows(&api, &import)[0]["recordId"].as_str().expect("an id").to_owned();
    let view = api.get(&format!("/psu-entries/{entry}")).expect(200);
    assert_eq!((&view["hours"], &view["workedOn"], &view["hostId"]), (&json!("2.50"), &json!("2020-11-03"), &json!(host)));
    assert_eq!(counts(&plan(&api, "psuEntries", &format!("{HEAD}{text}"))), [0, 0, 9, 0, 0]);
    let other_hours = format!("{HEAD}{};2020-11-03;3;{host};;;PORZADKOWE\n", people[0]);
    assert_eq!(
        outcomes(&rows(&api, &plan(&api, "psuEntries", &other_hours))),
        [("conflict", ("hours", "participation.psu_entry_recorded"))]
    );
}

#[test]
fn a_row_that_does_not_fit_is_refused_with_what_is_left() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (first, second) = (scene.edition(TEN_A_WEEK), scene.edition(Limits { weekly: Some("10.00"), monthly: Some(12) }));
    let person = scene.person();
    let (here, capped) = (scene.participation(first, person), scene.participation(second, person));
    let resting = scene.participants(first, 1)[0];
    scene.suspend(resting, "2020-11-10", "2020-11-10");
    let api = coordinator(&app);
    api.post("/psu-entries", &json!({ "participationId": here, "workedOn": "2020-11-09", "hours": "4" })).expect(201);
    api.post("/psu-entries", &json!({ "participationId": capped, "workedOn": "2020-11-03", "hours": "5" })).expect(201);
    let absence = json!({ "participationId": resting, "from": "2020-11-12", "to": "2020-11-12", "kind": "unexcused" });
    api.post("/psu-absences", &absence).expect(201);
    let text = format!(
        "{HEAD}{here};2020-11-10;5;;;;\n{here};2020-11-11;1,25;;;;\n{here};2020-11-12;1;;;;\n\
         {capped};2020-11-17;7;;;;\n{capped};2020-11-18;0,25;;;;\n\
         {resting};2020-11-10;1;;;;\n{resting};2020-11-12;1;;;;\n{resting};2021-01-02;1;;;;\n{resting};2026-06-16;1;;;;\n\
         {here};2020-11-24;1;;08:00;09:00;\n{capped};2020-11-24;1;;08:30;09:30;\n{here};2020-11-25;2;;08:00;09:00;\n\
         {here};2020-11-26;0;;;;\n{first};2020-11-26;1;;;;\n{here};2020-11-26;1;{first};;;\n",
        first = first.id,
    );
    let import = plan(&api, "psuEntries", &text);
    let rows = rows(&api, &import);
    assert_eq!(
        outcomes(&rows),
        [
            ("created", ("", "")),
            ("error", ("hours", "participation.psu_weekly_limit")),
            ("created", ("", "")),
            ("created", ("", "")),
            ("error", ("hours", "participation.psu_monthly_cap")),
            ("error", ("workedOn", "participation.outside_period")),
            ("error", ("workedOn", "participation.psu_absent")),
            ("error", ("workedOn", "participation.outside_period")),
            ("error", ("workedOn", "platform.in_future")),
            ("created", ("", "")),
            ("error", ("startedAt", "participation.psu_clash")),
            ("error", ("endedAt", "participation.psu_times")),
            ("error", ("hours", "imports.value_invalid")),
            ("error", ("participationId", "platform.reference_not_found")),
            ("error", ("hostId", "platform.reference_not_found")),
        ]
    );
    let hint = |row: usize| rows[row]["findings"][0]["hint"].as_str().expect("a hint");
    assert!(hint(1).contains("2020-W46") && hint(1).contains("1.00 h z 10.00 h"), "{}", hint(1));
    assert!(hint(5).contains("od 2020-11-02 do 2020-12-31") && hint(6).contains("W dniu 2020-11-12"), "{} {}", hint(5), hint(6));
    assert!(hint(4).contains("2020-11") && hint(4).contains("0.00 h z 12.00 h"), "{}", hint(4));
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    assert_eq!(scene.number("SELECT max(used_minutes) FROM psu_weeks WHERE week_on = '2020-11-09'"), 600);
    assert_eq!(scene.number("SELECT used_minutes FROM psu_months"), 720);
    let other = app.other_api(Role::Coordinator).with("Pai-Purpose", "participation");
    let foreign = super::rows(&other, &plan(&other, "psuEntries", &format!("{HEAD}{here};2020-11-27;1;;;;\n")));
    assert_eq!(outcomes(&foreign), [("error", ("participationId", "platform.reference_not_found"))]);
}

/// Imports and single calls for the same weeks at the same time, again and again.
#[test]
fn an_import_beside_single_calls_never_overfills_a_week() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (first, second) = (scene.edition(TEN_A_WEEK), scene.edition(TEN_A_WEEK));
    let people: Vec<_> = (0..4).map(|_| scene.person()).collect();
    let here: Vec<_> = people.iter().map(|person| scene.participation(first, *person)).collect();
    let there: Vec<_> = people.iter().map(|person| scene.participation(second, *person)).collect();
    let api = coordinator(&app);
    let weeks = ["2020-11-09", "2020-11-16", "2020-11-23", "2020-11-30"];
    let plans: Vec<Value> = weeks
        .iter()
        .map(|day| {
            let text = here.iter().map(|participation| format!("{participation};{day};6;;;;\n")).collect::<Vec<_>>().concat();
            plan(&api, "psuEntries", &format!("{HEAD}{text}"))
        })
        .collect();
    let committed: Vec<u16> = std::thread::scope(|scope| {
        for (number, participation) in there.iter().enumerate() {
            let (api, weeks) = (&api, &weeks);
            scope.spawn(move || {
                for (week, day) in weeks.iter().enumerate() {
                    for round in 0..6 {
                        let body = json!({ "participationId": participation, "workedOn": day, "hours": "1" });
                        let status = api.post_patiently(&format!("{number}-{week}-{round}"), "/psu-entries", &body).status;
                        assert!(matches!(status, 201 | 422), "{status}");
                    }
                }
            });
        }
        let commits: Vec<_> = plans.iter().map(|import| scope.spawn(|| commit(&api, import, &json!({})).status)).collect();
        commits.into_iter().map(|commit| commit.join().expect("an answer")).collect()
    });
    // Who comes too late is refused whole: by the limit, because the plan does not hold any more, or after a lost wait.
    assert!(committed.iter().all(|status| matches!(status, 200 | 409 | 422 | 503)), "{committed:?}");
    let wrong = "SELECT count(*) FROM psu_weeks w WHERE used_minutes > 600 OR used_minutes <>
        (SELECT sum(minutes) FROM psu_entries e WHERE e.person_id = w.person_id AND worked_on BETWEEN week_on AND week_on + 6)";
    assert_eq!(scene.number(wrong), 0);
    let imported = i64::try_from(committed.iter().filter(|status| **status == 200).count()).expect("a count");
    assert_eq!(scene.number("SELECT count(*) FROM psu_entries WHERE minutes = 360"), 4 * imported, "all rows of a file, or none");
}

#[test]
fn two_plans_of_one_file_that_are_committed_at_once_are_recorded_once() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let people = scene.participants(edition, 5);
    let api = coordinator(&app);
    for (round, day) in ["2020-11-03", "2020-11-10", "2020-11-17", "2020-11-24", "2020-12-01"].into_iter().enumerate() {
        let lines: Vec<String> = people.iter().map(|person| format!("{person};{day};1;;;;\n")).collect();
        let text = lines.concat();
        let plans = [0, 1, 2].map(|_| plan(&api, "psuEntries", &format!("{HEAD}{text}")));
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let commits = plans.each_ref().map(|plan| scope.spawn(|| commit(&api, plan, &json!({})).status));
            commits.into_iter().map(|one| one.join().expect("a caller")).collect()
        });
        statuses.sort_unstable();
        assert!(statuses[0] == 200 && statuses[1..].iter().all(|status| [409, 503].contains(status)), "{statuses:?}");
        let recorded = i64::try_from((round + 1) * people.len()).expect("few");
        assert_eq!(scene.number("SELECT count(*) FROM psu_entries"), recorded, "round {round}: {statuses:?}");
    }
}
