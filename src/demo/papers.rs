//! What is on paper about the running edition: posts, a declaration of participation, plans, a family assistant, meetings.

use serde_json::{Value, json};

use super::DemoError;
use super::edition::{Edition, Participant, on};
use super::town::{ASSISTANT, Town, id_of};
use crate::platform::examples;

pub(super) fn load(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    posts(town, edition)?;
    meetings(town, edition)?;
    let text = json!({
        "id": town.place.fixed(examples::DECLARATION_TEXT), "code": "deklaracja-uczestnictwa", "version": 1,
        "text": "Deklaruję udział w programie i zobowiązuję się do udziału w zajęciach. Data i podpis: ……",
    });
    let text = id_of(&town.api.post("/declaration-texts", &text)?);
    if let Some(participant) = edition.participants.first() {
        let declaration = json!({
            "personId": participant.person, "editionId": edition.id, "textId": text, "signedOn": town.day(on(2026, 4, 28)), "signed": true,
        });
        town.api.post("/participation-declarations", &declaration)?;
        social_contract(town, participant)?;
        action_plan(town, participant)?;
    }
    let Some(household) = &town.household else { return Ok(()) };
    let assistant = json!({ "assistant": ASSISTANT, "editionId": edition.id, "from": town.day(on(2026, 5, 4)) });
    town.api.post(&format!("/households/{household}/assistants"), &assistant).map(drop)
}

fn posts(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    for (kind, full_time, source) in
        [("coordinator", "0.50", "ESF"), ("socialWorker", "1.00", "GMINA"), ("familyAssistant", "0.75", "ESF")]
    {
        let post = json!({
            "programmeId": town.programme, "editionId": edition.id, "kind": kind, "fullTime": full_time,
            "from": town.day(edition.from), "to": town.day(edition.to), "fundingSource": source,
        });
        town.api.post("/staff-posts", &post)?;
    }
    Ok(())
}

fn meetings(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    // How many came to the fair was not counted.
    for (kind, held, participants) in [("informationMeeting", on(2026, 4, 9), Some(19)), ("fair", on(2026, 5, 21), None)] {
        let event = json!({
            "kind": kind, "occurredOn": town.day(held), "place": "Sala konferencyjna", "participantCount": participants,
        });
        town.api.post(&format!("/editions/{}/events", edition.id), &event)?;
    }
    Ok(())
}

fn action(by: &str, what: &str) -> Value {
    json!({ "by": by, "what": what })
}

fn social_contract(town: &Town, participant: &Participant) -> Result<(), DemoError> {
    let contract = json!({
        "personId": participant.person, "kind": "socialContract", "contractForm": "unemployed", "participationId": participant.id,
        "signedOn": town.day(on(2026, 4, 28)), "from": town.day(on(2026, 5, 1)), "to": town.day(on(2026, 7, 31)),
        "author": "socialWorker", "recordFact": true,
        "parts": {
            "goals": ["Powrót na rynek pracy"],
            "actions": [action("client", "Udział w zajęciach i pracach"), action("centre", "Spotkanie z pracownikiem socjalnym co dwa tygodnie")],
        },
    });
    let plan = id_of(&town.api.post("/individual-plans", &contract)?);
    let evaluation = json!({
        "kind": "evaluation", "occurredOn": town.day(on(2026, 6, 1)), "result": "partlyAchieved", "note": "Obecność na zajęciach bez uwag",
    });
    town.api.post(&format!("/individual-plans/{plan}/events"), &evaluation).map(drop)
}

fn action_plan(town: &Town, participant: &Participant) -> Result<(), DemoError> {
    let plan = json!({
        "id": town.place.fixed(examples::INDIVIDUAL_PLAN), "personId": participant.person, "kind": "individualActionPlan",
        "participationId": participant.id, "signedOn": town.day(on(2026, 4, 20)), "from": town.day(on(2026, 4, 20)),
        "to": town.day(on(2026, 10, 16)), "author": "clientAdviser",
        "parts": {
            "actions": [action("labourOffice", "Skierowanie do programu"), action("client", "Samodzielne poszukiwanie pracy")],
            "contacts": [{ "form": "visit", "count": 3 }], "endConditions": "Podjęcie pracy albo upływ terminu",
        },
    });
    let plan = id_of(&town.api.post("/individual-plans", &plan)?);
    let contact = json!({ "kind": "contact", "occurredOn": town.day(on(2026, 5, 18)), "form": "visit" });
    town.api.post(&format!("/individual-plans/{plan}/events"), &contact).map(drop)
}
