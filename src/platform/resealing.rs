//! Sealing what is stored again under another key, batch by batch, beside running services.
//!
//! Each batch locks its rows in a transaction of its own, so that a change meanwhile is waited for
//! and never overwritten. What was done stays done: a run that was cut off is simply begun again.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Uuid as SqlUuid};
use thiserror::Error;
use uuid::Uuid;

use super::keys::KeyId;
use super::live_keys::Safe;
use super::secrets::{SecretError, Vault};

/// Rows locked at a time, at most.
const LARGEST_BATCH: i64 = 200;
/// How long a batch may keep its rows from callers; the next is made smaller or larger by it.
const HELD: Duration = Duration::from_millis(40);

/// A table with columns that are sealed under the keys of people.
pub struct SealedTable {
    /// Its name.
    pub table: &'static str,
    /// The column that with the tenant is its primary key.
    pub id: &'static str,
    /// Where the person of a row `t` is found, as SQL.
    pub person: &'static str,
    /// Joins that this needs, as SQL.
    pub joins: &'static str,
    /// Sealed columns with the names of their fields.
    pub columns: &'static [(&'static str, &'static str)],
    /// What becomes of the row of a person whose key was destroyed: the statement up to `WHERE`.
    pub erase: &'static str,
}

/// A table with a column that is sealed under the key of an institution, each value for its own row.
pub struct PayloadTable {
    /// Its name; with the tenant, `id` is its primary key.
    pub table: &'static str,
    /// The sealed column.
    pub column: &'static str,
    /// Under whose key the value of a row `t` is, as SQL.
    pub owner: &'static str,
    /// Joins that this needs, as SQL.
    pub joins: &'static str,
    /// Which of its rows `t` are sealed so, as SQL.
    pub only: &'static str,
    /// What the value of a row is sealed as.
    pub sealed_as: fn(Uuid) -> String,
}

/// Why sealing again stopped.
#[derive(Debug, Error)]
pub enum ResealError {
    /// The database.
    #[error("the database refused a statement: {0}")]
    Query(#[from] diesel::result::Error),
    /// A value could not be opened or sealed.
    #[error("{table} {id}: {cause}")]
    Unreadable {
        /// Table of the value.
        table: &'static str,
        /// Row of the value.
        id: Uuid,
        /// Why.
        cause: SecretError,
    },
}

/// How fast rows may be gone through.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// **Units**: rows a second.
    pub rows_per_second: u32,
}

/// One batch: how many rows it looked at and changed, and where the next begins.
#[derive(Clone, Debug)]
pub struct Batch<K> {
    /// Rows looked at.
    pub seen: usize,
    /// Rows changed.
    pub changed: usize,
    /// The last row; nothing when there was none.
    pub last: Option<K>,
}

/// Goes through the rows of a tenant until none is left; answers how many were changed.
///
/// # Errors
/// [`ResealError`]; the batches before stay done.
pub fn in_batches<K>(
    conn: &mut PgConnection,
    tenant: Uuid,
    pace: Pace,
    mut batch: impl FnMut(&mut PgConnection, Option<K>, i64) -> Result<Batch<K>, ResealError>,
) -> Result<usize, ResealError> {
    let (mut changed, mut after, mut limit) = (0, None, 10);
    loop {
        let began = Instant::now();
        let done = within(conn, tenant, |conn| batch(conn, after.take(), limit))?;
        limit = if began.elapsed() > HELD { limit / 2 } else { limit * 2 }.clamp(1, LARGEST_BATCH);
        changed += done.changed;
        let Some(last) = done.last else { return Ok(changed) };
        after = Some(last);
        let rows = u32::try_from(done.seen).unwrap_or(u32::MAX);
        let due = Duration::from_secs(1) * rows / pace.rows_per_second.max(1);
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
}

/// One transaction in a tenant, whose changes are no new versions.
///
/// # Errors
/// Those of `work`, or of the database.
pub fn within<T>(
    conn: &mut PgConnection,
    tenant: Uuid,
    work: impl FnOnce(&mut PgConnection) -> Result<T, ResealError>,
) -> Result<T, ResealError> {
    conn.transaction(|conn| {
        conn.batch_execute(&format!(
            "SET LOCAL app.tenant = '{tenant}'; SET LOCAL app.resealing = 'on'; SET LOCAL lock_timeout = '20s'"
        ))?;
        work(conn)
    })
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    person: Uuid,
    #[diesel(sql_type = Array<Nullable<Binary>>)]
    sealed: Vec<Option<Vec<u8>>>,
}

/// A value sealed anew for another person.
pub struct Readdressed {
    /// Table of the value.
    pub table: &'static str,
    /// Row of the value.
    pub id: Uuid,
    /// Column of the value.
    pub column: &'static str,
    /// The value, sealed under the key of its new person.
    pub sealed: Vec<u8>,
}

impl SealedTable {
    /// What this table holds about a person, sealed for another one; the rows are locked and left as they are.
    ///
    /// # Errors
    /// [`ResealError`]; one of them says that the person's key was destroyed.
    pub fn readdress(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        person: Uuid,
        seal_anew: impl Fn(&str, &[u8]) -> Result<Vec<u8>, SecretError>,
    ) -> Result<Vec<Readdressed>, ResealError> {
        let mut values = Vec::new();
        for row in self.lock_of(conn, tenant, person)? {
            for ((column, field), sealed) in self.columns.iter().zip(row.sealed) {
                let Some(sealed) = sealed else { continue };
                let sealed = seal_anew(field, &sealed).map_err(|cause| ResealError::Unreadable {
                    table: self.table,
                    id: row.id,
                    cause,
                })?;
                values.push(Readdressed { table: self.table, id: row.id, column, sealed });
            }
        }
        Ok(values)
    }

    fn lock_of(&self, conn: &mut PgConnection, tenant: Uuid, person: Uuid) -> QueryResult<Vec<Row>> {
        let Self { table, id, person: of, joins, columns, .. } = self;
        let list: Vec<String> = columns.iter().map(|(column, _)| format!("t.{column}")).collect();
        let (list, any) = (list.join(", "), list.join(", "));
        diesel::sql_query(format!(
            "SELECT t.{id} AS id, {of} AS person, ARRAY[{list}]::bytea[] AS sealed FROM {table} t {joins}
              WHERE t.tenant_id = $1 AND {of} = $2 AND coalesce({any}) IS NOT NULL ORDER BY t.{id}"
        ))
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(person)
        .load(conn)
    }

    /// Seals a batch of a tenant's rows under the newest keys of their people.
    ///
    /// # Errors
    /// [`ResealError`].
    pub fn reseal(
        &self,
        conn: &mut PgConnection,
        vault: &Vault,
        tenant: Uuid,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Batch<Uuid>, ResealError> {
        let rows = self.lock(conn, tenant, after, limit)?;
        let (seen, last) = (rows.len(), rows.last().map(|row| row.id));
        let mut changed = 0;
        for row in rows {
            match self.resealed(vault, tenant, &row) {
                Ok(None) => {}
                Ok(Some(sealed)) => {
                    self.store(conn, tenant, row.id, &sealed)?;
                    changed += 1;
                }
                Err(SecretError::Destroyed) => {
                    self.erase(conn, tenant, row.id)?;
                    changed += 1;
                }
                Err(cause) => return Err(ResealError::Unreadable { table: self.table, id: row.id, cause }),
            }
        }
        Ok(Batch { seen, changed, last })
    }

    fn lock(&self, conn: &mut PgConnection, tenant: Uuid, after: Option<Uuid>, limit: i64) -> QueryResult<Vec<Row>> {
        let Self { table, id, person, joins, columns, .. } = self;
        let list: Vec<String> = columns.iter().map(|(column, _)| format!("t.{column}")).collect();
        let (list, any) = (list.join(", "), list.join(", "));
        diesel::sql_query(format!(
            "SELECT t.{id} AS id, {person} AS person, ARRAY[{list}]::bytea[] AS sealed FROM {table} t {joins}
              WHERE t.tenant_id = $1 AND t.{id} > $2 AND coalesce({any}) IS NOT NULL ORDER BY t.{id} LIMIT $3 FOR UPDATE OF t"
        ))
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(after.unwrap_or_default())
        .bind::<BigInt, _>(limit)
        .load(conn)
    }

    fn resealed(&self, vault: &Vault, tenant: Uuid, row: &Row) -> Result<Option<Vec<Option<Vec<u8>>>>, SecretError> {
        let (mut sealed, mut is_new) = (row.sealed.clone(), false);
        for ((_, field), value) in self.columns.iter().zip(&mut sealed) {
            let again = value.as_deref().map(|value| vault.reseal(tenant, row.person, field, value)).transpose()?.flatten();
            if again.is_some() {
                (*value, is_new) = (again, true);
            }
        }
        Ok(is_new.then_some(sealed))
    }

    fn store(&self, conn: &mut PgConnection, tenant: Uuid, row: Uuid, sealed: &[Option<Vec<u8>>]) -> QueryResult<usize> {
        let Self { table, id, columns, .. } = self;
        let set: Vec<String> =
            columns.iter().enumerate().map(|(place, (column, _))| format!("{column} = ($3::bytea[])[{}]", place + 1)).collect();
        diesel::sql_query(format!("UPDATE {table} SET {} WHERE tenant_id = $1 AND {id} = $2", set.join(", ")))
            .bind::<SqlUuid, _>(tenant)
            .bind::<SqlUuid, _>(row)
            .bind::<Array<Nullable<Binary>>, _>(sealed)
            .execute(conn)
    }

    fn erase(&self, conn: &mut PgConnection, tenant: Uuid, row: Uuid) -> QueryResult<usize> {
        diesel::sql_query(format!("{} WHERE tenant_id = $1 AND {} = $2", self.erase, self.id))
            .bind::<SqlUuid, _>(tenant)
            .bind::<SqlUuid, _>(row)
            .execute(conn)
    }
}

#[derive(QueryableByName)]
struct PayloadRow {
    #[diesel(sql_type = SqlUuid)]
    tenant: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl PayloadTable {
    /// Seals a batch of an institution's values again, where they are not under the current key.
    ///
    /// # Errors
    /// [`ResealError`].
    pub fn reseal(
        &self,
        conn: &mut PgConnection,
        safe: &Safe,
        owner: Uuid,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Batch<Uuid>, ResealError> {
        let Self { table, column, owner: of, joins, only, .. } = self;
        let current = safe.ring().encryption.current().id().to_bytes().to_vec();
        let rows: Vec<PayloadRow> = diesel::sql_query(format!(
            "SELECT t.tenant_id AS tenant, t.id, t.{column} AS sealed FROM {table} t {joins}
              WHERE {of} = $1 AND t.id > $2 AND t.{column} IS NOT NULL AND {only} AND substring(t.{column} FROM 2 FOR 4) <> $3
              ORDER BY t.id LIMIT $4 FOR UPDATE OF t"
        ))
        .bind::<SqlUuid, _>(owner)
        .bind::<SqlUuid, _>(after.unwrap_or_default())
        .bind::<Binary, _>(current)
        .bind::<BigInt, _>(limit)
        .load(conn)?;
        let (seen, last) = (rows.len(), rows.last().map(|row| row.id));
        for row in rows {
            let unreadable = |cause| ResealError::Unreadable { table: self.table, id: row.id, cause };
            let again = safe.vault.reseal_payload(owner, &(self.sealed_as)(row.id), &row.sealed).map_err(unreadable)?;
            diesel::sql_query(format!("UPDATE {table} SET {column} = $1 WHERE tenant_id = $2 AND id = $3"))
                .bind::<Binary, _>(again)
                .bind::<SqlUuid, _>(row.tenant)
                .bind::<SqlUuid, _>(row.id)
                .execute(conn)?;
        }
        Ok(Batch { seen, changed: seen, last })
    }

    /// How many values of all institutions are under a key.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_under(&self, conn: &mut PgConnection, key: KeyId) -> QueryResult<i64> {
        let Self { table, column, joins, only, .. } = self;
        let counted: Count = diesel::sql_query(format!(
            "SELECT count(*) AS count FROM {table} t {joins} WHERE {only} AND substring(t.{column} FROM 2 FOR 4) = $1"
        ))
        .bind::<Binary, _>(key.to_bytes().to_vec())
        .get_result(conn)?;
        Ok(counted.count)
    }
}
