//! Dates of birth for counting: they come in, ages go out, and no operation answers them.

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::sealed_identity::{open_birth_date, with_sealed_birth};
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Sex;

/// When somebody was born, as exactly as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Birth {
    /// On that day.
    On(NaiveDate),
    /// In that year.
    In(i32),
}

impl Birth {
    /// The least and the greatest number of completed years on a day; equal where the date is known.
    pub fn age_on(self, day: NaiveDate) -> (i32, i32) {
        match self {
            Self::On(born) => {
                let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
                let age = day.year() - born.year() - i32::from(!had_birthday);
                (age, age)
            }
            // On the last day of the year everybody has had their birthday.
            Self::In(year) if (day.month(), day.day()) == (12, 31) => (day.year() - year, day.year() - year),
            Self::In(year) => (day.year() - year - 1, day.year() - year),
        }
    }
}

/// What counting needs to know of a person.
#[derive(Debug, Clone, Copy)]
pub struct Portrait {
    /// The person.
    pub person: Uuid,
    /// Sex as in the register.
    pub sex: Sex,
    /// When they were born; none where nobody recorded it.
    pub birth: Option<Birth>,
}

/// Sex and birth of some people.
///
/// The year that stands with a person suffices for most counts; the date, in the identity or in its PESEL, is opened only
/// for those of whom the year leaves a doubt. Of the erased, and of whom the key is lost or damaged, only the year remains.
///
/// # Errors
/// `platform.internal` when the store of keys fails.
pub fn portraits(tx: &mut Tx, people: &[Uuid], is_in_doubt: impl Fn(Option<Birth>) -> bool) -> Result<Vec<Portrait>, Problem> {
    let rows = with_sealed_birth(tx, people)?;
    rows.into_iter()
        .map(|(person, sex, year, sealed)| {
            let by_year = year.map(|year| Birth::In(i32::from(year)));
            let date = match sealed.filter(|_| is_in_doubt(by_year)) {
                Some(sealed) => open_birth_date(tx, person, sealed)?,
                None => None,
            };
            Ok(Portrait { person, sex, birth: date.map(Birth::On).or(by_year) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn age_is_complete_on_the_birthday() {
        let born = Birth::On(day("1990-05-07"));
        assert_eq!(born.age_on(day("2018-05-06")), (27, 27));
        assert_eq!(born.age_on(day("2018-05-07")), (28, 28));
    }

    #[test]
    fn who_was_born_on_29_february_is_older_on_1_march() {
        let born = Birth::On(day("2000-02-29"));
        assert_eq!(born.age_on(day("2018-02-28")), (17, 17));
        assert_eq!(born.age_on(day("2018-03-01")), (18, 18));
    }

    #[test]
    fn a_year_leaves_two_ages_except_on_its_last_day() {
        assert_eq!(Birth::In(1990).age_on(day("2018-05-07")), (27, 28));
        assert_eq!(Birth::In(1990).age_on(day("2018-12-31")), (28, 28));
    }
}
