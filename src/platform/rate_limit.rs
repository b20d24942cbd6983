//! A limit on how often one caller does something, kept in the memory of this process.
//!
//! Several processes each keep their own count; behind a balancer the limit is
//! the sum of theirs.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use metrics::counter;

use super::clock::Clock;
use super::problem::{Problem, catalogue};

/// Callers remembered at a time, before those that are no longer limited are forgotten.
const REMEMBERED: usize = 10_000;

/// Allows `limit` calls at once and then one every `window / limit` (generic cell rate algorithm).
pub struct RateLimit<K> {
    name: &'static str,
    window: TimeDelta,
    interval: TimeDelta,
    clock: Clock,
    /// Until when a key has used up its calls.
    used_until: Mutex<HashMap<K, DateTime<Utc>>>,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// A limit of `limit` calls per window and key; `name` is its label in the metrics.
    pub fn new(name: &'static str, limit: i32, window: TimeDelta, clock: Clock) -> Self {
        Self { name, window, interval: window / limit.max(1), clock, used_until: Mutex::default() }
    }

    /// Counts one call.
    ///
    /// # Errors
    /// `platform.too_many_requests` with Retry-After; such a call is not counted.
    pub fn count(&self, key: K) -> Result<(), Problem> {
        let now = self.clock.now();
        let mut used_until = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        let start = used_until.get(&key).map_or(now, |until| (*until).max(now));
        let excess = start + self.interval - now - self.window;
        if excess > TimeDelta::zero() {
            counter!("rate_limit_refusals_total", "limit" => self.name).increment(1);
            let seconds = u32::try_from(excess.num_milliseconds().max(1)).unwrap_or(u32::MAX).div_ceil(1000);
            return Err(catalogue::TOO_MANY_REQUESTS.problem().retry_after(seconds));
        }
        if used_until.len() >= REMEMBERED {
            used_until.retain(|_, until| *until > now);
        }
        used_until.insert(key, start + self.interval);
        Ok(())
    }

    /// Forgets what was counted for a key.
    pub fn forget(&self, key: &K) {
        self.used_until.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(clock: &Clock) -> RateLimit<&'static str> {
        RateLimit::new("test", 3, TimeDelta::seconds(60), clock.clone())
    }

    fn clock() -> Clock {
        Clock::fixed(DateTime::UNIX_EPOCH + TimeDelta::days(20_000))
    }

    #[test]
    fn the_calls_of_a_window_may_come_at_once_and_then_one_per_share_of_it() {
        let clock = clock();
        let limit = limit(&clock);
        for _ in 0..3 {
            assert!(limit.count("a").is_ok());
        }
        let refused = limit.count("a").expect_err("a fourth call");
        assert_eq!((refused.code(), refused.retry_after), ("platform.too_many_requests", Some(20)));
        assert!(limit.count("b").is_ok(), "another caller has calls of its own");
        clock.advance(TimeDelta::milliseconds(19_500));
        assert_eq!(limit.count("a").expect_err("still too early").retry_after, Some(1));
        clock.advance(TimeDelta::milliseconds(500));
        assert!(limit.count("a").is_ok());
        assert!(limit.count("a").is_err());
    }

    #[test]
    fn a_forgotten_caller_begins_anew() {
        let clock = clock();
        let limit = limit(&clock);
        while limit.count("a").is_ok() {}
        limit.forget(&"a");
        assert!(limit.count("a").is_ok());
    }
}
