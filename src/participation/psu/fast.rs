//! The hot paths of the register: many callers' entries in one statement, one entry or one page in one round trip.
//!
//! The statements are functions of the database; see the migration. An entry that they refuse, for whatever reason, is
//! recorded or refused by the plain path.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bytea, Date, Integer, Jsonb, Nullable, Text, Time, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::entry_data;
use super::ledger::whole_week;
use super::views::{PsuEntryBody, PsuEntryView};
use crate::platform::caller::Caller;
use crate::platform::clock::{legal_day, new_id};
use crate::platform::config::Settings;
use crate::platform::crew::{Crew, Waiting};
use crate::platform::db::{Db, Fault};
use crate::platform::idempotency::{Key, SEALED_AS};
use crate::platform::paging::Window;
use crate::platform::permit::reply;
use crate::platform::permit::together::{Look, Request};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::rows_of::rows_of;
use crate::platform::secrets::Vault;
use crate::platform::types::{Hours, Stored};
use crate::programmes::RegimeParameters;

/// Entries in one statement; more only make the first ones wait.
const MOST_WRITES: usize = 64;
/// Entries read by one statement.
const MOST_READS: usize = 32;
/// Participations whose terms are remembered.
const REMEMBERED: usize = 20_000;

type EntryColumns = (
    SqlUuid,
    SqlUuid,
    SqlUuid,
    SqlUuid,
    Nullable<SqlUuid>,
    Date,
    Integer,
    Nullable<Time>,
    Nullable<Time>,
    Nullable<Text>,
    Nullable<SqlUuid>,
    Nullable<Timestamptz>,
    Nullable<Text>,
    Timestamptz,
);

diesel::define_sql_function! {
    /// Entries of a tenant by their ids.
    fn read_psu_entries(tenant: SqlUuid, wanted: Array<SqlUuid>) -> Record<EntryColumns>;
}

diesel::define_sql_function! {
    /// A page of a tenant's current entries, of one edition or of all.
    fn list_psu_entries(tenant: SqlUuid, edition: Nullable<SqlUuid>, after: SqlUuid, most: BigInt) -> Record<EntryColumns>;
}

diesel::define_sql_function! {
    /// What hardly ever changes about participations and decides about their hours.
    fn psu_terms(tenant: SqlUuid, wanted: Array<SqlUuid>) -> Record<(SqlUuid, SqlUuid, SqlUuid, SqlUuid, SqlUuid, Jsonb)>;
}

diesel::define_sql_function! {
    /// Entries of one caller with all that belongs to them, or none; see the migration.
    #[expect(clippy::too_many_arguments, reason = "one column each")]
    fn record_psu_entries(
        tenant: SqlUuid, client: SqlUuid, role: Text, at: Text, operation: Text,
        ids: Array<SqlUuid>, participations: Array<SqlUuid>, people: Array<SqlUuid>, editions: Array<SqlUuid>,
        regime_tenants: Array<SqlUuid>, regimes: Array<SqlUuid>, limits: Array<Integer>,
        hosts: Array<Nullable<SqlUuid>>, days: Array<Date>, durations: Array<Integer>, kinds: Array<Nullable<Text>>,
        keys: Array<Nullable<Text>>, hashes: Array<Nullable<Bytea>>, locations: Array<Text>, bodies: Array<Nullable<Bytea>>,
        audits: Array<SqlUuid>, requests: Array<SqlUuid>, callers: Array<Nullable<Text>>, purposes: Array<Nullable<Text>>,
        fields: Array<Text>, events: Array<SqlUuid>, event_data: Jsonb
    );
}

/// A page of the caller's entries, of one edition or of all.
pub(super) fn page(
    conn: &mut PgConnection,
    caller: &Caller,
    edition: Option<Uuid>,
    window: Window,
) -> QueryResult<Vec<PsuEntryView>> {
    rows_of(list_psu_entries(caller.tenant, edition, window.after, window.rows())).load(conn)
}

/// What decides about the hours of a participation. Only a merge of two people changes any of it: the store then refuses
/// entries of the duplicate by their key, and the terms are learnt again.
#[derive(Clone, Copy)]
struct Terms {
    person: Uuid,
    edition: Uuid,
    regime_tenant: Uuid,
    regime: Uuid,
    weekly_limit: Hours,
}

#[derive(Queryable)]
struct TermsRow {
    participation: Uuid,
    person: Uuid,
    edition: Uuid,
    regime_tenant: Uuid,
    regime: Uuid,
    parameters: Stored<RegimeParameters>,
}

impl From<TermsRow> for Terms {
    fn from(row: TermsRow) -> Self {
        let TermsRow { person, edition, regime_tenant, regime, .. } = row;
        let weekly_limit = row.parameters.0.psu_weekly_limit.unwrap_or_else(whole_week);
        Self { person, edition, regime_tenant, regime, weekly_limit }
    }
}

/// The terms of participations met lately, by tenant and id.
type KnownTerms = Mutex<HashMap<(Uuid, Uuid), Terms>>;

/// Records and reads entries of many callers together.
pub struct Register {
    writers: Option<Crew<Request<PsuEntryBody>, Reply>>,
    readers: Option<Crew<Look, Reply>>,
}

impl Register {
    /// Starts the threads that the settings want.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn open(db: &Db, settings: &Settings) -> std::io::Result<Self> {
        let (writing, reading) = (db.clone(), db.clone());
        let known = KnownTerms::default();
        let (writers, readers) = (settings.database.writers, settings.database.readers);
        let write = move |calls: Vec<Writing>| record_all(&writing, &known, calls);
        let read = move |calls: Vec<Looking>| read_all(&reading, calls);
        Ok(Self {
            writers: (writers > 0).then(|| Crew::start("psu-writer", writers, MOST_WRITES, write)).transpose()?,
            readers: (readers > 0).then(|| Crew::start("psu-reader", readers, MOST_READS, read)).transpose()?,
        })
    }

    /// Whether writes go by a few statements of their own where they can.
    pub(in crate::participation) fn is_fast(&self) -> bool {
        self.writers.is_some()
    }

    /// Who reads entries together.
    pub(super) fn readers(&self) -> Option<&Crew<Look, Reply>> {
        self.readers.as_ref()
    }

    /// Who records such an entry, if anything can come of it; and its lane: entries of a participation stay in order.
    pub(super) fn writers(&self, caller: &Caller, body: &PsuEntryBody) -> Option<(&Crew<Request<PsuEntryBody>, Reply>, u128)> {
        let timed = body.started_at.is_some() || body.ended_at.is_some();
        let plain = body.hours > Hours::ZERO && !timed && caller.may_use_host(body.host_id);
        Some((self.writers.as_ref().filter(|_| plain)?, body.participation_id.as_u128()))
    }
}

/// A caller that waits for its entry to be recorded.
type Writing = Waiting<Request<PsuEntryBody>, Reply>;
/// A caller that waits for an entry.
type Looking = Waiting<Look, Reply>;

/// Answers all callers alike.
fn fail<C, A>(calls: impl IntoIterator<Item = Waiting<C, A>>, problem: &Problem) {
    for waiting in calls {
        waiting.answer(Err(problem.clone()));
    }
}

fn read_all(db: &Db, calls: Vec<Looking>) {
    let mut tenants: BTreeMap<Uuid, Vec<Looking>> = BTreeMap::new();
    for waiting in calls {
        tenants.entry(waiting.call.caller.tenant).or_default().push(waiting);
    }
    for (tenant, calls) in tenants {
        let ids: Vec<Uuid> = calls.iter().map(|waiting| waiting.call.id).collect();
        let found = db.at_once(|conn| rows_of(read_psu_entries(tenant, ids)).load::<PsuEntryView>(conn));
        let found: HashMap<Uuid, PsuEntryView> = match found {
            Ok(entries) => entries.into_iter().map(|entry| (entry.id, entry)).collect(),
            Err(Fault::Undone(_)) => HashMap::new(),
            Err(Fault::Unknown(problem)) => {
                fail(calls, &problem);
                continue;
            }
        };
        for waiting in calls {
            match found.get(&waiting.call.id).filter(|entry| waiting.call.caller.may_use_host(entry.host_id)) {
                Some(entry) => waiting.answer(Reply::ok(entry)),
                None => waiting.alone(),
            }
        }
    }
}

/// A call with all that will be stored of it.
struct Prepared {
    waiting: Writing,
    terms: Terms,
    view: PsuEntryView,
    reply: Reply,
    sealed: Option<Vec<u8>>,
}

impl Prepared {
    fn key(&self) -> Option<&Key> {
        self.waiting.call.key.as_ref()
    }
}

fn record_all(db: &Db, known: &KnownTerms, calls: Vec<Writing>) {
    if db.room.is_short() {
        // The plain path says so.
        return calls.into_iter().for_each(Waiting::alone);
    }
    let today = legal_day(db.clock.now());
    let (calls, ahead): (Vec<_>, Vec<_>) = calls.into_iter().partition(|waiting| waiting.call.body.worked_on.date() <= today);
    ahead.into_iter().for_each(Waiting::alone);
    let mut callers: BTreeMap<(Uuid, Uuid), Vec<Writing>> = BTreeMap::new();
    for waiting in calls {
        let caller = &waiting.call.caller;
        callers.entry((caller.tenant, caller.client)).or_default().push(waiting);
    }
    for calls in callers.into_values() {
        let calls = without_twins(calls);
        let Some(first) = calls.first() else { continue };
        let caller = Arc::clone(&first.call.caller);
        match learn_terms(db, known, caller.tenant, &calls) {
            Ok(()) => record_of_caller(db, known, &caller, calls),
            Err(Fault::Undone(_)) => calls.into_iter().for_each(Waiting::alone),
            Err(Fault::Unknown(problem)) => fail(calls, &problem),
        }
    }
}

/// Of calls with the same key or the same chosen id, only the first; the others wait for it in the plain path.
fn without_twins(calls: Vec<Writing>) -> Vec<Writing> {
    let (mut keys, mut ids) = (HashSet::new(), HashSet::new());
    let (first, twins): (Vec<_>, Vec<_>) = calls.into_iter().partition(|waiting| {
        let call = &waiting.call;
        call.key.as_ref().is_none_or(|key| keys.insert(key.key.clone())) && call.body.id.is_none_or(|id| ids.insert(id))
    });
    twins.into_iter().for_each(Waiting::alone);
    first
}

fn learn_terms(db: &Db, known: &KnownTerms, tenant: Uuid, calls: &[Writing]) -> Result<(), Fault> {
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let unknown: Vec<Uuid> = {
        let known = lock();
        let ids = calls.iter().map(|waiting| waiting.call.body.participation_id);
        ids.filter(|id| !known.contains_key(&(tenant, *id))).collect()
    };
    if unknown.is_empty() {
        return Ok(());
    }
    let rows: Vec<TermsRow> = db.at_once(|conn| rows_of(psu_terms(tenant, unknown)).load(conn))?;
    let mut known = lock();
    if known.len() + rows.len() > REMEMBERED {
        known.clear();
    }
    known.extend(rows.into_iter().map(|row| ((tenant, row.participation), row.into())));
    Ok(())
}

/// Terms that did not lead to an entry are learnt again: whoever takes part may have been merged into another person, of
/// whom the store knows under another id.
fn forget(known: &KnownTerms, tenant: Uuid, undone: &[Prepared]) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    for one in undone {
        known.remove(&(tenant, one.view.participation_id));
    }
}

fn record_of_caller(db: &Db, known: &KnownTerms, caller: &Caller, calls: Vec<Writing>) {
    // Held until all is stored: a rotation waits for those who still work with an earlier ring.
    let Some(safe) = db.keys.safe() else {
        calls.into_iter().for_each(Waiting::alone);
        return;
    };
    let now = db.clock.now();
    let mut prepared = Vec::with_capacity(calls.len());
    for waiting in calls {
        let id = (caller.tenant, waiting.call.body.participation_id);
        let terms = known.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied();
        match terms.map(|terms| (terms, prepare(&safe.vault, terms, now, &waiting.call))) {
            Some((terms, Ok((view, reply, sealed)))) => prepared.push(Prepared { waiting, terms, view, reply, sealed }),
            _ => waiting.alone(),
        }
    }
    if prepared.is_empty() {
        return;
    }
    match db.at_once(|conn| record(conn, caller, now, &prepared)) {
        Ok(()) => prepared.into_iter().for_each(|done| done.waiting.answer(Ok(done.reply))),
        Err(Fault::Undone(_)) => {
            forget(known, caller.tenant, &prepared);
            for undone in prepared {
                undone.waiting.alone();
            }
        }
        Err(Fault::Unknown(problem)) => fail(prepared.into_iter().map(|lost| lost.waiting), &problem),
    }
}

/// The entry as it will stand in the register, the answer, and the answer as it is stored.
fn prepare(
    vault: &Vault,
    terms: Terms,
    now: DateTime<Utc>,
    request: &Request<PsuEntryBody>,
) -> Result<(PsuEntryView, Reply, Option<Vec<u8>>), Problem> {
    let body = &request.body;
    let view = PsuEntryView {
        id: body.id.unwrap_or_else(|| new_id(now)),
        edition_id: terms.edition,
        participation_id: body.participation_id,
        person_id: terms.person,
        host_id: body.host_id,
        worked_on: body.worked_on,
        hours: body.hours,
        started_at: None,
        ended_at: None,
        kind_of_work: body.kind_of_work.clone(),
        supersedes_id: None,
        superseded_at: None,
        correction_reason: None,
        // As precise as the store.
        recorded_at: now.trunc_subsecs(6),
    };
    let answer = reply(&Written::created(format!("/psu-entries/{}", view.id), &view))?;
    let seal = |_| vault.seal_payload(request.caller.tenant, SEALED_AS, &answer.body);
    let sealed = request.key.as_ref().map(seal).transpose().map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    Ok((view, answer, sealed))
}

/// Records all entries, or none.
fn record(conn: &mut PgConnection, caller: &Caller, now: DateTime<Utc>, all: &[Prepared]) -> QueryResult<()> {
    fn each<'a, T>(all: &'a [Prepared], pick: impl Fn(&'a Prepared) -> T) -> Vec<T> {
        all.iter().map(pick).collect()
    }
    let Some(first) = all.first() else { return Ok(()) };
    let statement = record_psu_entries(
        caller.tenant,
        caller.client,
        caller.role.as_str(),
        now.to_rfc3339_opts(SecondsFormat::Micros, true),
        first.waiting.call.circumstances.rule.operation,
        each(all, |one| one.view.id),
        each(all, |one| one.view.participation_id),
        each(all, |one| one.terms.person),
        each(all, |one| one.terms.edition),
        each(all, |one| one.terms.regime_tenant),
        each(all, |one| one.terms.regime),
        each(all, |one| one.terms.weekly_limit.minutes()),
        each(all, |one| one.view.host_id),
        each(all, |one| one.view.worked_on),
        each(all, |one| one.view.hours.minutes()),
        each(all, |one| one.view.kind_of_work.as_ref()),
        each(all, |one| one.key().map(|key| key.key.as_str())),
        each(all, |one| one.key().map(|key| &key.request_hash[..])),
        each(all, |one| one.reply.location.as_deref().unwrap_or_default()),
        each(all, |one| one.sealed.as_deref()),
        each(all, |_| new_id(now)),
        each(all, |one| one.waiting.call.circumstances.request_id),
        each(all, |one| one.waiting.call.circumstances.on_behalf_of.as_deref()),
        each(all, |one| one.waiting.call.circumstances.purpose.as_deref()),
        each(all, |one| one.waiting.call.fields.join(",")),
        each(all, |_| new_id(now)),
        Value::Array(each(all, |one| entry_data(&one.view))),
    );
    diesel::select(statement).execute(conn).map(|_| ())
}
