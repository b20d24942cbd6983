//! Dates of birth for counting: they come in, ages go out, and no operation answers them.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use uuid::Uuid;

use super::PAST_BIRTH_UNKNOWN;
use super::identity::IdentityBody;
use super::sealed_identity::{open_birth_date, with_sealed_birth};
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Pesel, Sex};

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
/// `platform.internal` when the store of keys fails; of a past moment `people.past_birth_unknown` when an identity that has to
/// tell a date was changed since, because what it said before is not kept.
pub fn portraits(tx: &mut Tx, people: &[Uuid], is_in_doubt: impl Fn(Option<Birth>) -> bool) -> Result<Vec<Portrait>, Problem> {
    let rows = with_sealed_birth(tx, people)?;
    if tx.is_in_the_past() {
        let in_doubt = |year: Option<i16>| is_in_doubt(year.map(|year| Birth::In(i32::from(year))));
        let doubted: Vec<Uuid> = rows.iter().filter(|(_, _, year, _)| in_doubt(*year)).map(|(person, ..)| *person).collect();
        expect_unchanged_identities(tx, &doubted)?;
    }
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

diesel::define_sql_function! {
    /// Of these people, those whose identity was changed after the moment that the transaction asks about; see the migration.
    #[sql_name = "past.changed_identities"]
    fn changed_identities(people: Array<SqlUuid>) -> SqlUuid;
}

/// Refuses what would rest on an identity that was changed since.
fn expect_unchanged_identities(tx: &mut Tx, people: &[Uuid]) -> Result<(), Problem> {
    if people.is_empty() {
        return Ok(());
    }
    let changed: Vec<Uuid> = diesel::select(changed_identities(people)).load(tx.conn)?;
    if changed.is_empty() {
        return Ok(());
    }
    Err(PAST_BIRTH_UNKNOWN.problem().with("people", changed.len().to_string()))
}

/// The field that tells a birth after today, if any does.
pub(super) fn born_later(today: NaiveDate, year: Option<i16>, identity: Option<&IdentityBody>) -> Option<&'static str> {
    let date = identity.and_then(|identity| identity.birth_date).map(Day::date);
    let of_pesel = identity.and_then(|identity| identity.pesel.as_ref()).map(Pesel::birth_date);
    if year.is_some_and(|year| i32::from(year) > today.year()) {
        return Some("birthYear");
    }
    [("birthDate", date), ("pesel", of_pesel)]
        .into_iter()
        .find(|(_, day)| day.is_some_and(|day| day > today))
        .map(|(field, _)| field)
}

/// Refuses a birth that has not come yet; `within` is where the body holds the identity.
///
/// # Errors
/// `platform.in_future` at the field that tells it.
pub(super) fn expect_born(tx: &Tx, year: Option<i16>, identity: Option<&IdentityBody>, within: &str) -> Result<(), Problem> {
    let pointer = match born_later(tx.today(), year, identity) {
        None => return Ok(()),
        Some("birthYear") => "/birthYear".to_owned(),
        Some(field) => format!("{within}/{field}"),
    };
    Err(catalogue::IN_FUTURE.at(pointer).with("today", tx.today().to_string()))
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
