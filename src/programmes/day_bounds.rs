//! Days that cannot be meant: a slip of the pen in a year moves warnings and rules by centuries.

use chrono::NaiveDate;

use super::DAY_OUT_OF_BOUNDS;
use crate::platform::problem::Problem;
use crate::platform::types::Day;

/// Refuses a day before `earliest` or after `latest`; `pointer` is where the body says it.
///
/// # Errors
/// `programmes.day_out_of_bounds` with both bounds.
pub(super) fn expect_within(day: Day, earliest: NaiveDate, latest: NaiveDate, pointer: &str) -> Result<(), Problem> {
    if (earliest..=latest).contains(&day.date()) {
        return Ok(());
    }
    Err(DAY_OUT_OF_BOUNDS.at(pointer).with("earliest", earliest.to_string()).with("latest", latest.to_string()))
}
