//! A keyed write happens once: its first answer is stored in the transaction
//! of the work, and a repeated call gets that answer.

pub(crate) mod resealing;

use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Bytea, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::clock::new_id;
use super::db::{Tx, own};
use super::hint::Hint;
use super::permit::{Circumstances, header, invalid_header};
use super::problem::{Problem, catalogue};
use super::reply::Reply;
use super::types::holds_whole_pesel;
use crate::schema::idempotency_keys;

/// Purpose under which stored answers are sealed.
pub(crate) const SEALED_AS: &str = "idempotency";

/// A caller's key with the request it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub key: String,
    pub request_hash: [u8; 32],
}

/// The Idempotency-Key of a request.
pub(crate) fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = header(headers, "Idempotency-Key")? else { return Ok(None) };
    let value = value.trim().trim_matches('"');
    let fits = (1..=128).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
    let refused = |pl: &'static str, en: &'static str| Err(invalid_header("Idempotency-Key", Hint::new(pl, en)));
    if holds_whole_pesel(value) {
        return refused("zawiera PESEL, a klucze przechowuje się jawnie", "holds a PESEL; keys are kept in the clear");
    }
    if !fits {
        return refused("musi mieć od 1 do 128 widocznych znaków ASCII", "must have 1 to 128 visible ASCII characters");
    }
    Ok(Some(value.to_owned()))
}

/// Hash of the request, then the answer.
type Row = (Vec<u8>, Option<i16>, Option<String>, Option<String>, Option<Vec<u8>>);

/// Takes the key for this transaction, or finds the first answer to it.
///
/// The row is inserted first, so that a second caller waits for the first one;
/// the role's `lock_timeout` bounds that wait.
pub(crate) fn begin(tx: &mut Tx, key: &Key) -> Result<Option<Reply>, Problem> {
    let taken = diesel::insert_into(idempotency_keys::table)
        .values((idempotency_keys::key.eq(&key.key), idempotency_keys::request_hash.eq(&key.request_hash[..])))
        .on_conflict_do_nothing()
        .execute(tx.conn)
        .map_err(waited_too_long)?;
    if taken == 1 {
        return Ok(None);
    }
    let (request_hash, status, location, etag, body): Row = idempotency_keys::table
        .filter(own(tx, idempotency_keys::tenant_id))
        .filter(idempotency_keys::client_id.eq(tx.caller.client))
        .filter(idempotency_keys::key.eq(&key.key))
        .select((
            idempotency_keys::request_hash,
            idempotency_keys::status,
            idempotency_keys::location,
            idempotency_keys::etag,
            idempotency_keys::body,
        ))
        .first(tx.conn)?;
    if request_hash != key.request_hash {
        return Err(catalogue::IDEMPOTENCY_KEY_REUSED.problem());
    }
    let (Some(status), Some(body)) = (status, body) else {
        return Err(catalogue::INTERNAL.problem().because("an idempotency key without its answer"));
    };
    let body = tx
        .safe()
        .vault
        .open_payload(tx.tenant(), SEALED_AS, &body)
        .map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    Ok(Some(Reply {
        status: u16::try_from(status).unwrap_or(200),
        location,
        etag,
        next: None,
        body,
        replayed: true,
        repeatable: false,
        export: None,
    }))
}

fn waited_too_long(error: diesel::result::Error) -> Problem {
    let text = error.to_string();
    if text.contains("lock timeout") { catalogue::IN_PROGRESS.problem().retry_after(1) } else { error.into() }
}

diesel::define_sql_function! {
    /// The end of a write in one round trip; see the migration.
    #[expect(clippy::too_many_arguments, reason = "one column each")]
    fn finish_write(
        audit_id: SqlUuid, operation: Text, role: Text, on_behalf_of: Nullable<Text>, purpose: Nullable<Text>,
        record_kind: Text, record_ids: Array<SqlUuid>, fields: Array<Text>, reveals_identity: Bool, dry_run: Bool,
        override_reason: Nullable<Text>, request_id: SqlUuid,
        event_ids: Array<SqlUuid>, event_kinds: Array<Text>, event_aggregates: Array<SqlUuid>, event_types: Array<Text>, event_data: Jsonb,
        idempotency_key: Nullable<Text>, status: SmallInt, location: Nullable<Text>, etag: Nullable<Text>, body: Bytea
    );
}

diesel::define_sql_function! {
    /// Drops expired rows of all tenants; see the migration.
    fn forget_idempotency_keys(before: Timestamptz) -> BigInt;
}

/// Drops the stored answers that are older than `before`; answers how many there were.
pub(crate) fn forget_before(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<i64, Problem> {
    Ok(diesel::select(forget_idempotency_keys(before)).get_result(conn)?)
}

/// Appends the audit row and the events, and stores the answer of a keyed write.
pub(crate) fn finish(
    tx: &mut Tx,
    circumstances: &Circumstances,
    fields: &[String],
    answer: Option<(&Key, &Reply)>,
) -> Result<(), Problem> {
    let trail = std::mem::take(&mut tx.trail);
    let Some(record_kind) = trail.record_kind else {
        // An access that names no record must not happen at all.
        return Err(catalogue::INTERNAL.problem().because("an access without a record in the audit log"));
    };
    let sealed = answer
        .map(|(_, reply)| tx.safe().vault.seal_payload(tx.tenant(), SEALED_AS, &reply.body))
        .transpose()
        .map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let reply = answer.map(|(_, reply)| reply);
    let rule = circumstances.rule;
    let now = tx.now();
    let event_ids: Vec<Uuid> = trail.events.iter().map(|_| new_id(now)).collect();
    let event_kinds: Vec<&str> = trail.events.iter().map(|event| event.aggregate_kind).collect();
    let event_aggregates: Vec<Uuid> = trail.events.iter().map(|event| event.aggregate_id).collect();
    let event_types: Vec<&str> = trail.events.iter().map(|event| event.kind).collect();
    let event_data = Value::Array(trail.events.iter().map(|event| event.data.clone()).collect());
    diesel::select(finish_write(
        new_id(now),
        rule.operation,
        tx.caller.role.as_str(),
        circumstances.on_behalf_of.as_deref(),
        circumstances.purpose.as_deref().or(trail.purpose.as_deref()),
        record_kind,
        trail.record_ids,
        fields,
        rule.access.reveals_identity(),
        circumstances.dry_run,
        trail.override_reason,
        circumstances.request_id,
        event_ids,
        event_kinds,
        event_aggregates,
        event_types,
        event_data,
        answer.map(|(key, _)| key.key.as_str()),
        reply.map_or(0, |reply| i16::try_from(reply.status).unwrap_or_default()),
        reply.and_then(|reply| reply.location.as_deref()),
        reply.and_then(|reply| reply.etag.as_deref()),
        sealed.unwrap_or_default(),
    ))
    .execute(tx.conn)
    .map_err(unlogged)?;
    Ok(())
}

/// What cannot be logged must not happen, and can be tried again once the log is writable.
fn unlogged(error: diesel::result::Error) -> Problem {
    if error.to_string().contains("permission denied") {
        return catalogue::UNAVAILABLE.problem().retry_after(30).because(format!("the audit log refuses rows: {error}"));
    }
    error.into()
}
