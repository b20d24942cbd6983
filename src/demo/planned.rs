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
    Ok(())
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
