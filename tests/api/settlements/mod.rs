//! Months of socially useful work, settled to the grosz.

mod formats;
mod lists;
mod rates;

use chrono::{Datelike as _, NaiveDate, Weekday};
use pai::platform::policy::Role;
use pai::platform::secrets::digest_hex;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::replay::Replay;
use crate::support::scene::{Edition, Limits, Scene, TEN_A_WEEK};
use crate::support::{Answer, Api, NOBODY, TestApp};

/// What should be paid and refunded for the entries that hold, in grosze, by another way than the service's.
const TRUTH: &str =
    "coalesce(sum(%), 0) FROM (SELECT sum(minutes) AS m FROM psu_entries WHERE superseded_at IS NULL AND minutes > 0
     GROUP BY person_id, date_trunc('month', worked_on)) per_month";

fn amounts(view: &Value) -> [&str; 4] {
    ["hours", "benefit", "refund", "municipalShare"].map(|name| view[name].as_str().unwrap_or_default())
}

fn grosze(view: &Value, name: &str) -> i64 {
    view[name].as_str().expect(name).replace('.', "").parse().expect("an amount")
}

fn work(api: &Api, participation: &str, day: &str, hours: &str) -> Answer {
    api.post(
        "/psu-entries",
        &json!({ "participationId": participation, "workedOn": day, "hours": hours, "kindOfWork": "porządkowe" }),
    )
}

fn draft(api: &Api, scope: (&str, &str), month: &str) -> Answer {
    api.post("/settlements", &json!({ scope.0: scope.1, "month": month }))
}

fn approve(api: &Api, settlement: &str, day: &str) -> Answer {
    let path = format!("/settlements/{settlement}");
    let etag = api.get(&path).header("etag").to_owned();
    api.with("If-Match", &etag).post(&format!("{path}/approval"), &json!({ "effectiveOn": day }))
}

fn lines(api: &Api, settlement: &str) -> Vec<Value> {
    let page = api.get(&format!("/settlements/{settlement}/lines?limit=200")).expect(200);
    page["items"].as_array().expect("items").clone()
}

/// The agreement pays the minimum and has sixty per cent of it refunded.
fn pay_the_minimum(api: &Api, agreement: &str) {
    api.post(&format!("/agreements/{agreement}/rates"), &json!({ "from": "2010-01-01", "refundPercent": "60" })).expect(201);
}

/// An edition of two hours on every weekday, holidays included; answers its id.
fn two_hours_a_day(replay: &Replay, from: &str, to: &str) -> String {
    let edition = replay.edition(from, from, to, 1);
    let participation = replay.admit_person(&edition, &replay.person("female"), from);
    let (first, last): (NaiveDate, NaiveDate) = (from.parse().expect("a day"), to.parse().expect("a day"));
    for day in first.iter_days().take_while(|day| *day <= last) {
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            work(&replay.api, &participation, &day.to_string(), "2").expect(201);
        }
    }
    edition
}

#[test]
fn work_across_the_first_of_june_is_paid_by_the_day_on_which_it_was_done() {
    let app = TestApp::start();
    for (signed, from, to, months, all) in [
        (
            "2018-04-20",
            "2018-05-07",
            "2018-06-29",
            [("2018-05", ["38.00", "307.80", "184.68", "123.12"]), ("2018-06", ["42.00", "348.60", "209.16", "139.44"])],
            65_640,
        ),
        (
            "2019-04-20",
            "2019-05-06",
            "2019-06-28",
            [("2019-05", ["40.00", "332.00", "199.20", "132.80"]), ("2019-06", ["40.00", "340.00", "204.00", "136.00"])],
            67_200,
        ),
    ] {
        let replay = Replay::programme(&app, "PAI-2014", signed);
        pay_the_minimum(&replay.api, &replay.agreement);
        let edition = two_hours_a_day(&replay, from, to);
        let mut paid = 0;
        for (month, expected) in months {
            let settlement = draft(&replay.api, ("editionId", &edition), month).expect(201);
            assert_eq!(amounts(&settlement), expected, "{month}");
            assert_eq!(
                (&settlement["people"], &settlement["lines"], &settlement["state"]),
                (&json!(1), &json!(1), &json!("draft"))
            );
            paid += grosze(&settlement, "benefit");
        }
        assert_eq!(paid, all, "{from}");
    }
}

#[test]
fn eighty_hours_at_the_minimum_of_2020_are_696_zl() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    pay_the_minimum(&replay.api, &replay.agreement);
    let edition = two_hours_a_day(&replay, "2020-10-05", "2020-11-27");
    let months = ["2020-10", "2020-11"].map(|month| draft(&replay.api, ("editionId", &edition), month).expect(201));
    let all = |name| months.iter().map(|month| grosze(month, name)).sum::<i64>();
    assert_eq!((all("hours"), all("benefit"), all("refund"), all("municipalShare")), (8_000, 69_600, 41_760, 27_840));
}

/// An edition of November and December 2020 that pays the minimum, and people who take part.
struct Stage<'a> {
    api: Api,
    scene: Scene<'a>,
    edition: Edition,
    people: Vec<Uuid>,
}

impl<'a> Stage<'a> {
    fn of(app: &'a TestApp, people: usize) -> Self {
        Self::within(app, TEN_A_WEEK, people)
    }

    fn within(app: &'a TestApp, limits: Limits, people: usize) -> Self {
        let mut scene = Scene::of(app);
        let edition = scene.edition(limits);
        let people = scene.participants(edition, people);
        let api = app.api(Role::Coordinator);
        pay_the_minimum(&api, &edition.agreement.to_string());
        Self { api, scene, edition, people }
    }

    fn work(&self, person: usize, day: &str, hours: &str) -> String {
        work(&self.api, &self.people[person].to_string(), day, hours).id()
    }

    fn correct(&self, entry: &str, hours: &str) -> String {
        self.api.post(&format!("/psu-entries/{entry}/correction"), &json!({ "hours": hours, "reason": "korekta" })).id()
    }

    fn november(&self) -> Answer {
        draft(&self.api, ("editionId", &self.edition.id.to_string()), "2020-11")
    }

    fn amend(&self, settlement: &str) -> Answer {
        self.api.post(&format!("/settlements/{settlement}/corrections"), &json!({ "reason": "Korekta ewidencji" }))
    }
}

#[test]
fn an_approved_settlement_never_changes_and_keeps_its_document() {
    let app = TestApp::start();
    let stage = Stage::of(&app, 2);
    stage.work(0, "2020-11-02", "4");
    stage.work(1, "2020-11-03", "2.25");
    let id = stage.november().id();
    let api = &stage.api;
    api.get(&format!("/settlements/{id}/document")).refused(409, "participation.settlement_not_approved");
    let unconditional = api.post(&format!("/settlements/{id}/approval"), &json!({ "effectiveOn": "2020-12-04" }));
    unconditional.refused(428, "platform.precondition_required");
    approve(api, &id, "2026-06-16").refused(422, "platform.in_future");
    let approved = approve(api, &id, "2020-12-04").expect(200);
    assert_eq!((&approved["state"], &approved["approvedOn"]), (&json!("approved"), &json!("2020-12-04")));
    let document = api.get(&format!("/settlements/{id}/document"));
    assert_eq!(json!(digest_hex(&document.bytes)), approved["documentSha256"]);
    let told = document.expect(200);
    assert_eq!(amounts(&told["totals"]), amounts(&approved));
    assert_eq!(told["lines"], json!(lines(api, &id)));
    approve(api, &id, "2020-12-07").refused(409, "participation.settlement_not_draft");
    let withdrawal = api.with("If-Match", "\"2\"").post(&format!("/settlements/{id}/withdrawal"), &json!({ "reason": "x" }));
    withdrawal.refused(409, "participation.settlement_not_draft");
    stage.work(0, "2020-11-09", "1");
    assert_eq!(api.get(&format!("/settlements/{id}")).expect(200), approved);
    assert_eq!(api.get(&format!("/settlements/{id}/document")).bytes, document.bytes);
    stage.november().refused(409, "participation.settlement_exists");
}

#[test]
fn the_database_itself_keeps_what_was_approved() {
    use diesel::connection::SimpleConnection as _;
    let app = TestApp::start();
    let stage = Stage::of(&app, 1);
    stage.work(0, "2020-11-02", "4");
    let id = stage.november().id();
    approve(&stage.api, &id, "2020-12-04").expect(200);
    let mut owner = pai::platform::migrations::connect(&app.superuser_url).expect("superuser");
    let change = format!("UPDATE settlements SET benefit = 1, municipal_share = 1 - refund WHERE id = '{id}'");
    let refused = owner.batch_execute(&change).expect_err("never changes").to_string();
    assert!(refused.contains("never changes"), "{refused}");
}

#[test]
fn a_draft_that_the_register_has_overtaken_is_not_approved() {
    let app = TestApp::start();
    let stage = Stage::of(&app, 1);
    stage.work(0, "2020-11-02", "4");
    let id = stage.november().id();
    let entry = stage.work(0, "2020-11-03", "1");
    approve(&stage.api, &id, "2020-12-04").refused(409, "participation.settlement_outdated");
    stage.correct(&entry, "0");
    approve(&stage.api, &id, "2020-12-04").expect(200);

    let december = ("agreementId", stage.edition.agreement.to_string());
    let other = draft(&stage.api, (december.0, &december.1), "2020-12").id();
    let withdrawn = stage
        .api
        .with("If-Match", "\"1\"")
        .post(&format!("/settlements/{other}/withdrawal"), &json!({ "reason": "Za wcześnie" }))
        .expect(200);
    assert_eq!(withdrawn["state"], "withdrawn");
    draft(&stage.api, (december.0, &december.1), "2020-12").expect(201);
}

#[test]
fn nothing_is_settled_twice() {
    let app = TestApp::start();
    let stage = Stage::of(&app, 1);
    let (agreement, edition) = (stage.edition.agreement.to_string(), stage.edition.id.to_string());
    let whole = draft(&stage.api, ("agreementId", &agreement), "2020-11").id();
    let refused = draft(&stage.api, ("editionId", &edition), "2020-11").refused(409, "participation.settlement_exists");
    assert_eq!(refused["settlementId"], json!(whole));
    draft(&stage.api, ("editionId", &edition), "2020-12").expect(201);
    draft(&stage.api, ("agreementId", &agreement), "2020-12").refused(409, "participation.settlement_exists");
    let both = json!({ "agreementId": agreement, "editionId": edition, "month": "2020-10" });
    stage.api.post("/settlements", &both).refused(422, "participation.settlement_scope");
    stage.api.post("/settlements", &json!({ "month": "2020-10" })).refused(422, "participation.settlement_scope");
    draft(&stage.api, ("editionId", &edition), "2026-07").refused(422, "platform.in_future");
    for (field, pointer) in [("agreementId", "/agreementId"), ("editionId", "/editionId")] {
        let unknown = draft(&stage.api, (field, &NOBODY.to_string()), "2020-11");
        assert_eq!(unknown.refused(422, "platform.reference_not_found")["errors"][0]["pointer"], pointer);
    }
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..6)
            .map(|number| {
                let scope_of = if number % 2 == 0 { ("agreementId", &agreement) } else { ("editionId", &edition) };
                let api = stage.api.clone();
                scope.spawn(move || draft(&api, (scope_of.0, scope_of.1), "2021-01").status)
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
}

#[test]
fn what_changes_after_the_approval_becomes_a_settlement_of_the_differences() {
    let app = TestApp::start();
    let stage = Stage::of(&app, 2);
    let entry = stage.work(0, "2020-11-02", "4");
    stage.work(1, "2020-11-03", "2");
    let first = stage.november().id();
    stage.amend(&first).refused(409, "participation.settlement_not_approved");
    approve(&stage.api, &first, "2020-12-04").expect(200);
    stage.amend(&first).refused(409, "participation.nothing_to_correct");

    let corrected = stage.correct(&entry, "2.5");
    stage.work(1, "2020-11-10", "3");
    let second = stage.amend(&first).expect(201);
    assert_eq!((&second["number"], &second["correctsId"]), (&json!(2), &json!(first)));
    assert_eq!(amounts(&second), ["1.50", "13.05", "7.83", "5.22"]);
    let second_id = second["id"].as_str().expect("an id").to_owned();
    let differences = lines(&stage.api, &second_id);
    let mut each: Vec<[&str; 4]> = differences.iter().map(amounts).collect();
    each.sort_unstable();
    assert_eq!(each, [["-1.50", "-13.05", "-7.83", "-5.22"], ["3.00", "26.10", "15.66", "10.44"]]);

    let taken_back = differences.iter().find(|line| line["hours"] == "-1.50").expect("what is taken back");
    let path = format!("/settlements/{second_id}/lines/{}/entries", taken_back["number"]);
    let entries = stage.api.get(&path).expect(200)["items"].clone();
    let mut counted: Vec<(&str, &str)> = entries
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|one| Some((one["psuEntryId"].as_str()?, one["countedHours"].as_str()?)))
        .collect();
    counted.sort_by_key(|(_, hours)| hours.to_owned());
    assert_eq!(counted, [(entry.as_str(), "-4.00"), (corrected.as_str(), "2.50")]);

    let open = stage.amend(&first).refused(409, "participation.settlement_draft_open");
    assert_eq!(open["settlementId"], json!(second_id));
    approve(&stage.api, &second_id, "2020-12-10").expect(200);
    stage.amend(&second_id).refused(409, "participation.nothing_to_correct");
    stage.correct(&corrected, "0");
    let third = stage.amend(&second_id).expect(201);
    assert_eq!((&third["number"], &third["correctsId"]), (&json!(3), &json!(first)));
    assert_eq!(amounts(&third), ["-2.50", "-21.75", "-13.05", "-8.70"]);
}

#[test]
fn approved_settlements_add_up_to_what_the_register_says_whatever_is_corrected() {
    let app = TestApp::start();
    let mut stage = Stage::within(&app, Limits::default(), 3);
    let mut chance = 0x5eed_u64;
    let mut next = |below: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(chance >> 33).expect("a number") % below
    };
    let mut entries: Vec<String> = Vec::new();
    let mut chain: Vec<Value> = Vec::new();
    for round in 0..5 {
        for _ in 0..6 {
            let quarters = ["0.25", "0.5", "0.75", "1", "1.25", "2.75"][next(6)];
            if entries.is_empty() || next(3) > 0 {
                let day = format!("2020-11-{:02}", 2 + next(28));
                entries.push(stage.work(next(3), &day, quarters));
            } else {
                let place = next(entries.len());
                let hours = if next(4) == 0 { "0" } else { quarters };
                entries[place] = stage.correct(&entries[place], hours);
            }
        }
        let drafted = match chain.first() {
            None => stage.november(),
            Some(first) => stage.amend(first["id"].as_str().expect("an id")),
        };
        if drafted.status == 409 {
            drafted.refused(409, "participation.nothing_to_correct");
            continue;
        }
        let settlement = drafted.expect(201);
        let id = settlement["id"].as_str().expect("an id").to_owned();
        approve(&stage.api, &id, "2020-12-04").expect(200);
        let of_lines = |name| lines(&stage.api, &id).iter().map(|line| grosze(line, name)).sum::<i64>();
        for name in ["hours", "benefit", "refund", "municipalShare"] {
            assert_eq!(of_lines(name), grosze(&settlement, name), "round {round}: {name}");
        }
        chain.push(settlement);
        let settled = |name| chain.iter().map(|one| grosze(one, name)).sum::<i64>();
        let benefit = stage.scene.number(&format!("SELECT {}", TRUTH.replace('%', "round(m * 8.70 / 60, 2) * 100")));
        let refund = stage.scene.number(&format!("SELECT {}", TRUTH.replace('%', "round(m * 8.70 * 0.6 / 60, 2) * 100")));
        let minutes = stage.scene.number(&format!("SELECT {}", TRUTH.replace('%', "m")));
        assert_eq!((settled("benefit"), settled("refund")), (benefit, refund), "round {round}");
        assert_eq!(settled("hours") * 60, minutes * 100);
        assert_eq!(settled("municipalShare"), benefit - refund);
    }
    assert!(chain.len() > 2, "corrections were made");
}
