//! The facts that figures are counted from: rows of one edition, or of all editions of a programme.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::definition::{FactKind, Scope};
pub use super::effect_facts::Outcomes;
pub use super::household_facts::{Assistance, HouseholdStay};
use super::override_facts::SoftRuleOverride;
pub use super::psu_facts::{PsuEntry, PsuMonth, PsuWeek};
use crate::participation::settlements::account::Account;
use crate::people::Birth;
use crate::platform::types::{Code, Day, Hours, Period, Sex, ShortText};
pub use crate::programmes::Completeness as CollectionState;
use crate::programmes::completion_rule::{BlockTerms, CompletionRule};
use crate::programmes::facts::EditionFacts;
use crate::programmes::warnings::EditionWarning;
use crate::schema::{
    applications, attendance, blocks, declarations, employment_checks, employment_spells, participations, post_decisions,
    session_roster, sessions, sheet_templates, sheets, suspensions,
};

/// What somebody stated about the collection of a kind of fact.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Statement {
    /// The edition.
    pub edition_id: Uuid,
    /// The kind of fact.
    pub kind: FactKind,
    /// How completely.
    pub completeness: CollectionState,
    /// Who says so.
    pub stated_by: ShortText,
    /// When.
    pub stated_on: Day,
}

/// An application.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = applications)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Application {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub person_id: Uuid,
    pub received_on: NaiveDate,
    pub channel: Option<String>,
    pub state: String,
    pub decision: Option<String>,
    pub decided_on: Option<NaiveDate>,
    pub rejection_reason: Option<String>,
    pub withdrawn_on: Option<NaiveDate>,
    pub withdrawal_reason: Option<String>,
}

impl Application {
    /// Whether it was withdrawn.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn_on.is_some()
    }

    /// When it was rejected, if that is the last decision.
    pub fn rejected_on(&self) -> Option<NaiveDate> {
        self.decided_on.filter(|_| self.decision.as_deref() == Some("rejected"))
    }

    /// Whether it was withdrawn for a job.
    pub fn left_for_job(&self) -> bool {
        self.withdrawal_reason.as_deref() == Some(EMPLOYED)
    }
}

/// The reason of an end or withdrawal that means a job.
const EMPLOYED: &str = "employed";

/// A participation.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = participations)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Participation {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub person_id: Uuid,
    pub replaces_id: Option<Uuid>,
    pub starts_on: NaiveDate,
    pub planned_end_on: NaiveDate,
    pub ended_on: Option<NaiveDate>,
    pub end_reason: Option<String>,
    pub end_polarity: Option<String>,
    pub state: String,
    pub cumulative_group: Option<Code>,
}

impl Participation {
    /// The last day, or the planned one while it has not come.
    pub fn last_day(&self) -> NaiveDate {
        self.ended_on.unwrap_or(self.planned_end_on)
    }

    /// Whether it was recorded as completed.
    pub fn is_completed(&self) -> bool {
        self.state == "completed"
    }

    /// Whether it ended for a job.
    pub fn left_for_job(&self) -> bool {
        self.end_reason.as_deref() == Some(EMPLOYED)
    }

    /// Whether it lasted on that day.
    pub fn covers(&self, day: NaiveDate) -> bool {
        (self.starts_on..=self.last_day()).contains(&day)
    }

    /// Its days up to `until`.
    pub fn period_until(&self, until: NaiveDate) -> Option<Period> {
        period(self.starts_on, self.last_day().min(until))
    }
}

/// A block of an edition.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = blocks)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Block {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub kind: String,
    pub name: String,
    #[diesel(column_name = planned_minutes)]
    pub planned: Option<Hours>,
    #[diesel(column_name = weekly_minutes)]
    pub weekly: Option<Hours>,
    #[diesel(embed)]
    pub completion: BlockTerms,
}

impl Block {
    /// Whether it is socially useful work, which is not led in sessions but worked at hosts.
    pub fn is_activation(&self) -> bool {
        self.kind == "activation"
    }
}

/// A held session.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Session {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub block_id: Uuid,
    pub held_on: NaiveDate,
    pub minutes: i32,
    pub lesson_hours: Option<i32>,
    pub form: String,
    pub roster_limited: bool,
    pub group_id: Option<Uuid>,
    pub cancelled_on: Option<NaiveDate>,
}

/// Somebody expected at a session that is not for all.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = session_roster)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Expected {
    pub session_id: Uuid,
    pub participation_id: Uuid,
}

/// A current row of an attendance sheet.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = attendance)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Attendance {
    pub id: Uuid,
    pub session_id: Uuid,
    pub participation_id: Uuid,
    pub status: String,
    pub minutes: i32,
}

/// Days on which a participation rests.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = suspensions)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Suspension {
    pub participation_id: Uuid,
    pub from_on: NaiveDate,
    pub to_on: NaiveDate,
}

/// A score of a sheet.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[expect(missing_docs, reason = "as in the sheet")]
pub struct Score {
    pub competence: String,
    pub item: Option<String>,
    pub score: Decimal,
}

/// A current sheet.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sheets)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Sheet {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub participation_id: Uuid,
    pub template_id: Uuid,
    pub rater: String,
    pub observer_role: Option<String>,
    pub moment: String,
    pub filled_on: NaiveDate,
    pub scores: crate::platform::types::Stored<Vec<Score>>,
}

/// What a figure needs of a template's scale.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "as in the template")]
pub struct Direction {
    pub higher_is_better: bool,
}

/// What a figure needs of a template's competence.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[expect(missing_docs, reason = "as in the template")]
pub struct Competence {
    pub code: String,
    pub name: String,
}

/// A version of a template.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sheet_templates)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Template {
    pub id: Uuid,
    pub code: String,
    pub version: i32,
    pub name: String,
    pub scale: crate::platform::types::Stored<Direction>,
    pub competences: crate::platform::types::Stored<Vec<Competence>>,
}

/// A current job.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = employment_spells)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Spell {
    pub id: Uuid,
    pub person_id: Uuid,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub verified_on: Option<NaiveDate>,
}

/// An answer on whether somebody works.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = employment_checks)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Check {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub participation_id: Uuid,
    pub time_window: String,
    pub result: String,
    pub checked_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
}

/// A current declaration.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = declarations)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Declaration {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub participation_id: Uuid,
    pub kind: String,
    pub declared_on: NaiveDate,
}

/// A current decision of the labour office.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = post_decisions)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct PostDecision {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub participation_id: Uuid,
    pub kind: String,
    pub decided_on: NaiveDate,
}

/// The moment that figures answer for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Its legal day.
    pub day: NaiveDate,
    /// Whether it is a past moment that was asked for, not the present.
    pub is_past: bool,
}

/// The editions that figures are counted over, with their facts.
#[derive(Debug, Clone)]
pub struct Facts {
    /// One edition, or all of a programme.
    pub scope: Scope,
    /// The moment.
    pub as_of: AsOf,
    /// The programme; none for editions of all programmes.
    pub programme_id: Option<Uuid>,
    /// The year in which the editions began, where they were chosen by it.
    pub year: Option<i32>,
    /// The editions with their rules, by their first day.
    pub editions: Vec<EditionFacts>,
    /// Names of all editions of the programme.
    pub edition_names: HashMap<Uuid, String>,
    /// Warnings about the editions.
    pub warnings: Vec<(Uuid, EditionWarning)>,
    /// What was stated about collection.
    pub statements: Vec<Statement>,
    /// Blocks.
    pub blocks: Vec<Block>,
    /// Applications.
    pub applications: Vec<Application>,
    /// Participations that have started by the moment.
    pub participations: Vec<Participation>,
    /// Those of the people counted, in all editions of the programme.
    pub in_programme: Vec<Participation>,
    /// Those of the people counted that count towards a limit of months, in all programmes of the tenant.
    pub in_groups: Vec<Participation>,
    /// Sex of the people.
    pub sexes: HashMap<Uuid, Sex>,
    /// When they were born, by the year alone where that settles their age band.
    pub births: HashMap<Uuid, Birth>,
    /// Whose date of birth, which would settle the band, was on file at the past moment and is known no more.
    pub forgotten_births: usize,
    /// Sessions held by the moment.
    pub sessions: Vec<Session>,
    /// Who is expected at sessions with a roster.
    pub roster: Vec<Expected>,
    /// Current rows of attendance sheets.
    pub attendance: Vec<Attendance>,
    /// Days of rest.
    pub suspensions: Vec<Suspension>,
    /// Current entries of the register.
    pub psu_entries: Vec<PsuEntry>,
    /// Weekly ledger of the people.
    pub psu_weeks: Vec<PsuWeek>,
    /// Monthly ledger of the people under the agreements that set a cap.
    pub psu_months: Vec<PsuMonth>,
    /// What the work has come to.
    pub account: Account,
    /// Current sheets.
    pub sheets: Vec<Sheet>,
    /// Their templates.
    pub templates: Vec<Template>,
    /// Current jobs of the people.
    pub spells: Vec<Spell>,
    /// Answers on whether somebody works.
    pub checks: Vec<Check>,
    /// Current declarations.
    pub declarations: Vec<Declaration>,
    /// Current decisions of the labour office.
    pub post_decisions: Vec<PostDecision>,
    /// Where the people lived.
    pub household_stays: Vec<HouseholdStay>,
    /// What was done over a soft rule.
    pub overrides: Vec<SoftRuleOverride>,
    /// Work of family assistants under the editions, by its first day.
    pub assistances: Vec<Assistance>,
    /// What the editions were to bring, what they led to, and who their people are.
    pub outcomes: Outcomes,
}

/// The days from one to another, or none where there are none.
pub fn period(from: NaiveDate, to: NaiveDate) -> Option<Period> {
    Period::new(Day::try_from(from).ok()?, Day::try_from(to).ok()?).ok()
}

impl Facts {
    /// The address of something about these facts: over the same year, as of the same moment.
    pub fn address(&self, path: &str) -> String {
        let year = self.year.map(|year| format!("year={year}"));
        let moment = self.as_of.at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let as_of = self.as_of.is_past.then(|| format!("asOf={moment}"));
        let query = [year, as_of].into_iter().flatten().collect::<Vec<_>>().join("&");
        if query.is_empty() { format!("/api/v1{path}") } else { format!("/api/v1{path}?{query}") }
    }

    /// The edition of that id.
    pub fn edition(&self, id: Uuid) -> Option<&EditionFacts> {
        self.editions.iter().find(|edition| edition.id == id)
    }

    /// What an edition asks for completion beside the planned end.
    pub fn completion_rule(&self, edition: &EditionFacts) -> CompletionRule {
        let blocks = self.blocks.iter().filter(|block| block.edition_id == edition.id);
        CompletionRule::new(edition.completion_attendance_percent, blocks.map(|block| block.completion.clone()))
    }

    /// The statement about a kind of fact of an edition.
    pub fn statement(&self, edition: Uuid, kind: FactKind) -> Option<&Statement> {
        self.statements.iter().find(|statement| statement.edition_id == edition && statement.kind == kind)
    }

    /// People who applied or took part, each once.
    pub fn people(&self) -> BTreeSet<Uuid> {
        let applicants = self.applications.iter().map(|application| application.person_id);
        applicants.chain(self.participations.iter().map(|participation| participation.person_id)).collect()
    }

    /// Participations by their id.
    pub fn participations_by_id(&self) -> HashMap<Uuid, &Participation> {
        self.participations.iter().map(|participation| (participation.id, participation)).collect()
    }

    /// Distinct values of a rule over the editions, for the echo of a counting rule.
    pub fn rule<T: ToString>(&self, rule: impl Fn(&EditionFacts) -> T) -> String {
        let values: BTreeSet<String> = self.editions.iter().map(|edition| rule(edition).to_string()).collect();
        values.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// The first row of each person.
    pub fn first_of_each<'r, T>(rows: impl IntoIterator<Item = &'r T>, person: impl Fn(&T) -> Uuid) -> Vec<&'r T> {
        let mut first: BTreeMap<Uuid, &T> = BTreeMap::new();
        for row in rows {
            first.entry(person(row)).or_insert(row);
        }
        first.into_values().collect()
    }
}
