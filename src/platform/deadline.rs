//! Work at the store within its deadline: done, or surely given up.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use super::problem::{Problem, catalogue};
use super::turns::Turn;

/// Longest time a transaction of a request may take; with the look-up of its caller an answer comes within five seconds.
pub const DEADLINE: Duration = Duration::from_secs(4);
/// The same for calls that read or record thousands of rows. Shorter than the lease of a key ring, so that an exchange of
/// keys knows when the last transaction of a silent service has ended.
pub const DEADLINE_OF_THOUSANDS: Duration = Duration::from_secs(25);
/// How much longer a commit that has begun is waited for.
const GRACE_OF_A_COMMIT: Duration = Duration::from_millis(800);

/// Runs `job` on a thread for the store, in its turn, within [`DEADLINE`].
pub(super) async fn blocking<T: Send + 'static>(
    job: impl FnOnce(&Turn) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    blocking_within(DEADLINE, &Fate::default(), job).await
}

/// As [`blocking`], with a deadline of its own; at the deadline `fate` says whether the work is still waited for.
pub(super) async fn blocking_within<T: Send + 'static>(
    deadline: Duration,
    fate: &Fate,
    job: impl FnOnce(&Turn) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let turn = Turn::wait().await?;
    let remaining = deadline.saturating_sub(turn.waited());
    // A job that outlasts the deadline keeps its turn, because it keeps its thread.
    let mut work = std::pin::pin!(actix_web::web::block(move || job(&turn)));
    let mut done = tokio::time::timeout(remaining, &mut work).await;
    if done.is_err() && !fate.give_up() {
        // It is being committed: the answer is worth a moment more than a 503 that says nothing.
        done = tokio::time::timeout(GRACE_OF_A_COMMIT, work).await;
    }
    match done {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err(catalogue::INTERNAL.problem().because(error)),
        Err(_) => Err(catalogue::UNAVAILABLE.problem().retry_after(2).because("deadline of the store passed")),
    }
}

/// Whether a transaction is committed or given up: one of the two, so that whoever is told 503 at the deadline knows that
/// nothing was written.
#[derive(Debug, Default)]
pub(super) struct Fate(AtomicU8);

impl Fate {
    const COMMITTING: u8 = 1;
    const GIVEN_UP: u8 = 2;

    /// Decides for the commit, unless it was given up.
    pub fn may_commit(&self) -> bool {
        self.decide(Self::COMMITTING)
    }

    /// Decides against the commit, unless it has begun.
    fn give_up(&self) -> bool {
        self.decide(Self::GIVEN_UP)
    }

    fn decide(&self, fate: u8) -> bool {
        match self.0.compare_exchange(0, fate, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => true,
            Err(decided) => decided == fate,
        }
    }
}
