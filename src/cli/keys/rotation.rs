//! Exchanging keys beside running services: prepare, activate, make again, retire.
//!
//! Before each step that relies on the one before, every running service must have reported that
//! all its transactions work with the ring of that step (`platform::live_keys`). Every state in
//! between is sound for as long as it lasts.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use secrecy::ExposeSecret as _;
use serde_json::json;
use uuid::Uuid;

use super::{Desk, KeysError, Retire, Rotate, What, uses};
use crate::app::{SEALED, SEALED_FOR_INSTITUTIONS};
use crate::people::reindexing::{reindex, reindex_former};
use crate::platform::clock::Clock;
use crate::platform::idempotency;
use crate::platform::keys::{KeyId, KeyRing, Purpose, RingEdit, RingKey};
use crate::platform::live_keys::{LEASE, Safe};
use crate::platform::person_keys::{FilePersonKeys, PersonKeys};
use crate::platform::resealing::{Pace, ResealError, in_batches};
use crate::platform::tokens::MAX_TTL;
use crate::startup::load_ring;

/// How long running services may take to report a new ring.
const PATIENCE: Duration = Duration::from_mins(2);
/// A service silent for this long begins no transaction any more, and its last has ended.
const SILENCE: Duration = Duration::from_secs(2 * LEASE.as_secs());
/// How often what came in meanwhile is made again before giving up.
const ROUNDS: u32 = 5;
/// One rotation of a database at a time; the number has no meaning beyond being ours.
const LOCK: i64 = 7_241_620_419;

/// A rotation under way.
struct Rotation<'d> {
    desk: &'d mut Desk,
    edit: RingEdit,
    in_environment: bool,
    pace: Pace,
    now: DateTime<Utc>,
}

diesel::define_sql_function! {
    /// Takes a lock of this connection, if nobody has it.
    fn pg_try_advisory_lock(number: BigInt) -> Bool;
}

pub(super) fn rotate(desk: &mut Desk, asked: &Rotate) -> Result<String, KeysError> {
    let pace = Pace { rows_per_second: asked.rows_per_second };
    let mut rotation = Rotation::begin(desk, pace)?;
    let report = match asked.what.purpose() {
        Some(purpose) => rotation.exchange(purpose)?,
        None => rotation.exchange_person_keys()?,
    };
    Ok(if asked.plain.json { format!("{}\n", report.json()) } else { report.text(asked.what) })
}

pub(super) fn retire(desk: &mut Desk, asked: &Retire) -> Result<String, KeysError> {
    let mut rotation = Rotation::begin(desk, Pace { rows_per_second: 1 })?;
    let Some(purpose) = asked.what.purpose() else {
        return Ok("the exchange of person keys removes the earlier ones\n".to_owned());
    };
    let earlier = rotation.earlier(purpose)?;
    for id in &earlier {
        rotation.refuse_needed(purpose, *id, asked.leaked)?;
        rotation.edit.retire(purpose, *id);
    }
    let report =
        if earlier.is_empty() { Report::default() } else { rotation.save(&format!("{} key(s) removed", earlier.len()))? };
    Ok(if asked.plain.json { format!("{}\n", report.json()) } else { report.text(asked.what) })
}

/// What was done.
#[derive(Default)]
struct Report {
    active: Option<KeyId>,
    made_again: usize,
    done: String,
    /// The ring for the next step, where it stands in the environment.
    ring: Option<String>,
}

impl Report {
    fn json(&self) -> serde_json::Value {
        json!({ "active": self.active.map(|id| id.to_string()), "madeAgain": self.made_again, "done": self.done, "ring": self.ring })
    }

    fn text(&self, what: What) -> String {
        let active = self.active.map(|id| format!(", key {id} is active")).unwrap_or_default();
        let next = self.ring.as_ref().map_or_else(String::new, |ring| {
            format!("set keys.ring of all services to the following, one after the other; then run this again:\n{ring}\n")
        });
        format!(
            "{what:?}: {}{active}, {} row(s) made again\n{next}",
            if self.done.is_empty() { "nothing to do" } else { &self.done },
            self.made_again
        )
    }
}

impl<'d> Rotation<'d> {
    fn begin(desk: &'d mut Desk, pace: Pace) -> Result<Self, KeysError> {
        if !diesel::select(pg_try_advisory_lock(LOCK)).get_result::<bool>(&mut desk.owner)? {
            return Err(KeysError::Busy);
        }
        // Made first where there is none yet.
        load_ring(&desk.settings)?;
        let in_environment = !desk.settings.keys.ring.expose_secret().is_empty();
        let edit = if in_environment {
            RingEdit::from_base64(&desk.settings.keys.ring)?
        } else {
            RingEdit::load(&desk.settings.data_dir)?
        };
        Ok(Self { desk, edit, in_environment, pace, now: Clock::system().now() })
    }

    fn exchange(&mut self, purpose: Purpose) -> Result<Report, KeysError> {
        let needs_making_again = !matches!(purpose, Purpose::TokenSigning | Purpose::AuditSeal);
        let unfinished = needs_making_again && !self.earlier(purpose)?.is_empty();
        if !unfinished {
            if !self.edit.ring()?.list(purpose).iter().any(RingKey::is_prepared) {
                self.drop_expired(purpose)?;
                self.edit.prepare(purpose, self.now)?;
                let report = self.save("a new key is prepared")?;
                if self.in_environment {
                    return Ok(report);
                }
            }
            self.wait_for_readers()?;
            self.edit.activate(purpose, self.now);
            let report = self.save("the new key is active")?;
            if self.in_environment {
                return Ok(report);
            }
        }
        self.wait_for_readers()?;
        let mut made_again = 0;
        if needs_making_again {
            made_again = self.make_again(purpose)?;
            for id in self.earlier(purpose)? {
                self.refuse_needed(purpose, id, false)?;
                self.edit.retire(purpose, id);
            }
            self.save("")?;
            if !self.in_environment {
                self.wait_for_readers()?;
            }
        }
        let active = Some(self.edit.ring()?.list(purpose).current().id());
        let ring = self.in_environment.then(|| self.edit.base64().to_string());
        Ok(Report { active, made_again, done: "exchanged".to_owned(), ring })
    }

    /// Everybody gets a second key, all is sealed under it, and the first is forgotten.
    fn exchange_person_keys(&mut self) -> Result<Report, KeysError> {
        let people = Arc::new(self.desk.people(self.edit.ring()?)?);
        let tenants = people.tenants()?;
        for tenant in &tenants {
            let count = people.begin_exchange(*tenant)?;
            say(&format!("{tenant}: {count} people have a new key"));
        }
        self.let_all_look()?;
        let safe = self.safe(Arc::clone(&people) as Arc<dyn PersonKeys>)?;
        let mut made_again = 0;
        for tenant in &tenants {
            made_again += self.reseal_people(&safe, *tenant)?;
        }
        // Whoever has read a row sealed under an earlier key has opened it before that is forgotten.
        self.let_all_look()?;
        for tenant in &tenants {
            people.end_exchange(*tenant)?;
        }
        Ok(Report { active: None, made_again, done: "exchanged".to_owned(), ring: None })
    }

    /// Waits until every running service has looked at the person keys, and its older transactions have ended.
    fn let_all_look(&mut self) -> Result<(), KeysError> {
        if self.in_environment {
            // No ring can be changed to be seen; each service looks within a second of its next use.
            say("waiting for the transactions of running services to end");
            thread::sleep(SILENCE / 2);
            return Ok(());
        }
        self.edit.raise_generation();
        self.save("")?;
        self.wait_for_readers()
    }

    fn reseal_people(&mut self, safe: &Safe, tenant: Uuid) -> Result<usize, KeysError> {
        let mut count = 0;
        for table in SEALED.iter().flat_map(|tables| tables.iter()) {
            count +=
                self.until_none_is_left(tenant, |conn, after, limit| table.reseal(conn, &safe.vault, tenant, after, limit))?;
        }
        say(&format!("{tenant}: {count} row(s) sealed again"));
        Ok(count)
    }

    /// Makes everything again that is under an earlier key of a purpose.
    fn make_again(&mut self, purpose: Purpose) -> Result<usize, KeysError> {
        let people = Arc::new(self.desk.people(self.edit.ring()?)?);
        let safe = self.safe(Arc::clone(&people) as Arc<dyn PersonKeys>)?;
        let mut count = 0;
        for tenant in self.tenants()? {
            count += match purpose {
                Purpose::Encryption => {
                    let mut made = self.until_none_is_left(tenant, |conn, after, limit| {
                        idempotency::resealing::reseal(conn, &safe, tenant, after, limit)
                    })?;
                    for table in SEALED_FOR_INSTITUTIONS.iter().flat_map(|tables| tables.iter()) {
                        made += self
                            .until_none_is_left(tenant, |conn, after, limit| table.reseal(conn, &safe, tenant, after, limit))?;
                    }
                    made
                }
                _ => {
                    self.until_none_is_left(tenant, |conn, after, limit| reindex(conn, &safe, tenant, after, limit))?
                        + self
                            .until_none_is_left(tenant, |conn, after, limit| reindex_former(conn, &safe, tenant, after, limit))?
                }
            };
            say(&format!("{tenant}: done, {count} row(s) in all"));
        }
        if purpose == Purpose::Encryption {
            people.rewrap()?;
        }
        Ok(count)
    }

    /// Repeats until a whole round finds nothing: what came in meanwhile may lie behind the first.
    fn until_none_is_left<K>(
        &mut self,
        tenant: Uuid,
        mut batch: impl FnMut(&mut PgConnection, Option<K>, i64) -> Result<crate::platform::resealing::Batch<K>, ResealError>,
    ) -> Result<usize, KeysError> {
        let mut count = 0;
        for _ in 0..ROUNDS {
            match in_batches(&mut self.desk.owner, tenant, self.pace, &mut batch)? {
                0 => return Ok(count),
                changed => count += changed,
            }
        }
        Err(KeysError::StillComing)
    }

    fn safe(&self, people: Arc<dyn PersonKeys>) -> Result<Safe, KeysError> {
        Ok(Safe::new(Arc::new(self.edit.ring()?), people))
    }

    fn earlier(&self, purpose: Purpose) -> Result<Vec<KeyId>, KeysError> {
        let ring = self.edit.ring()?;
        Ok(ring.list(purpose).iter().skip(1).filter(|key| !key.is_prepared()).map(RingKey::id).collect())
    }

    /// Signing keys whose last token has expired.
    fn drop_expired(&mut self, purpose: Purpose) -> Result<(), KeysError> {
        if purpose == Purpose::TokenSigning {
            for id in self.earlier(purpose)? {
                if self.refuse_needed(purpose, id, false).is_ok() {
                    self.edit.retire(purpose, id);
                }
            }
        }
        Ok(())
    }

    fn refuse_needed(&mut self, purpose: Purpose, id: KeyId, leaked: bool) -> Result<(), KeysError> {
        let needed = |why: String| Err(KeysError::Needed(id, why));
        let ring = self.edit.ring()?;
        match purpose {
            Purpose::AuditSeal => {
                needed("seals of the access register are verified with it for as long as they are kept".to_owned())
            }
            Purpose::TokenSigning => match last_token(&ring, id) {
                Some(end) if end > self.now && !leaked => {
                    needed(format!("tokens may be valid until {}; --leaked refuses them at once", end.to_rfc3339()))
                }
                _ => Ok(()),
            },
            Purpose::Encryption | Purpose::BlindIndex | Purpose::ParticipationIndex => {
                let people: FilePersonKeys = self.desk.people(ring)?;
                let uses = uses::of(&mut self.desk.owner, &people, purpose, id)?;
                if uses.count == Some(0) { Ok(()) } else { needed(uses.to_string()) }
            }
        }
    }

    fn save(&mut self, done: &str) -> Result<Report, KeysError> {
        let ring = self.in_environment.then(|| self.edit.base64().to_string());
        if !self.in_environment {
            self.edit.save(&self.desk.settings.data_dir)?;
        }
        if !done.is_empty() {
            say(done);
        }
        Ok(Report { done: done.to_owned(), ring, ..Report::default() })
    }

    /// Waits until all transactions of all running services work with the ring as it is now.
    fn wait_for_readers(&mut self) -> Result<(), KeysError> {
        let wanted = self.edit.ring()?.fingerprint();
        let began = Instant::now();
        loop {
            let others = readers_of_another(&mut self.desk.owner, &wanted)?;
            if others.is_empty() {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(KeysError::Readers(others.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", ")));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn tenants(&mut self) -> Result<Vec<Uuid>, KeysError> {
        let tenants: Vec<Id> =
            diesel::sql_query("SELECT tenant_id AS id FROM clients UNION SELECT tenant_id FROM people ORDER BY 1")
                .load(&mut self.desk.owner)?;
        Ok(tenants.into_iter().map(|row| row.id).collect())
    }
}

/// When the last token of an earlier key has surely expired; nothing when it was never noted.
fn last_token(ring: &KeyRing, id: KeyId) -> Option<DateTime<Utc>> {
    let life = TimeDelta::from_std(MAX_TTL).unwrap_or_default();
    ring.token_signing.find(id)?.since().map(|since| since + life)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Running services that work with another ring; those long silent are struck off.
fn readers_of_another(owner: &mut PgConnection, ring: &str) -> Result<Vec<Uuid>, KeysError> {
    diesel::sql_query("DELETE FROM key_ring_readers WHERE seen_at < clock_timestamp() - make_interval(secs => $1)")
        .bind::<BigInt, _>(i64::try_from(SILENCE.as_secs()).unwrap_or(i64::MAX))
        .execute(owner)?;
    let others: Vec<Id> =
        diesel::sql_query("SELECT instance_id AS id FROM key_ring_readers WHERE ring <> $1").bind::<Text, _>(ring).load(owner)?;
    Ok(others.into_iter().map(|row| row.id).collect())
}

/// Progress, for whoever watches.
fn say(text: &str) {
    eprintln!("pai: {text}");
}
