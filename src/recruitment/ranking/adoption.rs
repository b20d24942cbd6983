//! Adopting a protocol: its rows become decisions, all of them or none.

use std::collections::HashMap;

use actix_web::post;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::rows::RankingList;
use super::views::{Protocol, ProtocolView, find_adoption};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::deadline::DEADLINE_OF_THOUSANDS;
use crate::platform::permit::Permit;
use crate::platform::policy::AdoptRanking;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::types::{Day, between};
use crate::programmes::facts::{before_closing, lock_edition};
use crate::recruitment::applications::{ApplicationState, NewStep, append_steps, placed};
use crate::recruitment::decisions::{Basis, Decision, RejectionReason};
use crate::recruitment::eligibility::{Outcome, carried_of_edition};
use crate::recruitment::offers::refuse_with_offer;
use crate::recruitment::steps::within_edition;
use crate::recruitment::{ALREADY_ADOPTED, OUT_OF_ORDER, PROTOCOL_OVERTAKEN, PROTOCOL_SAYS_OTHERWISE, Reason};
use crate::schema::{applications, ranking_adoptions, ranking_rows};

/// An adoption by a commission.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "adoptedOn": "2026-06-15", "commissionMembers": 3, "reason": "Protokół komisji rekrutacyjnej" }))]
pub struct AdoptionBody {
    /// Day from which the decisions hold.
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
struct Adopted {
    application: Uuid,
    list: RankingList,
    rank: Option<i32>,
    rejection_reason: Option<RejectionReason>,
    version: i32,
}

/// What a row becomes.
struct NewDecision {
    application: Uuid,
    decision: Decision,
    rank: Option<i32>,
    rejection_reason: Option<RejectionReason>,
    reserve_position: Option<i32>,
}

/// Adopts a ranking protocol: writes the decisions of all its rows at once.
///
/// The basic list is selected, the reserve list is put on the reserve list in its
/// order behind those who wait there, the rejected are rejected; about the
/// undetermined nothing is decided. Refused where anything has happened to an
/// application since it was ranked: then rank again. Whoever has an offer stays on
/// the reserve list until it is answered or taken back.
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
    before_closing(edition.closed_on, body.adopted_on, "/adoptedOn")?;
    within_edition(tx, &edition, body.adopted_on, "/adoptedOn")?;
    if body.adopted_on < protocol.effective_on {
        return Err(OUT_OF_ORDER.at("/adoptedOn").with("earliest", protocol.effective_on.to_string()));
    }
    let rows = rows_to_adopt(tx, id)?;
    refuse_overtaken(tx, &rows, body.adopted_on)?;
    insert_adoption(tx, id, body)?;
    let decisions = decisions_of(tx, protocol.edition_id, rows)?;
    refuse_with_offer(tx, protocol.edition_id, decisions.iter().map(|decided| (decided.application, decided.decision)))?;
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

/// Locks the applications, and refuses where one of them is not what was ranked.
fn refuse_overtaken(tx: &mut Tx, rows: &[Adopted], on: Day) -> Result<(), Problem> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.application).collect();
    let now: Vec<(Uuid, i32, Option<Day>)> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::id.eq_any(&ids))
        .order(applications::id)
        .select((applications::id, applications::row_version, applications::decided_on))
        .for_update()
        .load(tx.conn)?;
    if let Some(latest) = now.iter().filter_map(|(_, _, decided)| *decided).max().filter(|decided| on < *decided) {
        return Err(OUT_OF_ORDER.at("/adoptedOn").with("earliest", latest.to_string()));
    }
    let placed: i64 = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::id.eq_any(&ids))
        .filter(placed())
        .count()
        .get_result(tx.conn)?;
    let versions: HashMap<Uuid, i32> = now.into_iter().map(|(id, version, _)| (id, version)).collect();
    let changed = rows.iter().filter(|row| versions.get(&row.application) != Some(&row.version)).count();
    if changed == 0 && placed == 0 {
        return Ok(());
    }
    let changed = i64::try_from(changed).unwrap_or(i64::MAX).max(placed);
    Err(PROTOCOL_OVERTAKEN.problem().with("applications", changed))
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

/// What the rows become; the reserve list goes on behind those who wait there and were not ranked again.
fn decisions_of(tx: &mut Tx, edition: Uuid, rows: Vec<Adopted>) -> Result<Vec<NewDecision>, Problem> {
    let ranked: Vec<Uuid> = rows.iter().map(|row| row.application).collect();
    let last: Option<i32> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .filter(applications::state.eq(ApplicationState::Reserve))
        .filter(applications::id.ne_all(&ranked))
        .select(max(applications::reserve_position))
        .first(tx.conn)?;
    let mut position = last.unwrap_or(0);
    let decisions = rows.into_iter().map(|row| {
        let (decision, reserve_position) = match row.list {
            RankingList::Basic => (Decision::Selected, None),
            RankingList::Reserve => {
                position += 1;
                (Decision::Reserve, Some(position))
            }
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
        let assessment = assessments.get(&decided.application).copied().filter(|_| decided.decision != Decision::Rejected);
        NewStep {
            basis: Some(if assessment.is_some() { Basis::Assessed } else { Basis::Ranked }),
            assessment_id: assessment,
            ranking_protocol_id: Some(protocol.id),
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
    if supports && find_adoption(tx, protocol)?.is_some() {
        Ok(())
    } else {
        Err(PROTOCOL_SAYS_OTHERWISE.at("/rankingProtocolId"))
    }
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(adopt_ranking);
}
