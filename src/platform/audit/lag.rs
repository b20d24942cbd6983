//! How far the sealer is behind, known without asking the database.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Since when rows may be unsealed; shared by the sealer, readiness and metrics.
#[derive(Clone, Debug, Default)]
pub struct SealLag(Arc<Mutex<Option<Instant>>>);

impl SealLag {
    /// Begins to count: a sealer is expected from now on.
    pub fn expect_sealer(&self) {
        self.nothing_older_than(Instant::now());
    }

    /// Every row that was committed before `moment` is sealed.
    pub fn nothing_older_than(&self, moment: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(moment);
    }

    /// The greatest age that an unsealed row can have; nothing where this process has no sealer.
    pub fn age(&self) -> Option<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).map(|moment| moment.elapsed())
    }
}
