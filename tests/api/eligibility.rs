//! Eligibility: assessments over facts, explained; what would have to change; staleness, exceptions, appeals.

use crate::support::{Api, TestApp, build};
use pai::platform::examples;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// A candidate of an edition from 2020-10-15, under a regime of these conditions.
pub struct Candidate {
    pub person: Uuid,
    pub application: String,
    pub api: Api,
}

impl Candidate {
    pub fn under(app: &TestApp, regime: &str) -> Self {
        Self::known(app, regime, build::person(app))
    }

    /// As `under`, somebody who is known already.
    pub fn known(app: &TestApp, regime: &str, person: Uuid) -> Self {
        let coordinator = app.api(Role::Coordinator);
        let programme = coordinator.post("/programmes", &json!({ "name": "PAI", "kind": "pai" })).id();
        let agreement = json!({ "kind": "implementation", "signedOn": "2020-07-22", "regimeId": regime });
        let agreement = coordinator.post("/agreements", &agreement).id();
        let edition = json!({
            "programmeId": programme, "agreementId": agreement, "name": "I",
            "startsOn": "2020-10-15", "endsOn": "2020-12-14", "places": 9
        });
        let edition = coordinator.post("/editions", &edition).id();
        let api = app.api(Role::SocialWorker);
        let application = json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" });
        let application = api.post("/applications", &application).id();
        Self { person, application, api }
    }

    pub fn fact(&self, kind: &str, value: &str, more: &Value) -> String {
        let from = if kind == "unemployedSince" { value } else { "2019-01-01" };
        let mut body = json!({ "kind": kind, "value": value, "from": from, "source": "PUP w Przykładowie" });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.api.post(&format!("/people/{}/facts", self.person), &body).id()
    }

    pub fn path(&self) -> String {
        format!("/applications/{}/eligibility-assessments", self.application)
    }

    pub fn assess(&self, on: &str) -> Value {
        self.api.post(&self.path(), &json!({ "effectiveOn": on })).expect(201)
    }

    pub fn read(&self, assessment: &Value, query: &str) -> Value {
        self.api.get(&format!("/eligibility-assessments/{}{query}", assessment["id"].as_str().expect("an id"))).expect(200)
    }

    pub fn decide(&self, assessment: &Value, decision: &str, on: &str) -> crate::support::Answer {
        let body = json!({ "decision": decision, "effectiveOn": on, "reason": "Ocena", "assessmentId": assessment["id"] });
        self.api.post(&format!("/applications/{}/decisions", self.application), &body)
    }
}

pub fn regime(app: &TestApp, conditions: &Value) -> String {
    let body = json!({
        "code": "TOWN", "version": 1, "namePl": "Program", "nameEn": "Programme", "legalSource": "Uchwała",
        "parameters": { "jobMinDays": 30, "followUpClock": "programme", "eligibility": conditions, "admissionOnAssessment": true }
    });
    app.api(Role::Coordinator).post("/regimes", &body).id()
}

pub fn finding<'a>(assessment: &'a Value, rule: &str) -> &'a Value {
    assessment["findings"].as_array().expect("findings").iter().find(|finding| finding["rule"] == rule).expect("the rule")
}

pub fn reasons(assessment: &Value) -> Vec<&str> {
    let because = assessment["currency"]["because"].as_array().expect("reasons");
    because.iter().filter_map(|because| because["reason"].as_str()).collect()
}

#[test]
fn from_missing_facts_to_a_decision_that_names_its_assessment() {
    let app = TestApp::start();
    let candidate = Candidate::under(&app, examples::REGIME);
    let unknown = candidate.assess("2020-10-10");
    assert_eq!((&unknown["outcome"], &unknown["regimeId"]), (&json!("undetermined"), &json!(examples::REGIME)));
    assert_eq!(finding(&unknown, "noBenefitRight")["cause"], "missing");
    assert!(finding(&unknown, "noBenefitRight")["ask"].as_str().is_some_and(|ask| ask.contains("prawo do zasiłku")), "{unknown}");
    assert_eq!(unknown["counterfactual"]["needs"].as_array().map(Vec::len), Some(3));
    candidate.decide(&unknown, "selected", "2020-10-12").refused(422, "recruitment.not_eligible");

    candidate.fact(
        "registeredUnemployed",
        "true",
        &json!({ "sourceKind": "labourOffice", "evidence": "zaświadczenie", "evidenceOn": "2020-10-02" }),
    );
    candidate.fact("socialAssistance", "true", &json!({ "sourceKind": "interview" }));
    candidate.fact("benefitRight", "true", &json!({ "to": "2020-10-13" }));
    candidate.fact("benefitRight", "false", &json!({ "from": "2020-10-14" }));
    let early = candidate.assess("2020-10-10");
    assert_eq!(early["outcome"], "ineligible");
    let way = &early["counterfactual"];
    assert_eq!((&way["qualifiesFrom"], &way["exceptionPossible"]), (&json!("2020-10-14"), &json!(false)));
    assert_eq!(
        way["needs"],
        json!([{ "anyOf": [{ "rule": "noBenefitRight", "wanted": { "kind": "benefitRight", "oneOf": ["false"], "latest": null, "total": null, "age": null }, "outOfReach": false }] }])
    );

    let eligible = candidate.assess("2020-10-14");
    assert_eq!((&eligible["outcome"], &eligible["counterfactual"]), (&json!("eligible"), &Value::Null));
    let explanation = finding(&eligible, "registeredUnemployed")["explanation"].as_str().expect("text");
    for part in [
        "art. 62a ust. 2 ustawy z dnia 20 kwietnia 2004 r.",
        "tak",
        "od 01.01.2019",
        "PUP w Przykładowie (urząd pracy)",
        "zaświadczenie z dnia 02.10.2020",
    ] {
        assert!(explanation.contains(part), "{part}: {explanation}");
    }
    let contradictory = json!({ "decision": "selected", "effectiveOn": "2020-10-14", "reason": "Ocena", "basis": "attested", "assessmentId": eligible["id"] });
    candidate
        .api
        .post(&format!("/applications/{}/decisions", candidate.application), &contradictory)
        .refused(422, "recruitment.basis_contradicts");
    candidate.decide(&eligible, "selected", "2020-10-14").expect(200);
    let history = candidate.api.get(&format!("/applications/{}/events", candidate.application)).expect(200);
    let step =
        history["items"].as_array().expect("steps").iter().find(|step| step["kind"] == "selected").expect("a step").clone();
    assert_eq!((&step["basis"], &step["assessmentId"]), (&json!("assessed"), &eligible["id"]));
    assert_eq!(candidate.api.get(&candidate.path()).expect(200)["items"].as_array().map(Vec::len), Some(3));
}

#[test]
fn the_same_assessment_speaks_polish_and_english() {
    let app = TestApp::start();
    let candidate = Candidate::under(&app, examples::REGIME);
    candidate.fact("benefitRight", "true", &json!({}));
    let polish = candidate.assess("2020-10-10");
    let english = candidate.api.with("Accept-Language", "en");
    let english = english.get(&format!("/eligibility-assessments/{}", polish["id"].as_str().expect("an id"))).expect(200);
    assert_eq!((&polish["language"], &english["language"]), (&json!("pl"), &json!("en")));
    assert_eq!(polish["summary"], "Nie wszystkie warunki są spełnione (stan na dzień 10.10.2020).");
    assert_eq!(english["summary"], "Not all conditions are met (as of 2020-10-10).");
    let told = |assessment: &Value| finding(assessment, "noBenefitRight")["explanation"].as_str().expect("text").to_owned();
    assert!(
        told(&polish).starts_with("Warunek niespełniony: brak prawa do zasiłku dla bezrobotnych (art. 73a ust. 1 ustawy"),
        "{}",
        told(&polish)
    );
    assert!(told(&english).starts_with("Not met: no right to unemployment benefit (art. 73a(1)"), "{}", told(&english));
    let codes = |assessment: &Value| {
        (finding(assessment, "noBenefitRight")["facts"].clone(), assessment["counterfactual"]["needs"].clone())
    };
    assert_eq!(codes(&polish), codes(&english));
}

#[test]
fn what_comes_to_light_makes_an_assessment_stale_and_never_changes_it() {
    let app = TestApp::start();
    let candidate = Candidate::under(&app, examples::REGIME);
    let registered = candidate.fact("registeredUnemployed", "true", &json!({ "expiresOn": "2020-10-20" }));
    candidate.fact("socialAssistance", "true", &json!({}));
    candidate.fact("benefitRight", "false", &json!({}));
    let assessment = candidate.assess("2020-10-10");
    assert_eq!((&assessment["outcome"], &assessment["currency"]["stale"]), (&json!("eligible"), &json!(false)));
    // Asked without a day: the edition has begun, so its first day counts, not today.
    assert_eq!(candidate.read(&assessment, "")["currency"]["on"], "2020-10-15");
    assert_eq!(candidate.read(&assessment, "?on=2020-10-20")["currency"]["stale"], false);
    let expired = candidate.read(&assessment, "?on=2020-10-21");
    assert_eq!((reasons(&expired), &expired["outcome"]), (vec!["factExpired"], &json!("eligible")));
    assert_eq!(expired["currency"]["because"][0]["from"], "2020-10-21");
    candidate.decide(&assessment, "selected", "2020-10-21").refused(409, "recruitment.assessment_stale");

    candidate.fact("registeredUnemployed", "false", &json!({ "supersedesId": registered, "correctionReason": "Pomyłka urzędu" }));
    let corrected = candidate.read(&assessment, "");
    assert_eq!(reasons(&corrected), ["factCorrected", "factAdded"]);
    assert_eq!((&corrected["outcome"], &corrected["findings"]), (&assessment["outcome"], &assessment["findings"]));
    candidate.decide(&assessment, "reserve", "2020-10-14").refused(409, "recruitment.assessment_stale");
    assert_eq!(candidate.assess("2020-10-10")["outcome"], "ineligible");
    candidate.decide(&assessment, "rejected", "2020-10-14").expect(200);
}

#[test]
fn a_justified_exception_carries_its_reason_also_upon_appeal() {
    let app = TestApp::start();
    let conditions = json!([
        { "rule": "revitalisationArea", "severity": "overridable", "legalSource": "regulamin § 3" },
        { "rule": "registeredUnemployed", "severity": "hard", "legalSource": "art. 62a(2)" },
        { "rule": "caringDuties", "severity": "warning", "legalSource": "regulamin § 4" }
    ]);
    let candidate = Candidate::under(&app, &regime(&app, &conditions));
    candidate.fact("registeredUnemployed", "true", &json!({}));
    let outside = candidate.fact("revitalisationArea", "false", &json!({}));
    let refused = candidate.assess("2020-10-10");
    assert_eq!((&refused["outcome"], &refused["counterfactual"]["exceptionPossible"]), (&json!("ineligible"), &json!(true)));
    assert_eq!(finding(&refused, "caringDuties")["outcome"], "undetermined");
    let with = |rule: &str| json!({ "effectiveOn": "2020-10-10", "exceptions": [{ "rule": rule, "reason": "Opieka nad matką na tym obszarze" }] });
    for rule in ["registeredUnemployed", "caringDuties", "disability"] {
        let problem = candidate.api.post(&candidate.path(), &with(rule)).refused(422, "recruitment.exception_not_possible");
        assert_eq!(problem["errors"][0]["pointer"], "/exceptions/0/rule", "{rule}");
    }
    let looked_at = candidate.api.post(&format!("{}?dryRun=true", candidate.path()), &with("revitalisationArea")).expect(200);
    assert_eq!(looked_at["outcome"], "eligibleByException");
    assert_eq!(candidate.api.get(&candidate.path()).expect(200)["items"].as_array().map(Vec::len), Some(1));

    // Whatever is recorded meanwhile: the appeal is about the facts of the first assessment.
    candidate.fact("revitalisationArea", "true", &json!({ "supersedesId": outside, "correctionReason": "Nowa granica obszaru" }));
    let lodge = |against: &Value, on: &str, exceptions: &Value| {
        let appeals = format!("/eligibility-assessments/{}/appeals", against["id"].as_str().expect("an id"));
        let body = json!({ "lodgedOn": on, "reason": "Kandydat nie zgadza się z oceną", "exceptions": exceptions });
        candidate.api.post(&appeals, &body)
    };
    let early = lodge(&refused, "2020-10-09", &json!([])).refused(422, "recruitment.out_of_order");
    assert_eq!(early["errors"][0]["pointer"], "/lodgedOn");
    let upheld = lodge(&refused, "2020-10-12", &json!([])).expect(201);
    assert_eq!((&upheld["outcome"], &upheld["findings"]), (&json!("ineligible"), &refused["findings"]));
    assert_eq!(
        upheld["appeal"],
        json!({ "ofId": refused["id"], "lodgedOn": "2020-10-12", "reason": "Kandydat nie zgadza się z oceną" })
    );
    let exceptions = &with("revitalisationArea")["exceptions"];
    let repeated = lodge(&refused, "2020-10-12", exceptions).refused(409, "recruitment.appealed_already");
    assert_eq!(repeated["assessmentId"], upheld["id"]);
    let granted = lodge(&upheld, "2020-10-12", exceptions).expect(201);
    assert_eq!(granted["outcome"], "eligibleByException");
    assert_eq!(finding(&granted, "revitalisationArea")["exceptionReason"], "Opieka nad matką na tym obszarze");
    assert_eq!(candidate.read(&refused, "")["outcome"], "ineligible");
    let audited =
        app.api(Role::Auditor).get(&format!("/audit-entries?recordId={}", granted["id"].as_str().expect("an id"))).expect(200);
    assert!(
        audited["items"].as_array().expect("rows").iter().any(|row| row["overrideReason"] == "Opieka nad matką na tym obszarze")
    );
}

#[test]
fn a_project_that_takes_employed_people_differs_in_data_only() {
    let app = TestApp::start();
    let conditions = json!([
        { "rule": "employmentStatus", "severity": "hard", "legalSource": "regulamin § 2", "values": ["inactive", "farmer"], "alternativeGroup": "status" },
        { "rule": "unemployedForMonths", "severity": "hard", "legalSource": "regulamin § 2", "months": 6, "alternativeGroup": "status" },
        { "rule": "specialSituation", "severity": "hard", "legalSource": "regulamin § 3", "values": ["over50", "disabled"] }
    ]);
    let candidate = Candidate::under(&app, &regime(&app, &conditions));
    let survey = json!({ "sourceKind": "survey", "surveyCode": "ankieta-rekrutacyjna", "surveyVersion": 2 });
    candidate.fact("specialSituation", "under30", &survey);
    candidate.fact("specialSituation", "disabled", &survey);
    candidate.fact("unemployedSince", "2020-05-31", &json!({}));
    let waiting = candidate.assess("2020-10-10");
    assert_eq!(
        (&waiting["outcome"], finding(&waiting, "specialSituation")["facts"][0]["value"].as_str()),
        (&json!("undetermined"), Some("disabled"))
    );
    let way = &waiting["counterfactual"];
    assert_eq!(way["qualifiesFrom"], "2020-11-30");
    assert_eq!(way["needs"][0]["anyOf"][1]["wanted"]["latest"], "2020-04-10");
    candidate.fact("employmentStatus", "farmer", &json!({}));
    assert_eq!(candidate.assess("2020-10-10")["outcome"], "eligible");
    let employed = Candidate::under(&app, "01900000-0000-7000-8000-00000000f004");
    let assessed = employed.assess("2020-10-10");
    assert_eq!((&assessed["outcome"], &assessed["findings"]), (&json!("eligible"), &json!([])), "a regime without conditions");
}

#[test]
fn an_assessment_belongs_to_its_application_and_its_town() {
    let app = TestApp::start();
    let (candidate, other) = (Candidate::under(&app, examples::REGIME), Candidate::under(&app, examples::REGIME));
    let assessment = other.assess("2020-10-10");
    let problem = candidate.decide(&assessment, "rejected", "2020-10-12").refused(422, "platform.reference_not_found");
    assert_eq!(problem["errors"][0]["pointer"], "/assessmentId");
    let foreign = app.other_api(Role::SocialWorker);
    let path = format!("/eligibility-assessments/{}", assessment["id"].as_str().expect("an id"));
    foreign.get(&path).refused(404, "platform.not_found");
    foreign.get(&other.path()).refused(404, "platform.not_found");
    foreign.post(&other.path(), &json!({ "effectiveOn": "2020-10-10" })).refused(404, "platform.not_found");
    let appeal = json!({ "lodgedOn": "2020-10-12", "reason": "Odwołanie" });
    foreign.post(&format!("{path}/appeals"), &appeal).refused(404, "platform.not_found");
    let withdrawal = json!({ "reason": "employed", "effectiveOn": "2020-10-12" });
    other.api.post(&format!("/applications/{}/withdrawal", other.application), &withdrawal).expect(200);
    let withdrawn = other.api.post(&other.path(), &json!({ "effectiveOn": "2020-10-12" })).refused(409, "recruitment.withdrawn");
    assert_eq!((&withdrawn["state"], &withdrawn["allowedSteps"]), (&json!("withdrawn"), &json!("")));
}

#[test]
fn facts_carry_their_survey_form_and_the_life_of_their_evidence() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let path = format!("/people/{}/facts", build::person(&app));
    let fact = |more: Value| {
        let mut body = json!({ "kind": "workingAge", "value": "true", "from": "2020-01-01", "source": "ankieta" });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        api.post(&path, &body)
    };
    for (more, code, pointer) in [
        (json!({ "sourceKind": "survey" }), "people.survey_form", "/surveyCode"),
        (json!({ "sourceKind": "survey", "surveyCode": "a" }), "people.survey_form", "/surveyVersion"),
        (json!({ "surveyVersion": 1 }), "people.survey_form", "/surveyVersion"),
        (json!({ "expiresOn": "2019-12-31" }), "people.expired_before", "/expiresOn"),
    ] {
        assert_eq!(fact(more.clone()).refused(422, code)["errors"][0]["pointer"], pointer, "{more}");
    }
    let survey = json!({ "sourceKind": "survey", "surveyCode": "ankieta", "surveyVersion": 3, "evidenceOn": "2020-02-01", "expiresOn": "2020-12-31" });
    let kept = fact(survey.clone()).expect(201);
    for (name, value) in survey.as_object().expect("fields") {
        assert_eq!(&kept[name], value, "{name}");
    }
}

#[test]
fn where_the_regime_asks_for_it_a_place_needs_a_current_assessment_or_a_reason() {
    let app = TestApp::start();
    let regime = regime(&app, &json!([{ "rule": "workingAge", "severity": "hard", "legalSource": "regulamin § 2" }]));
    let candidate = Candidate::under(&app, &regime);
    let admission = |more: Value| {
        let mut body = json!({ "applicationId": candidate.application, "startsOn": "2020-10-20" });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        candidate.api.post("/participations?dryRun=true", &body)
    };
    let attested = json!({ "decision": "selected", "effectiveOn": "2020-10-05", "reason": "Ocena zespołu" });
    candidate.api.post(&format!("/applications/{}/decisions", candidate.application), &attested).expect(200);
    admission(json!({})).refused(409, "participation.not_assessed");
    admission(json!({ "override": { "reason": "Dokumenty w drodze" } })).expect(200);
    candidate.fact("workingAge", "true", &json!({ "expiresOn": "2020-10-21" }));
    candidate.decide(&candidate.assess("2020-10-06"), "selected", "2020-10-07").expect(200);
    admission(json!({})).expect(200);
    admission(json!({ "startsOn": "2020-10-22" })).refused(409, "participation.not_assessed");
    candidate
        .api
        .post(&format!("/applications/{}/decisions", candidate.application), &attested)
        .refused(422, "recruitment.out_of_order");
}
