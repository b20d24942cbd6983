//! Stored answers, sealed again when the encryption key is exchanged.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Bytea};
use uuid::Uuid;

use super::SEALED_AS;
use crate::platform::live_keys::Safe;
use crate::platform::resealing::{Batch, ResealError};
use crate::schema::idempotency_keys;

/// Client and key of a stored answer, which with the tenant name it.
pub(crate) type AnswerId = (Uuid, String);

/// Seals a batch of a tenant's stored answers again, where they are not under the current key.
pub(crate) fn reseal(
    conn: &mut PgConnection,
    safe: &Safe,
    tenant: Uuid,
    after: Option<AnswerId>,
    limit: i64,
) -> Result<Batch<AnswerId>, ResealError> {
    let (client, key) = after.unwrap_or_default();
    let current = safe.ring().encryption.current().id();
    let sealed_under = sql::<Bool>("substring(body FROM 2 FOR 4) <> ").bind::<Bytea, _>(current.to_bytes().to_vec());
    let rows: Vec<(Uuid, String, Option<Vec<u8>>)> = idempotency_keys::table
        .filter(idempotency_keys::tenant_id.eq(tenant))
        .filter(
            idempotency_keys::client_id.gt(client).or(idempotency_keys::client_id.eq(client).and(idempotency_keys::key.gt(key))),
        )
        .filter(sealed_under)
        .order((idempotency_keys::client_id, idempotency_keys::key))
        .limit(limit)
        .select((idempotency_keys::client_id, idempotency_keys::key, idempotency_keys::body))
        .for_update()
        .load(conn)?;
    let (seen, last) = (rows.len(), rows.last().map(|(client, key, _)| (*client, key.clone())));
    for (client, key, body) in rows {
        let Some(body) = body else { continue };
        let unreadable = |cause| ResealError::Unreadable { table: "idempotency_keys of client", id: client, cause };
        let again = safe.vault.reseal_payload(tenant, SEALED_AS, &body).map_err(unreadable)?;
        let row = idempotency_keys::table
            .filter(idempotency_keys::tenant_id.eq(tenant))
            .filter(idempotency_keys::client_id.eq(client))
            .filter(idempotency_keys::key.eq(key));
        diesel::update(row).set(idempotency_keys::body.eq(again)).execute(conn)?;
    }
    Ok(Batch { seen, changed: seen, last })
}
