//! The edition that runs on the day of loading, in its seventh week.

use chrono::Days;
use serde_json::json;

use super::edition::{Edition, Outline, Sheet, on};
use super::ranking;
use super::town::Town;
use super::{DemoError, papers, support, timetable, work};
use crate::platform::examples;

pub(super) fn load(town: &mut Town) -> Result<Edition, DemoError> {
    let place = town.place;
    let mut edition = town.edition(&Outline {
        id: place.fixed(examples::EDITION),
        block: place.fixed(examples::BLOCK),
        name: "Edycja II (trwająca)",
        from: on(2026, 5, 1),
        to: on(2026, 6, 30),
        recruitment: (on(2026, 4, 7), on(2026, 4, 24)),
        places: 8,
    })?;
    recruit(town, &mut edition)?;
    ranking::load(town, &edition)?;
    // The week before the loading is left open: there is something to enter.
    for (number, monday) in edition.mondays(on(2026, 6, 1)).enumerate() {
        town.classes(&edition, monday + Days::new(1), ["asertywność", "poszukiwanie pracy"][number % 2])?;
        if monday < on(2026, 6, 1) {
            town.work(&edition, monday)?;
        }
    }
    if let Some(participant) = edition.participants.first() {
        let entry = json!({
            "id": place.fixed(examples::PSU_ENTRY), "participationId": participant.id, "hostId": town.hosts[0],
            "workedOn": town.day(on(2026, 6, 3)), "hours": "4.00", "kindOfWork": "porządkowe",
        });
        town.api.post("/psu-entries", &entry)?;
        let consultation = json!({
            "id": place.fixed(examples::SESSION), "blockId": edition.block, "heldOn": town.day(on(2026, 6, 12)), "startsAt": "12:00",
            "hours": "1.00", "form": "individual", "facilitatorPartnerId": town.partner, "facilitatorProfession": "doradca zawodowy",
            "participationIds": [participant.id],
        });
        town.api.post("/sessions", &consultation)?;
    }
    for (number, participant) in edition.participants.iter().enumerate() {
        let id = (number == 0).then(|| place.fixed(examples::SHEET)).flatten();
        town.sheet(participant, &Sheet { id, observer: false, moment: "before", filled: on(2026, 5, 4), level: 2 })?;
    }
    timetable::load(town, &edition)?;
    papers::load(town, &edition)?;
    work::load(town, &edition)?;
    support::load(town, &edition)?;
    town.state(&edition, &["applications", "participations"], "complete", on(2026, 5, 8))?;
    town.state(&edition, &["attendance", "psuHours", "sheets", "households"], "partial", on(2026, 6, 5))?;
    Ok(edition)
}

fn recruit(town: &mut Town, edition: &mut Edition) -> Result<(), DemoError> {
    let (received, decided) = (on(2026, 4, 14), on(2026, 4, 27));
    let place = town.place;
    let mut people: Vec<String> = town.taking_part.take().into_iter().collect();
    while people.len() < 6 {
        people.push(town.person(None)?);
    }
    for (number, person) in people.into_iter().enumerate() {
        let application = town.application(edition, &person, received, None)?;
        town.decide(&application, "selected", decided)?;
        let (id, to) = match number {
            0 => (place.fixed(examples::PARTICIPATION), edition.to),
            3 => (place.fixed(examples::SHORTER_PARTICIPATION), on(2026, 6, 22)),
            _ => (None, edition.to),
        };
        town.admit_until(edition, &application, person, (id, to))?;
    }
    for id in [None, place.fixed(examples::RESERVE_APPLICATION)] {
        let person = town.person(None)?;
        let application = town.application(edition, &person, received, id)?;
        town.decide(&application, "reserve", decided)?;
    }
    prolong(town, edition)?;
    offer(town, edition)
}

/// The one who was to end first stays two days longer, and may stay to the end of the edition.
fn prolong(town: &Town, edition: &mut Edition) -> Result<(), DemoError> {
    let Some(participant) = edition.participants.get_mut(3) else { return Ok(()) };
    participant.to = on(2026, 6, 24);
    let prolongation = json!({
        "effectiveOn": town.day(on(2026, 6, 9)), "plannedEndOn": town.day(participant.to), "reason": "Dokończenie warsztatów",
    });
    town.api.post(&format!("/participations/{}/prolongations", participant.id), &prolongation).map(drop)
}

/// The first of the reserve list has been offered one of the free places, and somebody asked whether a participant takes part elsewhere.
fn offer(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    let ids: Vec<&str> = town.place.fixed(examples::OFFER).into_iter().collect();
    let fill = json!({ "effectiveOn": town.day(on(2026, 6, 12)), "channel": "phone", "atMost": 1, "ids": ids });
    town.api.post(&format!("/editions/{}/offers", edition.id), &fill)?;
    let Some(participant) = edition.participants.first() else { return Ok(()) };
    let check = json!({
        "period": { "from": town.day(edition.from), "to": town.day(edition.to) }, "purpose": "przyjęcie do edycji",
        "legalBasis": "art. 62b ust. 2 pkt 1 ustawy o promocji zatrudnienia",
    });
    town.api.post(&format!("/people/{}/participation-elsewhere-checks", participant.person), &check).map(drop)
}
