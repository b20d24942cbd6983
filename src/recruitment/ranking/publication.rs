//! A protocol in the form that may be shown to everybody: pseudonyms, points, lists.

use actix_web::get;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::replacing::replaced_number;
use super::rows::RankingList;
use super::views::{ListCounts, find_adoption, label};
use crate::platform::body::PathId;
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::PublishRanking;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Points};
use crate::schema::{ranking_protocols, ranking_rows};

/// A protocol without anything about one person but points.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicationView {
    /// Number of the protocol within the edition.
    #[schema(minimum = 1)]
    pub number: i32,
    /// Number of the protocol that it takes the place of, upon an appeal.
    #[schema(minimum = 1)]
    pub replaces_number: Option<i32>,
    /// The day on which facts and conditions were looked at.
    pub effective_on: Day,
    /// Places of the basic list.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Day of adoption; none while it is a draft.
    pub adopted_on: Option<Day>,
    /// How many stand on each list.
    pub counts: ListCounts,
    /// The rows in their order; those who are not ranked come last, by their pseudonyms.
    #[schema(max_items = 100_000)]
    pub rows: Vec<PublishedRow>,
    /// SHA-256 of what the ranking was made of, by which it can be shown later not to have been changed.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub inputs_sha256: String,
}

impl View for PublicationView {}

/// A row under a pseudonym, which the centre tells the candidate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublishedRow {
    /// Place in the order, from 1.
    #[schema(minimum = 1, maximum = 100_000)]
    pub rank: Option<i32>,
    /// Pseudonym; another in each protocol.
    #[schema(min_length = 12, max_length = 12, pattern = "^[0-9a-f]{12}$")]
    pub label: String,
    /// Points; none for those who are not ranked.
    pub points: Option<Points>,
    /// On which list.
    pub list: RankingList,
}

#[derive(Queryable)]
struct Head {
    number: i32,
    effective_on: Day,
    places: i32,
    inputs_sha256: String,
}

/// Reads a ranking protocol in the form that may be published.
///
/// No ids, no facts and no criteria of a person: a pseudonym of its own for each
/// protocol, the points and the list.
#[utoipa::path(tag = "ranking-protocols", params(("id" = Uuid, Path, description = "Protocol")),
    responses((status = 200, body = PublicationView, description = "The publication")))]
#[get("/ranking-protocols/{id}/publication")]
async fn publish_ranking(permit: Permit<PublishRanking>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| publication(tx, id.0)).await
}

fn publication(tx: &mut Tx, id: Uuid) -> Result<PublicationView, Problem> {
    let head: Head = ranking_protocols::table
        .filter(own(tx, ranking_protocols::tenant_id))
        .filter(ranking_protocols::id.eq(id))
        .select((
            ranking_protocols::number,
            ranking_protocols::effective_on,
            ranking_protocols::places,
            ranking_protocols::inputs_sha256,
        ))
        .first(tx.conn)?;
    let rows: Vec<(Uuid, RankingList, Option<i32>, Points)> = ranking_rows::table
        .filter(own(tx, ranking_rows::tenant_id))
        .filter(ranking_rows::protocol_id.eq(id))
        .order(ranking_rows::id)
        .select((ranking_rows::application_id, ranking_rows::list, ranking_rows::rank, ranking_rows::points))
        .load(tx.conn)?;
    let mut rows: Vec<PublishedRow> = rows
        .into_iter()
        .map(|(application, list, rank, points)| PublishedRow {
            rank,
            label: label(id, application),
            points: rank.map(|_| points),
            list,
        })
        .collect();
    // The order of ids would tell the order in which those who are not ranked applied.
    rows.sort_by(|left, right| {
        let key = |row: &PublishedRow| (row.rank.is_none(), row.rank);
        key(left).cmp(&key(right)).then_with(|| left.label.cmp(&right.label))
    });
    Ok(PublicationView {
        number: head.number,
        replaces_number: replaced_number(tx, id)?,
        effective_on: head.effective_on,
        places: head.places,
        adopted_on: find_adoption(tx, id)?.map(|adoption| adoption.adopted_on),
        counts: ListCounts::of(tx, id)?,
        rows,
        inputs_sha256: head.inputs_sha256,
    })
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(publish_ranking);
}
