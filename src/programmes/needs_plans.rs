//! Yearly plans of needs of socially useful work (Polish: roczny plan potrzeb; regulation of 21 December 2017, section 2).
//!
//! The municipality sends the plan by 31 January to the starost and to the head
//! of the centre. A change is a new revision with its reason.

use actix_web::{get, post};
use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{PLAN_REASON, PLAN_REVISED, PLAN_TOO_LARGE};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::hint::Hint;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::{GetNeedsPlan, ListNeedsPlans, RecordNeedsPlan};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours, LongText, ShortText, Stored, between, count_between};
use crate::schema::{hosts, needs_plans};

/// Years of which there can be a plan: the duty began on 1 November 2005.
const YEARS: std::ops::RangeInclusive<i32> = 2005..=2200;

/// Work of one kind at one place (section 2(2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NeedsLine {
    /// Kind of work.
    pub kind_of_work: ShortText,
    /// Where the work is to be done, in words.
    pub place: ShortText,
    /// The host, where it is registered.
    pub host_id: Option<Uuid>,
    /// Whether the work is done for carers of disabled persons.
    #[serde(default)]
    pub for_carers: bool,
    /// Places.
    #[serde(deserialize_with = "between::<1, 10_000, _, _>")]
    #[schema(minimum = 1, maximum = 10_000)]
    pub places: i32,
    /// Hours of the year.
    pub hours: Hours,
}

/// A plan of needs, as sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "year": 2027, "submittedOn": "2026-06-12", "eligiblePeople": 24,
    "lines": [{ "kindOfWork": "porządkowe", "place": "tereny zielone", "hostId": examples::HOST, "places": 4, "hours": "1600.00" }]
}))]
pub struct NeedsPlanBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Year that it is for.
    #[serde(deserialize_with = "between::<2005, 2200, _, _>")]
    #[schema(minimum = 2005, maximum = 2200)]
    pub year: i32,
    /// Day on which it was sent.
    pub submitted_on: Day,
    /// Unemployed people without a right to benefit who use social assistance.
    #[serde(deserialize_with = "between::<0, 1_000_000, _, _>")]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub eligible_people: i32,
    /// The needs.
    #[serde(deserialize_with = "count_between::<1, 200, _, _>")]
    #[schema(min_items = 1, max_items = 200)]
    pub lines: Vec<NeedsLine>,
    /// Why an earlier plan of the year is revised; only and always with a revision.
    pub reason: Option<LongText>,
}

/// A plan of needs.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = needs_plans)]
#[serde(rename_all = "camelCase")]
pub struct NeedsPlanView {
    /// Id.
    pub id: Uuid,
    /// Year that it is for.
    #[schema(minimum = 2005, maximum = 2200)]
    pub year: i32,
    /// Revision, from 1; the highest one of a year holds.
    #[schema(minimum = 1, maximum = 100_000)]
    pub revision: i32,
    /// Day on which it was sent.
    pub submitted_on: Day,
    /// People who could be sent to work.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub eligible_people: i32,
    /// The needs.
    #[schema(value_type = Vec<NeedsLine>, max_items = 200)]
    pub lines: Stored<Vec<NeedsLine>>,
    /// Why it revises an earlier plan.
    pub reason: Option<LongText>,
}

/// A plan of needs with its sums.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SummedNeedsPlanView {
    /// The plan.
    #[serde(flatten)]
    pub plan: NeedsPlanView,
    /// Places of all lines.
    #[schema(minimum = 0, maximum = 2_000_000)]
    pub places: i32,
    /// Hours of all lines.
    pub hours: Hours,
    /// Whether the first plan of the year was sent after 31 January.
    pub late: bool,
}

impl View for SummedNeedsPlanView {}

impl SummedNeedsPlanView {
    fn of(plan: NeedsPlanView) -> Result<Self, Problem> {
        let places = plan.lines.0.iter().map(|line| line.places).sum();
        let hours = Hours::checked_sum(plan.lines.0.iter().map(|line| line.hours));
        let hours = hours.ok_or_else(|| catalogue::INTERNAL.problem().because("hours of a plan out of range"))?;
        let late = plan.revision == 1 && is_late(plan.year, plan.submitted_on);
        Ok(Self { plan, places, hours, late })
    }
}

/// Whether a plan came after 31 January of its year.
fn is_late(year: i32, submitted_on: Day) -> bool {
    NaiveDate::from_ymd_opt(year, 1, 31).is_some_and(|term| submitted_on.date() > term)
}

/// Which plans.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct NeedsPlanFilter {
    /// For this year.
    #[param(minimum = 2005, maximum = 2200)]
    year: Option<i32>,
}

/// Records the plan of needs of a year, or its next revision.
#[utoipa::path(tag = "needs-plans", request_body = NeedsPlanBody,
    responses((status = 201, body = SummedNeedsPlanView, description = "The plan")))]
#[post("/needs-plans")]
async fn record_needs_plan(permit: Permit<RecordNeedsPlan>, body: Body<NeedsPlanBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("needsPlan", [id]);
            tx.expect_past(body.submitted_on, "/submittedOn")?;
            expect_hosts(tx, &body.lines)?;
            if Hours::checked_sum(body.lines.iter().map(|line| line.hours)).is_none() {
                return Err(PLAN_TOO_LARGE.at("/lines"));
            }
            let revision = last_revision(tx, body.year)? + 1;
            if (revision == 1) != body.reason.is_none() {
                let definition = if revision == 1 { &PLAN_REASON } else { &PLAN_REVISED };
                return Err(definition.at("/reason").with("revision", revision));
            }
            let plan: NeedsPlanView = diesel::insert_into(needs_plans::table)
                .values((
                    needs_plans::id.eq(id),
                    needs_plans::year.eq(body.year),
                    needs_plans::revision.eq(revision),
                    needs_plans::submitted_on.eq(body.submitted_on),
                    needs_plans::eligible_people.eq(body.eligible_people),
                    needs_plans::lines.eq(Stored(body.lines.clone())),
                    needs_plans::reason.eq(&body.reason),
                ))
                .returning(NeedsPlanView::as_returning())
                .get_result(tx.conn)?;
            tx.announce("needsPlan", id, "needs_plan.recorded", json!({ "needsPlanId": id, "year": body.year }));
            Ok(Written::created(format!("/needs-plans/{id}"), SummedNeedsPlanView::of(plan)?))
        })
        .await
}

/// Lists plans of needs.
#[utoipa::path(tag = "needs-plans", params(NeedsPlanFilter, PageQuery),
    responses((status = 200, body = Page<NeedsPlanView>, description = "A page of plans")))]
#[get("/needs-plans")]
async fn list_needs_plans(permit: Permit<ListNeedsPlans>, filter: Filter<NeedsPlanFilter>) -> Result<Reply, Problem> {
    if filter.0.year.is_some_and(|year| !YEARS.contains(&year)) {
        return Err(invalid_parameter("year", Hint::whole_number(*YEARS.start(), *YEARS.end())));
    }
    permit.list(|plan: &NeedsPlanView| plan.id, move |tx, window| select_plans(tx, filter.0, window)).await
}

/// Reads a plan of needs with its sums.
#[utoipa::path(tag = "needs-plans", params(("id" = Uuid, Path, description = "Plan")),
    responses((status = 200, body = SummedNeedsPlanView, description = "The plan")))]
#[get("/needs-plans/{id}")]
async fn get_needs_plan(permit: Permit<GetNeedsPlan>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let plan = needs_plans::table
                .filter(own(tx, needs_plans::tenant_id))
                .filter(needs_plans::id.eq(id.0))
                .select(NeedsPlanView::as_select())
                .first(tx.conn)?;
            SummedNeedsPlanView::of(plan)
        })
        .await
}

/// Hosts stand in the document of the plan, where no foreign key looks after them.
fn expect_hosts(tx: &mut Tx, lines: &[NeedsLine]) -> Result<(), Problem> {
    let wanted: Vec<Uuid> = lines.iter().filter_map(|line| line.host_id).collect();
    let known: Vec<Uuid> =
        hosts::table.filter(own(tx, hosts::tenant_id)).filter(hosts::id.eq_any(wanted)).select(hosts::id).load(tx.conn)?;
    match lines.iter().position(|line| line.host_id.is_some_and(|host| !known.contains(&host))) {
        None => Ok(()),
        Some(place) => Err(catalogue::REFERENCE_NOT_FOUND.at(format!("/lines/{place}/hostId"))),
    }
}

fn last_revision(tx: &mut Tx, year: i32) -> Result<i32, Problem> {
    let last: Option<i32> = needs_plans::table
        .filter(own(tx, needs_plans::tenant_id))
        .filter(needs_plans::year.eq(year))
        .select(max(needs_plans::revision))
        .first(tx.conn)?;
    Ok(last.unwrap_or_default())
}

fn select_plans(tx: &mut Tx, filter: NeedsPlanFilter, window: Window) -> Result<Vec<NeedsPlanView>, Problem> {
    let mut query =
        needs_plans::table.filter(own(tx, needs_plans::tenant_id)).filter(needs_plans::id.gt(window.after)).into_boxed();
    if let Some(year) = filter.year {
        query = query.filter(needs_plans::year.eq(year));
    }
    Ok(query.order(needs_plans::id).limit(window.rows()).select(NeedsPlanView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_needs_plan).service(list_needs_plans).service(get_needs_plan);
}
