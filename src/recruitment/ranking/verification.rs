//! Whether a protocol still says what follows from what it was made of.

use std::collections::HashMap;

use actix_web::get;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::inputs::RankingInputs;
use super::order::rank;
use super::rows::{RankedRow, RankingList};
use super::views::Protocol;
use crate::platform::body::PathId;
use crate::platform::canonical::fingerprint;
use crate::platform::db::{Tx, own};
use crate::platform::deadline::DEADLINE_OF_THOUSANDS;
use crate::platform::permit::Permit;
use crate::platform::policy::VerifyRanking;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Points, Stored};
use crate::schema::ranking_rows;

/// Differences that are named; one is enough to doubt all.
const MOST_DIFFERENCES: usize = 100;

/// Whether a protocol is what follows from what it was made of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerificationView {
    /// The protocol.
    pub protocol_id: Uuid,
    /// Whether everything below agrees.
    pub verified: bool,
    /// Whether the inputs have the hash that the protocol states.
    pub inputs_agree: bool,
    /// Whether the rows computed again have the hash that the protocol states.
    pub rows_agree: bool,
    /// Rows computed again.
    #[schema(minimum = 0, maximum = 100_000)]
    pub rows: usize,
    /// Applications whose row is not the one computed again.
    #[schema(max_items = 100)]
    pub differing_application_ids: Vec<Uuid>,
}

impl View for VerificationView {}

/// A row as it is kept.
#[derive(Queryable)]
struct KeptRow {
    application: Uuid,
    list: RankingList,
    rank: Option<i32>,
    points: Points,
    explanation: Stored<RankedRow>,
}

/// Computes a ranking again from what its protocol was made of, and compares.
///
/// Hashes of inputs and rows, and each row with the one that is kept.
#[utoipa::path(tag = "ranking-protocols", params(("id" = Uuid, Path, description = "Protocol")),
    responses((status = 200, body = VerificationView, description = "What agrees and what does not")))]
#[get("/ranking-protocols/{id}/verification")]
async fn verify_ranking(permit: Permit<VerifyRanking>, id: PathId) -> Result<Reply, Problem> {
    permit.taking_up_to(DEADLINE_OF_THOUSANDS).read(move |tx| verify(tx, id.0)).await
}

fn verify(tx: &mut Tx, id: Uuid) -> Result<VerificationView, Problem> {
    let protocol = Protocol::find(tx, id)?;
    let document = protocol.inputs(tx)?;
    let inputs_agree = fingerprint(&document)? == protocol.inputs_sha256;
    let inputs: RankingInputs = serde_json::from_value(document).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let rows = rank(&inputs);
    let rows_agree = fingerprint(&rows)? == protocol.rows_sha256;
    let differing_application_ids = differences(&rows, kept_rows(tx, id)?);
    Ok(VerificationView {
        protocol_id: id,
        verified: inputs_agree && rows_agree && differing_application_ids.is_empty(),
        inputs_agree,
        rows_agree,
        rows: rows.len(),
        differing_application_ids,
    })
}

fn kept_rows(tx: &mut Tx, id: Uuid) -> Result<Vec<KeptRow>, Problem> {
    Ok(ranking_rows::table
        .filter(own(tx, ranking_rows::tenant_id))
        .filter(ranking_rows::protocol_id.eq(id))
        .order(ranking_rows::id)
        .select((
            ranking_rows::application_id,
            ranking_rows::list,
            ranking_rows::rank,
            ranking_rows::points,
            ranking_rows::explanation,
        ))
        .load(tx.conn)?)
}

fn differences(computed: &[RankedRow], kept: Vec<KeptRow>) -> Vec<Uuid> {
    let mut left: HashMap<Uuid, &RankedRow> = computed.iter().map(|row| (row.application_id, row)).collect();
    let agrees = |kept: &KeptRow, row: Option<&RankedRow>| {
        row.is_some_and(|row| {
            (row.list, row.rank, row.points) == (kept.list, kept.rank, kept.points) && *row == kept.explanation.0
        })
    };
    let mut differing: Vec<Uuid> = kept
        .into_iter()
        .filter_map(|kept| (!agrees(&kept, left.remove(&kept.application))).then_some(kept.application))
        .collect();
    differing.extend(left.into_keys());
    differing.sort_unstable();
    differing.truncate(MOST_DIFFERENCES);
    differing
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(verify_ranking);
}
