//! Socially useful work around the running edition: the plan of needs, posts at the hosts, who works there, approved entries.

use chrono::Datelike as _;
use serde_json::json;

use super::DemoError;
use super::edition::{Edition, on};
use super::town::{Town, id_of};
use crate::platform::examples;

pub(super) fn load(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    let sent = town.calendar.day(on(2026, 1, 26));
    let plan = json!({
        "id": town.place.fixed(examples::NEEDS_PLAN), "year": sent.year(), "submittedOn": sent, "eligiblePeople": 31,
        "lines": [
            { "kindOfWork": "porządkowe", "place": "tereny zielone", "hostId": town.hosts[0], "places": 5, "hours": "1200.00" },
            { "kindOfWork": "pomocnicze", "place": "dom dziennego pobytu", "hostId": town.hosts[1], "places": 3, "hours": "640.00" },
        ],
    });
    town.api.post("/needs-plans", &plan)?;
    for (number, host) in town.hosts.iter().enumerate() {
        let id = town.place.fixed([examples::HOST_POST, examples::OTHER_POST][number]);
        let post = json!({
            "id": id, "kindOfWork": "porządkowe", "places": 4, "supervisor": "kierownik działu", "from": town.day(on(2026, 1, 5)),
        });
        let post = id_of(&town.api.post(&format!("/hosts/{host}/posts"), &post)?);
        if let Some(participant) = edition.participants.iter().rev().nth(number) {
            let assignment =
                json!({ "postId": post, "from": town.day(edition.from), "to": town.day(edition.to), "instructed": true });
            town.api.post(&format!("/participations/{}/post-assignments", participant.id), &assignment)?;
        }
        if let Some(participant) = edition.participants.get(3).filter(|_| number == 0) {
            // May move to the post at the other host.
            let assignment =
                json!({ "postId": post, "from": town.day(edition.from), "to": town.day(participant.to), "instructed": true });
            town.api.post(&format!("/participations/{}/post-assignments", participant.id), &assignment)?;
        }
        approve(town, edition, host)?;
    }
    let Some(participant) = edition.participants.get(1) else { return Ok(()) };
    let absence = json!({
        "id": town.place.fixed(examples::PSU_ABSENCE), "participationId": participant.id, "from": town.day(on(2026, 6, 10)),
        "to": town.day(on(2026, 6, 11)), "kind": "excused", "reasonClass": "care", "informedOn": town.day(on(2026, 6, 12)),
    });
    town.api.post("/psu-absences", &absence).map(drop)
}

/// The entries of the first weeks at a host are approved.
fn approve(town: &Town, edition: &Edition, host: &str) -> Result<(), DemoError> {
    let worked =
        town.api.get(&format!("/psu-entries?editionId={}&hostId={host}&to={}", edition.id, town.day(on(2026, 5, 11))))?;
    let entries: Vec<&str> = worked["items"].as_array().into_iter().flatten().filter_map(|entry| entry["id"].as_str()).collect();
    let approval = json!({ "entryIds": entries, "effectiveOn": town.day(on(2026, 5, 15)) });
    town.api.post("/psu-approvals", &approval).map(drop)
}
