//! Whether a person takes part in another town: a yes or no, for a stated purpose and legal basis.
//!
//! It is the one question that passes the boundary between tenants. It is asked
//! about people whom the asking centre has recorded with their PESEL, through a
//! keyed index of its own key (`takes_part_elsewhere` of the database), and
//! answers neither town nor days. Every question is kept, is written to the
//! access register, is limited per client and per person, and takes the same
//! time whatever the answer.
//!
//! Legal source: art. 62b(2)(1) and 62b(3) of the Act of 20 April 2004: six months
//! in total, and no other form of help meanwhile.

use std::time::{Duration, Instant};

use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::admit::lock_person;
use super::{ASKED_TOO_OFTEN, PERIOD_TOO_LONG};
use crate::people::{expect_person, participation_candidates};
use crate::platform::body::{Body, PathId};
use crate::platform::clock::Clock;
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery};
use crate::platform::permit::Permit;
use crate::platform::policy::{CheckElsewhere, ListElsewhereChecks};
use crate::platform::problem::Problem;
use crate::platform::rate_limit::{Quota, RateLimit};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Period, Text, text_enum};
use crate::schema::elsewhere_checks;

/// Questions of one client: enough for a day of recruitment, too few to watch people.
const QUOTA: Quota = Quota { name: "elsewhere", limit: 60, window: TimeDelta::hours(1) };
/// Questions about one person in a day; more would find out days by asking about ever shorter periods.
const OF_ONE_PERSON: i64 = 4;
const A_DAY: TimeDelta = TimeDelta::hours(24);
/// Longest period of a question. **Units**: days.
const LONGEST: i64 = 366;
/// Answers leave on this beat, so that their time does not tell how far the search got.
const BEAT: Duration = Duration::from_millis(250);

/// How often each client may ask.
pub struct ElsewhereLimit(RateLimit<Uuid>);

impl ElsewhereLimit {
    /// The limit, with nothing counted yet.
    pub fn new(clock: Clock) -> Self {
        Self(RateLimit::new(QUOTA, clock))
    }
}

text_enum! {
    /// Why it cannot be told whether a person takes part elsewhere.
    pub enum UnknownBecause {
        /// No PESEL of the person is on file.
        NoIdentifier = "noIdentifier",
        /// A rehearsal (`dryRun`) asks nobody.
        Rehearsal = "rehearsal",
    }
}

/// The question whether a person takes part in another town.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "period": { "from": "2026-09-01", "to": "2026-10-31" }, "purpose": "rekrutacja do edycji III",
    "legalBasis": "art. 62b ust. 2 pkt 1 ustawy o promocji zatrudnienia"
}))]
pub struct ElsewhereCheckBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// The days asked about, at most 366.
    pub period: Period,
    /// What the answer is needed for; no personal data.
    pub purpose: Text<3, 200>,
    /// Act and article that allow the question.
    pub legal_basis: Text<3, 500>,
}

/// A question that was asked, and its answer.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = elsewhere_checks)]
#[serde(rename_all = "camelCase")]
pub struct ElsewhereCheckView {
    /// Id.
    pub id: Uuid,
    /// Person.
    pub person_id: Uuid,
    /// First day asked about.
    #[diesel(column_name = from_on)]
    pub from: Day,
    /// Last day asked about.
    #[diesel(column_name = to_on)]
    pub to: Day,
    /// What the answer was needed for.
    pub purpose: Text<3, 200>,
    /// Act and article.
    pub legal_basis: Text<3, 500>,
    /// Whether the person takes part in another town on one of the days, in a programme that excludes others; `null` is unknown.
    pub takes_part: Option<bool>,
    /// Why it is unknown.
    pub unknown_because: Option<UnknownBecause>,
    /// When it was asked.
    pub recorded_at: DateTime<Utc>,
    /// Client that asked.
    pub recorded_by: Uuid,
}

impl View for ElsewhereCheckView {}

#[derive(Insertable)]
#[diesel(table_name = elsewhere_checks)]
struct NewCheck<'a> {
    id: Uuid,
    person_id: Uuid,
    from_on: Day,
    to_on: Day,
    purpose: &'a Text<3, 200>,
    legal_basis: &'a Text<3, 500>,
    takes_part: Option<bool>,
    unknown_because: Option<UnknownBecause>,
}

diesel::define_sql_function! {
    /// Whether a person takes part in another tenant's edition; see the migration.
    fn takes_part_elsewhere(
        asked_person: diesel::sql_types::Uuid, candidates: diesel::sql_types::Array<diesel::sql_types::Bytea>,
        from_day: diesel::sql_types::Date, to_day: diesel::sql_types::Date
    ) -> diesel::sql_types::Bool;
}

/// Asks whether a person takes part in another town: yes, no, or unknown.
///
/// The answer tells neither town nor days. A client may ask 60 times an hour,
/// and about one person four times a day; every question is kept with purpose
/// and legal basis and written to the access register. A rehearsal asks nobody.
#[utoipa::path(tag = "people", request_body = ElsewhereCheckBody, params(("id" = Uuid, Path, description = "Person")),
    responses((status = 201, body = ElsewhereCheckView, description = "The question with its answer")))]
#[post("/people/{id}/participation-elsewhere-checks")]
async fn check_elsewhere(
    permit: Permit<CheckElsewhere>,
    limit: Data<ElsewhereLimit>,
    person: PathId,
    body: Body<ElsewhereCheckBody>,
) -> Result<Reply, Problem> {
    let began = Instant::now();
    let reply = permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("elsewhere_check", [id, person.0]);
            tx.note_purpose(body.purpose.as_str());
            check_body(body)?;
            expect_person(tx, person.0)?;
            if !tx.is_rehearsal() {
                limit.0.count(tx.caller.client)?;
                // Somebody may have been merged since the line before.
                lock_person(tx, person.0).or_else(|problem| expect_person(tx, person.0).and(Err(problem)))?;
                refuse_too_many(tx, person.0)?;
            }
            let answer = ask(tx, person.0, body.period)?;
            let location = format!("/people/{}/participation-elsewhere-checks", person.0);
            Ok(Written::created(location, keep(tx, id, person.0, body, answer)?))
        })
        .await;
    // The next beat after the work, whatever it was.
    let over = Duration::from_nanos(u64::try_from(began.elapsed().as_nanos() % BEAT.as_nanos()).unwrap_or_default());
    actix_web::rt::time::sleep(BEAT.saturating_sub(over)).await;
    reply
}

/// Lists the questions whether a person takes part elsewhere.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person"), PageQuery),
    responses((status = 200, body = Page<ElsewhereCheckView>, description = "A page of questions with their answers")))]
#[get("/people/{id}/participation-elsewhere-checks")]
async fn list_elsewhere_checks(permit: Permit<ListElsewhereChecks>, person: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |check: &ElsewhereCheckView| check.id,
            move |tx, window| {
                expect_person(tx, person.0)?;
                Ok(elsewhere_checks::table
                    .filter(own(tx, elsewhere_checks::tenant_id))
                    .filter(elsewhere_checks::person_id.eq(person.0))
                    .filter(elsewhere_checks::id.gt(window.after))
                    .order(elsewhere_checks::id)
                    .limit(window.rows())
                    .select(ElsewhereCheckView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

fn check_body(body: &ElsewhereCheckBody) -> Result<(), Problem> {
    if body.period.days() > LONGEST {
        return Err(PERIOD_TOO_LONG.at("/period").with("days", LONGEST));
    }
    Ok(())
}

fn refuse_too_many(tx: &mut Tx, person: Uuid) -> Result<(), Problem> {
    let asked: i64 = elsewhere_checks::table
        .filter(own(tx, elsewhere_checks::tenant_id))
        .filter(elsewhere_checks::person_id.eq(person))
        .filter(elsewhere_checks::recorded_at.gt(tx.now() - A_DAY))
        .count()
        .get_result(tx.conn)?;
    if asked < OF_ONE_PERSON { Ok(()) } else { Err(ASKED_TOO_OFTEN.problem().with("limit", OF_ONE_PERSON)) }
}

fn ask(tx: &mut Tx, person: Uuid, period: Period) -> Result<Result<bool, UnknownBecause>, Problem> {
    if tx.is_rehearsal() {
        return Ok(Err(UnknownBecause::Rehearsal));
    }
    let Some(candidates) = participation_candidates(tx, person)? else { return Ok(Err(UnknownBecause::NoIdentifier)) };
    let question = diesel::select(takes_part_elsewhere(person, candidates, period.from(), period.to()));
    Ok(Ok(question.get_result(tx.conn)?))
}

fn keep(
    tx: &mut Tx,
    id: Uuid,
    person: Uuid,
    body: &ElsewhereCheckBody,
    answer: Result<bool, UnknownBecause>,
) -> Result<ElsewhereCheckView, Problem> {
    Ok(diesel::insert_into(elsewhere_checks::table)
        .values(NewCheck {
            id,
            person_id: person,
            from_on: body.period.from(),
            to_on: body.period.to(),
            purpose: &body.purpose,
            legal_basis: &body.legal_basis,
            takes_part: answer.ok(),
            unknown_because: answer.err(),
        })
        .returning(ElsewhereCheckView::as_returning())
        .get_result(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(check_elsewhere).service(list_elsewhere_checks);
}
