//! Answers that are remembered for as long as their town has written nothing.
//!
//! Figures are asked for more often than anything changes, and computing them takes some twenty statements. So an answer is
//! kept with the snapshot of the store that it was read from, and given again only after the store has said, to this very
//! question, that nothing of the tenant was committed outside that snapshot: each write leaves a row in the access register,
//! which bears the number of its transaction. An answer is never older than its question, whichever replica wrote meanwhile.
//!
//! What is not written by a request (a migration, a restored backup) is noticed after [`LONGEST`] at the latest.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::caller::Caller;
use super::config::Settings;
use super::crew::{Crew, Outcome, Waiting};
use super::db::{Db, Fault, Tx};
use super::problem::{Problem, catalogue};
use super::rows_of::rows_of;
use super::timeless::Timeless;

/// Longest time that an answer is remembered.
const LONGEST: TimeDelta = TimeDelta::seconds(60);
/// Snapshots that are compared by one statement.
const MOST: usize = 64;
/// Of an answer, what the figures of an edition take compressed. **Units**: bytes.
const USUAL: u64 = 16 * 1024;

diesel::define_sql_function! {
    /// The snapshot of the running statement, and what is added to the number of a transaction to make a position.
    fn present_snapshot() -> Record<(Text, BigInt)>;
}

diesel::define_sql_function! {
    /// For each snapshot: whether all that the tenant has written is visible in it; see the migration.
    fn unchanged_since(tenant: SqlUuid, snapshots: Array<Text>, shifts: Array<BigInt>) -> Array<Bool>;
}

/// From which state of the store something was read.
#[derive(Debug, Queryable)]
pub(crate) struct Snapshot {
    /// As PostgreSQL writes it (`pg_snapshot`).
    text: String,
    shift: i64,
}

impl Snapshot {
    /// That of a transaction which sees one moment, or of its next statement.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(tx: &mut Tx) -> Result<Self, Problem> {
        Ok(rows_of(present_snapshot()).get_result(tx.conn)?)
    }

    /// Whether the transaction sees nothing of its tenant that this snapshot does not.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_all_of(&self, tx: &mut Tx) -> Result<bool, Problem> {
        let tenant = tx.tenant();
        Ok(compare(tx.conn, tenant, &[self])?.first().copied().unwrap_or_default())
    }
}

fn compare(conn: &mut PgConnection, tenant: Uuid, snapshots: &[&Snapshot]) -> QueryResult<Vec<bool>> {
    let (texts, shifts): (Vec<&str>, Vec<i64>) =
        snapshots.iter().map(|snapshot| (snapshot.text.as_str(), snapshot.shift)).unzip();
    diesel::select(unchanged_since(tenant, texts, shifts)).get_result(conn)
}

/// What is asked, and all that an answer depends on besides what is written: who asks, as far as that narrows what is seen,
/// and the legal day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    words: String,
    /// The legal day.
    pub day: NaiveDate,
}

impl Question {
    /// The question of a request: method, path and query.
    pub fn of(caller: &Caller, target: &str, query: &str, day: NaiveDate) -> Self {
        // Every member of the caller is named, so that a new one must be thought of; the client alone narrows nothing.
        let Caller { tenant, client: _, role, host, facilitator, assistant } = caller;
        Self { words: format!("{tenant} {role:?} {host:?} {facilitator:?} {assistant:?} {target}?{query}"), day }
    }
}

/// An answer that was given.
#[derive(Clone)]
pub(crate) struct Kept {
    pub answer: Arc<Timeless>,
    pub snapshot: Arc<Snapshot>,
    pub read_at: DateTime<Utc>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Question, Kept> for Bytes {
    fn weight(&self, question: &Question, kept: &Kept) -> u64 {
        let bytes = question.words.len() + kept.snapshot.text.len() + kept.answer.size() + size_of::<(Question, Kept)>();
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// A caller that waits for the comparison of a snapshot of its tenant.
struct Check {
    tenant: Uuid,
    snapshot: Arc<Snapshot>,
}

/// Answers given lately, and the threads that ask the store whether they still hold.
pub struct Remembered {
    answers: Cache<Question, Kept, Bytes>,
    checks: Crew<Check, bool>,
    /// Whether each remembered answer is computed once more beside.
    pub(crate) is_compared: bool,
}

impl Remembered {
    /// Starts what the settings want; nothing where they want nothing remembered.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn open(db: &Db, settings: &Settings) -> std::io::Result<Option<Self>> {
        let wanted = &settings.database;
        if wanted.remembered_mb == 0 || wanted.readers == 0 {
            return Ok(None);
        }
        let bytes = wanted.remembered_mb * 1024 * 1024;
        let asked = db.clone();
        Ok(Some(Self {
            answers: Cache::with_weighter(usize::try_from(bytes / USUAL).unwrap_or(usize::MAX), bytes, Bytes),
            checks: Crew::start("remembered", wanted.readers, MOST, move |calls| check_all(&asked, calls))?,
            is_compared: wanted.compare_remembered,
        }))
    }

    /// The answer to a question that still holds now.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn find(&self, tenant: Uuid, question: &Question, now: DateTime<Utc>) -> Result<Option<Kept>, Problem> {
        let Some(kept) = self.answers.get(question).filter(|kept| now - kept.read_at < LONGEST) else { return Ok(None) };
        let check = Check { tenant, snapshot: Arc::clone(&kept.snapshot) };
        match self.checks.call(tenant.as_u128(), check).await? {
            Outcome::Answered(true) => Ok(Some(kept)),
            Outcome::Answered(false) | Outcome::Alone(_) => Ok(None),
        }
    }

    /// Remembers an answer in place of the one before.
    pub(crate) fn keep(&self, question: Question, kept: Kept) {
        self.answers.insert(question, kept);
    }
}

fn check_all(db: &Db, calls: Vec<Waiting<Check, bool>>) {
    let mut tenants: BTreeMap<Uuid, Vec<Waiting<Check, bool>>> = BTreeMap::new();
    for waiting in calls {
        tenants.entry(waiting.call.tenant).or_default().push(waiting);
    }
    for (tenant, calls) in tenants {
        let snapshots: Vec<Arc<Snapshot>> = calls.iter().map(|waiting| Arc::clone(&waiting.call.snapshot)).collect();
        let snapshots: Vec<&Snapshot> = snapshots.iter().map(AsRef::as_ref).collect();
        match db.at_once(|conn| compare(conn, tenant, &snapshots)) {
            Ok(unchanged) if unchanged.len() == calls.len() => {
                calls.into_iter().zip(unchanged).for_each(|(waiting, unchanged)| waiting.answer(Ok(unchanged)));
            }
            // The long way knows what there is to say.
            Ok(_) | Err(Fault::Undone(_)) => calls.into_iter().for_each(Waiting::alone),
            Err(Fault::Unknown(problem)) => calls.into_iter().for_each(|waiting| waiting.answer(Err(problem.clone()))),
        }
    }
}

/// What is answered where a remembered answer differs from the one computed beside it.
pub(crate) fn overtaken() -> Problem {
    catalogue::INTERNAL.problem().because("a remembered answer holds no longer, though its tenant wrote nothing")
}
