//! The edition that recruits on the day of loading.

use serde_json::json;

use super::DemoError;
use super::edition::{Outline, on};
use super::ranking;
use super::town::Town;
use crate::platform::examples;

pub(super) fn load(town: &mut Town) -> Result<(), DemoError> {
    let place = town.place;
    let edition = town.edition(&Outline {
        id: place.fixed(examples::RECRUITING_EDITION),
        block: None,
        name: "Edycja III (rekrutacja)",
        from: on(2026, 9, 1),
        to: on(2026, 10, 31),
        recruitment: (on(2026, 5, 4), on(2026, 7, 31)),
        places: 8,
    })?;
    ranking::rules(town, &edition)?;
    let decisions = [None, None, Some("selected"), Some("reserve"), Some("rejected")];
    for (number, decision) in decisions.into_iter().enumerate() {
        let person = town.person(None)?;
        let id = (number == 0).then(|| place.fixed(examples::APPLICATION)).flatten();
        let application = town.application(&edition, &person, on(2026, 5, 12), id)?;
        if number == 0 {
            assess(town, &person, &application)?;
        }
        if let Some(decision) = decision {
            town.decide(&application, decision, on(2026, 6, 1))?;
        }
    }
    list(town)
}

/// A list that came in and awaits being looked at.
fn list(town: &Town) -> Result<(), DemoError> {
    let rows = "Imiona;Nazwisko;Powód braku danych;Rok urodzenia;Numer własny\r\n\
                Lidia;Nowozgłoszona;PESEL w trakcie ustalania;1979;LISTA/1\r\n\
                Marek;Nowozgłoszony;PESEL w trakcie ustalania;1981;LISTA/2\r\n\
                ;;;1990;LISTA/3\r\n";
    let id = town.place.fixed(examples::IMPORT).map(|id| format!("&id={id}")).unwrap_or_default();
    town.api.post_csv(&format!("/imports?kind=people{id}"), rows).map(drop)
}

/// The first applicant is known to use social assistance and to be registered; the right to a benefit is still to be asked.
fn assess(town: &Town, person: &str, application: &str) -> Result<(), DemoError> {
    let registered = json!({
        "kind": "registeredUnemployed", "value": "true", "from": "2024-11-04", "source": "Powiatowy Urząd Pracy", "sourceKind": "labourOffice",
        "evidence": "zaświadczenie", "evidenceOn": town.day(on(2026, 5, 11)), "expiresOn": town.day(on(2026, 8, 11)),
    });
    let assisted = json!({
        "kind": "socialAssistance", "value": "true", "from": "2023-02-01", "source": "wywiad środowiskowy", "sourceKind": "interview",
    });
    for fact in [registered, assisted] {
        town.api.post(&format!("/people/{person}/facts"), &fact)?;
    }
    let body = json!({ "id": town.place.fixed(examples::ASSESSMENT), "effectiveOn": town.day(on(2026, 5, 13)) });
    town.api.post(&format!("/applications/{application}/eligibility-assessments"), &body).map(drop)
}
