//! The payroll list and the refund claim.

use pai::platform::policy::Role;
use serde_json::json;

use super::{Stage, amounts, approve, grosze};
use crate::papers::text;
use crate::support::TestApp;

/// Rows of a CSV file; the first one holds the heads.
fn table(text: &str, separator: char) -> Vec<Vec<String>> {
    text.trim_start_matches('\u{feff}').lines().map(|line| line.split(separator).map(str::to_owned).collect()).collect()
}

#[test]
fn the_payroll_list_and_the_claim_have_the_totals_of_the_settlement() {
    let app = TestApp::start();
    let mut stage = Stage::of(&app, 0);
    let api = stage.api.clone();
    for surname in ["Wymyślona", "Zmyślony"] {
        let identity = json!({ "givenNames": "Jan", "surname": surname, "missingReason": "dane pokazowe" });
        let person = api.post("/people", &json!({ "sex": "male", "identity": identity })).expect(201);
        let person = person["person"]["id"].as_str().or(person["id"].as_str()).expect("an id").parse().expect("an id");
        let participation = stage.scene.participation(stage.edition, person);
        stage.people.push(participation);
    }
    stage.work(0, "2020-11-02", "4.25");
    stage.work(1, "2020-11-03", "2");
    let id = stage.november().id();
    let named = api.with("Pai-Purpose", "payroll");
    named.get(&format!("/settlements/{id}/payroll-list")).refused(409, "participation.settlement_not_approved");
    let approved = approve(&api, &id, "2020-12-04").expect(200);

    api.get(&format!("/settlements/{id}/payroll-list")).refused(400, "platform.purpose_required");
    let list = named.get(&format!("/settlements/{id}/payroll-list")).expect(200);
    assert_eq!(amounts(&list["totals"]), amounts(&approved));
    let mut surnames: Vec<&str> =
        list["rows"].as_array().expect("rows").iter().filter_map(|row| row["surname"].as_str()).collect();
    surnames.sort_unstable();
    assert_eq!(surnames, ["Wymyślona", "Zmyślony"]);
    let claim = api.get(&format!("/settlements/{id}/refund-claim"));
    assert!(!claim.text.contains("Zmyślony"));
    let claim = claim.expect(200);
    assert_eq!((amounts(&claim["totals"]), amounts(&claim["rows"][0])), (amounts(&approved), amounts(&approved)));

    let payroll = named.get(&format!("/settlements/{id}/payroll-list/file"));
    assert!(payroll.text.starts_with('\u{feff}') && payroll.header("content-type").starts_with("text/csv"));
    let sums = table(&payroll.text, ';').pop().expect("the totals");
    assert_eq!([&sums[6], &sums[8]], ["6,25", "54,38"]);
    let plain = named.get(&format!("/settlements/{id}/payroll-list/file?dialect=rfc4180"));
    let rows = table(&plain.text, ',');
    assert_eq!((rows.len(), rows[3][8].as_str()), (4, "54.38"));
    let grosze_of = |row: &Vec<String>| row[8].replace('.', "").parse::<i64>().expect("an amount");
    assert_eq!(rows[1..3].iter().map(grosze_of).sum::<i64>(), grosze(&approved, "benefit"));
    let file = api.get(&format!("/settlements/{id}/refund-claim/file?dialect=rfc4180"));
    let totals = table(&file.text, ',').pop().expect("the totals");
    assert_eq!(totals[6..10], amounts(&approved).map(str::to_owned));
    let register = app.api(Role::Auditor).get("/audit-entries?operation=get_payroll_list").expect(200);
    let shown = register["items"].as_array().expect("items").last().expect("a row").clone();
    assert_eq!((&shown["revealsIdentity"], &shown["purpose"]), (&json!(true), &json!("payroll")));
}

#[test]
fn a_person_without_an_identity_is_said_to_have_none_on_paper() {
    let app = TestApp::start();
    let stage = Stage::of(&app, 1);
    stage.work(0, "2020-11-02", "4");
    let id = stage.november().id();
    approve(&stage.api, &id, "2020-12-04").expect(200);
    let named = stage.api.with("Pai-Purpose", "payroll");
    let file = |format: &str| named.get(&format!("/settlements/{id}/payroll-list/file?format={format}"));
    assert!(text(&file("pdf")).contains("bez danych osobowych"));
    let rows = table(&file("csv").text, ';');
    assert_eq!((rows[1][1].as_str(), rows[1][3].len(), rows[2][1].as_str()), ("", 36, "Razem"), "{rows:?}");
}
