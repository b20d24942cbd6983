//! The closing of an edition, which completes whoever reached the planned end.

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ending::{EndReason, store_end};
use super::participations::{ParticipationState, Stay};
use super::{EDITION_ALREADY_CLOSED, OUTSIDE_EDITION, STILL_RUNNING};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::CloseEdition;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, LongText};
use crate::programmes::facts::{EditionFacts, lock_edition};
use crate::recruitment::offers::close_offers;
use crate::schema::{edition_events, editions, participations};

/// The closing of an edition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-05-29" }))]
pub struct ClosureBody {
    /// Day of closing; nobody may take part after it.
    pub effective_on: Day,
    /// Remarks; no names.
    pub note: Option<LongText>,
}

/// A closed edition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClosureView {
    /// Edition.
    pub edition_id: Uuid,
    /// Day of closing.
    pub closed_on: Day,
    /// Participations that the closing completed.
    #[schema(max_items = 100_000)]
    pub completed_participation_ids: Vec<Uuid>,
    /// Version of the edition, as in its ETag.
    #[schema(minimum = 1)]
    pub version: i32,
}

impl View for ClosureView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// Why a closing is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum ClosureError {
    #[error("the edition is closed")]
    AlreadyClosed,
    #[error("the day is before the edition")]
    BeforeStart,
    #[error("{} participations last longer", .0.len())]
    StillRunning(Vec<Uuid>),
}

/// Whom a closing completes, if it may be: nobody may take part after it.
fn check_closure(starts_on: Day, closed_on: Option<Day>, stays: &[Stay], effective_on: Day) -> Result<Vec<Stay>, ClosureError> {
    if closed_on.is_some() {
        return Err(ClosureError::AlreadyClosed);
    }
    if effective_on < starts_on {
        return Err(ClosureError::BeforeStart);
    }
    let running: Vec<Uuid> = stays.iter().filter(|stay| stay.last_on() > effective_on).map(|stay| stay.id).collect();
    if !running.is_empty() {
        return Err(ClosureError::StillRunning(running));
    }
    Ok(stays.iter().filter(|stay| stay.state == ParticipationState::Active).copied().collect())
}

fn refusal(error: ClosureError, edition: &EditionFacts) -> Problem {
    match error {
        ClosureError::AlreadyClosed => EDITION_ALREADY_CLOSED.problem(),
        ClosureError::BeforeStart => OUTSIDE_EDITION
            .at("/effectiveOn")
            .with("startsOn", edition.starts_on.to_string())
            .with("endsOn", edition.ends_on.to_string()),
        ClosureError::StillRunning(ids) => {
            let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
            STILL_RUNNING.at("/effectiveOn").with("participationIds", ids)
        }
    }
}

/// Closes an edition.
///
/// Whoever still takes part and has reached the planned end by then is
/// completed with the planned end as the last day. Offers that nobody has taken
/// up are taken back. An edition may be closed before its planned end when nobody
/// takes part any more, but not before the day of closing has come.
#[utoipa::path(tag = "editions", request_body = ClosureBody, params(("id" = Uuid, Path, description = "Edition")),
    responses((status = 200, body = ClosureView, description = "The closed edition")))]
#[post("/editions/{id}/closure")]
async fn close_edition(permit: Permit<CloseEdition>, id: PathId, body: Body<ClosureBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("edition", [id.0]);
            Ok(Written::changed(close(tx, id.0, body)?))
        })
        .await
}

fn close(tx: &mut Tx, id: Uuid, body: &ClosureBody) -> Result<ClosureView, Problem> {
    let edition = lock_edition(tx, id)?;
    tx.expect_version(edition.row_version)?;
    tx.expect_past(body.effective_on, "/effectiveOn")?;
    let stays = lock_stays(tx, id)?;
    let completed = check_closure(edition.starts_on, edition.closed_on, &stays, body.effective_on)
        .map_err(|error| refusal(error, &edition))?;
    for stay in &completed {
        store_end(tx, stay, EndReason::Completed, stay.planned_end_on, None, None)?;
    }
    close_offers(tx, id, body.effective_on)?;
    let version = diesel::update(editions::table.filter(own(tx, editions::tenant_id)).filter(editions::id.eq(id)))
        .set(editions::closed_on.eq(body.effective_on))
        .returning(editions::row_version)
        .get_result(tx.conn)?;
    let event = tx.id_or_new(None);
    diesel::insert_into(edition_events::table)
        .values((
            edition_events::id.eq(event),
            edition_events::edition_id.eq(id),
            edition_events::kind.eq("closed"),
            edition_events::occurred_on.eq(body.effective_on),
            edition_events::occurred_precision.eq(DatePrecision::Day),
            edition_events::note.eq(body.note.as_ref()),
        ))
        .execute(tx.conn)?;
    tx.announce("edition", id, "edition.closed", json!({ "editionId": id, "closedOn": body.effective_on }));
    Ok(ClosureView {
        edition_id: id,
        closed_on: body.effective_on,
        completed_participation_ids: completed.iter().map(|stay| stay.id).collect(),
        version,
    })
}

fn lock_stays(tx: &mut Tx, edition: Uuid) -> Result<Vec<Stay>, Problem> {
    Ok(participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .order(participations::id)
        .select(Stay::as_select())
        .for_update()
        .load(tx.conn)?)
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(close_edition);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn stay(number: u128, planned_end_on: &str, ended_on: Option<&str>) -> Stay {
        Stay {
            id: Uuid::from_u128(number),
            edition_id: Uuid::nil(),
            person_id: Uuid::nil(),
            seat: None,
            starts_on: day("2020-10-15"),
            planned_end_on: day(planned_end_on),
            ended_on: ended_on.map(day),
            state: if ended_on.is_some() { ParticipationState::Exited } else { ParticipationState::Active },
            row_version: 1,
        }
    }

    #[test]
    fn closing_completes_who_reached_the_planned_end_and_waits_for_the_others() {
        let starts_on = day("2020-10-15");
        let stays = [stay(1, "2020-12-14", None), stay(2, "2020-11-30", None), stay(3, "2020-12-14", Some("2020-11-06"))];
        let completed = |closed_on: Option<&str>, stays: &[Stay], on: &str| {
            check_closure(starts_on, closed_on.map(day), stays, day(on))
                .map(|stays| stays.iter().map(|stay| stay.id.as_u128()).collect::<Vec<_>>())
        };
        assert_eq!(completed(None, &stays, "2020-12-14"), Ok(vec![1, 2]));
        assert_eq!(completed(None, &stays, "2020-12-13"), Err(ClosureError::StillRunning(vec![Uuid::from_u128(1)])));
        assert_eq!(completed(None, &stays[2..], "2020-11-06"), Ok(vec![]));
        assert_eq!(completed(None, &stays[2..], "2020-11-05"), Err(ClosureError::StillRunning(vec![Uuid::from_u128(3)])));
        assert_eq!(completed(None, &[], "2020-10-14"), Err(ClosureError::BeforeStart));
        assert_eq!(completed(Some("2020-12-14"), &stays, "2020-12-20"), Err(ClosureError::AlreadyClosed));
    }
}
