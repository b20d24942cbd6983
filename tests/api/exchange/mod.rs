//! Exchange with labour offices: messages, what follows from them, and what each side sees.

mod at_once;
mod batches;
mod coming_back;
mod copies;
mod cross;
mod days;
mod deadlines;
mod decisions;
mod duties;
mod ends;
mod hammer;
mod left_out;
mod messages;
mod owed;
mod repetition;
mod same_people;
mod sealed;
mod two_sides;
mod xml;

use std::collections::HashMap;

use pai::institutions::clients::{FirstInstitution, create_as_operator, register_institution};
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::types::ShortText;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::build;
use crate::support::reserve::Reserve;
use crate::support::{Answer, Api, TestApp};

/// A labour office with its callers.
pub struct Office {
    pub id: Uuid,
    apis: HashMap<&'static str, Api>,
}

impl Office {
    /// Registers one with an officer, a coordinator and an auditor.
    pub fn of(app: &TestApp, name: &str) -> Self {
        Self::registered(app, name, "labourOffice")
    }

    /// As `of`, of another kind.
    pub fn registered(app: &TestApp, name: &str, kind: &'static str) -> Self {
        let mut owner = connect(&app.owner_url).expect("owner connection");
        let name: ShortText = name.to_owned().try_into().expect("name");
        let first = FirstInstitution { id: None, kind, name: &name, teryt: None, regon: None, nip: None };
        let id = register_institution(&mut owner, &first, app.clock.now()).expect("institution");
        let apis = [Role::PupOfficer, Role::Coordinator, Role::Auditor].map(|role| {
            let made = create_as_operator(&mut owner, id, None, &name, role, app.clock.now()).expect("client");
            let secret = made.client_secret.expose_secret().to_owned();
            (role.as_str(), Api::sign_in(&app.address, &(made.client_id, secret)))
        });
        Self { id, apis: apis.into_iter().collect() }
    }

    pub fn officer(&self) -> &Api {
        self.api(Role::PupOfficer)
    }

    pub fn api(&self, role: Role) -> &Api {
        &self.apis[role.as_str()]
    }
}

/// A town with an edition from 2 November to 31 December 2020 that it shares with an office.
pub struct Exchange {
    pub run: Reserve,
    pub office: Office,
    pub town: Api,
    pub link: String,
    /// People who take part, in the order of the participations.
    pub people: Vec<String>,
}

impl Exchange {
    /// So many places, all taken, and so many candidates waiting.
    pub fn of(app: &TestApp, places: usize, waiting: usize) -> Self {
        Self::confirming(app, (places, waiting), &[])
    }

    /// As `of`, where the town lets some consequences follow by a rule.
    pub fn confirming(app: &TestApp, (places, waiting): (usize, usize), by_rule: &[&str]) -> Self {
        let run = Reserve::of(app, places, waiting, false);
        let office = Office::of(app, "PUP Próbny");
        let agreement = format!("(SELECT agreement_id FROM editions WHERE id = '{}')", run.edition);
        build::enter(app, &format!("UPDATE agreements SET institution_id = '{}' WHERE id = {agreement}", office.id));
        let town = app.api(Role::Coordinator);
        let agreement = town.get(&format!("/editions/{}", run.edition)).expect(200)["agreementId"].clone();
        let body = json!({
            "officeId": office.id, "agreementId": agreement, "validFrom": "2020-07-22", "confirmedByRule": by_rule,
            "terms": [{ "kind": "eligibleList", "workingDays": 5 }],
        });
        let link = town.post("/exchange-links", &body).id();
        town.post(&format!("/exchange-links/{link}/shared-editions"), &json!({ "editionId": run.edition })).expect(201);
        let people = run
            .participations
            .iter()
            .map(|id| town.get(&format!("/participations/{id}")).expect(200)["personId"].as_str().expect("an id").to_owned())
            .collect();
        Self { run, office, town, link, people }
    }

    /// A message as written, without being sent.
    pub fn body(&self, kind: &str, reference: &str, on: &str, payload: &Value) -> Value {
        json!({
            "linkId": self.link, "kind": kind, "senderReference": reference, "purpose": "realizacja porozumienia",
            "effectiveOn": on, "payload": payload,
        })
    }

    /// The town tells who began; answers the subjects of the participants.
    pub fn introduce(&self) -> Vec<Value> {
        let records: Vec<Value> = self
            .people
            .iter()
            .map(|person| json!({ "subject": { "personId": person }, "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" }))
            .collect();
        let payload = json!({ "editionId": self.run.edition, "records": records });
        let sent = send(&self.town, &self.body("participationStart", "DP.1.2020", "2020-11-02", &payload));
        subjects(&self.office.officer().get(&path(&sent["id"])).expect(200))
    }

    /// The town's list of the candidates of the reserve list, who are given names for it.
    pub fn eligible_list(&self, reference: &str) -> Value {
        let api = self.town.with("Pai-Purpose", "eligible list");
        for (number, person) in self.run.people.iter().enumerate() {
            let identity = json!({
                "givenNames": "Zofia", "surname": "Niewidoczna", "address": "ul. Zmyślona 1, 00-000 Próbne",
                "document": { "kind": "passport", "number": format!("ZZ{number:07}") },
            });
            let path = format!("/people/{person}/identity");
            let etag = api.get(&path).header("etag").to_owned();
            api.put(&path, if etag.is_empty() { "\"0\"" } else { &etag }, &identity).expect(200);
        }
        let records: Vec<Value> = self.run.people.iter().map(|person| json!({ "subject": { "personId": person } })).collect();
        self.body("eligibleList", reference, "2020-10-20", &json!({ "eligibleOn": "2020-10-20", "records": records }))
    }

    /// The office tells of a change of status.
    pub fn status_change(&self, reference: &str, subject: &Value, since: &str) -> Value {
        let record = json!({ "subject": { "subjectId": subject }, "change": "jobTaken", "since": since });
        self.body("statusChange", reference, since, &json!({ "records": [record] }))
    }

    /// The town accepts a message as a whole; answers what follows.
    pub fn accept(&self, message: &Value, on: &str) -> Vec<Value> {
        let answered =
            answer(&self.town, &message["id"], &json!({ "step": { "effectiveOn": on }, "accepted": true })).expect(200);
        answered["proposals"].as_array().expect("proposals").clone()
    }

    /// Confirms a proposal.
    pub fn confirm(&self, proposal: &Value, body: &Value) -> Answer {
        let path = format!("/message-proposals/{}", proposal["id"].as_str().expect("an id"));
        let etag = self.town.get(&path).header("etag").to_owned();
        self.town.with("If-Match", &etag).post(&format!("{path}/acceptance"), body)
    }

    pub fn participation(&self, place: usize) -> Value {
        self.town.get(&format!("/participations/{}", self.run.participations[place])).expect(200)
    }

    pub fn proposals(&self, query: &str) -> Vec<Value> {
        items(&self.town, &format!("/message-proposals?limit=200&{query}"))
    }
}

pub fn path(message: &Value) -> String {
    format!("/messages/{}", message.as_str().expect("an id"))
}

pub fn items(api: &Api, path: &str) -> Vec<Value> {
    api.get(path).expect(200)["items"].as_array().expect("items").clone()
}

/// The subjects of a message's records.
pub fn subjects(message: &Value) -> Vec<Value> {
    message["records"].as_array().expect("records").iter().map(|record| record["subjectId"].clone()).collect()
}

/// A step of a message by who may see it, of the version that stands.
pub fn act(by: &Api, message: &Value, act: &str, on: &str) -> Answer {
    let etag = by.get(&path(message)).header("etag").to_owned();
    let body = json!({ "effectiveOn": on, "channel": "eDelivery", "letterNumber": "UPP-1/2020" });
    by.with("If-Match", &etag).post(&format!("{}/{act}", path(message)), &body)
}

/// An answer to a message, of the version that stands.
pub fn answer(by: &Api, message: &Value, body: &Value) -> Answer {
    let etag = by.get(&path(message)).header("etag").to_owned();
    by.with("If-Match", &etag).post(&format!("{}/answer", path(message)), body)
}

/// Writes a message and sends it on its day.
pub fn send(from: &Api, body: &Value) -> Value {
    let written = from.post("/messages", body).expect(201);
    act(from, &written["id"], "dispatch", body["effectiveOn"].as_str().expect("a day")).expect(200);
    from.get(&path(&written["id"])).expect(200)
}
