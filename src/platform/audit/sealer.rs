//! The sealer: about each second it binds the new rows of the access register into the chain.
//!
//! Every replica runs one. A pass holds an advisory lock, so that one seals at
//! a time; when a replica dies, its lock dies with its connection and the next
//! pass of another goes on. The sealer sees ids and digests, never what a row says.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound as _, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Uuid as SqlUuid};
use metrics::counter;
use thiserror::Error;
use uuid::Uuid;

use super::anchor::{Anchor, AnchoredHead};
use super::lag::SealLag;
use super::seal::{BEFORE_THE_FIRST, FORM, HASH_LEN, Hash, Seal, hex};
use crate::platform::clock::Clock;
use crate::platform::keys::KeyRing;
use crate::schema::audit_seals;

/// Rows in one link at most, so that memory stays bounded when there is much to make up for.
const LARGEST: usize = 20_000;
/// One sealer at a time per database; the number has no meaning beyond being ours.
const LOCK: i64 = 7_241_620_418;
/// After a restore all rows are compared with all seals, which may take longer than a request may.
const PREPARE: &str = "SET statement_timeout = '15min'; SET lock_timeout = '5s'; SET TIME ZONE 'UTC'";

/// Why a pass failed; the next one begins anew.
#[derive(Debug, Error)]
pub enum SealError {
    /// No connection.
    #[error("the sealer cannot connect: {0}")]
    Connection(#[from] ConnectionError),
    /// The database refused something.
    #[error("the sealer was refused: {0}")]
    Query(#[from] diesel::result::Error),
    /// The anchor file.
    #[error("the anchor file: {0}")]
    Anchor(#[from] io::Error),
    /// A keyed hash of another length than ours.
    #[error("the last seal is damaged")]
    Damaged,
}

/// What a pass did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// So many rows were sealed; none is left.
    Sealed(usize),
    /// Another process was sealing.
    Elsewhere,
}

/// Seals the register of one database.
pub struct Sealer {
    url: String,
    ring: Arc<KeyRing>,
    clock: Clock,
    anchor: Anchor,
    anchor_interval: Duration,
    anchored_at: Option<Instant>,
    connection: Option<PgConnection>,
    head: Option<(i64, Hash)>,
    lag: SealLag,
}

#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
    #[diesel(sql_type = Nullable<Binary>)]
    mac: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    home: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    reach: Option<i64>,
    #[diesel(sql_type = Nullable<Array<BigInt>>)]
    running: Option<Vec<i64>>,
    #[diesel(sql_type = Text)]
    present_home: String,
    #[diesel(sql_type = BigInt)]
    present_shift: i64,
    #[diesel(sql_type = BigInt)]
    present_reach: i64,
    #[diesel(sql_type = Array<BigInt>)]
    present_running: Vec<i64>,
}

#[derive(QueryableByName)]
struct Unsealed {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
}

diesel::define_sql_function! {
    /// Taken, or held by another until the end of its transaction.
    fn pg_try_advisory_xact_lock(key: BigInt) -> diesel::sql_types::Bool;
}
diesel::define_sql_function! {
    /// Makes this cluster and database the home of the register; see the migration.
    fn settle_audit_home() -> BigInt;
}
diesel::define_sql_function! {
    /// The keyed hash of a seal; see the migration.
    fn audit_seal_mac(wanted: BigInt) -> Nullable<Binary>;
}

impl Sealer {
    /// A sealer for the database at `url`, as the service's own role; heads go to a file below `data_dir`.
    ///
    /// # Errors
    /// When the anchor file cannot be read.
    pub fn new(
        url: &str,
        ring: Arc<KeyRing>,
        clock: Clock,
        data_dir: &Path,
        anchor_interval: Duration,
        lag: SealLag,
    ) -> io::Result<Self> {
        let anchor = Anchor::below(data_dir)?;
        Ok(Self {
            url: url.to_owned(),
            ring,
            clock,
            anchor,
            anchor_interval,
            anchored_at: None,
            connection: None,
            head: None,
            lag,
        })
    }

    /// Seals what is there, and notes the head outside the database when it is time.
    ///
    /// # Errors
    /// [`SealError`]; nothing is half done, and the next pass connects anew.
    pub fn pass(&mut self) -> Result<Pass, SealError> {
        let began = Instant::now();
        let outcome = self.try_pass();
        match &outcome {
            Ok(Pass::Sealed(count)) => {
                self.lag.nothing_older_than(began);
                counter!("audit_entries_sealed_total").increment(*count as u64);
                if self.anchored_at.is_none_or(|at| at.elapsed() >= self.anchor_interval) {
                    self.anchor()?;
                }
            }
            Ok(Pass::Elsewhere) => {}
            Err(_) => {
                counter!("audit_seal_failures_total").increment(1);
                // Whatever is wrong with it, a new connection is cheap.
                self.connection = None;
            }
        }
        outcome
    }

    fn try_pass(&mut self) -> Result<Pass, SealError> {
        let mut conn = match self.connection.take() {
            Some(conn) => conn,
            None => self.connect()?,
        };
        let (ring, now) = (Arc::clone(&self.ring), self.clock.now());
        // One snapshot for head and rows, or a link of another process could come between.
        let sealed = conn.build_transaction().repeatable_read().run(|conn| seal_all(conn, &ring, now))?;
        self.connection = Some(conn);
        let Some(sealed) = sealed else { return Ok(Pass::Elsewhere) };
        if let Some((number, mac)) = self.head
            && sealed.found.is_none_or(|found| found.0 < number || (found.0 == number && found.1 != mac))
        {
            report_loss(number, "the chain is not the one, or not as long, as this process has seen it");
        }
        self.head = Some(sealed.head);
        Ok(Pass::Sealed(sealed.count))
    }

    fn connect(&self) -> Result<PgConnection, SealError> {
        let mut conn = PgConnection::establish(&self.url)?;
        conn.batch_execute(PREPARE)?;
        diesel::select(settle_audit_home()).get_result::<i64>(&mut conn)?;
        if let Some(AnchoredHead { number, mac, .. }) = self.anchor.last_head()? {
            let stored: Option<Vec<u8>> = diesel::select(audit_seal_mac(number)).get_result(&mut conn)?;
            if stored.is_none_or(|stored| hex(&stored) != mac) {
                report_loss(number, "the anchored head is not in the database: rolled back, restored or cut off");
            }
        }
        Ok(conn)
    }

    /// Seals at each interval until `stop` is hung up; then a last time, so that nothing waits for the next start.
    pub fn run(mut self, interval: Duration, stop: &Receiver<()>) {
        let mut complaining = false;
        loop {
            let stopping = stop.recv_timeout(interval) != Err(RecvTimeoutError::Timeout);
            let outcome = self.pass();
            match &outcome {
                Err(error) if !complaining || stopping => tracing::error!(%error, "access register not sealed"),
                Ok(_) if complaining => tracing::info!("access register sealed again"),
                _ => {}
            }
            complaining = outcome.is_err();
            if stopping {
                if let Err(error) = self.anchor() {
                    tracing::error!(%error, "head of the access register not anchored");
                }
                return;
            }
        }
    }

    /// Notes the head in the anchor file and in the log.
    ///
    /// # Errors
    /// [`SealError::Anchor`] when the file cannot be written.
    pub fn anchor(&mut self) -> Result<(), SealError> {
        let Some((number, mac)) = self.head else { return Ok(()) };
        if self.anchor.note(number, &mac, self.clock.now())? {
            tracing::info!(target: "audit.head", number, mac = hex(&mac), "access register sealed");
        }
        self.anchored_at = Some(Instant::now());
        Ok(())
    }
}

/// What a pass found and left behind.
struct Sealed {
    /// The end of the chain before.
    found: Option<(i64, Hash)>,
    /// The end of the chain now.
    head: (i64, Hash),
    /// Rows sealed.
    count: usize,
}

/// Seals every row that is visible and in no seal; nothing where another process holds the lock.
fn seal_all(conn: &mut PgConnection, ring: &KeyRing, now: DateTime<Utc>) -> Result<Option<Sealed>, SealError> {
    if !diesel::select(pg_try_advisory_xact_lock(LOCK)).get_result::<bool>(conn)? {
        return Ok(None);
    }
    let head: Head = sql_query("SELECT * FROM audit_head()").get_result(conn)?;
    let found = match (head.number, &head.mac) {
        (Some(number), Some(mac)) => Some((number, Hash::try_from(mac.as_slice()).map_err(|_| SealError::Damaged)?)),
        _ => None,
    };
    // In a new home positions begin anew, so that only a comparison of all rows finds what is in no seal.
    let at_home = head.home.as_ref() == Some(&head.present_home);
    sql_query("DECLARE unsealed NO SCROLL CURSOR FOR SELECT * FROM unsealed_audit_entries($1, $2)")
        .bind::<Nullable<BigInt>, _>(head.reach.filter(|_| at_home))
        .bind::<Nullable<Array<BigInt>>, _>(&head.running)
        .execute(conn)?;
    let mut end = found;
    let mut count = 0;
    loop {
        let rows: Vec<Unsealed> = sql_query(format!("FETCH {LARGEST} FROM unsealed")).load(conn)?;
        // A new home is marked even when there is nothing to seal, so that the comparison is made once.
        let mark = end == found && !at_home;
        if rows.is_empty() && !mark {
            break;
        }
        count += rows.len();
        end = Some(append(conn, ring, now, &head, end, &rows)?);
    }
    // A chain exists from the first pass on, because that finds a new home.
    Ok(end.map(|head| Sealed { found, head, count }))
}

/// Appends one link.
fn append(
    conn: &mut PgConnection,
    ring: &KeyRing,
    now: DateTime<Utc>,
    head: &Head,
    previous: Option<(i64, Hash)>,
    rows: &[Unsealed],
) -> Result<(i64, Hash), SealError> {
    let (number, mac) = previous.map_or((1, BEFORE_THE_FIRST), |(number, mac)| (number + 1, mac));
    let key = ring.audit_seal.current();
    let mut seal = Seal {
        number,
        form: FORM,
        key_id: key.id().to_bytes().to_vec(),
        // As the database keeps it.
        sealed_at: now.trunc_subsecs(6),
        home: head.present_home.clone(),
        shift: head.present_shift,
        reach: head.present_reach,
        running: head.present_running.clone(),
        tenant_ids: rows.iter().map(|row| row.tenant_id).collect(),
        entry_ids: rows.iter().map(|row| row.id).collect(),
        digests: rows.iter().flat_map(|row| &row.digest).copied().collect(),
        mac: Vec::with_capacity(HASH_LEN),
    };
    let mac = seal.expected_mac(key, &mac);
    seal.mac = mac.to_vec();
    diesel::insert_into(audit_seals::table).values(&seal).execute(conn)?;
    Ok((number, mac))
}

/// Evidence is missing: said loudly, and counted, so that an alert can be set on it.
fn report_loss(number: i64, what: &'static str) {
    counter!("audit_chain_losses_total").increment(1);
    tracing::error!(target: "audit.loss", number, what, "access register does not hold; run `pai audit verify`");
}
