//! What runs beside the requests: throwing away what has expired, and looking at what waits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Timestamptz};
use metrics::gauge;

use super::db::Db;
use super::idempotency;
use super::imports;
use super::problem::Problem;

/// Events counted at most: whoever has more than this waiting knows enough.
const COUNTED: i32 = 100_000;

/// What waits in the outbox, as it was looked at last.
#[derive(Clone, Debug, Default)]
pub struct Backlog(Arc<Mutex<Option<DateTime<Utc>>>>);

impl Backlog {
    /// Age of the oldest event that waits; nothing where none does.
    pub fn age(&self, now: DateTime<Utc>) -> Option<Duration> {
        let oldest = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        oldest.map(|oldest| (now - oldest).to_std().unwrap_or_default())
    }
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    oldest: Option<DateTime<Utc>>,
}

/// Drops the stored answers that are older than `expiry_h`, now and after each period, by the clock of the service.
pub async fn forget_expired_answers(db: Db, expiry_h: u32, period: Duration) {
    loop {
        let before = db.clock.now() - TimeDelta::hours(i64::from(expiry_h));
        match db.without_tenant(move |conn| idempotency::forget_before(conn, before)).await {
            Ok(count) => tracing::info!(count, "expired idempotency keys dropped"),
            Err(problem) => tracing::warn!(cause = ?problem.cause, "expired idempotency keys could not be dropped"),
        }
        tokio::time::sleep(period).await;
    }
}

/// Drops files sent for bulk intake that are older than `expiry_h`, with their plans, now and after each period.
pub async fn forget_expired_imports(db: Db, expiry_h: u32, period: Duration) {
    loop {
        let before = db.clock.now() - TimeDelta::hours(i64::from(expiry_h));
        match db.without_tenant(move |conn| imports::forget_before(conn, before)).await {
            Ok(count) => tracing::info!(count, "expired imports dropped"),
            Err(problem) => tracing::warn!(cause = ?problem.cause, "expired imports could not be dropped"),
        }
        tokio::time::sleep(period).await;
    }
}

/// Looks at the outbox, now and after each period.
pub async fn watch_outbox(db: Db, backlog: Backlog, period: Duration) {
    loop {
        match db.without_tenant(waiting).await {
            Ok(found) => {
                // At most COUNTED.
                gauge!("outbox_waiting_events").set(i32::try_from(found.waiting).unwrap_or(COUNTED));
                *backlog.0.lock().unwrap_or_else(PoisonError::into_inner) = found.oldest;
            }
            Err(problem) => tracing::warn!(cause = ?problem.cause, "the outbox could not be looked at"),
        }
        tokio::time::sleep(period).await;
    }
}

fn waiting(conn: &mut PgConnection) -> Result<Waiting, Problem> {
    Ok(sql_query("SELECT * FROM outbox_backlog($1)").bind::<diesel::sql_types::Integer, _>(COUNTED).get_result(conn)?)
}
