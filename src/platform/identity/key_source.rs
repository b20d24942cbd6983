//! The keys of one outside issuer, kept fresh without making any request wait that does not need it.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::fetch::{FetchError, Fetcher};
use super::jwk::{PublicKey, SignatureAlgorithm};
use crate::platform::clock::Clock;

/// Keys older than this are fetched anew in the background, so that a key that was withdrawn stops counting.
const FRESH: TimeDelta = TimeDelta::minutes(5);
/// The issuer is asked at most once in this time, whatever tokens arrive.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// As [`PAUSE`], while nobody answers there at all.
const PAUSE_UNREACHABLE: TimeDelta = TimeDelta::seconds(10);
/// Longest time that a request waits for a fetch.
const PATIENCE: Duration = Duration::from_secs(4);

/// What is known of the keys.
#[derive(Default)]
struct Known {
    keys: Arc<Vec<PublicKey>>,
    /// Grows with every change, so that what an earlier set has verified can be told apart.
    generation: u64,
    fetched_at: Option<DateTime<Utc>>,
}

/// When the issuer was asked last.
#[derive(Default)]
struct Attempts {
    running: bool,
    last: Option<(DateTime<Utc>, TimeDelta)>,
}

/// The keys of one outside issuer.
pub(super) struct KeySource {
    issuer: String,
    fetcher: Fetcher,
    /// How long keys count after they were last seen at the issuer.
    kept: TimeDelta,
    clock: Clock,
    known: RwLock<Known>,
    attempts: Mutex<Attempts>,
    /// Counts the attempts that have ended.
    ended: watch::Sender<u64>,
}

impl KeySource {
    /// A source that has not asked yet.
    ///
    /// # Errors
    /// As [`Fetcher::new`].
    pub(super) fn new(issuer: &str, kept: TimeDelta, clock: Clock) -> Result<Self, String> {
        Ok(Self {
            issuer: issuer.to_owned(),
            fetcher: Fetcher::new(issuer)?,
            kept,
            clock,
            known: RwLock::default(),
            attempts: Mutex::default(),
            ended: watch::Sender::new(0),
        })
    }

    /// The number of the key set in force; none where no keys are known, or they are too old to be believed.
    pub(super) fn generation(&self) -> Option<u64> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        self.counts(&known).then_some(known.generation)
    }

    /// The key set in force with its number.
    pub(super) fn keys(&self) -> Option<(u64, Arc<Vec<PublicKey>>)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        self.counts(&known).then(|| (known.generation, Arc::clone(&known.keys)))
    }

    fn counts(&self, known: &Known) -> bool {
        known.fetched_at.is_some_and(|at| self.clock.now() - at < self.kept)
    }

    /// Fetches in the background when the keys have become old; costs a comparison otherwise.
    pub(super) fn keep_fresh(self: &Arc<Self>) {
        let fetched_at = self.known.read().unwrap_or_else(PoisonError::into_inner).fetched_at;
        if fetched_at.is_none_or(|at| (self.clock.now() - at).abs() >= FRESH) {
            self.begin();
        }
    }

    /// Asks the issuer and waits for the end of that; does nothing when it was asked a moment ago.
    pub(super) async fn refresh(self: &Arc<Self>) {
        if let Some(mut ended) = self.begin() {
            // A slow issuer costs a request this much and no more; the fetch goes on.
            let _ = tokio::time::timeout(PATIENCE, ended.changed()).await;
        }
    }

    /// Starts a fetch unless one runs or has just run; whoever wants its result waits at what this answers.
    fn begin(self: &Arc<Self>) -> Option<watch::Receiver<u64>> {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if !attempts.running {
            let now = self.clock.now();
            // A clock that was set back must not hold the next attempt off.
            if attempts.last.is_some_and(|(last, pause)| (now - last).abs() < pause) {
                return None;
            }
            *attempts = Attempts { running: true, last: Some((now, PAUSE)) };
            let source = Arc::clone(self);
            // A thread of its own: it may take seconds, and the threads for blocking work are there for the database.
            let started = std::thread::Builder::new().name("issuer-keys".to_owned()).spawn(move || {
                let ending = Ending(&source);
                ending.0.fetch();
            });
            if let Err(error) = started {
                attempts.running = false;
                tracing::error!(issuer = self.issuer, %error, "no thread to fetch the keys of an issuer");
                return None;
            }
        }
        // Subscribed under the lock that the end of the attempt takes too, so that the end is not missed.
        Some(self.ended.subscribe())
    }

    fn fetch(&self) {
        match self.fetcher.fetch() {
            Ok(keys) => self.learn(keys),
            Err(error) => {
                tracing::warn!(issuer = self.issuer, %error, "the keys of an issuer could not be fetched; those known stay");
                if matches!(error, FetchError::Unreachable(_)) {
                    let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
                    attempts.last = attempts.last.map(|(last, _)| (last, PAUSE_UNREACHABLE));
                }
            }
        }
    }

    fn learn(&self, keys: Vec<PublicKey>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.fetched_at = Some(self.clock.now());
        if !same(&known.keys, &keys) {
            tracing::info!(issuer = self.issuer, keys = keys.len(), "the keys of an issuer have changed");
            known.generation += 1;
            known.keys = Arc::new(keys);
        }
    }
}

fn same(known: &[PublicKey], fetched: &[PublicKey]) -> bool {
    known.len() == fetched.len() && known.iter().zip(fetched).all(|(a, b)| a.is_same(b))
}

/// Ends an attempt, also one that panics: the next could never begin otherwise.
struct Ending<'s>(&'s KeySource);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let mut attempts = self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.running = false;
        self.0.ended.send_modify(|count| *count += 1);
    }
}

/// The key of a set that a token's header names, if it is for the algorithm that the header names.
pub(super) fn find<'k>(keys: &'k [PublicKey], kid: &str, algorithm: SignatureAlgorithm) -> Option<&'k PublicKey> {
    keys.iter().find(|key| key.kid.as_deref() == Some(kid) && key.algorithm == algorithm)
}
