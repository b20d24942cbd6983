//! Adopting a protocol: its rows become decisions, all of them or none.

use std::collections::HashMap;

use actix_web::post;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::appeals::upheld_on;
use super::replacing::{begins_at, is_outdated, only_changes, refuse_replaced, still_open};
use super::rows::RankingList;
use super::views::{Protocol, ProtocolView, find_adoption};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::deadline::DEADLINE_OF_THOUSANDS;
use crate::platform::permit::Permit;
use crate::platform::policy::AdoptRanking;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, between};
use crate::programmes::facts::{before_closing, lock_edition};
use crate::recruitment::applications::{ApplicationState, NewStep, append_steps, placed};
use crate::recruitment::decisions::{Basis, Decision, RejectionReason};
use crate::recruitment::eligibility::{Outcome, carried_of_edition};
use crate::recruitment::offers::refuse_with_offer;
use crate::recruitment::{ALREADY_ADOPTED, OUT_OF_ORDER, PROTOCOL_OVERTAKEN, PROTOCOL_SAYS_OTHERWISE, Reason};
use crate::schema::{applications, ranking_adoptions, ranking_rows};

/// An adoption by a commission.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "adoptedOn": "2026-06-15", "commissionMembers": 3, "reason": "Protokół komisji rekrutacyjnej" }))]
pub struct AdoptionBody {
    /// Day of the adoption, today at the latest; from then on the decisions hold.
    pub adopted_on: Day,
    /// Members of the commission.
    #[serde(deserialize_with = "between::<1, 100, _, _>")]
    #[schema(minimum = 1, maximum = 100)]
    pub commission_members: i32,
    /// Why; no names.
    pub reason: Reason,
}

/// A row that is to become a decision.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Adopted {
    pub application: Uuid,
    list: RankingList,
    rank: Option<i32>,
    rejection_reason: Option<RejectionReason>,
    version: i32,
}

/// What a row becomes.
pub(super) struct NewDecision {
    pub application: Uuid,
    pub decision: Decision,
    /// Place in the protocol; none where it only moves somebody who waits.
    pub rank: Option<i32>,
    pub rejection_reason: Option<RejectionReason>,
    pub reserve_position: Option<i32>,
}

/// An application as it stands when the protocol is adopted.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Now {
    id: Uuid,
    version: i32,
    decided_on: Option<Day>,
    pub state: ApplicationState,
    rejection_reason: Option<RejectionReason>,
    pub reserve_position: Option<i32>,
    pub placed: bool,
}

impl Now {
    /// Whether a decision would change anything.
    pub fn differs(&self, decided: &NewDecision) -> bool {
        (self.state, self.rejection_reason, self.reserve_position)
            != (decided.decision.leads_to().0, decided.rejection_reason, decided.reserve_position)
    }
}

/// Adopts a ranking protocol: writes the decisions of all its rows at once.
///
/// The basic list is selected, the reserve list is put on the reserve list in its
/// order behind those who wait there, the rejected are rejected; about the
/// undetermined nothing is decided. Refused where anything has happened to an
/// application since it was ranked: then rank again. Whoever has an offer stays on
/// the reserve list until it is answered or taken back. A protocol that takes the
/// place of another upon an appeal decides what it changes, and takes no promised
/// place back.
#[utoipa::path(tag = "ranking-protocols", request_body = AdoptionBody, params(("id" = Uuid, Path, description = "Protocol")),
    responses((status = 200, body = ProtocolView, description = "The protocol with its adoption")))]
#[post("/ranking-protocols/{id}/adoption")]
async fn adopt_ranking(permit: Permit<AdoptRanking>, id: PathId, body: Body<AdoptionBody>) -> Result<Reply, Problem> {
    permit
        .taking_up_to(DEADLINE_OF_THOUSANDS)
        .write(body, move |tx, body| {
            tx.touch("ranking_protocol", [id.0]);
            adopt(tx, id.0, body)?;
            Ok(Written::changed(ProtocolView::read(tx, id.0)?))
        })
        .await
}

fn adopt(tx: &mut Tx, id: Uuid, body: &AdoptionBody) -> Result<(), Problem> {
    let protocol = Protocol::find(tx, id)?;
    // Decisions and admissions lock the edition first, too.
    let edition = lock_edition(tx, protocol.edition_id)?;
    if find_adoption(tx, id)?.is_some() {
        return Err(ALREADY_ADOPTED.problem());
    }
    tx.expect_past(body.adopted_on, "/adoptedOn")?;
    before_closing(edition.closed_on, body.adopted_on, "/adoptedOn")?;
    let earliest = upheld_on(tx, id)?.map_or(protocol.effective_on, |day| day.max(protocol.effective_on));
    if body.adopted_on < earliest {
        return Err(OUT_OF_ORDER.at("/adoptedOn").with("earliest", earliest.to_string()));
    }
    refuse_replaced(tx, id)?;
    let rows = rows_to_adopt(tx, id)?;
    let now = lock_applications(tx, &rows)?;
    let replaces = protocol.replaces_id.is_some();
    let rows = if replaces { still_open(rows, &now) } else { rows };
    refuse_overtaken(&rows, &now, body.adopted_on)?;
    insert_adoption(tx, id, body)?;
    let begins = begins_at(&now).filter(|_| replaces);
    let mut decisions = decisions_of(tx, protocol.edition_id, rows, begins)?;
    if replaces {
        decisions = only_changes(tx, protocol.edition_id, decisions, &now)?;
    }
    let day = (protocol.edition_id, body.adopted_on);
    refuse_with_offer(tx, day, decisions.iter().map(|decided| (decided.application, decided.decision)))?;
    write_decisions(tx, id, &decisions, body.adopted_on)?;
    append_decisions(tx, &protocol, &decisions, body)?;
    tx.announce(
        "edition",
        protocol.edition_id,
        "edition.ranking_adopted",
        json!({ "editionId": protocol.edition_id, "protocolId": id, "effectiveOn": body.adopted_on }),
    );
    for decided in &decisions {
        tx.announce(
            "application",
            decided.application,
            "application.decided",
            json!({
                "applicationId": decided.application,
                "editionId": protocol.edition_id,
                "decision": decided.decision,
                "effectiveOn": body.adopted_on,
            }),
        );
    }
    Ok(())
}

/// The rows of a protocol that decide something, in their order.
fn rows_to_adopt(tx: &mut Tx, id: Uuid) -> Result<Vec<Adopted>, Problem> {
    Ok(ranking_rows::table
        .filter(own(tx, ranking_rows::tenant_id))
        .filter(ranking_rows::protocol_id.eq(id))
        .filter(ranking_rows::list.ne(RankingList::Undetermined))
        .order(ranking_rows::id)
        .select((
            ranking_rows::application_id,
            ranking_rows::list,
            ranking_rows::rank,
            ranking_rows::rejection_reason,
            ranking_rows::application_version,
        ))
        .load(tx.conn)?)
}

/// Locks the applications and reads how they stand.
fn lock_applications(tx: &mut Tx, rows: &[Adopted]) -> Result<HashMap<Uuid, Now>, Problem> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.application).collect();
    let of_them = applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.eq_any(&ids));
    let _: Vec<Uuid> = of_them.clone().order(applications::id).select(applications::id).for_update().load(tx.conn)?;
    let now: Vec<Now> = of_them
        .select((
            applications::id,
            applications::row_version,
            applications::decided_on,
            applications::state,
            applications::rejection_reason,
            applications::reserve_position,
            placed(),
        ))
        .load(tx.conn)?;
    Ok(now.into_iter().map(|now| (now.id, now)).collect())
}

/// Refuses where an application is not what was ranked.
fn refuse_overtaken(rows: &[Adopted], now: &HashMap<Uuid, Now>, on: Day) -> Result<(), Problem> {
    let standing = || rows.iter().filter_map(|row| now.get(&row.application));
    if let Some(latest) = standing().filter_map(|now| now.decided_on).max().filter(|decided| on < *decided) {
        return Err(OUT_OF_ORDER.at("/adoptedOn").with("earliest", latest.to_string()));
    }
    let is_as_ranked = |row: &&Adopted| now.get(&row.application).is_some_and(|now| now.version == row.version && !now.placed);
    let changed = rows.iter().filter(|row| !is_as_ranked(row)).count();
    if changed == 0 { Ok(()) } else { Err(PROTOCOL_OVERTAKEN.problem().with("applications", changed)) }
}

fn insert_adoption(tx: &mut Tx, id: Uuid, body: &AdoptionBody) -> Result<(), Problem> {
    diesel::insert_into(ranking_adoptions::table)
        .values((
            ranking_adoptions::protocol_id.eq(id),
            ranking_adoptions::adopted_on.eq(body.adopted_on),
            ranking_adoptions::commission_members.eq(body.commission_members),
            ranking_adoptions::reason.eq(&body.reason),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What the rows become; unless it is told where the reserve list begins, it goes on behind those who wait there and were not ranked again.
fn decisions_of(tx: &mut Tx, edition: Uuid, rows: Vec<Adopted>, begins: Option<i32>) -> Result<Vec<NewDecision>, Problem> {
    let begins = match begins {
        Some(position) => position,
        None => last_waiting(tx, edition, &rows)? + 1,
    };
    // Positions follow each other as the ranks do, with a gap for whoever is not decided about any more.
    let first = rows.iter().filter(|row| row.list == RankingList::Reserve).filter_map(|row| row.rank).min().unwrap_or(1);
    let decisions = rows.into_iter().map(|row| {
        let (decision, reserve_position) = match row.list {
            RankingList::Basic => (Decision::Selected, None),
            RankingList::Reserve => (Decision::Reserve, row.rank.map(|rank| begins + rank - first)),
            RankingList::Rejected | RankingList::Undetermined => (Decision::Rejected, None),
        };
        NewDecision {
            application: row.application,
            decision,
            rank: row.rank,
            rejection_reason: row.rejection_reason,
            reserve_position,
        }
    });
    Ok(decisions.collect())
}

/// The last position of those who wait and were not ranked.
fn last_waiting(tx: &mut Tx, edition: Uuid, rows: &[Adopted]) -> Result<i32, Problem> {
    let ranked: Vec<Uuid> = rows.iter().map(|row| row.application).collect();
    let last: Option<i32> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .filter(applications::state.eq(ApplicationState::Reserve))
        .filter(applications::id.ne_all(&ranked))
        .select(max(applications::reserve_position))
        .first(tx.conn)?;
    Ok(last.unwrap_or(0))
}

/// Writes the decisions into the applications: one statement for each kind of decision, however many there are.
fn write_decisions(tx: &mut Tx, protocol: Uuid, decisions: &[NewDecision], on: Day) -> Result<(), Problem> {
    let decided: Vec<Uuid> = decisions.iter().map(|decided| decided.application).collect();
    // Who leaves the reserve list or moves on it makes room first: a position is held by one.
    let waiting = applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.eq_any(&decided));
    diesel::update(waiting.filter(applications::reserve_position.is_not_null()))
        .set(applications::reserve_position.eq(None::<i32>))
        .execute(tx.conn)?;
    let mut alike: HashMap<(Decision, Option<RejectionReason>), Vec<Uuid>> = HashMap::new();
    for decided in decisions {
        alike.entry((decided.decision, decided.rejection_reason)).or_default().push(decided.application);
    }
    for ((decision, rejection_reason), ids) in alike {
        diesel::update(applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.eq_any(&ids)))
            .set((
                applications::state.eq(decision.leads_to().0),
                applications::decision.eq(decision),
                applications::decided_on.eq(on),
                applications::rejection_reason.eq(rejection_reason),
            ))
            .execute(tx.conn)?;
    }
    place_on_reserve(tx, protocol, decisions)
}

/// Gives those who wait their positions, which follow each other as their ranks do.
fn place_on_reserve(tx: &mut Tx, protocol: Uuid, decisions: &[NewDecision]) -> Result<(), Problem> {
    for moved in decisions.iter().filter(|decided| decided.rank.is_none() && decided.decision == Decision::Reserve) {
        diesel::update(
            applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.eq(moved.application)),
        )
        .set(applications::reserve_position.eq(moved.reserve_position))
        .execute(tx.conn)?;
    }
    let waiting = decisions.iter().filter_map(|decided| Some((decided.application, decided.reserve_position?, decided.rank?)));
    let Some((_, position, rank)) = waiting.clone().next() else { return Ok(()) };
    let ids: Vec<Uuid> = waiting.map(|(application, _, _)| application).collect();
    let rank_of_row = ranking_rows::table
        .filter(ranking_rows::tenant_id.eq(applications::tenant_id))
        .filter(ranking_rows::protocol_id.eq(protocol))
        .filter(ranking_rows::application_id.eq(applications::id))
        .select(ranking_rows::rank + (position - rank))
        .single_value();
    diesel::update(applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.eq_any(&ids)))
        .set(applications::reserve_position.eq(rank_of_row))
        .execute(tx.conn)?;
    Ok(())
}

/// Each decision refers to the protocol, and to the latest assessment of eligibility where that is positive.
fn append_decisions(tx: &mut Tx, protocol: &Protocol, decisions: &[NewDecision], body: &AdoptionBody) -> Result<(), Problem> {
    let carried = carried_of_edition(tx, protocol.edition_id)?.into_iter();
    let positive = carried.filter(|carried| matches!(carried.outcome, Outcome::Eligible | Outcome::EligibleByException));
    let assessments: HashMap<Uuid, Uuid> = positive.map(|carried| (carried.application, carried.assessment)).collect();
    let steps = decisions.iter().map(|decided| {
        // Who only makes room on the reserve list does not stand in the protocol.
        let is_moved = decided.rank.is_none() && decided.decision == Decision::Reserve;
        let assessment = assessments.get(&decided.application).copied().filter(|_| decided.decision != Decision::Rejected);
        NewStep {
            basis: Some(match assessment {
                Some(_) => Basis::Assessed,
                None if is_moved => Basis::Attested,
                None => Basis::Ranked,
            }),
            assessment_id: assessment,
            ranking_protocol_id: (!is_moved).then_some(protocol.id),
            reason: Some(body.reason.as_str()),
            rejection_reason: decided.rejection_reason,
            reserve_position: decided.reserve_position,
            ..NewStep::of(decided.application, decided.decision.leads_to().1, body.adopted_on)
        }
    });
    append_steps(tx, &steps.collect::<Vec<_>>())
}

/// Whether an adopted protocol of an edition supports a decision about an application.
///
/// A place or the reserve list needs a row of the basic or the reserve list: who
/// waits may move up when places are added, but whom the protocol rejected, if
/// only for want of places, is chosen by the reason of an override. A rejection
/// may rest on any row that decides something.
///
/// # Errors
/// `platform.reference_not_found` or `recruitment.protocol_says_otherwise` at `/rankingProtocolId`.
pub(in crate::recruitment) fn check_protocol(
    tx: &mut Tx,
    edition: Uuid,
    application: Uuid,
    protocol: Uuid,
    decision: Decision,
) -> Result<(), Problem> {
    let unknown = || catalogue::REFERENCE_NOT_FOUND.at("/rankingProtocolId");
    let found = Protocol::find(tx, protocol)
        .map_err(|problem| if problem.code() == catalogue::NOT_FOUND.code { unknown() } else { problem })?;
    if found.edition_id != edition {
        return Err(unknown());
    }
    let row: Option<RankingList> = ranking_rows::table
        .filter(own(tx, ranking_rows::tenant_id))
        .filter(ranking_rows::protocol_id.eq(protocol))
        .filter(ranking_rows::application_id.eq(application))
        .select(ranking_rows::list)
        .first(tx.conn)
        .optional()?;
    let Some(list) = row else { return Err(PROTOCOL_SAYS_OTHERWISE.at("/rankingProtocolId")) };
    let supports = match decision {
        Decision::Selected | Decision::Reserve => matches!(list, RankingList::Basic | RankingList::Reserve),
        Decision::Rejected => list != RankingList::Undetermined,
    };
    if supports && find_adoption(tx, protocol)?.is_some() && !is_outdated(tx, protocol)? {
        Ok(())
    } else {
        Err(PROTOCOL_SAYS_OTHERWISE.at("/rankingProtocolId"))
    }
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(adopt_ranking);
}
