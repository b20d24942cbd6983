//! The weeks ahead of the running edition: a group, its sessions by a weekly pattern, one of them moved, and its calendar.

use serde_json::json;

use super::DemoError;
use super::edition::{Edition, on};
use super::town::{Town, id_of};
use crate::platform::examples;

pub(super) fn load(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    let place = town.place;
    let group = json!({ "id": place.fixed(examples::GROUP), "name": "Grupa przedpołudniowa" });
    let group = id_of(&town.api.post(&format!("/editions/{}/groups", edition.id), &group)?);
    let other = json!({ "id": place.fixed(examples::OTHER_GROUP), "name": "Grupa wieczorna" });
    town.api.post(&format!("/editions/{}/groups", edition.id), &other)?;
    for (number, participant) in edition.participants.iter().take(4).enumerate() {
        // The first has left the group and may join it again.
        let (id, to) = match number {
            0 => (place.fixed(examples::GROUP_MEMBER), Some(town.day(on(2026, 6, 12)))),
            _ => (None, None),
        };
        let member = json!({ "id": id, "participationId": participant.id, "from": town.day(on(2026, 5, 4)), "to": to });
        town.api.post(&format!("/groups/{group}/members"), &member)?;
    }
    let pattern = json!({
        "id": place.fixed(examples::SESSION_PATTERN), "blockId": edition.block, "groupId": group, "form": "group",
        "weekdays": [
            { "weekday": "tuesday", "startsAt": "15:00", "endsAt": "16:45", "lessonHours": 2 },
            { "weekday": "thursday", "startsAt": "15:00", "hours": "1.50" },
        ],
        "themes": ["asertywność", "poszukiwanie pracy"], "venue": "ul. Przykładowa 1", "room": "sala 2", "facilitator": "PS-1",
        "facilitatorPartnerId": town.partner, "facilitatorProfession": "psycholog",
        "from": town.day(on(2026, 6, 16)), "to": town.day(on(2026, 6, 26)), "onHoliday": "drop",
    });
    let made = town.api.post(&format!("/editions/{}/session-patterns", edition.id), &pattern)?;
    let session = made["outcome"]["days"].as_array().into_iter().flatten().find_map(|day| day["sessionId"].as_str());
    if let Some(session) = session {
        let moved = json!({
            "startsAt": "16:00", "reason": "próba ewakuacyjna w budynku", "effectiveOn": town.day(on(2026, 6, 12)),
        });
        town.api.post_to_first(&format!("/sessions/{session}/rescheduling"), &moved)?;
    }
    let feed = json!({ "id": place.fixed(examples::CALENDAR_FEED), "groupId": group });
    town.api.post("/calendar-feeds", &feed).map(drop)
}
