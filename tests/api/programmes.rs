//! Regimes, programmes and agreements.

use crate::support::{Api, TestApp};
use pai::platform::examples;
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// A regime of the town's own.
fn own_regime(code: &str) -> Value {
    json!({
        "code": code, "version": 1, "namePl": "Program miejski", "nameEn": "Programme of the town",
        "legalSource": "resolution of the council",
        "parameters": { "lengthMonths": 3, "refundPercentCap": "40", "jobMinDays": 14, "followUpClock": "person" }
    })
}

/// An agreement under a regime.
fn agreement(regime: &str) -> Value {
    json!({ "kind": "implementation", "signedOn": "2020-07-22", "regimeId": regime })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[test]
fn built_in_regimes_are_there_for_every_town_and_name_their_source() {
    let app = TestApp::start();
    for api in [app.api(Role::Statistician), app.other_api(Role::HostSupervisor)] {
        let regimes = api.get("/regimes").expect(200);
        let regimes = regimes["items"].as_array().expect("items").clone();
        let codes: Vec<_> = regimes.iter().map(|regime| regime["code"].as_str().expect("a code")).collect();
        assert_eq!(codes, ["PAI-2014", "PAI-2019", "ESF-7.1.1", "ESF-2014", "ESF-PLUS", "ACT-2025"]);
        for regime in &regimes {
            assert_eq!(regime["builtIn"], true);
            assert!(regime["legalSource"].as_str().is_some_and(|source| source.len() > 40));
        }
        let regime = api.get(&format!("/regimes/{}", examples::REGIME)).expect(200);
        assert_eq!(regime["code"], "PAI-2019");
        assert_eq!(regime["parameters"]["psuWeeklyLimit"], "10.00");
        assert_eq!(regime["parameters"]["cumulativeLimitMonths"], 6);
        let of_2014 = regimes[0]["parameters"]["eligibility"].as_array().expect("conditions");
        assert!(of_2014.iter().any(|condition| condition["rule"] == "helpProfileIII"));
    }
}

#[test]
fn a_town_makes_its_own_regime_once_and_never_changes_it() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let made = api.post("/regimes", &own_regime("TOWN-1"));
    let id = made.id();
    let regime = made.expect(201);
    assert_eq!(regime["builtIn"], false);
    assert_eq!(regime["parameters"]["psuWeeklyLimit"], json!(null));
    assert_eq!(api.get(&format!("/regimes/{id}")).expect(200), regime);
    api.post("/regimes", &own_regime("TOWN-1")).refused(409, "programmes.regime_exists");
    api.post("/regimes", &with(own_regime("TOWN-1"), "version", json!(2))).expect(201);
    api.post("/regimes", &own_regime("PAI-2019")).refused(409, "programmes.regime_exists");
    api.post("/regimes", &with(own_regime("TOWN-2"), "id", json!(examples::REGIME))).refused(409, "platform.id_taken");
    assert_eq!(api.send("PUT", &format!("/regimes/{id}"), Some(own_regime("X").to_string())).status, 405);
    let other = app.other_api(Role::Coordinator);
    other.get(&format!("/regimes/{id}")).refused(404, "platform.not_found");
    other.post("/regimes", &own_regime("TOWN-1")).expect(201);
}

#[test]
fn contradictory_regime_parameters_are_pointed_at() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let mut body = own_regime("TOWN-1");
    body["parameters"]["cumulativeLimitMonths"] = json!(6);
    let refused = api.post("/regimes", &body).refused(422, "programmes.regime_parameters");
    assert_eq!(refused["errors"][0]["pointer"], "/parameters/cumulativeGroup");
    body["parameters"]["cumulativeLimitMonth"] = json!(6);
    let refused = api.post("/regimes", &body).refused(422, "platform.invalid_body");
    assert_eq!(refused["errors"][0]["pointer"], "/parameters/cumulativeLimitMonth");
    let reversed = with(with(own_regime("TOWN-1"), "validFrom", json!("2020-02-01")), "validTo", json!("2020-01-31"));
    let refused = api.post("/regimes", &reversed).refused(422, "programmes.period_reversed");
    assert_eq!(refused["errors"][0]["pointer"], "/validTo");
}

#[test]
fn a_programme_is_entered_and_changed() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let body = json!({ "name": "PAI", "kind": "pai", "goals": ["aktywna postawa"] });
    let made = api.post("/programmes", &body);
    let path = format!("/programmes/{}", made.id());
    assert_eq!(made.header("etag"), "\"1\"");
    let changed = api.put(&path, "\"1\"", &json!({ "name": "PAI II", "kind": "esfProject" })).expect(200);
    assert_eq!((&changed["name"], &changed["goals"], &changed["version"]), (&json!("PAI II"), &json!([]), &json!(2)));
    api.put(&path, "\"1\"", &body).refused(412, "platform.precondition_failed");
    let refused = api.post("/programmes", &json!({ "name": "PAI", "kind": "PAI" })).refused(422, "platform.invalid_body");
    assert_eq!(refused["errors"][0]["pointer"], "/kind");
    let many = vec!["cel"; 51];
    let refused = api.post("/programmes", &json!({ "name": "PAI", "kind": "pai", "goals": many }));
    assert_eq!(refused.refused(422, "platform.invalid_body")["errors"][0]["pointer"], "/goals");
    let other = app.other_api(Role::Coordinator);
    other.get(&path).refused(404, "platform.not_found");
    other.put(&path, "\"2\"", &body).refused(404, "platform.not_found");
    assert_eq!(other.get("/programmes").expect(200)["items"], json!([]));
}

#[test]
fn an_agreement_keeps_the_parts_that_the_law_names() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let mut body = agreement(examples::REGIME);
    body["expectedEffects"] =
        json!([{ "code": "motivation", "text": "większa motywacja", "measure": "arkusz", "target": "0.5" }]);
    body["financing"] = json!([{ "source": "FP", "kind": "cash", "amount": "100" }, { "source": "ESF", "kind": "benefits" }]);
    body["refundPercent"] = json!("60");
    body["refundPercentCarers"] = json!("100");
    body["hourlyBenefit"] = json!("8.70");
    body["monthlyCap"] = json!("40");
    let made = api.post("/agreements", &body);
    let path = format!("/agreements/{}", made.id());
    let view = made.expect(201);
    assert_eq!(
        (&view["signedPrecision"], &view["monthlyCap"], &view["refundPercent"]),
        (&json!("day"), &json!("40.00"), &json!("60.00"))
    );
    assert_eq!(view["expectedEffects"][0]["target"], "0.5");
    assert_eq!(view["financing"][1]["amount"], json!(null));
    let changed = api.put(&path, "\"1\"", &with(agreement(examples::REGIME), "number", json!("7/2020"))).expect(200);
    assert_eq!((&changed["number"], &changed["refundPercent"], &changed["version"]), (&json!("7/2020"), &json!(null), &json!(2)));
    app.other_api(Role::Coordinator).get(&path).refused(404, "platform.not_found");
}

#[test]
fn an_unknown_day_of_signing_is_derived_from_the_agreed_period() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let mut body = agreement(examples::REGIME);
    body["signedOn"] = json!(null);
    let refused = api.post("/agreements", &body).refused(422, "programmes.signed_on_missing");
    assert_eq!(refused["errors"][0]["pointer"], "/signedOn");
    body["periodFrom"] = json!("2020-10-15");
    let made = api.post("/agreements", &body).expect(201);
    assert_eq!((&made["signedOn"], &made["signedPrecision"]), (&json!("2020-10-15"), &json!("derived")));
}

#[test]
fn terms_that_the_regime_does_not_allow_are_refused() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let regime = examples::REGIME;
    let refused = api.post("/agreements", &with(agreement(regime), "refundPercent", json!("60.01")));
    let refused = refused.refused(422, "programmes.refund_over_cap");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["cap"]), (&json!("/refundPercent"), &json!("60.00")));
    for (field, value, code, pointer) in [
        (
            "financing",
            json!([{ "source": "FP", "kind": "cash", "amount": "-1" }]),
            "programmes.amount_negative",
            "/financing/0/amount",
        ),
        ("hourlyBenefit", json!("-0.01"), "programmes.amount_negative", "/hourlyBenefit"),
        ("totalHours", json!("0"), "programmes.hours_zero", "/totalHours"),
        ("monthlyCap", json!("0"), "programmes.hours_zero", "/monthlyCap"),
        ("partnerId", json!(examples::PARTNER), "platform.reference_not_found", "/partnerId"),
        ("institutionId", json!(examples::INSTITUTION), "platform.reference_not_found", "/institutionId"),
        ("regimeId", json!(examples::PARTNER), "platform.reference_not_found", "/regimeId"),
        ("peopleCount", json!(0), "platform.invalid_body", "/peopleCount"),
        (
            "expectedEffects",
            json!([{ "code": "a", "text": "b", "target": "1,5" }]),
            "platform.invalid_body",
            "/expectedEffects/0/target",
        ),
    ] {
        let refused = api.post("/agreements", &with(agreement(regime), field, value)).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    let reversed = with(with(agreement(regime), "periodFrom", json!("2020-02-01")), "periodTo", json!("2020-01-31"));
    api.post("/agreements", &reversed).refused(422, "programmes.period_reversed");
}

#[test]
fn an_agreement_hangs_on_a_regime_of_the_own_town_for_good() {
    let app = TestApp::start();
    let (api, other) = (app.api(Role::Coordinator), app.other_api(Role::Coordinator));
    let own = api.post("/regimes", &own_regime("TOWN-1")).id();
    let path = format!("/agreements/{}", api.post("/agreements", &agreement(&own)).id());
    let refused = other.post("/agreements", &agreement(&own)).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/regimeId");
    let capped = with(agreement(&own), "refundPercent", json!("50"));
    assert_eq!(api.put(&path, "\"1\"", &capped).refused(422, "programmes.refund_over_cap")["cap"], "40.00");
    let refused = api.put(&path, "\"1\"", &agreement(examples::REGIME)).refused(422, "programmes.agreement_fixed");
    assert_eq!(refused["errors"][0]["pointer"], "/regimeId");
    let refused =
        api.put(&path, "\"1\"", &with(agreement(&own), "kind", json!("psu"))).refused(422, "programmes.agreement_fixed");
    assert_eq!(refused["errors"][0]["pointer"], "/kind");
    assert_readable(&api, &path);
}

fn assert_readable(api: &Api, path: &str) {
    assert_eq!(api.get(path).header("etag"), "\"1\"");
}
