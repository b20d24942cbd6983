//! Follow-up tasks: who has to be asked whether they work, 4 weeks, 3 and 6 months after.
//!
//! Nothing is stored: a task follows from the end of a participation, the
//! clock of the regime and what is on file. It is due once its window is over
//! and nobody knows; `unknown` is an answer that leaves it due, because it is
//! not "no", and so does a "no" that was given before the window was over.

mod tasks;

use std::collections::HashMap;

use actix_web::get;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use self::tasks::{Answer, Exit, FollowUpState, FollowUpTask, tasks};
use super::employment_checks::{CheckResult, CheckWindow};
use crate::platform::body::Filter;
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::ListFollowUps;
use crate::platform::problem::Problem;
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Stored};
use crate::programmes::RegimeParameters;
use crate::schema::{agreements, editions, employment_checks, employment_spells, participations, regimes};

/// Participations that are looked at together.
const BATCH: i64 = 500;

/// Which tasks to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct FollowUpFilter {
    /// Tasks of this edition.
    pub edition_id: Option<Uuid>,
    /// Tasks of this participation.
    pub participation_id: Option<Uuid>,
    /// Only tasks in this state, and participations that have any.
    #[param(inline)]
    pub state: Option<FollowUpState>,
    /// Day for which the list is made; today unless given. What was found out later is left out.
    pub on: Option<Day>,
}

/// The follow-up of a participation that has ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowUpView {
    /// The participation.
    pub participation_id: Uuid,
    /// Its edition.
    pub edition_id: Uuid,
    /// Who took part.
    pub person_id: Uuid,
    /// Last day of the participation; the clock of the person begins after it.
    pub exit_on: Day,
    /// Last day of the edition; the clock of the programme begins after it.
    pub programme_ends_on: Day,
    /// One task for each window.
    #[schema(max_items = 3)]
    pub tasks: Vec<FollowUpTask>,
}

/// Lists whom to ask whether they work.
///
/// Each participation that has ended has a task 4 weeks, 3 months and 6 months after, by the clock of its regime. A task
/// is `answered` by a job that began in the window, by the answer `employed`, or by `notEmployed` given when the window was
/// over; `unknown` does not answer it. The due list of a day is `state=due`.
#[utoipa::path(tag = "follow-ups", params(FollowUpFilter, PageQuery),
    responses((status = 200, body = Page<FollowUpView>, description = "A page of participations with their tasks")))]
#[get("/follow-ups")]
async fn list_follow_ups(permit: Permit<ListFollowUps>, filter: Filter<FollowUpFilter>) -> Result<Reply, Problem> {
    permit
        .list(|follow_up: &FollowUpView| follow_up.participation_id, move |tx, window| select_follow_ups(tx, window, &filter.0))
        .await
}

/// Goes through the participations in the order of their ids until the page is full: the state follows from dates and
/// answers, not from a column.
fn select_follow_ups(tx: &mut Tx, window: Window, filter: &FollowUpFilter) -> Result<Vec<FollowUpView>, Problem> {
    let on = filter.on.map_or(tx.today(), Day::date);
    let wanted = usize::try_from(window.rows()).unwrap_or(usize::MAX);
    let (mut found, mut after) = (Vec::new(), window.after);
    loop {
        let ended = ended(tx, filter, on, after)?;
        let is_last = i64::try_from(ended.len()).is_ok_and(|count| count < BATCH);
        let Some(last) = ended.last().map(|row| row.id) else { break };
        after = last;
        found.extend(follow_ups(tx, ended, on, filter.state)?);
        if found.len() >= wanted || is_last {
            break;
        }
    }
    found.truncate(wanted);
    Ok(found)
}

#[derive(Queryable)]
struct PastStay {
    id: Uuid,
    edition_id: Uuid,
    person_id: Uuid,
    ended_on: Option<Day>,
    programme_ends_on: Day,
    regime: Stored<RegimeParameters>,
}

fn ended(tx: &mut Tx, filter: &FollowUpFilter, on: NaiveDate, after: Uuid) -> Result<Vec<PastStay>, Problem> {
    let edition = editions::tenant_id.eq(participations::tenant_id).and(editions::id.eq(participations::edition_id));
    let agreement = agreements::tenant_id.eq(editions::tenant_id).and(agreements::id.eq(editions::agreement_id));
    let regime = regimes::tenant_id.eq(agreements::regime_tenant_id).and(regimes::id.eq(agreements::regime_id));
    let mut query = participations::table
        .inner_join(editions::table.on(edition))
        .inner_join(agreements::table.on(agreement))
        .inner_join(regimes::table.on(regime))
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.gt(after))
        .filter(participations::ended_on.le(on))
        .into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(participations::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(participations::id.eq(participation));
    }
    Ok(query
        .order(participations::id)
        .limit(BATCH)
        .select((
            participations::id,
            participations::edition_id,
            participations::person_id,
            participations::ended_on,
            editions::ends_on,
            regimes::parameters,
        ))
        .load(tx.conn)?)
}

fn follow_ups(
    tx: &mut Tx,
    rows: Vec<PastStay>,
    on: NaiveDate,
    state: Option<FollowUpState>,
) -> Result<Vec<FollowUpView>, Problem> {
    let answers = answers(tx, &rows, on)?;
    let jobs = jobs(tx, &rows, on)?;
    let none = (Vec::new(), Vec::new());
    let follow_up = |row: PastStay| {
        let exit_on = row.ended_on?;
        let exit = Exit { person: exit_on, programme: row.programme_ends_on, clock: row.regime.0.follow_up_clock };
        let answers = answers.get(&row.id).unwrap_or(&none.0);
        let mut tasks = tasks(&exit, answers, jobs.get(&row.person_id).unwrap_or(&none.1), on);
        tasks.retain(|task| state.is_none_or(|state| task.state == state));
        (!tasks.is_empty()).then_some(FollowUpView {
            participation_id: row.id,
            edition_id: row.edition_id,
            person_id: row.person_id,
            exit_on,
            programme_ends_on: row.programme_ends_on,
            tasks,
        })
    };
    Ok(rows.into_iter().filter_map(follow_up).collect())
}

/// The answers about some participations up to a day, newest first.
fn answers(tx: &mut Tx, rows: &[PastStay], on: NaiveDate) -> Result<HashMap<Uuid, Vec<Answer>>, Problem> {
    let all: Vec<(Uuid, CheckWindow, CheckResult, Day)> = employment_checks::table
        .filter(own(tx, employment_checks::tenant_id))
        .filter(employment_checks::edition_id.eq_any(rows.iter().map(|row| row.edition_id)))
        .filter(employment_checks::participation_id.eq_any(rows.iter().map(|row| row.id)))
        .filter(employment_checks::checked_on.le(on))
        .order((employment_checks::checked_on.desc(), employment_checks::recorded_at.desc(), employment_checks::id.desc()))
        .select((
            employment_checks::participation_id,
            employment_checks::time_window,
            employment_checks::result,
            employment_checks::checked_on,
        ))
        .load(tx.conn)?;
    let mut answers: HashMap<Uuid, Vec<Answer>> = HashMap::new();
    for (participation, window, result, checked_on) in all {
        answers.entry(participation).or_default().push(Answer { window, result, checked_on });
    }
    Ok(answers)
}

/// The first days of the jobs of some people up to a day.
fn jobs(tx: &mut Tx, rows: &[PastStay], on: NaiveDate) -> Result<HashMap<Uuid, Vec<NaiveDate>>, Problem> {
    let all: Vec<(Uuid, NaiveDate)> = employment_spells::table
        .filter(own(tx, employment_spells::tenant_id))
        .filter(employment_spells::person_id.eq_any(rows.iter().map(|row| row.person_id)))
        .filter(employment_spells::superseded_at.is_null())
        .filter(employment_spells::starts_on.le(on))
        .select((employment_spells::person_id, employment_spells::starts_on))
        .load(tx.conn)?;
    let mut jobs: HashMap<Uuid, Vec<NaiveDate>> = HashMap::new();
    for (person, starts_on) in all {
        jobs.entry(person).or_default().push(starts_on);
    }
    Ok(jobs)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_follow_ups);
}
