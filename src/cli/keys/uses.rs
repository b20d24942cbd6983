//! What still needs a key.

use std::fmt;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};

use super::KeysError;
use crate::app::SEALED_FOR_INSTITUTIONS;
use crate::platform::keys::{KeyId, Purpose};
use crate::platform::person_keys::FilePersonKeys;

/// What is stored under a key.
pub(super) struct Uses {
    /// Rows or records; nothing where none are kept.
    pub count: Option<i64>,
    what: &'static str,
}

impl fmt::Display for Uses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.count.map_or(Ok(()), |count| write!(f, "{count} {}", self.what))
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Counts what is stored under a key; a row that does not name its key may be under any.
pub(super) fn of(owner: &mut PgConnection, people: &FilePersonKeys, purpose: Purpose, key: KeyId) -> Result<Uses, KeysError> {
    let (query, what) = match purpose {
        Purpose::Encryption => (
            "SELECT count(*) FROM idempotency_keys WHERE substring(body FROM 2 FOR 4) = $1",
            "stored answers, plans of imports, values of messages and person keys",
        ),
        Purpose::BlindIndex => (
            "SELECT count(*) FROM person_identities WHERE coalesce(pesel_index, document_index, local_reference_index) IS NOT NULL AND coalesce(blind_index_key, $1) = $1",
            "identities",
        ),
        Purpose::ParticipationIndex => (
            "SELECT (SELECT count(*) FROM person_identities WHERE participation_index IS NOT NULL AND coalesce(participation_index_key, $1) = $1)
                  + (SELECT count(*) FROM merged_people WHERE former_participation_index IS NOT NULL AND former_participation_index_key = $1) AS count",
            "identities",
        ),
        Purpose::TokenSigning | Purpose::AuditSeal => return Ok(Uses { count: None, what: "" }),
    };
    let rows: Count = diesel::sql_query(query).bind::<Binary, _>(key.to_bytes().to_vec()).get_result(owner)?;
    let mut count = rows.count;
    if purpose == Purpose::Encryption {
        for table in SEALED_FOR_INSTITUTIONS.iter().flat_map(|tables| tables.iter()) {
            count = count.saturating_add(table.count_under(owner, key)?);
        }
        count = count.saturating_add(i64::try_from(people.wrapped_under(key)?).unwrap_or(i64::MAX));
    }
    Ok(Uses { count: Some(count), what })
}
