//! Days, months and years in words, with the forms that Polish numbers ask for.

use super::wording::choose;
use crate::platform::problem::Locale;
use crate::platform::types::{Day, MonthsAndDays, Period};

/// A day as people write it: `10.10.2020` in Polish, `2020-10-10` in English.
pub(in crate::recruitment) fn day(locale: Locale, day: Day) -> String {
    match locale {
        Locale::Polish => day.date().format("%d.%m.%Y").to_string(),
        Locale::English => day.to_string(),
    }
}

/// A value of a fact that is a day, in the words of [`day`]; anything else as it is.
pub(in crate::recruitment) fn value(locale: Locale, value: &str) -> String {
    value.parse::<Day>().map_or_else(|_| value.to_owned(), |parsed| day(locale, parsed))
}

/// From a day to another.
pub(super) fn period(locale: Locale, period: Period) -> String {
    let (from, to) = (choose(locale, "od", "from"), choose(locale, "do", "to"));
    format!("{from} {} {to} {}", day(locale, period.from()), day(locale, period.to()))
}

/// Several periods, one after the other.
pub(super) fn periods(locale: Locale, all: &[Period]) -> String {
    all.iter().map(|one| period(locale, *one)).collect::<Vec<_>>().join(", ")
}

/// A number of months.
pub(super) fn months(locale: Locale, number: u32) -> String {
    let noun = match locale {
        Locale::Polish => polish_form(number, ["miesiąc", "miesiące", "miesięcy"]),
        Locale::English => english_form(number, ["month", "months"]),
    };
    format!("{number} {noun}")
}

/// A number of years of age.
pub(super) fn years(locale: Locale, number: u32) -> String {
    let noun = match locale {
        Locale::Polish => polish_form(number, ["rok", "lata", "lat"]),
        Locale::English => english_form(number, ["year", "years"]),
    };
    format!("{number} {noun}")
}

/// Months and days; thirty days beyond the months are told as one of them.
pub(super) fn length(locale: Locale, length: MonthsAndDays) -> String {
    let whole = length.months.saturating_add(length.days / DAYS_OF_A_MONTH);
    let days = length.days % DAYS_OF_A_MONTH;
    let noun = match locale {
        Locale::Polish => polish_form(days, ["dzień", "dni", "dni"]),
        Locale::English => english_form(days, ["day", "days"]),
    };
    match (whole, days) {
        (0, days) => format!("{days} {noun}"),
        (whole, 0) => months(locale, whole),
        (whole, days) => format!("{} {} {days} {noun}", months(locale, whole), choose(locale, "i", "and")),
    }
}

/// Days beyond whole months that are told as a month (art. 114 of the Civil Code).
const DAYS_OF_A_MONTH: u32 = 30;

/// One, some (2 to 4, 22 to 24, but not 12 to 14), and many.
fn polish_form(number: u32, [one, some, many]: [&'static str; 3]) -> &'static str {
    match (number, number % 10, number % 100) {
        (1, ..) => one,
        (_, 2..=4, last) if !(12..=14).contains(&last) => some,
        _ => many,
    }
}

fn english_form(number: u32, [one, many]: [&'static str; 2]) -> &'static str {
    if number == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polish_numbers_have_their_forms() {
        for (number, told) in [
            (1, "1 miesiąc"),
            (2, "2 miesiące"),
            (5, "5 miesięcy"),
            (12, "12 miesięcy"),
            (13, "13 miesięcy"),
            (21, "21 miesięcy"),
            (22, "22 miesiące"),
            (24, "24 miesiące"),
            (112, "112 miesięcy"),
        ] {
            assert_eq!(months(Locale::Polish, number), told);
        }
        assert_eq!((years(Locale::Polish, 34), years(Locale::Polish, 65)), ("34 lata".to_owned(), "65 lat".to_owned()));
    }

    #[test]
    fn thirty_days_are_told_as_a_month() {
        let told = |months, days| length(Locale::Polish, MonthsAndDays { months, days });
        assert_eq!(told(11, 35), "12 miesięcy i 5 dni");
        assert_eq!(told(0, 1), "1 dzień");
        assert_eq!(told(2, 60), "4 miesiące");
        assert_eq!(length(Locale::English, MonthsAndDays { months: 1, days: 2 }), "1 month and 2 days");
    }
}
