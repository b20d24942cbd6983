//! What is looked at when an application comes in: the recruitment of the edition, and who referred.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::NOT_A_LABOUR_OFFICE;
use crate::institutions::is_labour_office;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::{DatePrecision, Day, Month, ShortText};
use crate::programmes::Recruitment;
use crate::schema::applications;

/// A referral of the candidate by the labour office (Polish: skierowanie z PUP).
#[derive(Debug, Clone, Serialize, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = applications)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Referral {
    /// The labour office.
    #[diesel(column_name = referral_institution_id)]
    pub institution_id: Uuid,
    /// Day of the referral.
    pub referred_on: Day,
    /// Number of the letter or list with which it referred.
    #[diesel(column_name = referral_number)]
    pub number: Option<ShortText>,
}

/// Refuses a referral by anybody but a labour office.
///
/// # Errors
/// `recruitment.not_a_labour_office` at `/referral/institutionId`, also for an unknown institution.
pub(super) fn check_referral(tx: &mut Tx, referral: Option<&Referral>) -> Result<(), Problem> {
    match referral {
        Some(referral) if !is_labour_office(tx, referral.institution_id)? => {
            Err(NOT_A_LABOUR_OFFICE.at("/referral/institutionId"))
        }
        _ => Ok(()),
    }
}

/// Whether no day that the receipt may have been on lies within the recruitment. What was derived refutes nothing.
///
/// It is told, not refused: late candidates are taken in practice, and programmes of the past have their gaps.
pub(super) fn is_outside(recruitment: &Recruitment, (received_on, precision): (Day, DatePrecision)) -> bool {
    let known = recruitment.precision.unwrap_or_default();
    let Some((first, last)) = span(received_on, precision) else { return false };
    let begins = recruitment.from.and_then(|day| span(day, known)).map(|(first, _)| first);
    let ends = recruitment.to.and_then(|day| span(day, known)).map(|(_, last)| last);
    begins.is_some_and(|begins| last < begins) || ends.is_some_and(|ends| ends < first)
}

/// The days that a date may stand for; none where it was derived.
fn span(day: Day, precision: DatePrecision) -> Option<(NaiveDate, NaiveDate)> {
    let date = day.date();
    match precision {
        DatePrecision::Day => Some((date, date)),
        DatePrecision::Month => Some((date.with_day(1)?, Month::of(day).last_day())),
        DatePrecision::Year => Some((NaiveDate::from_ymd_opt(date.year(), 1, 1)?, NaiveDate::from_ymd_opt(date.year(), 12, 31)?)),
        DatePrecision::Derived => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn a_recruitment_known_to_the_month_takes_every_day_of_it() {
        let window = |from: Option<&str>, to: Option<&str>, precision| Recruitment {
            from: from.map(day),
            to: to.map(day),
            precision: Some(precision),
        };
        let april = window(Some("2015-04-01"), Some("2015-04-01"), DatePrecision::Month);
        let days = window(Some("2015-04-07"), Some("2015-04-20"), DatePrecision::Day);
        let open = window(Some("2015-04-07"), None, DatePrecision::Day);
        let guess = window(Some("2015-04-07"), Some("2015-04-07"), DatePrecision::Derived);
        for (recruitment, received, precision, outside) in [
            (april, "2015-04-30", DatePrecision::Day, false),
            (april, "2015-05-01", DatePrecision::Day, true),
            (april, "2015-03-31", DatePrecision::Day, true),
            (days, "2015-04-20", DatePrecision::Day, false),
            (days, "2015-04-21", DatePrecision::Day, true),
            (days, "2015-04-01", DatePrecision::Month, false),
            (days, "2015-03-01", DatePrecision::Month, true),
            (days, "2015-01-01", DatePrecision::Year, false),
            (days, "2014-01-01", DatePrecision::Year, true),
            (days, "2014-01-01", DatePrecision::Derived, false),
            (open, "2030-01-01", DatePrecision::Day, false),
            (open, "2015-04-06", DatePrecision::Day, true),
            (guess, "2030-01-01", DatePrecision::Day, false),
            (Recruitment::default(), "2030-01-01", DatePrecision::Day, false),
        ] {
            assert_eq!(is_outside(&recruitment, (day(received), precision)), outside, "{recruitment:?} {received} {precision}");
        }
    }
}
