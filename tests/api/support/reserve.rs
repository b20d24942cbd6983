//! An edition with a reserve list, for what happens to its seats.

use super::{Answer, Api, TestApp, build};
use pai::platform::examples;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// An edition from 2 November to 31 December 2020, with people who take part and people who wait.
pub struct Reserve {
    pub api: Api,
    pub edition: Uuid,
    /// Who takes part.
    pub participations: Vec<String>,
    /// Applications of the reserve list, in its order.
    pub waiting: Vec<String>,
    /// Their people.
    pub people: Vec<Uuid>,
}

impl Reserve {
    /// So many places, all taken, and so many candidates waiting; with or without automatic offers.
    pub fn of(app: &TestApp, places: usize, waiting: usize, automatic: bool) -> Self {
        Self::under(app, examples::REGIME, places, waiting, automatic)
    }

    /// As `of`, under a regime of one's own.
    pub fn under(app: &TestApp, regime: &str, places: usize, waiting: usize, automatic: bool) -> Self {
        let api = app.api(Role::Coordinator);
        let edition = edition(&api, regime, places, automatic);
        let taking_part = build::people(app, places);
        let participations = taking_part
            .into_iter()
            .map(|person| {
                api.post("/participations", &json!({ "editionId": edition, "personId": person, "startsOn": "2020-11-02" })).id()
            })
            .collect();
        let people = build::people(app, waiting);
        let mut reserve = Self { api, edition, participations, waiting: Vec::new(), people: people.clone() };
        for person in people {
            let application = reserve.apply(person);
            reserve.decide(&application, "reserve", "2020-10-20").expect(200);
            reserve.waiting.push(application);
        }
        reserve
    }

    /// A further application.
    pub fn apply(&self, person: Uuid) -> String {
        let body = json!({ "editionId": self.edition, "personId": person, "receivedOn": "2020-10-01" });
        self.api.post("/applications", &body).id()
    }

    pub fn decide(&self, application: &str, decision: &str, on: &str) -> Answer {
        let body = json!({ "decision": decision, "effectiveOn": on, "reason": "Kryteria porozumienia" });
        self.api.post(&format!("/applications/{application}/decisions"), &body)
    }

    pub fn withdraw_application(&self, application: &str, on: &str) -> Answer {
        let body = json!({ "reason": "noContact", "effectiveOn": on });
        self.api.post(&format!("/applications/{application}/withdrawal"), &body)
    }

    /// Ends a participation for a job.
    pub fn end(&self, participation: usize, on: &str) -> Answer {
        let body = json!({ "reason": "employed", "effectiveOn": on });
        self.api.post(&format!("/participations/{}/end", self.participations[participation]), &body)
    }

    /// Fills the free seats as of a day; answers the offers made.
    pub fn fill(&self, on: &str) -> Value {
        self.api.post(&format!("/editions/{}/offers", self.edition), &json!({ "effectiveOn": on })).expect(200)
    }

    /// An act on an offer: acceptance, refusal or withdrawal.
    pub fn act(&self, offer: &Value, act: &str, body: &Value) -> Answer {
        self.api.post(&format!("/offers/{}/{act}", offer["id"].as_str().expect("an id")), body)
    }

    pub fn refuse(&self, offer: &Value, on: &str) -> Answer {
        self.act(offer, "refusal", &json!({ "reason": "notInterested", "effectiveOn": on }))
    }

    pub fn accept(&self, offer: &Value, on: &str) -> Answer {
        self.act(offer, "acceptance", &json!({ "effectiveOn": on }))
    }

    /// Every offer of the edition, in the order in which they were made.
    pub fn offers(&self) -> Vec<Value> {
        let offers = self.api.get(&format!("/editions/{}/offers?limit=200", self.edition)).expect(200);
        offers["items"].as_array().expect("offers").clone()
    }

    /// Offers that await their answer.
    pub fn open(&self) -> Vec<Value> {
        self.offers().into_iter().filter(|offer| offer["state"] == "open").collect()
    }

    /// An offer with its grounds, in a language.
    pub fn explained(&self, offer: &Value, language: &str) -> Value {
        let path = format!("/offers/{}", offer["id"].as_str().expect("an id"));
        self.api.with("Accept-Language", language).get(&path).expect(200)
    }

    /// The reserve list on a day.
    pub fn list(&self, on: &str) -> Value {
        self.api.get(&format!("/editions/{}/waiting-list?effectiveOn={on}", self.edition)).expect(200)
    }

    /// Revises the plan.
    pub fn revise(&self, places: usize, on: &str) -> Answer {
        // Where it is below the participants, too.
        let overriding = json!({ "reason": "Umowa z urzędem pracy" });
        let body = json!({ "effectiveOn": on, "places": places, "reason": "Zmiana środków", "override": overriding });
        self.api.post(&format!("/editions/{}/plan-revisions", self.edition), &body)
    }

    /// Admits whom a body names, from a day to the end of the edition.
    pub fn admit(&self, who: &Value, on: &str) -> Answer {
        let mut body = who.clone();
        body["startsOn"] = json!(on);
        self.api.post("/participations", &body)
    }
}

/// An edition of a programme and agreement of its own.
fn edition(api: &Api, regime: &str, places: usize, automatic: bool) -> Uuid {
    let programme = api.post("/programmes", &json!({ "name": "PAI", "kind": "pai" })).id();
    let agreement = json!({ "kind": "implementation", "signedOn": "2020-07-22", "regimeId": regime });
    let agreement = api.post("/agreements", &agreement).id();
    let edition = json!({
        "programmeId": programme, "agreementId": agreement, "name": "I", "startsOn": "2020-11-02", "endsOn": "2020-12-31",
        "places": places, "automaticOffers": automatic
    });
    api.post("/editions", &edition).id().parse().expect("an id")
}
