//! What else happened to a participant of the running edition: an incident of which offices have to be told, and other support.

use serde_json::json;

use super::DemoError;
use super::edition::{Edition, on};
use super::town::Town;
use crate::platform::examples;

pub(super) fn load(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    let Some(participant) = edition.participants.first() else { return Ok(()) };
    let duties: Vec<&str> = town.place.fixed(examples::INFORMATION_DUTY).into_iter().collect();
    let incident = json!({
        "id": town.place.fixed(examples::INCIDENT), "kind": "notTakenUp", "occurredOn": town.day(on(2026, 6, 11)), "reportedBy": "host",
        "hostId": town.hosts[0], "dutyIds": duties,
    });
    town.api.post(&format!("/participations/{}/incidents", participant.id), &incident)?;
    let counselling = json!({
        "id": town.place.fixed(examples::SUPPORT_ITEM), "type": "careerCounselling", "from": town.day(on(2026, 5, 20)),
        "to": town.day(on(2026, 5, 20)), "hours": "1.50", "providerPartnerId": town.partner,
        "costs": [{ "source": "ESF", "amount": "127.50" }, { "source": "GMINA", "amount": "22.50" }],
    });
    let help = json!({
        "type": "materialHelp", "from": town.day(on(2026, 6, 2)), "to": town.day(on(2026, 6, 2)), "provider": "ośrodek",
        "costs": [{ "source": "GMINA", "amount": "80.00" }],
    });
    for item in [counselling, help] {
        town.api.post(&format!("/participations/{}/support-items", participant.id), &item)?;
    }
    Ok(())
}
