//! Payloads and identities of messages, sealed again when the encryption key is exchanged.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Bytea};
use uuid::Uuid;

use super::sealed::{identity_of, payload_of};
use crate::platform::live_keys::Safe;
use crate::platform::resealing::{Batch, ResealError};
use crate::schema::{message_records, messages};

/// Seals a batch of a sender's payloads again, where they are not under the current key.
pub(crate) fn reseal_payloads(
    conn: &mut PgConnection,
    safe: &Safe,
    tenant: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Batch<Uuid>, ResealError> {
    let current = safe.ring().encryption.current().id().to_bytes().to_vec();
    let rows: Vec<(Uuid, Uuid, Vec<u8>)> = messages::table
        .filter(messages::sender_tenant_id.eq(tenant))
        .filter(messages::id.gt(after.unwrap_or_default()))
        .filter(sql::<Bool>("substring(messages.payload FROM 2 FOR 4) <> ").bind::<Bytea, _>(current))
        .order(messages::id)
        .limit(limit)
        .select((messages::id, messages::tenant_id, messages::payload))
        .for_update()
        .load(conn)?;
    let (seen, last) = (rows.len(), rows.last().map(|row| row.0));
    for (id, town, payload) in rows {
        let unreadable = |cause| ResealError::Unreadable { table: "messages", id, cause };
        let again = safe.vault.reseal_payload(tenant, &payload_of(id), &payload).map_err(unreadable)?;
        let row = messages::table.filter(messages::tenant_id.eq(town)).filter(messages::id.eq(id));
        diesel::update(row).set(messages::payload.eq(again)).execute(conn)?;
    }
    Ok(Batch { seen, changed: seen, last })
}

/// As [`reseal_payloads`], for the identities of records.
pub(crate) fn reseal_identities(
    conn: &mut PgConnection,
    safe: &Safe,
    tenant: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Batch<Uuid>, ResealError> {
    let current = safe.ring().encryption.current().id().to_bytes().to_vec();
    let of_message = messages::tenant_id.eq(message_records::tenant_id).and(messages::id.eq(message_records::message_id));
    let rows: Vec<(Uuid, Uuid, Option<Vec<u8>>)> = message_records::table
        .inner_join(messages::table.on(of_message))
        .filter(messages::sender_tenant_id.eq(tenant))
        .filter(message_records::id.gt(after.unwrap_or_default()))
        .filter(sql::<Bool>("substring(message_records.identity FROM 2 FOR 4) <> ").bind::<Bytea, _>(current))
        .order(message_records::id)
        .limit(limit)
        .select((message_records::id, message_records::tenant_id, message_records::identity))
        .for_update()
        .load(conn)?;
    let (seen, last) = (rows.len(), rows.last().map(|row| row.0));
    for (id, town, identity) in rows {
        let Some(identity) = identity else { continue };
        let unreadable = |cause| ResealError::Unreadable { table: "message_records", id, cause };
        let again = safe.vault.reseal_payload(tenant, &identity_of(id), &identity).map_err(unreadable)?;
        let row = message_records::table.filter(message_records::tenant_id.eq(town)).filter(message_records::id.eq(id));
        diesel::update(row).set(message_records::identity.eq(again)).execute(conn)?;
    }
    Ok(Batch { seen, changed: seen, last })
}
