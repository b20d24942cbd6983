//! Messages between a town and the labour office: who began, a list of the month, and a change of status that awaits its confirmation.

use serde_json::{Value, json};

use super::caller::Caller;
use super::edition::{Edition, on};
use super::town::{Town, id_of};
use super::{DemoError, people};
use crate::platform::examples;

/// Where the people begin of whom only the office knows.
const STRANGER: u16 = 90;

pub(super) fn load(town: &Town, edition: &Edition, office: &Caller) -> Result<(), DemoError> {
    let Some([first, second, third]) = edition.participants.first_chunk() else { return Ok(()) };
    let link = open(town, edition)?;
    let write =
        |from: &Caller, message: Value| from.post("/messages", &with_envelope(town, &link, message)).map(|made| id_of(&made));
    let fixed = |id| town.place.fixed(id);

    let started: Vec<Value> = [first, second]
        .map(|one| json!({ "subject": { "personId": one.person }, "startsOn": town.day(one.from), "plannedEndOn": town.day(one.to) }))
        .into();
    let began = write(
        &town.api,
        json!({
            "id": fixed(examples::MESSAGE_ANSWERED), "kind": "participationStart", "senderReference": "DP.512.7.2026",
            "effectiveOn": town.day(on(2026, 5, 4)), "payload": { "editionId": edition.id, "records": started },
        }),
    )?;
    act(town, &town.api, &began, "dispatch", on(2026, 5, 5))?;
    answer(town, office, &began, on(2026, 5, 6), &[])?;

    let absent = json!({
        "subject": { "personId": third.person }, "absence": "absence", "from": town.day(on(2026, 6, 9)), "to": town.day(on(2026, 6, 9)),
        "excused": true,
    });
    write(
        &town.api,
        json!({
            "id": fixed(examples::MESSAGE_DRAFT), "kind": "absenceOrRefusal", "senderReference": "DP.512.19.2026",
            "effectiveOn": town.day(on(2026, 6, 9)), "payload": { "editionId": edition.id, "records": [absent] },
        }),
    )?;

    let missed = town.day(on(2026, 6, 2));
    let absent =
        json!({ "subject": { "personId": second.person }, "absence": "absence", "from": missed, "to": missed, "excused": true });
    let told = write(
        &town.api,
        json!({
            "kind": "absenceOrRefusal", "senderReference": "DP.512.15.2026", "effectiveOn": missed,
            "payload": { "editionId": edition.id, "records": [absent] },
        }),
    )?;
    act(town, &town.api, &told, "dispatch", on(2026, 6, 3))?;
    answer(town, office, &told, on(2026, 6, 5), &[])?;

    let known = office.get(&format!("/messages/{began}"))?;
    let subject = &known["records"][1]["subjectId"];
    let changed = write(
        office,
        json!({
            "id": fixed(examples::MESSAGE_ACCEPTED), "kind": "statusChange", "senderReference": "CAZ.6210.31.2026",
            "effectiveOn": town.day(on(2026, 6, 12)),
            "payload": { "records": [{ "subject": { "subjectId": subject }, "change": "jobTaken", "since": town.day(on(2026, 6, 12)) }] },
        }),
    )?;
    act(town, office, &changed, "dispatch", on(2026, 6, 12))?;
    let proposals: Vec<&str> = fixed(examples::MESSAGE_PROPOSAL).into_iter().collect();
    answer(town, &town.api, &changed, on(2026, 6, 12), &proposals)?;

    list_of_the_month(town, &link, office)
}

/// Opens the exchange on the ground of the programme's agreement; another agreement waits for one.
fn open(town: &Town, edition: &Edition) -> Result<String, DemoError> {
    let other = json!({
        "id": town.place.fixed(examples::OTHER_AGREEMENT), "kind": "psu", "number": "2/2025", "signedOn": "2025-04-10",
        "regimeId": examples::REGIME, "institutionId": examples::LABOUR_OFFICE,
    });
    town.api.post("/agreements", &other)?;
    let link = json!({
        "id": town.place.fixed(examples::EXCHANGE_LINK), "officeId": examples::LABOUR_OFFICE, "agreementId": town.agreement,
        "validFrom": "2025-04-10", "terms": [{ "kind": "eligibleList", "workingDays": 5 }],
    });
    let link = id_of(&town.api.post("/exchange-links", &link)?);
    for duty in ["absence", "refusal"] {
        let term = json!({
            "duty": duty, "agreementId": town.agreement, "from": "2025-04-10", "workingDays": 3, "legalSource": "§ 9 ust. 3 porozumienia",
        });
        town.api.post("/duty-terms", &term)?;
    }
    town.api.post(&format!("/exchange-links/{link}/shared-editions"), &json!({ "editionId": edition.id }))?;
    Ok(link)
}

/// Whom the office referred in May: somebody whom the town does not know.
fn list_of_the_month(town: &Town, link: &str, office: &Caller) -> Result<(), DemoError> {
    let may = town.day(on(2026, 5, 18));
    let stranger = people::person(STRANGER, None, town.place.name)?;
    let identity = &stranger["identity"];
    let record = json!({
        "subject": {
            "subjectId": town.place.fixed(examples::EXCHANGE_SUBJECT),
            "identity": {
                "givenNames": identity["givenNames"], "surname": identity["surname"], "residence": identity["address"], "pesel": identity["pesel"],
            },
        },
        "outcome": "referred", "on": may,
    });
    let list = json!({
        "id": town.place.fixed(examples::MESSAGE), "kind": "referredOrRefused", "senderReference": "CAZ.6210.28.2026",
        "effectiveOn": town.day(on(2026, 6, 8)), "payload": { "month": may[..7], "records": [record] },
    });
    let list = id_of(&office.post("/messages", &with_envelope(town, link, list))?);
    act(town, office, &list, "dispatch", on(2026, 6, 8))
}

fn with_envelope(town: &Town, link: &str, mut message: Value) -> Value {
    message["linkId"] = json!(link);
    message["purpose"] = json!("realizacja porozumienia");
    // Two towns' messages of one office keep apart.
    let reference = format!("{}/{}", message["senderReference"].as_str().unwrap_or_default(), town.place.name);
    message["senderReference"] = json!(reference);
    message
}

fn act(town: &Town, by: &Caller, message: &str, act: &str, day: chrono::NaiveDate) -> Result<(), DemoError> {
    let body = json!({ "effectiveOn": town.day(day), "channel": "eDelivery" });
    by.post_as(&format!("/messages/{message}/{act}"), Some(&etag(by, message)?), &body).map(drop)
}

fn answer(town: &Town, by: &Caller, message: &str, day: chrono::NaiveDate, proposals: &[&str]) -> Result<(), DemoError> {
    let body = json!({ "step": { "effectiveOn": town.day(day) }, "accepted": true, "proposalIds": proposals });
    by.post_as(&format!("/messages/{message}/answer"), Some(&etag(by, message)?), &body).map(drop)
}

fn etag(by: &Caller, message: &str) -> Result<String, DemoError> {
    Ok(format!("\"{}\"", by.get(&format!("/messages/{message}"))?["version"]))
}
