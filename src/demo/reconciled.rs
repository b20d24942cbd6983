//! Two months reconciled with the labour office: one that both sides have stated, and one that the town has signed off.

use serde_json::{Value, json};
use uuid::Uuid;

use super::DemoError;
use super::caller::Caller;
use super::edition::on;
use super::town::{Town, id_of};
use crate::platform::examples;
use crate::platform::types::Month;

/// The month of the approved settlement.
fn settled(town: &Town) -> Month {
    Month::of(town.calendar.day(on(2026, 2, 16)))
}

/// A month before any work was done, with nobody in it.
fn idle(town: &Town) -> Month {
    Month::of(town.calendar.day(on(2026, 1, 16)))
}

/// The town states its months.
pub(super) fn state(town: &Town) -> Result<(), DemoError> {
    let office = examples::LABOUR_OFFICE;
    let body = json!({ "id": town.place.fixed(examples::MONTH_STATEMENT), "institutionId": office, "month": settled(town) });
    town.api.post("/month-statements", &body)?;
    let key = town.api.post("/reconciliation-keys", &json!({ "institutionId": office }))?;
    let body = json!({ "institutionId": office, "month": idle(town), "keyId": key["keyId"], "lines": [] });
    town.api.post("/month-statements", &body).map(drop)
}

/// The office states the same, and the town signs the month without work.
pub(super) fn answer(office: &Caller, town_id: Uuid, town: &Town) -> Result<(), DemoError> {
    let path = format!("/month-statements?institutionId={}&month={}", examples::LABOUR_OFFICE, settled(town));
    let stated = town.api.get(&path)?;
    let statement = id_of(&stated["items"][0]);
    let lines = town.api.get(&format!("/month-statements/{statement}/lines?limit=200"))?;
    let line = |line: &Value| json!({ "pseudonym": line["pseudonym"], "hours": line["hours"], "benefit": line["benefit"], "refund": line["refund"] });
    let lines: Vec<Value> = lines["items"].as_array().into_iter().flatten().map(line).collect();
    let key = &stated["items"][0]["keyId"];
    for (month, lines) in [(settled(town), lines), (idle(town), Vec::new())] {
        let body = json!({ "institutionId": town_id, "month": month, "keyId": key, "lines": lines });
        office.post("/month-statements", &body)?;
    }
    let signature = json!({
        "id": town.place.fixed(examples::RECONCILIATION_PROTOCOL), "institutionId": examples::LABOUR_OFFICE, "month": idle(town),
        "effectiveOn": town.day(on(2026, 5, 20)),
    });
    town.api.post("/reconciliation-protocols", &signature).map(drop)
}
