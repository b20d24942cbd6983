//! Turns at the store: as many requests wait in a worker's blocking threads as it has of these.
//!
//! A thread that waits for `PostgreSQL` cannot be called back. When the database stands still, the
//! threads fill up, and whatever queued behind them would wait as long as they do. So a request
//! asks for a turn first, without holding a thread, and is told to come back when none is free in time.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::{Problem, catalogue};

/// Longest time a request waits for its turn and for a connection, together.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);
/// A thread outside the HTTP server, such as the one that keeps house, needs few.
const ELSEWHERE: usize = 2;
/// Somebody who got a turn late still gets a connection that lies idle.
const LEAST: Duration = Duration::from_millis(20);

thread_local! {
    static OF_THIS_WORKER: RefCell<Arc<Semaphore>> = RefCell::new(Arc::new(Semaphore::new(ELSEWHERE)));
}

/// Sets how many turns the worker of the current thread gives out at a time.
pub fn share(count: usize) {
    OF_THIS_WORKER.with(|turns| *turns.borrow_mut() = Arc::new(Semaphore::new(count)));
}

/// A turn; given back when dropped, by the thread that did the work.
#[derive(Debug)]
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
    asked: Instant,
}

impl Turn {
    /// Waits for a turn.
    ///
    /// # Errors
    /// `platform.unavailable` with `Retry-After` when none is free in time.
    pub(super) async fn wait() -> Result<Self, Problem> {
        let asked = Instant::now();
        let turns = OF_THIS_WORKER.with(|turns| Arc::clone(&turns.borrow()));
        match tokio::time::timeout(PATIENCE, turns.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Self { _permit: permit, asked }),
            _ => Err(catalogue::UNAVAILABLE.problem().retry_after(1).because("every thread for the store is busy")),
        }
    }

    /// How long the turn was waited for, and used.
    pub(super) fn waited(&self) -> Duration {
        self.asked.elapsed()
    }

    /// How long the connection may still be waited for.
    pub(super) fn remaining(&self) -> Duration {
        PATIENCE.saturating_sub(self.waited()).max(LEAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn who_finds_no_turn_is_sent_away_in_time_and_a_turn_given_back_serves_the_next() {
        share(1);
        let first = Turn::wait().await.expect("a turn");
        let began = Instant::now();
        let refused = Turn::wait().await.expect_err("no second turn");
        assert_eq!((refused.code(), refused.retry_after), ("platform.unavailable", Some(1)));
        assert!(began.elapsed() < PATIENCE + Duration::from_millis(100), "{:?}", began.elapsed());
        assert!(first.remaining() == LEAST, "the time for the turn counts");
        drop(first);
        assert!(Turn::wait().await.is_ok());
    }
}
