//! Whether the access register is what was sealed: every seal, every row, and the head against its anchor.
//!
//! The first reading is one pass over the seals and one over the rows, several
//! pages at a time on several connections of one snapshot, with a sum per tenant
//! instead of a list of rows. The sums are over keyed hashes whose key is made
//! for this run, so that no choice of rows can make two wrongs cancel out. Only
//! where sums differ the rows of these tenants are compared one by one.

mod chain;
mod compare;
mod findings;
mod rows;

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use thiserror::Error;

use super::anchor;
use super::seal::hex;
use crate::platform::keys::{KeyError, KeyRing, random_bytes};
use crate::platform::migrations::DatabaseError;
use chain::Chain;
pub use findings::{Finding, Findings, Report};
use rows::{Rows, Sums};

/// Why nothing can be said about the register.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A query failed.
    #[error("the database refused a question: {0}")]
    Query(#[from] diesel::result::Error),
    /// There is no anchor file.
    #[error(
        "there is no anchor file {0}: a service writes it with the next seal, within audit.anchor_interval_s; \
         wait for that, name another file with --anchor, or leave the comparison out with --without-anchor"
    )]
    NoAnchor(String),
    /// The anchor file.
    #[error("the anchor file {0}: {1}")]
    Anchor(String, std::io::Error),
    /// No randomness for the sums.
    #[error(transparent)]
    Random(#[from] KeyError),
    /// A row of a form that this program does not know.
    #[error("a row of the register cannot be read")]
    Unreadable,
    /// A thread of this process ended unexpectedly.
    #[error("a reader ended unexpectedly")]
    Interrupted,
}

/// The snapshot that every reader shares, and what is known of the last seal.
#[derive(QueryableByName)]
struct Stand {
    #[diesel(sql_type = Text)]
    snapshot: String,
    #[diesel(sql_type = Text)]
    home: String,
    #[diesel(sql_type = BigInt)]
    pages: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    reach: Option<i64>,
    #[diesel(sql_type = Nullable<Array<BigInt>>)]
    running: Option<Vec<i64>>,
    #[diesel(sql_type = Nullable<Text>)]
    sealed_home: Option<String>,
}

const STAND: &str = "SELECT pg_export_snapshot() AS snapshot, audit_home() AS home,
        pg_relation_size('public.audit_entries') / current_setting('block_size')::bigint AS pages,
        s.reach, s.running, s.home AS sealed_home
   FROM (SELECT) one LEFT JOIN (SELECT reach, running, home FROM public.audit_seals ORDER BY number DESC LIMIT 1) s ON true";

/// Reads the whole register as its owner and compares it with its seals and its anchor.
///
/// # Errors
/// [`VerifyError`] when it cannot be read; what is wrong with it is in the report.
pub fn verify(owner_url: &str, ring: &KeyRing, anchor: Option<&Path>, readers: NonZeroUsize) -> Result<Report, VerifyError> {
    let began = Instant::now();
    let mut conn = crate::platform::migrations::connect(owner_url)?;
    // Held open to the end: the other readers take part in its snapshot.
    conn.batch_execute("SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let stand: Stand = sql_query(STAND).get_result(&mut conn)?;
    let sums = Sums::keyed(random_bytes()?);
    let running = stand.running.unwrap_or_default();
    let reading = Rows {
        url: owner_url,
        snapshot: &stand.snapshot,
        pages: stand.pages,
        reach: stand.reach,
        running: &running,
        readers,
        sums: &sums,
    };
    let anchored = anchor.map(read_anchor).transpose()?;

    let mut findings = Findings::default();
    let (chain, tally) = std::thread::scope(|scope| {
        let rows = scope.spawn(|| reading.sum());
        let chain = Chain::read(&mut conn, ring, &sums, anchored.as_ref(), &mut findings);
        (chain, rows.join().map_err(|_| VerifyError::Interrupted))
    });
    let (chain, tally) = (chain?, tally??);

    let tenants: HashSet<_> = chain.totals.keys().chain(tally.totals.keys()).copied().collect();
    let differing: HashSet<_> =
        tenants.iter().filter(|tenant| chain.totals.get(*tenant) != tally.totals.get(*tenant)).copied().collect();
    if !differing.is_empty() {
        compare::compare(&mut conn, &reading, &differing, &mut findings)?;
    }
    if let Some(anchored) = &anchored {
        chain.compare_with_anchor(anchored, &mut findings);
    }
    Ok(Report {
        seals: chain.seals,
        sealed_rows: chain.rows,
        tenants: tenants.len(),
        unsealed_rows: tally.pending.count,
        oldest_unsealed: tally.pending.oldest,
        head: chain.head.map(|(number, mac)| (number, hex(&mac))),
        anchored_heads: anchored.map(|lines| lines.len()),
        moved: stand.sealed_home.is_some_and(|home| home != stand.home),
        took: began.elapsed(),
        findings,
    })
}

type AnchorLines = Vec<Result<anchor::AnchoredHead, usize>>;

fn read_anchor(path: &Path) -> Result<AnchorLines, VerifyError> {
    let lines = anchor::read(path).map_err(|error| VerifyError::Anchor(path.display().to_string(), error))?;
    lines.ok_or_else(|| VerifyError::NoAnchor(path.display().to_string()))
}
