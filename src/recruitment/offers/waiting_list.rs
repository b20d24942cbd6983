//! The reserve list as it stands on a day: who is next, and why others are passed.

use std::collections::HashMap;

use actix_web::get;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::grounds::SeatCount;
use super::listed::{Listed, listed_by};
use super::making::{arithmetic, look_at, seat_on};
use super::offer::{OfferView, offers_as_of};
use super::turns::{Entry, Passed, Stay};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::GetWaitingList;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, Period};
use crate::programmes::facts::{EditionFacts, get_edition_facts};
use crate::schema::participations;

/// On which day the list is looked at.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct WaitingListFilter {
    /// Day from which a seat would be given.
    #[param(inline, example = "2026-06-15")]
    effective_on: Day,
}

/// A candidate of the reserve list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingView {
    /// Application.
    pub application_id: Uuid,
    /// Position on the list; those without stand at its end.
    #[schema(minimum = 1, maximum = 100_000)]
    pub position: Option<i32>,
    /// Place among those whose turn is still to come, from 1, whether a seat is free or not; none for those who are passed.
    #[schema(minimum = 1, maximum = 100_000)]
    pub order: Option<i32>,
    /// The same for those to whom a free seat can be offered on the day; none where the seats do not reach that far.
    #[schema(minimum = 1, maximum = 100_000)]
    pub turn: Option<i32>,
    /// Why the candidate is passed.
    pub passed: Option<Passed>,
    /// Day from which it is so, where it has one.
    pub since: Option<Day>,
}

/// The reserve list of an edition on a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingListView {
    /// Edition.
    pub edition_id: Uuid,
    /// The day.
    pub effective_on: Day,
    /// The arithmetic of the seats from the day to the end of the edition, on the day on which they are scarcest; none where the edition is over.
    pub seats: Option<SeatCount>,
    /// The candidates in the order of the list.
    #[schema(max_items = 100_000)]
    pub candidates: Vec<WaitingView>,
}

impl View for WaitingListView {}

/// A candidate who waits, and what speaks against a seat from a day on.
#[derive(Debug)]
pub struct Waiting {
    /// The candidate.
    pub entry: Entry,
    /// Why the candidate is passed, and since when; none whose turn is still to come.
    pub passed: Option<(Passed, Option<Day>)>,
}

/// Reads the reserve list: who is next for a seat, and why others are passed.
///
/// Seats that are taken, promised or kept are counted beside it: as many candidates have a `turn` as are left. An open offer whose last day for an answer is before the day,
/// and before today, counts as expired. The list is that of the decisions and withdrawals by the day: whoever left it later, by
/// a withdrawal, a merge, a selection or a rejection, still stands on the list of a day that has passed as before, though no
/// offer can be made any more. Everything else that passes a candidate is told as it stands now, with `since`.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), WaitingListFilter),
    responses((status = 200, body = WaitingListView, description = "The reserve list")))]
#[get("/editions/{id}/waiting-list")]
async fn get_waiting_list(
    permit: Permit<GetWaitingList>,
    id: PathId,
    filter: Filter<WaitingListFilter>,
) -> Result<Reply, Problem> {
    let effective_on = filter.0.effective_on;
    permit
        .read(move |tx| {
            let edition = get_edition_facts(tx, id.0)?;
            let of_edition = offers_as_of(tx, edition.id, effective_on)?;
            let seats = arithmetic(tx, &edition, &of_edition, effective_on)?;
            let free = seats.map_or(0, |seats| seats.free());
            let mut order = 0;
            let entries = waiting_in_order(tx, edition.id, effective_on, &of_edition)?;
            let entries = entries.into_iter().map(|entry| entry.before_leaving_after(effective_on)).collect();
            let candidates = wanting_seat(tx, &edition, effective_on, entries)?.into_iter().map(|waiting| {
                order += i32::from(waiting.passed.is_none());
                WaitingView {
                    application_id: waiting.entry.application,
                    position: waiting.entry.position,
                    order: waiting.passed.is_none().then_some(order),
                    turn: (waiting.passed.is_none() && order <= free).then_some(order),
                    passed: waiting.passed.map(|(reason, _)| reason),
                    since: waiting.passed.and_then(|(_, since)| since),
                }
            });
            Ok(WaitingListView { edition_id: edition.id, effective_on, candidates: candidates.collect(), seats })
        })
        .await
}

/// Everybody of the reserve list, in its order, with what speaks against a seat from a day on.
///
/// # Errors
/// When the store fails.
pub fn waiting_for(tx: &mut Tx, edition: &EditionFacts, effective_on: Day) -> Result<Vec<Waiting>, Problem> {
    let of_edition = offers_as_of(tx, edition.id, effective_on)?;
    let entries = waiting_in_order(tx, edition.id, effective_on, &of_edition)?;
    wanting_seat(tx, edition, effective_on, entries)
}

/// What speaks against a seat from a day on for each candidate; nobody wants one after the end of the edition.
fn wanting_seat(tx: &mut Tx, edition: &EditionFacts, effective_on: Day, entries: Vec<Entry>) -> Result<Vec<Waiting>, Problem> {
    let Some(seat) = seat_on(edition, effective_on, effective_on) else { return Ok(Vec::new()) };
    look_at(tx, edition, seat, entries)
}

/// The reserve list of an edition in its order, as it was decided by a day; with those who have left it since, and those who came
/// later.
pub(super) fn waiting_in_order(tx: &mut Tx, edition: Uuid, on: Day, of_edition: &[OfferView]) -> Result<Vec<Entry>, Problem> {
    let mut listed = listed_by(tx, edition, on)?;
    listed.sort_unstable_by_key(|one| (one.position.is_none(), one.position, one.application));
    let mut stays: HashMap<Uuid, Vec<Stay>> = HashMap::new();
    for stay in stays_of(tx, listed.iter().map(|one| one.person).collect())? {
        stays.entry(stay.person).or_default().push(stay);
    }
    let mut offers: HashMap<Uuid, Vec<OfferView>> = HashMap::new();
    for offer in of_edition {
        offers.entry(offer.application_id).or_default().push(offer.clone());
    }
    let entry = |Listed { application, person, position, state, decided_on, left_on }| Entry {
        application,
        person,
        position,
        state,
        decided_on,
        left_on,
        offers: offers.remove(&application).unwrap_or_default(),
        // The same person may stand on the list twice.
        stays: stays.get(&person).cloned().unwrap_or_default(),
    };
    Ok(listed.into_iter().map(entry).collect())
}

/// The participations of some people, in whatever edition.
fn stays_of(tx: &mut Tx, people: Vec<Uuid>) -> Result<Vec<Stay>, Problem> {
    type Row = (Uuid, Uuid, Day, Day, Option<Day>, Option<Code>);
    let rows: Vec<Row> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::person_id.eq_any(people))
        .order(participations::starts_on)
        .select((
            participations::person_id,
            participations::edition_id,
            participations::starts_on,
            participations::planned_end_on,
            participations::ended_on,
            participations::cumulative_group,
        ))
        .load(tx.conn)?;
    let stay = |(person, edition, from, planned, ended, group): Row| {
        Some(Stay { person, edition, days: Period::new(from, ended.unwrap_or(planned)).ok()?, group })
    };
    Ok(rows.into_iter().filter_map(stay).collect())
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_waiting_list);
}
