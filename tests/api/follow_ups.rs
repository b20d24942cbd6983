//! Whom to ask whether they work: computed from dates, never stored.

use crate::support::TestApp;
use crate::support::replay::Replay;
use pai::platform::policy::Role;
use serde_json::{Value, json};

struct Ended {
    replay: Replay,
    edition: String,
    /// Person and participation; the first left early, the other completed.
    stays: Vec<(String, String)>,
}

fn ended(app: &TestApp) -> Ended {
    let replay = Replay::programme(app, "PAI-2019", "2020-10-01");
    let edition = replay.edition("I", "2020-10-15", "2020-12-14", 5);
    let mut stays = Vec::new();
    for (reason, last) in [("employed", "2020-11-30"), ("completed", "2020-12-14")] {
        let person = replay.person("female");
        let stay = replay.admit_person(&edition, &person, "2020-10-15");
        replay.end(&stay, reason, last);
        stays.push((person, stay));
    }
    // Somebody still takes part, as far as is known: there is nothing to follow up.
    let person = replay.person("male");
    replay.admit_person(&edition, &person, "2020-10-15");
    Ended { replay, edition, stays }
}

impl Ended {
    /// The states of the three tasks of each participation on a day.
    fn states(&self, on: &str) -> Vec<Vec<String>> {
        let list = self.replay.api.get(&format!("/follow-ups?editionId={}&on={on}", self.edition)).expect(200);
        let tasks = |item: &Value| {
            let tasks = item["tasks"].as_array().expect("tasks").iter();
            tasks.map(|task| task["state"].as_str().expect("a state").to_owned()).collect()
        };
        let find = |stay: &String| list["items"].as_array()?.iter().find(|item| item["participationId"] == json!(stay));
        self.stays.iter().filter_map(|(_, stay)| find(stay)).map(tasks).collect()
    }

    fn check(&self, stay: usize, window: &str, result: &str, checked_on: &str) {
        let body = json!({ "participationId": self.stays[stay].1, "window": window, "result": result, "checkedOn": checked_on,
            "source": "labourOffice" });
        self.replay.api.post("/employment-checks", &body).expect(201);
    }
}

#[test]
fn tasks_fall_due_by_the_clock_of_the_regime() {
    let app = TestApp::start();
    let ended = ended(&app);
    let list = ended.replay.api.get(&format!("/follow-ups?editionId={}", ended.edition)).expect(200);
    let items = list["items"].as_array().expect("items");
    assert_eq!(items.len(), 2, "whoever still takes part has no task");
    let first = items.iter().find(|item| item["exitOn"] == "2020-11-30").expect("the early leaver");
    assert_eq!(first["tasks"][0]["programmeWindowEndsOn"], "2021-01-11");
    assert_eq!(first["tasks"][0]["personWindowEndsOn"], "2020-12-28");
    assert_eq!(first["tasks"][1]["personWindowEndsOn"], "2021-02-28", "clipped to the end of the month");
    assert_eq!(first["tasks"][0]["windowEndsOn"], "2021-01-11", "by the clock of the programme");
    for (on, state) in [("2021-01-11", "upcoming"), ("2021-01-12", "due")] {
        assert_eq!(ended.states(on)[1][0], state, "{on}");
    }
    assert_eq!(ended.states("2020-12-01").len(), 1, "who left later is not there yet");
}

#[test]
fn unknown_is_not_no_and_a_job_answers() {
    let app = TestApp::start();
    let ended = ended(&app);
    ended.check(1, "within4Weeks", "unknown", "2021-01-20");
    assert_eq!(ended.states("2021-02-01")[1], ["due", "upcoming", "upcoming"]);
    ended.check(1, "within4Weeks", "notEmployed", "2021-01-21");
    assert_eq!(ended.states("2021-01-20")[1][0], "due", "what was found out later is left out");
    assert_eq!(ended.states("2021-02-01")[1], ["answered", "upcoming", "upcoming"]);
    let job = json!({ "personId": ended.stays[1].0, "startsOn": "2021-02-15", "kind": "employmentContract", "source": "labourOffice",
        "weeklyHours": "20.00" });
    let made = ended.replay.api.post("/employment-spells", &job).expect(201);
    assert_eq!(made["weeklyHours"], "20.00");
    assert_eq!(ended.states("2021-07-01")[1], ["answered", "answered", "answered"]);
    assert_eq!(ended.states("2021-07-01")[0], ["due", "due", "due"], "nobody asked the other one");
}

#[test]
fn the_due_list_of_a_town_is_paged_and_its_own() {
    let app = TestApp::start();
    let ended = ended(&app);
    let api = app.api(Role::SocialWorker);
    let due = |more: &str| api.get(&format!("/follow-ups?state=due&on=2021-01-12{more}")).expect(200);
    let all = due("");
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["items"][0]["tasks"].as_array().map(Vec::len), Some(1), "only what is due");
    let first = due("&limit=1");
    let cursor = first["nextCursor"].as_str().expect("a next page");
    let second = due(&format!("&limit=1&cursor={cursor}"));
    assert_eq!((&first["items"][0], &second["items"][0]), (&all["items"][0], &all["items"][1]));
    assert_eq!(second["nextCursor"], Value::Null);
    let one = due(&format!("&participationId={}", ended.stays[0].1));
    assert_eq!(one["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.other_api(Role::Coordinator).get("/follow-ups").expect(200)["items"], json!([]));
    app.api(Role::Statistician).get("/follow-ups").refused(403, "platform.forbidden");
}

#[test]
fn working_time_of_a_week_has_its_bounds() {
    let app = TestApp::start();
    let ended = ended(&app);
    for (hours, status) in [("0.25", 201), ("168.00", 201), ("0.00", 422), ("168.25", 422)] {
        let job = json!({ "personId": ended.stays[0].0, "startsOn": "2020-12-01", "kind": "other", "source": "employer", "weeklyHours": hours });
        let answer = ended.replay.api.post("/employment-spells", &job);
        assert_eq!(answer.status, status, "{hours}: {}", answer.text);
        if status == 422 {
            assert_eq!(answer.refused(422, "platform.invalid_field")["errors"][0]["pointer"], "/weeklyHours");
        }
    }
}
