//! An edition in which nobody took part, over and still to be closed; it stands beside the programme that figures speak of.

use serde_json::json;

use super::DemoError;
use super::edition::on;
use super::town::{Town, id_of};
use crate::platform::examples;

pub(super) fn load(town: &Town) -> Result<(), DemoError> {
    let Some(id) = town.place.fixed(examples::EDITION_TO_CLOSE) else { return Ok(()) };
    let programme = json!({ "name": "Próba (nie doszła do skutku)", "kind": "pai", "description": "Dane pokazowe" });
    let programme = id_of(&town.api.post("/programmes", &programme)?);
    let edition = json!({
        "id": id, "programmeId": programme, "agreementId": town.agreement, "name": "Edycja bez uczestników",
        "startsOn": town.day(on(2026, 4, 1)), "endsOn": town.day(on(2026, 5, 29)), "places": 4,
    });
    town.api.post("/editions", &edition).map(drop)
}
