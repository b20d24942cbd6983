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

/// What is allowed: so many calls in a window of time.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// Name in the answer's headers.
    pub name: &'static str,
    /// Calls.
    pub limit: i32,
    /// Time in which they are allowed.
    pub window: TimeDelta,
}

/// A quota that is used up, for the headers of the refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedUp {
    name: &'static str,
    limit: i32,
    window_s: i64,
    /// When the next call is allowed. **Units**: seconds from now.
    wait_s: u32,
}

impl UsedUp {
    /// Value of the header RateLimit-Policy. **Source**: draft-ietf-httpapi-ratelimit-headers.
    pub fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.limit, self.window_s)
    }

    /// Value of the header `RateLimit`. **Source**: as [`Self::policy`].
    pub fn state(&self) -> String {
        format!("\"{}\";r=0;t={}", self.name, self.wait_s)
    }
}

/// Allows the calls of a quota at once and then one every share of its window (generic cell rate algorithm).
pub struct RateLimit<K> {
    quota: Quota,
    interval: TimeDelta,
    clock: Clock,
    /// Until when a key has used up its calls.
    used_until: Mutex<HashMap<K, DateTime<Utc>>>,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// A quota for each key.
    pub fn new(quota: Quota, clock: Clock) -> Self {
        Self { quota, interval: quota.window / quota.limit.max(1), clock, used_until: Mutex::default() }
    }

    /// Counts one call.
    ///
    /// # Errors
    /// `platform.too_many_requests` with Retry-After and the quota; such a call is not counted.
    pub fn count(&self, key: K) -> Result<(), Problem> {
        let now = self.clock.now();
        let mut used_until = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        let start = used_until.get(&key).map_or(now, |until| (*until).max(now));
        let excess = start + self.interval - now - self.quota.window;
        if excess > TimeDelta::zero() {
            counter!("rate_limit_refusals_total", "limit" => self.quota.name).increment(1);
            let wait_s = u32::try_from(excess.num_milliseconds().max(1)).unwrap_or(u32::MAX).div_ceil(1000);
            let Quota { name, limit, window } = self.quota;
            let used_up = UsedUp { name, limit, window_s: window.num_seconds(), wait_s };
            return Err(catalogue::TOO_MANY_REQUESTS.problem().retry_after(wait_s).limited_by(used_up));
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

    /// Takes back one call that was counted for a key.
    pub fn take_back(&self, key: &K) {
        if let Some(until) = self.used_until.lock().unwrap_or_else(PoisonError::into_inner).get_mut(key) {
            *until -= self.interval;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(clock: &Clock) -> RateLimit<&'static str> {
        RateLimit::new(Quota { name: "test", limit: 3, window: TimeDelta::seconds(60) }, clock.clone())
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
        let used_up = refused.limited.expect("the quota");
        assert_eq!((used_up.policy(), used_up.state()), ("\"test\";q=3;w=60".to_owned(), "\"test\";r=0;t=20".to_owned()));
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
    #[test]
    fn a_call_taken_back_can_be_made_again() {
        let clock = clock();
        let limit = limit(&clock);
        while limit.count("a").is_ok() {}
        limit.take_back(&"a");
        assert!(limit.count("a").is_ok());
        assert!(limit.count("a").is_err());
    }
}
