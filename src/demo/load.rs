//! What is loaded, in the order in which it would come about.

use serde_json::json;

use super::caller::Caller;
use super::credentials::Credential;
use super::edition::on;
use super::town::{Place, Town, administrator, client, found, id_of};
use super::{DemoError, Load, deserted, exchange, past, planned, reconciled, running};
use crate::platform::examples;
use crate::platform::policy::Role;

const PLACES: [Place; 2] = [
    Place {
        name: "Przykładowo",
        contractor: "Fundacja Nowy Początek (zmyślona)",
        hosts: ["Zieleń Miejska w Przykładowie", "Dom Dziennego Pobytu w Przykładowie"],
        has_examples: true,
        first_person: 0,
    },
    Place {
        name: "Nowe Wzorowo",
        contractor: "Spółdzielnia Warsztat (zmyślona)",
        hosts: ["Szkoła Podstawowa w Nowym Wzorowie", "Ośrodek Kultury w Nowym Wzorowie"],
        has_examples: false,
        first_person: 100,
    },
];

/// Further clients of the labour office, which runs nothing of its own here.
const OFFICE: [Role; 3] = [Role::PupOfficer, Role::Auditor, Role::Statistician];

/// Loads all institutions; answers the clients that were made.
pub(super) fn everything(load: &Load, base: &str) -> Result<Vec<Credential>, DemoError> {
    let (mut clients, mut towns) = (Vec::new(), Vec::new());
    for (first, place) in load.administrators.iter().zip(PLACES) {
        let mut town = found(base, first, place, load.calendar, &mut clients)?;
        acquaintances(&mut town)?;
        past::load(&mut town)?;
        let running = running::load(&mut town)?;
        planned::load(&mut town)?;
        deserted::load(&town)?;
        reconciled::state(&town)?;
        towns.push((first.tenant, town, running));
    }
    for office in load.administrators.iter().skip(PLACES.len()) {
        let api = administrator(base, office, &mut clients)?;
        let coordinator = client(&api, &mut clients, office.tenant, Role::Coordinator, (None, None))?;
        for role in OFFICE {
            let made = client(&api, &mut clients, office.tenant, role, (None, None))?;
            if role == Role::PupOfficer {
                let officer = Caller::sign_in(base, made.client_id, &made.client_secret)?;
                for (_, town, running) in &towns {
                    exchange::load(town, running, &officer)?;
                }
            }
        }
        let coordinator = Caller::sign_in(base, coordinator.client_id, &coordinator.client_secret)?;
        for (tenant, town, _) in &towns {
            reconciled::answer(&coordinator, *tenant, town)?;
        }
    }
    // Whoever asks finds the calls of the demonstration itself noted.
    for (_, town, _) in &towns {
        town.api.get("/connected-systems")?;
    }
    Ok(clients)
}

/// Somebody known who has not applied, and a household.
fn acquaintances(town: &mut Town) -> Result<(), DemoError> {
    let place = town.place;
    let newcomer = town.person(place.fixed(examples::NEWCOMER))?;
    // Somebody who had been recorded twice.
    let twice = town.person(None)?;
    town.api
        .post(&format!("/people/{twice}/merge"), &json!({ "into": newcomer, "reason": "Ta sama osoba, zapisana powtórnie" }))?;
    former_job(town, &newcomer)?;
    let person = town.person(place.fixed(examples::PERSON))?;
    let body = json!({ "id": place.fixed(examples::HOUSEHOLD), "note": "Dane pokazowe" });
    let household = id_of(&town.api.post("/households", &body)?);
    town.api.post(&format!("/households/{household}/members"), &json!({ "personId": person, "from": "2019-05-01" }))?;
    let fact = json!({ "id": place.fixed(examples::FACT), "kind": "education", "value": "basicVocational", "from": "2003-06-20", "source": "oświadczenie" });
    town.api.post(&format!("/people/{person}/facts"), &fact)?;
    survey(town, &person)?;
    town.household = Some(household);
    town.taking_part = Some(person);
    Ok(())
}

/// A job of long ago, as another system tells it under an id of its own.
fn former_job(town: &Town, person: &str) -> Result<(), DemoError> {
    let file = format!(
        "system;externalId;personId;startsOn;endsOn;kind;source\r\npomost;ZATR/2019/7;{person};2019-03-04;2019-09-30;umowa o pracę;PUP\r\n"
    );
    let import = id_of(&town.api.post_csv("/imports?kind=employmentSpells", &file)?);
    town.api.post_as(&format!("/imports/{import}/commit"), Some("\"1\""), &json!({})).map(drop)
}

/// A form, and somebody's answers to it.
fn survey(town: &Town, person: &str) -> Result<(), DemoError> {
    let place = town.place;
    let form = json!({
        "id": place.fixed(examples::SURVEY_FORM), "code": "ankieta-rekrutacyjna", "version": 1, "kind": "survey", "title": "Ankieta rekrutacyjna",
        "questions": [
            { "code": "registered", "text": "Czy jest Pan/Pani osobą zarejestrowaną w urzędzie pracy?", "kind": "yesNo", "required": true,
              "givesFact": { "kind": "registeredUnemployed", "sinceQuestion": "registeredSince" } },
            { "code": "registeredSince", "text": "Od kiedy?", "kind": "date" },
            { "code": "caring", "text": "Czy opiekuje się Pan/Pani dzieckiem lub osobą zależną?", "kind": "yesNo", "givesFact": { "kind": "caringDuties" } },
            { "code": "expectations", "text": "Czego oczekuje Pan/Pani od programu?", "kind": "text" },
        ],
    });
    let form = id_of(&town.api.post("/survey-forms", &form)?);
    let response = json!({
        "id": place.fixed(examples::SURVEY_RESPONSE), "formId": form, "answeredOn": town.day(on(2026, 4, 14)), "by": "applicant",
        "answers": [
            { "question": "registered", "value": "true" }, { "question": "registeredSince", "value": town.day(on(2025, 1, 13)) },
            { "question": "caring", "value": "false" }, { "question": "expectations", "value": "powrót do pracy" },
        ],
    });
    town.api.post(&format!("/people/{person}/survey-responses"), &response).map(drop)
}
