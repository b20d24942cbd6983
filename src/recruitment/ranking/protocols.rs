//! Ranking protocols: made, listed, read with their rows and with what they were made of.

use actix_web::{get, post};
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::keeping::{Ranking, keep};
use super::loading::{Task, load};
use super::order::rank;
use super::rows::{RankedRow, RankingList};
use super::scoring_rules::current_rules;
use super::views::{InputsView, Protocol, ProtocolBriefView, ProtocolView, RankingRowView};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::clock::least_id;
use crate::platform::db::{Tx, own};
use crate::platform::deadline::DEADLINE_OF_THOUSANDS;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{
    GetRankingInputs, GetRankingProtocol, GetRankingRow, ListRankingProtocols, ListRankingRows, RankApplications,
};
use crate::platform::problem::{Locale, Problem};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Stored, between};
use crate::programmes::facts::{before_closing, get_edition_facts, lock_edition};
use crate::recruitment::offers::seats_by_plan_of;
use crate::recruitment::{NO_SCORING_RULES, Override};
use crate::schema::{ranking_protocols, ranking_rows};

/// A ranking to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-12", "places": 1, "reservePlaces": 5 }))]
pub struct RankingBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// The day on which facts and conditions are looked at; applications received later are left out.
    pub effective_on: Day,
    /// Places of the basic list; when left out, those of the plan of the day that nobody has, was offered or was selected for.
    #[serde(default, deserialize_with = "between::<0, 100_000, _, _>")]
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: Option<i32>,
    /// Most people on the reserve list; open when left out.
    #[serde(default, deserialize_with = "between::<0, 100_000, _, _>")]
    #[schema(minimum = 0, maximum = 100_000)]
    pub reserve_places: Option<i32>,
    /// Ranks those again who are on the reserve list or were rejected, with the reason.
    pub reopen: Option<Override>,
}

/// Which rows.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct RowFilter {
    /// Only those of this list.
    #[param(inline)]
    list: Option<RankingList>,
}

/// Ranks the open applications of an edition in a numbered protocol.
///
/// Looks at the facts of the day, by the last version of the scoring rules. The
/// protocol keeps what it was made of, its rows with their reasons, and hashes of
/// both; it never changes and decides nothing before it is adopted. With `dryRun`
/// it is only looked at. At most 20,000 applications are ranked in one call.
#[utoipa::path(tag = "editions", request_body = RankingBody, params(("id" = Uuid, Path, description = "Edition")),
    responses((status = 201, body = ProtocolView, description = "The protocol with the first of its rows")))]
#[post("/editions/{id}/ranking-protocols")]
async fn rank_applications(permit: Permit<RankApplications>, edition: PathId, body: Body<RankingBody>) -> Result<Reply, Problem> {
    permit
        .taking_up_to(DEADLINE_OF_THOUSANDS)
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("ranking_protocol", [id, edition.0]);
            make(tx, id, edition.0, body)?;
            Ok(Written::created(format!("/ranking-protocols/{id}"), ProtocolView::read(tx, id)?))
        })
        .await
}

/// Lists the ranking protocols of an edition.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), PageQuery),
    responses((status = 200, body = Page<ProtocolBriefView>, description = "A page of protocols")))]
#[get("/editions/{id}/ranking-protocols")]
async fn list_ranking_protocols(permit: Permit<ListRankingProtocols>, edition: PathId) -> Result<Reply, Problem> {
    permit.list(|protocol: &ProtocolBriefView| protocol.id, move |tx, window| select_protocols(tx, edition.0, window)).await
}

/// Reads a ranking protocol with the first of its rows.
#[utoipa::path(tag = "ranking-protocols", params(("id" = Uuid, Path, description = "Protocol")),
    responses((status = 200, body = ProtocolView, description = "The protocol")))]
#[get("/ranking-protocols/{id}")]
async fn get_ranking_protocol(permit: Permit<GetRankingProtocol>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| ProtocolView::read(tx, id.0)).await
}

/// Lists the rows of a ranking protocol in their order, each with its reasons.
///
/// First those who are ranked, then the rejected and the undetermined. Polish or
/// English by `Accept-Language`.
#[utoipa::path(tag = "ranking-protocols", params(("id" = Uuid, Path, description = "Protocol"), RowFilter, PageQuery),
    responses((status = 200, body = Page<RankingRowView>, description = "A page of rows")))]
#[get("/ranking-protocols/{id}/rows")]
async fn list_ranking_rows(
    permit: Permit<ListRankingRows>,
    id: PathId,
    locale: Locale,
    filter: Filter<RowFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |row: &RankingRowView| row.id,
            move |tx, window| {
                let protocol = Protocol::find(tx, id.0)?;
                let content = protocol.rules(tx)?;
                let mut query = ranking_rows::table
                    .filter(own(tx, ranking_rows::tenant_id))
                    .filter(ranking_rows::protocol_id.eq(id.0))
                    // The ids begin with the moment at which all of them were made.
                    .filter(ranking_rows::id.gt(window.after.max(least_id(protocol.recorded_at))))
                    .into_boxed();
                if let Some(list) = filter.0.list {
                    query = query.filter(ranking_rows::list.eq(list));
                }
                let rows: Vec<(Uuid, Stored<RankedRow>)> = query
                    .order(ranking_rows::id)
                    .limit(window.rows())
                    .select((ranking_rows::id, ranking_rows::explanation))
                    .load(tx.conn)?;
                Ok(rows.into_iter().map(|(row, ranked)| RankingRowView::of(locale, id.0, row, ranked.0, &content)).collect())
            },
        )
        .await
}

/// Explains where an application stands in a ranking protocol, and why.
///
/// For each criterion the fact used, its source and its date; for each
/// tie-breaker its value; and by what the one before is ahead.
#[utoipa::path(tag = "ranking-protocols", params(("id" = Uuid, Path, description = "Protocol"),
        ("applicationId" = Uuid, Path, description = "Application", example = json!(crate::platform::examples::RANKED_APPLICATION))),
    responses((status = 200, body = RankingRowView, description = "The row")))]
#[get("/ranking-protocols/{id}/rows/{applicationId}")]
async fn get_ranking_row(permit: Permit<GetRankingRow>, path: PathId<(Uuid, Uuid)>, locale: Locale) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let (id, application) = path.0;
            let content = Protocol::find(tx, id)?.rules(tx)?;
            let (row, ranked): (Uuid, Stored<RankedRow>) = ranking_rows::table
                .filter(own(tx, ranking_rows::tenant_id))
                .filter(ranking_rows::protocol_id.eq(id))
                .filter(ranking_rows::application_id.eq(application))
                .select((ranking_rows::id, ranking_rows::explanation))
                .first(tx.conn)?;
            Ok(RankingRowView::of(locale, id, row, ranked.0, &content))
        })
        .await
}

/// Reads what a ranking protocol was made of, so that anybody can compute its rows again.
///
/// The SHA-256 is that of the document `inputs` in its canonical form: UTF-8, no
/// spaces, members in the order of their names.
#[utoipa::path(tag = "ranking-protocols", params(("id" = Uuid, Path, description = "Protocol")),
    responses((status = 200, body = InputsView, description = "Rules, conditions and candidates")))]
#[get("/ranking-protocols/{id}/inputs")]
async fn get_ranking_inputs(permit: Permit<GetRankingInputs>, id: PathId) -> Result<Reply, Problem> {
    permit
        .taking_up_to(DEADLINE_OF_THOUSANDS)
        .read(move |tx| {
            let protocol = Protocol::find(tx, id.0)?;
            Ok(InputsView { inputs: protocol.inputs(tx)?, sha256: protocol.inputs_sha256 })
        })
        .await
}

fn make(tx: &mut Tx, id: Uuid, edition: Uuid, body: &RankingBody) -> Result<(), Problem> {
    // The lock keeps two protocols from taking the same number, and decisions from crossing the ranking.
    let edition = lock_edition(tx, edition)?;
    before_closing(edition.closed_on, body.effective_on, "/effectiveOn")?;
    let rules = current_rules(tx, edition.id)?.ok_or_else(|| NO_SCORING_RULES.problem())?;
    if let Some(reopening) = &body.reopen {
        tx.note_override(reopening.reason.as_str());
    }
    let seats = seats_by_plan_of(tx, &edition, body.effective_on)?;
    let places = seats.map(|seats| seats.free().max(0)).or_else(|| edition.places_on(body.effective_on));
    let task = Task {
        number: next_number(tx, edition.id)?,
        effective_on: body.effective_on,
        places: body.places.or(places).unwrap_or(0),
        reserve_places: body.reserve_places,
        reopens: body.reopen.is_some(),
    };
    let inputs = load(tx, &edition, &rules, &task)?;
    let rows = rank(&inputs);
    let reopening = body.reopen.as_ref().map(|reopening| reopening.reason.as_str());
    keep(tx, &Ranking { id, rules: rules.id, reopening, seats, replacing: None, inputs: &inputs, rows: &rows })?;
    tx.announce(
        "edition",
        edition.id,
        "edition.ranked",
        json!({ "editionId": edition.id, "protocolId": id, "number": task.number, "effectiveOn": body.effective_on }),
    );
    Ok(())
}

pub(super) fn next_number(tx: &mut Tx, edition: Uuid) -> Result<i32, Problem> {
    let last: Option<i32> = ranking_protocols::table
        .filter(own(tx, ranking_protocols::tenant_id))
        .filter(ranking_protocols::edition_id.eq(edition))
        .select(max(ranking_protocols::number))
        .first(tx.conn)?;
    Ok(last.unwrap_or(0) + 1)
}

fn select_protocols(tx: &mut Tx, edition: Uuid, window: Window) -> Result<Vec<ProtocolBriefView>, Problem> {
    get_edition_facts(tx, edition)?;
    Ok(ranking_protocols::table
        .filter(own(tx, ranking_protocols::tenant_id))
        .filter(ranking_protocols::edition_id.eq(edition))
        .filter(ranking_protocols::id.gt(window.after))
        .order(ranking_protocols::id)
        .limit(window.rows())
        .select(ProtocolBriefView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(rank_applications)
        .service(list_ranking_protocols)
        .service(get_ranking_protocol)
        .service(list_ranking_rows)
        .service(get_ranking_row)
        .service(get_ranking_inputs);
}
