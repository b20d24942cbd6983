//! A figure beside itself: over the editions of the centre or of a programme, or over years.
//!
//! A share of few people says little, so each comes with its interval, and what two shares differ by with one of its own.
//! Nothing is said of a difference where too few people are counted, or where the same people are counted twice.

use std::collections::BTreeSet;

use actix_web::get;
use chrono::{DateTime, Datelike as _, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::definition::{Definition, Unit};
use super::difference::Difference;
use super::facts::Facts;
use super::figure::{Figure, Number, Part};
use super::loading::{edition_facts, institution_facts};
use super::routes::defined;
use super::verdict::Status;
use super::withholding::{figures_for, people_for};
use crate::outcomes::statistics::{Interval, Share};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::past::AsOfFilter;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::{GetFigureComparison, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, SixPlaces, text_enum};
use crate::schema::editions;

/// People below the line from which a difference is judged.
const FEWEST: i64 = 5;
/// Editions that are compared at a time.
const MOST_EDITIONS: usize = 100;

text_enum! {
    /// What is compared.
    pub enum Between {
        /// Editions, by their first day.
        Editions = "editions",
        /// Years in which editions began; of the whole centre.
        Years = "years",
    }
}

text_enum! {
    /// Why there is an interval, or none, and why a difference is judged, or not.
    pub enum Guard {
        /// A share of enough people.
        Ok = "ok",
        /// A share of fewer than five people: its interval is told, a difference is not judged.
        TooFew = "tooFew",
        /// No share of people: those above the line are not among those below.
        NotAShare = "notAShare",
        /// Without a value.
        NotKnown = "notKnown",
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ComparisonFilter {
    /// What is compared; `editions` unless given.
    #[param(inline)]
    pub between: Option<Between>,
    /// Only editions of this programme.
    pub programme_id: Option<Uuid>,
}

/// What a row differs by from the one before it that has a value.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// Key of the row before.
    #[schema(max_length = 40)]
    pub since: String,
    /// By how much the value differs.
    pub difference: Option<Difference>,
    /// Interval of the difference of two shares (Newcombe, 95 per cent).
    pub interval: Option<Interval>,
    /// People below the line of both; `null` where they are a handful and the reader sees no people.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub people_in_both: Option<usize>,
    /// Whether the difference is more than chance would make it; `null` where that cannot be said: of no shares, of too few
    /// people, and of people who are counted in both.
    pub distinguishable: Option<bool>,
}

/// An edition or a year.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedView {
    /// Id of the edition, or the year.
    #[schema(max_length = 40)]
    pub key: String,
    /// Name of the edition.
    #[schema(max_length = 500)]
    pub label: Option<String>,
    /// First day.
    pub starts_on: Option<Day>,
    /// Last day.
    pub ends_on: Option<Day>,
    /// Value; `null` is never zero.
    pub value: Option<Number>,
    /// Part above the line, or the count.
    pub numerator: Option<Number>,
    /// Part below the line.
    pub denominator: Option<Number>,
    /// Why there is a value, or none.
    pub status: Status,
    /// Why there is an interval, or none.
    pub guard: Guard,
    /// Interval of the share (Wilson, 95 per cent).
    pub interval: Option<Interval>,
    /// What it differs by from the row before.
    pub change: Option<ChangeView>,
    /// Where the counted records are listed.
    #[schema(max_length = 400)]
    pub records: String,
}

/// A figure over editions or years.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FigureComparisonView {
    /// Definition of the figure.
    #[schema(max_length = 100)]
    pub definition_id: &'static str,
    /// Version of the definition.
    #[schema(minimum = 1, maximum = 1_000)]
    pub definition_version: u32,
    /// Unit of the values.
    pub unit: Unit,
    /// What is compared.
    pub between: Between,
    /// The moment that the figures answer for.
    pub as_of: DateTime<Utc>,
    /// Confidence of the intervals.
    #[schema(max_length = 8)]
    pub confidence: &'static str,
    /// People below the line from which a difference is judged.
    #[schema(minimum = 1, maximum = 100)]
    pub fewest: i64,
    /// The editions or years in their order.
    #[schema(max_items = 300)]
    pub rows: Vec<ComparedView>,
}

impl View for FigureComparisonView {}

/// Compares a figure between editions or years.
///
/// A share of people has its interval of 95 per cent (Wilson), and what it differs by from the row before has one too
/// (Newcombe). Whether a difference is more than chance is said only of shares of at least five people each, of whom nobody is
/// counted in both.
#[utoipa::path(tag = "figures", params(
        ("definitionId" = String, Path, description = "Definition", max_length = 100, example = "M-11.strict"), ComparisonFilter, AsOfFilter),
    responses((status = 200, body = FigureComparisonView, description = "The comparison")))]
#[get("/figures/{definitionId}/comparison")]
async fn get_figure_comparison(
    permit: Permit<GetFigureComparison>,
    definition: PathId<String>,
    filter: Filter<ComparisonFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let definition = defined(&definition.0)?;
            tx.as_known(as_of.0, |tx| compare(tx, definition, filter.0))
        })
        .await
}

fn compare(tx: &mut Tx, definition: &'static Definition, filter: ComparisonFilter) -> Result<FigureComparisonView, Problem> {
    let between = filter.between.unwrap_or(Between::Editions);
    let ids = editions_of(tx, filter.programme_id)?;
    let compared = match (between, filter.programme_id) {
        (Between::Editions, _) => by_edition(tx, definition, &ids)?,
        (Between::Years, None) => by_year(tx, definition, &ids)?,
        (Between::Years, Some(_)) => {
            let hint = Hint::new("lata dotyczą całego ośrodka", "years are those of the whole centre");
            return Err(invalid_parameter("programmeId", hint));
        }
    };
    if compared.iter().all(Option::is_none) && !compared.is_empty() {
        return Err(catalogue::NOT_FOUND.problem());
    }
    let rows = changes(compared.into_iter().flatten().collect(), tx.caller.role);
    Ok(FigureComparisonView {
        definition_id: definition.id,
        definition_version: definition.version,
        unit: definition.unit,
        between,
        as_of: tx.now(),
        confidence: "0.95",
        fewest: FEWEST,
        rows,
    })
}

/// Editions with their first days, in their order.
fn editions_of(tx: &mut Tx, programme: Option<Uuid>) -> Result<Vec<(Uuid, Day)>, Problem> {
    let mut query = editions::table.filter(own(tx, editions::tenant_id)).into_boxed();
    if let Some(programme) = programme {
        query = query.filter(editions::programme_id.eq(programme));
    }
    Ok(query.order((editions::starts_on, editions::id)).select((editions::id, editions::starts_on)).load(tx.conn)?)
}

/// A row with what its change is reckoned from.
struct Compared {
    view: ComparedView,
    share: Option<Share>,
    people: BTreeSet<Uuid>,
}

fn by_edition(tx: &mut Tx, definition: &Definition, ids: &[(Uuid, Day)]) -> Result<Vec<Option<Compared>>, Problem> {
    if ids.len() > MOST_EDITIONS {
        let hint = Hint::new(
            format!("edycji jest więcej niż {MOST_EDITIONS}: wybierz program"),
            format!("there are more than {MOST_EDITIONS} editions: choose a programme"),
        );
        return Err(invalid_parameter("programmeId", hint));
    }
    let compared = |(id, _): &(Uuid, Day)| {
        let facts = edition_facts(tx, *id)?;
        let edition = facts.edition(*id);
        let days = (edition.map(|edition| edition.starts_on), edition.map(|edition| edition.ends_on));
        let path = facts.address(&format!("/editions/{id}/figures/{}/records", definition.id));
        let label = facts.edition_names.get(id).cloned();
        Ok(found(tx.caller.role, &facts, definition).map(|figure| row(&figure, (id.to_string(), label), days, path)))
    };
    ids.iter().map(compared).collect()
}

fn by_year(tx: &mut Tx, definition: &Definition, ids: &[(Uuid, Day)]) -> Result<Vec<Option<Compared>>, Problem> {
    let years: BTreeSet<i32> = ids.iter().map(|(_, first)| first.date().year()).collect();
    let compared = |year: &i32| {
        let facts = institution_facts(tx, Some(*year))?;
        let path = facts.address(&format!("/figures/{}/records", definition.id));
        Ok(found(tx.caller.role, &facts, definition).map(|figure| row(&figure, (year.to_string(), None), (None, None), path)))
    };
    years.iter().map(compared).collect()
}

fn found(reader: Role, facts: &Facts, definition: &Definition) -> Option<Figure> {
    figures_for(reader, facts).0.into_iter().find(|figure| figure.definition.id == definition.id)
}

fn row(
    figure: &Figure,
    (key, label): (String, Option<String>),
    (starts_on, ends_on): (Option<Day>, Option<Day>),
    records: String,
) -> Compared {
    let of_people = share_of_people(figure);
    let guard = match (&of_people, figure.value) {
        (_, None) => Guard::NotKnown,
        (None, Some(_)) => Guard::NotAShare,
        (Some((_, people)), Some(_)) if i64::try_from(people.len()).is_ok_and(|people| people < FEWEST) => Guard::TooFew,
        _ => Guard::Ok,
    };
    let (share, people) = of_people.filter(|_| figure.value.is_some()).unzip();
    let view = ComparedView {
        key,
        label,
        starts_on,
        ends_on,
        value: figure.value,
        numerator: figure.numerator.as_ref().map(|part| part.amount),
        denominator: figure.denominator.as_ref().map(|part| part.amount),
        status: figure.verdict.status,
        guard,
        interval: share.map(Share::wilson),
        change: None,
        records,
    };
    Compared { view, share, people: people.unwrap_or_default() }
}

/// The share of people that a figure is, with those below the line; none where somebody above the line is not among them.
fn share_of_people(figure: &Figure) -> Option<(Share, BTreeSet<Uuid>)> {
    let (above, below) = (figure.numerator.as_ref()?, figure.denominator.as_ref()?);
    let (Number::Whole(some), Number::Whole(all)) = (above.amount, below.amount) else { return None };
    let ids = |part: &Part| part.records.iter().map(|record| record.id).collect::<BTreeSet<_>>();
    let people = |part: &Part| part.records.iter().map(|record| record.person_id).collect::<Option<BTreeSet<_>>>();
    let (those_above, those_below) = (people(above)?, people(below)?);
    let counts = |set: &BTreeSet<Uuid>, amount: i64| i64::try_from(set.len()) == Ok(amount);
    let by_record = counts(&ids(above), some) && counts(&ids(below), all) && ids(above).is_subset(&ids(below));
    let by_person = counts(&those_above, some) && counts(&those_below, all) && those_above.is_subset(&those_below);
    Share::of(some, all).filter(|_| by_record || by_person).map(|share| (share, those_below))
}

/// Tells each row what it differs by from the one before it that has a value.
fn changes(mut rows: Vec<Compared>, reader: Role) -> Vec<ComparedView> {
    for place in 1..rows.len() {
        let (before, rest) = rows.split_at_mut(place);
        let Some(now) = rest.first_mut().filter(|row| row.view.value.is_some()) else { continue };
        let Some(then) = before.iter().rev().find(|row| row.view.value.is_some()) else { continue };
        now.view.change = Some(change(now, then, reader));
    }
    rows.into_iter().map(|row| row.view).collect()
}

fn change(now: &Compared, then: &Compared, reader: Role) -> ChangeView {
    let difference = now.view.value.zip(then.view.value).and_then(|(now, then)| Difference::between(now, then));
    let people_in_both = now.people.intersection(&then.people).count();
    let told: Option<(SixPlaces, Interval)> = now.share.zip(then.share).map(|(now, then)| now.change_from(then));
    let is_judged = [now, then].iter().all(|row| row.view.guard == Guard::Ok) && people_in_both == 0;
    ChangeView {
        since: then.view.key.clone(),
        difference,
        interval: told.map(|(_, interval)| interval),
        people_in_both: people_for(reader, people_in_both),
        distinguishable: told.filter(|_| is_judged).map(|(_, interval)| !interval.holds_zero()),
    }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_figure_comparison);
}
