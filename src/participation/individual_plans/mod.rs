//! Written plans with one person: social contract, individual action plan, help plans and programmes.
//!
//! A plan belongs to a person and, where it has one, to an edition or a
//! participation. What it says stands in revisions that are never changed,
//! sealed under the person's key; contacts and evaluations are its events. A
//! social contract may prove the fact that somebody has one: the fact, not the
//! contract, says from when to when.

mod ending;
mod events;
mod parts;
mod repetition;
mod revisions;
mod sealed;
mod warnings;

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use self::ending::PlanEndReason;
use self::events::last_contact;
use self::parts::{ContractForm, IndividualPlanKind, PlanParts};
use self::repetition::refuse_repetition;
use self::revisions::{NewRevision, PlanRevisionOfPersonView, check_parts, insert_revision, select_revisions};
use self::sealed::PARTS;
pub use self::sealed::SEALED;
use self::warnings::{ActionPlanFacts, IndividualPlanWarning, warnings};
use super::PLAN_CONTRACT;
use crate::people::{
    PersonFactKind, expect_in_sight, known_facts, people_in_sight, proves_social_contract, record_social_contract,
};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateIndividualPlan, GetIndividualPlan, ListIndividualPlans};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::Day;
use crate::programmes::{StaffKind, facts::get_edition_facts};
use crate::schema::{individual_plan_revisions, individual_plans, participations};

/// A plan, as signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "personId": examples::PERSON, "kind": "socialContract", "contractForm": "unemployed", "editionId": examples::EDITION,
    "signedOn": "2026-04-28", "from": "2026-05-01", "to": "2026-07-31", "author": "socialWorker",
    "parts": {
        "goals": ["Powrót na rynek pracy"],
        "actions": [
            { "by": "client", "what": "Udział w zajęciach integracyjnych", "from": "2026-05-01", "to": "2026-06-30" },
            { "by": "centre", "what": "Praca socjalna, spotkanie co dwa tygodnie" }
        ]
    },
    "recordFact": false
}))]
pub struct IndividualPlanBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Person.
    pub person_id: Uuid,
    /// Kind.
    pub kind: IndividualPlanKind,
    /// Form; only and always of a social contract.
    pub contract_form: Option<ContractForm>,
    /// Edition that it belongs to; follows from the participation where that is given.
    pub edition_id: Option<Uuid>,
    /// Participation of the same person that it belongs to.
    pub participation_id: Option<Uuid>,
    /// Day on which it was signed.
    pub signed_on: Day,
    /// First day on which it holds.
    pub from: Day,
    /// Planned last day.
    pub to: Option<Day>,
    /// Who drew it up with the person, by function.
    pub author: StaffKind,
    /// What it says.
    pub parts: PlanParts,
    /// Fact about the person that a social contract proves and that is recorded already.
    pub fact_id: Option<Uuid>,
    /// Records that fact along with the contract.
    #[serde(default)]
    pub record_fact: bool,
}

/// What is stored of a plan besides its revisions.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = individual_plans)]
#[serde(rename_all = "camelCase")]
pub struct PlanRow {
    /// Id.
    pub id: Uuid,
    /// Person.
    pub person_id: Uuid,
    /// Kind.
    pub kind: IndividualPlanKind,
    /// Form of a social contract.
    pub contract_form: Option<ContractForm>,
    /// Edition that it belongs to.
    pub edition_id: Option<Uuid>,
    /// Participation that it belongs to.
    pub participation_id: Option<Uuid>,
    /// Fact about the person that a social contract proves.
    pub fact_id: Option<Uuid>,
    /// Number of the newest revision.
    #[schema(minimum = 1, maximum = 100_000)]
    pub revision: i32,
    /// Last day, where it has ended.
    pub ended_on: Option<Day>,
    /// Why it ended.
    pub end_reason: Option<PlanEndReason>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

/// A plan, without what it says.
#[derive(Debug, Queryable, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndividualPlanView {
    /// The plan.
    #[serde(flatten)]
    pub plan: PlanRow,
    /// Its newest revision.
    pub current: PlanRevisionOfPersonView,
}

impl View for IndividualPlanView {
    fn version(&self) -> Option<i32> {
        Some(self.plan.row_version)
    }
}

/// A plan with its history and warnings, without what it says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndividualPlanWithHistoryView {
    /// The plan.
    #[serde(flatten)]
    pub plan: PlanRow,
    /// Its revisions, first to last.
    #[schema(max_items = 10_000)]
    pub revisions: Vec<PlanRevisionOfPersonView>,
    /// What it leaves to be desired on the day asked for, by the terms of the regime of its edition.
    #[schema(max_items = 10)]
    pub warnings: Vec<IndividualPlanWarning>,
}

impl View for IndividualPlanWithHistoryView {
    fn version(&self) -> Option<i32> {
        Some(self.plan.row_version)
    }
}

/// Which plans.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct PlanFilter {
    /// Of this person.
    person_id: Option<Uuid>,
    /// Of this edition.
    edition_id: Option<Uuid>,
    /// Of this participation.
    participation_id: Option<Uuid>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<IndividualPlanKind>,
    /// In force on this day, by the newest revision.
    #[param(inline)]
    effective_on: Option<Day>,
}

/// For which day a plan is looked at.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DayFilter {
    /// Day of the warnings; today where it is left out.
    #[param(inline)]
    effective_on: Option<Day>,
}

/// Records a plan that was signed with a person.
///
/// What a plan of its kind must say is asked for part by part. A social
/// contract can prove a fact that is recorded already (`factId`), or record it
/// (`recordFact`). What the plan says is encrypted under the person's key and
/// read by `get_individual_plan_parts` only. The same plan again is refused with `planId`.
#[utoipa::path(tag = "individual-plans", request_body = IndividualPlanBody,
    responses((status = 201, body = IndividualPlanView, description = "The plan")))]
#[post("/individual-plans")]
async fn create_individual_plan(permit: Permit<CreateIndividualPlan>, body: Body<IndividualPlanBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("individual_plan", [id, body.person_id]);
            tx.expect_past(body.signed_on, "/signedOn")?;
            check_contract(body)?;
            check_parts(body.kind, &body.parts, body.from, body.to)?;
            let edition = edition_of(tx, body)?;
            let fact = contract_fact(tx, body)?;
            refuse_repetition(tx, (edition, fact), body)?;
            insert_plan(tx, id, edition, fact, body)?;
            let revision = NewRevision {
                plan_id: id,
                number: 1,
                signed_on: body.signed_on,
                from: body.from,
                to: body.to,
                author: body.author,
                reason: None,
                parts: sealed::seal(tx, body.person_id, PARTS, &body.parts)?,
            };
            insert_revision(tx, &revision)?;
            let data = json!({ "planId": id, "personId": body.person_id, "kind": body.kind, "editionId": edition });
            tx.announce("individual_plan", id, "individual_plan.signed", data);
            Ok(Written::created(format!("/individual-plans/{id}"), find_plan(tx, id)?))
        })
        .await
}

/// Lists the plans, without what they say.
#[utoipa::path(tag = "individual-plans", params(PlanFilter, PageQuery),
    responses((status = 200, body = Page<IndividualPlanView>, description = "A page of plans")))]
#[get("/individual-plans")]
async fn list_individual_plans(permit: Permit<ListIndividualPlans>, filter: Filter<PlanFilter>) -> Result<Reply, Problem> {
    permit.list(|view: &IndividualPlanView| view.plan.id, move |tx, window| select_plans(tx, filter.0, window)).await
}

/// Reads a plan with its history and warnings, without what it says.
#[utoipa::path(tag = "individual-plans", params(("id" = Uuid, Path, description = "Plan"), DayFilter),
    responses((status = 200, body = IndividualPlanWithHistoryView, description = "The plan")))]
#[get("/individual-plans/{id}")]
async fn get_individual_plan(permit: Permit<GetIndividualPlan>, id: PathId, filter: Filter<DayFilter>) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let view = find_plan(tx, id.0)?;
            let today = Day::try_from(tx.today()).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
            let warnings = warnings_of(tx, &view, filter.0.effective_on.unwrap_or(today))?;
            let revisions = select_revisions(tx, id.0)?;
            Ok(IndividualPlanWithHistoryView { plan: view.plan, revisions, warnings })
        })
        .await
}

fn check_contract(body: &IndividualPlanBody) -> Result<(), Problem> {
    let is_contract = body.kind == IndividualPlanKind::SocialContract;
    if body.contract_form.is_some() != is_contract {
        return Err(PLAN_CONTRACT.at("/contractForm"));
    }
    if body.fact_id.is_some() && (!is_contract || body.record_fact) {
        return Err(PLAN_CONTRACT.at("/factId"));
    }
    if body.record_fact && !is_contract {
        return Err(PLAN_CONTRACT.at("/recordFact"));
    }
    Ok(())
}

/// The edition of a plan: that of its participation, which must be the person's own, or the one named.
fn edition_of(tx: &mut Tx, body: &IndividualPlanBody) -> Result<Option<Uuid>, Problem> {
    let Some(participation) = body.participation_id else { return Ok(body.edition_id) };
    let edition: Option<Uuid> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .filter(participations::person_id.eq(body.person_id))
        .select(participations::edition_id)
        .for_key_share()
        .first(tx.conn)
        .optional()?;
    let edition = edition.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/participationId"))?;
    match body.edition_id {
        Some(named) if named != edition => Err(catalogue::REFERENCE_NOT_FOUND.at("/editionId")),
        _ => Ok(Some(edition)),
    }
}

/// The fact that a contract proves: one that is there, or a new one.
fn contract_fact(tx: &mut Tx, body: &IndividualPlanBody) -> Result<Option<Uuid>, Problem> {
    match body.fact_id {
        Some(fact) if proves_social_contract(tx, body.person_id, fact)? => Ok(Some(fact)),
        Some(_) => Err(catalogue::REFERENCE_NOT_FOUND.at("/factId")),
        None if body.record_fact => {
            record_social_contract(tx, body.person_id, body.signed_on, body.from, body.to).map(Some).map_err(about_the_person)
        }
        None => Ok(None),
    }
}

/// The person of a fact stands in the path elsewhere, here in the body.
fn about_the_person(problem: Problem) -> Problem {
    match problem.constraint.as_deref() {
        Some("person_facts_person_fkey") => catalogue::REFERENCE_NOT_FOUND.at("/personId"),
        _ => problem,
    }
}

fn insert_plan(
    tx: &mut Tx,
    id: Uuid,
    edition: Option<Uuid>,
    fact: Option<Uuid>,
    body: &IndividualPlanBody,
) -> Result<(), Problem> {
    diesel::insert_into(individual_plans::table)
        .values((
            individual_plans::id.eq(id),
            individual_plans::person_id.eq(body.person_id),
            individual_plans::kind.eq(body.kind),
            individual_plans::contract_form.eq(body.contract_form),
            individual_plans::edition_id.eq(edition),
            individual_plans::participation_id.eq(body.participation_id),
            individual_plans::fact_id.eq(fact),
            individual_plans::revision.eq(1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Joins a plan with its newest revision.
macro_rules! with_current {
    ($tx:expr) => {
        individual_plans::table
            .inner_join(
                individual_plan_revisions::table.on(individual_plan_revisions::tenant_id
                    .eq(individual_plans::tenant_id)
                    .and(individual_plan_revisions::plan_id.eq(individual_plans::id))
                    .and(individual_plan_revisions::number.eq(individual_plans::revision))),
            )
            .filter(own($tx, individual_plans::tenant_id))
            .select((PlanRow::as_select(), PlanRevisionOfPersonView::as_select()))
    };
}

/// A plan of somebody whom the caller may see with its newest revision, or 404.
pub(super) fn find_plan(tx: &mut Tx, id: Uuid) -> Result<IndividualPlanView, Problem> {
    let view: IndividualPlanView = with_current!(tx).filter(individual_plans::id.eq(id)).first(tx.conn)?;
    expect_in_sight(tx, view.plan.person_id)?;
    Ok(view)
}

fn select_plans(tx: &mut Tx, filter: PlanFilter, window: Window) -> Result<Vec<IndividualPlanView>, Problem> {
    let mut query = with_current!(tx).filter(individual_plans::id.gt(window.after)).into_boxed();
    if let Some(in_sight) = people_in_sight(tx)? {
        query = query.filter(individual_plans::person_id.eq_any(in_sight));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(individual_plans::person_id.eq(person));
    }
    if let Some(edition) = filter.edition_id {
        query = query.filter(individual_plans::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(individual_plans::participation_id.eq(participation));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(individual_plans::kind.eq(kind));
    }
    if let Some(day) = filter.effective_on {
        query = query
            .filter(individual_plan_revisions::valid_from_on.le(day))
            .filter(individual_plan_revisions::valid_to_on.is_null().or(individual_plan_revisions::valid_to_on.ge(day)))
            .filter(individual_plans::ended_on.is_null().or(individual_plans::ended_on.ge(day)));
    }
    Ok(query.order(individual_plans::id).limit(window.rows()).load(tx.conn)?)
}

fn lock_plan(tx: &mut Tx, id: Uuid) -> Result<PlanRow, Problem> {
    let plan: PlanRow = individual_plans::table
        .filter(own(tx, individual_plans::tenant_id))
        .filter(individual_plans::id.eq(id))
        .select(PlanRow::as_select())
        .for_update()
        .first(tx.conn)?;
    expect_in_sight(tx, plan.person_id)?;
    Ok(plan)
}

/// The first day of a plan: that of its first revision.
fn first_day(tx: &mut Tx, plan: Uuid) -> Result<Day, Problem> {
    Ok(individual_plan_revisions::table
        .filter(own(tx, individual_plan_revisions::tenant_id))
        .filter(individual_plan_revisions::plan_id.eq(plan))
        .filter(individual_plan_revisions::number.eq(1))
        .select(individual_plan_revisions::valid_from_on)
        .first(tx.conn)?)
}

/// Warnings of an action plan by the regime of its edition; other plans have none.
fn warnings_of(tx: &mut Tx, view: &IndividualPlanView, on: Day) -> Result<Vec<IndividualPlanWarning>, Problem> {
    let IndividualPlanView { plan, current } = view;
    let Some(edition) = plan.edition_id.filter(|_| plan.kind == IndividualPlanKind::IndividualActionPlan) else {
        return Ok(Vec::new());
    };
    let Some(terms) = get_edition_facts(tx, edition)?.regime.action_plan else { return Ok(Vec::new()) };
    let from = first_day(tx, plan.id)?;
    let profiles = known_facts(tx, plan.person_id, &[PersonFactKind::HelpProfile])?;
    // Of several the one that began last counts.
    let profile = profiles.iter().rev().find(|fact| fact.holds_on(from));
    let facts = ActionPlanFacts {
        from,
        to: plan.ended_on.or(current.to),
        last_contact_on: last_contact(tx, plan.id, on)?,
        help_profile: profile.map(|fact| fact.value.as_str()),
    };
    Ok(warnings(&terms, facts, on))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_individual_plan).service(list_individual_plans).service(get_individual_plan);
    ending::routes(config);
    revisions::routes(config);
    events::routes(config);
}
