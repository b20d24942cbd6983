//! How complete the sheets of an edition are, and what its pairs say.

use crate::sheet_templates::template;
use crate::support::TestApp;
use crate::support::replay::Replay;
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// An edition whose people scored themselves and were observed: score before, score after, observed before.
fn edition(app: &TestApp, scores: &[(&str, Option<&str>, &str)]) -> (Replay, String, Vec<String>) {
    let replay = Replay::programme(app, "PAI-2019", "2020-10-01");
    let edition = replay.edition("I", "2020-10-15", "2020-12-14", 20);
    let template = replay.api.post("/sheet-templates", &template()).id();
    let sheet = |stay: &str, rater: &str, moment: &str, score: &str| {
        let day = if moment == "before" { "2020-10-16" } else { "2020-12-14" };
        let role = (rater == "observer").then_some("social_worker");
        let scores = json!([{ "competence": "jobSearch", "score": score }, { "competence": "teamwork", "score": "3" }]);
        let body = json!({ "participationId": stay, "templateId": template, "rater": rater, "observerRole": role, "moment": moment,
            "filledOn": day, "scores": scores });
        replay.api.post("/sheets", &body).expect(201);
    };
    let mut stays = Vec::new();
    for (before, after, observed) in scores {
        let person = replay.person("female");
        let stay = replay.admit_person(&edition, &person, "2020-10-15");
        replay.end(&stay, "completed", "2020-12-14");
        sheet(&stay, "self", "before", before);
        if let Some(after) = after {
            sheet(&stay, "self", "after", after);
        }
        sheet(&stay, "observer", "before", observed);
        stays.push(stay);
    }
    replay.state(&edition, &["participations", "sheets"], "complete", "2021-01-15");
    (replay, edition, stays)
}

fn group<'f>(figure: &'f Value, key: &str) -> &'f Value {
    let groups = figure["breakdowns"][0]["groups"].as_array().expect("groups");
    groups
        .iter()
        .find(|group| group["key"].as_str().is_some_and(|found| found.contains(key)))
        .unwrap_or_else(|| panic!("{key}: {figure}"))
}

#[test]
fn missing_sheets_are_named() {
    let app = TestApp::start();
    let (replay, edition, stays) = edition(&app, &[("2", Some("3"), "2"), ("2", None, "2")]);
    let view = replay.api.get(&format!("/editions/{edition}/sheet-completeness")).expect(200);
    let row = |moment: &str, rater: &str| {
        let rows = view["rows"].as_array().expect("rows");
        rows.iter().find(|row| row["moment"] == moment && row["rater"] == rater).cloned().expect("a row")
    };
    assert_eq!(row("before", "self")["missing"], json!([]));
    let after = row("after", "self");
    assert_eq!((&after["expected"], &after["recorded"], &after["missing"]), (&json!(2), &json!(1), &json!([stays[1]])));
    assert_eq!(row("after", "observer")["recorded"], 0);
    assert_eq!(row("mid", "self")["expected"], Value::Null);
    assert_eq!(view["matched"], json!({ "self": 1, "observer": 0 }));
    let path = format!("/editions/{edition}/sheet-completeness");
    app.other_api(Role::Coordinator).get(&path).refused(404, "platform.not_found");
    app.api(Role::Statistician).get(&path).refused(403, "platform.forbidden");
}

#[test]
fn pairs_tell_gain_effect_and_agreement() {
    let app = TestApp::start();
    let scores =
        [("1", Some("3"), "2"), ("2", Some("3"), "2"), ("3", Some("3"), "2.5"), ("2", Some("4"), "3"), ("4", Some("3"), "4")];
    let (replay, edition, _) = edition(&app, &scores);
    let path = format!("/editions/{edition}");
    let gain = replay.figure(&path, "M-17.competence_gain");
    let job_search = group(&gain, "/jobSearch/self");
    assert_eq!(job_search["value"], "0.800000");
    assert_eq!(job_search["gain"]["meanBefore"], "2.400000");
    assert_eq!(
        (&job_search["gain"]["improvedShare"], &job_search["gain"]["worseShare"]),
        (&json!("0.600000"), &json!("0.200000"))
    );
    let effects = replay.figure(&path, "M-18.effect_size");
    assert_eq!((&effects["value"], &effects["denominator"]), (&json!(1), &json!(2)), "teamwork never differs");
    // Gains 2, 1, 0, 2, -1: mean 0.8, standard deviation 1.303840; ranks of 2, 1, 2, -1 are 3.5, 1.5, 3.5 and 1.5.
    let effect = group(&effects, "/jobSearch/self");
    assert_eq!((&effect["value"], &effect["effect"]["hedges"]), (&json!("0.613572"), &json!("0.490858")));
    assert_eq!(effect["effect"]["signedRank"], json!({ "ranked": 4, "statistic": "1.500000", "pValue": "0.375000" }));
    let constant = group(&effects, "/teamwork/self");
    assert_eq!((&constant["value"], &constant["status"]), (&Value::Null, &json!("undefined")));
    let agreement = replay.figure(&path, "M-19.rater_agreement");
    assert_eq!(agreement["value"], 5);
    let observed = group(&agreement, "/jobSearch/before/social_worker");
    assert_eq!((&observed["value"], &observed["agreement"]["same"]), (&json!("-0.300000"), &json!(2)));
    assert_eq!(observed["agreement"]["correlation"], "0.812421");
    assert_eq!(replay.figure(&path, "M-17.competence_gain_at_mid")["status"], "undefined");
}

#[test]
fn scores_of_a_few_are_withheld_from_a_statistician() {
    let app = TestApp::start();
    let few = [("1", Some("3"), "2"), ("2", Some("3"), "2"), ("3", Some("4"), "2"), ("2", Some("4"), "3")];
    let (replay, edition, _) = edition(&app, &few);
    let path = format!("/editions/{edition}/figures?definitionId=M-17.competence_gain");
    let told = replay.api.get(&path).expect(200)["figures"][0].clone();
    assert_eq!(group(&told, "/jobSearch/self")["status"], "ok");
    let withheld = app.api(Role::Statistician).get(&path).expect(200)["figures"][0].clone();
    let group = group(&withheld, "/jobSearch/self");
    assert_eq!((&group["value"], &group["gain"], &group["status"]), (&Value::Null, &Value::Null, &json!("suppressed")));
    assert_eq!(withheld["value"], told["value"], "counts stay");
}
