//! An edition that is over and complete in every kind of fact.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::DemoError;
use super::edition::{Edition, Outline, Participant, Sheet, on};
use super::town::{Town, id_of};
use super::{reported, settled};

const PLACES: usize = 8;
const THEMES: [&str; 3] = ["komunikacja interpersonalna", "asertywność", "poszukiwanie pracy"];
/// Everything that is collected about an edition but money, which only the bookkeeping knows.
const COLLECTED: [&str; 9] = [
    "applications",
    "participations",
    "attendance",
    "psuHours",
    "sheets",
    "employment",
    "declarations",
    "decisions",
    "households",
];

pub(super) fn load(town: &mut Town) -> Result<(), DemoError> {
    let (from, to, decided) = (on(2026, 2, 2), on(2026, 4, 1), on(2026, 1, 26));
    let mut edition = town.edition(&Outline {
        id: None,
        block: None,
        name: "Edycja I (zakończona)",
        from,
        to,
        recruitment: (on(2026, 1, 5), on(2026, 1, 23)),
        places: PLACES,
    })?;
    recruit(town, &mut edition, decided)?;
    let reserve = person_on_reserve(town, &edition, decided)?;
    let left = job_during(town, &mut edition, &reserve)?;
    for (number, monday) in edition.mondays(on(2026, 3, 30)).enumerate() {
        town.work(&edition, monday)?;
        town.classes(&edition, monday + Days::new(1), THEMES[number % THEMES.len()])?;
        town.work(&edition, monday + Days::new(2))?;
    }
    for participant in edition.participants.iter().filter(|participant| participant.id != left.id) {
        for (moment, filled, level) in [("before", participant.from, 2), ("after", edition.to, 3)] {
            for observer in [false, true] {
                town.sheet(participant, &Sheet { id: None, observer, moment, filled, level })?;
            }
        }
    }
    let completed: Vec<Participant> =
        edition.participants.iter().filter(|participant| participant.id != left.id).cloned().collect();
    town.api.post(&format!("/editions/{}/closure", edition.id), &json!({ "effectiveOn": town.day(to) }))?;
    afterwards(town, &completed)?;
    effects(town, &edition)?;
    budget(town, &edition)?;
    settled::load(town, &edition)?;
    town.state(&edition, &COLLECTED, "complete", on(2026, 5, 15))?;
    reported::load(town, &edition)
}

/// Eight get a place; one took a job before the start.
fn recruit(town: &mut Town, edition: &mut Edition, decided: NaiveDate) -> Result<(), DemoError> {
    for _ in 0..PLACES {
        let person = town.person(None)?;
        let application = town.application(edition, &person, on(2026, 1, 12), None)?;
        town.decide(&application, "selected", decided)?;
        town.admit(edition, &application, person, None)?;
    }
    let person = town.person(None)?;
    let application = town.application(edition, &person, on(2026, 1, 13), None)?;
    let withdrawal = json!({ "reason": "employed", "effectiveOn": town.day(decided) });
    town.api.post(&format!("/applications/{application}/withdrawal"), &withdrawal)?;
    job(town, &person, decided, "employmentContract")
}

fn person_on_reserve(town: &mut Town, edition: &Edition, decided: NaiveDate) -> Result<(String, String), DemoError> {
    let person = town.person(None)?;
    let application = town.application(edition, &person, on(2026, 1, 14), None)?;
    town.decide(&application, "reserve", decided)?;
    Ok((application, person))
}

/// One leaves for a job, and the first of the reserve list takes the place over.
fn job_during(town: &Town, edition: &mut Edition, reserve: &(String, String)) -> Result<Participant, DemoError> {
    let (last, next) = (on(2026, 2, 27), on(2026, 3, 2));
    let Some(leaving) = edition.participants.first_mut() else { return Err(DemoError::Interrupted) };
    leaving.to = last;
    let left = leaving.clone();
    let body = json!({
        "applicationId": reserve.0, "effectiveOn": town.day(next), "end": { "reason": "employed", "effectiveOn": town.day(last) },
    });
    let id = id_of(&town.api.post(&format!("/participations/{}/substitution", left.id), &body)?);
    edition.participants.push(Participant { id, person: reserve.1.clone(), from: next, to: edition.to });
    job(town, &left.person, next, "employmentContract")?;
    Ok(left)
}

fn job(town: &Town, person: &str, from: NaiveDate, kind: &str) -> Result<(), DemoError> {
    let body = json!({
        "personId": person, "startsOn": town.day(from), "kind": kind, "employerClass": "small", "weeklyHours": "40.00", "source": "labourOffice",
        "verifiedOn": town.day(on(2026, 5, 11)),
    });
    town.api.post("/employment-spells", &body).map(drop)
}

/// What became of those who completed it.
fn afterwards(town: &Town, completed: &[Participant]) -> Result<(), DemoError> {
    if let Some(participant) = completed.last() {
        job(town, &participant.person, on(2026, 4, 20), "civilLawContract")?;
    }
    for (participant, kind) in completed.iter().zip(["psuAfter", "psuAfter", "jobSearch"]) {
        let body = json!({ "participationId": participant.id, "kind": kind, "declaredOn": town.day(on(2026, 4, 1)) });
        town.api.post("/declarations", &body)?;
    }
    for participant in completed {
        let check = json!({
            "participationId": participant.id, "window": "within4Weeks", "checkedOn": town.day(on(2026, 5, 4)), "source": "labourOffice",
            "result": if completed.last().is_some_and(|last| last.id == participant.id) { "employed" } else { "notEmployed" },
        });
        town.api.post("/employment-checks", &check)?;
    }
    for (participant, kind) in completed.iter().zip(["repeat", "reprofileIpd"]) {
        let body = json!({ "participationId": participant.id, "kind": kind, "decidedOn": town.day(on(2026, 4, 10)) });
        town.api.post("/post-decisions", &body)?;
    }
    for (participant, (destination, take_up)) in
        completed.iter().zip([("integrationClub", "takenUp"), ("socialAssistance", "takenUp"), ("training", "unknown")])
    {
        let body = json!({
            "participationId": participant.id, "destination": destination, "referredOn": town.day(on(2026, 4, 7)), "takeUp": take_up,
        });
        town.api.post("/onward-referrals", &body)?;
    }
    for (number, participant) in completed.iter().enumerate() {
        for (area, change) in [("motivation", "better"), ("problemSolving", if number % 2 == 0 { "better" } else { "same" })] {
            let body = json!({
                "participationId": participant.id, "area": area, "change": change, "assessedOn": town.day(on(2026, 4, 8)),
                "source": "socialWorker",
            });
            town.api.post("/progress-assessments", &body)?;
        }
    }
    Ok(())
}

/// What was planned and what is known to be spent.
fn budget(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    for (source, kind, purpose, planned, amount) in [
        ("FP", "cash", "świadczenia za prace społecznie użyteczne", "4700.00", "4310.40"),
        ("GMINA", "cash", "zajęcia integracyjne", "5600.00", "5480.00"),
        ("OWN", "benefits", "zasiłki celowe dla uczestników", "1200.00", "1150.00"),
    ] {
        let line = json!({ "editionId": edition.id, "source": source, "kind": kind, "purpose": purpose, "planned": planned });
        town.api.post("/budget-lines", &line)?;
        let spent = json!({
            "editionId": edition.id, "source": source, "kind": kind, "purpose": purpose, "spentOn": town.day(on(2026, 4, 15)),
            "amount": amount,
        });
        town.api.post("/expenditures", &spent)?;
    }
    Ok(())
}

/// What came of the expected effects: a number against its target, and words for the qualitative one.
fn effects(town: &Town, edition: &Edition) -> Result<(), DemoError> {
    for (code, result, finding) in [("motivation", Some("1.2"), None), ("openness", None, Some("partlyReached"))] {
        let body = json!({
            "editionId": edition.id, "effectCode": code, "result": result, "finding": finding, "assessedOn": town.day(on(2026, 4, 10)),
            "basis": "arkusze i rozmowy podsumowujące",
        });
        town.api.post("/effect-results", &body)?;
    }
    Ok(())
}
