//! The one document that every format of a report is written from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::amount::Amount;
use super::sections::SectionCode;
use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::verdict::{NoteCode, Status};
use crate::platform::types::{Day, text_enum};

/// Name and version of the form; a changed form is a new version.
pub const FORM: &str = "pai.final-report/1";

/// A final report of an edition. It names nobody and holds no id of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FinalReport {
    /// Name and version of the form.
    #[schema(max_length = 40)]
    pub form: String,
    /// Report.
    pub id: Uuid,
    /// Number among the reports of the edition.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// The report that it replaces, and why.
    pub replaces: Option<Replaced>,
    /// The moment that its figures answer for.
    pub as_of: DateTime<Utc>,
    /// Day of the approval; `null` in a draft.
    pub approved_on: Option<Day>,
    /// What it is about.
    pub edition: EditionHead,
    /// Revisions of the plan, first to last.
    #[schema(max_items = 10_000)]
    pub plan_revisions: Vec<PlanRevisionLine>,
    /// What was planned beside what came of it.
    #[schema(max_items = 1_000)]
    pub plan_and_actual: Vec<PlanLine>,
    /// Figures by section.
    #[schema(max_items = 20)]
    pub sections: Vec<Section>,
    /// Charts with their data.
    #[schema(max_items = 20)]
    pub charts: Vec<Chart>,
    /// What happened, by day.
    #[schema(max_items = 100_000)]
    pub events: Vec<EventLine>,
    /// Warnings about the plan.
    #[schema(max_items = 1_000)]
    pub warnings: Vec<TextLine>,
    /// Reasons of admissions over a soft rule, each with how often it was given.
    #[schema(max_items = 100_000)]
    pub overrides: Vec<OverrideLine>,
    /// Notes of whoever drew it up.
    #[schema(max_items = 20)]
    pub notes: Vec<TextLine>,
    /// Sums that must agree, and whether they do.
    #[schema(max_items = 100)]
    pub controls: Vec<Control>,
    /// What each figure counts.
    #[schema(max_items = 200)]
    pub definitions: Vec<DefinitionLine>,
}

/// A replaced report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// Report.
    pub id: Uuid,
    /// Its number.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// Why it is replaced.
    #[schema(max_length = 4_000)]
    pub reason: String,
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EditionHead {
    /// Who reports.
    #[schema(max_length = 200)]
    pub institution: Option<String>,
    /// Programme.
    pub programme_id: Uuid,
    /// Its name.
    #[schema(max_length = 200)]
    pub programme: String,
    /// Edition.
    pub edition_id: Uuid,
    /// Its name.
    #[schema(max_length = 200)]
    pub edition: String,
    /// First day.
    pub starts_on: Day,
    /// Last planned day.
    pub ends_on: Day,
    /// Day of closing.
    pub closed_on: Option<Day>,
    /// Number of the agreement.
    #[schema(max_length = 200)]
    pub agreement: Option<String>,
    /// Day of its signing.
    pub agreement_signed_on: Day,
    /// Name of the regime whose rules hold.
    #[schema(max_length = 200)]
    pub regime: String,
    /// Code of the regime.
    #[schema(max_length = 200)]
    pub regime_code: String,
    /// Version of the regime.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub regime_version: i32,
}

/// A revision of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanRevisionLine {
    /// Number within the edition.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// Day from which it holds.
    pub effective_on: Day,
    /// Planned places.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Planned cost in zł.
    pub planned_cost: Option<Amount>,
    /// Why it was made.
    #[schema(max_length = 4_000)]
    pub reason: Option<String>,
}

/// Something planned beside what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanLine {
    /// Figure of the ratio.
    #[schema(max_length = 100)]
    pub definition_id: String,
    /// What it is.
    #[schema(max_length = 500)]
    pub label: String,
    /// Unit of both amounts.
    pub unit: Unit,
    /// What was planned; `null` where that is not known.
    pub planned: Option<Amount>,
    /// What came of it; `null` where that is not known.
    pub actual: Option<Amount>,
    /// The second by the first.
    pub ratio: Option<Amount>,
    /// Why there is a ratio, or none.
    pub status: Status,
    /// Where the counted records are listed.
    #[schema(max_length = 400)]
    pub records: String,
}

/// Figures that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// Which it is.
    pub code: SectionCode,
    /// Title.
    #[schema(max_length = 100)]
    pub title: String,
    /// Its figures.
    #[schema(max_items = 200)]
    pub figures: Vec<ReportFigure>,
}

/// A figure of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportFigure {
    /// Its definition.
    #[schema(max_length = 100)]
    pub definition_id: String,
    /// Version of the definition.
    #[schema(minimum = 1, maximum = 1_000)]
    pub definition_version: u32,
    /// Name.
    #[schema(max_length = 200)]
    pub name: String,
    /// Unit of the value.
    pub unit: Unit,
    /// Value; `null` is never zero.
    pub value: Option<Amount>,
    /// Part above the line, or the count.
    pub numerator: Option<Amount>,
    /// Part below the line.
    pub denominator: Option<Amount>,
    /// Why there is a value, or none.
    pub status: Status,
    /// The same in words, unless the value is known for good.
    #[schema(max_length = 500)]
    pub explanation: Option<String>,
    /// What to know besides.
    #[schema(max_items = 20)]
    pub notes: Vec<FigureRemark>,
    /// Groups.
    #[schema(max_items = 10)]
    pub breakdowns: Vec<ReportBreakdown>,
    /// Where the counted records are listed.
    #[schema(max_length = 400)]
    pub records: String,
}

/// Something to know about a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FigureRemark {
    /// What it is.
    pub code: NoteCode,
    /// How many records it concerns.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub count: i64,
    /// In words.
    #[schema(max_length = 500)]
    pub text: String,
}

/// Groups of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportBreakdown {
    /// What the groups differ by.
    #[schema(max_length = 50)]
    pub by: String,
    /// The same in words.
    #[schema(max_length = 100)]
    pub label: String,
    /// The groups.
    #[schema(max_items = 10_000)]
    pub groups: Vec<ReportGroup>,
}

/// A group of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportGroup {
    /// Its key.
    #[schema(max_length = 200)]
    pub key: String,
    /// Its name.
    #[schema(max_length = 800)]
    pub label: String,
    /// Unit of its value.
    pub unit: Unit,
    /// Value; `null` is never zero.
    pub value: Option<Amount>,
    /// Part above the line.
    pub numerator: Option<Amount>,
    /// Part below the line.
    pub denominator: Option<Amount>,
    /// Why there is a value, or none.
    pub status: Status,
    /// What is told of it besides, such as the means of matched pairs.
    #[schema(max_items = 20)]
    pub details: Vec<Detail>,
    /// Where its records are listed; `null` where they are not told apart.
    #[schema(max_length = 400)]
    pub records: Option<String>,
}

/// Something told of a group besides its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// Its code.
    #[schema(max_length = 50)]
    pub code: String,
    /// Its name.
    #[schema(max_length = 100)]
    pub label: String,
    /// The number.
    pub value: Amount,
}

text_enum! {
    /// A chart of the report.
    pub enum ChartCode {
        /// From the application to the planned end.
        Funnel = "funnel",
        /// Taken and planned places, day by day.
        Seats = "seats",
        /// Attendance by ISO week.
        Attendance = "attendance",
        /// Means of matched pairs before and after.
        Competences = "competences",
        /// What came of the plan, in per cent of it.
        PlanAndActual = "planAndActual",
    }
}

/// A chart: its data, and what it shows in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Chart {
    /// Which it is.
    pub code: ChartCode,
    /// Section that it stands in.
    pub section: SectionCode,
    /// Title.
    #[schema(max_length = 200)]
    pub title: String,
    /// What it shows, in words; why there is nothing to show where there are no rows.
    #[schema(max_length = 4_000)]
    pub summary: String,
    /// Head of the labels.
    #[schema(max_length = 100)]
    pub head: String,
    /// The columns of numbers.
    #[schema(max_items = 10)]
    pub columns: Vec<ChartColumn>,
    /// The rows.
    #[schema(max_items = 10_000)]
    pub rows: Vec<ChartRow>,
}

/// A column of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChartColumn {
    /// Its head.
    #[schema(max_length = 100)]
    pub head: String,
    /// Unit of its numbers.
    pub unit: Unit,
}

/// A row of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChartRow {
    /// A word, an id, a day or an ISO week.
    #[schema(max_length = 200)]
    pub key: String,
    /// The same for readers.
    #[schema(max_length = 800)]
    pub label: String,
    /// A number for each column; `null` is never zero.
    #[schema(max_items = 10)]
    pub values: Vec<Option<Amount>>,
}

/// An event of the edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventLine {
    /// When, as exactly as it is known.
    #[schema(max_length = 40)]
    pub when: String,
    /// What happened.
    #[schema(max_length = 100)]
    pub what: String,
    /// Outcome, place, number of people and remarks, in one line.
    #[schema(max_length = 5_000)]
    pub text: String,
}

/// A heading with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TextLine {
    /// What it is about.
    #[schema(max_length = 200)]
    pub heading: String,
    /// The text.
    #[schema(max_length = 4_000)]
    pub text: String,
}

/// A reason of admissions over a soft rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverrideLine {
    /// The reason.
    #[schema(max_length = 4_000)]
    pub reason: String,
    /// Admissions with it.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub count: i64,
}

/// Sums that must agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// What is compared.
    #[schema(max_length = 300)]
    pub label: String,
    /// Unit of both.
    pub unit: Unit,
    /// The whole.
    pub whole: Amount,
    /// Its parts added up.
    pub sum: Amount,
    /// Whether both are equal.
    pub agrees: bool,
}

/// What a figure counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionLine {
    /// Definition.
    #[schema(max_length = 100)]
    pub id: String,
    /// Version of the counting rule.
    #[schema(minimum = 1, maximum = 1_000)]
    pub version: u32,
    /// Name.
    #[schema(max_length = 200)]
    pub name: String,
    /// What is counted.
    #[schema(max_length = 1_000)]
    pub description: String,
    /// By whose rule.
    #[schema(max_length = 500)]
    pub source: String,
    /// Counting rules that hold for the edition.
    #[schema(max_length = 4_000)]
    pub rules: String,
}

impl FinalReport {
    /// Every figure, section by section.
    pub fn figures(&self) -> impl Iterator<Item = &ReportFigure> {
        self.sections.iter().flat_map(|section| &section.figures)
    }

    /// The figure of a definition.
    pub fn figure(&self, definition: &str) -> Option<&ReportFigure> {
        self.figures().find(|figure| figure.definition_id == definition)
    }
}
