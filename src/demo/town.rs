//! What a town has before its first edition: partners, hosts, clients, a programme.

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::calendar::Calendar;
use super::caller::Caller;
use super::credentials::Credential;
use super::{Administrator, DemoError, people};
use crate::platform::examples;
use crate::platform::policy::Role;

/// Competences of the demonstration's sheets.
pub(super) const COMPETENCES: [(&str, &str); 4] = [
    ("jobSearch", "Poszukiwanie pracy"),
    ("workSkills", "Kompetencje pracownicze"),
    ("teamwork", "Współpraca"),
    ("motivation", "Motywacja do zmian"),
];

/// How a town is called and whether the examples of the contract speak of it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub name: &'static str,
    pub contractor: &'static str,
    pub hosts: [&'static str; 2],
    pub has_examples: bool,
    /// Where its people begin among those who do not exist.
    pub first_person: u16,
}

/// A town that is being filled.
pub(super) struct Town {
    pub place: Place,
    pub calendar: Calendar,
    /// A signed-in coordinator.
    pub api: Caller,
    pub partner: String,
    pub hosts: [String; 2],
    pub programme: String,
    pub agreement: String,
    pub template: String,
    /// The household that is known.
    pub household: Option<String>,
    /// Who takes part in the running edition by the examples.
    pub taking_part: Option<String>,
    next_person: u16,
}

impl Place {
    /// The id that examples use, in the town that they speak of.
    pub(super) fn fixed(self, id: &'static str) -> Option<&'static str> {
        self.has_examples.then_some(id)
    }
}

/// The id of what was created.
pub(super) fn id_of(created: &Value) -> String {
    created["id"].as_str().unwrap_or_default().to_owned()
}

/// Makes a client and remembers its credentials.
pub(super) fn client(
    administrator: &Caller,
    clients: &mut Vec<Credential>,
    tenant: Uuid,
    role: Role,
    scope: (Option<&str>, Option<&str>),
) -> Result<Credential, DemoError> {
    let assistant = (role == Role::FamilyAssistant).then_some(ASSISTANT);
    let made = administrator.post(
        "/clients",
        &json!({
            "name": format!("Demo: {}", role.as_str()), "role": role.as_str(), "hostId": scope.0, "facilitatorPartnerId": scope.1,
            "assistant": assistant
        }),
    )?;
    let credential = Credential {
        tenant,
        role: role.as_str().to_owned(),
        client_id: made["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default(),
        client_secret: made["clientSecret"].as_str().unwrap_or_default().to_owned(),
    };
    clients.push(credential.clone());
    Ok(credential)
}

/// Code of the family assistant who works with the household of the demonstration.
pub(super) const ASSISTANT: &str = "AR-1";

/// Signs the first administrator in and remembers its credentials.
pub(super) fn administrator(base: &str, first: &Administrator, clients: &mut Vec<Credential>) -> Result<Caller, DemoError> {
    let secret = first.client_secret.expose_secret();
    clients.push(Credential {
        tenant: first.tenant,
        role: Role::Administrator.as_str().to_owned(),
        client_id: first.client_id,
        client_secret: secret.to_owned(),
    });
    Caller::sign_in(base, first.client_id, secret)
}

/// Founds a town with a client of every role.
pub(super) fn found(
    base: &str,
    first: &Administrator,
    place: Place,
    calendar: Calendar,
    clients: &mut Vec<Credential>,
) -> Result<Town, DemoError> {
    let admin = administrator(base, first, clients)?;
    let partner = id_of(&admin.post(
        &format!("/institutions/{}/partners", first.tenant),
        &json!({ "id": place.fixed(examples::PARTNER), "kind": "contractor", "name": place.contractor }),
    )?);
    let host = |name: &str, id: Option<&str>| {
        let body = json!({ "id": id, "name": name, "kindsOfWork": ["porządkowe", "pomocnicze"], "positions": 5 });
        admin.post("/hosts", &body).map(|made| id_of(&made))
    };
    let hosts = [host(place.hosts[0], place.fixed(examples::HOST))?, host(place.hosts[1], None)?];
    let coordinator = client(&admin, clients, first.tenant, Role::Coordinator, (None, None))?;
    for role in Role::ALL.into_iter().filter(|role| !matches!(role, Role::Administrator | Role::Coordinator)) {
        let scope = (
            (role == Role::HostSupervisor).then_some(hosts[0].as_str()),
            (role == Role::Facilitator).then_some(partner.as_str()),
        );
        client(&admin, clients, first.tenant, role, scope)?;
    }
    let api = Caller::sign_in(base, coordinator.client_id, &coordinator.client_secret)?;
    let template = template(&api, place)?;
    let programme = programme(&api, place)?;
    let agreement = agreement(&api, place, &partner)?;
    Ok(Town {
        place,
        calendar,
        api,
        partner,
        hosts,
        programme,
        agreement,
        template,
        household: None,
        taking_part: None,
        next_person: place.first_person,
    })
}

fn template(api: &Caller, place: Place) -> Result<String, DemoError> {
    let competences: Vec<Value> = COMPETENCES.iter().map(|(code, name)| json!({ "code": code, "name": name })).collect();
    let scale = json!({
        "min": "1", "max": "5", "step": "1", "higherIsBetter": true,
        "labels": [{ "value": "1", "label": "wcale" }, { "value": "5", "label": "w pełni" }],
    });
    let body = json!({
        "id": place.fixed(examples::SHEET_TEMPLATE), "code": "competences", "version": 1, "name": "Arkusz kompetencji",
        "scale": scale, "competences": competences,
    });
    Ok(id_of(&api.post("/sheet-templates", &body)?))
}

fn programme(api: &Caller, place: Place) -> Result<String, DemoError> {
    let body = json!({
        "id": place.fixed(examples::PROGRAMME), "name": format!("PAI {}", place.name), "kind": "pai",
        "goals": ["poprawa sytuacji na rynku pracy", "aktywna postawa"],
        "description": "Dane pokazowe: miejscowość, osoby i zdarzenia są zmyślone.",
    });
    Ok(id_of(&api.post("/programmes", &body)?))
}

fn agreement(api: &Caller, place: Place, partner: &str) -> Result<String, DemoError> {
    // Signed under the former law, which goes on to govern such agreements.
    let body = json!({
        "id": place.fixed(examples::AGREEMENT), "kind": "implementation", "number": "1/2025", "signedOn": "2025-04-10",
        "regimeId": examples::REGIME, "institutionId": examples::LABOUR_OFFICE, "partnerId": partner, "peopleCount": 8,
        "selectionCriteria": "bezrobotni bez prawa do zasiłku, korzystający z pomocy społecznej",
        "integrationActivities": "grupowe poradnictwo specjalistyczne, warsztaty",
        "expectedEffects": [
            { "code": "motivation", "text": "większa motywacja do zmian", "measure": "średni przyrost w arkuszach samooceny", "target": "1" },
            {
                "code": "completion", "text": "ukończenie programu", "measure": "ukończyli do objętych programem", "target": "0.8",
                "definitionId": "M-11.strict",
            },
            { "code": "openness", "text": "otwartość na zmiany w życiu codziennym" },
        ],
        "financing": [{ "source": "FP", "kind": "cash", "amount": "8000.00" }, { "source": "GMINA", "kind": "cash", "amount": "5400.00" }],
        "refundPercent": "60.00", "hourlyBenefit": "12.20", "monthlyCap": "50.00", "totalHours": "4000.00",
    });
    Ok(id_of(&api.post("/agreements", &body)?))
}

impl Town {
    /// Enters the next person who does not exist.
    pub(super) fn person(&mut self, id: Option<&'static str>) -> Result<String, DemoError> {
        let body = people::person(self.next_person, id, self.place.name)?;
        self.next_person += 1;
        Ok(id_of(&self.api.post("/people", &body)?))
    }
}
