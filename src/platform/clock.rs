//! The only source of time and of new ids, so that a test can stand at any moment.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Europe::Warsaw;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use uuid::{ContextV7, Timestamp, Uuid};

/// The time of the service: the system's, or one that stands still where a test put it.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<RwLock<DateTime<Utc>>>>);

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `at` until it is moved.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(RwLock::new(at))))
    }

    /// Moves a fixed clock; the system's clock stays as it is.
    pub fn advance(&self, by: TimeDelta) {
        if let Some(at) = &self.0 {
            let mut at = at.write().unwrap_or_else(PoisonError::into_inner);
            *at += by;
        }
    }

    /// This moment.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            None => Utc::now(),
            Some(at) => *at.read().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// The legal day of a moment: the calendar day in Europe/Warsaw.
pub fn legal_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Warsaw).date_naive()
}

/// The moment at which a legal day is over.
pub fn end_of_legal_day(day: NaiveDate) -> DateTime<Utc> {
    start_of_legal_day(day.succ_opt().unwrap_or(day))
}

/// The moment at which a legal day begins.
pub fn start_of_legal_day(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    Warsaw.from_local_datetime(&midnight).earliest().map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}

/// The moment of a time of day on the clocks of Europe/Warsaw: the first of two in autumn, and in the hour that spring
/// leaves out, as if the clocks had not been changed yet.
pub fn moment_in_warsaw(day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let local = day.and_time(time);
    let skipped = || Warsaw.from_local_datetime(&(local - TimeDelta::hours(1))).earliest().map(|at| at + TimeDelta::hours(1));
    let at = Warsaw.from_local_datetime(&local).earliest().or_else(skipped);
    at.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

/// Keeps ids of one moment in the order in which they were made, so that a history reads in its order.
static ORDER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A new id (UUIDv7) of the moment.
pub fn new_id(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    let order = ORDER.lock().unwrap_or_else(PoisonError::into_inner);
    Uuid::new_v7(Timestamp::from_unix(&*order, seconds, at.timestamp_subsec_nanos()))
}

/// The least id of a moment, for asking by id what was recorded from then on.
pub fn least_id(at: DateTime<Utc>) -> Uuid {
    let milliseconds = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legal_day_ends_at_midnight_in_warsaw() {
        for (day, end) in [
            ("2020-10-24", "2020-10-24T22:00:00Z"),
            ("2020-10-25", "2020-10-25T23:00:00Z"),
            ("2021-03-28", "2021-03-28T22:00:00Z"),
        ] {
            let end: DateTime<Utc> = end.parse().expect("a moment");
            let day: NaiveDate = day.parse().expect("a day");
            assert_eq!(end_of_legal_day(day), end, "{day}");
            assert_eq!((legal_day(end - TimeDelta::microseconds(1)), legal_day(end)), (day, day.succ_opt().expect("a day")));
        }
    }

    #[test]
    fn a_time_of_day_is_one_moment_even_where_clocks_change() {
        for (local, utc) in [
            ("2026-01-12T09:00:00", "2026-01-12T08:00:00Z"),
            ("2026-06-12T09:00:00", "2026-06-12T07:00:00Z"),
            ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
        ] {
            let local: chrono::NaiveDateTime = local.parse().expect("a time");
            let utc: DateTime<Utc> = utc.parse().expect("a moment");
            assert_eq!(moment_in_warsaw(local.date(), local.time()), utc, "{local}");
        }
    }

    #[test]
    fn ids_of_one_moment_keep_their_order() {
        let at = Clock::system().now();
        let ids: Vec<Uuid> = (0..1000).map(|_| new_id(at)).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| *id > least_id(at)));
    }
}
