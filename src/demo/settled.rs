//! Two months of the edition that is over, settled: one approved and since overtaken by a correction of an entry, one a draft.

use chrono::NaiveDate;
use serde_json::json;

use super::DemoError;
use super::edition::{Edition, on};
use super::town::{Town, id_of};
use crate::platform::examples;
use crate::platform::types::Month;

pub(super) fn load(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    let february = settle(town, edition, town.place.fixed(examples::APPROVED_SETTLEMENT), on(2026, 2, 16))?;
    let approval = json!({ "effectiveOn": town.day(on(2026, 5, 15)) });
    town.api.post_as(&format!("/settlements/{february}/approval"), Some("\"1\""), &approval)?;
    let counted = town.api.get(&format!("/settlements/{february}/lines/1/entries"))?;
    let entry = counted["items"][0]["psuEntryId"].as_str().unwrap_or_default();
    let correction = json!({ "hours": "4.00", "reason": "Wcześniejsze wyjście, według listy obecności" });
    town.api.post(&format!("/psu-entries/{entry}/correction"), &correction)?;
    settle(town, edition, town.place.fixed(examples::SETTLEMENT), on(2026, 3, 30)).map(drop)
}

/// Drafts the month in which a day of the examples lies.
fn settle(town: &Town, edition: &Edition, id: Option<&str>, day: NaiveDate) -> Result<String, DemoError> {
    let month = Month::of(town.calendar.day(day));
    let body = json!({ "id": id, "editionId": edition.id, "month": month });
    town.api.post("/settlements", &body).map(|made| id_of(&made))
}
