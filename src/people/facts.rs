//! What was true of a person, from when to when, and who says so.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::fact_kinds::{FactSource, PersonFactKind, WrongValue};
use super::people::{find_person, hold_person, keep_person};
use super::{BEGINS_LATER, CORRECTION_REASON, EXPIRED_BEFORE, FACT_RECORDED_ALREADY, FACT_VALUE, PERIOD_REVERSED, SURVEY_FORM};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::clock::end_of_legal_day;
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListPersonFacts, RecordPersonFact};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, LongText, ShortText, between, folded};
use crate::schema::person_facts;

/// A fact, as recorded; or a correction of an earlier one.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = person_facts)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "kind": "registeredUnemployed", "value": "true", "from": "2020-03-02", "source": "PUP", "sourceKind": "labourOffice",
    "evidence": "Zaświadczenie", "evidenceOn": "2026-06-01", "expiresOn": "2026-07-31"
}))]
pub struct FactBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// What it is about.
    pub kind: PersonFactKind,
    /// Value; what is allowed depends on the kind.
    pub value: ShortText,
    /// First day on which it was true.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day on which it was true; open where it still is.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Who says so; case and diacritics do not make another source of it.
    pub source: ShortText,
    /// How it came to be known.
    pub source_kind: Option<FactSource>,
    /// Code of the form; always with the source `survey`, and only with it, `interview` and `needsDiagnosis`.
    pub survey_code: Option<Code>,
    /// Version of the form; given with its code.
    #[serde(default, deserialize_with = "between::<1, 1_000_000, _, _>")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub survey_version: Option<i32>,
    /// What proves it.
    pub evidence: Option<ShortText>,
    /// Day of the evidence, such as the date of a certificate.
    pub evidence_on: Option<Day>,
    /// Last day on which the evidence may be relied upon; the fact itself may hold longer.
    pub expires_on: Option<Day>,
    /// Fact of the same person that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// A fact about a person.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = person_facts)]
#[serde(rename_all = "camelCase")]
pub struct FactView {
    /// Id.
    pub id: Uuid,
    /// Person.
    pub person_id: Uuid,
    /// What it is about.
    pub kind: PersonFactKind,
    /// Value.
    pub value: ShortText,
    /// First day on which it was true.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day on which it was true; open where it still is.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Who says so.
    pub source: ShortText,
    /// How it came to be known.
    pub source_kind: Option<FactSource>,
    /// Code of the survey form.
    pub survey_code: Option<Code>,
    /// Version of the survey form.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub survey_version: Option<i32>,
    /// What proves it.
    pub evidence: Option<ShortText>,
    /// Day of the evidence.
    pub evidence_on: Option<Day>,
    /// Last day on which the evidence may be relied upon.
    pub expires_on: Option<Day>,
    /// Fact that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place, or it was withdrawn.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
    /// Day on which it was found to be wrong without another taking its place.
    pub withdrawn_on: Option<Day>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<LongText>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for FactView {}

/// Which facts.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct FactFilter {
    /// Of this kind.
    #[param(inline)]
    kind: Option<PersonFactKind>,
    /// In force on this day.
    #[param(inline)]
    effective_on: Option<Day>,
    /// As they were known when this day ended: what was recorded later is left out, and what was corrected later stands.
    #[param(inline)]
    known_on: Option<Day>,
    /// Also those that a correction has replaced, or that were withdrawn.
    #[serde(default)]
    #[param(default = false)]
    include_superseded: Option<bool>,
}

/// Records a fact about a person, or corrects one.
///
/// Facts are never changed: a correction is a new fact with `supersedesId` and
/// `correctionReason`, and the old one stays readable. A fact that nothing
/// replaces is withdrawn instead. The same again, on the same evidence from the
/// same source, is refused with `factId`; another source may say the same or
/// contradict.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person")), request_body = FactBody,
    responses((status = 201, body = FactView, description = "The fact")))]
#[post("/people/{id}/facts")]
async fn record_person_fact(permit: Permit<RecordPersonFact>, person: PathId, body: Body<FactBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("person_fact", [id, person.0]);
            keep_person(tx, person.0)?;
            // Of two calls that say the same the second finds what the first recorded.
            hold_person(tx, person.0)?;
            check_fact(body)?;
            if let Some(day) = body.evidence_on {
                tx.expect_past(day, "/evidenceOn")?;
            }
            if let Some(superseded) = body.supersedes_id {
                supersede_fact(tx, person.0, superseded)?;
            }
            refuse_repetition(tx, person.0, body)?;
            let view = insert_fact(tx, id, person.0, body)?;
            tx.announce("person", person.0, "person_fact.recorded", json!({ "personId": person.0, "factId": id }));
            Ok(Written::created(format!("/people/{}/facts", person.0), view))
        })
        .await
}

/// Lists the facts about a person.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person"), FactFilter, PageQuery),
    responses((status = 200, body = Page<FactView>, description = "A page of facts")))]
#[get("/people/{id}/facts")]
async fn list_person_facts(
    permit: Permit<ListPersonFacts>,
    person: PathId,
    filter: Filter<FactFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |fact: &FactView| fact.id,
            move |tx, window| {
                find_person(tx, person.0)?;
                select_facts(tx, person.0, &filter.0, window)
            },
        )
        .await
}

/// Whether a fact does not contradict itself.
pub(super) fn check_fact(body: &FactBody) -> Result<(), Problem> {
    if body.to.is_some_and(|to| to < body.from) {
        return Err(PERIOD_REVERSED.at("/to"));
    }
    if body.expires_on.is_some_and(|expires| expires < body.from) {
        return Err(EXPIRED_BEFORE.at("/expiresOn"));
    }
    check_form(body)?;
    if body.supersedes_id.is_some() != body.correction_reason.is_some() {
        return Err(CORRECTION_REASON.at("/correctionReason"));
    }
    body.kind.check(body.value.as_str()).map_err(|WrongValue(allowed)| FACT_VALUE.at("/value").with("allowed", allowed))?;
    refuse_later_beginning(body)
}

/// From `from` on nobody can have been without work since a later day.
fn refuse_later_beginning(body: &FactBody) -> Result<(), Problem> {
    if body.kind != PersonFactKind::UnemployedSince {
        return Ok(());
    }
    match body.value.as_str().parse::<Day>() {
        Ok(since) if body.from < since => {
            Err(BEGINS_LATER.at("/from").with("from", body.from.to_string()).with("since", since.to_string()))
        }
        _ => Ok(()),
    }
}

/// A survey names its form; an interview and a diagnosis may; nothing else does.
fn check_form(body: &FactBody) -> Result<(), Problem> {
    let has_form = body.survey_code.is_some() || body.survey_version.is_some();
    let may = matches!(body.source_kind, Some(FactSource::Survey | FactSource::Interview | FactSource::NeedsDiagnosis));
    let must = body.source_kind == Some(FactSource::Survey) || (has_form && may);
    for (name, given) in [("/surveyCode", body.survey_code.is_some()), ("/surveyVersion", body.survey_version.is_some())] {
        if given != must {
            return Err(SURVEY_FORM.at(name));
        }
    }
    Ok(())
}

fn supersede_fact(tx: &mut Tx, person: Uuid, id: Uuid) -> Result<(), Problem> {
    let fact = person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::person_id.eq(person))
        .filter(person_facts::id.eq(id));
    let marked = diesel::update(fact.filter(person_facts::superseded_at.is_null()))
        .set(person_facts::superseded_at.eq(tx.now()))
        .execute(tx.conn)?;
    if marked == 1 {
        return Ok(());
    }
    let known: i64 = fact.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

/// Refuses what stands already: the same of the same days, by the same source and evidence.
pub(super) fn refuse_repetition(tx: &mut Tx, person: Uuid, body: &FactBody) -> Result<(), Problem> {
    let alike: Vec<(Uuid, ShortText)> = person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::person_id.eq(person))
        .filter(person_facts::superseded_at.is_null())
        .filter(person_facts::kind.eq(body.kind))
        .filter(person_facts::value.eq(&body.value))
        .filter(person_facts::valid_from_on.eq(body.from))
        .filter(person_facts::valid_to_on.is_not_distinct_from(body.to))
        .filter(person_facts::source_kind.is_not_distinct_from(body.source_kind))
        .filter(person_facts::survey_code.is_not_distinct_from(body.survey_code.as_ref()))
        .filter(person_facts::survey_version.is_not_distinct_from(body.survey_version))
        .filter(person_facts::evidence.is_not_distinct_from(body.evidence.as_ref()))
        .filter(person_facts::evidence_on.is_not_distinct_from(body.evidence_on))
        .filter(person_facts::expires_on.is_not_distinct_from(body.expires_on))
        .order(person_facts::id)
        .select((person_facts::id, person_facts::source))
        .load(tx.conn)?;
    let known = alike.into_iter().find(|(_, source)| is_same_source(source, &body.source));
    known.map_or(Ok(()), |(fact, _)| Err(FACT_RECORDED_ALREADY.problem().with("factId", fact.to_string())))
}

/// Whether two spellings name one source: case and diacritics do not matter.
pub(super) fn is_same_source(one: &ShortText, other: &ShortText) -> bool {
    folded(one.as_str()) == folded(other.as_str())
}

fn insert_fact(tx: &mut Tx, id: Uuid, person: Uuid, body: &FactBody) -> Result<FactView, Problem> {
    Ok(diesel::insert_into(person_facts::table)
        .values((body, person_facts::id.eq(id), person_facts::person_id.eq(person)))
        .returning(FactView::as_returning())
        .get_result(tx.conn)?)
}

/// Records several facts about a person at once.
pub(super) fn insert_facts(tx: &mut Tx, person: Uuid, facts: &[(Uuid, FactBody)]) -> Result<(), Problem> {
    let rows: Vec<_> =
        facts.iter().map(|(id, body)| (body, person_facts::id.eq(*id), person_facts::person_id.eq(person))).collect();
    diesel::insert_into(person_facts::table).values(rows).execute(tx.conn)?;
    Ok(())
}

fn select_facts(tx: &mut Tx, person: Uuid, filter: &FactFilter, window: Window) -> Result<Vec<FactView>, Problem> {
    let mut query = person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::person_id.eq(person))
        .filter(person_facts::id.gt(window.after))
        .into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(person_facts::kind.eq(kind));
    }
    if let Some(day) = filter.effective_on {
        query = query
            .filter(person_facts::valid_from_on.le(day))
            .filter(person_facts::valid_to_on.is_null().or(person_facts::valid_to_on.ge(day)));
    }
    let known_until = filter.known_on.map(|day| end_of_legal_day(day.date()));
    if let Some(end) = known_until {
        query = query.filter(person_facts::recorded_at.lt(end));
    }
    query = match (filter.include_superseded, known_until) {
        (Some(true), _) => query,
        (_, None) => query.filter(person_facts::superseded_at.is_null()),
        (_, Some(end)) => query.filter(person_facts::superseded_at.is_null().or(person_facts::superseded_at.ge(end))),
    };
    Ok(query.order(person_facts::id).limit(window.rows()).select(FactView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_person_fact).service(list_person_facts);
}
