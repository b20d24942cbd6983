//! What happened in the edition that is over, its approved final report, and the draft of one that is to replace it.

use serde_json::json;

use super::DemoError;
use super::edition::{Edition, on};
use super::town::{Town, id_of};
use crate::platform::examples;

/// Reports the edition; its data are complete by then.
pub(super) fn load(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    for (kind, day, outcome, people) in [
        ("informationMeeting", on(2026, 1, 7), "przedstawiono zasady programu", Some(18)),
        ("listSent", on(2026, 1, 26), "lista osób zakwalifikowanych przekazana do urzędu pracy", None),
        ("monitoring", on(2026, 3, 3), "obecność i godziny zgodne z planem", None),
        ("closingMeeting", on(2026, 4, 1), "omówiono wyniki i dalsze kroki", Some(9)),
    ] {
        let event = json!({ "kind": kind, "occurredOn": town.day(day), "outcome": outcome, "participantCount": people });
        town.api.post(&format!("/editions/{}/events", edition.id), &event)?;
    }
    let report = json!({
        "id": town.place.fixed(examples::REPORT), "editionId": edition.id,
        "notes": [
            { "heading": "Ocena programu", "text": "Uczestnicy najwyżej ocenili zajęcia z poszukiwania pracy. Dwie osoby chcą kontynuować prace społecznie użyteczne." },
            { "heading": "Wnioski", "text": "W następnej edycji konsultacje indywidualne zaczną się w pierwszym tygodniu." },
        ],
    });
    let report = id_of(&town.api.post("/reports", &report)?);
    let approval = json!({ "effectiveOn": town.day(on(2026, 5, 18)) });
    town.api.post_as(&format!("/reports/{report}/approval"), Some("\"1\""), &approval)?;
    let draft = json!({
        "id": town.place.fixed(examples::REPORT_DRAFT), "editionId": edition.id, "replacesId": report,
        "replacementReason": "Uzupełnienie po wyjaśnieniach urzędu pracy",
        "notes": [{ "heading": "Zmiana", "text": "Do uzupełnienia po otrzymaniu danych o zatrudnieniu." }],
    });
    town.api.post("/reports", &draft).map(drop)
}
