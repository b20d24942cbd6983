//! What a worker reads of eight different cases, in both languages; `PAI_WORDING` names a file that it is written to.

use crate::eligibility::{Candidate, regime};
use crate::support::{TestApp, build};
use pai::platform::examples;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Everything that an assessment says in words.
fn words(assessment: &Value) -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(text) if matches!(name.as_str(), "summary" | "explanation" | "ask") => found.push(text.to_owned()),
                        _ => collect(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(assessment, &mut found);
    found
}

/// Conditions of a town of its own: age, time in the register, area, a status, a warning.
fn of_a_town(app: &TestApp) -> String {
    regime(
        app,
        &json!([
            { "rule": "ageBetween", "severity": "hard", "legalSource": "regulamin § 2 ust. 1", "age": { "min": 18, "max": 64, "maxWomen": 59 } },
            { "rule": "registeredMonthsWithin", "severity": "hard", "legalSource": "art. 2 ust. 1 pkt 5 ustawy z dnia 20 kwietnia 2004 r.", "months": 12, "withinMonths": 24, "alternativeGroup": "unemployment" },
            { "rule": "unemployedForMonths", "severity": "hard", "legalSource": "regulamin § 2 ust. 2", "months": 12, "young": { "belowAge": 25, "months": 6 }, "alternativeGroup": "unemployment" },
            { "rule": "revitalisationArea", "severity": "overridable", "legalSource": "regulamin § 3" },
            { "rule": "employmentStatus", "severity": "overridable", "legalSource": "regulamin § 4", "values": ["unemployed", "inactive"] },
            { "rule": "caringDuties", "severity": "warning", "legalSource": "regulamin § 5" }
        ]),
    )
}

fn somebody(app: &TestApp, birth: &str) -> uuid::Uuid {
    let identity = json!({ "givenNames": "Anna", "surname": "Przykładowa", "birthDate": birth, "missingReason": "bez numeru" });
    app.api(Role::SocialWorker).post("/people", &json!({ "sex": "female", "identity": identity })).id().parse().expect("an id")
}

/// The eight cases: a title and the assessment to read, with its query.
fn cases(app: &TestApp) -> Vec<(&'static str, Candidate, Value, &'static str)> {
    let statutory = |right: Option<&str>| {
        let candidate = Candidate::under(app, examples::REGIME);
        let certificate = json!({ "sourceKind": "labourOffice", "evidence": "zaświadczenie", "evidenceOn": "2020-10-01", "expiresOn": "2020-10-31" });
        candidate.fact("registeredUnemployed", "true", &certificate);
        candidate.fact(
            "socialAssistance",
            "true",
            &json!({ "sourceKind": "interview", "source": "rejonowy pracownik socjalny" }),
        );
        if let Some(right) = right {
            candidate.fact("benefitRight", right, &certificate);
        }
        candidate
    };
    let town = of_a_town(app);
    let of_town = |birth: &str, area: &str, registered: &str| {
        let candidate = Candidate::known(app, &town, somebody(app, birth));
        candidate.fact("revitalisationArea", area, &json!({}));
        candidate.fact("employmentStatus", "unemployed", &json!({}));
        candidate.fact("registeredUnemployed", "false", &json!({ "from": "2018-01-01", "to": "2018-12-31" }));
        candidate.fact("registeredUnemployed", "true", &json!({ "from": registered }));
        candidate.fact("unemployedSince", registered, &json!({ "sourceKind": "applicant", "source": "oświadczenie" }));
        candidate
    };
    let mut all = Vec::new();
    let eligible = statutory(Some("false"));
    let assessment = eligible.assess("2020-10-10");
    all.push(("eligible", eligible, assessment, ""));
    let benefit = statutory(Some("true"));
    let assessment = benefit.assess("2020-10-10");
    all.push(("not eligible: right to a benefit", benefit, assessment, ""));
    let late = of_town("1990-05-05", "true", "2020-04-01");
    late.fact("registeredUnemployed", "false", &json!({ "from": "2019-01-01", "to": "2020-03-31" }));
    let assessment = late.assess("2020-10-10");
    all.push(("not eligible: not long enough in the register", late, assessment, ""));
    let old = of_town("1960-02-02", "true", "2019-01-01");
    let assessment = old.assess("2020-10-10");
    all.push(("not eligible: age", old, assessment, ""));
    let open = Candidate::known(app, &town, build::person(app));
    open.fact("revitalisationArea", "true", &json!({ "expiresOn": "2020-01-31" }));
    open.fact("employmentStatus", "inactive", &json!({}));
    open.fact("employmentStatus", "employed", &json!({}));
    let assessment = open.assess("2020-10-10");
    all.push(("undetermined", open, assessment, ""));
    let stale = statutory(Some("false"));
    let assessment = stale.assess("2020-10-10");
    stale.fact("registeredUnemployed", "false", &json!({ "from": "2020-10-20" }));
    all.push(("stale", stale, assessment, "?on=2020-11-02"));
    let outside = of_town("1990-05-05", "false", "2019-01-01");
    let exceptions = json!([{ "rule": "revitalisationArea", "reason": "Opieka nad matką na tym obszarze" }]);
    let excepted =
        outside.api.post(&outside.path(), &json!({ "effectiveOn": "2020-10-10", "exceptions": exceptions })).expect(201);
    all.push(("by exception", outside, excepted, ""));
    let appealing = of_town("1990-05-05", "false", "2019-01-01");
    let refused = appealing.assess("2020-10-10");
    let appeal = json!({ "lodgedOn": "2020-10-20", "reason": "Kandydatka nie zgadza się z oceną" });
    let path = format!("/eligibility-assessments/{}/appeals", refused["id"].as_str().expect("an id"));
    let upheld = appealing.api.post(&path, &appeal).expect(201);
    all.push(("upheld upon appeal", appealing, upheld, ""));
    all
}

#[test]
fn every_case_is_told_in_words_without_codes_of_machines() {
    let app = TestApp::start();
    let mut told = String::new();
    for (title, candidate, assessment, query) in cases(&app) {
        let path = format!("/eligibility-assessments/{}{query}", assessment["id"].as_str().expect("an id"));
        let _ = writeln!(told, "\n== {title}");
        for language in ["pl", "en"] {
            let read = candidate.api.with("Accept-Language", language).get(&path).expect(200);
            let words = words(&read);
            assert!(words.len() > 4, "{title}: {words:?}");
            for text in &words {
                let _ = writeln!(told, "{language}: {text}");
                assert!(text.ends_with(['.', '?', ')', '”']) && !text.contains("..") && !text.contains("  "), "{title}: {text}");
                let machine = ["true", "false", "null", "registeredUnemployed", "benefitRight", "inactive", "severity"];
                let of_machines = machine.iter().find(|word| language == "pl" && text.contains(**word));
                assert_eq!(of_machines, None, "{title}: {text}");
                let english = [" of the Act", "Met:", "Not met", "from ", "evidence"];
                let foreign = english.iter().find(|part| language == "pl" && text.contains(**part));
                assert_eq!(foreign, None, "{title}: {text}");
            }
        }
    }
    if let Some(file) = std::env::var_os("PAI_WORDING") {
        std::fs::write(file, told).expect("the words are written");
    }
}
