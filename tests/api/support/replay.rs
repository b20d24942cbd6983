//! Replays a programme through the API, one call for each act of a caseworker.

use super::{Api, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// A programme that is being entered.
pub struct Replay {
    pub api: Api,
    pub programme: String,
    pub agreement: String,
}

impl Replay {
    /// A programme under a built-in regime.
    pub fn programme(app: &TestApp, regime: &str, signed_on: &str) -> Self {
        Self::of(app, &json!({ "name": "Program Aktywizacja i Integracja", "kind": "pai" }), regime, signed_on)
    }

    /// A programme or project under a regime that is known by its code.
    pub fn of(app: &TestApp, programme: &Value, regime: &str, signed_on: &str) -> Self {
        let api = app.api(Role::Coordinator);
        let programme = api.post("/programmes", programme).id();
        let regimes = api.get("/regimes").expect(200);
        let regime =
            regimes["items"].as_array().expect("regimes").iter().find(|item| item["code"] == regime).expect("the regime");
        let agreement = api
            .post(
                "/agreements",
                &json!({ "kind": "implementation", "signedOn": signed_on, "regimeId": regime["id"], "refundPercent": "60" }),
            )
            .id();
        Self { api, programme, agreement }
    }

    /// An edition that recruits on its first day.
    pub fn edition(&self, name: &str, starts_on: &str, ends_on: &str, places: u32) -> String {
        let recruitment = json!({ "from": starts_on, "to": starts_on });
        self.recruiting(name, (starts_on, ends_on), places, &json!({ "plannedMonths": 2, "recruitment": recruitment }))
    }

    /// An edition with more about it, such as when it recruits.
    pub fn recruiting(&self, name: &str, (starts_on, ends_on): (&str, &str), places: u32, more: &Value) -> String {
        let mut body = json!({
            "programmeId": self.programme, "agreementId": self.agreement, "name": name,
            "startsOn": starts_on, "endsOn": ends_on, "places": places
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.api.post("/editions", &body).id()
    }

    /// A block of an edition.
    pub fn block(&self, edition: &str, body: &Value) -> String {
        self.api.post(&format!("/editions/{edition}/blocks"), body).id()
    }

    /// Somebody known by id only.
    pub fn person(&self, sex: &str) -> String {
        self.api.post("/people", &json!({ "sex": sex })).id()
    }

    /// An application of somebody.
    pub fn application(&self, edition: &str, person: &str, received_on: &str) -> String {
        self.api.post("/applications", &json!({ "editionId": edition, "personId": person, "receivedOn": received_on })).id()
    }

    /// A decision about an application.
    pub fn decide(&self, application: &str, decision: &str, effective_on: &str) {
        let body = json!({ "decision": decision, "effectiveOn": effective_on, "reason": "Kryteria porozumienia" });
        done(&self.api, &format!("/applications/{application}/decisions"), &body);
    }

    /// A withdrawal.
    pub fn withdraw(&self, application: &str, reason: &str, effective_on: &str) {
        done(
            &self.api,
            &format!("/applications/{application}/withdrawal"),
            &json!({ "reason": reason, "effectiveOn": effective_on }),
        );
    }

    /// An admission by application.
    pub fn admit(&self, application: &str, starts_on: &str) -> String {
        self.api.post("/participations", &json!({ "applicationId": application, "startsOn": starts_on })).id()
    }

    /// An admission without an application.
    pub fn admit_person(&self, edition: &str, person: &str, starts_on: &str) -> String {
        self.api.post("/participations", &json!({ "editionId": edition, "personId": person, "startsOn": starts_on })).id()
    }

    /// The end of a participation, and somebody in its place.
    pub fn substitute(&self, participation: &str, reason: &str, last: &str, application: &str, first: &str) -> String {
        let body =
            json!({ "applicationId": application, "effectiveOn": first, "end": { "reason": reason, "effectiveOn": last } });
        let answer = self.api.post(&format!("/participations/{participation}/substitution"), &body);
        answer.id()
    }

    /// The end of a participation.
    pub fn end(&self, participation: &str, reason: &str, last: &str) {
        done(&self.api, &format!("/participations/{participation}/end"), &json!({ "reason": reason, "effectiveOn": last }));
    }

    /// How completely kinds of fact were collected.
    pub fn state(&self, edition: &str, kinds: &[&str], completeness: &str, stated_on: &str) {
        let statements: Vec<Value> = kinds
            .iter()
            .map(|kind| json!({ "kind": kind, "completeness": completeness, "statedBy": "MOPS", "statedOn": stated_on }))
            .collect();
        done(&self.api, &format!("/editions/{edition}/collection-statements"), &json!({ "statements": statements }));
    }

    /// The figure of an edition or a programme, by its path and definition.
    #[track_caller]
    pub fn figure(&self, path: &str, definition: &str) -> Value {
        let answer = self.api.get(&format!("{path}/figures?definitionId={definition}")).expect(200);
        answer["figures"][0].clone()
    }

    /// Value and status of each figure, and that a count has exactly its records.
    #[track_caller]
    pub fn expect(&self, path: &str, expected: &[(&str, Value, &str)]) {
        let answer = self.api.get(&format!("{path}/figures")).expect(200);
        let figures = answer["figures"].as_array().expect("figures");
        for (definition, value, status) in expected {
            let figure = figures.iter().find(|figure| figure["definitionId"] == *definition).expect(definition);
            assert_eq!((&figure["value"], &figure["status"]), (value, &json!(status)), "{figure:#}");
            let measure = self.api.get(&format!("/metric-definitions/{definition}")).expect(200)["measure"].clone();
            if measure == "count" {
                let records = self.api.get(&format!("{path}/figures/{definition}/records?limit=200")).expect(200);
                let count = records["items"].as_array().map_or(0, Vec::len);
                assert_eq!(json!(count), value.as_u64().map_or(json!(0), |value| json!(value)), "{definition}: {records:#}");
            }
        }
    }
}

#[track_caller]
fn done(api: &Api, path: &str, body: &Value) {
    let answer = api.post(path, body);
    assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.text);
}

/// Values of the groups of a breakdown, by their keys.
pub fn groups(figure: &Value, by: &str) -> Value {
    let breakdown = figure["breakdowns"].as_array().and_then(|all| all.iter().find(|one| one["by"] == by)).expect("a breakdown");
    let groups = breakdown["groups"].as_array().expect("groups").iter();
    Value::Object(groups.map(|group| (group["key"].as_str().expect("a key").to_owned(), group["value"].clone())).collect())
}
