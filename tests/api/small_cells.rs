//! Whoever sees no people is told of no handful of candidates, in whatever operation; whoever does is told everything.

use crate::support::replay::{Replay, groups};
use crate::support::{Api, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};

const SEE_PEOPLE: [Role; 3] = [Role::Coordinator, Role::SocialWorker, Role::Auditor];
const SEE_NOBODY: [Role; 2] = [Role::Statistician, Role::Administrator];
/// Figures of recruitment, by the beginning of their ids.
const RECRUITMENT: [&str; 3] = ["M-01", "M-02", "M-03"];

/// Two editions of a programme whose agreement expects candidates to be selected.
struct Scene {
    replay: Replay,
    editions: [String; 2],
}

impl Scene {
    /// In the first edition 9 of 20 are selected and start, 8 wait and 3 are rejected; in the second 6 of 12 are selected.
    fn of(app: &TestApp) -> Self {
        let mut replay = Replay::programme(app, "PAI-2019", "2019-01-01");
        let regime = replay.api.get(&format!("/agreements/{}", replay.agreement)).expect(200)["regimeId"].clone();
        let effects = json!([
            { "code": "rejected", "text": "Odmowy", "measure": "osoby", "target": "5", "definitionId": "M-03.rejected" },
            { "code": "selected", "text": "Nabór", "measure": "osoby", "target": "9", "definitionId": "M-03.selected" }
        ]);
        let body = json!({ "kind": "implementation", "signedOn": "2019-01-01", "regimeId": regime, "expectedEffects": effects });
        replay.agreement = replay.api.post("/agreements", &body).id();
        let editions = [
            Self::edition(&replay, "2019-10-15", "2019-12-14", &[("selected", 9), ("reserve", 8), ("rejected", 3)], true),
            Self::edition(&replay, "2020-03-02", "2020-05-01", &[("selected", 6), ("rejected", 6)], false),
        ];
        Self { replay, editions }
    }

    fn edition(replay: &Replay, starts_on: &str, ends_on: &str, decisions: &[(&str, usize)], start: bool) -> String {
        let edition = replay.edition(starts_on, starts_on, ends_on, 10);
        for (decision, count) in decisions {
            for place in 0..*count {
                let sex = if place % 2 == 0 { "female" } else { "male" };
                let application = replay.application(&edition, &replay.person(sex), starts_on);
                replay.decide(&application, decision, starts_on);
                if start && *decision == "selected" {
                    replay.admit(&application, starts_on);
                }
            }
        }
        replay.state(&edition, &["applications", "participations"], "complete", "2021-01-15");
        edition
    }

    /// Every operation that tells figures of recruitment.
    fn operations(&self) -> Vec<String> {
        let programme = format!("/programmes/{}", self.replay.programme);
        let mut paths = vec![
            "/figures".to_owned(),
            "/figures?year=2019".to_owned(),
            "/figures?year=2020".to_owned(),
            format!("{programme}/figures"),
            format!("{programme}/history"),
        ];
        for edition in &self.editions {
            paths.extend([format!("/editions/{edition}/figures"), format!("/editions/{edition}/plan-comparison")]);
        }
        for definition in ["M-01", "M-02", "M-03.selected", "M-03.reserve", "M-03.rejected", "M-03.placed", "M-03.selection_rate"]
        {
            let comparison = format!("/figures/{definition}/comparison");
            paths.extend([format!("{comparison}?programmeId={}", self.replay.programme), comparison.clone()]);
            if definition != "M-03.selection_rate" {
                paths.push(format!("{comparison}?between=years"));
            }
        }
        paths
    }
}

/// Counts of a handful of candidates anywhere in an answer, and where; shares and results of effects are checked on their own.
fn handfuls(answer: &Value, within: &str, is_recruitment: bool, found: &mut Vec<String>) {
    match answer {
        Value::Object(fields) => {
            let definition = fields.get("definitionId").and_then(Value::as_str);
            let is_recruitment = match definition {
                Some(id) => RECRUITMENT.iter().any(|prefix| id.starts_with(prefix)),
                None => is_recruitment,
            };
            let within =
                format!("{within}/{}", definition.or_else(|| fields.get("key").and_then(Value::as_str)).unwrap_or_default());
            for (name, value) in fields {
                let is_count = ["value", "numerator", "denominator", "actual", "peopleInBoth"].contains(&name.as_str());
                let few = value.as_i64().or_else(|| whole(value)).is_some_and(|count| (1..5).contains(&count));
                let of_places = name == "value" && definition.is_some_and(|id| id.ends_with("of_planned_places"));
                if is_recruitment && is_count && few && !of_places {
                    found.push(format!("{within} {name} {value}"));
                }
                handfuls(value, &within, is_recruitment, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| handfuls(item, within, is_recruitment, found)),
        _ => {}
    }
}

/// A whole number written with six places.
fn whole(value: &Value) -> Option<i64> {
    value.as_str()?.strip_suffix(".000000")?.parse().ok()
}

fn handfuls_of(api: &Api, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let is_recruitment = RECRUITMENT.iter().any(|prefix| path.starts_with(&format!("/figures/{prefix}")));
    handfuls(&api.get(path).expect(200), path, is_recruitment, &mut found);
    found
}

#[test]
fn no_operation_tells_who_sees_no_people_of_a_handful_of_candidates() {
    let app = TestApp::start();
    let scene = Scene::of(&app);
    let mut exact = 0;
    for path in scene.operations() {
        let told = handfuls_of(&app.api(Role::Coordinator), &path);
        exact += told.len();
        for role in SEE_PEOPLE {
            assert_eq!(handfuls_of(&app.api(role), &path), told, "{path}");
        }
        for role in SEE_NOBODY {
            assert_eq!(handfuls_of(&app.api(role), &path), Vec::<String>::new(), "{role:?}");
        }
    }
    assert!(exact > 40, "who sees people is told of {exact} handfuls");
}

#[test]
fn a_handful_cannot_be_subtracted_from_what_is_told() {
    let app = TestApp::start();
    let scene = Scene::of(&app);
    let api = app.api(Role::Statistician);
    let figure =
        |path: &str, definition: &str| api.get(&format!("{path}?definitionId={definition}")).expect(200)["figures"][0].clone();
    let [first, second] = scene.editions.each_ref().map(|edition| format!("/editions/{edition}/figures"));
    let programme = format!("/programmes/{}/figures", scene.replay.programme);
    let candidates = figure(&first, "M-01");
    assert_eq!((&candidates["value"], &candidates["completeness"][0]["recorded"]), (&json!(20), &json!(20)));
    assert_eq!(groups(&candidates, "decision")["selected"], 9);
    assert_eq!(groups(&candidates, "decision")["reserve"], Value::Null, "20 less 9 and 8 would be the 3");
    assert_eq!(groups(&candidates, "stage")["decided"], 20);
    let (rejected, reserve) = (figure(&first, "M-03.rejected"), figure(&first, "M-03.reserve"));
    for withheld in [&rejected, &reserve] {
        let told = [&withheld["value"], &withheld["numerator"], &withheld["denominator"]];
        assert_eq!((told, &withheld["status"]), ([&Value::Null; 3], &json!("suppressed")));
        assert!(groups(withheld, "sex").as_object().is_some_and(|groups| groups.values().all(Value::is_null)));
    }
    assert_eq!(figure(&second, "M-03.rejected")["value"], 6, "in the other edition they are told");
    for several in [programme.as_str(), "/figures"] {
        assert_eq!(figure(several, "M-01")["value"], 32);
        assert_eq!(figure(several, "M-03.selected")["value"], 15);
        assert_eq!(figure(several, "M-03.rejected")["status"], "suppressed", "9 less 6 would be the 3");
    }
    let attainment = figure(&first, "M-20.target_attainment");
    assert_eq!(attainment["status"], "suppressed");
    assert_eq!(groups(&attainment, "effect"), json!({ "rejected": null, "selected": "1.000000" }));
    let plan = api.get(&format!("/editions/{}/plan-comparison", scene.editions[0])).expect(200);
    let effect = plan["rows"].as_array().expect("rows").iter().find(|row| row["key"] == "rejected").expect("the effect");
    assert_eq!((&effect["actual"], &effect["status"]), (&Value::Null, &json!("suppressed")));
}

#[test]
fn a_tiny_edition_tells_not_even_how_many_are_on_file() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2019-01-01");
    let edition = Scene::edition(&replay, "2019-10-15", "2019-12-14", &[("selected", 3)], false);
    let path = format!("/editions/{edition}/figures?definitionId=M-01");
    let told = app.api(Role::Statistician).get(&path).expect(200)["figures"][0].clone();
    assert_eq!((&told["value"], &told["status"]), (&Value::Null, &json!("suppressed")));
    assert_eq!(told["completeness"][0]["recorded"], Value::Null);
    assert_eq!(replay.api.get(&path).expect(200)["figures"][0]["completeness"][0]["recorded"], 3);
}

#[test]
fn neither_files_nor_reports_nor_rankings_tell_what_the_figures_withhold() {
    let app = TestApp::start();
    let scene = Scene::of(&app);
    let [first, _] = &scene.editions;
    let report = scene.replay.api.post("/reports", &json!({ "editionId": first })).id();
    let exact = scene.replay.api.get(&format!("/reports/{report}/document")).expect(200);
    let figures =
        exact["sections"].as_array().expect("sections").iter().flat_map(|part| part["figures"].as_array().expect("figures"));
    let rejected = figures.into_iter().find(|figure| figure["definitionId"] == "M-03.rejected").expect("the figure");
    assert_eq!(rejected["value"], 3, "a report has the numbers that have to be reported");
    for role in SEE_NOBODY {
        let api = app.api(role);
        for path in [
            "/reports".to_owned(),
            format!("/reports/{report}"),
            format!("/reports/{report}/document"),
            format!("/reports/{report}/file"),
            format!("/reports/{report}/files"),
            format!("/reports/{report}/differences"),
            format!("/editions/{first}/figures/M-03.rejected/records"),
            format!("/editions/{first}/figures/M-01/breakdown?by=sex"),
        ] {
            api.get(&path).refused(403, "platform.forbidden");
        }
        api.with("Accept", "text/csv").get("/applications").refused(403, "platform.forbidden");
    }
    let few = Scene::edition(&scene.replay, "2018-10-15", "2018-12-14", &[("selected", 4)], false);
    let history = format!("/programmes/{}/history/file?format=csv", scene.replay.programme);
    let row = |role: Role| {
        let text = app.api(role).get(&history).text;
        text.lines().find(|line| line.contains("2018-10-15")).unwrap_or_else(|| panic!("{few}: {text}")).to_owned()
    };
    assert!(row(Role::Coordinator).contains(";4;"), "{}", row(Role::Coordinator));
    assert!(!row(Role::Statistician).contains(";4;"), "{}", row(Role::Statistician));
}
