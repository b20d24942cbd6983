//! Where the secrets of clients are compared: on threads of their own, so that signing in never takes a place at the store.
//!
//! A comparison costs memory and time on purpose, and anybody can ask for one. So few are made at a time, whoever waits
//! holds no thread, and under a flood the sign-ins are what is sent away; those who hold a token notice nothing.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::client_secrets::{Memory, verify_secret};
use super::crew::{Crew, Outcome, Waiting};
use super::problem::{Problem, catalogue};

/// Secrets compared at a time. Each takes a processor and 19 MiB.
const AT_ONCE: u8 = 2;
/// Longest time that a sign-in waits for its place; it holds nothing meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// A secret and the hash that it should have.
struct Check {
    secret: SecretString,
    stored: Option<String>,
}

/// The threads that compare, and their places.
pub struct SecretChecks {
    places: Arc<Semaphore>,
    crew: Crew<Check, bool>,
    /// The next call's thread; with as many places as threads they take turns.
    next: AtomicU32,
}

/// A place, given back when dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl SecretChecks {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start() -> std::io::Result<Self> {
        let compare = |calls: Vec<Waiting<Check, bool>>| {
            for waiting in calls {
                let Check { secret, stored } = &waiting.call;
                let valid = MEMORY.with_borrow_mut(|memory| verify_secret(secret, stored.as_deref(), memory));
                waiting.answer(Ok(valid));
            }
        };
        let crew = Crew::start("sign-in", usize::from(AT_ONCE), 1, compare)?;
        Ok(Self { places: Arc::new(Semaphore::new(usize::from(AT_ONCE))), crew, next: AtomicU32::new(0) })
    }

    /// Waits for a place; to be held until the secret has been compared.
    ///
    /// # Errors
    /// `platform.unavailable` with `Retry-After` when none is free in time.
    pub(crate) async fn place(&self) -> Result<Place, Problem> {
        match tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Place { _permit: permit }),
            _ => Err(catalogue::UNAVAILABLE.problem().retry_after(1).because("too many sign-ins")),
        }
    }

    /// Whether the secret matches the stored hash; where there is none, finding that out takes as long.
    ///
    /// # Errors
    /// `platform.unavailable` when it takes too long.
    pub(crate) async fn matches(&self, _in: &Place, secret: SecretString, stored: Option<String>) -> Result<bool, Problem> {
        let lane = self.next.fetch_add(1, Ordering::Relaxed);
        match self.crew.call(u128::from(lane), Check { secret, stored }).await? {
            Outcome::Answered(valid) => Ok(valid),
            Outcome::Alone(_) => Ok(false),
        }
    }
}
