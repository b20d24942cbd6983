//! Late candidates of the running edition, ranked by points in a protocol that awaits its adoption.

use chrono::NaiveDate;
use serde_json::json;

use super::DemoError;
use super::edition::{Edition, on};
use super::town::{Town, id_of};
use crate::platform::examples;

/// States scoring rules as projects of the European Social Fund have them.
pub(super) fn rules(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    let criteria = json!([
        { "code": "women", "labelPl": "Kobiety", "labelEn": "Women", "points": "15", "source": "sex", "sex": "female" },
        { "code": "over12", "labelPl": "Bez pracy ponad 12 miesięcy", "labelEn": "Unemployed for over 12 months",
          "points": "10", "source": "condition", "rule": "unemployedForMonths", "months": 12, "group": "length" },
        { "code": "over24", "labelPl": "Bez pracy ponad 24 miesiące", "labelEn": "Unemployed for over 24 months",
          "points": "15", "source": "condition", "rule": "unemployedForMonths", "months": 24, "group": "length" },
        { "code": "over50", "labelPl": "Wiek 50+", "labelEn": "Aged 50 or over", "points": "10", "source": "ageAtLeast", "years": 50 },
        { "code": "disabled", "labelPl": "Niepełnosprawność", "labelEn": "Disability",
          "points": "5", "source": "condition", "rule": "disability" },
        { "code": "revitalisation", "labelPl": "Obszar rewitalizacji", "labelEn": "Area of revitalisation",
          "points": "4", "source": "condition", "rule": "revitalisationArea" },
        { "code": "motivation", "labelPl": "Motywacja", "labelEn": "Motivation", "points": "5", "source": "manual" },
    ]);
    let body = json!({
        "legalSource": "Regulamin rekrutacji § 5",
        "appealDays": 14,
        "content": {
            "criteria": criteria,
            "groups": [{ "code": "length", "maxPoints": "15" }],
            "tieBreakers": [{ "rule": "unemployedLonger" }, { "rule": "receivedEarlier" }],
        },
    });
    town.api.post(&format!("/editions/{}/scoring-rules", edition.id), &body).map(drop)
}

/// Six apply in the course of the edition: the first three are put on the reserve list by an adopted protocol, against
/// which two appeal, one of them in vain, the others stand in one that awaits its adoption, one of whom too little is known.
pub(super) fn load(town: &mut Town, edition: &Edition) -> Result<(), DemoError> {
    rules(town, edition)?;
    let appealing = late(town, edition, on(2026, 6, 1), Some(("2024-05-06", "false")), None)?;
    let content = town.place.fixed(examples::UNAPPEALED_APPLICATION);
    late(town, edition, on(2026, 6, 1), Some(("2025-11-03", "false")), content)?;
    let dismissed = late(town, edition, on(2026, 6, 1), Some(("2025-12-01", "false")), None)?;
    let first_protocol = rank(town, edition, on(2026, 6, 2), 0, town.place.fixed(examples::ADOPTED_PROTOCOL))?;
    let adoption =
        json!({ "adoptedOn": town.day(on(2026, 6, 2)), "commissionMembers": 3, "reason": "Protokół komisji rekrutacyjnej" });
    town.api.post(&format!("/ranking-protocols/{first_protocol}/adoption"), &adoption)?;
    let announcement = json!({ "announcedOn": town.day(on(2026, 6, 3)) });
    town.api.post(&format!("/ranking-protocols/{first_protocol}/announcements"), &announcement)?;
    let appeal = json!({
        "id": town.place.fixed(examples::RANKING_APPEAL), "applicationId": appealing, "lodgedOn": town.day(on(2026, 6, 4)),
        "reason": "Nie uwzględniono rozmowy z 1 czerwca",
    });
    let appeals = format!("/ranking-protocols/{first_protocol}/appeals");
    town.api.post(&appeals, &appeal)?;
    let late_appeal = json!({
        "applicationId": dismissed, "lodgedOn": town.day(on(2026, 6, 4)), "reason": "Kandydat liczył na więcej punktów",
    });
    let late_appeal = id_of(&town.api.post(&appeals, &late_appeal)?);
    let decision = json!({
        "outcome": "dismissed", "decidedOn": town.day(on(2026, 6, 5)), "reason": "Punkty policzono zgodnie z regulaminem",
    });
    town.api.post(&format!("/ranking-appeals/{late_appeal}/decision"), &decision)?;
    let received = on(2026, 6, 8);
    let first = late(town, edition, received, Some(("2022-03-01", "true")), town.place.fixed(examples::RANKED_APPLICATION))?;
    late(town, edition, received, Some(("2025-02-10", "false")), None)?;
    late(town, edition, received, None, None)?;
    let document = json!({ "kind": "clientSurvey", "receivedOn": town.day(received) });
    town.api.post(&format!("/applications/{first}/documents"), &document)?;
    let points = json!({ "criterion": "motivation", "points": "4", "reason": "Rozmowa kwalifikacyjna", "givenOn": town.day(on(2026, 6, 9)) });
    town.api.post(&format!("/applications/{first}/manual-points"), &points)?;
    rank(town, edition, on(2026, 6, 10), 1, town.place.fixed(examples::RANKING_PROTOCOL)).map(drop)
}

/// Ranks whoever waits for a decision.
fn rank(town: &Town, edition: &Edition, day: NaiveDate, places: usize, id: Option<&'static str>) -> Result<String, DemoError> {
    let body = json!({ "id": id, "effectiveOn": town.day(day), "places": places });
    Ok(id_of(&town.api.post(&format!("/editions/{}/ranking-protocols", edition.id), &body)?))
}

/// Somebody whom the labour office referred after the recruitment; with facts, the day of unemployment and whether disabled.
fn late(
    town: &mut Town,
    edition: &Edition,
    received: NaiveDate,
    known: Option<(&str, &str)>,
    id: Option<&'static str>,
) -> Result<String, DemoError> {
    let person = town.person(None)?;
    let received = town.day(received);
    let body = json!({
        "id": id, "editionId": edition.id, "personId": person, "receivedOn": received, "channel": "labourOffice",
        "referral": { "institutionId": examples::LABOUR_OFFICE, "referredOn": received, "number": "PUP.5510.7.2026" },
    });
    let application = id_of(&town.api.post("/applications", &body)?);
    let Some((since, disabled)) = known else { return Ok(application) };
    let facts = [
        ("registeredUnemployed", "true"),
        ("socialAssistance", "true"),
        ("benefitRight", "false"),
        ("unemployedSince", since),
        ("disability", disabled),
    ];
    for (kind, value) in facts {
        let fact = json!({ "kind": kind, "value": value, "from": since, "source": "Powiatowy Urząd Pracy", "sourceKind": "labourOffice" });
        town.api.post(&format!("/people/{person}/facts"), &fact)?;
    }
    Ok(application)
}
