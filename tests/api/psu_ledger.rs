//! The ledger of hours, also when many call at once.

use crate::support::scene::{Limits, Scene, TEN_A_WEEK};
use crate::support::{Answer, Api, TestApp};
use pai::platform::policy::Role;
use serde_json::json;
use uuid::Uuid;

/// Weeks whose row is not the sum of the entries that hold, or is above its limit.
const WRONG_WEEKS: &str = "SELECT count(*) FROM psu_weeks w WHERE used_minutes > limit_minutes OR used_minutes <>
    (SELECT coalesce(sum(minutes), 0) FROM psu_entries e WHERE e.tenant_id = w.tenant_id AND e.person_id = w.person_id
      AND superseded_at IS NULL AND worked_on BETWEEN week_on AND week_on + 6)";
/// The same for months.
const WRONG_MONTHS: &str = "SELECT count(*) FROM psu_months m WHERE used_minutes > limit_minutes OR used_minutes <>
    (SELECT coalesce(sum(minutes), 0) FROM psu_entries e WHERE e.tenant_id = m.tenant_id AND e.person_id = m.person_id
      AND superseded_at IS NULL AND date_trunc('month', worked_on) = month_on)";

/// The same for the totals of agreements.
const WRONG_TOTALS: &str = "SELECT count(*) FROM psu_totals t WHERE used_minutes > limit_minutes OR used_minutes <>
    (SELECT coalesce(sum(minutes), 0) FROM psu_entries e JOIN editions d ON d.tenant_id = e.tenant_id AND d.id = e.edition_id
      WHERE e.tenant_id = t.tenant_id AND d.agreement_id = t.agreement_id AND superseded_at IS NULL)";

fn record(api: &Api, participation: Uuid, host: Uuid, day: &str, hours: &str) -> Answer {
    let body = json!({ "participationId": participation, "hostId": host, "workedOn": day, "hours": hours });
    api.post("/psu-entries", &body)
}

/// What as many callers at once are answered.
fn at_once<T: Send>(callers: usize, call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let call = &call;
        let threads: Vec<_> = (0..callers).map(|number| scope.spawn(move || call(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a caller")).collect()
    })
}

#[test]
fn sixteen_callers_from_two_hosts_never_exceed_the_week() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (first, second) = (scene.edition(TEN_A_WEEK), scene.edition(TEN_A_WEEK));
    let person = scene.person();
    let participations = [scene.participation(first, person), scene.participation(second, person)];
    let hosts = [scene.host(), scene.host()];
    let api = app.api(Role::Coordinator);
    let answers = at_once(16, |number| record(&api, participations[number / 2 % 2], hosts[number % 2], "2020-11-10", "1"));
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 10);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let refused = answer.refused(422, "participation.psu_weekly_limit");
        assert_eq!((&refused["usedHours"], &refused["remainingHours"]), (&json!("10.00"), &json!("0.00")));
    }
    assert_eq!(scene.number("SELECT sum(minutes) FROM psu_entries"), 600);
    assert_eq!(scene.number(WRONG_WEEKS), 0);
}

/// On a busy machine somebody may wait too long for the others; who is told to come back does so.
fn until_answered(call: impl Fn() -> Answer) -> Answer {
    (0..5).map(|_| call()).find(|answer| answer.status != 503).unwrap_or_else(&call)
}

#[test]
fn entries_and_corrections_at_once_keep_the_ledger_true() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits { weekly: Some("10.00"), monthly: Some(25) });
    let person = scene.person();
    let participation = scene.participation(edition, person);
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    let days = ["2020-11-24", "2020-11-30", "2020-12-01", "2020-12-08"];
    let statuses = at_once(16, |number| {
        let mut seen = Vec::new();
        for round in 0..3 {
            let answer = until_answered(|| record(&api, participation, host, days[(number + round) % 4], "1.75"));
            seen.push(answer.status);
            if answer.status == 201 {
                let (hours, day) = (["3", "0", "0.5"][(number + round) % 3], days[(number * 3 + round) % 4]);
                let body = json!({ "hours": hours, "workedOn": day, "reason": "korekta" });
                let path = format!("/psu-entries/{}/correction", answer.id());
                seen.push(until_answered(|| api.post(&path, &body)).status);
            }
        }
        seen
    });
    assert!(statuses.iter().flatten().all(|status| [201, 422].contains(status)), "{statuses:?}");
    assert!(statuses.iter().flatten().any(|status| *status == 422), "the limits were never reached: {statuses:?}");
    assert_eq!(scene.number(WRONG_WEEKS), 0);
    assert_eq!(scene.number(WRONG_MONTHS), 0);
}

#[test]
fn of_many_corrections_of_one_entry_one_holds() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let person = scene.person();
    let participation = scene.participation(edition, person);
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    let id = record(&api, participation, host, "2020-11-10", "4").id();
    let path = format!("/psu-entries/{id}/correction");
    let answers = at_once(8, |number| {
        let body = json!({ "hours": (number + 1).to_string(), "reason": "korekta" });
        api.post_patiently(&format!("correction-{number}"), &path, &body)
    });
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "platform.already_superseded");
    }
    assert_eq!(scene.number(WRONG_WEEKS), 0);
}

#[test]
fn a_week_without_hours_shows_what_may_be_worked() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (ten, free) = (scene.edition(TEN_A_WEEK), scene.edition(Limits::default()));
    let (limited, unlimited) = (scene.person(), scene.person());
    scene.participation(ten, limited);
    let participation = scene.participation(free, unlimited);
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    let week =
        |person: Uuid, week: &str| api.get(&format!("/psu-ledger?personId={person}&week={week}")).expect(200)["weeks"].clone();
    assert_eq!(
        week(limited, "2020-W46"),
        json!([{ "week": "2020-W46", "usedHours": "0.00", "limitHours": "10.00", "remainingHours": "10.00" }])
    );
    assert_eq!(week(limited, "2021-W20")[0]["limitHours"], json!(null));
    record(&api, participation, host, "2020-11-10", "12").expect(201);
    assert_eq!(
        week(unlimited, "2020-W46"),
        json!([{ "week": "2020-W46", "usedHours": "12.00", "limitHours": null, "remainingHours": null }])
    );
    let ledger = |query: &str| api.get(&format!("/psu-ledger?personId={unlimited}{query}"));
    assert_eq!(ledger("&from=2020-10&to=2022-09").expect(200)["weeks"].as_array().map(Vec::len), Some(1));
    for query in
        ["", "&from=2020-10", "&from=2020-11&to=2020-10", "&from=2020-10&to=2022-10", "&week=2020-W46&from=2020-10&to=2020-10"]
    {
        ledger(query).refused(400, "platform.invalid_parameter");
    }
    let other = app.other_api(Role::Coordinator);
    other.get(&format!("/psu-ledger?personId={limited}&week=2020-W46")).refused(404, "platform.not_found");
}

#[test]
fn an_end_and_hours_after_it_at_once_never_both_hold() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    for participation in scene.participants(edition, 4) {
        let end = format!("/participations/{participation}/end");
        let body = json!({ "effectiveOn": "2020-11-20", "reason": "employed" });
        at_once(6, |number| match number {
            3 => api.post(&end, &body).status,
            _ => record(&api, participation, host, "2020-11-24", "1").status,
        });
    }
    let after_the_end = "SELECT count(*) FROM psu_entries e JOIN participations p ON p.id = e.participation_id
         WHERE e.superseded_at IS NULL AND e.worked_on > p.ended_on";
    assert_eq!(scene.number(after_the_end), 0);
    assert_eq!(scene.number(WRONG_WEEKS), 0);
}

#[test]
fn sixteen_callers_never_exceed_the_total_of_the_agreement() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participations = scene.participants(edition, 4);
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    // Worked before the total is agreed on, and counted all the same.
    record(&api, participations[0], host, "2020-11-03", "3").expect(201);
    scene.set_total(edition, Some(12));
    let answers = at_once(16, |number| {
        let day = ["2020-11-10", "2020-11-17", "2020-11-24", "2020-12-01"][number / 4];
        until_answered(|| record(&api, participations[number % 4], host, day, "1"))
    });
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 9);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let refused = answer.refused(422, "participation.psu_total_hours");
        assert_eq!((&refused["usedHours"], &refused["remainingHours"]), (&json!("12.00"), &json!("0.00")));
        assert_eq!((&refused["limitHours"], &refused["agreementEndsOn"]), (&json!("12.00"), &json!("2020-12-31")));
    }
    assert_eq!(scene.number("SELECT sum(minutes) FROM psu_entries"), 12 * 60);
    assert_eq!((scene.number(WRONG_TOTALS), scene.number(WRONG_WEEKS)), (0, 0));
}

#[test]
fn a_correction_gives_back_to_the_total_and_a_total_can_be_lifted() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0];
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    let first = record(&api, participation, host, "2020-11-03", "8").id();
    scene.set_total(edition, Some(10));
    let correct = |entry: &str, hours: &str| {
        api.post(&format!("/psu-entries/{entry}/correction"), &json!({ "hours": hours, "reason": "korekta" }))
    };
    let second = correct(&first, "9").id();
    record(&api, participation, host, "2020-11-10", "1.25").refused(422, "participation.psu_total_hours");
    let third = correct(&second, "2").id();
    record(&api, participation, host, "2020-11-10", "8").expect(201);
    correct(&third, "2.25").refused(422, "participation.psu_total_hours");
    assert_eq!(scene.number(WRONG_TOTALS), 0);
    scene.set_total(edition, None);
    record(&api, participation, host, "2020-11-17", "5").expect(201);
    assert_eq!(scene.number(WRONG_TOTALS), 0, "the row goes on counting");
    scene.set_total(edition, Some(15));
    record(&api, participation, host, "2020-11-24", "0.25").refused(422, "participation.psu_total_hours");
}

#[test]
fn ledger_and_figures_follow_the_cap_that_the_agreement_sets_now() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    scene.set_monthly_cap(edition, Some(20));
    let person = scene.person();
    let participation = scene.participation(edition, person);
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    record(&api, participation, host, "2020-11-03", "8").expect(201);
    record(&api, participation, host, "2020-11-10", "4").expect(201);
    let stated = json!({ "kind": "psuHours", "completeness": "complete", "statedBy": "MOPS", "statedOn": "2021-01-04" });
    let statements = format!("/editions/{}/collection-statements", edition.id);
    let agreement = format!("/agreements/{}", edition.agreement);
    assert!(api.post(&statements, &json!({ "statements": [stated] })).status < 300);
    for (cap, limit, remaining, months_at, months_over) in [
        (Some(20), json!("20.00"), json!("8.00"), 0, 0),
        (Some(10), json!("10.00"), json!("0.00"), 0, 1),
        (Some(12), json!("12.00"), json!("0.00"), 1, 0),
        (Some(24), json!("24.00"), json!("12.00"), 0, 0),
        (None, json!(null), json!(null), 0, 0),
    ] {
        let agreed = api.get(&agreement);
        let body = json!({ "kind": "implementation", "signedOn": "2020-09-01", "regimeId": agreed.expect(200)["regimeId"],
            "monthlyCap": cap.map(|hours| hours.to_string()) });
        api.put(&agreement, agreed.header("etag"), &body).expect(200);
        let ledger = api.get(&format!("/psu-ledger?personId={person}&from=2020-11&to=2020-11")).expect(200);
        let month = &ledger["months"][0];
        assert_eq!((&month["usedHours"], &month["limitHours"], &month["remainingHours"]), (&json!("12.00"), &limit, &remaining));
        let figures = api.get(&format!("/editions/{}/figures", edition.id)).expect(200);
        let value = |id: &str| {
            let all = figures["figures"].as_array().into_iter().flatten();
            all.into_iter().find(|figure| figure["definitionId"] == id).map(|figure| figure["value"].clone()).expect(id)
        };
        if cap.is_some() {
            assert_eq!(
                (value("M-15.months_at_cap"), value("M-15.months_over_cap")),
                (json!(months_at), json!(months_over)),
                "{cap:?}"
            );
        }
    }
}
