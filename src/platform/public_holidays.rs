//! Days off work (Polish: dni wolne od pracy), computed for any year.
//!
//! Legal source: Act of 18 January 1951 on days off work (Dz.U. 1951 nr 4 poz. 28) with its
//! amendments; every day names the act that made it one. All other Sundays are days off too
//! (art. 1(2)) and are not listed.

use actix_web::get;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::routes::ServiceConfig;
use crate::platform::body::Filter;
use crate::platform::hint::Hint;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::GetPublicHolidays;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::types::{Day, InvalidValue};

/// First year for which the list is known: the first whole one after 3 May had returned (1990).
const FIRST_YEAR: i32 = 1991;
/// Last year that a day of the service can lie in.
const LAST_YEAR: i32 = 2200;

const ACT: &str = "Ustawa z 18 stycznia 1951 r. o dniach wolnych od pracy, art. 1 pkt 1";
const INDEPENDENCE: &str = "Ustawa z 15 lutego 1989 r., Dz.U. 1989 nr 6 poz. 34";
const CONSTITUTION: &str = "Ustawa z 6 kwietnia 1990 r., Dz.U. 1990 nr 28 poz. 160";
const EPIPHANY: &str = "Ustawa z 24 września 2010 r., Dz.U. 2010 nr 224 poz. 1459";
const CENTENARY: &str = "Ustawa z 7 listopada 2018 r., Dz.U. 2018 poz. 2117";
const CHRISTMAS_EVE: &str = "Ustawa z 6 grudnia 2024 r., Dz.U. 2024 poz. 1965";

/// When in a year a day off lies.
#[derive(Clone, Copy)]
enum When {
    /// Month and day.
    Fixed(u32, u32),
    /// So many days after Easter Sunday.
    AfterEaster(u64),
}

/// A kind of day off: when, from which year to which, its names and its source.
struct Rule {
    when: When,
    years: (i32, i32),
    name_pl: &'static str,
    name_en: &'static str,
    source: &'static str,
}

const fn rule(when: When, name_pl: &'static str, name_en: &'static str, source: &'static str) -> Rule {
    Rule { when, years: (FIRST_YEAR, LAST_YEAR), name_pl, name_en, source }
}

/// Every day off but the common Sundays.
const RULES: [Rule; 15] = [
    rule(When::Fixed(1, 1), "Nowy Rok", "New Year's Day", ACT),
    Rule { years: (2011, LAST_YEAR), ..rule(When::Fixed(1, 6), "Święto Trzech Króli", "Epiphany", EPIPHANY) },
    rule(When::AfterEaster(0), "Pierwszy dzień Wielkiej Nocy", "Easter Sunday", ACT),
    rule(When::AfterEaster(1), "Drugi dzień Wielkiej Nocy", "Easter Monday", ACT),
    rule(When::Fixed(5, 1), "Święto Państwowe 1 Maja", "State Holiday of 1 May", ACT),
    rule(When::Fixed(5, 3), "Święto Narodowe Trzeciego Maja", "Constitution Day", CONSTITUTION),
    rule(When::AfterEaster(49), "Pierwszy dzień Zielonych Świątek", "Pentecost Sunday", ACT),
    rule(When::AfterEaster(60), "Dzień Bożego Ciała", "Corpus Christi", ACT),
    rule(When::Fixed(8, 15), "Wniebowzięcie Najświętszej Maryi Panny", "Assumption of Mary", ACT),
    rule(When::Fixed(11, 1), "Wszystkich Świętych", "All Saints' Day", ACT),
    rule(When::Fixed(11, 11), "Narodowe Święto Niepodległości", "Independence Day", INDEPENDENCE),
    Rule {
        years: (2018, 2018),
        ..rule(
            When::Fixed(11, 12),
            "Święto Narodowe z okazji Setnej Rocznicy Odzyskania Niepodległości",
            "Centenary of Independence",
            CENTENARY,
        )
    },
    Rule { years: (2025, LAST_YEAR), ..rule(When::Fixed(12, 24), "Wigilia Bożego Narodzenia", "Christmas Eve", CHRISTMAS_EVE) },
    rule(When::Fixed(12, 25), "Pierwszy dzień Bożego Narodzenia", "Christmas Day", ACT),
    rule(When::Fixed(12, 26), "Drugi dzień Bożego Narodzenia", "Second Day of Christmas", ACT),
];

/// A day off work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicHolidayView {
    /// The day.
    pub day: Day,
    /// Its name in Polish.
    #[schema(max_length = 100)]
    pub name_pl: &'static str,
    /// Its name in English.
    #[schema(max_length = 100)]
    pub name_en: &'static str,
    /// The act that made it a day off.
    #[schema(max_length = 200)]
    pub source: &'static str,
}

/// The days off work of a year.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicHolidaysView {
    /// The year.
    #[schema(minimum = 1991, maximum = 2200)]
    pub year: i32,
    /// The days in their order; all other Sundays are days off too.
    #[schema(max_items = 15)]
    pub days: Vec<PublicHolidayView>,
}

impl View for PublicHolidaysView {}

/// Which year.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct YearFilter {
    /// The year, 1991 to 2200.
    #[param(minimum = 1991, maximum = 2200, example = 2026)]
    pub year: i32,
}

/// Lists the days off work of a year, computed from the act of 18 January 1951 and its amendments.
///
/// Weekly patterns of sessions move or drop what falls on them. Sundays that
/// are no feast are days off too and are not listed.
#[utoipa::path(tag = "public-holidays", params(YearFilter), responses((status = 200, body = PublicHolidaysView, description = "The days off")))]
#[get("/public-holidays")]
async fn get_public_holidays(permit: Permit<GetPublicHolidays>, filter: Filter<YearFilter>) -> Result<Reply, Problem> {
    let year = filter.0.year;
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return Err(invalid_parameter("year", Hint::whole_number(FIRST_YEAR, LAST_YEAR)));
    }
    permit.read(move |_| Ok(PublicHolidaysView { year, days: of_year(year)? })).await
}

/// Easter Sunday. **Source**: the Gregorian computus as written by J. Meeus, Astronomical Algorithms, chapter 8.
fn easter(year: i32) -> Option<NaiveDate> {
    let (century, year_of_century) = (year / 100, year % 100);
    let golden = year % 19;
    let correction = (century - (century + 8) / 25 + 1) / 3;
    // Days from 21 March to the full moon, then to the Sunday after it.
    let moon = (19 * golden + century - century / 4 - correction + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (year_of_century / 4) - moon - year_of_century % 4) % 7;
    let exception = (golden + 11 * moon + 22 * sunday) / 451;
    let days = moon + sunday - 7 * exception + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(days / 31).ok()?, u32::try_from(days % 31 + 1).ok()?)
}

impl Rule {
    fn in_year(&self, year: i32) -> Option<NaiveDate> {
        match self.when {
            _ if !(self.years.0..=self.years.1).contains(&year) => None,
            When::Fixed(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            When::AfterEaster(days) => easter(year)?.checked_add_days(Days::new(days)),
        }
    }

    fn on(&self, day: Day) -> PublicHolidayView {
        PublicHolidayView { day, name_pl: self.name_pl, name_en: self.name_en, source: self.source }
    }
}

/// The days off of a year in their order.
fn of_year(year: i32) -> Result<Vec<PublicHolidayView>, Problem> {
    let days = RULES.iter().filter_map(|rule| rule.in_year(year).map(|day| (rule, day)));
    let mut days: Vec<PublicHolidayView> = days
        .map(|(rule, day)| Day::try_from(day).map(|day| rule.on(day)))
        .collect::<Result<_, _>>()
        .map_err(|_| catalogue::INTERNAL.problem().because("a feast outside the calendar"))?;
    days.sort_by_key(|holiday| holiday.day);
    Ok(days)
}

/// The feast that falls on a day; none on a common Sunday.
pub fn holiday(day: Day) -> Option<PublicHolidayView> {
    let year = day.date().year();
    RULES.iter().find(|rule| rule.in_year(year) == Some(day.date())).map(|rule| rule.on(day))
}

/// Whether people commonly work on that day: from Monday to Friday, unless it is a day off.
pub fn is_working_day(day: Day) -> bool {
    !matches!(day.date().weekday(), Weekday::Sat | Weekday::Sun) && holiday(day).is_none()
}

/// The last day of a term that ends on a day off work or a Saturday: the next day that is neither (art. 57 § 4 of the Code
/// of Administrative Procedure).
///
/// # Errors
/// When that day is after the year 2200.
pub fn moved_on(nominal: Day) -> Result<Day, InvalidValue> {
    let mut day = nominal;
    while !is_working_day(day) {
        day = day.plus_days(1)?;
    }
    Ok(day)
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_public_holidays);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn easter_falls_where_almanacs_say() {
        for known in [
            "1991-03-31",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2014-04-20",
            "2015-04-05",
            "2016-03-27",
            "2017-04-16",
            "2018-04-01",
            "2019-04-21",
            "2020-04-12",
            "2021-04-04",
            "2022-04-17",
            "2023-04-09",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2029-04-01",
            "2030-04-21",
            "2038-04-25",
            "2049-04-18",
            "2076-04-19",
        ] {
            let known = day(known).date();
            assert_eq!(easter(known.year()), Some(known));
        }
    }

    /// Gauss's rule with Lichtenberg's correction: another way to the same day.
    fn easter_by_gauss(year: i32) -> NaiveDate {
        let century = year / 100;
        let golden = year % 19;
        let moon = (19 * golden + 15 + (3 * century + 3) / 4 - (8 * century + 13) / 25) % 30;
        let limit = 21 + moon - (moon + golden / 11) / 29;
        let sunday = 7 - (year + year / 4 + 2 - (3 * century + 3) / 4) % 7;
        let easter = limit + 7 - (limit - sunday) % 7;
        let march = NaiveDate::from_ymd_opt(year, 3, 1).expect("a day");
        march + Days::new(u64::try_from(easter - 1).expect("in March or April"))
    }

    #[test]
    fn two_algorithms_agree_on_every_easter() {
        for year in FIRST_YEAR..=LAST_YEAR {
            assert_eq!(easter(year), Some(easter_by_gauss(year)), "{year}");
        }
    }

    #[test]
    fn the_years_of_the_programmes_have_their_days() {
        let of = |year: i32| of_year(year).expect("days").iter().map(|holiday| holiday.day.to_string()).collect::<Vec<_>>();
        assert_eq!(
            of(2020),
            [
                "2020-01-01",
                "2020-01-06",
                "2020-04-12",
                "2020-04-13",
                "2020-05-01",
                "2020-05-03",
                "2020-05-31",
                "2020-06-11",
                "2020-08-15",
                "2020-11-01",
                "2020-11-11",
                "2020-12-25",
                "2020-12-26"
            ]
        );
        for (text, off) in [
            ("2010-01-06", false),
            ("2011-01-06", true),
            ("2018-11-12", true),
            ("2019-11-12", false),
            ("2024-12-24", false),
            ("2025-12-24", true),
            ("2026-06-04", true),
            ("2026-06-07", false),
        ] {
            assert_eq!(holiday(day(text)).is_some(), off, "{text}");
        }
        assert!(!is_working_day(day("2026-06-06")) && !is_working_day(day("2026-06-07")) && is_working_day(day("2026-06-08")));
    }

    proptest! {
        #[test]
        fn movable_feasts_keep_their_weekdays(year in FIRST_YEAR..=LAST_YEAR) {
            let days = of_year(year).expect("days");
            prop_assert!(days.is_sorted_by_key(|holiday| holiday.day));
            let on = |name: &str| days.iter().find(|holiday| holiday.name_en == name).expect(name).day.date().weekday();
            prop_assert_eq!(on("Easter Sunday"), Weekday::Sun);
            prop_assert_eq!(on("Pentecost Sunday"), Weekday::Sun);
            prop_assert_eq!(on("Easter Monday"), Weekday::Mon);
            prop_assert_eq!(on("Corpus Christi"), Weekday::Thu);
        }

        #[test]
        fn a_day_is_off_exactly_when_its_year_lists_it(year in FIRST_YEAR..=LAST_YEAR, ordinal in 1..=365_u32) {
            let day = Day::try_from(NaiveDate::from_yo_opt(year, ordinal).expect("a day")).expect("in range");
            prop_assert_eq!(holiday(day).is_some(), of_year(year).expect("days").iter().any(|holiday| holiday.day == day));
        }
    }
}
