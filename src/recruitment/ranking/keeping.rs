//! Keeping a ranking: the protocol, its rows and the steps of the applications, in a few statements however many are ranked.

use std::collections::{HashMap, HashSet};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Integer, Json, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::inputs::RankingInputs;
use super::rows::RankedRow;
use crate::platform::canonical::canonical;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::secrets::digest_hex;
use crate::platform::types::{Day, Stored};
use crate::recruitment::applications::ApplicationStep;
use crate::recruitment::decisions::RejectionReason;
use crate::recruitment::offers::SeatCount;
use crate::schema::ranking_protocols;

/// Rows that one statement inserts: some tens of megabytes of explanations.
const AT_ONCE: usize = 5000;

/// A ranking that was made.
pub(super) struct Ranking<'r> {
    pub id: Uuid,
    pub rules: Uuid,
    /// Why those are ranked again about whom something was decided.
    pub reopening: Option<&'r str>,
    /// The seats of the edition from the day of the ranking on; none where it was over.
    pub seats: Option<SeatCount>,
    /// What it takes the place of upon an appeal.
    pub replacing: Option<Replacing<'r>>,
    pub inputs: &'r RankingInputs,
    /// In their order.
    pub rows: &'r [RankedRow],
}

/// A protocol that is replaced, and from which day.
pub(super) struct Replacing<'r> {
    pub protocol: Uuid,
    pub on: Day,
    /// Applications that the new protocol can still decide about: of the others their history notes nothing.
    pub open: &'r HashSet<Uuid>,
}

/// Stores a ranking; every document is written once, for its hash and for the store.
pub(super) fn keep(tx: &mut Tx, ranking: &Ranking) -> Result<(), Problem> {
    let explanations: Vec<String> = ranking.rows.iter().map(canonical).collect::<Result<_, _>>()?;
    // The canonical form of a list is that of its members between commas.
    let rows_sha256 = digest_hex(format!("[{}]", explanations.join(",")).as_bytes());
    insert_protocol(tx, ranking, &rows_sha256)?;
    let versions = ranking.inputs.candidates.iter().map(|candidate| (candidate.application_id, candidate.application_version));
    let versions: HashMap<Uuid, i32> = versions.collect();
    for (rows, explanations) in ranking.rows.chunks(AT_ONCE).zip(explanations.chunks(AT_ONCE)) {
        insert_rows(tx, ranking.id, rows, explanations, &versions)?;
    }
    let ranked = ranking.rows.iter().filter(|row| row.rank.is_some()).map(|row| row.application_id);
    let open = |application: &Uuid| ranking.replacing.as_ref().is_none_or(|replacing| replacing.open.contains(application));
    let on = ranking.replacing.as_ref().map_or(ranking.inputs.effective_on, |replacing| replacing.on);
    append_ranked(tx, ranking.id, on, &ranked.filter(open).collect::<Vec<_>>())
}

fn insert_protocol(tx: &mut Tx, ranking: &Ranking, rows_sha256: &str) -> Result<(), Problem> {
    let inputs = ranking.inputs;
    let document = canonical(inputs)?;
    diesel::insert_into(ranking_protocols::table)
        .values((
            ranking_protocols::id.eq(ranking.id),
            ranking_protocols::edition_id.eq(inputs.edition_id),
            ranking_protocols::number.eq(inputs.number),
            ranking_protocols::effective_on.eq(inputs.effective_on),
            ranking_protocols::rules_id.eq(ranking.rules),
            ranking_protocols::places.eq(inputs.places),
            ranking_protocols::reserve_places.eq(inputs.reserve_places),
            ranking_protocols::reopening_reason.eq(ranking.reopening),
            ranking_protocols::inputs_sha256.eq(digest_hex(document.as_bytes())),
            ranking_protocols::inputs.eq(sql::<Json>("").bind::<Text, _>(document).sql("::json")),
            ranking_protocols::rows_sha256.eq(rows_sha256),
            ranking_protocols::seats.eq(ranking.seats.map(Stored)),
            ranking_protocols::replaces_id.eq(ranking.replacing.as_ref().map(|replacing| replacing.protocol)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Ids are made in the order of the rows, so that a list by id reads in that order.
fn insert_rows(
    tx: &mut Tx,
    protocol: Uuid,
    rows: &[RankedRow],
    explanations: &[String],
    versions: &HashMap<Uuid, i32>,
) -> Result<(), Problem> {
    let version = |row: &RankedRow| versions.get(&row.application_id).copied().unwrap_or_default();
    let reason = |row: &RankedRow| row.rejection_reason.map(RejectionReason::as_str);
    diesel::sql_query(
        "INSERT INTO ranking_rows (id, protocol_id, application_id, list, rank, points, rejection_reason, application_version, explanation)
         SELECT r.id, $1, r.application, r.list, r.rank, r.points, r.reason, r.version, r.explanation::json
           FROM unnest($2, $3, $4, $5, $6, $7, $8, $9) AS r (id, application, list, rank, points, reason, version, explanation)",
    )
    .bind::<SqlUuid, _>(protocol)
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|_| tx.id_or_new(None)).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.application_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.list.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(rows.iter().map(|row| row.rank).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(rows.iter().map(|row| row.points.hundredths()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(reason).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(rows.iter().map(version).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(explanations)
    .execute(tx.conn)?;
    Ok(())
}

/// Notes in the history of each application that it was ranked.
fn append_ranked(tx: &mut Tx, protocol: Uuid, on: Day, ranked: &[Uuid]) -> Result<(), Problem> {
    diesel::sql_query(
        "INSERT INTO application_events (id, application_id, kind, effective_on, ranking_protocol_id)
         SELECT s.id, s.application, $3, $4, $5 FROM unnest($1, $2) AS s (id, application)",
    )
    .bind::<Array<SqlUuid>, _>(ranked.iter().map(|_| tx.id_or_new(None)).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(ranked)
    .bind::<Text, _>(ApplicationStep::Ranked.as_str())
    .bind::<Date, _>(on)
    .bind::<SqlUuid, _>(protocol)
    .execute(tx.conn)?;
    Ok(())
}
