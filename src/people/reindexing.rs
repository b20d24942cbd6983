//! Making the blind indexes again under the current keys, when an index key is exchanged.

use diesel::prelude::*;
use uuid::Uuid;

use super::identity::{DocumentBody, LocalReference, normal_reference};
use super::merged::{FORMER_IDENTITY, identity_in};
use super::sealed_identity::{DOCUMENT, LOCAL_REFERENCE, PESEL};
use crate::platform::live_keys::Safe;
use crate::platform::resealing::{Batch, ResealError};
use crate::platform::secrets::{SealError, SecretError};
use crate::schema::{merged_people, person_identities};

const TABLE: &str = "person_identities";

#[derive(AsChangeset)]
#[diesel(table_name = person_identities)]
struct Indexes {
    pesel_index: Option<Vec<u8>>,
    participation_index: Option<Vec<u8>>,
    document_index: Option<Vec<u8>>,
    local_reference_index: Option<Vec<u8>>,
    blind_index_key: Option<Vec<u8>>,
    participation_index_key: Option<Vec<u8>>,
}

/// What the indexes are made of.
#[derive(Queryable, Selectable)]
#[diesel(table_name = person_identities)]
struct Sealed {
    pesel: Option<Vec<u8>>,
    document: Option<Vec<u8>>,
    local_reference: Option<Vec<u8>>,
}

/// Makes the indexes of a batch of a tenant's identities again, where a key is not the current one.
///
/// # Errors
/// [`ResealError`].
pub fn reindex(
    conn: &mut PgConnection,
    safe: &Safe,
    tenant: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Batch<Uuid>, ResealError> {
    let (blind, participation) = safe.index.key_ids();
    let (blind, participation) = (blind.to_bytes().to_vec(), participation.to_bytes().to_vec());
    let under_another = person_identities::blind_index_key.is_distinct_from(blind.clone()).or(person_identities::pesel
        .is_not_null()
        .and(person_identities::participation_index_key.is_distinct_from(participation.clone())));
    let rows: Vec<(Uuid, Sealed)> = person_identities::table
        .filter(person_identities::tenant_id.eq(tenant))
        .filter(person_identities::person_id.gt(after.unwrap_or_default()))
        .filter(
            person_identities::pesel
                .is_not_null()
                .or(person_identities::document.is_not_null())
                .or(person_identities::local_reference.is_not_null()),
        )
        .filter(under_another)
        .order(person_identities::person_id)
        .limit(limit)
        .select((person_identities::person_id, Sealed::as_select()))
        .for_update()
        .load(conn)?;
    let (seen, last) = (rows.len(), rows.last().map(|row| row.0));
    for (person, sealed) in rows {
        let row = person_identities::table
            .filter(person_identities::tenant_id.eq(tenant))
            .filter(person_identities::person_id.eq(person));
        match indexes(safe, tenant, person, sealed) {
            Ok(mut indexes) => {
                indexes.participation_index_key = indexes.pesel_index.as_ref().map(|_| participation.clone());
                indexes.blind_index_key = Some(blind.clone());
                diesel::update(row).set(indexes).execute(conn)?;
            }
            // Nothing can be read of it any more; its indexes must not outlive it.
            Err(SecretError::Destroyed) => {
                diesel::delete(row).execute(conn)?;
            }
            Err(cause) => return Err(ResealError::Unreadable { table: TABLE, id: person, cause }),
        }
    }
    Ok(Batch { seen, changed: seen, last })
}

/// As [`reindex`], of the identities of duplicates that merges kept: by what other towns find their numbers.
///
/// # Errors
/// [`ResealError`].
pub fn reindex_former(
    conn: &mut PgConnection,
    safe: &Safe,
    tenant: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Batch<Uuid>, ResealError> {
    let (_, current) = safe.index.key_ids();
    let current = current.to_bytes().to_vec();
    let rows: Vec<(Uuid, Uuid, Option<Vec<u8>>)> = merged_people::table
        .filter(merged_people::tenant_id.eq(tenant))
        .filter(merged_people::id.gt(after.unwrap_or_default()))
        .filter(merged_people::former_identity.is_not_null())
        .filter(merged_people::former_participation_index_key.is_distinct_from(current.clone()))
        .order(merged_people::id)
        .limit(limit)
        .select((merged_people::id, merged_people::into_id, merged_people::former_identity))
        .for_update()
        .load(conn)?;
    let (seen, last) = (rows.len(), rows.last().map(|row| row.0));
    for (duplicate, survivor, sealed) in rows {
        let number = match former_number(safe, tenant, survivor, &sealed.unwrap_or_default()) {
            Ok(number) => number,
            // Nothing can be read of it any more; its index must not outlive it.
            Err(SecretError::Destroyed) => None,
            Err(cause) => return Err(ResealError::Unreadable { table: "merged_people", id: duplicate, cause }),
        };
        diesel::update(merged_people::table)
            .filter(merged_people::tenant_id.eq(tenant))
            .filter(merged_people::id.eq(duplicate))
            .set((
                merged_people::former_participation_index.eq(number),
                merged_people::former_participation_index_key.eq(&current),
            ))
            .execute(conn)?;
    }
    Ok(Batch { seen, changed: seen, last })
}

fn former_number(safe: &Safe, tenant: Uuid, survivor: Uuid, sealed: &[u8]) -> Result<Option<Vec<u8>>, SecretError> {
    let view = safe.vault.open(tenant, survivor, FORMER_IDENTITY, sealed)?;
    let identity = serde_json::from_slice(&view).and_then(identity_in).map_err(|_| SealError::Malformed)?;
    Ok(identity.pesel.map(|pesel| safe.index.participation_index(pesel.expose()).to_vec()))
}

fn indexes(safe: &Safe, tenant: Uuid, person: Uuid, sealed: Sealed) -> Result<Indexes, SecretError> {
    let index = safe.index.for_tenant(tenant);
    let opened =
        |field: &str, sealed: Option<Vec<u8>>| sealed.map(|sealed| safe.vault.open(tenant, person, field, &sealed)).transpose();
    let text = |bytes: Option<Vec<u8>>| bytes.map(String::from_utf8).transpose().map_err(|_| SealError::Malformed);
    let pesel = text(opened(PESEL, sealed.pesel)?)?;
    let document: Option<DocumentBody> = opened(DOCUMENT, sealed.document)?
        .map(|json| serde_json::from_slice(&json))
        .transpose()
        .map_err(|_| SealError::Malformed)?;
    let reference: Option<LocalReference> = text(opened(LOCAL_REFERENCE, sealed.local_reference)?)?
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| SealError::Malformed)?;
    Ok(Indexes {
        pesel_index: pesel.as_ref().map(|pesel| index.of(PESEL, pesel).to_vec()),
        participation_index: pesel.as_ref().map(|pesel| safe.index.participation_index(pesel).to_vec()),
        document_index: document.map(|document| index.of(DOCUMENT, &document.normalised()).to_vec()),
        local_reference_index: reference.map(|reference| index.of(LOCAL_REFERENCE, &normal_reference(&reference)).to_vec()),
        blind_index_key: None,
        participation_index_key: None,
    })
}
