//! The rows as they are, read in heap order by several connections of one snapshot.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Nullable};
use uuid::Uuid;

use super::VerifyError;
use crate::platform::audit::seal::{HASH_LEN, Hash};
use crate::platform::migrations::connect;
use crate::platform::secrets::digest;

/// Pages in one question: about 5,000 rows, 2 MB.
const SLICE: i64 = 256;
/// Columns of the digest, as `audit_entry_digest` has them. Asked by the program itself,
/// because a function in the database could be made to lie.
const SLICE_OF_ROWS: &str =
    "SELECT string_agg(pg_catalog.record_send(ROW(a.tenant_id, a.id, a.operation, a.client_id, a.role, a.on_behalf_of,
        a.purpose, a.record_kind, a.record_ids, a.fields, a.reveals_identity, a.dry_run, a.override_reason, a.request_id,
        a.recorded_at, a.position)), ''::bytea) AS records
   FROM ONLY public.audit_entries a WHERE a.ctid >= format('(%s,0)', $1)::tid AND a.ctid < format('(%s,0)', $2)::tid";
/// Fields of a record.
const FIELDS: i32 = 16;

/// Sums of keyed hashes.
pub(super) struct Sums([u8; 32]);

impl Sums {
    pub fn keyed(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// What a row adds to the sum of its tenant.
    pub fn term(&self, digest: &Hash) -> u128 {
        let mut context = Context::new(&SHA256);
        context.update(&self.0);
        context.update(digest);
        let hash = context.finish();
        hash.as_ref().first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes))
    }
}

/// Count and sum of a tenant's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub count: u64,
    pub sum: u128,
}

impl Total {
    pub fn add(&mut self, term: u128) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(term);
    }
}

/// A row without what it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub tenant: Uuid,
    pub id: Uuid,
    pub digest: Hash,
    pub position: i64,
    pub recorded_at: i64,
}

/// How the rows are read.
pub(super) struct Rows<'a> {
    pub url: &'a str,
    pub snapshot: &'a str,
    pub pages: i64,
    /// Reach of the last seal, and what was running then.
    pub reach: Option<i64>,
    pub running: &'a [i64],
    pub readers: NonZeroUsize,
    pub sums: &'a Sums,
}

/// The sums of the rows that must be sealed, and the rows that may not be yet.
#[derive(Default)]
pub(super) struct Tally {
    pub totals: HashMap<Uuid, Total>,
    pub pending: Pending,
}

/// Rows that no seal names yet.
#[derive(Default)]
pub(super) struct Pending {
    pub count: u64,
    pub oldest: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Slice {
    #[diesel(sql_type = Nullable<Binary>)]
    records: Option<Vec<u8>>,
}

impl Rows<'_> {
    /// Whether the last seal could not know of a row: its transaction began later, or was running.
    pub fn is_young(&self, row: &Row) -> bool {
        self.reach.is_none_or(|reach| row.position >= reach || self.running.contains(&row.position))
    }

    /// Sums up the rows of each tenant.
    pub fn sum(&self) -> Result<Tally, VerifyError> {
        let parts = self.read(Tally::default, |tally: &mut Tally, row| {
            if self.is_young(&row) {
                tally.pending.add(1, moment(row.recorded_at));
            } else {
                tally.totals.entry(row.tenant).or_default().add(self.sums.term(&row.digest));
            }
        })?;
        let mut whole = Tally::default();
        for part in parts {
            for (tenant, total) in part.totals {
                let sum = whole.totals.entry(tenant).or_default();
                sum.count += total.count;
                sum.sum = sum.sum.wrapping_add(total.sum);
            }
            whole.pending.add(part.pending.count, part.pending.oldest);
        }
        Ok(whole)
    }

    /// Gives each row to `take`, in no order; one result of each reader.
    pub fn read<T: Send>(&self, start: impl Fn() -> T + Sync, take: impl Fn(&mut T, Row) + Sync) -> Result<Vec<T>, VerifyError> {
        let next = AtomicI64::new(0);
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..self.readers.get())
                .map(|_| {
                    scope.spawn(|| {
                        let mut result = start();
                        self.read_slices(&next, |row| take(&mut result, row))?;
                        Ok(result)
                    })
                })
                .collect();
            readers.into_iter().map(|reader| reader.join().map_err(|_| VerifyError::Interrupted)?).collect()
        })
    }

    fn read_slices(&self, next: &AtomicI64, mut take: impl FnMut(Row)) -> Result<(), VerifyError> {
        let mut conn = connect(self.url)?;
        // The name of a snapshot is hexadecimal digits and dashes.
        conn.batch_execute(&format!(
            "SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{}'",
            self.snapshot
        ))?;
        loop {
            let first = next.fetch_add(SLICE, Ordering::Relaxed);
            if first >= self.pages {
                return Ok(());
            }
            let slice: Slice =
                sql_query(SLICE_OF_ROWS).bind::<BigInt, _>(first).bind::<BigInt, _>(first + SLICE).get_result(&mut conn)?;
            let records = slice.records.unwrap_or_default();
            let mut rest = records.as_slice();
            while !rest.is_empty() {
                let (row, after) = row(rest).ok_or(VerifyError::Unreadable)?;
                take(row);
                rest = after;
            }
        }
    }
}

impl Pending {
    fn add(&mut self, count: u64, oldest: Option<DateTime<Utc>>) {
        self.count += count;
        self.oldest = self.oldest.into_iter().chain(oldest).min();
    }
}

/// The first record of some bytes and what follows it.
///
/// As `record_send` writes it: the number of fields, then type, length and bytes of each.
fn row(bytes: &[u8]) -> Option<(Row, &[u8])> {
    let (fields, mut rest) = number(bytes)?;
    if fields != FIELDS {
        return None;
    }
    let mut first: [&[u8]; 2] = [&[]; 2];
    let mut last: [&[u8]; 2] = [&[]; 2];
    for field in 0..FIELDS {
        let (_, after) = number(rest)?;
        let (length, after) = number(after)?;
        // A missing value has the length -1 and no bytes.
        let (value, after) = after.split_at_checked(usize::try_from(length).unwrap_or(0))?;
        match field {
            0 => first[0] = value,
            1 => first[1] = value,
            14 => last[0] = value,
            15 => last[1] = value,
            _ => {}
        }
        rest = after;
    }
    let record = &bytes[..bytes.len() - rest.len()];
    let row = Row {
        tenant: Uuid::from_slice(first[0]).ok()?,
        id: Uuid::from_slice(first[1]).ok()?,
        digest: digest(record),
        recorded_at: i64::from_be_bytes(last[0].try_into().ok()?),
        position: i64::from_be_bytes(last[1].try_into().ok()?),
    };
    debug_assert_eq!(row.digest.len(), HASH_LEN);
    Some((row, rest))
}

fn number(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((i32::from_be_bytes(*number), rest))
}

/// A moment as PostgreSQL sends it: microseconds since the year 2000.
fn moment(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(946_684_800, 0)?.checked_add_signed(TimeDelta::microseconds(micros))
}
