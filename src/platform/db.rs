//! The only way to the store: one blocking job, one transaction, the tenant set.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection};
use metrics::histogram;
use serde_json::Value;
use uuid::Uuid;

use super::caller::Caller;
use super::clock::{Clock, legal_day, new_id};
use super::connection::limited;
use super::deadline::{DEADLINE, Fate, blocking, blocking_within};
use super::live_keys::{LiveKeys, Safe};
use super::permit::Precondition;
use super::problem::{Constraint, Definition, Problem, catalogue};
use super::room::Room;
use super::traces::TARGET;
pub(crate) use super::trail::{Event, Trail};
use super::turns::{PATIENCE, Turn};
use super::types::Day;

/// Longest time that the first connection may take.
const FIRST_CONNECTION: Duration = Duration::from_secs(10);
/// How often a transaction that lost a deadlock is tried again.
const RETRIES: u32 = 3;

/// The store and what every transaction needs besides.
#[derive(Clone)]
pub struct Db {
    pool: Pool<ConnectionManager<PgConnection>>,
    constraints: Arc<HashMap<&'static str, (&'static Definition, &'static str)>>,
    /// Time of the service.
    pub clock: Clock,
    /// Encryption and blind indexes, as the key ring is now.
    pub keys: Arc<LiveKeys>,
    /// Whether the disk has room for writes.
    pub room: Room,
}

impl Db {
    /// Opens a pool of `size` connections; connections are made when first needed.
    pub fn open(
        url: &str,
        size: u32,
        constraints: &[&[Constraint]],
        clock: Clock,
        keys: Arc<LiveKeys>,
    ) -> Result<Self, r2d2::Error> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(PATIENCE)
            .build_unchecked(ConnectionManager::new(limited(url)));
        // The first connection may take longer than a request would wait for one: the machine is starting up.
        drop(pool.get_timeout(FIRST_CONNECTION)?);
        let constraints =
            constraints.iter().flat_map(|list| list.iter()).map(|(name, code, pointer)| (*name, (*code, *pointer))).collect();
        Ok(Self { pool, constraints: Arc::new(constraints), clock, keys, room: Room::default() })
    }

    /// Connections in use and idle.
    pub fn pool_state(&self) -> r2d2::State {
        self.pool.state()
    }

    /// Runs `job` on a connection outside any tenant; for start-up checks and the look-up of callers.
    pub async fn without_tenant<T, F>(&self, job: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T, Problem> + Send + 'static,
    {
        let db = self.clone();
        let span = tracing::Span::current();
        blocking(move |turn| {
            let _in_span = span.enter();
            job(&mut *db.connection(turn.remaining())?)
        })
        .await
    }

    /// Runs `job` in one transaction of the caller, and again after a lost deadlock.
    pub(crate) async fn transaction<T, F>(&self, caller: Arc<Caller>, writes: bool, job: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Problem> + Send + 'static,
    {
        let isolation = if writes { Isolation::Write } else { Isolation::Read };
        self.isolated(DEADLINE, caller, isolation, job).await
    }

    /// As [`Self::transaction`], of one isolation and with a deadline of its own; that of a single statement stays.
    pub(crate) async fn isolated<T, F>(
        &self,
        deadline: Duration,
        caller: Arc<Caller>,
        isolation: Isolation,
        job: F,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Problem> + Send + 'static,
    {
        if isolation != Isolation::Read && self.room.is_short() {
            return Err(catalogue::UNAVAILABLE.problem().retry_after(30).because("the disk of the database is nearly full"));
        }
        let db = self.clone();
        let span = tracing::Span::current();
        let fate = Arc::new(Fate::default());
        let decided = Arc::clone(&fate);
        blocking_within(deadline, &fate, move |turn| {
            let _in_span = span.enter();
            let mut connection = db.connection(turn.remaining())?;
            let mut attempt = 0;
            loop {
                attempt += 1;
                match db.attempt(&mut connection, &caller, isolation, &decided, &job) {
                    Err(problem) if attempt < RETRIES && (is_serialisation_loss(&problem) || db.passes(&problem)) => {}
                    other => return other.map_err(|problem| db.translate(problem)),
                }
            }
        })
        .await
    }

    /// A connection of the pool, and how long that took.
    fn connection(&self, patience: Duration) -> Result<PooledConnection<ConnectionManager<PgConnection>>, Problem> {
        // Work beside the requests has no span above it, and a span of its own would tell nothing.
        let is_within = !tracing::Span::current().is_none();
        let _traced = is_within.then(|| tracing::info_span!(target: TARGET, "wait for a connection").entered());
        let began = Instant::now();
        let connection = self.pool.get_timeout(patience).map_err(|error| unavailable(&error));
        histogram!("database_pool_wait_seconds").record(began.elapsed().as_secs_f64());
        connection
    }

    /// Runs one statement on this thread, outside a transaction: it states the tenant for itself, and commits or leaves nothing.
    pub(crate) fn at_once<T>(&self, statement: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> Result<T, Fault> {
        self.at_once_within(PATIENCE, statement)
    }

    /// As [`Self::at_once`], where a connection is free just now; for what may be left out.
    pub(crate) fn at_once_if_free<T>(&self, statement: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> Option<T> {
        self.at_once_within(Duration::from_millis(1), statement).ok()
    }

    fn at_once_within<T>(
        &self,
        patience: Duration,
        statement: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Fault> {
        let mut connection = self.connection(patience).map_err(Fault::Unknown)?;
        statement(&mut connection).map_err(|error| {
            // A server that still answers on this connection has undone what failed.
            if connection.batch_execute("SELECT 1").is_ok() {
                return Fault::Undone(error.into());
            }
            // Only a connection that seems to be within a broken transaction is dropped by the pool.
            AnsiTransactionManager::transaction_manager_status_mut(&mut *connection).set_in_error();
            Fault::Unknown(unavailable(&error))
        })
    }

    /// As [`Self::at_once`], beside the thread that asks.
    pub(crate) async fn at_once_aside<T, F>(&self, statement: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> QueryResult<T> + Send + 'static,
    {
        self.aside(|aside| aside.at_once(statement).map_err(|(Fault::Undone(problem) | Fault::Unknown(problem))| problem)).await
    }

    /// Runs `job`, which may send several statements of that kind, beside the thread that asks.
    pub(crate) async fn aside<T, F>(&self, job: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Aside) -> Result<T, Problem> + Send + 'static,
    {
        let db = self.clone();
        blocking(move |turn| job(&Aside { db: &db, turn })).await
    }

    fn attempt<T>(
        &self,
        connection: &mut PgConnection,
        caller: &Arc<Caller>,
        isolation: Isolation,
        fate: &Fate,
        job: &(impl Fn(&mut Tx) -> Result<T, Problem> + Send + 'static),
    ) -> Result<T, Problem> {
        let _traced = tracing::info_span!(target: TARGET, "transaction").entered();
        // One ring for the whole transaction; a rotation waits for those with the one before.
        let safe = self.keys.safe().ok_or_else(|| unavailable(&"the key ring has not been confirmed for too long"))?;
        let now = self.clock.now();
        // One round trip; ids and time are not text of a caller.
        let begin = format!(
            "BEGIN {}; SET LOCAL app.tenant = '{}'; SET LOCAL app.client = '{}'; SET LOCAL app.now = '{}'",
            isolation.words(),
            caller.tenant,
            caller.client,
            now.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        );
        AnsiTransactionManager::begin_transaction_sql(connection, &begin)?;
        let mut tx = Tx {
            conn: connection,
            caller: Arc::clone(caller),
            now,
            safe,
            trail: Trail::default(),
            precondition: Precondition::default(),
            compared: Cell::new(false),
            rehearsing: false,
            in_the_past: false,
            sees_one_moment: isolation != Isolation::Write,
        };
        match job(&mut tx) {
            Ok(value) if fate.may_commit() => {
                AnsiTransactionManager::commit_transaction(tx.conn)?;
                Ok(value)
            }
            other => {
                let problem = other.err().unwrap_or_else(|| unavailable(&"nobody waits for it any more"));
                // A broken connection cannot roll back either; the pool drops it.
                let _ = AnsiTransactionManager::rollback_transaction(tx.conn);
                Err(problem)
            }
        }
    }

    /// Whether a constraint refused what a second attempt may do.
    fn passes(&self, problem: &Problem) -> bool {
        let meaning = problem.constraint.as_deref().and_then(|name| self.constraints.get(name));
        meaning.is_some_and(|(definition, _)| definition.code == catalogue::UNAVAILABLE.code)
    }

    /// Gives a refusal by a named constraint its code.
    fn translate(&self, problem: Problem) -> Problem {
        let Some(name) = &problem.constraint else { return problem };
        if let Some((definition, pointer)) = self.constraints.get(name.as_str()) {
            return if pointer.is_empty() { definition.problem() } else { definition.at(*pointer) };
        }
        if name.ends_with("_pkey") { catalogue::ID_TAKEN.at("/id") } else { problem }
    }
}

/// How much a transaction may do, and see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Reads one moment, however many statements that takes.
    Read,
    /// Writes; each statement sees what was committed before it.
    Write,
    /// Writes what follows from one moment, and is tried again where that moment is overtaken.
    Snapshot,
}

impl Isolation {
    fn words(self) -> &'static str {
        match self {
            Self::Read => "ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Write => "READ WRITE",
            Self::Snapshot => "ISOLATION LEVEL REPEATABLE READ READ WRITE",
        }
    }
}

fn unavailable(error: &impl std::fmt::Display) -> Problem {
    catalogue::UNAVAILABLE.problem().retry_after(1).because(error)
}

fn is_serialisation_loss(problem: &Problem) -> bool {
    let lost = |cause: &str| cause.contains("deadlock detected") || cause.contains("could not serialize access");
    problem.cause.as_deref().is_some_and(lost)
}

/// A thread beside the one that asks, in its turn at the store.
pub(crate) struct Aside<'t> {
    pub db: &'t Db,
    turn: &'t Turn,
}

impl Aside<'_> {
    /// As [`Db::at_once`].
    pub fn at_once<T>(&self, statement: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> Result<T, Fault> {
        self.db.at_once_within(self.turn.remaining(), statement)
    }
}

/// Why a single statement failed.
pub(crate) enum Fault {
    /// It was refused and left nothing behind.
    Undone(Problem),
    /// Nobody knows whether it was done.
    Unknown(Problem),
}

/// A running transaction of one caller in one tenant.
pub struct Tx<'c> {
    /// The connection, for queries.
    pub conn: &'c mut PgConnection,
    /// Who calls.
    pub caller: Arc<Caller>,
    now: DateTime<Utc>,
    safe: Arc<Safe>,
    pub(crate) trail: Trail,
    pub(crate) precondition: Precondition,
    /// Whether the work has compared the precondition with a version.
    pub(crate) compared: Cell<bool>,
    rehearsing: bool,
    in_the_past: bool,
    sees_one_moment: bool,
}

impl Tx<'_> {
    /// The tenant of the caller.
    pub fn tenant(&self) -> Uuid {
        self.caller.tenant
    }

    /// The moment of recording; within [`Self::as_known`] the moment that is asked about.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Whether a past moment is asked about.
    pub fn is_in_the_past(&self) -> bool {
        self.in_the_past
    }

    /// Lets each statement from now on see what was committed before it; nothing may have been asked before.
    pub(super) fn give_up_one_moment(&mut self) -> Result<(), Problem> {
        if std::mem::take(&mut self.sees_one_moment) {
            self.conn.batch_execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")?;
        }
        Ok(())
    }

    /// Answers the moment it was.
    pub(super) fn step_back_to(&mut self, as_of: DateTime<Utc>) -> DateTime<Utc> {
        self.in_the_past = true;
        std::mem::replace(&mut self.now, as_of)
    }

    pub(super) fn return_to(&mut self, now: DateTime<Utc>) {
        self.in_the_past = false;
        self.now = now;
    }

    /// The legal day of recording (Europe/Warsaw).
    pub fn today(&self) -> NaiveDate {
        legal_day(self.now)
    }

    /// Refuses a day on which nothing can have happened yet; `pointer` is where the body says it.
    ///
    /// # Errors
    /// `platform.in_future`.
    pub fn expect_past(&self, day: Day, pointer: &str) -> Result<(), Problem> {
        if day.date() <= self.today() {
            return Ok(());
        }
        Err(catalogue::IN_FUTURE.at(pointer).with("today", self.today().to_string()))
    }

    /// A new id, or the one that the client chose.
    pub fn id_or_new(&self, chosen: Option<Uuid>) -> Uuid {
        chosen.unwrap_or_else(|| new_id(self.now))
    }

    /// Encryption and blind indexes.
    pub fn safe(&self) -> Arc<Safe> {
        Arc::clone(&self.safe)
    }

    /// Whether the store will be as before; what lies outside it must be left alone too.
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsing
    }

    /// Names the records that this call changes or reveals, for its audit row.
    pub fn touch(&mut self, kind: &'static str, ids: impl IntoIterator<Item = Uuid>) {
        self.trail.record_kind = Some(kind);
        self.trail.record_ids.extend(ids);
    }

    /// Names further records of another kind that this call changes.
    pub fn touch_too(&mut self, ids: impl IntoIterator<Item = Uuid>) {
        self.trail.record_ids.extend(ids);
    }

    /// Tells other systems that something happened; `data` holds ids and dates, never personal data.
    pub fn announce(&mut self, aggregate_kind: &'static str, aggregate_id: Uuid, kind: &'static str, data: Value) {
        self.trail.events.push(Event { aggregate_kind, aggregate_id, kind, data });
    }

    /// Notes that a soft rule was overridden, for the audit row.
    pub fn note_override(&mut self, reason: &str) {
        self.trail.override_reason = Some(reason.to_owned());
    }

    /// Notes the purpose that the body states, for the audit row of a call whose headers state none.
    pub fn note_purpose(&mut self, purpose: &str) {
        self.trail.purpose = Some(purpose.to_owned());
    }

    /// Undoes what `work` did to the store, whatever it answers.
    pub(crate) fn rehearse<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        self.rehearsing = true;
        self.conn.batch_execute("SAVEPOINT rehearsal")?;
        let result = work(self)?;
        self.conn.batch_execute("ROLLBACK TO SAVEPOINT rehearsal")?;
        Ok(result)
    }
}

/// The tenant predicate of every query on a tenant's table.
///
/// Row-level security repeats it inside PostgreSQL. The feature
/// `without-predicates` switches this layer off, so that a test can show that
/// the other one alone suffices.
#[cfg(not(feature = "without-predicates"))]
pub fn own<C>(tx: &Tx, column: C) -> diesel::dsl::Eq<C, Uuid>
where
    C: diesel::Expression<SqlType = diesel::sql_types::Uuid> + diesel::ExpressionMethods,
{
    column.eq(tx.tenant())
}

/// As above, switched off.
#[cfg(feature = "without-predicates")]
pub fn own<C>(_: &Tx, column: C) -> diesel::dsl::IsNotNull<C>
where
    C: diesel::Expression<SqlType = diesel::sql_types::Uuid> + diesel::ExpressionMethods,
{
    column.is_not_null()
}
