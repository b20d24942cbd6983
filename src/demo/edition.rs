//! The parts that editions are made of.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::DemoError;
use super::town::{COMPETENCES, Town, id_of};

/// Hours of socially useful work on one of the two working days of a week.
const HOURS_A_DAY: &str = "5.00";

/// An edition that is being filled; all days are days of the examples.
pub(super) struct Edition {
    pub id: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Its integration block.
    pub block: String,
    pub participants: Vec<Participant>,
}

/// Somebody who takes part.
#[derive(Clone)]
pub(super) struct Participant {
    pub id: String,
    pub person: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// How an edition is entered.
pub(super) struct Outline {
    pub id: Option<&'static str>,
    pub block: Option<&'static str>,
    pub name: &'static str,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub recruitment: (NaiveDate, NaiveDate),
    pub places: usize,
}

/// A day of the examples; invalid literals would show at once in every test.
pub(super) fn on(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

impl Town {
    /// The day to send for a day of the examples.
    pub(super) fn day(&self, day: NaiveDate) -> String {
        self.calendar.day(day).to_string()
    }

    /// Enters an edition with its two blocks.
    pub(super) fn edition(&self, outline: &Outline) -> Result<Edition, DemoError> {
        let id = id_of(&self.api.post(
            "/editions",
            &json!({
                "id": outline.id, "programmeId": self.programme, "agreementId": self.agreement, "name": outline.name,
                "startsOn": self.day(outline.from), "endsOn": self.day(outline.to), "plannedMonths": 2,
                "places": outline.places, "plannedCost": "5600.00",
                "recruitment": { "from": self.day(outline.recruitment.0), "to": self.day(outline.recruitment.1) },
                "hostIds": self.hosts, "hostsExhaustive": true,
            }),
        )?);
        let blocks = format!("/editions/{id}/blocks");
        self.api.post(
            &blocks,
            &json!({ "kind": "activation", "name": "Prace społecznie użyteczne", "providerKind": "own", "plannedHours": "80.00", "weeklyHours": "10.00" }),
        )?;
        let block = id_of(&self.api.post(
            &blocks,
            &json!({
                "id": outline.block, "kind": "integration", "name": "Zajęcia integracyjne", "providerKind": "contractor",
                "providerPartnerId": self.partner, "form": "mixed", "facilitatorProfessions": ["psycholog", "doradca zawodowy"],
                "plannedHours": "80.00", "weeklyHours": "10.00",
                "themes": ["komunikacja interpersonalna", "asertywność", "poszukiwanie pracy"], "themesExhaustive": true,
            }),
        )?);
        Ok(Edition { id, from: outline.from, to: outline.to, block, participants: Vec::new() })
    }

    /// Enters an application that awaits its decision.
    pub(super) fn application(
        &self,
        edition: &Edition,
        person: &str,
        received: NaiveDate,
        id: Option<&'static str>,
    ) -> Result<String, DemoError> {
        let body = json!({
            "id": id, "editionId": edition.id, "personId": person, "receivedOn": self.day(received), "channel": "socialWorker",
        });
        Ok(id_of(&self.api.post("/applications", &body)?))
    }

    /// Decides an application.
    pub(super) fn decide(&self, application: &str, decision: &str, day: NaiveDate) -> Result<(), DemoError> {
        let reason = "Ocena kryteriów porozumienia";
        let body = json!({ "decision": decision, "effectiveOn": self.day(day), "reason": reason });
        self.api.post(&format!("/applications/{application}/decisions"), &body).map(drop)
    }

    /// Admits an applicant who was selected.
    pub(super) fn admit(
        &self,
        edition: &mut Edition,
        application: &str,
        person: String,
        id: Option<&'static str>,
    ) -> Result<(), DemoError> {
        self.admit_until(edition, application, person, (id, edition.to))
    }

    /// As `admit`, with a planned end of one's own.
    pub(super) fn admit_until(
        &self,
        edition: &mut Edition,
        application: &str,
        person: String,
        (id, to): (Option<&'static str>, NaiveDate),
    ) -> Result<(), DemoError> {
        let body = json!({
            "id": id, "applicationId": application, "startsOn": self.day(edition.from), "plannedEndOn": self.day(to),
        });
        let id = id_of(&self.api.post("/participations", &body)?);
        edition.participants.push(Participant { id, person, from: edition.from, to });
        Ok(())
    }

    /// Enters classes for all who take part that day, with the sheet.
    pub(super) fn classes(&self, edition: &Edition, held: NaiveDate, theme: &str) -> Result<(), DemoError> {
        let body = json!({
            "blockId": edition.block, "heldOn": self.day(held), "startsAt": "09:00", "hours": "5.00", "form": "group",
            "theme": theme, "facilitatorPartnerId": self.partner, "facilitatorProfession": "psycholog",
        });
        let session = id_of(&self.api.post("/sessions", &body)?);
        let rows: Vec<Value> = edition
            .on(held)
            .enumerate()
            .map(|(number, participant)| match (number + day_number(held)) % 9 {
                // Every other certificate is still awaited.
                0 => json!({
                    "participationId": participant.id, "status": "excused", "reasonClass": "health", "evidence": "medicalCertificate",
                    "evidenceShownOn": (number % 2 == 0).then(|| self.day(held + Days::new(2))),
                }),
                _ => json!({ "participationId": participant.id, "status": "present" }),
            })
            .collect();
        self.api.put(&format!("/sessions/{session}/attendance"), None, &json!({ "rows": rows })).map(drop)
    }

    /// Enters a day of socially useful work for all who take part.
    pub(super) fn work(&self, edition: &Edition, worked: NaiveDate) -> Result<(), DemoError> {
        for (number, participant) in edition.on(worked).enumerate() {
            let body = json!({
                "participationId": participant.id, "hostId": self.hosts[number % self.hosts.len()],
                "workedOn": self.day(worked), "hours": HOURS_A_DAY, "kindOfWork": "porządkowe",
            });
            self.api.post("/psu-entries", &body)?;
        }
        Ok(())
    }

    /// Enters a sheet of a participant; scores lie around `level`.
    pub(super) fn sheet(&self, participant: &Participant, sheet: &Sheet) -> Result<(), DemoError> {
        let scores: Vec<Value> = COMPETENCES
            .iter()
            .enumerate()
            .map(|(number, (code, _))| json!({ "competence": code, "score": (sheet.level + number % 2).to_string() }))
            .collect();
        let body = json!({
            "id": sheet.id, "participationId": participant.id, "templateId": self.template,
            "rater": if sheet.observer { "observer" } else { "self" }, "observerRole": sheet.observer.then_some("social_worker"),
            "moment": sheet.moment, "filledOn": self.day(sheet.filled), "scores": scores,
        });
        self.api.post("/sheets", &body).map(drop)
    }

    /// States how completely kinds of facts were collected.
    pub(super) fn state(&self, edition: &Edition, kinds: &[&str], completeness: &str, day: NaiveDate) -> Result<(), DemoError> {
        let statements: Vec<Value> = kinds
            .iter()
            .map(|kind| json!({ "kind": kind, "completeness": completeness, "statedBy": "koordynator", "statedOn": self.day(day) }))
            .collect();
        self.api.post(&format!("/editions/{}/collection-statements", edition.id), &json!({ "statements": statements })).map(drop)
    }
}

/// A competence sheet to enter.
pub(super) struct Sheet {
    pub id: Option<&'static str>,
    pub observer: bool,
    pub moment: &'static str,
    pub filled: NaiveDate,
    pub level: usize,
}

impl Edition {
    /// Who takes part on a day.
    fn on(&self, day: NaiveDate) -> impl Iterator<Item = &Participant> {
        self.participants.iter().filter(move |participant| participant.from <= day && day <= participant.to)
    }

    /// The Mondays on which full weeks begin, up to and including `last`.
    pub(super) fn mondays(&self, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let wait = (7 - u64::from(chrono::Datelike::weekday(&self.from).num_days_from_monday())) % 7;
        let first = self.from + Days::new(wait);
        first.iter_weeks().take_while(move |monday| *monday <= last)
    }
}

/// Makes absences differ from day to day.
fn day_number(day: NaiveDate) -> usize {
    usize::try_from(chrono::Datelike::ordinal(&day)).unwrap_or_default()
}
