//! A figure: its value, and the records that it counts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::definition::Definition;
use super::number_schema::number_schema;
use super::pairs::{Agreement, Gain, PairedEffect};
use super::verdict::{Status, Verdict};
use crate::platform::types::{Day, Money, Ratio, SixPlaces, text_enum};

const MINUTES_PER_HOUR: i64 = 60;
/// Key of the group of hours of socially useful work among blocks.
pub const PSU: &str = "psu";

/// A number of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// A whole number.
    Whole(i64),
    /// Minutes, shown as decimal hours; quarters of an hour are exact with two places.
    Minutes(i64),
    /// A fraction or mean.
    Places(SixPlaces),
    /// An amount in zł.
    Money(Money),
}

impl Number {
    /// A count as a number.
    pub fn count(count: usize) -> Self {
        Self::Whole(whole(count))
    }
}

/// A count in the range of stored numbers.
pub fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Minutes(minutes) => {
                let hundredths = minutes % MINUTES_PER_HOUR * 100 / MINUTES_PER_HOUR;
                serializer.collect_str(&format_args!("{}.{hundredths:02}", minutes / MINUTES_PER_HOUR))
            }
            Self::Places(places) => serializer.collect_str(places),
            Self::Money(amount) => serializer.collect_str(amount),
        }
    }
}

impl PartialSchema for Number {
    fn schema() -> RefOr<Schema> {
        number_schema(
            0,
            "A whole number, or a decimal string: hours and amounts in zł with two places, ratios and means with six.",
        )
    }
}

impl ToSchema for Number {}

text_enum! {
    /// What a counted record is.
    pub enum RecordKind {
        /// An application.
        Application = "application",
        /// A participation.
        Participation = "participation",
        /// A person.
        Person = "person",
        /// A row of an attendance sheet.
        Attendance = "attendance",
        /// A session.
        Session = "session",
        /// An entry of the register of socially useful work.
        PsuEntry = "psuEntry",
        /// A competence sheet.
        Sheet = "sheet",
        /// A job.
        EmploymentSpell = "employmentSpell",
        /// An answer on whether somebody works.
        EmploymentCheck = "employmentCheck",
        /// A declaration.
        Declaration = "declaration",
        /// A decision of the labour office.
        PostDecision = "postDecision",
        /// A revision of the plan.
        PlanRevision = "planRevision",
        /// An edition.
        Edition = "edition",
        /// A household.
        Household = "household",
        /// A planned line of a budget.
        BudgetLine = "budgetLine",
        /// Money spent.
        Expenditure = "expenditure",
        /// A result of an expected effect.
        EffectResult = "effectResult",
        /// An onward referral.
        OnwardReferral = "onwardReferral",
        /// An assessment of progress in a social area.
        SocialProgress = "socialProgress",
        /// A block of an edition.
        Block = "block",
        /// A line of an approved settlement.
        SettlementLine = "settlementLine",
    }
}

/// A record that a figure counts: ids, a date and an amount, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FigureRecord)]
pub struct Record {
    /// What it is.
    pub kind: RecordKind,
    /// Id of the record.
    pub id: Uuid,
    /// Its edition.
    pub edition_id: Option<Uuid>,
    /// Its person.
    pub person_id: Option<Uuid>,
    /// Its participation.
    pub participation_id: Option<Uuid>,
    /// The block that its hours belong to.
    pub block_id: Option<Uuid>,
    /// The day that it is counted by.
    pub on: Option<Day>,
    /// What it adds to a figure that is a sum of hours, places or money; `null` where records are counted.
    pub amount: Option<Number>,
}

impl Record {
    /// A record of that kind and id.
    pub fn new(kind: RecordKind, id: Uuid) -> Self {
        Self { kind, id, edition_id: None, person_id: None, participation_id: None, block_id: None, on: None, amount: None }
    }

    /// In an edition.
    #[must_use]
    pub fn edition(mut self, id: Uuid) -> Self {
        self.edition_id = Some(id);
        self
    }

    /// Of a person.
    #[must_use]
    pub fn person(mut self, id: Uuid) -> Self {
        self.person_id = Some(id);
        self
    }

    /// Of a participation.
    #[must_use]
    pub fn participation(mut self, id: Uuid) -> Self {
        self.participation_id = Some(id);
        self
    }

    /// Of a block.
    #[must_use]
    pub fn block(mut self, id: Uuid) -> Self {
        self.block_id = Some(id);
        self
    }

    /// Adding so much to a sum.
    #[must_use]
    pub fn adding(mut self, amount: Number) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Counted by a day.
    #[must_use]
    pub fn on(mut self, day: NaiveDate) -> Self {
        self.on = Day::try_from(day).ok();
        self
    }
}

/// Part of a ratio: an amount and what it counts.
#[derive(Debug, Clone)]
pub struct Part {
    /// The amount.
    pub amount: Number,
    /// The records behind it.
    pub records: Vec<Record>,
}

impl Part {
    /// A part that counts its records.
    pub fn count(records: Vec<Record>) -> Self {
        Self { amount: Number::count(records.len()), records }
    }

    /// A part that adds something up over its records.
    pub fn sum(amount: Number, records: Vec<Record>) -> Self {
        Self { amount, records }
    }
}

/// One group of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FigureGroup)]
pub struct Group {
    /// Key of the group: a word of a vocabulary, an id, a week or a month.
    #[schema(max_length = 200)]
    pub key: String,
    /// Name of the group where the key is no word.
    #[schema(max_length = 500)]
    pub label: Option<String>,
    /// Value; `null` is never zero.
    pub value: Option<Number>,
    /// Part above the line.
    pub numerator: Option<Number>,
    /// Part below the line.
    pub denominator: Option<Number>,
    /// Share of all groups together; amounts of money only.
    pub share: Option<SixPlaces>,
    /// Why there is a value, or none.
    pub status: Status,
    /// What the matched pairs say; gains of competences only.
    pub gain: Option<Gain>,
    /// What the pairs say beyond their means; effect sizes only.
    pub effect: Option<PairedEffect>,
    /// How the raters go together; their agreement only.
    pub agreement: Option<Agreement>,
    /// Where the counted records of the group are listed; `null` where they are not told apart.
    #[schema(max_length = 400)]
    pub records: Option<String>,
}

impl Group {
    /// A group with a value of the figure's own status.
    pub fn new(key: impl Into<String>, value: Number) -> Self {
        Self {
            key: key.into(),
            label: None,
            value: Some(value),
            numerator: None,
            denominator: None,
            share: None,
            status: Status::Ok,
            gain: None,
            effect: None,
            agreement: None,
            records: None,
        }
    }

    /// With a name.
    #[must_use]
    pub fn named(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With a status of its own, which may hide its value.
    #[must_use]
    pub fn standing(mut self, status: Status) -> Self {
        self.status = status;
        self.hide();
        self
    }

    fn hide(&mut self) {
        if !self.status.shows_value() {
            (self.value, self.numerator, self.denominator, self.share) = (None, None, None, None);
            (self.gain, self.effect, self.agreement) = (None, None, None);
        }
    }
}

/// A fraction as a group.
pub fn ratio_group(key: impl Into<String>, numerator: Number, denominator: Number) -> Group {
    let mut group = Group::new(key, Number::Whole(0));
    group.numerator = Some(numerator);
    group.denominator = Some(denominator);
    group.value = divide(numerator, denominator);
    if group.value.is_none() {
        group.status = Status::Undefined;
    }
    group
}

/// A partition or selection of what a figure counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FigureBreakdown)]
pub struct Breakdown {
    /// What the groups differ by, such as `sex`; `ageBand` is the age on the first day of the edition that somebody is
    /// counted in, `decision` the latest decision, `stage` how many came at least so far (of money: what is approved).
    #[schema(max_length = 50)]
    pub by: &'static str,
    /// The groups.
    #[schema(max_items = 10_000)]
    pub groups: Vec<Group>,
}

/// A figure and what it counts.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Its definition.
    pub definition: &'static Definition,
    /// Its value; none is never zero.
    pub value: Option<Number>,
    /// Part above the line, or the count.
    pub numerator: Option<Part>,
    /// Part below the line.
    pub denominator: Option<Part>,
    /// How far the value can be trusted, and why.
    pub verdict: Verdict,
    /// Counting rules in words and numbers.
    pub parameters: BTreeMap<&'static str, String>,
    /// Groups.
    pub breakdowns: Vec<Breakdown>,
}

impl Figure {
    /// The number of some records.
    pub fn count(definition: &'static Definition, verdict: Verdict, records: Vec<Record>) -> Self {
        let part = Part::count(records);
        Self::assemble(definition, verdict, Some(part.amount), part, None)
    }

    /// A sum over some records.
    pub fn sum(definition: &'static Definition, verdict: Verdict, part: Part) -> Self {
        Self::assemble(definition, verdict, Some(part.amount), part, None)
    }

    /// A number over another that does not divide it.
    pub fn of(definition: &'static Definition, verdict: Verdict, part: Part, whole: Part) -> Self {
        Self::assemble(definition, verdict, Some(part.amount), part, Some(whole))
    }

    /// One part divided by another; undefined when there is nothing below the line.
    pub fn ratio(definition: &'static Definition, verdict: Verdict, part: Part, whole: Part) -> Self {
        let value = divide(part.amount, whole.amount);
        let verdict = if value.is_none() { verdict.at_worst(Status::Undefined) } else { verdict };
        Self::assemble(definition, verdict, value, part, Some(whole))
    }

    /// A quotient that whole numbers do not make, such as money by people; undefined where there is none.
    pub fn quotient(definition: &'static Definition, verdict: Verdict, value: Option<Number>, part: Part, whole: Part) -> Self {
        let verdict = if value.is_none() { verdict.at_worst(Status::Undefined) } else { verdict };
        Self::assemble(definition, verdict, value, part, Some(whole))
    }

    /// A figure without a value.
    pub fn none(definition: &'static Definition, verdict: Verdict) -> Self {
        Self::assemble(definition, verdict, None, Part::count(Vec::new()), None)
    }

    fn assemble(
        definition: &'static Definition,
        verdict: Verdict,
        value: Option<Number>,
        numerator: Part,
        denominator: Option<Part>,
    ) -> Self {
        let parameters = definition.parameters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let shown = verdict.status.shows_value();
        // The parts of an undefined ratio are known; those of facts that were not collected are not.
        let parts_known = shown || verdict.status == Status::Undefined;
        Self {
            definition,
            value: value.filter(|_| shown),
            numerator: Some(numerator).filter(|_| parts_known),
            denominator: denominator.filter(|_| parts_known),
            verdict,
            parameters,
            breakdowns: Vec::new(),
        }
    }

    /// With groups; a group takes over the figure's status unless its own is worse.
    #[must_use]
    pub fn by(mut self, by: &'static str, groups: Vec<Group>) -> Self {
        let status = self.verdict.status;
        self.by_own(
            by,
            groups
                .into_iter()
                .map(|group| {
                    let worst = group.status.max(status);
                    group.standing(worst)
                })
                .collect(),
        );
        self
    }

    /// With groups that stand for themselves, whatever the figure's status.
    pub fn by_own(&mut self, by: &'static str, groups: Vec<Group>) {
        self.breakdowns.push(Breakdown { by, groups });
    }

    /// With a counting rule to echo; where there is no edition whose rule it is, there is none.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        let value = value.to_string();
        if !value.is_empty() {
            self.parameters.insert(name, value);
        }
        self
    }

    /// The records above or below the line.
    pub fn records(&self, below: bool) -> &[Record] {
        let part = if below { &self.denominator } else { &self.numerator };
        part.as_ref().map_or(&[], |part| &part.records)
    }
}

/// A fraction with six places; hours by something else are hours.
pub fn divide(numerator: Number, denominator: Number) -> Option<Number> {
    let (above, below) = match (numerator, denominator) {
        (Number::Minutes(above), Number::Whole(below)) => (above, below.checked_mul(MINUTES_PER_HOUR)?),
        (Number::Whole(above) | Number::Minutes(above), Number::Whole(below) | Number::Minutes(below)) => (above, below),
        _ => return None,
    };
    Ratio::new(above, below).map(|ratio| Number::Places(ratio.rounded()))
}
