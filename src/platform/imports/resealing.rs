//! Stored plans, sealed again when the encryption key is exchanged.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Bytea};
use uuid::Uuid;

use super::store::sealed_as;
use crate::platform::live_keys::Safe;
use crate::platform::resealing::{Batch, ResealError};
use crate::schema::imports;

/// Seals a batch of a tenant's stored plans again, where they are not under the current key.
pub(crate) fn reseal(
    conn: &mut PgConnection,
    safe: &Safe,
    tenant: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Batch<Uuid>, ResealError> {
    let current = safe.ring().encryption.current().id();
    let sealed_under = sql::<Bool>("substring(plan FROM 2 FOR 4) <> ").bind::<Bytea, _>(current.to_bytes().to_vec());
    let rows: Vec<(Uuid, Option<Vec<u8>>)> = imports::table
        .filter(imports::tenant_id.eq(tenant))
        .filter(imports::id.gt(after.unwrap_or_default()))
        .filter(sealed_under)
        .order(imports::id)
        .limit(limit)
        .select((imports::id, imports::plan))
        .for_update()
        .load(conn)?;
    let (seen, last) = (rows.len(), rows.last().map(|row| row.0));
    for (id, plan) in rows {
        let Some(plan) = plan else { continue };
        let unreadable = |cause| ResealError::Unreadable { table: "imports", id, cause };
        let again = safe.vault.reseal_payload(tenant, &sealed_as(id), &plan).map_err(unreadable)?;
        let row = imports::table.filter(imports::tenant_id.eq(tenant)).filter(imports::id.eq(id));
        diesel::update(row).set(imports::plan.eq(again)).execute(conn)?;
    }
    Ok(Batch { seen, changed: seen, last })
}
