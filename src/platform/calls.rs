//! Counts the calls of each client and how they were answered: in memory with each answer, in the store now and then.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::clock::legal_day;
use super::db::Db;
use super::problem::Problem;

diesel::define_sql_function! {
    /// Adds counts of several clients; see the migration.
    fn note_client_calls(
        tenants: Array<SqlUuid>, callers: Array<SqlUuid>, days: Array<Date>, called: Array<BigInt>,
        refusals: Array<BigInt>, failures: Array<BigInt>, last_calls: Array<Timestamptz>
    );
}

/// Who called, in the extensions of a request that has a caller.
#[derive(Clone, Copy)]
pub(super) struct CalledBy {
    pub tenant: Uuid,
    pub client: Uuid,
}

/// Calls of a client on a day.
type Day = (Uuid, Uuid, NaiveDate);

#[derive(Clone, Copy)]
struct Tally {
    calls: i64,
    refused: i64,
    failed: i64,
    last: DateTime<Utc>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.refused += other.refused;
        self.failed += other.failed;
        self.last = self.last.max(other.last);
    }
}

/// Calls that are counted and not noted yet; as many as there are clients that call.
#[derive(Default)]
pub struct Calls(Mutex<HashMap<Day, Tally>>);

impl Calls {
    /// Counts an answer.
    pub(super) fn count(&self, by: CalledBy, status: StatusCode, now: DateTime<Utc>) {
        let tally = Tally {
            calls: 1,
            refused: i64::from(status.is_client_error()),
            failed: i64::from(status.is_server_error()),
            last: now,
        };
        self.add((by.tenant, by.client, legal_day(now)), tally);
    }

    fn add(&self, day: Day, tally: Tally) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.entry(day).and_modify(|known| known.add(tally)).or_insert(tally);
    }

    /// Notes what was counted since the last time; where the store refuses, it stays counted.
    pub(crate) async fn note(&self, db: &Db) -> Result<(), Problem> {
        let counted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if counted.is_empty() {
            return Ok(());
        }
        let rows: Vec<(Day, Tally)> = counted.iter().map(|(day, tally)| (*day, *tally)).collect();
        let noted = db.without_tenant(move |conn| {
            let of = |pick: fn(&Tally) -> i64| rows.iter().map(|(_, tally)| pick(tally)).collect::<Vec<i64>>();
            diesel::select(note_client_calls(
                rows.iter().map(|((tenant, ..), _)| *tenant).collect::<Vec<_>>(),
                rows.iter().map(|((_, client, _), _)| *client).collect::<Vec<_>>(),
                rows.iter().map(|((.., day), _)| *day).collect::<Vec<_>>(),
                of(|tally| tally.calls),
                of(|tally| tally.refused),
                of(|tally| tally.failed),
                rows.iter().map(|(_, tally)| tally.last).collect::<Vec<_>>(),
            ))
            .execute(conn)?;
            Ok(())
        });
        let outcome = noted.await;
        if outcome.is_err() {
            for (day, tally) in counted {
                self.add(day, tally);
            }
        }
        outcome
    }
}

/// Notes the calls of a service after each period.
pub async fn note_calls(service: std::sync::Arc<super::permit::Service>, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        if let Err(problem) = service.calls.note(&service.db).await {
            tracing::warn!(cause = ?problem.cause, "calls of clients could not be noted");
        }
    }
}
