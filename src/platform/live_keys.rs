//! The keys of a running service: exchanged as a whole when the ring changes, and leased.
//!
//! A rotation must know what running services work with. Each transaction keeps the ring it began
//! with; a ring counts as taken over only when no transaction works with an earlier one. A service
//! that has not reported its ring for [`LEASE`] begins no transaction, so that one that was frozen
//! does not go on with a ring that everybody else has left behind.

use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use super::keys::KeyRing;
use super::person_keys::{FilePersonKeys, PersonKeyError, PersonKeys};
use super::secrets::{BlindIndex, Vault};

/// How long a reported ring may be worked with.
pub const LEASE: Duration = Duration::from_secs(30);

/// Encryption of personal data and the keyed hashes that find it again, under one state of the ring.
pub struct Safe {
    /// Seals and opens values.
    pub vault: Vault,
    /// Keyed hashes for look-ups.
    pub index: BlindIndex,
    ring: Arc<KeyRing>,
}

impl Safe {
    /// Joins a ring and the store of person keys.
    pub fn new(ring: Arc<KeyRing>, people: Arc<dyn PersonKeys>) -> Self {
        Self { vault: Vault::new(Arc::clone(&ring), people), index: BlindIndex::new(Arc::clone(&ring)), ring }
    }

    /// The ring.
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }
}

/// The safe of now, and those that running transactions still use.
pub struct LiveKeys {
    people: Arc<FilePersonKeys>,
    current: RwLock<Arc<Safe>>,
    earlier: Mutex<Vec<Weak<Safe>>>,
    lease: Mutex<Lease>,
}

/// By what right a ring is worked with.
#[derive(Clone, Copy, Default)]
enum Lease {
    /// Nobody watches the ring: a command or a test, beside which no rotation runs.
    #[default]
    Unwatched,
    /// It has yet to be reported.
    Unreported,
    /// It was reported then.
    Since(Instant),
}

impl LiveKeys {
    /// Begins with a ring and the store of person keys.
    pub fn new(ring: Arc<KeyRing>, people: Arc<FilePersonKeys>) -> Self {
        let safe = Arc::new(Safe::new(ring, Arc::clone(&people) as Arc<dyn PersonKeys>));
        Self { people, current: RwLock::new(safe), earlier: Mutex::default(), lease: Mutex::default() }
    }

    /// The safe for a new transaction; nothing when the lease has run out.
    pub fn safe(&self) -> Option<Arc<Safe>> {
        let holds = match *self.lease.lock().unwrap_or_else(PoisonError::into_inner) {
            Lease::Unwatched => true,
            Lease::Unreported => false,
            Lease::Since(at) => at.elapsed() < LEASE,
        };
        holds.then(|| self.current())
    }

    /// Goes on with another state of the ring.
    ///
    /// # Errors
    /// [`PersonKeyError`] when the person keys cannot be read; the ring is taken over even so.
    pub fn renew(&self, ring: Arc<KeyRing>) -> Result<(), PersonKeyError> {
        // Its files first: what is sealed under the new ring may be under a new person key too.
        let outcome = self.people.renew(Arc::clone(&ring));
        let safe = Arc::new(Safe::new(ring, Arc::clone(&self.people) as Arc<dyn PersonKeys>));
        let before = std::mem::replace(&mut *self.current.write().unwrap_or_else(PoisonError::into_inner), safe);
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&before));
        outcome
    }

    /// Fingerprint of the ring that all transactions work with; nothing while some use an earlier one.
    pub fn in_force(&self) -> Option<String> {
        let mut earlier = self.earlier.lock().unwrap_or_else(PoisonError::into_inner);
        earlier.retain(|safe| safe.strong_count() > 0);
        earlier.is_empty().then(|| self.current().ring.fingerprint())
    }

    /// From now on no transaction begins without a lease.
    pub fn watch(&self) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = Lease::Unreported;
    }

    /// Renews the lease; `at` lies before the report was sent.
    pub fn reported(&self, at: Instant) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = Lease::Since(at);
    }

    fn current(&self) -> Arc<Safe> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::keys::tests::{ScratchDir, fresh_ring};

    #[test]
    fn a_ring_is_in_force_only_when_no_transaction_works_with_the_one_before() {
        let dir = ScratchDir::new();
        let first = Arc::new(fresh_ring());
        let people = Arc::new(FilePersonKeys::open(dir.path(), Arc::clone(&first)).expect("store"));
        let keys = LiveKeys::new(Arc::clone(&first), people);
        assert_eq!(keys.in_force(), Some(first.fingerprint()));
        let running = keys.safe().expect("no lease yet");
        let second = Arc::new(fresh_ring());
        keys.renew(Arc::clone(&second)).expect("renewed");
        assert_eq!(keys.in_force(), None, "a transaction still works with the first");
        assert_eq!(running.ring().fingerprint(), first.fingerprint(), "which keeps its ring");
        drop(running);
        assert_eq!(keys.in_force(), Some(second.fingerprint()));
        keys.watch();
        assert!(keys.safe().is_none(), "not reported yet");
        keys.reported(Instant::now());
        assert!(keys.safe().is_some());
        keys.reported(Instant::now().checked_sub(LEASE).expect("the machine runs longer than a lease"));
        assert!(keys.safe().is_none(), "the lease has run out");
    }
}
