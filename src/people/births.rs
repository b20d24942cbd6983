//! Dates of birth for counting: they come in, ages go out, and no operation answers them.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bytea, Nullable, Uuid as SqlUuid};
use uuid::Uuid;

use super::PAST_BIRTH_UNKNOWN;
use super::identity::IdentityBody;
use super::merged::birth_in_former;
use super::sealed_identity::{KnownBirth, open_birth_date, with_sealed_birth};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::rows_of::rows_of;
use crate::platform::types::{Day, Pesel, Sex};
use crate::schema::person_identities;

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
    /// Whether a date was on file at the past moment asked about that is known no more.
    pub is_forgotten: bool,
}

/// Sex and birth of some people.
///
/// The year that stands with a person suffices for most counts; the date, in the identity or in its PESEL, is opened only
/// for those of whom the year leaves a doubt. Of the erased, and of whom the key is lost or damaged, only the year remains.
///
/// Of a past moment the date is that of the identity which somebody had then, also where a merge has moved or replaced it since;
/// what an identity said before it was corrected is not kept.
///
/// # Errors
/// `platform.internal` when the store of keys fails.
pub fn portraits(
    tx: &mut Tx,
    people: &[Uuid],
    is_in_doubt: impl Fn(Uuid, Option<Birth>) -> bool,
) -> Result<Vec<Portrait>, Problem> {
    let rows: Vec<KnownBirth> = with_sealed_birth(tx, people)?;
    let by_year = |year: Option<i16>| year.map(|year| Birth::In(i32::from(year)));
    // The past tells that there was an identity, and nothing of what stood in it.
    let is_past = tx.is_in_the_past();
    let has_date =
        |(person, _, year, sealed): &&KnownBirth| (is_past || sealed.is_some()) && is_in_doubt(*person, by_year(*year));
    let mut dates = dates(tx, &rows.iter().filter(has_date).collect::<Vec<_>>())?;
    let portrait = |(person, sex, year, _): KnownBirth| {
        let date = dates.remove(&person);
        let is_forgotten = matches!(date, Some(Date::Forgotten));
        let birth = if let Some(Date::Known(date)) = date { Some(Birth::On(date)) } else { by_year(year) };
        Portrait { person, sex, birth, is_forgotten }
    };
    Ok(rows.into_iter().map(portrait).collect())
}

/// A date of birth that an identity holds, or held.
enum Date {
    Known(NaiveDate),
    /// Nobody can read it, or there is none in the identity.
    Absent,
    Forgotten,
}

fn dates(tx: &mut Tx, of: &[&KnownBirth]) -> Result<HashMap<Uuid, Date>, Problem> {
    let known = |date: Option<NaiveDate>| date.map_or(Date::Absent, Date::Known);
    if !tx.is_in_the_past() {
        let sealed = of.iter().filter_map(|(person, _, _, sealed)| Some((*person, sealed.clone()?)));
        return sealed.map(|(person, sealed)| Ok((person, known(open_birth_date(tx, person, sealed)?)))).collect();
    }
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let people: Vec<Uuid> = of.iter().map(|(person, ..)| *person).collect();
    let identified = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::person_id.eq_any(&people))
        .select(person_identities::person_id)
        .load(tx.conn)?;
    let mut dates: HashMap<Uuid, Date> = identified.into_iter().map(|person| (person, Date::Forgotten)).collect();
    let found: Vec<FormerBirth> = rows_of(former_births(&people)).load(tx.conn)?;
    for (person, holder, birth_date, pesel, former) in found {
        let date = match former {
            Some(former) => birth_in_former(tx, holder, &former)?,
            None => open_birth_date(tx, holder, (birth_date, pesel))?,
        };
        dates.insert(person, known(date));
    }
    Ok(dates)
}

type FormerBirth = (Uuid, Uuid, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);
type FormerColumns = (SqlUuid, SqlUuid, Nullable<Bytea>, Nullable<Bytea>, Nullable<Bytea>);

diesel::define_sql_function! {
    /// Where the identities of these people, as they were at the moment that the transaction asks about, are found now: with
    /// whom, sealed by field or as a merge kept them; see the migration.
    #[sql_name = "past.births"]
    fn former_births(people: Array<SqlUuid>) -> Record<FormerColumns>;
}

/// The refusal of what rests on dates of birth that were changed since the past moment asked about.
pub fn past_birth_unknown(people: usize) -> Problem {
    PAST_BIRTH_UNKNOWN.problem().with("people", people.to_string())
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
