//! Conditions of time and age over the API: what is kept, what is told, what makes an assessment stale; and its round trips.

use crate::eligibility::{Candidate, finding, reasons, regime};
use crate::support::database::rows;
use crate::support::statements::{count, counted};
use crate::support::{TestApp, build};
use pai::platform::examples;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const WORKING_AGE: &str = r#"{ "rule": "ageBetween", "severity": "hard", "legalSource": "regulamin § 2", "age": { "min": 18, "max": 64, "maxWomen": 59 } }"#;
const LONG_TERM: &str = r#"{ "rule": "registeredMonthsWithin", "severity": "hard", "legalSource": "art. 2 ust. 1 pkt 5", "months": 12, "withinMonths": 24 }"#;

fn condition(text: &str) -> Value {
    serde_json::from_str(text).expect("a condition")
}

/// A woman with a date of birth.
fn born(app: &TestApp, date: &str) -> Uuid {
    let identity = json!({ "givenNames": "Anna", "surname": "Przykładowa", "birthDate": date, "missingReason": "bez numeru" });
    let body = json!({ "sex": "female", "identity": identity });
    app.api(Role::SocialWorker).post("/people", &body).id().parse().expect("an id")
}

#[test]
fn an_age_is_judged_by_the_date_of_birth_which_is_nowhere_kept_in_the_clear() {
    let app = TestApp::start();
    let regime = regime(&app, &json!([condition(WORKING_AGE)]));
    let candidate = Candidate::known(&app, &regime, born(&app, "1960-12-24"));
    let assessment = candidate.assess("2020-10-10");
    let age = finding(&assessment, "ageBetween");
    assert_eq!(
        (&assessment["outcome"], &age["age"]),
        (&json!("eligible"), &json!({ "least": 59, "greatest": 59, "sex": "female" }))
    );
    let explanation = age["explanation"].as_str().expect("text");
    assert!(explanation.contains("wiek od 18 do 64 lat (kobiety – najwyżej 59 lat)"), "{explanation}");
    assert!(explanation.contains("Wiek w tym dniu: 59 lat."), "{explanation}");
    let dump = crate::canary::dump(&app.superuser_url);
    assert!(dump.contains("ageBetween"), "the dump is read");
    for told in ["1960-12-24", "24.12.1960"] {
        assert!(!dump.contains(told) && !assessment.to_string().contains(told), "{told}");
    }
    // Whoever may see the identity is told to the day, whoever may not by the month.
    assert_eq!(reasons(&candidate.read(&assessment, "?on=2020-12-24")), ["timePassed"]);
    let path = format!("/eligibility-assessments/{}", assessment["id"].as_str().expect("an id"));
    let auditor = |query: &str| app.api(Role::Auditor).get(&format!("{path}{query}")).expect(200);
    assert_eq!(reasons(&auditor("?on=2020-12-31")), Vec::<&str>::new());
    assert_eq!(reasons(&auditor("?on=2021-01-01")), ["timePassed"]);
    assert_eq!(candidate.assess("2020-12-24")["outcome"], "ineligible");

    // An appeal looks at the age of that day, whatever the identity says since.
    let identity =
        json!({ "givenNames": "Anna", "surname": "Przykładowa", "birthDate": "1950-01-01", "missingReason": "bez numeru" });
    let writer = candidate.api.with("Pai-Purpose", "korekta");
    writer.put(&format!("/people/{}/identity", candidate.person), "\"1\"", &identity).expect(200);
    let refused = candidate.assess("2020-10-10");
    assert_eq!(refused["outcome"], "ineligible");
    let identity =
        json!({ "givenNames": "Anna", "surname": "Przykładowa", "birthDate": "1960-12-24", "missingReason": "bez numeru" });
    writer.put(&format!("/people/{}/identity", candidate.person), "\"2\"", &identity).expect(200);
    let appeal = json!({ "lodgedOn": "2020-10-12", "reason": "Kandydat nie zgadza się z oceną" });
    let appeals = format!("/eligibility-assessments/{}/appeals", refused["id"].as_str().expect("an id"));
    let upheld = candidate.api.post(&appeals, &appeal).expect(201);
    assert_eq!((&upheld["outcome"], &upheld["findings"]), (&json!("ineligible"), &refused["findings"]));
    assert_eq!(candidate.assess("2020-10-10")["outcome"], "eligible");
}

#[test]
fn a_birthday_that_lies_ahead_is_told_by_its_month() {
    let app = TestApp::start();
    let regime = regime(&app, &json!([condition(WORKING_AGE)]));
    let minor = Candidate::known(&app, &regime, born(&app, "2002-11-17"));
    let assessment = minor.assess("2020-10-10");
    assert_eq!(
        (&assessment["outcome"], &assessment["counterfactual"]["qualifiesFrom"]),
        (&json!("ineligible"), &json!("2020-12-01"))
    );
    assert!(!assessment.to_string().contains("11-17"), "{assessment}");
    let explanation = assessment["counterfactual"]["explanation"].as_str().expect("words");
    assert!(explanation.ends_with("warunki będą spełnione najpóźniej od 01.12.2020."), "{explanation}");
    let unknown = Candidate::under(&app, &regime).assess("2020-10-10");
    assert_eq!((&unknown["outcome"], &finding(&unknown, "ageBetween")["cause"]), (&json!("undetermined"), &json!("ageUnknown")));
    assert!(finding(&unknown, "ageBetween")["ask"].as_str().is_some_and(|ask| ask.contains("datę urodzenia")), "{unknown}");
}

#[test]
fn long_term_unemployment_is_counted_from_periods_and_foreseen() {
    let app = TestApp::start();
    let candidate = Candidate::under(&app, &regime(&app, &json!([condition(LONG_TERM)])));
    candidate.fact("registeredUnemployed", "false", &json!({ "from": "2018-01-01", "to": "2019-02-28" }));
    candidate.fact("registeredUnemployed", "true", &json!({ "from": "2019-03-01", "to": "2019-08-31" }));
    candidate.fact("registeredUnemployed", "false", &json!({ "from": "2019-09-01", "to": "2020-04-30" }));
    let current = candidate.fact("registeredUnemployed", "true", &json!({ "from": "2020-05-01" }));
    let early = candidate.assess("2020-10-10");
    let measured = &finding(&early, "registeredMonthsWithin")["measured"];
    assert_eq!((&early["outcome"], &measured["total"]), (&json!("ineligible"), &json!({ "months": 11, "days": 10 })));
    assert_eq!(
        measured["periods"],
        json!([{ "from": "2019-03-01", "to": "2019-08-31" }, { "from": "2020-05-01", "to": "2020-10-10" }])
    );
    assert_eq!((&measured["reachedOn"], &early["counterfactual"]["qualifiesFrom"]), (&json!("2020-11-01"), &json!("2020-11-01")));
    let told = finding(&early, "registeredMonthsWithin")["explanation"].as_str().expect("text");
    for part in [
        "od 01.03.2019 do 31.08.2019, od 01.05.2020 do 10.10.2020; łącznie 11 miesięcy i 10 dni",
        "ponad 12 miesięcy w rejestrze w okresie ostatnich 24 miesięcy",
        "Jeżeli obecny okres potrwa, warunek będzie spełniony od 01.11.2020.",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let met = candidate.assess("2020-11-01");
    assert_eq!(met["outcome"], "eligible");
    // The registration was another person's: what rests on it has to be made anew.
    let withdrawal = json!({ "effectiveOn": "2020-11-02", "reason": "Rejestracja innej osoby" });
    candidate.api.post(&format!("/people/{}/facts/{current}/withdrawal", candidate.person), &withdrawal).expect(200);
    let stale = candidate.read(&met, "?on=2020-11-03");
    assert_eq!(reasons(&stale), ["factCorrected"]);
    let told = stale["currency"]["explanation"].as_str().expect("text");
    assert!(told.starts_with("Ocena opierała się na fakcie, który okazał się błędny"), "{told}");
    candidate.decide(&met, "selected", "2020-11-03").refused(409, "recruitment.assessment_stale");
    assert_eq!(candidate.assess("2020-11-01")["outcome"], "undetermined");
}

#[test]
fn a_survey_answers_what_an_assessment_asks() {
    let app = TestApp::start();
    let candidate = Candidate::under(&app, examples::REGIME);
    assert_eq!(candidate.assess("2020-10-10")["outcome"], "undetermined");
    let question = |code: &str, kind: &str| json!({ "code": code, "text": "?", "kind": "yesNo", "givesFact": { "kind": kind } });
    let form = json!({ "code": "wywiad", "version": 1, "kind": "interview", "title": "Rodzinny wywiad środowiskowy", "questions": [
        question("registered", "registeredUnemployed"), question("benefit", "benefitRight"), question("assistance", "socialAssistance")
    ] });
    let form = app.api(Role::Coordinator).post("/survey-forms", &form).id();
    let answers = json!([
        { "question": "registered", "value": "true" }, { "question": "benefit", "value": "false" }, { "question": "assistance", "value": "true" }
    ]);
    let body = json!({ "formId": form, "answeredOn": "2020-10-09", "applicationId": candidate.application, "by": "interview", "answers": answers });
    candidate.api.post(&format!("/people/{}/survey-responses", candidate.person), &body).expect(201);
    let assessment = candidate.assess("2020-10-10");
    assert_eq!(assessment["outcome"], "eligible");
    let told = finding(&assessment, "noBenefitRight")["explanation"].as_str().expect("text");
    assert!(told.contains("źródło: Rodzinny wywiad środowiskowy (wywiad środowiskowy) z dnia 09.10.2020"), "{told}");
}

#[test]
fn an_assessment_keeps_to_its_round_trips() {
    count();
    let app = TestApp::start();
    let plain = Candidate::under(&app, examples::REGIME);
    plain.fact("benefitRight", "true", &json!({}));
    let timed =
        Candidate::known(&app, &regime(&app, &json!([condition(WORKING_AGE), condition(LONG_TERM)])), born(&app, "1980-01-02"));
    timed.fact("registeredUnemployed", "true", &json!({}));
    let kept = plain.assess("2020-10-10");
    // BEGIN with its settings, application, terms, facts, the assessment, the register, COMMIT; of an age also the birth.
    for (name, promised, call) in [
        ("assess", 8, &(|| plain.assess("2020-10-10")) as &dyn Fn() -> Value),
        ("assess by age and time", 9, &|| timed.assess("2020-10-10")),
        ("read an assessment", 6, &|| plain.read(&kept, "")),
    ] {
        let sent = [0, 1, 2, 3].map(|_| {
            let before = counted(&app.service_url);
            call();
            counted(&app.service_url) - before
        });
        let began = std::time::Instant::now();
        (0..20).for_each(|_| drop(call()));
        let rate = 20.0 / began.elapsed().as_secs_f64();
        println!("{name}: {sent:?} statements, promised {promised}; {rate:.0} a second by one caller of this build");
        assert!(sent.iter().all(|sent| (1..=promised).contains(sent)), "{name}: {sent:?} statements, promised {promised}");
    }
}

#[test]
fn assessments_hold_no_trace_of_a_birth() {
    let app = TestApp::start();
    let regime = regime(&app, &json!([condition(WORKING_AGE)]));
    let person = build::person(&app);
    let candidate = Candidate::known(&app, &regime, person);
    let version = candidate.api.get(&format!("/people/{person}")).header("etag").to_owned();
    candidate.api.put(&format!("/people/{person}"), &version, &json!({ "sex": "male", "birthYear": 1977 })).expect(200);
    let assessment = candidate.assess("2020-10-10");
    assert_eq!(finding(&assessment, "ageBetween")["age"], json!({ "least": 42, "greatest": 43, "sex": "male" }));
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let stored = rows(&mut superuser, "SELECT ARRAY[row_to_json(e)::text] AS row FROM eligibility_assessments e");
    assert!(stored.iter().all(|row| !row[0].contains("1977")), "the year of birth is not kept with the assessment");
}

#[test]
fn a_residence_tells_the_code_that_is_asked_for_and_an_age_what_is_missing() {
    let app = TestApp::start();
    let residence =
        json!({ "rule": "residence", "severity": "hard", "legalSource": "regulamin § 1", "places": ["1013032", "1013011"] });
    let regime = regime(&app, &json!([condition(WORKING_AGE), residence]));
    let somebody = |sex: &str, birth: Option<&str>| {
        let identity =
            json!({ "givenNames": "Anna", "surname": "Przykładowa", "birthDate": birth, "missingReason": "bez numeru" });
        let body = json!({ "sex": sex, "identity": identity });
        app.api(Role::SocialWorker).post("/people", &body).id().parse().expect("an id")
    };
    let candidate = Candidate::known(&app, &regime, somebody("female", None));
    candidate.fact("residence", "1013042", &json!({}));
    let assessment = candidate.assess("2020-10-10");
    let told = finding(&assessment, "residence")["explanation"].as_str().expect("text");
    assert!(told.contains("Wymagany kod TERC: zaczynający się od 1013032 lub 1013011."), "{told}");
    let age = finding(&assessment, "ageBetween");
    assert_eq!(age["ask"], "Uzupełnij w danych osobowych datę urodzenia lub numer PESEL.", "the sex is on file");
    let candidate = Candidate::known(&app, &regime, somebody("unknown", Some("1958-01-01")));
    let assessment = candidate.assess("2020-10-10");
    let age = finding(&assessment, "ageBetween");
    assert_eq!(age["ask"], "Uzupełnij płeć w danych osoby.", "the date of birth is on file");
    let told = age["explanation"].as_str().expect("text");
    assert!(told.contains("(brakuje płci, od której zależy granica wieku)"), "{told}");
}
