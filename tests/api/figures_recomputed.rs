//! Figures of hours and money, computed once more by plain SQL over random editions, and out of the records behind them.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate, Weekday};
use diesel::PgConnection;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::database::rows;
use crate::support::dice::Dice;
use crate::support::replay::Replay;
use crate::support::{Api, TestApp};

/// Two editions of one agreement that share a month and most of their people.
const EDITIONS: [(&str, &str); 2] = [("2020-10-05", "2020-11-20"), ("2020-11-23", "2021-01-15")];
const PEOPLE: usize = 4;
const CAP: &str = "38";

struct Town {
    replay: Replay,
    editions: Vec<String>,
    entries: Vec<String>,
    /// Months that were settled for the whole agreement.
    together: Vec<&'static str>,
}

fn work_days(from: &str, to: &str) -> Vec<NaiveDate> {
    let (from, to): (NaiveDate, NaiveDate) = (from.parse().expect("a day"), to.parse().expect("a day"));
    let days = from.iter_days().take_while(|day| *day <= to);
    days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).collect()
}

impl Town {
    fn of(app: &TestApp, dice: &mut Dice) -> Self {
        let mut replay = Replay::programme(app, "PAI-2019", "2020-09-01");
        let regime = replay.api.get(&format!("/agreements/{}", replay.agreement)).expect(200)["regimeId"].clone();
        let body = json!({ "kind": "implementation", "signedOn": "2020-09-01", "regimeId": regime, "monthlyCap": CAP });
        replay.agreement = replay.api.post("/agreements", &body).id();
        let share = *dice.of(&["60", "33.33", "57.5"]);
        let rates = format!("/agreements/{}/rates", replay.agreement);
        replay.api.post(&rates, &json!({ "from": "2010-01-01", "refundPercent": share })).expect(201);
        let dear = json!({ "from": "2020-11-10", "to": "2021-05-31", "kindOfWork": "opiekuńcze", "hourlyRate": "9.35", "refundPercent": "60" });
        replay.api.post(&rates, &dear).expect(201);
        let people: Vec<String> = (0..PEOPLE).map(|_| replay.person("female")).collect();
        let mut town = Self { replay, editions: Vec::new(), entries: Vec::new(), together: Vec::new() };
        for (from, to) in EDITIONS {
            let places = 3 + u32::try_from(dice.below(9)).expect("places");
            let edition = town.replay.edition(from, from, to, places.max(4));
            let participations = people.iter().map(|person| town.replay.admit_person(&edition, person, from)).collect::<Vec<_>>();
            town.hold(dice, &edition, &participations, (from, to));
            for participation in &participations {
                town.work(dice, participation, (from, to));
            }
            let kinds = ["participations", "attendance", "psuHours"];
            town.replay.state(&edition, &kinds, "complete", "2021-02-01");
            town.editions.push(edition);
        }
        town
    }

    /// Blocks with and without planned hours, and sessions of which some have a sheet.
    fn hold(&self, dice: &mut Dice, edition: &str, participations: &[String], (from, to): (&str, &str)) {
        let block = |kind: &str, name: &str, planned: Option<&str>| {
            self.replay.block(edition, &json!({ "kind": kind, "name": name, "plannedHours": planned }))
        };
        block("activation", "PSU", Some(*dice.of(&["80", "60.5"])));
        let mut blocks = vec![block("integration", "Warsztaty", Some("24.25")), block("social", "Grupa wsparcia", Some("12"))];
        if dice.once_in(2) {
            blocks.push(block("other", "Inne", None));
        }
        for (place, day) in work_days(from, to).into_iter().step_by(6).enumerate() {
            let length = if dice.once_in(3) { json!({ "lessonHours": 2 }) } else { json!({ "hours": dice.of(&["1.25", "3"]) }) };
            let mut body = json!({ "blockId": blocks[place % blocks.len()], "heldOn": day, "form": "group" });
            body.as_object_mut().expect("an object").extend(length.as_object().expect("an object").clone());
            let session = self.replay.api.post("/sessions", &body).id();
            if dice.once_in(6) {
                continue;
            }
            let statuses = participations.iter().map(|participation| match dice.below(4) {
                0 => json!({ "participationId": participation, "status": "excused", "reasonClass": "health" }),
                1 => json!({ "participationId": participation, "status": "late", "hours": "0.75" }),
                _ => json!({ "participationId": participation, "status": "present" }),
            });
            let sheet = json!({ "rows": statuses.collect::<Vec<_>>() }).to_string();
            self.replay.api.send("PUT", &format!("/sessions/{session}/attendance"), Some(sheet)).expect(200);
        }
    }

    fn work(&mut self, dice: &mut Dice, participation: &str, (from, to): (&str, &str)) {
        for day in work_days(from, to) {
            if dice.once_in(3) {
                let hours = *dice.of(&["0.25", "0.75", "1.5", "2"]);
                let kind = *dice.of(&["porządkowe", "opiekuńcze"]);
                let body = json!({ "participationId": participation, "workedOn": day, "hours": hours, "kindOfWork": kind });
                self.entries.push(self.replay.api.post("/psu-entries", &body).id());
            }
        }
    }

    /// Settles some months, of an edition or of the whole agreement, and then changes the register.
    fn settle(&mut self, dice: &mut Dice) {
        for month in ["2020-10", "2020-11", "2020-12", "2021-01"] {
            let api = &self.replay.api;
            let settled = match dice.below(3) {
                0 => continue,
                1 => {
                    self.together.push(month);
                    vec![api.post("/settlements", &json!({ "agreementId": self.replay.agreement, "month": month })).id()]
                }
                _ => {
                    let edition = *dice.of(&[0, 1]);
                    vec![api.post("/settlements", &json!({ "editionId": self.editions[edition], "month": month })).id()]
                }
            };
            for settlement in &settled {
                approve(api, settlement);
            }
            if dice.once_in(2) {
                self.change_the_register(dice);
            }
            // Some are corrected, and then overtaken once more.
            if dice.once_in(2) {
                let body = json!({ "reason": "Korekta ewidencji" });
                let answer = self.replay.api.post(&format!("/settlements/{}/corrections", settled[0]), &body);
                if answer.status == 201 {
                    approve(&self.replay.api, &answer.id());
                }
                self.change_the_register(dice);
            }
        }
    }

    fn change_the_register(&mut self, dice: &mut Dice) {
        for _ in 0..4 {
            let place = dice.below(self.entries.len());
            let body = json!({ "hours": dice.of(&["0.00", "0.25", "1.25"]), "reason": "Kontrola" });
            let answer = self.replay.api.post(&format!("/psu-entries/{}/correction", self.entries[place]), &body);
            if answer.status == 201 {
                self.entries[place] = answer.id();
            }
        }
    }
}

fn approve(api: &Api, settlement: &str) {
    let path = format!("/settlements/{settlement}");
    let etag = api.get(&path).header("etag").to_owned();
    api.with("If-Match", &etag).post(&format!("{path}/approval"), &json!({ "effectiveOn": "2021-03-01" })).expect(200);
}

/// What is asked of the database: one number, as text.
fn told(database: &mut PgConnection, query: &str) -> String {
    rows(database, &format!("SELECT ARRAY[({query})] AS row")).pop().and_then(|mut row| row.pop()).unwrap_or_default()
}

/// Groups of a breakdown.
fn groups<'f>(figure: &'f Value, by: &str) -> &'f Vec<Value> {
    let breakdowns = figure["breakdowns"].as_array().expect("breakdowns");
    breakdowns.iter().find(|one| one["by"] == by).unwrap_or_else(|| panic!("no {by}: {figure:#}"))["groups"]
        .as_array()
        .expect("groups")
}

fn hundredths(value: &Value) -> i64 {
    match value {
        Value::Number(whole) => whole.as_i64().expect("a number") * 100,
        value => value.as_str().expect("a number").replace('.', "").parse().expect("a number"),
    }
}

/// What the records at a link add up to, read by small pages.
fn added_up(api: &Api, link: &str, role: &str) -> i64 {
    let link = link.trim_start_matches("/api/v1");
    let joint = if link.contains('?') { '&' } else { '?' };
    let (mut sum, mut cursor) = (0, String::new());
    loop {
        let page = api.get(&format!("{link}{joint}role={role}&limit=40{cursor}")).expect(200);
        sum += page["items"].as_array().expect("items").iter().map(|record| hundredths(&record["amount"])).sum::<i64>();
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return sum,
        }
    }
}

/// Every figure that is a sum or a ratio of hours or money, against what its records add up to: as a whole and group by group.
fn the_records_add_up(api: &Api, figures: &BTreeMap<String, Value>) {
    for (id, by) in [
        ("M-13.attendance_rate", "block"),
        ("M-13.attendance_rate", "month"),
        ("M-13.attendance_rate_excluding_excused", "block"),
        ("M-14.delivery_hours", "block"),
        ("M-14.delivery_hours", "isoWeek"),
        ("M-14.delivery_hours", "month"),
        ("M-14.lesson_hours", "block"),
        ("M-14.person_hours", "block"),
        ("M-14.person_hours", "month"),
        ("M-14.planned_hours", "block"),
        ("M-14.planned_person_hours", "block"),
        ("M-14.delivered_of_planned", "block"),
        ("M-14.received_of_planned", "block"),
        ("M-15.psu_hours", "month"),
        ("M-15.month_cap_use", "month"),
        ("M-16.benefit", "month"),
        ("M-16.refund", "month"),
        ("M-16.municipal_share", "month"),
    ] {
        let figure = &figures[id];
        let is_ratio = figure["unit"] == "ratio";
        let link = figure["records"].as_str().expect("a link");
        assert_eq!(added_up(api, link, "numerator"), hundredths(&figure["numerator"]), "{id}");
        if is_ratio {
            assert_eq!(added_up(api, link, "denominator"), hundredths(&figure["denominator"]), "{id}");
        }
        let mut sum = 0;
        for group in groups(figure, by) {
            let above = if is_ratio { &group["numerator"] } else { &group["value"] };
            let link = group["records"].as_str().expect("a link");
            assert_eq!(added_up(api, link, "numerator"), hundredths(above), "{id} {group}");
            sum += hundredths(above);
        }
        assert_eq!(sum, hundredths(&figure["numerator"]), "{id} by {by}");
    }
}

/// Hours by plain SQL, as decimal text.
fn hours(database: &mut PgConnection, minutes: &str) -> String {
    told(database, &format!("SELECT round(coalesce(({minutes}), 0) / 60.0, 2)::text"))
}

fn the_hours_are_those_of_the_tables(database: &mut PgConnection, figures: &BTreeMap<String, Value>, edition: &str) {
    let integration = "kind <> 'activation' AND planned_minutes IS NOT NULL";
    let of_session =
        format!("SELECT sum(s.minutes) FROM sessions s JOIN blocks b ON b.id = s.block_id WHERE s.edition_id = '{edition}'");
    let of_row = format!(
        "SELECT sum(a.minutes) FROM attendance a JOIN sessions s ON s.id = a.session_id JOIN blocks b ON b.id = s.block_id
          WHERE a.superseded_at IS NULL AND s.edition_id = '{edition}'"
    );
    let worked =
        format!("SELECT coalesce(sum(minutes), 0) FROM psu_entries WHERE superseded_at IS NULL AND edition_id = '{edition}'");
    let places = format!("(SELECT places FROM plan_revisions WHERE edition_id = '{edition}')");
    let planned = |of: &str, times: &str| {
        format!("SELECT sum(planned_minutes) * {times} FROM blocks WHERE edition_id = '{edition}' AND {of}")
    };
    let months = format!(
        "SELECT count(*) * {CAP} * 60 FROM participations p,
                generate_series(date_trunc('month', p.starts_on), p.planned_end_on, interval '1 month') WHERE p.edition_id = '{edition}'"
    );
    let scheduled = |excused: &str| {
        format!(
            "SELECT sum(s.minutes) FROM attendance a JOIN sessions s ON s.id = a.session_id
                  WHERE a.superseded_at IS NULL AND s.edition_id = '{edition}' {excused}"
        )
    };
    for (id, part, minutes) in [
        ("M-14.delivery_hours", "value", of_session.clone()),
        ("M-14.person_hours", "value", format!("SELECT coalesce(({of_row}), 0) + ({worked})")),
        ("M-14.planned_hours", "value", planned("true", "1")),
        ("M-14.planned_person_hours", "value", planned("true", &places)),
        ("M-14.delivered_of_planned", "numerator", format!("{of_session} AND b.planned_minutes IS NOT NULL")),
        ("M-14.delivered_of_planned", "denominator", planned(integration, "1")),
        (
            "M-14.received_of_planned",
            "numerator",
            format!("SELECT coalesce(({of_row} AND b.planned_minutes IS NOT NULL), 0) + ({worked})"),
        ),
        ("M-14.received_of_planned", "denominator", planned("true", &places)),
        ("M-13.attendance_rate", "numerator", of_row.clone()),
        ("M-13.attendance_rate", "denominator", scheduled("")),
        ("M-13.attendance_rate_excluding_excused", "denominator", scheduled("AND a.status <> 'excused'")),
        ("M-15.psu_utilisation", "numerator", worked.clone()),
        ("M-15.month_cap_use", "denominator", months),
    ] {
        assert_eq!(json!(hours(database, &minutes)), figures[id][part], "{id} {part}");
    }
    let lessons = format!("SELECT coalesce(sum(lesson_hours), 0)::text FROM sessions WHERE edition_id = '{edition}'");
    assert_eq!(json!(told(database, &lessons).parse::<i64>().expect("a number")), figures["M-14.lesson_hours"]["value"]);
    let over = format!(
        "SELECT count(*)::text FROM psu_weeks w JOIN participations p ON p.person_id = w.person_id
                         WHERE p.edition_id = '{edition}' AND w.used_minutes > w.limit_minutes"
    );
    assert_eq!((told(database, &over), &figures["M-15.weeks_over_limit"]["value"]), ("0".to_owned(), &json!(0)));
    assert_eq!(figures["M-15.months_over_cap"]["value"], 0);
}

/// Amounts by plain SQL: hours of a person at one rate, rounded once; `together` lists months of the whole agreement.
fn money(database: &mut PgConnection, editions: &str, month: &str, together: bool) -> [String; 2] {
    let by = if together { "" } else { ", e.edition_id" };
    let line = format!(
        "SELECT sum(e.minutes) / 60.0 AS hours, coalesce(own.hourly_rate, m.hourly_rate) AS rate, m.hourly_rate AS minimum,
                coalesce(own.refund_percent, common.refund_percent) / 100.0 AS share
           FROM psu_entries e JOIN editions d ON d.id = e.edition_id
           CROSS JOIN LATERAL (SELECT hourly_rate FROM minimum_rates WHERE valid_from_on <= e.worked_on ORDER BY valid_from_on DESC LIMIT 1) m
           JOIN agreement_rates common ON common.agreement_id = d.agreement_id AND common.kind_of_work IS NULL
           LEFT JOIN agreement_rates own ON own.agreement_id = d.agreement_id AND own.kind_of_work = e.kind_of_work
                                         AND own.valid_from_on <= e.worked_on
          WHERE e.superseded_at IS NULL AND e.edition_id IN ({editions}) AND to_char(e.worked_on, 'YYYY-MM') = '{month}'
          GROUP BY e.person_id{by}, 2, 3, 4, own.id"
    );
    ["rate", "minimum * share"].map(|price| {
        told(database, &format!("SELECT round(coalesce(sum(round(hours * {price}, 2)), 0), 2)::text FROM ({line}) lines"))
    })
}

fn the_money_is_that_of_the_register(
    database: &mut PgConnection,
    town: &Town,
    figures: &BTreeMap<String, Value>,
    editions: &[String],
) {
    let list = editions.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
    for (place, id) in ["M-16.benefit", "M-16.refund"].into_iter().enumerate() {
        let figure = &figures[id];
        let mut total = 0;
        for group in groups(figure, "month") {
            let month = group["key"].as_str().expect("a month");
            let amounts = money(database, &list, month, town.together.contains(&month));
            assert_eq!(json!(amounts[place]), group["value"], "{id} {month}");
            total += hundredths(&group["value"]);
        }
        assert_eq!(total, hundredths(&figure["value"]), "{id}");
        let stages: i64 = groups(figure, "stage").iter().map(|group| hundredths(&group["value"])).sum();
        assert_eq!(stages, total);
    }
    let value = |id: &str| hundredths(&figures[id]["value"]);
    assert_eq!(value("M-16.benefit") - value("M-16.refund"), value("M-16.municipal_share"));
    let notes = figures["M-16.benefit"]["notes"].as_array().expect("notes");
    let is_open = notes.iter().any(|note| note["code"] == "notSettled" || note["code"] == "sharedLines");
    assert_eq!(figures["M-16.benefit"]["status"], if is_open { "provisional" } else { "ok" });
}

fn figures_at(api: &Api, path: &str) -> BTreeMap<String, Value> {
    let answer = api.get(&format!("{path}/figures")).expect(200);
    let figures = answer["figures"].as_array().expect("figures");
    figures.iter().map(|figure| (figure["definitionId"].as_str().expect("an id").to_owned(), figure.clone())).collect()
}

#[test]
fn figures_of_hours_and_money_are_those_of_plain_sql_and_of_their_records() {
    let app = TestApp::start();
    let mut database = connect(&app.superuser_url).expect("the superuser");
    for seed in [11, 12, 13, 14] {
        let mut dice = Dice(seed);
        let mut town = Town::of(&app, &mut dice);
        town.settle(&mut dice);
        let api = app.api(Role::Auditor);
        for edition in &town.editions {
            let figures = figures_at(&api, &format!("/editions/{edition}"));
            the_hours_are_those_of_the_tables(&mut database, &figures, edition);
            the_money_is_that_of_the_register(&mut database, &town, &figures, std::slice::from_ref(edition));
            the_records_add_up(&api, &figures);
        }
        let whole = figures_at(&api, &format!("/programmes/{}", town.replay.programme));
        the_money_is_that_of_the_register(&mut database, &town, &whole, &town.editions);
        the_records_add_up(&api, &whole);
    }
}

#[test]
fn money_of_a_month_is_provisional_until_it_is_settled_and_again_when_the_register_overtakes_it() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    replay.api.post(&format!("/agreements/{}/rates", replay.agreement), &json!({ "from": "2010-01-01" })).expect(201);
    let edition = replay.edition("I", "2020-10-05", "2020-11-27", 4);
    let participation = replay.admit_person(&edition, &replay.person("female"), "2020-10-05");
    let path = format!("/editions/{edition}");
    let benefit = || replay.figure(&path, "M-16.benefit");
    let work = |day: &str, hours: &str| {
        replay.api.post("/psu-entries", &json!({ "participationId": participation, "workedOn": day, "hours": hours })).id()
    };
    let entry = work("2020-10-06", "4");
    assert_eq!((&benefit()["value"], &benefit()["status"]), (&json!(null), &json!("notCollected")), "nobody says that it is all");
    replay.state(&edition, &["psuHours"], "complete", "2021-02-01");
    assert_eq!((&benefit()["value"], &benefit()["status"]), (&json!("34.80"), &json!("provisional")));
    let settlement = replay.api.post("/settlements", &json!({ "editionId": edition, "month": "2020-10" })).id();
    assert_eq!(benefit()["status"], "provisional", "a draft settles nothing");
    approve(&replay.api, &settlement);
    let settled = benefit();
    assert_eq!((&settled["value"], &settled["status"], &settled["unit"]), (&json!("34.80"), &json!("ok"), &json!("zloty")));
    assert_eq!(groups(&settled, "source")[0]["value"], "20.88");
    let link = groups(&settled, "month")[0]["records"].as_str().expect("a link").trim_start_matches("/api/v1").to_owned();
    let records = replay.api.get(&link).expect(200)["items"].clone();
    let lines = replay.api.get(&format!("/settlements/{settlement}/lines")).expect(200)["items"].clone();
    assert_eq!((&records[0]["kind"], &records[0]["id"]), (&json!("settlementLine"), &lines[0]["id"]));
    replay.api.post(&format!("/psu-entries/{entry}/correction"), &json!({ "hours": "3.25", "reason": "Kontrola" })).expect(201);
    work("2020-11-03", "1");
    let overtaken = benefit();
    assert_eq!((&overtaken["value"], &overtaken["status"]), (&json!("36.98"), &json!("provisional")));
    let months: Vec<_> =
        groups(&overtaken, "month").iter().map(|group| (group["value"].clone(), group["status"].clone())).collect();
    assert_eq!(months, [(json!("28.28"), json!("provisional")), (json!("8.70"), json!("provisional"))]);
    assert_eq!(groups(&overtaken, "stage")[0]["value"], "34.80");

    let refused = replay.api.get(&format!("{path}/figures/M-16.benefit/records?by=month"));
    refused.refused(400, "platform.invalid_parameter");
    let refused = replay.api.get(&format!("{path}/figures/M-16.benefit/records?by=block&group=psu"));
    refused.refused(400, "platform.invalid_parameter");
    app.api(Role::Statistician).get(&link).refused(403, "platform.forbidden");
    app.other_api(Role::Auditor).get(&link).refused(404, "platform.not_found");
}

#[test]
fn without_a_cap_or_a_plan_there_is_nothing_to_divide_by() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let edition = replay.edition("I", "2020-10-05", "2020-11-27", 4);
    replay.admit_person(&edition, &replay.person("female"), "2020-10-05");
    replay.state(&edition, &["participations", "psuHours", "attendance"], "complete", "2021-02-01");
    let status = |id: &str| {
        let figure = replay.figure(&format!("/editions/{edition}"), id);
        assert_eq!(figure["value"], json!(null), "{id}");
        figure["status"].as_str().expect("a status").to_owned()
    };
    assert_eq!(status("M-15.month_cap_use"), "notApplicable");
    assert_eq!(status("M-15.months_over_cap"), "notApplicable");
    assert_eq!(status("M-14.planned_hours"), "notCollected");
    assert_eq!(status("M-14.received_of_planned"), "notCollected");
    replay.block(&edition, &json!({ "kind": "activation", "name": "PSU", "plannedHours": "80" }));
    assert_eq!(status("M-14.delivered_of_planned"), "notApplicable", "no block is led in sessions");
}
