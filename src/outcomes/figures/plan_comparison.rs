//! What an edition came to, beside a revision of its plan: people, hours, money and expected effects.

use std::collections::{BTreeSet, HashMap};

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::definition::Unit;
use super::definitions::{
    COMPLETED_STRICT, COST_PLANNED, COST_SPENT, DELIVERY_HOURS, EVER_STARTED, INITIAL_STARTERS, PEAK, PERSON_HOURS,
    QUALITATIVE_EFFECTS, TARGET_ATTAINMENT,
};
use super::difference::{Difference, attainment};
use super::facts::{Block, Facts};
use super::figure::{Figure, Group, Number, PSU};
use super::loading::edition_facts;
use super::record_groups::GroupedBy;
use super::verdict::Status;
use super::views::of_group;
use super::withholding::figures_for;
use crate::platform::body::{Filter, PathId};
use crate::platform::hint::Hint;
use crate::platform::past::AsOfFilter;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::{GetPlanComparison, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours, Money, SixPlaces, text_enum};
use crate::programmes::ExpectedEffect;
use crate::programmes::facts::{PlanRevision, last_plan, plan_on};

/// Which revision of the plan is compared with.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PlanFilter {
    /// Number of the revision; the one that holds in the end unless given.
    #[param(minimum = 1, maximum = 100_000)]
    pub revision: Option<i32>,
    /// The revision that holds on this day; not together with a number.
    #[param(inline)]
    pub on: Option<Day>,
}

text_enum! {
    /// What of a plan is compared.
    pub enum PlanSubject {
        /// People by places.
        People = "people",
        /// Hours of a leader by those of one run of the block.
        DeliveredHours = "deliveredHours",
        /// Hours of participants by those of the block for every place.
        PersonHours = "personHours",
        /// Money spent by money planned.
        Money = "money",
        /// The result of an expected effect by its target.
        Effect = "effect",
    }
}

/// One thing that was planned, and what it came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanRowView {
    /// What it is.
    pub subject: PlanSubject,
    /// Key within the subject: a word, the id of a block, a source of money, the code of an effect.
    #[schema(max_length = 100)]
    pub key: String,
    /// Its name where the key is no word.
    #[schema(max_length = 2_000)]
    pub label: Option<String>,
    /// Unit of both numbers; `null` where only the measure of an effect tells it.
    pub unit: Option<Unit>,
    /// Definition of the figure that tells what it came to.
    #[schema(max_length = 100)]
    pub definition_id: String,
    /// What was planned; `null` where nothing was.
    pub planned: Option<Number>,
    /// What it came to; `null` is never zero.
    pub actual: Option<Number>,
    /// How much more it came to; less where negative.
    pub difference: Option<Difference>,
    /// What it came to by what was planned; `1.000000` is all of it.
    pub attainment: Option<SixPlaces>,
    /// Why there is an actual number, or none.
    pub status: Status,
    /// Where what was planned is listed.
    #[schema(max_length = 400)]
    pub planned_records: String,
    /// Where the counted records are listed.
    #[schema(max_length = 400)]
    pub records: String,
}

/// A revision of the plan that is compared with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedPlanView {
    /// Id of the revision.
    pub id: Option<Uuid>,
    /// Number within the edition.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// Day from which it holds; the first always does.
    pub effective_on: Day,
    /// Planned places.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Planned cost, in zł.
    pub planned_cost: Option<Money>,
}

/// An edition beside a revision of its plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanComparisonView {
    /// The edition.
    pub edition_id: Uuid,
    /// The revision.
    pub plan: ComparedPlanView,
    /// The moment that the figures answer for.
    pub as_of: DateTime<Utc>,
    /// What was planned, and what it came to.
    #[schema(max_items = 10_000)]
    pub rows: Vec<PlanRowView>,
}

impl View for PlanComparisonView {}

/// Compares an edition with a revision of its plan.
///
/// Places and their hours follow from the revision, hours of a block from its plan, money from the revision and from the lines
/// of the budget, effects from the agreement. Blocks, budgets and agreements have no revisions: they are taken as recorded, or
/// as of the moment that `asOf` gives. Each number says where its records are listed.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), PlanFilter, AsOfFilter),
    responses((status = 200, body = PlanComparisonView, description = "The comparison")))]
#[get("/editions/{id}/plan-comparison")]
async fn get_plan_comparison(
    permit: Permit<GetPlanComparison>,
    id: PathId,
    filter: Filter<PlanFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let facts = tx.as_known(as_of.0, |tx| edition_facts(tx, id.0))?;
            let edition = facts.edition(id.0).ok_or_else(|| catalogue::NOT_FOUND.problem())?;
            let plan = chosen(&edition.plan, filter.0)?.clone();
            Ok(Comparison::of(tx.caller.role, &facts, id.0, &plan).view())
        })
        .await
}

/// The revision that is asked for.
fn chosen(plan: &[PlanRevision], filter: PlanFilter) -> Result<&PlanRevision, Problem> {
    let none = |name| {
        let last = plan.iter().map(|revision| revision.number).max().unwrap_or_default();
        invalid_parameter(name, Hint::whole_number(1, last))
    };
    match (filter.revision, filter.on) {
        (Some(_), Some(_)) => {
            let hint = Hint::new("podaj numer albo dzień", "give the number or the day");
            Err(invalid_parameter("on", hint))
        }
        (Some(number), None) => plan.iter().find(|revision| revision.number == number).ok_or_else(|| none("revision")),
        (None, Some(day)) => plan_on(plan, day).ok_or_else(|| none("on")),
        (None, None) => last_plan(plan).ok_or_else(|| none("revision")),
    }
}

struct Comparison<'f> {
    facts: &'f Facts,
    edition: Uuid,
    plan: &'f PlanRevision,
    figures: HashMap<&'static str, Figure>,
}

/// One number with its status and the address of its records.
struct Told {
    number: Option<Number>,
    status: Status,
    records: String,
}

impl<'f> Comparison<'f> {
    fn of(reader: Role, facts: &'f Facts, edition: Uuid, plan: &'f PlanRevision) -> Self {
        let figures = figures_for(reader, facts).0.into_iter().map(|figure| (figure.definition.id, figure)).collect();
        Self { facts, edition, plan, figures }
    }

    fn view(&self) -> PlanComparisonView {
        let plan = self.plan;
        PlanComparisonView {
            edition_id: self.edition,
            plan: ComparedPlanView {
                id: plan.id,
                number: plan.number,
                effective_on: plan.effective_on,
                places: plan.places,
                planned_cost: plan.planned_cost,
            },
            as_of: self.facts.as_of.at,
            rows: [self.people(), self.delivered(), self.received(), self.money(), self.effects()]
                .into_iter()
                .flatten()
                .collect(),
        }
    }

    fn records(&self, definition: &str) -> String {
        self.facts.address(&format!("/editions/{}/figures/{definition}/records", self.edition))
    }

    /// Where the plan itself is listed; it is told as it stands now, with every revision.
    fn listed(&self, what: &str) -> String {
        format!("/api/v1/editions/{}/{what}", self.edition)
    }

    /// The whole of a figure.
    fn whole(&self, definition: &str) -> Told {
        let records = self.records(definition);
        self.figures.get(definition).map_or(
            Told { number: None, status: Status::NotApplicable, records: records.clone() },
            |figure| Told { number: figure.value, status: figure.verdict.status, records },
        )
    }

    fn groups(&self, definition: &str, by: &str) -> &[Group] {
        let breakdowns = self.figures.get(definition).map_or(&[][..], |figure| &figure.breakdowns);
        breakdowns.iter().find(|breakdown| breakdown.by == by).map_or(&[], |breakdown| &breakdown.groups)
    }

    /// A group of a figure; where the figure is known and has no such group, `nothing`.
    fn group(&self, definition: &str, by: GroupedBy, key: &str, nothing: Number) -> Told {
        let whole = self.whole(definition);
        let records = of_group(&whole.records, by, key);
        match self.groups(definition, by.as_str()).iter().find(|group| group.key == key) {
            Some(group) => Told { number: group.value, status: group.status, records },
            None => Told { number: Some(nothing).filter(|_| whole.status.shows_value()), status: whole.status, records },
        }
    }

    fn people(&self) -> Vec<PlanRowView> {
        let row = |(key, definition): (&str, &'static super::definition::Definition)| {
            let planned = Some(Number::Whole(self.plan.places.into()));
            let row =
                Row { subject: PlanSubject::People, key, label: None, unit: Some(definition.unit), definition: definition.id };
            row.view(planned, self.listed("plan-revisions"), self.whole(definition.id))
        };
        let of_people = [
            ("initialStarters", &INITIAL_STARTERS),
            ("everStarted", &EVER_STARTED),
            ("peak", &PEAK),
            ("completed", &COMPLETED_STRICT),
        ];
        of_people.into_iter().map(row).collect()
    }

    fn classes(&self) -> impl Iterator<Item = &'f Block> {
        let edition = self.edition;
        self.facts.blocks.iter().filter(move |block| block.edition_id == edition && !block.is_activation())
    }

    fn hours(&self, subject: PlanSubject, key: &str, label: Option<&str>, planned: Option<i64>) -> PlanRowView {
        let definition = if subject == PlanSubject::DeliveredHours { &DELIVERY_HOURS } else { &PERSON_HOURS };
        let told = self.group(definition.id, GroupedBy::Block, key, Number::Minutes(0));
        let row = Row { subject, key, label, unit: Some(Unit::Hour), definition: definition.id };
        row.view(planned.map(Number::Minutes), self.listed("blocks"), told)
    }

    fn delivered(&self) -> Vec<PlanRowView> {
        let row = |block: &Block| {
            let planned = block.planned.map(|planned| i64::from(planned.minutes()));
            self.hours(PlanSubject::DeliveredHours, &block.id.to_string(), Some(&block.name), planned)
        };
        self.classes().map(row).collect()
    }

    fn received(&self) -> Vec<PlanRowView> {
        let for_all = |planned: Option<Hours>| Some(i64::from(planned?.minutes()) * i64::from(self.plan.places));
        let row = |block: &Block| {
            self.hours(PlanSubject::PersonHours, &block.id.to_string(), Some(&block.name), for_all(block.planned))
        };
        let mut rows: Vec<PlanRowView> = self.classes().map(row).collect();
        // What is worked in the register belongs to no single block: it is compared with all blocks of work together.
        let work: Vec<&Block> = self.facts.blocks.iter().filter(|block| block.is_activation()).collect();
        if !work.is_empty() {
            let planned = work.iter().map(|block| for_all(block.planned)).sum::<Option<i64>>();
            rows.push(self.hours(PlanSubject::PersonHours, PSU, work.first().map(|block| block.name.as_str()), planned));
        }
        rows
    }

    fn money(&self) -> Vec<PlanRowView> {
        let row = |key: &str, planned: Option<Number>, listed: String, told: Told| {
            let unit = Some(Unit::Zloty);
            Row { subject: PlanSubject::Money, key, label: None, unit, definition: COST_SPENT.id }.view(planned, listed, told)
        };
        let all = row("all", self.plan.planned_cost.map(Number::Money), self.listed("plan-revisions"), self.whole(COST_SPENT.id));
        let by = GroupedBy::Source;
        let of = |definition: &str| self.groups(definition, by.as_str()).iter().map(|group| group.key.as_str());
        let sources: BTreeSet<&str> = of(COST_PLANNED.id).chain(of(COST_SPENT.id)).collect();
        let of_source = |source: &str| {
            let planned = self.groups(COST_PLANNED.id, by.as_str()).iter().find(|group| group.key == source);
            let spent = self.group(COST_SPENT.id, by, source, Number::Money(Money::default()));
            let listed = of_group(&self.records(COST_PLANNED.id), by, source);
            row(source, planned.and_then(|group| group.value), listed, spent)
        };
        std::iter::once(all).chain(sources.into_iter().map(of_source)).collect()
    }

    fn effects(&self) -> Vec<PlanRowView> {
        let expected = self.facts.edition(self.edition).map_or(&[][..], |edition| &edition.expected_effects);
        expected.iter().map(|effect| self.effect(effect)).collect()
    }

    fn effect(&self, effect: &ExpectedEffect) -> PlanRowView {
        let code = effect.code.as_str();
        let listed = agreement_of(self.facts, self.edition);
        let row = |definition| Row {
            subject: PlanSubject::Effect,
            key: code,
            label: Some(effect.text.as_str()),
            unit: None,
            definition,
        };
        let Some(group) = self.groups(TARGET_ATTAINMENT.id, "effect").iter().find(|group| group.key == code) else {
            let told = Told { number: None, status: Status::NotApplicable, records: self.records(QUALITATIVE_EFFECTS.id) };
            return row(QUALITATIVE_EFFECTS.id).view(None, listed, told);
        };
        let measure = effect.definition_id.as_ref().map(crate::platform::types::ShortText::as_str);
        let records = match measure {
            Some(definition) => self.records(definition),
            None => format!("{}&role=denominator", of_group(&self.records(TARGET_ATTAINMENT.id), GroupedBy::Effect, code)),
        };
        let planned = effect.target.map(|target| Number::Places(SixPlaces::half_up(target.decimal())));
        let unit = measure.and_then(super::definitions::find).map(|definition| definition.unit);
        let told = Told { number: group.numerator, status: group.status, records };
        let view = Row { unit, ..row(measure.unwrap_or(TARGET_ATTAINMENT.id)) }.view(planned, listed, told);
        let exact = group.value.and_then(|value| if let Number::Places(share) = value { Some(share) } else { None });
        // The numbers shown are rounded already, and are not divided once more.
        PlanRowView { attainment: exact, ..view }
    }
}

fn agreement_of(facts: &Facts, edition: Uuid) -> String {
    facts.edition(edition).map(|edition| format!("/api/v1/agreements/{}", edition.agreement_id)).unwrap_or_default()
}

/// What a row is about.
struct Row<'r> {
    subject: PlanSubject,
    key: &'r str,
    label: Option<&'r str>,
    unit: Option<Unit>,
    definition: &'r str,
}

impl Row<'_> {
    fn view(self, planned: Option<Number>, planned_records: String, told: Told) -> PlanRowView {
        let both = told.number.zip(planned);
        PlanRowView {
            subject: self.subject,
            key: self.key.to_owned(),
            label: self.label.map(str::to_owned),
            unit: self.unit,
            definition_id: self.definition.to_owned(),
            planned,
            actual: told.number,
            difference: both.and_then(|(actual, planned)| Difference::between(actual, planned)),
            attainment: both.and_then(|(actual, planned)| attainment(actual, planned)),
            status: told.status,
            planned_records,
            records: told.records,
        }
    }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_plan_comparison);
}
