//! Appeals against the result of a ranking: lodged, decided with a reason, and upheld by a further protocol.

use std::collections::HashMap;

use actix_web::{get, post};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::announcements::expect_in_time;
use super::appeal_views::{Appeal, AppealOutcome, RankingAppealView, Ruling};
use super::inputs::{GivenPoints, RankingInputs};
use super::keeping::{Ranking, Replacing, keep};
use super::manual_points::{ManualPointsBody, replace};
use super::order::rank;
use super::protocols::next_number;
use super::reevaluation::{CorrectionError, corrected, is_lowered, stands_as_before, unused_exception};
use super::replacing::{as_they_stand, latest_of};
use super::rows::{RankedRow, RankingList};
use super::views::{Protocol, find_adoption};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::deadline::DEADLINE_OF_THOUSANDS;
use crate::platform::overriding::pass_or_refuse;
use crate::platform::paging::{Page, PageQuery};
use crate::platform::permit::Permit;
use crate::platform::policy::{DecideRankingAppeal, GetRankingAppeal, ListRankingAppeals, LodgeRankingAppeal};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, Points, Stored, count_between};
use crate::programmes::facts::{before_closing, lock_edition};
use crate::recruitment::applications::{ApplicationStep, get_view};
use crate::recruitment::decisions::lock_application;
use crate::recruitment::eligibility::Exception;
use crate::recruitment::steps::check_order;
use crate::recruitment::{
    APPEAL_CORRECTIONS, APPEAL_LOWERS, EXCEPTION_NOT_POSSIBLE, NOT_MANUAL, OUT_OF_ORDER, Override, RANKING_APPEAL_DECIDED,
    RANKING_APPEAL_NOT_POSSIBLE, RANKING_APPEALED_ALREADY, Reason, TOO_MANY_POINTS,
};
use crate::schema::{ranking_appeal_decisions, ranking_appeals, ranking_protocols, ranking_rows};

/// An appeal against where an application stands in a protocol.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "applicationId": crate::platform::examples::UNAPPEALED_APPLICATION, "lodgedOn": "2026-06-05", "reason": "Nie uwzględniono rozmowy z 1 czerwca"
}))]
pub struct RankingAppealBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Application of the candidate; it stands in the protocol.
    pub application_id: Uuid,
    /// Day on which it was handed in or posted.
    pub lodged_on: Day,
    /// Why; no names.
    pub reason: Reason,
    /// Why the deadline is restored for it, by a coordinator; refused with an appeal in time.
    pub restoration: Option<Override>,
}

/// Points by a manual criterion, put right.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CorrectedPoints {
    /// Code of a manual criterion of the rules that the protocol was made by.
    pub criterion: Code,
    /// Points in the place of those that were given, up to those of the criterion.
    pub points: Points,
    /// Why; no names.
    pub reason: Reason,
}

/// A decision about an appeal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "outcome": "upheld", "decidedOn": "2026-06-12", "reason": "Rozmowa odbyła się w terminie",
    "points": [{ "criterion": "motivation", "points": "4.5", "reason": "Rozmowa z 1 czerwca" }]
}))]
pub struct RankingAppealDecisionBody {
    /// What is decided.
    pub outcome: AppealOutcome,
    /// Day of the decision.
    pub decided_on: Day,
    /// Why; no names.
    pub reason: Reason,
    /// Overridable conditions that are not asked of this candidate after all, each with its reason; only of an upheld appeal.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub exceptions: Vec<Exception>,
    /// Points that workers gave, put right; only of an upheld appeal.
    #[serde(default, deserialize_with = "count_between::<0, 60, _, _>")]
    #[schema(max_items = 60)]
    pub points: Vec<CorrectedPoints>,
    /// Id of the protocol that an upheld appeal makes, chosen by the client (UUIDv7).
    pub protocol_id: Option<Uuid>,
    /// Upholds an appeal although its candidate would stand lower than before.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// Records an appeal against where an application stands in an adopted ranking protocol.
///
/// One for each application and protocol, of whoever does not stand on its basic list, until the last day where the
/// rules of the protocol set one and its result was announced (`appeals` of the protocol). After it only a coordinator
/// can still record one, by restoring the deadline with a reason. The decisions of the protocol hold until the appeal is
/// decided by `decide_ranking_appeal`.
#[utoipa::path(tag = "ranking-protocols", request_body = RankingAppealBody, params(("id" = Uuid, Path, description = "Protocol")),
    responses((status = 201, body = RankingAppealView, description = "The appeal")))]
#[post("/ranking-protocols/{id}/appeals")]
async fn lodge_ranking_appeal(
    permit: Permit<LodgeRankingAppeal>,
    protocol: PathId,
    body: Body<RankingAppealBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("ranking_appeal", [id, protocol.0, body.application_id]);
            lodge(tx, id, protocol.0, body)?;
            Ok(Written::created(format!("/ranking-appeals/{id}"), RankingAppealView::read(tx, id)?))
        })
        .await
}

/// Lists the appeals against a ranking protocol.
#[utoipa::path(tag = "ranking-protocols", params(("id" = Uuid, Path, description = "Protocol"), PageQuery),
    responses((status = 200, body = Page<RankingAppealView>, description = "A page of appeals")))]
#[get("/ranking-protocols/{id}/appeals")]
async fn list_ranking_appeals(permit: Permit<ListRankingAppeals>, protocol: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |appeal: &RankingAppealView| appeal.appeal.id,
            move |tx, window| {
                Protocol::find(tx, protocol.0)?;
                let appeals = ranking_appeals::table
                    .filter(own(tx, ranking_appeals::tenant_id))
                    .filter(ranking_appeals::protocol_id.eq(protocol.0))
                    .filter(ranking_appeals::id.gt(window.after))
                    .order(ranking_appeals::id)
                    .limit(window.rows())
                    .select(Appeal::as_select())
                    .load(tx.conn)?;
                RankingAppealView::with_decisions(tx, appeals)
            },
        )
        .await
}

/// Reads an appeal against a ranking with what was decided about it.
#[utoipa::path(tag = "ranking-appeals", params(("id" = Uuid, Path, description = "Appeal")),
    responses((status = 200, body = RankingAppealView, description = "The appeal")))]
#[get("/ranking-appeals/{id}")]
async fn get_ranking_appeal(permit: Permit<GetRankingAppeal>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| RankingAppealView::read(tx, id.0)).await
}

/// Decides about an appeal against a ranking, by computing its document again.
///
/// The same day, the same facts and the same rules as in the protocol, whatever has been recorded or stated since; what
/// an upheld appeal puts right are points that workers gave and exceptions that were not granted. New facts call for a
/// new ranking instead. `dismissed` keeps the row as it comes out again, `upheld` makes a protocol with the next number
/// that says which one it takes the place of. As any protocol it decides nothing before it is adopted; its adoption
/// decides about those whose place has changed and takes back no place that was promised. Where several appeals are
/// upheld each goes on from the protocol of the one before.
///
/// Nobody is worse off for having appealed: corrections by which the candidate would stand lower are refused (409
/// `recruitment.appeal_lowers`, with `before` and `found`) unless `override` says why. `dryRun` shows both places beforehand.
#[utoipa::path(tag = "ranking-appeals", request_body = RankingAppealDecisionBody, params(("id" = Uuid, Path, description = "Appeal")),
    responses((status = 200, body = RankingAppealView, description = "The appeal with its decision")))]
#[post("/ranking-appeals/{id}/decision")]
async fn decide_ranking_appeal(
    permit: Permit<DecideRankingAppeal>,
    id: PathId,
    body: Body<RankingAppealDecisionBody>,
) -> Result<Reply, Problem> {
    permit
        .taking_up_to(DEADLINE_OF_THOUSANDS)
        .write(body, move |tx, body| {
            tx.touch("ranking_appeal", [id.0]);
            decide(tx, id.0, body)?;
            Ok(Written::changed(RankingAppealView::read(tx, id.0)?))
        })
        .await
}

fn lodge(tx: &mut Tx, id: Uuid, protocol: Uuid, body: &RankingAppealBody) -> Result<(), Problem> {
    let protocol = Protocol::find(tx, protocol)?;
    let edition = lock_edition(tx, protocol.edition_id)?;
    tx.expect_past(body.lodged_on, "/lodgedOn")?;
    before_closing(edition.closed_on, body.lodged_on, "/lodgedOn")?;
    let row: Option<RankingList> = ranking_rows::table
        .filter(own(tx, ranking_rows::tenant_id))
        .filter(ranking_rows::protocol_id.eq(protocol.id))
        .filter(ranking_rows::application_id.eq(body.application_id))
        .select(ranking_rows::list)
        .first(tx.conn)
        .optional()?;
    let Some(list) = row else { return Err(catalogue::REFERENCE_NOT_FOUND.at("/applicationId")) };
    let adoption = find_adoption(tx, protocol.id)?.filter(|_| list != RankingList::Basic);
    let Some(adoption) = adoption else { return Err(RANKING_APPEAL_NOT_POSSIBLE.problem().with("list", list.as_str())) };
    if body.lodged_on < adoption.adopted_on {
        return Err(OUT_OF_ORDER.at("/lodgedOn").with("earliest", adoption.adopted_on.to_string()));
    }
    expect_undecided(tx, body.application_id)?;
    let restored = expect_in_time(tx, &protocol, body.lodged_on, body.restoration.as_ref())?;
    let earlier: Option<Uuid> = ranking_appeals::table
        .filter(own(tx, ranking_appeals::tenant_id))
        .filter(ranking_appeals::protocol_id.eq(protocol.id))
        .filter(ranking_appeals::application_id.eq(body.application_id))
        .select(ranking_appeals::id)
        .first(tx.conn)
        .optional()?;
    if let Some(appeal) = earlier {
        return Err(RANKING_APPEALED_ALREADY.problem().with("appealId", appeal.to_string()));
    }
    diesel::insert_into(ranking_appeals::table)
        .values((
            ranking_appeals::id.eq(id),
            ranking_appeals::protocol_id.eq(protocol.id),
            ranking_appeals::application_id.eq(body.application_id),
            ranking_appeals::lodged_on.eq(body.lodged_on),
            ranking_appeals::reason.eq(&body.reason),
            ranking_appeals::restoration_reason.eq(restored),
        ))
        .execute(tx.conn)?;
    announce(tx, "edition.ranking_appeal_lodged", edition.id, id);
    Ok(())
}

/// Whoever has a place or left has nothing to appeal for.
fn expect_undecided(tx: &mut Tx, application: Uuid) -> Result<(), Problem> {
    let standing = lock_application(tx, application)?;
    check_order(standing.state, get_view(tx, application)?.placed, ApplicationStep::Ranked)
}

fn decide(tx: &mut Tx, id: Uuid, body: &RankingAppealDecisionBody) -> Result<(), Problem> {
    let appeal = Appeal::find(tx, id)?;
    tx.touch_too([appeal.application_id]);
    let protocol = Protocol::find(tx, appeal.protocol_id)?;
    let edition = lock_edition(tx, protocol.edition_id)?;
    if !Ruling::of(tx, &[id])?.is_empty() {
        return Err(RANKING_APPEAL_DECIDED.problem());
    }
    tx.expect_past(body.decided_on, "/decidedOn")?;
    before_closing(edition.closed_on, body.decided_on, "/decidedOn")?;
    if body.decided_on < appeal.lodged_on {
        return Err(OUT_OF_ORDER.at("/decidedOn").with("earliest", appeal.lodged_on.to_string()));
    }
    let latest = latest_of(tx, protocol.id)?;
    let inputs: RankingInputs =
        serde_json::from_value(latest.inputs(tx)?).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let before = row_of(rank(&inputs), appeal.application_id)?;
    let (found, new_protocol, points) = match body.outcome {
        AppealOutcome::Dismissed => {
            if let Some(pointer) = corrections_of(body) {
                return Err(APPEAL_CORRECTIONS.at(pointer));
            }
            (before.clone(), None, Vec::new())
        }
        AppealOutcome::Upheld => {
            let (found, protocol, points) = uphold(tx, &appeal, (&latest, inputs, &before), body)?;
            (found, Some(protocol), points)
        }
    };
    let passed = pass_or_refuse(tx, lowering(&before, &found).into_iter().collect(), body.overriding.as_ref())?;
    diesel::insert_into(ranking_appeal_decisions::table)
        .values((
            ranking_appeal_decisions::appeal_id.eq(id),
            ranking_appeal_decisions::outcome.eq(body.outcome),
            ranking_appeal_decisions::decided_on.eq(body.decided_on),
            ranking_appeal_decisions::reason.eq(&body.reason),
            ranking_appeal_decisions::exceptions.eq(Stored(body.exceptions.clone())),
            ranking_appeal_decisions::points.eq(Stored(points)),
            ranking_appeal_decisions::stood_before.eq(Stored(before)),
            ranking_appeal_decisions::override_reason.eq(passed.map(|passed| passed.reason)),
            ranking_appeal_decisions::found.eq(Stored(found)),
            ranking_appeal_decisions::new_protocol_id.eq(new_protocol),
        ))
        .execute(tx.conn)?;
    announce(tx, "edition.ranking_appeal_decided", edition.id, id);
    Ok(())
}

fn corrections_of(body: &RankingAppealDecisionBody) -> Option<&'static str> {
    let points = (!body.points.is_empty()).then_some("/points");
    let rest = body.protocol_id.map(|_| "/protocolId").or(body.overriding.as_ref().map(|_| "/override"));
    points.or((!body.exceptions.is_empty()).then_some("/exceptions")).or(rest)
}

/// What speaks against a decision by which its candidate would stand lower.
fn lowering(before: &RankedRow, found: &RankedRow) -> Option<Problem> {
    let place = |row: &RankedRow| json!({ "list": row.list, "rank": row.rank, "points": row.points });
    let problem = || APPEAL_LOWERS.at("/override").with("before", place(before)).with("found", place(found));
    is_lowered(before, found).then(problem)
}

/// Makes the protocol that takes the place of the latest; answers where the candidate stands now, its id and the points.
fn uphold(
    tx: &mut Tx,
    appeal: &Appeal,
    (latest, inputs, before): (&Protocol, RankingInputs, &RankedRow),
    body: &RankingAppealDecisionBody,
) -> Result<(RankedRow, Uuid, Vec<GivenPoints>), Problem> {
    expect_undecided(tx, appeal.application_id)?;
    let points: Vec<GivenPoints> = body.points.iter().map(|one| one.given_on(body.decided_on)).collect();
    let mut inputs = corrected(&inputs, appeal.application_id, &body.exceptions, &points).map_err(refused)?;
    inputs.replaces_number = Some(inputs.number);
    inputs.number = next_number(tx, latest.edition_id)?;
    let ids: Vec<Uuid> = inputs.candidates.iter().map(|candidate| candidate.application_id).collect();
    let (versions, open) = as_they_stand(tx, &ids)?;
    for candidate in &mut inputs.candidates {
        candidate.application_version = versions.get(&candidate.application_id).copied().unwrap_or(candidate.application_version);
    }
    let rows = rank(&inputs);
    let found = row_of(rows.clone(), appeal.application_id)?;
    if let Some(unused) = unused_exception(&found, &body.exceptions) {
        return Err(refused(unused));
    }
    if stands_as_before(before, &found) {
        return Err(APPEAL_CORRECTIONS.at("/outcome"));
    }
    let id = tx.id_or_new(body.protocol_id);
    tx.touch_too([id, latest.id]);
    let replacing = Some(Replacing { protocol: latest.id, on: body.decided_on, open: &open });
    keep(tx, &Ranking { id, rules: latest.rules_id, reopening: None, seats: None, replacing, inputs: &inputs, rows: &rows })?;
    for given in points.iter().cloned().map(ManualPointsBody::from) {
        let new = tx.id_or_new(None);
        replace(tx, new, appeal.application_id, &given)?;
    }
    Ok((found, id, points))
}

impl CorrectedPoints {
    fn given_on(&self, day: Day) -> GivenPoints {
        GivenPoints { criterion: self.criterion.clone(), points: self.points, reason: self.reason.clone(), given_on: day }
    }
}

fn refused(error: CorrectionError) -> Problem {
    match error {
        CorrectionError::NotExceptable(place) => EXCEPTION_NOT_POSSIBLE.at(format!("/exceptions/{place}/rule")),
        CorrectionError::NotManual(place) => NOT_MANUAL.at(format!("/points/{place}/criterion")),
        CorrectionError::TooManyPoints(place, most) => {
            TOO_MANY_POINTS.at(format!("/points/{place}/points")).with("most", most.to_string())
        }
    }
}

fn row_of(rows: Vec<RankedRow>, application: Uuid) -> Result<RankedRow, Problem> {
    let row = rows.into_iter().find(|row| row.application_id == application);
    row.ok_or_else(|| catalogue::INTERNAL.problem().because("a protocol lost a candidate"))
}

fn announce(tx: &mut Tx, kind: &'static str, edition: Uuid, appeal: Uuid) {
    tx.announce("edition", edition, kind, json!({ "editionId": edition, "appealId": appeal }));
}

/// The exceptions that upheld appeals granted to applications of an edition by a day; later rankings keep to them.
pub(super) fn granted_of_edition(tx: &mut Tx, edition: Uuid, on: Day) -> Result<HashMap<Uuid, Vec<Exception>>, Problem> {
    let of_appeal = ranking_appeals::tenant_id
        .eq(ranking_appeal_decisions::tenant_id)
        .and(ranking_appeals::id.eq(ranking_appeal_decisions::appeal_id));
    let protocols: Vec<Uuid> = ranking_protocols::table
        .filter(own(tx, ranking_protocols::tenant_id))
        .filter(ranking_protocols::edition_id.eq(edition))
        .select(ranking_protocols::id)
        .load(tx.conn)?;
    let rows: Vec<(Uuid, Stored<Vec<Exception>>)> = ranking_appeal_decisions::table
        .inner_join(ranking_appeals::table.on(of_appeal))
        .filter(own(tx, ranking_appeal_decisions::tenant_id))
        .filter(ranking_appeals::protocol_id.eq_any(protocols))
        .filter(ranking_appeal_decisions::decided_on.le(on))
        .order(ranking_appeal_decisions::recorded_at)
        .select((ranking_appeals::application_id, ranking_appeal_decisions::exceptions))
        .load(tx.conn)?;
    let mut granted: HashMap<Uuid, Vec<Exception>> = HashMap::new();
    for (application, exceptions) in rows {
        let known = granted.entry(application).or_default();
        known.retain(|earlier| exceptions.0.iter().all(|later| later.rule != earlier.rule));
        known.extend(exceptions.0);
    }
    granted.retain(|_, exceptions| !exceptions.is_empty());
    Ok(granted)
}

/// The day on which an appeal was upheld that led to a protocol; none of any other protocol.
pub(super) fn upheld_on(tx: &mut Tx, protocol: Uuid) -> Result<Option<Day>, Problem> {
    Ok(ranking_appeal_decisions::table
        .filter(own(tx, ranking_appeal_decisions::tenant_id))
        .filter(ranking_appeal_decisions::new_protocol_id.eq(protocol))
        .select(ranking_appeal_decisions::decided_on)
        .first(tx.conn)
        .optional()?)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(lodge_ranking_appeal).service(list_ranking_appeals).service(get_ranking_appeal).service(decide_ranking_appeal);
}
