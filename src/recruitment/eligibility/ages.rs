//! Ages: dates of birth come in, completed years go out, and no date is kept or told. Pure.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluation::{Cause, FindingOutcome};
use crate::people::{Birth, Portrait};
use crate::platform::types::{Day, Sex};
use crate::programmes::{AgeLimits, YoungMonths};

/// An age in completed years on the day of an assessment, as exactly as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Age {
    /// Least number of completed years.
    #[schema(minimum = 0, maximum = 400)]
    pub least: i32,
    /// Greatest number; the same where the date of birth is known.
    #[schema(minimum = 0, maximum = 400)]
    pub greatest: i32,
    /// Sex, on which the limits may depend.
    pub sex: Sex,
}

/// What is known of a candidate's age.
#[derive(Debug, Clone, Copy)]
pub(super) enum AgeSource {
    /// Nothing.
    Unknown,
    /// The birth.
    Born(Birth),
    /// The birth, of which callers who may not see it learn no more than the month: on other days than
    /// the one given, the age counts as it was when the month began.
    ByMonth(Birth, Day),
    /// The age on the day of an earlier assessment, which is assessed again.
    Frozen { least: i32, greatest: i32 },
}

/// A candidate, as far as conditions of age ask.
#[derive(Debug, Clone, Copy)]
pub(in crate::recruitment) struct Candidate {
    pub(super) sex: Sex,
    pub(super) age: AgeSource,
}

impl Candidate {
    /// Somebody of whom nothing is known.
    pub const UNKNOWN: Self = Self { sex: Sex::Unknown, age: AgeSource::Unknown };

    /// Somebody whose birth is known to the year.
    pub fn born_in(sex: Sex, year: Option<i16>) -> Self {
        Self { sex, age: year.map_or(AgeSource::Unknown, |year| AgeSource::Born(Birth::In(year.into()))) }
    }

    /// Somebody of so many completed years on the only day that is asked about.
    pub fn aged(sex: Sex, years: i32) -> Self {
        Self { sex, age: AgeSource::Frozen { least: years, greatest: years } }
    }

    /// Somebody whose birth is told by `source` as exactly as the caller may learn of it.
    pub(super) fn seen(known: Portrait, source: impl Fn(Birth) -> AgeSource) -> Self {
        Self { sex: known.sex, age: known.birth.map_or(AgeSource::Unknown, source) }
    }

    /// The candidate of an earlier assessment.
    pub fn frozen(age: Option<Age>) -> Self {
        age.map_or(Self::UNKNOWN, |Age { least, greatest, sex }| Self { sex, age: AgeSource::Frozen { least, greatest } })
    }

    /// The age on a day.
    pub fn age_on(self, day: Day) -> Option<Age> {
        let (least, greatest) = match self.age {
            AgeSource::Unknown => return None,
            AgeSource::Born(birth) => birth.age_on(day.date()),
            AgeSource::ByMonth(birth, assessed_on) => {
                let begins = day.date().with_day(1).unwrap_or(day.date());
                birth.age_on(begins.max(assessed_on.date().min(day.date())))
            }
            AgeSource::Frozen { least, greatest } => (least, greatest),
        };
        Some(Age { least: least.max(0), greatest: greatest.max(0), sex: self.sex })
    }

    /// The first day of a month on which so many years are surely completed: of a birthday no more than the month is told.
    pub fn completes(self, years: u32) -> Option<Day> {
        let date = match self.age {
            AgeSource::Born(Birth::On(date)) => {
                let birthday = date.checked_add_months(Months::new(years * 12))?;
                // Born on 29 February: completed on 1 March of other years.
                if birthday.day() == date.day() { birthday } else { birthday.succ_opt()? }
            }
            AgeSource::Born(Birth::In(year)) => NaiveDate::from_ymd_opt(year + i32::try_from(years).ok()? + 1, 1, 1)?,
            AgeSource::Unknown | AgeSource::ByMonth(..) | AgeSource::Frozen { .. } => return None,
        };
        let month = if date.day() == 1 { date } else { date.with_day(1)?.checked_add_months(Months::new(1))? };
        Day::try_from(month).ok()
    }
}

/// Whether an age lies within limits; undetermined where what is known of age and sex leaves it open.
pub(super) fn judge(limits: AgeLimits, age: Option<Age>) -> (FindingOutcome, Cause) {
    let Some(age) = age else { return (FindingOutcome::Undetermined, Cause::AgeUnknown) };
    let sexes = if age.sex == Sex::Unknown { &[Sex::Female, Sex::Male][..] } else { std::slice::from_ref(&age.sex) };
    let possible = sexes.iter().flat_map(|sex| [age.least, age.greatest].map(|years| limits.hold(years, *sex)));
    let answers: Vec<bool> = possible.collect();
    match answers.iter().filter(|within| **within).count() {
        0 => (FindingOutcome::NotMet, Cause::Known),
        all if all == answers.len() => (FindingOutcome::Met, Cause::Known),
        _ => (FindingOutcome::Undetermined, Cause::AgeUnknown),
    }
}

/// Whether an age is past the upper limit, whatever is still unknown of it: then the limits are never met again.
pub(super) fn is_past(limits: AgeLimits, age: Option<Age>) -> bool {
    let Some(age) = age else { return false };
    let sexes = if age.sex == Sex::Unknown { &[Sex::Female, Sex::Male][..] } else { std::slice::from_ref(&age.sex) };
    sexes.iter().all(|sex| limits.are_past(age.least, *sex))
}

/// The months of unemployment that an age asks for: fewer of the young, both where the age leaves it open; the most first.
pub(super) fn months_asked(months: u32, young: YoungMonths, age: Option<Age>) -> Vec<u32> {
    let below = i32::try_from(young.below_age).unwrap_or(i32::MAX);
    match age {
        Some(age) if age.greatest < below => vec![young.months],
        Some(age) if age.least >= below => vec![months],
        _ => vec![months.max(young.months), months.min(young.months)],
    }
}
