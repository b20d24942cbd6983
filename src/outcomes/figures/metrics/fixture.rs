//! Facts built by hand, with valid defaults.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::figures;
use crate::outcomes::figures::definition::{FactKind, Scope};
use crate::outcomes::figures::facts::{
    Application, AsOf, Attendance, Block, Check, CollectionState, Facts, Outcomes, Participation, PsuEntry, PsuWeek, Session,
    Spell, Statement,
};
use crate::outcomes::figures::figure::Figure;
use crate::participation::settlements::account::Account;
use crate::platform::types::{IsoWeek, Sex};
use crate::programmes::completion_rule::BlockTerms;
use crate::programmes::facts::{EditionFacts, PlanRevision};

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// An edition of 15 October to 14 December 2020 with 9 places.
pub fn edition(number: u128) -> EditionFacts {
    EditionFacts {
        id: id(number),
        programme_id: id(1),
        agreement_id: id(2),
        starts_on: "2020-10-15".parse().expect("a day"),
        ends_on: "2020-12-14".parse().expect("a day"),
        recruitment: crate::programmes::Recruitment::default(),
        selection: crate::programmes::Selection::default(),
        closed_on: None,
        completion_attendance_percent: None,
        automatic_offers: false,
        offer_answer_days: 3,
        row_version: 1,
        signed_on: "2020-10-01".parse().expect("a day"),
        regime_id: id(3),
        regime_valid_from: None,
        regime_valid_to: None,
        regime: serde_json::from_value(json!({ "jobMinDays": 30, "followUpClock": "programme", "psuWeeklyLimit": "10",
            "positiveExits": ["employed"], "cumulativeGroup": "pai", "cumulativeLimitMonths": 6 }))
        .expect("a regime"),
        refund_percent: None,
        refund_percent_carers: None,
        hourly_benefit: None,
        monthly_cap: None,
        expected_effects: Vec::new(),
        plan: vec![PlanRevision {
            id: None,
            number: 1,
            effective_on: "2020-10-01".parse().expect("a day"),
            places: 9,
            planned_cost: None,
        }],
    }
}

/// Facts of one edition long after its end, with nothing on file.
pub fn facts() -> Facts {
    facts_of(vec![edition(100)], Scope::Edition)
}

pub fn facts_of(editions: Vec<EditionFacts>, scope: Scope) -> Facts {
    Facts {
        overrides: Vec::new(),
        scope,
        as_of: AsOf { at: DateTime::<Utc>::UNIX_EPOCH, day: day("2026-06-15"), is_past: false },
        programme_id: Some(id(1)),
        year: None,
        editions,
        edition_names: HashMap::new(),
        warnings: Vec::new(),
        statements: Vec::new(),
        blocks: Vec::new(),
        applications: Vec::new(),
        participations: Vec::new(),
        in_programme: Vec::new(),
        in_groups: Vec::new(),
        sexes: HashMap::new(),
        births: HashMap::new(),
        forgotten_births: 0,
        sessions: Vec::new(),
        roster: Vec::new(),
        attendance: Vec::new(),
        suspensions: Vec::new(),
        psu_entries: Vec::new(),
        psu_weeks: Vec::new(),
        psu_months: Vec::new(),
        account: Account::default(),
        sheets: Vec::new(),
        templates: Vec::new(),
        spells: Vec::new(),
        checks: Vec::new(),
        declarations: Vec::new(),
        post_decisions: Vec::new(),
        household_stays: Vec::new(),
        assistances: Vec::new(),
        outcomes: Outcomes::default(),
    }
}

pub fn application(person: u128) -> Application {
    Application {
        id: id(1_000 + person),
        edition_id: id(100),
        person_id: id(person),
        received_on: day("2020-09-20"),
        channel: None,
        state: "applied".to_owned(),
        decision: None,
        decided_on: None,
        rejection_reason: None,
        withdrawn_on: None,
        withdrawal_reason: None,
    }
}

/// A participation from the first to the planned day, completed.
pub fn participation(person: u128) -> Participation {
    Participation {
        id: id(2_000 + person),
        edition_id: id(100),
        person_id: id(person),
        replaces_id: None,
        starts_on: day("2020-10-15"),
        planned_end_on: day("2020-12-14"),
        ended_on: Some(day("2020-12-14")),
        end_reason: Some("completed".to_owned()),
        end_polarity: Some("positive".to_owned()),
        state: "completed".to_owned(),
        cumulative_group: Some("pai".parse().expect("a code")),
    }
}

pub fn spell(number: u128, person: u128, starts_on: &str, ends_on: Option<&str>, verified_on: Option<&str>) -> Spell {
    Spell {
        id: id(3_000 + number),
        person_id: id(person),
        starts_on: day(starts_on),
        ends_on: ends_on.map(day),
        verified_on: verified_on.map(day),
    }
}

pub fn check(number: u128, person: u128, window: &str, result: &str, checked_on: &str) -> Check {
    Check {
        id: id(4_000 + number),
        edition_id: id(100),
        participation_id: id(2_000 + person),
        time_window: window.to_owned(),
        result: result.to_owned(),
        checked_on: day(checked_on),
        recorded_at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

#[expect(missing_docs, reason = "builders of a test")]
impl Facts {
    #[must_use]
    pub fn state(mut self, kind: FactKind, completeness: CollectionState, stated_on: &str) -> Self {
        for edition in &self.editions {
            self.statements.retain(|statement| statement.kind != kind || statement.edition_id != edition.id);
            self.statements.push(Statement {
                edition_id: edition.id,
                kind,
                completeness,
                stated_by: "MOPS".to_owned().try_into().expect("a text"),
                stated_on: stated_on.parse().expect("a day"),
            });
        }
        self
    }

    /// Everything was collected, and stated long after.
    #[must_use]
    pub fn complete(self) -> Self {
        FactKind::ALL.iter().fold(self, |facts, kind| facts.state(*kind, CollectionState::Complete, "2026-01-01"))
    }

    pub fn block(&mut self, number: u128, kind: &str) {
        self.blocks.push(Block {
            id: id(number),
            edition_id: id(100),
            kind: kind.to_owned(),
            name: kind.to_owned(),
            planned: None,
            weekly: None,
            completion: BlockTerms {
                id: id(number),
                kind: kind.parse().expect("a kind"),
                name: kind.parse().expect("a name"),
                planned: None,
                percent: None,
                hours: None,
            },
        });
    }

    pub fn session(&mut self, number: u128, form: &str, hours: i32, rows: &[(u128, &str, i32)]) {
        self.sessions.push(Session {
            id: id(5_000 + number),
            edition_id: id(100),
            block_id: id(50),
            held_on: day("2020-11-02"),
            minutes: hours * 60,
            lesson_hours: None,
            form: form.to_owned(),
            roster_limited: form == "individual",
            group_id: None,
            cancelled_on: None,
        });
        for (person, status, attended) in rows {
            self.attendance.push(Attendance {
                id: id(6_000 + number * 100 + person),
                session_id: id(5_000 + number),
                participation_id: id(2_000 + person),
                status: (*status).to_owned(),
                minutes: attended * 60,
            });
        }
    }

    pub fn psu(&mut self, number: u128, person: u128, worked_on: &str, hours: i32) {
        self.psu_entries.push(PsuEntry {
            id: id(7_000 + number),
            edition_id: id(100),
            participation_id: id(2_000 + person),
            person_id: id(person),
            worked_on: day(worked_on),
            minutes: hours * 60,
            kind_of_work: None,
        });
        let week_on = IsoWeek::of(day(worked_on)).monday();
        match self.psu_weeks.iter_mut().find(|week| week.person_id == id(person) && week.week_on == week_on) {
            Some(week) => week.used_minutes += hours * 60,
            None => self.psu_weeks.push(PsuWeek { person_id: id(person), week_on, used_minutes: hours * 60, limit_minutes: 600 }),
        }
    }

    pub fn sexes(&mut self, people: impl IntoIterator<Item = (u128, Sex)>) {
        self.sexes.extend(people.into_iter().map(|(person, sex)| (id(person), sex)));
    }

    pub fn figure(&self, definition: &str) -> Figure {
        figures(self).into_iter().find(|figure| figure.definition.id == definition).unwrap_or_else(|| panic!("no {definition}"))
    }
}

/// Value and status as they are answered.
pub fn answer(figure: &Figure) -> (serde_json::Value, &'static str) {
    (serde_json::to_value(figure.value).expect("a number"), figure.verdict.status.as_str())
}

/// Groups of a breakdown as they are answered.
pub fn groups(figure: &Figure, by: &str) -> serde_json::Value {
    let breakdown = figure.breakdowns.iter().find(|breakdown| breakdown.by == by).unwrap_or_else(|| panic!("no {by}"));
    let groups = breakdown.groups.iter().map(|group| (group.key.clone(), json!(group.value)));
    serde_json::Value::Object(groups.collect())
}
